//! Prompts that a person picks in their client: what to say to the model, from `prompts/`, with what it should read attached. Titles are in the
//! person's language, what the model reads is in English.

use askama::Template;
use rmcp::model::{
    CacheScope, ErrorData, GetPromptRequestParams, GetPromptResult, ListPromptsResult, Prompt, PromptArgument,
    PromptMessage, Resource, Role,
};
use serde_json::Value;

use super::completions::Kind;
use super::icons::Icon;
use super::resources::{BYTES_MAX, Reader, plain, third_party};
use super::uris::{REPORT_DAYS, Thing};
use crate::domain::allowed::Area;
use crate::domain::days::{Week, last_days};
use crate::domain::ids::PostId;
use crate::domain::oauth::Scope;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::read_zone;
use crate::domain::tool::ToolError;
use crate::say;

/// Longest text of a person's own.
const TEXT_CHARS_MAX: usize = 20_000;

struct Asked {
    name: &'static str,
    kind: Kind,
    title: &'static str,
    about: &'static str,
    is_required: bool,
}

const fn asked(name: &'static str, kind: Kind, title: &'static str, about: &'static str) -> Asked {
    Asked { name, kind, title, about, is_required: false }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    PlanWeek,
    Repurpose,
    WeeklyReview,
    ExplainDip,
    FollowUp,
}

const WEEK: Asked = asked("week", Kind::Week, "mcp-argument-week", "mcp-argument-week-about");
const ACCOUNT: Asked = asked("account", Kind::Account, "mcp-argument-account", "mcp-argument-account-about");
const ZONE: Asked = asked("zone", Kind::Zone, "mcp-argument-zone", "mcp-argument-zone-about");
const DAYS: Asked = asked("days", Kind::Days, "mcp-argument-days", "mcp-argument-days-about");
const TOPICS: Asked = asked("topics", Kind::Free, "mcp-argument-topics", "mcp-argument-topics-about");
const FIGURES: Asked = asked("figures", Kind::Free, "mcp-argument-figures", "mcp-argument-figures-about");
const POST: Asked = asked("post", Kind::Post, "mcp-argument-post", "mcp-argument-post-about");
const SOURCE: Asked =
    Asked { is_required: true, ..asked("source", Kind::Post, "mcp-argument-source", "mcp-argument-source-about") };

impl Which {
    const ALL: [Self; 5] = [Self::PlanWeek, Self::Repurpose, Self::WeeklyReview, Self::ExplainDip, Self::FollowUp];

    const fn name(self) -> &'static str {
        match self {
            Self::PlanWeek => "plan_week",
            Self::Repurpose => "repurpose",
            Self::WeeklyReview => "weekly_review",
            Self::ExplainDip => "explain_dip",
            Self::FollowUp => "follow_up",
        }
    }

    fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|which| which.name() == name)
    }

    fn wording(self) -> (Sentence, Sentence) {
        match self {
            Self::PlanWeek => (say!("mcp-prompt-plan-week"), say!("mcp-prompt-plan-week-about")),
            Self::Repurpose => (say!("mcp-prompt-repurpose"), say!("mcp-prompt-repurpose-about")),
            Self::WeeklyReview => (say!("mcp-prompt-weekly-review"), say!("mcp-prompt-weekly-review-about")),
            Self::ExplainDip => (say!("mcp-prompt-explain-dip"), say!("mcp-prompt-explain-dip-about")),
            Self::FollowUp => (say!("mcp-prompt-follow-up"), say!("mcp-prompt-follow-up-about")),
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::PlanWeek => Icon::Calendar,
            Self::Repurpose | Self::FollowUp => Icon::Write,
            Self::WeeklyReview | Self::ExplainDip => Icon::Report,
        }
    }

    const fn arguments(self) -> &'static [Asked] {
        match self {
            Self::PlanWeek => &[WEEK, ACCOUNT, TOPICS, ZONE],
            Self::Repurpose => &[SOURCE, ACCOUNT],
            Self::WeeklyReview => &[DAYS],
            Self::ExplainDip => &[FIGURES, WEEK, ACCOUNT],
            Self::FollowUp => &[POST],
        }
    }

    /// Whether it ends in drafts.
    const fn writes(self) -> bool {
        match self {
            Self::PlanWeek | Self::Repurpose | Self::FollowUp => true,
            Self::WeeklyReview | Self::ExplainDip => false,
        }
    }
}

/// What an argument of a prompt is; none for what is no argument of it.
pub(super) fn kind_of(prompt: &str, argument: &str) -> Option<Kind> {
    Which::find(prompt)?.arguments().iter().find(|asked| asked.name == argument).map(|asked| asked.kind)
}

#[derive(Template)]
#[template(path = "plan_week.md", escape = "none")]
struct PlanWeek<'a> {
    week: &'a str,
    from: &'a str,
    until: &'a str,
    zone: &'a str,
    account: Option<&'a str>,
    topics: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "repurpose.md", escape = "none")]
