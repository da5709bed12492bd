//! Media bytes in a store that speaks S3 (Cloudflare R2 is the one that is meant): an object per medium, named by its id. Every request goes out by
//! the guarded way; what was refused is known by its status and S3's own code, and no answer's text is kept: it may repeat the key's name.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use object_store::multipart::MultipartStore;
use object_store::path::Path as Key;
use object_store::{ClientOptions, Error, ObjectStoreExt, RetryConfig};
use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncReadExt;
use url::Url;

use super::PROBE;
use crate::domain::ids::MediaId;
use crate::domain::shelf::{Shelf, Storage};
use crate::http_out::{OutFault, Outbound};

/// What is sent at a time: the smallest that stores take as a part, and the same for all (R2 asks for that). A gigabyte is 205 of 10,000 parts.
const PART_BYTES: usize = 5 << 20;
/// The longest answer of a store that refuses.
const REFUSAL_BYTES_MAX: usize = 64 << 10;
/// A call is tried again so often, and no longer than this: somebody waits.
const RETRIES_MAX: usize = 3;
const RETRY_FOR: Duration = Duration::from_secs(30);

/// Where the bucket is and who may use it.
pub struct BucketAccess {
    /// The bucket.
    pub name: String,
    /// What every object's name begins with; may be empty.
    pub prefix: String,
    /// The store's address; Amazon's own without it.
    pub endpoint: Option<Url>,
    /// Its region.
    pub region: String,
    /// The key's name.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: SecretString,
}

/// What a store refused, and with which of S3's codes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    status: u16,
    code: String,
}

impl std::error::Error for Refusal {}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the store answered {}", self.status)?;
        // A question for an object's head is answered without a document.
        if self.code.is_empty() { Ok(()) } else { write!(f, " {}", self.code) }
    }
}

/// A bucket, or a part of one.
pub struct Bucket {
    store: AmazonS3,
    name: String,
    prefix: Key,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl Bucket {
    /// The shelf of a bucket. Nothing is asked yet.
    ///
    /// # Errors
    /// When no address can be made of what is set.
    pub fn open(access: BucketAccess, out: Arc<Outbound>) -> io::Result<Self> {
        let prefix = Key::parse(&access.prefix).map_err(io::Error::other)?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&access.name)
            .with_region(access.region)
            .with_access_key_id(access.access_key_id)
            .with_secret_access_key(access.secret_access_key.expose_secret())
            // The way out takes plain http to this machine and to no other.
            .with_allow_http(true)
            .with_http_connector(Wire(out))
            // One at a time: what is removed is asked for afterwards anyway.
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig { max_retries: RETRIES_MAX, retry_timeout: RETRY_FOR, ..RetryConfig::default() });
        if let Some(endpoint) = access.endpoint {
            builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
        }
        let store = builder.build().map_err(|error| known(&error))?;
        Ok(Self { store, name: access.name, prefix })
    }

    fn key(&self, name: &str) -> Key {
        self.prefix.clone().join(name)
    }

    /// Puts a file there part by part. What fails half-way is taken back; where that cannot be done the store's own rule does it (R2: after a week).
    async fn put_parts(&self, key: &Key, from: &Path) -> io::Result<()> {
        let mut file = tokio::fs::File::open(from).await?;
        file.set_max_buf_size(PART_BYTES);
        let upload = self.store.create_multipart(key).await.map_err(|error| known(&error))?;
        let sent = async {
            let mut parts = Vec::new();
            loop {
                let part = next_part(&mut file).await?;
                if part.is_empty() {
                    break;
                }
                let sent = self.store.put_part(key, &upload, parts.len(), part.into()).await;
                parts.push(sent.map_err(|error| known(&error))?);
            }
            self.store.complete_multipart(key, &upload, parts).await.map_err(|error| known(&error))
        };
        match sent.await {
            Ok(_) => Ok(()),
            Err(error) => {
                if let Err(left) = self.store.abort_multipart(key, &upload).await {
                    tracing::warn!(error = %known(&left), "parts of a medium stay in the store until its own rule removes them");
                }
                Err(error)
            }
        }
    }

    async fn len(&self, key: &Key) -> io::Result<Option<u64>> {
        match self.store.head(key).await {
            Ok(found) => Ok(Some(found.size)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(known(&error)),
        }
    }
}

/// Up to a part of what is left of a file.
async fn next_part(file: &mut tokio::fs::File) -> io::Result<Vec<u8>> {
    let mut part = Vec::with_capacity(PART_BYTES);
    file.take(PART_BYTES as u64).read_to_end(&mut part).await?;
    Ok(part)
}

#[async_trait]
impl Shelf for Bucket {
    async fn range(&self, medium: &MediaId, from: u64, len: usize) -> io::Result<Bytes> {
        let bytes = self.store.get_range(&self.key(medium.as_str()), from..from + len as u64).await;
        let bytes = bytes.map_err(|error| known(&error))?;
        if bytes.len() == len { Ok(bytes) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }

    fn is_far(&self) -> bool {
        true
    }
}

#[async_trait]
impl Storage for Bucket {
    fn place(&self) -> String {
        match self.prefix.as_ref() {
            "" => format!("s3://{}", self.name),
            prefix => format!("s3://{}/{prefix}", self.name),
        }
    }

