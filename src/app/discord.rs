//! The door `discord`: what its signatures and buttons stand for, the servers our bot is in, who of them may join, and signing in with it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use super::App;
use crate::config::DiscordSection;
use crate::domain::caller::Caller;
use crate::domain::lang::Lang;
use crate::domain::place::{ChatPlace, Joins, Member};
use crate::domain::tool::ToolError;
use crate::say;
use crate::vault::primitives::ed25519_verify;

pub use crate::store::discord::{Guild, Offered};

/// Bytes of a button's id: nobody finds another one with the same id by chance or with work.
const OFFERED_BYTES: usize = 16;
/// Where identities of Discord live: a person is the same one in every server.
pub const DISCORD: &str = "discord";

/// A person of Discord.
#[must_use]
pub fn discord_member(id: &str) -> Member {
    Member { place: ChatPlace::Discord, team: DISCORD.into(), id: id.into() }
}

/// The id that stands for something to press: made of what it stands for, so that the same thing is the same row.
#[must_use]
pub fn offered_id(place: ChatPlace, action: &str, value: &str) -> String {
    let digest = Sha256::digest(format!("{}\n{action}\n{value}", place.word()));
    URL_SAFE_NO_PAD.encode(&digest[..OFFERED_BYTES])
}

impl App {
    /// Whether Discord signed a delivery (dossier §4): over timestamp and raw body, with the application's key.
    #[must_use]
    pub fn is_signed_by_discord(&self, timestamp: &str, body: &[u8], signature: &[u8; 64]) -> bool {
        let key = self.config.discord.as_ref().and_then(|section| section.public_key.as_ref());
        let signed = [timestamp.as_bytes(), body].concat();
        key.is_some_and(|key| ed25519_verify(key, &signed, signature))
    }

