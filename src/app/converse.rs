//! The door `converse`: who may talk to the core, and a turn from words to reply. Which front end it is makes no difference here.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use unicode_normalization::UnicodeNormalization;

use super::App;
use super::settings::SettingsChange;
use crate::agent::{Agent, Hands, LEASE_MS, Page, Turn, VoiceChange, Written, is_settled};
use crate::desk::Asked;
use crate::desk::view::PostStatus;
use crate::domain::approval::{Act, ForgetScope};
use crate::domain::caller::Caller;
use crate::domain::chat::{Card, Progress, Reply, ShowsGoogle, TurnState, Utterance};
use crate::domain::ids::{ApprovalId, ConversationId, MediaId, PostId};
use crate::domain::refusal::Sentence;
use crate::domain::region::{is_unknown, needs_paid_quota};
use crate::domain::schedule::Moment;
use crate::domain::tool::{ToolError, ToolOutcome, ToolSpec};
use crate::llm::{ModelFault, Picture};
use crate::memory::{Answer, ConversationView, Listed, OpenTurn, Profile, Said, Talker};
use crate::say;

/// A transcript of an hour and a half of talk fits; what is longer is a page: give its address.
pub const TEXT_CHARS_MAX: usize = 100_000;
/// Pictures over this are not shown to the model.
const PICTURE_BYTES_MAX: usize = 5_000_000;
/// A page over this is no article.
const PAGE_BYTES_MAX: usize = 2 << 20;
/// Conversations offered to be continued.
const CONTINUE_MAX: usize = 5;
/// Drafts offered with them.
const DRAFTS_MAX: usize = 3;
/// What somebody says to go on with an earlier conversation, in lower case; what begins like another word stands before it.
const CONTINUE: [&str; 4] = ["continue", "続きから", "続けて", "続き"];

