//! The X adapter against a tiny scripted server of its own; counting and sentences are in `words`. Through the whole server against the simulator:
//! `connecting`, `publishing`, `limits`, `trouble` (each class of error, each crash), beside `engine` and `publishing`, which X shows for all.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod connecting;
mod limits;
mod publishing;
mod trouble;
mod words;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use base64::Engine;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use socrazi::clock::{Clock, SystemClock};
use socrazi::domain::commit::{CallFault, Search, Sighting};
use socrazi::domain::ids::MediaId;
use socrazi::domain::post::{Inside, MediaFacts, Options, Segment};
use socrazi::domain::shelf::MediaFile;
use socrazi::http_out::{Outbound, Reach};
use socrazi::platforms::x::{X, XConfig};
use socrazi::platforms::{Part, Pauses, Platform, TokenFault};
use url::Url;

/// One request as the fake saw it.
#[derive(Debug, Clone)]
struct Seen {
    line: String,
    headers: HeaderMap,
    body: String,
}

#[derive(Clone, Default)]
struct Script {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A server that gives the scripted answers in order and remembers what it was asked.
struct Fake {
    script: Script,
    url: Url,
}

impl Fake {
    async fn new(answers: &[(u16, &str)]) -> Self {
        let script = Script::default();
        script.answers.lock().unwrap().extend(answers.iter().map(|(status, body)| (*status, (*body).to_owned())));
        let router =
            Router::new().fallback(answer).layer(axum::extract::DefaultBodyLimit::disable()).with_state(script.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { script, url }
    }

    fn x(&self, secret: Option<&str>) -> X {
        let config = XConfig {
            client_id: "app id".into(),
            client_secret: secret.map(SecretString::from),
            auth_url: Url::parse("https://x.com/i/oauth2/authorize").unwrap(),
            api_url: self.url.clone(),
            absence_is_proof: false,
            pauses: Arc::new(AtOnce),
            darkroom: Arc::new(socrazi::media::Lab::default()),
        };
        X::new(config, Arc::new(Outbound::new(Reach::Loopback).unwrap()))
    }

    /// Everything asked; all answers must have been used.
    fn seen(&self) -> Vec<Seen> {
        assert!(self.script.answers.lock().unwrap().is_empty(), "unread answers");
        self.script.seen.lock().unwrap().clone()
    }

    fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

/// Waits are as good as over.
struct AtOnce;

#[async_trait::async_trait]
impl Pauses for AtOnce {
    async fn pause(&self, _: std::time::Duration) {}
}

async fn answer(
    State(script): State<Script>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1], String) {
    let body = String::from_utf8_lossy(&body).into_owned();
    script.seen.lock().unwrap().push(Seen { line: format!("{method} {uri}"), headers, body });
    let (status, text) = script.answers.lock().unwrap().pop_front().unwrap_or((599, "no answer scripted".into()));
    (StatusCode::from_u16(status).unwrap(), [("content-type", "application/json")], text)
}

const PAIR: &str = r#"{"token_type":"bearer","expires_in":7200,"access_token":"A","scope":"tweet.read users.read","refresh_token":"R"}"#;

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn redirect() -> Url {
    Url::parse("https://here.example/x?a=b").unwrap()
}

#[tokio::test]
async fn the_consent_page_is_asked_with_pkce_and_all_scopes() {
    let fake = Fake::new(&[]).await;
    let url = fake.x(None).authorize_url(&redirect(), "st+ate", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let query = url.query().unwrap();
    assert!(query.contains("scope=tweet.read%20tweet.write%20users.read%20media.write%20offline.access"), "{query}");
    let pairs: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "app id"),
        ("redirect_uri", redirect().as_str()),
        ("state", "st+ate"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(pairs[name], value);
    }
    assert!(url.as_str().starts_with("https://x.com/i/oauth2/authorize?"));
}

#[tokio::test]
async fn a_confidential_client_signs_with_basic_and_a_public_one_names_itself() {
    let fake = Fake::new(&[(200, PAIR), (200, PAIR)]).await;
    let tokens = fake.x(Some("s")).exchange("code", &secret("verifier"), &redirect()).await.unwrap();
    assert_eq!((tokens.access.expose_secret(), tokens.refresh.unwrap().expose_secret()), ("A", "R"));
    assert_eq!((tokens.expires_in_s, &*tokens.scopes), (7200, "tweet.read users.read"));
    fake.x(None).exchange("code", &secret("verifier"), &redirect()).await.unwrap();
    let seen = fake.seen();
    let form = "grant_type=authorization_code&code=code&code_verifier=verifier";
    let back = "redirect_uri=https%3A%2F%2Fhere.example%2Fx%3Fa%3Db";
    let basic = base64::engine::general_purpose::STANDARD.encode("app+id:s");
    assert_eq!(seen[0].line, "POST /2/oauth2/token");
    assert_eq!(seen[0].headers["authorization"], format!("Basic {basic}").as_str());
    assert_eq!(seen[0].headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(seen[0].body, format!("{form}&{back}"));
    assert!(!seen[1].headers.contains_key("authorization"));
    assert_eq!(seen[1].body, format!("{form}&client_id=app+id&{back}"));
}

#[tokio::test]
async fn a_refresh_gives_a_new_pair_or_says_what_became_of_the_old_one() {
    let dead = r#"{"error":"invalid_request","error_description":"Value passed for the token was invalid."}"#;
    let wrong = r#"{"error":"unauthorized_client","error_description":"Missing valid authorization header"}"#;
    let fake = Fake::new(&[(200, PAIR), (400, dead), (401, wrong), (503, ""), (200, "{\"access_token\":")]).await;
    let x = fake.x(Some("s"));
    let old = secret("old");
    assert_eq!(x.refresh(&old).await.unwrap().access.expose_secret(), "A");
    assert!(matches!(x.refresh(&old).await, Err(TokenFault::Dead(_))));
    assert!(matches!(x.refresh(&old).await, Err(TokenFault::Misconfigured(_))));
    assert!(matches!(x.refresh(&old).await, Err(TokenFault::Unknown(_))));
    assert!(matches!(x.refresh(&old).await, Err(TokenFault::Unknown(_))));
    assert_eq!(fake.seen()[0].body, "grant_type=refresh_token&refresh_token=old");
}

#[tokio::test]
async fn a_token_server_that_is_not_there_got_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut fake = Fake::new(&[]).await;
    fake.url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    assert!(matches!(fake.x(None).refresh(&secret("old")).await, Err(TokenFault::NotSent(_))));
}

#[tokio::test]
async fn revoking_a_dead_token_is_done() {
    let dead = r#"{"error":"invalid_request","error_description":"Value passed for the token was invalid."}"#;
    let fake = Fake::new(&[(200, r#"{"revoked":true}"#), (400, dead), (503, "")]).await;
    fake.x(None).revoke(&secret("t+1")).await.unwrap();
    fake.x(Some("s")).revoke(&secret("t")).await.unwrap();
    assert!(matches!(fake.x(None).revoke(&secret("t")).await, Err(TokenFault::Unknown(_))));
    let seen = fake.seen();
    assert_eq!((&*seen[0].line, &*seen[0].body), ("POST /2/oauth2/revoke", "token=t%2B1&client_id=app+id"));
    assert_eq!((&*seen[1].body, seen[1].headers.contains_key("authorization")), ("token=t", true));
}

#[tokio::test]
async fn profile_and_remove() {
    let me = r#"{"data":{"id":"2244994945","name":"Ana","username":"ana","verified":false}}"#;
    let gone = r#"{"title":"Not Found","status":404}"#;
    let fake =
        Fake::new(&[(200, me), (401, ""), (402, ""), (200, "{"), (200, r#"{"data":{"deleted":true}}"#), (404, gone)])
            .await;
    let (x, token) = (fake.x(None), secret("tok"));
    let profile = x.profile(&token).await.unwrap();
    assert_eq!((&*profile.remote_id, &*profile.handle, &*profile.name), ("2244994945", "ana", "Ana"));
    assert!(matches!(x.profile(&token).await, Err(CallFault::Unauthorized { .. })));
    assert!(matches!(x.profile(&token).await, Err(CallFault::Refused(what)) if what.key == "x-credits-used-up"));
    assert!(matches!(x.profile(&token).await, Err(CallFault::Later { .. })));
    x.remove(&token, "77").await.unwrap();
    // Gone is removed: a removal that was interrupted is begun again from its end.
    x.remove(&token, "78").await.unwrap();
    assert!(matches!(x.remove(&token, "../users/me").await, Err(CallFault::Refused(_))));
    assert_eq!(fake.lines()[4], "DELETE /2/tweets/77");
    assert_eq!(fake.seen()[0].headers["authorization"], "Bearer tok");
}

fn medium(mime: &str, bytes: usize, alt: Option<&str>) -> MediaFile {
    let facts = MediaFacts {
        id: MediaId::generate(1, 1),
        mime: mime.into(),
        bytes: i64::try_from(bytes).unwrap(),
        sha256: String::new(),
        width: 1,
        height: 1,
        duration_ms: 0,
        alt: alt.map(str::to_owned),
        inside: Inside::default(),
    };
    MediaFile::new(facts, Arc::new(bytes::Bytes::from(vec![b'x'; bytes])))
}

fn part(media: Vec<MediaFile>) -> Part {
    Part { no: 0, segment: Segment::default(), options: Options::default(), media, reply_to: None, notes: None }
}

#[tokio::test]
async fn an_image_goes_up_in_one_call_with_its_description() {
    let fake =
        Fake::new(&[(200, r#"{"data":{"id":"11","media_key":"3_11"}}"#), (200, r#"{"data":{"id":"11"}}"#)]).await;
    let handle =
        fake.x(None).prepare(&secret("t"), &part(vec![medium("image/png", 3, Some("A red door"))])).await.unwrap();
    assert_eq!(handle, json!({"media_ids": ["11"]}));
    let seen = fake.seen();
    assert_eq!(fake.lines(), ["POST /2/media/upload", "POST /2/media/metadata"]);
    for piece in
        ["name=\"media\"; filename=", "Content-Type: image/png", "xxx", "name=\"media_category\"", "tweet_image"]
    {
        assert!(seen[0].body.contains(piece), "{piece} in {}", seen[0].body);
    }
    let expected = json!({"id": "11", "metadata": {"alt_text": {"text": "A red door"}}});
    assert_eq!(seen[1].body.parse::<serde_json::Value>().unwrap(), expected);
}

#[tokio::test]
async fn a_video_goes_up_in_pieces_and_is_waited_for() {
    let pending = |state: &str| {
        format!(r#"{{"data":{{"id":"12","processing_info":{{"state":"{state}","check_after_secs":0}}}}}}"#)
    };
    let fake = Fake::new(&[
        (200, r#"{"data":{"id":"12"}}"#),
        (200, r#"{"data":{"expires_at":1}}"#),
        (503, ""),
        (204, ""),
        (200, &pending("pending")),
        (200, &pending("in_progress")),
        (200, &pending("succeeded")),
    ])
    .await;
    let video = medium("video/mp4", 1024 * 1024 + 5, Some("not for videos"));
    let handle = fake.x(None).prepare(&secret("t"), &part(vec![video])).await.unwrap();
    assert_eq!(handle, json!({"media_ids": ["12"]}));
    let seen = fake.seen();
    let status = "GET /2/media/upload?command=STATUS&media_id=12";
    let append = "POST /2/media/upload/12/append";
    // What was cut goes on where it was cut, not from the beginning.
    let lines =
        ["POST /2/media/upload/initialize", append, append, append, "POST /2/media/upload/12/finalize", status, status];
    assert_eq!(fake.lines(), lines);
    let order = json!({"media_type": "video/mp4", "total_bytes": 1_048_581, "media_category": "tweet_video"});
    assert_eq!(seen[0].body.parse::<serde_json::Value>().unwrap(), order);
    for again in &seen[2..4] {
        assert!(again.body.contains("name=\"segment_index\"\r\n\r\n1\r\n") && again.body.contains("xxxxx"));
    }
}

#[tokio::test]
async fn uploads_that_fail_say_whether_to_wait_to_reconnect_or_to_replace() {
    let failed = r#"{"data":{"id":"13","processing_info":{"state":"failed","error":{"code":1,"name":"InvalidMedia","message":"bad bits"}}}}"#;
    let forbidden = r#"{"title":"Forbidden","status":403,"detail":"Forbidden"}"#;
    let fake = Fake::new(&[(200, failed), (403, forbidden), (503, ""), (402, ""), (200, "{}")]).await;
    let (x, token, image) = (fake.x(None), secret("t"), part(vec![medium("image/png", 1, None)]));
    assert!(matches!(x.prepare(&token, &image).await, Err(CallFault::Refused(what)) if what.key == "x-media-failed"));
    assert!(matches!(x.prepare(&token, &image).await, Err(CallFault::Unauthorized { .. })));
    for _ in 0..3 {
        assert!(matches!(x.prepare(&token, &image).await, Err(CallFault::Later { .. })));
    }
    let svg = part(vec![medium("image/svg+xml", 1, None)]);
    assert!(matches!(x.prepare(&token, &svg).await, Err(CallFault::Refused(what)) if what.key == "x-media-kind"));
    assert_eq!(fake.lines().len(), 5);
}

fn search(text: &str) -> Search {
    Search {
        account_remote_id: "42".into(),
        handle: "ana".into(),
        text: text.into(),
        media: 0,
        prepared: None,
        reply_to: None,
        started_at: 1_700_000_000_999,
        ended_by: 1_700_000_020_000,
        // As the stand-in dates its answers.
        now: SystemClock.now_ms(),
        said: String::new(),
        claimed: vec!["1".into()],
    }
}

#[tokio::test]
async fn the_timeline_is_read_to_its_end_before_anything_is_said() {
    let first = r#"{"data":[{"id":"1","text":"hi","created_at":"2023-11-14T22:13:25.000Z"}],"meta":{"result_count":1,"next_token":"n1"}}"#;
    let second = r#"{"data":[{"id":"2","text":"hi","created_at":"2023-11-14T22:13:26Z"}],"errors":[{"title":"Not Found Error"}],"meta":{"result_count":1}}"#;
    let empty = r#"{"meta":{"result_count":0}}"#;
    let fake = Fake::new(&[(200, first), (200, second), (200, empty)]).await;
    let (x, token) = (fake.x(None), secret("t"));
    let found = Sighting::Found { remote_id: "2".into(), permalink: "https://x.com/ana/status/2".into() };
    assert_eq!(x.find(&token, &search("hi")).await.unwrap(), found);
    assert_eq!(x.find(&token, &search("hi")).await.unwrap(), Sighting::Absent { is_ruined: false });
    let lines = fake.lines();
    assert!(
        lines[0].starts_with(
            "GET /2/users/42/tweets?max_results=20&start_time=2023-11-14T22%3A12%3A20Z&tweet.fields=created_at"
        ),
        "{}",
        lines[0]
    );
    assert!(lines[1].ends_with("&pagination_token=n1") && !lines[0].contains("exclude"));
}

#[tokio::test]
async fn a_machine_whose_clock_is_an_hour_wrong_looks_in_both_hours() {
    let an_hour_later =
        r#"{"data":[{"id":"2","text":"hi","created_at":"2023-11-14T23:13:25Z"}],"meta":{"result_count":1}}"#;
    let fake = Fake::new(&[(200, an_hour_later), (200, an_hour_later), (200, an_hour_later)]).await;
    let (x, token) = (fake.x(None), secret("t"));
    let behind = Search { now: SystemClock.now_ms() - 3_600_000, ..search("hi") };
    assert!(matches!(x.find(&token, &behind).await.unwrap(), Sighting::Found { .. }));
    // With a right clock it is somebody's post of an hour later.
    assert_eq!(x.find(&token, &search("hi")).await.unwrap(), Sighting::Absent { is_ruined: false });
}

#[tokio::test]
async fn a_read_that_is_not_whole_shows_nothing_either_way() {
    let endless = r#"{"data":[],"meta":{"result_count":0,"next_token":"again"}}"#;
    let mut answers =
        vec![(200, "{}"), (200, r#"{"errors":[{"title":"Forbidden"}]}"#), (200, "<html>"), (500, ""), (402, "")];
    answers.extend(std::iter::repeat_n((200, endless), 25));
    let fake = Fake::new(&answers).await;
    let x = fake.x(None);
    for _ in 0..6 {
        let got = x.find(&secret("t"), &search("hi")).await;
        assert!(matches!(got, Err(CallFault::Later { .. })), "{got:?}");
    }
    assert_eq!(fake.lines().len(), 30);
    assert!(!x.absence_is_proof());
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let fake = Fake::new(&[]).await;
    let shown = format!("{:?}", fake.x(Some("canary")));
    assert!(!shown.contains("canary") && !shown.contains("app id"), "{shown}");
}
