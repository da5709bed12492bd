//! The properties and sites that a person's Google accounts see, remembered with their names, and which of them is meant.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::search::ZONE;
use super::{Analytics, below, read_call, segment};
use crate::domain::account::Health;
use crate::domain::caller::Caller;
use crate::domain::google::{Feature, GOOGLE, Login, Source, SourceFacts, SourceKind};
use crate::domain::ids::AccountId;
use crate::domain::post::digest;
use crate::domain::schedule::find_zone;
use crate::domain::sealed::Place;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::reports::StoredSource;

/// Properties on a page of the Admin API: the most (§6.1).
const PAGE: usize = 200;
/// Pages of them: as many as rows are read back.
const PAGES_MAX: usize = 5;
/// A list of properties or sites is far smaller.
const LIST_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Names are shown in lists.
const NAME_CHARS_MAX: usize = 100;
/// What was looked up lately is not looked up again because somebody mistyped a name.
const LOOK_AGAIN_MS: i64 = 60_000;
/// So often they are looked up by themselves.
const LOOK_SOMETIMES_MS: i64 = 7 * 24 * 3_600_000;
/// The zone of a property of which none is told.
const ZONE_ASSUMED: &str = "UTC";
/// What was chosen or named, or all at once, is forgotten when it was not seen for so long: over several looks.
const FORGET_MS: i64 = 2 * LOOK_SOMETIMES_MS;
/// Choices that are named in a refusal.
const CHOICES_MAX: usize = 12;

