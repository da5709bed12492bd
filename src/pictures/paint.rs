//! SVG to PNG, with the one font that comes along. It is read when the first picture is drawn: a server that draws none holds none.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// Noto Sans CJK JP with the characters of JIS X 0208 and Latin (assets/fonts/LICENSE-OFL.txt).
const FONT: &[u8] = include_bytes!("../../assets/fonts/NotoSansJP-jisx0208.otf");
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

pub(super) fn png(svg: &str) -> Result<Vec<u8>, PaintError> {
    let options = Options { fontdb: Arc::clone(&FONTS), font_family: FAMILY.to_owned(), ..Options::default() };
    let tree = Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size();
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or(PaintError::Size)?;
    resvg::render(&tree, Transform::default(), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| PaintError::Png(error.to_string()))
}
