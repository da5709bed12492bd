//! Which parts of a text X takes for links: written from the published grammar, not with the library
//! that the server uses, so that the two can disagree. Counting is `count`.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

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
    // The published grammar spends one character on what stands before a link; only at the very start
    // may there be none, and that is tried last.
    let first = text.first().copied().filter(|c| !forbids_link_after(*c));
    let mut at = match first.and_then(|c| link_at(text, 1, Some(c), &mut links)) {
        Some(end) => end,
        None => link_at(text, 0, None, &mut links).unwrap_or(1),
    };
    while let Some(&c) = text.get(at) {
        let matched = if forbids_link_after(c) { None } else { link_at(text, at + 1, Some(c), &mut links) };
        at = matched.unwrap_or(at + 1);
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
    let host = start + scheme..host_end(text, start + scheme)?;
    let after_port = port_end(text, host.end);
    let after_path = path_end(text, after_port);
    let end = query_end(text, after_path);
    if end - start > LINK_CHARS_MAX || !host_is_valid(text.get(host.clone())?) {
        return Some(end);
    }
    if scheme > 0 {
        links.extend(link_end(text, &host, end).map(|link_end| start..link_end));
        return Some(end);
    }
    if before.is_some_and(|c| matches!(c, '-' | '_' | '.' | '/')) {
        return Some(end);
    }
    let found = links.len();
    let mut at = host.start;
    while at < host.end {
        match ascii_host_end(text.get(..host.end)?, at) {
            Some(found) => {
                links.push(at..found);
                at = found;
            }
            None => at += 1,
        }
    }
    if after_path > after_port
        && let Some(last) = links.get_mut(found..).and_then(<[_]>::last_mut)
    {
        // Only a path carries over to a link without scheme; port and query follow it.
        last.end = end;
    }
    Some(end)
}

/// Where a link with a scheme ends: t.co allows a slug and a query, nothing else.
fn link_end(text: &[char], host: &Range<usize>, end: usize) -> Option<usize> {
    let name: String = text.get(host.clone())?.iter().collect();
    if !name.eq_ignore_ascii_case("t.co") || text.get(host.end) != Some(&'/') {
        return Some(end);
    }
    let slug = text.get(host.end + 1..end)?.iter().take_while(|c| c.is_ascii_alphanumeric()).count();
    match slug {
        0 => Some(end),
        1..=TCO_SLUG_CHARS_MAX => Some(query_end(text, host.end + 1 + slug)),
        _ => None,
    }
}

fn scheme_chars(text: &[char], start: usize) -> usize {
    let begins = |word: &str| {
        word.chars().enumerate().all(|(at, c)| text.get(start + at).is_some_and(|t| t.to_ascii_lowercase() == c))
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
fn host_end(text: &[char], start: usize) -> Option<usize> {
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
        let label_chars =
            text.get(label_start..)?.iter().take_while(|c| is_host_char(**c) || matches!(c, '-' | '_')).count();
        let label = text.get(label_start..label_start + label_chars)?;
        let sound = label.first().is_some_and(|c| is_host_char(*c)) && label.last().is_some_and(|c| is_host_char(*c));
        if !sound || text.get(label_start + label_chars) != Some(&'.') {
            return best;
        }
        previous_has_underscore = label.contains(&'_');
        labels += 1;
        label_start += label_chars + 1;
    }
}

/// The same within a host, among plain Latin labels, which may begin and end with anything they hold.
fn ascii_host_end(text: &[char], start: usize) -> Option<usize> {
    let mut best = None;
    let mut label_start = start;
    loop {
        let label = text.get(label_start..)?.iter().take_while(|c| is_ascii_host_char(**c) || **c == '-').count();
        if label_start > start
            && let Some(end) = tld_end(text, label_start)
        {
            best = Some(end);
        }
        if label == 0 || text.get(label_start + label) != Some(&'.') {
            return best;
        }
        label_start += label + 1;
    }
}

fn tld_end(text: &[char], start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let continues = |at: usize| rest.get(at).is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '@' | '+' | '-'));
    if claims_punycode(rest) {
        let chars = rest.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '-').count();
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

fn claims_punycode(rest: &[char]) -> bool {
    "xn--".chars().zip(rest).filter(|(wanted, found)| found.eq_ignore_ascii_case(wanted)).count() == 4
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

/// Every label fits DNS once encoded, and nothing that claims to be encoded holds raw characters.
fn host_is_valid(host: &[char]) -> bool {
    if claims_punycode(host) && host.iter().take_while(|c| **c != '.').any(|c| !c.is_ascii()) {
        return false;
    }
    host.split(|c| *c == '.').all(|label| (1..=LABEL_CHARS_MAX).contains(&encoded_chars(label)))
}

/// How long a label is in punycode (RFC 3492), prefix included.
fn encoded_chars(label: &[char]) -> usize {
    let basic = label.iter().filter(|c| c.is_ascii()).count();
    if basic == label.len() {
        return basic;
    }
    let points: Vec<u32> = label.iter().map(|c| u32::from(*c)).collect();
    // "xn--", the basic ones, and their delimiter.
    let mut length = 4 + basic + usize::from(basic > 0);
    let (mut next, mut delta, mut bias, mut handled) = (128_u32, 0_u32, 72_u32, basic);
    while handled < points.len() {
        let Some(smallest) = points.iter().copied().filter(|point| *point >= next).min() else {
            break;
        };
        delta = delta.saturating_add((smallest - next).saturating_mul(u32::try_from(handled + 1).unwrap_or(u32::MAX)));
        next = smallest;
        for point in &points {
            if *point < next {
                delta = delta.saturating_add(1);
            } else if *point == next {
                length += digits_of(delta, bias);
                bias = adapted(delta, u32::try_from(handled + 1).unwrap_or(u32::MAX), handled == basic);
                delta = 0;
                handled += 1;
            }
        }
        (delta, next) = (delta.saturating_add(1), next + 1);
    }
    length
}

fn digits_of(delta: u32, bias: u32) -> usize {
    let (mut rest, mut k, mut digits) = (delta, 36, 1);
    loop {
        let threshold = k.max(bias + 1).saturating_sub(bias).clamp(1, 26);
        if rest < threshold {
            return digits;
        }
        rest = (rest - threshold) / (36 - threshold);
        digits += 1;
        k += 36;
    }
}

fn adapted(delta: u32, handled: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / handled;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
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
