//! What follows a restore, before anybody is served: a backup does not know what went out after it was made, so nothing in it goes out before
//! its person has looked.

use std::collections::BTreeSet;

use super::App;
use super::authenticate::caller;
use crate::domain::caller::{Caller, Grant, Via};
use crate::domain::delivery::{Delivery, Event, State, notice, step};
use crate::domain::ids::NoticeId;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::deliveries::By;
use crate::store::notices::Notice;

/// People of one server; far more than a process of this size serves.
const PEOPLE_MAX: i64 = 100_000;
/// Looks at what is still open in one workspace, a thousand each. What lies beyond is held by the mark on the workspace alone.
const ROUNDS_MAX: usize = 100;

/// What was held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Deliveries that wait until their person lets publishing go on.
    pub paused: usize,
    /// Deliveries whose time is over: their person says what becomes of each.
    pub missed: usize,
}

impl App {
    /// Holds every open delivery of every workspace: publishing is paused, what is overdue counts as missed, and each person is told why.
    /// `made_ms` is when the backup was made, where that is known.
    ///
    /// # Errors
    /// When the database fails; begun again it goes on where it stopped.
    pub async fn hold_restored(&self, made_ms: Option<i64>) -> Result<Held, ToolError> {
        // First the mark, which the arm transaction looks at: from here nothing goes out, whatever else is done.
        self.store.pause_every_workspace(self.clock.now_ms()).await?;
        let (mut held, mut seen) = (Held::default(), BTreeSet::new());
        for user in self.store.list_users(PEOPLE_MAX).await? {
            let theirs = caller(&user, Grant::Drafts, Via::Terminal);
            if seen.insert(user.workspace.clone()) {
                self.hold_workspace(&theirs, &mut held).await?;
            }
            let now = self.clock.now_ms();
            let what = match made_ms {
                Some(at_ms) => {
                    say!("notice-restored", made = Moment { at_ms, zone: user.zone.clone() })
                }
                None => say!("notice-restored-some-time"),
            };
            let id = NoticeId::generate(now, self.entropy.bits());
            self.store.insert_notice(&id, &user.id, &Notice { post: None, what, created_at: now }).await?;
        }
        Ok(held)
    }

    async fn hold_workspace(&self, theirs: &Caller, held: &mut Held) -> Result<(), ToolError> {
        for _ in 0..ROUNDS_MAX {
            let mut has_moved = false;
            let open = self.store.list_open_of_workspace(&theirs.workspace).await?;
            for delivery in &open {
                if let Some(state) = self.hold(theirs, delivery).await? {
                    has_moved = true;
                    held.missed += usize::from(state == State::Missed);
                }
            }
            if !has_moved {
                held.paused += open.iter().filter(|delivery| delivery.state == State::Paused).count();
                return Ok(());
            }
        }
        Ok(())
    }

    /// One step of one delivery towards where it is held; none when it stands there, or nothing can go out of it by itself.
    async fn hold(&self, theirs: &Caller, delivery: &Delivery) -> Result<Option<State>, ToolError> {
        let now = self.clock.now_ms();
        let is_paused = delivery.state == State::Paused;
        if is_paused && delivery.slot >= now {
            return Ok(None);
        }
        // What is overdue would count as missed once publishing goes on, and does so now.
        let event = if is_paused { Event::Resume { is_skipped: false } } else { Event::Pause };
        let Some(next) = step(delivery.state, &delivery.progress, delivery.slot, &event, now, 0) else {
            return Ok(None);
        };
        let account = self.store.find_account(&delivery.account, &theirs.workspace).await?;
        let handle = account.map(|stored| stored.account.named()).unwrap_or_default();
        let told = notice(next.state, &handle, &next.progress).map(|what| {
            let post = Some(delivery.post.clone());
            (NoticeId::generate(now, self.entropy.bits()), Notice { post, what, created_at: now })
        });
        let is_written = self.store.update_delivery(delivery, &next, By::Outside, told).await?;
        Ok(is_written.then_some(next.state))
    }
}
