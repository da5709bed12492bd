//! Addresses of posts as people copy them from TikTok, the app or a browser (platforms/tiktok.md §4.6). Short ones that only lead there
//! (`vm.tiktok.com`) say nothing by themselves.

use url::Url;

use super::wire::is_post_id;

/// Where a post can be seen.
pub(super) fn permalink(handle: &str, kind: &str, id: &str) -> String {
    format!("https://www.tiktok.com/@{handle}/{kind}/{id}")
}

/// Where the account's posts are: all that is known of one whose id TikTok does not tell.
pub(super) fn profile(handle: &str) -> String {
    format!("https://www.tiktok.com/@{handle}")
}

/// Whether a text can be the handle in an address: letters, digits, underscores and full stops.
pub(super) fn is_handle(text: &str) -> bool {
    (1..=50).contains(&text.len()) && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
}

/// Id and address of a post of this account; `None` for anything else.
pub(super) fn read(handle: &str, link: &str) -> Option<(String, String)> {
    let given = link.trim();
    let whole = if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
    let url = Url::parse(&whole).ok().filter(|url| ["https", "http"].contains(&url.scheme()))?;
    let host = url.host_str()?;
    if host != "tiktok.com" && !host.ends_with(".tiktok.com") {
        return None;
    }
    let mut parts = url.path_segments()?;
    let who = parts.next()?.strip_prefix('@')?;
    let kind = parts.next().filter(|kind| ["video", "photo"].contains(kind))?;
    let id = parts.next().filter(|id| is_post_id(id))?;
    // Without the permission for it the handle is not known: then anybody's name is believed.
    let who = if is_handle(handle) { Some(handle).filter(|handle| who.eq_ignore_ascii_case(handle))? } else { who };
    Some((id.to_owned(), permalink(who, kind, id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_ones_own_posts_are_read_and_nothing_else() {
        let of = |kind: &str| Some(("751".to_owned(), format!("https://www.tiktok.com/@ana.li/{kind}/751")));
        for (link, kind) in [
            ("https://www.tiktok.com/@Ana.Li/video/751", "video"),
            (" tiktok.com/@ana.li/photo/751?is_from_webapp=1#x ", "photo"),
            ("https://m.tiktok.com/@ana.li/video/751/", "video"),
        ] {
            assert_eq!(read("ana.li", link), of(kind), "{link}");
        }
        for link in [
            "",
            "751",
            "https://www.tiktok.com/@ben/video/751",
            "https://www.tiktok.com/@ana.li",
            "https://www.tiktok.com/@ana.li/video/75a",
            "https://www.tiktok.com/@ana.li/live/751",
            "https://vm.tiktok.com/ZMabc/",
            "https://tiktok.com.evil.example/@ana.li/video/751",
            "https://eviltiktok.com/@ana.li/video/751",
            "javascript://www.tiktok.com/@ana.li/video/751",
        ] {
            assert_eq!(read("ana.li", link), None, "{link}");
        }
        assert!(read("Ana Li", "https://www.tiktok.com/@ana.li/video/751").is_some(), "the name is all that is known");
    }
}
