//! What people are told without asking: what happened to their posts, that a new place was linked. Each notice once, in their direct thread
//! with us; what became of a post, where they chose a channel for it, there. And what a forgotten conversation left in the service is removed there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::draw::Drawer;
use super::inbound::Spot;
use super::message::{Message, Part};
use super::{Removed, Service, To, Told, digest, home, live, noted, repair};
use crate::app::places::{Sent, Untold};
use crate::app::questions::is_question;
use crate::domain::chat::Card;
use crate::domain::ids::PostId;
use crate::domain::place::Member;
use crate::domain::tool::ToolError;

/// How often is looked.
const EVERY: Duration = Duration::from_secs(2);
/// How often is looked whose time for a digest it is.
const DIGEST_EVERY: Duration = Duration::from_secs(5);
/// The one piece of news that a card says by itself to whoever watches it. All others need a person, and an edit calls nobody.
const SEEN: &str = "notice-published";

/// Messages that could not be removed whose addresses are named in one notice.
const ADDRESSES_MAX: usize = 10;
/// So many calls in a round that a service puts off say that it is not there.
const LATERS_MAX: usize = 3;

/// Notices for which every card was drawn anew already, each with whether somebody watches one.
type Redrawn = BTreeMap<String, bool>;
/// How many are kept in mind.
const REDRAWN_MAX: usize = 1_000;

