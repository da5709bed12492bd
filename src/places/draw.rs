//! Cards as parts, drawn from ledger rows in the person's language.

use super::cut::cut;
use super::message::{Button, Chart, Choice, Message, Person, Picture, Span, Text};
use super::repair;
use super::said::{self, Part, name};
use crate::app::App;
use crate::app::pictured::told;
use crate::desk::view::{AccountView, ApprovalView, DeliveryView, PostStatus, PostView};
use crate::domain::account::Account;
use crate::domain::approval::{Act, Decision};
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::delivery::State;
use crate::domain::digest::Digest;
use crate::domain::ids::PostId;
use crate::domain::lang::Lang;
use crate::domain::post::{Finding, Preview, SegmentPreview, Severity};
use crate::domain::refusal::Sentence;
use crate::domain::schedule::{Moment, choices};
use crate::domain::tool::ToolError;
use crate::say;

/// Characters of a post's text in a list.
const ROW_CHARS: usize = 150;
/// Seconds between two drawings of a countdown.
pub(crate) const COUNT_STEP_S: i64 = 5;

/// Draws for one person.
#[derive(Clone, Copy)]
pub(crate) struct Drawer<'a> {
    pub(crate) app: &'a App,
    pub(crate) caller: &'a Caller,
    /// Only the asker sees it, and others are in the channel: it can be shown to them.
    pub(crate) can_share: bool,
    /// It is somebody else's, who named the reader: nothing but the answer is theirs to press.
    pub(crate) is_guest: bool,
    /// It is drawn again every few seconds: what is left of the hold window is said in seconds.
    pub(crate) is_counting: bool,
    /// It answers a command: what is chosen on it goes on with the command's own conversation.
    pub(crate) is_command: bool,
    /// The instant from which distances are counted, Unix milliseconds, where that is not now.
    pub(crate) as_of: Option<i64>,
}

impl<'a> Drawer<'a> {
    /// For one person, with nothing special about it.
    pub(crate) fn new(app: &'a App, caller: &'a Caller) -> Self {
        let (can_share, is_guest, is_counting, is_command) = (false, false, false, false);
        Self { app, caller, can_share, is_guest, is_counting, is_command, as_of: None }
    }

    fn now_ms(&self) -> i64 {
        self.as_of.unwrap_or_else(|| self.app.now_ms())
    }

    /// A reply: its text, then its cards. `path` is its conversation's page.
    pub(crate) async fn reply(&self, text: &str, cards: &[Card], path: &str) -> Result<Message, ToolError> {
        let mut message = self.begin_at(text, path);
        message.markdown(text);
        for card in cards {
            self.card(card, &mut message).await?;
        }
        Ok(message)
    }

    /// Cards and nothing else.
    pub(crate) async fn cards(&self, cards: &[Card]) -> Result<Message, ToolError> {
        let title = cards.first().map(|card| self.title(card)).unwrap_or_default();
        let path = match cards {
            [Card::Draft(id) | Card::Post(id)] => format!("posts/{id}"),
            [Card::Approval(id)] | [Card::Approval(id), Card::Post(_)] => format!("approvals/{id}"),
            _ => String::new(),
        };
        let mut message = self.begin_at(title, &path);
        for card in cards {
            self.card(card, &mut message).await?;
        }
        Ok(message)
    }

    /// One card.
    pub(crate) async fn alone(&self, card: &Card) -> Result<Message, ToolError> {
        self.cards(std::slice::from_ref(card)).await
    }

    /// What a card is, for notifications.
    fn title(&self, card: &Card) -> String {
        match card {
            Card::Draft(_) | Card::Post(_) => self.text("post-title"),
            Card::Approval(_) => self.text("approval-title"),
            Card::Times(_) => self.text("place-times"),
            Card::Link { url } => url.clone(),
            Card::Chart(chart) => chart.title.clone(),
            Card::Google => self.text("place-google-first"),
            Card::Problem(sentence) => self.say(sentence),
        }
    }

    /// A sentence and nothing else.
    pub(crate) fn sentence(&self, sentence: &Sentence) -> Message {
        Message::sentence(&self.say(sentence))
    }

