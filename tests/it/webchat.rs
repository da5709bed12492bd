//! Conversation on the pages, without a script: begun, gone on with, stopped, approved, and nothing lost of what somebody typed.

use std::time::Duration;

use axum::body::BodyDataStream;
use futures::StreamExt;
use http::StatusCode;
use serde_json::json;
use socrazi::app::settings::SettingsChange;
use socrazi::domain::chat::Utterance;
use socrazi::domain::lang::Lang;
use socrazi::domain::place::{ChatPlace, Member};
use socrazi::frontends::Doors;
use socrazi_sim::gemini::{Ending, Play, Said};
use tokio_util::sync::CancellationToken;

use crate::conversing::{MODEL, Table, call, text};
use crate::databases::{Engine, on_both};
use crate::world::World;

on_both!(
    what_is_said_on_a_page_is_answered_there_and_goes_out_after_a_yes,
    a_message_that_is_sent_twice_is_said_once,
    a_conversation_goes_on_wherever_it_was_begun,
);

/// The value of a hidden field.
fn hidden(html: &str, name: &str) -> String {
    let before = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
    let (_, rest) = html.split_once(&before).unwrap_or_else(|| panic!("no {name} in {html}"));
    rest.split_once('"').unwrap().0.to_owned()
}

/// The first address on a page that begins so.
fn address(html: &str, begins: &str) -> String {
    let (_, rest) = html.split_once(&format!("href=\"{begins}")).unwrap_or_else(|| panic!("no {begins} in {html}"));
    format!("{begins}{}", rest.split_once(['"', '#']).unwrap().0)
}

/// What stands in the field for a message.
fn typed(html: &str) -> &str {
    html.split_once("<textarea").unwrap().1.split_once(">\n").unwrap().1.split_once("</textarea>").unwrap().0
}

#[track_caller]
fn assert_says(html: &str, words: &[&str]) {
    for words in words {
        assert!(html.contains(words), "{words:?} is not in {html}");
    }
}

/// Writes into the form of a page and sends it; where the answer comes.
async fn say(world: &World, page: &str, text: &str) -> String {
    let key = hidden(&world.page(page).await, "key");
    say_as(world, page, &key, text).await
}

async fn say_as(world: &World, page: &str, key: &str, text: &str) -> String {
    let there = world.press(page, &[("key", key), ("text", text)]).await;
    there.strip_suffix("#now").unwrap_or_else(|| panic!("{there}")).to_owned()
}

/// Reads a page that grows until it says something.
async fn read_until(body: &mut BodyDataStream, what: &str) -> String {
    let mut html = String::new();
    while !html.contains(what) {
        let piece = tokio::time::timeout(Duration::from_secs(30), body.next()).await;
        let piece = piece.unwrap_or_else(|_| panic!("no {what:?} came behind {html}"));
        html.push_str(std::str::from_utf8(&piece.unwrap_or_else(|| panic!("no {what:?} in {html}")).unwrap()).unwrap());
    }
    html
}

fn asked(table: &Table) -> usize {
    table.model.asked().iter().filter(|request| request.model == MODEL).count()
}

fn endless(text: &str) -> Play {
    Said { ending: Ending::Silence, ..Said::text(text) }.into()
}

async fn what_is_said_on_a_page_is_answered_there_and_goes_out_after_a_yes(engine: Engine) {
    let table = Table::on(engine, Vec::new()).await;
    let world = &table.world;
    let wish = format!("Schedule a post saying “Open from nine.” for {}", world.in_an_hour());
    let there = say(world, "/chat", &wish).await;
    // As it comes, and as it stands when it is there.
    for _ in 0..2 {
        let html = world.page(&there).await;
        assert_says(&html, &["It waits for you: please look below.", "<p class=\"text\">Open from nine.</p>"]);
        assert_eq!(html.matches("It waits for you: please look below.").count(), 1, "{html}");
    }
    let approval = address(&world.page(&there).await, "/approvals/appr_");
    world.pass(60_000);
    assert_eq!(world.sent(), 0, "nothing goes out without a gesture");
    let hash = hidden(&world.page(&approval).await, "hash");
    world.press(&approval, &[("hash", &hash), ("verdict", "approve")]).await;
    let html = world.page(&there).await;
    assert_says(&html, &["Approved."]);
    let post = address(&html, "/posts/post_");
    let id = post.rsplit('/').next().unwrap();
    world.until(&json!(id), "published", 60_000).await;
    assert_eq!(world.sim.ledger().iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(), ["Open from nine."]);
    assert_says(&world.page("/chat").await, &[&format!("href=\"{there}#now\"")]);
    // A draft is shown in full, with the way to its page.
    say(world, &there, "Draft a post saying “Soon.”").await;
    for _ in 0..2 {
        let html = world.page(&there).await;
        assert_says(&html, &["<blockquote>Soon.</blockquote>", "5 / 280"]);
        assert_says(&world.page(&address(&html, "/posts/post_")).await, &["Soon."]);
    }
    table.end().await;
}

