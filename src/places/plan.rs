//! Plans in chat services: a table that was dropped in, a question about several posts as a card, and the form that leaves some of them out.

use super::cut::cut;
use super::draw::{Drawer, name};
use super::files::Brought;
use super::inbound::{File, Inbound, Sheet, Spot};
use super::message::{About, Button, Field, Form, Message, Text};
use super::work::Worker;
use super::{Hall, To};
use crate::app::{Imported, Verdict, fault_lines};
use crate::desk::view::{ApprovalLine, ApprovalView, BatchLine};
use crate::domain::approval::Decision;
use crate::domain::batch::{BatchOutcome, Picked, read_numbers};
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::ids::ApprovalId;
use crate::domain::post::SegmentPreview;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// Posts of a plan that its card shows: a message has room for no more with their words.
const SHOWN: usize = 10;
/// Characters of a post's text on that card.
const WORDS: usize = 100;
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
        let words = item.lines.first().and_then(|line| line.preview.segments.first()).map(|segment| &segment.text);
        let words = words.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default();
        text = text.and("\n").and(cut(&words, WORDS));
        if let Some(why) = &item.problem {
            return text.and("\n❌ ").and(self.say(why));
        }
        if item.warnings() > 0 {
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

/// Whether the card has all of a post: one text, the same for all its accounts, not cut, and nothing beside it that somebody would have to see before
/// they agree (pictures, polls, choices, a rule). What must be chosen by itself is chosen on the page.
fn is_shown_whole(item: &BatchLine) -> bool {
    if item.alone.is_some() {
        return false;
    }
    let words = |line: &ApprovalLine| {
        // Taken apart, so that a new part of it cannot be forgotten here.
        let ApprovalLine { account: _, preview, when: _, every, twice: _, options, findings: _ } = line;
        match preview.segments.as_slice() {
            [SegmentPreview { text, length: _, length_max: _, media, poll, fold: _, card: _ }]
                if media.is_empty() && poll.is_none() && options.is_empty() && every.is_none() =>
            {
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            }
            _ => String::new(),
        }
    };
    let mut all = item.lines.iter().map(words);
    let Some(first) = all.next() else { return true };
    !first.is_empty() && first.chars().count() <= WORDS && all.all(|other| other == first)
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
