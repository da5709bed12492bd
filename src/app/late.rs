//! Calls that take longer than their client waits: what is known of them meanwhile, and their answers for a while. A call that has a key of the
//! client's own is asked for by that; to any other the server gives a handle, which stands in the same place when the client asks again. A call is
//! carried out once, however often it is asked for, and only whoever made it hears of it.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::App;
use crate::domain::caller::Caller;
use crate::domain::google::names_things;
use crate::domain::ids::{ApprovalId, UserId};
use crate::domain::post::digest;
use crate::domain::refusal::Sentence;
use crate::domain::sealed::Place;
use crate::domain::tool::{Effect, Keep, ToolError, ToolOutcome};
use crate::say;
use crate::store::late_calls::{Late, NewLateCall};
use crate::vault::token_hash;

/// How a handle begins; no key of a client's own may.
pub(super) const HANDLE: &str = "late_";
/// 132 bits of base64: nobody guesses it, and a model can copy it.
const HANDLE_CHARS: usize = 22;
/// One person's at once; whoever has more hears that their call ends, or goes on unheard.
const RUNNING_MAX: i64 = 8;
/// So long what only reads or drafts may go on.
const WORK_MAX: Duration = Duration::from_mins(5);
/// So long an answer can be asked for.
const KEPT_MS: i64 = 3_600_000;
/// How often it is looked whether the answer is there.
const LOOK: Duration = Duration::from_millis(250);
/// So much is left, after a wait, for saying what came of it.
const REST: Duration = Duration::from_secs(1);

/// What a call came to, as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Answered {
        structured: Value,
        text: String,
        waiting: Vec<ApprovalId>,
        keep: Option<Keep>,
        is_strange: bool,
    },
    Refused(Sentence),
    /// The reason is in the log.
    Failed,
}

impl Kept {
    fn of(done: &Result<ToolOutcome, ToolError>) -> Self {
        match done.clone() {
            // Where the picture is stands in the answer.
            Ok(ToolOutcome { structured, text, waiting, keep, is_strange, chart: _ }) => {
                Self::Answered { structured, text, waiting, keep, is_strange }
            }
            Err(ToolError::Refused(why)) => Self::Refused(why),
            Err(ToolError::Failed(_)) => Self::Failed,
        }
    }

    fn again(self) -> Result<ToolOutcome, ToolError> {
        match self {
            Self::Answered { structured, text, waiting, keep, is_strange } => {
                Ok(ToolOutcome { structured, text, waiting, keep, is_strange, chart: None })
            }
            Self::Refused(why) => Err(why.into()),
            Self::Failed => Err(ToolError::Failed("a call that was late failed before".to_owned())),
        }
    }
}

/// Where its answer is sealed.
fn place<'a>(user: &'a UserId, handle_hash: &'a str) -> Place<'a> {
    Place { user, provider: "house", provider_account: "", table: "late_call", column: "answer", row: handle_hash }
}

fn failed(error: impl std::fmt::Display) -> ToolError {
    ToolError::Failed(error.to_string())
}

/// To whom a call is bound: a consent that is for other accounts now is another one.
fn bound(caller: &Caller) -> String {
    digest(&json!([caller.workspace, caller.grantee(), caller.accounts, caller.sees_google]))
}

/// The call itself; a key is not of it.
fn of(name: &str, arguments: &Value) -> String {
    let mut arguments = arguments.clone();
    if let Value::Object(all) = &mut arguments {
        all.remove("idempotency_key");
    }
    digest(&json!([name, arguments]))
}

