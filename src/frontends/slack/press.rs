//! What a press does. The presser is the caller: a card of somebody else's answers them privately and changes nothing, for the doors of
//! `App` know whose post and whose question it is. The message that was pressed is changed, not answered with another one.

use std::sync::Arc;

use serde_json::json;

use super::blocks::{Blocks, Message, action_of};
use super::inbound::{Inbound, Press, Spot};
use super::talk::{self, room};
use super::work::To;
use super::{Slack, home, modal};
use crate::app::Verdict;
use crate::app::settings::SettingsChange;
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::delivery::Answer;
use crate::domain::ids::{ApprovalId, DeliveryId, PostId};
use crate::domain::lang::Lang;
use crate::domain::place::ChatPlace;
use crate::domain::tool::ToolError;
use crate::say;

/// Does what was pressed.
pub(super) async fn pressed(
    slack: &Arc<Slack>,
    caller: &Caller,
    inbound: &Inbound,
    press: &Press,
    key: &str,
) -> Result<(), ToolError> {
    let drawer = slack.drawer(caller);
    let (team, value) = (inbound.team.as_str(), press.value.as_str());
    let shown = match action_of(&press.action) {
        // Slack reports presses of links, too.
        "open" => return Ok(()),
        "approve" | "decline" => {
            let verdict = if action_of(&press.action) == "approve" { Verdict::Approve } else { Verdict::Decline };
            Some(decide(slack, caller, value, verdict).await?)
        }
        "undo" | "discard" => {
            let post = slack.app.withdraw(caller, &post_id(value)?).await?;
            let mut blocks = Blocks::message();
            drawer.draft(&post, &mut blocks);
            let said = drawer.text("withdraw-done");
            blocks.small(&super::blocks::escaped(&said));
            Some(drawer.finish(blocks, &said))
        }
        "restore" => {
            let asked = json!({ "post": value, "restore": true, "idempotency_key": key });
            slack.app.call_tool(caller, "withdraw_post", asked).await?;
            Some(drawer.alone(&Card::Draft(post_id(value)?)).await?)
        }
        "publish" => {
            slack.own_post(caller, value).await?;
            Some(slack.tool_card(caller, "publish_post", json!({ "post": value, "idempotency_key": key })).await?)
        }
        "takedown" => {
            slack.own_post(caller, value).await?;
            Some(take_down(slack, caller, value, key).await?)
        }
        "schedule" => {
            let post = slack.own_post(caller, value).await?;
            return modal::open_time(slack, caller, team, &press.trigger, &post, Some(press)).await;
        }
        "edit" => {
            let post = slack.own_post(caller, value).await?;
            return modal::open_edit(slack, caller, team, &press.trigger, &post, press).await;
        }
        "share" => {
            let post = slack.own_post(caller, value).await?;
            let Some(url) = &press.response_url else { return Err(say!("slack-old-button").into()) };
            slack.tell(team, &To::UrlForAll(url), &drawer.shared(&post)).await;
            return Ok(());
        }
        "new" => return modal::open_new(slack, caller, team, &press.trigger, "").await,
        "look" => {
            slack.own_post(caller, value).await?;
            return modal::open_look(slack, caller, team, &press.trigger, &Card::Post(post_id(value)?)).await;
        }
        "question" => {
            let id: ApprovalId = value.parse().map_err(|_| say!("approval-not-found", id = value))?;
            return modal::open_look(slack, caller, team, &press.trigger, &Card::Approval(id)).await;
        }
        "settle-there" => Some(settle(slack, caller, value, Answer::ItIsThere).await?),
        "settle-send" => Some(settle(slack, caller, value, Answer::SendIt).await?),
        "settle-drop" => Some(settle(slack, caller, value, Answer::DropIt).await?),
        "time" => {
            let spot = Spot { channel: press.channel.clone(), thread: press.thread.clone() };
            slack.replace(team, press, &talk::note(value)).await;
            return talk::say_for(slack, caller, inbound, spot, value.to_owned(), key).await;
        }
        "consent" => {
            slack.app.set_consent(caller, true).await?;
            slack.replace(team, press, &drawer.sentence(&say!("slack-agreed"))).await;
            talk::go_on(slack, caller, value).await?
        }
        "audience" => {
            let spot = Spot { channel: press.channel.clone(), thread: String::new() };
            slack.app.agree_to_readers(caller, ChatPlace::Slack, &room(team, &spot)).await?;
            slack.replace(team, press, &drawer.sentence(&say!("slack-agreed"))).await;
            talk::go_on(slack, caller, value).await?
        }
        "private" => {
            let direct = slack.direct(team, &inbound.member.id).await;
            let spot = direct.map_err(|fault| ToolError::Failed(fault.to_string()))?;
            slack.tell(team, &To::Spot(&spot), &drawer.sentence(&say!("slack-here"))).await;
            Some(drawer.sentence(&say!("slack-private")))
        }
        "dismiss" => Some(drawer.sentence(&say!("chat-consent-refused"))),
        "pause" => {
            slack.app.pause_all(caller).await?;
            (!press.is_home).then(|| talk::note(&drawer.text("pause-done")))
        }
        "resume" => {
            slack.app.resume_all(caller).await?;
            (!press.is_home).then(|| talk::note(&drawer.text("slack-resumed")))
        }
        "lang" => {
            let lang = Lang::find(value);
            slack.app.change_settings(caller, SettingsChange { lang, ..SettingsChange::default() }).await?;
            let caller = Caller { lang: lang.unwrap_or(caller.lang), ..caller.clone() };
            if press.is_home {
                return home::show(slack, &caller, team, &inbound.member.id).await;
            }
            Some(slack.drawer(&caller).settings())
        }
        other => {
            tracing::warn!(slack.action = other, "a press that nothing here offers");
            return Err(say!("slack-old-button").into());
        }
    };
    match shown {
        Some(message) => slack.replace(team, press, &message).await,
        None if press.is_home => home::show(slack, caller, team, &inbound.member.id).await?,
        None => {}
    }
    Ok(())
}

