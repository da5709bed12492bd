//! Plans in chat services: a table that was dropped in, a question about several posts as a card, and the form that leaves some of them out.

use super::cut::cut;
use super::draw::Drawer;
use super::files::Brought;
use super::inbound::{File, Inbound, Sheet, Spot};
use super::message::{About, Button, Field, Form, Message, Text};
use super::said::name;
use super::work::Worker;
use super::{Hall, To};
use crate::app::{Imported, Verdict, fault_lines};
use crate::desk::view::{ApprovalLine, ApprovalView, BatchLine};
use crate::domain::approval::Decision;
use crate::domain::batch::{BatchOutcome, Picked, read_numbers};
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::ids::ApprovalId;
use crate::domain::post::{Preview, SegmentPreview};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// Posts of a plan that its card shows: a message has room for no more with their words.
const SHOWN: usize = 10;
/// Characters of a post's text on that card.
const WORDS: usize = 100;
/// What is worth knowing of a post before a yes, as sentences on that card; more are told by their number.
const WARNINGS: usize = 3;
/// Characters of numbers somebody types.
const NUMBERS_MAX: usize = 300;
/// Characters of a file's name.
const NAME_MAX: usize = 60;

impl Drawer<'_> {
    /// A plan: its first posts, and where the rest is.
    pub(super) fn batch(&self, view: &ApprovalView, message: &mut Message) {
        message.line(Text::bold(self.say(&view.what)));
        if view.approval.decision != Decision::Pending {
            message.small(self.decided(view));
            self.batch_result(view, message);
            return;
        }
        let texts = view.batch.iter().take(SHOWN).map(|item| self.batch_item(item));
        texts.for_each(|text| message.line(text));
        if view.batch.len() > SHOWN {
            message.small(self.say(&say!("batch-more", count = view.batch.len() - SHOWN)));
        }
        if view.ready() < view.batch.len() {
            message.small(self.say(&say!("batch-ready", count = view.ready())));
        }
        let cost: i64 = view.batch.iter().filter(|item| item.can_go()).map(cost).sum();
        if cost > 0 {
            message.small(format!("{} {}", self.text("post-cost"), self.app.words().money(cost)));
        }
        let value = format!("{} {}", view.approval.id, view.approval.hash);
        let mut buttons = Vec::new();
        // Nobody decides here about what they could not read here.
        let can_be_read = view.batch.len() <= SHOWN && view.batch.iter().all(is_shown_whole);
        if !can_be_read {
            message.small(self.text("batch-read-first"));
        }
        if can_be_read && view.ready() > 0 {
            let label = self.say(&say!("batch-approve-all", count = view.ready()));
            buttons.push(Button::primary("approve", label, value.clone()));
        }
        if can_be_read && view.ready() > 1 {
            buttons.push(Button::plain("approve-but", self.text("batch-approve-but"), value.clone()));
        }
        buttons.push(Button::danger("decline", self.text("approval-decline"), value));
        let page = self.page(&format!("approvals/{}", view.approval.id));
        buttons.push(Button::link(self.text("batch-open"), page));
        message.deciding(buttons);
    }

    /// One post on two lines: when and where, and how it begins.
    fn batch_item(&self, item: &BatchLine) -> Text {
        let when = item.when().map_or_else(|| "–".to_owned(), |moment| self.moment(moment));
        let accounts: Vec<String> = item.lines.iter().map(|line| name(&line.account)).collect();
        let mut text = Text::bold(format!("{}. {when}", item.no)).and(format!(" · {}", accounts.join(", ")));
        let words =
            item.lines.first().and_then(|line| line.preview.segments.first()).map(|segment| plain(&segment.text));
        let words = words.unwrap_or_default();
        text = text.and("\n").and(cut(&words, WORDS));
        if let Some(why) = &item.problem {
            return text.and("\n❌ ").and(self.say(why));
        }
        if item.warnings() <= WARNINGS {
            let all = item.lines.iter().flat_map(|line| {
                line.twice.iter().chain(line.findings.iter().map(|finding| &finding.what)).map(|what| self.say(what))
            });
            text = all.fold(text, |text, warning| text.and("\n⚠️ ").and(warning));
        } else {
            text = text.and("\n⚠️ ").and(self.say(&say!("batch-warnings", count = item.warnings())));
        }
        text
    }

    /// What became of a plan: how many, and why some could not go.
    fn batch_result(&self, view: &ApprovalView, message: &mut Message) {
        if view.approval.decision != Decision::Approved {
            return;
        }
        let (scheduled, left, refused) = view.ended();
        let mut lines = vec![self.say(&say!("batch-result", scheduled = scheduled, left = left, refused = refused))];
        let why = |item: &BatchLine| match &item.outcome {
            Some(BatchOutcome::Refused(why)) => Some(format!("{}. {}", item.no, self.say(why))),
            Some(BatchOutcome::Scheduled | BatchOutcome::Left) | None => None,
        };
        lines.extend(view.batch.iter().filter_map(why).take(SHOWN));
        message.small(Text::lines(lines.into_iter().map(Text::plain)));
        let page = self.page(&format!("approvals/{}", view.approval.id));
        message.buttons(vec![Button::link(self.text("approval-title"), page)]);
    }
}

