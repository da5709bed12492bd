//! The pages through the real router, without a socket: who may see them, what a form must carry, what they say and how it is escaped.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use socrazi::app::{App, DataFolder, Parts};
use socrazi::clock::{SystemClock, SystemEntropy};
use socrazi::config::{Config, Overrides};
use socrazi::domain::lang::Lang;
use socrazi::frontends;
use socrazi::i18n::Words;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use url::Url;

use crate::databases::{Engine, on_both};
use crate::serving::simulator;
use crate::world::World;

on_both!(
    a_first_sign_in_speaks_the_browsers_language_and_asks_for_the_zone,
    a_sign_in_link_survives_a_look_and_works_once,
    strangers_are_sent_to_sign_in_and_come_back_to_a_page_of_ours,
    every_form_needs_its_token_its_origin_and_exactly_its_fields,
    every_page_is_whole_in_both_languages_and_carries_its_shields,
    an_approval_shows_what_goes_out_and_takes_only_an_answer_to_that,
    connecting_begins_only_with_a_button_and_moves_on_without_a_redirect,
    a_token_is_shown_once_and_signing_out_ends_the_session,
    over_https_the_cookie_is_bound_to_the_host,
    an_address_that_cannot_be_read_is_told_in_the_readers_language,
    a_text_that_is_too_long_hears_the_limit_of_its_own_form
);

/// Where the pages believe to be; nothing listens there.
const PUBLIC: &str = "http://127.0.0.1:9";
/// Long enough to be an id, of nothing that exists.
const NOBODY: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
/// Every page that needs somebody signed in.
const PAGES: [&str; 7] = ["/", "/chat", "/conversations", "/calendar", "/accounts", "/connect/x", "/settings"];

struct House {
    _folder: tempfile::TempDir,
    _lock: DataFolder,
    _sim: socrazi_sim::x::XSim,
    app: Arc<App>,
    router: Router,
    cookie: String,
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    text: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a hidden field.
    fn hidden(&self, name: &str) -> String {
        let before = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
        self.text
            .split_once(&before)
            .unwrap_or_else(|| panic!("no {name} in {}", self.text))
            .1
            .split_once('"')
            .unwrap()
            .0
            .to_owned()
    }
}

impl House {
    /// An empty house with one person signed in.
    async fn open(engine: Engine, public: &str) -> Self {
        socrazi::app::install_tls_provider();
        let folder = tempfile::tempdir().unwrap();
        let sim = simulator(folder.path()).await;
        let data = folder.path().join("data");
        let mut settings = BTreeMap::from([
            ("data.dir", data.display().to_string()),
            ("server.public_url", public.to_owned()),
            ("x.client_id", "sim-x-client".into()),
            ("x.client_secret", "sim-x-secret".into()),
            ("x.auth_url", sim.url().join("i/oauth2/authorize").unwrap().to_string()),
            ("x.api_url", sim.url().to_string()),
        ]);
        settings.extend(engine.fresh().await.map(|url| ("database.url", url)));
        let config = Config::read("", &BTreeMap::new(), &Overrides(settings), None).unwrap();
        let lock = DataFolder::lock(&data).unwrap();
        let parts =
            Parts { config, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), is_simulation: true };
        let app = Arc::new(App::open(parts).await.unwrap());
        let router = frontends::Doors::open(&app, &CancellationToken::new()).unwrap().router;
        let mut house = Self { _folder: folder, _lock: lock, _sim: sim, app, router, cookie: String::new() };
        let answer = house.send(post("/signin", &[("link", &house.link().await), ("next", "/settings")])).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/settings"));
        house.cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        house
    }

    async fn link(&self) -> String {
        let user = self.app.local_user().await.unwrap();
        let link = self.app.make_sign_in_link(&user.id).await.unwrap();
        link.expose_secret().split_once("link=").unwrap().1.to_owned()
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(body, 1_000_000).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header("cookie", &self.cookie).body(Body::empty()).unwrap()).await
    }

    async fn csrf(&self) -> String {
        self.get("/settings").await.hidden("csrf")
    }

    /// Presses a button as the signed-in person.
    async fn press(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf().await;
        self.send(self.signed(post(path, &[&[("csrf", csrf.as_str())], fields].concat()))).await
    }

    fn signed(&self, mut request: Request<Body>) -> Request<Body> {
        request.headers_mut().insert("cookie", self.cookie.parse().unwrap());
        request
    }

    async fn speak(&self, lang: Lang) {
        let fields = [
            ("lang", lang.tag()),
            ("zone", "Asia/Tokyo"),
            ("hold_s", "60"),
            ("stdio_grant", "drafts"),
            ("chat_grant", "drafts"),
        ];
        assert_eq!(self.press("/settings", &fields).await.status, StatusCode::SEE_OTHER);
    }

    async fn connect(&self) -> Answer {
        let away = self.press("/connect/x", &[]).await;
        let there =
            away.text.split_once("content=\"0;url=").unwrap().1.split_once('"').unwrap().0.replace("&#38;", "&");
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let consent = http.get(there).send().await.unwrap();
        let back: Url = consent.headers()["location"].to_str().unwrap().parse().unwrap();
        let back = format!("{}?{}", back.path(), back.query().unwrap());
        let done = self.get(&back).await;
        assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/accounts"), "{}", done.text);
        // The same way back leads nowhere.
        let again = self.get(&back).await;
        assert!(again.status.is_client_error() && again.text.contains("<form class=\"signout\""), "{}", again.status);
        away
    }

    async fn tool(&self, name: &str, arguments: Value) -> Value {
        let caller = self.app.local_caller().await.unwrap();
        self.app.call_tool(&caller, name, arguments).await.unwrap().structured
    }
}