impl App {
    /// Goes on with a call in the background, and gives its client the handle to ask for its answer with; none when that person has too many under
    /// way, and the call is given back.
    pub(super) async fn go_on_late<F>(
        self: &Arc<Self>,
        caller: &Caller,
        (name, arguments, effect): (&str, &Value, Effect),
        work: F,
    ) -> Result<String, F>
    where
        F: Future<Output = Result<ToolOutcome, ToolError>> + Send + 'static,
    {
        let handle: String = HANDLE.chars().chain(self.entropy.secret().chars().take(HANDLE_CHARS)).collect();
        let (hash, now) = (token_hash(&handle), self.clock.now_ms());
        let (user, work_ms) = (caller.user.clone(), i64::try_from(WORK_MAX.as_millis()).unwrap_or(i64::MAX));
        let new = NewLateCall {
            handle_hash: &hash,
            user: &user,
            bound: &bound(caller),
            tool_call: &of(name, arguments),
            owner: &self.owner,
            created_at: now,
            expires_at: now + work_ms + KEPT_MS,
        };
        match self.store.insert_late_call(&new, (RUNNING_MAX, now - work_ms)).await {
            Ok(true) => {}
            Ok(false) => return Err(work),
            Err(error) => {
                tracing::error!(error = %error, "a late call cannot be noted");
                return Err(work);
            }
        }
        let app = Arc::clone(self);
        self.background.spawn(async move {
            let done = match effect {
                Effect::Reads | Effect::Drafts => tokio::time::timeout(WORK_MAX, work).await.unwrap_or_else(|_late| {
                    Err(say!("mcp-tool-ended-late", seconds = WORK_MAX.as_secs().to_string()).into())
                }),
                // What was begun there is done whole.
                Effect::Schedules | Effect::Publishes | Effect::Connects | Effect::Forgets => work.await,
            };
            if let Err(error) = app.keep_late(&user, &hash, &done).await {
                tracing::error!(error = %error, "the answer of a late call cannot be kept");
            }
        });
        Ok(handle)
    }

    async fn keep_late(
        &self,
        user: &UserId,
        handle_hash: &str,
        done: &Result<ToolOutcome, ToolError>,
    ) -> Result<(), ToolError> {
        let text = serde_json::to_string(&Kept::of(done)).map_err(failed)?;
        let sealed = self.vault.seal(&place(user, handle_hash), &SecretString::from(text)).await.map_err(failed)?;
        // What its provider lets us keep for less time ends sooner.
        let kept_until = done.as_ref().ok().and_then(|outcome| outcome.keep.as_ref()).map(|keep| keep.until_ms);
        let expires_at = (self.clock.now_ms() + KEPT_MS).min(kept_until.unwrap_or(i64::MAX));
        Ok(self.store.update_late_answered(handle_hash, &sealed, expires_at).await?)
    }

    /// The answer to a call that was late before, for whoever made it, once it is there; waited for until then.
    ///
    /// # Errors
    /// As the call itself; refused while it goes on, when nobody knows the handle, when it came with another call, and when the process that
    /// worked on it died.
    pub(super) async fn late_answer(
        &self,
        caller: &Caller,
        (name, arguments): (&str, &Value),
        (handle, until): (&str, Instant),
    ) -> Result<ToolOutcome, ToolError> {
        let hash = token_hash(handle);
        // It may be anything that begins in the right way.
        let shown: String = handle.chars().take(60).collect();
        loop {
            let found = self.store.find_late_call(&hash, &caller.user, (&self.owner, self.clock.now_ms())).await?;
            // Somebody else's and none at all are the same.
            let found = found.filter(|found| found.bound == bound(caller));
            let found = found.ok_or_else(|| say!("mcp-late-unknown", handle = &shown))?;
            if found.tool_call != of(name, arguments) {
                return Err(say!("mcp-late-other", handle = &shown).into());
            }
            match found.state {
                Late::Answered(sealed) => {
                    let text = self.vault.open(&place(&caller.user, &hash), &sealed).await.map_err(failed)?;
                    let kept: Kept = serde_json::from_str(text.expose_secret()).map_err(failed)?;
                    return self.late_told(caller, (name, arguments), kept.again()).await;
                }
                Late::Lost => return Err(say!("mcp-late-lost", handle = &shown).into()),
                Late::Running if Instant::now() + LOOK + REST > until => {
                    return Err(say!("mcp-tool-goes-on-key", key = &shown).into());
                }
                Late::Running => tokio::time::sleep(LOOK).await,
            }
        }
    }

    /// Notes whose words are told, as when a call is answered at once: they are read now.
    async fn late_told(
        &self,
        caller: &Caller,
        (name, arguments): (&str, &Value),
        done: Result<ToolOutcome, ToolError>,
    ) -> Result<ToolOutcome, ToolError> {
        let spec = self.toolbox.specs().iter().find(|spec| spec.name == name);
        match (&done, spec) {
            (Ok(outcome), Some(spec)) => self.note_strange(caller, (spec, arguments), outcome).await?,
            (Err(ToolError::Refused(why)), Some(spec)) if spec.is_provider_data || names_things(&why.key) => {
                self.note_words(caller).await?;
            }
            (Ok(_) | Err(_), Some(_) | None) => {}
        }
        done
    }
}
