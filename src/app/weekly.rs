//! The week in figures, and three things to do next, each with the figure it comes from: what a weekly digest says. Nothing here is anybody's opinion;
//! whoever reads it can look each figure up.

use jiff::ToSpan;

use super::App;
use super::followups::{Winning, begins};
use crate::analytics::address;
use crate::analytics::catalogue::TrafficView;
use crate::analytics::changes::ALL;
use crate::analytics::report::change;
use crate::analytics::search::SearchView;
use crate::analytics::times::rounded;
use crate::analytics::videos::VideosView;
use crate::analytics::{Report, Row, SearchAsk, TrafficAsk, VideosAsk};
use crate::desk::view::{PostStatus, PostView};
use crate::domain::caller::Caller;
use crate::domain::days::day_of;
use crate::domain::google::Login;
use crate::domain::ids::PostId;
use crate::domain::refusal::{Arg, Sentence};
use crate::domain::times::{YOUNG_DAYS, beats_own};
use crate::domain::tool::ToolError;
use crate::say;

/// Things to do.
const NEXT: usize = 3;
/// Days until figures of searches and videos are final (platforms/google.md §5, §7).
const BEHIND_DAYS: i64 = 4;
const DAY_MS: i64 = 24 * 3_600_000;
/// A search is worth a page of its own from so many showings in four weeks on, …
const SHOWN_MIN: f64 = 100.0;
/// … from this place on …
const PLACE_MIN: f64 = 4.0;
/// … to this one: behind it nobody looks.
const PLACE_MAX: f64 = 20.0;
const ROWS: usize = 400;

/// A week.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Weekly {
    /// What happened, in figures, and what lessens them.
    pub figures: Vec<Sentence>,
    /// Three things to do, the most urgent first.
    pub next: Vec<Thing>,
}

/// Something to do, which rests on a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// What, with the figure.
    pub said: Sentence,
    /// The page of this server on which the figure is looked up, as its path without the first stroke.
    pub page: String,
    /// The post that did well, where following it up is the thing to do.
    pub follows: Option<PostId>,
}

impl Thing {
    pub(super) fn new(said: Sentence, page: impl Into<String>) -> Self {
        Self { said, page: page.into(), follows: None }
    }
}

/// The page with the answer to a question of Google's.
fn at(address: &str) -> String {
    format!("analytics?{address}")
}

impl App {
    /// The week so far, from whatever is connected.
    ///
    /// # Errors
    /// When the store fails; what Google refuses is left out, with why.
    pub async fn weekly(&self, caller: &Caller) -> Result<Weekly, ToolError> {
        let posts = self.list_posts(caller).await?;
        let mut weekly = Weekly::default();
        let count = |status: PostStatus| posts.iter().filter(|post| post.status == status).count();
        let attention = count(PostStatus::NeedsAttention);
        if attention > 0 {
            weekly.next.push(Thing::new(say!("weekly-do-attention", count = attention), ""));
        }
        let traffic = TrafficAsk {
            view: Some(TrafficView::Overview),
            // As many days, ending yesterday where the figures are counted: their week may not be over when the person's is.
            period: Some("last 7 days".into()),
            compare: Some("previous".into()),
            metrics: ["sessions", "keyEvents"].map(str::to_owned).to_vec(),
            ..TrafficAsk::default()
        };
        let mut caveats = Vec::new();
        let mut missing = Missing::of(&self.analytics.logins(caller).await?);
        if let Some(report) = missing.told(self.analytics.report_traffic(caller, &traffic, (0, 1)).await)? {
            weekly.figures.extend(compared(&report, 0, "weekly-visits"));
            weekly.figures.extend(compared(&report, 1, "weekly-key-events"));
            caveats.extend(report.caveats);
        }
        let days = self.settled_week(7);
        let search = SearchAsk { period: Some(days.clone()), compare: Some("previous".into()), ..SearchAsk::default() };
        if let Some(report) = missing.told(self.analytics.report_search(caller, &search, (0, 1)).await)? {
            weekly.figures.extend(compared(&report, 0, "weekly-clicks"));
            caveats.extend(report.caveats);
        }
        let videos = VideosAsk {
            view: Some(VideosView::Overview),
            period: Some(days),
            compare: Some("previous".into()),
            ..VideosAsk::default()
        };
        if let Some(report) = missing.told(self.analytics.report_videos(caller, &videos, (0, 1)).await)? {
            weekly.figures.extend(compared(&report, 0, "weekly-views"));
            caveats.extend(report.caveats);
        }
        caveats.sort_by(|a, b| a.key.cmp(&b.key));
        caveats.dedup();
        weekly.figures.extend(caveats);
        weekly.figures.extend(missing.why);
        weekly.next.extend(self.most_seen(caller).await?);
        self.things(caller, &mut weekly).await?;
        self.own_things(caller, &posts, &mut weekly).await?;
        weekly.next.truncate(NEXT);
        Ok(weekly)
    }

