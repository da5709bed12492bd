//! Discord servers that our bot is in, and what the buttons of a chat service stand for.

use futures::future::try_join_all;

use super::lane::Haste;
use super::{Store, StoreResult, json, read, statements, to_json, word, write};
use crate::domain::place::Joins;
use crate::store::Statement;

statements! {
    PUT_GUILD = Statement::same("INSERT INTO discord_guild(id, name, joins, chosen, seen_at) VALUES($1,$2,'nobody','[]',$3) \
        ON CONFLICT (id) DO UPDATE SET name=excluded.name, seen_at=excluded.seen_at, ended_at=NULL");
    END_GUILD = Statement::same("UPDATE discord_guild SET ended_at=$2, joins='nobody' WHERE id=$1 AND ended_at IS NULL");
    FIND_GUILD = Statement::same("SELECT id, name, joins, chosen FROM discord_guild WHERE id=$1 AND ended_at IS NULL");
    LIST_GUILDS = Statement::same("SELECT id, name, joins, chosen FROM discord_guild WHERE ended_at IS NULL ORDER BY name, id LIMIT 50");
    UPDATE_GUILD_JOINS = Statement::same("UPDATE discord_guild SET joins=$2, chosen=$3 WHERE id=$1 AND ended_at IS NULL");
    PUT_OFFERED = Statement::same("INSERT INTO offered(id, place, action, value, offered_at) VALUES($1,$2,$3,$4,$5) \
        ON CONFLICT (id) DO UPDATE SET offered_at=excluded.offered_at RETURNING id");
    FIND_OFFERED = Statement::same("SELECT action, value FROM offered WHERE id=$1 AND place=$2");
    DELETE_OLD_OFFERED = Statement::same("DELETE FROM offered WHERE offered_at < $1");
}

/// A Discord server, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guild {
    /// Discord's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who of it may become one of our people.
    pub joins: Joins,
    /// The roles that may, when only some may.
    pub chosen: Vec<String>,
}

/// Something to press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// What the service carries for it.
    pub id: String,
    /// What a press is called.
    pub action: String,
    /// What a press carries.
    pub value: String,
}

type Row = (String, String, String, String);

fn guild((id, name, joins, chosen): Row) -> StoreResult<Guild> {
    let joins = word("discord_guild", &joins, Joins::find)?;
    Ok(Guild { id, name, joins, chosen: json("discord_guild", &chosen)? })
}

impl Store {
    /// Our bot is in a server.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_guild(&self, id: &str, name: &str, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PUT_GUILD)).bind(id).bind(name).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Our bot is not in a server any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_guild(&self, id: &str, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&END_GUILD)).bind(id).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// A server that our bot is in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_guild(&self, id: &str) -> StoreResult<Option<Guild>> {
        let row: Option<Row> =
            read!(self, p => sqlx::query_as(self.text(&FIND_GUILD)).bind(id).fetch_optional(p).await?);
        row.map(guild).transpose()
    }

    /// Servers that our bot is in, at most 50.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_guilds(&self) -> StoreResult<Vec<Guild>> {
        let rows: Vec<Row> = read!(self, p => sqlx::query_as(self.text(&LIST_GUILDS)).fetch_all(p).await?);
        rows.into_iter().map(guild).collect()
    }

    /// Says who of a server may join; false when our bot is not in it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_guild_joins(&self, id: &str, joins: Joins, chosen: &[String]) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&UPDATE_GUILD_JOINS)).bind(id).bind(joins.word())
            .bind(to_json(&chosen)).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Keeps what can be pressed; durable when this returns, in one flush.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_offered(&self, place: &str, all: &[Offered], now: i64) -> StoreResult<()> {
        let one = |offered: &Offered| {
            let Offered { id, action, value } = offered;
            let binds =
                vec![id.as_str().into(), place.into(), action.as_str().into(), value.as_str().into(), now.into()];
            self.together(Haste::Now, &PUT_OFFERED, binds)
        };
        try_join_all(all.iter().map(one)).await.map(drop)
    }

    /// What something pressed stands for: action and value.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_offered(&self, place: &str, id: &str) -> StoreResult<Option<(String, String)>> {
        Ok(read!(self, p => sqlx::query_as(self.text(&FIND_OFFERED)).bind(id).bind(place).fetch_optional(p).await?))
    }

    /// Forgets what nobody was offered since an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_offered(&self, before: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_OLD_OFFERED)).bind(before).execute(p).await.map(drop)?);
        Ok(())
    }
}
