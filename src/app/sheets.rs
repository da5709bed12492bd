//! The door for plans: tables that become drafts and one question, and a question about several posts that is asked anew.

use std::collections::BTreeMap;

use super::App;
use crate::desk::view::ApprovalView;
use crate::desk::{BadRows, Imported};
use crate::domain::approval::Act;
use crate::domain::caller::Caller;
use crate::domain::ids::{ApprovalId, PostId};
use crate::domain::refusal::Sentence;
use crate::domain::sheet;
use crate::domain::tool::ToolError;
use crate::media::{Arriving, Owner};
use crate::say;

impl App {
    /// Makes drafts and one question of a table. A person is asked whatever standing permission there is; nothing goes out by this.
    ///
    /// # Errors
    /// Refused when it is no table, or too large. What is wrong with single rows is in the answer.
    pub async fn import_plan(&self, caller: &Caller, bytes: &[u8], bad: BadRows) -> Result<Imported, ToolError> {
        let sheet = sheet::read(bytes)?;
        if bad == BadRows::Stop {
            // Nothing is fetched for a table that comes again.
            let tried = self.desk.preview_import(caller, &sheet).await?;
            if !tried.faults.is_empty() {
                return Ok(Imported { posts: 0, ..tried });
            }
        }
        let (workspace, user) = (caller.workspace.clone(), caller.user.clone());
        let owner = Owner { workspace, user, upload: None, is_tainted: caller.is_tainted };
        let media = self.media.bring(&sheet.rows, &owner).await?;
        self.desk.import(caller, &sheet, (&media, bad)).await
    }

    /// The same for a file that arrived.
    ///
    /// # Errors
    /// As [`App::import_plan`].
    pub async fn import_plan_file(&self, caller: &Caller, file: Arriving) -> Result<Imported, ToolError> {
        match file.read(sheet::SHEET_BYTES_MAX).await? {
            Some(bytes) => self.import_plan(caller, &bytes, BadRows::Stop).await,
            None => Err(say!("sheet-too-large", max = sheet::SHEET_BYTES_MAX >> 20).into()),
        }
    }

    /// Asks anew about a plan with its posts as they are by now, some at other times (by number, as a person writes them). The new question
    /// and the old numbers of its posts, in order.
    ///
    /// # Errors
    /// Refused when it was answered, nothing of it is left, or a time cannot be read.
    pub async fn ask_plan_again(
        &self,
        caller: &Caller,
        id: &ApprovalId,
        times: &BTreeMap<usize, String>,
    ) -> Result<(ApprovalId, Vec<usize>), ToolError> {
        self.desk.ask_batch_again(caller, id, times).await
    }

    /// The open question about several posts that a post is in, with the post's number.
    ///
    /// # Errors
    /// Refused when it is not this person's, or not about this post.
    pub async fn find_in_plan(
        &self,
        caller: &Caller,
        id: &ApprovalId,
        post: &PostId,
    ) -> Result<(ApprovalView, usize), ToolError> {
        let view = self.desk.read_approval(caller, id).await?;
        let no = view.batch.iter().find(|line| line.post == *post).map(|line| line.no);
        match (&view.approval.act, no) {
            (Act::Batch { .. }, Some(no)) => Ok((view, no)),
            _ => Err(say!("approval-not-found", id = id.as_str()).into()),
        }
    }
}

/// Rows that cannot be used, as lines for whoever reads them; of many the first.
#[must_use]
pub fn fault_lines(faults: &[sheet::RowFault], mut tell: impl FnMut(&Sentence) -> String) -> Vec<String> {
    /// Whoever mends twenty mends the others like them.
    const FAULTS_SHOWN: usize = 20;
    let mut lines = Vec::new();
    for fault in faults.iter().take(FAULTS_SHOWN) {
        let why = tell(&fault.why);
        lines.push(tell(&say!("plan-row", no = fault.no, why = why)));
    }
    if faults.len() > FAULTS_SHOWN {
        lines.push(tell(&say!("plan-rows-more", count = faults.len() - FAULTS_SHOWN)));
    }
    lines
}
