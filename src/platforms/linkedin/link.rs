//! Addresses of posts as people copy them from LinkedIn, the app or a browser. They name a post by its URN or by a number at the end of its
//! words; whose it is they do not say in a way that apps can check.

use url::Url;

use super::wire::is_post;

/// Where a post with this URN can be seen (§3.1).
pub(super) fn permalink(urn: &str) -> String {
    format!("https://www.linkedin.com/feed/update/{urn}/")
}

/// Where a member sees what they did last.
pub(super) const RECENT: &str = "https://www.linkedin.com/in/me/recent-activity/all/";

/// URN and address of a post; `None` for anything else.
pub(super) fn read(link: &str) -> Option<(String, String)> {
    let given = link.trim();
    if is_post(given) {
        return Some((given.to_owned(), permalink(given)));
    }
    let whole = if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
    let url = Url::parse(&whole).ok().filter(|url| ["https", "http"].contains(&url.scheme()))?;
    let host = url.host_str()?;
    if host != "linkedin.com" && !host.ends_with(".linkedin.com") {
        return None;
    }
    let mut parts = url.path_segments()?;
    let urn = match (parts.next()?, parts.next()?) {
        ("feed", "update") => decoded(parts.next()?),
        ("posts", words) => named(words)?,
        _ => return None,
    };
    is_post(&urn).then(|| (urn.clone(), permalink(&urn)))
}

fn decoded(part: &str) -> String {
    part.replace("%3A", ":").replace("%3a", ":")
}

/// `ana-li_words-of-the-post-activity-7140000000000000000-AbCd`.
fn named(words: &str) -> Option<String> {
    let (before, _) = words.rsplit_once('-')?;
    let (before, id) = before.rsplit_once('-')?;
    let kind = before.rsplit(['-', '_']).next()?;
    let kind = ["share", "ugcPost", "activity"].into_iter().find(|known| known.eq_ignore_ascii_case(kind))?;
    Some(format!("urn:li:{kind}:{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_posts_are_read_and_nothing_else() {
        let of = |urn: &str| Some((urn.to_owned(), format!("https://www.linkedin.com/feed/update/{urn}/")));
        for (link, urn) in [
            ("https://www.linkedin.com/feed/update/urn:li:share:714/", "urn:li:share:714"),
            (" linkedin.com/feed/update/urn%3Ali%3AugcPost%3A714?x=1 ", "urn:li:ugcPost:714"),
            ("https://jp.linkedin.com/posts/ana-li_hello-world-activity-714-AbC_?utm=1", "urn:li:activity:714"),
            ("https://www.linkedin.com/posts/ana-li_ugcPost-714-AbCd/", "urn:li:ugcPost:714"),
            ("https://www.linkedin.com/posts/ana_rust-share-714-x", "urn:li:share:714"),
            ("urn:li:share:714", "urn:li:share:714"),
        ] {
            assert_eq!(read(link), of(urn), "{link}");
        }
        for link in [
            "",
            "714",
            "https://www.linkedin.com/in/ana-li/",
            "https://www.linkedin.com/feed/update/urn:li:person:714/",
            "https://www.linkedin.com/feed/update/urn:li:share:71a/",
            "https://www.linkedin.com/posts/ana-li_words-7-x",
            "https://www.linkedin.com/posts/",
            "https://linkedin.com.evil.example/feed/update/urn:li:share:714/",
            "https://evillinkedin.com/feed/update/urn:li:share:714/",
            "javascript://linkedin.com/feed/update/urn:li:share:714/",
        ] {
            assert_eq!(read(link), None, "{link}");
        }
    }
}
