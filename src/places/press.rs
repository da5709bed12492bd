//! What a press does. The presser is the caller: a card of somebody else's answers them privately and changes nothing, for the doors of
//! `App` know whose post and whose question it is. The message that was pressed is changed, not answered with another one.

use secrecy::ExposeSecret;
use serde_json::json;

use super::draw::Drawer;
use super::inbound::{Inbound, Press, Spot};
use super::message::{Button, Message, Span, Style, Text};
use super::work::Worker;
use super::{To, Told, ask, follow, form, google, live, report, talk};
use crate::app::places::Sent;
use crate::app::settings::SettingsChange;
use crate::app::{App, Verdict};
use crate::desk::view::{ApprovalView, PostStatus, PostView};
use crate::domain::approval::{Act, Decision, Late};
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::delivery::{Answer, State};
use crate::domain::digest::Digest;
use crate::domain::ids::{ApprovalId, DeliveryId, PostId};
use crate::domain::lang::Lang;
use crate::domain::tool::ToolError;
use crate::say;

/// What stands where something was pressed: the message, and the post it shows.
type Shown = (Message, Option<PostId>);

/// Does what was pressed. `is_again` after a process died over it: what was done already is shown, not refused.
pub(super) async fn pressed(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    press: &Press,
    (key, is_again): (&str, bool),
) -> Result<(), ToolError> {
    let (drawer, app) = (worker.drawer(caller), &worker.hall().app);
    let (team, value) = (inbound.team.as_str(), press.value.as_str());
    if let Some(form) = form::wanted(worker.hall(), caller, inbound).await? {
        return worker.service.open_from(team, press, &form).await;
    }
    let shown = match press.action.as_str() {
        // Slack reports presses of links, too.
        "open" => return Ok(()),
        "approve" => Some(decide(worker, caller, inbound, value, Verdict::Approve).await?),
        "decline" => Some(decide(worker, caller, inbound, value, Verdict::Decline).await?),
        "ask" => Some(ask::ask(worker, caller, inbound, press).await?),
        "undo" | "discard" => {
            let post = worker.own_post(caller, inbound, value).await?;
            Some(withdraw(worker, caller, post).await?)
        }
        "restore" => {
            let post = worker.own_post(caller, inbound, value).await?;
            let asked = json!({ "post": value, "restore": true, "idempotency_key": key });
            app.call_tool(caller, "withdraw_post", asked).await?;
            Some((drawer.alone(&Card::Draft(post.id.clone())).await?, Some(post.id)))
        }
        "publish" => {
            let post = worker.own_post(caller, inbound, value).await?;
            let asked = json!({ "post": value, "idempotency_key": key });
            Some((worker.tool_card(caller, "publish_post", asked).await?, Some(post.id)))
        }
        "again" => {
            let post = worker.own_post(caller, inbound, value).await?;
            let approval = app.ask_again(caller, &post.id).await?;
            Some((drawer.alone(&Card::Approval(approval)).await?, Some(post.id)))
        }
        "takedown" => {
            let post = worker.own_post(caller, inbound, value).await?;
            Some((take_down(worker, caller, value, key).await?, Some(post.id)))
        }
        "at" => {
            let (post, at) = value.split_once(' ').unwrap_or((value, ""));
            let post = worker.own_post(caller, inbound, post).await?;
            Some((worker.schedule(caller, &post.id, at, key).await?, Some(post.id)))
        }
        "share" => return share(worker, caller, inbound, press, Asked::First).await,
        "share-yes" => return share(worker, caller, inbound, press, Asked::Confirmed).await,
        "look" => {
            let post = worker.own_post(caller, inbound, value).await?;
            let card = drawer.alone(&Card::Post(post.id)).await?;
            return worker.service.show(team, press, &card, caller.lang).await;
        }
        "question" => {
            let id: ApprovalId = value.parse().map_err(|_| say!("approval-not-found", id = value))?;
            ask::read(worker, caller, inbound, &id).await?;
            let card = drawer.alone(&Card::Approval(id)).await?;
            return worker.service.show(team, press, &card, caller.lang).await;
        }
        "settle-there" => Some(settle(worker, caller, (value, is_again), Answer::ItIsThere).await?),
        "settle-send" => Some(settle(worker, caller, (value, is_again), Answer::SendIt).await?),
        "settle-rest" => Some(settle(worker, caller, (value, is_again), Answer::SendRest).await?),
        "settle-leave" => Some(settle(worker, caller, (value, is_again), Answer::Leave).await?),
        "settle-drop" => Some(settle(worker, caller, (value, is_again), Answer::DropIt).await?),
        "time" | "time-command" => return talk::choose_time(worker, caller, inbound, press, key).await,
        "follow-up" => return follow::follow_up(worker, caller, inbound, press, key).await,
        "stop" => {
            return talk::stop(worker, caller, inbound, &press.spot).await;
        }
        "stop-command" => {
            talk::stop_command(worker, caller, value).await?;
            return Ok(());
        }
        "consent" => {
            app.set_consent(caller, true).await?;
            worker.replace(inbound, press, &drawer.sentence(&say!("place-agreed"))).await;
            talk::go_on(worker, caller, value).await?.map(alone)
        }
        "audience" => {
            talk::agree_to_readers(worker, caller, value).await?;
            worker.replace(inbound, press, &drawer.sentence(&say!("place-agreed"))).await;
            talk::go_on(worker, caller, value).await?.map(alone)
        }
        "google" => return google::answered(worker, caller, inbound, press, (key, Verdict::Approve)).await,
        "dismiss-google" => return google::answered(worker, caller, inbound, press, (key, Verdict::Decline)).await,
        "google-forget" => {
            app.forget_google_room(caller, worker.hall().place, value).await?;
            Some(alone(settings(worker, caller, inbound, press).await?))
        }
        "private" => {
            worker.replace(inbound, press, &drawer.sentence(&say!("place-private"))).await;
            return talk::answer_directly(worker, caller, inbound, value).await;
        }
        "dismiss" => Some(alone(drawer.sentence(&say!("chat-consent-refused")))),
        "signin" => {
            let Some(reply) = &press.reply else { return Err(worker.hall().old_button().into()) };
            let link = app.make_sign_in_link(&caller.user).await?;
            let said = drawer.text("place-sign-in-once");
            let mut message = Message::sentence(&said);
            let label = drawer.text("place-sign-in-here");
            message.buttons(vec![Button { style: Style::Primary, ..Button::link(label, link.expose_secret()) }]);
            worker.say_back(inbound, &To::Reply(reply), &message).await;
            return Ok(());
        }
        "pause" => {
            app.pause_all(caller).await?;
            Some(alone(Message::sentence(&drawer.text("pause-done"))))
        }
        "resume" => Some(alone(worker.resume(caller, Late::find(value)).await?)),
        "lang" => {
            let lang = Lang::find(value);
            app.change_settings(caller, SettingsChange { lang, ..SettingsChange::default() }).await?;
            let caller = Caller { lang: lang.unwrap_or(caller.lang), ..caller.clone() };
            if press.is_home {
                return worker.home(&caller, inbound).await;
            }
            Some(alone(settings(worker, &caller, inbound, press).await?))
        }
        "digest" => {
            app.choose_digest(caller, &inbound.member, Digest::find(value)).await?;
            Some(alone(settings(worker, caller, inbound, press).await?))
        }
        "news-here" => Some(alone(news_here(worker, caller, inbound, press).await?)),
        "news-direct" => {
            app.choose_news_channel(caller, &inbound.member, None).await?;
            Some(alone(settings(worker, caller, inbound, press).await?))
        }
        other => {
            tracing::warn!(press.action = other, "a press that nothing here offers");
            return Err(worker.hall().old_button().into());
        }
    };
    let Some((message, post)) = shown else { return Ok(()) };
    if press.is_home {
        return worker.home(caller, inbound).await;
    }
    live::leave(worker, inbound, press);
    let is_there = worker.replace(inbound, press, &message).await;
    if let Some(post) = post.filter(|_| is_there) {
        let reader = app.for_post(caller, &post).await?;
        live::keep(worker, &reader, inbound, press, &post).await?;
    }
    // What is behind the window shows it, too.
    if press.view.is_empty() { Ok(()) } else { worker.home(caller, inbound).await }
}

