//! The simulated Gemini: what it refuses, and how its streams arrive.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise, helpers included")]

use reqwest::Client;
use serde_json::{Value, json};
use socrazi_sim::gemini::{API_KEY, Cut, Ending, GeminiOptions, GeminiSim, Piece, Play, Said, Step};

const MODEL: &str = "gemini-3.8-flash";

struct Table {
    sim: GeminiSim,
    http: Client,
}

async fn table() -> Table {
    // Only the first of all tests may install it.
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    let sim = GeminiSim::start(GeminiOptions::default()).await.unwrap();
    Table { sim, http: Client::builder().no_proxy().build().unwrap() }
}

impl Table {
    async fn post(&self, call: &str, body: &Value) -> (u16, String) {
        let url = self.sim.url().join(&format!("v1beta/models/{call}")).unwrap();
        let answer = self.http.post(url).header("x-goog-api-key", API_KEY).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap_or_default())
    }

    async fn ask(&self, body: &Value) -> (u16, Value) {
        let (status, text) = self.post(&format!("{MODEL}:generateContent"), body).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// The events of a stream that reaches its end.
    async fn stream(&self, said: Said) -> (Vec<Value>, String) {
        self.sim.play([Step { model: None, play: said.into() }]);
        let (status, text) = self.post(&format!("{MODEL}:streamGenerateContent?alt=sse"), &hello()).await;
        assert_eq!(status, 200, "{text}");
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        (data.map(|data| serde_json::from_str(data).unwrap()).collect(), text)
    }

    async fn refused(&self, body: &Value, part: &str) {
        let (status, answer) = self.ask(body).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(status == 400 && message.contains(part), "{status} {answer} for {body}");
        assert_eq!(answer["error"]["status"], "INVALID_ARGUMENT");
    }
}

fn hello() -> Value {
    json!({ "contents": [{ "role": "user", "parts": [{ "text": "hello" }] }], "store": false })
}

fn with(contents: Value) -> Value {
    json!({ "contents": contents, "store": false })
}

#[tokio::test]
async fn only_the_right_key_in_the_header_is_taken() {
    let table = table().await;
    let url = table.sim.url().join(&format!("v1beta/models/{MODEL}:generateContent")).unwrap();
    let bare = table.http.post(url.clone()).json(&hello()).send().await.unwrap();
    assert_eq!(bare.status(), 403);
    let wrong = table.http.post(url.clone()).header("x-goog-api-key", "x").json(&hello()).send().await.unwrap();
    assert_eq!(wrong.status(), 400);
    let wrong: Value = wrong.json().await.unwrap();
    assert_eq!(wrong["error"]["details"][0]["reason"], "API_KEY_INVALID");
    assert!(table.sim.violations().is_empty());
    let leaky = table.http.post(format!("{url}?key={API_KEY}")).json(&hello()).send().await.unwrap();
    assert_eq!((leaky.status().as_u16(), table.sim.violations().len()), (400, 1));
    assert_eq!(table.post("gemini-2.0-flash:generateContent", &hello()).await.0, 404);
    let (status, routed) = table.post("gemini-3.7-flash:generateContent", &hello()).await;
    assert!(status == 200 && routed.contains("\"modelVersion\":\"gemini-3.8-flash\""), "{routed}");
}

