//! What an assistant asks for reaches its person in Slack, with the question on it; whoever answers first counts.

use socrazi::app::Verdict;
use socrazi::app::questions::is_question;

use super::*;

async fn asks(office: &Office, text: &str) -> (Value, socrazi::domain::ids::ApprovalId) {
    let post = office.world.draft(text).await;
    let assistant = Caller { grant: Grant::Drafts, ..office.world.assistant.clone() };
    let mut asked = office.world.app.call_tool(&assistant, "publish_post", json!({ "post": post })).await.unwrap();
    (post, asked.waiting.remove(0))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_assistant_asks_is_answered_where_its_person_is() {
    let office = Office::new().await;
    let (post, _) = asks(&office, "Asked by an assistant").await;
    let card = office.reply(DM, |message| words(message).contains("approve#")).await;
    let shown = words(&card);
    assert!(shown.contains("MCP (stdio) asks for your yes.") && shown.contains("Asked by an assistant"), "{shown}");
    // On the pages it stands where it waits, and not among the news.
    let news = office.world.app.notices(&office.world.person).await.unwrap();
    assert!(news.iter().all(|notice| !is_question(&notice.what.key)), "{news:?}");
    office.press_message(&card, "approve").await;
    office.world.until(&post, "published", 5_000).await;
    assert_eq!(office.world.sent(), 1);

    // Declined on a page first: the button says so, and does nothing.
    let (_, id) = asks(&office, "Declined on a page").await;
    let card = office
        .reply(DM, |message| words(message).contains("approve#") && words(message).contains("Declined on a page"))
        .await;
    let hash = office.world.app.read_approval(&office.world.person, &id).await.unwrap().approval.hash;
    office.world.app.decide(&office.world.person, &id, &hash, Verdict::Decline).await.unwrap();
    let now = words(&office.press_message(&card, "approve").await);
    assert!(now.contains("Declined. Nothing goes out.") && !now.contains("approve#"), "{now}");
    assert_eq!(office.world.sent(), 1);
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assistant_that_asks_and_asks_does_not_ring_each_time() {
    let office = Office::new().await;
    for no in 0..13 {
        asks(&office, &format!("Question {no}")).await;
    }
    until("the first ten", || {
        let rung =
            office.slack.replies(DM).iter().filter(|message| words(message).contains("asks for your yes")).count();
        (rung == 10).then_some(())
    })
    .await;
    let notices = office.world.app.store().list_notices(&office.ana.user, 100).await.unwrap();
    assert_eq!(notices.iter().filter(|notice| is_question(&notice.what.key)).count(), 10);
    // All of them stand on the pages.
    assert_eq!(office.world.app.list_waiting(&office.world.person).await.unwrap().len(), 13);
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_in_the_chat_itself_has_the_question_there_alone() {
    let office = Office::new().await;
    let draft = office.command("draft Asked right here").await;
    office.press(&draft, "publish").await;
    assert_eq!(office.world.app.list_waiting(&office.world.person).await.unwrap().len(), 1);
    let notices = office.world.app.store().list_notices(&office.ana.user, 100).await.unwrap();
    assert!(notices.iter().all(|notice| !is_question(&notice.what.key)), "{notices:?}");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_video_is_shown_before_and_after_and_made_by_a_press() {
    let google = crate::youtube::google_on(socrazi_sim::clock::SimClock::new()).await;
    let office = Office::with(SlackOptions::default(), crate::youtube::settings_of(&google)).await;
    let video = crate::youtube::asked_to_change(&office.world, &google).await;
    let card = office.reply(DM, |message| words(message).contains("approve#")).await;
    let shown = words(&card);
    for said in [
        "Title",
        "Another title",
        "Description",
        "(nothing)",
        video["snippet"]["description"].as_str().unwrap(),
        "Now:",
        "Then:",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let now = words(&office.press_message(&card, "approve").await);
    assert!(now.contains("stands there so now") && !now.contains("approve#"), "{now}");
    let all = crate::youtube::every_video(&google).await;
    assert_eq!(all.iter().find(|other| other["id"] == video["id"]).unwrap()["snippet"]["title"], "Another title");
    office.end().await;
}
