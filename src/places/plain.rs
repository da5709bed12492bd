//! Cards as text: a frame on the left, drawn from ledger rows in the person's language.

use super::said::{self, Part, name};
use crate::app::App;
use crate::desk::view::{ApprovalLine, ApprovalView, ChangeLine, PostView};
use crate::domain::approval::Decision;
use crate::domain::batch::BatchOutcome;
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::post::{Finding, Preview, Severity};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// Draws for one person.
pub(crate) struct Drawer<'a> {
    pub(crate) app: &'a App,
    /// As they are by now: a turn may change their language and zone.
    pub(crate) caller: Caller,
}

impl Drawer<'_> {
    /// A card's lines.
    pub(crate) async fn draw(&self, card: &Card) -> Result<Vec<String>, ToolError> {
        Ok(match card {
            Card::Draft(id) => self.draft(&self.app.read_post(&self.caller, id).await?),
            Card::Post(id) => self.post(&self.app.read_post(&self.caller, id).await?),
            Card::Approval(id) => self.approval(&self.app.read_approval(&self.caller, id).await?),
            Card::Times(times) => {
                let word = |moment| self.app.words().moment(self.caller.lang, moment, self.app.now_ms());
                times.iter().enumerate().map(|(no, moment)| format!("{}) {}", no + 1, word(moment))).collect()
            }
            Card::Link { url } => vec![format!("→ {url}")],
            Card::Chart(chart) => vec![chart.told.clone()],
            // Nobody reads along at a terminal.
            Card::Google => Vec::new(),
            Card::Problem(sentence) => vec![format!("! {}", self.say(sentence))],
        })
    }

    fn draft(&self, post: &PostView) -> Vec<String> {
        let mut lines = Vec::new();
        for variant in &post.variants {
            lines.push(format!("┌ {} · {}", name(&variant.account), self.say(&post.status.wording())));
            self.shown(&variant.preview, &variant.findings, &mut lines);
            let options = variant.content.options.wordings();
            lines.extend(options.iter().map(|option| format!("│ {}", self.say(option))));
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
    pub(crate) fn approval(&self, view: &ApprovalView) -> Vec<String> {
        let mut lines = vec![self.say(&view.what)];
        if view.approval.decision != Decision::Pending {
            lines.extend(view.outcome.iter().map(|outcome| self.say(outcome)));
            return lines;
        }
        for ChangeLine { field, before, after } in &view.changes {
            lines.push(format!("┌ {}", self.say(&say!("video-edit-field", field = *field))));
            for (key, text) in [("video-edit-before", before), ("video-edit-after", after)] {
                lines.push(format!("│ {}", self.text(key)));
                let text = if text.is_empty() { self.text("video-edit-nothing-there") } else { text.clone() };
                lines.extend(text.lines().map(|line| format!("│   {line}")));
            }
            lines.push("└".into());
        }
        if let Some(picture) = &view.thumbnail {
            let field = self.say(&say!("video-edit-field", field = "thumbnail"));
            lines.push(format!(
                "{field} [{}] {} ({})",
                picture.measured(),
                picture.alt.as_deref().unwrap_or("–"),
                picture.id
            ));
        }
        lines.extend(view.gone.iter().map(|gone| format!("! {}", self.say(gone))));
        if !view.lines.is_empty() || !view.batch.is_empty() {
            lines.push(self.text("approval-exactly"));
        }
        for item in &view.batch {
            lines.push(String::new());
            lines.push(format!("{}.", item.no));
            lines.extend(item.problem.iter().map(|why| format!("! {}", self.say(why))));
            self.lines(&item.lines, &mut lines);
        }
        self.lines(&view.lines, &mut lines);
        lines
    }

    /// What became of the posts of a plan, once it is known.
    pub(crate) fn batch_result(&self, view: &ApprovalView) -> Vec<String> {
        if view.batch.is_empty() || view.approval.decision != Decision::Approved {
            return Vec::new();
        }
        let (scheduled, left, refused) = view.ended();
        let why = view.batch.iter().filter_map(|item| match &item.outcome {
            Some(BatchOutcome::Refused(why)) => Some(format!("{}. {}", item.no, self.say(why))),
            Some(BatchOutcome::Scheduled | BatchOutcome::Left) | None => None,
        });
        let result = self.say(&say!("batch-result", scheduled = scheduled, left = left, refused = refused));
        why.chain(std::iter::once(result)).collect()
    }

    fn lines(&self, all: &[ApprovalLine], lines: &mut Vec<String>) {
        for line in all {
            let when = match &line.when {
                Some(moment) => self.app.words().moment(self.caller.lang, moment, self.app.now_ms()),
                None => self.text("approval-when-now"),
            };
            lines.push(format!("┌ {}", name(&line.account)));
            self.shown(&line.preview, &line.findings, lines);
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
    }

    fn shown(&self, preview: &Preview, findings: &[Finding], lines: &mut Vec<String>) {
        for segment in &preview.segments {
            let Part { text, count, poll, beside } = said::part(self.app.words(), self.caller.lang, segment);
            lines.extend(text.lines().map(|line| format!("│ {line}")));
            let poll = poll.into_iter().flat_map(|(wording, choices)| std::iter::once(wording).chain(choices));
            lines.extend(poll.chain(beside).map(|line| format!("│ {line}")));
            lines.push(format!("│ ({count})"));
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
    pub(crate) fn decided(&self, view: &ApprovalView) -> String {
        self.say(&said::decided(view.approval.decision).unwrap_or_else(|| say!("chat-later")))
    }

    pub(crate) fn say(&self, sentence: &Sentence) -> String {
        self.app.words().tell(self.caller.lang, sentence)
    }

    pub(crate) fn text(&self, key: &str) -> String {
        self.app.words().text(self.caller.lang, key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{Account, Health};
    use crate::domain::approval::{Act, Approval};
    use crate::domain::ids::{AccountId, ApprovalId, MediaId, PostId};
    use crate::domain::lang::Lang;
    use crate::domain::network::Network;
    use crate::domain::post::{Frame, Inside, MediaFacts, Options, Poll, Repliers, SegmentPreview};
    use crate::domain::recurrence::{CatchUp, Recurrence};
    use crate::domain::schedule::Moment;
    use crate::places::stage::{Stage, member};

    fn segment(text: &str) -> SegmentPreview {
        SegmentPreview {
            text: text.into(),
            length: 12,
            length_max: 280,
            media: Vec::new(),
            poll: None,
            fold: None,
            card: None,
        }
    }

    /// What stands in the terminal where an approval of this line is asked for.
    async fn shown(change: impl FnOnce(&mut ApprovalLine), gone: Vec<Sentence>) -> String {
        let stage = Stage::open(Lang::En).await;
        let caller = stage.app().find_member(&member()).await.unwrap().unwrap();
        let mut line = ApprovalLine {
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
                avatar_at: None,
            },
            preview: Preview {
                segments: vec![segment("Where we go")],
                frame: Frame::default(),
                cost_usd_micros: 15_000,
            },
            when: None,
            every: None,
            twice: Vec::new(),
            options: Vec::new(),
            findings: Vec::new(),
        };
        change(&mut line);
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
            reason: None,
        };
        let what = say!("approval-act-publish-now", accounts = "@ana");
        let (lines, batch, changes) = (vec![line], Vec::new(), Vec::new());
        let (thumbnail, outcome, post) = (None, None, None);
        let view = ApprovalView { approval, what, lines, batch, changes, thumbnail, outcome, gone, post };
        Drawer { app: stage.app(), caller }.approval(&view).join("\n")
    }

    #[track_caller]
    fn assert_says(shown: &str, words: &[&str]) {
        for words in words {
            assert!(shown.contains(words), "{words:?} is not in {shown}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn everything_that_would_go_out_is_in_the_question_and_what_is_gone_too() {
        let medium = MediaFacts {
            id: MediaId::generate(1, 1),
            mime: "image/png".into(),
            bytes: 1,
            sha256: "0".into(),
            width: 3,
            height: 4,
            duration_ms: 0,
            alt: Some("A black square".into()),
            inside: Inside::default(),
        };
        let poll = Poll { options: vec!["By ship".into(), "By train".into()], minutes: 90 };
        let change = |line: &mut ApprovalLine| {
            line.preview.segments[0].media.push(medium);
            line.preview.segments[0].poll = Some(poll);
            line.options = Options {
                repliers: Some(Repliers::Verified),
                made_with_ai: true,
                paid_partnership: true,
                ..Options::default()
            }
            .wordings();
        };
        let shown = shown(change, vec![say!("approval-gone-account", handle = "ben")]).await;
        assert_says(&shown, &["Where we go", "A black square", "○ By ship", "○ By train", "runs for 90 minutes"]);
        assert_says(&shown, &["Only verified accounts", "made with AI", "paid partnership", "US$0.015"]);
        assert_says(&shown, &["@ben is not connected any more"]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_rule_is_asked_about_with_all_its_times_what_they_cost_together_and_what_is_said_twice() {
        let change = |line: &mut ApprovalLine| {
            let rule = "FREQ=WEEKLY;BYDAY=TU;COUNT=3".to_owned();
            let instants = vec![0, 604_800_000, 1_209_600_000];
            line.when = Some(Moment { at_ms: 0, zone: "UTC".into() });
            line.every = Some(Recurrence { rule, zone: "UTC".into(), catch_up: CatchUp::Ask, instants });
            line.twice = vec![say!("twice-alike", handle = "ana", at = "Monday", post = "post_1")];
        };
        let shown = shown(change, Vec::new()).await;
        assert_says(
            &shown,
            &["every week on Tue, 3 times", "You are asked about each", "US$0.045 in all", "nearly the same"],
        );
    }
}
