//! What every page knows: the reader's language and zone, their form token, and how refusals look.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use super::gate::{find_signed_in, stranger};
use crate::app::pictured::told;
use crate::app::{App, SignedIn};
use crate::desk::view::{
    ApprovalLine, ApprovalView, BatchLine, ChangeLine, DeliveryView, PostStatus, PostView, Receipt,
};
use crate::domain::account::Account;
use crate::domain::approval::{Approval, Decision, Late};
use crate::domain::batch::BatchOutcome;
use crate::domain::caller::Grant;
use crate::domain::delivery::State as DeliveryState;
use crate::domain::lang::Lang;
use crate::domain::network::Network;
use crate::domain::place::{ChatPlace, Joins};
use crate::domain::post::{Finding, MediaFacts, Preview, Severity};
use crate::domain::recurrence::Recurrence;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::i18n::Words;
use crate::say;

/// The beginning of a text that tells posts apart.
const BEGINNING_CHARS: usize = 120;

/// A value that a template hands over, behind however many references it made of it.
pub(super) trait Plain<T> {
    /// The value.
    fn plain(&self) -> &T;
}

macro_rules! plain {
    ($($of:ty),+) => {$(
        impl Plain<$of> for $of {
            fn plain(&self) -> &$of {
                self
            }
        }
        impl Plain<$of> for &$of {
            fn plain(&self) -> &$of {
                self
            }
        }
        impl Plain<$of> for &&$of {
            fn plain(&self) -> &$of {
                self
            }
        }
    )+};
}
plain!(usize, Sentence, Grant, i64);

/// What a template knows beside its own data.
pub(super) struct Page {
    pub(super) lang: Lang,
    pub(super) zone: String,
    pub(super) csrf: String,
    pub(super) signed_in: bool,
    /// What every page of a simulation says.
    pub(super) banner: Option<&'static str>,
    pub(super) place: &'static str,
    words: Arc<Words>,
    now_ms: i64,
}

impl Page {
    /// For somebody signed in; `place` marks the entry in the navigation.
    pub(super) fn of(app: &App, person: &SignedIn, place: &'static str) -> Self {
        let caller = &person.caller;
        Self {
            csrf: person.csrf.clone(),
            signed_in: true,
            place,
            zone: caller.zone.clone(),
            ..Self::stranger(app, caller.lang)
        }
    }

    /// For somebody who is not.
    pub(super) fn stranger(app: &App, lang: Lang) -> Self {
        Self {
            lang,
            zone: "UTC".into(),
            csrf: String::new(),
            signed_in: false,
            banner: banner(app),
            place: "",
            words: Arc::clone(app.words()),
            now_ms: app.now_ms(),
        }
    }

    /// For tests of templates: somebody in Tokyo at a fixed instant.
    #[cfg(test)]
    pub(super) fn sample(lang: Lang) -> Self {
        Self {
            lang,
            zone: "Asia/Tokyo".into(),
            csrf: "token".into(),
            signed_in: true,
            banner: None,
            place: "",
            words: Arc::new(Words::load()),
            now_ms: 1_795_422_000_000,
        }
    }

    pub(super) fn t(&self, key: &str) -> String {
        self.words.text(self.lang, key)
    }

    pub(super) fn say(&self, sentence: impl Plain<Sentence>) -> String {
        self.words.tell(self.lang, sentence.plain())
    }

    pub(super) fn joins(&self, joins: &Joins) -> String {
        self.say(match joins {
            Joins::Nobody => say!("places-joins-nobody"),
            Joins::Chosen => say!("places-joins-chosen"),
            Joins::All => say!("places-joins-all"),
        })
    }

