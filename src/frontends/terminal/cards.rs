//! Cards as text: a frame on the left, drawn from ledger rows in the person's language.

use crate::app::App;
use crate::desk::view::{ApprovalView, PostView};
use crate::domain::account::Account;
use crate::domain::approval::Decision;
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::post::{Finding, Preview, Severity};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// Draws for one person.
pub(super) struct Drawer<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
}

impl Drawer<'_> {
    /// A card's lines.
    pub(super) async fn draw(&self, card: &Card) -> Result<Vec<String>, ToolError> {
        Ok(match card {
            Card::Draft(id) => self.draft(&self.app.read_post(self.caller, id).await?),
            Card::Post(id) => self.post(&self.app.read_post(self.caller, id).await?),
            Card::Approval(id) => self.approval(&self.app.read_approval(self.caller, id).await?),
            Card::Times(times) => {
                let word = |moment| self.app.words().moment(self.caller.lang, moment, self.app.now_ms());
                times.iter().enumerate().map(|(no, moment)| format!("{}) {}", no + 1, word(moment))).collect()
            }
            Card::Link { url } => vec![format!("→ {url}")],
            Card::Problem(sentence) => vec![format!("! {}", self.say(sentence))],
        })
    }

    fn draft(&self, post: &PostView) -> Vec<String> {
        let mut lines = Vec::new();
        for variant in &post.variants {
            lines.push(format!("┌ {} · {}", name(&variant.account), self.say(&post.status.wording())));
            self.shown(&variant.preview, &variant.findings, &mut lines);
            lines.push("└".into());
        }
        lines
    }

    fn post(&self, post: &PostView) -> Vec<String> {
        let mut lines = Vec::new();
        let (deliveries, more) = post.shown_deliveries();
        for delivery in deliveries {
            lines.push(format!("┌ {} · {}", name(&delivery.account), self.say(&delivery.state.wording())));
            let now = self.app.now_ms();
            lines.push(format!("│ {}", self.app.words().moment(self.caller.lang, &delivery.when, now)));
            lines.extend(delivery.reason.iter().map(|reason| format!("│ {}", self.say(reason))));
            for receipt in &delivery.receipts {
                lines.extend(receipt.permalink.iter().map(|url| format!("│ {url}")));
                lines.push(format!("│ {}", self.say(&receipt.how)));
            }
            lines.push("└".into());
        }
        if more > 0 {
            lines.push(self.say(&say!("post-more-to-come", count = more)));
        }
        lines
    }

    /// Exactly what would happen: everything that the page shows.
    pub(super) fn approval(&self, view: &ApprovalView) -> Vec<String> {
        let mut lines = vec![self.say(&view.what)];
        if view.approval.decision != Decision::Pending {
            return lines;
        }
        if !view.lines.is_empty() {
            lines.push(self.text("approval-exactly"));
        }
        for line in &view.lines {
            let when = match &line.when {
                Some(moment) => self.app.words().moment(self.caller.lang, moment, self.app.now_ms()),
                None => self.text("approval-when-now"),
            };
            lines.push(format!("┌ {}", name(&line.account)));
            self.shown(&line.preview, &line.findings, &mut lines);
            lines.extend(line.options.iter().map(|option| format!("│ {}", self.say(option))));
            lines.push(format!("│ {} {when}", self.text("approval-when")));
            if let Some(every) = &line.every {
                let rule = self.app.words().recurrence(self.caller.lang, every, self.app.now_ms());
                lines.push(format!("│ {} {rule}", self.text("approval-every")));
            }
            lines.extend(line.twice.iter().map(|found| format!("│ ⚠ {}", self.say(found))));
            let cost = self.app.words().cost(self.caller.lang, line.preview.cost_usd_micros, line.times());
            lines.push(format!("└ {} {cost}", self.text("post-cost")));
        }
        lines
    }

    fn shown(&self, preview: &Preview, findings: &[Finding], lines: &mut Vec<String>) {
        for segment in &preview.segments {
            lines.extend(segment.text.lines().map(|line| format!("│ {line}")));
            for medium in &segment.media {
                let alt = medium.alt.clone().unwrap_or_else(|| self.text("post-no-alt"));
                lines.push(format!("│ [{}, {}×{}] {alt}", medium.mime, medium.width, medium.height));
            }
            lines.push(format!("│ ({} / {})", segment.length, segment.length_max));
        }
        for finding in findings {
            let mark = match finding.severity {
                Severity::Error => "✗",
                Severity::Warning => "!",
            };
            lines.push(format!("│ {mark} {}", self.say(&finding.what)));
        }
    }

    /// What came of a person's answer.
    pub(super) fn decided(&self, view: &ApprovalView) -> String {
        self.say(&match view.approval.decision {
            Decision::Pending => say!("chat-later"),
            Decision::Approved => say!("approval-done-approved"),
            Decision::Declined => say!("approval-done-declined"),
            Decision::Superseded => say!("approval-done-superseded"),
            Decision::Expired => say!("approval-done-expired"),
        })
    }

    pub(super) fn say(&self, sentence: &Sentence) -> String {
        self.app.words().say(self.caller.lang, sentence)
    }

    pub(super) fn text(&self, key: &str) -> String {
        self.app.words().text(self.caller.lang, key)
    }
}

