//! Consent, tokens that are spent, revocation (dossier §1).

use reqwest::Url;
use serde_json::{Value, json};
use socrazi_sim::tiktok::{App, TikTokOptions, Tuning};

use super::{CALLBACK, CREATOR, Desk, desk, desk_with, options};
use crate::desk::Seen;

type Pairs<'a> = &'a [(&'a str, &'a str)];

const ASK: [(&str, &str); 5] = [
    ("client_key", "awsimclientkey"),
    ("response_type", "code"),
    ("scope", "user.info.basic,video.publish"),
    ("redirect_uri", CALLBACK),
    ("state", "s&1"),
];
const EXCHANGE: [(&str, &str); 5] = [
    ("client_key", "awsimclientkey"),
    ("client_secret", "sim-tiktok-secret"),
    ("code", ""),
    ("grant_type", "authorization_code"),
    ("redirect_uri", CALLBACK),
];

fn replaced<'a>(pairs: Pairs<'a>, name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    pairs.iter().map(|(key, old)| (*key, if *key == name { value } else { *old })).collect()
}

async fn consent(desk: &Desk, pairs: Pairs<'_>) -> anyhow::Result<Seen> {
    desk.send(desk.raw(reqwest::Method::GET, "/v2/auth/authorize/")?.query(pairs)).await
}

async fn back(desk: &Desk, pairs: Pairs<'_>) -> anyhow::Result<impl Fn(&str) -> String + use<>> {
    let seen = consent(desk, pairs).await?;
    anyhow::ensure!(seen.status == 302, "{} {}", seen.status, seen.text);
    let url = Url::parse(&seen.header("location"))?;
    Ok(move |name: &str| {
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    })
}

async fn form(desk: &Desk, path: &str, pairs: Pairs<'_>) -> anyhow::Result<Seen> {
    desk.send(desk.raw(reqwest::Method::POST, path)?.form(pairs)).await
}

async fn exchange(desk: &Desk, code: &str) -> anyhow::Result<Seen> {
    form(desk, "/v2/oauth/token/", &replaced(&EXCHANGE, "code", code)).await
}

async fn renew(desk: &Desk, refresh: &str) -> anyhow::Result<Seen> {
    let pairs = [&EXCHANGE[..2], &[("grant_type", "refresh_token"), ("refresh_token", refresh)]].concat();
    form(desk, "/v2/oauth/token/", &pairs).await
}

#[tokio::test]
async fn consent_stops_at_what_is_wrong_and_tells_what_was_given() -> anyhow::Result<()> {
    let desk = desk().await?;
    for (name, value) in [
        ("client_key", "x"),
        ("response_type", "token"),
        ("scope", "user.info.basic,photo.publish"),
        ("scope", "user.info.basic video.publish"),
        ("redirect_uri", "http://127.0.0.1:9/cb?x=1"),
        ("redirect_uri", "http://127.0.0.1:9/other"),
    ] {
        let seen = consent(&desk, &replaced(&ASK, name, value)).await?;
        assert!(seen.status == 400 && seen.text.contains(name), "{name} {value} {}", seen.text);
    }
    let pair = back(&desk, &[&ASK[..], &[("declined", "video.publish")]].concat()).await?;
    assert_eq!((pair("scopes"), pair("state")), ("user.info.basic".into(), "s&1".into()));
    assert!(pair("code").contains(['*', '!']), "codes want to be decoded once");
    assert_eq!(exchange(&desk, &pair("code")).await?.at("/scope"), "user.info.basic");
    let pair = back(&desk, &[&ASK[..], &[("decision", "cancel")]].concat()).await?;
    assert_eq!((pair("error"), pair("code")), ("access_denied".into(), String::new()));
    let asking = desk_with(TikTokOptions { auto_consent: false, ..options() }).await?;
    let page = consent(&asking, &replaced(&ASK, "state", "\"><script>")).await?;
    assert!(page.status == 200 && page.text.contains("SIMULATION") && !page.text.contains("<script>"));
    Ok(())
}

