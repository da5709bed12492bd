//! Block Kit within its limits (dossier §6.1), whatever the texts are. Slack answers a message that is over them with `invalid_blocks` and
//! nothing else, so what does not fit is cut here, and says so.

use serde_json::{Value, json};

use super::figures::{self, Step};
use crate::places::cut::{code_points, cut, pieces};
use crate::places::message::{Button, Chart, Choice, Message, Part, Person, Picture, Span, Style, Table, Text};

/// Blocks in a message; the others are kept for the note that something was left out, and the way to all of it.
const MESSAGE_BLOCKS_MAX: usize = 47;
/// Characters over all blocks: below the documented 12,000, because that is where users were refused (dossier §20, 7).
const CHARS_MAX: usize = 10_000;
/// Characters of a section.
const SECTION_MAX: usize = 2_900;
/// Characters of a header.
const HEADER_MAX: usize = 150;
/// Characters of a context element; the limit of the dossier is the section's, but nobody reads that much small print.
const CONTEXT_MAX: usize = 1_000;
/// Characters on a button.
const BUTTON_MAX: usize = 75;
/// Characters of a button's value.
const VALUE_MAX: usize = 2_000;
/// Buttons in a row of buttons.
const ROW_MAX: usize = 5;
/// Characters of an action's id.
const ID_MAX: usize = 255;
/// Charts in a message (not documented, enforced).
const CHARTS_MAX: usize = 2;
/// Options of a choice.
const OPTIONS_MAX: usize = 100;
/// Characters of a message's own text: for notifications and screen readers.
const TEXT_MAX: usize = 3_000;

/// A message as Slack takes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    /// For notifications and screen readers.
    pub(super) text: String,
    /// What is seen.
    pub(super) blocks: Vec<Value>,
}

impl Shown {
    /// The body of a message, for `chat.*` and `response_url`.
    pub(super) fn body(&self) -> Value {
        json!({ "text": self.text, "blocks": self.blocks, "unfurl_links": false, "unfurl_media": false })
    }
}

/// Draws a message.
pub(super) fn shown(message: &Message) -> Shown {
    shown_as(message, Step::Chart, &Files::default())
}

/// The pictures of a message that Slack has, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    /// Of charts.
    pub(super) of_charts: Vec<Option<String>>,
    /// Of posts.
    pub(super) of_posts: Vec<Option<String>>,
}

/// Draws a message with its figures that far down, and with the pictures that Slack has.
pub(super) fn shown_as(message: &Message, step: Step, files: &Files) -> Shown {
    let mut blocks = Blocks { step, files: files.clone(), ..Blocks::message() };
    blocks.parts(message);
    let mut text = message.text.clone();
    // Figures are read out, too.
    for part in &message.parts {
        match part {
            Part::Chart(chart) => text = format!("{text}\n{}", chart.in_words()),
            Part::Table(table) => text = format!("{text}\n{}", table.lines()),
            Part::Heading(_)
            | Part::Line(_)
            | Part::Exactly(_)
            | Part::Small(_)
            | Part::Markdown(_)
            | Part::Buttons(_)
            | Part::Deciding(_)
            | Part::Choice(_)
            | Part::Person(_)
            | Part::Picture(_)
            | Part::Divider => {}
        }
    }
    blocks.finish(text.trim_start(), &markup(&Text::linked(&message.more)))
}

/// Draws a message as the blocks of a view.
pub(super) fn in_view(message: &Message) -> Vec<Value> {
    let mut blocks = Blocks::view();
    blocks.parts(message);
    blocks.finish("", "").blocks
}

/// Our own words in Slack's markup; everything in them is escaped.
fn markup(text: &Text) -> String {
    let span = |span: &Span| match span {
        Span::Plain(words) => escaped(words),
        Span::Bold(words) if words.trim().is_empty() => String::new(),
        Span::Bold(words) => format!("*{}*", escaped(words)),
        Span::Link(url) => format!("<{}>", address(url)),
        Span::Named { name, url } => format!("<{}|{}>", address(url), escaped(&name.replace('|', "/"))),
        Span::Channel(id) => format!("<#{}>", escaped(id)),
    };
    text.0.iter().map(span).collect()
}

/// An address inside markup.
fn address(url: &str) -> String {
    url.replace('&', "&amp;").replace('<', "%3C").replace('>', "%3E").replace('|', "%7C")
}

