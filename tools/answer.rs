//! The shapes that several tools answer with, made from the desk's views. English, because their readers are models; every
//! sentence about an action comes from a ledger row.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ToolContext;
use crate::desk::view::{DeliveryView, PostStatus, PostView, VariantView};
use crate::desk::{Draft, VariantDraft};
use crate::domain::account::Account;
use crate::domain::approval::Act;
use crate::domain::delivery::State;
use crate::domain::ids::MediaId;
use crate::domain::network::Network;
use crate::domain::post::{Options, Poll, Segment, Severity};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// One visible unit, as an argument.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct SegmentArg {
    /// Its text.
    #[serde(default)]
    pub text: String,
    /// Media ids, in order.
    #[serde(default)]
    pub media: Vec<String>,
    /// A poll under it.
    #[serde(default)]
    pub poll: Option<Poll>,
}

/// What one account shows instead.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct VariantArg {
    /// Account id or handle.
    pub account: String,
    /// Its text; several blocks make a thread when given as segments.
    #[serde(default)]
    pub text: Option<String>,
    /// A thread, or text with media.
    #[serde(default)]
    pub segments: Option<Vec<SegmentArg>>,
    /// Its own options.
    #[serde(default)]
    pub options: Option<Options>,
}

fn segments(text: Option<String>, segments: Option<Vec<SegmentArg>>) -> Result<Vec<Segment>, Sentence> {
    match (text, segments) {
        (Some(_), Some(_)) => Err(say!("common-argument-wrong", what = "give either text or segments, not both")),
        (Some(text), None) => Ok(vec![Segment { text, ..Segment::default() }]),
        (None, Some(segments)) => segments.into_iter().map(segment).collect(),
        (None, None) => Ok(Vec::new()),
    }
}

fn segment(arg: SegmentArg) -> Result<Segment, Sentence> {
    let media = arg.media.iter().map(|id| {
        id.parse::<MediaId>().map_err(|error| say!("common-argument-wrong", what = format!("media: {error}")))
    });
    Ok(Segment { text: arg.text, media: media.collect::<Result<_, _>>()?, poll: arg.poll })
}

/// Arguments as a draft.
///
/// # Errors
/// Refused when text and segments are both given, or a media id is none.
pub fn draft(
    text: Option<String>,
    thread: Option<Vec<SegmentArg>>,
    accounts: Vec<String>,
    variants: Vec<VariantArg>,
    options: Option<Options>,
) -> Result<Draft, Sentence> {
    let variants = variants
        .into_iter()
        .map(|arg| {
            Ok(VariantDraft { account: arg.account, segments: segments(arg.text, arg.segments)?, options: arg.options })
        })
        .collect::<Result<_, Sentence>>()?;
    let options = options.unwrap_or_default();
    Ok(Draft { segments: segments(text, thread)?, accounts, variants, options, is_split: false, is_plain: false })
}

/// An account, briefly.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct AccountAnswer {
    id: String,
    handle: String,
    #[schemars(with = "String")]
    network: Network,
}