#[tokio::test]
async fn a_code_is_spent_once_in_a_form_by_the_right_app() -> anyhow::Result<()> {
    let desk = desk().await?;
    let code = back(&desk, &ASK).await?("code");
    let path = "/v2/oauth/token/";
    let pairs = replaced(&EXCHANGE, "code", &code);
    let as_json: Value =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into();
    assert_eq!(desk.send(desk.raw(reqwest::Method::POST, path)?.json(&as_json)).await?.at("/error"), "invalid_request");
    let renamed: Vec<_> =
        pairs.iter().map(|(name, value)| (if *name == "client_key" { "client_id" } else { name }, *value)).collect();
    assert_eq!(form(&desk, path, &renamed).await?.at("/error"), "invalid_client", "client_key alone");
    let guessed = form(&desk, path, &replaced(&pairs, "client_secret", "guess")).await?;
    assert_eq!((guessed.status, guessed.at("/error")), (401, "invalid_client".into()));
    assert_eq!(
        form(&desk, path, &replaced(&pairs, "grant_type", "password")).await?.at("/error"),
        "unsupported_grant_type"
    );
    assert_eq!(form(&desk, "/v2/oauth/token", &pairs).await?.status, 404, "the slash matters");
    let granted = exchange(&desk, &code).await?;
    assert_eq!((granted.at("/expires_in"), granted.at("/refresh_expires_in")), ("7200".into(), "15552000".into()));
    assert!(granted.at("/access_token").starts_with("act.") && granted.at("/refresh_token").starts_with("rft."));
    assert_eq!((granted.at("/open_id"), granted.at("/token_type")), (super::ANA.into(), "Bearer".into()));
    let again = exchange(&desk, &code).await?;
    assert_eq!((again.status, again.at("/error")), (400, "invalid_grant".into()));
    assert!(again.json()["log_id"].is_string());
    desk.sim.tune(Tuning { refuses_with_200: true, ..Tuning::default() });
    let mild = exchange(&desk, &code).await?;
    assert_eq!((mild.status, mild.at("/error")), (200, "invalid_grant".into()), "the body decides");
    let moved = back(&desk, &ASK).await?("code");
    let pairs = replaced(&EXCHANGE, "redirect_uri", "http://127.0.0.1:9/other");
    assert_eq!(form(&desk, path, &replaced(&pairs, "code", &moved)).await?.at("/error"), "invalid_grant");
    let late = back(&desk, &ASK).await?("code");
    desk.clock.advance_ms(601_000);
    assert_eq!(exchange(&desk, &late).await?.at("/error"), "invalid_grant");
    Ok(())
}

#[tokio::test]
async fn a_refresh_spends_its_token_at_once_also_when_the_answer_is_lost() -> anyhow::Result<()> {
    let desk = desk().await?;
    let granted = exchange(&desk, &back(&desk, &ASK).await?("code")).await?;
    let fresh = renew(&desk, &granted.at("/refresh_token")).await?;
    assert_ne!(fresh.at("/refresh_token"), granted.at("/refresh_token"));
    let dead = renew(&desk, &granted.at("/refresh_token")).await?;
    assert_eq!((dead.status, dead.at("/error")), (400, "invalid_grant".into()));
    desk.sim.set_faults(vec![socrazi_sim::Fault::once("POST", "/v2/oauth/token/", socrazi_sim::FaultKind::ResetAfter)]);
    assert!(renew(&desk, &fresh.at("/refresh_token")).await.is_err());
    assert_eq!(
        renew(&desk, &fresh.at("/refresh_token")).await?.at("/error"),
        "invalid_grant",
        "reconnecting is all that is left"
    );
    let other = exchange(&desk, &back(&desk, &ASK).await?("code")).await?;
    desk.clock.advance_ms(15_552_000_000 - 5_000);
    let kept = renew(&desk, &other.at("/refresh_token")).await?;
    assert_eq!(kept.status, 200);
    desk.clock.advance_ms(15_552_000_000);
    assert_eq!(renew(&desk, &kept.at("/refresh_token")).await?.at("/error"), "invalid_grant");
    Ok(())
}

