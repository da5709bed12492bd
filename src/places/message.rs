//! What is shown in a chat service, as parts: no markup, no limits. Each service draws them as its own (Block Kit, components) and leaves
//! out what does not fit, saying so.

use crate::app::App;
use crate::app::charts::painted;
use crate::domain::account::Account;
use crate::domain::drawn::{self, Drawn};
use crate::domain::ids::{PostId, UserId};
use crate::domain::lang::Lang;
use crate::domain::post::Preview;
use crate::pictures::{self, Shape, Theme};

/// Pictures of posts in one message: each takes a while.
const PICTURES_MAX: usize = 4;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Message {
    /// For notifications, screen readers, and services that show nothing else.
    pub(crate) text: String,
    /// What is seen.
    pub(crate) parts: Vec<Part>,
    /// Said when something did not fit.
    pub(crate) more: String,
    /// The post it shows: should that be forgotten, the message goes, too.
    pub(crate) about: Option<PostId>,
    /// Whose figures it shows: files that are made of them go with this person.
    pub(crate) owner: Option<UserId>,
}

/// One thing below the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// A headline.
    Heading(String),
    /// A line of our own words.
    Line(Text),
    /// Somebody's text, exactly as it is: nothing in it is markup, a mention or a link.
    Exactly(String),
    /// Small print.
    Small(Text),
    /// A model's words in Markdown.
    Markdown(String),
    /// Things to press.
    Buttons(Vec<Button>),
    /// Things to press that decide about what stands above: left out when anything above did not fit, for nobody decides about what
    /// they could not read.
    Deciding(Vec<Button>),
    /// One of several.
    Choice(Choice),
    /// Somebody of the service.
    Person(Person),
    /// Figures in rows.
    Table(Table),
    /// Figures as a picture.
    Chart(Chart),
    /// A post as its network would show it. All of it stands in words beside it: where it cannot be shown, nothing is missing.
    Picture(Box<Picture>),
    /// A line between parts.
    Divider,
}

/// Our own words with what is theirs in them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Text(pub Vec<Span>);

/// A piece of a text. Whatever it holds is shown as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Span {
    /// Words.
    Plain(String),
    /// Words that stand out.
    Bold(String),
    /// An address to open.
    Link(String),
    /// Words that open an address.
    Named {
        /// The words.
        name: String,
        /// The address.
        url: String,
    },
    /// A channel by its id.
    Channel(String),
}

impl Text {
    /// Words.
    #[must_use]
    pub(crate) fn plain(words: impl Into<String>) -> Self {
        Self(vec![Span::Plain(words.into())])
    }

    /// Words that stand out.
    #[must_use]
    pub(crate) fn bold(words: impl Into<String>) -> Self {
        Self(vec![Span::Bold(words.into())])
    }

    /// A sentence whose addresses can be opened.
    #[must_use]
    pub(crate) fn linked(sentence: &str) -> Self {
        let mut text = Self::default();
        for (no, word) in sentence.split(' ').enumerate() {
            let url = word.trim_end_matches(['.', '。', ',', '、', ')', '）']);
            let is_link = (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(['<', '>', '|']);
            if no > 0 {
                text = text.and(" ");
            }
            text = if is_link { text.push(Span::Link(url.to_owned())).and(&word[url.len()..]) } else { text.and(word) };
        }
        text
    }

    /// The same with more words behind it.
    #[must_use]
    pub(crate) fn and(mut self, words: impl AsRef<str>) -> Self {
        let words = words.as_ref();
        match self.0.last_mut() {
            Some(Span::Plain(before)) => before.push_str(words),
            _ if words.is_empty() => {}
            _ => self.0.push(Span::Plain(words.to_owned())),
        }
        self
    }

    /// The same with another piece behind it.
    #[must_use]
    pub(crate) fn push(mut self, span: Span) -> Self {
        self.0.push(span);
        self
    }

    /// The same with another text behind it.
    #[must_use]
    pub(crate) fn with(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether there is nothing to see.
    #[must_use]
    pub(crate) fn is_blank(&self) -> bool {
        self.0.iter().all(|span| match span {
            Span::Plain(words) | Span::Bold(words) => words.trim().is_empty(),
            Span::Link(_) | Span::Named { .. } | Span::Channel(_) => false,
        })
    }

    /// Several texts, each on a line of its own.
    #[must_use]
    pub(crate) fn lines(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().fold(
            Self::default(),
            |text, line| {
                if text.0.is_empty() { line } else { text.and("\n").with(line) }
            },
        )
    }
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        Self::plain(words)
    }
}

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Like any other.
    Plain,
    /// The way forward.
    Primary,
    /// Takes something away.
    Danger,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Button {
    /// What a press is called.
    pub(crate) action: &'static str,
    /// What is on it.
    pub(crate) label: String,
    /// What a press carries; an address for links.
    pub(crate) value: String,
    /// How it looks.
    pub(crate) style: Style,
    /// The press opens `value` in a browser.
    pub(crate) is_link: bool,
}

impl Button {
    /// A button like any other.
    #[must_use]
    pub(crate) fn plain(action: &'static str, label: String, value: impl Into<String>) -> Self {
        Self { action, label, value: value.into(), style: Style::Plain, is_link: false }
    }

