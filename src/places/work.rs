//! One delivered thing, from its row to done: who it is, what they want, who is told. Work that fails is told and ended, not repeated:
//! only a process that died leaves its work to another one.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::draw::Drawer;
use super::inbound::{Inbound, Press, Spot, Typed, What};
use super::message::{Button, Message, Style};
use super::verbs::Verb;
use super::{GOODBYE, Hall, Service, To, Told, form, google, home, press, repair, report, talk, why};
use crate::app::settings::SettingsChange;
use crate::app::{RENEW, Received};
use crate::desk::view::PostView;
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::ids::PostId;
use crate::domain::lang::Lang;
use crate::domain::refusal::Sentence;
use crate::domain::tool::{ToolError, ToolOutcome};
use crate::say;

/// A thing whose work died with its process this often is given up.
const TRIES_MAX: i64 = 4;
/// Tries to mark work as done, and the pause between them.
const FINISHES_MAX: usize = 5;
const FINISH_PAUSE: Duration = Duration::from_millis(500);

/// What one can begin with: title and message.
const PROMPTS: [(&str, &str); 3] = [
    ("place-prompt-1-title", "place-prompt-1-message"),
    ("place-prompt-2-title", "place-prompt-2-message"),
    ("place-prompt-3-title", "place-prompt-3-message"),
];

/// Does it, says that it lives meanwhile (waiting for its turn, too), and ends it.
pub(super) async fn carry_out(service: &Arc<dyn Service>, received: Received) {
    let hall = service.hall();
    let key = received.key.clone();
    let alive = async {
        loop {
            tokio::time::sleep(RENEW).await;
            if let Ok(false) = hall.app.renew_received(&key).await {
                return;
            }
        }
    };
    // What is under way ends by itself when the process is told to end: answers hear of it, the rest is quick.
    let late = async {
        hall.stop.cancelled().await;
        tokio::time::sleep(GOODBYE.mul_f32(0.9)).await;
    };
    let is_done = tokio::select! {
        () = alive => false,
        () = late => false,
        is_done = one(service, &received) => is_done,
    };
    // A row that stays open is taken over by the next process.
    if is_done {
        finish(hall, &key).await;
    }
}

async fn finish(hall: &Hall, key: &str) {
    for _ in 0..FINISHES_MAX {
        match hall.app.finish_received(key).await {
            Ok(()) => return,
            Err(error) => {
                tracing::error!(place = hall.place.word(), error = %error, "work is done but could not be marked so");
            }
        }
        tokio::time::sleep(FINISH_PAUSE).await;
    }
}

/// Whether it is done.
async fn one(service: &Arc<dyn Service>, received: &Received) -> bool {
    let hall = service.hall();
    let Ok(stored) = serde_json::from_str::<Value>(&received.body) else { return true };
    let inbound = match service.read(&stored).await {
        Ok(Some(inbound)) => inbound,
        Ok(None) => return true,
        Err(error) => {
            tracing::error!(error = %error, "what was delivered could not be read again");
            return true;
        }
    };
    let queue = if is_turn(&inbound.what) { &hall.turns } else { &hall.acts };
    let _turn = tokio::select! {
        biased;
        () = hall.stop.cancelled() => return false,
        turn = queue.acquire() => match turn {
            Ok(turn) => turn,
            Err(_) => return false,
        },
    };
    // An answer of a model takes long: it only begins behind the others. Whoever wants one to stop is not kept waiting.
    let alone = if matches!(inbound.what, What::Stopped(_)) { None } else { hall.app.rush.wait().await };
    let _alone = alone.filter(|_| !is_turn(&inbound.what));
    let worker = Worker { service: Arc::clone(service), can_share: is_among_others(&inbound.what) };
    if received.tries > TRIES_MAX {
        tracing::error!(inbox.key = received.key, "given up: the work on it ended its process every time");
        worker.give_up(&inbound).await;
        return true;
    }
    worker.handle(inbound, &received.key, received.tries > 1).await;
    true
}

