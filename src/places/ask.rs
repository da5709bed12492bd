//! Somebody else answers: whom the owner of a post named for it. They get the card in their direct thread; everybody who presses what is not
//! theirs hears whose it is.

use super::draw::Drawer;
use super::inbound::{Inbound, Press, Spot};
use super::message::Message;
use super::work::Worker;
use super::{To, Told, live};
use crate::app::places::Sent;
use crate::domain::caller::Caller;
use crate::domain::ids::{ApprovalId, PostId};
use crate::domain::place::Member;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// What somebody hears who pressed what is not theirs.
pub(super) fn theirs(whose: Option<String>) -> Sentence {
    match whose {
        Some(name) => say!("place-theirs", name = name),
        None => say!("place-not-yours"),
    }
}

/// `<approval> <member>`: whoever was chosen may answer, and is asked. The card as its owner sees it now, and its post.
pub(super) async fn ask(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    press: &Press,
) -> Result<(Message, Option<PostId>), ToolError> {
    let (id, user) = press.value.split_once(' ').unwrap_or((&press.value, ""));
    let id: ApprovalId = id.parse().map_err(|_| say!("approval-not-found", id = id))?;
    let hall = worker.hall();
    let view = read(worker, caller, inbound, &id).await?;
    let Some(post) = view.post.clone().filter(|_| view.approval.user == caller.user) else {
        return Err(theirs(hall.app.whose_approval(&id, &inbound.member).await?).into());
    };
    let other = Member { place: hall.place, team: inbound.member.team.clone(), id: user.to_owned() };
    let named = hall.app.find_member(&other).await?.ok_or_else(|| say!("place-ask-stranger"))?;
    if named.user == caller.user {
        return Err(say!("place-ask-yourself").into());
    }
    let is_new = hall.app.name_approver(caller, &post, &named.user).await?;
    let (spot, told) = match reach(worker, inbound, (&other, &named), (&id, &post)).await {
        Ok((spot, told)) if told.is_here() => (spot, told),
        unreached => {
            // Whoever does not know of it must not be able to answer either: nothing was changed, it is said.
            if is_new {
                hall.app.drop_approver(caller, &post, &named.user).await?;
            }
            return Err(unreached.map_or_else(|error| error, |_| say!("place-ask-unreached").into()));
        }
    };
    if let Some(ts) = told.ts() {
        let card = Sent { team: inbound.team.clone(), thread: spot.channel, ts };
        hall.app.note_card(&named, hall.place, &card, &post).await?;
    }
    let drawer = worker.drawer(caller);
    let mut card = drawer.begin_at(drawer.text("approval-title"), &format!("approvals/{id}"));
    drawer.approval(&view, &mut card);
    let name = hall.app.whose_member(&other, &named.user).await?.unwrap_or_else(|| "–".into());
    card.small(drawer.say(&say!("place-asked", name = name)));
    live::note(worker, caller, inbound, press, &post).await?;
    Ok((card, Some(post)))
}

/// Brings the question to whoever was named, in their direct thread.
async fn reach(
    worker: &Worker,
    inbound: &Inbound,
    (other, named): (&Member, &Caller),
    (id, post): (&ApprovalId, &PostId),
) -> Result<(Spot, Told), ToolError> {
    let app = &worker.hall().app;
    let owner = app.whose_post(post, other).await?.unwrap_or_else(|| "–".into());
    let acting = app.for_approval(named, id).await?;
    let theirs = Drawer { is_guest: true, ..worker.drawer(&acting) };
    let said = theirs.say(&say!("place-asked-you", name = owner));
    let mut message = theirs.begin(said.clone());
    message.line(said);
    theirs.approval(&app.read_approval(named, id).await?, &mut message);
    let spot = worker.service.direct(&inbound.team, &other.id).await?;
    let told = worker.service.told(&inbound.team, &To::Spot(&spot), &message).await;
    Ok((spot, told))
}

/// A question, as whoever may answer it reads it; of anybody else's is said whose it is.
pub(super) async fn read(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    id: &ApprovalId,
) -> Result<crate::desk::view::ApprovalView, ToolError> {
    let app = &worker.hall().app;
    match app.read_approval(caller, id).await {
        Err(ToolError::Refused(_)) => Err(theirs(app.whose_approval(id, &inbound.member).await?).into()),
        found => found,
    }
}