    /// The way forward.
    #[must_use]
    pub(crate) fn primary(action: &'static str, label: String, value: impl Into<String>) -> Self {
        Self { style: Style::Primary, ..Self::plain(action, label, value) }
    }

    /// Takes something away.
    #[must_use]
    pub(crate) fn danger(action: &'static str, label: String, value: impl Into<String>) -> Self {
        Self { style: Style::Danger, ..Self::plain(action, label, value) }
    }

    /// Opens an address.
    #[must_use]
    pub(crate) fn link(label: String, url: impl Into<String>) -> Self {
        Self { is_link: true, ..Self::plain("open", label, url) }
    }
}

/// One of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What a press is called.
    pub(crate) action: &'static str,
    /// What it is about.
    pub(crate) label: String,
    /// What is shown and what a press carries.
    pub(crate) options: Vec<(String, String)>,
    /// Which one holds now.
    pub(crate) chosen: usize,
}

/// Somebody of the service is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// What a press is called.
    pub(crate) action: &'static str,
    /// What stands there while nobody is chosen.
    pub(crate) label: String,
    /// What it is about: a press carries it, a blank, and who was chosen.
    pub(crate) about: String,
}

/// Figures in rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Table {
    /// What the columns are called.
    pub(crate) head: Vec<String>,
    /// The rows, each as long as the head.
    pub(crate) rows: Vec<Vec<String>>,
}

/// Figures as a picture: a service's own chart, else the picture that comes along, else the table, else words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Chart {
    /// What it shows.
    pub(crate) title: String,
    /// How; none where only a picture shows it.
    pub(crate) shape: Option<Shape>,
    /// What stands along the axis.
    pub(crate) categories: Vec<String>,
    /// Each line or colour: its name, and a figure for each category, in thousandths.
    pub(crate) series: Vec<(String, Vec<i64>)>,
    /// A picture of it (PNG), where one was made.
    pub(crate) png: Option<Vec<u8>>,
    /// The same in words, where that is not every figure.
    pub(crate) told: Option<String>,
}

/// What a picture of a post is drawn from, when it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// The account.
    pub(crate) account: Account,
    /// What it would show.
    pub(crate) preview: Preview,
    /// The post: should it be forgotten, files that are made of it go, too, as they go with whose account it is.
    pub(crate) post: Option<PostId>,
    /// The reader's language.
    pub(crate) lang: Lang,
    /// What it is called.
    pub(crate) title: String,
    /// The same in words.
    pub(crate) alt: String,
}

/// So many thousandths are one.
const THOUSAND: i64 = 1_000;

