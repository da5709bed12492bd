//! What a conversation remembers, where it can be continued, and how it is forgotten.

use serde_json::json;
use socrazi::app::Verdict;
use socrazi::domain::chat::{Card, Utterance};
use socrazi::domain::lang::Lang;
use socrazi_sim::gemini::{Said, Step};
use tokio_util::sync::CancellationToken;

use super::{LITE, Table, approval, call, text};

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_says_of_their_voice_is_kept_and_told() {
    let table = Table::new().await;
    table.script(vec![
        call("set_voice", json!({ "voice": "warm and short", "banned_words": ["cheap"] })),
        text("I will."),
        text("ok"),
    ]);
    table.say("always sound warm and short, never say cheap").await;
    table.say("next").await;
    let system = table.last_asked()["systemInstruction"].to_string();
    assert!(system.contains("warm and short") && system.contains("cheap"), "{system}");
    // Language and zone, too: checked, in force from the next turn on, and in the record of who did what.
    let there = json!({ "language": "ja", "zone": "Asia/Tokyo" });
    table.script(vec![call("set_voice", there), text("はい。")]);
    table.say("日本語で、時間は東京で").await;
    let told = table.last_results();
    assert_eq!((&told[0]["output"]["language"], &told[0]["output"]["zone"]), (&json!("ja"), &json!("Asia/Tokyo")));
    let settings = table.world.app.settings(&table.world.person).await.unwrap();
    assert_eq!(
        (settings.lang, settings.zone.as_str(), settings.profile.voice.as_str()),
        (Lang::Ja, "Asia/Tokyo", "warm and short")
    );
    let audit = table.world.app.store().list_deeds(&table.ana.workspace, table.ana.user.as_str()).await.unwrap();
    for what in ["settings.change", "profile.change"] {
        assert!(audit.iter().any(|(_, _, deed, _)| deed == what), "{what} is not in {audit:?}");
    }
    table.script(vec![call("set_voice", json!({ "zone": "Mars/Olympus" })), text("I do not know it.")]);
    table.say("time of Mars").await;
    assert!(table.last_results()[0]["error"].as_str().unwrap().contains("Mars"));
    table.script(vec![call("set_voice", json!({ "voice": "x".repeat(1_001) })), text("too long")]);
    table.say("again").await;
    assert!(
        table.last_results()[0]["error"].as_str().unwrap().contains("1000")
            || table.last_results()[0]["error"].as_str().unwrap().contains("1,000")
    );
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_zone_counts_from_the_call_that_set_it_on() {
    let table = Table::new().await;
    let post = table.world.draft("In the morning").await;
    let tomorrow = json!({ "post": post, "at": "tomorrow 9am", "dry_run": true });
    table.script(vec![
        call("set_voice", json!({ "zone": "Asia/Tokyo" })),
        call("schedule_post", tomorrow.clone()),
        text("Like this?"),
    ]);
    table.say("My time zone is Asia/Tokyo; tomorrow at 9").await;
    let shown = table.last_results()[0].to_string();
    assert!(shown.contains("Asia/Tokyo") && shown.contains("T09:00:00+09:00"), "{shown}");
    // The front end still holds the caller that it began with, as a terminal does for days.
    table.script(vec![call("schedule_post", tomorrow), text("Like this?")]);
    table.say("and again").await;
    let shown = table.last_results()[0].to_string();
    assert!(shown.contains("Asia/Tokyo") && shown.contains("T09:00:00+09:00"), "{shown}");
    assert!(table.last_asked()["systemInstruction"].to_string().contains("Asia/Tokyo"));
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_continued_elsewhere_and_forgotten_for_good() {
    let table = Table::new().await;
    table.script(vec![text("Noted: canary-words.")]);
    let first = table.say("remember the canary-question").await;
    crate::serving::until("its name", async || {
        let all = table.world.app.list_conversations(&table.ana, None).await.unwrap().views;
        all.first().and_then(|view| view.title.clone())
    })
    .await;
    let elsewhere = |text: &str| Utterance::alone("slack", "C1:9", text);
    let converse = async |text: &str| {
        table.world.app.converse(&table.ana, &elsewhere(text), CancellationToken::new(), &mut |_| {}).await.unwrap()
    };
    let draft = table.world.draft("Half a thought").await;
    // Every way to say it lists what there is, drafts too; only alone, and nothing is left behind by it.
    for words in ["continue", "Continue.", "続き", "続きから", "続きから。", "続けて"] {
        let list = converse(words).await;
        assert!(list.text.contains("1. "), "{words}: {list:?}");
        assert!(matches!(&list.cards[..], [Card::Draft(id)] if draft == id.as_str()), "{words}: {list:?}");
    }
    let public = Utterance { is_private: false, ..elsewhere("continue") };
    let public = table.world.app.converse(&table.ana, &public, CancellationToken::new(), &mut |_| {}).await.unwrap();
    assert!(public.text.contains("read along") && public.cards.is_empty(), "{public:?}");
    assert_eq!(table.world.app.list_conversations(&table.ana, None).await.unwrap().views.len(), 1);
    assert!(table.world.app.store().find_thread("slack", "C1:9", &table.ana.user).await.unwrap().is_none());
    let tied = converse("続きから１番").await;
    assert_eq!(tied.conversation, first.conversation);
    table.script(vec![text("Yes.")]);
    converse("do you remember?").await;
    assert!(table.last_asked()["contents"].to_string().contains("canary-question"));

    // The question about one of them says which.
    let asked = table.world.call("forget_history", json!({ "conversation": first.conversation.as_str() })).await;
    let one = format!("/approvals/{}", asked["approval_url"].as_str().unwrap().rsplit('/').next().unwrap());
    let title = table.world.app.list_conversations(&table.ana, None).await.unwrap().views[0].title.clone().unwrap();
    let page = table.world.page(&one).await;
    assert!(page.contains(&format!("“{title}”")) && page.contains("last message "), "{page}");

    // Nothing of it lies readable in the folder, and its sealed form goes with it.
    let sealed = |folder: &std::path::Path| -> usize {
        let files = std::fs::read_dir(folder.join("data")).unwrap().map(|entry| entry.unwrap().path());
        let bytes: Vec<u8> =
            files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect();
        for canary in ["canary-question", "canary-words"] {
            assert!(!bytes.windows(canary.len()).any(|window| window == canary.as_bytes()), "{canary} is readable");
        }
        bytes.windows(4).filter(|window| window == b"msg_").count()
    };
    assert!(sealed(table.world.folder.path()) > 0);
    table.script(vec![call("forget_history", json!({ "all": true })), text("Please look below.")]);
    let asked = converse("forget everything").await;
    table.answer(&approval(&asked), Verdict::Approve).await;
    assert!(table.world.app.list_conversations(&table.ana, None).await.unwrap().views.is_empty());
    assert!(table.world.app.read_conversation(&table.ana, &first.conversation, None).await.is_err());
    let page = table.world.page(&one).await;
    assert!(page.contains("not there any more") && !page.contains("value=\"approve\""), "{page}");
    table.world.app.store().checkpoint().await.unwrap();
    assert_eq!(sealed(table.world.folder.path()), 0, "rows of messages are still in the files");
    // And the model does not hear of it again.
    table.script(vec![text("No.")]);
    table.say("do you remember?").await;
    assert!(!table.last_asked().to_string().contains("canary"));
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_talk_is_summed_up_by_the_cheap_model() {
    let table = Table::new().await;
    let lite = |text: &str| Step { model: Some(LITE.into()), play: Said::text(text).into() };
    table.model.play([lite("“A title.”"), lite("In short: they sell bread.")]);
    for no in 0..6 {
        table.script(vec![text("Noted.")]);
        table.say(&format!("Remember number {no}: {}", "bread and more bread. ".repeat(700))).await;
    }
    // It is written in the background, after the answer.
    let asked = crate::serving::until("the summary", async || {
        table.script(vec![text("Bread.")]);
        table.say("what do we sell?").await;
        let asked = table.last_asked();
        asked["systemInstruction"].to_string().contains("In short: they sell bread.").then_some(asked)
    })
    .await;
    let views = table.world.app.list_conversations(&table.ana, None).await.unwrap().views;
    assert_eq!(views[0].title.as_deref(), Some("A title"));
    let contents = asked["contents"].to_string();
    assert!(!contents.contains("Remember number 0") && contents.contains("Remember number 5"));
    table.end().await;
}

/// What `SIGHUP` does with `retention.conversation_days`: from then on, and at once.
#[tokio::test(flavor = "multi_thread")]
async fn retention_that_is_read_anew_sweeps_at_once() {
    let table = Table::new().await;
    table.script(vec![Said::text("Good morning.").into()]);
    table.say("Good morning").await;
    let (app, stop) = (table.world.app.clone(), CancellationToken::new());
    let (sweeper, until) = (app.clone(), stop.clone());
    let sweeping = tokio::spawn(async move { sweeper.sweep_until(until).await });
    table.world.pass(8 * 24 * 3_600_000);
    let held = async || app.list_conversations(&table.ana, None).await.unwrap().views.len();
    assert_eq!(held().await, 1);
    app.set_conversation_days(Some(7));
    crate::serving::until("the sweep", async || (held().await == 0).then_some(())).await;
    stop.cancel();
    sweeping.await.unwrap();
    table.end().await;
}
