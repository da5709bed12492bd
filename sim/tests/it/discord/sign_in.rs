//! "Sign in with Discord", and letting the app in.

use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::discord::{APP, BEN, CLIENT_SECRET, DiscordSim, OTHER};

use super::{Seen, client, get, read, started};

const BACK: &str = "https://post.example/auth/discord";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn authorize(sim: &DiscordSim, more: &[(&str, &str)]) -> reqwest::Response {
    let mut url = sim.url().join("oauth2/authorize").unwrap();
    url.query_pairs_mut().append_pair("client_id", APP).extend_pairs(more);
    client().get(url).send().await.unwrap()
}

async fn code(sim: &DiscordSim) -> String {
    let answer = authorize(
        sim,
        &[
            ("response_type", "code"),
            ("scope", "identify"),
            ("redirect_uri", BACK),
            ("state", "s 1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("as", BEN),
            ("approve", "1"),
        ],
    )
    .await;
    let back: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    let pairs: Vec<_> = back.query_pairs().into_owned().collect();
    assert_eq!(pairs[1], ("state".to_owned(), "s 1".to_owned()));
    pairs[0].1.clone()
}

async fn token(sim: &DiscordSim, secret: &str, form: &[(&str, &str)]) -> Seen {
    let request = client().post(format!("{}/oauth2/token", sim.api_url()));
    read(request.basic_auth(APP, Some(secret)).form(form)).await
}

async fn me(sim: &DiscordSim, bearer: &Value) -> Seen {
    read(client().get(format!("{}/users/@me", sim.api_url())).bearer_auth(bearer.as_str().unwrap())).await
}

#[tokio::test]
async fn a_code_is_good_once_with_its_verifier() {
    let sim = started().await;
    let given = code(&sim).await;
    let form = |verifier: &'static str| {
        [
            ("grant_type", "authorization_code"),
            ("code", given.as_str()),
            ("redirect_uri", BACK),
            ("code_verifier", verifier),
        ]
    };
    assert_eq!(token(&sim, "wrong", &form(VERIFIER)).await.body["error"], "invalid_client");
    assert_eq!(token(&sim, CLIENT_SECRET, &form("wrong")).await.body["error"], "invalid_grant");
    let first = token(&sim, CLIENT_SECRET, &form(VERIFIER)).await;
    assert_eq!((first.status, &first.body["scope"]), (200, &json!("identify")), "{}", first.body);
    assert_eq!(token(&sim, CLIENT_SECRET, &form(VERIFIER)).await.body["error"], "invalid_grant");
    let who = me(&sim, &first.body["access_token"]).await;
    assert_eq!((&who.body["id"], &who.body["locale"], who.body.get("bot")), (&json!(BEN), &json!("ja"), None));
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", first.body["refresh_token"].as_str().unwrap())];
    let second = token(&sim, CLIENT_SECRET, &refresh).await;
    assert_eq!(second.status, 200);
    assert_eq!(me(&sim, &first.body["access_token"]).await.status, 401);
    assert_eq!(me(&sim, &second.body["access_token"]).await.status, 200);
    sim.advance(8 * 86_400_000);
    assert_eq!(me(&sim, &second.body["access_token"]).await.status, 401, "a week is over");
}

#[tokio::test]
async fn the_page_says_that_it_is_a_simulation_and_refuses_odd_callers() {
    let sim = started().await;
    let good = [("response_type", "code"), ("scope", "identify"), ("redirect_uri", BACK), ("state", "s")];
    let page = authorize(&sim, &good).await.text().await.unwrap();
    assert!(page.contains("SIMULATION") && page.contains("Authorize"), "{page}");
    let mut denied = good.to_vec();
    denied.push(("approve", "0"));
    let back = authorize(&sim, &denied).await;
    assert!(back.headers()["location"].to_str().unwrap().contains("error=access_denied"));
    for odd in [
        &[("response_type", "code"), ("scope", "everything"), ("redirect_uri", BACK)][..],
        &[("response_type", "token"), ("scope", "identify"), ("redirect_uri", BACK)],
        &[("response_type", "code"), ("scope", "identify")],
    ] {
        assert_eq!(authorize(&sim, odd).await.status(), 400, "{odd:?}");
    }
}

#[tokio::test]
async fn the_app_is_let_into_a_server_or_to_a_person() {
    let sim = started().await;
    assert_eq!(get(&sim, &format!("/guilds/{OTHER}")).await.code(), 50001);
    let scope = ("scope", "bot applications.commands");
    authorize(&sim, &[scope, ("guild_id", OTHER), ("approve", "1")]).await;
    assert_eq!(get(&sim, &format!("/guilds/{OTHER}")).await.status, 200);
    authorize(&sim, &[("scope", "applications.commands"), ("integration_type", "1"), ("as", BEN), ("approve", "1")])
        .await;
    let users = sim.inspect()["users"].clone();
    assert!(users.as_array().unwrap().iter().any(|user| user["id"] == BEN && user["has_app"] == true), "{users}");
    assert_eq!(super::call(&sim, Method::DELETE, &format!("/users/@me/guilds/{OTHER}"), Value::Null).await.status, 204);
    assert_eq!(get(&sim, &format!("/guilds/{OTHER}")).await.code(), 50001);
}
