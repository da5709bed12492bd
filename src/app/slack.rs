//! The door `slack`: teams that installed the app, their tokens, and who of them may join.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::App;
use crate::config::SlackSection;
use crate::domain::caller::Caller;
use crate::domain::ids::UserId;
use crate::domain::lang::Lang;
use crate::domain::place::{ChatPlace, Joins, Member};
use crate::domain::sealed::{Place, Sealed};
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::slack_teams::SlackTeam;

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
}

/// What an installation brought.
struct Installed {
    id: String,
    name: String,
    app_id: String,
    bot_user: String,
    tokens: TeamTokens,
}

/// What the app may do for its people in a team (dossier §14).
pub const BOT_SCOPES: [&str; 10] = [
    "app_mentions:read",
    "assistant:write",
    "chat:write",
    "commands",
    "files:read",
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

    /// Renews a team's tokens; durable before this returns.
    ///
    /// # Errors
    /// Refused when Slack does not take the refresh token any more.
    pub async fn slack_renew(&self, id: &str, refresh: &SecretString) -> Result<SecretString, ToolError> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        let answer = self.slack_oauth("oauth.v2.access", &form).await?;
        let tokens = self.tokens_of(&answer).ok_or_else(|| say!("slack-install-failed"))?;
        self.slack_rotated(id, &tokens).await?;
        Ok(tokens.access)
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
        let (id, secret) = self.slack_section()?.client.as_ref().ok_or_else(|| say!("slack-no-client"))?;
        let answer = self.post_form(&self.slack_method(method)?, form, (id, secret)).await?;
        match answer["error"].as_str() {
            Some(word) => Err(say!("slack-oauth-refused", word = word).into()),
            None => Ok(answer),
        }
    }

    fn tokens_of(&self, answer: &Value) -> Option<TeamTokens> {
        Some(TeamTokens {
            team: String::new(),
            access: answer["access_token"].as_str()?.into(),
            refresh: answer["refresh_token"].as_str().map(SecretString::from),
            expires_at: answer["expires_in"].as_i64().map(|seconds| self.clock.now_ms() + seconds * 1000),
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
        };
        self.store.insert_slack_team(&team).await?;
        self.desk.audit(caller, "slack.install", id).await
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
        let Some(team) = self.store.find_slack_team(id).await? else { return Ok(None) };
        let Some(access) = &team.access else { return Ok(None) };
        let access = self.open_slack(&team.user, id, "access", access).await?;
        let refresh = match &team.refresh {
            Some(refresh) => Some(self.open_slack(&team.user, id, "refresh", refresh).await?),
            None => None,
        };
        Ok(Some(TeamTokens { team: team.id, access, refresh, expires_at: team.expires_at }))
    }

    /// Keeps a rotated pair before anything uses it.
    async fn slack_rotated(&self, id: &str, tokens: &TeamTokens) -> Result<(), ToolError> {
        let Some(team) = self.store.find_slack_team(id).await? else { return Ok(()) };
        let access = self.seal_slack(&team.user, id, "access", &tokens.access).await?;
        let refresh = match &tokens.refresh {
            Some(refresh) => Some(self.seal_slack(&team.user, id, "refresh", refresh).await?),
            None => None,
        };
        Ok(self.store.update_slack_tokens(id, &access, refresh.as_ref(), tokens.expires_at).await?)
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

    /// The app was removed there: its tokens are destroyed, its members are strangers again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn slack_ended(&self, id: &str) -> Result<(), ToolError> {
        self.store.end_slack_team(id, self.clock.now_ms()).await?;
        Ok(self.store.delete_linked_team(ChatPlace::Slack.word(), &format!("{id}:")).await?)
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
    let SlackTeam { id, name, bot_user, joins, chosen, .. } = team;
    Team { id, name, bot_user, joins, chosen }
}