impl Analytics {
    /// Everything that a person can ask about, by account.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn sources(&self, caller: &Caller) -> Result<Vec<(Login, Vec<Source>)>, ToolError> {
        let mut all = Vec::new();
        for login in self.logins(caller).await? {
            let sources = self.sources_of(&login).await?.into_iter().map(|(source, _)| source).collect();
            all.push((login, sources));
        }
        Ok(all)
    }

    pub(super) async fn sources_of(&self, login: &Login) -> Result<Vec<(Source, i64)>, ToolError> {
        let mut sources = Vec::new();
        for stored in self.store.list_sources(&login.id).await? {
            if !login.has(stored.kind.feature()) {
                continue;
            }
            let StoredSource { login: id, kind, key, user: _, facts, seen_at, chosen_at } = stored;
            let text = self.vault.open(&place(login, &key), &facts).await.map_err(failed)?;
            let facts: SourceFacts = serde_json::from_str(text.expose_secret()).map_err(failed)?;
            sources.push((Source { login: id, kind, key, facts, chosen_at, seen_at }, seen_at));
        }
        sources.sort_by_key(|(source, _)| (source.kind, source.shown().to_lowercase()));
        Ok(sources)
    }

    /// Asks Google which properties and sites an account sees, and remembers them.
    ///
    /// # Errors
    /// Refused when Google does not answer or the permission is missing for all that was wanted.
    pub async fn look(&self, login: &Login) -> Result<(), ToolError> {
        let mut refused = None;
        for kind in SourceKind::ALL {
            // The other may answer all the same.
            if let Err(why) = self.look_for(login, kind).await {
                refused = Some(why);
            }
        }
        refused.map_or(Ok(()), Err)
    }

    async fn look_for(&self, login: &Login, kind: SourceKind) -> Result<(), ToolError> {
        if !login.has(kind.feature()) {
            return Ok(());
        }
        let found = match kind {
            SourceKind::Property => self.properties(login).await?,
            SourceKind::Site => self.sites(login).await?,
            SourceKind::Channel => self.channels(login).await?,
        };
        self.remember(login, kind, found).await
    }

    /// Looks at all of them; what one of them does not answer is no reason to refuse what is asked of another.
    async fn look_at_all(&self, logins: &[Login], kind: SourceKind) -> Result<(), ToolError> {
        let (mut refused, mut is_any) = (None, false);
        for login in logins {
            match self.look_for(login, kind).await {
                Ok(()) => is_any = true,
                Err(why) => {
                    tracing::info!(account.id = %login.id, "properties or sites could not be looked up");
                    refused = Some(why);
                }
            }
        }
        refused.filter(|_| !is_any).map_or(Ok(()), Err)
    }

    async fn remember(&self, login: &Login, kind: SourceKind, found: Vec<SourceFacts>) -> Result<(), ToolError> {
        let now = self.clock.now_ms();
        let (known, mut seen) = (self.sources_of(login).await?, Vec::new());
        for mut facts in found {
            let key = key_of(&facts.remote_id);
            if let Some((before, _)) = known.iter().find(|(source, _)| source.kind == kind && source.key == key) {
                // What only the person or an earlier look knows.
                facts.called.clone_from(&before.facts.called);
                facts.zone.clone_from(&before.facts.zone);
                facts.currency.clone_from(&before.facts.currency);
            }
            self.store_source(login, (kind, &key), &facts, now).await?;
            seen.push(key);
        }
        for (source, seen_at) in known.iter().filter(|(source, _)| source.kind == kind && !seen.contains(&source.key)) {
            // One empty answer, or one without it, is no proof that it is gone; a choice and a name would be.
            let is_spared = seen.is_empty() || source.chosen_at.is_some() || !source.facts.called.is_empty();
            if !is_spared || now - seen_at > FORGET_MS {
                self.store.delete_source(&login.id, kind, &source.key).await?;
            }
        }
        Ok(())
    }

    async fn store_source(
        &self,
        login: &Login,
        (kind, key): (SourceKind, &str),
        facts: &SourceFacts,
        seen_at: i64,
    ) -> Result<(), ToolError> {
        let text = serde_json::to_string(facts).map_err(failed)?;
        let facts = self.vault.seal(&place(login, key), &SecretString::from(text)).await.map_err(failed)?;
        let (login, user) = (login.id.clone(), login.user.clone());
        let stored = StoredSource { login, kind, key: key.to_owned(), user, facts, seen_at, chosen_at: None };
        Ok(self.store.upsert_source(&stored).await?)
    }

    async fn properties(&self, login: &Login) -> Result<Vec<SourceFacts>, ToolError> {
        let (_, urls) = self.ready()?;
        let (mut found, mut token) = (Vec::new(), String::new());
        for _ in 0..PAGES_MAX {
            let mut url = below(&urls.admin, "v1beta/accountSummaries")?;
            url.query_pairs_mut().append_pair("pageSize", &PAGE.to_string());
            if !token.is_empty() {
                url.query_pairs_mut().append_pair("pageToken", &token);
            }
            let answer: Value = self.json(login, "accounts", (Feature::Analytics, url)).await?;
            for account in answer["accountSummaries"].as_array().into_iter().flatten() {
                for property in account["propertySummaries"].as_array().into_iter().flatten() {
                    let Some(id) = property["property"].as_str().filter(|id| property_number(id).is_some()) else {
                        continue;
                    };
                    found.push(SourceFacts {
                        remote_id: id.to_owned(),
                        name: name_of(&property["displayName"]),
                        ..SourceFacts::default()
                    });
                }
            }
            token = answer["nextPageToken"].as_str().unwrap_or_default().to_owned();
            if token.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    async fn sites(&self, login: &Login) -> Result<Vec<SourceFacts>, ToolError> {
        let (_, urls) = self.ready()?;
        let url = below(&urls.search, "webmasters/v3/sites")?;
        let answer: Value = self.json(login, "sites", (Feature::Search, url)).await?;
        let entries = answer["siteEntry"].as_array().into_iter().flatten();
        let sites = entries.filter_map(|entry| {
            let (site, permission) =
                (entry["siteUrl"].as_str()?, entry["permissionLevel"].as_str().unwrap_or_default());
            // Both spellings; every call about an unverified one is refused (§7).
            let word = permission.replace('_', "").to_lowercase();
            if site.is_empty() || site.chars().any(char::is_control) || word == "siteunverifieduser" {
                return None;
            }
            let name = site.strip_prefix("sc-domain:").unwrap_or(site).to_owned();
            Some(SourceFacts {
                remote_id: site.to_owned(),
                name,
                zone: ZONE.to_owned(),
                permission: word,
                ..SourceFacts::default()
            })
        });
        Ok(sites.take(PAGE * PAGES_MAX).collect())
    }

    /// The channel that the permission acts as: the person chose it on Google's page (§4.2). There may be none.
    async fn channels(&self, login: &Login) -> Result<Vec<SourceFacts>, ToolError> {
        let (_, urls) = self.ready()?;
        let mut url = below(&urls.youtube, "youtube/v3/channels")?;
        url.query_pairs_mut().append_pair("part", "snippet").append_pair("mine", "true");
        let answer: Value = self.json(login, "channels", (Feature::Videos, url)).await?;
        let channels = answer["items"].as_array().into_iter().flatten().filter_map(|item| {
            let id = item["id"].as_str().filter(|id| !id.is_empty() && id.bytes().all(is_channel_letter))?;
            let name = name_of(&item["snippet"]["title"]);
            Some(SourceFacts { remote_id: id.to_owned(), name, zone: ZONE.to_owned(), ..SourceFacts::default() })
        });
        Ok(channels.take(PAGE).collect())
    }

    async fn json(&self, login: &Login, about: &str, (feature, url): (Feature, url::Url)) -> Result<Value, ToolError> {
        let about = format!("{}:{about}", login.id);
        let body = self.fetch(login, &about, &read_call(feature, url, LIST_BYTES_MAX)).await?;
        serde_json::from_slice(&body).map_err(failed)
    }

    /// Which property or site is meant: by its id, its name, or the chosen one; with its time zone.
    ///
    /// # Errors
    /// Refused when none is there, or it is not clear which is meant.
    pub(super) async fn pick(
        &self,
        caller: &Caller,
        kind: SourceKind,
        given: Option<&str>,
    ) -> Result<(Login, Source), ToolError> {
        self.ready()?;
        let logins = self.logins(caller).await?;
        let usable: Vec<Login> =
            logins.iter().filter(|login| login.health == Health::Fine && login.has(kind.feature())).cloned().collect();
        if usable.is_empty() {
            return Err(self.nothing(&logins, kind));
        }
        if given.is_none()
            && let Some(lost) = self.chosen_through(&logins, kind).await?
            && !usable.contains(&lost)
        {
            // Another account's would be answered in its place, and nobody would know.
            return Err(self.nothing(std::slice::from_ref(&lost), kind));
        }
        let (mut all, mut newest) = self.all_of(&usable, kind).await?;
        let mut found = choose(&all, given);
        let may_look = self.clock.now_ms() - newest > LOOK_AGAIN_MS;
        if may_look && (all.is_empty() || (given.is_some() && found.is_empty())) {
            self.look_at_all(&usable, kind).await?;
            (all, newest) = self.all_of(&usable, kind).await?;
            found = choose(&all, given);
        }
        // What was not seen for long is forgotten with its choice, and names change; what is known serves as well today.
        if !all.is_empty() && self.clock.now_ms() - newest > LOOK_SOMETIMES_MS.min(self.keep_ms(kind.feature()) / 2) {
            let _known_serves = self.look_at_all(&usable, kind).await;
        }
        // Seen through two accounts it is one and the same.
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|at| seen.insert(all[*at].1.facts.remote_id.clone()));
        let at = match found[..] {
            [one] => one,
            [] if all.is_empty() => return Err(self.nothing(&logins, kind)),
            _ => {
                let of: Vec<_> = if found.is_empty() { (0..all.len()).collect() } else { found };
                let named = of.iter().take(CHOICES_MAX).map(|at| {
                    let source = &all[*at].1;
                    format!("{} ({})", source.shown(), source.facts.remote_id)
                });
                let named = named.collect::<Vec<_>>().join("; ");
                return Err(say!("report-source-choose", feature = kind.feature().shown(), choices = named).into());
            }
        };
        let (login, mut source) = all.swap_remove(at);
        if source.facts.zone.is_empty() {
            self.complete(&login, &mut source).await?;
        }
        Ok((login, source))
    }

    /// Through which account the one is read that the person chose last.
    async fn chosen_through(&self, logins: &[Login], kind: SourceKind) -> Result<Option<Login>, ToolError> {
        let (all, _) = self.all_of(logins, kind).await?;
        let newest =
            all.into_iter().filter(|(_, source)| source.chosen_at.is_some()).max_by_key(|(_, one)| one.chosen_at);
        Ok(newest.map(|(login, _)| login))
    }

    /// All of a kind, with when the newest of them was seen.
    async fn all_of(&self, logins: &[Login], kind: SourceKind) -> Result<(Vec<(Login, Source)>, i64), ToolError> {
        let (mut all, mut newest) = (Vec::new(), 0);
        for login in logins {
            for (source, seen_at) in self.sources_of(login).await? {
                if source.kind == kind {
                    newest = newest.max(seen_at);
                    all.push((login.clone(), source));
                }
            }
        }
        Ok((all, newest))
    }

    /// A property's time zone and currency, which the list does not tell (§6.1).
    async fn complete(&self, login: &Login, source: &mut Source) -> Result<(), ToolError> {
        let (_, urls) = self.ready()?;
        let number = property_number(&source.facts.remote_id).unwrap_or_default();
        let url = below(&urls.admin, &format!("v1beta/properties/{}", segment(number)))?;
        let answer = self.json(login, &source.facts.remote_id, (Feature::Analytics, url)).await?;
        let zone = answer["timeZone"].as_str().filter(|zone| find_zone(zone).is_some());
        source.facts.currency = answer["currencyCode"].as_str().unwrap_or_default().chars().take(3).collect();
        if let Some(zone) = zone {
            source.facts.zone = zone.to_owned();
            return self.restore(login, source).await;
        }
        // Not stored: it is looked for again, and answers tell one, too.
        source.facts.zone = ZONE_ASSUMED.to_owned();
        source.facts.is_zone_assumed = true;
        Ok(())
    }

    /// Takes over the zone that an answer was counted in; whether it is another one than was known.
    pub(super) async fn take_zone(
        &self,
        login: &Login,
        source: &mut Source,
        told: Option<&str>,
    ) -> Result<bool, ToolError> {
        let Some(told) = told.filter(|told| find_zone(told).is_some()) else { return Ok(false) };
        let is_other = told != source.facts.zone;
        if is_other || source.facts.is_zone_assumed {
            told.clone_into(&mut source.facts.zone);
            source.facts.is_zone_assumed = false;
            self.restore(login, source).await?;
        }
        Ok(is_other)
    }

    async fn restore(&self, login: &Login, source: &Source) -> Result<(), ToolError> {
        let now = self.clock.now_ms();
        self.store_source(login, (source.kind, &source.key), &source.facts, now).await
    }

    /// A person chooses what is meant when nothing is named, and may give it a name of their own.
    ///
    /// # Errors
    /// Refused when it is not there.
    pub async fn choose(
        &self,
        caller: &Caller,
        (login, kind, key): (&AccountId, SourceKind, &str),
        called: Option<&str>,
    ) -> Result<(), ToolError> {
        let missing = || -> ToolError { say!("common-not-found-thing", thing = kind.word()).into() };
        let login = self.find_login(caller, login).await?.ok_or_else(missing)?;
        let sources = self.sources_of(&login).await?;
        let found = sources.into_iter().find(|(source, _)| source.kind == kind && source.key == key);
        let (mut source, seen_at) = found.ok_or_else(missing)?;
        if let Some(called) = called {
            source.facts.called = called.trim().chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
            self.store_source(&login, (kind, key), &source.facts, seen_at).await?;
        }
        self.store.update_source_chosen(&login.id, kind, key, self.clock.now_ms()).await?;
        Ok(())
    }
}