    pub(super) fn place(&self, word: &str) -> &'static str {
        ChatPlace::find(word).map_or("–", ChatPlace::shown)
    }

    pub(super) fn link_asked(&self, name: &str, place: &str) -> String {
        self.say(say!("link-asked", name = name, place = place))
    }

    pub(super) fn at(&self, moment: &Moment) -> String {
        self.words.moment(self.lang, moment, self.now_ms)
    }

    pub(super) fn at_in(&self, at_ms: impl Plain<i64>, zone: &str) -> String {
        self.words.short(self.lang, &Moment { at_ms: *at_ms.plain(), zone: zone.to_owned() }, self.now_ms)
    }

    /// When the first of a plan's post goes out, or where it cannot be told that it is not there.
    pub(super) fn item_when(&self, item: &BatchLine) -> String {
        let shown = |moment: &Moment| {
            // The page names the person's own zone once; another one stands with its time.
            if moment.zone == self.zone { self.words.short(self.lang, moment, self.now_ms) } else { self.at(moment) }
        };
        item.when().map_or_else(|| "–".to_owned(), shown)
    }

    /// Where a post's picture for an account is: another address for each revision and language.
    pub(super) fn post_picture(&self, post: &PostView, no: impl Plain<usize>) -> String {
        format!("/posts/{}/picture.png?of={}&as={}-{}", post.id, no.plain(), post.revision, self.lang.tag())
    }

    /// The same of what an approval would send.
    pub(super) fn approval_picture(&self, view: &ApprovalView, no: impl Plain<usize>) -> String {
        let Approval { id, hash, .. } = &view.approval;
        format!("/approvals/{id}/picture.png?of={}&as={}-{}", no.plain(), self.short(hash), self.lang.tag())
    }

    /// That picture in words.
    pub(super) fn pictured(&self, account: &Account, preview: &Preview) -> String {
        told(&self.words, self.lang, (account, preview))
    }

    /// The colour of what became of a plan's post, as a class.
    pub(super) fn item_dot(&self, outcome: &BatchOutcome) -> &'static str {
        match outcome {
            BatchOutcome::Scheduled => "scheduled",
            BatchOutcome::Left => "draft",
            BatchOutcome::Refused(_) => "needs_attention",
        }
    }

    pub(super) fn is_draft(&self, post: &PostView) -> bool {
        post.status == PostStatus::Draft
    }

    pub(super) fn is_approved(&self, view: &ApprovalView) -> bool {
        view.approval.decision == Decision::Approved
    }

    pub(super) fn cost(&self, line: &ApprovalLine) -> String {
        self.words.cost(self.lang, line.preview.cost_usd_micros, line.times())
    }

    pub(super) fn recurrence(&self, every: &Recurrence) -> String {
        self.words.recurrence(self.lang, every, self.now_ms)
    }

    pub(super) fn held_up(&self, count: impl Plain<usize>) -> String {
        self.words.say(self.lang, &say!("place-held-up", count = *count.plain()))
    }

    pub(super) fn more_to_come(&self, count: impl Plain<usize>) -> String {
        self.words.say(self.lang, &say!("post-more-to-come", count = *count.plain()))
    }

    pub(super) fn late(&self, late: &Late) -> String {
        self.t(&format!("resume-{}", late.word()))
    }

    pub(super) fn deletion_asked(&self, at_ms: impl Plain<i64>) -> String {
        self.say(say!("deletion-asked", at = self.at_in(at_ms, "UTC")))
    }

    pub(super) fn deletion_done(&self, at_ms: impl Plain<i64>) -> String {
        self.say(say!("deletion-done", at = self.at_in(at_ms, "UTC")))
    }

    /// An instant in the reader's zone, for lists: without the zone.
    pub(super) fn short_at(&self, at_ms: impl Plain<i64>) -> String {
        self.words.short(self.lang, &Moment { at_ms: *at_ms.plain(), zone: self.zone.clone() }, self.now_ms)
    }

    /// A sentence that names a network.
    pub(super) fn with_network(&self, key: &str, network: &Network) -> String {
        self.words.say(self.lang, &Sentence::new(key).with("network", network.shown()))
    }

    pub(super) fn day(&self, moment: &Moment) -> String {
        self.words.day(self.lang, moment)
    }

    /// Where an account's picture is, when there is one; another one has another address.
    pub(super) fn avatar(&self, account: &Account) -> Option<String> {
        account.avatar_at.map(|at| format!("/accounts/{}/avatar?at={at}", account.id))
    }

    /// What a medium says to people who cannot see it.
    pub(super) fn alt(&self, medium: &MediaFacts) -> String {
        medium.alt.clone().unwrap_or_else(|| self.t("post-no-alt"))
    }

    /// How much of a text is seen at first.
    pub(super) fn fold(&self, count: impl Plain<usize>) -> String {
        self.words.tell(self.lang, &say!("post-fold", count = *count.plain()))
    }

    /// Whose card stands under a text.
    pub(super) fn card(&self, link: &str) -> String {
        self.words.tell(self.lang, &say!("post-card", link = link))
    }

    pub(super) fn money(&self, usd_micros: impl Plain<i64>) -> String {
        self.words.money(*usd_micros.plain())
    }

    pub(super) fn grant(&self, grant: impl Plain<Grant>) -> String {
        self.t(match grant.plain() {
            Grant::Drafts => "grant-drafts",
            Grant::Schedules => "grant-schedules",
            Grant::Publishes => "grant-publishes",
        })
    }

    /// What of a film changes.
    pub(super) fn field(&self, line: &ChangeLine) -> String {
        self.say(say!("video-edit-field", field = line.field))
    }

    pub(super) fn thumbnail_field(&self) -> String {
        self.say(say!("video-edit-field", field = "thumbnail"))
    }

    pub(super) fn severity(&self, finding: &Finding) -> &'static str {
        match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }

    pub(super) fn beginning(&self, post: &PostView) -> String {
        let text = post
            .variants
            .first()
            .and_then(|variant| variant.content.segments.first())
            .map(|segment| segment.text.as_str());
        beginning(text, BEGINNING_CHARS)
    }

    pub(super) fn first_words(&self, preview: &Preview) -> String {
        beginning(preview.segments.first().map(|segment| segment.text.as_str()), BEGINNING_CHARS)
    }

    /// How many parts of a thread are out.
    pub(super) fn parts(&self, delivery: &DeliveryView) -> String {
        let (done, of) = delivery.parts;
        self.words.say(self.lang, &say!("post-parts", done = done, of = of))
    }

    /// Where it can be seen. Only web addresses become links, whatever a network may have answered.
    pub(super) fn link<'a>(&self, receipt: &'a Receipt) -> Option<&'a str> {
        receipt.permalink.as_deref().filter(|url| url.starts_with("https://") || url.starts_with("http://"))
    }

    /// The colour of a delivery's dot: the class of the post status it resembles. The sentence beside it says it in words.
    pub(super) fn dot(&self, delivery: &DeliveryView) -> &'static str {
        use DeliveryState as S;
        match delivery.state {
            S::Scheduled | S::Leased | S::Armed | S::Processing | S::Waiting => "scheduled",
            S::Published => "published",
            S::Unknown | S::Paused => "waiting_for_you",
            S::Blocked | S::Unapproved | S::NeedsHuman | S::Missed | S::Partial | S::Failed => "needs_attention",
            S::Cancelled | S::TakenDown => "withdrawn",
        }
    }

    pub(super) fn asks(&self, delivery: &DeliveryView) -> bool {
        delivery.state == DeliveryState::NeedsHuman
    }

    pub(super) fn is_missed(&self, delivery: &DeliveryView) -> bool {
        delivery.state == DeliveryState::Missed
    }

    /// Half a thread is visible, and nobody said yet what becomes of the rest.
    pub(super) fn is_half(&self, delivery: &DeliveryView) -> bool {
        delivery.state == DeliveryState::Partial && delivery.needs_attention()
    }

    pub(super) fn half(&self, delivery: &DeliveryView) -> String {
        let (done, of) = delivery.parts;
        self.words.say(self.lang, &say!("settle-half", done = done, of = of))
    }

    /// Whether the whole of it is out, so that a person may send it once more.
    pub(super) fn can_repeat(&self, post: &PostView) -> bool {
        post.status == PostStatus::Published
    }

    /// Whether withdrawing would change anything; where it is too late, only a person's answer does.
    pub(super) fn can_withdraw(&self, post: &PostView) -> bool {
        match post.status {
            PostStatus::Draft | PostStatus::WaitingForYou | PostStatus::Scheduled => true,
            PostStatus::NeedsAttention => post.deliveries.iter().any(|delivery| can_stop(delivery.state)),
            PostStatus::Published | PostStatus::Withdrawn => false,
        }
    }

    pub(super) fn short<'a>(&self, hash: &'a str) -> &'a str {
        hash.get(..12).unwrap_or(hash)
    }
}

