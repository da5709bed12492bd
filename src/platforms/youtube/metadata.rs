//! What a video is sent with: title, description and what else its owner says of it (platforms/google.md §4.4). Pure. What may stand there is
//! judged in `check`.

use serde_json::{Value, json};

use super::limits::CATEGORY;
use crate::domain::post::{Options, Segment, Visibility, digest};
use crate::platforms::Part;

/// Title and description: the title that was chosen, else the first line of the text.
pub(super) fn titled(text: &str, options: &Options) -> (String, String) {
    if let Some(title) = &options.youtube.title {
        return (title.trim().to_owned(), text.trim().to_owned());
    }
    let (title, rest) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
    (title.trim().to_owned(), rest.trim().to_owned())
}

/// The same of a part.
pub(super) fn title_of(part: &Part) -> String {
    titled(&part.segment.text, &part.options).0
}

/// The part `snippet`, whole: what is left out of a named part is cleared.
fn snippet(segment: &Segment, options: &Options) -> Value {
    let (title, description) = titled(&segment.text, options);
    let youtube = &options.youtube;
    json!({ "title": title, "description": description, "tags": youtube.tags,
        "categoryId": youtube.category.as_deref().unwrap_or(CATEGORY) })
}

/// The part `status`, whole.
fn status(options: &Options, visibility: Visibility) -> Value {
    json!({ "privacyStatus": visibility.word(), "selfDeclaredMadeForKids": options.youtube.for_kids.unwrap_or(false),
        "containsSyntheticMedia": options.made_with_ai, "embeddable": true, "publicStatsViewable": true, "license": "youtube" })
}

/// What an upload begins with: private, whatever it becomes.
pub(super) fn begun(part: &Part) -> Value {
    json!({ "snippet": snippet(&part.segment, &part.options), "status": status(&part.options, Visibility::Private) })
}

/// What makes it visible. The same part and id always make the same bytes.
pub(super) fn shown(part: &Part, id: &str) -> Value {
    json!({ "id": id, "status": status(&part.options, part.options.youtube.visibility) })
}

/// Names what is uploaded, by its bytes and by what is said of it: an upload is gone on with only for the same.
pub(super) fn name_of(part: &Part) -> String {
    let media: Vec<&str> = part.media.iter().map(|medium| medium.facts.sha256.as_str()).collect();
    digest(&json!({ "of": begun(part), "media": media }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::post::YouTubeOptions;

    #[test]
    fn the_title_is_the_first_line_unless_one_was_chosen() {
        let mut options = Options::default();
        let of = |text: &str, options: &Options| titled(text, options);
        let pair = |title: &str, rest: &str| (title.to_owned(), rest.to_owned());
        assert_eq!(of(" How\r\n\nit works \n", &options), pair("How", "it works"));
        assert_eq!(of("Only this", &options), pair("Only this", ""));
        assert_eq!(of("", &options), pair("", ""));
        options.youtube = YouTubeOptions { title: Some(" Chosen ".into()), ..YouTubeOptions::default() };
        assert_eq!(of("How\nit works", &options), pair("Chosen", "How\nit works"));
    }

    #[test]
    fn an_upload_is_private_and_nothing_of_the_status_is_left_out_when_it_is_shown() {
        let youtube =
            YouTubeOptions { for_kids: Some(true), visibility: Visibility::Unlisted, ..YouTubeOptions::default() };
        let options = Options { made_with_ai: true, youtube, ..Options::default() };
        let segment = Segment { text: "T\nD".into(), ..Segment::default() };
        let mut part = Part { no: 0, segment, options, media: Vec::new(), reply_to: None, notes: None };
        let begun = begun(&part);
        assert_eq!(begun["status"]["privacyStatus"], "private");
        assert_eq!((&begun["snippet"]["title"], &begun["snippet"]["categoryId"]), (&json!("T"), &json!("22")));
        let shown = shown(&part, "dQw4w9WgXcQ");
        assert_eq!((&shown["id"], &shown["status"]["privacyStatus"]), (&json!("dQw4w9WgXcQ"), &json!("unlisted")));
        for field in
            ["selfDeclaredMadeForKids", "containsSyntheticMedia", "embeddable", "license", "publicStatsViewable"]
        {
            assert_eq!(shown["status"][field], begun["status"][field], "{field}");
        }
        let name = name_of(&part);
        part.segment.text.push('!');
        assert_ne!(name_of(&part), name);
    }
}
