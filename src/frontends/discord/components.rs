//! Messages as Discord's components (dossier §7), within their limits whatever the texts are; and as an embed for where they are refused.
//! Buttons carry short ids; what they stand for is kept in the store.

use serde_json::{Value, json};

use super::api::Attached;
use super::markup::{harmless, markup, quoted, small, units};
use crate::app::discord::offered_id;
use crate::domain::place::ChatPlace;
use crate::places::cut::cut_by;
use crate::places::message::{Button, Chart, Choice, Message, Part, Person, Style, Table, Text};

/// Components v2.
pub(super) const V2: u64 = 1 << 15;
/// Seen by one person.
pub(super) const EPHEMERAL: u64 = 1 << 6;
/// Text over all parts: Discord takes 4,000; what says that something is missing has its place.
const TEXT_MAX: usize = 3_700;
/// What says that something is missing.
const MORE_MAX: usize = 250;
/// Components over all: Discord takes 40; a way out and its row have their place.
const COMPONENTS_MAX: usize = 38;
/// A text that can only begin is left out instead.
const WORTH: usize = 80;
/// Buttons in a row.
const ROW_MAX: usize = 5;
/// Rows beside an embed.
const ROWS_MAX: usize = 5;
/// Characters on a button or an option (dossier §7.1).
const LABEL_MAX: usize = 80;
/// Options of a choice.
const OPTIONS_MAX: usize = 25;
/// Characters of an option's value.
const VALUE_MAX: usize = 100;
/// Characters of a hint.
const HINT_MAX: usize = 150;
/// Characters of a link's address.
const URL_MAX: usize = 512;
/// Characters of what stands for a picture, and files of a message (dossier §8).
const ALT_MAX: usize = 1_000;
const FILES_MAX: usize = 10;
/// The stripe of a card.
const ACCENT: u32 = 0x1d_2b_53;

/// A message as Discord takes it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Drawn {
    /// What is seen.
    components: Vec<Value>,
    /// The same text in one piece.
    text: String,
    /// What its buttons stand for: durable before it is sent.
    pub(super) offers: Vec<(String, String)>,
    /// The files that it shows.
    pub(super) files: Vec<Attached>,
}

impl Drawn {
    /// The body of a message.
    pub(super) fn body(&self, flags: u64) -> Value {
        let card = json!({ "type": 17, "accent_color": ACCENT, "components": self.components });
        let mut body = json!({ "flags": V2 | flags, "components": [card], "allowed_mentions": { "parse": [] } });
        if !self.files.is_empty() {
            let attached =
                |(no, file): (usize, &Attached)| json!({ "id": no, "filename": file.name, "description": file.alt });
            body["attachments"] = self.files.iter().enumerate().map(attached).collect();
        }
        body
    }

    /// The same with an embed, where components v2 are refused.
    pub(super) fn embed(&self, flags: u64) -> Value {
        let rows: Vec<_> = self.components.iter().filter(|one| one["type"] == 1).take(ROWS_MAX).collect();
        let embed = json!({ "description": self.text, "color": ACCENT });
        json!({ "flags": flags, "embeds": [embed], "components": rows, "allowed_mentions": { "parse": [] } })
    }
}

/// Draws a message without pictures of posts.
pub(super) fn drawn(message: &Message) -> Drawn {
    drawn_with(message, Vec::new())
}

/// Draws a message with the pictures of its posts, in order.
pub(super) fn drawn_with(message: &Message, pictures: Vec<Option<Vec<u8>>>) -> Drawn {
    let mut pen = Pen { pictures: pictures.into_iter(), ..Pen::default() };
    for part in &message.parts {
        pen.part(part);
    }
    pen.finish(message)
}

/// One button alone, for a message of plain text.
pub(super) fn lone_button(button: &Button) -> (Value, (String, String)) {
    let mut pen = Pen::default();
    let row = pen.row(std::slice::from_ref(button));
    (row, pen.drawn.offers.pop().unwrap_or_default())
}

