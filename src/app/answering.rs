//! A person's answer given inside their assistant. It counts only where they said on the settings page that they sit before that assistant
//! themselves: a script could answer its own question (DECISIONS 19). What was put to a client is kept until it is answered, so that an answer
//! is held against exactly that question, by that client, for that call, once.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{App, Verdict};
use crate::desk::view::{ApprovalView, PostStatus};
use crate::domain::approval::Decision;
use crate::domain::batch::Picked;
use crate::domain::caller::Caller;
use crate::domain::ids::ApprovalId;
use crate::domain::lang::Lang;
use crate::domain::post::digest;
use crate::domain::tool::{Effect, ToolError, ToolOutcome};
use crate::say;
use crate::store::assistants::{AskedHere, Taken};

/// How often it is looked whether somebody answered on the page.
const LOOK: Duration = Duration::from_millis(500);
/// So much is left, after a wait for the page, for saying what came of it.
const REST: Duration = Duration::from_secs(1);

/// What a person was offered in their client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Offered {
    /// The whole question, with yes and no.
    Both,
    /// A part of it, with no: yes is said on the page.
    No,
    /// The way to the page, where all of it is answered.
    Page,
}

/// What a client brought back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Brought {
    /// What was chosen of a form, or that it was turned down.
    pub verdict: Option<Verdict>,
    /// Whether they agreed to what was put to them, whatever that is: to a link, it is that they open it.
    pub is_accepted: bool,
}

/// What an answer that a client brought means.
enum Meant {
    Verdict(Verdict),
    /// They went to the page.
    Page,
    Nothing,
}

impl Offered {
    /// What could not be chosen is nobody's choice; not opening a page is no answer to what stands on it.
    fn meant(self, brought: Brought) -> Meant {
        match (self, brought.verdict) {
            (Self::Both, Some(verdict)) => Meant::Verdict(verdict),
            (Self::No, Some(Verdict::Decline)) => Meant::Verdict(Verdict::Decline),
            (Self::Page, _) if brought.is_accepted => Meant::Page,
            (Self::Both, None) | (Self::No, _) | (Self::Page, _) => Meant::Nothing,
        }
    }
}

/// What is kept of a call while its question is answered.
#[derive(Serialize, Deserialize)]
struct Kept {
    structured: Value,
    text: String,
    offered: Offered,
}

/// So long an answer may come after its question: whoever comes back later finds it on the pages.
const ASKED_MS: i64 = 10 * 60_000;

