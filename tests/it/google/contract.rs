//! Every request that the server sends fits Google's own descriptions of its APIs (the discovery documents, read from `../shared`): the path
//! and method exist, every parameter and every field of a body is known, of its kind, and one of its words.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Value, json};
use socrazi::domain::network::Network;
use socrazi_sim::samples;
use socrazi_sim::{Fault, FaultKind};

use super::recorder::Seen;
use super::{Googled, SourceKind};

/// The documents that our calls are in.
const DOCUMENTS: [&str; 5] =
    ["analyticsdata.v1beta", "analyticsadmin.v1beta", "searchconsole.v1", "youtube.v3", "youtubeAnalytics.v2"];

fn folder() -> Option<PathBuf> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    top.ancestors().map(|above| above.join("shared/specs/google")).find(|folder| folder.is_dir())
}

fn documents() -> Option<&'static [Value]> {
    static READ: OnceLock<Option<Vec<Value>>> = OnceLock::new();
    let read = || {
        let folder = folder()?;
        let read = |name: &str| std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        Some(DOCUMENTS.iter().map(|name| serde_json::from_str(&read(name)).unwrap()).collect())
    };
    READ.get_or_init(read).as_deref()
}

/// What is wrong with any of these requests; each test's are judged when it ends.
pub(super) fn findings(seen: &[Seen]) -> Vec<String> {
    let Some(documents) = documents() else { return Vec::new() };
    seen.iter().filter_map(|seen| judged(documents, seen)).flatten().collect()
}

/// What is wrong with the parameters of a query: unknown ones, values that are none, and those that are missing.
fn wrong_query(known: [&Value; 2], query: &str, path: &str) -> Vec<String> {
    let given: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut found = Vec::new();
    for (name, value) in &given {
        let Some(schema) = known.iter().find_map(|all| all.get(name)) else {
            found.push(format!("{path}: no parameter {name}"));
            continue;
        };
        let is_fine = match schema["type"].as_str().unwrap_or("string") {
            "integer" => value.parse::<i64>().is_ok(),
            "boolean" => ["true", "false"].contains(&value.as_str()),
            "number" => value.parse::<f64>().is_ok(),
            _ => schema["enum"].as_array().is_none_or(|words| words.iter().any(|word| word == value)),
        };
        if !is_fine {
            found.push(format!("{path}: {name}={value} is no value of it"));
        }
    }
    let needed = known[0].as_object().into_iter().flatten();
    let needed = needed.filter(|(_, schema)| schema["required"] == true && schema["location"] == "query");
    found.extend(
        needed
            .filter(|(name, _)| !given.iter().any(|one| one.0 == **name))
            .map(|(name, _)| format!("{path}: {name} is missing")),
    );
    found
}

/// Every method of a document.
fn methods<'a>(resource: &'a Value, found: &mut Vec<&'a Value>) {
    found.extend(resource["methods"].as_object().into_iter().flat_map(|methods| methods.values()));
    for inner in resource["resources"].as_object().into_iter().flat_map(|resources| resources.values()) {
        methods(inner, found);
    }
}

/// Whether a path is one that a template like `v1beta/properties/{propertiesId}:runReport` stands for.
fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template, path.trim_start_matches('/'));
    loop {
        let Some((before, rest)) = template.split_once('{') else { return template == path };
        let Some(behind) = path.strip_prefix(before) else { return false };
        let Some((_, after)) = rest.split_once('}') else { return false };
        let stop = after.chars().next();
        let end = stop.map_or(behind.len(), |stop| behind.find(stop).unwrap_or(behind.len()));
        if end == 0 || behind[..end].contains(['/', ':']) {
            return false;
        }
        (template, path) = (after, &behind[end..]);
    }
}

/// What is wrong with a value by a schema.
fn wrong(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return wrong(document, &document["schemas"][name], value, at);
    }
    let of_kind = match schema["type"].as_str().unwrap_or("any") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        // Numbers of 64 bits travel as text.
        "string" if schema["format"] == "int64" => value.as_str().is_some_and(|text| text.parse::<i64>().is_ok()),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => true,
    };
    if !of_kind {
        return vec![format!("{at}: {value} is no {}", schema["type"])];
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return vec![format!("{at}: {value} is none of its words")];
    }
    let mut found = Vec::new();
    for (name, inner) in value.as_object().into_iter().flatten() {
        let known = &schema["properties"][name];
        if known.is_null() {
            found.push(format!("{at}.{name}: is not known"));
        } else {
            found.extend(wrong(document, known, inner, &format!("{at}.{name}")));
        }
    }
    for (no, inner) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(wrong(document, &schema["items"], inner, &format!("{at}[{no}]")));
    }
    found
}

