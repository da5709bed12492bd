//! A bar: whatever people and models write, Discord refuses nothing of ours. The cards and forms that Slack's test draws, drawn for Discord, as
//! components and as the embed in their place.

use super::components::{EPHEMERAL, drawn};
use super::modal;
use crate::domain::lang::Lang;
use crate::places::odd::{Odd, Thing, draw};

/// Things in each language.
const THINGS: usize = 1_700;

#[tokio::test(flavor = "multi_thread")]
async fn discord_refuses_none_of_thousands_of_odd_cards_and_forms() {
    odd_things(Odd(0x00d1_5c0d), Lang::En).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn and_none_in_japanese() {
    odd_things(Odd(0x0000_0bad), Lang::Ja).await;
}

async fn odd_things(odd: Odd, lang: Lang) {
    let (mut forms, mut pictures) = (0, 0);
    draw(odd, lang, THINGS, |no, thing| match thing {
        Thing::Form(form) => {
            forms += 1;
            let (body, _) = modal::modal(&form);
            let judged = socrazi_sim::discord::check_modal(&body["data"]);
            assert!(judged.is_ok(), "form {no}: {judged:?}\n{body:#}");
        }
        Thing::Message(message) => {
            let drawn = drawn(&message);
            let names: Vec<&str> = drawn.files.iter().map(|file| file.name.as_str()).collect();
            pictures += names.len();
            for (body, names) in [(drawn.body(EPHEMERAL), names.as_slice()), (drawn.embed(0), &[])] {
                let judged = socrazi_sim::discord::check_message(&body, names);
                assert!(judged.is_ok(), "message {no}: {judged:?}\n{body:#}");
            }
        }
    })
    .await;
    assert!(forms > 20 && pictures > 20, "forms and pictures are among them: {forms}, {pictures}");
}