impl App {
    /// Whether free conversation is possible for somebody, or why not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversation_off(&self, caller: &Caller) -> Result<Option<Sentence>, ToolError> {
        Ok(self.off(caller, self.talker(caller, None).await?.used))
    }

    /// Whether the model can be asked: the key is taken, the models are known. Nothing when there is no core.
    pub async fn check_model(&self) -> Option<Result<(), ModelFault>> {
        Some(self.agent.as_ref()?.check_model().await)
    }

    fn off(&self, caller: &Caller, used: i64) -> Option<Sentence> {
        let Some(gemini) = self.config.gemini.as_ref().filter(|_| self.agent.is_some()) else {
            return Some(say!("model-none"));
        };
        if !gemini.is_paid && needs_paid_quota(&self.config.operator.country, &caller.zone) {
            return Some(say!("chat-region"));
        }
        let max = gemini.monthly_tokens_max;
        (used >= max).then(|| say!("chat-cap", used = used, max = max))
    }

    /// Somebody with the language and zone that they have by now.
    ///
    /// # Errors
    /// Refused when they are not one of ours any more.
    pub async fn renewed(&self, caller: &Caller) -> Result<Caller, ToolError> {
        let user = self.store.find_user(&caller.user).await?.ok_or_else(|| say!("signin-needed"))?;
        Ok(Caller { lang: user.lang, zone: user.zone, ..caller.clone() })
    }

    /// This instant as a model reads it.
    fn now_in(&self, zone: &str) -> String {
        let at_ms = self.clock.now_ms();
        self.words.moment(crate::domain::lang::Lang::En, &Moment { at_ms, zone: zone.to_owned() }, at_ms)
    }

    async fn talker(&self, caller: &Caller, thread: Option<(&str, &str)>) -> Result<Talker, ToolError> {
        let found = self.memory.talker(&caller.user, self.tier(), thread).await?;
        found.ok_or_else(|| say!("signin-needed").into())
    }

    /// What somebody must agree to before their first message; `None` once they did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn consent_asked(&self, caller: &Caller) -> Result<Option<Sentence>, ToolError> {
        let has_agreed = self.talker(caller, None).await?.has_agreed;
        Ok((!has_agreed).then(|| match self.tier() {
            "paid" => say!("chat-consent-paid"),
            _ if is_unknown(&self.config.operator.country, &caller.zone) => say!("chat-consent-unpaid-anywhere"),
            _ => say!("chat-consent-unpaid"),
        }))
    }

    /// They agreed, or take it back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_consent(&self, caller: &Caller, agrees: bool) -> Result<(), ToolError> {
        let tier = agrees.then_some(self.tier());
        self.store.update_consent(&caller.user, tier, self.clock.now_ms()).await?;
        self.desk.audit(caller, if agrees { "consent.give" } else { "consent.take_back" }, caller.user.as_str()).await
    }

    fn tier(&self) -> &'static str {
        if self.config.gemini.as_ref().is_some_and(|gemini| gemini.is_paid) { "paid" } else { "unpaid" }
    }

    /// Answers what somebody said. The message is durable before anything follows from it; `tell` hears what happens meanwhile; a
    /// cancelled `stop` ends the turn.
    ///
    /// # Errors
    /// Refused when the core is off for them, they did not agree yet, or there is nothing to answer.
    pub async fn converse(
        &self,
        caller: &Caller,
        said: &Utterance,
        stop: CancellationToken,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Reply, ToolError> {
        self.answer(caller, (said, None), stop, tell).await
    }

    /// The same for something delivered: no second turn ever answers the same delivery.
    ///
    /// # Errors
    /// As [`App::converse`]; fails when a turn answers it already ([`App::answer_to`]).
    pub async fn converse_once(
        &self,
        caller: &Caller,
        said: &Utterance,
        source: &str,
        stop: CancellationToken,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Reply, ToolError> {
        self.answer(caller, (said, Some(source)), stop, tell).await
    }

    /// What was answered to this delivery already; none when no turn answers it.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn answer_to(&self, caller: &Caller, source: &str) -> Result<Option<Answer>, ToolError> {
        self.memory.answer_to(&caller.user, source).await
    }

    /// Ends the answer that comes in a conversation of somebody's, where another process gives it: that one looks once a second.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stop_elsewhere(&self, caller: &Caller, conversation: &ConversationId) -> Result<(), ToolError> {
        if self.store.is_shared() {
            self.store.ask_stop(conversation, &caller.user, self.clock.now_ms()).await?;
        }
        Ok(())
    }

    /// The same for the conversation of a thread.
    ///
    /// # Errors
    /// As [`App::stop_elsewhere`].
    pub async fn stop_thread_elsewhere(&self, caller: &Caller, place: &str, thread: &str) -> Result<(), ToolError> {
        match self.memory.find(&caller.user, place, thread).await? {
            Some(conversation) => self.stop_elsewhere(caller, &conversation).await,
            None => Ok(()),
        }
    }

    /// The same for the answer to something delivered.
    ///
    /// # Errors
    /// As [`App::stop_elsewhere`].
    pub async fn stop_answer_elsewhere(&self, caller: &Caller, source: &str) -> Result<(), ToolError> {
        match self.store.find_turn_of(source, &caller.user).await? {
            Some((_, conversation)) => self.stop_elsewhere(caller, &conversation).await,
            None => Ok(()),
        }
    }

    async fn answer(
        &self,
        caller: &Caller,
        (said, source): (&Utterance, Option<&str>),
        stop: CancellationToken,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Reply, ToolError> {
        let text = said.text.trim();
        if text.is_empty() && said.media.is_empty() {
            return Err(say!("chat-empty").into());
        }
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(say!("chat-too-long", max = TEXT_CHARS_MAX).into());
        }
        if let Some(reply) = self.continued(caller, said).await? {
            return Ok(reply);
        }
        let talker = self.talker(caller, Some((said.place, &said.thread))).await?;
        // What a conversation may do on its own is the person's setting, whatever door their words came in by. So are their language and
        // zone: a front end that stays open learns of a change with the next message.
        let speaker = Caller { grant: talker.grant, lang: talker.lang, zone: talker.zone.clone(), ..caller.clone() };
        if let Some(why) = self.off(&speaker, talker.used) {
            return Err(why.into());
        }
        if !talker.has_agreed {
            return Err(say!("chat-consent-needed", url = self.page("settings")).into());
        }
        let Some(agent) = &self.agent else { return Err(say!("model-none").into()) };
        let conversation = match talker.conversation {
            Some(found) => found,
            None => self.memory.open(&caller.user, said.place, &said.thread).await?,
        };
        // While the message is made durable, what was said before is read, and the model asked. It is written whatever becomes of us.
        let mut entered = agent.enter(&conversation);
        let sealing =
            self.memory.prepare(&caller.user, (&conversation, source), (text, &said.media, &said.others)).await?;
        let (open, memory) = (sealing.open.clone(), Arc::clone(&self.memory));
        let write = entered.write(async move { memory.write(sealing, LEASE_MS).await });
        let written = Written::of(self.background.spawn(write));
        // Where it could not be read, or turns before this one are not over, the turn reads it: it ends with a row in any case.
        let past = agent.recall(&caller.user, &conversation).await.ok().flatten().filter(|_| entered.is_alone);
        let now = self.now_in(&speaker.zone);
        let hands = AppHands { app: self, google: said.google };
        let (media, now) = (said.media.as_slice(), now.as_str());
        let profile = &talker.profile;
        let tokens_max = self.config.gemini.as_ref().map_or(0, |gemini| gemini.monthly_tokens_max);
        let (is_private, shows_google) = (said.is_private, said.google == ShowsGoogle::Yes);
        let turn = Turn {
            caller: &speaker,
            open: &open,
            written: Some(written),
            text,
            others: &said.others,
            media,
            profile,
            now,
            hands: &hands,
            tokens_max,
            past: past.as_ref(),
            is_private,
            shows_google,
            stop,
        };
        let turned = agent.answer(&turn, tell).await?;
        if !past.as_ref().is_some_and(is_settled) {
            self.keep_up(agent.clone(), open, &speaker);
        }
        Ok(Reply { conversation, text: turned.text, cards: turned.cards, state: turned.state })
    }

    /// Names and sums up in the background; `close` waits for it. One at a time for each conversation: whoever comes meanwhile leaves it to
    /// the next turn.
    fn keep_up(&self, agent: Arc<Agent>, open: OpenTurn, caller: &Caller) {
        let kept = Arc::clone(&self.kept_up);
        if !kept.lock().unwrap_or_else(PoisonError::into_inner).insert(open.conversation.clone()) {
            return;
        }
        let (lang, store, user) = (caller.lang, self.store.clone(), caller.user.clone());
        let month = self.memory.month();
        self.background.spawn(async move {
            match agent.keep_up(&open, lang).await {
                Ok(0) => {}
                Ok(tokens) => {
                    if let Err(error) = store.add_model_use(&user, &month, tokens).await {
                        tracing::error!(error = %error, "use of the model could not be counted");
                    }
                }
                Err(error) => tracing::warn!(error = %error, "a conversation could not be kept up"),
            }
            kept.lock().unwrap_or_else(PoisonError::into_inner).remove(&open.conversation);
        });
    }

    /// "continue" lists what can be continued here, conversations and drafts; with a number it does it. None when nothing of the kind was
    /// said: then it is a message like any other.
    async fn continued(&self, caller: &Caller, said: &Utterance) -> Result<Option<Reply>, ToolError> {
        let Some(number) = continue_number(&said.text) else { return Ok(None) };
        let here = self.store.find_thread(said.place, &said.thread, &caller.user).await?;
        let all = self.memory.list(&caller.user, None).await?;
        let others = all.views.into_iter().filter(|view| Some(&view.id) != here.as_ref());
        let others: Vec<_> = others.take(CONTINUE_MAX).collect();
        let drafts = self.list_posts(caller).await?.into_iter().filter(|post| post.status == PostStatus::Draft);
        let drafts: Vec<PostId> = drafts.map(|post| post.id).take(DRAFTS_MAX).collect();
        let untitled = self.words.text(caller.lang, "chat-untitled");
        let title = |view: &ConversationView| view.title.clone().unwrap_or_else(|| untitled.clone());
        let chosen = number.and_then(|number| number.checked_sub(1)).and_then(|at| others.get(at));
        let cards = || drafts.iter().cloned().map(Card::Draft).collect();
        let (tied, sentence, cards) = match chosen {
            Some(view) => {
                self.memory.tie(&caller.user, &view.id, (said.place, &said.thread)).await?;
                // What somebody reads along with says no more than that it goes on.
                let sentence = if said.is_private {
                    say!("chat-continued", title = title(view))
                } else {
                    say!("chat-continued-here")
                };
                (Some(view.id.clone()), sentence, Vec::new())
            }
            None if others.is_empty() && drafts.is_empty() => (None, say!("chat-continue-none"), Vec::new()),
            None if !said.is_private => (None, say!("chat-continue-elsewhere"), Vec::new()),
            None if others.is_empty() => (None, say!("chat-continue-drafts"), cards()),
            None => {
                let list = others.iter().enumerate().map(|(no, view)| format!("{}. {}", no + 1, title(view)));
                (None, say!("chat-continue-list", list = list.collect::<Vec<_>>().join("  ")), cards())
            }
        };
        // A list alone begins nothing: where there is no conversation yet, none is left behind by it. It goes with the newest that it names.
        let named = others.first().map(|view| view.id.clone());
        let fresh = || ConversationId::generate(self.clock.now_ms(), self.entropy.bits());
        let conversation = tied.or(here).or(named).unwrap_or_else(fresh);
        let text = self.words.say(caller.lang, &sentence);
        Ok(Some(Reply { conversation, text, cards, state: TurnState::Done }))
    }

    /// A page of a person's conversations, last held first.
    ///
    /// # Errors
    /// Refused when the cursor is none; when the database or the vault fails.
    pub async fn list_conversations(&self, caller: &Caller, cursor: Option<&str>) -> Result<Listed, ToolError> {
        self.memory.list(&caller.user, cursor).await
    }

    /// A page of what was said in a conversation.
    ///
    /// # Errors
    /// Refused when they have no such conversation, or the cursor is none.
    pub async fn read_conversation(
        &self,
        caller: &Caller,
        id: &ConversationId,
        cursor: Option<&str>,
    ) -> Result<(ConversationView, Said), ToolError> {
        Ok((self.memory.view(&caller.user, id).await?, self.memory.spoken(&caller.user, id, cursor).await?))
    }

    /// Asks the person once more whether they want to forget; their yes does it.
    ///
    /// # Errors
    /// Refused when they have no such conversation.
    pub async fn ask_to_forget(&self, caller: &Caller, scope: ForgetScope) -> Result<ApprovalId, ToolError> {
        if let ForgetScope::Conversation { id } = &scope {
            self.memory.view(&caller.user, id).await?;
        }
        if let ForgetScope::Medium { id } = &scope {
            self.desk.check_unused(caller, id).await?;
        }
        match self.desk.ask(caller, Act::Forget { scope }, None).await? {
            Asked::Waiting(id) => Ok(id),
            Asked::Done => Err(ToolError::Failed("a standing permission covered forgetting".into())),
        }
    }

    /// Stores how a person wants to sound.
    ///
    /// # Errors
    /// Refused when it is too long.
    pub async fn set_voice(
        &self,
        caller: &Caller,
        voice: &str,
        banned_words: Vec<String>,
        hashtags: &str,
    ) -> Result<(), ToolError> {
        let profile = Profile { voice: voice.to_owned(), banned_words, hashtags: hashtags.to_owned() };
        self.memory.set_profile(&caller.user, &profile).await?;
        self.desk.audit(caller, "profile.change", caller.user.as_str()).await
    }

    pub(super) fn page(&self, path: &str) -> String {
        format!("{}/{path}", self.config.public_url.as_str().trim_end_matches('/'))
    }
}

