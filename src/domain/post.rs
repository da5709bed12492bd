//! What is said: posts, their variants per account, the segments of a thread, and the hash that an approval binds to.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use super::frame::{Frame, Leads, Several, fold};
use super::ids::{AccountId, MediaId, PostId, VariantId, WorkspaceId};
pub use super::inside::Inside;
use super::network::Network;
use super::refusal::Sentence;
use crate::say;

/// A poll under one segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Poll {
    /// In order.
    pub options: Vec<String>,
    /// Its length in minutes.
    pub minutes: u32,
}

const HOUR_MINUTES: u32 = 60;
const DAY_MINUTES: u32 = 24 * HOUR_MINUTES;

impl Poll {
    /// That it is a poll and how long it runs, in the largest unit that says it whole (`post-poll-*`).
    #[must_use]
    pub fn wording(&self) -> Sentence {
        match self.minutes {
            0 => say!("post-poll-minutes", count = 0),
            whole if whole.is_multiple_of(DAY_MINUTES) => say!("post-poll-days", count = whole / DAY_MINUTES),
            whole if whole.is_multiple_of(HOUR_MINUTES) => say!("post-poll-hours", count = whole / HOUR_MINUTES),
            minutes => say!("post-poll-minutes", count = minutes),
        }
    }
}

/// One visible unit: a post, or one link of a thread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The text as the author wrote it.
    pub text: String,
    /// Media shown with it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaId>,
    /// A poll, where the network has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
}

/// Who may reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Repliers {
    /// People the account follows.
    Following,
    /// People mentioned in the post.
    Mentioned,
    /// Subscribers.
    Subscribers,
    /// Verified accounts.
    Verified,
}

/// Choices beside the text. All of them are part of what is approved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Options {
    /// Who may reply; else everyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repliers: Option<Repliers>,
    /// Made with AI.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub made_with_ai: bool,
    /// A paid partnership.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub paid_partnership: bool,
    /// By its rules.
    #[serde(skip_serializing_if = "InstagramOptions::is_none")]
    #[schemars(schema_with = "some_object")]
    pub instagram: InstagramOptions,
    /// By its rules.
    #[serde(skip_serializing_if = "TikTokOptions::is_none")]
    #[schemars(schema_with = "some_object")]
    pub tiktok: TikTokOptions,
    /// As its rules say.
    #[serde(skip_serializing_if = "YouTubeOptions::is_none")]
    #[schemars(schema_with = "some_object")]
    pub youtube: YouTubeOptions,
}

/// A schema that says no more than that: every conversation pays for it, and the rules of a network say what stands in it.
fn some_object(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "object" })
}

/// Choices that only Instagram has (platforms/instagram.md §3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InstagramOptions {
    /// Shown for a day as a story instead of staying on the profile.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub story: bool,
    /// Handles of accounts that are invited to show it on theirs, too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub collaborators: Vec<String>,
    /// The id of the place that it is tagged with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

impl InstagramOptions {
    /// Nothing was chosen.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    fn wordings(&self) -> Vec<Sentence> {
        let Self { story, collaborators, location } = self;
        let mut sentences = Vec::new();
        if *story {
            sentences.push(say!("approval-option-instagram-story"));
        }
        if !collaborators.is_empty() {
            sentences.push(say!("approval-option-instagram-collaborators", handles = collaborators.join(", ")));
        }
        if let Some(id) = location {
            sentences.push(say!("approval-option-instagram-location", id = id));
        }
        sentences
    }
}

/// Who sees a post on TikTok; which of these an account has, TikTok says (platforms/tiktok.md §4.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TikTokPrivacy {
    /// Everyone; public accounts.
    Public,
    /// Followers; private accounts.
    Followers,
    /// Followers who are followed back.
    Friends,
    /// Nobody but the account itself.
    OnlyMe,
}

