//! One delivered thing, from its row to done: who it is, what they want, who is told. Work that fails is told and ended, not repeated:
//! only a process that died leaves its work to another one.

use std::sync::Arc;

use serde_json::{Value, json};

use super::api::Fault;
use super::blocks::{Blocks, Button, Message, Style, escaped};
use super::commands::Verb;
use super::draw::{Drawer, body};
use super::inbound::{Inbound, Kind, Press, Spot, What};
use super::{Slack, home, modal, press, talk};
use crate::app::places::Sent;
use crate::app::{RENEW, Received};
use crate::desk::view::{PostStatus, PostView};
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::ids::{ApprovalId, PostId};
use crate::domain::lang::Lang;
use crate::domain::place::ChatPlace;
use crate::domain::refusal::Sentence;
use crate::domain::tool::{ToolError, ToolOutcome};
use crate::say;

/// A thing whose work died with its process this often is given up.
const TRIES_MAX: i64 = 4;
/// Posts in a calendar.
const CALENDAR_MAX: usize = 10;
/// Conversations in a list.
const HISTORY_MAX: usize = 10;

/// What one can begin with: title and message.
const PROMPTS: [(&str, &str); 3] = [
    ("slack-prompt-1-title", "slack-prompt-1-message"),
    ("slack-prompt-2-title", "slack-prompt-2-message"),
    ("slack-prompt-3-title", "slack-prompt-3-message"),
];