fn post(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    request.body(Body::from(body)).unwrap()
}

/// Every address that takes a form of somebody signed in, with the fields that it wants beside the token.
fn forms() -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let id = |path: &str, prefix: &str, end: &str| format!("{path}/{prefix}_{NOBODY}{end}");
    vec![
        ("/signout".into(), vec![]),
        ("/pause".into(), vec![]),
        ("/resume".into(), vec![]),
        ("/connect/x".into(), vec![]),
        ("/chat".into(), vec![("key", "0a"), ("text", "hello")]),
        ("/chat/consent".into(), vec![]),
        (id("/conversations", "conv", ""), vec![("key", "0a"), ("text", "hello")]),
        (id("/conversations", "conv", "/stop"), vec![]),
        (id("/accounts", "acct", "/disconnect"), vec![]),
        (id("/accounts", "acct", "/resume"), vec![]),
        (id("/posts", "post", "/withdraw"), vec![]),
        (id("/posts", "post", "/resume"), vec![]),
        (id("/deliveries", "dlv", "/again"), vec![("what", "now")]),
        (id("/deliveries", "dlv", "/settle"), vec![("answer", "there")]),
        (id("/approvals", "appr", ""), vec![("hash", "x"), ("verdict", "approve")]),
        (
            "/settings".into(),
            vec![
                ("lang", "en"),
                ("zone", "UTC"),
                ("hold_s", "5"),
                ("stdio_grant", "publishes"),
                ("chat_grant", "drafts"),
            ],
        ),
        ("/settings/tokens".into(), vec![("name", "mine")]),
        (id("/settings/tokens", "pat", "/revoke"), vec![]),
        (id("/settings/sessions", "sess", "/end"), vec![]),
    ]
}

async fn a_sign_in_link_survives_a_look_and_works_once(engine: Engine) {
    let house = House::open(engine, PUBLIC).await;
    let link = house.link().await;
    let stranger = |path: String| Request::get(path).header("accept-language", "ja").body(Body::empty()).unwrap();
    for _ in 0..2 {
        let page = house.send(stranger(format!("/signin?link={link}&next=/posts/post_1"))).await;
        assert_eq!((page.status, page.hidden("next").as_str()), (StatusCode::OK, "/posts/post_1"));
        assert!(page.text.contains("<html lang=\"ja\">") && page.text.contains("サインイン"));
    }
    let mut forged = post("/signin", &[("link", &link), ("next", "/")]);
    forged.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(house.send(forged).await.status, StatusCode::FORBIDDEN);
    let used = house.send(post("/signin", &[("link", &link), ("next", "//evil.example")])).await;
    assert_eq!((used.status, used.header("location")), (StatusCode::SEE_OTHER, "/"));
    let cookie = used.header("set-cookie");
    for wanted in ["socrazi_session=", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(wanted), "{cookie}");
    }
    assert_eq!(house.send(post("/signin", &[("link", &link), ("next", "/")])).await.status, StatusCode::GONE);
    assert_eq!(house.send(stranger(format!("/signin?link={link}"))).await.status, StatusCode::GONE);
    let how = house.send(stranger("/signin".into())).await;
    assert!(how.text.contains("socrazi user link"), "{}", how.text);
}

