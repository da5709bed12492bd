//! `/privacy` and `/terms`: short and true, in the reader's language, with the operator's own data.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;

use super::gate::stranger;
use super::page::{Page, html};
use crate::app::App;
use crate::config::Operator;

#[derive(Template)]
#[template(path = "legal.html")]
struct Legal {
    page: Page,
    title: String,
    paragraphs: Vec<String>,
    operator: Operator,
}

pub(super) async fn privacy(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    legal(&app, &headers, "page-privacy", &["privacy-1", "privacy-2", "privacy-3"])
}

pub(super) async fn terms(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    legal(&app, &headers, "page-terms", &["terms-1", "terms-2"])
}

fn legal(app: &App, headers: &HeaderMap, title: &str, keys: &[&str]) -> Response {
    let page = Page::stranger(app, stranger(app, headers));
    let paragraphs = keys.iter().map(|key| page.t(key)).collect();
    html(&Legal { title: page.t(title), page, paragraphs, operator: app.config().operator.clone() })
}
