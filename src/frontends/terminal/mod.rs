//! `socrazi chat`: the conversational core in a terminal. Answers stream; cards are drawn from ledger rows; a person approves by typing, and
//! only at a real terminal: a program that feeds us lines is no gesture.

use std::io::{BufRead, IsTerminal, Stdout};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::app::{App, BadRows, Imported, Verdict, fault_lines};
use crate::desk::view::ApprovalView;
use crate::domain::batch::{Picked, read_numbers, shown_numbers};
use crate::domain::caller::Caller;
use crate::domain::chat::{Card, Progress, Reply, TurnState, Utterance};
use crate::domain::ids::ApprovalId;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::say;

mod paste;
mod screen;

use crate::places::plain::Drawer;
use paste::Marking;
use screen::Screen;

/// The front end's word in threads.
const PLACE: &str = "chat";
/// Lines that wait while a turn runs; more are typed by no person.
const LINES_MAX: usize = 64;
/// Of a pasted text whose end does not come; a message may be far shorter.
const PASTED_BYTES_MAX: usize = 1 << 20;

/// What a person wants of the terminal.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// One message and its answer, then the end.
    pub once: Option<String>,
    /// Go on with the conversation that was held last, wherever that was.
    pub is_continued: bool,
}

/// Talks until the person ends it. False when `--once` got no answer.
///
/// # Errors
/// When the database or the vault fails.
pub async fn talk(app: &App, caller: &Caller, wish: Wish) -> Result<bool, ToolError> {
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mut terminal = Terminal {
        drawer: Drawer { app, caller: caller.clone() },
        screen: Screen::new(std::io::stdout()),
        thread: format!("{}-{}", std::process::id(), app.now_ms()),
        lines: None,
        may_ask: is_terminal && wish.once.is_none(),
        offered: Vec::new(),
    };
    if wish.is_continued {
        // The core's own words for it: what works here works in every front end.
        terminal.turn("continue 1").await?;
    }
    match wish.once {
        Some(text) => Ok(terminal.turn(&text).await? == Some(TurnState::Done)),
        None => terminal.talk().await.map(|()| true),
    }
}

struct Terminal<'a> {
    drawer: Drawer<'a>,
    screen: Screen<Stdout>,
    thread: String,
    lines: Option<mpsc::Receiver<String>>,
    may_ask: bool,
    /// Times offered by the last answer; typing a number says one.
    offered: Vec<String>,
}

