//! `/upload/{secret}`: brings files in without signing in, because the link is handed to a phone. `/media/{id}`: what a medium looks
//! like, for whoever may approve it.

use std::sync::Arc;

use askama::Template;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};

use super::form::Id;
use super::gate::{Person, anybody, is_own_form, stranger};
use super::page::{Page, Refused, html};
use super::stored;
use crate::app::{App, Upload as Link};
use crate::domain::ids::MediaId;
use crate::domain::post::MediaFacts;
use crate::domain::tool::ToolError;
use crate::say;

/// Beside the files a form has a text or two and its boundaries.
const FORM_OVERHEAD: usize = 64 * 1024;
/// What one form may carry: two of the largest files. Every file of a link at once would be ten times as much as any phone sends.
pub(super) fn form_bytes_max(app: &App) -> usize {
    app.upload_bytes_max().saturating_mul(2).saturating_add(FORM_OVERHEAD)
}

#[derive(Template)]
#[template(path = "upload.html")]
struct Upload {
    page: Page,
    secret: String,
    link: Link,
}

impl Upload {
    fn shown(&self, facts: &MediaFacts) -> String {
        shown(facts)
    }
}

/// A medium in a few letters and numbers: kind, size, weight.
pub(super) fn shown(facts: &MediaFacts) -> String {
    let kind = facts.mime.rsplit_once('/').map_or("", |(_, kind)| kind).to_uppercase();
    let size = if facts.width > 0 { format!(", {}×{}", facts.width, facts.height) } else { String::new() };
    format!("{kind}{size}, {} kB", (facts.bytes + 999) / 1000)
}

pub(super) async fn show(State(app): State<Arc<App>>, headers: HeaderMap, Path(secret): Path<String>) -> Response {
    match app.upload(&secret).await {
        Ok(link) => html(&Upload { page: anybody(&app, &headers).await, secret, link }),
        Err(error) => Refused::new(&app, stranger(&app, &headers), error).into_response(),
    }
}

pub(super) async fn take(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let lang = stranger(&app, &headers);
    if !is_own_form(&headers, app.public_url()) {
        return Refused::forged(&app, lang).into_response();
    }
    let link = match app.upload(&secret).await {
        Ok(link) => link,
        Err(error) => return Refused::new(&app, lang, error).into_response(),
    };
    let Ok(form) = Multipart::from_request(request, &()).await else {
        return Refused::new(&app, lang, say!("page-form-wrong").into()).into_response();
    };
    match take_files(&app, &link, form).await {
        Ok(()) => Redirect::to(&format!("/upload/{secret}")).into_response(),
        Err(error) => Refused::new(&app, lang, error).into_response(),
    }
}

/// Takes the form's files one after the other; the text before a file is its alternative text. What arrived before a fault stays.
async fn take_files(app: &App, link: &Link, mut form: Multipart) -> Result<(), ToolError> {
    let (mut alt, mut count) = (None, 0);
    while let Some(mut field) = form.next_field().await.map_err(|error| cut(&error))? {
        match field.name() {
            Some("alt") => {
                let bytes = field.bytes().await.map_err(|error| cut(&error))?;
                alt = Some(String::from_utf8(bytes.to_vec()).map_err(|_| say!("page-form-wrong"))?);
            }
            Some("file") => {
                let mut file = app.upload_begin().await?;
                let mut bytes = 0;
                while let Some(piece) = field.chunk().await.map_err(|error| cut(&error))? {
                    bytes += piece.len();
                    file.write(&piece).await?;
                }
                // A form sent without choosing a file carries one empty one.
                if bytes > 0 {
                    app.upload_finish(&link.link, file, alt.clone()).await?;
                    count += 1;
                }
            }
            _ => return Err(say!("page-form-wrong").into()),
        }
    }
    if count == 0 { Err(say!("upload-no-file").into()) } else { Ok(()) }
}

/// What ended a form early. A file that is too large by itself is refused as it is written; here all of them together are.
fn cut(error: &MultipartError) -> ToolError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => say!("upload-too-large-together").into(),
        _ => say!("upload-cut").into(),
    }
}

pub(super) async fn media(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Id(id): Id<MediaId>,
    asked: HeaderMap,
) -> Response {
    match app.show_media(&person.caller, &id).await {
        Ok(medium) => stored::answer(medium, &asked),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