/// Whether a model answers it.
fn is_turn(what: &What) -> bool {
    match what {
        What::Said { .. } | What::Command { verb: Verb::Say(_), .. } => true,
        // These go on with what was said.
        What::Pressed(press) => {
            matches!(
                press.action.as_str(),
                "time" | "time-command" | "follow-up" | "google" | "consent" | "audience" | "private"
            )
        }
        What::Command { .. }
        | What::Submitted(_)
        | What::New { .. }
        | What::Home
        | What::Opened(_)
        | What::Stopped(_)
        | What::Uninstalled
        | What::Gone { .. } => false,
    }
}

/// Works for one service.
pub(super) struct Worker {
    pub(super) service: Arc<dyn Service>,
    /// What it draws is seen by the asker alone, and others are in the channel: it can be shown to them.
    pub(super) can_share: bool,
}

/// Whether the answer to something is for the asker alone where others are.
fn is_among_others(what: &What) -> bool {
    match what {
        What::Command { at, .. } => !at.is_direct,
        What::Pressed(press) => press.is_ephemeral && !press.spot.is_direct && press.view.is_empty() && !press.is_home,
        What::Said { .. }
        | What::Submitted(_)
        | What::New { .. }
        | What::Home
        | What::Opened(_)
        | What::Stopped(_)
        | What::Uninstalled
        | What::Gone { .. } => false,
    }
}

impl Worker {
    pub(super) fn hall(&self) -> &super::Hall {
        self.service.hall()
    }

    pub(super) fn app(&self) -> &crate::app::App {
        &self.hall().app
    }

    /// The work on it ended its process every time: whoever asked for it hears that it is not done.
    async fn give_up(&self, inbound: &Inbound) {
        if matches!(inbound.what, What::Uninstalled | What::Gone { .. } | What::Home | What::Opened(_)) {
            return;
        }
        let found = self.app().find_member(&inbound.member).await.ok().flatten();
        let lang = match found {
            Some(caller) => caller.lang,
            None => self.service.about(inbound).await.0,
        };
        self.tell_privately(inbound, lang, &say!("place-given-up", url = self.hall().today())).await;
    }

