//! `/chat`: begins a conversation with the core; `/conversations/{id}` goes on with any. A message is durable before the browser is sent on
//! to the page where the answer comes (`coming`); what cannot be sent stays in the form, with the reason above it.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;

use super::cards::{CardView, views};
use super::conversations;
use super::form::{Id, Kept, Posted, Pressed};
use super::gate::Person;
use super::page::{Page, Refused, html, status};
use super::turns::{Begun, Turns};
use crate::app::webchat::WEB;
use crate::app::{App, ConversationView, Listed, SignedIn};
use crate::domain::caller::Caller;
use crate::domain::chat::{Reply, Utterance};
use crate::domain::ids::ConversationId;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// What a form here may carry: the longest message there can be, and as much again of one that is too long, so that it can be shown again.
pub(super) const FORM_BYTES_MAX: usize = 2 << 20;
/// Conversations shown here; the rest is one page further.
const LATEST_MAX: usize = 10;
/// No key of ours is longer.
const KEY_CHARS_MAX: usize = 40;

/// Whether somebody can write, and what stands in the way.
pub(super) enum May {
    /// They can.
    Talk,
    /// They must agree first.
    Agree(Sentence),
    /// The core is off for them.
    Off(Sentence),
}

/// The form for a message.
pub(super) struct Say {
    /// The conversation it goes on with.
    pub(super) conversation: Option<ConversationId>,
    pub(super) may: May,
    /// Names the message, so that it is said once however often it is sent.
    pub(super) key: String,
    /// What they wrote already.
    pub(super) text: String,
    /// Why that could not be sent.
    pub(super) fault: Option<Sentence>,
}

impl Say {
    /// The form as it stands for somebody now.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn of(
        app: &App,
        caller: &Caller,
        conversation: Option<ConversationId>,
        draft: Draft,
    ) -> Result<Self, ToolError> {
        let may = match app.conversation_off(caller).await? {
            Some(why) => May::Off(why),
            None => app.consent_asked(caller).await?.map_or(May::Talk, May::Agree),
        };
        // What stands in the way is said once.
        let fault = draft.fault.filter(|fault| match &may {
            May::Talk => true,
            May::Agree(_) => fault.key != "chat-consent-needed",
            May::Off(why) => fault.key != why.key,
        });
        Ok(Self { conversation, may, key: app.message_key(), text: draft.text, fault })
    }

    pub(super) fn action(&self) -> String {
        self.conversation.as_ref().map_or_else(|| "/chat".to_owned(), |id| format!("/conversations/{id}"))
    }
}

/// What somebody wrote that is not sent, and why.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) fault: Option<Sentence>,
}

/// An answer that belongs to no conversation.
struct Aside {
    text: String,
    cards: Vec<CardView>,
}

#[derive(Template)]
#[template(path = "chat.html")]
struct Chat {
    page: Page,
    say: Say,
    aside: Option<Aside>,
    /// Where choosing a time is said, and the name of that message.
    to: &'static str,
    key: String,
    latest: Vec<ConversationView>,
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person) -> Response {
    new(&app, &person, Draft::default(), None).await
}

/// The page for a new conversation.
async fn new(app: &App, person: &SignedIn, draft: Draft, aside: Option<Reply>) -> Response {
    let status = draft.fault.as_ref().map_or(StatusCode::OK, status);
    let found = async {
        let say = Say::of(app, &person.caller, None, draft).await?;
        let Listed { views: mut latest, .. } = app.list_conversations(&person.caller, None).await?;
        latest.truncate(LATEST_MAX);
        let aside = match aside {
            Some(reply) => Some(Aside { cards: views(app, person, &reply.cards).await?, text: reply.text }),
            None => None,
        };
        let (page, key) = (Page::of(app, person, "chat"), app.message_key());
        Ok::<_, ToolError>(Chat { page, say, aside, to: "/chat", key, latest })
    };
    match found.await {
        Ok(page) => {
            let mut response = html(&page);
            if response.status() == StatusCode::OK {
                *response.status_mut() = status;
            }
            response
        }
        Err(error) => Refused::for_person(app, person, error).into_response(),
    }
}

/// A message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    pub(super) key: String,
    #[serde(default)]
    pub(super) text: String,
}

pub(super) async fn begin(
    State(app): State<Arc<App>>,
    Extension(turns): Extension<Arc<Turns>>,
    sent: Kept<Wish>,
) -> Response {
    take(&app, &turns, None, sent).await
}

pub(super) async fn go_on(
    State(app): State<Arc<App>>,
    Extension(turns): Extension<Arc<Turns>>,
    Id(id): Id<ConversationId>,
    sent: Kept<Wish>,
) -> Response {
    take(&app, &turns, Some(id), sent).await
}

