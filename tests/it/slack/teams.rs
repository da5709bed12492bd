//! Teams that come, go and come back, their tokens, and who of them may join.

use secrecy::ExposeSecret;
use socrazi::domain::place::Joins;

use super::*;

fn client() -> Vec<(&'static str, String)> {
    vec![
        ("slack.client_id", socrazi_sim::slack::CLIENT_ID.to_owned()),
        ("slack.client_secret", socrazi_sim::slack::CLIENT_SECRET.to_owned()),
    ]
}

async fn rotating() -> Office {
    let office = Office::with(SlackOptions { is_rotating: true, ..SlackOptions::default() }, client()).await;
    office.install().await;
    office
}

impl Office {
    /// "Sign in with Slack" as somebody whom nobody knows yet in this browser.
    async fn sign_in(&self, user: &str) -> Result<Option<secrecy::SecretString>, socrazi::domain::tool::ToolError> {
        let mut url = self.world.app.slack_authorize(false, "state-2").unwrap();
        url.query_pairs_mut().append_pair("as", user).append_pair("approve", "1");
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = http.get(url).send().await.unwrap();
        let back: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
        let query: std::collections::HashMap<String, String> = back.query_pairs().into_owned().collect();
        self.world.app.slack_sign_in_finish(&query["code"], None, "test").await
    }

