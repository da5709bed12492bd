//! Block Kit within its limits (dossier §6.1), whatever the texts are. Slack answers a message that is over them with `invalid_blocks` and
//! nothing else, so what does not fit is cut here, and says so.

use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation;

/// Blocks in a message; one is kept for the note that something was left out.
const MESSAGE_BLOCKS_MAX: usize = 48;
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
/// Characters of a message's own text: for notifications and screen readers.
const TEXT_MAX: usize = 3_000;

/// A message as Slack takes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    /// For notifications and screen readers.
    pub(super) text: String,
    /// What is seen.
    pub(super) blocks: Vec<Value>,
}

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Like any other.
    Plain,
    /// The way forward.
    Primary,
    /// Takes something away.
    Danger,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Button {
    /// What a press is called.
    pub(super) action: &'static str,
    /// What is on it.
    pub(super) label: String,
    /// What a press carries; an address for links.
    pub(super) value: String,
    /// How it looks.
    pub(super) style: Style,
    /// The press opens `value` in a browser.
    pub(super) is_link: bool,
}

impl Button {
    /// A button like any other.
    pub(super) fn plain(action: &'static str, label: String, value: impl Into<String>) -> Self {
        Self { action, label, value: value.into(), style: Style::Plain, is_link: false }
    }

    /// The way forward.
    pub(super) fn primary(action: &'static str, label: String, value: impl Into<String>) -> Self {
        Self { style: Style::Primary, ..Self::plain(action, label, value) }
    }

    /// Takes something away.
    pub(super) fn danger(action: &'static str, label: String, value: impl Into<String>) -> Self {
        Self { style: Style::Danger, ..Self::plain(action, label, value) }
    }

    /// Opens an address.
    pub(super) fn link(label: String, url: impl Into<String>) -> Self {
        Self { is_link: true, ..Self::plain("open", label, url) }
    }

    fn json(&self, no: usize) -> Value {
        // Action ids are unique in their block: the same act twice carries its number.
        let mut button = json!({ "type": "button", "action_id": format!("{}#{no}", self.action), "text": plain(&self.label, BUTTON_MAX) });
        let key = if self.is_link { "url" } else { "value" };
        // Slack refuses an empty value.
        button[key] = if self.value.is_empty() { "-".into() } else { cut(&self.value, VALUE_MAX).into() };
        match self.style {
            Style::Plain => {}
            Style::Primary => button["style"] = "primary".into(),
            Style::Danger => button["style"] = "danger".into(),
        }
        button
    }
}

/// What a press is called, without its number.
pub(super) fn action_of(id: &str) -> &str {
    id.split_once('#').map_or(id, |(action, _)| action)
}

/// Builds a message or a view that fits.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    list: Vec<Value>,
    chars: usize,
    blocks_max: usize,
    is_cut: bool,
}

impl Blocks {
    /// For a message.
    pub(super) fn message() -> Self {
        Self { blocks_max: MESSAGE_BLOCKS_MAX, ..Self::default() }
    }

    /// For a modal or App Home: twice as many.
    pub(super) fn view() -> Self {
        Self { blocks_max: 2 * MESSAGE_BLOCKS_MAX, ..Self::default() }
    }

    /// Whether something did not fit.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
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
    pub(super) fn header(&mut self, text: &str) {
        let text = plain(text, HEADER_MAX);
        self.push(HEADER_MAX, json!({ "type": "header", "text": text }));
    }

    /// A line of our own words, in Slack's markup; what others wrote must come escaped ([`escaped`]).
    pub(super) fn line(&mut self, markup: &str) {
        let markup = cut(markup, SECTION_MAX);
        if !markup.trim().is_empty() {
            self.push(
                markup.chars().count(),
                json!({ "type": "section", "text": { "type": "mrkdwn", "text": markup } }),
            );
        }
    }

    /// Somebody's text, exactly as it is: nothing in it is markup, a mention or a link.
    pub(super) fn exactly(&mut self, text: &str) {
        for piece in pieces(text, SECTION_MAX) {
            // A section of blanks only is refused.
            if !piece.trim().is_empty() {
                self.push(piece.chars().count(), json!({ "type": "section", "text": plain(&piece, SECTION_MAX) }));
            }
        }
    }

    /// Small print.
    pub(super) fn small(&mut self, markup: &str) {
        let markup = cut(markup, CONTEXT_MAX);
        if !markup.trim().is_empty() {
            let element = json!({ "type": "mrkdwn", "text": markup });
            self.push(markup.chars().count(), json!({ "type": "context", "elements": [element] }));
        }
    }

    /// A model's words in Markdown.
    pub(super) fn markdown(&mut self, text: &str) {
        let left = CHARS_MAX.saturating_sub(self.chars);
        let text = cut(&harmless(text), left);
        if !text.trim().is_empty() {
            self.push(text.chars().count(), json!({ "type": "markdown", "text": text }));
        }
    }

