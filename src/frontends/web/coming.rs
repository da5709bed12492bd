//! A conversation's page while an answer comes: its body is sent as it grows, so that the answer is read as it is written, without a script
//! and without loading anything again. What this process answers is heard from `turns`; what another one answers is looked up in the rows.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::response::{Html, IntoResponse, Response};
use futures::stream;
use http::{HeaderName, HeaderValue};
use tokio::sync::watch;
use tokio::time::Instant;

use super::cards::{Cards, views};
use super::page::Page;
use super::turns::{End, Heard, Piece, Turns};
use crate::app::{App, SignedIn, Spoken};
use crate::domain::chat::{Card, Reply, TurnState};
use crate::domain::ids::ConversationId;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// Where a page is cut: what comes stands in its place.
const MARK: &str = "<!--coming-->";
/// A page grows for so long at the most: longer than a full queue takes to be answered.
const GROWS_MAX: Duration = Duration::from_secs(30 * 60);
/// Nothing for so long makes proxies give a page up; a comment is something.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);
/// Says nothing.
const NOTHING: &str = "<!---->";
/// How often it is looked up what another process answers.
const LOOK: Duration = Duration::from_secs(1);

/// One thing that was said.
#[derive(Template)]
#[template(path = "said.html")]
struct Said<'a> {
    page: &'a Page,
    said: &'a Spoken,
}

/// Where an answer begins that is not whole yet.
#[derive(Template)]
#[template(path = "coming.html")]
struct Opening<'a> {
    page: &'a Page,
    id: &'a ConversationId,
    /// Whether it can be stopped from here.
    can_stop: bool,
}

/// A text, escaped.
#[derive(Template)]
#[template(source = "{{ text }}", ext = "html")]
struct Escaped<'a> {
    text: &'a str,
}

fn escaped(text: &str) -> String {
    Escaped { text }.render().unwrap_or_default()
}

/// What a growing page shows.
pub(super) struct Shown {
    pub(super) app: Arc<App>,
    pub(super) turns: Arc<Turns>,
    pub(super) person: SignedIn,
    pub(super) page: Page,
    pub(super) id: ConversationId,
    /// What was said last of what stands on it already.
    pub(super) last: Option<Spoken>,
}

/// A page that grows until nothing more is to come.
pub(super) fn grow(whole: &str, shown: Shown) -> Response {
    let (head, tail) = whole.split_once(MARK).unwrap_or((whole, ""));
    let growing = Growing {
        shown,
        stage: Stage::Head(head.to_owned()),
        tail: tail.to_owned(),
        ends_at: Instant::now() + GROWS_MAX,
    };
    let pieces = stream::unfold(growing, |mut growing| async move {
        let piece = growing.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(piece)), growing))
    });
    let mut response = Html(Body::from_stream(pieces)).into_response();
    // nginx would hold it back until it is whole.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

enum Stage {
    /// What stands on the page at once.
    Head(String),
    /// Whatever was said behind the last thing; true when the answer that stands next is on the page already.
    Look(bool),
    /// An answer of this process, as far as it was written.
    Here(watch::Receiver<Heard>, Written),
    /// An answer of another process.
    Elsewhere,
    /// The rest of the page.
    Tail,
    /// Nothing more.
    Over,
}

struct Growing {
    shown: Shown,
    stage: Stage,
    tail: String,
    ends_at: Instant,
}

impl Growing {
    /// The next piece of the page; none when it is whole.
    async fn next(&mut self) -> Option<String> {
        // Whoever reads uses this server.
        self.shown.app.activity().touch(self.shown.app.now_ms());
        let is_late = Instant::now() >= self.ends_at;
        match self.stage {
            // Browsers close by themselves what is left open.
            Stage::Here(..) if is_late => self.stage = Stage::Tail,
            Stage::Look(_) | Stage::Elsewhere if is_late || self.shown.turns.is_ending() => self.stage = Stage::Tail,
            // When the process ends, an answer of its own ends with it, and says so.
            Stage::Here(..) | Stage::Look(_) | Stage::Elsewhere | Stage::Head(_) | Stage::Tail | Stage::Over => {}
        }
        match &mut self.stage {
            Stage::Head(head) => {
                let head = std::mem::take(head);
                self.stage = Stage::Look(false);
                Some(head)
            }
            Stage::Look(is_answered) => {
                let is_answered = *is_answered;
                Some(self.look(is_answered).await)
            }
            Stage::Here(heard, written) => {
                let (piece, end) = written.follow(heard, &self.shown.page).await;
                match end {
                    None => Some(piece),
                    Some(end) => Some(piece + &self.end(end).await),
                }
            }
            Stage::Elsewhere => Some(self.look_elsewhere().await),
            Stage::Tail => {
                self.stage = Stage::Over;
                Some(std::mem::take(&mut self.tail))
            }
            Stage::Over => None,
        }
    }