fn button(button: &Button, no: usize) -> Value {
    // Action ids are unique in their block: the same act twice carries its number.
    let mut drawn = json!({ "type": "button", "action_id": format!("{}#{no}", button.action), "text": plain(&button.label, BUTTON_MAX) });
    let key = if button.is_link { "url" } else { "value" };
    drawn[key] = value_of(&button.value, VALUE_MAX).into();
    match button.style {
        Style::Plain => {}
        Style::Primary => drawn["style"] = "primary".into(),
        Style::Danger => drawn["style"] = "danger".into(),
    }
    drawn
}

/// Slack refuses an empty value.
fn value_of(value: &str, max: usize) -> String {
    if value.is_empty() { "-".to_owned() } else { cut(value, max) }
}

/// What a press is called, without its number.
pub(super) fn action_of(id: &str) -> &str {
    id.split_once('#').map_or(id, |(action, _)| action)
}

/// Builds a message or a view that fits.
#[derive(Debug, Default)]
struct Blocks {
    list: Vec<Value>,
    chars: usize,
    blocks_max: usize,
    is_cut: bool,
    has_way_out: bool,
    is_view: bool,
    step: Step,
    files: Files,
    charts: usize,
    pictures: usize,
    tables: usize,
}

impl Blocks {
    /// For a message.
    fn message() -> Self {
        Self { blocks_max: MESSAGE_BLOCKS_MAX, ..Self::default() }
    }

    /// For a modal or App Home: twice as many, but neither Markdown nor figures (dossier §6.3).
    fn view() -> Self {
        Self { blocks_max: 2 * MESSAGE_BLOCKS_MAX, is_view: true, step: Step::Words, ..Self::default() }
    }

    fn parts(&mut self, message: &Message) {
        for part in &message.parts {
            match part {
                Part::Heading(text) => self.header(text),
                Part::Line(text) => self.line(&markup(text)),
                Part::Exactly(text) => self.exactly(text),
                Part::Small(text) => self.small(&markup(text)),
                Part::Markdown(text) => self.markdown(text),
                Part::Buttons(buttons) => self.buttons(buttons),
                Part::Deciding(buttons) => {
                    if self.is_cut {
                        self.way_out(buttons);
                    } else {
                        self.buttons(buttons);
                    }
                }
                Part::Choice(choice) => self.choice(choice),
                Part::Person(person) => {
                    if !self.is_cut {
                        self.person(person);
                    }
                }
                Part::Table(table) => self.table(table),
                Part::Chart(chart) => self.chart(chart),
                Part::Picture(picture) => self.picture(picture),
                Part::Divider => self.divider(),
            }
        }
    }

    fn push(&mut self, chars: usize, mut block: Value) -> bool {
        if self.list.len() >= self.blocks_max || self.chars + chars > CHARS_MAX {
            self.is_cut = true;
            return false;
        }
        block["block_id"] = format!("b{}", self.list.len()).into();
        self.chars += chars;
        self.list.push(block);
        true
    }

    /// A headline.
    fn header(&mut self, text: &str) {
        let text = plain(text, HEADER_MAX);
        self.push(HEADER_MAX, json!({ "type": "header", "text": text }));
    }

    /// A line of our own words, in Slack's markup; what others wrote must come escaped ([`escaped`]).
    fn line(&mut self, markup: &str) {
        let markup = cut(markup, SECTION_MAX);
        if !markup.trim().is_empty() {
            self.push(
                markup.chars().count(),
                json!({ "type": "section", "text": { "type": "mrkdwn", "text": markup } }),
            );
        }
    }

    /// Somebody's text, exactly as it is: nothing in it is markup, a mention or a link.
    fn exactly(&mut self, text: &str) {
        for piece in pieces(text, SECTION_MAX, code_points) {
            // A section of blanks only is refused.
            if !piece.trim().is_empty() {
                self.push(piece.chars().count(), json!({ "type": "section", "text": plain(&piece, SECTION_MAX) }));
            }
        }
    }

    /// Small print.
    fn small(&mut self, markup: &str) {
        let markup = cut(markup, CONTEXT_MAX);
        if !markup.trim().is_empty() {
            let element = json!({ "type": "mrkdwn", "text": markup });
            self.push(markup.chars().count(), json!({ "type": "context", "elements": [element] }));
        }
    }

    /// A model's words in Markdown.
    fn markdown(&mut self, text: &str) {
        if self.is_view {
            return self.exactly(text);
        }
        let left = CHARS_MAX.saturating_sub(self.chars);
        let text = cut(&harmless(text), left);
        if !text.trim().is_empty() {
            self.push(text.chars().count(), json!({ "type": "markdown", "text": text }));
        }
    }

