//! What cards say however they are drawn, as parts of a service's message or as lines of plain text: how an account is called, what stands beside
//! a text, what came of an answer. How it looks is each drawer's own.

use crate::domain::account::Account;
use crate::domain::approval::Decision;
use crate::domain::lang::Lang;
use crate::domain::post::{Poll, SegmentPreview};
use crate::domain::refusal::Sentence;
use crate::i18n::Words;
use crate::say;

/// A part of a post in words.
pub(super) struct Part<'a> {
    /// Its text, exactly.
    pub(super) text: &'a str,
    /// How long that is, out of how much.
    pub(super) count: String,
    /// What its poll asks, and the choices.
    pub(super) poll: Option<(String, Vec<String>)>,
    /// Pictures and films, the page that a link shows, where a reader must unfold it: a line each.
    pub(super) beside: Vec<String>,
}

/// All of a part. Whoever approves must read it, so it is taken apart: a new part of it cannot be forgotten here.
pub(super) fn part<'a>(words: &Words, lang: Lang, segment: &'a SegmentPreview) -> Part<'a> {
    let SegmentPreview { text, length, length_max, media, poll, fold, card } = segment;
    let mut beside = Vec::new();
    for medium in media {
        let alt = medium.alt.clone().unwrap_or_else(|| words.text(lang, "post-no-alt"));
        beside.push(format!("[{}] {alt}", medium.measured()));
    }
    beside.extend(card.iter().map(|link| words.tell(lang, &say!("post-card", link = link))));
    beside.extend(fold.iter().map(|count| words.tell(lang, &say!("post-fold", count = *count))));
    let choices = |poll: &Poll| poll.options.iter().map(|option| format!("○ {option}")).collect();
    let poll = poll.as_ref().map(|poll| (words.tell(lang, &poll.wording()), choices(poll)));
    Part { text, count: format!("{length} / {length_max}"), poll, beside }
}

/// What came of a person's answer; nothing while none was given.
pub(super) fn decided(decision: Decision) -> Option<Sentence> {
    match decision {
        Decision::Pending => None,
        Decision::Approved => Some(say!("approval-done-approved")),
        Decision::Declined => Some(say!("approval-done-declined")),
        Decision::Superseded => Some(say!("approval-done-superseded")),
        Decision::Expired => Some(say!("approval-done-expired")),
        Decision::Void => Some(say!("approval-done-void")),
    }
}

/// An account as cards call it: with its network, for handles are the same on several.
pub(crate) fn name(account: &Account) -> String {
    format!("{} · @{}", account.network.shown(), account.handle)
}
