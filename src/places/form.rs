//! Forms: a new post, an edit, a time. What they carry between opening and sending is looked up again, never trusted; mistakes are shown in
//! the form where the service can, and a closed one leaves nothing behind.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::inbound::{Inbound, Press, Sheet, What};
use super::message::{About, Field, Form};
use super::said::name;
use super::verbs::Verb;
use super::work::Worker;
use super::{Hall, To, ask, plan};
use crate::desk::view::{PostStatus, PostView};
use crate::domain::caller::Caller;
use crate::domain::ids::PostId;
use crate::domain::place::Member;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// Characters of a text field; longer texts are edited on the page.
const FIELD_MAX: usize = 3_000;
/// Characters of a time in words.
const WORDS_MAX: usize = 100;
/// A thread of so many accounts at the most can be edited here: no service has more fields.
const FIELDS_MAX: usize = 5;

fn about(post: &PostView, press: Option<&Press>) -> About {
    of_press(post.id.as_str(), post.revision, &press.cloned().unwrap_or_default())
}

fn of_press(what: &str, revision: i64, press: &Press) -> About {
    About {
        post: what.to_owned(),
        revision,
        channel: press.spot.channel.clone(),
        ts: press.ts.clone(),
        reply: press.reply.clone().filter(|_| press.is_ephemeral),
        view: press.view.clone(),
    }
}

fn text_field(id: &str, label: String, value: &str) -> Field {
    Field::Text {
        id: id.to_owned(),
        label,
        value: value.to_owned(),
        hint: String::new(),
        chars_max: FIELD_MAX,
        is_short: false,
    }
}

/// The form that something opens, when it does: nothing else follows from it.
///
/// # Errors
/// Refused for somebody else's post, and for what does not fit a form.
pub(crate) async fn wanted(hall: &Hall, caller: &Caller, inbound: &Inbound) -> Result<Option<Form>, ToolError> {
    Ok(match &inbound.what {
        // A field takes the beginning, and what came back would be published cut.
        What::New { text, .. } if units(text) > FIELD_MAX => {
            let (count, url) = (units(text), hall.today());
            return Err(say!("place-new-too-long", count = count, max = FIELD_MAX, url = url).into());
        }
        What::New { text, .. } => Some(new(hall, caller, text)),
        What::Command { verb: Verb::Draft { text, .. }, .. } if text.is_empty() => Some(new(hall, caller, "")),
        What::Command { verb: Verb::Schedule { post, when }, .. } if when.is_empty() => {
            Some(time(hall, caller, &chosen(hall, caller, post.as_deref()).await?, None))
        }
        What::Pressed(press) => match press.action.as_str() {
            "new" => Some(new(hall, caller, "")),
            "approve-but" => Some(plan::form(hall, caller, of_press(&press.value, 0, press))),
            "schedule" => Some(time(hall, caller, &own_post(hall, caller, inbound, &press.value).await?, Some(press))),
            "edit" => Some(edit(hall, caller, &own_post(hall, caller, inbound, &press.value).await?, press)?),
            _ => None,
        },
        What::Command { .. }
        | What::Said { .. }
        | What::Submitted(_)
        | What::Home
        | What::Opened(_)
        | What::Stopped(_)
        | What::Uninstalled
        | What::Gone { .. } => None,
    })
}

/// A post of the caller's; of anybody else's is said whose it is.
pub(super) async fn own_post(hall: &Hall, caller: &Caller, inbound: &Inbound, id: &str) -> Result<PostView, ToolError> {
    let id: PostId = id.parse().map_err(|_| say!("post-not-found", id = id))?;
    match hall.app.read_post(caller, &id).await {
        Err(ToolError::Refused(_)) => {
            let whose = hall.app.whose_post(&id, &inbound.member).await?;
            Err(ask::theirs(whose).into())
        }
        found => found,
    }
}

/// The post that was named, or the newest one that can still go out.
pub(super) async fn chosen(hall: &Hall, caller: &Caller, named: Option<&str>) -> Result<PostView, ToolError> {
    let can_go =
        |post: &PostView| matches!(post.status, PostStatus::Draft | PostStatus::WaitingForYou | PostStatus::Scheduled);
    newest(hall, caller, named, can_go).await
}