    /// Handles one thing and tells the person when it failed.
    pub(super) async fn handle(&self, inbound: Inbound, key: &str, is_again: bool) {
        if matches!(inbound.what, What::Uninstalled | What::Gone { .. }) {
            let ended = match inbound.what {
                What::Gone { at_ms } => self.service.ended_at(&inbound.team, at_ms).await,
                _ => self.service.ended(&inbound.team).await,
            };
            if let Err(error) = ended {
                tracing::error!(error = %error, "a team's end could not be kept");
            }
            return;
        }
        if inbound.member.team != inbound.team {
            self.service.belongs(&inbound.team, &inbound.member.team);
        }
        let found = match self.app().find_member(&inbound.member).await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(error = %error, "a member could not be looked up");
                return;
            }
        };
        let done = match &found {
            Some(caller) => self.known(caller, &inbound, key, is_again).await,
            None => self.stranger(&inbound).await,
        };
        let why = match done {
            Ok(()) => return,
            Err(ToolError::Refused(why)) => why,
            Err(ToolError::Failed(why)) => {
                tracing::error!(place = self.hall().place.word(), error = why, "work for a chat service failed");
                self.hall().failed()
            }
        };
        let lang = match &found {
            Some(caller) => caller.lang,
            None => self.service.about(&inbound).await.0,
        };
        self.tell_privately(&inbound, lang, &why).await;
    }

    async fn known(&self, caller: &Caller, inbound: &Inbound, key: &str, is_again: bool) -> Result<(), ToolError> {
        match &inbound.what {
            What::Command { verb, at } => self.command(caller, inbound, verb.clone(), at, key).await,
            What::Said { .. } => talk::answer(self, caller, inbound, key, is_again).await,
            What::Pressed(pressed) => press::pressed(self, caller, inbound, pressed, (key, is_again)).await,
            What::Submitted(sheet) => form::submitted(self, caller, inbound, sheet, key).await,
            What::New { trigger, .. } => match form::wanted(self.hall(), caller, inbound).await? {
                Some(form) => self.service.open(&inbound.team, trigger, &form).await,
                None => Ok(()),
            },
            What::Home => self.home(caller, inbound).await,
            What::Opened(spot) => self.opened(caller, inbound, spot).await,
            What::Stopped(spot) => talk::stop(self, caller, inbound, spot).await,
            What::Uninstalled | What::Gone { .. } => Ok(()),
        }
    }

    /// Shows somebody their page.
    pub(super) async fn home(&self, caller: &Caller, inbound: &Inbound) -> Result<(), ToolError> {
        let message = home::draw(&self.drawer(caller)).await?;
        self.service.show_home(&inbound.team, &inbound.member.id, &message).await;
        Ok(())
    }

    /// Prompts to begin with, and where notices go.
    async fn opened(&self, caller: &Caller, inbound: &Inbound, spot: &Spot) -> Result<(), ToolError> {
        self.app().note_thread(&inbound.member, &spot.channel).await?;
        let drawer = self.drawer(caller);
        let prompts = PROMPTS.map(|(title, message)| (drawer.text(title), drawer.text(message)));
        self.service.suggest(&inbound.team, spot, &prompts).await;
        Ok(())
    }

    /// Somebody who is none of our people: a private, friendly first step. In public nobody is asked for anything.
    async fn stranger(&self, inbound: &Inbound) -> Result<(), ToolError> {
        let to_say = match &inbound.what {
            What::Command { verb, .. } => verb.clone(),
            What::Said { spot, .. } if !self.service.answers_strangers_at(spot) => return self.invite(inbound).await,
            What::Said { spot, text, .. } => {
                if spot.is_direct {
                    Verb::read(text)
                } else {
                    Verb::Help
                }
            }
            What::Home => return home::show_stranger(self.service.as_ref(), self.hall(), inbound).await,
            // Whoever looks in each morning is not greeted each morning twice.
            What::Opened(_) if !self.app().may_greet(&inbound.member).await? => return Ok(()),
            What::Opened(_) => Verb::Help,
            What::Pressed(press) if press.action == "join" => return self.join(inbound).await,
            What::Pressed(press) if press.action == "open" => return Ok(()),
            What::Pressed(_) | What::New { .. } | What::Submitted(_) => return Err(say!("link-needed").into()),
            What::Stopped(_) | What::Uninstalled | What::Gone { .. } => return Ok(()),
        };
        let code = match to_say {
            Verb::Link(code) => Some(code),
            // Typed back as it stands, without a word before it.
            Verb::Say(text) if is_code(&text) => Some(text),
            _ => None,
        };
        let (lang, shown) = self.service.about(inbound).await;
        let message = match code {
            Some(code) => {
                let caller = match self.app().redeem_link(&inbound.member, &code).await {
                    Ok(caller) => caller,
                    Err(ToolError::Refused(why)) => {
                        self.tell_privately(inbound, lang, &why).await;
                        return Ok(());
                    }
                    Err(error) => return Err(error),
                };
                self.note_direct(inbound).await?;
                self.drawer(&caller).sentence(&say!("place-linked"))
            }
            None => self.first_step(inbound, lang, &shown).await?,
        };
        self.answer_privately(inbound, &message).await;
        Ok(())
    }

    /// Somebody calls us where strangers are not answered: whoever may begin here hears so, alone and once a day.
    async fn invite(&self, inbound: &Inbound) -> Result<(), ToolError> {
        if !self.service.may_join(inbound).await? || !self.app().may_greet(&inbound.member).await? {
            return Ok(());
        }
        let (lang, shown) = self.service.about(inbound).await;
        let message = self.first_step(inbound, lang, &shown).await?;
        let spot = self.service.direct(&inbound.team, &inbound.member.id).await?;
        self.service.tell(&inbound.team, &To::Spot(&spot), &message).await;
        Ok(())
    }

    /// Where notices go, when this is the direct channel.
    pub(super) async fn note_direct(&self, inbound: &Inbound) -> Result<(), ToolError> {
        match inbound.spot().filter(|spot| spot.is_direct) {
            Some(spot) => self.app().note_thread(&inbound.member, &spot.channel).await,
            None => Ok(()),
        }
    }

    /// A stranger who may becomes one of our people.
    async fn join(&self, inbound: &Inbound) -> Result<(), ToolError> {
        if !self.service.may_join(inbound).await? {
            return Err(say!("link-may-not-join-here").into());
        }
        let (lang, shown) = self.service.about(inbound).await;
        let caller = self.app().join_member(&inbound.member, &shown, lang).await?;
        self.answer_privately(inbound, &self.drawer(&caller).sentence(&say!("place-joined"))).await;
        Ok(())
    }

    async fn first_step(&self, inbound: &Inbound, lang: Lang, shown: &str) -> Result<Message, ToolError> {
        let url = self.app().ask_to_link(&inbound.member, shown).await?;
        let words = self.app().words();
        let hello = words.say(lang, &say!("place-hello"));
        let mut message = Message::new(hello.clone());
        message.line(hello);
        message.small(words.say(lang, &say!("place-hello-how")));
        let mut buttons =
            vec![Button { style: Style::Primary, ..Button::link(words.text(lang, "place-link-me"), url) }];
        if let Some(url) = self.service.sign_in_page() {
            let place = self.hall().place.shown();
            buttons.push(Button::link(words.say(lang, &say!("place-sign-in", place = place)), url));
        }
        if self.service.may_join(inbound).await? {
            message.small(words.text(lang, "place-hello-join"));
            buttons.push(Button::plain("join", words.text(lang, "place-join"), "join"));
        }
        message.buttons(buttons);
        Ok(message)
    }

    async fn command(
        &self,
        caller: &Caller,
        inbound: &Inbound,
        verb: Verb,
        at: &Typed,
        key: &str,
    ) -> Result<(), ToolError> {
        if let Some(form) = form::wanted(self.hall(), caller, inbound).await? {
            return self.service.open(&inbound.team, &at.trigger, &form).await;
        }
        let drawer = self.drawer(caller);
        let message = match verb {
            Verb::Say(text) => return talk::answer_command(self, caller, inbound, &text, at, key).await,
            Verb::Help => drawer.help(),
            Verb::Draft { text, accounts } => {
                let mut asked = json!({ "text": text, "idempotency_key": key });
                if !accounts.is_empty() {
                    asked["accounts"] = accounts.into();
                }
                self.drawn_card(&drawer, "create_draft", asked, None).await?
            }
            Verb::Schedule { post, when } => {
                let post = form::chosen(self.hall(), caller, post.as_deref()).await?;
                self.schedule(caller, &post.id, &when, key).await?
            }
            Verb::Publish(post) => {
                let post = form::chosen(self.hall(), caller, post.as_deref()).await?;
                let asked = json!({ "post": post.id.as_str(), "idempotency_key": key });
                self.tool_card(caller, "publish_post", asked).await?
            }
            Verb::Calendar => self.calendar(caller).await?,
            Verb::Report => report::draw_own(self, caller).await?,
            Verb::Accounts => self.accounts(caller).await?,
            Verb::History => self.history(caller).await?,
            Verb::Forget => {
                self.tool_card(caller, "forget_history", json!({ "all": true, "idempotency_key": key })).await?
            }
            Verb::Settings => self.settings(&drawer, inbound).await?,
            Verb::Set { lang, zone } => {
                self.app().change_settings(caller, SettingsChange { lang, zone, ..SettingsChange::default() }).await?;
                let caller = Caller { lang: lang.unwrap_or(caller.lang), ..caller.clone() };
                self.settings(&Drawer { caller: &caller, ..drawer }, inbound).await?
            }
            Verb::Pause => {
                self.app().pause_all(caller).await?;
                let said = drawer.text("pause-done");
                let mut message = Message::sentence(&said);
                message.buttons(vec![Button::plain("resume", drawer.text("place-resume"), "all")]);
                message
            }
            Verb::Resume => self.resume(caller, None).await?,
            Verb::Why(named) => why::draw(self, caller, named.as_deref()).await?,
            Verb::Link(_) => drawer.sentence(&say!("place-linked-already")),
        };
        let told = self.say_back(inbound, &To::Reply(&at.reply), &message).await;
        // Where nobody else is it is an ordinary message.
        if at.is_direct {
            self.note_answer(inbound, (&at.channel, told), &message).await;
        }
        Ok(())
    }

    /// What is set, and what can be set here.
    pub(super) async fn settings(&self, drawer: &Drawer<'_>, inbound: &Inbound) -> Result<Message, ToolError> {
        let news = self.app().news_channel(&inbound.member).await?;
        let mut message = drawer.settings(news.as_deref(), self.app().digest_of(&inbound.member).await?);
        google::settings(self, drawer.caller, &inbound.team, &mut message).await?;
        Ok(message)
    }

    /// Asks for a time; when it can be read in two ways, both are offered for this very post.
    pub(super) async fn schedule(
        &self,
        caller: &Caller,
        post: &PostId,
        at: &str,
        key: &str,
    ) -> Result<Message, ToolError> {
        let asked = json!({ "post": post.as_str(), "at": at, "zone": caller.zone, "idempotency_key": key });
        self.drawn_card(&self.drawer(caller), "schedule_post", asked, Some(post)).await
    }

    /// A tool's answer as the card that the core would draw for it.
    pub(super) async fn tool_card(&self, caller: &Caller, tool: &str, asked: Value) -> Result<Message, ToolError> {
        self.drawn_card(&self.drawer(caller), tool, asked, None).await
    }

    async fn drawn_card(
        &self,
        drawer: &Drawer<'_>,
        tool: &str,
        asked: Value,
        about: Option<&PostId>,
    ) -> Result<Message, ToolError> {
        let outcome = match self.app().call_tool(drawer.caller, tool, asked).await {
            Ok(outcome) => outcome,
            Err(ToolError::Refused(why)) => return drawer.refusal(&why, about).await,
            Err(error) => return Err(error),
        };
        self.drawn(drawer, &outcome).await
    }

    /// What a tool's answer shows.
    pub(super) async fn drawn(&self, drawer: &Drawer<'_>, outcome: &ToolOutcome) -> Result<Message, ToolError> {
        if let Some(card) = card_of(outcome) {
            return drawer.alone(&card).await;
        }
        let mut message = drawer.begin(outcome.text.clone());
        message.exactly(outcome.text.clone());
        Ok(message)
    }

    pub(super) fn drawer<'a>(&'a self, caller: &'a Caller) -> Drawer<'a> {
        Drawer { can_share: self.can_share, ..Drawer::new(self.app(), caller) }
    }

    /// A post of the caller's; of anybody else's is said whose it is.
    pub(super) async fn own_post(&self, caller: &Caller, inbound: &Inbound, id: &str) -> Result<PostView, ToolError> {
        form::own_post(self.hall(), caller, inbound, id).await
    }

    /// Answers the way the service gave; when that is gone, another way. The new message's id, where it went the first way and stays.
    pub(super) async fn say_back(&self, inbound: &Inbound, to: &To<'_>, message: &Message) -> Option<String> {
        match self.service.told(&inbound.team, to, message).await {
            Told::Here(ts) => ts,
            Told::Refused | Told::Later => {
                self.otherwise(inbound, message).await;
                None
            }
        }
    }

    /// Puts a message where the pressed one is; when that is gone, it is said another way.
    pub(super) async fn replace(&self, inbound: &Inbound, press: &Press, message: &Message) -> bool {
        let is_there = self.service.replaced(&inbound.team, press, message).await.is_here();
        if !is_there {
            self.otherwise(inbound, message).await;
        }
        is_there
    }

    /// For the asker's eyes where they asked, else in their direct thread: nobody who asked is left without an answer.
    async fn otherwise(&self, inbound: &Inbound, message: &Message) {
        let (team, user) = (inbound.team.as_str(), inbound.member.id.as_str());
        let asked_in = match &inbound.what {
            What::Command { at, .. } => Some((at.channel.as_str(), "", at.is_direct)),
            What::Pressed(press) => {
                let spot = &press.spot;
                Some((spot.channel.as_str(), spot.thread.as_str(), spot.is_direct))
            }
            What::Submitted(sheet) => Some((sheet.about.channel.as_str(), "", false)),
            What::Said { .. }
            | What::New { .. }
            | What::Home
            | What::Opened(_)
            | What::Stopped(_)
            | What::Uninstalled
            | What::Gone { .. } => None,
        };
        if let Some((channel, thread, false)) = asked_in.filter(|(channel, ..)| !channel.is_empty()) {
            let spot = Spot { channel: channel.to_owned(), thread: thread.to_owned(), is_direct: false };
            let told = self.service.told(team, &To::Only(&spot, user), message).await;
            if told.is_here() {
                self.note_alone(inbound, told, message).await;
                return;
            }
        }
        match self.service.direct(team, user).await {
            Ok(spot) => {
                let told = self.service.tell(team, &To::Spot(&spot), message).await;
                self.note_answer(inbound, (&spot.channel, told), message).await;
            }
            Err(error) => tracing::warn!(error = %error, "somebody could not be answered any way"),
        }
    }

    /// A refusal, seen by nobody but the one it is for.
    async fn tell_privately(&self, inbound: &Inbound, lang: Lang, why: &Sentence) {
        let mut message = Message::sentence(&self.app().words().tell(lang, why));
        if let Some(button) = repair::button(self.app(), lang, why, None) {
            message.buttons(vec![button]);
        }
        if let What::Submitted(sheet) = &inbound.what {
            // What they wrote is not lost with the form.
            for written in sheet.values.values().filter(|written| !written.trim().is_empty()) {
                message.exactly(written.as_str());
            }
        }
        self.answer_privately(inbound, &message).await;
    }

    async fn answer_privately(&self, inbound: &Inbound, message: &Message) {
        let (team, user) = (inbound.team.as_str(), inbound.member.id.as_str());
        if let Some(reply) = inbound.reply() {
            // Free words are answered at once with a sign that they arrived: it does not stay above the answer.
            let is_free = matches!(&inbound.what, What::Command { verb: Verb::Say(_), .. });
            let to = if is_free { To::Replacing(reply) } else { To::Reply(reply) };
            self.say_back(inbound, &to, message).await;
            return;
        }
        let direct;
        let to = match inbound.spot() {
            Some(spot) if spot.is_direct => To::Spot(spot),
            Some(spot) => To::Only(spot, user),
            None => match self.service.direct(team, user).await {
                Ok(spot) => {
                    direct = spot;
                    To::Spot(&direct)
                }
                Err(error) => {
                    tracing::warn!(error = %error, "somebody has no direct thread; they were not told");
                    return;
                }
            },
        };
        self.service.tell(team, &to, message).await;
    }
}

/// What a tool's answer shows.
fn card_of(outcome: &ToolOutcome) -> Option<Card> {
    if let Some(id) = outcome.waiting.first() {
        return Some(Card::Approval(id.clone()));
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