    /// An empty message that says where the rest is, should not all of it fit.
    pub(crate) fn begin(&self, text: impl Into<String>) -> Message {
        self.begin_at(text, "")
    }

    /// The same where all of it is on a page of its own.
    pub(crate) fn begin_at(&self, text: impl Into<String>, path: &str) -> Message {
        let more = self.say(&say!("place-more", url = self.page(path)));
        Message { more, ..Message::new(text) }
    }

    async fn card(&self, card: &Card, message: &mut Message) -> Result<(), ToolError> {
        match card {
            Card::Draft(id) => self.draft(&self.app.read_post(self.caller, id).await?, message),
            Card::Post(id) => self.post(&self.app.read_post(self.caller, id).await?, message).await?,
            Card::Approval(id) => self.approval(&self.app.read_approval(self.caller, id).await?, message),
            Card::Times(times) => self.times(times, None, message),
            Card::Link { url } => message.buttons(vec![Button::link(self.text("place-open"), url)]),
            Card::Chart(chart) => {
                message.owner = Some(self.caller.user.clone());
                message.chart(Chart::of((**chart).clone()).await);
            }
            // Asked beside it, alone (`google`).
            Card::Google => message.line(self.text("place-google-first")),
            Card::Problem(sentence) => self.problem(sentence, None, message),
        }
        Ok(())
    }

    /// What was not done, and the way to mend it.
    fn problem(&self, why: &Sentence, post: Option<&PostId>, message: &mut Message) {
        message.line(Text::plain("⚠️ ").with(Text::linked(&self.say(why))));
        if let Some(button) = repair::button(self.app, self.caller.lang, why, post) {
            message.buttons(vec![button]);
        }
    }

    /// Times to choose from: for a post that is known, or to be said.
    fn times(&self, times: &[Moment], post: Option<&PostId>, message: &mut Message) {
        let button = |moment: &Moment| {
            let label = self.moment(moment);
            match post {
                Some(post) => Button::plain("at", label, format!("{post} {}", moment.rfc3339())),
                None => Button::plain(if self.is_command { "time-command" } else { "time" }, label, moment.rfc3339()),
            }
        };
        message.buttons(times.iter().map(button).collect());
    }

    /// A draft per network, with what can be done with it.
    pub(crate) fn draft(&self, post: &PostView, message: &mut Message) {
        message.about = Some(post.id.clone());
        for variant in &post.variants {
            message.line(headed(&whole_name(&variant.account), &self.say(&post.status.wording())));
            self.shown((&variant.preview, 1), &variant.findings, message);
            self.picture((&variant.account, &variant.preview), Some(&post.id), message);
            let options = variant.content.options.wordings();
            message.small(Text::lines(options.iter().map(|option| Text::plain(self.say(option)))));
        }
        if self.is_guest {
            // Nothing of it is theirs to press.
            return message.buttons(vec![self.open_post(post)]);
        }
        let id = post.id.as_str();
        let mut buttons = match post.status {
            PostStatus::Draft => vec![
                Button::primary("publish", self.text("place-publish"), id),
                Button::plain("schedule", self.text("place-schedule"), id),
                Button::plain("edit", self.text("place-edit"), id),
                Button::danger("discard", self.text("place-discard"), id),
            ],
            PostStatus::Withdrawn => vec![Button::plain("restore", self.text("place-restore"), id)],
            PostStatus::WaitingForYou | PostStatus::Scheduled | PostStatus::NeedsAttention | PostStatus::Published => {
                vec![self.open_post(post)]
            }
        };
        buttons.extend(self.share(post.id.as_str()));
        message.buttons(buttons);
    }

    /// Where a post goes and how that went.
    pub(crate) async fn post(&self, post: &PostView, message: &mut Message) -> Result<(), ToolError> {
        let latest = latest(&post.deliveries);
        if latest.is_empty() {
            self.draft(post, message);
            return Ok(());
        }
        message.about = Some(post.id.clone());
        let hold_ms = self.app.hold_ms(self.caller).await?;
        for delivery in &latest {
            self.delivery(delivery, hold_ms, message);
        }
        let (_, more) = post.shown_deliveries();
        if more > 0 {
            message.small(self.say(&say!("post-more-to-come", count = more)));
        }
        message.buttons(if self.is_guest {
            vec![self.open_post(post)]
        } else {
            self.post_buttons(post, &latest, hold_ms)
        });
        Ok(())
    }