struct Repurpose<'a> {
    account: Option<&'a str>,
    source: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "weekly_review.md", escape = "none")]
struct WeeklyReview<'a> {
    days: u8,
    from: &'a str,
    until: &'a str,
    zone: &'a str,
}

#[derive(Template)]
#[template(path = "explain_dip.md", escape = "none")]
struct ExplainDip<'a> {
    week: &'a str,
    from: &'a str,
    until: &'a str,
    zone: &'a str,
    account: Option<&'a str>,
    figures: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "follow_up.md", escape = "none")]
struct FollowUp<'a> {
    post: &'a str,
    said: Option<&'a str>,
}

/// What a person filled in, read.
struct Filled {
    week: Week,
    account: Option<String>,
    zone: String,
    days: u8,
    post: Option<PostId>,
    text: Option<String>,
}

impl Filled {
    /// The first and the last day of the week.
    fn ends(&self) -> (String, String) {
        let days = self.week.days();
        let end = |day: Option<&jiff::civil::Date>| day.map(ToString::to_string).unwrap_or_default();
        (end(days.first()), end(days.last()))
    }
}

impl Reader {
    fn offers(&self, which: Which) -> bool {
        let may_write = self.allowed.writes() && self.bearer.scopes.has(Scope::PostsDraft);
        self.may_read(Area::Posts) && (may_write || !which.writes())
    }

    /// The prompts that make sense for this caller, titled in their language.
    pub(super) fn prompts(&self) -> ListPromptsResult {
        let words = |key: &str| self.app.words().say(self.caller().lang, &Sentence::new(key));
        let listed = |which: Which| {
            let (title, about) = which.wording();
            let arguments = which.arguments().iter().map(|asked| {
                let argument = PromptArgument::new(asked.name).with_title(words(asked.title));
                argument.with_description(words(asked.about)).with_required(asked.is_required)
            });
            Prompt::new(which.name(), Some(words(&about.key)), Some(arguments.collect()))
                .with_title(words(&title.key))
                .with_icons(which.icon().listed(self.app.public_url()))
        };
        let all = Which::ALL.into_iter().filter(|which| self.offers(*which)).map(listed).collect();
        ListPromptsResult::with_all_items(all).with_ttl_ms(0).with_cache_scope(CacheScope::Private)
    }

    /// One of them, filled in.
    pub(super) async fn prompt(&self, request: GetPromptRequestParams) -> Result<GetPromptResult, ErrorData> {
        let Some(which) = Which::find(&request.name).filter(|which| self.offers(*which)) else {
            let what = say!("mcp-prompt-unknown", name = plain(&request.name, 60));
            return Err(ErrorData::invalid_params(self.english(&what), None));
        };
        let filled = self.fill(which, &request).await.map_err(|error| self.fault(error))?;
        let text = self.render(which, &filled).map_err(|error| self.fault(error))?;
        let mut messages = vec![PromptMessage::new_text(Role::User, text)];
        let mut room = BYTES_MAX;
        for thing in attached(which, &filled) {
            messages.extend(self.attach(&thing, &mut room).await?);
        }
        Ok(GetPromptResult::new(messages).with_description(self.english(&which.wording().1)))
    }

    /// A resource whole while there is room, then by its name only; nothing when it may not be read.
    async fn attach(&self, thing: &Thing, room: &mut usize) -> Result<Option<PromptMessage>, ErrorData> {
        let read = match self.read(thing).await {
            Ok(read) => read,
            Err(ToolError::Refused(_)) => return Ok(None),
            Err(error) => return Err(self.fault(error)),
        };
        let uri = thing.to_string();
        if read.text.len() > *room {
            let name = uri.trim_start_matches("socrazi://").to_owned();
            let link = Resource::new(uri, name).with_mime_type(thing.mime_type());
            return Ok(Some(PromptMessage::new_resource_link(Role::User, link)));
        }
        *room -= read.text.len();
        self.noted(&read).await?;
        let (mime, meta) = (Some(thing.mime_type().to_owned()), read.is_third_party.then(third_party));
        Ok(Some(PromptMessage::new_resource(Role::User, uri, mime, Some(read.text), None, meta, None)))
    }

