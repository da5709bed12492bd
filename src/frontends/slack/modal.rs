//! Modals: a new post, an edit, a time, a look. What they carry between opening and sending is looked up again, never trusted; mistakes are
//! shown in the modal, and a closed one leaves nothing behind.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Slack;
use super::blocks::{Blocks, cut, plain};
use super::draw::name;
use super::inbound::{Inbound, Press};
use super::work::To;
use crate::desk::view::PostView;
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::ids::PostId;
use crate::domain::place::Member;
use crate::domain::tool::ToolError;
use crate::say;

/// Characters of a text field; longer texts are edited on the page.
const FIELD_MAX: usize = 3_000;
/// Characters of a modal's title.
const TITLE_MAX: usize = 24;

/// What a modal is about and which message it changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct About {
    post: String,
    revision: i64,
    channel: String,
    ts: String,
    response_url: Option<String>,
}

impl About {
    fn new(post: &PostView, press: Option<&Press>) -> Self {
        let press = press.cloned().unwrap_or_default();
        Self {
            post: post.id.as_str().to_owned(),
            revision: post.revision,
            channel: press.channel,
            ts: press.ts,
            response_url: press.response_url.filter(|_| press.is_ephemeral),
        }
    }
}

fn view(
    title: &str,
    (submit, close): (Option<&str>, &str),
    callback: &str,
    about: &About,
    blocks: Vec<Value>,
) -> Value {
    let mut view = json!({ "type": "modal", "callback_id": callback, "title": plain(title, TITLE_MAX), "close": plain(close, TITLE_MAX),
        "private_metadata": serde_json::to_string(about).unwrap_or_default(), "blocks": blocks });
    if let Some(submit) = submit {
        view["submit"] = plain(submit, TITLE_MAX);
    }
    view
}

fn text_field(block: &str, label: &str, initial: &str) -> Value {
    json!({ "type": "input", "block_id": block, "label": plain(label, 200), "element": { "type": "plain_text_input", "action_id": "text",
        "multiline": true, "max_length": FIELD_MAX, "initial_value": cut(initial, FIELD_MAX) } })
}

impl Slack {
    /// A post of the caller's; anybody else's is refused.
    pub(super) async fn own_post(&self, caller: &Caller, id: &str) -> Result<PostView, ToolError> {
        let id: PostId = id.parse().map_err(|_| say!("post-not-found", id = id))?;
        match self.app.read_post(caller, &id).await {
            Err(ToolError::Refused(_)) => Err(say!("slack-not-yours").into()),
            found => found,
        }
    }

    async fn open_view(&self, team: &str, trigger: &str, view: Value) -> Result<(), ToolError> {
        let opened = self.api.call(team, "views.open", &json!({ "trigger_id": trigger, "view": view })).await;
        // Three seconds are over, or this delivery was worked on before: pressing again opens it.
        opened.map(drop).map_err(|fault| {
            tracing::info!(error = %fault, "a modal could not be opened");
            say!("slack-press-again").into()
        })
    }
}

/// A new post, perhaps from a message.
pub(super) async fn open_new(
    slack: &Arc<Slack>,
    caller: &Caller,
    team: &str,
    trigger: &str,
    text: &str,
) -> Result<(), ToolError> {
    let drawer = slack.drawer(caller);
    let blocks = vec![text_field("text", &drawer.text("slack-field-text"), text)];
    let (submit, close) = (drawer.text("slack-save-draft"), drawer.text("page-cancel"));
    let view = view(&drawer.text("slack-new"), (Some(&submit), &close), "new", &About::default(), blocks);
    slack.open_view(team, trigger, view).await
}

/// A draft's text, one field per account.
pub(super) async fn open_edit(
    slack: &Arc<Slack>,
    caller: &Caller,
    team: &str,
    trigger: &str,
    post: &PostView,
    press: &Press,
) -> Result<(), ToolError> {
    let drawer = slack.drawer(caller);
    let is_simple = post.variants.iter().all(|variant| {
        matches!(variant.content.segments.as_slice(), [segment] if segment.text.chars().count() <= FIELD_MAX && segment.poll.is_none())
    });
    if !is_simple {
        return Err(say!("slack-edit-there", url = drawer.page(&format!("posts/{}", post.id))).into());
    }
    let fields = post.variants.iter().map(|variant| {
        let text = variant.content.segments.first().map_or("", |segment| segment.text.as_str());
        text_field(variant.account.id.as_str(), &name(&variant.account), text)
    });
    let (submit, close) = (drawer.text("settings-save"), drawer.text("page-cancel"));
    let about = About::new(post, Some(press));
    let view = view(&drawer.text("slack-edit"), (Some(&submit), &close), "edit", &about, fields.collect());
    slack.open_view(team, trigger, view).await
}

