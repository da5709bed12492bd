//! A bar: whatever people and models write, Slack refuses nothing of ours. Cards, forms, Home and streams of odd texts (any scalar there is,
//! controls, joiners, right-to-left, nested Markdown), drawn as they are drawn for people and judged as Slack judges.

use serde_json::json;

use super::{blocks, modal};
use crate::domain::lang::Lang;
use crate::places::cut::safe_cut;
use crate::places::message::Message;
use crate::places::odd::{Odd, Thing, draw};

/// Rendered things in each language: each is judged as a message, in a window and on Home, so that all are more than ten thousand.
const THINGS: usize = 1_700;

fn judge_message(no: usize, message: &Message) {
    let drawn = blocks::shown(message);
    let sent = json!({ "channel": "C1", "text": drawn.text, "blocks": drawn.blocks });
    let judged = socrazi_sim::slack::blocks::check_message(&sent);
    assert!(judged.is_ok(), "message {no}: {judged:?}\n{sent:#}");
}

fn judge_view(no: usize, view: &serde_json::Value) {
    let judged = socrazi_sim::slack::blocks::check_view(view);
    assert!(judged.is_ok(), "view {no}: {judged:?}\n{view:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_refuses_none_of_ten_thousand_odd_cards_forms_and_homes() {
    odd_things(Odd(0x00c0_ffee), Lang::En).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn and_none_in_japanese() {
    odd_things(Odd(0x0bad_cafe), Lang::Ja).await;
}

async fn odd_things(odd: Odd, lang: Lang) {
    draw(odd, lang, THINGS, |no, thing| match thing {
        Thing::Form(form) => judge_view(no, &modal::view(&form)),
        Thing::Message(message) => {
            judge_message(no, &message);
            judge_view(no, &modal::look(&message.text, None, blocks::in_view(&message)));
            judge_view(no, &json!({ "type": "home", "callback_id": "home", "blocks": blocks::in_view(&message) }));
        }
    })
    .await;
}

/// What a stream sends: never nothing, never too much, and together exactly what was said.
#[test]
fn pieces_of_odd_streams_are_whole_and_within_limits() {
    let mut odd = Odd(7);
    for _ in 0..300 {
        let (mut said, mut waiting, mut whole) = (String::new(), String::new(), String::new());
        for _ in 0..odd.below(40) {
            let more = odd.text();
            whole.push_str(&more);
            waiting.push_str(&more);
            let seen = format!("{said}{waiting}");
            let at = safe_cut(&seen, said.len());
            assert!(seen.is_char_boundary(at));
            waiting = seen[at..].to_owned();
            said = seen[..at].to_owned();
        }
        assert_eq!(format!("{said}{waiting}"), whole);
    }
}