    async fn fill(&self, which: Which, request: &GetPromptRequestParams) -> Result<Filled, ToolError> {
        let given = |name: &str| -> Option<String> {
            let value = request.arguments.as_ref()?.get(name)?.as_str()?.trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        for (name, value) in request.arguments.iter().flatten() {
            let is_known = kind_of(which.name(), name).is_some();
            if !is_known || !matches!(value, Value::String(_)) {
                return Err(say!("mcp-argument-unknown", name = plain(name, 60), prompt = which.name()).into());
            }
        }
        if let Some(missing) = which.arguments().iter().find(|asked| asked.is_required && given(asked.name).is_none()) {
            return Err(say!("mcp-argument-missing", name = missing.name, prompt = which.name()).into());
        }
        let zone = given("zone").map_or_else(|| Ok(self.caller().zone.clone()), |zone| read_zone(&zone))?;
        let this = Week::of(self.app.now_ms(), &zone);
        let usual = match which {
            Which::PlanWeek => this.plus(1),
            Which::ExplainDip => this.plus(-1),
            Which::Repurpose | Which::WeeklyReview | Which::FollowUp => None,
        };
        let wrong = |what: &'static str| say!("common-argument-wrong", what = what);
        let week = match given("week") {
            Some(week) => week.parse().map_err(|()| wrong("week must be as in 2026-W48"))?,
            None => usual.unwrap_or(this),
        };
        let days = match given("days") {
            Some(days) => days
                .parse()
                .ok()
                .filter(|days| REPORT_DAYS.contains(days))
                .ok_or_else(|| wrong("days must be 7 or 28"))?,
            None => REPORT_DAYS[0],
        };
        let account = match given("account") {
            Some(name) => Some(self.account(&name).await?),
            None => None,
        };
        let source = given("source");
        if which == Which::FollowUp {
            return self.followed(given("post"), (this, zone)).await;
        }
        let post = source.as_deref().and_then(|source| source.parse::<PostId>().ok());
        if let Some(post) = &post {
            // One that is not there is said now, not by the model.
            self.app.read_post(self.caller(), post).await?;
        }
        let text = source.filter(|_| post.is_none()).or_else(|| given("topics")).or_else(|| given("figures"));
        if text.as_ref().is_some_and(|text| text.chars().count() > TEXT_CHARS_MAX) {
            return Err(say!("mcp-argument-long", max = TEXT_CHARS_MAX).into());
        }
        Ok(Filled { week, account, zone, days, post, text: text.map(|text| inert(&text)) })
    }

    /// The post to be followed up, with the figures that say why.
    async fn followed(&self, named: Option<String>, (week, zone): (Week, String)) -> Result<Filled, ToolError> {
        let winners = self.app.winners(self.caller()).await?;
        let post = match &named {
            Some(named) => named.parse().map_err(|_| say!("post-not-found", id = plain(named, 60)))?,
            None => winners.first().map(|one| one.winner.post.clone()).ok_or_else(|| say!("mcp-prompt-no-winner"))?,
        };
        self.app.read_post(self.caller(), &post).await?;
        let counted = winners.into_iter().find(|one| one.winner.post == post);
        let text = counted.map(|one| inert(&self.english(&one.said)));
        Ok(Filled { week, account: None, zone, days: REPORT_DAYS[0], post: Some(post), text })
    }

    /// The account of that name, as it is written.
    async fn account(&self, name: &str) -> Result<String, ToolError> {
        let all = self.app.list_accounts(self.caller()).await?;
        let plain_name = name.trim_start_matches('@').to_lowercase();
        let found = all
            .iter()
            .find(|view| view.account.handle.to_lowercase() == plain_name || view.account.id.as_str() == name);
        let found = found.ok_or_else(|| say!("account-not-found", id = plain(name, 60)))?;
        Ok(format!("@{} on {}", found.account.handle, found.account.network.shown()))
    }

    fn render(&self, which: Which, filled: &Filled) -> Result<String, ToolError> {
        let (from, until) = filled.ends();
        let (week, account, text) = (filled.week.to_string(), filled.account.as_deref(), filled.text.as_deref());
        let (week, from, until, zone) = (week.as_str(), from.as_str(), until.as_str(), filled.zone.as_str());
        let text = match which {
            Which::PlanWeek => PlanWeek { week, from, until, zone, account, topics: text }.render(),
            Which::Repurpose => Repurpose { account, source: text }.render(),
            Which::WeeklyReview => {
                let days = last_days(self.app.now_ms(), zone, i64::from(filled.days));
                let end =
                    |day: Option<&(jiff::civil::Date, i64)>| day.map(|(day, _)| day.to_string()).unwrap_or_default();
                let (from, until) = (end(days.first()), end(days.last()));
                WeeklyReview { days: filled.days, from: &from, until: &until, zone }.render()
            }
            Which::ExplainDip => ExplainDip { week, from, until, zone, account, figures: text }.render(),
            Which::FollowUp => FollowUp { post: filled.post.as_ref().map_or("", PostId::as_str), said: text }.render(),
        };
        text.map_err(|error| ToolError::Failed(error.to_string()))
    }
}

/// What the model should have read first.
fn attached(which: Which, filled: &Filled) -> Vec<Thing> {
    match which {
        Which::PlanWeek => vec![Thing::Voice, Thing::Accounts, Thing::Week(filled.week)],
        Which::Repurpose | Which::FollowUp => {
            filled.post.clone().map(Thing::Post).into_iter().chain([Thing::Voice, Thing::Accounts]).collect()
        }
        Which::WeeklyReview => vec![Thing::Report(filled.days)],
        Which::ExplainDip => vec![Thing::Report(REPORT_DAYS[1]), Thing::Week(filled.week)],
    }
}

/// A text that cannot close the quotation marks around it.
fn inert(text: &str) -> String {
    text.replace("quoted>", "quoted ›").replace("</", "< /")
}
