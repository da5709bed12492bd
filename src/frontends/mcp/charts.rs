//! The chart of an answer as a picture beside its text, for clients that take pictures; elsewhere the text names the page that shows it. What it shows is said
//! in words with it, because a picture in an answer has no place for them that every client reads.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rmcp::model::{ContentBlock, ImageContent, MetaObject};

use crate::app::charts::painted;
use crate::domain::drawn::Drawn;
use crate::pictures::Theme;

/// A picture over this is not put into an answer: a client keeps what it is answered.
const PNG_BYTES_MAX: usize = 150_000;
/// Where a client finds what a picture shows.
const ALT: &str = "socrazi/alt";

/// The picture; none where it cannot be drawn or is too large.
pub(super) async fn block(chart: Drawn) -> Option<ContentBlock> {
    let told = chart.told.clone();
    let png = painted(chart, Theme::Light).await?;
    if png.len() > PNG_BYTES_MAX {
        tracing::warn!(chart.bytes = png.len(), "a chart is too large for an answer");
        return None;
    }
    let mut meta = MetaObject::default();
    meta.0.insert(ALT.to_owned(), told.into());
    let mut image = ImageContent::new(BASE64_STANDARD.encode(png), "image/png");
    image.meta = Some(meta);
    Some(ContentBlock::Image(image))
}