    /// Buttons in rows.
    pub(super) fn buttons(&mut self, buttons: &[Button]) {
        for row in buttons.chunks(ROW_MAX) {
            let elements: Vec<_> = row.iter().enumerate().map(|(no, button)| button.json(no)).collect();
            self.push(BUTTON_MAX * row.len(), json!({ "type": "actions", "elements": elements }));
        }
    }

    /// Any other block; `chars` is about how much text it holds.
    pub(super) fn other(&mut self, chars: usize, block: Value) {
        self.push(chars, block);
    }

    /// A line between parts.
    pub(super) fn divider(&mut self) {
        self.push(0, json!({ "type": "divider" }));
    }

    /// The message; `more` is said when something did not fit.
    pub(super) fn finish(mut self, text: &str, more: &str) -> Message {
        if self.is_cut && !more.is_empty() {
            let element = json!({ "type": "mrkdwn", "text": cut(more, CONTEXT_MAX) });
            let id = format!("b{}", self.list.len());
            self.list.push(json!({ "type": "context", "block_id": id, "elements": [element] }));
        }
        let text = cut(&escaped(text), TEXT_MAX);
        Message { text: if text.trim().is_empty() { "…".into() } else { text }, blocks: self.list }
    }
}

/// A plain text object; Slack refuses empty ones.
pub(super) fn plain(text: &str, max: usize) -> Value {
    let text = cut(text, max);
    let text = if text.trim().is_empty() { "–".to_owned() } else { text };
    json!({ "type": "plain_text", "text": text, "emoji": false })
}

/// At most so many characters, cut where a reader sees an end of a character; a cut shows.
pub(super) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut kept = if max > 1 { pieces(text, max - 1).next().unwrap_or_default() } else { String::new() };
    kept.push('…');
    kept
}

/// A text in pieces of at most so many characters, none of which ends inside what a reader sees as one character.
fn pieces(text: &str, max: usize) -> impl Iterator<Item = String> {
    let max = max.max(1);
    let (mut list, mut piece, mut chars) = (Vec::new(), String::new(), 0);
    for grapheme in text.graphemes(true) {
        let length = grapheme.chars().count();
        if chars + length > max && !piece.is_empty() {
            list.push(std::mem::take(&mut piece));
            chars = 0;
        }
        if length > max {
            // No character is that long; what pretends to be one is cut anywhere.
            piece.extend(grapheme.chars().take(max - chars));
            chars = max;
            continue;
        }
        piece.push_str(grapheme);
        chars += length;
    }
    if !piece.is_empty() {
        list.push(piece);
    }
    list.into_iter()
}

/// The three characters that mean something in Slack's markup (dossier §16); this also ends mentions and links.
pub(super) fn escaped(text: &str) -> String {
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

    /// Complaint 7 of the dossier, and a bar: whatever the texts are, Slack refuses nothing of ours.
    #[test]
    fn ten_thousand_messages_of_odd_texts_are_within_slacks_limits() {
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
        for no in 0..10_000 {
            let mut blocks = Blocks::message();
            for _ in 0..next(20) {
                let most = [1, 2, 4, 20, 200, 900][next(6)];
                let length = next(most) + next(2);
                let text: String = (0..length).map(|_| SHARDS[next(SHARDS.len())]).collect();
                match next(8) {
                    0 => blocks.header(&text),
                    1 => blocks.line(&escaped(&text)),
                    2 | 3 => blocks.exactly(&text),
                    4 => blocks.small(&escaped(&text)),
                    5 => blocks.markdown(&text),
                    6 => blocks.divider(),
                    _ => {
                        let button = |no: usize| match no % 3 {
                            0 => Button::primary("publish", text.clone(), text.clone()),
                            1 => Button::danger("discard", text.clone(), "post_1"),
                            _ => Button::link(text.clone(), "https://example.com/posts/1"),
                        };
                        blocks.buttons(&(0..next(9)).map(button).collect::<Vec<_>>());
                    }
                }
            }
            is_cut += usize::from(blocks.is_cut());
            let message = blocks.finish(SHARDS[next(SHARDS.len())], "more");
            let sent = json!({ "channel": "C1", "text": message.text, "blocks": message.blocks });
            let judged = socrazi_sim::slack::blocks::check_message(&sent);
            assert!(judged.is_ok(), "message {no}: {judged:?}\n{sent:#}");
        }
        assert!(is_cut > 100, "the long ones are among them: {is_cut}");
    }

    #[test]
    fn a_cut_never_splits_what_is_one_character_to_a_reader() {
        let family = "👨‍👩‍👧‍👦";
        let text = family.repeat(10);
        for max in 1..40 {
            let kept = cut(&text, max);
            assert!(kept.chars().count() <= max, "{max}");
            if max > 8 {
                assert!(kept.trim_end_matches('…').graphemes(true).all(|one| one == family), "{max}: {kept}");
            }
        }
        assert_eq!(cut("short", 10), "short");
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
