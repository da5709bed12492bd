//! Slack teams that installed the app. Tokens arrive sealed and leave sealed.

use super::{Store, StoreResult, id, json, read, statements, to_json, word, write};
use crate::domain::ids::UserId;
use crate::domain::place::Joins;
use crate::domain::sealed::Sealed;
use crate::store::Statement;

statements! {
    PUT_TEAM = Statement::same("INSERT INTO slack_team(id, name, app_id, bot_user, user_id, access, refresh, expires_at, joins, chosen, installed_at, enterprise) \
        VALUES($1,$2,$3,$4,$5,$6,$7,$8,'nobody','[]',$9,$10) ON CONFLICT (id) DO UPDATE SET name=excluded.name, app_id=excluded.app_id, \
        bot_user=excluded.bot_user, user_id=excluded.user_id, access=excluded.access, refresh=excluded.refresh, \
        expires_at=excluded.expires_at, installed_at=excluded.installed_at, enterprise=excluded.enterprise, ended_at=NULL, \
        broken_at=NULL, renewing_until=0, generation=slack_team.generation + 1");
    // One of several processes renews, and only what it has seen.
    CLAIM_RENEWAL = Statement::same("UPDATE slack_team SET renewing_until=$4 WHERE id=$1 AND generation=$2 AND renewing_until < $3 \
        AND ended_at IS NULL AND broken_at IS NULL RETURNING id");
    RELEASE_RENEWAL = Statement::same("UPDATE slack_team SET renewing_until=0 WHERE id=$1 AND generation=$2");
    UPDATE_TOKENS = Statement::same("UPDATE slack_team SET access=$2, refresh=$3, expires_at=$4, generation=generation + 1, renewing_until=0 \
        WHERE id=$1 AND generation=$5 AND ended_at IS NULL");
    BREAK_TEAM = Statement::same("UPDATE slack_team SET broken_at=$3 WHERE id=$1 AND generation=$2 AND broken_at IS NULL AND ended_at IS NULL RETURNING id");
    // What was installed for the organisation serves its teams, and the other way round.
    FIND_SERVING = Statement::same("SELECT id, name, app_id, bot_user, user_id, access, refresh, expires_at, joins, chosen, installed_at, generation, broken_at \
        FROM slack_team WHERE (id=$1 OR enterprise=$1) AND ended_at IS NULL ORDER BY CASE WHEN id=$1 THEN 0 ELSE 1 END, installed_at DESC LIMIT 1");
    FIND_TEAM = Statement::same("SELECT id, name, app_id, bot_user, user_id, access, refresh, expires_at, joins, chosen, installed_at, generation, broken_at FROM slack_team \
        WHERE id=$1 AND ended_at IS NULL");
    LIST_TEAMS = Statement::same("SELECT id, name, app_id, bot_user, user_id, access, refresh, expires_at, joins, chosen, installed_at, generation, broken_at FROM slack_team \
        WHERE user_id=$1 AND ended_at IS NULL ORDER BY installed_at LIMIT 50");
    UPDATE_JOINS = Statement::same("UPDATE slack_team SET joins=$3, chosen=$4 WHERE id=$1 AND user_id=$2 AND ended_at IS NULL");
    // The tokens go with it: nobody can use them any more. What was installed after the app was taken out stays.
    END_TEAM = Statement::same("UPDATE slack_team SET ended_at=$2, access=NULL, refresh=NULL WHERE id=$1 AND ended_at IS NULL \
        AND installed_at <= $3 RETURNING id");
    // Suspended, not deleted: who they are is known again when the team comes back.
    END_MEMBERS = Statement::same("UPDATE identity SET ended_at=$2 WHERE provider='slack' AND substr(subject, 1, length($1)) = $1 AND ended_at IS NULL");
}

/// A team as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlackTeam {
    /// Slack's id of the team, or of the organisation for an org-wide install.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The app's id there.
    pub app_id: String,
    /// Our bot's user id there.
    pub bot_user: String,
    /// Who installed it.
    pub user: UserId,
    /// The bot token, sealed.
    pub access: Option<Sealed>,
    /// The refresh token, sealed; none without token rotation.
    pub refresh: Option<Sealed>,
    /// Until when the bot token lives, Unix milliseconds.
    pub expires_at: Option<i64>,
    /// Who of the team may become one of our people.
    pub joins: Joins,
    /// The chosen ones.
    pub chosen: Vec<String>,
    /// Unix milliseconds.
    pub installed_at: i64,
    /// The organisation it belongs to.
    pub enterprise: Option<String>,
    /// Goes up with every pair of tokens.
    pub generation: i64,
    /// Since when Slack does not take the refresh token any more.
    pub broken_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct TeamRow {
    id: String,
    name: String,
    app_id: String,
    bot_user: String,
    user_id: String,
    access: Option<Vec<u8>>,
    refresh: Option<Vec<u8>>,
    expires_at: Option<i64>,
    joins: String,
    chosen: String,
    installed_at: i64,
    generation: i64,
    broken_at: Option<i64>,
}

