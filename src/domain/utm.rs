//! Tags on links: from which network and which post a visit comes, in the words that web analytics read (`utm_*`). They stand in the text before
//! anybody approves it; a link that carries tags already is left as its writer made it. No store, no network.

use std::collections::BTreeSet;

use super::network::Network;

/// What every one of our contents begins with: ids of posts.
pub const CONTENT_LEAD: &str = "post_";
/// The campaign, when nobody named one.
const CAMPAIGN: &str = "socrazi";
/// A longer address is left alone: no network shows it whole.
const LINK_BYTES_MAX: usize = 2_000;
/// Marks that end a sentence rather than an address.
const AFTER: [char; 14] = ['.', ',', '!', '?', ';', ':', '\'', '"', ')', ']', '}', '、', '。', '…'];

/// A text whose links say from which network and post a visitor comes; those in `plain` stay as they are.
#[must_use]
pub fn tagged(text: &str, (network, post): (Network, &str), plain: &BTreeSet<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link, after)) = next_link(rest) {
        out.push_str(before);
        match with_tags(link, network, post).filter(|_| !plain.contains(link)) {
            Some(tagged) => out.push_str(&tagged),
            None => out.push_str(link),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The links of a text that have no tags, as they are written.
#[must_use]
pub fn plain_links(text: &str) -> BTreeSet<String> {
    let (mut all, mut rest) = (BTreeSet::new(), text);
    while let Some((_, link, after)) = next_link(rest) {
        if !is_tagged(link) {
            all.insert(link.to_owned());
        }
        rest = after;
    }
    all
}

/// What stands before the next link, the link, and what stands behind it.
pub(super) fn next_link(text: &str) -> Option<(&str, &str, &str)> {
    let at = ["https://", "http://"].into_iter().filter_map(|lead| text.find(lead)).min()?;
    let (before, from) = text.split_at(at);
    let end = from.find(|c: char| c.is_whitespace() || is_outside(c)).unwrap_or(from.len());
    let link = from[..end].trim_end_matches(AFTER);
    // A bracket that was opened within the address belongs to it.
    let is_inside = from[link.len()..].starts_with(')') && link.matches('(').count() > link.matches(')').count();
    let (link, after) = from.split_at(link.len() + usize::from(is_inside));
    Some((before, link, after))
}

/// Whether a text has a link that says so.
#[must_use]
pub fn is_tagged(text: &str) -> bool {
    text.contains("utm_source=")
}

/// Whether a text has a link with our tags of this post on this network.
#[must_use]
pub fn names(text: &str, (network, post): (Network, &str)) -> bool {
    text.contains(&format!("{}{post}", lead(network)))
}

/// What no address has in it unencoded, or a full-width mark around it.
fn is_outside(c: char) -> bool {
    c.is_control() || "<>\"「」『』（）【】、。！？".contains(c)
}

/// The link with tags; none where it has some, or is none that a visitor could open.
fn with_tags(link: &str, network: Network, post: &str) -> Option<String> {
    // Networks end a link where other letters begin, and a path may go on with them: which is meant cannot be told.
    if link.len() > LINK_BYTES_MAX || !link.is_ascii() {
        return None;
    }
    let url = url::Url::parse(link).ok()?;
    let host = url.host_str()?;
    if !host.contains('.') || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let tags = format!("{}{post}", lead(network));
    // As it is written: reading an address and writing it anew changes it.
    let (body, fragment) = link.split_once('#').map_or((link, None), |(body, fragment)| (body, Some(fragment)));
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    if let Some(at) = own_tags(body) {
        return Some(format!("{}{tags}{fragment}", &body[..at]));
    }
    let has_tags = url.query_pairs().any(|(name, _)| name.starts_with("utm_"));
    if has_tags || is_signed(&url) {
        return None;
    }
    let joint = match body.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, query)) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    Some(format!("{body}{joint}{tags}{fragment}"))
}

/// Our tags up to the post's id.
fn lead(network: Network) -> String {
    format!("utm_source={}&utm_medium=social&utm_campaign={CAMPAIGN}&utm_content=", network.slug())
}

