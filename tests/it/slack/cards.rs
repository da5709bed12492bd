//! Cards: what is pressed changes where it was pressed, stays true afterwards, and may be answered by whoever was asked.

use super::*;

/// Ben is one of our people, too, and somebody else than Ana.
async fn ben(office: &Office) -> Caller {
    office.world.app.join_member(&member(BEN), "Ben", socrazi::domain::lang::Lang::En).await.unwrap()
}

impl Office {
    /// Opens a post's card in a window of its own, from App Home.
    async fn window(&self, name: &str) -> Value {
        self.slack.open_home(ANA, "home").await;
        let home =
            until("a home", || self.slack.home(ANA).filter(|home| words(home).contains(&format!("{name}#")))).await;
        self.slack.press_in_home(ANA, &action(&home, name)).await.unwrap();
        until("a window", || self.slack.views().first().cloned()).await
    }

    async fn read_post(&self, post: &Value) -> Value {
        self.world.call("get_post", json!({ "post": post })).await["post"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_keeps_what_is_disclosed_and_who_may_reply() {
    let office = Office::new().await;
    let options = json!({ "paid_partnership": true, "made_with_ai": true, "repliers": "following" });
    let asked = json!({ "text": "Befor the edit", "options": options });
    let post = office.world.call("create_draft", asked).await["post"]["id"].clone();
    let window = office.window("look").await;
    let id = window["id"].as_str().unwrap();
    office.slack.press_in_view(ANA, id, &action(&window, "edit")).await.unwrap();
    let form = until("a form", || office.slack.views().into_iter().find(|view| view["callback_id"] == "edit")).await;
    let block = form["blocks"][0]["block_id"].as_str().unwrap();
    office.slack.submit(ANA, form["id"].as_str().unwrap(), &[(block, "text", json!("After the edit"))]).await.unwrap();
    // The window it was opened from shows the new text.
    until("the window", || {
        office.slack.views().into_iter().find(|view| view["id"] == id && words(view).contains("After the edit"))
    })
    .await;
    let id = post.as_str().unwrap().parse().unwrap();
    let read = office.world.app.read_post(&office.ana, &id).await.unwrap();
    assert_eq!(serde_json::to_value(&read.variants[0].content.options).unwrap(), options);
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_would_go_out_is_on_the_card_that_asks_and_on_the_drafts() {
    let office = Office::new().await;
    let whole = crate::whole::Whole::draft(&office.world).await;
    let window = office.window("look").await;
    whole.is_in("a draft in Slack", &words(&window));
    let id = window["id"].as_str().unwrap();
    office.slack.press_in_view(ANA, id, &action(&window, "publish")).await.unwrap();
    let asked = until("the question", || {
        office.slack.views().into_iter().find(|view| view["id"] == id && words(view).contains("approve#"))
    });
    whole.is_in("an approval in Slack", &words(&asked.await));
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn presses_in_windows_and_on_home_show_what_they_did() {
    let office = Office::new().await;
    let post = office.world.draft("From a window").await;
    let window = office.window("look").await;
    let id = window["id"].as_str().unwrap();
    office.slack.press_in_view(ANA, id, &action(&window, "discard")).await.unwrap();
    until("the window", || office.slack.views().into_iter().find(|view| words(view).contains("restore#"))).await;
    assert_eq!(office.read_post(&post).await["status"], "withdrawn");
    office.slack.press_in_view(ANA, id, "restore#0").await.unwrap();
    until("the window again", || office.slack.views().into_iter().find(|view| words(view).contains("publish#"))).await;
    // And on Home.
    office.world.scheduled("From home").await;
    office.slack.open_home(ANA, "home").await;
    let home = until("a home", || office.slack.home(ANA).filter(|home| words(home).contains("undo#"))).await;
    office.slack.press_in_home(ANA, &action(&home, "undo")).await.unwrap();
    until("home drawn anew", || office.slack.home(ANA).filter(|home| !words(home).contains("undo#"))).await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pressing_a_card_leaves_the_answer_above_it() {
    let office = Office::new().await;
    office.script(vec![
        Said::calls(&[("create_draft", json!({ "text": "From the chat" }))]).into(),
        text("Here is what I made of it."),
    ]);
    let (thread, _) = office.slack.say(ANA, DM, "Please draft something", None).await;
    let card = office.reply(DM, |message| words(message).contains("publish#")).await;
    assert!(!words(&card).contains("Here is what I made of it."));
    let ts = card["ts"].as_str().unwrap();
    office.slack.press(ANA, DM, ts, &action(&card, "publish")).await.unwrap();
    let asked = office.reply(DM, |message| message["ts"] == ts && words(message).contains("approve#")).await;
    assert_eq!(asked["thread_ts"], thread.as_str());
    assert!(read(&office, DM).contains("Here is what I made of it."), "the answer stays");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_counts_the_hold_window_down_and_ends_as_the_receipt() {
    let office = Office::new().await;
    let post = office.world.draft("Counted down").await;
    // A card that stays: what the news shows.
    let message = office.card_in_direct(&post, "publish").await;
    let ts = message["ts"].as_str().unwrap().to_owned();
    let asked = office.press_message(&message, "publish").await;
    office.press_message(&asked, "approve").await;
    let counting =
        office.reply(DM, |message| message["ts"] == ts.as_str() && words(message).contains("Goes out in about")).await;
    assert!(words(&counting).contains("Undo"), "{counting:#}");
    office.world.pass(15_000);
    let receipt =
        office.reply(DM, |message| message["ts"] == ts.as_str() && words(message).contains("Take down")).await;
    assert!(words(&receipt).contains("/status/"), "with the address: {receipt:#}");
    // Whoever looks at the card is not told beside it.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(office.slack.replies(DM).len(), 1, "{:#?}", office.slack.replies(DM));
    office.end().await;
}

impl Office {
    /// A message of ours with this button, in Ana's direct channel.
    pub(super) async fn card_in_direct(&self, post: &Value, name: &str) -> Value {
        let shown = json!({ "channel": DM, "text": "a card", "blocks": [
            { "type": "actions", "block_id": "b0", "elements": [{ "type": "button", "action_id": format!("{name}#0"), "value": post,
                "text": { "type": "plain_text", "text": name } }] }] });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let call = http.post(format!("{}/chat.postMessage", self.slack.api_url()));
        let call = call.bearer_auth(socrazi_sim::slack::BOT_TOKEN).json(&shown);
        let posted: Value = call.send().await.unwrap().json().await.unwrap();
        let ts = posted["ts"].as_str().unwrap().to_owned();
        self.reply(DM, |message| message["ts"] == ts.as_str()).await
    }

    /// Presses something on a message in Ana's direct channel; what stands there afterwards.
    pub(super) async fn press_message(&self, message: &Value, name: &str) -> Value {
        let ts = message["ts"].as_str().unwrap();
        self.slack.press(ANA, DM, ts, &action(message, name)).await.unwrap();
        self.reply(DM, |now| now["ts"] == ts && words(now) != words(message)).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_was_asked_approves_and_everybody_else_hears_whose_it_is() {
    let office = Office::new().await;
    let ben = ben(&office).await;
    let post = office.world.draft("Four eyes").await;
    let card = office.card_in_direct(&post, "publish").await;
    let asked = office.press_message(&card, "publish").await;
    let ids = words(&asked);
    let ask = ids.lines().find(|line| line.starts_with("ask#")).unwrap().to_owned();
    // Not asked yet, Ben is refused, and hears whose it is.
    let approve = action(&asked, "approve");
    let at = asked["ts"].as_str().unwrap();
    office.slack.choose(ANA, (DM, at), &ask, "U0EVE").await.unwrap();
    let unknown = office.private_or_direct("not linked yet").await;
    assert!(!unknown.is_empty());
    office.slack.choose(ANA, (DM, at), &ask, BEN).await.unwrap();
    office.reply(DM, |message| message["ts"] == at && words(message).contains("was asked")).await;
    let his = office.reply("D0BEN", |message| words(message).contains("approve#")).await;
    assert!(words(&his).contains("Four eyes") && words(&his).contains("Ana asks you"), "{his:#}");
    assert!(!words(&his).contains("ask#"), "whoever was asked asks nobody else");
    let ts = his["ts"].as_str().unwrap();
    office.slack.press(BEN, "D0BEN", ts, &approve).await.unwrap();
    office.reply("D0BEN", |message| message["ts"] == ts && words(message).contains("Approved.")).await;
    office.world.pass(15_000);
    until("the post", || (office.world.sim.ledger().len() == 1).then_some(())).await;
    // Ana hears of it, and her card says so.
    office.reply(DM, |message| words(message).contains("Take down")).await;
    let why = office.command(&format!("why {}", post.as_str().unwrap())).await;
    let said = words(&why);
    assert!(said.contains("approved · by Ben") && said.contains("somebody else asked to decide · by you"), "{said}");
    assert_ne!(ben.user, office.ana.user);
    office.end().await;
}

/// Ben was named to decide about a post of Ana's: the post, and the card of each.
async fn ben_is_asked(office: &Office, text: &str) -> (Value, Value, Value) {
    ben(office).await;
    let post = office.world.draft(text).await;
    let card = office.card_in_direct(&post, "publish").await;
    let asked = office.press_message(&card, "publish").await;
    let ask = words(&asked).lines().find(|line| line.starts_with("ask#")).unwrap().to_owned();
    office.slack.choose(ANA, (DM, asked["ts"].as_str().unwrap()), &ask, BEN).await.unwrap();
    let his = office.reply("D0BEN", |message| words(message).contains("approve#")).await;
    let hers = office.reply(DM, |message| words(message).contains("was asked")).await;
    (post, his, hers)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_asked_has_nothing_to_press_once_the_owner_decided() {
    let office = Office::new().await;
    let (_, his, hers) = ben_is_asked(&office, "Two eyes are enough").await;
    office.press_message(&hers, "approve").await;
    office.reply("D0BEN", |now| now["ts"] == his["ts"] && !words(now).contains("approve#")).await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_asked_can_answer_still_after_news_of_the_post_and_presses_nothing_else() {
    let office = Office::new().await;
    let (post, his, hers) = ben_is_asked(&office, "Two networks").await;
    // Something happens to the post elsewhere; every card of it is drawn anew.
    let what = socrazi::say!("notice-published", handle = "elsewhere");
    let about = Some(post.as_str().unwrap().parse().unwrap());
    let now = office.world.clock.now_ms();
    let notice = socrazi::store::notices::Notice { post: about, what, created_at: now };
    let id = socrazi::domain::ids::NoticeId::generate(now, 7);
    office.world.app.store().insert_notice(&id, &office.ana.user, &notice).await.unwrap();
    office.reply(DM, |message| words(message).contains("Published on @elsewhere")).await;
    for (channel, card) in [("D0BEN", &his), (DM, &hers)] {
        let now = words(&office.reply(channel, |now| now["ts"] == card["ts"]).await);
        assert!(now.contains("approve#") && now.contains("Two networks") && now.contains("/approvals/"), "{now}");
    }
    // Declined, nothing of it is his to press.
    let hers = office.reply(DM, |now| now["ts"] == hers["ts"]).await;
    office.press_message(&hers, "decline").await;
    let his = words(&office.reply("D0BEN", |now| now["ts"] == his["ts"] && !words(now).contains("approve#")).await);
    assert!(["publish#", "schedule#", "edit#", "discard#"].iter().all(|press| !his.contains(press)), "{his}");
    assert!(his.contains("/posts/"), "but to look at: {his}");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_could_not_be_reached_may_not_decide_either() {
    use socrazi_sim::slack::{Fault, FaultKind};
    let office = Office::new().await;
    let ben = ben(&office).await;
    let post = office.world.draft("Four eyes").await;
    let card = office.card_in_direct(&post, "publish").await;
    let asked = office.press_message(&card, "publish").await;
    let ask = words(&asked).lines().find(|line| line.starts_with("ask#")).unwrap().to_owned();
    let at = asked["ts"].as_str().unwrap();
    let id = office.world.app.list_waiting(&office.ana).await.unwrap().remove(0).approval.id;
    let body = r#"{"ok":false,"error":"messages_tab_disabled"}"#.to_owned();
    let refused = FaultKind::Status { status: 200, body, headers: std::collections::BTreeMap::new() };
    office.slack.set_faults(vec![Fault::once("POST", "/api/chat.postMessage", refused).times(20)]);
    office.slack.choose(ANA, (DM, at), &ask, BEN).await.unwrap();
    office.private_or_direct("Nothing was changed").await;
    assert!(office.world.app.read_approval(&ben, &id).await.is_err(), "he does not know of it");
    office.slack.set_faults(Vec::new());
    let why = words(&office.command(&format!("why {}", post.as_str().unwrap())).await);
    assert!(why.contains("they could not be reached"), "{why}");
    // Once he is reached, he may.
    office.slack.choose(ANA, (DM, at), &ask, BEN).await.unwrap();
    office.reply("D0BEN", |message| words(message).contains("approve#")).await;
    assert!(office.world.app.read_approval(&ben, &id).await.is_ok());
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_back_says_what_it_was_too_late_for() {
    use socrazi_sim::x::{Fault, FaultKind};
    let office = Office::new().await;
    let post = office.world.draft("On its way already").await;
    office.world.sim.set_faults(vec![Fault::once("POST", "/2/tweets", FaultKind::ResetBefore)]);
    office.world.call("publish_post", json!({ "post": post })).await;
    office.world.until(&post, "needs_human", 30_000).await;
    let card = office.card_in_direct(&post, "undo").await;
    let told = words(&office.press_message(&card, "undo").await);
    assert!(told.contains("too late to stop") && !told.contains("Nothing more goes out"), "{told}");
    assert!(told.contains("settle-there#"), "what can still be done stands there: {told}");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_of_a_conversation_says_what_became_of_its_post() {
    let office = Office::new().await;
    office.script(vec![
        Said::calls(&[("create_draft", json!({ "text": "Drafted in talk" }))]).into(),
        text("Here is the draft."),
    ]);
    office.slack.say(ANA, DM, "Draft something", None).await;
    let card = office.reply(DM, |message| words(message).contains("publish#")).await;
    let post = office.world.call("list_posts", json!({})).await["posts"][0]["id"].clone();
    office.world.call("publish_post", json!({ "post": post })).await;
    office.world.until(&post, "published", 5_000).await;
    office.reply(DM, |now| now["ts"] == card["ts"] && words(now).contains("takedown#")).await;
    office.end().await;
}

impl Office {
    /// What somebody was told privately, wherever that was.
    async fn private_or_direct(&self, said: &str) -> String {
        until("an answer", || {
            let all = self.slack.ephemerals().into_iter().chain(self.slack.replies(DM));
            all.map(|message| words(&message)).find(|words| words.contains(said))
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_on_somebody_elses_card_says_whose_it_is_and_changes_nothing() {
    let office = Office::new().await;
    ben(&office).await;
    let post = office.world.draft("Ana's own").await;
    let shown = |name: &str, value: &Value| {
        json!({ "channel": GENERAL, "text": "shared", "blocks": [{ "type": "actions", "block_id": "b0", "elements": [
            { "type": "button", "action_id": format!("{name}#0"), "value": value, "text": { "type": "plain_text", "text": name } }] }] })
    };
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let waiting = json!({ "post": post });
    let asked = office.world.app.call_tool(&office.ana, "publish_post", waiting).await.unwrap();
    let approval = asked.waiting[0].clone();
    let hash = office.world.app.read_approval(&office.ana, &approval).await.unwrap().approval.hash;
    let decide = json!(format!("{approval} {hash}"));
    for (no, (name, value)) in
        [("discard", &post), ("approve", &decide), ("decline", &decide), ("publish", &post), ("edit", &post)]
            .into_iter()
            .enumerate()
    {
        let call = http.post(format!("{}/chat.postMessage", office.slack.api_url()));
        let posted: Value = call
            .bearer_auth(socrazi_sim::slack::BOT_TOKEN)
            .json(&shown(name, value))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        office.slack.press(BEN, GENERAL, posted["ts"].as_str().unwrap(), &format!("{name}#0")).await.unwrap();
        let told = office.private(no + 1).await;
        assert_eq!(told["user"], BEN);
        assert!(words(&told).contains("This is Ana's"), "{name}: {told:#}");
    }
    assert_eq!(office.read_post(&post).await["status"], "waiting_for_you");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_press_and_a_second_try_show_how_it_was_decided() {
    let office = Office::new().await;
    let post = office.world.draft("Pressed twice").await;
    let card = office.card_in_direct(&post, "publish").await;
    let asked = office.press_message(&card, "publish").await;
    let (ts, approve) = (asked["ts"].as_str().unwrap().to_owned(), action(&asked, "approve"));
    let payload = office.slack.press(ANA, DM, &ts, &approve).await.unwrap();
    assert!(payload.is_ok());
    office.reply(DM, |message| message["ts"] == ts.as_str() && words(message).contains("Undo")).await;
    // An older copy of the same card, pressed late: it becomes what is true, not an error.
    let value = words(&asked).lines().find(|line| line.starts_with("appr_") && line.contains(' ')).unwrap().to_owned();
    let old = office.card_in_direct(&json!(value), "approve").await;
    let now = office.press_message(&old, "approve").await;
    assert!(words(&now).contains("Approved."), "{now:#}");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_takes_addresses_and_ids_and_refuses_what_it_does_not_know() {
    let office = Office::new().await;
    let post = office.world.draft("Explain me").await;
    office.world.call("publish_post", json!({ "post": post })).await;
    office.world.until(&post, "published", 5_000).await;
    let read = office.read_post(&post).await;
    let url = read["deliveries"][0]["receipts"][0]["permalink"].as_str().unwrap().to_owned();
    office.world.draft("A newer one").await;
    let delivery = read["deliveries"][0]["id"].as_str().map(str::to_owned);
    for named in [Some(url.clone()), post.as_str().map(str::to_owned), delivery].into_iter().flatten() {
        let why = office.command(&format!("why {named}")).await;
        let said = words(&why);
        assert!(said.contains("Explain me") || said.contains(&url), "{named}: {said}");
        assert!(said.contains("drafted · by you · through an assistant on this machine"), "{named}: {said}");
    }
    for named in ["https://x.com/nobody/status/1", "post_01ARZ3NDEKTSV4RRFFQ69G5FAV", "nonsense"] {
        let why = office.command(&format!("why {named}")).await;
        assert!(words(&why).contains("I know no post of yours by that"), "{named}: {why:#}");
    }
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_a_chart_and_below_that_whatever_slack_takes() {
    let office = Office::new().await;
    let post = office.world.draft("Counted").await;
    office.world.call("publish_post", json!({ "post": post })).await;
    office.world.until(&post, "published", 5_000).await;
    let report = office.command("report").await;
    assert!(report["blocks"].to_string().contains("data_visualization"), "{report:#}");
    let refuse = |times| {
        let refused = socrazi_sim::slack::FaultKind::Status {
            status: 400,
            body: "invalid_blocks".into(),
            headers: std::collections::BTreeMap::from([("content-type".into(), "text/plain".into())]),
        };
        office.slack.set_faults(vec![socrazi_sim::slack::Fault::once("POST", "/hooks", refused).times(times)]);
    };
    // The step after Slack's own chart is a picture, with the figures in words for whoever does not see it.
    refuse(1);
    let report = office.command("report").await;
    let image = report["blocks"].as_array().unwrap().iter().find(|block| block["type"] == "image").unwrap();
    assert!(image["alt_text"].as_str().unwrap().contains(" 1"), "{image:#}");
    let file = office.slack.files().pop().unwrap();
    assert_eq!(
        (image["slack_file"]["id"].as_str(), &file.bytes[..8]),
        (Some(file.id.as_str()), &b"\x89PNG\r\n\x1a\n"[..])
    );
    refuse(2);
    let report = office.command("report").await;
    let drawn = report["blocks"].to_string();
    assert!(drawn.contains("\"table\"") && !drawn.contains("data_visualization"), "{report:#}");
    refuse(3);
    let report = office.command("report").await;
    let drawn = report["blocks"].to_string();
    assert!(!drawn.contains("\"table\"") && !drawn.contains("data_visualization"), "{report:#}");
    assert!(words(&report).contains("@"), "in words: {report:#}");
    // Pictures go with the person, although no message of ours is left that shows them.
    office.world.app.delete_user(&office.world.person.user).await.unwrap();
    let gone = || office.slack.files().iter().all(|file| file.is_deleted).then_some(());
    until("the pictures to be deleted", gone).await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_of_posts_is_told_in_the_channel_that_was_chosen() {
    let office = Office::new().await;
    let settings = office.command("settings").await;
    let chosen = office.press(&settings, "news-here").await;
    assert!(words(&chosen).contains(&format!("<#{GENERAL}>")), "{chosen:#}");
    office.reply(GENERAL, |message| words(message).contains("what became of Ana’s posts")).await;
    let post = office.world.draft("Everybody may know").await;
    office.world.call("publish_post", json!({ "post": post })).await;
    office.world.until(&post, "published", 5_000).await;
    let told = office.reply(GENERAL, |message| words(message).contains("Published on")).await;
    assert!(words(&told).contains("Everybody may know") && !words(&told).contains("takedown#"), "{told:#}");
    assert!(!office.slack.replies(DM).iter().any(|message| words(message).contains("Published on")));
    // What is not out is nobody else's to read: that it failed is said, not what it said.
    office.world.sim.post_as("2244994945", "Between us").unwrap();
    let post = office.world.draft("Between us").await;
    office.world.call("publish_post", json!({ "post": post })).await;
    office.world.until(&post, "failed", 5_000).await;
    let told = office.reply(GENERAL, |message| words(message).contains("refused the post")).await;
    assert!(!words(&told).contains("Between us") && words(&told).contains("/posts/"), "{told:#}");
    let back = office.press(&chosen, "news-direct").await;
    assert!(words(&back).contains("told to you directly"), "{back:#}");
    assert_eq!(office.world.app.news_channel(&member(ANA)).await.unwrap(), None);
    office.unlinked(GENERAL, "Everybody may know").await;
    office.end().await;
}

/// A table with this many rows, each an hour after the other, beginning tomorrow.
fn table(office: &Office, rows: i64) -> Vec<u8> {
    let at =
        |row: i64| jiff::Timestamp::from_millisecond(office.world.clock.now_ms() + (24 + row) * 3_600_000).unwrap();
    let row = |row: i64| format!("{},Plan {row} about tulips\n", at(row));
    format!("at,text\n{}", (1..=rows).map(row).collect::<String>()).into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_dropped_into_the_chat_is_one_question_from_which_posts_can_be_left_out() {
    let office = Office::new().await;
    // A plan that does not fit on the card is decided on its page, where all of it can be read.
    office.slack.say_with_file(ANA, DM, "", ("plan.csv", "text/csv", table(&office, 12))).await;
    let card = office.reply(DM, |message| words(message).contains("decline#")).await;
    let shown = words(&card);
    assert!(shown.contains("12 drafts were made of plan.csv") && shown.contains("Plan 10 about tulips"), "{shown}");
    assert!(!shown.contains("Plan 11 about tulips") && shown.contains("and 2 more"), "{shown}");
    assert!(!shown.contains("approve") && shown.contains("you decide on the page"), "{shown}");
    assert!(office.model.asked().is_empty(), "nobody else needs to be asked about a table");
    office.slack.say_with_file(ANA, DM, "", ("short.csv", "text/csv", table(&office, 10))).await;
    let card = office.reply(DM, |message| words(message).contains("approve#")).await;
    let ts = card["ts"].as_str().unwrap();
    office.slack.press(ANA, DM, ts, &action(&card, "approve-but")).await.unwrap();
    let form = until("a form", || office.slack.views().into_iter().find(|view| view["callback_id"] == "leave")).await;
    let (id, block) = (form["id"].as_str().unwrap(), form["blocks"][0]["block_id"].as_str().unwrap());
    // A mistake stays in the form and nothing is decided.
    let wrong = office.slack.submit(ANA, id, &[(block, "text", json!("3, 13"))]).await;
    assert!(format!("{wrong:?}").contains("Numbers from 1 to 10"), "{wrong:?}");
    assert_eq!(office.world.app.list_waiting(&office.ana).await.unwrap().len(), 2);
    office.slack.submit(ANA, id, &[(block, "text", json!("3, 9-10"))]).await.unwrap();
    let told = office.reply(DM, |message| message["ts"] == ts && words(message).contains("Left out: 3")).await;
    assert!(words(&told).contains("Scheduled: 7.") && !words(&told).contains("approve#"), "{told:#}");
    // Rows that cannot be used are told by their numbers, and nothing is made.
    let bad = b"at,text\ntomorrow at 9,\nsome day,hello\n".to_vec();
    office.slack.say_with_file(ANA, DM, "", ("bad.csv", "text/csv", bad)).await;
    let told = office.reply(DM, |message| words(message).contains("bad.csv")).await;
    assert!(words(&told).contains("Row 2: It has no text.") && words(&told).contains("Row 3: "), "{told:#}");
    office.end().await;
}