/// What is wrong with a request by the documents; none when it is for something else than an API.
fn judged(documents: &[Value], seen: &Seen) -> Option<Vec<String>> {
    if ["/o/oauth2", "/token", "/revoke"].iter().any(|own| seen.path.starts_with(own)) {
        return None;
    }
    for document in documents {
        let mut all = Vec::new();
        methods(document, &mut all);
        let is_it = |method: &&&Value| {
            let template = method["flatPath"].as_str().or(method["path"].as_str()).unwrap_or_default();
            let upload = method["mediaUpload"]["protocols"]["simple"]["path"].as_str();
            method["httpMethod"] == seen.method.as_str() && (fits(template, &seen.path) || upload == Some(&*seen.path))
        };
        let Some(method) = all.iter().find(is_it) else { continue };
        let mut found = wrong_query([&method["parameters"], &document["parameters"]], &seen.query, &seen.path);
        match (&method["request"], seen.body.is_empty()) {
            (Value::Null, true) => {}
            // A picture: what is uploaded is no JSON.
            (Value::Null, false) if seen.path.starts_with("/upload/") => {}
            (Value::Null, false) => found.push(format!("{}: takes no body", seen.path)),
            (request, _) => {
                let body = serde_json::from_str(&seen.body).unwrap_or_default();
                found.extend(wrong(document, request, &body, &seen.path));
            }
        }
        return Some(found);
    }
    Some(vec![format!("{} {}: no such method", seen.method, seen.path)])
}

#[test]
fn the_judge_is_not_blind() {
    let Some(documents) = documents() else { return };
    let seen = |method: &str, path: &str, query: &str, body: Value| Seen {
        method: method.into(),
        path: path.into(),
        query: query.into(),
        body: if body.is_null() { String::new() } else { body.to_string() },
    };
    let report = "/v1beta/properties/1:runReport";
    let query = "/webmasters/v3/sites/sc-domain%3Aa.example/searchAnalytics/query";
    for bad in [
        seen("POST", report, "", json!({ "limit": 10 })),
        seen("POST", report, "", json!({ "metrics": [{ "nam": "sessions" }] })),
        seen("POST", report, "", json!({ "metricAggregations": ["SUM"] })),
        seen("GET", report, "", Value::Null),
        seen("POST", "/v1beta/properties/1/2:runReport", "", json!({})),
        seen("POST", query, "", json!({ "dataState": "final" })),
        seen("POST", query, "", json!({ "dimensions": ["query"] })),
        seen("GET", "/v1beta/accountSummaries", "page=2", Value::Null),
        seen("GET", "/v1beta/accountSummaries", "pageSize=many", Value::Null),
        seen("GET", "/youtube/v3/videos", "id=a", Value::Null),
        seen("GET", "/webmasters/v3/sites", "", json!({})),
        seen("PUT", "/youtube/v3/videos", "part=status", json!({ "status": { "privacyStatus": "everybody" } })),
        seen("POST", "/upload/youtube/v3/videos", "uploadType=resumable", json!({ "snippet": { "name": "x" } })),
    ] {
        assert_ne!(judged(documents, &bad), Some(Vec::new()), "{bad:?}");
    }
    let good = seen(
        "POST",
        report,
        "",
        json!({ "limit": "10", "metricAggregations": ["TOTAL"], "metrics": [{ "name": "sessions" }] }),
    );
    assert_eq!(judged(documents, &good), Some(Vec::new()));
}

