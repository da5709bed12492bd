//! What every request passes: who is signed in, whether a form really came from our own page, and the headers that keep pages safe.
//! A form is taken only with the session's token in it, from our own origin, and not from another site (RELIABILITY §3).

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HeaderName, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Uri};
use subtle::ConstantTimeEq;
use url::Url;

use super::page::{Page, Refused, drawn_for};
use crate::app::{App, SignedIn};
use crate::domain::lang::Lang;
use crate::domain::tool::ToolError;

/// A person who is signed in; anybody else is sent to the sign-in page.
pub(super) struct Person(pub(super) SignedIn);

impl FromRequestParts<Arc<App>> for Person {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let found = find_signed_in(app, &parts.headers).await;
        let found = found.map_err(|error| Refused::new(app, stranger(app, &parts.headers), error).into_response())?;
        found.map(Self).ok_or_else(|| Redirect::to(&sign_in_path(&parts.method, &parts.uri)).into_response())
    }
}

/// The language of somebody who is not signed in.
pub(super) fn stranger(app: &App, headers: &HeaderMap) -> Lang {
    app.lang_of_stranger(headers.get(http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

/// The known language that a browser wants, if it says so.
pub(super) fn wanted_lang(headers: &HeaderMap) -> Option<Lang> {
    headers.get(http::header::ACCEPT_LANGUAGE).and_then(|value| Lang::preferred(value.to_str().ok()?))
}

/// The session behind a browser's cookie, if there is one.
pub(super) async fn find_signed_in(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, ToolError> {
    match cookie(headers, app.public_url()) {
        Some(cookie) => app.find_signed_in(cookie).await,
        None => Ok(None),
    }
}

/// The page of whoever asks, signed in or not: for what everybody may see.
pub(super) async fn anybody(app: &App, headers: &HeaderMap) -> Page {
    match find_signed_in(app, headers).await {
        Ok(Some(person)) => Page::of(app, &person, ""),
        // What everybody may see is shown even when the database does not answer.
        Ok(None) | Err(_) => Page::stranger(app, stranger(app, headers)),
    }
}

/// Where somebody without a session is sent. Only a page that can be opened again comes back afterwards: neither a form nor the way back
/// from a network, whose answer belongs to the session that asked and holds a secret.
fn sign_in_path(method: &Method, uri: &Uri) -> String {
    let next = uri.path_and_query().map_or("/", |path| path.as_str());
    if method != Method::GET || uri.path().ends_with("/callback") || uri.path() == "/slack/oauth" || next == "/" {
        return "/signin".into();
    }
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("/signin?next={next}")
}

/// The cookie's name: `__Host-` binds it to this host over https.
fn cookie_name(public: &Url) -> &'static str {
    if public.scheme() == "https" { "__Host-socrazi_session" } else { "socrazi_session" }
}

/// The session's cookie among all.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, public: &Url) -> Option<&'a str> {
    cookie_named(headers, cookie_name(public))
}

/// A cookie among all.
pub(super) fn cookie_named<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    })
}

/// Cookies go over https only, where there is https.
pub(super) fn secure(public: &Url) -> &'static str {
    if public.scheme() == "https" { "; Secure" } else { "" }
}

/// The `Set-Cookie` line for a new session.
pub(super) fn set_cookie(value: &str, public: &Url) -> String {
    /// As long as a session can live at the most.
    const DAYS: i64 = 90;
    let secure = secure(public);
    format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", cookie_name(public), DAYS * 86_400)
}

/// The `Set-Cookie` line that takes the session's cookie away.
pub(super) fn clear_cookie(public: &Url) -> String {
    let secure = secure(public);
    format!("{}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}", cookie_name(public))
}

/// Whether a form came from our own pages: by what the browser says of its origin, before the token is looked at.
pub(super) fn is_own_form(headers: &HeaderMap, public: &Url) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable").to_owned());
    let site_fits =
        text(HeaderName::from_static("sec-fetch-site")).is_none_or(|site| site == "same-origin" || site == "none");
    let origin_fits = text(ORIGIN).is_none_or(|origin| origin == public.origin().ascii_serialization());
    site_fits && origin_fits
}

/// Whether a signed-in person's form carries their token.
pub(super) fn is_token(given: &str, person: &SignedIn) -> bool {
    given.as_bytes().ct_eq(person.csrf.as_bytes()).into()
}

/// A path on this server to go to after signing in; anything else is the front page. Browsers drop tabs and line ends inside an address
/// and read `\` as `/`, so only plain visible ASCII is taken.
pub(super) fn safe_next(next: &str) -> &str {
    /// Longer than any address of ours, with all that a program asks for at `/oauth/authorize`.
    const BYTES_MAX: usize = 4_096;
    let is_plain = next.len() <= BYTES_MAX && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_local = next.starts_with('/') && !next.starts_with("//");
    if is_plain && is_local { next } else { "/" }
}

/// The headers that keep pages safe. `form-action 'self'` holds because connecting leaves by a page that moves on, not by a redirect
/// after a form: browsers apply it to such redirects too, and the network's own redirects cannot be listed here.
pub(super) async fn headers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let is_asset = request.uri().path().starts_with("/assets/");
    let asked = HeaderMap::from_iter(request.headers().get(COOKIE).map(|cookies| (COOKIE, cookies.clone())));
    let mut response = drawn_for(&app, &asked, next.run(request).await).await;
    let headers = response.headers_mut();
    let policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // Not `no-referrer`, also where the address is a key: Chromium then sends `Origin: null` with the form.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let kept = if is_asset { "public, max-age=3600" } else { "no-store" };
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static(kept));
    if app.public_url().scheme() == "https" {
        headers.insert(http::header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Url {
        "https://post.example".parse().unwrap()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn forms_from_other_sites_are_seen() {
        assert!(is_own_form(&headers(&[]), &public()));
        assert!(is_own_form(
            &headers(&[("origin", "https://post.example"), ("sec-fetch-site", "same-origin")]),
            &public()
        ));
        for bad in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://post.example"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            assert!(!is_own_form(&headers(&[bad]), &public()), "{bad:?}");
        }
    }

    #[test]
    fn after_signing_in_nobody_is_sent_elsewhere() {
        assert_eq!(safe_next("/posts/post_1?x=1"), "/posts/post_1?x=1");
        for bad in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x",
            "/\t/evil.example",
            "/ /evil.example",
            "posts",
        ] {
            assert_eq!(safe_next(bad), "/", "{bad:?}");
        }
    }

    #[test]
    fn only_a_page_that_can_be_opened_again_comes_back_after_signing_in() {
        let path = |method: Method, uri: &str| sign_in_path(&method, &uri.parse().unwrap());
        assert_eq!(path(Method::GET, "/posts/post_1?a=b"), "/signin?next=%2Fposts%2Fpost_1%3Fa%3Db");
        assert_eq!(path(Method::GET, "/"), "/signin");
        assert_eq!(path(Method::POST, "/pause"), "/signin");
        assert_eq!(path(Method::GET, "/connect/x/callback?code=secret&state=1"), "/signin");
    }

    #[test]
    fn the_cookie_is_bound_to_the_host_and_found_among_others() {
        let line = set_cookie("abc", &public());
        assert!(
            line.starts_with("__Host-socrazi_session=abc; Path=/; HttpOnly; SameSite=Lax")
                && line.ends_with("; Secure"),
            "{line}"
        );
        assert_eq!(cookie(&headers(&[("cookie", "a=b; __Host-socrazi_session=abc; c=d")]), &public()), Some("abc"));
        assert_eq!(cookie(&headers(&[("cookie", "socrazi_session=abc")]), &public()), None);
    }
}