/// Whether the card has all of a post: one text that is not cut, the same at the same time for all its accounts, with nothing beside it that the
/// card has no room for.
fn is_shown_whole(item: &BatchLine) -> bool {
    // What must be chosen by itself is chosen on the page.
    if item.alone.is_some() {
        return false;
    }
    let is_at_once = item.lines.iter().all(|line| line.when.as_ref() == item.when());
    let mut all = item.lines.iter().map(only_words);
    let Some(first) = all.next() else { return true };
    let is_short = first.as_ref().is_some_and(|words| !words.is_empty() && words.chars().count() <= WORDS);
    is_short && is_at_once && item.warnings() <= WARNINGS && all.all(|other| other == first)
}

/// The words of a line that has nothing beside them. A picture, a poll, a choice, a rule: whoever agrees to that has seen it, on the page.
fn only_words(line: &ApprovalLine) -> Option<String> {
    // Taken apart, so that a new part of it cannot be forgotten here.
    let ApprovalLine { account: _, preview, when: _, every, twice: _, options, findings: _ } = line;
    let Preview { segments, frame: _, cost_usd_micros: _ } = preview;
    let [one] = segments.as_slice() else { return None };
    let SegmentPreview { text, length: _, length_max: _, media, poll, fold, card } = one;
    let is_all = media.is_empty() && poll.is_none() && fold.is_none() && card.is_none();
    (is_all && every.is_none() && options.is_empty()).then(|| plain(text))
}

/// A text on one line.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a post costs wherever it goes, millionths of a US dollar.
fn cost(item: &BatchLine) -> i64 {
    let of = |line: &ApprovalLine| {
        line.preview.cost_usd_micros.saturating_mul(i64::try_from(line.times()).unwrap_or(i64::MAX))
    };
    item.lines.iter().map(of).sum()
}

/// Whether a file is a table by its name; what is in it is looked at before anything is made of it.
pub(super) fn is_table(file: &File) -> bool {
    let name = file.name.to_lowercase();
    name.ends_with(".csv") || name.ends_with(".tsv")
}