/// Where an answer goes.
pub(super) enum To<'a> {
    /// Through a `response_url`: only the asker sees it.
    Url(&'a str),
    /// The same, in place of what stands there.
    UrlReplacing(&'a str),
    /// Through a `response_url`, for everybody in the channel.
    UrlForAll(&'a str),
    /// A message in a thread.
    Spot(&'a Spot),
    /// A message in a thread that only one member sees.
    Only(&'a Spot, &'a str),
    /// In place of a message of ours.
    Update(&'a str, &'a str),
}

/// Does it, says that it lives meanwhile, and ends it.
pub(super) async fn carry_out(slack: &Arc<Slack>, received: Received) {
    // Acknowledging comes first: work takes turns.
    let Ok(_turn) = slack.turns.acquire().await else { return };
    let key = received.key.clone();
    let alive = async {
        loop {
            tokio::time::sleep(RENEW).await;
            if let Ok(false) = slack.app.renew_received(&key).await {
                return;
            }
        }
    };
    tokio::select! {
        () = alive => return,
        // The row stays open: the next process takes it over.
        () = slack.stop.cancelled() => return,
        () = one(slack, &received) => {}
    }
    if let Err(error) = slack.app.finish_received(&key).await {
        tracing::error!(error = %error, "work for Slack is done but could not be marked so");
    }
}

async fn one(slack: &Arc<Slack>, received: &Received) {
    let Ok(stored) = serde_json::from_str::<Value>(&received.body) else { return };
    let Some(kind) = serde_json::from_value::<Kind>(stored["kind"].clone()).ok() else { return };
    let Some(inbound) = Inbound::read(kind, &stored["payload"]) else { return };
    if received.tries > TRIES_MAX {
        tracing::error!(inbox.key = received.key, "given up: the work on it ended its process every time");
        return;
    }
    slack.handle(inbound, &received.key, received.tries > 1).await;
}

impl Slack {
    /// Handles one thing and tells the person when it failed.
    pub(super) async fn handle(self: &Arc<Self>, inbound: Inbound, key: &str, is_again: bool) {
        if inbound.what == What::Uninstalled {
            if let Err(error) = self.app.slack_ended(&inbound.team).await {
                tracing::error!(error = %error, "a Slack team's end could not be kept");
            }
            return;
        }
        if inbound.member.team != inbound.team {
            self.api.belongs(&inbound.team, &inbound.member.team);
        }
        let found = match self.app.find_member(&inbound.member).await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(error = %error, "a member could not be looked up");
                return;
            }
        };
        let lang = found.as_ref().map_or(Lang::En, |caller| caller.lang);
        let done = match found {
            Some(caller) => self.known(&caller, &inbound, key, is_again).await,
            None => self.stranger(&inbound).await,
        };
        match done {
            Ok(()) => {}
            Err(ToolError::Refused(why)) => self.tell_privately(&inbound, lang, &why).await,
            Err(ToolError::Failed(why)) => {
                tracing::error!(error = why, "work for Slack failed");
                self.tell_privately(&inbound, lang, &say!("slack-failed")).await;
            }
        }
    }

    async fn known(
        self: &Arc<Self>,
        caller: &Caller,
        inbound: &Inbound,
        key: &str,
        is_again: bool,
    ) -> Result<(), ToolError> {
        match &inbound.what {
            What::Command { text, channel, response_url, trigger } => {
                let at = Typed { channel, response_url, trigger, key };
                self.command(caller, inbound, Verb::read(text), &at).await
            }
            What::Said { .. } => talk::answer(self, caller, inbound, key, is_again).await,
            What::Pressed(pressed) => press::pressed(self, caller, inbound, pressed, key).await,
            What::Submitted { callback, metadata, values } => {
                modal::submitted(self, caller, inbound, (callback, metadata, values), key).await
            }
            What::Shortcut { trigger, .. } => modal::open_new(self, caller, &inbound.team, trigger, "").await,
            What::MessageShortcut { trigger, text, .. } => {
                modal::open_new(self, caller, &inbound.team, trigger, text).await
            }
            What::Home => home::show(self, caller, &inbound.team, &inbound.member.id).await,
            What::Opened(spot) => self.opened(caller, inbound, spot).await,
            What::Stopped(spot) => {
                talk::stop(self, &inbound.team, spot);
                Ok(())
            }
            What::Uninstalled => Ok(()),
        }
    }

    /// Prompts to begin with, and where notices go.
    async fn opened(&self, caller: &Caller, inbound: &Inbound, spot: &Spot) -> Result<(), ToolError> {
        self.app.note_thread(&inbound.member, &spot.channel).await?;
        let drawer = self.drawer(caller);
        let prompt =
            |(title, message): (&str, &str)| json!({ "title": drawer.text(title), "message": drawer.text(message) });
        let mut call = json!({ "channel_id": spot.channel, "prompts": PROMPTS.map(prompt) });
        if !spot.thread.is_empty() {
            call["thread_ts"] = spot.thread.as_str().into();
        }
        self.quietly(&inbound.team, "assistant.threads.setSuggestedPrompts", &call).await;
        Ok(())
    }

    /// Somebody who is none of our people: a private, friendly first step.
    async fn stranger(self: &Arc<Self>, inbound: &Inbound) -> Result<(), ToolError> {
        let (to_say, spot) = match &inbound.what {
            What::Command { text, .. } => (Verb::read(text), None),
            What::Said { spot, text, .. } => (if spot.is_direct() { Verb::read(text) } else { Verb::Help }, Some(spot)),
            What::Home => return home::show_stranger(self, &inbound.team, &inbound.member.id).await,
            What::Opened(spot) => (Verb::Help, Some(spot)),
            What::Pressed(_) | What::Shortcut { .. } | What::MessageShortcut { .. } => {
                return Err(say!("link-needed").into());
            }
            What::Submitted { .. } | What::Stopped(_) | What::Uninstalled => return Ok(()),
        };
        let code = match to_say {
            Verb::Link(code) => Some(code),
            // Typed back as it stands, without a word before it.
            Verb::Say(text) if is_code(&text) => Some(text),
            _ => None,
        };
        let (lang, shown) = self.about(&inbound.team, &inbound.member.id).await;
        let message = match code {
            Some(code) => {
                let caller = match self.app.redeem_link(&inbound.member, &code).await {
                    Ok(caller) => caller,
                    Err(ToolError::Refused(why)) => {
                        self.tell_privately(inbound, lang, &why).await;
                        return Ok(());
                    }
                    Err(error) => return Err(error),
                };
                if let Some(spot) = spot.filter(|spot| spot.is_direct()) {
                    self.app.note_thread(&inbound.member, &spot.channel).await?;
                }
                self.drawer(&caller).sentence(&say!("slack-linked"))
            }
            None => self.first_step(inbound, lang, &shown).await?,
        };
        self.answer_privately(inbound, &message).await;
        Ok(())
    }

    async fn first_step(&self, inbound: &Inbound, lang: Lang, shown: &str) -> Result<Message, ToolError> {
        let url = self.app.ask_to_link(&inbound.member, shown).await?;
        let words = self.app.words();
        let mut blocks = Blocks::message();
        let hello = words.say(lang, &say!("slack-hello"));
        blocks.line(&escaped(&hello));
        blocks.small(&escaped(&words.say(lang, &say!("slack-hello-how"))));
        let mut buttons =
            vec![Button { style: Style::Primary, ..Button::link(words.text(lang, "slack-link-me"), url) }];
        if self.app.config().slack.as_ref().is_some_and(|section| section.client.is_some()) {
            let url = format!("{}/slack/signin", self.app.public_url().as_str().trim_end_matches('/'));
            buttons.push(Button::link(words.text(lang, "slack-sign-in"), url));
        }
        blocks.buttons(&buttons);
        Ok(blocks.finish(&hello, ""))
    }

    /// What Slack knows of a member: language and name. Strangers are answered in English when it says nothing.
    pub(super) async fn about(&self, team: &str, user: &str) -> (Lang, String) {
        let fields = [("user", user), ("include_locale", "true")];
        let asked = self.api.look(team, "users.info", &fields).await.unwrap_or_default();
        let lang = asked["user"]["locale"].as_str().and_then(Lang::find).unwrap_or(Lang::En);
        let names = [&asked["user"]["real_name"], &asked["user"]["profile"]["real_name"], &asked["user"]["name"]];
        let name = names.into_iter().find_map(|name| name.as_str().filter(|name| !name.is_empty()));
        (lang, name.unwrap_or(user).to_owned())
    }

    async fn command(
        self: &Arc<Self>,
        caller: &Caller,
        inbound: &Inbound,
        verb: Verb,
        at: &Typed<'_>,
    ) -> Result<(), ToolError> {
        let drawer = Drawer { can_share: !at.channel.starts_with('D'), ..self.drawer(caller) };
        let message = match verb {
            Verb::Say(text) => return talk::answer_command(self, caller, inbound, &text, at).await,
            Verb::Help => drawer.help(),
            Verb::Draft(text) if text.is_empty() => {
                return modal::open_new(self, caller, &inbound.team, at.trigger, "").await;
            }
            Verb::Draft(text) => {
                let asked = json!({ "text": text, "idempotency_key": at.key });
                self.drawn_card(&drawer, "create_draft", asked).await?
            }
            Verb::Schedule { post, when } => {
                let post = self.chosen(caller, post.as_deref()).await?;
                if when.is_empty() {
                    return modal::open_time(self, caller, &inbound.team, at.trigger, &post, None).await;
                }
                let asked = json!({ "post": post.id.as_str(), "at": when, "idempotency_key": at.key });
                self.tool_card(caller, "schedule_post", asked).await?
            }
            Verb::Publish(post) => {
                let post = self.chosen(caller, post.as_deref()).await?;
                let asked = json!({ "post": post.id.as_str(), "idempotency_key": at.key });
                self.tool_card(caller, "publish_post", asked).await?
            }
            Verb::Calendar => self.calendar(caller).await?,
            Verb::Report => drawer.sentence(&say!("slack-no-report")),
            Verb::Accounts => self.accounts(caller).await?,
            Verb::History => self.history(caller).await?,
            Verb::Forget => {
                self.tool_card(caller, "forget_history", json!({ "all": true, "idempotency_key": at.key })).await?
            }
            Verb::Settings => drawer.settings(),
            Verb::Pause => {
                self.app.pause_all(caller).await?;
                let mut blocks = Blocks::message();
                let said = drawer.text("pause-done");
                blocks.line(&escaped(&said));
                blocks.buttons(&[Button::plain("resume", drawer.text("slack-resume"), "all")]);
                drawer.finish(blocks, &said)
            }
            Verb::Resume => {
                self.app.resume_all(caller).await?;
                drawer.sentence(&say!("slack-resumed"))
            }
            Verb::Why(post) => {
                let post = self.newest(caller, post.as_deref(), |_| true).await?;
                self.why(caller, &post).await?
            }
            Verb::Link(_) => drawer.sentence(&say!("slack-linked-already")),
        };
        self.tell(&inbound.team, &To::Url(at.response_url), &message).await;
        Ok(())
    }

    /// A tool's answer as the card that the core would draw for it.
    pub(super) async fn tool_card(&self, caller: &Caller, tool: &str, asked: Value) -> Result<Message, ToolError> {
        self.drawn_card(&self.drawer(caller), tool, asked).await
    }

    async fn drawn_card(&self, drawer: &Drawer<'_>, tool: &str, asked: Value) -> Result<Message, ToolError> {
        let caller = drawer.caller;
        let outcome = match self.app.call_tool(caller, tool, asked).await {
            Ok(outcome) => outcome,
            Err(ToolError::Refused(why)) => return drawer.refusal(&why).await,
            Err(error) => return Err(error),
        };
        match card_of(&outcome) {
            Some(card) => drawer.alone(&card).await,
            None => {
                let mut blocks = Blocks::message();
                blocks.exactly(&outcome.text);
                Ok(drawer.finish(blocks, &outcome.text))
            }
        }
    }

    /// The post that was named, or the newest one that can still go out.
    async fn chosen(&self, caller: &Caller, named: Option<&str>) -> Result<PostView, ToolError> {
        let can_go = |post: &PostView| {
            matches!(post.status, PostStatus::Draft | PostStatus::WaitingForYou | PostStatus::Scheduled)
        };
        self.newest(caller, named, can_go).await
    }

    async fn newest(
        &self,
        caller: &Caller,
        named: Option<&str>,
        fits: impl Fn(&PostView) -> bool,
    ) -> Result<PostView, ToolError> {
        if let Some(named) = named {
            let id: PostId = named.parse().map_err(|_| say!("post-not-found", id = named))?;
            return self.app.read_post(caller, &id).await;
        }
        let newest = self.app.list_posts(caller).await?.into_iter().find(fits);
        newest.ok_or_else(|| say!("slack-no-draft").into())
    }

    async fn calendar(&self, caller: &Caller) -> Result<Message, ToolError> {
        let drawer = self.drawer(caller);
        let mut blocks = Blocks::message();
        blocks.header(&drawer.text("today-next"));
        let posts = self.app.list_posts(caller).await?;
        let is_coming = |post: &&PostView| {
            matches!(post.status, PostStatus::Scheduled | PostStatus::WaitingForYou | PostStatus::NeedsAttention)
        };
        let coming: Vec<_> = posts.iter().filter(is_coming).take(CALENDAR_MAX).collect();
        if coming.is_empty() {
            blocks.line(&escaped(&drawer.text("slack-calendar-none")));
        }
        for post in coming {
            drawer.row(post, &mut blocks);
        }
        blocks.buttons(&[Button::link(drawer.text("page-calendar"), drawer.page("calendar"))]);
        let text = drawer.text("today-next");
        Ok(drawer.finish(blocks, &text))
    }

    async fn accounts(&self, caller: &Caller) -> Result<Message, ToolError> {
        let drawer = self.drawer(caller);
        let mut blocks = Blocks::message();
        blocks.header(&drawer.text("page-accounts"));
        drawer.accounts(&self.app.list_accounts(caller).await?, &mut blocks);
        blocks.buttons(&[Button::link(drawer.text("accounts-connect"), drawer.page("accounts"))]);
        let text = drawer.text("page-accounts");
        Ok(drawer.finish(blocks, &text))
    }

    async fn history(&self, caller: &Caller) -> Result<Message, ToolError> {
        let drawer = self.drawer(caller);
        let mut blocks = Blocks::message();
        let all = self.app.list_conversations(caller).await?;
        let title = drawer.text("slack-history");
        blocks.header(&title);
        for view in all.iter().take(HISTORY_MAX) {
            let name = view.title.clone().unwrap_or_else(|| drawer.text("chat-untitled"));
            blocks.line(&format!(
                "<{}|{}>",
                drawer.page(&format!("conversations/{}", view.id)),
                escaped(&name.replace('|', "/"))
            ));
        }
        if all.is_empty() {
            blocks.line(&escaped(&drawer.text("chat-continue-none")));
        }
        blocks.small(&escaped(&drawer.text("slack-history-more")));
        Ok(drawer.finish(blocks, &title))
    }

    /// Who wrote and approved a post, through which door.
    async fn why(&self, caller: &Caller, post: &PostView) -> Result<Message, ToolError> {
        let drawer = self.drawer(caller);
        let mut blocks = Blocks::message();
        let title = drawer.text("slack-why");
        blocks.header(&title);
        let deed = |deed: &crate::app::Deed| {
            let when = drawer.app.words().moment(caller.lang, &deed.when, drawer.app.now_ms());
            format!("{when} · {} · {}", deed.what, deed.via)
        };
        let lines: Vec<_> = self.app.deeds(caller, &post.id).await?.iter().map(deed).collect();
        blocks.exactly(&lines.join("\n"));
        drawer.post(post, &mut blocks);
        Ok(drawer.finish(blocks, &title))
    }

    pub(super) fn drawer<'a>(&'a self, caller: &'a Caller) -> Drawer<'a> {
        Drawer { app: &self.app, caller, can_share: false }
    }

    /// Sends a message; a failure is logged, for there is nobody to tell. The new message's id, for messages that everybody sees.
    pub(super) async fn tell(&self, team: &str, to: &To<'_>, message: &Message) -> Option<String> {
        let mut call = body(message);
        let told = match to {
            To::Url(url) | To::UrlReplacing(url) | To::UrlForAll(url) => {
                let for_whom = if matches!(to, To::UrlForAll(_)) { "in_channel" } else { "ephemeral" };
                call["response_type"] = for_whom.into();
                call["replace_original"] = matches!(to, To::UrlReplacing(_)).into();
                self.api.respond(url, &call).await.map(|()| Value::Null)
            }
            To::Spot(spot) => {
                call["channel"] = spot.channel.as_str().into();
                if !spot.thread.is_empty() {
                    call["thread_ts"] = spot.thread.as_str().into();
                }
                self.api.call(team, "chat.postMessage", &call).await
            }
            To::Only(spot, user) => {
                call["channel"] = spot.channel.as_str().into();
                call["user"] = (*user).into();
                if !spot.thread.is_empty() {
                    call["thread_ts"] = spot.thread.as_str().into();
                }
                self.api.call(team, "chat.postEphemeral", &call).await
            }
            To::Update(channel, ts) => {
                call["channel"] = (*channel).into();
                call["ts"] = (*ts).into();
                self.api.call(team, "chat.update", &call).await
            }
        };
        match told {
            Ok(answer) => answer["ts"].as_str().map(str::to_owned),
            Err(fault) => {
                tracing::warn!(error = %fault, "somebody could not be told something in Slack");
                None
            }
        }
    }

    /// A call whose failure changes nothing for anybody.
    pub(super) async fn quietly(&self, team: &str, method: &str, call: &Value) {
        if let Err(fault) = self.api.call(team, method, call).await {
            tracing::debug!(slack.method = method, error = %fault, "a courtesy in Slack failed");
        }
    }

    /// A refusal, seen by nobody but the one it is for.
    async fn tell_privately(&self, inbound: &Inbound, lang: Lang, why: &Sentence) {
        let said = self.app.words().say(lang, why);
        let mut blocks = Blocks::message();
        blocks.line(&super::draw::linked(&said));
        self.answer_privately(inbound, &blocks.finish(&said, "")).await;
    }

    async fn answer_privately(&self, inbound: &Inbound, message: &Message) {
        let user = inbound.member.id.as_str();
        match &inbound.what {
            What::Command { response_url, .. } | What::Pressed(Press { response_url: Some(response_url), .. }) => {
                self.tell(&inbound.team, &To::Url(response_url), message).await;
            }
            What::Said { spot, .. } | What::Opened(spot) if spot.is_direct() => {
                self.tell(&inbound.team, &To::Spot(spot), message).await;
            }
            What::Said { spot, .. } | What::Opened(spot) => {
                self.tell(&inbound.team, &To::Only(spot, user), message).await;
            }
            What::Pressed(_)
            | What::Submitted { .. }
            | What::Shortcut { .. }
            | What::MessageShortcut { .. }
            | What::Home
            | What::Stopped(_)
            | What::Uninstalled => {
                if let Ok(spot) = self.direct(&inbound.team, user).await {
                    self.tell(&inbound.team, &To::Spot(&spot), message).await;
                }
            }
        }
    }

    /// The direct channel with a member.
    pub(super) async fn direct(&self, team: &str, user: &str) -> Result<Spot, Fault> {
        let opened = self.api.call(team, "conversations.open", &json!({ "users": user })).await?;
        Ok(Spot { channel: opened["channel"]["id"].as_str().unwrap_or_default().to_owned(), thread: String::new() })
    }

    /// Notes messages of ours, so that forgetting can remove them.
    pub(super) async fn note_sent(
        &self,
        caller: &Caller,
        team: &str,
        channel: &str,
        sent: &[String],
        (about, key): (&str, Option<&str>),
    ) -> Result<(), ToolError> {
        for ts in sent {
            let sent = Sent { team: team.to_owned(), thread: channel.to_owned(), ts: ts.clone() };
            self.app.note_sent(ChatPlace::Slack, &sent, &caller.user, (about, key)).await?;
        }
        Ok(())
    }
}

/// Where a command was typed.
pub(super) struct Typed<'a> {
    pub(super) channel: &'a str,
    pub(super) response_url: &'a str,
    pub(super) trigger: &'a str,
    pub(super) key: &'a str,
}

/// What a tool's answer shows.
fn card_of(outcome: &ToolOutcome) -> Option<Card> {
    if let Some(id) = &outcome.waiting {
        return Some(Card::Approval(ApprovalId::clone(id)));
    }
    let post = outcome.structured["post"]["id"].as_str()?.parse::<PostId>().ok()?;
    Some(Card::Post(post))
}

/// Ten letters, with or without the dash in the middle.
fn is_code(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| *c != '-' && !c.is_whitespace()).collect();
    let is_marked = text.contains('-') || letters.chars().all(|c| !c.is_ascii_lowercase());
    letters.len() == 10 && letters.chars().all(|c| c.is_ascii_alphanumeric()) && is_marked
}
