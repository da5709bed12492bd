//! Forms and addresses, read at the door: a form is taken only from our own page, from somebody signed in, with their token and with
//! exactly the fields it should have. Every handler that changes something takes [`Posted`], so none can forget a check.

use std::str::FromStr;
use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::FORM_BYTES_MAX;
use super::gate::{Person, find_signed_in, is_own_form, is_token, stranger};
use super::page::{Page, Refused, html};
use crate::app::{App, SignedIn, TEXT_CHARS_MAX};
use crate::domain::network::Network;
use crate::domain::refusal::Sentence;
use crate::say;

/// The field that carries the session's token.
const CSRF: &str = "csrf";
/// The field that carries what somebody wrote.
const TEXT: &str = "text";

/// A form that a signed-in person sent from one of our own pages.
pub(super) struct Posted<T> {
    /// Who.
    pub(super) person: SignedIn,
    /// What, without the token.
    pub(super) fields: T,
}

/// The same where somebody wrote something that must not be lost: a token that is none of theirs (any more) is told, not refused. Whoever
/// takes it does nothing then but show the words again. To somebody who is signed in no more they are shown here.
pub(super) struct Kept<T> {
    /// Who.
    pub(super) person: SignedIn,
    /// What, without the token.
    pub(super) fields: T,
    /// Whether the token is theirs.
    pub(super) is_own: bool,
}

/// A form from one of our own pages, sent by somebody who is not signed in yet.
pub(super) struct PostedByStranger<T>(pub(super) T);

/// How much a form may hold, where that is not [`FORM_BYTES_MAX`]: told in words to whoever sends more.
#[derive(Clone, Copy)]
pub(super) struct FormMax(pub(super) usize);

impl FormMax {
    /// Of the form that is asked for.
    fn of(request: &Request) -> Sentence {
        let Self(max) = request.extensions().get().copied().unwrap_or(Self(FORM_BYTES_MAX));
        let max = if max < 1 << 20 { format!("{} KiB", max >> 10) } else { format!("{} MiB", max >> 20) };
        say!("common-too-large", max = max)
    }
}

/// A form that carries nothing but the token: pressing the button says it all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pressed {}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Posted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let too_large = FormMax::of(&request);
        let sent = Sent::read(request, app, too_large).await?;
        if !sent.is_own {
            return Err(Refused::forged(app, sent.person.caller.lang).into_response());
        }
        let lang = sent.person.caller.lang;
        match sent.typed() {
            Some(Kept { person, fields, is_own: _ }) => Ok(Self { person, fields }),
            None => Err(Refused::unreadable(app, lang, StatusCode::BAD_REQUEST).into_response()),
        }
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Kept<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        if foreign(request.headers(), app).is_none() && matches!(find_signed_in(app, request.headers()).await, Ok(None))
        {
            return Err(signed_out(request, app).await);
        }
        let sent = Sent::read(request, app, say!("chat-too-long", max = TEXT_CHARS_MAX)).await?;
        let lang = sent.person.caller.lang;
        sent.typed().ok_or_else(|| Refused::unreadable(app, lang, StatusCode::BAD_REQUEST).into_response())
    }
}

/// A form of somebody signed in, before its fields are looked at.
struct Sent {
    person: SignedIn,
    pairs: Vec<(String, String)>,
    is_own: bool,
}

impl Sent {
    async fn read(request: Request, app: &Arc<App>, too_large: Sentence) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        if let Some(refused) = foreign(&parts.headers, app) {
            return Err(refused);
        }
        let Person(person) = Person::from_request_parts(&mut parts, app).await?;
        let mut pairs = match pairs(Request::from_parts(parts, body)).await {
            Ok(pairs) => pairs,
            Err(StatusCode::PAYLOAD_TOO_LARGE) => {
                return Err(Refused::too_large(app, &person, too_large).into_response());
            }
            Err(status) => return Err(Refused::unreadable(app, person.caller.lang, status).into_response()),
        };
        let is_own = pairs.iter().any(|(name, value)| name == CSRF && is_token(value, &person));
        pairs.retain(|(name, _)| name != CSRF);
        Ok(Self { person, pairs, is_own })
    }

    /// With its fields; none when they are none of ours.
    fn typed<T: DeserializeOwned>(self) -> Option<Kept<T>> {
        let Self { person, pairs, is_own } = self;
        fields(pairs).map(|fields| Kept { person, fields, is_own })
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for PostedByStranger<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        if let Some(refused) = foreign(&parts.headers, app) {
            return Err(refused);
        }
        let lang = stranger(app, &parts.headers);
        let found = match pairs(Request::from_parts(parts, body)).await {
            Ok(pairs) => fields(pairs).ok_or(StatusCode::BAD_REQUEST),
            Err(status) => Err(status),
        };
        found.map(Self).map_err(|status| Refused::unreadable(app, lang, status).into_response())
    }
}

