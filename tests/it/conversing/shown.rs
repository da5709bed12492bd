//! Pictures that people show and calls bring in: the model sees them, and their ids stay known.

use serde_json::json;
use socrazi::domain::chat::{TurnState, Utterance};
use tokio_util::sync::CancellationToken;

use super::{Table, call, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_shown_to_the_model_and_described_for_those_who_cannot_see_it() {
    let table = Table::new().await;
    let app = &table.world.app;
    let mut file = app.upload_begin().await.unwrap();
    file.write(&crate::media::geotagged()).await.unwrap();
    let medium = app.keep_media(&table.ana, file, None).await.unwrap();
    table.script(vec![
        call("attach_media", json!({ "media": medium.id.as_str(), "alt": "A black square" })),
        text("It is described."),
    ]);
    let said =
        Utterance { media: vec![medium.id.clone()], ..Utterance::alone("chat", "t", "Write an alt text for this.") };
    let reply = app.converse(&table.ana, &said, CancellationToken::new(), &mut |_| {}).await.unwrap();
    assert_eq!(reply.state, TurnState::Done);
    let asked = table.last_asked();
    let parts = asked["contents"][0]["parts"].as_array().unwrap();
    let picture = parts.iter().find(|part| part["inlineData"].is_object()).unwrap();
    assert_eq!(picture["inlineData"]["mimeType"], "image/jpeg");
    use base64::Engine as _;
    let shown = picture["inlineData"]["data"].as_str().unwrap();
    let shown = base64::engine::general_purpose::STANDARD.decode(shown).unwrap();
    assert!(!shown.is_empty() && !shown.windows(12).any(|bytes| bytes == b"canary-place"), "shown without its place");
    assert!(parts.iter().any(|part| part["text"].as_str().is_some_and(|text| text.contains(medium.id.as_str()))));
    // Beside the result of the call stands the picture it speaks of.
    let contents = asked["contents"].as_array().unwrap();
    let [.., told, beside] = &contents[..] else { panic!("{asked}") };
    let told = &told["parts"][0]["functionResponse"]["response"];
    assert_eq!(told["output"]["media"][0]["alt"], "A black square", "{told}");
    assert!(beside["parts"][0]["inlineData"].is_object(), "{beside}");
    // In a later turn its id is still known, so that "now post that photo" can be done; the person reads only their words.
    table.script(vec![text("Which account?")]);
    let reply = table.say("now post that photo").await;
    let first = &table.last_asked()["contents"][0]["parts"][0]["text"];
    assert!(first.as_str().unwrap().contains(medium.id.as_str()), "{first}");
    let spoken = app.read_conversation(&table.ana, &reply.conversation, None).await.unwrap().1.spoken;
    assert_eq!(spoken[0].text, "Write an alt text for this.");
    table.end().await;
}