    async fn gone(&self) {
        for _ in 0..200 {
            if self.world.app.slack_team(TEAM).await.unwrap().is_none() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
        panic!("the team is still there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_there_before_the_app_went_is_the_same_person_when_it_comes_back() {
    let office = rotating().await;
    let app = office.world.app.clone();
    app.slack_joins(&office.world.person, TEAM, Joins::All, &[]).await.unwrap();
    office.sign_in(BEN).await.unwrap().unwrap();
    let before = app.find_member(&member(BEN)).await.unwrap().unwrap();
    office.slack.uninstall(TEAM).await;
    office.gone().await;
    assert!(app.find_member(&member(BEN)).await.unwrap().is_none(), "a stranger while it is gone");
    assert!(office.sign_in(BEN).await.is_err(), "and nobody joins a team that is gone");
    office.slack.forgive();
    office.install().await;
    office.sign_in(BEN).await.unwrap().unwrap();
    let after = app.find_member(&member(BEN)).await.unwrap().unwrap();
    assert_eq!(before.user, after.user, "no second person");
    assert_eq!(app.find_member(&member(ANA)).await.unwrap().unwrap().user, office.ana.user);
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_told_late_does_not_end_what_was_installed_since() {
    let office = rotating().await;
    let late =
        office.slack.wrapped(TEAM, &json!({ "type": "tokens_revoked", "tokens": { "oauth": [], "bot": ["U0BOT"] } }));
    office.slack.uninstall(TEAM).await;
    office.gone().await;
    office.slack.forgive();
    office.world.pass(5_000);
    office.install().await;
    assert!(office.slack.deliver_event(&late).await.is_ok());
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(office.world.app.slack_team(TEAM).await.unwrap().is_some());
    assert!(office.world.app.find_member(&member(ANA)).await.unwrap().is_some());
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_processes_one_renews_a_pair_of_tokens() {
    let office = rotating().await;
    let other = office.world.beside().await;
    let seen = office.world.app.slack_tokens(TEAM).await.unwrap().unwrap();
    let renewals = (0..8).map(|no| {
        let app = if no % 2 == 0 { office.world.app.clone() } else { other.clone() };
        tokio::spawn(async move {
            let seen = app.slack_tokens(TEAM).await.unwrap().unwrap();
            app.slack_renew(&seen).await.unwrap().expose_secret().to_owned()
        })
    });
    let mut fresh = Vec::new();
    for renewal in renewals.collect::<Vec<_>>() {
        fresh.push(renewal.await.unwrap());
    }
    let asked = || {
        let all = office.slack.asked().into_iter().filter(|asked| asked.method == "oauth.v2.access");
        all.filter(|asked| asked.args["grant_type"] == "refresh_token").count()
    };
    fresh.dedup();
    let now = office.world.app.slack_tokens(TEAM).await.unwrap().unwrap();
    assert!(asked() as i64 == now.generation - seen.generation, "{} asked", asked());
    assert!(fresh.iter().all(|token| token != seen.access.expose_secret()));
    other.close().await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_slack_does_not_take_is_said_once_to_whoever_installed_the_app() {
    let office = rotating().await;
    let app = office.world.app.clone();
    let no = socrazi_sim::slack::FaultKind::Status {
        status: 200,
        body: r#"{"ok":false,"error":"invalid_refresh_token"}"#.into(),
        headers: std::collections::BTreeMap::new(),
    };
    office.slack.set_faults(vec![socrazi_sim::slack::Fault::once("POST", "/api/oauth.v2.access", no)]);
    office.world.pass(11 * 3_600_000);
    for _ in 0..3 {
        office.slack.open_home(ANA, "home").await;
    }
    let mut told = Vec::new();
    for _ in 0..200 {
        told = app.notices(&office.world.person).await.unwrap();
        if told.iter().any(|notice| notice.what.key == "slack-broken-team") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    assert_eq!(told.iter().filter(|notice| notice.what.key == "slack-broken-team").count(), 1);
    assert!(app.slack_tokens(TEAM).await.unwrap().unwrap().is_broken);
    // Installed again, all is well.
    office.install().await;
    assert!(!app.slack_tokens(TEAM).await.unwrap().unwrap().is_broken);
    office.slack.open_home(ANA, "home").await;
    until("a home", || office.slack.home(ANA)).await;
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_join_is_said_by_whoever_installed_the_app() {
    let office = rotating().await;
    let app = office.world.app.clone();
    assert!(office.sign_in(BEN).await.is_err(), "nobody at first");
    app.slack_joins(&office.world.person, TEAM, Joins::Chosen, &["U0EVE".into()]).await.unwrap();
    assert!(office.sign_in(BEN).await.is_err(), "not chosen");
    app.slack_joins(&office.world.person, TEAM, Joins::Chosen, &[BEN.into()]).await.unwrap();
    let cookie = office.sign_in(BEN).await.unwrap().unwrap();
    let person = app.find_signed_in(cookie.expose_secret()).await.unwrap().unwrap().caller;
    assert_ne!(person.workspace, office.ana.workspace, "with a workspace of their own");
    // Somebody else of ours does not say it.
    assert!(app.slack_joins(&person, TEAM, Joins::All, &[]).await.is_err());
    // Who signs in again is who they are, whatever is said about joining now.
    app.slack_joins(&office.world.person, TEAM, Joins::Nobody, &[]).await.unwrap();
    let again = office.sign_in(BEN).await.unwrap().unwrap();
    assert_eq!(app.find_signed_in(again.expose_secret()).await.unwrap().unwrap().caller.user, person.user);
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_is_served_after_a_restart_and_its_members_are_heard_in_all_its_teams() {
    let options = SlackOptions { is_org_install: true, ..SlackOptions::default() };
    let mut office = Office::with(options, client()).await;
    office.install().await;
    let in_organisation = Member { place: ChatPlace::Slack, team: "E0ORG".into(), id: ANA.into() };
    office.world.app.link(&office.ana.user, &in_organisation, "Ana").await.unwrap();
    office.world.app.agree_to_readers(&office.ana, ChatPlace::Slack, &format!("{TEAM}/{GENERAL}")).await.unwrap();
    office.close().await;
    office.world.reopen().await;
    office.open(true).await;
    // Written from another team of the same organisation, in a channel that is shared with nobody outside.
    office.script(vec![text("Heard.")]);
    let event = json!({ "type": "app_mention", "user": ANA, "user_team": "T0OTHER", "source_team": "T0OTHER", "text": "<@U0BOT> hello",
        "channel": GENERAL, "ts": "1795000900.000100", "event_ts": "1795000900.000100" });
    let mut wrapped = office.slack.wrapped(TEAM, &event);
    wrapped["enterprise_id"] = json!("E0ORG");
    wrapped["is_ext_shared_channel"] = json!(false);
    assert!(office.slack.deliver_event(&wrapped).await.is_ok());
    office.reply(GENERAL, |message| words(message).contains("Heard.")).await;
    // Shared with another company, whoever is of another team is a stranger.
    let mut foreign = wrapped.clone();
    foreign["is_ext_shared_channel"] = json!(true);
    foreign["event_id"] = json!("EvForeign");
    foreign["event"]["ts"] = json!("1795000901.000100");
    assert!(office.slack.deliver_event(&foreign).await.is_ok());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(office.model.asked().iter().filter(|request| request.model == MODEL).count(), 1);
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_there_before_a_fixed_token_died_is_the_same_person_with_the_next_one() {
    let mut office = Office::new().await;
    crate::serving::until("its team", async || office.world.app.slack_team(TEAM).await.unwrap().map(drop)).await;
    let (_, scopes) = office.slack.token(socrazi_sim::slack::BOT_TOKEN).unwrap();
    office.slack.uninstall(TEAM).await;
    office.gone().await;
    assert!(office.world.app.find_member(&member(ANA)).await.unwrap().is_none(), "a stranger while it is gone");
    office.close().await;
    office.slack.forgive();
    // Installed again, and its new token set; Slack is not there for a moment when we start.
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let token = office.slack.install(TEAM, &scopes);
    office.world.set("slack.bot_token", token);
    office.world.reopen().await;
    let down = socrazi_sim::slack::FaultKind::Status {
        status: 503,
        body: String::new(),
        headers: std::collections::BTreeMap::new(),
    };
    office.slack.set_faults(vec![socrazi_sim::slack::Fault::once("POST", "/api/auth.test", down)]);
    office.open(true).await;
    crate::serving::until("her again", async || office.world.app.find_member(&member(ANA)).await.unwrap().map(drop))
        .await;
    assert_eq!(office.world.app.find_member(&member(ANA)).await.unwrap().unwrap().user, office.ana.user);
    let draft = office.command("draft With the next token").await;
    assert!(words(&draft).contains("With the next token"), "{draft:#}");
    office.slack.forgive();
    office.end().await;
}