    /// The way to a post's page.
    fn open_post(&self, post: &PostView) -> Button {
        Button::link(self.text("post-open"), self.page(&format!("posts/{}", post.id)))
    }

    fn post_buttons(&self, post: &PostView, latest: &[&DeliveryView], hold_ms: i64) -> Vec<Button> {
        let (id, now) = (post.id.as_str(), self.now_ms());
        let is = |state: State| latest.iter().any(|delivery| delivery.state == state);
        let mut buttons = Vec::new();
        if is(State::Blocked) {
            buttons.push(Button::link(self.text("place-reconnect"), self.page("accounts")));
        }
        if is(State::Missed) {
            buttons.push(Button::primary("publish", self.text("place-now"), id));
            buttons.push(Button::plain("schedule", self.text("place-change-time"), id));
            buttons.push(Button::danger("discard", self.text("place-drop"), id));
        }
        if is(State::Failed) {
            buttons.push(Button::primary("edit", self.text("place-edit"), id));
        }
        if latest.iter().any(|delivery| delivery.is_to_come()) {
            let is_held = latest.iter().any(|delivery| self.is_held(delivery, hold_ms, now));
            let label = if is_held { "place-undo" } else { "post-withdraw" };
            buttons.push(Button::danger("undo", self.text(label), id));
            buttons.push(Button::plain("schedule", self.text("place-change-time"), id));
        }
        if post.status == PostStatus::Published {
            buttons.push(Button::plain("again", self.text("post-again"), id));
        }
        if latest.iter().any(|delivery| is_out(delivery.state) && self.app.can_take_down(delivery.account.network)) {
            buttons.push(Button::danger("takedown", self.text("place-take-down"), id));
        }
        buttons.push(self.open_post(post));
        buttons.extend(self.share(post.id.as_str()));
        buttons
    }

    /// Whether what is to come is in its hold window, and not merely scheduled.
    fn is_held(&self, delivery: &DeliveryView, hold_ms: i64, now: i64) -> bool {
        delivery.is_to_come() && delivery.when.at_ms - now <= hold_ms
    }

    /// Shows a post, or what else is drawn, to everybody in the channel.
    pub(super) fn share(&self, what: &str) -> Option<Button> {
        let can_share = self.can_share && !self.is_guest;
        can_share.then(|| Button::plain("share", self.text("place-share"), what))
    }

    /// What became of a post, where others read along: nothing to press but the way to the page. What is not out is not theirs to read.
    pub(crate) fn news(&self, said: &str, post: &PostView) -> Message {
        let path = format!("posts/{}", post.id);
        let mut message = Message { more: self.begin_at("", &path).more, ..Message::sentence(said) };
        if post.status == PostStatus::Published {
            message.parts.extend(self.shared(post).parts);
        }
        message.buttons(vec![self.open_post(post)]);
        message
    }

    /// A post for everybody in a channel to see: without anything to press.
    pub(crate) fn shared(&self, post: &PostView) -> Message {
        let mut message = self.begin_at(self.text("post-title"), &format!("posts/{}", post.id));
        for variant in &post.variants {
            message.line(headed(&whole_name(&variant.account), &self.say(&post.status.wording())));
            for segment in &variant.preview.segments {
                let Part { text, poll, .. } = self.part(segment);
                message.exactly(text);
                poll_of(poll, &mut message);
            }
        }
        for receipt in post.shown_deliveries().0.into_iter().flat_map(|delivery| &delivery.receipts) {
            message.small(receipt.permalink.as_deref().map(Text::linked).unwrap_or_default());
        }
        message
    }

