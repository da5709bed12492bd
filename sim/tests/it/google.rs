//! Signing in to the simulated Google, asked over HTTP: consent, codes, tokens, id_tokens, and what every call is
//! refused for (dossier google.md §1, §3, §8). Each service has its own file beside this one.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::{Client, Method, Url, redirect};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use socrazi_sim::google::{GoogleOptions, GoogleSim, GoogleTuning};
use socrazi_sim::{Fault, FaultKind, RateBody, SimClock};

use crate::desk::{Seen, client};

pub(crate) const ANA: &str = "ana@example.test";
pub(crate) const BEN: &str = "ben@example.test";
const CALLBACK: &str = "http://127.0.0.1:9/connect/google/callback";
const VERIFIER: &str = "abcdefghijklmnopqrstuvwxyz0123456789-._~ABCDEFG";
const PREFIX: &str = "https://www.googleapis.com/auth/";
const CLIENT: &str = "1000000000001-sim.apps.googleusercontent.com";
const SECRET: &str = "GOCSPX-sim-google-secret";

/// A simulator with somebody in front of it.
pub(crate) struct Desk {
    pub(crate) sim: GoogleSim,
    pub(crate) clock: SimClock,
    pub(crate) http: Client,
    pub(crate) token: String,
}

/// A scope in full.
pub(crate) fn scope(short: &str) -> String {
    format!("{PREFIX}{short}")
}

impl Desk {
    pub(crate) async fn start(options: GoogleOptions) -> anyhow::Result<Self> {
        let clock = SimClock::new();
        let sim = GoogleSim::start(options, clock.clone()).await?;
        let http = client(Client::builder().redirect(redirect::Policy::none()))?;
        let mut desk = Self { sim, clock, http, token: String::new() };
        desk.token = desk.granted(ANA, &["analytics.readonly"])?;
        Ok(desk)
    }

    pub(crate) async fn new() -> anyhow::Result<Self> {
        let options =
            GoogleOptions { redirect_uris: vec![CALLBACK.into()], auto_consent: true, ..GoogleOptions::default() };
        Self::start(options).await
    }

    /// An access token with these scopes, given in short.
    pub(crate) fn granted(&self, user: &str, scopes: &[&str]) -> anyhow::Result<String> {
        let scopes: Vec<String> = scopes.iter().map(|short| scope(short)).collect();
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        Ok(self.sim.grant(user, &scopes)?.access)
    }

    /// Moves the clock to an hour's beginning that is noon in California, far from where quotas begin anew, and grants
    /// anew.
    pub(crate) fn at_noon(&mut self, scopes: &[&str]) -> anyhow::Result<()> {
        const DAY_MS: i64 = 86_400_000;
        let in_day = self.clock.now_ms().rem_euclid(DAY_MS);
        self.clock.advance_ms((20 * 3_600_000 - in_day).rem_euclid(DAY_MS));
        self.token = self.granted(ANA, scopes)?;
        Ok(())
    }

    pub(crate) fn tune(&self, change: impl FnOnce(&mut GoogleTuning)) {
        let mut tuning = GoogleTuning::default();
        change(&mut tuning);
        self.sim.tune(tuning);
    }