    /// Buttons in rows.
    fn buttons(&mut self, buttons: &[Button]) {
        for row in buttons.chunks(ROW_MAX) {
            let elements: Vec<_> = row.iter().enumerate().map(|(no, one)| button(one, no)).collect();
            self.push(BUTTON_MAX * row.len(), json!({ "type": "actions", "elements": elements }));
        }
    }

    /// Where all of it is read and decided, whatever did not fit here: one, for which the limit leaves room.
    fn way_out(&mut self, buttons: &[Button]) {
        if let Some(link) = buttons.iter().find(|button| button.is_link).filter(|_| !self.has_way_out) {
            self.has_way_out = true;
            let id = format!("b{}", self.list.len());
            self.list.push(json!({ "type": "actions", "block_id": id, "elements": [button(link, 0)] }));
        }
    }

    /// One of several.
    fn choice(&mut self, choice: &Choice) {
        let option = |(label, value): &(String, String)| json!({ "text": plain(label, BUTTON_MAX), "value": value_of(value, BUTTON_MAX) });
        let options: Vec<_> = choice.options.iter().take(OPTIONS_MAX).map(option).collect();
        let Some(chosen) = options.get(choice.chosen).or(options.first()).cloned() else { return };
        let select = json!({ "type": "static_select", "action_id": choice.action, "options": options, "initial_option": chosen });
        self.push(
            BUTTON_MAX,
            json!({ "type": "section", "text": plain(&choice.label, HEADER_MAX), "accessory": select }),
        );
    }

    /// Somebody of the team. What it is about travels in the action's id: a menu of people has no value.
    fn person(&mut self, person: &Person) {
        let id = cut(&format!("{}#{}", person.action, person.about), ID_MAX);
        let select =
            json!({ "type": "users_select", "action_id": id, "placeholder": plain(&person.label, HEADER_MAX) });
        self.push(BUTTON_MAX, json!({ "type": "actions", "elements": [select] }));
    }

    /// Figures in rows; a message has one table, and the others are words.
    fn table(&mut self, table: &Table) {
        let block = (self.tables == 0 && self.step < Step::Words).then(|| figures::table(table)).flatten();
        match block {
            Some((chars, block)) if self.fits(chars) => {
                self.tables += 1;
                self.push(chars, block);
            }
            _ => {
                self.exactly(&table.head.join(" · "));
                self.exactly(&table.lines());
            }
        }
    }

    /// Figures as a picture; a message has two charts.
    fn chart(&mut self, chart: &Chart) {
        let no = self.charts;
        self.charts += 1;
        let file = self.files.of_charts.get(no).and_then(Option::as_deref);
        let picture = || file.map(|file| figures::picture((&chart.title, &chart.in_words()), file));
        let block = match self.step {
            Step::Chart if no < CHARTS_MAX => figures::chart(chart).or_else(picture),
            Step::Chart | Step::Picture => picture(),
            Step::Table | Step::Words => None,
        };
        match block {
            Some((chars, block)) if self.fits(chars) => {
                self.push(chars, block);
            }
            _ => self.table(&chart.table()),
        }
    }

    /// A post as its network would show it. All of it stands in words, so what Slack does not show is not missed.
    fn picture(&mut self, picture: &Picture) {
        let no = self.pictures;
        self.pictures += 1;
        let file = self.files.of_posts.get(no).and_then(Option::as_deref);
        if let Some(file) = file.filter(|_| self.step < Step::Table && self.fits(0)) {
            let (chars, block) = figures::picture((&picture.title, &picture.alt), file);
            self.push(chars, block);
        }
    }

    fn fits(&self, chars: usize) -> bool {
        self.list.len() < self.blocks_max && self.chars + chars <= CHARS_MAX
    }

    /// A line between parts.
    fn divider(&mut self) {
        self.push(0, json!({ "type": "divider" }));
    }

    /// The message; `more` is said when something did not fit.
    fn finish(mut self, text: &str, more: &str) -> Shown {
        if self.is_cut && !more.is_empty() {
            let element = json!({ "type": "mrkdwn", "text": cut(more, CONTEXT_MAX) });
            let id = format!("b{}", self.list.len());
            self.list.push(json!({ "type": "context", "block_id": id, "elements": [element] }));
        }
        let text = cut(&escaped(text), TEXT_MAX);
        Shown { text: if text.trim().is_empty() { "…".into() } else { text }, blocks: self.list }
    }
}