/// A figure of a chart in digits.
#[must_use]
pub(crate) fn digits(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let (whole, rest) = (thousandths.unsigned_abs() / 1_000, thousandths.unsigned_abs() % 1_000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{}", format!("{rest:03}").trim_end_matches('0'))
}

impl Chart {
    /// A chart that a tool's answer came with, with its picture.
    pub(crate) async fn of(chart: Drawn) -> Self {
        let png = painted(chart.clone(), Theme::Light).await;
        let Drawn { title, shape, categories, series, told } = chart;
        let shape = match shape {
            drawn::Shape::Bar => Some(Shape::Bar),
            drawn::Shape::Line => Some(Shape::Line),
            drawn::Shape::Heat { .. } => None,
        };
        Self { title, shape, categories, series, png, told: Some(told) }
    }

    /// Draws the picture, on light ground: what surrounds it is not ours.
    pub(crate) async fn with_picture(mut self) -> Self {
        let drawing = tokio::task::spawn_blocking(move || {
            let Self { title, shape, categories, series, .. } = &self;
            let Some(shape) = *shape else { return self };
            let chart = pictures::Chart { title, shape, categories, series };
            match pictures::draw(&chart, Theme::Light) {
                Ok(png) => self.png = Some(png),
                Err(error) => tracing::warn!(error = %error, "a chart has no picture"),
            }
            self
        });
        // Drawing knows no way to fail but that of its result.
        drawing.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// What somebody hears who does not see the picture.
    pub(crate) fn in_words(&self) -> String {
        if let Some(told) = &self.told {
            return told.clone();
        }
        let of = |(name, figures): &(String, Vec<i64>)| {
            let one = |(category, figure): (&String, &i64)| format!("{category} {}", digits(*figure));
            format!("{name}: {}", self.categories.iter().zip(figures).map(one).collect::<Vec<_>>().join(", "))
        };
        self.series.iter().map(of).collect::<Vec<_>>().join("\n")
    }

    /// The same figures in rows.
    #[must_use]
    pub(crate) fn table(&self) -> Table {
        let head = std::iter::once(self.title.clone()).chain(self.series.iter().map(|(name, _)| name.clone()));
        let row = |(no, category): (usize, &String)| {
            let figure = |(_, figures): &(String, Vec<i64>)| figures.get(no).copied().map(digits).unwrap_or_default();
            std::iter::once(category.clone()).chain(self.series.iter().map(figure)).collect()
        };
        Table { head: head.collect(), rows: self.categories.iter().enumerate().map(row).collect() }
    }

    /// A figure as a service's JSON takes it.
    #[must_use]
    pub(crate) fn number(thousandths: i64) -> serde_json::Value {
        if thousandths % THOUSAND == 0 {
            return (thousandths / THOUSAND).into();
        }
        serde_json::from_str(&digits(thousandths)).unwrap_or_default()
    }
}

impl Table {
    /// The same as lines of words.
    #[must_use]
    pub(crate) fn lines(&self) -> String {
        let line = |row: &Vec<String>| {
            let cell = |(no, cell): (usize, &String)| match (no, self.head.get(no)) {
                (0, _) | (_, None) => cell.clone(),
                (_, Some(head)) => format!("{head} {cell}"),
            };
            row.iter().enumerate().map(cell).collect::<Vec<_>>().join(" · ")
        };
        self.rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Builds a message.
impl Message {
    /// With these words for notifications.
    #[must_use]
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A sentence and nothing else; its addresses can be opened.
    #[must_use]
    pub(crate) fn sentence(said: &str) -> Self {
        let mut message = Self::new(said);
        message.line(Text::linked(said));
        message
    }

    /// A headline.
    pub(crate) fn header(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Heading(text.into()));
    }

    /// A line of our own words.
    pub(crate) fn line(&mut self, text: impl Into<Text>) {
        let text = text.into();
        if !text.is_blank() {
            self.parts.push(Part::Line(text));
        }
    }

    /// Somebody's text.
    pub(crate) fn exactly(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Exactly(text.into()));
    }

    /// Small print.
    pub(crate) fn small(&mut self, text: impl Into<Text>) {
        let text = text.into();
        if !text.is_blank() {
            self.parts.push(Part::Small(text));
        }
    }

    /// A model's words.
    pub(crate) fn markdown(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.parts.push(Part::Markdown(text.to_owned()));
        }
    }

    /// Things to press.
    pub(crate) fn buttons(&mut self, buttons: Vec<Button>) {
        if !buttons.is_empty() {
            self.parts.push(Part::Buttons(buttons));
        }
    }

    /// Things to press that decide about what stands above.
    pub(crate) fn deciding(&mut self, buttons: Vec<Button>) {
        self.parts.push(Part::Deciding(buttons));
    }

    /// One of several.
    pub(crate) fn choice(&mut self, choice: Choice) {
        self.parts.push(Part::Choice(choice));
    }

    /// Figures in rows.
    pub(crate) fn table(&mut self, table: Table) {
        self.parts.push(Part::Table(table));
    }

    /// Figures as a picture.
    pub(crate) fn chart(&mut self, chart: Chart) {
        self.parts.push(Part::Chart(chart));
    }

    /// A post as its network would show it.
    pub(crate) fn picture(&mut self, picture: Picture) {
        self.parts.push(Part::Picture(Box::new(picture)));
    }

    /// The pictures of posts in it, in order, drawn on light ground: what surrounds them is not ours. Those that could not be drawn, or are too many,
    /// are none.
    pub(crate) async fn pictures(&self, app: &App) -> Vec<(&Picture, Option<Vec<u8>>)> {
        let mut drawn = Vec::new();
        for part in &self.parts {
            if let Part::Picture(picture) = part {
                let Picture { account, preview, lang, .. } = &**picture;
                let png = match drawn.len() {
                    0..PICTURES_MAX => app.picture(*lang, (account, preview), Theme::Light).await,
                    _ => None,
                };
                drawn.push((&**picture, png));
            }
        }
        drawn
    }

    /// Somebody is chosen.
    pub(crate) fn person(&mut self, person: Person) {
        self.parts.push(Part::Person(person));
    }

    /// The same for others to read: nothing to press but what opens a page.
    #[must_use]
    pub(crate) fn without_presses(mut self) -> Self {
        for part in &mut self.parts {
            if let Part::Buttons(buttons) = part {
                buttons.retain(|button| button.is_link);
            }
        }
        self.parts.retain(|part| match part {
            Part::Buttons(buttons) => !buttons.is_empty(),
            Part::Deciding(_) | Part::Choice(_) | Part::Person(_) => false,
            Part::Heading(_)
            | Part::Line(_)
            | Part::Exactly(_)
            | Part::Small(_)
            | Part::Markdown(_)
            | Part::Table(_)
            | Part::Chart(_)
            | Part::Picture(_)
            | Part::Divider => true,
        });
        self
    }

    /// A line between parts.
    pub(crate) fn divider(&mut self) {
        self.parts.push(Part::Divider);
    }
}

/// A form in a window of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    /// Which one: what sending it does.
    pub(crate) id: &'static str,
    /// What it is about.
    pub(crate) about: About,
    /// Its title.
    pub(crate) title: String,
    /// On the button that sends it.
    pub(crate) submit: String,
    /// On the button that does not.
    pub(crate) close: String,
    /// What can be filled in.
    pub(crate) fields: Vec<Field>,
}