/// Choices that only TikTok has (platforms/tiktok.md §4). None of them is made for the person: what is not chosen is off, and who sees the post
/// must be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TikTokOptions {
    /// Who sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy: Option<TikTokPrivacy>,
    /// People may comment.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub comments: bool,
    /// People may make a Duet with it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub duet: bool,
    /// People may make a Stitch of it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stitch: bool,
    /// It promotes the account's own business.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub own_brand: bool,
    /// Laid into the account's inbox, where the person finishes it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
    /// Title above photos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// TikTok adds music to photos.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub music: bool,
    /// Which moment of a video is its cover, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cover_ms: Option<u32>,
}

impl TikTokOptions {
    /// Nothing was chosen.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    fn wordings(&self) -> Vec<Sentence> {
        let Self { privacy, comments, duet, stitch, own_brand, draft, title, music, cover_ms } = self;
        let mut sentences = Vec::new();
        if *draft {
            sentences.push(say!("approval-option-tiktok-draft"));
        }
        if let Some(privacy) = privacy {
            sentences.push(privacy.wording());
            let word = |is_on: &bool| if *is_on { "on" } else { "off" };
            let (comments, duet, stitch) = (word(comments), word(duet), word(stitch));
            sentences.push(say!("approval-option-tiktok-allowed", comments = comments, duet = duet, stitch = stitch));
        }
        if *own_brand {
            sentences.push(say!("approval-option-tiktok-own-brand"));
        }
        if let Some(title) = title {
            sentences.push(say!("approval-option-tiktok-title", title = title));
        }
        if *music {
            sentences.push(say!("approval-option-tiktok-music"));
        }
        if let Some(ms) = cover_ms {
            let at = format!("{}.{}", ms / 1000, ms / 100 % 10);
            sentences.push(say!("approval-option-tiktok-cover", seconds = at));
        }
        sentences
    }
}

impl TikTokPrivacy {
    fn wording(self) -> Sentence {
        match self {
            Self::Public => say!("approval-option-tiktok-privacy-public"),
            Self::Followers => say!("approval-option-tiktok-privacy-followers"),
            Self::Friends => say!("approval-option-tiktok-privacy-friends"),
            Self::OnlyMe => say!("approval-option-tiktok-privacy-only-me"),
        }
    }
}

/// Who can see a video (platforms/google.md §4.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody.
    #[default]
    Public,
    /// Whoever has the link.
    Unlisted,
    /// The channel's own people.
    Private,
}

impl Visibility {
    /// The word in calls.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Private => "private",
        }
    }

    fn is_public(&self) -> bool {
        *self == Self::Public
    }
}

/// Choices that only YouTube has (platforms/google.md §4.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct YouTubeOptions {
    /// The title; without it the first line of the text is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Words by which it is found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The number of its category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whether it is made for children: the law wants it said, so nothing is assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_kids: Option<bool>,
    /// Who can see it.
    #[serde(skip_serializing_if = "Visibility::is_public")]
    pub visibility: Visibility,
    /// Subscribers are not told of it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
}

impl YouTubeOptions {
    /// Nothing was chosen.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    fn wordings(&self) -> Vec<Sentence> {
        let Self { title, tags, category, for_kids, visibility, quiet } = self;
        let mut sentences = Vec::new();
        if let Some(title) = title {
            sentences.push(say!("approval-option-youtube-title", title = title));
        }
        sentences.extend(for_kids.map(|is_for_kids| match is_for_kids {
            true => say!("approval-option-youtube-for-kids"),
            false => say!("approval-option-youtube-not-for-kids"),
        }));
        match visibility {
            Visibility::Public => {}
            Visibility::Unlisted => sentences.push(say!("approval-option-youtube-unlisted")),
            Visibility::Private => sentences.push(say!("approval-option-youtube-private")),
        }
        if !tags.is_empty() {
            sentences.push(say!("approval-option-youtube-tags", tags = tags.join(", ")));
        }
        if let Some(id) = category {
            sentences.push(say!("approval-option-youtube-category", id = id));
        }
        if *quiet {
            sentences.push(say!("approval-option-youtube-quiet"));
        }
        sentences
    }
}