/// Nothing of it is or may be visible.
fn can_stop(state: DeliveryState) -> bool {
    use DeliveryState as S;
    match state {
        S::Scheduled | S::Leased | S::Waiting | S::Blocked | S::Paused | S::Unapproved | S::Missed | S::Failed => true,
        S::Armed | S::Processing | S::Unknown | S::NeedsHuman | S::Published | S::Partial => false,
        S::Cancelled | S::TakenDown => false,
    }
}

fn banner(app: &App) -> Option<&'static str> {
    match (app.is_simulation(), app.talks_outside()) {
        (true, false) => Some("page-simulation"),
        (true, true) => Some("page-simulation-talks"),
        (false, _) => None,
    }
}

/// The first characters of a text, with a mark where there are more.
pub(super) fn beginning(text: Option<&str>, chars_max: usize) -> String {
    let text = text.unwrap_or("–");
    let cut: String = text.chars().take(chars_max).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}

/// A rendered template, or the plain page for our own faults.
pub(super) fn html(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(error = %error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message {
    page: Page,
    title: String,
    text: String,
}

/// What a refusal says, left with its answer: whoever is signed in gets it as a page of theirs ([`drawn_for`]).
#[derive(Clone)]
struct Refusal {
    title: &'static str,
    what: Sentence,
}

/// A refusal with the menu, zone and language of whoever asked; places that refuse need not know who that is.
pub(super) async fn drawn_for(app: &App, asked: &HeaderMap, mut response: Response) -> Response {
    let Some(Refusal { title, what }) = response.extensions_mut().remove::<Refusal>() else { return response };
    if let Ok(Some(person)) = find_signed_in(app, asked).await {
        let page = Page::of(app, &person, "");
        let (title, text) = (page.t(title), page.say(&what));
        *response.body_mut() = html(&Message { page, title, text }).into_body();
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    response
}

/// Something a page could not do, as a page.
pub(super) struct Refused {
    status: StatusCode,
    page: Page,
    title: &'static str,
    what: Sentence,
}

impl Refused {
    /// Our own faults go to the log; the reader gets a plain sentence.
    pub(super) fn new(app: &App, lang: Lang, error: ToolError) -> Self {
        let page = Page::stranger(app, lang);
        match error {
            ToolError::Refused(what) => Self { status: status(&what), page, title: "page-refused", what },
            ToolError::Failed(why) => {
                tracing::error!(error = %why, "a page failed");
                Self {
                    status: StatusCode::INTERNAL_SERVER_ERROR,
                    page,
                    title: "page-failed",
                    what: say!("common-failed"),
                }
            }
        }
    }

    /// The same for somebody signed in.
    pub(super) fn for_person(app: &App, person: &SignedIn, error: ToolError) -> Self {
        Self { page: Page::of(app, person, ""), ..Self::new(app, person.caller.lang, error) }
    }

    /// A form that did not come from our own page.
    pub(super) fn forged(app: &App, lang: Lang) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            page: Page::stranger(app, lang),
            title: "page-refused",
            what: say!("page-csrf", url = app.public_url().as_str()),
        }
    }

    /// A form that is none of ours: too large, of another kind, with other fields.
    pub(super) fn unreadable(app: &App, lang: Lang, status: StatusCode) -> Self {
        let what = match status {
            StatusCode::PAYLOAD_TOO_LARGE => say!("common-too-large", max = "64 KiB"),
            _ => say!("page-form-wrong"),
        };
        Self { status, page: Page::stranger(app, lang), title: "page-refused", what }
    }

    /// A form of somebody's that holds more than it may.
    pub(super) fn too_large(app: &App, person: &SignedIn, what: Sentence) -> Self {
        let page = Page::of(app, person, "");
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, page, title: "page-refused", what }
    }

    /// No such page.
    pub(super) fn missing(app: &App, lang: Lang) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            page: Page::stranger(app, lang),
            title: "page-not-found",
            what: say!("page-not-found-more"),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (title, text) = (self.page.t(self.title), self.page.say(&self.what));
        let mut response = html(&Message { page: self.page, title, text });
        *response.status_mut() = self.status;
        response.extensions_mut().insert(Refusal { title: self.title, what: self.what });
        response
    }
}