#[tokio::test]
async fn expired_revoked_and_made_up_tokens_look_alike_and_a_missing_scope_does_not() -> anyhow::Result<()> {
    let desk = desk().await?;
    let ask = async |token: &str| {
        let seen = desk.send(desk.raw(reqwest::Method::POST, CREATOR)?.bearer_auth(token)).await?;
        anyhow::Ok((seen.status, seen.at("/error/code")))
    };
    let dead = (401, "access_token_invalid".to_owned());
    assert_eq!(ask(&desk.token).await?, (200, "ok".into()));
    assert_eq!(ask("guess").await?, dead);
    assert_eq!(desk.send(desk.raw(reqwest::Method::POST, CREATOR)?).await?.at("/error/code"), "access_token_invalid");
    let narrow = desk.sim.grant(super::ANA, &["user.info.basic", "video.upload"])?.access;
    assert_eq!(ask(&narrow).await?, (401, "scope_not_authorized".into()));
    desk.clock.advance_ms(7_200_000);
    assert_eq!(ask(&desk.token).await?, dead, "two hours are over");
    let late =
        [("client_key", "awsimclientkey"), ("client_secret", "sim-tiktok-secret"), ("token", desk.token.as_str())];
    let fresh = desk.sim.grant(super::ANA, &super::SCOPES)?;
    assert_eq!(form(&desk, "/v2/oauth/revoke/", &late).await?.at("/error"), "invalid_grant");
    assert_eq!(ask(&fresh.access).await?, (200, "ok".into()), "an expired token revokes nothing");
    let pairs = |token: &'static str| {
        [("client_key", "awsimclientkey"), ("client_secret", "sim-tiktok-secret"), ("token", token)]
    };
    assert_eq!(form(&desk, "/v2/oauth/revoke/", &pairs("guess")).await?.at("/error"), "invalid_grant");
    let wrong = [("client_key", "awsimclientkey"), ("client_secret", "guess"), ("token", fresh.access.as_str())];
    assert_eq!(form(&desk, "/v2/oauth/revoke/", &wrong).await?.at("/error"), "invalid_client");
    let right =
        [("client_key", "awsimclientkey"), ("client_secret", "sim-tiktok-secret"), ("token", fresh.access.as_str())];
    assert_eq!(form(&desk, "/v2/oauth/revoke/", &right).await?.json(), json!({}));
    assert_eq!(ask(&fresh.access).await?, dead);
    assert_eq!(renew(&desk, &fresh.refresh).await?.at("/error"), "invalid_grant", "its refresh token is gone as well");
    Ok(())
}

#[tokio::test]
async fn desktop_apps_prove_their_code_in_hex_and_web_apps_not_at_all() -> anyhow::Result<()> {
    let (verifier, hex) = (
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3",
    );
    let rfc = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let with = |challenge: &'static str| {
        [&ASK[..], &[("code_challenge", challenge), ("code_challenge_method", "S256")]].concat()
    };
    let desk = desk_with(TikTokOptions { app: App::Desktop, ..options() }).await?;
    assert_eq!(consent(&desk, &ASK).await?.status, 400);
    assert_eq!(consent(&desk, &with(rfc)).await?.status, 400, "the other encoding");
    for (word, wanted) in [("guess", "invalid_request"), (verifier, "")] {
        let code = back(&desk, &with(hex)).await?("code");
        let pairs = replaced(&EXCHANGE, "code", &code);
        let seen = form(&desk, "/v2/oauth/token/", &[&pairs[..], &[("code_verifier", word)]].concat()).await?;
        assert_eq!(seen.at("/error"), wanted);
    }
    let web = super::desk().await?;
    let code = back(&web, &with(rfc)).await?("code");
    assert_eq!(exchange(&web, &code).await?.status, 200);
    Ok(())
}