#[derive(Default)]
struct Pen {
    drawn: Drawn,
    /// Text that becomes one component.
    waiting: Vec<String>,
    units: usize,
    /// Components, the card itself among them.
    count: usize,
    is_cut: bool,
    has_way_out: bool,
    /// Pictures of posts that are not shown yet.
    pictures: std::vec::IntoIter<Option<Vec<u8>>>,
}

impl Pen {
    fn part(&mut self, part: &Part) {
        match part {
            Part::Heading(text) => self.text(&format!("### {}", markup(&Text::plain(text.replace('\n', " "))))),
            Part::Line(text) => self.text(&markup(text)),
            Part::Exactly(text) => self.text(&quoted(text)),
            Part::Small(text) => self.text(&small(&markup(text))),
            Part::Markdown(text) => self.text(&harmless(text)),
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
            // Discord has no charts of its own.
            Part::Chart(chart) => match &chart.png {
                Some(png) if self.has_room() => self.chart(chart, png),
                Some(_) | None => self.table(&chart.table()),
            },
            // All of it stands in words: what finds no room is not missed.
            Part::Picture(picture) => {
                if let Some(png) = self.pictures.next().flatten().filter(|_| self.has_room()) {
                    self.picture(("preview", &picture.title, &picture.alt), png);
                }
            }
            Part::Divider => {
                self.flush();
                self.push(1, json!({ "type": 14, "divider": true, "spacing": 1 }));
            }
        }
    }

    /// Whether a picture still fits, with the text that waits before it.
    fn has_room(&self) -> bool {
        self.count + usize::from(!self.waiting.is_empty()) + 3 <= COMPONENTS_MAX && self.drawn.files.len() < FILES_MAX
    }

    /// A file beside the message that is shown in it, in words for whoever does not see it.
    fn picture(&mut self, (kind, title, words): (&str, &str, &str), png: Vec<u8>) {
        self.flush();
        let name = format!("{kind}-{}.png", self.drawn.files.len());
        let alt = cut_by(&format!("{title}: {words}"), ALT_MAX, units);
        let shown = json!({ "media": { "url": format!("attachment://{name}") }, "description": alt });
        self.push(1, json!({ "type": 12, "items": [shown] }));
        self.drawn.files.push(Attached { name, alt, bytes: png });
    }

    /// Figures as a picture; in words where it comes as an embed.
    fn chart(&mut self, chart: &Chart, png: &[u8]) {
        self.picture(("chart", &chart.title, &chart.in_words()), png.to_vec());
        // One for the line end before it.
        let words = cut_by(&chart.table().lines(), TEXT_MAX.saturating_sub(self.units + 1), units);
        self.units += units(&words) + 1;
        self.drawn.text.push_str(&format!("\n{words}"));
    }

    fn text(&mut self, text: &str) {
        let text = text.trim_end();
        if text.trim().is_empty() {
            return;
        }
        // One for the line end between two texts.
        let left = TEXT_MAX.saturating_sub(self.units + 1);
        let is_new = self.waiting.is_empty() && self.count + 2 > COMPONENTS_MAX;
        if is_new || (units(text) > left && left < WORTH) {
            self.is_cut = true;
            return;
        }
        self.is_cut |= units(text) > left;
        let text = cut_by(text, left, units);
        self.units += units(&text) + 1;
        self.waiting.push(text);
    }