/// Takes a post back. Where that came too late it is said for each account: nobody hears that nothing goes out while something may.
async fn withdraw(worker: &Worker, caller: &Caller, post: PostView) -> Result<Shown, ToolError> {
    let drawer = worker.drawer(caller);
    let (post, too_late) = match worker.hall().app.withdraw(caller, &post.id).await {
        Ok(done) => (done.post, done.too_late),
        // Pressed twice, or its process died over it.
        Err(ToolError::Refused(_)) if post.status == PostStatus::Withdrawn => (post, Vec::new()),
        Err(ToolError::Refused(why)) if why.key == "post-nothing-to-withdraw" => {
            return Err(say!("place-too-late").into());
        }
        Err(error) => return Err(error),
    };
    let late = |(handle, state): &(String, State)| {
        let state = drawer.say(&state.wording());
        format!("@{handle}: {}", drawer.say(&say!("withdraw-too-late", state = state)))
    };
    let said = if too_late.is_empty() {
        drawer.text("withdraw-done")
    } else {
        too_late.iter().map(late).collect::<Vec<_>>().join("\n")
    };
    let mut message = drawer.begin_at(said.clone(), &format!("posts/{}", post.id));
    if post.status == PostStatus::Withdrawn {
        drawer.draft(&post, &mut message);
    } else {
        drawer.post(&post, &mut message).await?;
    }
    message.small(said);
    Ok((message, Some(post.id)))
}