/// What a form is about and which message it changes. It travels through the service and comes back: looked up again, never trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(crate) struct About {
    /// The post.
    pub(crate) post: String,
    /// Its revision when the form was opened.
    pub(crate) revision: i64,
    /// The channel of the message that changes.
    pub(crate) channel: String,
    /// That message.
    pub(crate) ts: String,
    /// How a message that only one person sees is changed.
    pub(crate) reply: Option<String>,
    /// The window that changes, when it is in one that is no message.
    pub(crate) view: String,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    /// Words.
    Text {
        /// Its name.
        id: String,
        /// What is asked.
        label: String,
        /// What stands there already.
        value: String,
        /// Shown while nothing stands there.
        hint: String,
        /// Characters.
        chars_max: usize,
        /// May be left empty; a short one has one line.
        is_short: bool,
    },
    /// An instant from a picker, where the service has one.
    Instant {
        /// Its name.
        id: String,
        /// What is asked.
        label: String,
        /// What stands there already, Unix seconds.
        value_s: i64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_sentence_can_be_opened_and_nothing_else_changes() {
        let text = Text::linked("See https://example.com/a?b=c&d. It is <there>.");
        let expected = [
            Span::Plain("See ".into()),
            Span::Link("https://example.com/a?b=c&d".into()),
            Span::Plain(". It is <there>.".into()),
        ];
        assert_eq!(text.0, expected);
        assert_eq!(Text::linked("nothing here").0, [Span::Plain("nothing here".into())]);
        assert!(Text::linked("  ").is_blank());
    }
}