    pub(crate) async fn seen(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Seen> {
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Seen { status, headers, text: answer.text().await? })
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Seen> {
        self.seen(self.http.get(self.sim.url().join(path)?).bearer_auth(&self.token)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Seen> {
        self.seen(self.http.post(self.sim.url().join(path)?).bearer_auth(&self.token).json(body)).await
    }

    async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> anyhow::Result<Seen> {
        self.seen(self.http.post(self.sim.url().join(path)?).form(pairs)).await
    }

    /// Where the consent page sends the person back to.
    async fn consent(&self, more: &[(&str, &str)]) -> anyhow::Result<Url> {
        let seen = self.seen(self.http.get(self.auth(more)?)).await?;
        anyhow::ensure!(seen.status == 302, "{} {}", seen.status, seen.text);
        Ok(Url::parse(&seen.header("location"))?)
    }

    /// The address of the consent page; a pair given later replaces an earlier one.
    fn auth(&self, more: &[(&str, &str)]) -> anyhow::Result<Url> {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut pairs = vec![
            ("client_id", CLIENT),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid email profile"),
            ("state", "s&1"),
            ("access_type", "offline"),
            ("prompt", "consent"),
            ("nonce", "n-1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        pairs.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        pairs.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        let mut url = self.sim.url().join("/o/oauth2/v2/auth")?;
        url.query_pairs_mut().extend_pairs(pairs);
        Ok(url)
    }

    async fn exchange(&self, code: &str, more: &[(&str, &str)]) -> anyhow::Result<Seen> {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
            ("code_verifier", VERIFIER),
        ];
        pairs.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        pairs.extend(more);
        self.form("/token", &pairs).await
    }

    async fn refresh(&self, token: &str) -> anyhow::Result<Seen> {
        let pairs = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
        ];
        self.form("/token", &pairs).await
    }

    /// Signs in and exchanges: the tokens.
    async fn sign_in(&self, more: &[(&str, &str)]) -> anyhow::Result<Value> {
        let target = self.consent(more).await?;
        let seen = self.exchange(&pair(&target, "code"), &[]).await?;
        anyhow::ensure!(seen.status == 200, "{}", seen.text);
        Ok(seen.json())
    }
}

fn pair(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn claims(token: &str) -> anyhow::Result<(Value, Value)> {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap_or_default());
    let mut next = || -> anyhow::Result<Value> { Ok(serde_json::from_slice(&parts.next().context("too short")?)?) };
    Ok((next()?, next()?))
}

/// Whether one of the published keys signed it.
async fn is_signed(desk: &Desk, token: &str) -> anyhow::Result<bool> {
    let keys = desk.get("/oauth2/v3/certs").await?.json();
    let (header, _) = claims(token)?;
    let (signed, signature) = token.rsplit_once('.').context("no signature")?;
    let key = keys["keys"].as_array().context("no keys")?.iter().find(|key| key["kid"] == header["kid"]);
    let Some(key) = key else { return Ok(false) };
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap_or_default()).unwrap_or_default();
    let key = RsaPublicKeyComponents { n: part("n"), e: part("e") };
    let signature = URL_SAFE_NO_PAD.decode(signature)?;
    Ok(key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).is_ok())
}

#[tokio::test]
async fn a_code_is_exchanged_once_with_its_verifier_its_address_and_the_secret() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let target = desk.consent(&[]).await?;
    assert_eq!((pair(&target, "state"), pair(&target, "authuser")), ("s&1".into(), "0".into()));
    assert!(pair(&target, "scope").contains(&scope("userinfo.email")), "short names are answered in full");
    let fresh = async || anyhow::Ok(pair(&desk.consent(&[]).await?, "code"));
    for (wrong, status, error) in [
        (("code_verifier", "wrong"), 400, "invalid_grant"),
        (("code_verifier", ""), 400, "invalid_grant"),
        (("redirect_uri", "http://127.0.0.1:9/other"), 400, "invalid_grant"),
        (("client_secret", "wrong"), 401, "invalid_client"),
        (("client_id", "wrong"), 401, "invalid_client"),
        (("grant_type", "password"), 400, "unsupported_grant_type"),
        (("code", ""), 400, "invalid_request"),
        (("code", "made-up"), 400, "invalid_grant"),
    ] {
        let seen = desk.exchange(&fresh().await?, &[wrong]).await?;
        assert_eq!((seen.status, seen.at("/error").as_str()), (status, error), "{wrong:?}");
    }
    let code = fresh().await?;
    assert!(code.starts_with("4/0A"));
    let seen = desk.exchange(&code, &[]).await?;
    assert_eq!(seen.status, 200, "{}", seen.text);
    assert!(seen.header("cache-control").contains("no-store"));
    assert_eq!((seen.at("/token_type"), seen.at("/expires_in")), ("Bearer".into(), "3599".into()));
    assert!(seen.at("/refresh_token").starts_with("1//0"));
    assert_eq!(desk.exchange(&code, &[]).await?.at("/error"), "invalid_grant", "a code is spent once");
    let late = fresh().await?;
    desk.clock.advance_ms(600_001);
    assert_eq!(desk.exchange(&late, &[]).await?.at("/error"), "invalid_grant", "codes live ten minutes");
    Ok(())
}