/// Whether somebody heard who will see what they show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Not yet.
    First,
    /// They did, and want it.
    Confirmed,
}

/// Shows a post, the calendar, the accounts or the report to everybody in the channel. What is not published yet is shown after a second
/// press that names the channel. Where that message is stays known, so that it can be removed with its person.
async fn share(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    press: &Press,
    asked: Asked,
) -> Result<(), ToolError> {
    let Some(reply) = &press.reply else { return Err(worker.hall().old_button().into()) };
    let (drawer, value) = (worker.drawer(caller), press.value.as_str());
    let (shown, is_out) = match value {
        "calendar" => (worker.calendar(caller).await?.without_presses(), false),
        "accounts" => (worker.accounts(caller).await?.without_presses(), true),
        "report" => (report::draw(worker, caller).await?.without_presses(), true),
        _ => {
            let post = worker.own_post(caller, inbound, value).await?;
            (drawer.shared(&post), post.status == PostStatus::Published)
        }
    };
    if asked == Asked::First && !is_out {
        let said = drawer.text("place-share-asked");
        let mut message = drawer.begin(said.clone());
        message.line(Text(vec![Span::Channel(press.spot.channel.clone())]));
        message.line(said);
        message.buttons(vec![Button::primary("share-yes", drawer.text("place-share-yes"), value)]);
        worker.say_back(inbound, &To::Beside(reply), &message).await;
        return Ok(());
    }
    let (service, team) = (&worker.service, inbound.team.as_str());
    let spot = Spot { thread: String::new(), ..press.spot.clone() };
    let posted =
        if service.shares_by_posting() { service.told(team, &To::Spot(&spot), &shown).await } else { Told::Refused };
    let (ts, thread) = match posted {
        Told::Here(ts) => (ts, service.channel_of(&spot).to_owned()),
        Told::Refused | Told::Later => {
            (worker.say_back(inbound, &To::ForAll(reply), &shown).await, service.channel_of(&press.spot).to_owned())
        }
    };
    if let Some(ts) = ts {
        let sent = Sent { team: team.to_owned(), thread, ts };
        worker.hall().app.note_sent(worker.hall().place, &sent, &caller.user, (value, None)).await?;
    }
    if asked == Asked::Confirmed {
        worker.replace(inbound, press, &drawer.sentence(&say!("place-shared"))).await;
    }
    Ok(())
}

async fn settings(worker: &Worker, caller: &Caller, inbound: &Inbound, press: &Press) -> Result<Message, ToolError> {
    worker.settings(&Drawer { can_share: !press.spot.is_direct, ..worker.drawer(caller) }, inbound).await
}

/// News of somebody's posts come here from now on. It is said here, for everybody to see: whoever reads here knows whose news they are, and
/// where we cannot write there would be no news.
async fn news_here(worker: &Worker, caller: &Caller, inbound: &Inbound, press: &Press) -> Result<Message, ToolError> {
    let (app, service) = (&worker.hall().app, worker.service.as_ref());
    let channel = service.channel_of(&press.spot).to_owned();
    if press.spot.is_direct || press.is_muted {
        return Err(say!("place-news-not-here").into());
    }
    if app.news_channel(&inbound.member).await?.as_deref() != Some(channel.as_str()) {
        let name = app.whose_member(&inbound.member, &caller.user).await?.unwrap_or_else(|| "–".into());
        let spot = Spot { channel: channel.clone(), thread: String::new(), is_direct: false };
        let said = worker.drawer(caller).sentence(&say!("place-news-begins", name = name));
        if !service.told(&inbound.team, &To::Spot(&spot), &said).await.is_here() {
            return Err(say!("place-news-not-here").into());
        }
        app.choose_news_channel(caller, &inbound.member, Some(&channel)).await?;
    }
    settings(worker, caller, inbound, press).await
}

