//! The door `slack`: teams that installed the app, their tokens, and who of them may join.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::App;
use crate::config::SlackSection;
use crate::domain::caller::Caller;
use crate::domain::ids::{NoticeId, UserId};
use crate::domain::lang::Lang;
use crate::domain::place::{ChatPlace, Joins, Member};
use crate::domain::refusal::Sentence;
use crate::domain::sealed::{Place, Sealed};
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::notices::Notice;
use crate::store::slack_teams::SlackTeam;

/// How long a renewal may take before another process may try.
const RENEW_LEASE_MS: i64 = 30_000;
/// How often is looked whether another process has renewed.
const RENEW_LOOK: std::time::Duration = std::time::Duration::from_millis(200);
/// Looks before it is given up: a little longer than a lease.
const RENEW_LOOKS: usize = 200;

/// A team that has the app, without its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Slack's id of the team, or of the organisation.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Our bot's user id there.
    pub bot_user: String,
    /// Who may join.
    pub joins: Joins,
    /// The chosen ones.
    pub chosen: Vec<String>,
    /// Slack does not take its token any more: the app must be installed again.
    pub is_broken: bool,
}

/// A team's tokens, opened.
#[derive(Debug)]
pub struct TeamTokens {
    /// Slack's id of the team, or of the organisation.
    pub team: String,
    /// The bot token.
    pub access: SecretString,
    /// The refresh token, with token rotation.
    pub refresh: Option<SecretString>,
    /// Until when the bot token lives, Unix milliseconds.
    pub expires_at: Option<i64>,
    /// Which pair it is: goes up with every renewal.
    pub generation: i64,
    /// Slack does not take the refresh token any more: the app must be installed again.
    pub is_broken: bool,
}

/// What an installation brought.
struct Installed {
    id: String,
    name: String,
    app_id: String,
    bot_user: String,
    enterprise: Option<String>,
    tokens: TeamTokens,
}

/// What the app may do for its people in a team (dossier §14).
pub const BOT_SCOPES: [&str; 11] = [
    "app_mentions:read",
    "assistant:write",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "im:history",
    "im:read",
    "im:write",
    "reactions:write",
    "users:read",
];