/// The post that was named, or the newest one that fits.
pub(super) async fn newest(
    hall: &Hall,
    caller: &Caller,
    named: Option<&str>,
    fits: impl Fn(&PostView) -> bool,
) -> Result<PostView, ToolError> {
    if let Some(named) = named {
        let id: PostId = named.parse().map_err(|_| say!("post-not-found", id = named))?;
        return hall.app.read_post(caller, &id).await;
    }
    let newest = hall.app.list_posts(caller).await?.into_iter().find(fits);
    newest.ok_or_else(|| say!("place-no-draft").into())
}

/// The form for a new post.
pub(crate) fn new(hall: &Hall, caller: &Caller, text: &str) -> Form {
    let say = |key: &str| hall.app.words().text(caller.lang, key);
    Form {
        id: "new",
        about: About::default(),
        title: say("place-new"),
        submit: say("place-save-draft"),
        close: say("page-cancel"),
        fields: vec![text_field("text", say("place-field-text"), text)],
    }
}

/// As the strictest service counts: what is longer than a field would come back cut.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The form for a draft's text, one field per account. Refused for what does not fit a form: threads, polls, long texts.
pub(crate) fn edit(hall: &Hall, caller: &Caller, post: &PostView, press: &Press) -> Result<Form, ToolError> {
    let say = |key: &str| hall.app.words().text(caller.lang, key);
    let is_simple = post.variants.iter().all(|variant| {
        matches!(variant.content.segments.as_slice(), [segment] if units(&segment.text) <= FIELD_MAX && segment.poll.is_none())
    });
    if !is_simple || post.variants.len() > FIELDS_MAX {
        let url = format!("{}/posts/{}", hall.app.public_url().as_str().trim_end_matches('/'), post.id);
        return Err(say!("place-edit-there", url = url).into());
    }
    let fields = post.variants.iter().map(|variant| {
        let text = variant.content.segments.first().map_or("", |segment| segment.text.as_str());
        text_field(variant.account.id.as_str(), name(&variant.account), text)
    });
    Ok(Form {
        id: "edit",
        about: about(post, Some(press)),
        title: say("place-edit"),
        submit: say("settings-save"),
        close: say("page-cancel"),
        fields: fields.collect(),
    })
}

/// The form for a time: picked, or in words.
pub(crate) fn time(hall: &Hall, caller: &Caller, post: &PostView, press: Option<&Press>) -> Form {
    const HOUR_S: i64 = 3_600;
    let say = |key: &str| hall.app.words().text(caller.lang, key);
    let next_hour = (hall.app.now_ms() / 1000 / HOUR_S + 2) * HOUR_S;
    Form {
        id: "time",
        about: about(post, press),
        title: say("place-schedule"),
        submit: say("place-schedule"),
        close: say("page-cancel"),
        fields: vec![
            Field::Instant { id: "pick".into(), label: say("place-field-pick"), value_s: next_hour },
            Field::Text {
                id: "words".into(),
                label: say("place-field-words"),
                value: String::new(),
                hint: say("place-field-words-hint"),
                chars_max: WORDS_MAX,
                is_short: true,
            },
        ],
    }
}

/// What is wrong with a form that is being sent: the field and the sentence; `None` when nothing is. Looks, changes nothing.
///
/// # Errors
/// When the database fails.
pub(crate) async fn mistake(
    hall: &Hall,
    member: &Member,
    sheet: &Sheet,
) -> Result<Option<(String, Sentence, Caller)>, ToolError> {
    let Some(caller) = hall.app.find_member(member).await? else { return Ok(None) };
    if sheet.form == "leave" {
        return match plan::mistake(hall, &caller, sheet).await {
            Ok(why) => Ok(why.map(|why| (field_of(sheet), why, caller))),
            Err(ToolError::Refused(why)) => Ok(Some((field_of(sheet), why, caller))),
            Err(error) => Err(error),
        };
    }
    let call = match call_of(hall, &caller, sheet).await {
        Ok(call) => call,
        Err(ToolError::Refused(why)) => return Ok(Some((field_of(sheet), why, caller))),
        Err(error) => return Err(error),
    };
    let Some((tool, mut asked)) = call else { return Ok(None) };
    asked["dry_run"] = true.into();
    match hall.app.call_tool(&caller, tool, asked).await {
        Ok(_) => Ok(None),
        Err(ToolError::Refused(why)) => Ok(Some((field_of(sheet), why, caller))),
        Err(error) => Err(error),
    }
}