/// The number behind a wish to go on with something earlier, if there is one; none when it is no such wish.
fn continue_number(text: &str) -> Option<Option<usize>> {
    let lower = text.trim().trim_end_matches(['。', '.', '！', '!']).to_lowercase();
    CONTINUE.iter().find_map(|word| {
        let rest = lower.strip_prefix(word)?.trim();
        if rest.is_empty() {
            return Some(None);
        }
        let digits: String = rest.trim_end_matches('番').nfkc().collect();
        digits.parse().ok().map(Some)
    })
}

/// The toolbox as the core sees it.
struct AppHands<'a> {
    app: &'a App,
    google: ShowsGoogle,
}

impl AppHands<'_> {
    /// Who calls a tool, where figures of Google's may not be shown (yet): a tool that does without them is called without.
    ///
    /// # Errors
    /// Refused when it answers with nothing else.
    fn without_google(&self, caller: &Caller, (name, arguments): (&str, &Value)) -> Result<Caller, ToolError> {
        let is_of_google = self.app.toolbox().iter().any(|spec| spec.name == name && spec.is_provider_data)
            || arguments["outcomes"].as_bool() == Some(true);
        match self.google {
            ShowsGoogle::Yes => Ok(caller.clone()),
            ShowsGoogle::Ask if is_of_google => Err(say!("place-google-first").into()),
            ShowsGoogle::No if is_of_google => Err(say!("place-google-not-here").into()),
            // What is connected is no figure.
            ShowsGoogle::Ask | ShowsGoogle::No if name == "list_accounts" => Ok(caller.clone()),
            ShowsGoogle::Ask | ShowsGoogle::No => Ok(Caller { sees_google: false, ..caller.clone() }),
        }
    }
}