impl App {
    /// Where a browser goes to install the app, or to sign in with Slack.
    ///
    /// # Errors
    /// Refused without `slack.client_id` and `slack.client_secret`.
    pub fn slack_authorize(&self, is_install: bool, state: &str) -> Result<Url, ToolError> {
        let section = self.slack_section()?;
        let (id, _) = section.client.as_ref().ok_or_else(|| say!("slack-no-client"))?;
        if is_install && section.bot_token.is_some() {
            return Err(say!("slack-one-team").into());
        }
        let mut url = section.api_url.clone();
        let (path, redirect) = if is_install {
            ("/oauth/v2/authorize", "slack/oauth")
        } else {
            ("/openid/connect/authorize", "slack/signin/callback")
        };
        url.set_path(path);
        let redirect = self.page(redirect);
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("client_id", id).append_pair("state", state).append_pair("redirect_uri", &redirect);
            if is_install {
                query.append_pair("scope", &BOT_SCOPES.join(","));
            } else {
                query.append_pair("scope", "openid profile").append_pair("response_type", "code");
            }
        }
        Ok(url)
    }

    /// A secret that binds a way back to the browser that left.
    #[must_use]
    pub fn new_state(&self) -> String {
        self.entropy.secret()
    }

    /// The way back from installing.
    ///
    /// # Errors
    /// Refused when Slack does not take the code.
    pub async fn slack_install_finish(&self, caller: &Caller, code: &str) -> Result<String, ToolError> {
        let redirect = self.page("slack/oauth");
        let answer = self.slack_oauth("oauth.v2.access", &[("code", code), ("redirect_uri", &redirect)]).await?;
        // Org-wide installs have no team.
        let place = if answer["team"]["id"].is_string() { &answer["team"] } else { &answer["enterprise"] };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let tokens = self.tokens_of(&answer).ok_or_else(|| say!("slack-install-failed"))?;
        let installed = Installed {
            id: place["id"].as_str().ok_or_else(|| say!("slack-install-failed"))?.to_owned(),
            name: text(&place["name"]),
            app_id: text(&answer["app_id"]),
            bot_user: text(&answer["bot_user_id"]),
            enterprise: answer["enterprise"]["id"].as_str().map(str::to_owned),
            tokens,
        };
        self.slack_install(caller, &installed).await?;
        Ok(installed.name)
    }

    /// The way back from "Sign in with Slack": the session's cookie, or the signed-in person is linked to who they are in Slack.
    ///
    /// # Errors
    /// Refused when Slack does not take the code, or they are nobody of ours and may not join.
    pub async fn slack_sign_in_finish(
        &self,
        code: &str,
        person: Option<&Caller>,
        user_agent: &str,
    ) -> Result<Option<SecretString>, ToolError> {
        let redirect = self.page("slack/signin/callback");
        let form = [("code", code), ("redirect_uri", redirect.as_str()), ("grant_type", "authorization_code")];
        let answer = self.slack_oauth("openid.connect.token", &form).await?;
        let token = answer["access_token"].as_str().ok_or_else(|| say!("slack-install-failed"))?;
        let who = self.post_bearer(&self.slack_method("openid.connect.userInfo")?, &token.into()).await?;
        let claim = |name: &str| who[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let team = claim("https://slack.com/enterprise_id").or_else(|| claim("https://slack.com/team_id"));
        let (Some(team), Some(id)) = (team, claim("https://slack.com/user_id")) else {
            return Err(say!("slack-install-failed").into());
        };
        let shown = claim("name").unwrap_or_else(|| id.clone());
        let member = Member { place: ChatPlace::Slack, team, id };
        match person {
            Some(caller) => self.link(&caller.user, &member, &shown).await.map(|()| None),
            None => {
                let lang = claim("locale").and_then(|locale| Lang::find(&locale)).unwrap_or(Lang::En);
                let teams = [member.team.clone(), claim("https://slack.com/team_id").unwrap_or_default()];
                self.sign_in_with_slack(&member, &teams, (&shown, lang), user_agent).await.map(Some)
            }
        }
    }

    /// Renews a pair of tokens that was seen; durable before this returns. Of all processes one asks Slack, the others wait for its answer:
    /// a refresh token is good once.
    ///
    /// # Errors
    /// Refused when Slack does not take the refresh token any more: then the team is marked, and whoever installed it is told.
    pub async fn slack_renew(&self, seen: &TeamTokens) -> Result<SecretString, ToolError> {
        let at = (seen.team.as_str(), seen.generation);
        for _ in 0..RENEW_LOOKS {
            let now = self.store.now_ms().await?;
            if self.store.claim_slack_renewal(at, now, now + RENEW_LEASE_MS).await? {
                return self.slack_renew_claimed(seen).await;
            }
            let tokens = self.slack_tokens(&seen.team).await?.ok_or_else(|| say!("slack-broken"))?;
            if tokens.generation != seen.generation {
                return Ok(tokens.access);
            }
            if tokens.is_broken {
                return Err(say!("slack-broken").into());
            }
            tokio::time::sleep(RENEW_LOOK).await;
        }
        Err(ToolError::Failed("another process renews a Slack token, and does not end".into()))
    }

    async fn slack_renew_claimed(&self, seen: &TeamTokens) -> Result<SecretString, ToolError> {
        let at = (seen.team.as_str(), seen.generation);
        let Some(refresh) = &seen.refresh else { return Err(say!("slack-broken").into()) };
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        let answer = match self.slack_oauth_raw("oauth.v2.access", &form).await {
            Ok(answer) => answer,
            Err(error) => {
                self.store.update_slack_renewal_released(at).await?;
                return Err(error);
            }
        };
        if matches!(answer["error"].as_str(), Some("invalid_refresh_token" | "token_revoked" | "invalid_grant")) {
            self.slack_broke(at).await?;
            return Err(say!("slack-broken").into());
        }
        let Some(tokens) = self.tokens_of(&answer) else {
            self.store.update_slack_renewal_released(at).await?;
            let word = answer["error"].as_str().unwrap_or("-");
            return Err(say!("place-oauth-refused", place = ChatPlace::Slack.shown(), word = word).into());
        };
        self.slack_rotated(at, &tokens).await?;
        Ok(tokens.access)
    }

    /// Nothing of ours works there any more: whoever installed it hears of it, once.
    async fn slack_broke(&self, at: (&str, i64)) -> Result<(), ToolError> {
        let now = self.clock.now_ms();
        let Some(team) = self.store.find_slack_team(at.0).await? else { return Ok(()) };
        if self.store.update_slack_broken(at, now).await? {
            let what = say!("slack-broken-team", name = &team.name, url = self.page("slack/install"));
            let notice = Notice { post: None, what, created_at: now };
            self.store.insert_notice(&NoticeId::generate(now, self.entropy.bits()), &team.user, &notice).await?;
        }
        Ok(())
    }

    fn slack_section(&self) -> Result<&SlackSection, ToolError> {
        self.config.slack.as_ref().ok_or_else(|| say!("slack-no-client").into())
    }

    fn slack_method(&self, method: &str) -> Result<Url, ToolError> {
        let root = self.slack_section()?.api_url.as_str().trim_end_matches('/').to_owned();
        Url::parse(&format!("{root}/{method}")).map_err(|error| ToolError::Failed(error.to_string()))
    }

    /// A call of the OAuth methods with the app's own credentials. Slack's word for a refusal is in the sentence.
    async fn slack_oauth(&self, method: &str, form: &[(&str, &str)]) -> Result<Value, ToolError> {
        let answer = self.slack_oauth_raw(method, form).await?;
        match answer["error"].as_str() {
            Some(word) => Err(say!("place-oauth-refused", place = ChatPlace::Slack.shown(), word = word).into()),
            None => Ok(answer),
        }
    }

    async fn slack_oauth_raw(&self, method: &str, form: &[(&str, &str)]) -> Result<Value, ToolError> {
        let (id, secret) = self.slack_section()?.client.as_ref().ok_or_else(|| say!("slack-no-client"))?;
        self.post_form(&self.slack_method(method)?, form, (id, secret)).await
    }

    fn tokens_of(&self, answer: &Value) -> Option<TeamTokens> {
        Some(TeamTokens {
            team: String::new(),
            access: answer["access_token"].as_str()?.into(),
            refresh: answer["refresh_token"].as_str().map(SecretString::from),
            expires_at: answer["expires_in"].as_i64().map(|seconds| self.clock.now_ms() + seconds * 1000),
            generation: 0,
            is_broken: false,
        })
    }

    /// Keeps an installation; the person who installed it says who may join.
    async fn slack_install(&self, caller: &Caller, installed: &Installed) -> Result<(), ToolError> {
        let (id, tokens) = (installed.id.as_str(), &installed.tokens);
        let access = self.seal_slack(&caller.user, id, "access", &tokens.access).await?;
        let refresh = match &tokens.refresh {
            Some(refresh) => Some(self.seal_slack(&caller.user, id, "refresh", refresh).await?),
            None => None,
        };
        let team = SlackTeam {
            id: id.to_owned(),
            name: installed.name.clone(),
            app_id: installed.app_id.clone(),
            bot_user: installed.bot_user.clone(),
            user: caller.user.clone(),
            access: Some(access),
            refresh,
            expires_at: tokens.expires_at,
            joins: Joins::Nobody,
            chosen: Vec::new(),
            installed_at: self.clock.now_ms(),
            enterprise: installed.enterprise.clone(),
            generation: 0,
            broken_at: None,
        };
        self.store.insert_slack_team(&team).await?;
        self.revive(&team).await?;
        self.desk.audit(caller, "slack.install", id).await
    }

    /// Whoever was here before the app was taken out is here again.
    async fn revive(&self, team: &SlackTeam) -> Result<(), ToolError> {
        for owner in [Some(team.id.as_str()), team.enterprise.as_deref()].into_iter().flatten() {
            self.store.update_linked_team_revived(ChatPlace::Slack.word(), &format!("{owner}:")).await?;
        }
        Ok(())
    }

    /// The team of a fixed bot token, kept as one of the local user's: so it can be said who of it may join. Its token stays where it is
    /// configured.
    ///
    /// # Errors
    /// When Slack does not take the token, or the database fails.
    pub async fn slack_note_fixed_team(&self) -> Result<(), ToolError> {
        let Some(token) = self.config.slack.as_ref().and_then(|section| section.bot_token.as_ref()) else {
            return Ok(());
        };
        let answer = self.post_bearer(&self.slack_method("auth.test")?, token).await?;
        let text = |name: &str| answer[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let Some(id) = text("team_id").or_else(|| text("enterprise_id")) else {
            let word = text("error").unwrap_or_default();
            return Err(ToolError::Failed(format!("Slack does not take slack.bot_token: {word}")));
        };
        if self.store.find_slack_team(&id).await?.is_some() {
            return Ok(());
        }
        let team = SlackTeam {
            name: text("team").unwrap_or_else(|| id.clone()),
            id,
            app_id: String::new(),
            bot_user: text("user_id").unwrap_or_default(),
            user: self.local_user().await?.id,
            access: None,
            refresh: None,
            expires_at: None,
            joins: Joins::Nobody,
            chosen: Vec::new(),
            installed_at: self.clock.now_ms(),
            enterprise: text("enterprise_id"),
            generation: 0,
            broken_at: None,
        };
        // Before the row: where there is one, nothing is left to do.
        self.revive(&team).await?;
        Ok(self.store.insert_slack_team(&team).await?)
    }

    /// A team that has the app.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn slack_team(&self, id: &str) -> Result<Option<Team>, ToolError> {
        Ok(self.store.find_slack_team(id).await?.map(shown))
    }

    /// Teams in which a person installed the app.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn slack_teams(&self, caller: &Caller) -> Result<Vec<Team>, ToolError> {
        Ok(self.store.list_slack_teams(&caller.user).await?.into_iter().map(shown).collect())
    }

    /// A team's tokens; none when the app is not (any more) installed there.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn slack_tokens(&self, id: &str) -> Result<Option<TeamTokens>, ToolError> {
        let Some(team) = self.store.find_slack_serving(id).await? else { return Ok(None) };
        let Some(access) = &team.access else { return Ok(None) };
        let id = team.id.as_str();
        let access = self.open_slack(&team.user, id, "access", access).await?;
        let refresh = match &team.refresh {
            Some(refresh) => Some(self.open_slack(&team.user, id, "refresh", refresh).await?),
            None => None,
        };
        let (expires_at, generation, is_broken) = (team.expires_at, team.generation, team.broken_at.is_some());
        Ok(Some(TeamTokens { team: team.id, access, refresh, expires_at, generation, is_broken }))
    }

    /// Keeps a rotated pair before anything uses it.
    async fn slack_rotated(&self, at: (&str, i64), tokens: &TeamTokens) -> Result<(), ToolError> {
        let id = at.0;
        let Some(team) = self.store.find_slack_team(id).await? else { return Ok(()) };
        let access = self.seal_slack(&team.user, id, "access", &tokens.access).await?;
        let refresh = match &tokens.refresh {
            Some(refresh) => Some(self.seal_slack(&team.user, id, "refresh", refresh).await?),
            None => None,
        };
        self.store.update_slack_tokens(at, &access, refresh.as_ref(), tokens.expires_at).await?;
        Ok(())
    }

    /// Says who of a team may join.
    ///
    /// # Errors
    /// Refused when somebody else installed it.
    pub async fn slack_joins(
        &self,
        caller: &Caller,
        id: &str,
        joins: Joins,
        chosen: &[String],
    ) -> Result<(), ToolError> {
        if !self.store.update_slack_joins(id, &caller.user, joins, chosen).await? {
            return Err(say!("common-not-found-thing", thing = id).into());
        }
        self.desk.audit(caller, "slack.joins", id).await
    }

    /// The app was removed there at an instant: its tokens are destroyed, its members are strangers until it comes back. What was installed
    /// after that instant stays: Slack tells of an end late, and twice.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn slack_ended(&self, id: &str, at_ms: i64) -> Result<(), ToolError> {
        self.store.end_slack_team(id, self.clock.now_ms(), at_ms).await?;
        Ok(())
    }

    /// Takes the app out of the teams that a person installed it in, for their key is about to go: their messages there first, then the
    /// token at Slack. Everybody else of the team hears why nothing is said there any more. The teams, each with whether Slack confirmed,
    /// and how many messages stay.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn leave_slack_teams(&self, caller: &Caller) -> Result<(Vec<(String, bool)>, usize), ToolError> {
        let (mut left, mut kept) = (Vec::new(), 0);
        // A token of the settings is nobody's: the running server goes on with it.
        if self.config.slack.as_ref().is_none_or(|section| section.bot_token.is_some()) {
            return Ok((left, kept));
        }
        for team in self.store.list_slack_teams(&caller.user).await? {
            let why = say!("slack-left-team", name = &team.name);
            let (is_revoked, of_these) = self.leave_slack_team(caller, &team, &why).await?;
            kept += of_these;
            left.push((team.name, is_revoked));
        }
        Ok((left, kept))
    }

    /// Takes the app out of a team, as whoever installed it wants. Whether Slack confirmed.
    ///
    /// # Errors
    /// Refused for everybody else, and where the token stands in the settings.
    pub async fn slack_leave(&self, caller: &Caller, id: &str) -> Result<bool, ToolError> {
        let has_fixed_token = self.config.slack.as_ref().is_none_or(|section| section.bot_token.is_some());
        let found = self.store.list_slack_teams(&caller.user).await?.into_iter().find(|team| team.id == id);
        let team = found.filter(|_| !has_fixed_token).ok_or_else(|| say!("common-not-found-thing", thing = id))?;
        let why = say!("slack-team-taken-out", name = &team.name);
        let (is_revoked, kept) = self.leave_slack_team(caller, &team, &why).await?;
        self.desk.audit(caller, "slack.leave", id).await?;
        let unsure = (!is_revoked).then(|| say!("slack-leave-unconfirmed", name = &team.name));
        let left = (kept > 0).then(|| say!("place-kept", place = ChatPlace::Slack.shown(), count = kept));
        let now = self.clock.now_ms();
        for what in [unsure, left].into_iter().flatten() {
            let notice = Notice { post: None, what, created_at: now };
            self.store.insert_notice(&NoticeId::generate(now, self.entropy.bits()), &caller.user, &notice).await?;
        }
        Ok(is_revoked)
    }

    /// Removes the caller's messages in a team, then revokes its token and tells everybody else of it. Whether Slack confirmed, and how many
    /// messages stay.
    async fn leave_slack_team(
        &self,
        caller: &Caller,
        team: &SlackTeam,
        why: &Sentence,
    ) -> Result<(bool, usize), ToolError> {
        let token = match self.slack_tokens(&team.id).await {
            Ok(tokens) => tokens.map(|tokens| tokens.access),
            // Begun again after the key went.
            Err(error) => {
                tracing::warn!(error = %error, "a Slack token could not be opened any more");
                None
            }
        };
        let sent = self.store.list_sent_of(ChatPlace::Slack.word(), &team.id, &caller.user).await?;
        let (mut is_revoked, mut kept) = (false, 0);
        match &token {
            Some(token) => {
                for sent in &sent {
                    let form = [("channel", sent.thread.as_str()), ("ts", sent.ts.as_str())];
                    let answer = self.post_bearer_form(&self.slack_method("chat.delete")?, &form, token).await;
                    let is_gone = |answer: &Value| answer["ok"] == true || answer["error"] == "message_not_found";
                    kept += usize::from(!answer.as_ref().is_ok_and(is_gone));
                    self.store.delete_sent(ChatPlace::Slack.word(), sent).await?;
                    self.store.delete_card(ChatPlace::Slack.word(), sent).await?;
                }
                let answer = self.post_bearer(&self.slack_method("auth.revoke")?, token).await;
                is_revoked = answer.is_ok_and(|answer| answer["ok"] == true);
            }
            None => kept = sent.len(),
        }
        let now = self.clock.now_ms();
        for other in self.store.list_users_of_team(ChatPlace::Slack.word(), &format!("{}:", team.id)).await? {
            if other == caller.user {
                continue;
            }
            let notice = Notice { post: None, what: why.clone(), created_at: now };
            self.store.insert_notice(&NoticeId::generate(now, self.entropy.bits()), &other, &notice).await?;
        }
        self.store.end_slack_team(&team.id, now, i64::MAX).await?;
        Ok((is_revoked, kept))
    }

    /// A browser whose person Slack vouched for: the session's cookie. Joins them when they are new and may.
    async fn sign_in_with_slack(
        &self,
        member: &Member,
        teams: &[String],
        (shown, lang): (&str, Lang),
        user_agent: &str,
    ) -> Result<SecretString, ToolError> {
        if let Some(user) = self.store.find_user_by_identity(member.place.word(), &member.subject()).await? {
            return self.begin_session(user.id, user_agent).await;
        }
        let mut may_join = false;
        for team in teams {
            may_join |= self.store.find_slack_team(team).await?.is_some_and(|team| match team.joins {
                Joins::Nobody => false,
                Joins::Chosen => team.chosen.contains(&member.id),
                Joins::All => true,
            });
        }
        if !may_join {
            return Err(say!("link-may-not-join").into());
        }
        let user = self.join(member, shown, lang).await?;
        self.begin_session(user, user_agent).await
    }

    async fn seal_slack(
        &self,
        user: &UserId,
        team: &str,
        column: &str,
        secret: &SecretString,
    ) -> Result<Sealed, ToolError> {
        let sealed = self.vault.seal(&at(user, team, column), &SecretString::from(secret.expose_secret())).await;
        sealed.map_err(|error| ToolError::Failed(error.to_string()))
    }

    async fn open_slack(
        &self,
        user: &UserId,
        team: &str,
        column: &str,
        sealed: &Sealed,
    ) -> Result<SecretString, ToolError> {
        let opened = self.vault.open(&at(user, team, column), sealed).await;
        opened.map_err(|error| ToolError::Failed(error.to_string()))
    }
}

fn at<'a>(user: &'a UserId, team: &'a str, column: &'a str) -> Place<'a> {
    Place { user, provider: "slack", provider_account: team, table: "slack_team", column, row: team }
}

fn shown(team: SlackTeam) -> Team {
    let SlackTeam { id, name, bot_user, joins, chosen, broken_at, .. } = team;
    Team { id, name, bot_user, joins, chosen, is_broken: broken_at.is_some() }
}