fn alone(message: Message) -> Shown {
    (message, None)
}

/// `<approval> <hash>`: the answer counts for what the card showed, so its hash comes along.
async fn decide(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    value: &str,
    verdict: Verdict,
) -> Result<Shown, ToolError> {
    let (id, hash) = value.split_once(' ').unwrap_or((value, ""));
    let id: ApprovalId = id.parse().map_err(|_| say!("approval-not-found", id = id))?;
    let app = &worker.hall().app;
    let (view, is_now) = match app.decide(caller, &id, hash, verdict).await {
        Ok(view) => (view, true),
        // Answered already (pressed twice, by the other one, or its process died over it): the card says how.
        Err(ToolError::Refused(why)) => match ask::read(worker, caller, inbound, &id).await? {
            view if view.approval.decision == Decision::Pending => return Err(why.into()),
            view => (view, false),
        },
        Err(error) => return Err(error),
    };
    let acting = app.for_approval(caller, &id).await?;
    let also = also_asked(app, &acting, &view).await?;
    let is_guest = view.approval.user != caller.user;
    // Whoever else was asked, and every other card of the post: nothing is left to decide there.
    if let (true, Some(post)) = (is_now, &view.post) {
        live::redraw(worker.service.as_ref(), post, &view.approval.user).await?;
    }
    let drawer = Drawer { is_guest, ..worker.drawer(&acting) };
    let mut message = drawer.begin_at(drawer.decided(&view), &format!("approvals/{id}"));
    drawer.approval(&view, &mut message);
    if let (Decision::Approved, Some(post)) = (view.approval.decision, &view.post) {
        drawer.post(&app.read_post(&acting, post).await?, &mut message).await?;
    }
    for other in &also {
        drawer.approval(other, &mut message);
    }
    Ok((message, view.post))
}

/// The other accounts' questions of the same removal, which stood beside the one that was answered.
async fn also_asked(app: &App, caller: &Caller, view: &ApprovalView) -> Result<Vec<ApprovalView>, ToolError> {
    if !matches!(view.approval.act, Act::TakeDown { .. }) {
        return Ok(Vec::new());
    }
    let mut others = app.list_waiting(caller).await?;
    others.retain(|other| matches!(other.approval.act, Act::TakeDown { .. }) && other.post == view.post);
    Ok(others)
}

async fn take_down(worker: &Worker, caller: &Caller, post: &str, key: &str) -> Result<Message, ToolError> {
    let asked = json!({ "post": post, "idempotency_key": key });
    let drawer = worker.drawer(caller);
    let outcome = match worker.hall().app.call_tool(caller, "take_down_post", asked).await {
        Ok(outcome) => outcome,
        Err(ToolError::Refused(why)) => return drawer.refusal(&why, None).await,
        Err(error) => return Err(error),
    };
    if outcome.waiting.is_empty() {
        return Ok(Message::sentence(&outcome.text));
    }
    // Out on several accounts, each is a question of its own.
    let questions: Vec<_> = outcome.waiting.into_iter().map(Card::Approval).collect();
    drawer.cards(&questions).await
}

async fn settle(
    worker: &Worker,
    caller: &Caller,
    (value, is_again): (&str, bool),
    answer: Answer,
) -> Result<Shown, ToolError> {
    let id: DeliveryId = value.parse().map_err(|_| say!("common-not-found-thing", thing = value))?;
    let app = &worker.hall().app;
    let post = match app.settle(caller, &id, (answer, None)).await {
        Err(ToolError::Refused(why)) if is_again => match app.find_post_named(caller, value).await? {
            Some(post) => app.read_post(caller, &post).await?,
            None => return Err(why.into()),
        },
        done => done?,
    };
    let drawer = worker.drawer(caller);
    let mut message = drawer.begin_at(drawer.say(&post.status.wording()), &format!("posts/{}", post.id));
    drawer.post(&post, &mut message).await?;
    Ok((message, Some(post.id)))
}
