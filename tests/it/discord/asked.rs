//! What an assistant asks for reaches its person in Discord with the question on it. Whoever answers first counts, wherever that is, and every
//! other place says how it was answered.

use socrazi::app::Verdict;
use socrazi::domain::approval::Decision;
use socrazi::domain::ids::ApprovalId;
use socrazi::domain::tool::ToolError;

use super::*;

const APPROVE: &str = "Approve exactly this";

impl Hall {
    async fn asks(&self, text: &str) -> (Value, ApprovalId) {
        let post = self.world.draft(text).await;
        let assistant = Caller { grant: Grant::Drafts, ..self.world.assistant.clone() };
        let mut asked = self.world.app.call_tool(&assistant, "publish_post", json!({ "post": post })).await.unwrap();
        (post, asked.waiting.remove(0))
    }

    /// The question as it stands in her direct messages.
    async fn question(&self, text: &str) -> Value {
        self.seen(ANA, DM_ANA, |message| {
            words(message).contains(text) && words(message).contains(&format!("[{APPROVE}]"))
        })
        .await
    }

    /// An answer on the page, as the browser sends it.
    async fn on_page(&self, id: &ApprovalId, verdict: Verdict) -> Result<(), String> {
        let hash = self.world.app.read_approval(&self.world.person, id).await.unwrap().approval.hash;
        match self.world.app.decide(&self.world.person, id, &hash, verdict).await {
            Ok(_) => Ok(()),
            Err(ToolError::Refused(sentence)) => Err(sentence.key),
            Err(error) => panic!("{error:?}"),
        }
    }

    async fn decision(&self, id: &ApprovalId) -> Decision {
        self.world.app.read_approval(&self.world.person, id).await.unwrap().approval.decision
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_declined_on_a_page_is_not_approved_in_discord() {
    let hall = Hall::new().await;
    let (_, id) = hall.asks("Declined on a page").await;
    let card = hall.question("Declined on a page").await;
    assert!(words(&card).contains("asks for your yes"), "{}", words(&card));
    hall.on_page(&id, Verdict::Decline).await.unwrap();
    let (channel, message) = (text_of(&card["channel_id"]), text_of(&card["id"]));
    // Pressed late, or not at all where the card followed by itself: either way it says so and offers nothing.
    let label = hall.discord.message(&channel, &message).filter(|now| words(now).contains(&format!("[{APPROVE}]")));
    if label.is_some() {
        hall.press(&card, APPROVE).await;
    }
    let now = until("the card to say so", || {
        hall.discord.message(&channel, &message).filter(|now| words(now).contains("Declined"))
    })
    .await;
    assert!(!words(&now).contains(APPROVE), "{}", words(&now));
    assert_eq!((hall.decision(&id).await, hall.world.sent()), (Decision::Declined, 0));
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_approved_in_discord_is_answered_everywhere() {
    let hall = Hall::new().await;
    let (post, id) = hall.asks("Approved in Discord").await;
    let card = hall.question("Approved in Discord").await;
    hall.press(&card, APPROVE).await;
    hall.world.until(&post, "published", 5_000).await;
    // The page has no button any more and says how it was answered; a form that was open meanwhile changes nothing.
    let page = hall.world.page(&format!("/approvals/{id}")).await;
    assert!(page.contains("Approved") && !page.contains("value=\"approve\""), "{page}");
    assert_eq!(hall.on_page(&id, Verdict::Decline).await, Err("approval-decided".to_owned()));
    // The assistant that asks again with the same question hears it, too.
    assert_eq!(hall.decision(&id).await, Decision::Approved);
    assert_eq!(hall.world.sent(), 1);
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_press_and_an_answer_on_the_page_at_once_one_counts_and_the_other_says_so() {
    let hall = Hall::new().await;
    let mut sent = 0;
    for no in 0..5 {
        let text = format!("Raced {no}");
        let (post, id) = hall.asks(&text).await;
        let card = hall.question(&text).await;
        let (pressed, declined) = tokio::join!(hall.press(&card, APPROVE), hall.on_page(&id, Verdict::Decline));
        drop(pressed);
        let (channel, message) = (text_of(&card["channel_id"]), text_of(&card["id"]));
        let says = |what: &'static str| {
            let (hall, channel, message) = (&hall, &channel, &message);
            move || hall.discord.message(channel, message).filter(|now| words(now).contains(what))
        };
        match hall.decision(&id).await {
            Decision::Approved => {
                assert_eq!(declined, Err("approval-decided".to_owned()));
                sent += 1;
                hall.world.until(&post, "published", 5_000).await;
            }
            Decision::Declined => {
                declined.unwrap();
                until("the card to say so", says("Declined")).await;
            }
            other => panic!("{other:?}"),
        }
        let now = hall.discord.message(&channel, &message).unwrap();
        assert!(!words(&now).contains(&format!("[{APPROVE}]")), "{}", words(&now));
        assert_eq!(hall.world.sent(), sent);
    }
    hall.end().await;
}