    /// What was said behind the last thing on the page, oldest first; nothing when that is not known any more.
    async fn behind(&self) -> Vec<Spoken> {
        let Shown { app, person, id, last, .. } = &self.shown;
        let Ok((_, said)) = app.read_conversation(&person.caller, id, None).await else { return Vec::new() };
        let mut spoken = said.spoken;
        match last {
            None => spoken,
            Some(last) => match spoken.iter().rposition(|said| is_same(said, last)) {
                Some(at) => spoken.split_off(at + 1),
                None => Vec::new(),
            },
        }
    }

    /// The next thing that was said, or the end.
    async fn look(&mut self, is_answered: bool) -> String {
        let mut behind = self.behind().await.into_iter().peekable();
        if let Some(answer) = behind.next_if(|said| is_answered && !said.by_person) {
            self.shown.last = Some(answer);
        }
        let Some(said) = behind.next() else {
            self.stage = Stage::Tail;
            return NOTHING.to_owned();
        };
        let Shown { app, turns, person, page, id, .. } = &self.shown;
        let mut html = Said { page, said: &said }.render().unwrap_or_default();
        if !said.by_person
            && let Some(kept) = turns.cards_soon(id, &said.text).await
        {
            html += &cards(app, person, page, (id, &kept)).await;
        }
        self.stage = Stage::Look(false);
        if said.is_open() {
            let heard = turns.find(&person.caller.user, id, &said.text);
            html += &Opening { page, id, can_stop: heard.is_some() }.render().unwrap_or_default();
            self.stage = heard.map_or(Stage::Elsewhere, |heard| Stage::Here(heard, Written::default()));
        }
        self.shown.last = Some(said);
        html
    }

    /// Waits for an answer that another process gives.
    async fn look_elsewhere(&mut self) -> String {
        tokio::time::sleep(LOOK).await;
        let Shown { app, person, id, last, .. } = &self.shown;
        let is_open = match app.read_conversation(&person.caller, id, None).await {
            Ok((_, said)) => {
                let last = last.as_ref();
                said.spoken.iter().any(|said| said.is_open() && last.is_some_and(|last| is_same(said, last)))
            }
            Err(_) => false,
        };
        if is_open {
            return NOTHING.to_owned();
        }
        self.stage = Stage::Look(false);
        Written::OVER.to_owned()
    }

    /// What stands on the page when an answer of this process is over: its cards, or why there is none.
    async fn end(&mut self, end: End) -> String {
        let Shown { app, person, page, id, .. } = &self.shown;
        let (html, is_answered) = match end {
            End::Reply(reply) => (cards(app, person, page, (id, &reply.cards)).await, true),
            End::Broken(why) => (notice(page, &why), false),
        };
        self.stage = Stage::Look(is_answered);
        html
    }
}

async fn cards(app: &App, person: &SignedIn, page: &Page, (id, cards): (&ConversationId, &[Card])) -> String {
    match views(app, person, cards).await {
        Ok(cards) => {
            let (to, key) = (format!("/conversations/{id}"), app.message_key());
            Cards { page, cards: &cards, to: &to, key: &key }.render().unwrap_or_default()
        }
        Err(error) => {
            if let ToolError::Failed(why) = error {
                tracing::error!(error = why, "the cards of an answer could not be read");
            }
            String::new()
        }
    }
}

fn notice(page: &Page, what: &Sentence) -> String {
    format!("<p class=\"notice warn\" role=\"status\">{}</p>", escaped(&page.say(what)))
}

/// The same words; how their turn stands may have changed.
fn is_same(one: &Spoken, other: &Spoken) -> bool {
    one.by_person == other.by_person && one.at_ms == other.at_ms && one.text == other.text
}

/// How far an answer was written onto a page.
#[derive(Default)]
struct Written {
    piece: usize,
    bytes: usize,
    is_open: bool,
}

impl Written {
    /// Ends the part of the page that an answer came in.
    const OVER: &str = "<p class=\"over\" hidden></p></section>";

    /// Waits for something to write; with the end, once the answer is over.
    async fn follow(&mut self, heard: &mut watch::Receiver<Heard>, page: &Page) -> (String, Option<End>) {
        let (html, end) = self.take(&heard.borrow_and_update(), page);
        if !html.is_empty() || end.is_some() {
            return (html, end);
        }
        let changed = tokio::time::timeout(SIGN_OF_LIFE, heard.changed()).await;
        let (html, end) = self.take(&heard.borrow_and_update(), page);
        match changed {
            Ok(Err(_)) if end.is_none() => (html + Self::OVER, Some(End::Broken(say!("chat-broke-off")))),
            Ok(_) | Err(_) if html.is_empty() => (NOTHING.to_owned(), end),
            Ok(_) | Err(_) => (html, end),
        }
    }

