//! Little text, the format of a post's `commentary` (platforms/linkedin.md §3.2): what is written for LinkedIn, what a reader sees of it, how
//! long it is and where it must be cut. Nothing else of a post is little text.

use super::limits::{FOLD_CHARS, FOLD_LINES, TEXT_MAX};
use crate::platforms::utf16;

/// What must not stand alone: an unescaped one cuts the post at its place, and LinkedIn says nothing.
const RESERVED: &str = r"\|{}@[]()<>#*_~";
/// Who can be mentioned.
const MENTIONED: [&str; 2] = ["urn:li:person:", "urn:li:organization:"];

/// A piece of what the author wrote.
enum Piece<'a> {
    /// As it is.
    Plain(char),
    /// `#word`, which LinkedIn makes a link.
    Tag(&'a str),
    /// `@[Name](urn:li:…)`: a mention, written as LinkedIn wants it.
    Mention { name: &'a str, urn: &'a str },
}

/// The text as it is sent.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for piece in pieces(text) {
        match piece {
            Piece::Plain(c) => escape(c, &mut out),
            Piece::Tag(word) => out.extend(['#'].into_iter().chain(word.chars())),
            Piece::Mention { name, urn } => {
                out.push_str("@[");
                name.chars().for_each(|c| escape(c, &mut out));
                out.push_str("](");
                out.push_str(urn);
                out.push(')');
            }
        }
    }
    out
}

/// The text as a reader sees it: mentions are names there.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(c) => out.push(c),
            Piece::Tag(word) => out.extend(['#'].into_iter().chain(word.chars())),
            Piece::Mention { name, .. } => out.push_str(name),
        }
    }
    out
}

/// The length. Whether LinkedIn counts UTF-16 units or code points is unverified, so is whether a mention counts whole: the larger counts.
#[must_use]
pub fn length(text: &str) -> usize {
    utf16::length(text)
}

/// The longest beginning that LinkedIn takes, and the rest; `None` when all of it fits.
pub(super) fn cut(text: &str) -> Option<(&str, &str)> {
    utf16::cut(text, TEXT_MAX)
}

/// How many characters a reader sees before "…more"; `None` when they see all of it.
pub(super) fn fold(shown: &str) -> Option<usize> {
    let mut lines = 1;
    for (no, c) in shown.trim_end().chars().enumerate() {
        lines += usize::from(c == '\n');
        if no >= FOLD_CHARS || lines > FOLD_LINES {
            return Some(no);
        }
    }
    None
}

fn escape(c: char, out: &mut String) {
    if RESERVED.contains(c) {
        out.push('\\');
    }
    out.push(c);
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut before = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (piece, length) = match c {
            '@' => mention(rest),
            '#' => tag(before, rest),
            _ => None,
        }
        .unwrap_or((Piece::Plain(c), c.len_utf8()));
        found.push(piece);
        before = rest[..length].chars().next_back();
        rest = &rest[length..];
    }
    found
}

/// `#word` at the beginning of a word, of letters and digits with a letter among them. What is not surely a tag is escaped, which shows it as it
/// is: inside an address it belongs to the address.
fn tag(before: Option<char>, text: &str) -> Option<(Piece<'_>, usize)> {
    let may_begin = |c: char| c.is_whitespace() || !c.is_ascii() || matches!(c, '(' | '[' | '"');
    if before.is_some_and(|c| !may_begin(c)) {
        return None;
    }
    let rest = text.strip_prefix('#')?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let word = &rest[..end];
    let is_word = word.chars().any(char::is_alphabetic) && !word.contains('_');
    is_word.then(|| (Piece::Tag(word), 1 + end))
}

fn mention(text: &str) -> Option<(Piece<'_>, usize)> {
    // A name holds none of these, so the first of them is its end.
    let rest = text.strip_prefix("@[")?;
    let (name, rest) = rest.split_at(rest.find(['[', ']', '\n'])?);
    let (urn, _) = rest.strip_prefix("](")?.split_once(')')?;
    let id = MENTIONED.iter().find_map(|kind| urn.strip_prefix(kind))?;
    (!name.trim().is_empty() && super::wire::is_sub(id))
        .then(|| (Piece::Mention { name, urn }, name.len() + urn.len() + 5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_escaped_once_and_tags_and_mentions_stay() {
        for (text, expected) in [
            ("a (b) #rust c_d", r"a \(b\) #rust c\_d"),
            ("", ""),
            (r"\", r"\\"),
            (r"\(", r"\\\("),
            ("a|b{c}<d>*e~", r"a\|b\{c\}\<d\>\*e\~"),
            ("#日本 と #日本語", "#日本 と #日本語"),
            ("は#日本", "は#日本"),
            ("# #1 #a_b a#b", r"\# \#1 \#a\_b a\#b"),
            ("https://a.example/x_(y)#z", r"https://a.example/x\_\(y\)\#z"),
            ("mail ana@b.example", r"mail ana\@b.example"),
            ("@[Ana (HQ)](urn:li:organization:1)!", r"@[Ana \(HQ\)](urn:li:organization:1)!"),
            ("@[Ana](urn:li:share:1)", r"\@\[Ana\]\(urn:li:share:1\)"),
            ("@[](urn:li:person:1) @[x", r"\@\[\]\(urn:li:person:1\) \@\[x"),
            ("@[a\nb](urn:li:person:1)", "\\@\\[a\nb\\]\\(urn:li:person:1\\)"),
            ("@[a](urn:li:person:../1)", r"\@\[a\]\(urn:li:person:../1\)"),
        ] {
            assert_eq!(escaped(text), expected, "{text}");
        }
        assert_eq!(shown("Hi @[Ana Li](urn:li:person:782bbtaQ) #rust (x)"), "Hi Ana Li #rust (x)");
    }

    #[test]
    fn lengths_cuts_and_folds() {
        assert_eq!((length("日本😀"), length("")), (4, 0));
        assert_eq!(cut(&"字".repeat(TEXT_MAX)), None);
        let long = format!("{}👨‍👩‍👧", "a".repeat(TEXT_MAX - 1));
        let (fits, rest) = cut(&long).unwrap();
        assert_eq!((fits.len(), rest), (TEXT_MAX - 1, "👨‍👩‍👧"));
        assert_eq!(fold(&"a".repeat(FOLD_CHARS)), None);
        assert_eq!(fold(&"a".repeat(FOLD_CHARS + 1)), Some(FOLD_CHARS));
        assert_eq!(fold("1\n2\n3\n"), None);
        assert_eq!(fold("1\n2\n3\n4"), Some(5));
    }
}