    /// What figures of Google suggest.
    async fn things(&self, caller: &Caller, weekly: &mut Weekly) -> Result<(), ToolError> {
        weekly.next.extend(self.visited_most(caller).await?.map(|(post, said)| {
            let page = "analytics/outcomes".to_owned();
            Thing { said, page, follows: Some(post) }
        }));
        let changes = TrafficAsk {
            view: Some(TrafficView::Changes),
            period: Some("last 14 days".into()),
            ..TrafficAsk::default()
        };
        if let Some(report) = told(self.analytics.report_traffic(caller, &changes, (0, ROWS)).await)? {
            let page = at(&address::traffic(&changes, &report.source));
            weekly.next.extend(report.rows.first().and_then(changed).map(|said| Thing::new(said, page)));
        }
        let queries =
            SearchAsk { view: Some(SearchView::Queries), period: Some(self.settled_week(28)), ..SearchAsk::default() };
        if let Some(report) = told(self.analytics.report_search(caller, &queries, (0, ROWS)).await)? {
            let page = at(&address::search(&queries, &report.source));
            weekly.next.extend(within_reach(&report.rows).map(|said| Thing::new(said, page)));
        }
        Ok(())
    }

    /// What their own rows suggest: there is always something.
    async fn own_things(&self, caller: &Caller, posts: &[PostView], weekly: &mut Weekly) -> Result<(), ToolError> {
        let until = self.now_ms() + 7 * DAY_MS;
        let coming = posts.iter().flat_map(|post| &post.deliveries);
        let coming = coming.filter(|one| one.is_to_come() && one.when.at_ms < until).count();
        if coming == 0 {
            weekly.next.push(Thing::new(say!("weekly-do-nothing-scheduled"), "calendar"));
        }
        if let Some((at, why)) = self.times(caller).await?.best.into_iter().next() {
            let said = say!("weekly-do-time", at = at, why = self.words.say(caller.lang, &why));
            weekly.next.push(Thing::new(said, "analytics/times"));
        }
        let drafts = posts.iter().filter(|post| post.status == PostStatus::Draft).count();
        let said = if drafts > 0 { say!("weekly-do-drafts", count = drafts) } else { say!("weekly-do-no-drafts") };
        weekly.next.push(Thing::new(said, ""));
        if coming > 0 {
            weekly.next.push(Thing::new(say!("weekly-do-look", count = coming), "calendar"));
        }
        Ok(())
    }

    /// A post of the last four weeks that beat the median of its account by far, by the visits that its links brought.
    pub(super) async fn visited_most(&self, caller: &Caller) -> Result<Option<(PostId, Sentence)>, ToolError> {
        let Some(outcomes) = told(self.analytics.outcomes(caller, "last 28 days").await)? else { return Ok(None) };
        let now = self.now_ms();
        // What went out a day ago has hardly been counted.
        let (sent, _) = self.desk.list_sent(caller, (now - 28 * DAY_MS, now - YOUNG_DAYS * DAY_MS)).await?;
        let tagged = sent.into_iter().filter(|one| one.is_tagged());
        let known =
            tagged.filter_map(|one| Some(((one.account.clone(), outcomes.visits(&one.post, one.network)?), one)));
        let (visits, tagged): (Vec<_>, Vec<_>) = known.unzip();
        let Some((at, beaten, count)) = beats_own(&visits) else { return Ok(None) };
        Ok(tagged.get(at).map(|one| {
            let key = if beaten.is_of_some() { "weekly-do-winner" } else { "weekly-do-winner-alone" };
            let said = Sentence::new(key)
                .with("text", begins(&one.text))
                .with("visits", rounded(visits.get(at).map_or(0.0, |one| one.1)))
                .with("times", rounded(beaten.times))
                .with("median", rounded(beaten.median))
                .with("count", count);
            (one.post.clone(), said)
        }))
    }

    /// A post that beat the median of its own account by far, as networks counted; the one that did by the most.
    async fn most_seen(&self, caller: &Caller) -> Result<Option<Thing>, ToolError> {
        let Some(Winning { winner, begins, network, .. }) = self.winners(caller).await?.into_iter().next() else {
            return Ok(None);
        };
        let said = say!("weekly-do-most-seen", text = begins, network = network, measure = winner.measure.word());
        let said = said.with("figure", rounded(winner.figure)).with("median", rounded(winner.beaten.median));
        let said = said.with("hours", winner.age_h).with("count", winner.count);
        Ok(Some(Thing { said, page: "analytics#winners".to_owned(), follows: Some(winner.post) }))
    }

    /// So many days that are final everywhere, in words that a report reads, as searches and videos count them.
    fn settled_week(&self, days: i64) -> String {
        let last =
            day_of(self.now_ms(), crate::analytics::search::ZONE).checked_sub(BEHIND_DAYS.days()).unwrap_or_default();
        let first = last.checked_sub((days - 1).days()).unwrap_or(last);
        format!("{first}..{last}")
    }
}