    fn delivery(&self, delivery: &DeliveryView, hold_ms: i64, message: &mut Message) {
        message.line(headed(&whole_name(&delivery.account), &self.say(&delivery.state.wording())));
        let mut lines = vec![Text::plain(self.moment(&delivery.when))];
        let now = self.now_ms();
        if self.is_counting && delivery.state == State::Scheduled && self.is_held(delivery, hold_ms, now) {
            let left = (delivery.when.at_ms - now).max(0) / 1000;
            // In steps: each is an edit of the message.
            lines.push(Text::plain(self.say(&say!("place-hold", seconds = (left / COUNT_STEP_S + 1) * COUNT_STEP_S))));
        }
        lines.extend(delivery.reason.iter().map(|reason| Text::plain(self.say(reason))));
        let (done, of) = delivery.parts;
        if of > 1 {
            lines.push(Text::plain(self.say(&say!("post-parts", done = done, of = of))));
        }
        for receipt in &delivery.receipts {
            let how = self.say(&receipt.how);
            lines.push(match &receipt.permalink {
                Some(url) => Text::linked(url).and(" ").and(how),
                None => Text::plain(how),
            });
        }
        if is_out(delivery.state) && !self.app.can_take_down(delivery.account.network) {
            let network = delivery.account.network.shown();
            lines.push(Text::plain(self.say(&say!("place-cannot-take-down", network = network))));
        }
        message.small(Text::lines(lines));
        if delivery.state == State::Partial && delivery.needs_attention() && !self.is_guest {
            message.small(self.say(&say!("settle-half", done = delivery.parts.0, of = delivery.parts.1)));
            let id = delivery.id.as_str();
            message.buttons(vec![
                Button::primary("settle-rest", self.text("settle-rest"), id),
                Button::plain("settle-leave", self.text("settle-leave"), id),
            ]);
        }
        if delivery.state == State::NeedsHuman && !self.is_guest {
            message.small(self.text("settle-look"));
            let id = delivery.id.as_str();
            message.buttons(vec![
                Button::plain("settle-there", self.text("settle-there"), id),
                Button::primary("settle-send", self.text("settle-send"), id),
                Button::danger("settle-drop", self.text("settle-drop"), id),
            ]);
        }
    }

    /// Exactly what would happen, with the buttons that decide it; without them once it is decided.
    pub(crate) fn approval(&self, view: &ApprovalView, message: &mut Message) {
        if !view.batch.is_empty() {
            return self.batch(view, message);
        }
        message.line(Text::bold(self.say(&view.what)));
        message.about.clone_from(&view.post);
        let approval = &view.approval;
        if approval.decision != Decision::Pending {
            message.small(self.decided(view));
            if let Some(outcome) = &view.outcome {
                message.small(self.say(outcome));
            }
            return;
        }
        self.changes(view, message);
        for line in &view.lines {
            let when = match &line.when {
                Some(moment) => self.moment(moment),
                None => self.text("approval-when-now"),
            };
            message.line(Text::bold(whole_name(&line.account)));
            self.shown((&line.preview, line.times()), &line.findings, message);
            self.picture((&line.account, &line.preview), view.post.as_ref(), message);
            let mut small = vec![Text::plain(format!("{} {when}", self.text("approval-when")))];
            if let Some(every) = &line.every {
                small.push(Text::plain(self.app.words().recurrence(self.caller.lang, every, self.app.now_ms())));
            }
            small.extend(line.twice.iter().map(|found| Text::plain(format!("⚠️ {}", self.say(found)))));
            small.extend(line.options.iter().map(|option| Text::plain(self.say(option))));
            message.small(Text::lines(small));
        }
        for gone in &view.gone {
            message.line(self.say(gone));
        }
        let value = format!("{} {}", approval.id, approval.hash);
        let is_own = approval.user == self.caller.user;
        let mut buttons = Vec::new();
        if view.gone.is_empty() {
            buttons.push(Button::primary("approve", self.text("approval-approve"), value.clone()));
        }
        buttons.push(Button::danger("decline", self.text("approval-decline"), value));
        if let Some(post) = view.post.as_ref().filter(|_| is_own) {
            buttons.push(Button::plain("schedule", self.text("place-change-time"), post.as_str()));
        }
        buttons.push(Button::link(self.text("post-open"), self.page(&format!("approvals/{}", approval.id))));
        message.deciding(buttons);
        // Somebody else may answer in their place: whom they name, for this post.
        if is_own && view.post.is_some() && matches!(approval.act, Act::Publish { .. }) {
            let (label, about) = (self.text("place-ask"), approval.id.as_str().to_owned());
            message.person(Person { action: "ask", label, about });
        }
    }