impl Options {
    /// Without what only another network has: whoever approves reads what this account will show.
    #[must_use]
    pub fn of(mut self, network: Network) -> Self {
        if network != Network::Instagram {
            self.instagram = InstagramOptions::default();
        }
        if network != Network::TikTok {
            self.tiktok = TikTokOptions::default();
        }
        if network != Network::YouTube {
            self.youtube = YouTubeOptions::default();
        }
        self
    }

    /// Each choice that was made, in words (`approval-option-*`).
    #[must_use]
    pub fn wordings(&self) -> Vec<Sentence> {
        // Taken apart, so that a new choice cannot be forgotten here: whoever approves must read it.
        let Self { repliers, made_with_ai, paid_partnership, instagram, tiktok, youtube } = self;
        let mut sentences: Vec<_> = repliers.iter().map(|repliers| repliers.wording()).collect();
        if *made_with_ai {
            sentences.push(say!("approval-option-made-with-ai"));
        }
        if *paid_partnership {
            sentences.push(say!("approval-option-paid-partnership"));
        }
        sentences.extend(instagram.wordings());
        sentences.extend(tiktok.wordings());
        sentences.extend(youtube.wordings());
        sentences
    }
}

impl Repliers {
    fn wording(self) -> Sentence {
        match self {
            Self::Following => say!("approval-option-repliers-following"),
            Self::Mentioned => say!("approval-option-repliers-mentioned"),
            Self::Subscribers => say!("approval-option-repliers-subscribers"),
            Self::Verified => say!("approval-option-repliers-verified"),
        }
    }
}

/// What one account will show: its segments and options.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// One or more segments; more than one is a thread.
    pub segments: Vec<Segment>,
    /// Choices beside the text.
    #[serde(default)]
    pub options: Options,
}

/// A post's form for one account, at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Our id.
    pub id: VariantId,
    /// The account it is for.
    pub account: AccountId,
    /// What it shows.
    pub content: Content,
}

/// One thing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Our id.
    pub id: PostId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Goes up by one with every edit.
    pub revision: i64,
    /// Its variants at that revision.
    pub variants: Vec<Variant>,
    /// When it was begun, Unix milliseconds.
    pub created_at: i64,
    /// When it was last edited, Unix milliseconds.
    pub edited_at: i64,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<i64>,
    /// Since when publishing of it is paused, if it is.
    pub paused_at: Option<i64>,
    /// Since when it holds what a turn wrote that could read somebody else's words.
    pub tainted_at: Option<i64>,
}

/// What is known of a medium from its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaFacts {
    /// Our id.
    pub id: MediaId,
    /// The type, read from the bytes.
    pub mime: String,
    /// Size in bytes.
    pub bytes: i64,
    /// SHA-256 of the bytes as stored, lowercase hexadecimal.
    pub sha256: String,
    /// Width in pixels; 0 when it has none.
    pub width: i64,
    /// Height in pixels; 0 when it has none.
    pub height: i64,
    /// Length of a video in milliseconds; 0 when it has none or it is not known.
    pub duration_ms: i64,
    /// Text for people who cannot see it.
    pub alt: Option<String>,
    /// What else its bytes tell.
    pub inside: Inside,
}

impl MediaFacts {
    /// Its type and how large it is seen: documents have no size of their own.
    #[must_use]
    pub fn measured(&self) -> String {
        if self.width > 0 { format!("{}, {}×{}", self.mime, self.width, self.height) } else { self.mime.clone() }
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The network would refuse it, so we do.
    Error,
    /// It would go out, but the author should know.
    Warning,
}

/// One result of checking a variant against its network's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Which segment, from 0; `None` when it is about the whole variant.
    pub part: Option<usize>,
    /// What is wrong, what is allowed and what to do next.
    pub what: Sentence,
}

/// One segment as a reader of that network would meet it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentPreview {
    /// The text as it will be sent.
    pub text: String,
    /// Its length by the network's own counting.
    pub length: usize,
    /// The most the network takes.
    pub length_max: usize,
    /// The media that go with it, in order.
    pub media: Vec<MediaFacts>,
    /// The poll under it.
    pub poll: Option<Poll>,
    /// How many characters are seen before a reader has to ask for the rest; `None` when all of it is.
    pub fold: Option<usize>,
    /// The link whose card stands under the text, where the network shows one.
    pub card: Option<String>,
}

