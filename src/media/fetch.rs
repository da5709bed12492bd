//! Media from addresses that somebody chose: streamed to the disk, told by their bytes as soon as the first of them are there.

use url::Url;

use super::{Arriving, Intake, Owner, PICTURE_BYTES_MAX, check_alt, look, megabytes};
use crate::domain::post::MediaFacts;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::http_out::{FetchFault, Fetching};
use crate::say;

/// How much of an address is shown.
const SHOWN_CHARS: usize = 200;

impl Intake {
    /// Fetches a picture, a video or a document from a public https address.
    ///
    /// # Errors
    /// Refused when the address may not be asked, does not deliver, or delivers something else.
    pub async fn fetch(&self, url: &str, alt: Option<String>, owner: &Owner) -> Result<MediaFacts, ToolError> {
        let (url, alt) = self.check_fetch(url, alt)?;
        let refused = |fault: FetchFault| refusal(&url, fault);
        let mut fetching = self.parts.out.open_public(&url, self.parts.bytes_max).await.map_err(refused)?;
        let mut arriving = self.begin().await?;
        while let Some(piece) = fetching.piece().await.map_err(refused)? {
            arriving.write(&piece).await?;
            check_kind(&arriving, &fetching)?;
        }
        if arriving.head.len() < look::HEAD_BYTES {
            sniffed(&arriving, &fetching)?;
        }
        // Whatever an address delivers may hold words of whoever answers there.
        self.finish(arriving, alt, &Owner { is_tainted: true, ..owner.clone() }).await
    }

    /// What [`Intake::fetch`] refuses before it asks anybody.
    ///
    /// # Errors
    /// Refused when it is no public address, or the text too long.
    pub fn check_fetch(&self, url: &str, alt: Option<String>) -> Result<(Url, Option<String>), ToolError> {
        let alt = check_alt(alt)?;
        let wrong = || say!("media-url-wrong", url = url.chars().take(SHOWN_CHARS).collect::<String>());
        let url = Url::parse(url).map_err(|_| wrong())?;
        self.parts.out.check_public(&url).map_err(|_| wrong())?;
        Ok((url, alt))
    }
}

/// Stops what is nothing that is taken in before the rest of it comes, and pictures that are larger than any.
fn check_kind(arriving: &Arriving, fetching: &Fetching) -> Result<(), ToolError> {
    if arriving.head.len() < look::HEAD_BYTES {
        return Ok(());
    }
    let mime = sniffed(arriving, fetching)?;
    if mime.starts_with("image/") && arriving.bytes > PICTURE_BYTES_MAX {
        return Err(say!("media-url-too-large", max = megabytes(PICTURE_BYTES_MAX)).into());
    }
    Ok(())
}

fn sniffed(arriving: &Arriving, fetching: &Fetching) -> Result<&'static str, Sentence> {
    look::sniff(&arriving.head).ok_or_else(|| say!("media-kind-wrong", given = fetching.given()))
}

fn refusal(url: &Url, fault: FetchFault) -> ToolError {
    let shown: String = url.as_str().chars().take(SHOWN_CHARS).collect();
    ToolError::from(match fault {
        FetchFault::NotHttps | FetchFault::NotPublic => say!("media-url-wrong", url = shown),
        FetchFault::TooLarge { max } => say!("media-url-too-large", max = megabytes(max)),
        FetchFault::WrongType { given } => say!("media-kind-wrong", given = given),
        FetchFault::TooManyRedirects | FetchFault::Status(_) | FetchFault::Unreachable(_) => {
            tracing::info!(error = %fault, "a file was not fetched");
            let (why, status) = fault.word();
            say!("media-url-failed", url = shown, why = why, status = i64::from(status))
        }
    })
}
