//! Little text, the format of a post's `commentary` (dossier §3.2): what people see of it. As strict as the dossier says, which for
//! `_ * ~ #` is stricter than the real one, on purpose.

const RESERVED: &str = r"\|{}@[]()<>#*_~";

/// A text as people see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) text: String,
    /// Names that became links, as name and URN.
    pub(super) mentions: Vec<(String, String)>,
    /// Hashtags that became links.
    pub(super) hashtags: Vec<String>,
    /// Cut at a reserved character that stood alone.
    pub(super) is_cut: bool,
    /// How long the whole text is, in UTF-16 units and without the escaping.
    pub(super) units: usize,
}

/// Reads little text. `is_known` says whether a name and a URN belong together.
pub(super) fn read(raw: &str, is_known: impl Fn(&str, &str) -> bool) -> Seen {
    let mut seen = Seen { units: units(raw), ..Seen::default() };
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '\\' {
            let Some(escaped) = after.chars().next().filter(|c| RESERVED.contains(*c)) else {
                seen.is_cut = true;
                break;
            };
            seen.text.push(escaped);
            rest = after.get(escaped.len_utf8()..).unwrap_or_default();
        } else if let Some((word, next)) = template(rest).or_else(|| bare_tag(rest)) {
            seen.text.push('#');
            seen.text.push_str(&word);
            seen.hashtags.push(word);
            rest = next;
        } else if let Some((name, urn, next)) = mention(rest) {
            seen.text.push_str(&name);
            if is_known(&name, &urn) {
                seen.mentions.push((name, urn));
            }
            rest = next;
        } else if RESERVED.contains(c) {
            seen.is_cut = true;
            break;
        } else {
            seen.text.push(c);
            rest = after;
        }
    }
    seen
}

fn units(raw: &str) -> usize {
    let mut is_escaping = false;
    let mut count = 0;
    for c in raw.chars() {
        is_escaping = c == '\\' && !is_escaping;
        count += if is_escaping { 0 } else { c.len_utf16() };
    }
    count
}

/// `{hashtag|\#|word}`.
fn template(text: &str) -> Option<(String, &str)> {
    let (word, rest) = text.strip_prefix(r"{hashtag|\#|")?.split_once('}')?;
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_word.then(|| (word.to_owned(), rest))
}

/// `#word`, which links in practice.
fn bare_tag(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix('#')?;
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    (end > 0).then(|| (rest.get(..end).unwrap_or_default().to_owned(), rest.get(end..).unwrap_or_default()))
}

/// `@[Name](urn:li:person:…)` or of an organization; the name may hold escapes.
fn mention(text: &str) -> Option<(String, String, &str)> {
    let (name, rest) = text.strip_prefix("@[")?.split_once("](")?;
    let (urn, rest) = rest.split_once(')')?;
    let is_urn = urn.starts_with("urn:li:person:") || urn.starts_with("urn:li:organization:");
    is_urn.then(|| (name.replace('\\', ""), urn.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> (String, bool) {
        let seen = read(raw, |name, urn| (name, urn) == ("Ana (HQ)", "urn:li:organization:1"));
        (seen.text, seen.is_cut)
    }

    #[test]
    fn escapes_show_the_character_and_bare_ones_cut() {
        assert_eq!(text(r"a \(b\) #rust c\_d"), ("a (b) #rust c_d".into(), false));
        assert_eq!(text("call us (free)"), ("call us ".into(), true));
        for reserved in RESERVED.chars() {
            assert_eq!(text(&format!("x {reserved} y")), ("x ".into(), true), "{reserved}");
            assert_eq!(text(&format!("x \\{reserved} y")), (format!("x {reserved} y"), false), "{reserved}");
        }
        assert_eq!(text(r"tail \"), ("tail ".into(), true));
        assert_eq!(text(r"\a"), (String::new(), true));
        assert_eq!(text(r"\\\("), (r"\(".into(), false));
    }

    #[test]
    fn tags_and_mentions_become_links() {
        let seen =
            read(r"{hashtag|\#|rust} #日本 @[Ana \(HQ\)](urn:li:organization:1)!", |name, _| name == "Ana (HQ)");
        assert_eq!((seen.text.as_str(), seen.is_cut), ("#rust #日本 Ana (HQ)!", false));
        assert_eq!(seen.hashtags, ["rust", "日本"]);
        assert_eq!(seen.mentions, [("Ana (HQ)".to_owned(), "urn:li:organization:1".to_owned())]);
        assert!(read("@[Ana](urn:li:organization:1)", |_, _| false).mentions.is_empty());
        assert!(read("@[Ana](urn:li:share:1)", |_, _| true).is_cut);
        assert!(read("{hashtag|rust}", |_, _| true).is_cut);
    }

    #[test]
    fn the_length_is_that_of_the_whole_without_escapes() {
        assert_eq!(read(r"\(\)", |_, _| true).units, 2);
        assert_eq!(read(r"\\", |_, _| true).units, 1);
        assert_eq!(read("😀(x", |_, _| true).units, 4);
    }
}