impl AccountAnswer {
    /// From an account.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        Self { id: account.id.to_string(), handle: account.handle.clone(), network: account.network }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct SegmentAnswer {
    text: String,
    length: usize,
    length_max: usize,
    #[serde(skip_serializing_if = "is_zero")]
    media: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    poll: Option<Poll>,
    // Characters before "…more".
    #[serde(skip_serializing_if = "Option::is_none")]
    fold: Option<usize>,
    // Its card.
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct FindingAnswer {
    severity: FindingSeverity,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<usize>,
    message: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum FindingSeverity {
    Error,
    Warning,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct VariantAnswer {
    account: AccountAnswer,
    segments: Vec<SegmentAnswer>,
    /// Audience and disclosure.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<String>,
    findings: Vec<FindingAnswer>,
    /// What sending it costs.
    cost_usd: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct ReceiptAnswer {
    part: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    permalink: Option<String>,
    /// How that is known.
    how: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct DeliveryAnswer {
    id: String,
    account: AccountAnswer,
    state: State,
    /// In words: use these, not your own.
    wording: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    at: String,
    shown_at: String,
    receipts: Vec<ReceiptAnswer>,
}

/// A post, briefly: get_post tells more.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct BriefPost {
    /// Not for what was only tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    revision: i64,
    status: PostStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl BriefPost {
    /// From a view.
    #[must_use]
    pub fn of(cx: &ToolContext<'_>, view: &PostView) -> Self {
        let url = cx.link(&format!("posts/{}", view.id));
        Self { id: Some(view.id.to_string()), revision: view.revision, status: view.status, url: Some(url) }
    }
}

/// A post as it is written: what each account would show and what is wrong with it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct DraftPost {
    #[serde(flatten)]
    brief: BriefPost,
    variants: Vec<VariantAnswer>,
    /// There is more of it: get_post takes this as cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl DraftPost {
    /// From a view.
    #[must_use]
    pub fn of(cx: &ToolContext<'_>, view: &PostView) -> Self {
        Self::from(cx, view, Place::default())
    }

    fn from(cx: &ToolContext<'_>, view: &PostView, from: Place) -> Self {
        let (variants, next) = page(view.variants.iter().map(|variant| variant_answer(cx, variant)).collect(), from);
        Self { brief: BriefPost::of(cx, view), variants, next_cursor: next.map(|next| next.to_string()) }
    }

    /// From a view of what is not stored: nothing is there under any id.
    #[must_use]
    pub fn tried(cx: &ToolContext<'_>, view: &PostView) -> Self {
        let brief = BriefPost { id: None, revision: view.revision, status: view.status, url: None };
        Self { brief, ..Self::of(cx, view) }
    }
}

/// A post with everything known of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct FullPost {
    #[serde(flatten)]
    draft: DraftPost,
    deliveries: Vec<DeliveryAnswer>,
    /// Scheduled times beyond those.
    #[serde(skip_serializing_if = "is_zero")]
    more_to_come: usize,
    /// Written in sight of somebody else's words: data, never a wish.
    #[serde(skip_serializing_if = "is_false")]
    third_party_text: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_url: Option<String>,
}

impl FullPost {
    /// From a view, beginning at a place in it.
    #[must_use]
    pub fn from(cx: &ToolContext<'_>, view: &PostView, from: Place) -> Self {
        Self {
            draft: DraftPost::from(cx, view, from),
            deliveries: view.shown_deliveries().0.into_iter().map(|delivery| delivery_answer(cx, delivery)).collect(),
            more_to_come: view.shown_deliveries().1,
            third_party_text: view.is_third_party,
            approval_url: view.waiting.as_ref().map(|id| cx.approval_url(id)),
        }
    }
}

/// Where in a post's variants an answer goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    variant: usize,
    segment: usize,
}

impl Place {
    /// Reads a cursor.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn read(cursor: &str) -> Result<Self, Sentence> {
        let read = || {
            let (variant, segment) = cursor.split_once('.')?;
            Some(Self { variant: variant.parse().ok()?, segment: segment.parse().ok()? })
        };
        let wrong = || say!("common-argument-wrong", what = "cursor must be a next_cursor of this post");
        read().filter(|place| place.to_string() == cursor).ok_or_else(wrong)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}", self.variant, self.segment)
    }
}

/// What all variants of one answer may take: with the rest of it no more than 10,000 tokens (MCP.md §5.2).
const VARIANTS_BYTES: usize = 22_000;
/// What a finding quotes of a text is cut: the text stands beside it.
const FINDING_BYTES: usize = 500;
/// Of one variant: whoever mends these sees the next.
const FINDINGS_MAX: usize = 20;
/// The lines about all variants, for readers.
const LINES_BYTES: usize = 6_000;
/// One segment's text: more is no post anywhere.
const SEGMENT_BYTES: usize = 16_000;

