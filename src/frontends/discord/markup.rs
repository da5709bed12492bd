//! Words in Discord's Markdown (dossier §8): what is somebody's own is escaped, so that nothing in it is markup, a mention or a link that
//! opens itself.

use crate::places::message::{Span, Text};

/// Discord counts in UTF-16 units.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Characters that mean something anywhere in a line.
const MARKS: [char; 10] = ['\\', '*', '_', '~', '`', '|', '>', '<', '[', ']'];

/// Somebody's words, shown as they are.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut is_begin = true;
    for c in text.chars() {
        // A headline, small print, a list: only at the beginning of a line.
        let is_line_mark = is_begin && matches!(c, '#' | '-' | '+');
        match c {
            // Nobody is called: a mention needs its letters side by side.
            '@' => safe.push_str("@\u{200b}"),
            '.' if is_numbered(&safe) => safe.push_str("\\."),
            _ if is_line_mark || MARKS.contains(&c) => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
        is_begin = c == '\n' || (is_begin && c.is_whitespace());
    }
    safe
}

/// Whether the line so far is nothing but a number: with a dot it would become a list.
fn is_numbered(text: &str) -> bool {
    let line = text.rsplit('\n').next().unwrap_or_default().trim_start();
    !line.is_empty() && line.chars().all(|c| c.is_ascii_digit())
}

/// Our own words.
pub(super) fn markup(text: &Text) -> String {
    let span = |span: &Span| match span {
        Span::Plain(words) => escaped(words),
        Span::Bold(words) if words.trim().is_empty() => String::new(),
        Span::Bold(words) => format!("**{}**", escaped(words.trim())),
        Span::Link(url) => format!("<{}>", address(url)),
        Span::Named { name, url } => format!("[{}](<{}>)", escaped(name), address(url)),
        Span::Channel(id) if id.chars().all(|c| c.is_ascii_digit()) => format!("<#{id}>"),
        Span::Channel(id) => escaped(id),
    };
    text.0.iter().map(span).collect()
}

fn address(url: &str) -> String {
    url.replace('<', "%3C").replace('>', "%3E").replace(' ', "%20").replace(')', "%29")
}

/// Somebody's text as a quotation, every line of it.
pub(super) fn quoted(text: &str) -> String {
    escaped(text).split('\n').map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

/// Small print, every line of it.
pub(super) fn small(markup: &str) -> String {
    let line = |line: &str| if line.trim().is_empty() { String::new() } else { format!("-# {line}") };
    markup.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// A model's Markdown: nobody is called by it, and its tables, which Discord does not know, stand as they are.
pub(super) fn harmless(text: &str) -> String {
    let text = text.replace("<@", "<\u{200b}@").replace("<#", "<\u{200b}#");
    let text = text.replace("@everyone", "@\u{200b}everyone").replace("@here", "@\u{200b}here");
    let (mut lines, mut is_table, mut is_code) = (Vec::new(), false, false);
    for line in text.split('\n') {
        let is_fence = line.trim_start().starts_with("```");
        let is_row = !is_code && !is_fence && line.trim_start().starts_with('|') && line.trim_end().ends_with('|');
        if is_row != is_table {
            lines.push("```");
            is_table = is_row;
        }
        if is_fence {
            is_code = !is_code;
        }
        lines.push(line);
    }
    if is_table {
        lines.push("```");
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_somebodys_own_is_shown_as_it_is() {
        assert_eq!(escaped("**bold** _it_ `x` ||s||"), "\\*\\*bold\\*\\* \\_it\\_ \\`x\\` \\|\\|s\\|\\|");
        assert_eq!(escaped("# head\n- item\n1. one"), "\\# head\n\\- item\n1\\. one");
        assert_eq!(escaped("a-b #tag 3.5"), "a-b #tag 3.5");
        assert_eq!(escaped("<@300> @everyone"), "\\<@\u{200b}300\\> @\u{200b}everyone");
        assert_eq!(quoted("a\nb"), "> a\n> b");
    }

    #[test]
    fn tables_of_a_model_stand_as_they_are_and_nobody_is_called() {
        assert_eq!(harmless("x\n| a |\n|---|\n| 1 |\ny"), "x\n```\n| a |\n|---|\n| 1 |\n```\ny");
        assert_eq!(harmless("```\n| a |\n```"), "```\n| a |\n```");
        assert!(!harmless("<@1> @everyone").contains("<@1>"));
    }
}
