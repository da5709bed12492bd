//! The way to where a refusal is mended, for people.

use super::message::Button;
use crate::app::App;
use crate::domain::ids::PostId;
use crate::domain::lang::Lang;
use crate::domain::refusal::Sentence;

/// The way to where it is mended, when there is one.
pub(crate) fn button(app: &App, lang: Lang, why: &Sentence, post: Option<&PostId>) -> Option<Button> {
    let (label, path) = match (why.key.as_str(), post) {
        (
            "account-needs-reconnecting"
            | "account-disconnected"
            | "account-permission"
            | "notice-ended"
            | "notice-google-ended",
            _,
        ) => ("place-reconnect", "accounts".to_owned()),
        // As older versions told it.
        ("notice-reconnect" | "notice-google-reconnect", _) => ("place-reconnect", "accounts".to_owned()),
        ("account-none-connected" | "account-not-found" | "account-ambiguous", _) => {
            ("page-accounts", "accounts".to_owned())
        }
        ("post-has-errors" | "post-revision-stale" | "post-withdrawn" | "post-already-going-out", Some(post)) => {
            ("post-open", format!("posts/{post}"))
        }
        _ => return None,
    };
    let url = format!("{}/{path}", app.public_url().as_str().trim_end_matches('/'));
    Some(Button::link(app.words().text(lang, label), url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::draw::Drawer;
    use crate::places::message::Part;
    use crate::places::stage::{Stage, member};
    use crate::say;

    #[tokio::test(flavor = "multi_thread")]
    async fn people_read_no_names_of_tools_and_find_the_way_to_mend_it() {
        for lang in [Lang::En, Lang::Ja] {
            let stage = Stage::open(lang).await;
            let caller = stage.app().find_member(&member()).await.unwrap().unwrap();
            let drawer = Drawer::new(stage.app(), &caller);
            let post = PostId::generate(1, 1);
            let all = [
                (say!("post-not-found", id = "post_1"), None),
                (say!("post-revision-stale", given = 1, current = 2), Some("/posts/")),
                (say!("post-has-errors", count = 2), Some("/posts/")),
                (say!("post-withdrawn", id = "post_1"), Some("/posts/")),
                (say!("post-already-going-out", account = "ana"), Some("/posts/")),
                (say!("account-not-found", id = "ben"), Some("/accounts")),
                (say!("account-none-connected"), Some("/accounts")),
                (say!("account-needs-reconnecting", handle = "ana", network = "X"), Some("/accounts")),
            ];
            for (why, way) in all {
                let shown = drawer.refusal(&why, Some(&post)).await.unwrap();
                let said = &shown.text;
                assert!(!said.is_empty() && !said.contains('_') && !said.contains('{'), "{}: {said}", why.key);
                let led = shown.parts.iter().any(|part| match part {
                    Part::Buttons(buttons) => {
                        buttons.iter().any(|button| button.is_link && way.is_some_and(|way| button.value.contains(way)))
                    }
                    _ => false,
                });
                assert_eq!(led, way.is_some(), "{}", why.key);
            }
        }
    }
}
