//! Looking whether a post went out (platforms/linkedin.md §5). A self-serve app may read nothing: then a person is asked, with the place where to
//! look. With a reading scope the account's own posts say it.

use http::Method;
use reqwest::RequestBuilder;
use secrecy::SecretString;
use serde_json::Value;

use super::classify::{call_fault, is_closed};
use super::link::{RECENT, permalink};
use super::little::{escaped, shown};
use super::wire::{Item, Page, author, encoded, is_medium, is_post};
use super::{LinkedIn, METHOD_HEADER, read};
use crate::domain::commit::{CallFault, Search, Sighting};
use crate::platforms::answers::Waiting;
use crate::say;

/// §4: 150 posts a day are the most there can be; what was changed last comes first.
const PAGE_POSTS: usize = 100;
/// LinkedIn's clock and ours may differ by this much.
const BEFORE_MS: i64 = 60_000;

impl LinkedIn {
    pub(super) async fn look(&self, access: &SecretString, search: &Search) -> Result<Sighting, CallFault> {
        // §5: the order of the parameters matters, as others report.
        let who = encoded(&author(&search.account_remote_id));
        let path = format!("/rest/posts?author={who}&q=author&count={PAGE_POSTS}&sortBy=LAST_MODIFIED");
        let fill = |call: RequestBuilder| call.header(METHOD_HEADER, "FINDER");
        let answer = self.ask(access, (Method::GET, &path), fill).await?;
        // Other 403s pass by themselves (§4): they are looked at again.
        if is_closed(&answer) && matches!(call_fault(&answer, Waiting::Queue), CallFault::Blocked(_)) {
            return Ok(Sighting::Hidden { ask: say!("linkedin-look", link = RECENT) });
        }
        if answer.status != 200 {
            return Err(call_fault(&answer, Waiting::Queue));
        }
        let page: Page = read(&answer)?;
        let matches: Vec<&Item> = page.elements.iter().filter(|item| is_match(item, search)).collect();
        Ok(match matches.as_slice() {
            [] => Sighting::Absent { is_ruined: false },
            [one] => Sighting::Found { permalink: permalink(&one.id), remote_id: one.id.clone() },
            // Identical texts posted on purpose. Which of them is this one, a person must say.
            several => Sighting::Ambiguous { remote_ids: several.iter().map(|item| item.id.clone()).collect() },
        })
    }
}

/// Whether a post can be the one that is looked for: unclaimed, made since, with the same media (whose URNs belong to one try alone) or the same text.
fn is_match(item: &Item, search: &Search) -> bool {
    if !is_post(&item.id) || search.claimed.contains(&item.id) || item.created_at < search.started_at - BEFORE_MS {
        return false;
    }
    if !item.lifecycle_state.is_empty() && item.lifecycle_state != "PUBLISHED" {
        return false;
    }
    let wanted = search.prepared.as_ref().map(|handle| media_of(&handle["media"])).unwrap_or_default();
    if search.media > 0 {
        return !wanted.is_empty() && media_of(&item.content) == wanted;
    }
    let question = item.content["poll"]["question"].as_str();
    media_of(&item.content).is_empty()
        && (plain(&item.commentary) == plain(&escaped(&search.text)) || question == Some(search.text.as_str()))
}

/// Every URN of a medium in a value, in order.
fn media_of(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) if is_medium(text) => vec![text],
        // A card's picture is not the author's.
        Value::Object(members) => {
            members.iter().filter(|(name, _)| *name != "article").flat_map(|(_, member)| media_of(member)).collect()
        }
        Value::Array(items) => items.iter().flat_map(media_of).collect(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// Little text without its escapes, templates of hashtags as what they show (§5: they may come back so).
fn plain(commentary: &str) -> String {
    let mut text = String::new();
    let templated = commentary.replace(r"{hashtag|\#|", "#").replace("\r\n", "\n");
    let mut chars = templated.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.extend(chars.next()),
            // The end of a template: a bracket of the text itself is escaped.
            '}' => {}
            _ => text.push(c),
        }
    }
    shown(text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const AT: i64 = 1_700_000_000_000;

    fn search(text: &str, media: usize) -> Search {
        Search {
            account_remote_id: "782bbtaQ".into(),
            handle: "Ana Li".into(),
            text: text.into(),
            media,
            prepared: (media > 0).then(|| json!({ "media": ["urn:li:image:C1", "urn:li:image:C2"] })),
            reply_to: None,
            started_at: AT,
            ended_by: AT + 20_000,
            now: AT + 20_000,
            claimed: vec!["urn:li:share:8".into()],
            said: String::new(),
        }
    }

    fn item(change: Value) -> Item {
        let mut whole = json!({ "id": "urn:li:share:9", "commentary": r"a \(b\) {hashtag|\#|rust} c\_d", "createdAt": AT + 5_000,
            "lifecycleState": "PUBLISHED" });
        whole.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn only_what_can_be_this_post_fits() {
        let text = search("a (b) #rust c_d", 0);
        assert!(is_match(&item(json!({})), &text));
        assert!(is_match(&item(json!({ "createdAt": AT - BEFORE_MS })), &text), "a minute is between two clocks");
        assert!(is_match(
            &item(json!({ "content": { "article": { "source": "https://a", "thumbnail": "urn:li:image:C9" } } })),
            &text
        ));
        for (why, change) in [
            ("another text", json!({ "commentary": "a" })),
            ("claimed", json!({ "id": "urn:li:share:8" })),
            ("older", json!({ "createdAt": AT - BEFORE_MS - 1 })),
            ("undated", json!({ "createdAt": 0 })),
            ("a draft", json!({ "lifecycleState": "DRAFT" })),
            ("no id", json!({ "id": "urn:li:person:9" })),
            ("with a picture", json!({ "content": { "media": { "id": "urn:li:image:C1" } } })),
        ] {
            assert!(!is_match(&item(change), &text), "{why}");
        }
        let images = |urns: [&str; 2]| json!({ "commentary": "anything", "content": { "multiImage": { "images": urns.map(|id| json!({ "id": id })) } } });
        let pictured = search("x", 2);
        assert!(is_match(&item(images(["urn:li:image:C1", "urn:li:image:C2"])), &pictured), "its media name it");
        assert!(!is_match(&item(images(["urn:li:image:C1", "urn:li:image:C3"])), &pictured));
        assert!(!is_match(&item(json!({ "commentary": "x" })), &pictured));
        assert!(is_match(
            &item(json!({ "commentary": "", "content": { "poll": { "question": "Which?" } } })),
            &search("Which?", 0)
        ));
    }
}
