//! The doors of the upload page, and the bytes behind a preview.

use bytes::Bytes;
use futures::Stream;
use http::Method;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::App;
use crate::domain::caller::Caller;
use crate::domain::ids::MediaId;
use crate::domain::post::MediaFacts;
use crate::domain::shelf::MediaFile;
use crate::domain::tool::ToolError;
use crate::http_out::bearer;
use crate::media::{Arriving, LINK_MS, Owner, PICTURE_BYTES_MAX, Partial};
use crate::say;
use crate::store::media::UploadLink;

/// What a person can send through an upload link.
#[derive(Debug, Clone, Copy)]
pub struct UploadLimits {
    /// The largest picture.
    pub picture_mib: usize,
    /// The largest video.
    pub video_mib: usize,
    /// How long the link is open.
    pub minutes: i64,
}

/// An upload link with what came through it.
pub struct Upload {
    /// The link.
    pub link: UploadLink,
    /// What arrived, in order.
    pub files: Vec<MediaFacts>,
}

impl App {
    /// What the upload page takes.
    #[must_use]
    pub fn upload_limits(&self) -> UploadLimits {
        let video_mib = self.media.bytes_max() >> 20;
        UploadLimits { picture_mib: PICTURE_BYTES_MAX >> 20, video_mib, minutes: LINK_MS / 60_000 }
    }

    /// The largest file that an upload link takes, in bytes.
    #[must_use]
    pub fn upload_bytes_max(&self) -> usize {
        self.media.bytes_max()
    }