/// What a refusal means to a browser.
pub(super) fn status(what: &Sentence) -> StatusCode {
    match what.key.as_str() {
        "signin-link-dead" | "upload-not-found" | "connect-state-dead" | "approval-expired" => StatusCode::GONE,
        "signin-needed" => StatusCode::UNAUTHORIZED,
        "chat-stale" => StatusCode::FORBIDDEN,
        "chat-too-many" => StatusCode::TOO_MANY_REQUESTS,
        "chat-ending" => StatusCode::SERVICE_UNAVAILABLE,
        "common-failed" => StatusCode::INTERNAL_SERVER_ERROR,
        "approval-changed" | "approval-decided" | "approval-time-passed" | "settle-too-early" | "settle-too-late" => {
            StatusCode::CONFLICT
        }
        key if key.ends_with("-not-found") || key == "common-not-found-thing" => StatusCode::NOT_FOUND,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// The stylesheet.
pub(super) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../../assets/style.css"))
}

/// Whether the database answers.
pub(super) async fn ready(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    if app.is_ready().await {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
    }
}

/// Anything that is not one of ours.
pub(super) async fn missing(State(app): State<Arc<App>>, headers: HeaderMap) -> Refused {
    Refused::missing(&app, stranger(&app, &headers))
}

/// An address of ours, asked in a way it does not answer.
pub(super) async fn wrong_method(State(app): State<Arc<App>>, headers: HeaderMap) -> Refused {
    Refused { status: StatusCode::METHOD_NOT_ALLOWED, ..missing(State(app), headers).await }
}
