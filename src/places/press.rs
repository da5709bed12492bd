//! What a press does. The presser is the caller: a card of somebody else's answers them privately and changes nothing, for the doors of
//! `App` know whose post and whose question it is. The message that was pressed is changed, not answered with another one.

use secrecy::ExposeSecret;
use serde_json::json;

use super::inbound::{Inbound, Press};
use super::message::{Button, Message, Style};
use super::work::Worker;
use super::{To, form, talk};
use crate::app::Verdict;
use crate::app::settings::SettingsChange;
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::delivery::Answer;
use crate::domain::ids::{ApprovalId, DeliveryId, PostId};
use crate::domain::lang::Lang;
use crate::domain::tool::ToolError;
use crate::say;

/// Does what was pressed.
pub(super) async fn pressed(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    press: &Press,
    key: &str,
) -> Result<(), ToolError> {
    let (drawer, app) = (worker.drawer(caller), &worker.hall().app);
    let (team, value) = (inbound.team.as_str(), press.value.as_str());
    if let Some(form) = form::wanted(worker.hall(), caller, inbound).await? {
        return worker.service.open(team, &press.trigger, &form).await;
    }
    let shown = match press.action.as_str() {
        // Slack reports presses of links, too.
        "open" => return Ok(()),
        "approve" => Some(decide(worker, caller, value, Verdict::Approve).await?),
        "decline" => Some(decide(worker, caller, value, Verdict::Decline).await?),
        "undo" | "discard" => {
            let post = app.withdraw(caller, &post_id(value)?).await?;
            let said = drawer.text("withdraw-done");
            let mut message = drawer.begin(said.clone());
            drawer.draft(&post, &mut message);
            message.small(said);
            Some(message)
        }
        "restore" => {
            let asked = json!({ "post": value, "restore": true, "idempotency_key": key });
            app.call_tool(caller, "withdraw_post", asked).await?;
            Some(drawer.alone(&Card::Draft(post_id(value)?)).await?)
        }
        "publish" => {
            form::own_post(worker.hall(), caller, value).await?;
            Some(worker.tool_card(caller, "publish_post", json!({ "post": value, "idempotency_key": key })).await?)
        }
        "takedown" => {
            form::own_post(worker.hall(), caller, value).await?;
            Some(take_down(worker, caller, value, key).await?)
        }
        "at" => {
            let (post, at) = value.split_once(' ').unwrap_or((value, ""));
            let post = form::own_post(worker.hall(), caller, post).await?;
            Some(worker.schedule(caller, &post.id, at, key).await?)
        }
        "share" => {
            let post = form::own_post(worker.hall(), caller, value).await?;
            let Some(reply) = &press.reply else { return Err(say!("place-old-button").into()) };
            worker.service.tell(team, &To::ForAll(reply), &drawer.shared(&post)).await;
            return Ok(());
        }
        "look" => {
            form::own_post(worker.hall(), caller, value).await?;
            let card = drawer.alone(&Card::Post(post_id(value)?)).await?;
            return worker.service.show(team, press, &card, caller.lang).await;
        }
        "question" => {
            let id: ApprovalId = value.parse().map_err(|_| say!("approval-not-found", id = value))?;
            let card = drawer.alone(&Card::Approval(id)).await?;
            return worker.service.show(team, press, &card, caller.lang).await;
        }
        "settle-there" => Some(settle(worker, caller, value, Answer::ItIsThere).await?),
        "settle-send" => Some(settle(worker, caller, value, Answer::SendIt).await?),
        "settle-drop" => Some(settle(worker, caller, value, Answer::DropIt).await?),
        "time" => {
            worker.service.replace(team, press, &Message::sentence(value)).await;
            return talk::say_for(worker, caller, inbound, press.spot.clone(), value.to_owned(), key).await;
        }
        "stop" => {
            talk::stop(worker.hall(), team, &press.spot);
            return Ok(());
        }
        "consent" => {
            app.set_consent(caller, true).await?;
            worker.service.replace(team, press, &drawer.sentence(&say!("place-agreed"))).await;
            talk::go_on(worker, caller, value).await?
        }
        "audience" => {
            talk::agree_to_readers(worker, caller, value).await?;
            worker.service.replace(team, press, &drawer.sentence(&say!("place-agreed"))).await;
            talk::go_on(worker, caller, value).await?
        }
        "private" => {
            let spot = worker.service.direct(team, &inbound.member.id).await?;
            worker.service.tell(team, &To::Spot(&spot), &drawer.sentence(&say!("place-here"))).await;
            Some(drawer.sentence(&say!("place-private")))
        }
        "dismiss" => Some(drawer.sentence(&say!("chat-consent-refused"))),
        "signin" => {
            let Some(reply) = &press.reply else { return Err(say!("place-old-button").into()) };
            let link = app.make_sign_in_link(&caller.user).await?;
            let said = drawer.text("place-sign-in-once");
            let mut message = Message::sentence(&said);
            let label = drawer.text("place-sign-in-here");
            message.buttons(vec![Button { style: Style::Primary, ..Button::link(label, link.expose_secret()) }]);
            worker.service.tell(team, &To::Reply(reply), &message).await;
            return Ok(());
        }
        "pause" => {
            app.pause_all(caller).await?;
            (!press.is_home).then(|| Message::sentence(&drawer.text("pause-done")))
        }
        "resume" => {
            app.resume_all(caller).await?;
            (!press.is_home).then(|| Message::sentence(&drawer.text("place-resumed")))
        }
        "lang" => {
            let lang = Lang::find(value);
            app.change_settings(caller, SettingsChange { lang, ..SettingsChange::default() }).await?;
            let caller = Caller { lang: lang.unwrap_or(caller.lang), ..caller.clone() };
            if press.is_home {
                return worker.home(&caller, inbound).await;
            }
            Some(worker.drawer(&caller).settings())
        }
        other => {
            tracing::warn!(press.action = other, "a press that nothing here offers");
            return Err(say!("place-old-button").into());
        }
    };
    match shown {
        Some(message) => worker.service.replace(team, press, &message).await,
        None if press.is_home => worker.home(caller, inbound).await?,
        None => {}
    }
    Ok(())
}