    fn take(&mut self, heard: &Heard, page: &Page) -> (String, Option<End>) {
        let mut html = String::new();
        while let Some(piece) = heard.pieces.get(self.piece) {
            match piece {
                Piece::Text(text) => {
                    self.open(&mut html);
                    html += &escaped(text.get(self.bytes..).unwrap_or_default());
                    self.bytes = text.len();
                    if self.piece + 1 == heard.pieces.len() {
                        break;
                    }
                }
                Piece::Step(effect) => self.note(&mut html, "step", &page.say(effect.step())),
                Piece::Again => self.note(&mut html, "again", &page.t("chat-again")),
                Piece::Queued => self.note(&mut html, "step", &page.t("chat-queued")),
            }
            (self.piece, self.bytes) = (self.piece + 1, 0);
        }
        if let Some(end) = &heard.end {
            if let End::Reply(reply) = end {
                self.finish(&mut html, heard.said(), reply, page);
            }
            self.close(&mut html);
            html += Self::OVER;
        }
        (html, heard.end.clone())
    }

    /// The reply has the last word over what streamed.
    fn finish(&mut self, html: &mut String, said: &str, reply: &Reply, page: &Page) {
        match reply.text.strip_prefix(said) {
            Some(rest) if !said.is_empty() => *html += &escaped(rest),
            Some(_) | None => {
                if reply.state == TurnState::Done && !said.is_empty() {
                    self.note(html, "again", &page.t("chat-corrected"));
                }
                self.close(html);
                self.open(html);
                *html += &escaped(&reply.text);
            }
        }
    }

    fn open(&mut self, html: &mut String) {
        if !std::mem::replace(&mut self.is_open, true) {
            *html += "<p class=\"text\">";
        }
    }

    fn close(&mut self, html: &mut String) {
        if std::mem::replace(&mut self.is_open, false) {
            *html += "</p>\n";
        }
    }

    fn note(&mut self, html: &mut String, class: &str, text: &str) {
        self.close(html);
        *html += &format!("<p class=\"meta {class}\">{}</p>\n", escaped(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chat::Progress;
    use crate::domain::lang::Lang;
    use crate::domain::tool::Effect;

    fn reply(text: &str, state: TurnState) -> End {
        let conversation = ConversationId::generate(1, 1);
        End::Reply(Reply { conversation, text: text.into(), cards: Vec::new(), state })
    }

    /// What is written of an answer that came in these pieces, looked at after each.
    fn written(told: &[Progress], end: End) -> String {
        let (page, mut written, mut html) = (Page::sample(Lang::En), Written::default(), String::new());
        let mut heard = Heard::default();
        for progress in told {
            heard.hear(progress.clone());
            html += &written.take(&heard, &page).0;
        }
        heard.end = Some(end);
        html + &written.take(&heard, &page).0
    }

    fn text(text: &str) -> Progress {
        Progress::Text(text.into())
    }

    fn step() -> Progress {
        Progress::Tool { name: "list_posts".into(), effect: Effect::Reads }
    }

    #[test]
    fn an_answer_is_written_once_as_it_comes_and_its_rest_at_the_end() {
        let html = written(&[text("Two <b> "), text("& three")], reply("Two <b> & three, four", TurnState::Done));
        assert_eq!(
            html,
            "<p class=\"text\">Two &#60;b&#62; &#38; three, four</p>\n<p class=\"over\" hidden></p></section>"
        );
        let html = written(&[text("I look. "), step(), text("Three.")], reply("Three.", TurnState::Done));
        assert!(
            html.contains("I look. </p>\n<p class=\"meta step\">Looking …</p>\n<p class=\"text\">Three.</p>"),
            "{html}"
        );
    }

    #[test]
    fn what_was_not_true_is_told_anew_and_what_was_stopped_stays() {
        let html = written(&[text("It is out!")], reply("I have not done that yet.", TurnState::Done));
        assert!(html.contains("It is out!</p>\n<p class=\"meta again\">"), "{html}");
        assert!(html.contains("<p class=\"text\">I have not done that yet.</p>"), "{html}");
        let html = written(&[text("Half an ans")], reply("Stopped.", TurnState::Stopped));
        assert!(html.contains("Half an ans</p>\n<p class=\"text\">Stopped.</p>") && !html.contains("again"), "{html}");
        let html = written(&[text("No"), Progress::Again, text("Yes")], reply("Yes", TurnState::Done));
        assert!(
            html.contains("No</p>\n<p class=\"meta again\">")
                && html.ends_with("Yes</p>\n<p class=\"over\" hidden></p></section>"),
            "{html}"
        );
    }
}