/// A plain text object; Slack refuses empty ones.
pub(super) fn plain(text: &str, max: usize) -> Value {
    let text = cut(text, max);
    let text = if text.trim().is_empty() { "–".to_owned() } else { text };
    json!({ "type": "plain_text", "text": text, "emoji": false })
}

/// The three characters that mean something in Slack's markup (dossier §16); this also ends mentions and links.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A model's Markdown without what would call people: `<!channel>`, `<@U1>` and the bare words.
pub(super) fn harmless(text: &str) -> String {
    let mut text = text.replace("<!", "<\u{200b}!").replace("<@", "<\u{200b}@").replace("<#", "<\u{200b}#");
    for word in ["channel", "here", "everyone"] {
        text = text.replace(&format!("@{word}"), &format!("@\u{200b}{word}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_ours_can_be_too_long() {
        let mut blocks = Blocks::message();
        for _ in 0..200 {
            blocks.header(&"頭".repeat(500));
            blocks.exactly(&"本文🙂".repeat(3_000));
            blocks.buttons(&[Button::primary("a", "x".repeat(100), "v".repeat(3_000))]);
        }
        let message = blocks.finish(&"t".repeat(9_000), "more");
        assert!(message.blocks.len() <= 50);
        assert!(message.text.chars().count() <= TEXT_MAX);
        assert_eq!(message.blocks.last().unwrap()["elements"][0]["text"], "more");
    }

    /// Complaint 7 of the dossier: whatever the texts are, Slack refuses nothing of ours. Ten thousand of real cards are in `odd_tests`.
    #[test]
    fn messages_of_odd_texts_are_within_slacks_limits() {
        const SHARDS: [&str; 26] = [
            "**",
            "`",
            "```\n",
            "| a | b |\n|---|---|\n",
            "<!channel>",
            "<@U0BEN>",
            "&",
            "<",
            ">",
            "\u{202e}",
            "\u{200b}",
            "👨‍👩‍👧‍👦",
            "が",
            "改行\n",
            " ",
            "\u{3000}",
            "# h\n",
            "> q\n",
            "- x\n  - y\n",
            "https://example.com/a?b=c&d=e ",
            "𝒳",
            "e\u{301}",
            "word ",
            "長い文章です。",
            "\t",
            "\r\n",
        ];
        let mut seed = 0x000d_d0dd_u64;
        let mut next = move |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap_or(0) % below
        };
        let mut is_cut = 0;
        for no in 0..2_000 {
            let mut message = Message { more: "more".into(), ..Message::new(SHARDS[next(SHARDS.len())]) };
            for _ in 0..next(20) {
                let most = [1, 2, 4, 20, 200, 900][next(6)];
                let length = next(most) + next(2);
                let text: String = (0..length).map(|_| SHARDS[next(SHARDS.len())]).collect();
                let button = |no: usize| match no % 3 {
                    0 => Button::primary("publish", text.clone(), text.clone()),
                    1 => Button::danger("discard", text.clone(), "post_1"),
                    _ => Button::link(text.clone(), "https://example.com/posts/1"),
                };
                match next(10) {
                    0 => message.header(&text),
                    1 => message.line(Text::bold(&text).and(&text).with(Text::linked(&text))),
                    2 | 3 => message.exactly(&text),
                    4 => message.small(Text::linked(&text)),
                    5 => message.markdown(&text),
                    6 => message.divider(),
                    7 => message.deciding(vec![button(0), button(1), button(2)]),
                    8 => message.choice(Choice {
                        action: "lang",
                        label: text.clone(),
                        options: vec![(text.clone(), text)],
                        chosen: 0,
                    }),
                    _ => message.buttons((0..next(9)).map(button).collect::<Vec<_>>()),
                }
            }
            let drawn = shown(&message);
            is_cut += usize::from(drawn.blocks.last().is_some_and(|last| last["elements"][0]["text"] == "more"));
            let sent = json!({ "channel": "C1", "text": drawn.text, "blocks": drawn.blocks });
            let judged = socrazi_sim::slack::blocks::check_message(&sent);
            assert!(judged.is_ok(), "message {no}: {judged:?}\n{sent:#}");
        }
        assert!(is_cut > 20, "the long ones are among them: {is_cut}");
    }

    #[test]
    fn nobody_is_called_by_a_models_words() {
        let said = harmless("<!channel> <@U1> @here look");
        for word in ["<!channel", "<@U1", "@here"] {
            assert!(!said.contains(word), "{said}");
        }
        assert_eq!(escaped("<!here> & co"), "&lt;!here&gt; &amp; co");
    }
}
