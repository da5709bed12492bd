//! `/posts/{id}`: one post with everything known of it, and the buttons that it needs.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::form::{Id, Posted, Pressed};
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::App;
use crate::desk::view::{DeliveryView, PostView};
use crate::domain::approval::{Late, PauseScope};
use crate::domain::delivery::{Answer, State as DeliveryState};
use crate::domain::ids::{DeliveryId, PostId};
use crate::domain::network::Network;

#[derive(Template)]
#[template(path = "post.html")]
struct Post {
    page: Page,
    post: PostView,
    /// It is somebody else's, who named the reader: they look, and nothing is theirs to press.
    is_guest: bool,
    /// Where what is out can be removed again.
    removable: Vec<Network>,
}

impl Post {
    fn can_take_down(&self, delivery: &DeliveryView) -> bool {
        let is_out = matches!(delivery.state, DeliveryState::Published | DeliveryState::Partial);
        is_out && !self.is_guest && self.removable.contains(&delivery.account.network)
    }
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person, Id(id): Id<PostId>) -> Response {
    match app.find_shown_post(&person.caller, &id).await {
        Ok((post, is_guest)) => {
            let removable = Network::ALL.into_iter().filter(|network| app.can_take_down(*network)).collect();
            html(&Post { page: Page::of(&app, &person, ""), post, is_guest, removable })
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn withdraw(
    State(app): State<Arc<App>>,
    Id(id): Id<PostId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.withdraw(&person.caller, &id).await {
        Ok(_) => Redirect::to(&format!("/posts/{id}")).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// Once more: the person reads what would go out before they say yes.
pub(super) async fn again(
    State(app): State<Arc<App>>,
    Id(id): Id<PostId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.ask_again(&person.caller, &id).await {
        Ok(approval) => Redirect::to(&format!("/approvals/{approval}")).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// Off the network again: the person reads what goes before they say yes.
pub(super) async fn take_down(
    State(app): State<Arc<App>>,
    Id(id): Id<DeliveryId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.ask_to_take_down(&person.caller, &id).await {
        Ok(approval) => Redirect::to(&format!("/approvals/{approval}")).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// What a person says of an unknown outcome.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settle {
    answer: Word,
    #[serde(default)]
    link: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    There,
    Send,
    Drop,
    Rest,
    Leave,
}

pub(super) async fn settle(
    State(app): State<Arc<App>>,
    Id(id): Id<DeliveryId>,
    Posted { person, fields }: Posted<Settle>,
) -> Response {
    let answer = match fields.answer {
        Word::There => Answer::ItIsThere,
        Word::Send => Answer::SendIt,
        Word::Drop => Answer::DropIt,
        Word::Rest => Answer::SendRest,
        Word::Leave => Answer::Leave,
    };
    match app.settle(&person.caller, &id, (answer, Some(&fields.link))).await {
        Ok(post) => Redirect::to(&format!("/posts/{}", post.id)).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// What becomes of something that missed its time.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Again {
    what: Wanted,
    /// As the field of the page gives it: date and time in the person's zone.
    #[serde(default)]
    at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    Now,
    Time,
    Drop,
}

pub(super) async fn missed(
    State(app): State<Arc<App>>,
    Id(id): Id<DeliveryId>,
    Posted { person, fields }: Posted<Again>,
) -> Response {
    let caller = &person.caller;
    let there = match fields.what {
        Wanted::Now => app.ask_missed(caller, &id, None).await.map(|approval| format!("/approvals/{approval}")),
        Wanted::Time => {
            app.ask_missed(caller, &id, Some(&fields.at)).await.map(|approval| format!("/approvals/{approval}"))
        }
        Wanted::Drop => app.drop_missed(caller, &id).await.map(|post| format!("/posts/{post}")),
    };
    match there {
        Ok(there) => Redirect::to(&there).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn resume(
    State(app): State<Arc<App>>,
    Id(id): Id<PostId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.resume(&person.caller, PauseScope::Post(id.clone()), Late::default()).await {
        Ok(()) => Redirect::to(&format!("/posts/{id}")).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::view::{PostStatus, Receipt, VariantView};
    use crate::domain::account::{Account, Health};
    use crate::domain::ids::{AccountId, UserId, VariantId, WorkspaceId};
    use crate::domain::lang::Lang;
    use crate::domain::post::{Content, Finding, Frame, Preview, SegmentPreview, Severity};
    use crate::domain::schedule::Moment;
    use crate::say;

    fn account() -> Account {
        Account {
            id: AccountId::generate(1, 1),
            workspace: WorkspaceId::generate(1, 1),
            user: UserId::generate(1, 1),
            network: Network::X,
            remote_id: "1".into(),
            handle: "ana<i>".into(),
            name: "Ana".into(),
            scopes: String::new(),
            health: Health::Fine,
            avatar_at: None,
        }
    }

    fn post(state: DeliveryState, permalink: &str) -> PostView {
        let segment = SegmentPreview {
            text: "<script>1</script>\n\nsecond".into(),
            length: 290,
            length_max: 280,
            media: vec![],
            poll: None,
            fold: None,
            card: None,
        };
        let receipt = Receipt {
            part: 0,
            permalink: Some(permalink.into()),
            how: say!("receipt-answered"),
            at_ms: 1_795_421_000_000,
        };
        PostView {
            id: PostId::generate(1, 1),
            revision: 1,
            status: PostStatus::NeedsAttention,
            created_at: 1,
            edited_at: 1,
            variants: vec![VariantView {
                id: VariantId::generate(1, 1),
                account: account(),
                content: Content::default(),
                preview: Preview { segments: vec![segment], frame: Frame::default(), cost_usd_micros: 15_000 },
                findings: vec![Finding { severity: Severity::Error, part: None, what: say!("post-empty") }],
            }],
            deliveries: vec![DeliveryView {
                id: DeliveryId::generate(1, 1),
                account: account(),
                state,
                reason: Some(say!("delivery-reason-late")),
                when: Moment { at_ms: 1_795_431_000_000, zone: "-03:30".into() },
                parts: (1, 3),
                receipts: vec![receipt],
            }],
            waiting: None,
            is_paused: false,
            is_third_party: false,
        }
    }

    fn render(lang: Lang, post: PostView) -> String {
        Post { page: Page::sample(lang), post, is_guest: false, removable: vec![Network::X] }.render().unwrap()
    }

    #[test]
    fn whoever_was_named_for_a_post_reads_it_and_finds_nothing_to_press() {
        for status in PostStatus::ALL {
            for state in DeliveryState::ALL {
                let post = PostView { status, is_paused: true, ..post(state, "https://x.com/ana/status/1") };
                let page = Page::sample(Lang::En);
                let text = Post { page, post, is_guest: true, removable: vec![Network::X] }.render().unwrap();
                let main = text.split_once("<main").unwrap().1.split_once("</main>").unwrap().0;
                assert!(!main.contains("<form") && !main.contains("/edit"), "{status:?} {state:?} {main}");
                assert!(main.contains("second"), "{main}");
            }
        }
    }

    #[test]
    fn every_state_is_said_in_words_and_has_the_buttons_that_fit_it() {
        for lang in Lang::ALL {
            let page = Page::sample(lang);
            for state in DeliveryState::ALL {
                let text = render(lang, post(state, "https://x.com/ana/status/1"));
                assert!(text.contains(&page.say(state.wording())), "{state:?} {text}");
                let is_open = matches!(state, DeliveryState::NeedsHuman | DeliveryState::Partial);
                assert_eq!(text.contains("/settle"), is_open, "{state:?}");
                assert_eq!(text.contains("/again"), state == DeliveryState::Missed, "{state:?}");
                assert!(!text.contains("/resume"), "{state:?}");
                let is_out = matches!(state, DeliveryState::Published | DeliveryState::Partial);
                assert_eq!(text.contains("/take-down"), is_out, "{state:?}");
                let is_late =
                    matches!(state, DeliveryState::NeedsHuman | DeliveryState::Unknown | DeliveryState::Armed);
                assert!(!(is_late && text.contains("/withdraw")), "{state:?} offers what is too late");
                assert!(text.contains("UTC-03:30") && text.contains("290 / 280") && text.contains("US$0.015"));
            }
        }
    }

    #[test]
    fn what_people_and_networks_wrote_is_text_and_only_web_addresses_are_links() {
        let text = render(Lang::En, post(DeliveryState::Published, "javascript:alert(1)"));
        assert!(!text.contains("javascript:") && !text.contains("<script") && !text.contains("<i>"), "{text}");
        assert!(text.contains("&#60;script&#62;1&#60;/script&#62;\n\nsecond"), "{text}");
        let text = render(Lang::En, post(DeliveryState::Published, "https://x.com/a?b=1&c=\"2"));
        assert!(text.contains("href=\"https://x.com/a?b=1&#38;c=&#34;2\" rel=\"noreferrer\""), "{text}");
    }
}