/// The places of those that are meant. Without a name the one that was chosen last; an exact name stands above a part of one.
fn choose(all: &[(Login, Source)], given: Option<&str>) -> Vec<usize> {
    let Some(given) = given.map(str::trim).filter(|given| !given.is_empty()) else {
        let chosen = all.iter().enumerate().filter(|(_, (_, source))| source.chosen_at.is_some());
        let newest = chosen.max_by_key(|(_, (_, source))| source.chosen_at);
        return newest.map_or_else(|| (0..all.len()).collect(), |(at, _)| vec![at]);
    };
    let wanted = given.to_lowercase();
    let fitting = |fits: &dyn Fn(&Source) -> bool| -> Vec<usize> {
        all.iter().enumerate().filter(|(_, (_, source))| fits(source)).map(|(at, _)| at).collect()
    };
    let is_named = |source: &Source| {
        let facts = &source.facts;
        let number = property_number(&facts.remote_id).unwrap_or_default();
        facts.remote_id == given
            || source.key == given
            || number == given
            || facts.name.to_lowercase() == wanted
            || facts.called.to_lowercase() == wanted
    };
    let exact = fitting(&is_named);
    if !exact.is_empty() {
        return exact;
    }
    fitting(&|source| {
        [&source.facts.name, &source.facts.called, &source.facts.remote_id]
            .iter()
            .any(|name| name.to_lowercase().contains(&wanted))
    })
}

/// Ids go into a list of conditions: nothing there may look like another one.
const fn is_channel_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// `properties/1234` → `1234`.
fn property_number(id: &str) -> Option<&str> {
    id.strip_prefix("properties/").filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// What its owner calls it: a stranger's words, in one line.
fn name_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect()
}

/// Names a source without saying what it is.
fn key_of(remote_id: &str) -> String {
    /// 80 bits: nobody has so many that two were alike.
    const KEY_CHARS: usize = 20;
    digest(&serde_json::json!(["report_source", remote_id])).chars().take(KEY_CHARS).collect()
}

fn place<'a>(login: &'a Login, key: &'a str) -> Place<'a> {
    Place {
        user: &login.user,
        provider: GOOGLE,
        provider_account: &login.subject,
        table: "report_source",
        column: "facts",
        row: key,
    }
}

fn failed(error: impl std::fmt::Display) -> ToolError {
    ToolError::Failed(error.to_string())
}