    fn flush(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.waiting).join("\n");
        if !self.drawn.text.is_empty() {
            self.drawn.text.push('\n');
        }
        self.drawn.text.push_str(&text);
        self.push(1, json!({ "type": 10, "content": text }));
    }

    fn push(&mut self, count: usize, component: Value) -> bool {
        // The card and what says that something is missing are counted, too.
        if self.count + count + 2 > COMPONENTS_MAX {
            self.is_cut = true;
            return false;
        }
        self.count += count;
        self.drawn.components.push(component);
        true
    }

    fn buttons(&mut self, buttons: &[Button]) {
        self.flush();
        for row in buttons.chunks(ROW_MAX) {
            let before = self.drawn.offers.len();
            let drawn = self.row(row);
            if !self.push(1 + row.len(), drawn) {
                self.drawn.offers.truncate(before);
            }
        }
    }

    /// Where all of it is read and decided, whatever did not fit here: one, for which the limit leaves room.
    fn way_out(&mut self, buttons: &[Button]) {
        self.flush();
        if let Some(link) = buttons.iter().find(|button| button.is_link).filter(|_| !self.has_way_out) {
            self.has_way_out = true;
            let drawn = self.row(std::slice::from_ref(link));
            self.drawn.components.push(drawn);
        }
    }

    fn row(&mut self, buttons: &[Button]) -> Value {
        let mut drawn = Vec::with_capacity(buttons.len());
        for button in buttons {
            let label = label(&button.label, LABEL_MAX);
            drawn.push(if button.is_link {
                json!({ "type": 2, "style": 5, "label": label, "url": cut_by(&button.value, URL_MAX, units) })
            } else {
                let style = match button.style {
                    Style::Plain => 2,
                    Style::Primary => 3,
                    Style::Danger => 4,
                };
                json!({ "type": 2, "style": style, "label": label, "custom_id": self.offer(button.action, &button.value) })
            });
        }
        json!({ "type": 1, "components": drawn })
    }

    /// The id of something to press; unlike every other one in the message.
    fn offer(&mut self, action: &str, value: &str) -> String {
        let offered = (action.to_owned(), value.to_owned());
        let same = self.drawn.offers.iter().filter(|before| **before == offered).count();
        let id = offered_id(ChatPlace::Discord, action, value);
        self.drawn.offers.push(offered);
        if same == 0 { id } else { format!("{id}~{same}") }
    }

    fn choice(&mut self, choice: &Choice) {
        self.text(&markup(&Text::bold(choice.label.clone())));
        self.flush();
        let option = |(no, (label_of, value)): (usize, &(String, String))| json!({ "label": label(label_of, LABEL_MAX), "value": cut_by(value, VALUE_MAX, units), "default": no == choice.chosen });
        let mut options: Vec<Value> = Vec::new();
        for drawn in choice.options.iter().take(OPTIONS_MAX).enumerate().map(option) {
            // Discord refuses the same value twice, and an empty one.
            if drawn["value"] != "" && options.iter().all(|before| before["value"] != drawn["value"]) {
                options.push(drawn);
            }
        }
        if options.is_empty() {
            return;
        }
        let before = self.drawn.offers.len();
        let select = json!({ "type": 3, "custom_id": self.offer(choice.action, ""), "options": options });
        if !self.push(2, json!({ "type": 1, "components": [select] })) {
            self.drawn.offers.truncate(before);
        }
    }

    /// Somebody of the service is chosen.
    fn person(&mut self, person: &Person) {
        self.flush();
        let before = self.drawn.offers.len();
        let id = self.offer(person.action, &person.about);
        let select = json!({ "type": 5, "custom_id": id, "placeholder": label(&person.label, HINT_MAX) });
        if !self.push(2, json!({ "type": 1, "components": [select] })) {
            self.drawn.offers.truncate(before);
        }
    }

    /// Figures in rows: Discord's Markdown has no tables.
    fn table(&mut self, table: &Table) {
        self.text(&markup(&Text::bold(table.head.join(" · "))));
        self.text(&quoted(&table.lines()));
    }

    fn finish(mut self, message: &Message) -> Drawn {
        self.flush();
        let more = markup(&Text::linked(&message.more));
        if self.is_cut && !more.trim().is_empty() {
            let more = small(&cut_by(&more, MORE_MAX - 4, units));
            self.drawn.text = format!("{}\n{more}", self.drawn.text);
            self.drawn.components.push(json!({ "type": 10, "content": more }));
        }
        if self.drawn.components.iter().all(|one| one["type"] != 10) {
            let text = cut_by(&markup(&Text::plain(message.text.clone())), MORE_MAX, units);
            let text = if text.trim().is_empty() { "…".to_owned() } else { text };
            self.drawn.text.clone_from(&text);
            self.drawn.components.insert(0, json!({ "type": 10, "content": text }));
        }
        self.drawn
    }
}

