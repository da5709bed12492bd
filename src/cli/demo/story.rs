//! The transcript: a person and an assistant draft, check, schedule, approve and publish one post, another in a conversation, then a picture and a
//! film on the other networks. What tools and the conversation answered is printed as it came; the end is judged by the simulators' ledgers.

use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use socrazi_sim::clock::SimClock;
use socrazi_sim::x::XSim;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::elsewhere;
use super::hands::{Assistant, Person};
use super::networks::Simulated;
use crate::app::App;
use crate::domain::caller::{Caller, Grant};
use crate::domain::chat::{Card, Progress, Reply, Utterance};
use crate::domain::lang::Lang;
use crate::domain::schedule::Moment;

/// What the assistant writes.
const SENTENCE: &str =
    "秋のセールが明日から始まります。あたたかいニットもコートも、全品20%オフ。数に限りがありますので、お早めにどうぞ。";
/// What is said in the conversation.
const CHATTED: &str = "Our autumn sale has begun: 20% off everything. Come early!";
/// How long the post may take to be out once its time has come, in looks.
pub(super) const LOOKS_MAX: usize = 500;
/// Between two looks.
pub(super) const LOOK: Duration = Duration::from_millis(10);

pub(super) fn you(text: &str) {
    println!("\n  You        {text}");
}

fn assistant(text: &str) {
    println!("  Assistant  {}", text.replace('\n', "\n             "));
}

pub(super) fn tool(name: &str, text: &str) {
    println!("    ⚙ {name:<18} {text}");
}

pub(super) fn text(value: &Value, pointer: &str) -> anyhow::Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).with_context(|| format!("{pointer} is not in {value}"))
}

/// Plays the story. True when the post is in the ledger exactly once.
pub(super) async fn play(
    app: &App,
    (simulated, is_model_simulated): (&Simulated, bool),
    clock: &SimClock,
    web: &Url,
) -> anyhow::Result<bool> {
    println!(
        "Socrazi demo. This is a simulation: every network is simulated on this machine, and their clock is moved at will."
    );
    let user = app.local_user().await?;
    let person = Person::sign_in(web, &app.make_sign_in_link(&user.id).await?).await?;
    you("(opens the sign-in link, presses “Sign in”, then “Connect X” and agrees there)");
    person.connect("x").await?;
    let token = app.make_token_for(&user.id, "demo assistant", Grant::Drafts).await?;
    let assistant_hand = Assistant::new(web, token)?;
    let accounts = called(&assistant_hand, "list_accounts", json!({})).await?;
    tool(
        "list_accounts",
        &format!("@{}: {}", text(&accounts, "/accounts/0/handle")?, text(&accounts, "/accounts/0/health")?),
    );
    let post = draft(&assistant_hand).await?;
    let (url, shown) = schedule(&assistant_hand, clock, &post).await?;
    you("(opens the page, reads exactly what will go out, presses “Approve exactly this”)");
    person.approve(&url).await?;
    let read = called(&assistant_hand, "get_post", json!({ "post": post })).await?;
    tool("get_post", &text(&read, "/post/deliveries/0/wording")?);
    assistant(&format!("{} {shown}", text(&read, "/post/deliveries/0/wording")?));
    publish(app, &assistant_hand, clock, &post).await?;
    let mut wanted = vec![("X", SENTENCE)];
    if is_model_simulated {
        // What the real one would say is not for a transcript to foresee.
        converse(app, &person, &simulated.x, clock).await?;
        wanted.push(("X", CHATTED));
    }
    elsewhere::play(app, (&assistant_hand, &person), clock).await?;
    wanted.extend(elsewhere::wanted());
    report(&assistant_hand, &person).await?;
    Ok(tell_the_world(simulated, &wanted))
}

