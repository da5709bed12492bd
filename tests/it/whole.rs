//! A person approves exactly what goes out, so everything that is hashed and sent stands on every view of it. What is sent is taken apart
//! field by field here: a new one does not compile until somebody says how people read it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use serde_json::{Value, json};
use socrazi::domain::caller::{Caller, Grant};
use socrazi::domain::ids::MediaId;
use socrazi::domain::post::{
    Content, InstagramOptions, Options, Poll, Repliers, Segment, TikTokOptions, YouTubeOptions,
};

use crate::world::World;

/// A post that uses everything a post can be.
pub(crate) struct Whole {
    pub(crate) post: Value,
    pub(crate) answer: Value,
    /// Everything that people must be able to read of it, in English.
    words: Vec<String>,
}

const ALT: &str = "A black square, seen from above";

impl Whole {
    pub(crate) async fn draft(world: &World) -> Self {
        let mut file = world.app.upload_begin().await.unwrap();
        file.write(&crate::media::geotagged()).await.unwrap();
        let medium = world.app.keep_media(&world.person, file, Some(ALT.into())).await.unwrap();
        let content = content(medium.id);
        let answer = world.call("create_draft", arguments(&content)).await;
        Self { post: answer["post"]["id"].clone(), answer, words: readable(&content) }
    }

    /// Everything of it is in a text that is shown; markup may stand for a few letters of it.
    pub(crate) fn is_in(&self, place: &str, shown: &str) {
        for word in &self.words {
            assert!(shown.contains(word), "{word:?} is not on {place}: {shown}");
        }
    }
}

fn content(medium: MediaId) -> Content {
    let poll = Poll { options: vec!["Iceland by ship".into(), "Madeira by train".into()], minutes: 2_880 };
    Content {
        segments: vec![
            Segment { text: "Where we went last year".into(), media: vec![medium], poll: None },
            Segment { text: "And where do we go now".into(), media: Vec::new(), poll: Some(poll) },
        ],
        options: Options {
            repliers: Some(Repliers::Mentioned),
            made_with_ai: true,
            paid_partnership: true,
            // Not for the account on X: `instagram/publishing.rs` looks for it.
            instagram: InstagramOptions::default(),
            // Nor these: `tiktok/choices.rs` does.
            tiktok: TikTokOptions::default(),
            // `youtube/publishing.rs` looks for it.
            youtube: YouTubeOptions::default(),
        },
    }
}

fn arguments(content: &Content) -> Value {
    let Content { segments, options } = content;
    json!({ "segments": segments, "options": options })
}

fn readable(content: &Content) -> Vec<String> {
    let Content { segments, options } = content;
    let mut words = Vec::new();
    for Segment { text, media, poll } in segments {
        words.push(text.clone());
        words.extend(media.iter().map(|_| ALT.to_owned()));
        if let Some(Poll { options, minutes }) = poll {
            words.extend(options.clone());
            assert_eq!(*minutes, 2_880);
            words.push("runs for 2 days".into());
        }
    }
    let Options { repliers, made_with_ai, paid_partnership, instagram, tiktok, youtube } = options;
    assert!(instagram.is_none() && tiktok.is_none() && youtube.is_none());
    assert!(*repliers == Some(Repliers::Mentioned) && *made_with_ai && *paid_partnership);
    words.extend(["Only people you mention can reply", "made with AI", "paid partnership"].map(str::to_owned));
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_would_go_out_is_on_the_pages_and_in_what_tools_answer() {
    let mut world = World::new().await;
    world.assistant = Caller { grant: Grant::Drafts, ..world.assistant.clone() };
    let whole = Whole::draft(&world).await;
    let id = whole.post.as_str().unwrap();
    // Media are counted for a model, which has seen them when it attached them.
    let told = |answer: &Value| answer.to_string().replace("\"media\":1", ALT);
    whole.is_in("create_draft", &told(&whole.answer).replace("\"minutes\":2880", "runs for 2 days"));
    let read = world.call("get_post", json!({ "post": id })).await;
    whole.is_in("get_post", &told(&read).replace("\"minutes\":2880", "runs for 2 days"));
    let caller = &world.assistant;
    let text = world.app.call_tool(caller, "get_post", json!({ "post": id })).await.unwrap().text;
    for words in ["Iceland by ship / Madeira by train", "runs for 2 days", "Only people you mention can reply"] {
        assert!(text.contains(words), "{words:?} is not in the text of get_post: {text}");
    }
    whole.is_in("the post's page", &world.page(&format!("/posts/{id}")).await);
    let asked = world.call("publish_post", json!({ "post": id })).await;
    let url: url::Url = asked["approval_url"].as_str().unwrap().parse().unwrap();
    whole.is_in("the approval's page", &world.page(url.path()).await);
    world.end().await;
}
