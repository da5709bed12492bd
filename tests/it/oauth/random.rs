//! A thousand requests for a code or tokens that went wrong somewhere, and some garbage beside them: never a token, never our own fault, and
//! nothing left behind. A failing seed is printed.

use super::*;
use crate::databases::on_both;

on_both!(a_thousand_mutated_requests_never_get_a_token_or_break_anything);

const ROUNDS: u64 = 1_000;

/// A small generator: the same seed gives the same requests everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, max: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap() % max
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

const STRANGE: [&str; 16] = [
    "",
    " ",
    "\u{0}",
    "%00",
    "'; DROP TABLE oauth_token; --",
    "\u{202e}",
    "é",
    "null",
    "[]",
    "../../",
    "https://evil.example/cb",
    "http://127.0.0.1:1/callback",
    "plain",
    "code token",
    "client_credentials",
    "\r\nLocation: https://evil.example",
];

/// One thing wrong with a form: a field changed, gone, twice, or cut in the middle of its bytes. Never nothing.
fn mutated(dice: &mut Dice, pairs: &[(String, String)]) -> Vec<u8> {
    let mut pairs = pairs.to_vec();
    let at = dice.below(pairs.len());
    match dice.below(6) {
        0 => {
            pairs.remove(at);
        }
        1 => pairs[at].1 = dice.one_of(&STRANGE).to_owned(),
        2 => {
            let again = (pairs[at].0.clone(), dice.one_of(&STRANGE).to_owned());
            pairs.insert(dice.below(pairs.len()), again);
        }
        3 => {
            let mut chars: Vec<char> = pairs[at].1.chars().collect();
            let place = dice.below(chars.len().max(1));
            let old = chars.get(place).copied();
            let new = ['A', '0', '-', '/', '\u{7f}'][dice.below(5)];
            let new = if old == Some(new) { 'z' } else { new };
            if place < chars.len() {
                chars[place] = new
            } else {
                chars.push(new)
            }
            pairs[at].1 = chars.into_iter().collect();
        }
        4 => pairs[at].0 = format!("{}{}", pairs[at].0, dice.one_of(&["x", "[]", " ", "\u{0}"])),
        _ => pairs[at].1 = dice.one_of(&STRANGE).repeat(1 + dice.below(2_000)) + "!",
    }
    let mut bytes = query(&pairs).into_bytes();
    if dice.below(10) == 0 {
        let at = dice.below(bytes.len());
        bytes.insert(at, [b'%', 0xff, 0x00][dice.below(3)]);
    }
    bytes
}

async fn a_thousand_mutated_requests_never_get_a_token_or_break_anything(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let metadata = json!({ "redirect_uris": [BACK], "client_name": "With a secret" });
    let secretive = register(&world, &metadata).await.json();
    // A family of its own, so that what is presented wrongly could be worth something.
    let other = program(&world).await;
    let held = let_in(&world, &other, &["read"]).await;
    let kept = world.app.connected_apps(&world.person).await.unwrap().len();
    let (mut given, mut kinds) = (0, [0; 5]);
    for seed in 1..=ROUNDS {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let kind = dice.below(5);
        kinds[kind] += 1;
        match kind {
            0 => asked(&world, &id, &mut dice, seed).await,
            1 => given += usize::from(presented(&world, &id, &mut dice, seed).await),
            2 => given += usize::from(refreshed(&world, (&other, &held.refresh), &mut dice, seed).await),
            3 => given += usize::from(basic(&world, &secretive, &mut dice, seed).await),
            _ => pressed(&world, &id, &mut dice, seed).await,
        }
    }
    for seed in 1..=ROUNDS / 3 {
        garbled(&world, &mut Dice(seed.wrapping_mul(0xD134_2543_DE82_EF95)), seed).await;
    }
    assert!(given == 0 && kinds.iter().all(|count| *count > 150), "{given} tokens were given; {kinds:?}");
    assert_eq!(world.app.connected_apps(&world.person).await.unwrap().len(), kept);
    // And what is right still works, also what was presented wrongly so often.
    assert_eq!(refresh(&world, &other, &held.refresh).await.status, StatusCode::OK);
    assert_eq!(may(&world, &let_in(&world, &id, &["read"]).await.access).await, 200);
    world.end().await;
}

/// What a request for tokens came to: whether it got one.
async fn got(world: &World, request: http::request::Builder, body: Vec<u8>, seed: u64) -> bool {
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = ask(world, request.body(Body::from(body.clone())).unwrap()).await;
    let status = answer.status.as_u16();
    assert!((200..500).contains(&status), "seed {seed}: {status} {}", String::from_utf8_lossy(&body));
    let got = answer.text.contains("soa_");
    assert!(!got, "seed {seed}: a token for {}", String::from_utf8_lossy(&body));
    got
}