/// When a post goes out: picked, or in words.
pub(super) async fn open_time(
    slack: &Arc<Slack>,
    caller: &Caller,
    team: &str,
    trigger: &str,
    post: &PostView,
    press: Option<&Press>,
) -> Result<(), ToolError> {
    const HOUR_S: i64 = 3_600;
    let drawer = slack.drawer(caller);
    let next_hour = (slack.app.now_ms() / 1000 / HOUR_S + 2) * HOUR_S;
    let blocks = vec![
        json!({ "type": "input", "block_id": "pick", "optional": true, "label": plain(&drawer.text("slack-field-pick"), 200),
            "element": { "type": "datetimepicker", "action_id": "at", "initial_date_time": next_hour } }),
        json!({ "type": "input", "block_id": "words", "optional": true, "label": plain(&drawer.text("slack-field-words"), 200),
            "element": { "type": "plain_text_input", "action_id": "text", "max_length": 100,
                "placeholder": plain(&drawer.text("slack-field-words-hint"), 150) } }),
    ];
    let (submit, close) = (drawer.text("slack-schedule"), drawer.text("page-cancel"));
    let about = About::new(post, press);
    let view = view(&drawer.text("slack-schedule"), (Some(&submit), &close), "time", &about, blocks);
    slack.open_view(team, trigger, view).await
}

/// A card in a modal, with its buttons.
pub(super) async fn open_look(
    slack: &Arc<Slack>,
    caller: &Caller,
    team: &str,
    trigger: &str,
    card: &Card,
) -> Result<(), ToolError> {
    let drawer = slack.drawer(caller);
    let message = drawer.alone(card).await?;
    let view = view(&message.text, (None, &drawer.text("slack-close")), "look", &About::default(), message.blocks);
    slack.open_view(team, trigger, view).await
}

/// What is wrong with a modal that is being sent, by field; `None` when nothing is. Looks, changes nothing.
pub(super) async fn mistakes(
    slack: &Arc<Slack>,
    member: &Member,
    callback: &str,
    metadata: &str,
    values: &Value,
) -> Result<Option<Value>, ToolError> {
    let Some(caller) = slack.app.find_member(member).await? else { return Ok(None) };
    let about: About = serde_json::from_str(metadata).unwrap_or_default();
    let Some((tool, mut asked)) = call_of(callback, &about, values, &caller.zone) else { return Ok(None) };
    asked["dry_run"] = true.into();
    match slack.app.call_tool(&caller, tool, asked).await {
        Ok(_) => Ok(None),
        Err(ToolError::Refused(why)) => {
            let mut errors = Map::new();
            errors.insert(field_of(callback, values), cut(&slack.app.words().say(caller.lang, &why), 300).into());
            Ok(Some(errors.into()))
        }
        Err(error) => Err(error),
    }
}

/// Which field a refusal is shown at.
fn field_of(callback: &str, values: &Value) -> String {
    match callback {
        "time" if words(values).is_none() => "pick".into(),
        "time" => "words".into(),
        _ => values.as_object().and_then(|fields| fields.keys().next().cloned()).unwrap_or_else(|| "text".into()),
    }
}

fn words(values: &Value) -> Option<&str> {
    values["words"]["text"]["value"].as_str().map(str::trim).filter(|words| !words.is_empty())
}

/// The tool that a modal means, with its arguments.
fn call_of(callback: &str, about: &About, values: &Value, zone: &str) -> Option<(&'static str, Value)> {
    match callback {
        "new" => {
            let text = values["text"]["text"]["value"].as_str().unwrap_or_default();
            Some(("create_draft", json!({ "text": text })))
        }
        "edit" => {
            let variants = values.as_object()?.iter().map(|(account, fields)| {
                json!({ "account": account, "text": fields["text"]["value"].as_str().unwrap_or_default() })
            });
            Some((
                "update_draft",
                json!({ "post": about.post, "revision": about.revision, "variants": variants.collect::<Vec<_>>() }),
            ))
        }
        "time" => {
            let picked = values["pick"]["at"]["selected_date_time"].as_i64();
            let picked = picked.and_then(|at| jiff::Timestamp::from_second(at).ok()).map(|at| at.to_string());
            let at = words(values).map(str::to_owned).or(picked).unwrap_or_default();
            Some(("schedule_post", json!({ "post": about.post, "at": at, "zone": zone })))
        }
        _ => None,
    }
}

/// Does what a modal says, and changes the card it came from.
pub(super) async fn submitted(
    slack: &Arc<Slack>,
    caller: &Caller,
    inbound: &Inbound,
    (callback, metadata, values): (&str, &str, &Value),
    key: &str,
) -> Result<(), ToolError> {
    let about: About = serde_json::from_str(metadata).unwrap_or_default();
    let Some((tool, mut asked)) = call_of(callback, &about, values, &caller.zone) else { return Ok(()) };
    asked["idempotency_key"] = key.into();
    let message = slack.tool_card(caller, tool, asked).await?;
    let team = inbound.team.as_str();
    match &about.response_url {
        Some(url) => drop(slack.tell(team, &To::UrlReplacing(url), &message).await),
        None if !about.ts.is_empty() => drop(slack.tell(team, &To::Update(&about.channel, &about.ts), &message).await),
        None => {
            let direct = slack.direct(team, &inbound.member.id).await;
            let spot = direct.map_err(|fault| ToolError::Failed(fault.to_string()))?;
            slack.tell(team, &To::Spot(&spot), &message).await;
        }
    }
    Ok(())
}

/// For what has no fields.
pub(super) fn in_view(blocks: Blocks) -> Vec<Value> {
    blocks.finish("", "").blocks
}
