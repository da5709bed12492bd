//! Consent, tokens and what a bearer is answered (dossier §1, §2).

use anyhow::Context;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use socrazi_sim::linkedin::{LinkedInOptions, Tuning};

use super::{ANA, CALLBACK, Desk, SELF_SERVE, desk, desk_with, options, partner, text_post};
use crate::desk::Seen;

type Pairs<'a> = &'a [(&'a str, &'a str)];

const ASK: [(&str, &str); 5] = [
    ("response_type", "code"),
    ("client_id", "86simclientid"),
    ("redirect_uri", CALLBACK),
    ("scope", "openid profile w_member_social"),
    ("state", "s&1"),
];

fn replaced<'a>(pairs: Pairs<'a>, name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    pairs.iter().map(|(key, old)| (*key, if *key == name { value } else { *old })).collect()
}

async fn consent(desk: &Desk, pairs: Pairs<'_>) -> anyhow::Result<Seen> {
    desk.send(desk.raw(Method::GET, "/oauth/v2/authorization")?.query(pairs)).await
}

fn back(seen: &Seen) -> anyhow::Result<impl Fn(&str) -> String + use<>> {
    anyhow::ensure!(seen.status == 302, "{} {}", seen.status, seen.text);
    let url = Url::parse(&seen.header("location"))?;
    Ok(move |name: &str| {
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    })
}

async fn code(desk: &Desk, scope: &str) -> anyhow::Result<String> {
    Ok(back(&consent(desk, &replaced(&ASK, "scope", scope)).await?)?("code"))
}

const EXCHANGE: [(&str, &str); 5] = [
    ("grant_type", "authorization_code"),
    ("code", ""),
    ("client_id", "86simclientid"),
    ("client_secret", "sim-linkedin-secret"),
    ("redirect_uri", CALLBACK),
];

async fn form(desk: &Desk, path: &str, pairs: Pairs<'_>) -> anyhow::Result<Seen> {
    desk.send(desk.raw(Method::POST, path)?.form(pairs)).await
}

async fn exchange(desk: &Desk, code: &str) -> anyhow::Result<Seen> {
    form(desk, "/oauth/v2/accessToken", &replaced(&EXCHANGE, "code", code)).await
}

#[tokio::test]
async fn what_is_wrong_with_the_address_is_shown_and_everything_else_sent_back() -> anyhow::Result<()> {
    let desk = desk().await?;
    for (name, value) in
        [("client_id", "x"), ("redirect_uri", "http://127.0.0.1:9/other"), ("redirect_uri", "http://127.0.0.1:9/cb#x")]
    {
        let seen = consent(&desk, &replaced(&ASK, name, value)).await?;
        assert!(seen.status == 400 && seen.text.contains("SIMULATION"), "{name} {value}");
    }
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "openid r_member_social", "unauthorized_scope_error"),
        ("scope", "w_organization_social", "unauthorized_scope_error"),
        ("scope", "", "invalid_request"),
    ] {
        let pair = back(&consent(&desk, &replaced(&ASK, name, value)).await?)?;
        assert_eq!((pair("error"), pair("code"), pair("state")), (error.into(), String::new(), "s&1".into()));
    }
    for (decision, error) in [("cancel", "user_cancelled_authorize"), ("leave", "user_cancelled_login")] {
        let pair = back(&consent(&desk, &[&ASK[..], &[("decision", decision)]].concat()).await?)?;
        assert_eq!((pair("error"), pair("state")), (error.into(), "s&1".into()));
    }
    Ok(())
}