fn name(account: &Account) -> String {
    format!("@{} ({})", account.handle, account.network.shown())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::view::ApprovalLine;
    use crate::domain::account::Health;
    use crate::domain::approval::{Act, Approval};
    use crate::domain::ids::{AccountId, ApprovalId, PostId};
    use crate::domain::lang::Lang;
    use crate::domain::network::Network;
    use crate::domain::post::SegmentPreview;
    use crate::domain::recurrence::{CatchUp, Recurrence};
    use crate::domain::schedule::Moment;
    use crate::places::stage::{Stage, member};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_rule_is_asked_about_with_all_its_times_what_they_cost_together_and_what_is_said_twice() {
        let stage = Stage::open(Lang::En).await;
        let caller = &stage.app().find_member(&member()).await.unwrap().unwrap();
        let segment = SegmentPreview { text: "Every Tuesday".into(), length: 13, length_max: 280, media: Vec::new() };
        let rule = "FREQ=WEEKLY;BYDAY=TU;COUNT=3".to_owned();
        let instants = vec![0, 604_800_000, 1_209_600_000];
        let line = ApprovalLine {
            account: Account {
                id: AccountId::generate(1, 1),
                workspace: caller.workspace.clone(),
                user: caller.user.clone(),
                network: Network::X,
                remote_id: "1".into(),
                handle: "ana".into(),
                name: "Ana".into(),
                scopes: String::new(),
                health: Health::Fine,
            },
            preview: Preview { segments: vec![segment], cost_usd_micros: 15_000 },
            when: Some(Moment { at_ms: 0, zone: "UTC".into() }),
            every: Some(Recurrence { rule, zone: "UTC".into(), catch_up: CatchUp::Ask, instants }),
            twice: vec![say!("twice-alike", handle = "ana", at = "Monday", post = "post_1")],
            options: Vec::new(),
            findings: Vec::new(),
        };
        let approval = Approval {
            id: ApprovalId::generate(1, 1),
            workspace: caller.workspace.clone(),
            user: caller.user.clone(),
            act: Act::Publish { post: PostId::generate(1, 1), revision: 1, items: Vec::new(), again: false },
            hash: String::new(),
            decision: Decision::Pending,
            created_at: 1,
            expires_at: i64::MAX,
            decided_at: None,
            decided_via: None,
        };
        let what = say!("approval-act-schedule", accounts = "@ana");
        let view = ApprovalView { approval, what, lines: vec![line], post: None };
        let shown = Drawer { app: stage.app(), caller }.approval(&view).join("\n");
        for words in ["every week on Tue, 3 times", "You are asked about each", "US$0.045 in all", "nearly the same"] {
            assert!(shown.contains(words), "{words:?} is not in {shown}");
        }
    }
}
