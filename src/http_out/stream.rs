//! Answers that trickle in: no total time, but no long silence either. Dropping a stream ends the call.

use bytes::Bytes;
use http::Method;
use url::Url;

use super::{BODY_BYTES_MAX, OutFault, Outbound, describe, fault, is_private_channel};

/// An open answer.
pub struct Stream(reqwest::Response);

impl Outbound {
    /// Begins a call whose answer is a stream; open it with [`Outbound::open_stream`].
    pub fn stream_request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        self.streams.request(method, url)
    }

    /// Sends it and waits for the head of the answer, whatever the status.
    ///
    /// # Errors
    /// When no answer begins, or the request would carry secrets in the clear to another machine.
    pub async fn open_stream(&self, request: reqwest::RequestBuilder) -> Result<Stream, OutFault> {
        let (client, built) = request.build_split();
        let built = built.map_err(|error| OutFault::NotSent(describe(&error.without_url())))?;
        if !is_private_channel(built.url()) {
            return Err(OutFault::NotSent("plain http is only for this machine".into()));
        }
        client.execute(built).await.map(Stream).map_err(fault)
    }
}

impl Stream {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.0.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When the stream is cut or silent for too long.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, OutFault> {
        self.0.chunk().await.map_err(fault)
    }

    /// All that is left, up to 1 MiB.
    ///
    /// # Errors
    /// When the stream is cut, silent for too long, or larger.
    pub async fn rest(&mut self) -> Result<Vec<u8>, OutFault> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            if body.len() + piece.len() > BODY_BYTES_MAX {
                return Err(OutFault::Lost(format!("a body over {BODY_BYTES_MAX} bytes")));
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}