impl App {
    /// The assistants before which a person answers for themselves, by the names of their standing permissions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answering(&self, caller: &Caller) -> Result<Vec<String>, ToolError> {
        Ok(self.store.list_answers_here(&caller.user).await?)
    }

    /// Says of one of a person's assistants whether they answer there themselves.
    ///
    /// # Errors
    /// Refused when there is no such assistant.
    pub async fn set_answering(&self, caller: &Caller, grantee: &str, is_on: bool) -> Result<(), ToolError> {
        if grantee == "chat" || !self.is_grantee(caller, grantee).await? {
            return Err(say!("common-not-found-thing", thing = grantee.chars().take(60).collect::<String>()).into());
        }
        let since = is_on.then(|| self.clock.now_ms());
        self.store.update_answers_here(&caller.user, grantee, since).await?;
        self.desk.audit(caller, if is_on { "answering.on" } else { "answering.off" }, grantee).await
    }

    /// The question that a call left, where it may be put to whoever sits before the client and nobody answered it yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn question_here(
        &self,
        caller: &Caller,
        outcome: &ToolOutcome,
    ) -> Result<Option<ApprovalView>, ToolError> {
        let [id] = outcome.waiting.as_slice() else { return Ok(None) };
        if !caller.is_assistant() || !self.store.has_answers_here(&caller.user, &caller.grantee()).await? {
            return Ok(None);
        }
        let view = self.desk.read_approval(caller, id).await?;
        Ok(Some(view).filter(|view| view.approval.decision == Decision::Pending))
    }

    /// What a call comes to that was made before with the same `idempotency_key`: its question may have been answered since.
    ///
    /// # Errors
    /// Refused when the person said no meanwhile, or the question is over in another way.
    pub async fn as_decided(
        &self,
        caller: &Caller,
        (name, arguments): (&str, &Value),
        outcome: ToolOutcome,
    ) -> Result<ToolOutcome, ToolError> {
        let [id] = outcome.waiting.as_slice() else { return Ok(outcome) };
        if arguments.get("idempotency_key").is_none() || !caller.is_assistant() {
            return Ok(outcome);
        }
        match self.desk.read_approval(caller, id).await {
            Ok(view) => self.as_it_stands(caller, &view, name, outcome).await,
            // It is gone with its post; what was answered then is all there is to say.
            Err(ToolError::Refused(_)) => Ok(outcome),
            Err(failed @ ToolError::Failed(_)) => Err(failed),
        }
    }

    /// Keeps such a question, before it is put, with what is offered there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_here(
        &self,
        caller: &Caller,
        call: (&str, &Value),
        (id, outcome): (&ApprovalId, &ToolOutcome),
        offered: Offered,
    ) -> Result<(), ToolError> {
        let kept = Kept { structured: outcome.structured.clone(), text: outcome.text.clone(), offered };
        let answer = serde_json::to_string(&kept).map_err(|error| ToolError::Failed(error.to_string()))?;
        let expires_at = self.clock.now_ms() + ASKED_MS;
        let asked = AskedHere { approval: id, call: &of(call), answer: &answer, expires_at };
        Ok(self.store.save_asked_here(caller, &asked).await?)
    }

    /// Takes the answer to such a question, and gives what its call comes to; without a verdict it goes on waiting. What follows from a yes may
    /// take a network's time: answered until then, it goes on.
    ///
    /// # Errors
    /// Refused when the question was not put to this client with this call, when the person said no, when it takes longer, and as
    /// [`App::decide`].
    pub async fn answer_here(
        self: &Arc<Self>,
        caller: &Caller,
        (id, (name, arguments)): (&ApprovalId, (&str, &Value)),
        brought: Brought,
        until: Instant,
    ) -> Result<ToolOutcome, ToolError> {
        let (app, caller, id) = (Arc::clone(self), caller.clone(), id.clone());
        let (name, arguments) = (name.to_owned(), arguments.clone());
        // Not tied to the client that waits: what was agreed to is done whole, or known to have failed.
        let going_on = self
            .background
            .spawn(async move { app.take_answer(&caller, &id, (&name, &arguments), (brought, until)).await });
        match tokio::time::timeout_at(until, going_on).await {
            Ok(Ok(answered)) => answered,
            Ok(Err(broken)) => Err(ToolError::Failed(broken.to_string())),
            Err(_late) => Err(say!("mcp-answer-goes-on").into()),
        }
    }

    async fn take_answer(
        &self,
        caller: &Caller,
        id: &ApprovalId,
        call: (&str, &Value),
        (brought, until): (Brought, Instant),
    ) -> Result<ToolOutcome, ToolError> {
        let taken = self.store.take_asked_here(caller, id, &of(call), self.clock.now_ms()).await?;
        let (kept, meant) = match taken {
            Taken::Now(kept) => (kept, Some(brought)),
            // A client that lost what it was told asks once more: it hears how things stand, and decides nothing.
            Taken::Before(kept) => (kept, None),
            Taken::Never => return Err(say!("answer-not-asked").into()),
        };
        if !self.store.has_answers_here(&caller.user, &caller.grantee()).await? {
            return Err(say!("approval-not-by-model").into());
        }
        let Kept { structured, text, offered } =
            serde_json::from_str(&kept).map_err(|error| ToolError::Failed(error.to_string()))?;
        let waiting = vec![id.clone()];
        let outcome = ToolOutcome { structured, text, waiting, keep: None, is_strange: false, chart: None };
        let view = match meant.map_or(Meant::Nothing, |brought| offered.meant(brought)) {
            Meant::Verdict(verdict) => {
                let hash = self.desk.read_approval(caller, id).await?.approval.hash;
                self.decide_as(caller, id, (&hash, &Picked::all()), verdict).await?
            }
            Meant::Page => self.answered_on_page(caller, id, until).await?,
            // Somebody may have answered on the page meanwhile.
            Meant::Nothing => self.desk.read_approval(caller, id).await?,
        };
        self.as_it_stands(caller, &view, call.0, outcome).await
    }

    /// Waits a while for an answer on the page.
    async fn answered_on_page(
        &self,
        caller: &Caller,
        id: &ApprovalId,
        until: Instant,
    ) -> Result<ApprovalView, ToolError> {
        loop {
            let view = self.desk.read_approval(caller, id).await?;
            if view.approval.decision != Decision::Pending || Instant::now() + LOOK + REST > until {
                return Ok(view);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What a call that left this question comes to now.
    async fn as_it_stands(
        &self,
        caller: &Caller,
        view: &ApprovalView,
        name: &str,
        mut outcome: ToolOutcome,
    ) -> Result<ToolOutcome, ToolError> {
        match view.approval.decision {
            Decision::Pending => Ok(outcome),
            Decision::Approved => {
                let effect = self.toolbox.specs().iter().find(|spec| spec.name == name).map(|spec| spec.effect);
                self.agreed(caller, view, effect, &mut outcome).await?;
                Ok(outcome)
            }
            Decision::Declined => Err(say!("answer-was-no").into()),
            Decision::Superseded => Err(say!("approval-changed").into()),
            Decision::Expired => Err(say!("approval-expired").into()),
            Decision::Void => Err(say!("approval-void-account").into()),
        }
    }

    /// A call's answer after its person's yes.
    async fn agreed(
        &self,
        caller: &Caller,
        view: &ApprovalView,
        effect: Option<Effect>,
        outcome: &mut ToolOutcome,
    ) -> Result<(), ToolError> {
        outcome.waiting.clear();
        let mut text = self.words.say(Lang::En, &say!("answer-was-yes"));
        if let Some(what) = &view.outcome {
            // Carried out by now: how it ended is all there is to say. What gave no clear answer is on its way.
            if what.key == "video-edit-done" {
                outcome.structured["status"] = "changed".into();
            }
            text = format!("{text} {}", self.words.say(Lang::En, what));
        }
        if let Value::Object(answer) = &mut outcome.structured {
            answer.remove("approval_url");
            if let Some(urls) = answer.get_mut("approval_urls") {
                *urls = json!([]);
            }
            if answer.get("status").and_then(Value::as_str) == Some("waiting_for_approval") {
                let word = if effect == Some(Effect::Publishes) { "going_out" } else { "scheduled" };
                answer.insert("status".into(), word.into());
            }
        }
        if let Some(post) = &view.post {
            let view = self.desk.read_post(caller, post).await?;
            let status: PostStatus = view.status;
            outcome.structured["post"]["status"] = status.word().into();
            let status = self.words.say(Lang::En, &status.wording());
            text = format!("{text} {post} (revision {}): {status}", view.revision);
        }
        outcome.text = text;
        Ok(())
    }
}

/// What ties an answer to its call.
fn of((name, arguments): (&str, &Value)) -> String {
    digest(&json!([name, arguments]))
}
