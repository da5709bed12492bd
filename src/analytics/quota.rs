//! The ledger of Google's quotas: what an answer said is left, what we count ourselves, and a question that cannot be afforded refused before it is sent,
//! with when it can be had. Which limits there are is `domain/quota`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Analytics, DAY_MS};
use crate::domain::google::{Feature, Login, Source, SourceKind};
use crate::domain::post::digest;
use crate::domain::quota::{Bucket, Left};
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::google::{ApiCall, ApiFault};
use crate::say;

/// What a question about persons is by.
const OF_PERSONS: [&str; 3] = ["userAgeBracket", "userGender", "brandingInterest"];
/// What was used up so long ago says nothing of now.
const AGAIN_MS: i64 = 3_600_000;

/// Whose quota a call uses up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Purse {
    key: String,
    /// What it takes one of each time, counted by us.
    counted: &'static [Bucket],
    /// It is about persons.
    is_of_persons: bool,
}

fn key(kind: &str, about: &str) -> String {
    digest(&serde_json::json!(["quota", kind, about]))
}

impl Purse {
    /// That of a call; none where Google names no limit.
    pub(super) fn of(call: &ApiCall, about: &str) -> Option<Self> {
        let path = call.url.path();
        let purse = |kind: &str, about: &str, counted: &'static [Bucket]| {
            let text = call.body.as_ref().map(Value::to_string).unwrap_or_default();
            let is_of_persons = OF_PERSONS.iter().any(|name| text.contains(name));
            Some(Self { key: key(kind, about), counted, is_of_persons })
        };
        match call.feature {
            Feature::Analytics if path.ends_with(":runRealtimeReport") => purse("realtime", about, &[]),
            Feature::Analytics if path.ends_with(":runReport") => purse("core", about, &[]),
            Feature::Analytics => None,
            Feature::Search if path.ends_with("index:inspect") => {
                purse("inspect", about, &[Bucket::InspectionsDay, Bucket::InspectionsMinute])
            }
            Feature::Search => purse("search", about, &[]),
            // All of a project's, whoever asks.
            Feature::Videos if path.contains("/youtube/v3/") => purse("youtube", "", &[Bucket::UnitsDay]),
            Feature::Videos => purse("youtube-reports", "", &[]),
        }
    }

    /// Those of a property, site or channel that are told.
    fn all_of(source: &Source) -> Vec<String> {
        let about = source.facts.remote_id.as_str();
        match source.kind {
            SourceKind::Property => vec![key("core", about), key("realtime", about)],
            SourceKind::Site => vec![key("inspect", about), key("search", about)],
            SourceKind::Channel => vec![key("youtube", ""), key("youtube-reports", "")],
        }
    }

    /// Which limit a refusal means, as far as it says so.
    fn spent(&self, feature: Feature, (is_day, why): (bool, &str)) -> Option<Bucket> {
        match feature {
            Feature::Analytics if why.contains("oncurrent") => None,
            Feature::Analytics if why.contains("server errors") => Some(Bucket::ErrorsHour),
            Feature::Analytics if why.contains("thresholded") => Some(Bucket::PersonsHour),
            Feature::Analytics if is_day => Some(Bucket::TokensDay),
            Feature::Analytics if why.contains("project") => Some(Bucket::ProjectHour),
            Feature::Analytics => Some(Bucket::TokensHour),
            Feature::Search if !self.counted.is_empty() => {
                Some(if is_day { Bucket::InspectionsDay } else { Bucket::InspectionsMinute })
            }
            Feature::Search => is_day.then_some(Bucket::Load),
            Feature::Videos if !is_day => None,
            Feature::Videos if self.counted.is_empty() => Some(Bucket::VideoReports),
            Feature::Videos => Some(Bucket::UnitsDay),
        }
    }
}