/// Why figures are left out that were there before: a person must know, or it looks as if there were none.
struct Missing {
    /// Permissions that were wanted and are not there.
    wanted: Vec<String>,
    why: Vec<Sentence>,
}

impl Missing {
    fn of(logins: &[Login]) -> Self {
        let wanted = logins.iter().flat_map(Login::missing).map(|feature| feature.shown().to_owned()).collect();
        Self { wanted, why: Vec::new() }
    }

    /// What was answered; where it was refused, why, unless nobody ever connected that.
    fn told<T>(&mut self, answer: Result<T, ToolError>) -> Result<Option<T>, ToolError> {
        match answer {
            Err(ToolError::Refused(why)) => {
                if self.is_news(&why) && !self.why.contains(&why) {
                    self.why.push(why);
                }
                Ok(None)
            }
            answer => told(answer),
        }
    }

    fn is_news(&self, why: &Sentence) -> bool {
        match why.key.as_str() {
            "google-permission-missing" => why.args.iter().any(|(name, value)| {
                name == "feature" && matches!(value, Arg::Text(text) if self.wanted.contains(text))
            }),
            "google-reconnect"
            | "google-api-off"
            | "google-quota-day"
            | "google-quota-hour"
            | "google-quota-until"
            | "google-no-access"
            | "google-unavailable"
            | "google-answer-large"
            | "report-source-choose" => true,
            _ => false,
        }
    }
}

/// What was answered; nothing where it was refused: what rests on it is left out.
fn told<T>(answer: Result<T, ToolError>) -> Result<Option<T>, ToolError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(ToolError::Refused(_)) => Ok(None),
        Err(failed @ ToolError::Failed(_)) => Err(failed),
    }
}

/// A sum beside what it was, with its days.
fn compared(report: &Report, no: usize, key: &str) -> Option<Sentence> {
    let of = |totals: &Option<Vec<Option<f64>>>| totals.as_ref()?.get(no).copied().flatten();
    let (now, before, periods) = (of(&report.totals)?, of(&report.totals_before)?, report.periods?);
    let (_, percent) = change(Some(now), Some(before));
    let percent = percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent:+.0} %"));
    let (first, last) = (periods.now.first.to_string(), periods.now.last.to_string());
    let said = Sentence::new(key).with("now", rounded(now)).with("before", rounded(before)).with("percent", percent);
    Some(said.with("first", first).with("last", last))
}

/// The most unusual day.
fn changed(row: &Row) -> Option<Sentence> {
    let figure = |no: usize| row.figures.get(no).copied().flatten();
    let (figure, usual) = (figure(0)?, figure(1)?);
    let [day, what] = row.keys.as_slice() else { return None };
    let key = if what == ALL { "weekly-do-changed-all" } else { "weekly-do-changed" };
    let said = Sentence::new(key).with("day", day).with("what", what);
    Some(said.with("figure", rounded(figure)).with("usual", rounded(usual)))
}

/// A search that is shown often and stands just behind those that are clicked.
fn within_reach(rows: &[Row]) -> Option<Sentence> {
    let figure = |row: &Row, no: usize| row.figures.get(no).copied().flatten();
    let fits = |row: &&Row| {
        figure(row, 1).is_some_and(|shown| shown >= SHOWN_MIN)
            && figure(row, 3).is_some_and(|place| (PLACE_MIN..=PLACE_MAX).contains(&place))
    };
    let row =
        rows.iter().filter(fits).max_by(|a, b| figure(a, 1).unwrap_or(0.0).total_cmp(&figure(b, 1).unwrap_or(0.0)))?;
    Some(say!(
        "weekly-do-search",
        query = row.keys.first()?,
        shown = rounded(figure(row, 1)?),
        place = rounded(figure(row, 3)?),
        clicks = rounded(figure(row, 0)?)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, figures: [f64; 4]) -> Row {
        Row { keys: vec![key.into()], figures: figures.map(Some).to_vec(), before: None }
    }

    #[test]
    fn a_search_is_within_reach_when_it_is_shown_often_and_stands_just_behind_the_first() {
        let rows = [
            row("first already", [90.0, 900.0, 0.1, 1.4]),
            row("in reach", [12.0, 340.0, 0.035, 7.2]),
            row("in reach, too", [2.0, 339.0, 0.006, 9.0]),
            row("too far", [0.0, 5_000.0, 0.0, 41.0]),
            row("too few", [3.0, 80.0, 0.04, 6.0]),
        ];
        let said = within_reach(&rows).unwrap();
        let of = |name: &str| {
            said.args.iter().find(|(known, _)| known == name).map(|(_, value)| format!("{value:?}")).unwrap_or_default()
        };
        assert!(
            of("query").contains("in reach\"") && of("shown").contains("340") && of("place").contains("7.2"),
            "{said:?}"
        );
        assert_eq!(within_reach(&rows[3..]), None);
    }
}