#[tokio::test]
async fn malformed_requests_are_refused_in_the_services_words() {
    let table = table().await;
    table.refused(&json!({ "contents": [] }), "contents is not specified").await;
    table.refused(&json!({ "contents": [], "stored": false }), "Unknown name \"stored\"").await;
    let user = json!({ "role": "user", "parts": [{ "text": "a" }] });
    let model = json!({ "role": "model", "parts": [{ "text": "b" }] });
    table.refused(&with(json!([user, model])), "ending with a model turn").await;
    table.refused(&with(json!([{ "role": "assistant", "parts": [{ "text": "a" }] }])), "valid role").await;
    table.refused(&with(json!([{ "role": "user", "parts": [] }])), "must not be empty").await;
    table.refused(&with(json!([{ "role": "user", "parts": [{ "txt": "a" }] }])), "at 'contents[0].parts[0]'").await;
    let mut both = hello();
    both["generationConfig"] = json!({ "thinkingConfig": { "thinkingLevel": "low", "thinking_budget": 1 } });
    table.refused(&both, "only set one of").await;
    both["generationConfig"] = json!({ "temperature": 1.0 });
    table.refused(&both, "temperature").await;
    both["generationConfig"] = json!({ "thinking_config": { "thinking_level": "minimal" } });
    table.refused(&both, "minimal").await;
    let declared = json!({ "name": "f", "parameters": {}, "parameters_json_schema": {} });
    both = hello();
    both["tools"] = json!([{ "functionDeclarations": [declared] }]);
    table.refused(&both, "only one of parameters").await;
    both["tools"] = json!([{ "function_declarations": [{ "name": "1f" }] }]);
    table.refused(&both, "Invalid function name").await;
    // An answer that would be stored is let through, as the service does, and remembered.
    let (status, _) = table.ask(&json!({ "contents": [user] })).await;
    assert_eq!((status, table.sim.violations().len()), (200, 1));
}

#[tokio::test]
async fn calls_must_come_back_signed_and_answered() {
    let table = table().await;
    let said = Said::calls(&[("f", json!({ "a": 1 })), ("g", json!({}))]);
    table.sim.play([Step { model: Some(MODEL.into()), play: said.into() }]);
    let (_, answer) = table.ask(&hello()).await;
    let content = answer["candidates"][0]["content"].clone();
    let (first, second) = (&content["parts"][0], &content["parts"][1]);
    // Of parallel calls only the first is signed.
    assert!(first["thoughtSignature"].is_string() && second.get("thoughtSignature").is_none(), "{content}");
    let response = |call: &Value| json!({ "functionResponse": { "id": call["functionCall"]["id"], "name": call["functionCall"]["name"], "response": { "output": 1 } } });
    let user = json!({ "role": "user", "parts": [{ "text": "hello" }] });
    let results = json!({ "role": "user", "parts": [response(first), response(second)] });
    assert_eq!(table.ask(&with(json!([user, content, results]))).await.0, 200);

    let half = json!({ "role": "user", "parts": [response(first)] });
    table.refused(&with(json!([user, content, half])), "number of function response parts").await;
    table.refused(&with(json!([user, content, user])), "number of function response parts").await;
    let swapped = json!({ "role": "user", "parts": [response(second), response(first)] });
    table.refused(&with(json!([user, content, swapped])), "does not match the id and name").await;
    table.refused(&with(json!([user, results])), "immediately after a function call turn").await;
    table.refused(&with(json!([content, results])), "immediately after a user turn").await;

    let mut unsigned = content.clone();
    unsigned["parts"][0].as_object_mut().unwrap().remove("thoughtSignature");
    table.refused(&with(json!([user, unsigned, results])), "missing a thought_signature").await;
    // In a turn that is over nobody looks any more.
    assert_eq!(table.ask(&with(json!([user, unsigned, results, user]))).await.0, 200);
    let mut forged = content.clone();
    forged["parts"][0]["functionCall"]["args"] = json!({ "a": 2 });
    table.refused(&with(json!([user, forged, results])), "signature is not valid").await;
    let mut skipped = content.clone();
    skipped["parts"][0]["thoughtSignature"] = "skip_thought_signature_validator".into();
    table.refused(&with(json!([user, skipped, results])), "signature is not valid").await;
}