    fn shown(&self, (preview, times): (&Preview, usize), findings: &[Finding], message: &mut Message) {
        for segment in &preview.segments {
            let Part { text, count, poll, beside } = self.part(segment);
            message.exactly(text);
            poll_of(poll, message);
            message.small(Text::lines(std::iter::once(count).chain(beside).map(Text::plain)));
        }
        if preview.cost_usd_micros > 0 {
            let cost = self.app.words().cost(self.caller.lang, preview.cost_usd_micros, times);
            message.small(format!("{} {cost}", self.text("post-cost")));
        }
        for finding in findings {
            let mark = match finding.severity {
                Severity::Error => "❌",
                Severity::Warning => "⚠️",
            };
            message.small(format!("{mark} {}", self.say(&finding.what)));
        }
    }

    /// The same as a reader would meet it.
    fn picture(&self, (account, preview): (&Account, &Preview), post: Option<&PostId>, message: &mut Message) {
        let (words, lang) = (self.app.words(), self.caller.lang);
        let (title, alt) = (self.text("picture-title"), told(words, lang, (account, preview)));
        let (account, preview, post) = (account.clone(), preview.clone(), post.cloned());
        message.picture(Picture { account, preview, post, lang, title, alt });
    }

    fn part<'p>(&self, segment: &'p SegmentPreview) -> Part<'p> {
        said::part(self.app.words(), self.caller.lang, segment)
    }

    /// A refusal, with the times to choose from when it names some: for a post, when it is known which.
    pub(crate) async fn refusal(&self, why: &Sentence, post: Option<&PostId>) -> Result<Message, ToolError> {
        let times = choices(why);
        if times.is_empty() {
            let mut message = self.begin(self.say(why));
            self.problem(why, post, &mut message);
            return Ok(message);
        }
        let said = self.say(why);
        let mut message = self.begin(said.clone());
        message.line(Text::linked(&said));
        self.times(&times, post, &mut message);
        Ok(message)
    }

    /// What there is to say.
    pub(crate) fn help(&self) -> Message {
        let title = self.text("place-help");
        let mut message = self.begin(title.clone());
        message.header(title);
        for part in ["place-help-draft", "place-help-look", "place-help-stop", "place-help-yours", "place-help-chat"] {
            message.line(self.text(part));
        }
        message.buttons(vec![
            Button::primary("new", self.text("place-new"), "new"),
            Button::link(self.text("page-today"), self.page("")),
        ]);
        message
    }

    /// Where settings are, and those that are changed here; `news` is the channel for news of posts, when one was chosen.
    pub(crate) fn settings(&self, news: Option<&str>, digest: Digest) -> Message {
        let title = self.text("page-settings");
        let mut message = self.begin(title.clone());
        message.header(title);
        self.language(&mut message);
        message.line(match news {
            Some(channel) => {
                Text::plain(self.text("place-news-there")).and(" ").push(Span::Channel(channel.to_owned()))
            }
            None => Text::plain(self.text("place-news-direct")),
        });
        let mut choices = Vec::new();
        if self.can_share {
            choices.push(Button::plain("news-here", self.text("place-news-choose-here"), "here"));
        }
        if news.is_some() {
            choices.push(Button::plain("news-direct", self.text("place-news-choose-direct"), "direct"));
        }
        if !choices.is_empty() {
            message.buttons(choices);
        }
        let option = |digest: Digest| {
            let key = match digest {
                Digest::Never => "place-digest-never",
                Digest::Morning => "place-digest-morning",
                Digest::Noon => "place-digest-noon",
                Digest::Evening => "place-digest-evening",
                Digest::Monday => "place-digest-monday",
            };
            // A choice that is empty is none to the services.
            let word = if digest == Digest::Never { "never" } else { digest.word() };
            (self.text(key), word.to_owned())
        };
        let chosen = Digest::ALL.into_iter().position(|one| one == digest).unwrap_or_default();
        let options = Digest::ALL.into_iter().map(option).collect();
        message.choice(Choice { action: "digest", label: self.text("place-digest-choose"), options, chosen });
        message.buttons(vec![
            Button::link(self.text("place-open-settings"), self.page("settings")),
            Button::plain("signin", self.text("place-sign-in-here"), "link"),
        ]);
        message
    }

    /// The choice of a language.
    pub(crate) fn language(&self, message: &mut Message) {
        let option = |lang: Lang| (lang.own_name().to_owned(), lang.tag().to_owned());
        let chosen = usize::from(self.caller.lang == Lang::Ja);
        let options = vec![option(Lang::En), option(Lang::Ja)];
        message.choice(Choice { action: "lang", label: self.text("settings-lang"), options, chosen });
    }

    /// A post in a list.
    pub(crate) fn row(&self, post: &PostView, message: &mut Message) {
        let first = post.variants.first();
        let text = first.and_then(|variant| variant.preview.segments.first()).map(|segment| segment.text.as_str());
        let accounts: Vec<_> = post.variants.iter().map(|variant| name(&variant.account)).collect();
        let when = post.next().map(|delivery| self.moment(&delivery.when));
        let head = when.unwrap_or_else(|| self.say(&post.status.wording()));
        let text = cut(text.unwrap_or_default(), ROW_CHARS);
        message.line(headed(&head, &format!("{}\n{text}", accounts.join(", "))));
        let id = post.id.as_str();
        let mut buttons = vec![Button::plain("look", self.text("post-open"), id)];
        if post.deliveries.iter().any(|delivery| delivery.is_to_come()) {
            buttons.push(Button::danger("undo", self.text("post-withdraw"), id));
        }
        message.buttons(buttons);
    }

    /// Accounts with what they need.
    pub(crate) fn accounts(&self, accounts: &[AccountView], message: &mut Message) {
        for view in accounts {
            let mut health = self.say(&view.health);
            if view.paused {
                health = format!("{health} {}", self.text("accounts-paused"));
            }
            message.line(headed(&whole_name(&view.account), &health));
        }
        if accounts.is_empty() {
            message.line(self.text("accounts-none"));
        }
    }

    /// What came of a person's answer.
    pub(crate) fn decided(&self, view: &ApprovalView) -> String {
        self.say(&said::decided(view.approval.decision).unwrap_or_else(|| say!("approval-look")))
    }

    /// Where a person reads everything.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("{}/{path}", self.app.public_url().as_str().trim_end_matches('/'))
    }

    /// An instant in words.
    pub(crate) fn moment(&self, moment: &Moment) -> String {
        self.app.words().moment(self.caller.lang, moment, self.now_ms())
    }

    pub(crate) fn say(&self, sentence: &Sentence) -> String {
        self.app.words().tell(self.caller.lang, sentence)
    }

    pub(crate) fn text(&self, key: &str) -> String {
        self.app.words().text(self.caller.lang, key)
    }
}

