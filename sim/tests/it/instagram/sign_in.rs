//! Both ways in and what tokens die of (dossier §1, §1b, §2, §5).

use anyhow::Context;
use reqwest::Url;
use serde_json::{Value, json};
use socrazi_sim::instagram::{InstagramOptions, Login, Tuning, dead};

use super::{ANA, BEN, CALLBACK, Desk, FACEBOOK_SCOPES, PERSON, Pairs, SCOPES, codes, desk, desk_with, options};
use crate::desk::hmac_hex;

const ASK: [(&str, &str); 5] = [
    ("client_id", "9000000000000001"),
    ("redirect_uri", CALLBACK),
    ("response_type", "code"),
    ("scope", "instagram_business_basic,instagram_business_content_publish"),
    ("state", "s&1"),
];
const FACEBOOK: [(&str, &str); 4] = [
    ("client_id", "5000000000000001"),
    ("redirect_uri", CALLBACK),
    ("scope", "instagram_basic,instagram_content_publish,pages_show_list"),
    ("state", "s"),
];
const EXCHANGE: [(&str, &str); 5] = [
    ("client_id", "9000000000000001"),
    ("client_secret", "sim-instagram-secret"),
    ("grant_type", "authorization_code"),
    ("redirect_uri", CALLBACK),
    ("code", ""),
];

fn replaced<'a>(pairs: Pairs<'a>, name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    pairs.iter().map(|(key, old)| (*key, if *key == name { value } else { *old })).collect()
}

async fn sent(desk: &Desk, path: &str, pairs: Pairs<'_>) -> anyhow::Result<Url> {
    let answer = desk.http.get(desk.sim.url().join(path)?).query(pairs).send().await?;
    anyhow::ensure!(answer.status() == 302, "{}", answer.status());
    Ok(Url::parse(answer.headers()["location"].to_str()?)?)
}

