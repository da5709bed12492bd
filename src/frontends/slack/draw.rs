//! Cards as Block Kit, drawn from ledger rows in the person's language.

use serde_json::{Value, json};

use super::blocks::{Blocks, Button, Message, cut, escaped, plain};
use crate::app::App;
use crate::desk::view::{AccountView, ApprovalView, DeliveryView, PostStatus, PostView};
use crate::domain::account::Account;
use crate::domain::approval::Decision;
use crate::domain::caller::Caller;
use crate::domain::chat::Card;
use crate::domain::delivery::State;
use crate::domain::ids::PostId;
use crate::domain::lang::Lang;
use crate::domain::post::{Finding, Preview, Severity};
use crate::domain::refusal::Sentence;
use crate::domain::schedule::choices;
use crate::domain::tool::ToolError;
use crate::say;

/// Draws for one person.
#[derive(Clone, Copy)]
pub(super) struct Drawer<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    /// Only the asker sees it, and others are in the channel: it can be shown to them.
    pub(super) can_share: bool,
}

impl Drawer<'_> {
    /// A reply: its text, then its cards.
    pub(super) async fn reply(&self, text: &str, cards: &[Card]) -> Result<Message, ToolError> {
        let mut blocks = Blocks::message();
        blocks.markdown(text);
        for card in cards {
            self.card(card, &mut blocks).await?;
        }
        Ok(self.finish(blocks, text))
    }

    /// One card.
    pub(super) async fn alone(&self, card: &Card) -> Result<Message, ToolError> {
        let mut blocks = Blocks::message();
        self.card(card, &mut blocks).await?;
        let text = match card {
            Card::Draft(_) | Card::Post(_) => self.text("post-title"),
            Card::Approval(_) => self.text("approval-title"),
            Card::Times(_) => self.text("slack-times"),
            Card::Link { url } => url.clone(),
            Card::Problem(sentence) => self.say(sentence),
        };
        Ok(self.finish(blocks, &text))
    }

    /// A sentence and nothing else.
    pub(super) fn sentence(&self, sentence: &Sentence) -> Message {
        let mut blocks = Blocks::message();
        let said = self.say(sentence);
        blocks.line(&linked(&said));
        self.finish(blocks, &said)
    }

    pub(super) fn finish(&self, blocks: Blocks, text: &str) -> Message {
        let more = self.say(&say!("slack-more", url = self.page("")));
        blocks.finish(text, &linked(&more))
    }

    async fn card(&self, card: &Card, blocks: &mut Blocks) -> Result<(), ToolError> {
        match card {
            Card::Draft(id) => self.draft(&self.app.read_post(self.caller, id).await?, blocks),
            Card::Post(id) => self.post(&self.app.read_post(self.caller, id).await?, blocks),
            Card::Approval(id) => self.approval(&self.app.read_approval(self.caller, id).await?, blocks),
            Card::Times(times) => {
                let word = |moment| self.app.words().moment(self.caller.lang, moment, self.app.now_ms());
                let buttons: Vec<_> =
                    times.iter().map(|moment| Button::plain("time", word(moment), moment.rfc3339())).collect();
                blocks.buttons(&buttons);
            }
            Card::Link { url } => blocks.buttons(&[Button::link(self.text("slack-open"), url)]),
            Card::Problem(sentence) => blocks.line(&format!(":warning: {}", linked(&self.say(sentence)))),
        }
        Ok(())
    }

    /// A draft per network, with what can be done with it.
    pub(super) fn draft(&self, post: &PostView, blocks: &mut Blocks) {
        for variant in &post.variants {
            blocks.line(&format!("*{}* · {}", name(&variant.account), escaped(&self.say(&post.status.wording()))));
            self.shown(&variant.preview, &variant.findings, blocks);
        }
        let id = post.id.as_str();
        let mut buttons = match post.status {
            PostStatus::Draft => vec![
                Button::primary("publish", self.text("slack-publish"), id),
                Button::plain("schedule", self.text("slack-schedule"), id),
                Button::plain("edit", self.text("slack-edit"), id),
                Button::danger("discard", self.text("slack-discard"), id),
            ],
            PostStatus::Withdrawn => vec![Button::plain("restore", self.text("slack-restore"), id)],
            PostStatus::WaitingForYou | PostStatus::Scheduled | PostStatus::NeedsAttention | PostStatus::Published => {
                vec![Button::link(self.text("post-open"), self.page(&format!("posts/{id}")))]
            }
        };
        buttons.extend(self.share(&post.id));
        blocks.buttons(&buttons);
    }

    /// Where a post goes and how that went.
    pub(super) fn post(&self, post: &PostView, blocks: &mut Blocks) {
        let latest = latest(&post.deliveries);
        if latest.is_empty() {
            self.draft(post, blocks);
            return;
        }
        for delivery in latest {
            self.delivery(delivery, blocks);
        }
        let is_coming = post.deliveries.iter().any(|delivery| may_be_stopped(delivery.state));
        let is_out = post.deliveries.iter().any(|delivery| matches!(delivery.state, State::Published | State::Partial));
        let mut buttons = Vec::new();
        if is_coming {
            let now = self.app.now_ms();
            let is_hold = post
                .deliveries
                .iter()
                .any(|delivery| may_be_stopped(delivery.state) && delivery.when.at_ms - now < 400_000);
            let label = if is_hold { "slack-undo" } else { "post-withdraw" };
            buttons.push(Button::danger("undo", self.text(label), post.id.as_str()));
            buttons.push(Button::plain("schedule", self.text("slack-change-time"), post.id.as_str()));
        }
        if is_out {
            buttons.push(Button::danger("takedown", self.text("slack-take-down"), post.id.as_str()));
        }
        buttons.push(Button::link(self.text("post-open"), self.page(&format!("posts/{}", post.id))));
        buttons.extend(self.share(&post.id));
        blocks.buttons(&buttons);
    }

    fn share(&self, post: &PostId) -> Option<Button> {
        self.can_share.then(|| Button::plain("share", self.text("slack-share"), post.as_str()))
    }

    /// A post for everybody in a channel to see: without anything to press.
    pub(super) fn shared(&self, post: &PostView) -> Message {
        let mut blocks = Blocks::message();
        for variant in &post.variants {
            blocks.line(&format!("*{}* · {}", name(&variant.account), escaped(&self.say(&post.status.wording()))));
            for segment in &variant.preview.segments {
                blocks.exactly(&segment.text);
            }
        }
        for receipt in post.deliveries.iter().flat_map(|delivery| &delivery.receipts) {
            blocks.small(&receipt.permalink.as_deref().map(linked).unwrap_or_default());
        }
        let text = self.text("post-title");
        self.finish(blocks, &text)
    }

    fn delivery(&self, delivery: &DeliveryView, blocks: &mut Blocks) {
        let when = self.app.words().moment(self.caller.lang, &delivery.when, self.app.now_ms());
        blocks.line(&format!("*{}* · {}", name(&delivery.account), escaped(&self.say(&delivery.state.wording()))));
        let mut lines = vec![escaped(&when)];
        lines.extend(delivery.reason.iter().map(|reason| escaped(&self.say(reason))));
        let (done, of) = delivery.parts;
        if of > 1 {
            lines.push(escaped(&self.say(&say!("post-parts", done = done, of = of))));
        }
        for receipt in &delivery.receipts {
            let how = escaped(&self.say(&receipt.how));
            lines.push(match &receipt.permalink {
                Some(url) => format!("{} {how}", linked(url)),
                None => how,
            });
        }
        blocks.small(&lines.join("\n"));
        if delivery.state == State::NeedsHuman {
            blocks.small(&escaped(&self.text("settle-look")));
            let id = delivery.id.as_str();
            blocks.buttons(&[
                Button::plain("settle-there", self.text("settle-there"), id),
                Button::primary("settle-send", self.text("settle-send"), id),
                Button::danger("settle-drop", self.text("settle-drop"), id),
            ]);
        }
    }

    /// Exactly what would happen, with the buttons that decide it; without them once it is decided.
    pub(super) fn approval(&self, view: &ApprovalView, blocks: &mut Blocks) {
        blocks.line(&format!("*{}*", escaped(&self.say(&view.what))));
        let approval = &view.approval;
        if approval.decision != Decision::Pending {
            blocks.small(&escaped(&self.decided(view)));
            return;
        }
        for line in &view.lines {
            let when = match &line.when {
                Some(moment) => self.app.words().moment(self.caller.lang, moment, self.app.now_ms()),
                None => self.text("approval-when-now"),
            };
            blocks.line(&format!("*{}*", name(&line.account)));
            self.shown(&line.preview, &line.findings, blocks);
            let mut small = vec![format!("{} {}", escaped(&self.text("approval-when")), escaped(&when))];
            small.extend(line.options.iter().map(|option| escaped(&self.say(option))));
            blocks.small(&small.join("\n"));
        }
        if blocks.is_cut() {
            // Nobody approves what they could not read: the page shows all of it.
            return;
        }
        let value = format!("{} {}", approval.id, approval.hash);
        let mut buttons = vec![
            Button::primary("approve", self.text("approval-approve"), value.clone()),
            Button::danger("decline", self.text("approval-decline"), value),
        ];
        if let Some(post) = &view.post {
            buttons.push(Button::plain("schedule", self.text("slack-change-time"), post.as_str()));
        }
        buttons.push(Button::link(self.text("post-open"), self.page(&format!("approvals/{}", approval.id))));
        blocks.buttons(&buttons);
    }

    fn shown(&self, preview: &Preview, findings: &[Finding], blocks: &mut Blocks) {
        for segment in &preview.segments {
            blocks.exactly(&segment.text);
            let mut small = vec![format!("{} / {}", segment.length, segment.length_max)];
            for medium in &segment.media {
                let alt = medium.alt.clone().unwrap_or_else(|| self.text("post-no-alt"));
                small.push(escaped(&format!("[{}, {}×{}] {alt}", medium.mime, medium.width, medium.height)));
            }
            blocks.small(&small.join("\n"));
        }
        if preview.cost_usd_micros > 0 {
            let cost = self.app.words().money(preview.cost_usd_micros);
            blocks.small(&escaped(&format!("{} {cost}", self.text("post-cost"))));
        }
        for finding in findings {
            let mark = match finding.severity {
                Severity::Error => ":x:",
                Severity::Warning => ":warning:",
            };
            blocks.small(&format!("{mark} {}", escaped(&self.say(&finding.what))));
        }
    }

    /// A refusal, with the times to choose from when it names some.
    pub(super) async fn refusal(&self, why: &Sentence) -> Result<Message, ToolError> {
        let times = choices(why);
        if times.is_empty() {
            return self.alone(&Card::Problem(why.clone())).await;
        }
        let mut blocks = Blocks::message();
        blocks.line(&linked(&self.say(why)));
        self.card(&Card::Times(times), &mut blocks).await?;
        Ok(self.finish(blocks, &self.say(why)))
    }

    /// What there is to say.
    pub(super) fn help(&self) -> Message {
        let mut blocks = Blocks::message();
        let title = self.text("slack-help");
        blocks.header(&title);
        for part in ["slack-help-draft", "slack-help-look", "slack-help-stop", "slack-help-yours", "slack-help-chat"] {
            blocks.line(&escaped(&self.text(part)));
        }
        blocks.buttons(&[
            Button::primary("new", self.text("slack-new"), "new"),
            Button::link(self.text("page-today"), self.page("")),
        ]);
        self.finish(blocks, &title)
    }

    /// Where settings are, and the one that is changed here.
    pub(super) fn settings(&self) -> Message {
        let mut blocks = Blocks::message();
        let title = self.text("page-settings");
        blocks.header(&title);
        self.language(&mut blocks);
        blocks.buttons(&[Button::link(self.text("slack-open-settings"), self.page("settings"))]);
        self.finish(blocks, &title)
    }

    /// The choice of a language.
    pub(super) fn language(&self, blocks: &mut Blocks) {
        let option = |lang: Lang| json!({ "text": plain(lang.own_name(), 75), "value": lang.tag() });
        blocks.other(
            100,
            json!({ "type": "section", "text": plain(&self.text("settings-lang"), 100), "accessory": { "type": "static_select",
                "action_id": "lang", "options": [option(Lang::En), option(Lang::Ja)], "initial_option": option(self.caller.lang) } }),
        );
    }

    /// A post in a list.
    pub(super) fn row(&self, post: &PostView, blocks: &mut Blocks) {
        let first = post.variants.first();
        let text = first.and_then(|variant| variant.preview.segments.first()).map(|segment| segment.text.as_str());
        let accounts: Vec<_> = post.variants.iter().map(|variant| name(&variant.account)).collect();
        let when = post.deliveries.iter().find(|delivery| may_be_stopped(delivery.state));
        let when = when.map(|delivery| self.app.words().moment(self.caller.lang, &delivery.when, self.app.now_ms()));
        blocks.line(&format!(
            "*{}* · {}\n{}",
            escaped(&when.unwrap_or_else(|| self.say(&post.status.wording()))),
            accounts.join(", "),
            escaped(&cut(text.unwrap_or_default(), 150)),
        ));
        let id = post.id.as_str();
        let mut buttons = vec![Button::plain("look", self.text("post-open"), id)];
        if post.deliveries.iter().any(|delivery| may_be_stopped(delivery.state)) {
            buttons.push(Button::danger("undo", self.text("post-withdraw"), id));
        }
        blocks.buttons(&buttons);
    }

    /// Accounts with what they need.
    pub(super) fn accounts(&self, accounts: &[AccountView], blocks: &mut Blocks) {
        for view in accounts {
            let mut line = format!("*{}* · {}", name(&view.account), escaped(&self.say(&view.health)));
            if view.paused {
                line = format!("{line} {}", escaped(&self.text("accounts-paused")));
            }
            blocks.line(&line);
        }
        if accounts.is_empty() {
            blocks.line(&escaped(&self.text("accounts-none")));
        }
    }

    /// What came of a person's answer.
    pub(super) fn decided(&self, view: &ApprovalView) -> String {
        self.say(&match view.approval.decision {
            Decision::Pending => say!("approval-look"),
            Decision::Approved => say!("approval-done-approved"),
            Decision::Declined => say!("approval-done-declined"),
            Decision::Superseded => say!("approval-done-superseded"),
            Decision::Expired => say!("approval-done-expired"),
        })
    }

    /// Where a person reads everything.
    pub(super) fn page(&self, path: &str) -> String {
        format!("{}/{path}", self.app.public_url().as_str().trim_end_matches('/'))
    }

    pub(super) fn say(&self, sentence: &Sentence) -> String {
        self.app.words().say(self.caller.lang, sentence)
    }

    pub(super) fn text(&self, key: &str) -> String {
        self.app.words().text(self.caller.lang, key)
    }
}

