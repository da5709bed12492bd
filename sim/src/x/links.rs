//! Which parts of a text X takes for links: written from the published grammar, not with the library
//! that the server uses, so that the two can disagree. Counting is `count`.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

use url::Url;

/// X's own limit for the slug of a t.co link; longer ones are no links at all.
const TCO_SLUG_CHARS_MAX: usize = 40;
/// DNS limit of one label, after punycode.
const LABEL_CHARS_MAX: usize = 63;
/// twitter-text's limit for a whole link.
const LINK_CHARS_MAX: usize = 4096;

/// Finds the links in `text`, as ranges of code points, in order.
#[must_use]
pub fn find_links(text: &[char]) -> Vec<Range<usize>> {
    let mut links = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let before = start.checked_sub(1).and_then(|at| text.get(at)).copied();
        if before.is_some_and(forbids_link_after) {
            start += 1;
            continue;
        }
        match link_at(text, start, before, &mut links) {
            // What follows a match is spent on standing before the next one, as in the published grammar.
            Some(end) => start = end.max(start) + 1,
            None => start += 1,
        }
    }
    links
}

/// The link as an absolute address: X adds `http://` where the writer gave no scheme.
#[must_use]
pub fn expanded(link: &str) -> String {
    let lower = link.to_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return link.to_owned();
    }
    format!("http://{link}")
}

/// Tries the grammar at `start`. Returns where the search goes on when something matched, even if what
/// matched is then refused as a link.
fn link_at(text: &[char], start: usize, before: Option<char>, links: &mut Vec<Range<usize>>) -> Option<usize> {
    let scheme = scheme_chars(text, start);
    let host_start = start + scheme;
    let host_end = host_end(text, host_start, is_host_char)?;
    let after_port = port_end(text, host_end);
    let path = path_end(text, after_port);
    let end = query_end(text, path);
    if scheme > 0 {
        if let Some(link_end) = with_scheme(text, start, host_start..host_end, end) {
            links.push(start..link_end);
            return Some(link_end);
        }
        return Some(end);
    }
    if before.is_some_and(|c| matches!(c, '-' | '_' | '.' | '/')) {
        return Some(end);
    }
    let mut at = host_start;
    let mut last = None;
    while at < host_end {
        match self::host_end(&text[..host_end], at, is_ascii_host_char) {
            Some(found) => {
                if host_is_valid(&text[at..found]) {
                    links.push(at..found);
                    last = Some(links.len() - 1);
                }
                at = found;
            }
            None => at += 1,
        }
    }
    if let Some(link) = last
        .and_then(|at| links.get_mut(at))
        .filter(|link| link.end == host_end && end > host_end)
    {
        // Only a path carries over to a schemeless link; port and query follow it.
        if path > after_port {
            link.end = end;
        }
    }
    Some(if last.is_some() { end.max(host_end) } else { host_end })
}

fn with_scheme(text: &[char], start: usize, host: Range<usize>, end: usize) -> Option<usize> {
    let host_chars = text.get(host.clone())?;
    let host_text: String = host_chars.iter().collect();
    if host_text.eq_ignore_ascii_case("t.co") && text.get(host.end) == Some(&'/') {
        let slug = text
            .get(host.end + 1..end)?
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric())
            .count();
        if slug > TCO_SLUG_CHARS_MAX {
            return None;
        }
        if slug > 0 {
            return Some(query_end(text, host.end + 1 + slug));
        }
    }
    (end - start <= LINK_CHARS_MAX && host_is_valid(host_chars)).then_some(end)
}

fn scheme_chars(text: &[char], start: usize) -> usize {
    let begins = |word: &str| {
        word.chars()
            .enumerate()
            .all(|(at, c)| text.get(start + at).is_some_and(|t| t.to_ascii_lowercase() == c))
    };
    if begins("https://") {
        8
    } else if begins("http://") {
        7
    } else {
        0
    }
}

/// The end of the longest host that begins at `start`: labels, then a known top-level domain that no
/// ASCII letter, digit, `@`, `+` or `-` continues.
fn host_end(text: &[char], start: usize, is_label_char: fn(char) -> bool) -> Option<usize> {
    let mut best = None;
    let mut label_start = start;
    let mut labels = 0;
    let mut previous_has_underscore = false;
    loop {
        if labels > 0
            && !previous_has_underscore
            && let Some(end) = tld_end(text, label_start)
        {
            best = Some(end);
        }
        let label_chars = text
            .get(label_start..)?
            .iter()
            .take_while(|c| is_label_char(**c) || matches!(c, '-' | '_'))
            .count();
        let label = text.get(label_start..label_start + label_chars)?;
        let sound = label.first().is_some_and(|c| is_label_char(*c)) && label.last().is_some_and(|c| is_label_char(*c));
        if !sound || text.get(label_start + label_chars) != Some(&'.') {
            return best;
        }
        previous_has_underscore = label.contains(&'_');
        labels += 1;
        label_start += label_chars + 1;
    }
}