#[tokio::test]
async fn basic_authentication_is_as_good_as_the_form() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let code = pair(&desk.consent(&[]).await?, "code");
    let basic = STANDARD.encode(format!("{CLIENT}:{SECRET}"));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let request = desk.http.post(desk.sim.url().join("/token")?).header("authorization", format!("Basic {basic}"));
    assert_eq!(desk.seen(request.form(&form)).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_the_request_is_shown_by_google_and_never_sent_back() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    for (wrong, status, word) in [
        (("client_id", "other"), 401, "invalid_client"),
        (("redirect_uri", "http://127.0.0.1:9/connect/google/callback/"), 400, "redirect_uri_mismatch"),
        (("redirect_uri", "http://10.0.0.1/cb"), 400, "redirect_uri_mismatch"),
        (("response_type", "token"), 400, "unsupported_response_type"),
        (("scope", ""), 400, "invalid_request"),
        (("code_challenge_method", "plain"), 400, "invalid_request"),
        (("code_challenge", "short"), 400, "invalid_request"),
    ] {
        let seen = desk.seen(desk.http.get(desk.auth(&[wrong])?)).await?;
        assert_eq!((seen.status, seen.header("location")), (status, String::new()), "{wrong:?}");
        assert!(seen.text.contains(word), "{wrong:?} {}", seen.text);
    }
    let unknown = desk.consent(&[("scope", "openid https://www.googleapis.com/auth/none")]).await?;
    assert_eq!((pair(&unknown, "error"), pair(&unknown, "state")), ("invalid_scope".into(), "s&1".into()));
    let silent = desk.consent(&[("prompt", "none")]).await?;
    assert_eq!(pair(&silent, "error"), "interaction_required");
    desk.tune(|tuning| tuning.consent_error = Some("admin_policy_enforced".into()));
    assert_eq!(pair(&desk.consent(&[]).await?, "error"), "admin_policy_enforced");
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_comes_only_offline_and_at_the_first_consent_or_a_forced_one() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let ben = ("login_hint", BEN);
    let online = desk.sign_in(&[ben, ("access_type", "online")]).await?;
    assert_eq!(online["refresh_token"], Value::Null);
    let again = desk.sign_in(&[ben, ("prompt", "")]).await?;
    assert_eq!(again["refresh_token"], Value::Null, "consented before, and not asked again");
    assert!(desk.sign_in(&[ben]).await?["refresh_token"].is_string(), "prompt=consent forces one");
    desk.tune(|tuning| tuning.no_refresh_token = true);
    assert_eq!(desk.sign_in(&[ben]).await?["refresh_token"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn a_refresh_keeps_the_refresh_token_unless_it_is_told_to_rotate() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let tokens = desk.sign_in(&[]).await?;
    let refresh = tokens["refresh_token"].as_str().context("none")?;
    let seen = desk.refresh(refresh).await?;
    assert_eq!((seen.status, seen.json()["refresh_token"].clone()), (200, Value::Null));
    assert_ne!(seen.at("/access_token"), tokens["access_token"].as_str().unwrap_or_default());
    desk.tune(|tuning| tuning.rotates = true);
    let rotated = desk.refresh(refresh).await?.json();
    let newer = rotated["refresh_token"].as_str().context("none")?.to_owned();
    assert_eq!(desk.refresh(refresh).await?.at("/error"), "invalid_grant", "the old one is dead");
    assert_eq!(desk.refresh(&newer).await?.status, 200);
    for (switch, status, error) in [("invalid_grant", 400, "invalid_grant"), ("invalid_client", 401, "invalid_client")]
    {
        desk.tune(|tuning| tuning.token_error = Some(switch.into()));
        let seen = desk.refresh(&newer).await?;
        assert_eq!((seen.status, seen.at("/error").as_str()), (status, error));
    }
    desk.tune(|tuning| tuning.token_error = Some("invalid_rapt".into()));
    assert_eq!(desk.refresh(&newer).await?.at("/error_subtype"), "invalid_rapt");
    desk.tune(|tuning| tuning.token_error = Some("server_error".into()));
    assert_eq!(desk.refresh(&newer).await?.status, 500);
    Ok(())
}

#[tokio::test]
async fn an_app_in_testing_loses_its_refresh_token_after_a_week() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    desk.tune(|tuning| tuning.is_testing = true);
    let basic = desk.sign_in(&[]).await?;
    assert_eq!(basic["refresh_token_expires_in"], Value::Null, "a mere sign-in is exempt");
    let asked = format!("openid {}", scope("analytics.readonly"));
    let tokens = desk.sign_in(&[("scope", &asked)]).await?;
    assert_eq!(tokens["refresh_token_expires_in"], 604_800);
    let refresh = tokens["refresh_token"].as_str().context("none")?;
    desk.clock.advance_ms(7 * 86_400_000 - 60_000);
    assert_eq!(desk.refresh(refresh).await?.status, 200);
    desk.clock.advance_ms(60_000);
    assert_eq!(desk.refresh(refresh).await?.at("/error"), "invalid_grant");
    Ok(())
}

#[tokio::test]
async fn the_hundred_and_first_refresh_token_kills_the_oldest() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let grants: Vec<_> = (0..101).map(|_| desk.sim.grant(BEN, &["openid"])).collect::<Result<_, _>>()?;
    let refresh = |at: usize| grants[at].refresh.clone().unwrap_or_default();
    assert_eq!(desk.refresh(&refresh(0)).await?.at("/error"), "invalid_grant");
    assert_eq!(desk.refresh(&refresh(1)).await?.status, 200);
    assert_eq!(desk.refresh(&refresh(100)).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn revoking_any_token_ends_the_whole_grant() -> anyhow::Result<()> {
    let mut desk = Desk::new().await?;
    let first = desk.sign_in(&[]).await?;
    let second = desk.sign_in(&[]).await?;
    let word = |tokens: &Value, name: &str| tokens[name].as_str().unwrap_or_default().to_owned();
    let late = word(&first, "access_token");
    desk.clock.advance_ms(3_600_000);
    let expired = desk.form("/revoke", &[("token", &late)]).await?;
    assert_eq!((expired.status, expired.at("/error").as_str()), (400, "invalid_token"));
    desk.token = desk.granted(ANA, &["analytics.readonly"])?;
    assert_eq!(desk.get("/v1beta/accountSummaries").await?.status, 200);
    let refresh = word(&second, "refresh_token");
    let access = desk.refresh(&refresh).await?.at("/access_token");
    assert_eq!(desk.form("/revoke", &[("token", &access)]).await?.status, 200);
    let again = desk.form("/revoke", &[("token", &access)]).await?;
    assert_eq!((again.status, again.at("/error").as_str()), (400, "invalid_token"));
    let older = word(&first, "refresh_token");
    for refresh in [&refresh, &older] {
        assert_eq!(desk.refresh(refresh).await?.at("/error"), "invalid_grant", "the other connection is dead too");
    }
    assert_eq!(desk.get("/v1beta/accountSummaries").await?.status, 401, "as is what was granted for tests");
    let other = desk.sim.grant(BEN, &["openid"])?.refresh.unwrap_or_default();
    desk.sim.withdraw(ANA)?;
    assert_eq!(desk.refresh(&other).await?.status, 200, "other people are left alone");
    desk.clock.advance_ms(3_600_000);
    assert_eq!(desk.form("/revoke", &[("token", &other)]).await?.status, 200, "a refresh token outlives the access");
    assert_eq!(desk.refresh(&other).await?.at("/error"), "invalid_grant");
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_that_nobody_uses_for_six_months_dies() -> anyhow::Result<()> {
    const HALF_A_YEAR_MS: i64 = 180 * 86_400_000;
    let desk = Desk::new().await?;
    let token = desk.sim.grant(BEN, &["openid"])?.refresh.unwrap_or_default();
    for _ in 0..3 {
        desk.clock.advance_ms(HALF_A_YEAR_MS - 60_000);
        assert_eq!(desk.refresh(&token).await?.status, 200, "every use keeps it alive");
    }
    desk.clock.advance_ms(HALF_A_YEAR_MS + 3_600_000);
    let gone = desk.refresh(&token).await?;
    assert_eq!((gone.status, gone.at("/error").as_str()), (400, "invalid_grant"));
    Ok(())
}

#[tokio::test]
async fn each_scope_can_be_unticked_where_there_is_more_than_one() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let (analytics, webmasters) = (scope("analytics.readonly"), scope("webmasters.readonly"));
    let both = format!("openid {analytics} {webmasters}");
    desk.tune(|tuning| tuning.unticked = vec![analytics.clone()]);
    let tokens = desk.sign_in(&[("login_hint", BEN), ("scope", &both)]).await?;
    assert_eq!(tokens["scope"], format!("{webmasters} openid"));
    let one = format!("openid {analytics}");
    let tokens = desk.sign_in(&[("login_hint", BEN), ("scope", &one)]).await?;
    assert!(tokens["scope"].to_string().contains(&analytics), "a single one has no box");
    desk.tune(|tuning| tuning.unticked = vec![analytics.clone(), webmasters.clone()]);
    let tokens = desk.sign_in(&[("login_hint", BEN), ("scope", &both)]).await?;
    assert_eq!(tokens["scope"], "openid", "still a sign-in");
    let neither = format!("{analytics} {webmasters}");
    assert_eq!(pair(&desk.consent(&[("scope", &neither)]).await?, "error"), "access_denied");
    Ok(())
}

#[tokio::test]
async fn incremental_consent_adds_up_what_was_granted_before() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let ben = ("login_hint", BEN);
    desk.sign_in(&[ben, ("scope", "openid email")]).await?;
    let more = scope("webmasters.readonly");
    let alone = desk.sign_in(&[ben, ("scope", &more)]).await?;
    assert_eq!(alone["scope"], more);
    let united = desk.sign_in(&[ben, ("scope", &more), ("include_granted_scopes", "true")]).await?;
    assert_eq!(united["scope"], format!("{} {more} openid", scope("userinfo.email")));
    Ok(())
}

#[tokio::test]
async fn the_page_shows_a_box_for_each_scope_and_takes_only_what_was_ticked() -> anyhow::Result<()> {
    let options = GoogleOptions { redirect_uris: vec![CALLBACK.into()], ..GoogleOptions::default() };
    let desk = Desk::start(options).await?;
    let (analytics, youtube) = (scope("analytics.readonly"), scope("youtube.readonly"));
    let asked = format!("openid {analytics} {youtube}");
    let url = desk.auth(&[("scope", &asked), ("state", "\"><script>")])?;
    let page = desk.seen(desk.http.get(url.clone())).await?;
    assert_eq!(page.status, 200);
    assert_eq!(page.text.matches("type=\"checkbox\"").count(), 2);
    assert!(page.text.contains("SIMULATION") && !page.text.contains("<script>"));
    assert!(page.text.contains("name=\"channel\""), "a channel is chosen with YouTube");
    let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    form.push(("decision".into(), "allow".into()));
    form.push(("channel".into(), "UCsimBrandChannel00000002".into()));
    form.push(("ticked".into(), youtube.clone()));
    let post = async |form: &[(String, String)]| {
        desk.seen(desk.http.post(desk.sim.url().join("/o/oauth2/v2/auth")?).form(form)).await
    };
    let sent = post(&form).await?;
    assert_eq!(sent.status, 303);
    let target = Url::parse(&sent.header("location"))?;
    assert_eq!(pair(&target, "scope"), format!("{youtube} openid"));
    let seen = desk.exchange(&pair(&target, "code"), &[]).await?;
    assert_eq!(seen.at("/scope"), format!("{youtube} openid"));
    form.retain(|(name, _)| name != "decision");
    form.push(("decision".into(), "cancel".into()));
    let target = Url::parse(&post(&form).await?.header("location"))?;
    assert_eq!((pair(&target, "error").as_str(), pair(&target, "state").as_str()), ("access_denied", "\"><script>"));
    Ok(())
}

#[tokio::test]
async fn an_id_token_names_the_person_and_is_signed_by_a_published_key() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let tokens = desk.sign_in(&[]).await?;
    let token = tokens["id_token"].as_str().context("no id_token")?;
    let (header, said) = claims(token)?;
    assert_eq!((header["alg"].clone(), said["iss"].clone()), (json!("RS256"), json!("https://accounts.google.com")));
    assert_eq!((said["aud"].clone(), said["nonce"].clone()), (json!(CLIENT), json!("n-1")));
    assert_eq!(said["email"], ANA);
    let access = tokens["access_token"].as_str().context("no token")?;
    assert_eq!(said["at_hash"], URL_SAFE_NO_PAD.encode(&Sha256::digest(access)[..16]));
    assert!(is_signed(&desk, token).await?);
    let seen = desk.seen(desk.http.get(desk.sim.url().join("/v1/userinfo")?).bearer_auth(access)).await?;
    assert_eq!(
        (seen.at("/sub"), seen.at("/name")),
        (said["sub"].as_str().unwrap_or_default().into(), "Ana Sim".into())
    );
    let old = desk.seen(desk.http.get(desk.sim.url().join("/oauth2/v2/userinfo")?).bearer_auth(access)).await?;
    assert_eq!((old.at("/id"), old.at("/verified_email")), (seen.at("/sub"), "true".into()));
    let bare = desk.sign_in(&[("scope", "openid")]).await?;
    let (_, said) = claims(bare["id_token"].as_str().context("none")?)?;
    assert_eq!(said["email"], Value::Null, "what was not asked for is not said");
    desk.tune(|tuning| tuning.keys_rotated = true);
    assert!(!is_signed(&desk, token).await?, "the first key is gone");
    let newer = desk.sign_in(&[]).await?;
    assert!(is_signed(&desk, newer["id_token"].as_str().context("none")?).await?);
    Ok(())
}

