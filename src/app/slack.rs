//! The door `slack`: teams that installed the app, their tokens, and who of them may join.

use secrecy::{ExposeSecret, SecretString};

use super::App;
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
    /// The bot token.
    pub access: SecretString,
    /// The refresh token, with token rotation.
    pub refresh: Option<SecretString>,
    /// Until when the bot token lives, Unix milliseconds.
    pub expires_at: Option<i64>,
}

/// What an installation brought.
#[derive(Debug)]
pub struct Installed {
    /// Slack's id of the team, or of the organisation.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The app's id.
    pub app_id: String,
    /// Our bot's user id there.
    pub bot_user: String,
    /// Its tokens.
    pub tokens: TeamTokens,
}

impl App {
    /// Keeps an installation; the person who installed it says who may join.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn slack_install(&self, caller: &Caller, installed: &Installed) -> Result<(), ToolError> {
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
        Ok(Some(TeamTokens { access, refresh, expires_at: team.expires_at }))
    }

    /// Keeps a rotated pair before anything uses it.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn slack_rotated(&self, id: &str, tokens: &TeamTokens) -> Result<(), ToolError> {
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
    ///
    /// # Errors
    /// Refused when they are nobody of ours and may not join.
    pub async fn sign_in_with_slack(
        &self,
        member: &Member,
        shown: &str,
        (lang, zone): (Lang, &str),
        user_agent: &str,
    ) -> Result<SecretString, ToolError> {
        let user = match self.store.find_user_by_identity(member.place.word(), &member.subject()).await? {
            Some(user) => user.id,
            None => {
                let team = self.store.find_slack_team(&member.team).await?;
                let may_join = team.is_some_and(|team| match team.joins {
                    Joins::Nobody => false,
                    Joins::Chosen => team.chosen.contains(&member.id),
                    Joins::All => true,
                });
                if !may_join {
                    return Err(say!("link-may-not-join").into());
                }
                self.join(member, shown, (lang, zone)).await?
            }
        };
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