/// What somebody wrote who is signed in no more, for them to take along.
#[derive(Template)]
#[template(path = "lost.html")]
struct Lost {
    page: Page,
    text: String,
}

/// The answer to somebody who wrote something and is signed in no more: their words, and the way to sign in.
async fn signed_out(request: Request, app: &App) -> Response {
    let page = Page::stranger(app, stranger(app, request.headers()));
    let pairs = pairs(request).await.unwrap_or_default();
    let text = pairs.into_iter().find(|(name, _)| name == TEXT).map(|(_, text)| text).unwrap_or_default();
    if text.trim().is_empty() {
        return Redirect::to("/signin").into_response();
    }
    let mut response = html(&Lost { page, text });
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response
}

/// The answer to a form that another site sent, by what the browser says.
fn foreign(headers: &HeaderMap, app: &App) -> Option<Response> {
    let is_own = is_own_form(headers, app.public_url());
    (!is_own).then(|| Refused::forged(app, stranger(app, headers)).into_response())
}

pub(super) async fn pairs(request: Request) -> Result<Vec<(String, String)>, StatusCode> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| rejection.status())?;
    decoded(&body).ok_or(StatusCode::BAD_REQUEST)
}

/// The pairs of a form; none when any part is not text. The usual reading puts a mark for what it cannot read and goes on, and then a
/// person would save what they never wrote.
pub(super) fn decoded(body: &[u8]) -> Option<Vec<(String, String)>> {
    let pieces = body.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty());
    let pair = |piece: &[u8]| {
        let at = piece.iter().position(|byte| *byte == b'=').unwrap_or(piece.len());
        Some((text_of(&piece[..at])?, text_of(piece.get(at + 1..).unwrap_or_default())?))
    };
    pieces.map(pair).collect()
}

pub(super) fn text_of(encoded: &[u8]) -> Option<String> {
    let (mut bytes, mut at) = (Vec::with_capacity(encoded.len()), 0);
    while let Some(byte) = encoded.get(at) {
        let hex = encoded.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        let escaped = hex.filter(|hex| hex.bytes().all(|c| c.is_ascii_hexdigit()));
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(escaped) => {
                bytes.push(escaped);
                at += 3;
            }
            None => {
                bytes.push(if *byte == b'+' { b' ' } else { *byte });
                at += 1;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// The typed fields. A field twice, one too many or one missing is no form of ours.
fn fields<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Option<T> {
    let mut map = Map::new();
    for (name, value) in pairs {
        if map.insert(name, Value::String(value)).is_some() {
            return None;
        }
    }
    serde_json::from_value(Value::Object(map)).ok()
}

/// An id in the address; anything else there is no page of ours.
pub(super) struct Id<T>(pub(super) T);

impl<T: FromStr + Send> FromRequestParts<Arc<App>> for Id<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let found = segment(parts).await.and_then(|text| text.parse().ok());
        found.map(Self).ok_or_else(|| Refused::missing(app, stranger(app, &parts.headers)).into_response())
    }
}

/// A network in the address.
pub(super) struct Named(pub(super) Network);

impl FromRequestParts<Arc<App>> for Named {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let found = segment(parts).await.and_then(|text| Network::find(&text));
        found.map(Self).ok_or_else(|| Refused::missing(app, stranger(app, &parts.headers)).into_response())
    }
}

async fn segment(parts: &mut Parts) -> Option<String> {
    Path::<String>::from_request_parts(parts, &()).await.ok().map(|Path(text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::caller::Grant;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        grant: Grant,
    }

    fn read(pairs: &[(&str, &str)]) -> Option<Sample> {
        fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_form_is_read_as_browsers_write_it_and_only_if_it_is_text() {
        let read = |body: &[u8]| decoded(body).map(|pairs| pairs.into_iter().collect::<Vec<_>>());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read(b""), Some(vec![]));
        assert_eq!(
            read("a=b+c%2B%E3%81%82&d=&e&f=%zz%4&g=あ".as_bytes()),
            Some(vec![pair("a", "b c+あ"), pair("d", ""), pair("e", ""), pair("f", "%zz%4"), pair("g", "あ")])
        );
        for bad in [&b"a=%ff"[..], b"a=\xff", b"%c3=b", b"a=%ed%a0%80"] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
        let all: String = ('\u{0}'..='\u{2fff}').collect();
        let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("all", &all).finish();
        assert_eq!(read(body.as_bytes()), Some(vec![pair("all", &all)]));
    }

    #[test]
    fn a_form_has_exactly_its_fields() {
        assert_eq!(read(&[("grant", "schedules")]).map(|sample| sample.grant), Some(Grant::Schedules));
        assert!(read(&[]).is_none());
        assert!(read(&[("grant", "everything")]).is_none());
        assert!(read(&[("grant", "drafts"), ("grant", "publishes")]).is_none());
        assert!(read(&[("grant", "drafts"), ("more", "1")]).is_none());
    }
}
