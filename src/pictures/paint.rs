//! SVG to PNG, with the one font that comes along. It is read when the first picture is drawn: a server that draws none holds none.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{FilterQuality, Paint, Pattern, Pixmap, PixmapRef, Rect, SpreadMode, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::media::Place;
use super::post::Layers;

/// Noto Sans CJK JP with the characters of JIS X 0208 and Latin (assets/fonts/LICENSE-OFL.txt).
pub(super) const FONT: &[u8] = include_bytes!("../../assets/fonts/NotoSansJP-jisx0208.otf");
/// Its family.
pub(super) const FAMILY: &str = "Noto Sans CJK JP";

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_source(fontdb::Source::Binary(Arc::new(FONT)));
    Arc::new(fonts)
});

/// A picture could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PaintError {
    /// What was to be drawn is no SVG.
    #[error("not drawn: {0}")]
    Svg(#[from] resvg::usvg::Error),
    /// It has no size that can be drawn.
    #[error("not drawn: a picture of this size cannot be made")]
    Size,
    /// The pixels could not be written down.
    #[error("not drawn: {0}")]
    Png(String),
}

/// A picture's points: red, green, blue and 255, row by row. What has another length is not drawn.
#[derive(Clone)]
pub struct Pixels {
    /// Points in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Four bytes for each point.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixels({} x {})", self.width, self.height)
    }
}

/// A picture inside another one: drawn at `to`, seen within `clip`.
pub(super) struct Photo<'a> {
    pub(super) pixels: &'a Pixels,
    pub(super) to: Place,
    pub(super) clip: Place,
}

impl Photo<'_> {
    #[expect(clippy::cast_possible_truncation, reason = "a place in a picture")]
    #[expect(clippy::cast_precision_loss, reason = "a size in a picture")]
    fn draw(&self, onto: &mut Pixmap) {
        let Some(source) = PixmapRef::from_bytes(&self.pixels.rgba, self.pixels.width, self.pixels.height) else {
            return;
        };
        let (x, y, wide, high) = self.to;
        let scale = (wide as f32 / self.pixels.width as f32, high as f32 / self.pixels.height as f32);
        let place = Transform::from_row(scale.0, 0.0, 0.0, scale.1, x as f32, y as f32);
        let shader = Pattern::new(source, SpreadMode::Pad, FilterQuality::Bilinear, 1.0, place);
        let (x, y, wide, high) = self.clip;
        if let Some(clip) = Rect::from_xywh(x as f32, y as f32, wide as f32, high as f32) {
            onto.fill_rect(clip, &Paint { shader, ..Paint::default() }, Transform::identity(), None);
        }
    }
}

pub(super) fn png(svg: &str) -> Result<Vec<u8>, PaintError> {
    png_of(&Layers { under: svg.to_owned(), photos: Vec::new(), over: String::new() })
}

/// What is below, photographs, and what is above them.
pub(super) fn png_of(layers: &Layers<'_>) -> Result<Vec<u8>, PaintError> {
    let options = Options { fontdb: Arc::clone(&FONTS), font_family: FAMILY.to_owned(), ..Options::default() };
    let tree = Tree::from_str(&layers.under, &options)?;
    let size = tree.size().to_int_size();
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or(PaintError::Size)?;
    resvg::render(&tree, Transform::default(), &mut pixels.as_mut());
    layers.photos.iter().for_each(|photo| photo.draw(&mut pixels));
    if !layers.over.is_empty() {
        let tree = Tree::from_str(&layers.over, &options)?;
        resvg::render(&tree, Transform::default(), &mut pixels.as_mut());
    }
    pixels.encode_png().map_err(|error| PaintError::Png(error.to_string()))
}