    /// Removes files that were arriving when the last server ended; before this one takes any.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn clear_uploads(&self) -> std::io::Result<()> {
        self.media.clear()
    }

    /// The upload link with this secret.
    ///
    /// # Errors
    /// Refused when there is none, or it has ended.
    pub async fn upload(&self, secret: &str) -> Result<Upload, ToolError> {
        let link = self.media.find_link(secret).await?;
        let files = self.store.list_uploaded(&link.id).await?;
        Ok(Upload { link, files })
    }

    /// Begins a file; drop it to forget it.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn upload_begin(&self) -> Result<Arriving, ToolError> {
        self.media.begin().await
    }

    /// Ends a file that came through a link.
    ///
    /// # Errors
    /// Refused when it is none of the kinds that are taken, too large, or the link is full.
    pub async fn upload_finish(
        &self,
        link: &UploadLink,
        file: Arriving,
        alt: Option<String>,
    ) -> Result<MediaFacts, ToolError> {
        let owner = Owner {
            workspace: link.workspace.clone(),
            user: link.user.clone(),
            upload: Some(link.id.clone()),
            is_tainted: false,
        };
        self.media.finish(file, alt, &owner).await
    }

    /// Begins a file that comes in pieces through the link with this secret.
    ///
    /// # Errors
    /// Refused when the link has ended or is full, or the file would be too large.
    pub async fn begin_partial(&self, secret: &str, length: u64, alt: Option<String>) -> Result<Partial, ToolError> {
        let link = self.media.find_link(secret).await?;
        self.media.begin_partial(&link, length, alt).await
    }

    /// How far such a file is.
    ///
    /// # Errors
    /// Refused when it is none of this link's, its time is over, or it was whole and not taken.
    pub async fn ask_partial(&self, secret: &str, name: &str) -> Result<Partial, ToolError> {
        let link = self.media.find_late_link(secret).await?;
        self.media.ask_partial(&link, name).await
    }

    /// Takes a piece of such a file: its name, where the piece belongs and how long it says that it is.
    ///
    /// # Errors
    /// Refused when it belongs elsewhere, is too long, or was the last and the file is not taken.
    pub async fn grow_partial<E: Send>(
        &self,
        secret: &str,
        piece: (&str, u64, u64),
        body: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<Partial, ToolError> {
        let link = self.media.find_late_link(secret).await?;
        self.media.grow_partial(&link, piece, body).await
    }

    /// Lets such a file go.
    ///
    /// # Errors
    /// Refused when it is none of this link's.
    pub async fn drop_partial(&self, secret: &str, name: &str) -> Result<(), ToolError> {
        let link = self.media.find_late_link(secret).await?;
        self.media.drop_partial(&link, name).await
    }

    /// Ends a file that somebody dropped into a conversation.
    ///
    /// # Errors
    /// Refused when it is none of the kinds that are taken, or too large.
    pub async fn keep_media(
        &self,
        caller: &Caller,
        file: Arriving,
        alt: Option<String>,
    ) -> Result<MediaFacts, ToolError> {
        let owner =
            Owner { workspace: caller.workspace.clone(), user: caller.user.clone(), upload: None, is_tainted: false };
        self.media.finish(file, alt, &owner).await
    }

    /// Fetches a file that a chat service keeps for its members. The front end has looked that the address is that service's.
    ///
    /// # Errors
    /// Refused when it is too large or does not come.
    pub async fn fetch_file(&self, url: &Url, token: Option<&SecretString>) -> Result<Arriving, ToolError> {
        let failed = |why: &str, status: u16| {
            say!("media-url-failed", url = url.as_str(), why = why, status = i64::from(status))
        };
        let unreached = |fault: &dyn std::fmt::Display| {
            tracing::info!(error = %fault, "a file of a chat service was not fetched");
            failed("unreachable", 0)
        };
        let mut request = self.public.stream_request(Method::GET, url.clone());
        if let Some(token) = token {
            let Some(bearer) = bearer(token) else { return Err(ToolError::Failed("a token that is no header".into())) };
            request = request.header(AUTHORIZATION, bearer);
        }
        let mut stream = self.public.open_stream(request).await.map_err(|fault| unreached(&fault))?;
        if stream.status() != 200 {
            return Err(failed("status", stream.status()).into());
        }
        let mut file = self.upload_begin().await?;
        while let Some(piece) = stream.piece().await.map_err(|fault| unreached(&fault))? {
            file.write(&piece).await?;
        }
        Ok(file)
    }

    /// Posts a form with Basic credentials and reads the JSON that comes back: OAuth with services that are no network of ours.
    pub(super) async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        (id, secret): (&str, &SecretString),
    ) -> Result<Value, ToolError> {
        let request = self.public.request(Method::POST, url.clone());
        let request = request.basic_auth(id, Some(secret.expose_secret())).form(form);
        let answer = self.public.send(request).await.map_err(|fault| ToolError::Failed(fault.to_string()))?;
        serde_json::from_slice(&answer.body).map_err(|error| ToolError::Failed(error.to_string()))
    }

    /// Posts nothing with a bearer token and reads the JSON that comes back.
    pub(super) async fn post_bearer(&self, url: &Url, token: &SecretString) -> Result<Value, ToolError> {
        self.ask_bearer(Method::POST, url, token).await
    }

    /// Posts a form with a bearer token and reads the JSON that comes back.
    pub(super) async fn post_bearer_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        token: &SecretString,
    ) -> Result<Value, ToolError> {
        let Some(bearer) = bearer(token) else { return Err(ToolError::Failed("a token that is no header".into())) };
        let request = self.public.request(Method::POST, url.clone()).header(AUTHORIZATION, bearer).form(form);
        let answer = self.public.send(request).await.map_err(|fault| ToolError::Failed(fault.to_string()))?;
        serde_json::from_slice(&answer.body).map_err(|error| ToolError::Failed(error.to_string()))
    }

    /// Reads a JSON that a bearer token opens.
    pub(super) async fn get_bearer(&self, url: &Url, token: &SecretString) -> Result<Value, ToolError> {
        self.ask_bearer(Method::GET, url, token).await
    }

    async fn ask_bearer(&self, method: Method, url: &Url, token: &SecretString) -> Result<Value, ToolError> {
        let Some(bearer) = bearer(token) else { return Err(ToolError::Failed("a token that is no header".into())) };
        let request = self.public.request(method, url.clone()).header(AUTHORIZATION, bearer);
        let answer = self.public.send(request).await.map_err(|fault| ToolError::Failed(fault.to_string()))?;
        serde_json::from_slice(&answer.body).map_err(|error| ToolError::Failed(error.to_string()))
    }

    /// What was brought in, the newest first, each with how many drafts and posts use it; where older ones begin, if there are any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_library(
        &self,
        caller: &Caller,
        before: Option<&MediaId>,
    ) -> Result<(Vec<(MediaFacts, i64)>, Option<MediaId>), ToolError> {
        let media = self.desk.library(caller, before).await?;
        let last = media.last().map(|(facts, _)| facts.id.clone());
        let older = match &last {
            Some(last) if !self.store.list_library(&caller.workspace, Some(last), 1).await?.is_empty() => {
                Some(last.clone())
            }
            _ => None,
        };
        Ok((media, older))
    }

    /// A medium as whoever decides about its post looks at it: of their own, or in a post that somebody named them for.
    ///
    /// # Errors
    /// Refused when there is none.
    pub async fn show_media(&self, caller: &Caller, id: &MediaId) -> Result<MediaFile, ToolError> {
        match self.read_media(caller, id).await {
            Err(ToolError::Refused(why)) => {
                let facts = self.store.find_named_media(id, &caller.user).await?.ok_or(why)?;
                Ok(MediaFile::new(facts, self.publisher.shelf.clone()))
            }
            found => found,
        }
    }

    /// A medium of the caller's workspace.
    ///
    /// # Errors
    /// Refused when there is none.
    pub async fn read_media(&self, caller: &Caller, id: &MediaId) -> Result<MediaFile, ToolError> {
        let found = self.store.find_media(id, &caller.workspace).await?;
        let facts = found.ok_or_else(|| say!("media-not-found", id = id.as_str()))?;
        Ok(MediaFile::new(facts, self.publisher.shelf.clone()))
    }
}