    /// Keeps what buttons, choices and forms stand for ([`offered_id`]). Durable when this returns.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn offer(&self, place: ChatPlace, what: &[(String, String)]) -> Result<(), ToolError> {
        let offered = |(action, value): &(String, String)| Offered {
            id: offered_id(place, action, value),
            action: action.clone(),
            value: value.clone(),
        };
        let all: Vec<_> = what.iter().map(offered).collect();
        Ok(self.store.insert_offered(place.word(), &all, self.clock.now_ms()).await?)
    }

    /// What something pressed stands for: action and value. Nothing when it is too old.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn offered(&self, place: ChatPlace, id: &str) -> Result<Option<(String, String)>, ToolError> {
        Ok(self.store.find_offered(place.word(), id).await?)
    }

    /// Our bot is in a server.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn discord_guild_seen(&self, id: &str, name: &str) -> Result<(), ToolError> {
        Ok(self.store.insert_guild(id, name, self.clock.now_ms()).await?)
    }

    /// Our bot was removed from a server: nobody joins from there any more. People stay who they are: Discord's people are the same
    /// everywhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn discord_guild_ended(&self, id: &str) -> Result<(), ToolError> {
        Ok(self.store.end_guild(id, self.clock.now_ms()).await?)
    }

    /// Servers that our bot is in, for whoever runs this installation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn discord_guilds(&self, caller: &Caller) -> Result<Vec<Guild>, ToolError> {
        if self.local_user().await?.id != caller.user {
            return Ok(Vec::new());
        }
        Ok(self.store.list_guilds().await?)
    }

    /// Says who of a server may join; `chosen` are ids of roles.
    ///
    /// # Errors
    /// Refused for everybody but whoever runs this installation.
    pub async fn discord_joins(
        &self,
        caller: &Caller,
        id: &str,
        joins: Joins,
        chosen: &[String],
    ) -> Result<(), ToolError> {
        let is_owner = self.local_user().await?.id == caller.user;
        if !is_owner || !self.store.update_guild_joins(id, joins, chosen).await? {
            return Err(say!("common-not-found-thing", thing = id).into());
        }
        self.desk.audit(caller, "discord.joins", id).await
    }

    /// Whether somebody with these roles in a server may become one of our people.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn discord_may_join(&self, guild: &str, roles: &[String]) -> Result<bool, ToolError> {
        Ok(self.store.find_guild(guild).await?.is_some_and(|guild| match guild.joins {
            Joins::Nobody => false,
            Joins::Chosen => roles.iter().any(|role| guild.chosen.contains(role)),
            Joins::All => true,
        }))
    }

    /// Where a browser goes to sign in with Discord.
    ///
    /// # Errors
    /// Refused without `discord.client_secret` and `discord.application_id`.
    pub fn discord_authorize(&self, state: &str) -> Result<Url, ToolError> {
        let (section, id, _) = self.discord_client()?;
        let mut url = section.api_url.clone();
        url.set_path("/oauth2/authorize");
        let redirect = self.page("discord/signin/callback");
        url.query_pairs_mut()
            .append_pair("client_id", &id.to_string())
            .append_pair("response_type", "code")
            .append_pair("scope", "identify")
            .append_pair("state", state)
            .append_pair("redirect_uri", &redirect)
            .append_pair("prompt", "none");
        Ok(url)
    }

    /// Whether people can sign in with Discord.
    #[must_use]
    pub fn has_discord_sign_in(&self) -> bool {
        self.discord_client().is_ok()
    }

    fn discord_client(&self) -> Result<(&DiscordSection, u64, &SecretString), ToolError> {
        let section = self.config.discord.as_ref().ok_or_else(|| say!("discord-no-client"))?;
        let found = section.application_id.zip(section.client_secret.as_ref());
        let (id, secret) = found.ok_or_else(|| say!("discord-no-client"))?;
        Ok((section, id, secret))
    }

    /// The way back from signing in with Discord: the session's cookie, or the signed-in person is linked to who they are there.
    ///
    /// # Errors
    /// Refused when Discord does not take the code, or they are nobody of ours.
    pub async fn discord_sign_in_finish(
        &self,
        code: &str,
        person: Option<&Caller>,
        user_agent: &str,
    ) -> Result<Option<SecretString>, ToolError> {
        let (section, id, secret) = self.discord_client()?;
        let at = |path: &str| {
            let root = section.api_url.as_str().trim_end_matches('/');
            Url::parse(&format!("{root}/api/v10/{path}")).map_err(|error| ToolError::Failed(error.to_string()))
        };
        let redirect = self.page("discord/signin/callback");
        let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect.as_str())];
        let answer = self.post_form(&at("oauth2/token")?, &form, (&id.to_string(), secret)).await?;
        let token = answer["access_token"].as_str().ok_or_else(|| say!("discord-sign-in-failed"))?;
        let who = self.get_bearer(&at("users/@me")?, &token.into()).await?;
        let member_id = who["id"].as_str().ok_or_else(|| say!("discord-sign-in-failed"))?;
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let shown =
            text(&who["global_name"]).or_else(|| text(&who["username"])).unwrap_or_else(|| member_id.to_owned());
        let member = discord_member(member_id);
        match person {
            Some(caller) => self.link(&caller.user, &member, &shown).await.map(|()| None),
            None => {
                let found = self.store.find_user_by_identity(member.place.word(), &member.subject()).await?;
                let user = found.ok_or_else(|| say!("discord-unknown"))?;
                self.begin_session(user.id, user_agent).await.map(Some)
            }
        }
    }

    /// The bot's token, for the front end alone.
    #[must_use]
    pub fn discord_bot_token(&self) -> Option<SecretString> {
        let section = self.config.discord.as_ref()?;
        Some(SecretString::from(section.bot_token.expose_secret()))
    }

    /// What a time in words means for somebody, as of now.
    ///
    /// # Errors
    /// Refused when it cannot be read, is past, or can be read in two ways (the sentence names both).
    pub fn read_time(&self, caller: &Caller, words: &str) -> Result<crate::domain::schedule::Moment, ToolError> {
        let now = self.clock.now_ms();
        Ok(crate::domain::schedule::read_moment(words, Some(&caller.zone), &caller.zone, now)?)
    }

    /// The language of a locale of Discord.
    #[must_use]
    pub fn discord_lang(locale: &str) -> Lang {
        Lang::find(locale).unwrap_or(Lang::En)
    }
}