#[tokio::test]
async fn streams_arrive_in_every_shape() {
    let table = table().await;
    let text = "Grüße, 東京! A longer text, so that it comes in several pieces. 👩‍🚀";
    let mut said = Said { pieces: vec![Piece::Thought("hm".into()), Piece::Text(text.into())], ..Said::default() };
    for (crlf, comments, cut, trailing_signature) in
        [(false, false, Cut::Events, false), (true, true, Cut::Bytes(1), true), (false, true, Cut::Bytes(7), false)]
    {
        said = Said { crlf, comments, cut, trailing_signature, counts_alone: crlf, ..said };
        let (events, raw) = table.stream(said.clone()).await;
        let parts: Vec<&Value> = events.iter().map(|event| &event["candidates"][0]["content"]["parts"][0]).collect();
        let said: String = parts
            .iter()
            .filter(|part| part.get("thought").is_none())
            .filter_map(|part| part["text"].as_str())
            .collect();
        assert_eq!(said, text);
        assert_eq!((raw.contains("\r\n"), raw.contains(": keep-alive")), (crlf, comments));
        let signed = parts.iter().rfind(|part| part.get("thoughtSignature").is_some()).unwrap();
        assert_eq!(signed["text"] == "", trailing_signature, "{signed}");
        // Counts come with the last content or behind it.
        let counts = events.last().unwrap();
        assert!(counts["usageMetadata"]["thoughtsTokenCount"].is_number());
        assert_eq!(counts.get("candidates").is_none(), crlf);
        assert_eq!(events[events.len() - 1 - usize::from(crlf)]["candidates"][0]["finishReason"], "STOP");
    }
    let (events, _) = table.stream(Said { ending: Ending::Eof, ..said.clone() }).await;
    assert!(events.iter().all(|event| event["candidates"][0].get("finishReason").is_none()));
    let (events, _) = table.stream(Said { ending: Ending::Error(503), ..said.clone() }).await;
    assert_eq!(events.last().unwrap()["error"]["code"], 503);
    // Without alt=sse: one array.
    let (_, array) = table.post(&format!("{MODEL}:streamGenerateContent"), &hello()).await;
    assert!(serde_json::from_str::<Vec<Value>>(&array).unwrap().len() == 1, "{array}");
    table.sim.play([Step { model: None, play: Said { ending: Ending::Reset, ..said }.into() }]);
    let url = table.sim.url().join(&format!("v1beta/models/{MODEL}:streamGenerateContent?alt=sse")).unwrap();
    let answer = table.http.post(url).header("x-goog-api-key", API_KEY).json(&hello()).send().await.unwrap();
    assert!(answer.bytes().await.is_err());
}

#[tokio::test]
async fn refusals_have_the_services_shapes() {
    let table = table().await;
    let play = |play: Play| table.sim.play([Step { model: None, play }]);
    play(Play::Blocked("SAFETY".into()));
    let (status, blocked) = table.ask(&hello()).await;
    assert!(status == 200 && blocked.get("candidates").is_none(), "{blocked}");
    assert_eq!(blocked["promptFeedback"]["blockReason"], "SAFETY");
    play(Play::Exhausted { retry_s: Some(37.5), is_daily: true, header_s: None });
    let (status, limited) = table.ask(&hello()).await;
    assert_eq!((status, &limited["error"]["details"][2]["retryDelay"]), (429, &json!("37.5s")));
    play(Play::Refused(503, "UNAVAILABLE".into()));
    let (status, text) = table.post(&format!("{MODEL}:streamGenerateContent?alt=sse"), &hello()).await;
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &body[0]["error"]["status"]), (503, &json!("UNAVAILABLE")));
}

#[tokio::test]
async fn without_a_script_it_uses_the_tools_it_is_given() {
    let table = table().await;
    let ask = |text: &str| {
        json!({ "contents": [{ "role": "user", "parts": [{ "text": text }] }], "store": false,
            "tools": [{ "functionDeclarations": [{ "name": "create_draft" }, { "name": "list_posts" }] }] })
    };
    let (_, answer) = table.ask(&ask("Write a post saying “Open from nine.”")).await;
    let call = &answer["candidates"][0]["content"]["parts"][0]["functionCall"];
    assert_eq!((&call["name"], &call["args"]["text"]), (&json!("create_draft"), &json!("Open from nine.")));
    let (_, answer) = table.ask(&ask("今週の予定は？")).await;
    assert_eq!(answer["candidates"][0]["content"]["parts"][0]["functionCall"]["name"], "list_posts");
    let (_, answer) = table.ask(&ask("Delete my account")).await;
    assert!(answer["candidates"][0]["content"]["parts"][0]["text"].is_string(), "{answer}");
}