#[tokio::test]
async fn a_person_sees_a_page_first_and_may_choose_who_they_are() -> anyhow::Result<()> {
    let desk = desk_with(LinkedInOptions { auto_consent: false, ..options() }, &SELF_SERVE).await?;
    let hostile = replaced(&ASK, "state", "\"><script>");
    let page = consent(&desk, &hostile).await?;
    assert!(page.status == 200 && page.text.contains("Ben Sato") && !page.text.contains("<script>"));
    let guess = form(&desk, "/oauth/v2/authorization", &[&ASK[..], &[("decision", "maybe")]].concat()).await?;
    assert_eq!((guess.status, guess.header("location")), (400, String::new()), "only a yes is one");
    let pairs = [&ASK[..], &[("decision", "allow"), ("user", "9kXw_Zs-1")]].concat();
    let sent = form(&desk, "/oauth/v2/authorization", &pairs).await?;
    let token = exchange(&desk, &back(&sent)?("code")).await?.at("/access_token");
    let seen = desk.send(desk.raw(Method::GET, "/v2/userinfo")?.bearer_auth(token)).await?;
    assert_eq!((seen.at("/sub"), seen.at("/name")), ("9kXw_Zs-1".into(), "Ben Sato".into()));
    Ok(())
}

#[tokio::test]
async fn a_code_is_good_once_for_half_an_hour_and_its_own_address() -> anyhow::Result<()> {
    let desk = desk().await?;
    let scope = "openid profile w_member_social";
    let first = code(&desk, scope).await?;
    let granted = exchange(&desk, &first).await?;
    assert_eq!(
        (granted.status, granted.at("/expires_in"), granted.at("/token_type")),
        (200, "5184000".into(), "Bearer".into())
    );
    assert_eq!(granted.at("/scope"), "openid,profile,w_member_social");
    assert!(granted.at("/access_token").len() == 1_200 && granted.at("/id_token").split('.').count() == 3);
    assert!(granted.json().get("refresh_token").is_none(), "self-serve apps get none");
    let again = exchange(&desk, &first).await?;
    assert_eq!((again.status, again.at("/error")), (400, "invalid_request".into()));
    assert!(again.text.contains("authorization code not found"));
    let (inside, outside) = (code(&desk, scope).await?, code(&desk, scope).await?);
    desk.clock.advance_ms(30 * 60_000 - 2_000);
    assert_eq!(exchange(&desk, &inside).await?.status, 200);
    desk.clock.advance_ms(3_000);
    assert_eq!(exchange(&desk, &outside).await?.status, 400);
    let moved = replaced(&EXCHANGE, "redirect_uri", "http://127.0.0.1:9/other");
    let value = code(&desk, scope).await?;
    assert_eq!(form(&desk, "/oauth/v2/accessToken", &replaced(&moved, "code", &value)).await?.status, 400);
    desk.sim.tune(Tuning { scope_separator: ' ', ..Tuning::default() });
    let value = code(&desk, scope).await?;
    assert_eq!(exchange(&desk, &value).await?.at("/scope"), scope);
    Ok(())
}

#[tokio::test]
async fn the_app_proves_itself_in_a_form_and_nowhere_else() -> anyhow::Result<()> {
    let desk = desk().await?;
    let path = "/oauth/v2/accessToken";
    let value = code(&desk, "openid").await?;
    let pairs = replaced(&EXCHANGE, "code", &value);
    let without: Vec<_> = pairs.iter().copied().filter(|(name, _)| *name != "client_secret").collect();
    let basic = desk.raw(Method::POST, path)?.basic_auth("86simclientid", Some("sim-linkedin-secret")).form(&without);
    assert_eq!(desk.send(basic).await?.at("/error"), "invalid_request");
    let as_json: Value =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into();
    assert_eq!(desk.send(desk.raw(Method::POST, path)?.json(&as_json)).await?.status, 400);
    let wrong = form(&desk, path, &replaced(&pairs, "client_secret", "guess")).await?;
    assert_eq!((wrong.status, wrong.at("/error")), (401, "invalid_client".into()));
    for (grant, status, error) in [
        ("client_credentials", 401, "access_denied"),
        ("password", 400, "unsupported_grant_type"),
        ("refresh_token", 400, "invalid_request"),
    ] {
        let seen = form(&desk, path, &replaced(&pairs, "grant_type", grant)).await?;
        assert_eq!((seen.status, seen.at("/error")), (status, error.into()));
    }
    assert_eq!(exchange(&desk, &value).await?.status, 200, "nothing above spent the code");
    Ok(())
}