impl TeamRow {
    fn read(self) -> StoreResult<SlackTeam> {
        Ok(SlackTeam {
            user: id("slack_team", &self.user_id)?,
            joins: word("slack_team", &self.joins, Joins::find)?,
            chosen: json("slack_team", &self.chosen)?,
            access: self.access.map(Sealed::from_bytes),
            refresh: self.refresh.map(Sealed::from_bytes),
            id: self.id,
            name: self.name,
            app_id: self.app_id,
            bot_user: self.bot_user,
            expires_at: self.expires_at,
            installed_at: self.installed_at,
            enterprise: None,
            generation: self.generation,
            broken_at: self.broken_at,
        })
    }
}

impl Store {
    /// Stores an installation, or the newest one of a team that had one. Who may join is kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_slack_team(&self, team: &SlackTeam) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PUT_TEAM)).bind(&team.id).bind(&team.name).bind(&team.app_id).bind(&team.bot_user)
            .bind(team.user.as_str()).bind(team.access.as_ref().map(Sealed::as_bytes)).bind(team.refresh.as_ref().map(Sealed::as_bytes))
            .bind(team.expires_at).bind(team.installed_at).bind(team.enterprise.as_deref()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Stores a rotated pair of tokens; false when somebody else renewed or ended them meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_slack_tokens(
        &self,
        (team, generation): (&str, i64),
        access: &Sealed,
        refresh: Option<&Sealed>,
        expires_at: Option<i64>,
    ) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&UPDATE_TOKENS)).bind(team).bind(access.as_bytes()).bind(refresh.map(Sealed::as_bytes))
            .bind(expires_at).bind(generation).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Takes the right to renew a pair of tokens until an instant; false when somebody else has it, or the pair is another one now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_slack_renewal(
        &self,
        (team, generation): (&str, i64),
        now: i64,
        lease_until: i64,
    ) -> StoreResult<bool> {
        let row: Option<(String,)> = write!(self, p => sqlx::query_as(self.text(&CLAIM_RENEWAL)).bind(team).bind(generation).bind(now)
            .bind(lease_until).fetch_optional(p).await?);
        Ok(row.is_some())
    }

    /// Gives that right back: the renewal failed, and may be tried again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_slack_renewal_released(&self, (team, generation): (&str, i64)) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&RELEASE_RENEWAL)).bind(team).bind(generation).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Slack does not take the refresh token any more; true for whoever notes it first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_slack_broken(&self, (team, generation): (&str, i64), now: i64) -> StoreResult<bool> {
        let row: Option<(String,)> = write!(self, p => sqlx::query_as(self.text(&BREAK_TEAM)).bind(team).bind(generation).bind(now)
            .fetch_optional(p).await?);
        Ok(row.is_some())
    }

    /// What serves a team or an organisation: its own installation, or that of a team of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_slack_serving(&self, id: &str) -> StoreResult<Option<SlackTeam>> {
        let row: Option<TeamRow> =
            read!(self, p => sqlx::query_as(self.text(&FIND_SERVING)).bind(id).fetch_optional(p).await?);
        row.map(TeamRow::read).transpose()
    }

    /// A team that has the app.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_slack_team(&self, team: &str) -> StoreResult<Option<SlackTeam>> {
        let row: Option<TeamRow> =
            read!(self, p => sqlx::query_as(self.text(&FIND_TEAM)).bind(team).fetch_optional(p).await?);
        row.map(TeamRow::read).transpose()
    }

    /// Teams in which a person installed the app, at most 50.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_slack_teams(&self, user: &UserId) -> StoreResult<Vec<SlackTeam>> {
        let rows: Vec<TeamRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_TEAMS)).bind(user.as_str()).fetch_all(p).await?);
        rows.into_iter().map(TeamRow::read).collect()
    }

    /// Says who of a team may join; only its installer may. False when it is not theirs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_slack_joins(
        &self,
        team: &str,
        user: &UserId,
        joins: Joins,
        chosen: &[String],
    ) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&UPDATE_JOINS)).bind(team).bind(user.as_str()).bind(joins.word())
            .bind(to_json(&chosen)).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// The app was removed from a team at an instant: its tokens are destroyed, its members are strangers until it comes back. False when it was installed after that, or is gone already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_slack_team(&self, team: &str, now: i64, at_ms: i64) -> StoreResult<bool> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let row: Option<(String,)> =
                sqlx::query_as(self.text(&END_TEAM)).bind(team).bind(now).bind(at_ms).fetch_optional(&mut *tx).await?;
            if row.is_none() {
                return Ok(false);
            }
            sqlx::query(self.text(&END_MEMBERS)).bind(format!("{team}:")).bind(now).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(true)
    }
}