/// Which field a refusal is shown at.
fn field_of(sheet: &Sheet) -> String {
    match sheet.form.as_str() {
        "time" if words(&sheet.values).is_none() => "pick".into(),
        "time" => "words".into(),
        _ => sheet.values.keys().next().cloned().unwrap_or_else(|| "text".into()),
    }
}

fn words(values: &BTreeMap<String, String>) -> Option<&str> {
    values.get("words").map(|words| words.trim()).filter(|words| !words.is_empty())
}

/// The tool that a form means, with its arguments.
async fn call_of(hall: &Hall, caller: &Caller, sheet: &Sheet) -> Result<Option<(&'static str, Value)>, ToolError> {
    let (about, values) = (&sheet.about, &sheet.values);
    Ok(match sheet.form.as_str() {
        "new" => Some(("create_draft", json!({ "text": values.get("text").map_or("", String::as_str) }))),
        "edit" => {
            let id: PostId = about.post.parse().map_err(|_| say!("post-not-found", id = &about.post))?;
            let variants = edited(&hall.app.read_post(caller, &id).await?, values);
            // Whoever sees the tags on links and changes the text means what they leave.
            let change =
                json!({ "post": about.post, "revision": about.revision, "variants": variants, "plain_links": true });
            Some(("update_draft", change))
        }
        "time" => {
            let picked = values.get("pick").and_then(|at| at.parse().ok());
            let picked = picked.and_then(|at| jiff::Timestamp::from_second(at).ok()).map(|at| at.to_string());
            let at = words(values).map(str::to_owned).or(picked).unwrap_or_default();
            Some(("schedule_post", json!({ "post": about.post, "at": at, "zone": caller.zone })))
        }
        _ => None,
    })
}

/// What each account shows with its text changed: pictures, who may reply and what is disclosed stay as they are.
fn edited(post: &PostView, values: &BTreeMap<String, String>) -> Vec<Value> {
    let variant = |(account, text): (&String, &String)| {
        let stored = post.variants.iter().find(|variant| variant.account.id.as_str() == account);
        let Some(content) = stored.map(|variant| &variant.content) else {
            return json!({ "account": account, "text": text });
        };
        let media: Vec<&str> =
            content.segments.iter().flat_map(|segment| &segment.media).map(|medium| medium.as_str()).collect();
        json!({ "account": account, "segments": [{ "text": text, "media": media }], "options": content.options })
    };
    values.iter().map(variant).collect()
}

/// Does what a form says, and changes the card it came from.
pub(super) async fn submitted(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    sheet: &Sheet,
    key: &str,
) -> Result<(), ToolError> {
    let about = &sheet.about;
    let message = match call_of(worker.hall(), caller, sheet).await? {
        _ if sheet.form == "leave" => plan::submitted(worker, caller, sheet).await?,
        None => return Ok(()),
        Some(("schedule_post", asked)) => {
            let post: PostId = about.post.parse().map_err(|_| say!("post-not-found", id = &about.post))?;
            worker.schedule(caller, &post, asked["at"].as_str().unwrap_or_default(), key).await?
        }
        Some((tool, mut asked)) => {
            asked["idempotency_key"] = key.into();
            let outcome = worker.hall().app.call_tool(caller, tool, asked).await?;
            worker.drawn(&worker.drawer(caller), &outcome).await?
        }
    };
    let team = inbound.team.as_str();
    if !about.view.is_empty() {
        let press = Press { view: about.view.clone(), ..Press::default() };
        worker.replace(inbound, &press, &message).await;
        return worker.home(caller, inbound).await;
    }
    let direct;
    let to = match sheet.reply.as_ref().or(about.reply.as_ref()) {
        Some(reply) => To::Replacing(reply),
        None if !about.ts.is_empty() => To::Update(&about.channel, &about.ts),
        None => {
            direct = worker.service.direct(team, &inbound.member.id).await?;
            To::Spot(&direct)
        }
    };
    let told = worker.say_back(inbound, &to, &message).await;
    if let To::Spot(spot) = to {
        worker.note_answer(inbound, (&spot.channel, told), &message).await;
    }
    Ok(())
}