impl Terminal<'_> {
    async fn talk(&mut self) -> Result<(), ToolError> {
        let (app, caller) = (self.drawer.app, &self.drawer.caller.clone());
        self.lines = Some(typed());
        if let Some(why) = app.conversation_off(caller).await? {
            self.screen.line(&self.drawer.say(&why));
        } else if let Some(asked) = app.consent_asked(caller).await? {
            self.screen.line(&self.drawer.say(&asked));
            let question = self.drawer.text("chat-consent-question");
            if !self.may_ask || self.ask(&question).await != Some(true) {
                self.screen.line(&self.drawer.text("chat-consent-refused"));
                return Ok(());
            }
            app.set_consent(caller, true).await?;
        }
        self.screen.line(&self.drawer.text("chat-welcome"));
        let _marking = self.may_ask.then(Marking::begin);
        while let Some(line) = self.message().await {
            match line.trim() {
                "" => {}
                "/quit" | "/exit" => break,
                text if text.starts_with("/plan") => self.plan(text.trim_start_matches("/plan").trim()).await?,
                text => {
                    let number = text.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                    let chosen = number.and_then(|at| self.offered.get(at).cloned());
                    self.turn(chosen.as_deref().unwrap_or(text)).await?;
                }
            }
            if self.screen.is_gone() {
                break;
            }
        }
        Ok(())
    }

    /// The next message: a line, or all lines of a pasted text.
    async fn message(&mut self) -> Option<String> {
        let mut text = self.read("> ").await?;
        while self.may_ask && paste::is_open(&text) && text.len() < PASTED_BYTES_MAX {
            let lines = self.lines.as_mut()?;
            let line = tokio::select! {
                line = lines.recv() => line?,
                // Ctrl-C takes it back.
                _ = tokio::signal::ctrl_c() => return Some(String::new()),
            };
            text.push('\n');
            text.push_str(&line);
        }
        Some(paste::unmarked(&text))
    }

    /// The next line; none at the end of input or when Ctrl-C is pressed here.
    async fn read(&mut self, prompt: &str) -> Option<String> {
        self.screen.end_line();
        if self.may_ask {
            self.screen.piece(prompt);
        }
        let lines = self.lines.as_mut()?;
        let line = tokio::select! {
            line = lines.recv() => line,
            _ = tokio::signal::ctrl_c() => None,
        };
        if self.may_ask && line.is_some() {
            // The person's own Enter ended the line.
            self.screen.returned();
        }
        line
    }

    /// A table of posts becomes drafts and one question.
    async fn plan(&mut self, path: &str) -> Result<(), ToolError> {
        let (app, caller) = (self.drawer.app, self.drawer.caller.clone());
        let Ok(bytes) = tokio::fs::read(path).await else {
            self.screen.line(&self.drawer.say(&say!("chat-plan-missing", path = path)));
            return Ok(());
        };
        match app.import_plan(&caller, &bytes, BadRows::Stop).await {
            Ok(Imported { approval: Some(id), posts, ignored, .. }) => {
                self.screen.line(&self.drawer.say(&say!("plan-made", count = posts, name = path)));
                if !ignored.is_empty() {
                    self.screen.line(&self.drawer.say(&say!("plan-ignored", columns = ignored.join(", "))));
                }
                self.show(&Card::Approval(id)).await?;
            }
            Ok(Imported { faults, .. }) => {
                self.screen.line(&self.drawer.say(&say!("plan-faults", count = faults.len())));
                for line in fault_lines(&faults, |why| self.drawer.say(why)) {
                    self.screen.line(&line);
                }
            }
            Err(ToolError::Refused(why)) => self.screen.line(&self.drawer.say(&why)),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Yes, no, or neither.
    async fn ask(&mut self, question: &str) -> Option<bool> {
        yes_or_no(&self.answer(question).await?)
    }

    /// What is typed in answer to a question. What was typed before it was shown is no answer to it.
    async fn answer(&mut self, question: &str) -> Option<String> {
        if let Some(lines) = &mut self.lines {
            while lines.try_recv().is_ok() {}
        }
        self.read(&format!("{question} ")).await
    }

    /// The answer about a plan, with what is picked of it: numbers take posts out and in again until it is yes or no. What must be chosen by itself is
    /// out at first.
    async fn answer_batch(&mut self, asked: &ApprovalView) -> (Option<bool>, Picked) {
        /// Nobody changes their mind more often.
        const CHANGES_MAX: usize = 200;
        let (alone, count) = (asked.alone(), asked.batch.len());
        let mut left = alone.clone();
        if !alone.is_empty() {
            self.screen.line(&self.drawer.say(&say!("batch-choose-alone", numbers = shown_numbers(&alone))));
        }
        for _ in 0..CHANGES_MAX {
            let question = self.drawer.text("chat-batch-question");
            let Some(answer) = self.answer(&question).await else { return (None, Picked::all()) };
            if let Some(verdict) = yes_or_no(&answer) {
                let named = alone.difference(&left).copied().collect();
                return (Some(verdict), Picked::but(left).naming(named));
            }
            match read_numbers(&answer, count) {
                Ok(numbers) if numbers.is_empty() => return (None, Picked::all()),
                Ok(numbers) => {
                    left = left.symmetric_difference(&numbers).copied().collect();
                    let shown = if left.is_empty() { "–".to_owned() } else { shown_numbers(&left) };
                    self.screen.line(&self.drawer.say(&say!("chat-batch-left", numbers = shown)));
                }
                Err(why) => self.screen.line(&self.drawer.say(&why)),
            }
        }
        (None, Picked::all())
    }

    /// One turn. How it ended; none when it was refused.
    async fn turn(&mut self, text: &str) -> Result<Option<TurnState>, ToolError> {
        let (app, caller) = (self.drawer.app, &self.drawer.caller.clone());
        let said = Utterance::alone(PLACE, &self.thread, text);
        let stop = CancellationToken::new();
        let mut shown = String::new();
        let (screen, drawer) = (&mut self.screen, &self.drawer);
        let mut tell = |progress: Progress| match progress {
            Progress::Queued => screen.line(&drawer.text("chat-queued")),
            Progress::Thinking => {}
            Progress::Again => {
                screen.line(&drawer.text("chat-again"));
                shown.clear();
            }
            Progress::Text(text) => {
                screen.piece(&text);
                shown.push_str(&text);
            }
            Progress::Tool { effect, .. } => {
                screen.line(&format!("· {}", drawer.say(&effect.step())));
                shown.clear();
            }
        };
        let answered = {
            let turn = app.converse(caller, &said, stop.clone(), &mut tell);
            tokio::pin!(turn);
            loop {
                tokio::select! {
                    answered = &mut turn => break answered,
                    _ = tokio::signal::ctrl_c() => stop.cancel(),
                }
            }
        };
        let reply = match answered {
            Ok(reply) => reply,
            Err(ToolError::Refused(why)) => {
                self.screen.line(&self.drawer.say(&why));
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        self.drawer.caller = app.renewed(caller).await?;
        self.finish(&shown, &reply);
        self.offered.clear();
        for card in &reply.cards {
            self.show(card).await?;
        }
        Ok(Some(reply.state))
    }

    /// The reply has the last word over what streamed.
    fn finish(&mut self, shown: &str, reply: &Reply) {
        let shown = shown.trim();
        match reply.text.strip_prefix(shown) {
            Some(rest) => self.screen.piece(rest),
            None => {
                if reply.state == TurnState::Done && !shown.is_empty() {
                    self.screen.line(&self.drawer.text("chat-corrected"));
                }
                self.screen.line(&reply.text);
            }
        }
        self.screen.end_line();
    }

    async fn show(&mut self, card: &Card) -> Result<(), ToolError> {
        for line in self.drawer.draw(card).await? {
            self.screen.line(&line);
        }
        match card {
            Card::Approval(id) => self.decide(id).await?,
            Card::Times(times) => self.offered = times.iter().map(Moment::rfc3339).collect(),
            Card::Draft(_) | Card::Post(_) | Card::Link { .. } | Card::Chart(_) | Card::Google | Card::Problem(_) => {}
        }
        Ok(())
    }

    async fn decide(&mut self, id: &ApprovalId) -> Result<(), ToolError> {
        let (app, caller) = (self.drawer.app, &self.drawer.caller.clone());
        let address = format!("{}/approvals/{id}", app.public_url().as_str().trim_end_matches('/'));
        if !self.may_ask {
            self.screen.line(&self.drawer.say(&say!("chat-approve-there", url = address)));
            return Ok(());
        }
        // The answer counts for what stands above, so its hash is read before the question and sent with the answer.
        let asked = app.read_approval(caller, id).await?;
        let hash = asked.approval.hash.clone();
        let (answer, picked) = if asked.batch.is_empty() {
            let question = self.drawer.text("chat-approve-question");
            (self.ask(&question).await, Picked::all())
        } else {
            self.answer_batch(&asked).await
        };
        let verdict = match answer {
            Some(true) => Verdict::Approve,
            Some(false) => Verdict::Decline,
            None => {
                self.screen.line(&self.drawer.say(&say!("chat-approve-there", url = address)));
                return Ok(());
            }
        };
        let line = match app.decide_but(caller, id, (&hash, &picked), verdict).await {
            Ok(view) => {
                for line in self.drawer.batch_result(&view) {
                    self.screen.line(&line);
                }
                self.drawer.decided(&view)
            }
            Err(ToolError::Refused(why)) => self.drawer.say(&why),
            Err(error) => return Err(error),
        };
        self.screen.line(&line);
        Ok(())
    }
}

fn yes_or_no(answer: &str) -> Option<bool> {
    match answer.trim().to_lowercase().as_str() {
        "yes" | "y" | "はい" => Some(true),
        "no" | "n" | "いいえ" => Some(false),
        _ => None,
    }
}

/// Lines as they are typed. The thread ends with the input or the process: reading cannot be interrupted.
fn typed() -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel(LINES_MAX);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if send.blocking_send(line).is_err() {
                break;
            }
        }
    });
    lines
}
