//! Reads the tree and turns a file into what the rules look at: code without comments, literals and tests. No rule lives here.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders that are nobody's source when git is not there to say so.
const UNTRACKED: [&str; 5] = [".git", "target", ".deps", "node_modules", "data"];

/// One text file of the tree.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// From the top of the tree, with `/`.
    pub(super) path: String,
    /// As it stands there.
    pub(super) text: String,
}

impl File {
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Part of the server: `src/` and `tools/`, without files that hold only tests.
    pub(super) fn is_server(&self) -> bool {
        let in_house = self.path.starts_with("src/") || self.path.starts_with("tools/");
        let is_test =
            self.path.split('/').any(|part| matches!(part, "tests" | "tests.rs") || part.ends_with("_tests.rs"));
        self.is_rust() && in_house && !is_test
    }

    /// The text with comments and literals as spaces: same lines, only code.
    pub(super) fn code(&self) -> String {
        blank_literals(&self.text)
    }

    /// What is compiled into the server: the code without `#[cfg(test)]` items.
    pub(super) fn shipped(&self) -> String {
        // A file may say of itself as a whole that it is for tests.
        if self.code().contains("#![cfg(test)]") { String::new() } else { blank_tests(&self.code()) }
    }
}

/// The top of the tree, wherever the test is run from.
pub(super) fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file that is tracked, or would be after `git add`.
pub(super) fn tree() -> Vec<File> {
    let top = top();
    let listed = listed_by_git(&top).unwrap_or_else(|| walked(&top, &top));
    let read = |path: String| Some(File { text: std::fs::read_to_string(top.join(&path)).ok()?, path });
    let files: Vec<File> = listed.into_iter().filter_map(read).collect();
    assert!(files.iter().any(|file| file.path == "src/lib.rs"), "the tree could not be listed from {}", top.display());
    files
}

/// The one file of this name, if it is there.
pub(super) fn find(path: &str) -> Option<File> {
    std::fs::read_to_string(top().join(path)).ok().map(|text| File { path: path.to_owned(), text })
}

fn listed_by_git(top: &Path) -> Option<Vec<String>> {
    let args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let out = Command::new("git").args(args).current_dir(top).output().ok().filter(|out| out.status.success())?;
    let names = String::from_utf8(out.stdout).ok()?;
    Some(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

fn walked(top: &Path, folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if UNTRACKED.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if path.is_dir() {
            found.extend(walked(top, &path));
        } else if let Some(name) = path.strip_prefix(top).ok().and_then(Path::to_str) {
            found.push(name.to_owned());
        }
    }
    found
}

/// On which line (from 1) a byte stands.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Whether a character can be part of a Rust word.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Every word of the code and the byte where it begins.
pub(super) fn words(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in code.char_indices().chain([(code.len(), ' ')]) {
        match (start, is_word(c)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                found.push((from, &code[from..at]));
                start = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    found
}

fn blank(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect()
}

fn blank_literals(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        match literal_end(&chars, at) {
            Some(end) => {
                out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
                at = end;
            }
            None => {
                out.push(*c);
                at += 1;
            }
        }
    }
    out
}

/// Where the comment or literal that begins here ends; `None` when none begins here.
fn literal_end(chars: &[char], at: usize) -> Option<usize> {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => Some(position(chars, at, |c| c == '\n')),
        '/' if next == Some('*') => Some(block_comment_end(chars, at)),
        '"' => Some(string_end(chars, at + 1)),
        'r' if begins_word(chars, at) => raw_string_end(chars, at + 1),
        '\'' if next == Some('\\') => Some(position(chars, at + 3, |c| c == '\'') + 1),
        '\'' if chars.get(at + 2) == Some(&'\'') => Some(at + 3),
        _ => None, // code, or a lifetime
    }
}

fn position(chars: &[char], from: usize, is_end: impl Fn(char) -> bool) -> usize {
    (from..chars.len()).find(|at| is_end(chars[*at])).unwrap_or(chars.len())
}

/// True for `r` itself and for the `r` of `br` and `cr`.
fn begins_word(chars: &[char], at: usize) -> bool {
    let is_free = |at: usize| at == 0 || !is_word(chars[at - 1]);
    is_free(at) || (matches!(chars[at - 1], 'b' | 'c') && is_free(at - 1))
}

fn block_comment_end(chars: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0, from);
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn string_end(chars: &[char], from: usize) -> usize {
    let mut at = from;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn raw_string_end(chars: &[char], from: usize) -> Option<usize> {
    let hashes = position(chars, from, |c| c != '#') - from;
    if chars.get(from + hashes) != Some(&'"') {
        return None; // a raw identifier, or just a word that begins with r
    }
    let closes = |at: &usize| chars[*at] == '"' && (1..=hashes).all(|n| chars.get(at + n) == Some(&'#'));
    Some((from + hashes + 1..chars.len()).find(closes).map_or(chars.len(), |at| at + hashes + 1))
}

/// Blanks every item under `#[cfg(test)]`. The code holds no literals any more, so braces are braces.
fn blank_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = code.to_owned();
    while let Some(start) = out.find(MARK) {
        let end = start + MARK.len() + item_end(&out[start + MARK.len()..]);
        let hole = blank(&out[start..end]);
        out.replace_range(start..end, &hole);
    }
    out
}

/// The length of the item that begins here: up to its `;`, or to the brace that closes its body.
fn item_end(rest: &str) -> usize {
    let (mut braces, mut nested) = (0, 0);
    for (at, c) in rest.char_indices() {
        match c {
            '(' | '[' => nested += 1,
            ')' | ']' => nested -= 1,
            '{' => braces += 1,
            '}' => braces -= 1,
            _ => {}
        }
        let is_over = braces < 0 || (braces == 0 && nested == 0 && matches!(c, ';' | '}'));
        if is_over {
            return at + c.len_utf8();
        }
    }
    rest.len()
}

#[test]
fn comments_literals_and_tests_are_blanked_and_lines_stay() {
    let text = "a // crate::x\n\"b \\\" c\" r#\"d \" \"# br\"e\" 'f' '\\'' /* g /* h */ i */ &'j str\n#[cfg(test)]\nmod k { fn l() { } }\nm";
    let file = File::new("src/a.rs", text);
    assert_eq!(file.shipped().split_whitespace().collect::<Vec<_>>(), ["a", "b", "&'j", "str", "m"]);
    assert_eq!(line_of(&file.shipped(), file.shipped().len()), 5);
}

#[test]
fn a_test_item_ends_where_its_body_or_line_ends() {
    let left = |text: &str| File::new("src/a.rs", text).shipped().split_whitespace().collect::<String>();
    assert_eq!(left("#[cfg(test)] mod tests; fn a() {}"), "fna(){}");
    assert_eq!(left("#[cfg(test)] #[must_use] fn b(c: [u8; 3]) { if d { } } fn e() {}"), "fne(){}");
}
