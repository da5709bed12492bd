//! The chart of an answer as a picture beside its text, for clients that take pictures; elsewhere the text names the page that shows it. What it shows is said
//! in words with it, because a picture in an answer has no place for them that every client reads.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rmcp::model::{ContentBlock, ImageContent, MetaObject};

use crate::domain::drawn::{Drawn, Shape};
use crate::pictures::{self, Chart, Theme, draw};

/// A picture over this is not put into an answer: a client keeps what it is answered.
const PNG_BYTES_MAX: usize = 150_000;
/// Where a client finds what a picture shows.
const ALT: &str = "socrazi/alt";

/// The picture; none where it cannot be drawn or is too large.
pub(super) async fn block(chart: Drawn) -> Option<ContentBlock> {
    let told = chart.told.clone();
    let painted = tokio::task::spawn_blocking(move || {
        let Drawn { title, shape, categories, series, told: _ } = &chart;
        let shape = match shape {
            Shape::Bar => pictures::Shape::Bar,
            Shape::Line => pictures::Shape::Line,
        };
        draw(&Chart { title, shape, categories, series }, Theme::Light)
    });
    let png = match painted.await {
        Ok(Ok(png)) if png.len() <= PNG_BYTES_MAX => png,
        Ok(Ok(png)) => {
            tracing::warn!(chart.bytes = png.len(), "a chart is too large for an answer");
            return None;
        }
        Ok(Err(error)) => {
            tracing::error!(error = %error, "a chart could not be drawn");
            return None;
        }
        Err(error) => {
            tracing::error!(error = %error, "a chart was not finished");
            return None;
        }
    };
    let mut meta = MetaObject::default();
    meta.0.insert(ALT.to_owned(), told.into());
    let mut image = ImageContent::new(BASE64_STANDARD.encode(png), "image/png");
    image.meta = Some(meta);
    Some(ContentBlock::Image(image))
}