/// Whether something can still be stopped.
pub(super) fn may_be_stopped(state: State) -> bool {
    matches!(state, State::Scheduled | State::Waiting | State::Paused | State::Blocked | State::Unapproved)
}

/// Of each account the newest delivery: older ones are history, and on the page.
fn latest(deliveries: &[DeliveryView]) -> Vec<&DeliveryView> {
    let mut list: Vec<&DeliveryView> = Vec::new();
    for delivery in deliveries {
        if !list.iter().any(|other| other.account.id == delivery.account.id) {
            list.push(delivery);
        }
    }
    list
}

pub(super) fn name(account: &Account) -> String {
    escaped(&format!("{} · @{}", account.network.shown(), account.handle))
}

/// A sentence with its addresses as links; everything else in it is escaped.
pub(super) fn linked(sentence: &str) -> String {
    let word = |word: &str| {
        let url = word.trim_end_matches(['.', '。', ',', '、', ')', '）']);
        let is_link = (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(['<', '>', '|']);
        if is_link { format!("<{}>{}", url.replace('&', "&amp;"), escaped(&word[url.len()..])) } else { escaped(word) }
    };
    sentence.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// The body of a message, for `chat.*` and `response_url`.
pub(super) fn body(message: &Message) -> Value {
    json!({ "text": message.text, "blocks": message.blocks, "unfurl_links": false, "unfurl_media": false })
}