/// A variant as its network would show it, and what sending it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// In order.
    pub segments: Vec<SegmentPreview>,
    /// How media stand there.
    pub frame: Frame,
    /// What the network charges for sending it, in millionths of a US dollar.
    pub cost_usd_micros: i64,
}

/// SHA-256 of a JSON value with sorted keys, lowercase hexadecimal.
/// `serde_json`'s map is sorted, so equal values always give equal text.
#[must_use]
pub fn digest(value: &serde_json::Value) -> String {
    let mut hash = Sha256::new();
    hash.update(value.to_string().as_bytes());
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of what one account will show: texts, media bytes (by their SHA-256), options and the account's id
/// (DECISIONS 5: the name is shown, not hashed). `media` must hold the facts of every medium the content names.
#[must_use]
pub fn content_hash(account: &AccountId, content: &Content, media: &[MediaFacts]) -> String {
    let segments: Vec<_> = content
        .segments
        .iter()
        .map(|segment| {
            let bytes: Vec<_> = segment
                .media
                .iter()
                .map(|id| {
                    let facts = media.iter().find(|facts| facts.id == *id);
                    serde_json::json!([facts.map(|f| f.sha256.as_str()), facts.and_then(|f| f.alt.as_deref())])
                })
                .collect();
            serde_json::json!({ "text": segment.text, "media": bytes, "poll": segment.poll })
        })
        .collect();
    digest(&serde_json::json!({
        "v": 1,
        "account": account.as_str(),
        "segments": segments,
        "options": content.options,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(text: &str) -> Content {
        Content { segments: vec![Segment { text: text.into(), ..Segment::default() }], options: Options::default() }
    }

    #[test]
    fn what_is_too_tall_or_too_wide_is_cut_to_what_is_seen() {
        let frame = Frame { tallest: Some((4, 5)), widest: Some((191, 100)), ..Frame::default() };
        let of = |frame: Frame, width, height| {
            let (id, mime, sha256) = (MediaId::generate(1, 1), "image/png".into(), String::new());
            frame.crop(&MediaFacts {
                id,
                mime,
                bytes: 1,
                sha256,
                width,
                height,
                duration_ms: 0,
                alt: None,
                inside: Inside::default(),
            })
        };
        for (width, height, wanted) in [
            (800, 1_000, None),
            (799, 1_000, Some((4, 5))),
            (1_910, 1_000, None),
            (1_911, 1_000, Some((191, 100))),
            (0, 0, None),
            (i64::MAX, 1, Some((191, 100))),
        ] {
            assert_eq!(of(frame, width, height), wanted, "{width}x{height}");
            assert_eq!(of(Frame::default(), width, height), None);
        }
    }

    #[test]
    fn the_hash_changes_with_text_account_and_disclosure() {
        let (a, b) = (AccountId::generate(1, 1), AccountId::generate(1, 2));
        let base = content_hash(&a, &content("x"), &[]);
        assert_eq!(base, content_hash(&a, &content("x"), &[]));
        assert_ne!(base, content_hash(&b, &content("x"), &[]));
        assert_ne!(base, content_hash(&a, &content("y"), &[]));
        let mut disclosed = content("x");
        disclosed.options.made_with_ai = true;
        assert_ne!(base, content_hash(&a, &disclosed, &[]));
    }

    #[test]
    fn the_hash_sees_the_bytes_of_media_not_their_ids() {
        let account = AccountId::generate(1, 1);
        let id = MediaId::generate(1, 3);
        let mut with = content("x");
        with.segments[0].media.push(id.clone());
        let facts = |sha: &str| MediaFacts {
            id: id.clone(),
            mime: "image/png".into(),
            bytes: 1,
            sha256: sha.into(),
            width: 1,
            height: 1,
            duration_ms: 0,
            alt: None,
            inside: Inside::default(),
        };
        assert_ne!(content_hash(&account, &with, &[facts("aa")]), content_hash(&account, &with, &[facts("bb")]));
    }
}
