//! Cards that stay true: a message that shows a post is drawn anew while its hold window runs and when something happens to it, instead of
//! another message beside it.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::draw::{COUNT_STEP_S, Drawer};
use super::inbound::{Inbound, Press};
use super::message::Message;
use super::work::Worker;
use super::{Hall, Service, To, Told};
use crate::app::places::Sent;
use crate::desk::view::{DeliveryView, PostView};
use crate::domain::approval::Act;
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::delivery::State;
use crate::domain::ids::{PostId, UserId};
use crate::domain::tool::ToolError;

/// How often is looked while something happens.
const LOOK: Duration = Duration::from_secs(1);
/// So long at the most: the longest hold window, and the network's own time.
const LOOKS_MAX: usize = 900;
/// A card counts as followed for so long after its last drawing: news of what it has just shown would come twice.
const LINGER: Duration = Duration::from_secs(8);
/// Changes of a card in one go at the most: a countdown of the longest hold window, and what follows.
pub(crate) const REDRAWS_MAX: usize = 100;
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

fn name_of(worker: &Worker, inbound: &Inbound, press: &Press) -> String {
    format!("{} {} {}", inbound.team, worker.service.channel_of(&press.spot), press.ts)
}

/// Whether a message is drawn anew while something happens, or was until just now.
fn is_followed(hall: &Hall, card: &Sent) -> bool {
    let followed = hall.followed.lock().unwrap_or_else(PoisonError::into_inner);
    followed.contains_key(&format!("{} {} {}", card.team, card.thread, card.ts))
}

/// Whoever follows the pressed message stops: a person does something with it.
pub(super) fn leave(worker: &Worker, inbound: &Inbound, press: &Press) {
    let mut followed = worker.hall().followed.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(follower) = followed.remove(&name_of(worker, inbound, press)) {
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
    let name = name_of(worker, inbound, press);
    hall.followed.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), follower.clone());
    let worker = Worker { service: Arc::clone(&worker.service), can_share: worker.can_share };
    let (caller, inbound, press, post) = (caller.clone(), inbound.clone(), press.clone(), post.clone());
    hall.work.spawn(async move {
        let end = worker.hall().stop.clone();
        let followed = async {
            if let Err(error) = follow(&worker, &caller, (&inbound, &press), &post).await {
                tracing::warn!(error = %error, "a card could not be drawn anew");
            }
            tokio::time::sleep(LINGER).await;
        };
        tokio::select! {
            () = follower.cancelled() => return,
            () = end.cancelled() => return,
            () = followed => {}
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
    let (app, card) = (&worker.hall().app, Card::Post(post.clone()));
    let is_private = card_of(worker, inbound, press).is_none();
    let redraws_max = if is_private { worker.service.private_redraws_max() } else { REDRAWS_MAX };
    // Where there are too few changes for a countdown, each is kept for what happens.
    let is_counting = redraws_max >= REDRAWS_MAX;
    let (hold_ms, begun) = (app.hold_ms(caller).await?, app.now_ms());
    let drawn_at = |at: i64| Drawer { is_counting, as_of: Some(at), ..worker.drawer(caller) };
    // As the press left it: the countdown begins at the first look.
    let first = Drawer { is_counting: false, ..drawn_at(begun) };
    let (mut shown, mut redraws) = (first.alone(&card).await?, 0);
    for _ in 0..LOOKS_MAX {
        tokio::time::sleep(LOOK).await;
        let (view, now) = (app.read_post(caller, post).await?, app.now_ms());
        let is_over = !is_moving(&view, hold_ms, now);
        // Time alone is no change but every few seconds, or the distance in it would be one at every look.
        let seen_at = if is_counting { now - (now - begun).rem_euclid(COUNT_STEP_S * 1_000) } else { begun };
        let seen = drawn_at(seen_at).alone(&card).await?;
        // The last change is kept for how it ends.
        if seen != shown && (is_over || redraws + 1 < redraws_max) {
            let drawn = drawn_at(if is_counting { seen_at } else { now }).alone(&card).await?;
            if worker.service.replaced(&inbound.team, press, &drawn).await == Told::Refused {
                return Ok(());
            }
            (shown, redraws) = (seen, redraws + 1);
        }
        if is_over {
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

/// Draws every message anew that shows a post. Whether one of somebody's is followed: they are looking at what happens.
pub(super) async fn redraw(service: &dyn Service, post: &PostId, of: &UserId) -> Result<bool, ToolError> {
    let (hall, mut is_watched) = (service.hall(), false);
    for card in hall.app.cards(hall.place, post.as_str()).await? {
        let Some(reader) = hall.app.person_in(hall.place, &card.user).await? else { continue };
        let acting = hall.app.for_post(&reader, post).await?;
        let is_guest = acting.workspace != reader.workspace;
        let Ok(message) = draw(hall, &acting, post, is_guest).await else { continue };
        match service.told(&card.at.team, &To::Update(&card.at.thread, &card.at.ts), &message).await {
            Told::Here(_) => is_watched |= card.user == *of && is_followed(hall, &card.at),
            // It was deleted, or is no message of ours any more.
            Told::Refused => hall.app.note_card_gone(hall.place, &card.at).await?,
            Told::Later => {}
        }
    }
    Ok(is_watched)
}

/// What stands on a card of a post by now. A question about it that still waits stays first: whoever was asked must be able to answer.
async fn draw(hall: &Hall, caller: &Caller, post: &PostId, is_guest: bool) -> Result<Message, ToolError> {
    let view = hall.app.read_post(caller, post).await?;
    let mut cards = Vec::new();
    if let Some(waiting) = view.waiting {
        let asked = hall.app.read_approval(caller, &waiting).await;
        // Of a removal and of a plan each card is its own.
        if asked.is_ok_and(|asked| matches!(asked.approval.act, Act::Publish { .. })) {
            cards.push(Card::Approval(waiting));
        }
    }
    if cards.is_empty() || !view.deliveries.is_empty() {
        cards.push(Card::Post(post.clone()));
    }
    Drawer { is_guest, ..Drawer::new(&hall.app, caller) }.cards(&cards).await
}