/// What is on a button: never empty.
fn label(text: &str, max: usize) -> String {
    let text = cut_by(text.trim(), max, units);
    if text.trim().is_empty() { "–".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(component: &Value, into: &mut String) {
        if component["type"] == 10 {
            into.push_str(component["content"].as_str().unwrap_or_default());
            into.push('\n');
        }
        component["components"].as_array().into_iter().flatten().for_each(|inner| words(inner, into));
    }

    #[test]
    fn what_does_not_fit_is_said_and_cannot_be_decided_about() {
        let mut message = Message { more: "More: https://example.com/".into(), ..Message::new("t") };
        message.exactly("本文🙂".repeat(3_000));
        message.deciding(vec![Button::primary("approve", "Yes".into(), "a b")]);
        let drawn = drawn(&message);
        assert!(drawn.offers.is_empty(), "nobody decides about what they could not read");
        let mut text = String::new();
        words(&drawn.body(0)["components"][0], &mut text);
        assert!(text.contains("More: <https://example.com/>"));
        assert!(units(&text) <= 4_000);
    }

    #[test]
    fn the_same_button_twice_has_two_ids_that_mean_the_same() {
        let mut message = Message::new("t");
        let button = || Button::plain("look", "Look".into(), "post_1");
        message.buttons(vec![button(), button()]);
        let body = drawn(&message).body(EPHEMERAL);
        let row = &body["components"][0]["components"][1]["components"];
        let (a, b) = (row[0]["custom_id"].as_str().unwrap(), row[1]["custom_id"].as_str().unwrap());
        assert_eq!(b, format!("{a}~1"));
        assert_eq!(body["flags"], V2 | EPHEMERAL);
    }

    /// A bar: whatever the texts are, Discord refuses nothing of ours, neither components nor the embed in their place. Real cards
    /// and modals are in `odd_tests`.
    #[test]
    fn ten_thousand_messages_of_odd_texts_are_within_discords_limits() {
        const SHARDS: [&str; 26] = [
            "**",
            "`",
            "```\n",
            "| a | b |\n|---|---|\n",
            "<@300>",
            "@everyone",
            "||",
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
        let mut seed = 0x000d_15c0_u64;
        let mut next = move |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap_or(0) % below
        };
        let mut is_cut = 0;
        for no in 0..10_000_u32 {
            let mut message =
                Message { more: "More: https://example.com/more".into(), ..Message::new(SHARDS[next(SHARDS.len())]) };
            for _ in 0..next(20) {
                let most = [1, 2, 4, 20, 80, 500][next(6)];
                let length = next(most) + next(2);
                let mut text: String = (0..length).map(|_| SHARDS[next(SHARDS.len())]).collect();
                // Anything that is a character at all.
                text.extend((0..next(6)).filter_map(|_| char::from_u32(u32::try_from(next(0x0011_0000)).unwrap_or(0))));
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
            let drawn = drawn(&message);
            is_cut += usize::from(drawn.text.contains("More: "));
            let bodies = [Some(drawn.body(0)), no.is_multiple_of(4).then(|| drawn.embed(0))];
            for body in bodies.into_iter().flatten() {
                let judged = socrazi_sim::discord::check_message(&body, &[]);
                assert!(judged.is_ok(), "message {no}: {judged:?}\n{body:#}");
            }
        }
        assert!(is_cut > 100, "the long ones are among them: {is_cut}");
    }
}