    async fn put(&self, medium: &MediaId, from: &Path) -> io::Result<()> {
        let (key, len) = (self.key(medium.as_str()), tokio::fs::metadata(from).await?.len());
        if len <= PART_BYTES as u64 {
            let bytes = Bytes::from(tokio::fs::read(from).await?);
            self.store.put(&key, bytes.into()).await.map_err(|error| known(&error))?;
        } else {
            self.put_parts(&key, from).await?;
        }
        match self.len(&key).await? {
            Some(there) if there == len => Ok(()),
            there => Err(io::Error::other(format!("{len} bytes were sent, the store has {there:?}"))),
        }
    }

    async fn copy(&self, from: &MediaId, to: &MediaId) -> io::Result<()> {
        let (from, to) = (self.key(from.as_str()), self.key(to.as_str()));
        self.store.copy(&from, &to).await.map_err(|error| known(&error))
    }

    async fn remove(&self, medium: &MediaId) -> io::Result<bool> {
        let key = self.key(medium.as_str());
        if self.len(&key).await?.is_none() {
            return Ok(false);
        }
        match self.store.delete(&key).await {
            Ok(()) | Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(known(&error)),
        }
        // Asked again, because stores answer "deleted" to whatever they are asked to delete.
        match self.len(&key).await? {
            None => Ok(true),
            Some(_) => Err(io::Error::other("the store said deleted and still has it")),
        }
    }

    async fn probe(&self) -> io::Result<()> {
        let key = self.key(PROBE);
        self.store.put(&key, PROBE.into()).await.map_err(|error| known(&error))?;
        let read = self.store.get_range(&key, 0..PROBE.len() as u64).await.map_err(|error| known(&error))?;
        self.store.delete(&key).await.map_err(|error| known(&error))?;
        if read == PROBE { Ok(()) } else { Err(io::Error::other("the store gives back something else")) }
    }
}

/// What an error of the store's client means, without its text: that has addresses and answers in it.
fn known(error: &Error) -> io::Error {
    let mut cause = error.source();
    // Chains are a handful long; the bound is against a chain that bites its tail.
    for _ in 0..10 {
        let Some(inner) = cause else { break };
        if let Some(refusal) = inner.downcast_ref::<Refusal>() {
            return io::Error::new(refusal.kind(), refusal.clone());
        }
        if let Some(fault) = inner.downcast_ref::<OutFault>() {
            return io::Error::new(ErrorKind::NotConnected, fault.clone());
        }
        cause = inner.source();
    }
    match error {
        Error::NotFound { .. } => io::Error::new(ErrorKind::NotFound, "the store has no such object"),
        _ => io::Error::other("the store fails, or does not answer as S3 does"),
    }
}

impl Refusal {
    fn kind(&self) -> ErrorKind {
        match (self.status, self.code.as_str()) {
            (_, "NoSuchBucket" | "NoSuchKey" | "InvalidBucketName") | (404, _) => ErrorKind::NotFound,
            // A wrong region is told by a redirect or as a malformed header, a wrong key as any of the others.
            (416, _) => ErrorKind::UnexpectedEof,
            (300..=399 | 400 | 401 | 403, _) => ErrorKind::PermissionDenied,
            _ => ErrorKind::Other,
        }
    }
}

/// The house's way out, as the store's client wants it.
#[derive(Debug)]
struct Wire(Arc<Outbound>);

impl HttpConnector for Wire {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Self(self.0.clone())))
    }
}

#[async_trait]
impl HttpService for Wire {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = self.0.exchange(request.map(reqwest::Body::wrap)).await.map_err(|fault| {
            let kind = match fault {
                OutFault::NotSent(_) => HttpErrorKind::Connect,
                OutFault::Lost(_) => HttpErrorKind::Interrupted,
            };
            HttpError::new(kind, fault)
        })?;
        let status = answer.status();
        // "Too often" and a store's own faults are tried again by its client.
        let is_missing = status == StatusCode::NOT_FOUND;
        let is_final = status.is_redirection()
            || (status.is_client_error() && !is_missing && status != StatusCode::TOO_MANY_REQUESTS);
        if !is_final && !is_missing {
            let lost = |error: reqwest::Error| {
                HttpError::new(HttpErrorKind::Interrupted, OutFault::Lost(error.without_url().to_string()))
            };
            return Ok(answer.map(|body| HttpResponseBody::new(body.map_err(lost))));
        }
        let (head, body) = answer.into_parts();
        let body = http_body_util::Limited::new(body, REFUSAL_BYTES_MAX).collect().await;
        let code = body.map(|body| code(&body.to_bytes())).unwrap_or_default();
        if is_final || code == "NoSuchBucket" {
            let refusal = Refusal { status: status.as_u16(), code };
            return Err(HttpError::new(HttpErrorKind::Unknown, refusal));
        }
        Ok(http::Response::from_parts(head, HttpResponseBody::from(Bytes::new())))
    }
}

/// The code of an S3 error document; empty where there is none. Only what a code may look like: it goes into logs.
fn code(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let inside =
        text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    inside.chars().filter(char::is_ascii_alphanumeric).take(60).collect()
}