#[tokio::test]
async fn partners_refresh_within_the_year_of_the_consent() -> anyhow::Result<()> {
    let desk = desk_with(partner(), &SELF_SERVE).await?;
    let value = code(&desk, "openid profile w_member_social").await?;
    let granted = exchange(&desk, &value).await?;
    let refresh = granted.at("/refresh_token");
    assert_eq!(granted.at("/refresh_token_expires_in"), "31536000");
    let renew = async |refresh: &str| {
        let pairs = [&EXCHANGE[2..4], &[("grant_type", "refresh_token"), ("refresh_token", refresh)]].concat();
        form(&desk, "/oauth/v2/accessToken", &pairs).await
    };
    desk.clock.advance_ms(100 * 86_400_000);
    let renewed = renew(&refresh).await?;
    assert_ne!(renewed.at("/access_token"), granted.at("/access_token"));
    assert_eq!((renewed.at("/expires_in"), renewed.at("/refresh_token")), ("5184000".into(), refresh.clone()));
    let left: i64 = renewed.at("/refresh_token_expires_in").parse()?;
    assert!((265 * 86_400 - 5..=265 * 86_400).contains(&left), "{left}");
    assert_eq!(renew("guess").await?.at("/error"), "invalid_grant");
    desk.clock.advance_ms(265 * 86_400_000);
    assert_eq!(renew(&refresh).await?.at("/error"), "invalid_grant");
    Ok(())
}

async fn bearer(desk: &Desk, token: &str) -> anyhow::Result<(u16, String, String)> {
    let seen =
        desk.send(desk.raw(Method::GET, "/v2/userinfo")?.header("Authorization", format!("Bearer {token}"))).await?;
    Ok((seen.status, seen.at("/code"), seen.at("/serviceErrorCode")))
}

#[tokio::test]
async fn dead_tokens_say_how_they_died() -> anyhow::Result<()> {
    let desk = desk().await?;
    let dead = |code: &str, number: &str| (401, code.to_owned(), number.to_owned());
    assert_eq!(bearer(&desk, "").await?, dead("EMPTY_ACCESS_TOKEN", "65604"));
    assert_eq!(bearer(&desk, "guess").await?, dead("INVALID_ACCESS_TOKEN", "65600"));
    assert_eq!(desk.send(desk.raw(Method::GET, "/v2/userinfo")?).await?.at("/code"), "EMPTY_ACCESS_TOKEN");
    assert_eq!(bearer(&desk, &desk.token).await?.0, 200);
    desk.control("remove_app", &json!({"member": "782bbtaQ"})).await?;
    assert_eq!(bearer(&desk, &desk.token).await?, dead("REVOKED_ACCESS_TOKEN", "65601"));
    let fresh = desk.sim.grant("782bbtaQ", &SELF_SERVE)?.value;
    desk.clock.advance_ms(5_184_000_000 - 1_000);
    assert_eq!(bearer(&desk, &fresh).await?.0, 200);
    desk.clock.advance_ms(1_000);
    assert_eq!(bearer(&desk, &fresh).await?, dead("EXPIRED_ACCESS_TOKEN", "65602"));
    Ok(())
}

#[tokio::test]
async fn another_set_of_scopes_kills_the_member_s_earlier_tokens() -> anyhow::Result<()> {
    let desk = desk().await?;
    let same = desk.sim.grant("782bbtaQ", &["w_member_social", "profile", "openid"])?.value;
    assert_eq!(bearer(&desk, &desk.token).await?.0, 200, "the same set in another order");
    let other = desk.sim.grant("9kXw_Zs-1", &["openid"])?.value;
    assert_eq!(bearer(&desk, &same).await?.0, 200, "another member's consent");
    let narrow = desk.sim.grant("782bbtaQ", &["openid"])?.value;
    for token in [&desk.token, &same] {
        assert_eq!(bearer(&desk, token).await?.1, "REVOKED_ACCESS_TOKEN");
    }
    assert_eq!((bearer(&desk, &narrow).await?.0, bearer(&desk, &other).await?.0), (200, 200));
    Ok(())
}