fn pair(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

async fn form(desk: &Desk, pairs: Pairs<'_>) -> anyhow::Result<(u16, Value)> {
    let answer = desk.http.post(desk.sim.url().join("/oauth/access_token")?).form(pairs).send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

async fn code(desk: &Desk) -> anyhow::Result<String> {
    Ok(pair(&sent(desk, "/oauth/authorize", &ASK).await?, "code"))
}

#[tokio::test]
async fn consent_refuses_what_the_app_is_not_and_sends_back_what_was_decided() -> anyhow::Result<()> {
    let desk = desk().await?;
    for (name, value, wanted) in [
        ("client_id", "5000000000000001", 101),
        ("redirect_uri", "http://127.0.0.1:9/other", 191),
        ("response_type", "token", 100),
        ("scope", "business_basic", 100),
        ("scope", "instagram_basic", 100),
        ("scope", "", 100),
    ] {
        let (status, body) = desk.get("/oauth/authorize", &replaced(&ASK, name, value)).await?;
        assert_eq!((status, codes(&body).0), (400, wanted), "{name} {value}");
    }
    let allowed = sent(&desk, "/oauth/authorize", &ASK).await?;
    assert_eq!((allowed.fragment(), pair(&allowed, "state")), (Some("_"), "s&1".into()));
    let denied = sent(&desk, "/oauth/authorize", &[&ASK[..], &[("decision", "cancel")]].concat()).await?;
    assert_eq!(
        (pair(&denied, "error"), pair(&denied, "error_reason"), pair(&denied, "code")),
        ("access_denied".into(), "user_denied".into(), String::new())
    );
    let asking = desk_with(InstagramOptions { auto_consent: false, ..options() }).await?;
    let hostile = replaced(&ASK, "state", "\"><script>");
    let page = asking.http.get(asking.sim.url().join("/oauth/authorize")?).query(&hostile).send().await?;
    assert!(page.status() == 200);
    let page = page.text().await?;
    assert!(page.contains("SIMULATION") && !page.contains("<script>"));
    Ok(())
}

#[tokio::test]
async fn a_code_is_spent_once_within_the_hour_in_a_form() -> anyhow::Result<()> {
    let desk = desk().await?;
    let first = code(&desk).await?;
    let refused = |message: &str| (400, json!({"error_type": "OAuthException", "code": 400, "error_message": message}));
    let tailed = format!("{first}#_");
    assert_eq!(form(&desk, &replaced(&EXCHANGE, "code", &tailed)).await?, refused("Invalid authorization code"));
    let pairs = replaced(&EXCHANGE, "code", &first);
    let as_json: Value =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into();
    let answer = desk.http.post(desk.sim.url().join("/oauth/access_token")?).json(&as_json).send().await?;
    assert_eq!(answer.status(), 400, "never JSON");
    assert_eq!(
        form(&desk, &replaced(&pairs, "client_secret", "guess")).await?,
        refused("Error validating client secret.")
    );
    let mut parts = reqwest::multipart::Form::new();
    for (name, value) in pairs.clone() {
        parts = parts.text(name.to_owned(), value.to_owned());
    }
    let granted: Value =
        desk.http.post(desk.sim.url().join("/oauth/access_token")?).multipart(parts).send().await?.json().await?;
    assert_eq!(
        (&granted["data"][0]["user_id"], &granted["data"][0]["permissions"]),
        (&json!("27000000000000011"), &json!("instagram_business_basic,instagram_business_content_publish"))
    );
    assert_eq!(form(&desk, &pairs).await?, refused("Invalid authorization code"));
    let (inside, outside) = (code(&desk).await?, code(&desk).await?);
    desk.clock.advance_ms(3_600_000 - 2_000);
    desk.sim.tune(Tuning { is_flat: true, ..Tuning::default() });
    let (_, flat) = form(&desk, &replaced(&EXCHANGE, "code", &inside)).await?;
    assert_eq!(flat["user_id"], json!(27_000_000_000_000_011_u64));
    assert_eq!(flat["permissions"], json!(["instagram_business_basic", "instagram_business_content_publish"]));
    desk.clock.advance_ms(3_000);
    assert_eq!(form(&desk, &replaced(&EXCHANGE, "code", &outside)).await?, refused("Invalid authorization code"));
    let moved = code(&desk).await?;
    let pairs = replaced(&EXCHANGE, "redirect_uri", "http://127.0.0.1:9/other");
    assert_eq!(form(&desk, &replaced(&pairs, "code", &moved)).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn a_short_token_becomes_a_long_one_that_refreshes_between_a_day_and_its_end() -> anyhow::Result<()> {
    let desk = desk().await?;
    let (_, granted) = form(&desk, &replaced(&EXCHANGE, "code", &code(&desk).await?)).await?;
    let short = granted["data"][0]["access_token"].as_str().context("no token")?.to_owned();
    let lengthen =
        [("grant_type", "ig_exchange_token"), ("client_secret", "sim-instagram-secret"), ("access_token", &short)];
    let (_, long) = desk.get("/access_token", &lengthen).await?;
    assert_eq!((&long["expires_in"], &long["token_type"]), (&json!(5_184_000), &json!("bearer")));
    let long = long["access_token"].as_str().context("no token")?.to_owned();
    assert_eq!(codes(&desk.get("/access_token", &replaced(&lengthen, "access_token", &long)).await?.1).0, 452);
    assert_eq!(codes(&desk.get("/access_token", &replaced(&lengthen, "client_secret", "guess")).await?.1).0, 1);
    let refresh = [("grant_type", "ig_refresh_token"), ("access_token", long.as_str())];
    desk.clock.advance_ms(86_400_000 - 5_000);
    assert_eq!(codes(&desk.get("/refresh_access_token", &refresh).await?.1).0, 10, "younger than a day");
    desk.clock.advance_ms(5_000);
    let (status, fresh) = desk.get("/refresh_access_token", &refresh).await?;
    assert!(status == 200 && fresh["access_token"] != long.as_str() && fresh["permissions"].is_string());
    let (status, gone) = desk.get("/v25.0/me", &[("access_token", &short)]).await?;
    assert_eq!((status, codes(&gone)), (400, (190, 463)), "an hour long");
    desk.clock.advance_ms(59 * 86_400_000);
    assert_eq!(
        codes(&desk.get("/refresh_access_token", &refresh).await?.1),
        (190, 463),
        "sixty days without a refresh"
    );
    Ok(())
}

#[tokio::test]
async fn every_way_for_a_token_to_die_has_its_number() -> anyhow::Result<()> {
    let desk = desk().await?;
    assert_eq!(codes(&desk.get("/v25.0/me", &[("access_token", "guess")]).await?.1).0, 190);
    for subcode in [458, 459, 460, 463, 464, 467, 492] {
        desk.sim.kill(ANA, subcode)?;
        let (status, body) = desk.get("/v25.0/me", &[]).await?;
        assert_eq!((status, codes(&body), &body["error"]["type"]), (400, (190, subcode), &json!("OAuthException")));
    }
    assert_eq!(codes(&dead(None).body()), (190, 0));
    let bare = desk.http.get(desk.sim.url().join("/v25.0/me")?).send().await?.json::<Value>().await?;
    assert_eq!(codes(&bare).0, 104);
    let other = desk.sim.grant(Login::Instagram, BEN, &SCOPES)?.value;
    let header = desk.http.get(desk.sim.url().join("/v25.0/me")?).bearer_auth(other).send().await?;
    assert_eq!(header.status(), 200, "somebody else's lives, and may come in the header");
    Ok(())
}

#[tokio::test]
async fn facebook_login_finds_accounts_by_their_pages_whose_tokens_do_not_end() -> anyhow::Result<()> {
    let desk = desk().await?;
    assert_eq!(
        codes(&desk.get("/v25.0/dialog/oauth", &replaced(&FACEBOOK, "client_id", "9000000000000001")).await?.1).0,
        101
    );
    let back = sent(&desk, "/v25.0/dialog/oauth", &FACEBOOK).await?;
    let code = pair(&back, "code");
    let ask = [
        ("client_id", "5000000000000001"),
        ("client_secret", "sim-meta-secret"),
        ("redirect_uri", CALLBACK),
        ("code", code.as_str()),
    ];
    let (_, short) = desk.get("/v25.0/oauth/access_token", &ask).await?;
    let short = short["access_token"].as_str().context("no token")?.to_owned();
    assert_eq!(codes(&desk.get("/v25.0/oauth/access_token", &ask).await?.1), (100, 36_009));
    let lengthen = [
        ("grant_type", "fb_exchange_token"),
        ("client_id", "5000000000000001"),
        ("client_secret", "sim-meta-secret"),
        ("fb_exchange_token", short.as_str()),
    ];
    let (_, long) = desk.get("/v25.0/oauth/access_token", &lengthen).await?;
    let long = long["access_token"].as_str().context("no token")?.to_owned();
    let fields = "id,name,access_token,instagram_business_account{id,username}";
    let (_, first) =
        desk.get("/v25.0/me/accounts", &[("fields", fields), ("limit", "1"), ("access_token", &long)]).await?;
    let after = first["paging"]["cursors"]["after"].as_str().context("one page of pages")?;
    let (_, second) =
        desk.get("/v25.0/me/accounts", &[("fields", fields), ("after", after), ("access_token", &long)]).await?;
    let far = [("fields", fields), ("after", "QVFI18446744073709551615"), ("access_token", &long)];
    assert_eq!(desk.get("/v25.0/me/accounts", &far).await?, (200, json!({"data": []})), "past the end is nothing");
    let linked =
        |body: &Value| body["data"][0]["instagram_business_account"]["id"].as_str().unwrap_or_default().to_owned();
    assert_eq!((linked(&first), linked(&second), second.get("paging")), (ANA.into(), BEN.into(), None));
    let page = first["data"][0]["access_token"].as_str().context("no token")?.to_owned();
    let (_, who) = desk.get(&format!("/v25.0/{ANA}"), &[("fields", "id,username"), ("access_token", &page)]).await?;
    assert_eq!(who, json!({"id": ANA, "username": "socrazi_demo"}));
    assert_eq!(
        codes(&desk.get(&format!("/v25.0/{BEN}"), &[("access_token", &page)]).await?.1),
        (100, 33),
        "another page's"
    );
    let app = "5000000000000001|sim-meta-secret";
    let look = async |token: &str| {
        anyhow::Ok(
            desk.get("/v25.0/debug_token", &[("input_token", token), ("access_token", app)]).await?.1["data"].clone(),
        )
    };
    assert_eq!((&look(&page).await?["type"], &look(&page).await?["expires_at"]), (&json!("PAGE"), &json!(0)));
    desk.clock.advance_ms(61 * 86_400_000);
    assert_eq!((&look(&long).await?["is_valid"], &look(&page).await?["is_valid"]), (&json!(false), &json!(true)));
    assert_eq!(codes(&desk.get("/v25.0/debug_token", &[("input_token", &page)]).await?.1).0, 190);
    Ok(())
}

#[tokio::test]
async fn permissions_can_be_declined_proved_and_taken_back() -> anyhow::Result<()> {
    let desk = desk_with(InstagramOptions { needs_proof: true, ..options() }).await?;
    let back =
        sent(&desk, "/v25.0/dialog/oauth", &[&FACEBOOK[..], &[("declined", "instagram_content_publish")]].concat())
            .await?;
    let ask = [
        ("client_id", "5000000000000001"),
        ("client_secret", "sim-meta-secret"),
        ("redirect_uri", CALLBACK),
        ("code", &pair(&back, "code")),
    ];
    let (_, granted) = form(&desk, &ask).await?;
    let token = granted["access_token"].as_str().context("no token")?;
    assert_eq!(codes(&desk.get("/v25.0/me/permissions", &[("access_token", token)]).await?.1).0, 100, "no proof");
    let guess = [("access_token", token), ("appsecret_proof", "00")];
    assert_eq!(codes(&desk.get("/v25.0/me/permissions", &guess).await?.1).0, 100);
    let proof = hmac_hex("sim-meta-secret", token.as_bytes())?;
    let proved = [("access_token", token), ("appsecret_proof", &proof)];
    let (status, held) = desk.get("/v25.0/me/permissions", &proved).await?;
    let told =
        [("instagram_basic", "granted"), ("pages_show_list", "granted"), ("instagram_content_publish", "declined")];
    let told = told.map(|(name, status)| json!({"permission": name, "status": status}));
    assert_eq!((status, held), (200, json!({"data": told})), "what was declined is told as declined");
    drop(desk);
    let desk = super::desk().await?;
    let token = desk.sim.grant(Login::Facebook, PERSON, &FACEBOOK_SCOPES)?.value;
    let page = desk.sim.grant(Login::Page, "11000000000000011", &FACEBOOK_SCOPES)?.value;
    let (_, held) = desk.get("/v25.0/me/permissions", &[("access_token", &token)]).await?;
    assert_eq!(held["data"][0], json!({"permission": "instagram_basic", "status": "granted"}));
    assert_eq!(codes(&desk.get("/v25.0/me/permissions", &[]).await?.1), (100, 33), "no call of Instagram Login");
    let (_, gone) = desk.call(reqwest::Method::DELETE, "/v25.0/me/permissions", &[("access_token", &token)]).await?;
    assert_eq!(gone, json!({"success": true}));
    for token in [&token, &page] {
        assert_eq!(codes(&desk.get("/v25.0/me", &[("access_token", token)]).await?.1), (190, 458));
    }
    Ok(())
}

#[tokio::test]
async fn the_profile_has_two_ids_and_the_fields_of_its_flavour() -> anyhow::Result<()> {
    let desk = desk().await?;
    let fields =
        [("fields", "id,user_id,username,name,account_type,profile_picture_url,followers_count,media_count,biography")];
    let (_, me) = desk.get("/v25.0/me", &fields).await?;
    assert_eq!(
        (&me["id"], &me["user_id"], &me["account_type"]),
        (&json!("27000000000000011"), &json!(ANA), &json!("BUSINESS"))
    );
    assert!(me.get("biography").is_none(), "nothing was filled in");
    let picture = desk.http.get(me["profile_picture_url"].as_str().context("no picture")?).send().await?;
    let bytes = picture.bytes().await?;
    let is_picture = [&b"\xFF\xD8\xFF"[..], b"\x89PNG\r\n\x1a\n"].iter().any(|begin| bytes.starts_with(begin));
    assert!(is_picture, "{:?}", bytes.first_chunk::<8>());
    assert_eq!(codes(&desk.get("/v25.0/27000000000000011", &[]).await?.1), (100, 33), "the scoped id is for no path");
    assert_eq!(codes(&desk.get(&format!("/v25.0/{BEN}"), &[]).await?.1), (100, 33));
    assert_eq!(codes(&desk.get("/v25.0/me", &[("fields", "birthday")]).await?.1).0, 100);
    let page = desk.sim.grant(Login::Page, "11000000000000011", &FACEBOOK_SCOPES)?.value;
    let refused = desk.get(&format!("/v25.0/{ANA}"), &[("fields", "account_type"), ("access_token", &page)]).await?;
    assert_eq!(codes(&refused.1).0, 100);
    let narrow = desk.sim.grant(Login::Instagram, ANA, &["instagram_business_content_publish"])?.value;
    assert_eq!(codes(&desk.get("/v25.0/me", &[("access_token", &narrow)]).await?.1).0, 10);
    Ok(())
}