/// Takes a message: sends the browser on to where it is answered, or shows it again with why it is not sent.
pub(super) async fn take(app: &Arc<App>, turns: &Arc<Turns>, id: Option<ConversationId>, sent: Kept<Wish>) -> Response {
    let Kept { person, fields: Wish { key, text }, is_own } = sent;
    // Browsers send line ends as they did on teleprinters.
    let text = text.replace("\r\n", "\n");
    let said = if is_own { say(app, turns, &person, (id.as_ref(), &key, &text)).await } else { Err(stale(app)) };
    match said {
        Ok(Said::In(id)) => Redirect::to(&format!("/conversations/{id}#now")).into_response(),
        Ok(Said::Aside(reply)) => match id {
            Some(id) => conversations::page(app, turns, person, (id, None), (Draft::default(), Some(reply))).await,
            None => new(app, &person, Draft::default(), Some(reply)).await,
        },
        Err(error) => again(app, turns, person, id, (text, error)).await,
    }
}

/// The form once more, with what was written and why it was not sent.
async fn again(
    app: &Arc<App>,
    turns: &Arc<Turns>,
    person: SignedIn,
    id: Option<ConversationId>,
    (text, error): (String, ToolError),
) -> Response {
    let fault = match error {
        ToolError::Refused(why) => why,
        ToolError::Failed(why) => {
            tracing::error!(error = why, "a message on a page could not be taken");
            say!("common-failed")
        }
    };
    let there = match id {
        Some(id) => app.read_conversation(&person.caller, &id, None).await.is_ok().then_some(id),
        None => None,
    };
    match there {
        Some(id) => {
            conversations::page(app, turns, person, (id, None), (Draft { text, fault: Some(fault) }, None)).await
        }
        // To go on with what is not there is to begin anew.
        None => {
            let fault = if fault.key == "conversation-not-found" { say!("chat-not-found") } else { fault };
            new(app, &person, Draft { text, fault: Some(fault) }, None).await
        }
    }
}

fn stale(app: &App) -> ToolError {
    say!("chat-stale", url = app.public_url().as_str()).into()
}

/// What became of a message.
enum Said {
    /// It is answered in this conversation.
    In(ConversationId),
    /// It was about conversations, and belongs to none.
    Aside(Reply),
}

async fn say(
    app: &Arc<App>,
    turns: &Arc<Turns>,
    person: &SignedIn,
    (id, key, text): (Option<&ConversationId>, &str, &str),
) -> Result<Said, ToolError> {
    let caller = &person.caller;
    if key.is_empty() || key.len() > KEY_CHARS_MAX || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(say!("page-form-wrong").into());
    }
    if turns.is_ending() {
        return Err(say!("chat-ending").into());
    }
    if let Some(id) = id {
        app.go_on_here(caller, id).await?;
    }
    let source = format!("{WEB} {} {key}", caller.user);
    if let Some(answer) = app.answer_to(caller, &source).await? {
        // Sent twice, said once.
        return Ok(Said::In(answer.conversation));
    }
    let thread = id.map_or(key, ConversationId::as_str).to_owned();
    let said = Utterance::alone(WEB, &thread, text);
    match turns.begin(app, caller, said, source.clone()).await {
        Begun::Running(id) => Ok(Said::In(id)),
        Begun::Answered(reply) => match app.conversation_here(caller, &thread).await? {
            // The thread goes on with another conversation now.
            Some(now) if Some(&now) != id => Ok(Said::In(now)),
            Some(_) | None => Ok(Said::Aside(reply)),
        },
        Begun::Refused(error) => match app.answer_to(caller, &source).await? {
            // The same message arrived twice at once, and the other one was faster.
            Some(answer) => Ok(Said::In(answer.conversation)),
            None => Err(error),
        },
    }
}

pub(super) async fn stop(
    State(app): State<Arc<App>>,
    Extension(turns): Extension<Arc<Turns>>,
    Id(id): Id<ConversationId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    if !turns.stop(&person.caller.user, &id)
        && let Err(error) = app.stop_elsewhere(&person.caller, &id).await
    {
        return Refused::for_person(&app, &person, error).into_response();
    }
    Redirect::to(&format!("/conversations/{id}#now")).into_response()
}

/// Somebody agrees that what they say goes to the model's service, where they were about to say something.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Agreed {
    #[serde(default)]
    text: String,
    #[serde(default)]
    conversation: String,
}

pub(super) async fn agree(
    State(app): State<Arc<App>>,
    Extension(turns): Extension<Arc<Turns>>,
    sent: Kept<Agreed>,
) -> Response {
    let Kept { person, fields: Agreed { text, conversation }, is_own } = sent;
    let done = if is_own { app.set_consent(&person.caller, true).await } else { Err(stale(&app)) };
    let (id, text) = (conversation.parse().ok(), text.replace("\r\n", "\n"));
    match (done, id) {
        (Err(error), id) => again(&app, &turns, person, id, (text, error)).await,
        (Ok(()), None) => new(&app, &person, Draft { text, fault: None }, None).await,
        (Ok(()), Some(id)) => {
            conversations::page(&app, &turns, person, (id, None), (Draft { text, fault: None }, None)).await
        }
    }
}
