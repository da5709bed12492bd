//! What the model says is held against what was done and what was told, before a person relies on it.

use serde_json::json;
use socrazi::domain::chat::{Card, Progress, Utterance};
use socrazi_sim::gemini::{Piece, Said};
use tokio_util::sync::CancellationToken;

use super::{Table, call, text};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_done_is_not_claimed() {
    let table = Table::new().await;
    table.script(vec![text("I have published it on your account. Anything else?")]);
    assert_eq!(table.say("a").await.text, "I have not done that yet. Anything else?");
    table.script(vec![call("create_draft", json!({ "text": "x" })), text("I saved a draft. It was scheduled.")]);
    let reply = table.say("b").await;
    assert_eq!(reply.text, "I saved a draft. I have not done that yet.");
    assert!(matches!(reply.cards[..], [Card::Draft(_)]));
    // The true text is what the conversation remembers for people.
    let spoken = table.world.app.read_conversation(&table.ana, &reply.conversation, None).await.unwrap().1.spoken;
    assert_eq!(spoken.last().unwrap().text, reply.text);
    // Also what was said beside a call, as soon as the call is over; and a list of what is out proves no deed.
    let before = Said {
        pieces: vec![
            Piece::Text("I have published it. ".into()),
            Piece::Call { name: "list_posts".into(), args: Some(json!({})) },
        ],
        ..Said::default()
    };
    table.script(vec![before.into(), text("Your posts are listed above.")]);
    let mut heard = Vec::new();
    let said = Utterance::alone("chat", "t", "c");
    let mut tell = |progress: Progress| heard.push(progress);
    table.world.app.converse(&table.ana, &said, CancellationToken::new(), &mut tell).await.unwrap();
    let again = heard.iter().position(|progress| *progress == Progress::Again).unwrap();
    assert_eq!(heard[again + 1], Progress::Text("I have not done that yet. ".into()), "{heard:?}");
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_come_from_tools_or_are_said_again_and_marked() {
    let table = Table::new().await;
    let posts = || call("list_posts", json!({ "limit": 10 }));
    table.script(vec![posts(), text("You have 250 posts."), text("You have no posts yet.")]);
    let reply = table.say("how many?").await;
    assert_eq!(reply.text, "You have no posts yet.");
    assert!(table.last_asked()["contents"].to_string().contains("in no tool's answer"));
    table.script(vec![posts(), text("You have 250 posts."), text("You have 251 posts.")]);
    let reply = table.say("really?").await;
    assert!(reply.text.starts_with("You have 251 posts.") && reply.text.contains("251 was in no"), "{reply:?}");
    // The person's own figures, dates and spans are free; the note is no part of what they said.
    table.script(vec![posts(), text("Not 1,000.")]);
    assert_eq!(table.say("are it 1000?").await.text, "Not 1,000.");
    table.script(vec![text("The year has 365 days.")]);
    assert_eq!(table.say("days?").await.text, "The year has 365 days.");
    assert!(!table.last_asked()["contents"].to_string().contains("in no tool's answer"));
    // Without any tool figures come from nowhere, too; what an earlier turn's tools told is not told in this one.
    table.script(vec![text("You have 1,204 followers."), text("I have to look that up.")]);
    assert_eq!(table.say("followers?").await.text, "I have to look that up.");
    table.script(vec![text("It got 5 likes."), text("It got 5 likes.")]);
    assert!(table.say("and likes?").await.text.contains("5 was in no"));
    // A draft's own figures are the model's to write.
    table.script(vec![call("create_draft", json!({ "text": "Only 4,000 left" })), text("It says: only 4,000 left.")]);
    assert_eq!(table.say("draft it").await.text, "It says: only 4,000 left.");
    table.end().await;
}
