//! Addresses of videos as people copy them from YouTube, its app, Studio or a browser. They name a video; whose it is they do not say.

use url::Url;

use super::wire::is_video;

/// Where a video can be seen.
pub(super) fn permalink(id: &str) -> String {
    format!("https://www.youtube.com/watch?v={id}")
}

/// Where the owner sees all of their videos.
pub(super) const STUDIO: &str = "https://studio.youtube.com/";

/// Id and address of a video; `None` for anything else.
pub(super) fn read(link: &str) -> Option<(String, String)> {
    let given = link.trim();
    let whole = if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
    let url = Url::parse(&whole).ok().filter(|url| ["https", "http"].contains(&url.scheme()))?;
    let host = url.host_str()?;
    let mut parts = url.path_segments()?;
    let id = if host == "youtu.be" {
        parts.next()?.to_owned()
    } else if host == "youtube.com" || host.ends_with(".youtube.com") {
        match (parts.next()?, parts.next()) {
            ("watch", _) => url.query_pairs().find(|(name, _)| name == "v")?.1.into_owned(),
            ("shorts" | "live" | "embed" | "video", Some(id)) => id.to_owned(),
            _ => return None,
        }
    } else {
        return None;
    };
    is_video(&id).then(|| (id.clone(), permalink(&id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_videos_are_read_and_nothing_else() {
        for link in [
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3s",
            " youtu.be/dQw4w9WgXcQ?si=x ",
            "https://m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ",
            "https://youtube.com/shorts/dQw4w9WgXcQ",
            "https://studio.youtube.com/video/dQw4w9WgXcQ/edit",
            "https://music.youtube.com/watch?v=dQw4w9WgXcQ",
        ] {
            assert_eq!(read(link), Some(("dQw4w9WgXcQ".to_owned(), permalink("dQw4w9WgXcQ"))), "{link}");
        }
        for link in [
            "",
            "dQw4w9WgXcQ",
            "https://www.youtube.com/@anamakes",
            "https://www.youtube.com/watch?list=PL1",
            "https://www.youtube.com/watch?v=../x",
            "https://www.youtube.com/playlist?list=PL1",
            "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
            "https://evilyoutube.com/watch?v=dQw4w9WgXcQ",
            "javascript://youtube.com/watch?v=dQw4w9WgXcQ",
        ] {
            assert_eq!(read(link), None, "{link}");
        }
    }
}