/// Where our own tags begin, as we write them and nothing behind them: a text that is used again is another post's.
fn own_tags(body: &str) -> Option<usize> {
    let at = body.find("utm_")?;
    let is_ours = |network: Network| {
        let id = body[at..].strip_prefix(&lead(network)).and_then(|id| id.strip_prefix(CONTENT_LEAD));
        id.is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    (body[..at].contains('?') && Network::ALL.into_iter().any(is_ours)).then_some(at)
}

/// Whether an address carries a signature over all of it, as of files that are shared for a while: another parameter would break it.
fn is_signed(url: &url::Url) -> bool {
    url.query_pairs().any(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name.ends_with("signature") || name == "sig"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAGS: &str = "utm_source=x&utm_medium=social&utm_campaign=socrazi&utm_content=post_1";

    fn of(text: &str) -> String {
        tagged(text, (Network::X, "post_1"), &BTreeSet::new())
    }

    #[test]
    fn links_say_where_a_visitor_comes_from_and_nothing_else_changes() {
        for (text, wanted) in [
            ("no link", "no link".to_owned()),
            ("https://a.example/b", format!("https://a.example/b?{TAGS}")),
            (
                "See https://a.example/b?c=d&e=%E6%97%A5, please.",
                format!("See https://a.example/b?c=d&e=%E6%97%A5&{TAGS}, please."),
            ),
            ("https://a.example/#top", format!("https://a.example/?{TAGS}#top")),
            ("Seen https://a.example?", format!("Seen https://a.example?{TAGS}?")),
            ("「https://a.example/j」を見て。", format!("「https://a.example/j?{TAGS}」を見て。")),
            (
                "https://a.example/?utm_source=linkedin&utm_medium=social&utm_campaign=socrazi&utm_content=post_2#top",
                format!("https://a.example/?{TAGS}#top"),
            ),
            ("(https://a.example/x_(y))", format!("(https://a.example/x_(y)?{TAGS})")),
            ("http://a.example/1 https://b.example/2", format!("http://a.example/1?{TAGS} https://b.example/2?{TAGS}")),
        ] {
            assert_eq!(of(text), wanted, "{text}");
        }
        let once = of("https://a.example/b and more");
        assert_eq!(of(&once), once, "twice is once");
        assert!(is_tagged(&once) && !is_tagged("https://a.example/b"));
        let text = "https://a.example/b, https://a.example/c";
        let plain = plain_links("before https://a.example/b. https://a.example/?utm_source=z");
        assert_eq!(plain.iter().map(String::as_str).collect::<Vec<_>>(), ["https://a.example/b"]);
        assert_eq!(
            tagged(text, (Network::X, "post_1"), &plain),
            format!("https://a.example/b, https://a.example/c?{TAGS}")
        );
    }

    #[test]
    fn a_link_with_tags_of_its_own_and_what_is_no_link_stay_as_they_are() {
        for text in [
            "https://a.example/?utm_campaign=mine",
            "https://a.example/?utm_source=x&utm_medium=social&utm_campaign=socrazi&utm_content=post_2&mine=1",
            "https://b.s3.amazonaws.com/f.pdf?X-Amz-Expires=60&X-Amz-Signature=0a",
            "https://b.blob.core.windows.net/f.pdf?se=2026&sig=0a",
            "「https://a.example/日本」を見て。",
            "詳しくはhttps://a.example/bをご覧ください。",
            "https://localhost/x",
            "https://user:pass@a.example/",
            "https://",
            "http://[",
            "HTTPS is a word",
            "javascript:alert(1)",
        ] {
            assert_eq!(of(text), text);
        }
        let long = format!("https://a.example/{}", "x".repeat(3_000));
        assert_eq!(of(&long), long);
    }

    proptest::proptest! {
        #[test]
        fn nothing_breaks_it_and_twice_is_once(text in r"([a-z ]|https?://|[?&#=.()/]|日|。|utm_|[^\x00]){0,40}") {
            let once = of(&text);
            proptest::prop_assert!(once.len() >= text.len());
            proptest::prop_assert_eq!(of(&once), once);
        }
    }
}