/// What the world can see. True when each text is there exactly once, and nothing else is.
fn tell_the_world(simulated: &Simulated, wanted: &[(&str, &str)]) -> bool {
    let seen = simulated.seen();
    println!("\n  What the world can see ({} posts):", seen.len());
    for (network, handle, text) in &seen {
        println!("    {network} @{}  {text}", handle.trim_start_matches('@'));
    }
    let is_once = are_out_once(seen.iter().map(|(network, _, text)| (*network, text.as_str())).collect(), wanted);
    println!("\n  {}", if is_once { "Out exactly once." } else { "NOT exactly once: this is a bug." });
    is_once
}

/// What the website of the simulated person did lately.
async fn report(hand: &Assistant, person: &Person) -> anyhow::Result<()> {
    you("(connects Google for Analytics, Search Console and YouTube)");
    person.connect_with("google", &["analytics", "search", "videos"]).await?;
    you("How was our website last week?");
    let asked = json!({ "property": "acme.example", "period": "last week" });
    let answer = called(hand, "report_traffic", asked).await?;
    let columns = answer.pointer("/columns").and_then(Value::as_array).context("the report has no columns")?;
    let row = answer.pointer("/rows/0").and_then(Value::as_array).context("the report has no row")?;
    for (column, value) in columns.iter().zip(row) {
        let column = column.as_str().unwrap_or_default();
        tool(
            "report_traffic",
            &format!("{column}: {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
        );
    }
    Ok(())
}

/// The same in a conversation with the core, as Slack, Discord, the pages and `socrazi chat` hold it.
async fn converse(app: &App, person: &Person, sim: &XSim, clock: &SimClock) -> anyhow::Result<()> {
    println!("\n  (now in a conversation, as in Slack, in Discord or in `socrazi chat`; the model is simulated)");
    let caller = app.terminal_caller().await?;
    app.set_consent(&caller, true).await?;
    let reply = said(app, &caller, &format!("Publish a post saying “{CHATTED}”")).await?;
    let asked = reply.cards.iter().find_map(|card| match card {
        Card::Approval(id) => Some(id),
        Card::Draft(_)
        | Card::Post(_)
        | Card::Times(_)
        | Card::Link { .. }
        | Card::Chart(_)
        | Card::Google
        | Card::Problem(_) => None,
    });
    let url = app.public_url().join(&format!("approvals/{}", asked.context("the conversation asked for no yes")?))?;
    you("(presses “Approve exactly this” under it)");
    person.approve(url.as_str()).await?;
    println!("\n  (the simulator's clock is moved past the ten seconds in which it could be undone)");
    clock.advance_ms(app.hold_ms(&caller).await? + 1_000);
    app.wake();
    for _ in 0..LOOKS_MAX {
        if sim.ledger().iter().any(|entry| entry.text == CHATTED) {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    said(app, &caller, "What is planned, and what is out?").await?;
    Ok(())
}

/// One turn, printed as it goes.
async fn said(app: &App, caller: &Caller, words: &str) -> anyhow::Result<Reply> {
    you(words);
    let utterance = Utterance::alone("chat", "demo", words);
    let mut tell = |progress: Progress| {
        if let Progress::Tool { effect, .. } = progress {
            println!("    ⚙ {}", app.words().say(Lang::En, &effect.step()));
        }
    };
    let reply = app.converse(caller, &utterance, CancellationToken::new(), &mut tell).await?;
    assistant(&reply.text);
    Ok(reply)
}

pub(super) async fn called(hand: &Assistant, name: &str, arguments: Value) -> anyhow::Result<Value> {
    match hand.call(name, arguments).await? {
        Ok(answer) => Ok(answer),
        Err(refused) => bail!("{name} was refused: {refused}"),
    }
}

/// A first draft that is one weighted character too long, and the second that fits.
async fn draft(hand: &Assistant) -> anyhow::Result<String> {
    you("Tell X that our autumn sale starts tomorrow. In Japanese, please.");
    let long = one_too_long(SENTENCE);
    let first = called(hand, "create_draft", json!({ "text": long, "options": { "made_with_ai": true } })).await?;
    let segment = "/post/variants/0/segments/0";
    let length = first.pointer(&format!("{segment}/length")).and_then(Value::as_i64).unwrap_or(0);
    tool("create_draft", &format!("{length} of 280: {}", text(&first, "/post/variants/0/findings/0/message")?));
    let post = text(&first, "/post/id")?;
    let fixed = json!({ "post": post, "revision": 1, "text": SENTENCE, "options": { "made_with_ai": true } });
    let second = called(hand, "update_draft", fixed).await?;
    let length = second.pointer(&format!("{segment}/length")).and_then(Value::as_i64).unwrap_or(0);
    tool(
        "update_draft",
        &format!(
            "{length} of 280: fits. Costs US${}.",
            second.pointer("/post/variants/0/cost_usd").unwrap_or(&Value::Null)
        ),
    );
    assistant(SENTENCE);
    Ok(post)
}

/// The sentence again and again until it weighs exactly 281: X counts 2 for a Japanese character and 1 for a Latin one.
fn one_too_long(sentence: &str) -> String {
    const FITS: usize = 280;
    let (mut long, mut weight) = (String::new(), 0);
    for c in sentence.chars().cycle() {
        let more = if c.is_ascii() { 1 } else { 2 };
        if weight + more > FITS {
            break;
        }
        long.push(c);
        weight += more;
    }
    long.push(if weight == FITS { '!' } else { '！' });
    long
}

async fn schedule(hand: &Assistant, clock: &SimClock, post: &str) -> anyhow::Result<(String, String)> {
    you("Good. Tomorrow at nine, Tokyo time.");
    let tomorrow = Moment { at_ms: clock.now_ms() + 24 * 3_600_000, zone: "Asia/Tokyo".into() }.zoned().date();
    let wish = json!({ "post": post, "at": format!("{tomorrow}T09:00"), "zone": "Asia/Tokyo" });
    let asked = called(hand, "schedule_post", wish).await?;
    let (status, shown, url) = (text(&asked, "/status")?, text(&asked, "/shown_at")?, text(&asked, "/approval_url")?);
    tool("schedule_post", &format!("{status}: {shown}"));
    assistant(&format!("It waits for your yes: {shown}\n{url}"));
    Ok((url, shown))
}

async fn publish(app: &App, hand: &Assistant, clock: &SimClock, post: &str) -> anyhow::Result<()> {
    let read = called(hand, "get_post", json!({ "post": post })).await?;
    let at: jiff::Timestamp = text(&read, "/post/deliveries/0/at")?.parse()?;
    println!("\n  (the simulator's clock is moved to the moment)");
    clock.advance_ms(at.as_millisecond() - clock.now_ms());
    app.wake();
    for _ in 0..LOOKS_MAX {
        let read = called(hand, "get_post", json!({ "post": post })).await?;
        if text(&read, "/post/deliveries/0/state")? == "published" {
            let (wording, how) =
                (text(&read, "/post/deliveries/0/wording")?, text(&read, "/post/deliveries/0/receipts/0/how")?);
            tool("get_post", &format!("{wording} {how}"));
            assistant(&format!("{wording} {}", text(&read, "/post/deliveries/0/receipts/0/permalink")?));
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// What the demo's exit status says: each of them, neither none nor two, and nothing else.
fn are_out_once<T: Ord + Clone>(mut out: Vec<T>, wanted: &[T]) -> bool {
    let mut wanted = wanted.to_vec();
    out.sort_unstable();
    wanted.sort_unstable();
    out == wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_each_post_once_is_good() {
        for out in [vec![], vec!["a"], vec!["a", "a", "b"], vec!["a", "b", "c"]] {
            assert!(!are_out_once(out.clone(), &["a", "b"]), "{out:?}");
        }
        assert!(are_out_once(vec!["b", "a"], &["a", "b"]));
    }

    #[test]
    fn the_first_draft_weighs_one_too_many() {
        for sentence in ["秋のセール、全品20%オフ。", "あ", "a", "aあ"] {
            let long = one_too_long(sentence);
            let weight: usize = long.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
            assert_eq!(weight, 281, "{long}");
        }
    }
}
