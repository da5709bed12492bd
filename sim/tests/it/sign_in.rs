//! OAuth 2.0 with PKCE.

use std::collections::HashMap;

use anyhow::Context;
use reqwest::Url;
use socrazi_sim::x::{Consent, XOptions};

use crate::desk::{ANA, CALLBACK, Desk, SCOPES, Seen, desk, desk_with, options};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn asking(scope: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("response_type", "code"),
        ("client_id", "sim-x-client"),
        ("redirect_uri", CALLBACK),
        ("scope", scope),
        ("state", "s-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

async fn authorize(desk: &Desk, pairs: &[(&str, &str)]) -> anyhow::Result<Seen> {
    desk.send(desk.http.get(desk.url("/i/oauth2/authorize")?).query(pairs)).await
}

fn returned(seen: &Seen) -> anyhow::Result<HashMap<String, String>> {
    let target = Url::parse(&seen.header("location")).with_context(|| format!("no redirect: {seen:?}"))?;
    assert!(target.as_str().starts_with(CALLBACK));
    Ok(target.query_pairs().into_owned().collect())
}

async fn code(desk: &Desk, scope: &str) -> anyhow::Result<String> {
    let back = returned(&authorize(desk, &asking(scope)).await?)?;
    assert_eq!(back.get("state").map(String::as_str), Some("s-1"));
    back.get("code").cloned().context("a code")
}

async fn exchange(desk: &Desk, code: &str, verifier: &str) -> anyhow::Result<Seen> {
    let form =
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("code_verifier", verifier)];
    let request = desk.http.post(desk.url("/2/oauth2/token")?).basic_auth("sim-x-client", Some("sim-x-secret"));
    desk.send(request.form(&form)).await
}

async fn refresh(desk: &Desk, token: &str) -> anyhow::Result<Seen> {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    let request = desk.http.post(desk.url("/2/oauth2/token")?).basic_auth("sim-x-client", Some("sim-x-secret"));
    desk.send(request.form(&form)).await
}

#[tokio::test]
async fn a_code_buys_tokens_once_and_only_with_its_verifier() -> anyhow::Result<()> {
    let desk = desk().await?;
    let scope = SCOPES.join(" ");
    let first = code(&desk, &scope).await?;
    let seen = exchange(&desk, &first, VERIFIER).await?;
    assert_eq!((seen.status, seen.at("/token_type"), seen.at("/expires_in")), (200, "bearer".into(), "7200".into()));
    assert_eq!(seen.at("/scope"), scope);
    assert!(!seen.at("/refresh_token").is_empty());
    assert_eq!(exchange(&desk, &first, VERIFIER).await?.status, 400);
    let second = code(&desk, &scope).await?;
    let seen = exchange(&desk, &second, &"x".repeat(43)).await?;
    assert_eq!(seen.status, 400);
    assert_eq!(seen.at("/error"), "invalid_request");
    assert_eq!(seen.at("/error_description"), "Value passed for the code verifier did not match the code challenge.");
    Ok(())
}

#[tokio::test]
async fn a_code_lives_thirty_seconds() -> anyhow::Result<()> {
    let desk = desk().await?;
    let late = code(&desk, "tweet.read").await?;
    desk.clock.advance_ms(31_000);
    assert_eq!(exchange(&desk, &late, VERIFIER).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn no_refresh_token_without_offline_access() -> anyhow::Result<()> {
    let desk = desk().await?;
    let code = code(&desk, "tweet.read users.read").await?;
    let seen = exchange(&desk, &code, VERIFIER).await?;
    assert_eq!(seen.status, 200);
    assert!(seen.json().get("refresh_token").is_none());
    Ok(())
}

#[tokio::test]
async fn refreshing_rotates_and_the_old_token_is_dead_at_once() -> anyhow::Result<()> {
    let desk = desk().await?;
    let old = exchange(&desk, &code(&desk, &SCOPES.join(" ")).await?, VERIFIER).await?;
    let new = refresh(&desk, &old.at("/refresh_token")).await?;
    assert_eq!(new.status, 200);
    assert_ne!(new.at("/refresh_token"), old.at("/refresh_token"));
    let again = refresh(&desk, &old.at("/refresh_token")).await?;
    assert_eq!(again.status, 400);
    assert_eq!(
        again.text,
        r#"{"error":"invalid_request","error_description":"Value passed for the token was invalid."}"#
    );
    assert_eq!(refresh(&desk, &new.at("/refresh_token")).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn an_access_token_lives_two_hours() -> anyhow::Result<()> {
    let desk = desk().await?;
    assert_eq!(desk.get("/2/users/me").await?.status, 200);
    desk.clock.advance_ms(7_200_000);
    let seen = desk.get("/2/users/me").await?;
    assert_eq!(seen.status, 401);
    assert_eq!(seen.at("/title"), "Unauthorized");
    assert_eq!(seen.at("/type"), "about:blank");
    Ok(())
}

#[tokio::test]
async fn revoking_ends_the_pair() -> anyhow::Result<()> {
    let desk = desk().await?;
    let request = desk.http.post(desk.url("/2/oauth2/revoke")?).basic_auth("sim-x-client", Some("sim-x-secret"));
    let seen = desk.send(request.form(&[("token", desk.token.as_str())])).await?;
    assert_eq!((seen.status, seen.text.as_str()), (200, r#"{"revoked":true}"#));
    assert_eq!(desk.get("/2/users/me").await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn clients_prove_themselves() -> anyhow::Result<()> {
    let desk = desk().await?;
    let url = desk.url("/2/oauth2/token")?;
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    for request in [
        desk.http.post(url.clone()),
        desk.http.post(url.clone()).basic_auth("sim-x-client", Some("wrong")),
        desk.http.post(url.clone()).query(&[("client_id", "sim-x-client")]),
    ] {
        let seen = desk.send(request.form(&form)).await?;
        assert_eq!((seen.status, seen.at("/error")), (401, "unauthorized_client".into()));
        assert_eq!(seen.at("/error_description"), "Missing valid authorization header");
    }
    // A public client has no secret and names itself in the body.
    let mut asked = asking("tweet.read users.read");
    asked[1] = ("client_id", "sim-x-public");
    let back = returned(&authorize(&desk, &asked).await?)?;
    let code = back.get("code").context("a code")?;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "sim-x-public"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(desk.send(desk.http.post(url).form(&form)).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn the_sign_in_page_checks_every_parameter() -> anyhow::Result<()> {
    let desk = desk().await?;
    let long = "s".repeat(501);
    for (name, value) in [
        ("response_type", "token"),
        ("client_id", "somebody"),
        ("redirect_uri", "http://127.0.0.1:9/connect/x/callback/"),
        ("scope", "tweet.everything"),
        ("state", long.as_str()),
        ("state", ""),
        ("code_challenge", "short"),
        ("code_challenge_method", "S512"),
    ] {
        let mut pairs = asking("tweet.read");
        pairs.retain(|(key, _)| *key != name);
        pairs.push((name, value));
        assert_eq!(authorize(&desk, &pairs).await?.status, 400, "{name}");
        pairs.pop();
        assert_eq!(authorize(&desk, &pairs).await?.status, 400, "without {name}");
    }
    Ok(())
}

#[tokio::test]
async fn the_page_says_that_it_is_a_simulation_and_cancel_comes_back() -> anyhow::Result<()> {
    let desk = desk_with(XOptions { consent: Consent::Page, ..options() }).await?;
    let page = authorize(&desk, &asking("tweet.read users.read")).await?;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("SIMULATION") && page.text.contains("value=\"cancel\""));
    let mut form = asking("tweet.read users.read");
    form.push(("decision", "cancel"));
    let url = desk.url("/i/oauth2/authorize")?;
    let back = returned(&desk.send(desk.http.post(url.clone()).form(&form)).await?)?;
    assert_eq!(back.get("error").map(String::as_str), Some("access_denied"));
    assert_eq!(back.get("state").map(String::as_str), Some("s-1"));
    form.pop();
    form.extend([("decision", "allow"), ("user", "socrazi_second")]);
    let back = returned(&desk.send(desk.http.post(url).form(&form)).await?)?;
    let seen = exchange(&desk, back.get("code").context("a code")?, VERIFIER).await?;
    let me = desk.http.get(desk.url("/2/users/me")?).bearer_auth(seen.at("/access_token"));
    assert_eq!(desk.send(me).await?.at("/data/username"), "socrazi_second");
    Ok(())
}

#[tokio::test]
async fn scopes_and_kinds_of_tokens_are_checked_per_endpoint() -> anyhow::Result<()> {
    let mut desk = desk().await?;
    desk.token = desk.sim.grant(ANA, &["tweet.read", "users.read"])?.access;
    assert_eq!(desk.get("/2/users/me").await?.status, 200);
    assert_eq!(desk.tweet(serde_json::json!({"text": "no"})).await?.status, 403);
    desk.token = desk.sim.grant(ANA, &["tweet.read", "tweet.write", "users.read"])?.access;
    assert_eq!(desk.tweet(serde_json::json!({"text": "yes"})).await?.status, 201);
    let init = serde_json::json!({"media_type": "video/mp4", "total_bytes": 1, "media_category": "tweet_video"});
    assert_eq!(desk.post("/2/media/upload/initialize", init).await?.status, 403);
    desk.token = socrazi_sim::x::APP_ONLY_TOKEN.to_owned();
    let seen = desk.get("/2/users/me").await?;
    assert_eq!((seen.status, seen.at("/title")), (403, "Unsupported Authentication".into()));
    assert!(seen.at("/type").ends_with("/problems/unsupported-authentication"));
    Ok(())
}
