//! What a person plans with, on pages and in chats: posting slots, how far their standing permissions go, what a pause held up, and the
//! buttons that only a person has.

use super::{App, Verdict};
use crate::desk::{Asked, Wish};
use crate::domain::approval::{Act, Late, PauseScope, When};
use crate::domain::caller::Caller;
use crate::domain::delivery::State;
use crate::domain::ids::{ApprovalId, DeliveryId, PostId};
use crate::domain::slots;
use crate::domain::tool::ToolError;
use crate::say;
pub use crate::store::planning::GrantLimit;

/// Most posts a day that a limit may name.
const POSTS_A_DAY_MAX: i64 = 1_000;

impl App {
    /// A person's posting slots, a line a day.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn slots(&self, caller: &Caller) -> Result<String, ToolError> {
        Ok(self.store.find_slots(&caller.user).await?)
    }

    /// Changes a person's posting slots.
    ///
    /// # Errors
    /// Refused when they cannot be read, or are too many.
    pub async fn set_slots(&self, caller: &Caller, text: &str) -> Result<(), ToolError> {
        self.store.update_slots(&caller.user, &slots::shown(&slots::read(text)?)).await?;
        self.desk.audit(caller, "settings.slots", caller.user.as_str()).await
    }

    /// Whether links in a person's posts get tags, as far as there is a Google Analytics account to read them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn links_tagged(&self, caller: &Caller) -> Result<bool, ToolError> {
        Ok(self.store.find_links_tagged(&caller.user).await?)
    }

    /// Changes that for what is written from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_links_tagged(&self, caller: &Caller, is_tagged: bool) -> Result<(), ToolError> {
        self.store.update_links_tagged(&caller.user, is_tagged).await?;
        self.desk.audit(caller, "settings.links", caller.user.as_str()).await
    }

    /// How far a standing permission of this person goes: `chat`, `mcp-stdio`, the id of a personal token, or that of a connected program's grant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn grant_limit(&self, caller: &Caller, grantee: &str) -> Result<GrantLimit, ToolError> {
        Ok(self.store.find_grant_limit(&caller.user, grantee).await?)
    }

    /// Changes how far a standing permission goes. Times are `22:00`; both empty means no quiet hours.
    ///
    /// # Errors
    /// Refused when there is no such permission, or a number or time cannot be read.
    pub async fn set_grant_limit(
        &self,
        caller: &Caller,
        grantee: &str,
        posts_a_day: &str,
        quiet: (&str, &str),
    ) -> Result<(), ToolError> {
        if !self.is_grantee(caller, grantee).await? {
            return Err(say!("common-not-found-thing", thing = grantee.chars().take(60).collect::<String>()).into());
        }
        let posts_a_day = match posts_a_day.trim() {
            "" => None,
            given => {
                let number = given.parse().ok().filter(|number| (0..=POSTS_A_DAY_MAX).contains(number));
                Some(number.ok_or_else(|| say!("limits-wrong-number"))?)
            }
        };
        let quiet = match (quiet.0.trim(), quiet.1.trim()) {
            ("", "") => None,
            (from, until) => {
                let both = minutes(from).zip(minutes(until)).filter(|(from, until)| from != until);
                Some(both.ok_or_else(|| say!("limits-wrong-hours"))?)
            }
        };
        self.store.save_grant_limit(&caller.user, grantee, &GrantLimit { posts_a_day, quiet }).await?;
        self.desk.audit(caller, "settings.limit", grantee).await
    }

    /// Whether somebody or something of this person's can hold a standing permission under this name.
    pub(super) async fn is_grantee(&self, caller: &Caller, grantee: &str) -> Result<bool, ToolError> {
        let is_token =
            self.store.list_access_tokens(&caller.user).await?.iter().any(|token| token.id.as_str() == grantee);
        let is_app = self.connected_apps(caller).await?.iter().any(|app| app.grant.as_str() == grantee);
        Ok(is_token || is_app || grantee == "chat" || grantee == "mcp-stdio")
    }

    /// How many posts should have gone out while everything was paused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn held_up(&self, caller: &Caller) -> Result<usize, ToolError> {
        let now = self.clock.now_ms();
        let open = self.store.list_open_of_workspace(&caller.workspace).await?;
        Ok(open.iter().filter(|delivery| delivery.state == State::Paused && delivery.slot < now).count())
    }

    /// Asks to send a published post once more. A person's button: they read what would go out before they say yes.
    ///
    /// # Errors
    /// Refused when it is on its way, or an account cannot be used.
    pub async fn ask_again(&self, caller: &Caller, post: &PostId) -> Result<ApprovalId, ToolError> {
        let wish = Wish { post: post.clone(), when: When::Now, accounts: Vec::new(), again: true };
        let act = self.desk.plan(caller, &wish).await?;
        match self.desk.ask(caller, act, Some(post)).await? {
            Asked::Waiting(approval) => Ok(approval),
            Asked::Done => Err(ToolError::Failed("a standing permission covered sending again".into())),
        }
    }

    /// Asks to remove from its network what is visible of a delivery. A person's button: they read what goes before they say yes.
    ///
    /// # Errors
    /// Refused when nothing of it is visible.
    pub async fn ask_to_take_down(&self, caller: &Caller, id: &DeliveryId) -> Result<ApprovalId, ToolError> {
        let found = self.store.find_delivery(id).await?.filter(|delivery| delivery.workspace == caller.workspace);
        let delivery = found.ok_or_else(|| say!("common-not-found-thing", thing = id.as_str()))?;
        if !matches!(delivery.state, State::Published | State::Partial) {
            return Err(say!("take-down-nothing").into());
        }
        match self.desk.ask(caller, Act::TakeDown { delivery: delivery.id }, None).await? {
            Asked::Waiting(approval) => Ok(approval),
            Asked::Done => Err(ToolError::Failed("a standing permission covered taking down".into())),
        }
    }

    /// Lets one account or post go on; the button is the gesture, kept as an approval like any other.
    ///
    /// # Errors
    /// Refused when it is not there.
    pub async fn resume(&self, caller: &Caller, scope: PauseScope, late: Late) -> Result<(), ToolError> {
        match self.desk.ask_to_resume(caller, scope, late).await? {
            Asked::Done => Ok(()),
            Asked::Waiting(id) => {
                let hash = self.desk.read_approval(caller, &id).await?.approval.hash;
                self.decide(caller, &id, &hash, Verdict::Approve).await.map(drop)
            }
        }
    }
}

fn minutes(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
}