/// Tells until told to stop.
pub(super) async fn tell(service: &Arc<dyn Service>) {
    let (hall, mut digested, mut redrawn) = (service.hall(), None::<Instant>, Redrawn::new());
    while !hall.stop.is_cancelled() {
        let round = async {
            for untold in hall.app.untold(hall.place).await? {
                // One that fails holds up nobody behind it.
                if let Err(error) = one(service.as_ref(), &untold, &mut redrawn).await {
                    tracing::error!(place = hall.place.word(), error = %error, "a piece of news could not be told");
                }
            }
            clean(service.as_ref()).await?;
            if digested.is_none_or(|at| at.elapsed() >= DIGEST_EVERY) {
                digested = Some(Instant::now());
                digest::tell(service.as_ref()).await?;
            }
            Ok(())
        };
        let done: Result<(), ToolError> = round.await;
        if let Err(error) = done {
            tracing::error!(place = hall.place.word(), error = %error, "news could not be told");
        }
        tokio::select! {
            () = hall.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn one(service: &dyn Service, untold: &Untold, redrawn: &mut Redrawn) -> Result<(), ToolError> {
    let hall = service.hall();
    // Of several processes one tells. Should it die over it, the news stands on the pages: told twice is worse than told there.
    if !hall.app.note_told(untold, hall.place).await? {
        return Ok(());
    }
    match tell_one(service, untold, redrawn).await {
        Ok(Told::Here(_) | Told::Refused) => Ok(()),
        // The service is not there: the next look tries again.
        Ok(Told::Later) => hall.app.note_untold(untold, hall.place).await,
        Err(error) => {
            hall.app.note_untold(untold, hall.place).await?;
            Err(error)
        }
    }
}

async fn tell_one(service: &dyn Service, untold: &Untold, redrawn: &mut Redrawn) -> Result<Told, ToolError> {
    let hall = service.hall();
    let Some((team, user)) = untold.subject.split_once(':') else { return Ok(Told::Refused) };
    let post = untold.post.as_ref().and_then(|post| post.parse::<PostId>().ok());
    let is_watched = match (&post, redrawn.get(&untold.notice)) {
        // Told to somebody's other self a moment ago: what was said to them there stays as it is.
        (_, Some(is_watched)) => *is_watched,
        (Some(post), None) => live::redraw(service, post, &untold.user).await?,
        (None, None) => false,
    };
    if redrawn.len() >= REDRAWN_MAX {
        redrawn.clear();
    }
    redrawn.insert(untold.notice.clone(), is_watched);
    let Some(reader) = hall.app.person_in(hall.place, &untold.user).await? else { return Ok(Told::Refused) };
    let drawer = Drawer::new(&hall.app, &reader);
    let said = drawer.say(&untold.what);
    let is_question = is_question(&untold.what.key);
    let question = if is_question { hall.app.question_of(&reader, untold).await? } else { None };
    if is_question && question.is_none() {
        // Decided meanwhile, or gone.
        return Ok(Told::Here(None));
    }
    if post.is_some() {
        service.show_home(team, user, &home::draw(&drawer).await?).await;
    }
    let member = Member { place: hall.place, team: team.to_owned(), id: user.to_owned() };
    let mut is_turned_away = false;
    // What is about no post is about the person, and for nobody else to read.
    if let (Some(post), false) = (&post, untold.news.is_empty() || is_question)
        && let Ok(view) = hall.app.read_post(&reader, post).await
    {
        let spot = Spot { channel: untold.news.clone(), thread: String::new(), is_direct: false };
        match service.told(team, &To::Spot(&spot), &drawer.news(&said, &view)).await {
            Told::Refused => is_turned_away = true,
            told => {
                let at = (team, untold.news.as_str(), told.clone().ts());
                noted::note(service, &reader, at, post.as_str()).await;
                return Ok(told);
            }
        }
        hall.app.choose_news_channel(&reader, &member, None).await?;
    }
    if is_watched && !is_turned_away && untold.what.key == SEEN {
        // They look at the card that says it; it does not say that their choice ended.
        return Ok(Told::Here(None));
    }
    let spot = if untold.thread.is_empty() {
        match service.direct(team, user).await {
            Ok(spot) => {
                hall.app.note_thread(&member, &spot.channel).await?;
                spot
            }
            Err(ToolError::Refused(_)) => {
                tracing::warn!("somebody has no direct thread; the news stands on the pages");
                return Ok(Told::Refused);
            }
            Err(error) => return Err(error),
        }
    } else {
        Spot { channel: untold.thread.clone(), thread: String::new(), is_direct: true }
    };
    let path = post.as_ref().map(|post| format!("posts/{post}")).unwrap_or_default();
    let mut message = Message { more: drawer.begin_at("", &path).more, ..Message::sentence(&said) };
    let mut shown = None;
    if let Some(id) = question {
        message.parts.extend(drawer.alone(&Card::Approval(id)).await?.parts);
        shown = post;
    } else if let Some(post) = post {
        // A post that is gone by now leaves the sentence.
        if let Ok(view) = hall.app.read_post(&reader, &post).await {
            drawer.post(&view, &mut message).await?;
            shown = Some(post);
        }
    }
    message
        .parts
        .extend(repair::button(&hall.app, reader.lang, &untold.what, None).map(|way| Part::Buttons(vec![way])));
    if is_turned_away {
        message.small(drawer.text("place-news-turned-away"));
    }
    let told = service.told(team, &To::Spot(&spot), &message).await;
    if let (Told::Here(Some(ts)), Some(post)) = (&told, shown) {
        let card = Sent { team: team.to_owned(), thread: spot.channel, ts: ts.clone() };
        hall.app.note_card(&reader, hall.place, &card, &post).await?;
    }
    Ok(told)
}

/// Removes what shows forgotten conversations; what the service keeps is named to the person.
async fn clean(service: &dyn Service) -> Result<(), ToolError> {
    let hall = service.hall();
    let (mut kept, mut laters) = (BTreeMap::<_, Vec<_>>::new(), 0);
    for (sent, user) in hall.app.left_behind(hall.place).await? {
        match service.remove(&sent).await {
            Removed::Gone => hall.app.note_gone(hall.place, &sent).await?,
            Removed::Kept => {
                // Nobody is left to be told but whoever runs the server.
                let Some(user) = user else {
                    hall.app.note_kept_of_the_gone(hall.place, &sent).await?;
                    continue;
                };
                let of_theirs = kept.entry(user).or_default();
                let is_named = of_theirs.len() < ADDRESSES_MAX;
                let address = if is_named { service.address_of(&sent).await } else { None };
                of_theirs.push((sent, address));
            }
            // The next look tries again; when it is so with several, the service is not there.
            Removed::Later => laters += 1,
        }
        if laters >= LATERS_MAX {
            break;
        }
    }
    for (user, kept) in kept {
        hall.app.note_kept(hall.place, &user, &kept).await?;
    }
    Ok(())
}