/// A refresh token presented wrongly; it must be as good as before after it.
async fn refreshed(world: &World, (id, token): (&str, &str), dice: &mut Dice, seed: u64) -> bool {
    let pairs = [("grant_type", "refresh_token"), ("client_id", id), ("refresh_token", token)];
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    got(world, Request::post("/oauth/token"), mutated(dice, &pairs), seed).await
}

/// A program with a secret that shows it wrongly, with a good code.
async fn basic(world: &World, program: &Value, dice: &mut Dice, seed: u64) -> bool {
    use base64::Engine as _;
    let (id, secret) = (program["client_id"].as_str().unwrap(), program["client_secret"].as_str().unwrap());
    let code = code(world, id, &["read"]).await;
    let pairs =
        [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)];
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let wrong = match dice.below(5) {
        0 => format!("{id}:{}", &secret[..secret.len() - 1]),
        1 => format!("{id}:{secret}x"),
        2 => format!("{id}:"),
        3 => format!("{secret}:{id}"),
        _ => format!("{id}{secret}"),
    };
    let header = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(wrong));
    let request = Request::post("/oauth/token").header("authorization", header);
    got(world, request, query(&pairs).into_bytes(), seed).await
}

/// An answer to the page that is as good as a person's, but for what it answers.
async fn pressed(world: &World, id: &str, dice: &mut Dice, seed: u64) {
    let bytes = mutated(dice, &with(request(id), "scope", "posts:read"));
    let carried = String::from_utf8_lossy(&bytes).into_owned();
    let (name, value) =
        [("read", "on"), ("read", "yes"), ("publish", "on"), ("which", "only"), ("which", "some")][dice.below(5)];
    let verdict = dice.one_of(&["allow", "deny", "", "ALLOW", "maybe"]);
    let fields = [("request", carried.as_str()), ("answer", verdict), (name, value)];
    let (status, text) = world.send("/oauth/authorize", &fields).await;
    // Whoever is sent back after all: the request had something beside it that nobody looks at. Nobody is sent to anywhere but to the program.
    assert!(status.is_redirection() || status.is_client_error(), "seed {seed}: {status} {carried} {fields:?}");
    if status.is_redirection() {
        let is_registered = text.starts_with(BACK) || text.starts_with("http://127.0.0.1:1/callback?");
        assert!(is_registered, "seed {seed}: {carried} led to {text}");
    }
}

/// A question that went wrong: a page at the most, and never a way to anywhere before the person answered.
async fn asked(world: &World, id: &str, dice: &mut Dice, seed: u64) {
    let query = mutated(dice, &with(request(id), "scope", "posts:read"));
    let text = String::from_utf8_lossy(&query).replace(['\u{fffd}', '\u{0}'], "%ff");
    let Ok(request) = Request::get(format!("/oauth/authorize?{text}")).body(Body::empty()) else { return };
    let (parts, _) = world.open_page(&request.uri().to_string()).await.into_parts();
    let status = parts.status.as_u16();
    assert!(status == 200 || status == 400, "seed {seed}: {status} {text}");
    assert!(!parts.headers.contains_key("location"), "seed {seed}: {text}");
}

/// A code presented wrongly: whether it got a token.
async fn presented(world: &World, id: &str, dice: &mut Dice, seed: u64) -> bool {
    let code = code(world, id, &["read"]).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", id),
        ("code", &code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = mutated(dice, &pairs);
    got(world, Request::post("/oauth/token"), body, seed).await
}

/// Bytes that are hardly a request, at every door there is.
async fn garbled(world: &World, dice: &mut Dice, seed: u64) {
    let path = dice.one_of(&["/oauth/token", "/oauth/revoke", "/oauth/register", "/oauth/authorize"]);
    let kind = dice.one_of(&["application/x-www-form-urlencoded", "application/json", "text/plain", ""]);
    let length = dice.below(400);
    let body: Vec<u8> = (0..length).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
    let mut request = Request::post(path).header("content-type", kind);
    if dice.below(2) == 0 {
        request = request
            .header("authorization", dice.one_of(&["Basic", "Basic %%%", "Basic Og==", "Bearer x", "Basic eA=="]));
    }
    let answer = ask(world, request.body(Body::from(body)).unwrap()).await;
    let status = answer.status.as_u16();
    assert!((300..500).contains(&status), "seed {seed}: {path} {status} {}", answer.text);
    assert!(!answer.text.contains("soa_"), "seed {seed}");
}