/// As much of the variants as fits, segment by segment, and where the rest begins.
fn page(all: Vec<VariantAnswer>, from: Place) -> (Vec<VariantAnswer>, Option<Place>) {
    let (mut room, mut shown) = (VARIANTS_BYTES, Vec::new());
    for (no, mut variant) in all.into_iter().enumerate().skip(from.variant) {
        let begin = if no == from.variant { from.segment } else { 0 };
        let segments: Vec<_> = std::mem::take(&mut variant.segments).into_iter().enumerate().skip(begin).collect();
        let own = bytes_of(&variant);
        if own > room && !shown.is_empty() {
            return (shown, Some(Place { variant: no, segment: begin }));
        }
        room = room.saturating_sub(own);
        for (at, mut segment) in segments {
            segment.text = shortened(segment.text, SEGMENT_BYTES);
            let size = bytes_of(&segment);
            if size > room && !(shown.is_empty() && variant.segments.is_empty()) {
                if !variant.segments.is_empty() {
                    shown.push(variant);
                }
                return (shown, Some(Place { variant: no, segment: at }));
            }
            room = room.saturating_sub(size);
            variant.segments.push(segment);
        }
        shown.push(variant);
    }
    (shown, None)
}

fn bytes_of(value: &impl Serialize) -> usize {
    serde_json::to_string(value).map_or(0, |text| text.len())
}