/// Its choices stand as exactly as the text above them: without room for them nobody is asked to approve.
fn poll_of(poll: Option<(String, Vec<String>)>, message: &mut Message) {
    let Some((wording, choices)) = poll else { return };
    message.small(wording);
    message.exactly(choices.join("\n"));
}

/// Something that stands out, and what is said of it.
fn headed(head: &str, rest: &str) -> Text {
    Text(vec![Span::Bold(head.to_owned())]).and(" · ").and(rest)
}

/// Whether something of it can be seen.
const fn is_out(state: State) -> bool {
    matches!(state, State::Published | State::Partial)
}

/// Of each account the newest delivery: older ones are history, and on the page.
fn latest(deliveries: &[DeliveryView]) -> Vec<&DeliveryView> {
    let mut list: Vec<&DeliveryView> = Vec::new();
    for delivery in deliveries {
        match list.iter_mut().find(|other| other.account.id == delivery.account.id) {
            None => list.push(delivery),
            // Of several to come (a rule's) the soonest, unless one needs somebody.
            Some(other) if other.is_to_come() && !delivery.state.is_over() && !other.needs_attention() => {
                *other = delivery;
            }
            Some(_) => {}
        }
    }
    list
}

/// The same with the display name, where an account has a line of its own.
fn whole_name(account: &Account) -> String {
    [Some(name(account).as_str()), account.other_name()].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
