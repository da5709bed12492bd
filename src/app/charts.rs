//! A chart as a picture, wherever it goes: painted beside what others wait for. What it shows was decided before.

use crate::domain::drawn::{Drawn, Shape};
use crate::pictures::{self, Chart, Heat, PaintError, Theme, draw, draw_heat};

/// The picture (PNG); none where it could not be painted, which is in the log.
pub async fn painted(chart: Drawn, theme: Theme) -> Option<Vec<u8>> {
    match tokio::task::spawn_blocking(move || paint(&chart, theme)).await {
        Ok(Ok(png)) => Some(png),
        Ok(Err(error)) => {
            tracing::error!(error = %error, "a chart could not be drawn");
            None
        }
        Err(error) => {
            tracing::error!(error = %error, "a chart was not finished");
            None
        }
    }
}

fn paint(chart: &Drawn, theme: Theme) -> Result<Vec<u8>, PaintError> {
    let Drawn { title, shape, categories, series, told: _ } = chart;
    let shape = match shape {
        Shape::Bar => pictures::Shape::Bar,
        Shape::Line => pictures::Shape::Line,
        Shape::Heat { ringed } => {
            let (days, hours): (Vec<_>, Vec<_>) = series.iter().cloned().unzip();
            return draw_heat(&Heat { title, days: &days, hours: &hours, ringed }, theme);
        }
    };
    draw(&Chart { title, shape, categories, series }, theme)
}