async fn a_first_sign_in_speaks_the_browsers_language_and_asks_for_the_zone(engine: Engine) {
    let house = House::open(engine, PUBLIC).await;
    let sign_in = async |languages: &str| {
        let mut request = post("/signin", &[("link", &house.link().await), ("next", "/")]);
        request.headers_mut().insert("accept-language", languages.parse().unwrap());
        let cookie = house.send(request).await.header("set-cookie").split(';').next().unwrap().to_owned();
        house.send(Request::get("/").header("cookie", cookie).body(Body::empty()).unwrap()).await.text
    };
    let first = sign_in("en;q=0.4, ja-JP, ja;q=0.9").await;
    assert!(first.contains("<html lang=\"ja\">") && first.contains("タイムゾーンを一度選んで"), "{first}");
    assert!(first.contains("href=\"/settings\""), "{first}");
    // A language of ours that is not wanted, or none that is known, changes nothing.
    assert!(sign_in("de").await.contains("<html lang=\"ja\">"));
    house.speak(Lang::En).await;
    let chosen = sign_in("ja").await;
    assert!(chosen.contains("<html lang=\"en\">") && !chosen.contains("Say once in which time zone"), "{chosen}");
}

async fn strangers_are_sent_to_sign_in_and_come_back_to_a_page_of_ours(engine: Engine) {
    let house = House::open(engine, PUBLIC).await;
    for path in PAGES {
        let sent = house.send(Request::get(path).body(Body::empty()).unwrap()).await;
        let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let wanted = if path == "/" { "/signin".to_owned() } else { format!("/signin?next={next}") };
        assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, wanted.as_str()), "{path}");
    }
    let callback = house.send(Request::get("/connect/x/callback?code=c&state=s").body(Body::empty()).unwrap()).await;
    assert_eq!(callback.header("location"), "/signin", "the code must not go into another address");
    for (path, fields) in forms() {
        let sent = house.send(post(&path, &fields)).await;
        if fields.contains(&("text", "hello")) {
            // What somebody wrote is not lost.
            assert_eq!(sent.status, StatusCode::UNAUTHORIZED, "{path}");
            assert!(sent.text.contains("\nhello</textarea>") && !sent.text.contains("<form"), "{}", sent.text);
            continue;
        }
        assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, "/signin"), "{path}");
    }
    for path in ["/privacy", "/terms", "/healthz", "/readyz", "/assets/style.css"] {
        assert_eq!(house.send(Request::get(path).body(Body::empty()).unwrap()).await.status, StatusCode::OK, "{path}");
    }
}

async fn every_form_needs_its_token_its_origin_and_exactly_its_fields(engine: Engine) {
    let house = House::open(engine, PUBLIC).await;
    let csrf = house.csrf().await;
    for (path, fields) in forms() {
        let with = |token: &'static str| [&[("csrf", token)], fields.as_slice()].concat();
        for wrong in
            [fields.clone(), with(""), with("0000000000000000000000000000000000000000000000000000000000000000")]
        {
            assert_eq!(house.send(house.signed(post(&path, &wrong))).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let good = [&[("csrf", csrf.as_str())], fields.as_slice()].concat();
        for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "same-site")] {
            let mut request = house.signed(post(&path, &good));
            request.headers_mut().insert(name, value.parse().unwrap());
            assert_eq!(house.send(request).await.status, StatusCode::FORBIDDEN, "{path} {name} {value}");
        }
        let more = [good.as_slice(), &[("more", "1")]].concat();
        assert_eq!(house.send(house.signed(post(&path, &more))).await.status, StatusCode::BAD_REQUEST, "{path}");
        let mut as_json = house.signed(post(&path, &good));
        as_json.headers_mut().insert("content-type", "application/json".parse().unwrap());
        assert_eq!(house.send(as_json).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
    }
    let large = "x".repeat(70_000);
    let large = house.send(house.signed(post("/settings/tokens", &[("csrf", &csrf), ("name", &large)]))).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.text.contains("64 KiB"), "{}", large.text);
    let settings = house.app.settings(&house.app.local_caller().await.unwrap()).await.unwrap();
    assert!(settings.tokens.is_empty(), "a refused form made a token");
}

