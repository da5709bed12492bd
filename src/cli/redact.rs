//! What stands between every log line and stderr: tokens and secrets, known by their shape, are blacked out. The house logs none; this is for
//! the day when a crate below us does, or somebody forgets. It looks at shapes only and knows no secret.

use std::borrow::Cow;
use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

/// What stands where something was.
const BLACK: &str = "[redacted]";
/// How secrets of ours and of those we talk to begin.
const BEGINNINGS: [&str; 22] = [
    "soc_",
    "soa_",
    "sor_",
    "sok_",
    "sim-x-at-",
    "sim-x-rt-",
    "xoxa-",
    "xoxb-",
    "xoxe-",
    "xoxe.",
    "xoxp-",
    "xoxr-",
    "xoxs-",
    "xapp-",
    "AIza",
    "AQ.",
    "ya29.",
    "GOCSPX-",
    "eyJ",
    "ghp_",
    "sk_live_",
    "whsec_",
];
/// A beginning alone is a word; so many characters more are a secret.
const AFTER_BEGINNING_MIN: usize = 8;
/// Names whose value is a secret, wherever they stand.
const NAMES: [&str; 14] = [
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "code_verifier",
    "code_challenge",
    "api_key",
    "authorization",
    "bot_token",
    "cookie",
    "password",
    "passwd",
    "secret",
    "token",
];
/// Names that are ordinary words elsewhere: secrets as arguments of an address or a form alone.
const ARGUMENTS: [&str; 5] = ["code", "key", "link", "signature", "state"];
/// What follows these words is a secret.
const SCHEMES: [&str; 4] = ["Bearer", "Basic", "Bot", "socrazi-kek-1"];
/// A value shorter than this is a word of ours (`token=none`), not a secret.
const VALUE_MIN: usize = 8;
/// 256 bits have at least so many characters; ids and words of ours are shorter.
const RANDOM_MIN: usize = 40;
/// In a random text every fourth character or more is of another class than the one before it.
const RANDOM_CHANGES: usize = 4;

/// The text without what has the shape of a secret.
#[must_use]
pub(super) fn redacted(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut kept_to, mut before) = (0, Before::default());
    for (at, word) in words(text) {
        let gap = &text[before.end..at];
        if before.blackens(gap, word) || is_secret(word) || is_password(text, at, word) {
            out.push_str(&text[kept_to..at]);
            out.push_str(BLACK);
            kept_to = at + word.len();
        }
        before = before.then(gap, word, at);
    }
    if kept_to == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[kept_to..]);
    Cow::Owned(out)
}

/// Runs of characters that secrets are made of, with where they begin.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let begin = rest + text[rest..].find(is_of_word)?;
        let end = text[begin..].find(|c| !is_of_word(c)).map_or(text.len(), |length| begin + length);
        rest = end;
        Some((begin, &text[begin..end]))
    })
}

/// Base64 of both kinds, hexadecimal, dots between parts, and what addresses escape.
fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '%')
}

/// What came right before a word.
#[derive(Default)]
struct Before<'a> {
    word: &'a str,
    /// It is an argument of an address or a form: `?` or `&` stands before it.
    is_argument: bool,
    /// Where it ended.
    end: usize,
    /// A secret goes on behind a character that is in base64 but not in words.
    is_going_on: bool,
}

impl<'a> Before<'a> {
    /// Whether the word behind this one, with so much between, is a secret by its name.
    fn blackens(&self, gap: &str, word: &str) -> bool {
        if self.is_going_on && gap == "/" {
            return true;
        }
        if gap == " " && SCHEMES.iter().any(|scheme| self.word.eq_ignore_ascii_case(scheme)) {
            return word.len() >= VALUE_MIN;
        }
        let names = |list: &[&str]| list.iter().any(|name| self.word.eq_ignore_ascii_case(name));
        // `name=value`, `name: value`, `"name":"value"`, and the same escaped inside JSON.
        let bare: String = gap.chars().filter(|c| !matches!(c, '"' | '\\' | '\'' | ' ')).collect();
        let is_value = matches!(bare.as_str(), "=" | ":");
        // `authorization: Bearer …`: the scheme itself is no secret, what follows it is.
        let is_scheme = SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
        let is_named = names(&NAMES) || (self.is_argument && names(&ARGUMENTS));
        is_value && is_named && !is_scheme && word.len() >= VALUE_MIN
    }

    fn then(&self, gap: &str, word: &'a str, at: usize) -> Self {
        let is_kek = gap == " " && self.word == "socrazi-kek-1";
        Self {
            word,
            is_argument: gap.ends_with(['?', '&']),
            end: at + word.len(),
            is_going_on: is_kek || (self.is_going_on && gap == "/"),
        }
    }
}

fn is_secret(word: &str) -> bool {
    let begins = |begin: &&str| word.len() >= begin.len() + AFTER_BEGINNING_MIN && word.starts_with(*begin);
    BEGINNINGS.iter().any(begins) || is_random(word)
}

