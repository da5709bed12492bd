//! A table becomes drafts and one question about all of them; nothing is scheduled by bringing it in. All rows or none: whoever mends a row
//! brings the table again, and nothing of it is there twice.

use super::batch::part;
use super::day::Beside;
use super::{Desk, Draft, VariantDraft, Wish};
use crate::domain::account::Health;
use crate::domain::approval::When;
use crate::domain::batch::BatchPost;
use crate::domain::caller::Caller;
use crate::domain::ids::{ApprovalId, MediaId};
use crate::domain::network::Network;
use crate::domain::post::{Post, Segment};
use crate::domain::refusal::Sentence;
use crate::domain::schedule::read_moment;
use crate::domain::sheet::{RowFault, RowMedia, Sheet, SheetRow};
use crate::domain::slots;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::accounts::StoredAccount;

/// What came of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The question about its posts; none when nothing was made of it.
    pub approval: Option<ApprovalId>,
    /// How many posts were made.
    pub posts: usize,
    /// The rows that cannot be used, in order.
    pub faults: Vec<RowFault>,
    /// Columns that mean nothing here.
    pub ignored: Vec<String>,
}

/// What becomes of the good rows of a table that has bad ones, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadRows {
    /// Nothing is made: the table is mended and brought again.
    Stop,
    /// They are left out.
    Skip,
}

impl Desk {
    /// Makes drafts and one question of a table.
    ///
    /// # Errors
    /// When the database fails. What is wrong with rows is in the answer.
    pub async fn import(
        &self,
        caller: &Caller,
        sheet: &Sheet,
        (media, bad): (&RowMedia, BadRows),
    ) -> Result<Imported, ToolError> {
        let (new, posts, mut imported) = self.read_sheet(caller, sheet, media).await?;
        if posts.is_empty() || (bad == BadRows::Stop && !imported.faults.is_empty()) {
            return Ok(Imported { posts: 0, ..imported });
        }
        imported.approval = Some(self.ask_new(caller, &new, posts).await?);
        Ok(imported)
    }

    /// What [`Desk::import`] would come to: how many posts, and what is wrong with the other rows. Nothing is stored or fetched, so media
    /// that are named by their address are not looked at.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn preview_import(&self, caller: &Caller, sheet: &Sheet) -> Result<Imported, ToolError> {
        Ok(self.read_sheet(caller, sheet, &RowMedia::new()).await?.2)
    }

    /// What every row of a table would become, and what is wrong with the others.
    async fn read_sheet(
        &self,
        caller: &Caller,
        sheet: &Sheet,
        media: &RowMedia,
    ) -> Result<(Vec<Post>, Vec<BatchPost>, Imported), ToolError> {
        let (mut new, mut posts, mut faults) = (Vec::new(), Vec::new(), sheet.faults.clone());
        let (mut kept, mut beside) = (Vec::new(), Vec::new());
        let connected = self.find_connected(caller).await?;
        for row in &sheet.rows {
            match self.import_row(caller, (row, &connected), media.get(&row.no), (&mut kept, &mut beside)).await {
                Ok((post, planned)) => {
                    new.push(post);
                    posts.push(planned);
                }
                Err(ToolError::Refused(why)) => faults.push(RowFault { no: row.no, why }),
                Err(error) => return Err(error),
            }
        }
        faults.sort_by_key(|fault| fault.no);
        let imported = Imported { approval: None, posts: posts.len(), faults, ignored: sheet.ignored.clone() };
        Ok((new, posts, imported))
    }

    async fn find_connected(&self, caller: &Caller) -> Result<Vec<StoredAccount>, ToolError> {
        let mut all = self.store.list_accounts(&caller.workspace).await?;
        all.retain(|stored| stored.account.health != Health::Disconnected);
        Ok(all)
    }

    async fn import_row(
        &self,
        caller: &Caller,
        (row, connected): (&SheetRow, &[StoredAccount]),
        media: Option<&Result<Vec<MediaId>, Sentence>>,
        (kept, beside): (&mut Vec<i64>, &mut Vec<Beside>),
    ) -> Result<(Post, BatchPost), ToolError> {
        let media = media.cloned().transpose()?.unwrap_or_default();
        let post = self.compose(caller, &self.row_draft(caller, (row, connected), &media).await?).await?;
        let moment = if slots::is_asked(&row.at) {
            self.free_slot(caller, &post, (&[], kept)).await?
        } else {
            // In a table a time without a zone is the person's own.
            read_moment(&row.at, Some(row.zone.as_deref().unwrap_or(&caller.zone)), &caller.zone, self.clock.now_ms())?
        };
        let when = When::At { at_ms: moment.at_ms, zone: moment.zone };
        let wish = Wish { post: post.id.clone(), when, accounts: Vec::new(), again: false };
        let planned = part(self.plan_post(caller, &post, &wish, &[]).await?)?;
        self.check_beside(caller, (&post, &planned), beside).await?;
        kept.push(moment.at_ms);
        Ok((post, planned))
    }

    /// What a row says, account by account.
    async fn row_draft(
        &self,
        caller: &Caller,
        (row, connected): (&SheetRow, &[StoredAccount]),
        media: &[MediaId],
    ) -> Result<Draft, ToolError> {
        let mut accounts = Vec::new();
        for given in &row.accounts {
            // A network by the name that people read, in whatever case.
            let network = Network::ALL.into_iter().find(|network| {
                network.slug().eq_ignore_ascii_case(given) || network.shown().eq_ignore_ascii_case(given)
            });
            let wanted = network.map_or_else(|| given.clone(), |network| network.slug().to_owned());
            accounts.extend(self.find_accounts(caller, std::slice::from_ref(&wanted)).await?);
        }
        if accounts.is_empty() && row.texts.is_empty() {
            accounts = self.find_accounts(caller, &[]).await?;
        }
        if accounts.is_empty() {
            // Only texts of single networks: each goes to the account that is connected there.
            for network in row.texts.keys() {
                let there: Vec<_> = connected.iter().filter(|stored| stored.account.network == *network).collect();
                match there.as_slice() {
                    [] => return Err(say!("sheet-row-no-account", network = network.shown()).into()),
                    all => accounts.extend(all.iter().map(|stored| (*stored).clone())),
                }
            }
        }
        let mut draft = Draft::default();
        for stored in accounts {
            let text = row.texts.get(&stored.account.network).unwrap_or(&row.text);
            if text.trim().is_empty() && media.is_empty() {
                return Err(say!("sheet-row-no-text").into());
            }
            let segment = Segment { text: text.clone(), media: media.to_vec(), ..Segment::default() };
            draft.variants.push(VariantDraft {
                account: stored.account.id.to_string(),
                segments: vec![segment],
                options: None,
            });
        }
        Ok(draft)
    }
}