/// A table that was dropped in becomes drafts and one question, which is shown to whoever dropped it; the model hears that it did.
pub(super) async fn bring(
    worker: &Worker,
    caller: &Caller,
    (inbound, spot): (&Inbound, &Spot),
    file: &File,
) -> Result<Brought, ToolError> {
    let drawer = worker.drawer(caller);
    let shown = cut(&file.name, NAME_MAX);
    let (message, note) = match import(worker, caller, inbound, file).await {
        Ok(Imported { approval: Some(id), posts, ignored, .. }) => {
            let made = drawer.say(&say!("plan-made", count = posts, name = shown.as_str()));
            let mut message = drawer.begin_at(made.clone(), &format!("approvals/{id}"));
            message.line(made.clone());
            if !ignored.is_empty() {
                message.small(drawer.say(&say!("plan-ignored", columns = ignored.join(", "))));
            }
            message.parts.extend(drawer.alone(&Card::Approval(id)).await?.parts);
            (message, made)
        }
        Ok(Imported { faults, .. }) => {
            let said = drawer.say(&say!("plan-faults", count = faults.len()));
            let mut message = drawer.begin_at(said.clone(), "calendar/import");
            message.line(format!("{shown}: {said}"));
            message.line(Text::lines(fault_lines(&faults, |why| drawer.say(why)).into_iter().map(Text::plain)));
            (message, said)
        }
        Err(ToolError::Refused(why)) => {
            let said = drawer.say(&say!("place-file-refused", name = shown, why = drawer.say(&why)));
            (Message::sentence(&said), said)
        }
        Err(error) => return Err(error),
    };
    if spot.is_direct {
        let ts = worker.service.tell(&inbound.team, &To::Spot(spot), &message).await;
        worker.note_answer(inbound, (&spot.channel, ts), &message).await;
    } else {
        let told = worker.service.told(&inbound.team, &To::Only(spot, &inbound.member.id), &message).await;
        worker.note_alone(inbound, told, &message).await;
    }
    Ok(Brought { note: Some(note), ..Brought::default() })
}

async fn import(worker: &Worker, caller: &Caller, inbound: &Inbound, file: &File) -> Result<Imported, ToolError> {
    let app = &worker.hall().app;
    let url = url::Url::parse(&file.url).map_err(|_| say!("media-url-wrong", url = &file.url))?;
    let token = worker.service.may_fetch(&inbound.team, &url).await?;
    app.import_plan_file(caller, app.fetch_file(&url, token.as_ref()).await?).await
}

/// The form that leaves posts of a plan out; `about` is what the button carries.
pub(super) fn form(hall: &Hall, caller: &Caller, about: About) -> Form {
    let say = |key: &str| hall.app.words().text(caller.lang, key);
    Form {
        id: "leave",
        about,
        title: say("batch-choose-title"),
        submit: say("batch-choose-submit"),
        close: say("page-cancel"),
        fields: vec![Field::Text {
            id: "leave".into(),
            label: say("batch-choose-label"),
            value: String::new(),
            hint: say("batch-choose-hint"),
            chars_max: NUMBERS_MAX,
            is_short: true,
        }],
    }
}

/// What is wrong with the numbers of a form that is being sent.
pub(super) async fn mistake(hall: &Hall, caller: &Caller, sheet: &Sheet) -> Result<Option<Sentence>, ToolError> {
    let (id, _) = asked(sheet)?;
    let count = hall.app.read_approval(caller, &id).await?.batch.len();
    Ok(read_numbers(numbers(sheet), count).err())
}

/// Approves a plan without the posts whose numbers were typed; the card as it is then.
pub(super) async fn submitted(worker: &Worker, caller: &Caller, sheet: &Sheet) -> Result<Message, ToolError> {
    let app = &worker.hall().app;
    let (id, hash) = asked(sheet)?;
    let before = app.read_approval(caller, &id).await?;
    let view = match before.approval.decision {
        Decision::Pending => {
            let left = read_numbers(numbers(sheet), before.batch.len())?;
            app.decide_but(caller, &id, (hash, &Picked::but(left)), Verdict::Approve).await?
        }
        // Sent twice, or its process died over it.
        Decision::Approved | Decision::Declined | Decision::Superseded | Decision::Expired | Decision::Void => before,
    };
    let drawer = worker.drawer(caller);
    let mut message = drawer.begin_at(drawer.decided(&view), &format!("approvals/{id}"));
    drawer.batch(&view, &mut message);
    Ok(message)
}