#[tokio::test]
async fn every_request_fits_googles_own_descriptions() {
    let Some(documents) = documents() else {
        println!("skipped: ../shared is not here");
        return;
    };
    let googled = Googled::connected().await;
    googled.choose(SourceKind::Site, "acme.example").await;
    for view in [
        "overview",
        "days",
        "sources",
        "pages",
        "landing_pages",
        "countries",
        "devices",
        "events",
        "audience",
        "realtime",
        "changes",
    ] {
        let mut ask = json!({ "view": view });
        if view == "changes" {
            ask["filters"] = json!(["country = Italy"]);
        } else if view != "realtime" {
            ask["period"] = json!("last week");
            ask["compare"] = json!("same days last year");
            ask["filters"] = json!([
                "country = Italy",
                "page does not contain /zzz",
                "sessions > 0",
                "customEvent:author matches .*"
            ]);
        }
        _ = googled.world.app.call_tool(&googled.world.assistant, "report_traffic", ask).await;
    }
    for view in ["overview", "days", "queries", "pages", "countries", "devices", "appearance"] {
        let ask = json!({ "view": view, "period": "last month", "compare": "previous",
            "filters": ["country = Japan", "page begins with https://", "device != tablet"] });
        _ = googled.world.app.call_tool(&googled.world.assistant, "report_search", ask).await;
    }
    _ = googled.world.app.call_tool(&googled.world.assistant, "report_search", json!({ "view": "changes" })).await;
    for kind in ["image", "video", "news", "discover", "google_news"] {
        _ = googled
            .world
            .app
            .call_tool(&googled.world.assistant, "report_search", json!({ "type": kind, "view": "pages" }))
            .await;
    }
    googled.connect(&[super::Feature::Videos]).await;
    for view in [
        "overview",
        "days",
        "videos",
        "countries",
        "devices",
        "sources",
        "searches",
        "audience",
        "formats",
        "retention",
    ] {
        let mut ask = json!({ "view": view, "period": "last month", "compare": "previous" });
        if view == "retention" {
            ask["video"] = json!("AAAAAAAAAAA");
        }
        googled.world.call("report_videos", ask).await;
    }
    let ask = json!({ "view": "indexing", "urls": ["https://www.acme.example/", "https://www.acme.example/a"] });
    _ = googled.world.app.call_tool(&googled.world.assistant, "report_search", ask).await;
    let seen = googled.recorder.seen();
    let findings: Vec<String> = seen.iter().filter_map(|seen| judged(documents, seen)).flatten().collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
    for path in [
        "accountSummaries",
        "/properties/310001",
        ":runReport",
        ":runRealtimeReport",
        "/sites",
        "searchAnalytics/query",
        "index:inspect",
        "/youtube/v3/channels",
        "/youtube/v3/videos",
        "/v2/reports",
    ] {
        assert!(seen.iter().any(|seen| seen.path.ends_with(path)), "{path} was never asked");
    }
    googled.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_of_publishing_a_video_fits_them_too() {
    let Some(documents) = documents() else {
        println!("skipped: ../shared is not here");
        return;
    };
    let googled = Googled::with(vec![("google.youtube_audit", "passed".to_owned())]).await;
    googled.tune(|tuning| tuning.youtube.processing_ms = 0);
    let (app, person) = (&googled.world.app, &googled.world.person);
    let query = googled.through(app.connect_begin(person, Network::YouTube).await.unwrap()).await;
    let account = app.connect_finish(person, Network::YouTube, &query).await.unwrap();
    let mut media = Vec::new();
    for bytes in [samples::mp4(&samples::Film::default()), samples::jpeg(1_280, 720)] {
        let mut file = app.upload_begin().await.unwrap();
        file.write(&bytes).await.unwrap();
        media.push(app.keep_media(person, file, None).await.unwrap().id);
    }
    // The answer to the change is lost, so that it is looked for as well.
    googled.sim.set_faults(vec![Fault::once("PUT", "/youtube/v3/videos", FaultKind::ResetAfter)]);
    let options = json!({ "youtube": { "for_kids": false, "tags": ["a"], "category": "28", "quiet": true } });
    let draft = json!({ "segments": [{ "text": "Title\nDescription", "media": media }], "accounts": [account], "options": options });
    let post = googled.world.call("create_draft", draft).await["post"]["id"].clone();
    googled.world.call("publish_post", json!({ "post": post })).await;
    googled.world.until(&post, "published", 500).await;
    let asked = googled.world.call("take_down_post", json!({ "post": post })).await;
    let id = asked["approval_urls"][0].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let hash = app.read_approval(person, &id).await.unwrap().approval.hash;
    app.decide(person, &id, &hash, socrazi::app::Verdict::Approve).await.unwrap();
    let seen = googled.recorder.seen();
    let findings: Vec<String> = seen.iter().filter_map(|seen| judged(documents, seen)).flatten().collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
    for (method, path) in [
        ("GET", "/youtube/v3/channels"),
        ("POST", "/upload/youtube/v3/videos"),
        ("POST", "/upload/youtube/v3/thumbnails/set"),
        ("GET", "/youtube/v3/videos"),
        ("PUT", "/youtube/v3/videos"),
        ("DELETE", "/youtube/v3/videos"),
    ] {
        assert!(
            seen.iter().any(|seen| (seen.method.as_str(), seen.path.as_str()) == (method, path)),
            "{method} {path}"
        );
    }
    googled.world.end().await;
}
