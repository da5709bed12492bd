//! Cards that stay true: a message that shows a post is drawn anew while its hold window runs and when something happens to it, instead of
//! another message beside it.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::draw::Drawer;
use super::inbound::{Inbound, Press};
use super::message::Message;
use super::work::Worker;
use super::{Hall, Service, To, Told};
use crate::app::places::Sent;
use crate::desk::view::{DeliveryView, PostView};
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::delivery::State;
use crate::domain::ids::{PostId, UserId};
use crate::domain::tool::ToolError;

/// How often is looked while something happens.
const LOOK: Duration = Duration::from_secs(1);
/// So long at the most: the longest hold window, and the network's own time.
const LOOKS_MAX: usize = 900;
/// Slack lets a private message be changed five times; one was the press itself, one is kept for the next.
const PRIVATE_REDRAWS_MAX: usize = 3;
/// What is due within this is on its way.
const SOON_MS: i64 = 3_000;

/// Notes that the pressed message shows a post, when it is one that stays.
pub(super) async fn note(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    press: &Press,
    post: &PostId,
) -> Result<(), ToolError> {
    let hall = worker.hall();
    match card_of(worker, inbound, press) {
        Some(card) => hall.app.note_card(caller, hall.place, &card, post).await,
        None => Ok(()),
    }
}

fn card_of(worker: &Worker, inbound: &Inbound, press: &Press) -> Option<Sent> {
    let is_message = press.view.is_empty() && !press.is_home && !press.is_ephemeral && !press.ts.is_empty();
    let thread = worker.service.channel_of(&press.spot).to_owned();
    let card = Sent { team: inbound.team.clone(), thread, ts: press.ts.clone() };
    is_message.then_some(card)
}

fn name_of(inbound: &Inbound, press: &Press) -> String {
    format!("{} {} {}", inbound.team, press.spot.channel, press.ts)
}

/// Whoever follows the pressed message stops: a person does something with it.
pub(super) fn leave(hall: &Hall, inbound: &Inbound, press: &Press) {
    let mut followed = hall.followed.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(follower) = followed.remove(&name_of(inbound, press)) {
        follower.cancel();
    }
}

/// Notes what the pressed message shows now, and draws it anew while something happens.
pub(super) async fn keep(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    press: &Press,
    post: &PostId,
) -> Result<(), ToolError> {
    note(worker, caller, inbound, press, post).await?;
    let (hall, view) = (worker.hall(), worker.hall().app.read_post(caller, post).await?);
    if press.is_home || !press.view.is_empty() || !is_moving(&view, hall.app.hold_ms(caller).await?, hall.app.now_ms())
    {
        return Ok(());
    }
    let follower = CancellationToken::new();
    let name = name_of(inbound, press);
    hall.followed.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), follower.clone());
    let worker = Worker { service: Arc::clone(&worker.service) };
    let (caller, inbound, press, post) = (caller.clone(), inbound.clone(), press.clone(), post.clone());
    hall.work.spawn(async move {
        let end = worker.hall().stop.clone();
        tokio::select! {
            () = follower.cancelled() => return,
            () = end.cancelled() => return,
            done = follow(&worker, &caller, (&inbound, &press), &post) => {
                if let Err(error) = done {
                    tracing::warn!(error = %error, "a card could not be drawn anew");
                }
            }
        }
        worker.hall().followed.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
    });
    Ok(())
}

async fn follow(
    worker: &Worker,
    caller: &Caller,
    (inbound, press): (&Inbound, &Press),
    post: &PostId,
) -> Result<(), ToolError> {
    let (app, is_private) = (&worker.hall().app, card_of(worker, inbound, press).is_none());
    let drawer = Drawer { is_counting: !is_private, ..worker.drawer(caller) };
    let hold_ms = app.hold_ms(caller).await?;
    let (mut last, mut redraws) = (drawer.alone(&Card::Post(post.clone())).await?, 0);
    for _ in 0..LOOKS_MAX {
        tokio::time::sleep(LOOK).await;
        let view = app.read_post(caller, post).await?;
        let now = drawer.alone(&Card::Post(post.clone())).await?;
        if now != last {
            if worker.service.replaced(&inbound.team, press, &now).await == Told::Refused {
                return Ok(());
            }
            (last, redraws) = (now, redraws + 1);
        }
        let is_over = !is_moving(&view, hold_ms, app.now_ms());
        if is_over || (is_private && redraws >= PRIVATE_REDRAWS_MAX) {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether something happens with a post now: it is held, on its way, or looked for.
fn is_moving(post: &PostView, hold_ms: i64, now: i64) -> bool {
    let is_soon = |delivery: &DeliveryView| delivery.when.at_ms - now <= hold_ms + SOON_MS;
    post.deliveries.iter().any(|delivery| match delivery.state {
        State::Leased | State::Armed | State::Processing | State::Unknown => true,
        State::Scheduled | State::Waiting => is_soon(delivery),
        State::Blocked
        | State::Paused
        | State::Unapproved
        | State::NeedsHuman
        | State::Missed
        | State::Published
        | State::Partial
        | State::Failed
        | State::Cancelled
        | State::TakenDown => false,
    })
}

/// Draws every message anew that shows a post. When the newest of somebody's was shown, Unix milliseconds.
pub(super) async fn redraw(service: &dyn Service, post: &PostId, of: &UserId) -> Result<Option<i64>, ToolError> {
    let (hall, mut newest) = (service.hall(), None);
    for card in hall.app.cards(hall.place, post.as_str()).await? {
        let Some(reader) = hall.app.person_in(hall.place, &card.user).await? else { continue };
        let acting = hall.app.for_post(&reader, post).await?;
        let is_guest = acting.workspace != reader.workspace;
        let Ok(message) = draw(hall, &acting, post, is_guest).await else { continue };
        match service.told(&card.at.team, &To::Update(&card.at.thread, &card.at.ts), &message).await {
            Told::Here(_) => {
                if card.user == *of {
                    newest = newest.max(Some(card.shown_at));
                }
            }
            // It was deleted, or is no message of ours any more.
            Told::Refused => hall.app.note_card_gone(hall.place, &card.at).await?,
            Told::Later => {}
        }
    }
    Ok(newest)
}

async fn draw(hall: &Hall, caller: &Caller, post: &PostId, is_guest: bool) -> Result<Message, ToolError> {
    let drawer = Drawer { app: &hall.app, caller, can_share: false, is_guest, is_counting: false };
    drawer.alone(&Card::Post(post.clone())).await
}