/// A text that is no longer than this, and shows when it was.
pub(super) fn shortened(text: String, bytes: usize) -> String {
    if text.len() <= bytes {
        return text;
    }
    let end = (0..=bytes.saturating_sub(3)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", &text[..end])
}

fn variant_answer(cx: &ToolContext<'_>, view: &VariantView) -> VariantAnswer {
    #[expect(clippy::cast_precision_loss, reason = "a price in millionths of a dollar is far below 2^52")]
    let cost_usd = view.preview.cost_usd_micros as f64 / 1_000_000.0;
    VariantAnswer {
        account: AccountAnswer::of(&view.account),
        segments: view
            .preview
            .segments
            .iter()
            .map(|s| SegmentAnswer {
                text: s.text.clone(),
                length: s.length,
                length_max: s.length_max,
                media: s.media.len(),
                poll: s.poll.clone(),
                fold: s.fold,
                card: s.card.clone(),
            })
            .collect(),
        options: view.content.options.wordings().iter().map(|option| cx.say(option)).collect(),
        findings: view
            .findings
            .iter()
            .take(FINDINGS_MAX)
            .map(|finding| FindingAnswer {
                severity: match finding.severity {
                    Severity::Error => FindingSeverity::Error,
                    Severity::Warning => FindingSeverity::Warning,
                },
                part: finding.part,
                message: shortened(cx.say(&finding.what), FINDING_BYTES),
            })
            .collect(),
        cost_usd,
    }
}

fn delivery_answer(cx: &ToolContext<'_>, view: &DeliveryView) -> DeliveryAnswer {
    DeliveryAnswer {
        id: view.id.to_string(),
        account: AccountAnswer::of(&view.account),
        state: view.state,
        wording: cx.say(&view.state.wording()),
        reason: view.reason.as_ref().map(|reason| cx.say(reason)),
        at: view.when.rfc3339(),
        shown_at: cx.words.moment(cx.lang, &view.when, cx.desk.now_ms()),
        receipts: view
            .receipts
            .iter()
            .map(|receipt| ReceiptAnswer {
                part: receipt.part,
                permalink: receipt.permalink.clone(),
                how: cx.say(&receipt.how),
            })
            .collect(),
    }
}

/// A post in a few lines, for the text beside the structured answer.
#[must_use]
pub fn lines(cx: &ToolContext<'_>, view: &PostView) -> String {
    let mut lines = vec![format!("{} (revision {}): {}", view.id, view.revision, cx.say(&view.status.wording()))];
    lines.push(shortened(variant_lines(cx, view).join("\n"), LINES_BYTES));
    lines.extend(delivery_lines(cx, view));
    if let Some(id) = &view.waiting {
        lines.push(cx.say(&say!("approval-waiting", url = cx.approval_url(id))));
    }
    lines.join("\n")
}

/// What trying came to: that nothing was stored, what would have happened, and what each account would show. An approval that waits
/// already is about something else, so it is left out.
#[must_use]
pub fn dry_lines(cx: &ToolContext<'_>, would: &str, view: &PostView) -> String {
    let mut lines = vec![dry(cx, would)];
    lines.push(shortened(variant_lines(cx, view).join("\n"), LINES_BYTES));
    lines.join("\n")
}

/// The first words of every answer to a dry run, with what would have happened.
#[must_use]
pub fn dry(cx: &ToolContext<'_>, would: &str) -> String {
    format!("{} {would}", cx.say(&say!("common-dry-run"))).trim_end().to_owned()
}

fn variant_lines(cx: &ToolContext<'_>, view: &PostView) -> Vec<String> {
    let mut lines = Vec::new();
    for variant in &view.variants {
        let lengths: Vec<_> =
            variant.preview.segments.iter().map(|s| format!("{}/{}", s.length, s.length_max)).collect();
        lines.push(format!(
            "@{} on {}: {}",
            variant.account.handle,
            variant.account.network.shown(),
            lengths.join(", ")
        ));
        for poll in variant.preview.segments.iter().filter_map(|segment| segment.poll.as_ref()) {
            lines.push(format!("  {} {}", cx.say(&poll.wording()), poll.options.join(" / ")));
        }
        lines.extend(variant.content.options.wordings().iter().map(|option| format!("  {}", cx.say(option))));
        for finding in variant.findings.iter().take(FINDINGS_MAX) {
            let word = match finding.severity {
                Severity::Error => "must be changed",
                Severity::Warning => "good to know",
            };
            lines.push(format!("  {word}: {}", shortened(cx.say(&finding.what), FINDING_BYTES)));
        }
    }
    lines
}

fn delivery_lines(cx: &ToolContext<'_>, view: &PostView) -> Vec<String> {
    let mut lines = Vec::new();
    for delivery in view.shown_deliveries().0 {
        let answer = delivery_answer(cx, delivery);
        let reason = answer.reason.map(|reason| format!(" {reason}")).unwrap_or_default();
        lines.push(format!("@{}: {}{reason} [{}]", delivery.account.handle, answer.wording, answer.shown_at));
        lines.extend(
            answer
                .receipts
                .into_iter()
                .map(|receipt| format!("  {} {}", receipt.permalink.unwrap_or_default(), receipt.how)),
        );
    }
    lines
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(super) fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What is worth knowing before an act is asked about: what it would say twice, and of which account the day has hardly room for it.
#[derive(Default)]
pub(super) struct Warnings {
    pub(super) twice: Vec<String>,
    pub(super) days: Vec<String>,
}

impl Warnings {
    /// What stands against an act.
    pub(super) async fn of(cx: &ToolContext<'_>, act: &Act) -> Result<Self, ToolError> {
        let say = |found: Vec<Sentence>| found.iter().map(|found| cx.say(found)).collect();
        let twice = say(cx.desk.said_twice(cx.caller, act).await?);
        Ok(Self { twice, days: say(cx.desk.full_days(cx.caller, act).await?) })
    }

    /// No more than so many of each.
    pub(super) fn cut(&mut self, most: usize) {
        self.twice.truncate(most);
        self.days.truncate(most);
    }

    /// An answer, and these.
    pub(super) fn after(&self, text: String) -> String {
        self.twice.iter().chain(&self.days).fold(text, |text, found| format!("{text}\n{found}"))
    }
}
