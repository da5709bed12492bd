//! `/calendar/import`: a table of posts becomes drafts and one question. `/calendar/import/{file}`: tables to begin with.

use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::gate::{Person, is_own_form, is_token};
use super::page::{Page, Refused, html};
use crate::app::{App, BadRows, Imported, SHEET_BYTES_MAX, SignedIn, fault_lines};
use crate::domain::batch::BATCH_POSTS_MAX;
use crate::domain::ids::ApprovalId;
use crate::domain::refusal::Sentence;
use crate::domain::sheet::TEMPLATES;
use crate::domain::tool::ToolError;
use crate::say;

/// A table as a file and pasted, and a little around them.
pub(super) const FORM_BYTES_MAX: usize = 2 * SHEET_BYTES_MAX + 64 * 1024;

#[derive(Template)]
#[template(path = "plan.html")]
struct Plan {
    page: Page,
    template: &'static str,
    pasted: String,
    problem: Option<Sentence>,
    result: Option<Told>,
}

/// What came of a table of which something is left to say.
struct Told {
    approval: Option<ApprovalId>,
    made: Sentence,
    faults: Sentence,
    lines: Vec<String>,
    ignored: Option<Sentence>,
}

impl Plan {
    fn of(app: &App, person: &SignedIn, pasted: String) -> Self {
        let page = Page::of(app, person, "calendar");
        let code = page.lang.tag();
        let template =
            TEMPLATES.iter().find(|(lang, ..)| *lang == code).map_or("socrazi-plan.csv", |(_, name, _)| name);
        Self { page, template, pasted, problem: None, result: None }
    }

    fn columns(&self) -> Sentence {
        say!("plan-columns", zone = &self.page.zone)
    }

    fn limits(&self) -> Sentence {
        say!("plan-limits", rows = BATCH_POSTS_MAX, size = SHEET_BYTES_MAX >> 20)
    }
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person) -> Response {
    html(&Plan::of(&app, &person, String::new()))
}

/// A table to begin with.
pub(super) async fn template(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Path(file): Path<String>,
) -> Response {
    let Some((_, name, text)) = TEMPLATES.iter().find(|(_, name, _)| *name == file) else {
        return Refused::missing(&app, person.caller.lang).into_response();
    };
    let mut response = (*text).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

/// What the form brought.
struct Brought {
    table: Vec<u8>,
    pasted: String,
    bad: BadRows,
}

pub(super) async fn take(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Person(person): Person,
    request: Request,
) -> Response {
    let forged = || Refused::forged(&app, person.caller.lang).into_response();
    if !is_own_form(&headers, app.public_url()) {
        return forged();
    }
    let Ok(form) = Multipart::from_request(request, &()).await else {
        return Refused::unreadable(&app, person.caller.lang, StatusCode::UNSUPPORTED_MEDIA_TYPE).into_response();
    };
    let brought = match read(form, &person).await {
        Ok(Some(brought)) => brought,
        Ok(None) => return forged(),
        Err(why) => return again(&app, &person, String::new(), why),
    };
    match app.import_plan(&person.caller, &brought.table, brought.bad).await {
        Ok(Imported { approval: Some(approval), faults, ignored, .. }) if faults.is_empty() && ignored.is_empty() => {
            Redirect::to(&format!("/approvals/{approval}")).into_response()
        }
        Ok(imported) => told(&app, &person, brought.pasted, imported),
        Err(ToolError::Refused(why)) => again(&app, &person, brought.pasted, why),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// The form once more, with what is wrong.
fn again(app: &App, person: &SignedIn, pasted: String, why: Sentence) -> Response {
    let page = Plan { problem: Some(why), ..Plan::of(app, person, pasted) };
    (StatusCode::BAD_REQUEST, html(&page)).into_response()
}

fn told(app: &App, person: &SignedIn, pasted: String, imported: Imported) -> Response {
    let page = Plan::of(app, person, pasted);
    let Imported { approval, posts, faults, ignored } = imported;
    let count = faults.len();
    let is_made = approval.is_some();
    let result = Told {
        approval,
        made: say!("plan-page-made", count = posts),
        faults: if is_made { say!("plan-faults-skipped", count = count) } else { say!("plan-faults", count = count) },
        lines: fault_lines(&faults, |sentence| page.page.say(sentence)),
        ignored: (!ignored.is_empty()).then(|| say!("plan-ignored", columns = ignored.join(", "))),
    };
    let status = if is_made { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    (status, html(&Plan { result: Some(result), ..page })).into_response()
}

/// The form's parts; none when it does not carry the person's token before anything else.
async fn read(mut form: Multipart, person: &SignedIn) -> Result<Option<Brought>, Sentence> {
    let cut = |error: axum::extract::multipart::MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => say!("sheet-too-large", max = SHEET_BYTES_MAX >> 20),
        _ => say!("upload-cut"),
    };
    let (mut is_own, mut table, mut pasted, mut bad) = (false, Vec::new(), String::new(), BadRows::Stop);
    while let Some(field) = form.next_field().await.map_err(cut)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(cut)?;
        match name.as_str() {
            "csrf" => is_own = std::str::from_utf8(&bytes).is_ok_and(|token| is_token(token, person)),
            _ if !is_own => return Ok(None),
            "skip" => bad = BadRows::Skip,
            "file" => table = bytes.to_vec(),
            "text" => pasted = String::from_utf8(bytes.to_vec()).map_err(|_| say!("page-form-wrong"))?,
            _ => return Err(say!("page-form-wrong")),
        }
    }
    if !is_own {
        return Ok(None);
    }
    if table.is_empty() {
        table = pasted.clone().into_bytes();
    }
    if table.iter().all(u8::is_ascii_whitespace) {
        return Err(say!("plan-nothing"));
    }
    Ok(Some(Brought { table, pasted, bad }))
}