/// What an answer of the Data API says is left.
pub(super) fn told(quota: &Value) -> Vec<(Bucket, i64)> {
    const NAMES: [(&str, Bucket); 5] = [
        ("tokensPerDay", Bucket::TokensDay),
        ("tokensPerHour", Bucket::TokensHour),
        ("tokensPerProjectPerHour", Bucket::ProjectHour),
        ("serverErrorsPerProjectPerHour", Bucket::ErrorsHour),
        ("potentiallyThresholdedRequestsPerHour", Bucket::PersonsHour),
    ];
    // What is nothing is left out, as everywhere in this API.
    let left = |name: &str| quota.get(name).map(|status| status["remaining"].as_i64().unwrap_or(0));
    NAMES.into_iter().filter_map(|(name, bucket)| Some((bucket, left(name)?))).collect()
}

impl Analytics {
    /// Whether a call can be afforded; what we count ourselves is taken.
    ///
    /// # Errors
    /// Refused with when it can be had.
    pub(super) async fn afford(&self, purse: &Purse, login: &Login, feature: Feature) -> Result<(), ToolError> {
        let now = self.clock.now_ms();
        let all = self.store.list_quotas(&purse.key, now).await?;
        let counts = |left: &&Left| left.bucket != Bucket::PersonsHour || purse.is_of_persons;
        if let Some(spent) = all.iter().filter(|left| left.is_spent()).filter(counts).max_by_key(|left| left.ends_at) {
            return Err(self.until(login, feature, (spent.bucket, spent.ends_at)).await?.into());
        }
        for bucket in purse.counted {
            if !self.store.take_quota(&purse.key, *bucket, now).await? {
                return Err(self.until(login, feature, (*bucket, bucket.ends_at(now))).await?.into());
            }
        }
        Ok(())
    }

    async fn until(
        &self,
        login: &Login,
        feature: Feature,
        (bucket, ends_at): (Bucket, i64),
    ) -> Result<Sentence, ToolError> {
        let zone = self.store.find_user(&login.user).await?.map_or_else(|| "UTC".to_owned(), |user| user.zone);
        let at = Moment { at_ms: ends_at, zone };
        Ok(say!("google-quota-until", feature = feature.shown(), limit = bucket.word(), at = at))
    }

    /// Notes what an answer said is left.
    pub(super) async fn note_left(&self, purse: &Purse, left: &[(Bucket, i64)]) -> Result<(), ToolError> {
        let now = self.clock.now_ms();
        for (bucket, left) in left {
            // Properties of 360 have ten times as much.
            let most = if *left > bucket.most() { bucket.most() * 10 } else { bucket.most() };
            let left = Left { bucket: *bucket, left: *left, most, ends_at: bucket.ends_at(now) };
            self.store.put_quota(&purse.key, left, now).await?;
        }
        Ok(())
    }

    /// Notes that Google refused because nothing is left: nobody asks again before it comes back.
    pub(super) async fn note_refused(
        &self,
        purse: &Purse,
        feature: Feature,
        fault: &ApiFault,
    ) -> Result<(), ToolError> {
        let ApiFault::Quota(is_day, why) = fault else { return Ok(()) };
        let Some(bucket) = purse.spent(feature, (*is_day, why)) else { return Ok(()) };
        let now = self.clock.now_ms();
        let before = self.store.find_quota_end(&purse.key, bucket).await?;
        let is_again = before.is_some_and(|ended| ended <= now && now - ended < AGAIN_MS);
        let ends_at = if is_again { bucket.ends_at_again(now) } else { bucket.ends_at(now) };
        let left = Left { bucket, left: 0, most: bucket.most(), ends_at };
        Ok(self.store.put_quota(&purse.key, left, now).await?)
    }

