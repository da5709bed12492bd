//! What a network's permissions (scopes) are good for. Which scope is for what, each network says as data; what is asked of a person and what they
//! allowed are lists of scopes, compared as sets.

use super::refusal::Sentence;
use crate::say;

/// Something that a network guards by a permission of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// Publishing at all.
    Publish,
    /// Pictures and videos.
    Media,
    /// The second and later posts of a thread.
    Parts,
    /// A comment under the post just published.
    FirstComment,
    /// Laying a draft into the account's inbox there.
    Inbox,
    /// Finding out after a cut whether something went out.
    Confirm,
    /// Figures of posts.
    Figures,
    /// How many follow the account.
    Followers,
    /// Taking something published down.
    TakeDown,
    /// Name, handle and picture.
    Profile,
    /// Fresh access without asking the person each time.
    Stay,
}

impl Purpose {
    /// The word in sentences.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Media => "media",
            Self::Parts => "parts",
            Self::FirstComment => "first_comment",
            Self::Inbox => "inbox",
            Self::Confirm => "confirm",
            Self::Figures => "figures",
            Self::Followers => "followers",
            Self::TakeDown => "take_down",
            Self::Profile => "profile",
            Self::Stay => "stay",
        }
    }

    /// As people read it: the thing that works with it.
    #[must_use]
    pub fn wording(self) -> Sentence {
        match self {
            Self::Publish => say!("purpose-publish"),
            Self::Media => say!("purpose-media"),
            Self::Parts => say!("purpose-parts"),
            Self::FirstComment => say!("purpose-first-comment"),
            Self::Inbox => say!("purpose-inbox"),
            Self::Confirm => say!("purpose-confirm"),
            Self::Figures => say!("purpose-figures"),
            Self::Followers => say!("purpose-followers"),
            Self::TakeDown => say!("purpose-take-down"),
            Self::Profile => say!("purpose-profile"),
            Self::Stay => say!("purpose-stay"),
        }
    }
}

/// A scope and one thing that takes it.
pub type Use = (&'static str, Purpose);

/// What does not work: everything that a scope is for which was asked for and not granted. Nothing where it is not known what was granted.
#[must_use]
pub fn lacking(uses: &[Use], asked: &[&str], granted: &str) -> Vec<Use> {
    let is_granted = |scope: &str| granted.split_whitespace().any(|one| one == scope);
    if granted.trim().is_empty() {
        return Vec::new();
    }
    uses.iter().copied().filter(|(scope, _)| asked.contains(scope) && !is_granted(scope)).collect()
}

/// The first thing among these for which a scope is missing. Nothing where it is not known what was granted.
#[must_use]
pub fn first_lacking(uses: &[Use], purposes: &[Purpose], granted: &str) -> Option<Use> {
    let is_granted = |scope: &str| granted.split_whitespace().any(|one| one == scope);
    if granted.trim().is_empty() {
        return None;
    }
    let of = |purpose: &Purpose| uses.iter().copied().find(|(scope, one)| one == purpose && !is_granted(scope));
    purposes.iter().find_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USES: [Use; 4] = [
        ("write", Purpose::Publish),
        ("write", Purpose::TakeDown),
        ("media", Purpose::Media),
        ("rare", Purpose::Figures),
    ];

    #[test]
    fn what_was_asked_for_and_not_granted_does_not_work() {
        let of = |granted| lacking(&USES, &["write", "media"], granted);
        assert_eq!(of("media write other"), []);
        assert_eq!(of("write"), [("media", Purpose::Media)]);
        assert_eq!(of("media"), [("write", Purpose::Publish), ("write", Purpose::TakeDown)]);
        assert_eq!(of(" "), [], "what was granted is not known");
    }

    #[test]
    fn what_a_post_takes_is_looked_for_in_its_order() {
        let of = |granted| first_lacking(&USES, &[Purpose::Publish, Purpose::Media], granted);
        assert_eq!(of("write media"), None);
        assert_eq!(of("write"), Some(("media", Purpose::Media)));
        assert_eq!(of("rare"), Some(("write", Purpose::Publish)));
        assert_eq!(of(""), None);
    }
}