/// Long, and letters of both sizes and digits in a jumble, or hexadecimal.
fn is_random(word: &str) -> bool {
    if word.len() < RANDOM_MIN {
        return false;
    }
    let class = |c: char| match c {
        'a'..='z' => Some(0),
        'A'..='Z' => Some(1),
        '0'..='9' => Some(2),
        _ => None,
    };
    let classes: Vec<u8> = word.chars().filter_map(class).collect();
    let changes = classes.windows(2).filter(|pair| pair[0] != pair[1]).count();
    changes * RANDOM_CHANGES >= word.len()
}

/// `scheme://user:password@host`.
fn is_password(text: &str, at: usize, word: &str) -> bool {
    let is_before_host = text[at + word.len()..].starts_with('@');
    let Some(front) = text[..at].strip_suffix(':').filter(|_| is_before_host) else { return false };
    let user = front.rfind(|c| !is_of_word(c)).map_or(0, |end| end + 1);
    front[..user].ends_with("://")
}

/// Writes events to stderr, redacted. An event comes in one piece.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Redacting<W>(pub(super) W);

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write_all(redacted(&String::from_utf8_lossy(event)).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Makes such writers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Redacted<M>(pub(super) M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacted<M> {
    type Writer = Redacting<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Redacting(self.0.make_writer())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn secrets_go_by_their_shape() {
        let random = "Zm9vYmFyMTIz-x9QkLmN0pRsTuVwXyZ_AbCdEf0123456";
        for (line, secret) in [
            (format!("the token {random} was refused"), random),
            (format!("GET /signin?link={random} 200"), random),
            ("token soc_0123456789abcdef was used".to_owned(), "soc_0123456789abcdef"),
            ("Authorization: Bearer abcdefgh1".to_owned(), "abcdefgh1"),
            ("authorization: Basic dXNlcjpwYXNzd29yZA==".to_owned(), "dXNlcjpwYXNzd29yZA"),
            ("xoxb-1234-5678-abcdef answered".to_owned(), "xoxb-1234-5678-abcdef"),
            ("asked with ya29.a0AfB_byC12345".to_owned(), "a0AfB_byC12345"),
            ("key AIzaSyA1234567890abcdefg".to_owned(), "AIzaSyA1234567890abcdefg"),
            (r#"{"access_token":"short-but-one","expires_in":7200}"#.to_owned(), "short-but-one"),
            (r#"body: "{\"refresh_token\":\"short-but-one\"}""#.to_owned(), "short-but-one"),
            ("POST /cb?state=somestate1&code=somecode2".to_owned(), "somestate1"),
            ("POST /cb?state=somestate1&code=somecode2".to_owned(), "somecode2"),
            ("grant_type=x&client_secret=hush-hush".to_owned(), "hush-hush"),
            ("postgres://socrazi:pw@127.0.0.1/x".to_owned(), ":pw@"),
            ("socrazi-kek-1 AAAABBBB/CCCCDDDD/EEEE=".to_owned(), "CCCCDDDD"),
            ("hash 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(), "9f86d081884c7d65"),
        ] {
            let shown = redacted(&line);
            assert!(!shown.contains(secret) && shown.contains(BLACK), "{line} → {shown}");
        }
    }

    #[test]
    fn what_logs_say_stays_readable() {
        for line in [
            "2026-11-26T00:38:50Z  INFO socrazi::publisher::deliver: delivery dlv_01KAZ9QK8TR5G3V0M2N4P6S8XY: state=published tries=2",
            "post_01KAZ9QK8TR5G3V0M2N4P6S8XY revision=3 state=needs_human code=503 key=retention.conversation_days",
            "database: error returned from database: (code: 5) database is locked at src/store/conversations_and_turns_of_them.rs:120",
            "SELECT id, workspace_id, user_id FROM delivery WHERE post_id=$1 AND account_health_is_fine_and_not_paused",
            "the token was refused: token=none; Bearer is missing; what the network said: invalid_request",
            "http://127.0.0.1:8787 listens; see https://docs.example.com/socrazi/operations/upgrading-from-0.1-to-0.2",
        ] {
            assert_eq!(redacted(line), line);
        }
    }

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// In both forms, in messages, fields and errors alike: it lies below all of them.
    #[test]
    fn no_event_carries_a_token_to_the_log() {
        let (text, json) = (Page::default(), Page::default());
        let (a, b) = (text.clone(), json.clone());
        let subscriber = tracing_subscriber::registry()
            .with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Redacted(move || a.clone())))
            .with(tracing_subscriber::fmt::layer().json().with_writer(Redacted(move || b.clone())));
        tracing::subscriber::with_default(subscriber, || {
            let error = io::Error::other("Bearer canary-in-an-error");
            tracing::info!(access_token = "canary-in-a-field", error = %error, "said soc_canary-in-a-message; all is well");
        });
        for page in [text, json] {
            let page = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
            assert!(!page.contains("canary") && page.matches(BLACK).count() == 3, "{page}");
            assert!(page.contains("all is well"), "{page}");
        }
    }
}