async fn every_page_is_whole_in_both_languages_and_carries_its_shields(engine: Engine) {
    let house = House::open(engine, PUBLIC).await;
    house.connect().await;
    let made = house.tool("create_draft", json!({ "text": "<script>alert(1)</script> & \"more\"" })).await;
    let id = made["post"]["id"].as_str().unwrap().to_owned();
    let asked = house.tool("publish_post", json!({ "post": id })).await;
    let approval: Url = asked["approval_url"].as_str().unwrap().parse().unwrap();
    let account = made["post"]["variants"][0]["account"]["id"].as_str().unwrap();
    let (post, disconnect) = (format!("/posts/{id}"), format!("/accounts/{account}/disconnect"));
    let more = [post.as_str(), approval.path(), &disconnect, "/privacy", "/terms", "/nothing", "/posts/garbage"];
    let words = Words::load();
    for lang in Lang::ALL {
        house.speak(lang).await;
        for path in PAGES.iter().chain(&more) {
            let page = house.get(path).await;
            let is_missing = ["/nothing", "/posts/garbage"].contains(path);
            assert_eq!(page.status == StatusCode::NOT_FOUND, is_missing, "{path}: {}", page.status);
            assert!(page.text.contains(&format!("<html lang=\"{}\">", lang.tag())), "{path} in {lang:?}");
            assert!(page.text.contains(&words.text(lang, "page-simulation")), "{path}: no word of the simulation");
            assert!(!page.text.contains("<script"), "{path}: a script");
            assert_eq!(page.text.matches("<h1").count(), 1, "{path}");
            let policy = page.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
            let shields = ["x-content-type-options", "referrer-policy", "x-frame-options", "cache-control"]
                .map(|name| page.header(name));
            assert_eq!(shields, ["nosniff", "same-origin", "DENY", "no-store"], "{path}");
        }
    }
    assert!(house.get(&post).await.text.contains("&#60;script&#62;alert(1)&#60;/script&#62; &#38; &#34;more&#34;"));
    let wrong_method = house.press("/calendar", &[]).await;
    assert_eq!(wrong_method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(wrong_method.text.contains("<h1"));
    // Whoever is signed in keeps their menu and their language where something is refused, whatever their browser wants; nobody else gets either.
    house.speak(Lang::Ja).await;
    let upload = Request::get("/upload/none").header("accept-language", "en");
    let refused = house.send(upload.header("cookie", &house.cookie).body(Body::empty()).unwrap()).await;
    assert_eq!(refused.status, StatusCode::GONE);
    assert!(
        refused.text.contains("<html lang=\"ja\">") && refused.text.contains("href=\"/calendar\""),
        "{}",
        refused.text
    );
    let stranger = Request::get("/upload/none").header("accept-language", "en").body(Body::empty()).unwrap();
    let refused = house.send(stranger).await;
    assert!(
        refused.text.contains("<html lang=\"en\">") && !refused.text.contains("href=\"/calendar\""),
        "{}",
        refused.text
    );
}

async fn an_approval_shows_what_goes_out_and_takes_only_an_answer_to_that(engine: Engine) {
    let house = House::open(engine, PUBLIC).await;
    house.connect().await;
    house.speak(Lang::En).await;
    let made = house.tool("create_draft", json!({ "text": "first words", "options": {} })).await;
    let id = made["post"]["id"].as_str().unwrap().to_owned();
    let at = jiff::Timestamp::from_millisecond(house.app.now_ms() + 5 * 86_400_000).unwrap().to_string();
    let asked = house.tool("schedule_post", json!({ "post": id, "at": at, "zone": "America/St_Johns" })).await;
    let approval: Url = asked["approval_url"].as_str().unwrap().parse().unwrap();
    let page = house.get(approval.path()).await;
    let hash = page.hidden("hash");
    for shown in ["first words", "America/St_Johns", "US$0.015", &hash[..12]] {
        assert!(page.text.contains(shown), "{shown:?} is not in {}", page.text);
    }
    let other = house.press(approval.path(), &[("hash", &"0".repeat(64)), ("verdict", "approve")]).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    let yes = house.press(approval.path(), &[("hash", &hash), ("verdict", "approve")]).await;
    assert_eq!((yes.status, yes.header("location")), (StatusCode::SEE_OTHER, approval.path()));
    let after = house.get(approval.path()).await;
    assert!(after.text.contains("Approved.") && !after.text.contains("name=\"verdict\""), "{}", after.text);
    let again = house.press(approval.path(), &[("hash", &hash), ("verdict", "decline")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let calendar = house.get("/calendar").await;
    assert!(calendar.text.contains("first words") && calendar.text.contains("Asia/Tokyo"), "{}", calendar.text);
    let gone = house.press(&format!("/posts/{id}/withdraw"), &[]).await;
    assert_eq!((gone.status, gone.header("location")), (StatusCode::SEE_OTHER, format!("/posts/{id}").as_str()));
    assert!(house.get(&format!("/posts/{id}")).await.text.contains("Withdrawn"));
}

async fn connecting_begins_only_with_a_button_and_moves_on_without_a_redirect(engine: Engine) {
    let house = House::open(engine, PUBLIC).await;
    let asked = house.get("/connect/x").await;
    assert!(
        asked.status == StatusCode::OK
            && !asked.text.contains("http-equiv")
            && asked.text.contains("action=\"/connect/x\"")
    );
    let away = house.connect().await;
    // Chromium would hold a redirect after a form to `form-action 'self'`.
    assert_eq!((away.status, away.header("location")), (StatusCode::OK, ""));
    assert!(away.text.contains("rel=\"noreferrer\">Continue to X</a>"), "{}", away.text);
    let accounts = house.get("/accounts").await.text;
    assert!(accounts.contains("Connected."), "{accounts}");
    assert_eq!(accounts.matches("<details").count(), accounts.matches("<details class=\"setup\" id=").count() + 1);
    for told in
        ["/connect/linkedin/callback", "threads_content_publish", "developer.x.com", "refused before scheduling"]
    {
        let at = accounts.find(told).unwrap_or_else(|| panic!("{told} is not there"));
        assert!(at > accounts.find("Connect X").unwrap(), "{told} stands before the button");
    }
    let ask = accounts.split_once("href=\"/accounts/acct_").unwrap().1.split_once('"').unwrap().0;
    let ask = format!("/accounts/acct_{ask}");
    assert!(house.get(&ask).await.text.contains("stop using our access at once"));
    assert!(house.get("/accounts").await.text.contains("Connected."), "a look disconnected it");
    assert_eq!(house.press(&ask, &[]).await.status, StatusCode::SEE_OTHER);
    assert!(!house.get("/accounts").await.text.contains("Connected."));
}

async fn a_token_is_shown_once_and_signing_out_ends_the_session(engine: Engine) {
    let house = House::open(engine, PUBLIC).await;
    let made = house.press("/settings/tokens", &[("name", "<b>mine</b>")]).await;
    assert!(made.status == StatusCode::OK && made.text.contains("<code>soc_"), "{}", made.text);
    let after = house.get("/settings").await;
    assert!(!after.text.contains("soc_") && after.text.contains("&#60;b&#62;mine&#60;/b&#62;"), "{}", after.text);
    let wrong = [
        ("lang", "en"),
        ("zone", "Mars/Olympus"),
        ("hold_s", "5"),
        ("stdio_grant", "drafts"),
        ("chat_grant", "drafts"),
    ];
    let wrong = house.press("/settings", &wrong).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text.contains("Mars/Olympus"), "{}", wrong.text);
    let slow =
        [("lang", "en"), ("zone", "UTC"), ("hold_s", "many"), ("stdio_grant", "drafts"), ("chat_grant", "drafts")];
    assert_eq!(house.press("/settings", &slow).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let out = house.press("/signout", &[]).await;
    assert_eq!((out.status, out.header("location")), (StatusCode::SEE_OTHER, "/signin"));
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{}", out.header("set-cookie"));
    assert_eq!(house.get("/settings").await.header("location"), "/signin?next=%2Fsettings");
}

async fn over_https_the_cookie_is_bound_to_the_host(engine: Engine) {
    let house = House::open(engine, "https://post.example").await;
    assert!(house.cookie.starts_with("__Host-socrazi_session="), "{}", house.cookie);
    let page = house.get("/settings").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.header("strict-transport-security").is_empty());
}

async fn an_address_that_cannot_be_read_is_told_in_the_readers_language(engine: Engine) {
    let house = House::open(engine, PUBLIC).await;
    house.speak(Lang::Ja).await;
    let conversation = format!("/conversations/conv_{NOBODY}?older=a&older=b");
    let paths = [
        "/conversations?older=a&older=b",
        &conversation,
        "/media?older=nothing",
        "/calendar?older=soon",
        "/analytics/times.png?theme=a&theme=b",
        "/slack/oauth?code=a&code=b",
        "/slack/signin/callback?state=a&state=b",
        "/discord/signin/callback?state=a&state=b",
    ];
    for path in paths {
        let request = Request::get(path).header("cookie", &house.cookie).header("accept-language", "ja");
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert!(answer.text.contains("<html lang=\"ja\">"), "{path}: {}", answer.text);
    }
}

async fn a_text_that_is_too_long_hears_the_limit_of_its_own_form(engine: Engine) {
    let house = House::open(engine, PUBLIC).await;
    let long = |bytes: usize| "x".repeat(bytes);
    let path = format!("/posts/post_{NOBODY}/edit");
    let answer = house.press(&path, &[("revision", "1"), ("text-0-0", &long(2 << 20))]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text.contains("larger than 2 MiB"), "{}", answer.text);
    let answer = house.press("/settings/tokens", &[("name", &long(64 << 10))]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text.contains("larger than 64 KiB"), "{}", answer.text);
}

#[tokio::test]
async fn what_a_stranger_writes_into_the_way_back_is_neither_shown_nor_counted() {
    let house = House::open(Engine::Sqlite, PUBLIC).await;
    for path in ["/slack/oauth", "/slack/signin/callback", "/discord/signin/callback"] {
        let come = async |cookies: String, query: &str| {
            let request = Request::get(format!("{path}?{query}")).header("cookie", cookies);
            house.send(request.body(Body::empty()).unwrap()).await
        };
        let left = format!("{}; socrazi_slack=own", house.cookie);
        for query in ["error=Call+555+now", "error=Call+555+now&state=other", "error=Call+555+now&state="] {
            for cookies in [house.cookie.clone(), left.clone(), format!("{}; socrazi_slack=", house.cookie)] {
                let answer = come(cookies, query).await;
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {query}");
                assert!(!answer.text.contains("555"), "{path} {query}: {}", answer.text);
                assert!(answer.headers.get("set-cookie").is_none(), "{path} {query}: a cookie was spent");
            }
        }
        // The service itself refuses: that is shown, and the way back is spent.
        let answer = come(left, "error=access_denied&state=own").await;
        assert!(answer.text.contains("access_denied"), "{path}: {}", answer.text);
        assert!(answer.header("set-cookie").starts_with("socrazi_slack=;"), "{path}");
    }
}

/// A picture that cannot be made smaller: noise.
fn noise(width: u32, height: u32) -> Vec<u8> {
    let mut pixels = resvg::tiny_skia::Pixmap::new(width, height).unwrap();
    let mut seed = 1_u64;
    for point in pixels.data_mut().chunks_mut(4) {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let [.., a, b, c] = seed.to_be_bytes().map(|byte| byte.rotate_left(3));
        point.copy_from_slice(&[seed.to_be_bytes()[0], a ^ b, c ^ seed.to_be_bytes()[1], 255]);
    }
    pixels.encode_png().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_too_large_together_are_told_apart_from_one_that_is() {
    let world = World::with(vec![("media.max_bytes", (1 << 20).to_string())]).await;
    let send = async |files: &[&[u8]]| {
        let link = world.call("attach_media", json!({ "upload": true })).await["upload_url"].clone();
        let path = Url::parse(link.as_str().unwrap()).unwrap().path().to_owned();
        let mut body = Vec::new();
        for file in files {
            let head = b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
            body.extend([head, *file, b"\r\n"].concat());
        }
        body.extend(b"--b--\r\n");
        let request = Request::post(path).header("content-type", "multipart/form-data; boundary=b");
        let answer = world.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let bytes = axum::body::to_bytes(answer.into_body(), 1_000_000).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    let picture = noise(600, 450);
    assert!((800_000..1_000_000).contains(&picture.len()), "{}", picture.len());
    let told = send(&[&picture, &picture, &picture]).await;
    assert!(told.contains("too large together"), "{told}");
    let told = send(&[&vec![0; 1_200_000]]).await;
    assert!(told.contains("larger than 1 MiB"), "{told}");
    world.end().await;
}
