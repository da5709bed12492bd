//! Addresses of posts as people copy them from X, the app or a browser.

use url::Url;

use super::create::permalink;
use super::wire::is_id;

/// The hosts that X has had.
const HOSTS: [&str; 6] = ["x.com", "www.x.com", "mobile.x.com", "twitter.com", "www.twitter.com", "mobile.twitter.com"];

/// Id and address of a post of this handle; `None` for anything else, posts of others too. `/i/status/…` names nobody, and X writes it.
pub(super) fn read(handle: &str, link: &str) -> Option<(String, String)> {
    let given = link.trim();
    let whole = if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
    let url = Url::parse(&whole).ok().filter(|url| ["https", "http"].contains(&url.scheme()))?;
    if !HOSTS.contains(&url.host_str()?) {
        return None;
    }
    let mut parts = url.path_segments()?;
    let owner = parts.next()?;
    let mut status = parts.next()?;
    if owner == "i" && status == "web" {
        status = parts.next()?;
    }
    let id = parts.next()?;
    let is_theirs = owner == "i" || owner.eq_ignore_ascii_case(handle);
    (is_theirs && status == "status" && is_id(id)).then(|| (id.to_owned(), permalink(handle, id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_ones_own_posts_are_read_and_nothing_else() {
        let good = Some(("1234".to_owned(), "https://x.com/Ana/status/1234".to_owned()));
        for link in [
            "https://x.com/Ana/status/1234",
            " https://twitter.com/ana/status/1234?s=20 ",
            "x.com/ANA/status/1234/photo/1",
            "https://mobile.twitter.com/ana/status/1234#m",
            "https://x.com/i/status/1234",
            "https://x.com/i/web/status/1234",
        ] {
            assert_eq!(read("Ana", link), good, "{link}");
        }
        for link in [
            "",
            "1234",
            "https://x.com/ben/status/1234",
            "https://x.com/ana",
            "https://x.com/ana/status/",
            "https://x.com/ana/status/12a4",
            "https://x.com.evil.example/ana/status/1234",
            "https://evil.example/ana/status/1234",
            "javascript://x.com/ana/status/1234",
            "https://x.com/ana/status/12345678901234567890",
        ] {
            assert_eq!(read("Ana", link), None, "{link}");
        }
    }
}
