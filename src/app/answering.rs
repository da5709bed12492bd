//! A person's answer given inside their assistant. It counts only where they said on the settings page that they sit before that assistant
//! themselves: a script could answer its own question (DECISIONS 19). What was put to a client is kept until it is answered, so that an answer
//! is held against exactly that question, by that client, for that call, once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{App, Verdict};
use crate::desk::view::{ApprovalView, PostStatus};
use crate::domain::approval::Decision;
use crate::domain::caller::Caller;
use crate::domain::ids::ApprovalId;
use crate::domain::lang::Lang;
use crate::domain::post::digest;
use crate::domain::tool::{Effect, ToolError, ToolOutcome};
use crate::say;
use crate::store::assistants::AskedHere;

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

    /// The question that a call left, where it may be put to whoever sits before the client.
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
        Ok(Some(self.desk.read_approval(caller, id).await?))
    }

    /// Keeps such a question, before it is put; `has_yes` is whether a yes is among what can be chosen there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_here(
        &self,
        caller: &Caller,
        call: (&str, &Value),
        (id, outcome): (&ApprovalId, &ToolOutcome),
        has_yes: bool,
    ) -> Result<(), ToolError> {
        let kept = json!({ "structured": outcome.structured, "text": outcome.text, "has_yes": has_yes });
        let answer = kept.to_string();
        let expires_at = self.clock.now_ms() + ASKED_MS;
        let asked = AskedHere { approval: id, call: &of(call), answer: &answer, expires_at };
        Ok(self.store.save_asked_here(caller, &asked).await?)
    }

    /// Takes the answer to such a question, and gives what its call comes to; without a verdict it goes on waiting.
    ///
    /// # Errors
    /// Refused when the question was not put to this client with this call (any more), when the person said no, and as [`App::decide`].
    pub async fn answer_here(
        &self,
        caller: &Caller,
        id: &ApprovalId,
        call: (&str, &Value),
        verdict: Option<Verdict>,
    ) -> Result<ToolOutcome, ToolError> {
        let kept = self.store.take_asked_here(caller, id, &of(call), self.clock.now_ms()).await?;
        let kept = kept.ok_or_else(|| say!("answer-not-asked"))?;
        if !self.store.has_answers_here(&caller.user, &caller.grantee()).await? {
            return Err(say!("approval-not-by-model").into());
        }
        let mut kept: Value = serde_json::from_str(&kept).map_err(|error| ToolError::Failed(error.to_string()))?;
        let text = kept["text"].as_str().unwrap_or_default().to_owned();
        let mut outcome = ToolOutcome {
            structured: kept["structured"].take(),
            text,
            waiting: vec![id.clone()],
            keep: None,
            is_strange: false,
        };
        // What could not be chosen is nobody's choice.
        let verdict = verdict.filter(|verdict| *verdict == Verdict::Decline || kept["has_yes"] == true);
        let hash = self.desk.read_approval(caller, id).await?.approval.hash;
        let view = match verdict {
            Some(verdict) => self.decide_as(caller, id, (&hash, &BTreeSet::new()), verdict).await?,
            // Somebody may have answered on the page meanwhile.
            None => self.desk.read_approval(caller, id).await?,
        };
        match view.approval.decision {
            Decision::Pending => Ok(outcome),
            Decision::Approved => {
                let effect = self.toolbox.specs().iter().find(|spec| spec.name == call.0).map(|spec| spec.effect);
                self.agreed(caller, &view, effect, &mut outcome).await?;
                Ok(outcome)
            }
            Decision::Declined => Err(say!("answer-was-no").into()),
            Decision::Superseded => Err(say!("approval-changed").into()),
            Decision::Expired => Err(say!("approval-expired").into()),
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