#[tokio::test]
async fn introspection_tells_active_expired_and_revoked() -> anyhow::Result<()> {
    let desk = desk().await?;
    let ask = async |path: &str, token: &str| form(&desk, path, &[&EXCHANGE[2..4], &[("token", token)]].concat()).await;
    let look = async |token: &str| {
        let seen = ask("/oauth/v2/introspectToken", token).await?;
        anyhow::Ok((seen.at("/active"), seen.at("/status")))
    };
    let first = desk.token.clone();
    assert_eq!(look(&first).await?, ("true".into(), "active".into()));
    assert_eq!(look("guess").await?.0, "false");
    assert_eq!(ask("/oauth/v2/revoke", &first).await?.status, 200);
    assert_eq!(look(&first).await?, ("false".into(), "revoked".into()));
    let second = desk.sim.grant("782bbtaQ", &SELF_SERVE)?.value;
    desk.clock.advance_ms(5_184_000_000);
    assert_eq!(look(&second).await?, ("false".into(), "expired".into()));
    Ok(())
}

#[tokio::test]
async fn the_profile_shows_what_the_scopes_open() -> anyhow::Result<()> {
    let desk = desk_with(options(), &["openid", "profile", "email"]).await?;
    let seen = desk.send(desk.raw(Method::GET, "/v2/userinfo")?.bearer_auth(&desk.token)).await?;
    assert_eq!(
        (seen.at("/sub"), seen.at("/given_name"), seen.at("/email")),
        ("782bbtaQ".into(), "Ana".into(), "ana@members.example".into())
    );
    let picture = desk.http.get(seen.json()["picture"].as_str().context("no picture")?).send().await?;
    assert!(picture.bytes().await?.starts_with(b"\x89PNG"));
    let bare = desk.sim.grant("782bbtaQ", &["openid"])?.value;
    let seen = desk.send(desk.raw(Method::GET, "/v2/userinfo")?.bearer_auth(bare)).await?;
    assert_eq!(seen.json(), json!({"sub": "782bbtaQ"}));
    let none = desk.sim.grant("782bbtaQ", &["w_member_social"])?.value;
    assert_eq!(desk.send(desk.raw(Method::GET, "/v2/userinfo")?.bearer_auth(none)).await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn calls_name_a_live_version_and_the_protocol() -> anyhow::Result<()> {
    let desk = desk().await?;
    let post = async |version: Option<&str>, protocol: Option<&str>, text: &str| {
        let mut request = desk.raw(Method::POST, "/rest/posts")?.bearer_auth(&desk.token).json(&text_post(text));
        for (name, value) in [("LinkedIn-Version", version), ("X-Restli-Protocol-Version", protocol)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let seen = desk.send(request).await?;
        anyhow::Ok((seen.status, seen.at("/code")))
    };
    assert_eq!(post(None, Some("2.0.0"), "a").await?, (400, "VERSION_MISSING".into()));
    assert_eq!(post(Some("202501"), Some("2.0.0"), "a").await?, (426, "NONEXISTENT_VERSION".into()));
    assert_eq!(post(Some("202609"), None, "a").await?, (400, "ILLEGAL_ARGUMENT".into()));
    assert_eq!(post(Some("202609"), Some("1.0.0"), "a").await?.0, 400);
    assert_eq!(post(Some("202609"), Some("2.0.0"), "a").await?.0, 201);
    assert_eq!(post(Some("202609.01"), Some("2.0.0"), "b").await?.0, 201);
    desk.sim.tune(Tuning { versions: vec!["202610".into()], ..Tuning::default() });
    assert_eq!(post(Some("202609"), Some("2.0.0"), "c").await?.0, 426, "it was put to rest overnight");
    assert_eq!(desk.sim.ledger().iter().map(|entry| entry.account_id.as_str()).collect::<Vec<_>>(), [ANA, ANA]);
    Ok(())
}