#[tokio::test]
async fn id_tokens_can_be_wrong_in_every_way_that_must_be_noticed() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let wrong = async |fault: &str| -> anyhow::Result<(Value, Value, bool)> {
        desk.tune(|tuning| tuning.id_token_fault = Some(fault.into()));
        let tokens = desk.sign_in(&[]).await?;
        let token = tokens["id_token"].as_str().context("none")?.to_owned();
        let (header, said) = claims(&token)?;
        Ok((header, said, is_signed(&desk, &token).await?))
    };
    let (_, said, is_signed) = wrong("aud").await?;
    assert!(is_signed && said["aud"] != CLIENT);
    assert_ne!(wrong("nonce").await?.1["nonce"], "n-1");
    assert_ne!(wrong("iss").await?.1["iss"], "https://accounts.google.com");
    let (_, said, _) = wrong("exp").await?;
    assert!(said["exp"].as_i64() < said["iat"].as_i64());
    assert!(!wrong("signature").await?.2);
    assert_eq!(wrong("alg").await?.0["alg"], "none");
    Ok(())
}

#[tokio::test]
async fn every_call_wants_a_live_token_with_its_scope_for_an_enabled_service() -> anyhow::Result<()> {
    let mut desk = Desk::new().await?;
    let path = "/v1beta/accountSummaries";
    let none = desk.seen(desk.http.request(Method::GET, desk.sim.url().join(path)?)).await?;
    assert_eq!((none.status, none.at("/error/status").as_str()), (401, "UNAUTHENTICATED"));
    assert!(none.header("www-authenticate").starts_with("Bearer realm="));
    let ok = desk.get(path).await?;
    assert_eq!((ok.status, ok.header("content-type").as_str()), (200, "application/json; charset=UTF-8"));
    desk.clock.advance_ms(3_599_000 - 60_000);
    assert_eq!(desk.get(path).await?.status, 200);
    desk.clock.advance_ms(60_000);
    let late = desk.get(path).await?;
    assert_eq!((late.status, late.at("/error/errors/0/reason").as_str()), (401, "authError"));
    assert!(late.header("www-authenticate").contains("error=\"invalid_token\""));
    desk.token = desk.granted(ANA, &["webmasters.readonly", "youtube"])?;
    let narrow = desk.get(path).await?;
    assert_eq!((narrow.status, narrow.at("/error/status").as_str()), (403, "PERMISSION_DENIED"));
    assert_eq!(narrow.at("/error/details/0/reason"), "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    desk.token = desk.granted(ANA, &["analytics.readonly"])?;
    desk.tune(|tuning| tuning.disabled_services = vec!["analyticsadmin.googleapis.com".into()]);
    let disabled = desk.get(path).await?;
    assert_eq!((disabled.status, disabled.at("/error/details/0/reason").as_str()), (403, "SERVICE_DISABLED"));
    assert_eq!(desk.get("/v1beta/properties/310001/metadata").await?.status, 200, "another service");
    let missing = desk.get("/v9/nothing").await?;
    assert_eq!((missing.status, missing.at("/error/status").as_str()), (404, "NOT_FOUND"));
    Ok(())
}

#[tokio::test]
async fn faults_strike_as_google_words_them() -> anyhow::Result<()> {
    let desk = Desk::new().await?;
    let limited = |body| FaultKind::RateLimited { retry_after_s: 7, body };
    desk.sim.set_faults(vec![
        Fault::once("GET", "/v1beta", limited(RateBody::Problem)),
        Fault::once("GET", "/v1beta", limited(RateBody::Legacy)),
    ]);
    let newer = desk.get("/v1beta/accountSummaries").await?;
    assert_eq!((newer.status, newer.at("/error/status").as_str()), (429, "RESOURCE_EXHAUSTED"));
    assert_eq!(newer.header("retry-after"), "7");
    let older = desk.get("/v1beta/accountSummaries").await?;
    assert_eq!((older.status, older.at("/error/errors/0/reason").as_str()), (403, "userRateLimitExceeded"));
    assert_eq!(desk.get("/v1beta/accountSummaries").await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn grants_survive_a_restart_and_so_does_their_end() -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("socrazi-google-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("ledger");
    let options = || GoogleOptions { ledger_file: Some(file.clone()), ..GoogleOptions::default() };
    let (kept, gone) = {
        let desk = Desk::start(options()).await?;
        let kept = desk.sim.grant(BEN, &["openid"])?.refresh.context("none")?;
        let gone = desk.sim.grant(ANA, &["openid"])?.refresh.context("none")?;
        desk.sim.withdraw(ANA)?;
        (kept, gone)
    };
    let desk = Desk::start(options()).await?;
    assert_eq!(desk.refresh(&kept).await?.status, 200);
    assert_eq!(desk.refresh(&gone).await?.at("/error"), "invalid_grant");
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