    /// What is left for a property, site or channel, as far as it is known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn quotas(&self, source: &Source) -> Result<Vec<Left>, ToolError> {
        let now = self.clock.now_ms();
        let mut all = Vec::new();
        for purse in Purse::all_of(source) {
            all.extend(self.store.list_quotas(&purse, now).await?);
        }
        Ok(all)
    }

    /// What is low or used up for these properties, sites and channels, each said once, with which it is; nothing when all is well.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn low_quotas<'a>(&self, sources: &'a [Source]) -> Result<Vec<(&'a Source, Left)>, ToolError> {
        let mut low: BTreeMap<String, Vec<Left>> = BTreeMap::new();
        for (purse, left) in self.store.list_low_quotas(self.clock.now_ms()).await? {
            low.entry(purse).or_default().push(left);
        }
        let mut all = Vec::new();
        for source in sources {
            // Mostly nothing is low: then no purse is looked for.
            if low.is_empty() {
                break;
            }
            for purse in Purse::all_of(source) {
                all.extend(low.remove(&purse).into_iter().flatten().map(|left| (source, left)));
            }
        }
        Ok(all)
    }

    /// The same of everybody here: which limits, and nobody's names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn low_quotas_here(&self) -> Result<Vec<Left>, ToolError> {
        let all = self.store.list_low_quotas(self.clock.now_ms()).await?;
        Ok(all.into_iter().map(|(_, left)| left).collect())
    }

    /// What of it must be said beside an answer: the scarcest, where little is left.
    pub(super) async fn quota_caveat(&self, source: &Source) -> Result<Option<Sentence>, ToolError> {
        let all = self.quotas(source).await?;
        let low =
            all.into_iter().filter(Left::is_low).min_by_key(|left| left.left.saturating_mul(1_000) / left.most.max(1));
        Ok(low.map(|Left { bucket, left, most, ends_at }| {
            let at = Moment { at_ms: ends_at, zone: source.facts.zone.clone() };
            say!("report-caveat-quota", left = left, most = most, limit = bucket.word(), at = at)
        }))
    }

    /// Forgets what was over a day ago.
    pub(super) async fn sweep_quotas(&self) -> Result<(), ToolError> {
        Ok(self.store.delete_ended_quotas(self.clock.now_ms() - DAY_MS).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(feature: Feature, path: &str) -> ApiCall {
        let url = format!("http://127.0.0.1:1/{path}").parse().unwrap();
        ApiCall { method: http::Method::POST, url, body: None, feature, bytes_max: 1 }
    }

    #[test]
    fn each_call_has_the_purse_that_google_takes_it_from() {
        let of = |feature, path: &str, about: &str| Purse::of(&call(feature, path), about);
        let core = of(Feature::Analytics, "v1beta/properties/1:runReport", "properties/1").unwrap();
        let other = of(Feature::Analytics, "v1beta/properties/2:runReport", "properties/2").unwrap();
        let now = of(Feature::Analytics, "v1beta/properties/1:runRealtimeReport", "properties/1").unwrap();
        assert!(core.key != other.key && core.key != now.key);
        assert_eq!(of(Feature::Analytics, "v1beta/properties/1/metadata", "properties/1"), None);
        let inspect = of(Feature::Search, "v1/urlInspection/index:inspect", "sc-domain:a").unwrap();
        assert_eq!(inspect.counted, [Bucket::InspectionsDay, Bucket::InspectionsMinute]);
        let units = |about: &str| of(Feature::Videos, "youtube/v3/videos", about).unwrap().key;
        assert_eq!(units("one"), units("two"), "units are the project's");
    }

    #[test]
    fn a_refusal_says_which_limit_it_was() {
        let purse = Purse::of(&call(Feature::Analytics, "p:runReport"), "p").unwrap();
        let of = |is_day, why: &str| purse.spent(Feature::Analytics, (is_day, why));
        assert_eq!(of(true, "Exhausted property tokens per day."), Some(Bucket::TokensDay));
        assert_eq!(of(false, "Exhausted property tokens per hour."), Some(Bucket::TokensHour));
        assert_eq!(of(false, "Exhausted property tokens for a project per hour."), Some(Bucket::ProjectHour));
        assert_eq!(of(false, "Exhausted server errors per project per hour."), Some(Bucket::ErrorsHour));
        assert_eq!(of(false, "Exhausted concurrent requests quota."), None);
        let quota = serde_json::json!({ "tokensPerDay": { "consumed": 6, "remaining": 199_994 }, "serverErrorsPerProjectPerHour": {} });
        assert_eq!(told(&quota), [(Bucket::TokensDay, 199_994), (Bucket::ErrorsHour, 0)]);
        assert_eq!(told(&Value::Null), []);
    }
}
