//! What a post says of itself (platforms/tiktok.md §4.1, §4.3), as the person chose it and as far as the account allows it (§4.0). Pure, but for
//! asking what it allows. None of the choices has a default of ours: what was not chosen is off.

use http::Method;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::TikTok;
use super::limits::Kind;
use super::wire::Creator;
use crate::domain::commit::CallFault;
use crate::domain::post::{Content, Finding, MediaFacts, Options, Severity, TikTokOptions, TikTokPrivacy};
use crate::domain::refusal::Sentence;
use crate::platforms::Part;
use crate::platforms::answers::Waiting;
use crate::say;

/// What the account has switched off for all that it posts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Closed {
    pub(super) comments: bool,
    pub(super) duet: bool,
    pub(super) stitch: bool,
}

impl TikTok {
    /// What the creator may do just now: asked right before each direct post, and obeyed (§4.0, §9).
    pub(super) async fn allowed(&self, access: &SecretString, part: &Part) -> Result<Closed, CallFault> {
        let creator = self.creator(access).await?;
        let longest = longest_ms(part.media.iter().map(|medium| &medium.facts));
        if let Some(why) = forbidden(&creator, &part.options, longest) {
            return Err(CallFault::Refused(why));
        }
        let Creator { comment_disabled: comments, duet_disabled: duet, stitch_disabled: stitch, .. } = creator;
        Ok(Closed { comments, duet, stitch })
    }

    /// The answer itself.
    pub(super) async fn creator(&self, access: &SecretString) -> Result<Creator, CallFault> {
        let to = (Method::POST, "/v2/post/publish/creator_info/query/");
        self.call(access, to, None, Waiting::Queue).await
    }
}

/// Of the longest of some media.
fn longest_ms<'a>(media: impl Iterator<Item = &'a MediaFacts>) -> i64 {
    media.map(|facts| facts.duration_ms).max().unwrap_or(0)
}

/// What the account does not allow of what would be posted there, as it said before it is due.
pub(super) fn check(creator: &Creator, content: &Content, media: &[MediaFacts]) -> Vec<Finding> {
    let why = forbidden(creator, &content.options, longest_ms(media.iter()));
    why.map(|what| Finding { severity: Severity::Error, part: None, what }).into_iter().collect()
}

/// What the account does not allow of what was chosen, where it is anything.
fn forbidden(creator: &Creator, options: &Options, longest: i64) -> Option<Sentence> {
    let Some(privacy) = options.tiktok.privacy else { return Some(say!("tiktok-privacy-missing")) };
    let offered = &creator.privacy_level_options;
    if !offered.iter().any(|level| level == level_of(privacy)) {
        let known = [TikTokPrivacy::Public, TikTokPrivacy::Followers, TikTokPrivacy::Friends, TikTokPrivacy::OnlyMe];
        let words: Vec<&str> = known
            .into_iter()
            .filter(|privacy| offered.iter().any(|level| level == level_of(*privacy)))
            .map(word_of)
            .collect();
        let (wanted, offered) = (word_of(privacy), words.join(", "));
        return Some(say!("tiktok-privacy-not-offered", wanted = wanted, offered = offered));
    }
    let max = creator.max_video_post_duration_sec;
    if max > 0 && longest > max.saturating_mul(1000) {
        let seconds = format!("{}.{}", longest / 1000, longest / 100 % 10);
        return Some(say!("tiktok-video-long-here", seconds = seconds, max = max));
    }
    None
}

/// TikTok's word for who sees a post (§4.0).
const fn level_of(privacy: TikTokPrivacy) -> &'static str {
    match privacy {
        TikTokPrivacy::Public => "PUBLIC_TO_EVERYONE",
        TikTokPrivacy::Followers => "FOLLOWER_OF_CREATOR",
        TikTokPrivacy::Friends => "MUTUAL_FOLLOW_FRIENDS",
        TikTokPrivacy::OnlyMe => "SELF_ONLY",
    }
}

/// Ours.
const fn word_of(privacy: TikTokPrivacy) -> &'static str {
    match privacy {
        TikTokPrivacy::Public => "public",
        TikTokPrivacy::Followers => "followers",
        TikTokPrivacy::Friends => "friends",
        TikTokPrivacy::OnlyMe => "only_me",
    }
}