fn tld_end(text: &[char], start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let continues = |at: usize| {
        rest.get(at)
            .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '@' | '+' | '-'))
    };
    if scheme_is_punycode(rest) {
        let chars = rest
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric() || **c == '-')
            .count();
        return (chars > 4).then_some(start + chars);
    }
    let mut candidate = String::new();
    let mut longest = None;
    for (at, c) in rest.iter().take(tlds().longest).enumerate() {
        candidate.extend(c.to_lowercase());
        if !continues(at + 1) && tlds().all.contains(candidate.as_str()) {
            longest = Some(start + at + 1);
        }
    }
    longest
}

fn scheme_is_punycode(rest: &[char]) -> bool {
    "xn--"
        .chars()
        .zip(rest)
        .filter(|(wanted, found)| found.eq_ignore_ascii_case(wanted))
        .count()
        == 4
}

struct Tlds {
    all: HashSet<&'static str>,
    longest: usize,
}

fn tlds() -> &'static Tlds {
    static TLDS: OnceLock<Tlds> = OnceLock::new();
    TLDS.get_or_init(|| {
        let lines = include_str!("tlds.txt").lines().filter(|line| !line.starts_with('#'));
        let all: HashSet<&'static str> = lines.flat_map(str::split_whitespace).collect();
        let longest = all.iter().map(|tld| tld.chars().count()).max().unwrap_or(0);
        Tlds { all, longest }
    })
}

fn host_is_valid(host: &[char]) -> bool {
    let host: String = host.iter().collect();
    let Ok(address) = Url::parse(&format!("http://{host}/")) else {
        return false;
    };
    address
        .host_str()
        .is_some_and(|ascii| ascii.split('.').all(|label| label.len() <= LABEL_CHARS_MAX))
}

fn port_end(text: &[char], at: usize) -> usize {
    if text.get(at) != Some(&':') {
        return at;
    }
    let digits = text[at + 1..].iter().take_while(|c| c.is_ascii_digit()).count();
    if digits == 0 { at } else { at + 1 + digits }
}

fn path_end(text: &[char], at: usize) -> usize {
    if text.get(at) != Some(&'/') {
        return at;
    }
    let mut end = at + 1;
    let mut here = at + 1;
    while let Some(&c) = text.get(here) {
        if c == '(' {
            let Some(closed) = parens_end(text, here) else { break };
            here = closed;
            end = closed;
        } else if is_path_char(c) {
            here += 1;
            if is_path_end(c) {
                end = here;
            }
        } else {
            break;
        }
    }
    end
}

/// Balanced brackets, one level of nesting, with something in them.
fn parens_end(text: &[char], open: usize) -> Option<usize> {
    let mut at = open + 1;
    let mut nested = false;
    loop {
        match text.get(at)? {
            ')' if at > open + 1 => return Some(at + 1),
            '(' if !nested => {
                nested = true;
                let inner = text.get(at + 1..)?.iter().take_while(|c| is_path_char(**c)).count();
                if inner == 0 || text.get(at + 1 + inner) != Some(&')') {
                    return None;
                }
                at += inner + 2;
            }
            c if is_path_char(*c) => at += 1,
            _ => return None,
        }
    }
}

fn query_end(text: &[char], at: usize) -> usize {
    if text.get(at) != Some(&'?') {
        return at;
    }
    let mut end = at;
    for (offset, &c) in text[at + 1..].iter().enumerate() {
        if !(c.is_ascii_alphanumeric() || "!?*'@();:&=+$/%#[]-_.,~|".contains(c)) {
            break;
        }
        if c.is_ascii_alphanumeric() || "-_&=#/".contains(c) {
            end = at + offset + 2;
        }
    }
    end
}

fn forbids_link_after(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '@' | '＠' | '$' | '#' | '＃' | '\u{FFFE}' | '\u{FEFF}' | '\u{FFFF}')
}

fn is_directional(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2066}'..='\u{2069}')
}

fn is_space(c: char) -> bool {
    matches!(c, '\u{9}'..='\u{D}' | ' ' | '\u{85}' | '\u{A0}' | '\u{1680}' | '\u{180E}' | '\u{2000}'..='\u{200A}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

fn is_host_char(c: char) -> bool {
    let punctuation = "!'#%&()*+,\\-./:;<=>?@[]^_{|}~$\"`".contains(c);
    !(punctuation || is_space(c) || is_directional(c) || matches!(c, '\u{FFFE}' | '\u{FEFF}' | '\u{FFFF}'))
}

fn is_ascii_host_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_accented(c)
}

fn is_accented(c: char) -> bool {
    matches!(c, '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{24F}' | '\u{253}' | '\u{254}' | '\u{256}' | '\u{257}')
        || matches!(
            c,
            '\u{259}' | '\u{25B}' | '\u{263}' | '\u{268}' | '\u{26F}' | '\u{272}' | '\u{289}' | '\u{28B}' | '\u{2BB}'
        )
        || matches!(c, '\u{300}'..='\u{36F}' | '\u{1E00}'..='\u{1EFF}')
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_accented(c) || matches!(c, '\u{400}'..='\u{4FF}')
}

fn is_path_char(c: char) -> bool {
    is_word(c) || "!*';:=+,.$/%#[]-\u{2013}_~@|&".contains(c)
}

fn is_path_end(c: char) -> bool {
    is_word(c) || "+-=_#/".contains(c)
}
