//! A model by rules, for demonstration and for tests without a script: it reads English and Japanese, uses the tools it is given, and goes
//! on from their answers. It is not clever, and says so when it does not understand.

use serde_json::{Value, json};

use super::play::Said;
use super::request::{Request, text};

/// Words that tell what somebody wants.
const PUBLISH: [&str; 5] = ["publish", "post it now", "post now", "公開", "投稿して"];
const SCHEDULE: [&str; 3] = ["schedule", "予約", "スケジュール"];
const DRAFT: [&str; 6] = ["draft", "write", "make a post", "下書き", "書いて", "作って"];
const ACCOUNTS: [&str; 3] = ["account", "アカウント", "接続"];
const POSTS: [&str; 5] = ["calendar", "posts", "what is planned", "予定", "カレンダー"];
const FORGET: [&str; 3] = ["forget", "忘れ", "消して"];

/// What it answers.
pub(super) fn plan(request: &Request) -> Said {
    let said = request.person();
    if request.tools().is_empty() {
        return Said::text(&in_short(request, &said));
    }
    let lower = said.to_lowercase();
    let wants = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let japanese = is_japanese(&said);
    let done = request.done();
    let can = |tool: &str| request.tools().contains(&tool) && !done.iter().any(|(name, _, _)| name == tool);
    if let Some((name, _, result)) = done.last()
        && let Some(error) = result.get("error")
    {
        let error = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
        return Said::text(&if japanese {
            format!("{name} はできませんでした。{error}")
        } else {
            format!("{name} did not work: {error}")
        });
    }
    if let Some(url) = address(&said)
        && can("read_page")
    {
        return Said::calls(&[("read_page", json!({ "url": url }))]);
    }
    if wants(&FORGET) && can("forget_history") {
        return Said::calls(&[("forget_history", json!({ "all": true }))]);
    }
    let is_post = wants(&PUBLISH) || wants(&SCHEDULE) || wants(&DRAFT);
    if is_post && can("create_draft") {
        let page = done.iter().find(|(name, _, _)| name == "read_page").map(|(_, _, result)| from_page(result));
        let words = page.unwrap_or_else(|| quoted(&said).unwrap_or(said.clone()));
        return Said::calls(&[("create_draft", json!({ "text": words.chars().take(130).collect::<String>() }))]);
    }
    let post = done.iter().find(|(name, _, _)| name == "create_draft").and_then(|(_, _, result)| post_id(result));
    if let Some(post) = &post {
        if wants(&SCHEDULE) && can("schedule_post") {
            return Said::calls(&[("schedule_post", json!({ "post": post, "at": time(&said) }))]);
        }
        if wants(&PUBLISH) && can("publish_post") {
            return Said::calls(&[("publish_post", json!({ "post": post }))]);
        }
    }
    if !is_post && wants(&ACCOUNTS) && can("list_accounts") {
        return Said::calls(&[("list_accounts", json!({}))]);
    }
    if !is_post && wants(&POSTS) && can("list_posts") {
        return Said::calls(&[("list_posts", json!({}))]);
    }
    Said::text(answer(&done, japanese))
}

fn answer(done: &[(String, Value, Value)], japanese: bool) -> &'static str {
    let last = done.last().map(|(name, _, _)| name.as_str());
    match (last, japanese) {
        (Some("create_draft"), false) => "Here is the draft. Shall I change anything?",
        (Some("create_draft"), true) => "下書きはこちらです。直すところはありますか？",
        (Some("schedule_post" | "publish_post" | "forget_history"), false) => "It waits for you: please look below.",
        (Some("schedule_post" | "publish_post" | "forget_history"), true) => {
            "ご確認をお待ちしています。下をご覧ください。"
        }
        (Some(_), false) => "That is what I found.",
        (Some(_), true) => "以上です。",
        (None, false) => {
            "I am a simulated model with a few rules: ask me to draft, schedule or publish “some text”, or for your posts."
        }
        (None, true) => {
            "私は簡単な規則で動く模擬モデルです。「本文」を下書き・予約・公開するよう頼むか、予定を尋ねてください。"
        }
    }
}

/// Titles, of what the person said first; summaries, of everything.
fn in_short(request: &Request, said: &str) -> String {
    let words: String = said.lines().filter(|line| !line.starts_with('<')).collect::<Vec<_>>().join(" ");
    let words = words.trim_start_matches("Person: ");
    if !request.system().contains("title") {
        return words.chars().take(300).collect();
    }
    let first = words.split("Assistant: ").next().unwrap_or(words).trim();
    quoted(first).as_deref().unwrap_or(first).chars().take(40).collect()
}

fn is_japanese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'))
}

/// What stands in quotation marks.
fn quoted(said: &str) -> Option<String> {
    [('“', '”'), ('「', '」'), ('"', '"')].iter().find_map(|(open, close)| {
        let rest = said.split_once(*open)?.1;
        let end = rest.rfind(*close)?;
        Some(rest[..end].to_owned())
    })
}

fn address(said: &str) -> Option<&str> {
    let rest = &said[said.find("https://")?..];
    Some(rest.split(char::is_whitespace).next().unwrap_or(rest))
}

fn from_page(result: &Value) -> String {
    let page = text(&json!({ "parts": [{ "text": result["output"] }] }));
    page.lines().filter(|line| !line.starts_with('<')).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The post that a draft became, wherever the tool's answer has it.
fn post_id(result: &Value) -> Option<String> {
    let all = result.to_string();
    let at = all.find("post_")?;
    let id: String = all[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    Some(id)
}

/// The words for the time: an RFC 3339 time, or what stands behind "for", "at" or before 「に」.
fn time(said: &str) -> String {
    let outside = match quoted(said) {
        Some(words) => said.replace(&words, ""),
        None => said.to_owned(),
    };
    if let Some(word) = outside.split_whitespace().find(|word| word.starts_with("20") && word.contains('T')) {
        return word.trim_end_matches('.').to_owned();
    }
    let behind =
        |mark: &str| outside.split_once(mark).map(|(_, rest)| rest.trim_end_matches(['.', '!', '?']).trim().to_owned());
    if !is_japanese(&outside) {
        return behind(" for ").or_else(|| behind("” ")).unwrap_or_else(|| "tomorrow at 9am".into());
    }
    let before = outside
        .split_once('に')
        .map(|(before, _)| before.trim_start_matches(['」', '「', 'を', 'と', '、']).to_owned());
    before.filter(|words| !words.is_empty()).unwrap_or_else(|| "明日の朝9時".into())
}