/// `post_info`. `None` where who sees it was not chosen. The same part always makes the same bytes.
pub(super) fn post_info(part: &Part, kind: Kind, closed: Closed) -> Option<Value> {
    let TikTokOptions { privacy, comments, duet, stitch, own_brand, draft, title, music, cover_ms } =
        &part.options.tiktok;
    let text = &part.segment.text;
    if *draft {
        // §4.4: everything else is dropped there.
        let mut info = json!({ "description": text });
        info["title"] = title.as_deref().unwrap_or_default().into();
        return Some(info);
    }
    let mut info = json!({
        "privacy_level": level_of((*privacy)?),
        "disable_comment": !comments || closed.comments,
        "brand_content_toggle": part.options.paid_partnership,
        "brand_organic_toggle": own_brand,
    });
    match kind {
        Kind::Video => {
            info["title"] = text.as_str().into();
            info["disable_duet"] = (!duet || closed.duet).into();
            info["disable_stitch"] = (!stitch || closed.stitch).into();
            info["is_aigc"] = part.options.made_with_ai.into();
            if let Some(ms) = cover_ms {
                info["video_cover_timestamp_ms"] = (*ms).into();
            }
        }
        Kind::Photo => {
            info["title"] = title.as_deref().unwrap_or_default().into();
            info["description"] = text.as_str().into();
            info["auto_add_music"] = (*music).into();
        }
    }
    Some(info)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::post::Segment;

    fn part(options: Options) -> Part {
        let segment = Segment { text: "hi #tag".into(), ..Segment::default() };
        Part { no: 0, segment, options, media: Vec::new(), reply_to: None, notes: None }
    }

    fn chosen(privacy: TikTokPrivacy) -> TikTokOptions {
        TikTokOptions { privacy: Some(privacy), ..TikTokOptions::default() }
    }

    fn info(tiktok: TikTokOptions, kind: Kind, closed: Closed) -> Value {
        let options = Options { made_with_ai: true, paid_partnership: true, tiktok, ..Options::default() };
        post_info(&part(options), kind, closed).unwrap()
    }

    #[test]
    fn what_was_not_chosen_is_off_and_what_the_account_forbids_stays_off() {
        let bare = info(chosen(TikTokPrivacy::Public), Kind::Video, Closed::default());
        let expected = json!({ "privacy_level": "PUBLIC_TO_EVERYONE", "title": "hi #tag", "disable_comment": true, "disable_duet": true,
            "disable_stitch": true, "brand_content_toggle": true, "brand_organic_toggle": false, "is_aigc": true });
        assert_eq!(bare, expected);
        let all = TikTokOptions {
            comments: true,
            duet: true,
            stitch: true,
            own_brand: true,
            cover_ms: Some(1_500),
            ..chosen(TikTokPrivacy::Friends)
        };
        let open = info(all.clone(), Kind::Video, Closed::default());
        let off = |name: &str| open[name] == json!(false);
        assert!(off("disable_comment") && off("disable_duet") && off("disable_stitch"), "{open}");
        assert_eq!((&open["brand_organic_toggle"], &open["video_cover_timestamp_ms"]), (&json!(true), &json!(1_500)));
        let shut = info(all, Kind::Video, Closed { comments: true, duet: true, stitch: true });
        assert!(["disable_comment", "disable_duet", "disable_stitch"].iter().all(|name| shut[*name] == json!(true)));
        assert_eq!(post_info(&part(Options::default()), Kind::Video, Closed::default()), None, "nobody chose");
    }

    #[test]
    fn photos_say_what_photos_have_and_drafts_next_to_nothing() {
        let titled = TikTokOptions { title: Some("t".into()), music: true, ..chosen(TikTokPrivacy::OnlyMe) };
        let expected = json!({ "privacy_level": "SELF_ONLY", "title": "t", "description": "hi #tag", "disable_comment": true,
            "brand_content_toggle": true, "brand_organic_toggle": false, "auto_add_music": true });
        assert_eq!(info(titled.clone(), Kind::Photo, Closed::default()), expected);
        let draft = TikTokOptions { draft: true, ..titled };
        assert_eq!(info(draft, Kind::Photo, Closed::default()), json!({ "title": "t", "description": "hi #tag" }));
    }

    #[test]
    fn what_the_account_does_not_offer_is_refused_with_what_it_does() {
        let levels = |all: &[&str]| all.iter().map(|level| (*level).to_owned()).collect();
        let creator = Creator {
            privacy_level_options: levels(&["FOLLOWER_OF_CREATOR", "SELF_ONLY", "SOMETHING_NEW"]),
            comment_disabled: true,
            ..Creator::default()
        };
        let asked = |privacy| forbidden(&creator, &Options { tiktok: chosen(privacy), ..Options::default() }, 60_000);
        assert_eq!(asked(TikTokPrivacy::OnlyMe), None, "how long is not said");
        let wrong = say!("tiktok-privacy-not-offered", wanted = "public", offered = "followers, only_me");
        assert_eq!(asked(TikTokPrivacy::Public), Some(wrong));
        assert_eq!(forbidden(&creator, &Options::default(), 0), Some(say!("tiktok-privacy-missing")));
        let short = Creator { max_video_post_duration_sec: 60, ..creator };
        let mine = Options { tiktok: chosen(TikTokPrivacy::OnlyMe), ..Options::default() };
        assert_eq!(forbidden(&short, &mine, 60_000), None);
        let long = say!("tiktok-video-long-here", seconds = "60.0", max = 60);
        assert_eq!(forbidden(&short, &mine, 60_001), Some(long));
    }
}