#[async_trait]
impl Hands for AppHands<'_> {
    fn specs(&self) -> &[ToolSpec] {
        self.app.toolbox()
    }

    async fn call(&self, caller: &Caller, name: &str, arguments: Value) -> Result<ToolOutcome, ToolError> {
        let caller = self.without_google(caller, (name, &arguments))?;
        self.app.call_tool(&caller, name, arguments).await
    }

    async fn page(&self, url: &str) -> Result<Page, ToolError> {
        let shown: String = url.chars().take(200).collect();
        let url = url::Url::parse(url).map_err(|_| say!("media-url-wrong", url = &shown))?;
        let types = ["text/html", "application/xhtml+xml", "text/plain"];
        let fetched = self.app.public.fetch_public(&url, PAGE_BYTES_MAX, &types).await;
        let fetched = fetched.map_err(|fault| {
            tracing::info!(error = %fault, "a page was not read");
            let (why, status) = fault.word();
            say!("media-url-failed", url = shown, why = why, status = i64::from(status))
        })?;
        Ok(Page { bytes: fetched.bytes, charset: fetched.charset })
    }

    async fn set_voice(&self, caller: &Caller, change: VoiceChange) -> Result<(Value, Caller), ToolError> {
        let VoiceChange { voice, banned_words, hashtags, language, zone } = change;
        if language.is_some() || zone.is_some() {
            let change = SettingsChange { lang: language, zone, ..SettingsChange::default() };
            self.app.change_settings(caller, change).await?;
        }
        let mut profile = self.app.memory.profile(&caller.user).await?;
        let before = profile.clone();
        profile.voice = voice.unwrap_or(profile.voice);
        profile.banned_words = banned_words.unwrap_or(profile.banned_words);
        profile.hashtags = hashtags.unwrap_or(profile.hashtags);
        if profile != before {
            self.app.set_voice(caller, &profile.voice, profile.banned_words.clone(), &profile.hashtags).await?;
        }
        let speaker = self.app.renewed(caller).await?;
        let now = self.app.now_in(&speaker.zone);
        let output = json!({ "profile": profile, "language": speaker.lang, "zone": &speaker.zone, "now": now });
        Ok((json!({ "output": output }), speaker))
    }

    async fn picture(&self, caller: &Caller, id: &MediaId) -> Result<Option<Picture>, ToolError> {
        let medium = self.app.read_media(caller, id).await?;
        if !medium.facts.mime.starts_with("image/") || medium.len() > PICTURE_BYTES_MAX as u64 {
            return Ok(None);
        }
        let bytes = medium.whole(PICTURE_BYTES_MAX).await;
        let bytes = bytes.map_err(|error| ToolError::Failed(format!("media: {error}")))?;
        Ok(Some(Picture { mime: medium.facts.mime, bytes }))
    }
}
