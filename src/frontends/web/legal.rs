//! `/privacy` and `/terms`: short and true, in the reader's language, with the operator's own data.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;

use super::gate::anybody;
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
    let page = anybody(&app, &headers).await;
    let paragraphs = [
        "privacy-1",
        "privacy-2",
        "privacy-3",
        "privacy-google",
        "privacy-talk",
        "privacy-slack",
        "privacy-discord",
        "privacy-4",
        "privacy-5",
    ]
    .map(|key| page.t(key));
    html(&Legal { title: page.t("page-privacy"), page, paragraphs: paragraphs.into(), operator: operator(&app) })
}

pub(super) async fn terms(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let page = anybody(&app, &headers).await;
    let paragraphs = ["terms-1", "terms-2", "terms-3"].map(|key| page.t(key));
    html(&Legal { title: page.t("page-terms"), page, paragraphs: paragraphs.into(), operator: operator(&app) })
}

fn operator(app: &App) -> Operator {
    app.config().operator.clone()
}