fn post_id(value: &str) -> Result<PostId, ToolError> {
    value.parse().map_err(|_| say!("post-not-found", id = value).into())
}

/// `<approval> <hash>`: the answer counts for what the card showed, so its hash comes along.
async fn decide(slack: &Slack, caller: &Caller, value: &str, verdict: Verdict) -> Result<Message, ToolError> {
    let (id, hash) = value.split_once(' ').unwrap_or((value, ""));
    let id: ApprovalId = id.parse().map_err(|_| say!("approval-not-found", id = id))?;
    let view = slack.app.decide(caller, &id, hash, verdict).await?;
    let drawer = slack.drawer(caller);
    let mut blocks = Blocks::message();
    drawer.approval(&view, &mut blocks);
    if let (Verdict::Approve, Some(post)) = (verdict, &view.post) {
        drawer.post(&slack.app.read_post(caller, post).await?, &mut blocks);
    }
    let said = drawer.decided(&view);
    Ok(drawer.finish(blocks, &said))
}

async fn take_down(slack: &Slack, caller: &Caller, post: &str, key: &str) -> Result<Message, ToolError> {
    let asked = json!({ "post": post, "idempotency_key": key });
    let outcome = match slack.app.call_tool(caller, "take_down_post", asked).await {
        Ok(outcome) => outcome,
        Err(ToolError::Refused(why)) => return slack.drawer(caller).refusal(&why).await,
        Err(error) => return Err(error),
    };
    let drawer = slack.drawer(caller);
    match &outcome.waiting {
        Some(id) => drawer.alone(&Card::Approval(id.clone())).await,
        None => Ok(talk::note(&outcome.text)),
    }
}

async fn settle(slack: &Slack, caller: &Caller, value: &str, answer: Answer) -> Result<Message, ToolError> {
    let id: DeliveryId = value.parse().map_err(|_| say!("common-not-found-thing", thing = value))?;
    let post = slack.app.settle(caller, &id, answer).await?;
    let drawer = slack.drawer(caller);
    let mut blocks = Blocks::message();
    drawer.post(&post, &mut blocks);
    let text = drawer.say(&post.status.wording());
    Ok(drawer.finish(blocks, &text))
}

impl Slack {
    /// Puts a message where the pressed one is.
    pub(super) async fn replace(&self, team: &str, press: &Press, message: &Message) {
        let to = match &press.response_url {
            Some(url) if press.is_ephemeral || press.ts.is_empty() => To::UrlReplacing(url),
            _ => To::Update(&press.channel, &press.ts),
        };
        self.tell(team, &to, message).await;
    }
}