fn numbers(sheet: &Sheet) -> &str {
    sheet.values.get("leave").map_or("", String::as_str)
}

/// `<approval> <hash>`, as the button had it.
fn asked(sheet: &Sheet) -> Result<(ApprovalId, &str), ToolError> {
    let about = sheet.about.post.as_str();
    let (id, hash) = about.split_once(' ').unwrap_or((about, ""));
    Ok((id.parse().map_err(|_| say!("approval-not-found", id = id))?, hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{Account, Health};
    use crate::domain::ids::{AccountId, MediaId, PostId, UserId, WorkspaceId};
    use crate::domain::network::Network;
    use crate::domain::post::{Finding, Frame, Inside, MediaFacts, Poll, Severity};
    use crate::domain::recurrence::{CatchUp, Recurrence};
    use crate::domain::schedule::Moment;

    fn line() -> ApprovalLine {
        let account = Account {
            id: AccountId::generate(1, 1),
            workspace: WorkspaceId::generate(1, 1),
            user: UserId::generate(1, 1),
            network: Network::X,
            remote_id: "1".into(),
            handle: "ana".into(),
            name: "Ana".into(),
            scopes: String::new(),
            health: Health::Fine,
            avatar_at: None,
        };
        let segment = SegmentPreview {
            text: "Where we go".into(),
            length: 11,
            length_max: 280,
            media: Vec::new(),
            poll: None,
            fold: None,
            card: None,
        };
        let preview = Preview { segments: vec![segment], frame: Frame::default(), cost_usd_micros: 15_000 };
        let when = Some(Moment { at_ms: 0, zone: "UTC".into() });
        ApprovalLine { account, preview, when, every: None, twice: vec![], options: vec![], findings: vec![] }
    }

    fn is_whole(change: impl Fn(&mut ApprovalLine)) -> bool {
        let mut changed = line();
        change(&mut changed);
        let lines = vec![line(), changed];
        is_shown_whole(&BatchLine {
            no: 1,
            post: PostId::generate(1, 1),
            lines,
            alone: None,
            problem: None,
            outcome: None,
        })
    }

    #[test]
    fn a_post_is_decided_about_here_only_when_all_of_it_is_here() {
        assert!(is_whole(|_| {}));
        assert!(!is_whole(|line| line.preview.segments[0].text = "x".repeat(WORDS + 1)));
        assert!(!is_whole(|line| line.preview.segments[0].text = "Elsewhere".into()));
        assert!(!is_whole(|line| line.preview.segments.push(line.preview.segments[0].clone())));
        assert!(!is_whole(|line| line.when = Some(Moment { at_ms: 1, zone: "UTC".into() })));
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
        assert!(!is_whole(|line| line.preview.segments[0].media.push(medium.clone())), "its picture is not shown");
        let poll = Poll { options: vec!["By ship".into(), "By train".into()], minutes: 90 };
        assert!(!is_whole(|line| line.preview.segments[0].poll = Some(poll.clone())));
        assert!(!is_whole(|line| line.preview.segments[0].card = Some("https://example.com".into())));
        assert!(!is_whole(|line| line.options.push(say!("post-empty"))));
        let every = Recurrence {
            rule: "FREQ=DAILY;COUNT=2".into(),
            zone: "UTC".into(),
            catch_up: CatchUp::Ask,
            instants: vec![0, 86_400_000],
        };
        assert!(!is_whole(|line| line.every = Some(every.clone())));
        // Some warnings stand there in words; more are only counted.
        let finding = Finding { severity: Severity::Warning, part: None, what: say!("post-empty") };
        assert!(is_whole(|line| line.findings = vec![finding.clone(); WARNINGS]));
        assert!(!is_whole(|line| line.findings = vec![finding.clone(); WARNINGS + 1]));
    }
}
