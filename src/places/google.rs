//! Figures of Google's leave for the place they are shown in. Where others read, their person is asked first, alone and once for each channel; what they
//! said is remembered, and forgotten in the settings. The figures themselves come through tools, which are refused until then.

use super::To;
use super::inbound::{Inbound, Press, Spot, What};
use super::message::{Button, Message, Span, Text};
use super::talk::{answer, room};
use super::work::Worker;
use crate::app::Verdict;
use crate::domain::caller::Caller;
use crate::domain::chat::ShowsGoogle;
use crate::domain::tool::ToolError;
use crate::say;

/// Whether they may be shown at a spot. Where the person is alone with us nobody is asked.
///
/// # Errors
/// When the database fails.
pub(super) async fn shown_at(
    worker: &Worker,
    caller: &Caller,
    team: &str,
    spot: &Spot,
) -> Result<ShowsGoogle, ToolError> {
    if spot.is_direct {
        return Ok(ShowsGoogle::Yes);
    }
    worker.app().shows_google(caller, worker.hall().place, &room(team, spot)).await
}

/// Asks the person, alone. The buttons name channel and thread: what they are pressed on may be elsewhere, and the process that asked gone.
pub(super) async fn ask(worker: &Worker, caller: &Caller, inbound: &Inbound, spot: &Spot) {
    let drawer = worker.drawer(caller);
    let value = format!("{} {}", room(&inbound.team, spot), spot.thread);
    let text = drawer.say(&say!("place-google", place = worker.hall().place.shown()));
    let mut message = drawer.begin(text.clone());
    message.line(Text(vec![Span::Channel(spot.channel.clone())]));
    message.line(text);
    message.buttons(vec![
        Button::primary("google", drawer.text("place-agree"), &value),
        Button::plain("dismiss-google", drawer.text("place-no"), &value),
    ]);
    worker.service.tell(&inbound.team, &To::Only(spot, &inbound.member.id), &message).await;
}

/// They answered. After a yes the conversation goes on where it was.
///
/// # Errors
/// Refused when the button names nothing.
pub(super) async fn answered(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    press: &Press,
    (key, verdict): (&str, Verdict),
) -> Result<(), ToolError> {
    let (named, thread) = press.value.split_once(' ').unwrap_or((&press.value, ""));
    let Some((team, channel)) = named.split_once('/') else { return Err(worker.hall().old_button().into()) };
    worker.app().answer_google(caller, (worker.hall().place, named), verdict).await?;
    let drawer = worker.drawer(caller);
    match verdict {
        Verdict::Decline => {
            worker.replace(inbound, press, &drawer.sentence(&say!("place-google-refused"))).await;
            Ok(())
        }
        Verdict::Approve => {
            worker.replace(inbound, press, &drawer.sentence(&say!("place-agreed"))).await;
            let spot = Spot { channel: channel.to_owned(), thread: thread.to_owned(), is_direct: false };
            let text = drawer.text("place-google-go-on");
            let what = What::Said { spot, text, files: Vec::new() };
            // Where it goes on, not where it was pressed.
            answer(worker, caller, &Inbound { what, team: team.to_owned(), ..inbound.clone() }, key, false).await
        }
    }
}

/// What somebody said in this team, each with the way to be asked again.
///
/// # Errors
/// When the database fails.
pub(super) async fn settings(
    worker: &Worker,
    caller: &Caller,
    team: &str,
    message: &mut Message,
) -> Result<(), ToolError> {
    /// More stand on the page.
    const ROOMS_MAX: usize = 5;
    let place = worker.hall().place;
    let drawer = worker.drawer(caller);
    let all = worker.app().google_rooms(caller).await?;
    let here = all.iter().filter(|one| one.place == place);
    for one in here.filter(|one| one.room.split_once('/').is_some_and(|(of, _)| of == team)).take(ROOMS_MAX) {
        let channel = one.room.split_once('/').map_or("", |(_, channel)| channel);
        let key = if one.is_shown { "place-google-shown" } else { "place-google-not-shown" };
        message.line(Text(vec![Span::Channel(channel.to_owned())]).and(" ").and(drawer.text(key)));
        message.buttons(vec![Button::plain("google-forget", drawer.text("place-google-forget"), &one.room)]);
    }
    Ok(())
}