async fn a_message_that_is_sent_twice_is_said_once(engine: Engine) {
    let table = Table::on(engine, Vec::new()).await;
    let world = &table.world;
    let key = hidden(&world.page("/chat").await, "key");
    table.script(vec![text("Hello."), text("Hello."), text("Hello.")]);
    let at_once = tokio::join!(say_as(world, "/chat", &key, "hi"), say_as(world, "/chat", &key, "hi"));
    assert_eq!(at_once.0, at_once.1);
    assert_says(&world.page(&at_once.0).await, &["Hello."]);
    assert_eq!(say_as(world, "/chat", &key, "hi").await, at_once.0);
    // The model is asked while a message is made durable: of two at once one may be asked for nothing, and nobody hears it.
    let before = asked(&table);
    assert!((1..=2).contains(&before), "{before}");
    // The same words once more are another message.
    assert_eq!(say(world, &at_once.0, "hi").await, at_once.0);
    let html = world.page(&at_once.0).await;
    assert_eq!(html.matches("Hello.").count(), 2, "{html}");
    assert_eq!((html.matches("<p class=\"text\">hi</p>").count(), asked(&table)), (2, before + 1), "{html}");
    table.end().await;
}

async fn a_conversation_goes_on_wherever_it_was_begun(engine: Engine) {
    let table = Table::on(engine, Vec::new()).await;
    let world = &table.world;
    table.script(vec![text("From the terminal."), text("From the page."), text("Back again.")]);
    let begun = table.say("in the terminal").await;
    let there = format!("/conversations/{}", begun.conversation);
    assert_eq!(say(world, &there, "on the page").await, there);
    assert_says(&world.page(&there).await, &["in the terminal", "From the terminal.", "on the page", "From the page."]);
    assert_says(&table.last_asked()["contents"].to_string(), &["in the terminal", "From the terminal.", "on the page"]);
    assert_eq!(table.say("back in the terminal").await.conversation, begun.conversation);
    assert_says(&table.last_asked()["contents"].to_string(), &["From the page."]);
    // By the word that works everywhere, too.
    let key = hidden(&world.page("/chat").await, "key");
    let (status, list) = world.send("/chat", &[("key", &key), ("text", "continue")]).await;
    assert_eq!(status, StatusCode::OK);
    assert_says(&list, &["Say “continue” with a number"]);
    assert_eq!(say(world, "/chat", "continue 1").await, there);
    assert_eq!(asked(&table), 3);
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_read_while_it_is_written_and_can_be_stopped() {
    let table = Table::new().await;
    table.script(vec![call("list_posts", json!({})), endless("On and on"), text("Later.")]);
    let there = say(&table.world, "/chat", "tell me").await;
    let page = table.world.open_page(&there).await;
    assert_eq!(page.headers()["x-accel-buffering"], "no");
    let mut body = page.into_body().into_data_stream();
    let html = read_until(&mut body, "On and on").await;
    // The form for the next message does not wait for the answer.
    assert_says(&html, &["tell me", &format!("action=\"{there}/stop\""), "Looking …", "name=\"key\""]);
    assert_eq!(table.world.press(&format!("{there}/stop"), &[]).await, format!("{there}#now"));
    assert_says(&read_until(&mut body, "</html>").await, &["Stopped."]);
    let html = table.world.page(&there).await;
    assert!(html.contains("Stopped.") && !html.contains("/stop\""), "{html}");
    // Nothing comes any more: pressed again it changes nothing.
    table.world.press(&format!("{there}/stop"), &[]).await;
    say(&table.world, &there, "go on").await;
    assert_says(&table.world.page(&there).await, &["Later."]);
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_waits_for_the_answer_before_it_and_the_page_shows_both_in_order() {
    let table = Table::new().await;
    let slow = Said { first_ms: 800, ..Said::text("The first answer.") };
    table.script(vec![slow.into(), text("The second answer.")]);
    let there = say(&table.world, "/chat", "one").await;
    assert_eq!(say_as(&table.world, &there, "0b", "two").await, there);
    let html = table.world.page(&there).await;
    let at = |what: &str| html.find(what).unwrap_or_else(|| panic!("no {what} in {html}"));
    let order = [at(">one<"), at("The first answer."), at(">two<"), at("The second answer.")];
    assert!(order.is_sorted(), "{order:?} in {html}");
    // More than a person types is not taken, and kept.
    table.script(vec![endless("Hm")]);
    for no in 0..8 {
        say_as(&table.world, &there, &format!("1{no}"), "more").await;
    }
    let (status, html) = table.world.send("/chat", &[("key", "2"), ("text", "the ninth")]).await;
    assert_eq!((status, typed(&html)), (StatusCode::TOO_MANY_REQUESTS, "the ninth"));
    // What is stopped makes room; the others are answered one after the other.
    table.world.press(&format!("{there}/stop"), &[]).await;
    let html = table.world.page(&there).await;
    assert_eq!((html.matches("Stopped.").count(), html.matches(">more<").count()), (1, 8), "{html}");
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_stays_in_the_form_with_the_reason() {
    let table = Table::new().await;
    let world = &table.world;
    table.script(vec![text("Hello.")]);
    let there = say(world, "/chat", "hi").await;
    assert_says(&world.page(&there).await, &["Hello."]);
    let long = "<x>".repeat(33_334);
    for page in ["/chat", there.as_str()] {
        let refused = async |text: &str| world.send(page, &[("key", "0c"), ("text", text)]).await;
        let (status, html) = refused(" \r\n ").await;
        assert_eq!((status, typed(&html)), (StatusCode::UNPROCESSABLE_ENTITY, " \n "), "{page}");
        assert_says(&html, &["There is nothing to answer", "role=\"alert\""]);
        let (status, html) = refused(&long).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
        assert_eq!(typed(&html).replace("&#60;", "<").replace("&#62;", ">"), long);
        assert_says(&html, &["longer than 100000 characters"]);
        let (status, html) = refused(&"x".repeat(2 << 20)).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{page}");
        assert_says(&html, &["longer than 100000 characters"]);
        let stale = "0".repeat(64);
        let (status, html) = world.send_with(&stale, page, &[("key", "0c"), ("text", "a <b> thought")]).await;
        assert_eq!((status, typed(&html)), (StatusCode::FORBIDDEN, "a &#60;b&#62; thought"), "{page}");
        assert_says(&html, &["Your message was not sent"]);
        for key in ["", "a b", "é", &"k".repeat(41)] {
            let (status, _) = world.send(page, &[("key", key), ("text", "x")]).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page} {key:?}");
        }
    }
    assert_eq!(asked(&table), 1);
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_conversation_is_not_there() {
    let table = Table::new().await;
    let member = Member { place: ChatPlace::Slack, team: "T1".into(), id: "U2".into() };
    let ben = table.world.app.join_member(&member, "Ben", Lang::En).await.unwrap();
    table.world.app.set_consent(&ben, true).await.unwrap();
    table.script(vec![text("Ben's secret.")]);
    let said = Utterance::alone("web", "0d", "mine");
    let his = table.world.app.converse(&ben, &said, CancellationToken::new(), &mut |_| {}).await.unwrap();
    let there = format!("/conversations/{}", his.conversation);
    assert_eq!(table.world.open_page(&there).await.status(), StatusCode::NOT_FOUND);
    let (status, html) = table.world.send(&there, &[("key", "0d"), ("text", "let me in")]).await;
    assert_eq!((status, typed(&html)), (StatusCode::NOT_FOUND, "let me in"));
    assert_says(&html, &["action=\"/chat\"", "Send it here to begin a new one."]);
    // Not by the name of his message either: it is a name of hers then.
    table.script(vec![text("Hello Ana.")]);
    let hers = say_as(&table.world, "/chat", "0d", "hi").await;
    let html = table.world.page(&hers).await;
    assert!(hers != there && html.contains("Hello Ana.") && !html.contains("secret"), "{html}");
    let spoken = table.world.app.read_conversation(&ben, &his.conversation, None).await.unwrap().1.spoken;
    assert_eq!(spoken.len(), 2, "{spoken:?}");
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_agrees_before_their_first_message_and_keeps_what_they_wrote() {
    let table = Table::new().await;
    let world = &table.world;
    world.app.set_consent(&table.ana, false).await.unwrap();
    let html = world.page("/chat").await;
    assert!(html.contains("goes to Google") && !html.contains("name=\"key\""), "{html}");
    let (status, html) = world.send("/chat", &[("key", "0e"), ("text", "my words")]).await;
    assert_eq!((status, typed(&html)), (StatusCode::UNPROCESSABLE_ENTITY, "my words"));
    assert_says(&html, &["action=\"/chat/consent\"", "goes to Google"]);
    assert_eq!((asked(&table), world.app.list_conversations(&table.ana, None).await.unwrap().views.len()), (0, 0));
    let (status, html) = world.send("/chat/consent", &[("text", "my words")]).await;
    assert_eq!((status, typed(&html), asked(&table)), (StatusCode::OK, "my words", 0));
    table.script(vec![text("Welcome.")]);
    let there = say_as(world, "/chat", &hidden(&html, "key"), "my words").await;
    assert_says(&world.page(&there).await, &["Welcome."]);
    // Taken back, the conversation can still be read, and agreed to where it is.
    world.app.set_consent(&table.ana, false).await.unwrap();
    let html = world.page(&there).await;
    assert_says(&html, &["Welcome.", "action=\"/chat/consent\""]);
    let id = hidden(&html, "conversation");
    let (_, html) = world.send("/chat/consent", &[("conversation", &id)]).await;
    assert_says(&html, &["Welcome.", &format!("action=\"{there}\"")]);
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_core_is_off_the_page_says_why_and_everything_else_works() {
    let none = World::new().await;
    assert_says(&none.page("/chat").await, &["set gemini.api_key"]);
    let (status, html) = none.send("/chat", &[("key", "0f"), ("text", "anybody?")]).await;
    assert_eq!((status, typed(&html)), (StatusCode::UNPROCESSABLE_ENTITY, "anybody?"));
    assert_eq!(html.matches("set gemini.api_key").count(), 1, "{html}");
    assert_says(&none.page("/conversations").await, &["Nothing was said yet."]);
    none.end().await;
    let table = Table::with(vec![("gemini.monthly_tokens_max", "50".into())]).await;
    let there = say(&table.world, "/chat", "one is let through").await;
    table.world.page(&there).await;
    let (status, html) = table.world.send(&there, &[("key", "0f"), ("text", "two")]).await;
    assert_eq!((status, typed(&html)), (StatusCode::UNPROCESSABLE_ENTITY, "two"));
    assert_says(&html, &["one is let through", "tokens this month"]);
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_models_and_people_say_is_text() {
    let table = Table::new().await;
    let evil = "<script>alert(1)</script> & <!--coming--> </section><b>\"bold\"</b>";
    table.script(vec![text(evil)]);
    let there = say(&table.world, "/chat", evil).await;
    for _ in 0..2 {
        let html = table.world.page(&there).await;
        assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("<!--coming-->"), "{html}");
        let said = "<p class=\"text\">&#60;script&#62;alert(1)&#60;/script&#62; &#38;";
        assert_eq!(html.matches(said).count(), 2, "{html}");
        assert_eq!(html.matches("<section").count(), html.matches("</section>").count(), "{html}");
    }
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_said_falsely_is_corrected_before_the_eyes_of_the_reader() {
    let table = Table::new().await;
    table.script(vec![Said { first_ms: 3_000, ..Said::text("I have published it.") }.into()]);
    let there = say(&table.world, "/chat", "publish it").await;
    let html = table.world.page(&there).await;
    let (before, after) = html.split_once("class=\"meta again\"").unwrap_or_else(|| panic!("{html}"));
    assert!(before.contains("I have published it.") && after.contains("I have not done that yet."), "{html}");
    let html = table.world.page(&there).await;
    assert!(!html.contains("I have published it.") && html.contains("I have not done that yet."), "{html}");
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn times_to_choose_are_buttons_and_pressing_one_says_it_in_japanese_too() {
    let table = Table::new().await;
    let change = SettingsChange { lang: Some(Lang::Ja), zone: Some("Asia/Tokyo".into()), ..Default::default() };
    table.world.app.change_settings(&table.world.person, change).await.unwrap();
    assert_says(&table.world.page("/chat").await, &["<html lang=\"ja\">", "チャット", "送信", "最近の会話"]);
    let there = say(&table.world, "/chat", "「焼きたて」を明日の5時に予約して").await;
    let html = table.world.page(&there).await;
    assert_says(&html, &["どの時刻のことですか？", "05:00", "17:00", "あなた"]);
    let five = html.split("name=\"text\" value=\"").nth(1).unwrap().split_once('"').unwrap().0.to_owned();
    assert!(five.contains("T05:00:00+09:00"), "{five}");
    table.script(vec![text("承知しました。")]);
    let card = html.split_once("どの時刻のことですか？").unwrap().0.rsplit_once("<form").unwrap().1;
    assert_eq!(say_as(&table.world, &there, &hidden(card, "key"), &five).await, there);
    assert_says(&table.world.page(&there).await, &["承知しました。", &five]);
    assert_says(&table.last_asked()["contents"].to_string(), &[&five]);
    // What stands in the way is said in Japanese, too.
    let (_, html) = table.world.send("/chat", &[("key", "0a"), ("text", "")]).await;
    assert_says(&html, &["何か書いてから送ってください。"]);
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_questions_that_wait_are_still_under_the_conversation() {
    let mut table = Table::new().await;
    let wish = format!("Schedule a post saying “After all.” for {}", table.world.in_an_hour());
    let there = say(&table.world, "/chat", &wish).await;
    let before = address(&table.world.page(&there).await, "/approvals/appr_");
    table.world.reopen().await;
    let html = table.world.page(&there).await;
    assert_eq!(address(&html, "/approvals/appr_"), before);
    assert_says(&html, &["It waits for you: please look below.", "<h2>Waiting for you</h2>"]);
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_another_process_gives_comes_on_the_page_too() {
    let table = Table::new().await;
    let other = table.world.beside().await;
    let slow = Said { first_ms: 3_000, ..Said::text("From next door.") };
    table.script(vec![slow.into()]);
    let ana = table.ana.clone();
    let talking = tokio::spawn(async move {
        let said = Utterance::alone("chat", "t", "hello");
        let reply = other.converse(&ana, &said, CancellationToken::new(), &mut |_| {}).await.unwrap();
        (other, reply)
    });
    let id = crate::serving::until("the message", async || {
        let listed = table.world.app.list_conversations(&table.ana, None).await.unwrap();
        listed.views.first().map(|view| view.id.clone())
    })
    .await;
    let html = table.world.page(&format!("/conversations/{id}")).await;
    assert_says(&html, &["hello", "Working on it", "From next door."]);
    assert!(!html.contains("/stop\""), "{html}");
    let (other, reply) = talking.await.unwrap();
    assert_eq!(reply.conversation, id);
    other.close().await;
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_end_with_the_server() {
    let mut table = Table::new().await;
    let stop = CancellationToken::new();
    let doors = Doors::open(&table.world.app, &stop).unwrap();
    let usual = std::mem::replace(&mut table.world.router, doors.router.clone());
    table.script(vec![endless("On and on")]);
    let there = say(&table.world, "/chat", "tell me").await;
    let mut body = table.world.open_page(&there).await.into_body().into_data_stream();
    read_until(&mut body, "On and on").await;
    stop.cancel();
    doors.run().await;
    assert_says(&read_until(&mut body, "</html>").await, &["Stopped."]);
    let (status, html) = table.world.send("/chat", &[("key", "0a"), ("text", "too late")]).await;
    assert_eq!((status, typed(&html)), (StatusCode::SERVICE_UNAVAILABLE, "too late"));
    table.world.router = usual;
    assert_says(&table.world.page(&there).await, &["Stopped."]);
    table.end().await;
}

/// What a page of a simulation says is true of conversations, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_says_when_conversations_are_real() {
    let key = ("gemini.api_key", "a-real-key".to_owned());
    let real = World::with(vec![key.clone(), ("gemini.base_url", "https://gemini.example".into())]).await;
    let page = real.page("/chat").await;
    assert!(page.contains("it goes to Google’s Gemini") && !page.contains("Nothing leaves this machine"), "{page}");
    real.end().await;
    let simulated = World::with(vec![key, ("gemini.base_url", "http://127.0.0.1:9".into())]).await;
    assert!(simulated.page("/chat").await.contains("Nothing leaves this machine"));
    simulated.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_that_was_wanted_stands_below_the_answer_with_its_figures_in_words() {
    let table = Table::new().await;
    let world = &table.world;
    let post = world.draft("Counted").await;
    world.call("publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 5_000).await;
    table.script(vec![call("report_posts", json!({ "chart": true })), text("Please look below.")]);
    let there = say(world, "/chat", "Show me what went out").await;
    let html = world.page(&there).await;
    assert_says(
        &html,
        &["src=\"data:image/png;base64,iVBOR", "alt=\"Posts that went out, by day", "Please look below."],
    );
    table.end().await;
}