fn post_id(value: &str) -> Result<PostId, ToolError> {
    value.parse().map_err(|_| say!("post-not-found", id = value).into())
}

/// `<approval> <hash>`: the answer counts for what the card showed, so its hash comes along.
async fn decide(worker: &Worker, caller: &Caller, value: &str, verdict: Verdict) -> Result<Message, ToolError> {
    let (id, hash) = value.split_once(' ').unwrap_or((value, ""));
    let id: ApprovalId = id.parse().map_err(|_| say!("approval-not-found", id = id))?;
    let app = &worker.hall().app;
    let view = app.decide(caller, &id, hash, verdict).await?;
    let drawer = worker.drawer(caller);
    let mut message = drawer.begin(drawer.decided(&view));
    drawer.approval(&view, &mut message);
    if let (Verdict::Approve, Some(post)) = (verdict, &view.post) {
        drawer.post(&app.read_post(caller, post).await?, &mut message);
    }
    Ok(message)
}

async fn take_down(worker: &Worker, caller: &Caller, post: &str, key: &str) -> Result<Message, ToolError> {
    let asked = json!({ "post": post, "idempotency_key": key });
    let drawer = worker.drawer(caller);
    let outcome = match worker.hall().app.call_tool(caller, "take_down_post", asked).await {
        Ok(outcome) => outcome,
        Err(ToolError::Refused(why)) => return drawer.refusal(&why, None).await,
        Err(error) => return Err(error),
    };
    match &outcome.waiting {
        Some(id) => drawer.alone(&Card::Approval(id.clone())).await,
        None => Ok(Message::sentence(&outcome.text)),
    }
}

async fn settle(worker: &Worker, caller: &Caller, value: &str, answer: Answer) -> Result<Message, ToolError> {
    let id: DeliveryId = value.parse().map_err(|_| say!("common-not-found-thing", thing = value))?;
    let post = worker.hall().app.settle(caller, &id, answer).await?;
    let drawer = worker.drawer(caller);
    let mut message = drawer.begin(drawer.say(&post.status.wording()));
    drawer.post(&post, &mut message);
    Ok(message)
}
