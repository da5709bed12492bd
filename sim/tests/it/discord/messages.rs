//! Messages: what they may carry, who may write where, replies, edits, files.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use socrazi_sim::discord::{self, ANA, DM_BEN, GENERAL, HIDDEN, check_message, perms};

use super::{call, get, post, read, request, started};

fn is_good(body: &Value) -> bool {
    check_message(body, &["a.png"]).is_ok()
}

/// The code at a path of the errors, or that of the whole.
fn code(body: &Value, path: &str) -> String {
    let refused = check_message(body, &["a.png"]).err().unwrap_or_default();
    let at = format!("/errors/{}/_errors/0/code", path.replace('.', "/"));
    refused.pointer(&at).and_then(Value::as_str).map_or_else(|| refused.to_string(), str::to_owned)
}

#[test]
fn every_text_has_its_limit() {
    let text = |length: usize| "x".repeat(length);
    let embed = |embed: Value| json!({ "embeds": [embed] });
    let field = |name: usize, value: usize| json!({ "fields": [{ "name": text(name), "value": text(value) }] });
    let rows: Vec<(Value, Value, &str)> = vec![
        (json!({ "content": text(2_000) }), json!({ "content": text(2_001) }), "content"),
        (json!({ "content": "😀".repeat(1_000) }), json!({ "content": "😀".repeat(1_001) }), "content"),
        (embed(json!({ "title": text(256) })), embed(json!({ "title": text(257) })), "embeds.0.title"),
        (
            embed(json!({ "description": text(4_096) })),
            embed(json!({ "description": text(4_097) })),
            "embeds.0.description",
        ),
        (embed(field(256, 1)), embed(field(257, 1)), "embeds.0.fields.0.name"),
        (embed(field(1, 1_024)), embed(field(1, 1_025)), "embeds.0.fields.0.value"),
        (
            embed(json!({ "footer": { "text": text(2_048) } })),
            embed(json!({ "footer": { "text": text(2_049) } })),
            "embeds.0.footer.text",
        ),
        (
            embed(json!({ "author": { "name": text(256) } })),
            embed(json!({ "author": { "name": text(257) } })),
            "embeds.0.author.name",
        ),
    ];
    for (good, bad, path) in rows {
        assert!(is_good(&good), "{path}: {:?}", check_message(&good, &["a.png"]));
        assert_eq!(code(&bad, path), "BASE_TYPE_MAX_LENGTH", "{path}");
    }
}

#[test]
fn embeds_are_counted_all_together() {
    let of = |lengths: &[usize]| {
        let list: Vec<Value> = lengths.iter().map(|length| json!({ "description": "x".repeat(*length) })).collect();
        json!({ "embeds": list })
    };
    assert!(is_good(&of(&[4_000, 2_000])));
    assert_eq!(code(&of(&[4_000, 2_001]), "embeds"), "MAX_EMBED_SIZE_EXCEEDED");
    assert!(is_good(&of(&[1; 10])));
    assert_eq!(code(&of(&[1; 11]), "embeds"), "BASE_TYPE_MAX_LENGTH");
    let fields =
        |number: usize| json!({ "embeds": [{ "fields": vec![json!({ "name": "n", "value": "v" }); number] }] });
    assert!(is_good(&fields(25)));
    assert_eq!(code(&fields(26), "embeds.0.fields"), "BASE_TYPE_MAX_LENGTH");
    let padded = json!({ "embeds": [{ "title": format!("  {}  ", "x".repeat(256)) }] });
    assert!(is_good(&padded), "space around a text is not counted");
    assert_eq!(
        code(&json!({ "embeds": [{ "fields": [{ "name": " ", "value": "v" }] }] }), "embeds.0.fields.0.name"),
        "BASE_TYPE_REQUIRED"
    );
    assert_eq!(code(&json!({ "embeds": [{}] }), "embeds.0.description"), "BASE_TYPE_REQUIRED");
}

#[test]
fn addresses_are_of_the_web_or_of_a_file_that_comes_along() {
    let image = |url: &str| json!({ "embeds": [{ "image": { "url": url } }] });
    assert!(is_good(&image("attachment://a.png")) && is_good(&image("https://socrazi.example/a.png")));
    assert_eq!(code(&image("attachment://b.png"), "embeds.0.image.url"), "ATTACHMENT_NOT_FOUND");
    assert_eq!(code(&image("file:///etc/passwd"), "embeds.0.image.url"), "URL_TYPE_INVALID_SCHEME");
}

#[test]
fn mentions_are_allowed_without_contradiction() {
    let of = |allowed: Value| json!({ "content": "x", "allowed_mentions": allowed });
    assert!(is_good(&of(json!({ "parse": [] }))) && is_good(&of(json!({ "parse": ["roles"], "users": [ANA] }))));
    assert_eq!(code(&of(json!({ "parse": ["people"] })), "allowed_mentions.parse.0"), "BASE_TYPE_CHOICES");
    assert_eq!(
        code(&of(json!({ "parse": ["users"], "users": [ANA] })), "allowed_mentions"),
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
    );
}

#[tokio::test]
async fn nothing_is_said_with_nothing() {
    let sim = started().await;
    for body in [json!({}), json!({ "content": "" }), json!({ "content": " \n " }), json!({ "embeds": [] })] {
        assert_eq!(post(&sim, body.clone()).await.code(), 50006, "{body}");
    }
    let seen = post(&sim, json!({ "content": "x".repeat(2_001) })).await;
    assert_eq!((seen.status, seen.code()), (400, 50035));
    assert_eq!(seen.body["errors"]["content"]["_errors"][0]["message"], "Must be 2000 or fewer in length.");
    assert_eq!(seen.headers["content-type"], "application/json");
    let broken = request(&sim, Method::POST, &format!("/channels/{GENERAL}/messages"))
        .header("content-type", "application/json");
    assert_eq!(read(broken.body("{")).await.code(), 50109);
    assert_eq!(sim.messages(GENERAL).len(), 0);
    assert!(sim.violations().len() >= 6);
}

#[tokio::test]
async fn who_may_not_is_refused() {
    let sim = started().await;
    let to = |channel: &str| format!("/channels/{channel}/messages");
    let text = || json!({ "content": "x" });
    assert_eq!(call(&sim, Method::POST, &to(HIDDEN), text()).await.code(), 50001);
    assert_eq!(call(&sim, Method::POST, &to("1"), text()).await.code(), 10003);
    assert_eq!(call(&sim, Method::POST, &to(discord::OTHER_GENERAL), text()).await.code(), 50001);
    sim.deny(GENERAL, perms::SEND_MESSAGES);
    assert_eq!(post(&sim, text()).await.code(), 50013);
    sim.deny(GENERAL, perms::EMBED_LINKS);
    assert_eq!(post(&sim, json!({ "embeds": [{ "title": "t" }] })).await.code(), 50013);
    sim.deny(GENERAL, 0);
    sim.set_slowmode(GENERAL, 5);
    assert_eq!([post(&sim, text()).await.code(), post(&sim, text()).await.code()], [0, 20016]);
    sim.set_takes_dms(discord::BEN, false);
    assert_eq!(call(&sim, Method::POST, &to(DM_BEN), text()).await.code(), 50007);
    let stranger = sim.dm(discord::DAN).unwrap();
    assert_eq!(call(&sim, Method::POST, &to(&stranger), text()).await.code(), 50007, "no server in common");
    sim.set_user_install(discord::DAN, true);
    assert_eq!(call(&sim, Method::POST, &to(&stranger), text()).await.status, 200);
    let anonymous = super::client().get(format!("{}/users/@me", sim.api_url())).header("authorization", "Bot x.y.z");
    assert_eq!(read(anonymous).await.status, 401);
    let nameless = request(&sim, Method::GET, "/users/@me").header("user-agent", "curl");
    assert_eq!(read(nameless).await.code(), 40333);
    assert_eq!(sim.invalid_requests(), 8);
}

#[tokio::test]
async fn a_nonce_makes_a_message_once() {
    let sim = started().await;
    let body = json!({ "content": "once", "nonce": "outbox-1", "enforce_nonce": true });
    let first = post(&sim, body.clone()).await;
    assert_eq!(first.body["nonce"], "outbox-1");
    assert_eq!(post(&sim, body.clone()).await.id(), first.id());
    assert_eq!(sim.messages(GENERAL).len(), 1);
    sim.advance(10 * 60_000);
    assert_ne!(post(&sim, body).await.id(), first.id(), "it is forgotten after a few minutes");
    assert_eq!(post(&sim, json!({ "content": "x", "nonce": "x".repeat(26) })).await.code(), 50035);
}

#[tokio::test]
async fn replies_name_what_they_answer_and_call_whom_they_may() {
    let sim = started().await;
    let said = sim.say(ANA, GENERAL, "a question").unwrap();
    let reply = |allowed: Value, message: &str| json!({ "content": "<@1040000000000000002>", "message_reference": { "message_id": message }, "allowed_mentions": allowed });
    let seen = post(&sim, reply(json!({ "parse": [], "replied_user": true }), &said)).await;
    assert_eq!(
        (seen.body["type"].as_u64(), &seen.body["referenced_message"]["content"]),
        (Some(19), &json!("a question"))
    );
    assert_eq!(seen.body["mentions"].as_array().unwrap().len(), 1);
    assert_eq!(
        sim.message(GENERAL, &seen.id()).unwrap()["pings"],
        json!({ "users": [ANA], "roles": [], "everyone": false })
    );
    let all = post(&sim, reply(Value::Null, &said)).await;
    assert_eq!(all.body["mentions"].as_array().unwrap().len(), 2, "without allowed_mentions everybody is called");
    assert_eq!(post(&sim, reply(json!({ "parse": [] }), "1")).await.code(), 50035);
    let mut lenient = reply(json!({ "parse": [] }), "1");
    lenient["message_reference"]["fail_if_not_exists"] = json!(false);
    assert_eq!(post(&sim, lenient).await.body["type"], 0);
}

#[tokio::test]
async fn edits_keep_what_they_do_not_name() {
    let sim = started().await;
    let sent = post(&sim, json!({ "content": "one", "embeds": [{ "title": "t" }] })).await;
    let at = format!("/channels/{GENERAL}/messages/{}", sent.id());
    let edited = call(&sim, Method::PATCH, &at, json!({ "content": "two" })).await;
    assert_eq!((&edited.body["content"], &edited.body["embeds"][0]["title"]), (&json!("two"), &json!("t")));
    assert!(edited.body["edited_timestamp"].is_string());
    assert_eq!(call(&sim, Method::PATCH, &at, json!({ "content": null, "embeds": [] })).await.code(), 50006);
    let theirs = sim.say(ANA, GENERAL, "mine").unwrap();
    let theirs = format!("/channels/{GENERAL}/messages/{theirs}");
    assert_eq!(call(&sim, Method::PATCH, &theirs, json!({ "content": "yours" })).await.code(), 50005);
    assert_eq!(call(&sim, Method::DELETE, &theirs, Value::Null).await.code(), 50013);
    sim.advance(61 * 60_000);
    let mut codes = Vec::new();
    for number in 0..6 {
        codes.push(call(&sim, Method::PATCH, &at, json!({ "content": format!("late {number}") })).await.code());
    }
    assert_eq!(codes, [0, 0, 0, 0, 0, 30046]);
    assert_eq!(call(&sim, Method::DELETE, &at, Value::Null).await.status, 204);
    assert_eq!(get(&sim, &at).await.code(), 10008);
    assert_eq!(sim.message(GENERAL, &sent.id()), None);
}

#[tokio::test]
async fn messages_of_the_second_kind_stay_so() {
    let sim = started().await;
    let card = |text: &str| json!([{ "type": 17, "components": [{ "type": 10, "content": text }] }]);
    let sent = post(&sim, json!({ "flags": 32_768, "components": card("one") })).await;
    assert_eq!(sent.body["components"][0]["id"], 1);
    let at = format!("/channels/{GENERAL}/messages/{}", sent.id());
    assert_eq!(call(&sim, Method::PATCH, &at, json!({ "content": "text" })).await.code(), 50035);
    assert_eq!(call(&sim, Method::PATCH, &at, json!({ "flags": 0 })).await.code(), 50035);
    let edited = call(&sim, Method::PATCH, &at, json!({ "components": card("two") })).await;
    assert_eq!((edited.status, edited.body["flags"].as_u64()), (200, Some(32_768)));
    let plain = post(&sim, json!({ "content": "text" })).await;
    let at = format!("/channels/{GENERAL}/messages/{}", plain.id());
    let turned =
        call(&sim, Method::PATCH, &at, json!({ "flags": 32_768, "content": null, "components": card("now") })).await;
    assert_eq!(turned.status, 200, "{}", turned.body);
    sim.forgive();
    let loud = post(&sim, json!({ "content": "secret", "flags": 64 })).await;
    assert_eq!((loud.body["flags"].as_u64(), sim.violations().len()), (Some(0), 1), "a message is for everybody");
}

#[tokio::test]
async fn files_come_along_stay_when_named_and_expire() {
    let sim = started().await;
    let form = |body: Value, size: usize| {
        let part = Part::bytes(vec![7; size]).file_name("a b.png");
        Form::new().text("payload_json", body.to_string()).part("files[0]", part)
    };
    let to = format!("/channels/{GENERAL}/messages");
    let body = json!({ "attachments": [{ "id": 0, "description": "alt" }], "embeds": [{ "image": { "url": "attachment://a_b.png" } }] });
    let sent = read(request(&sim, Method::POST, &to).multipart(form(body, 9))).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let file = sent.body["attachments"][0].clone();
    assert_eq!((&file["filename"], &file["description"], &file["size"]), (&json!("a_b.png"), &json!("alt"), &json!(9)));
    let url = file["url"].as_str().unwrap().to_owned();
    assert_eq!(sent.body["embeds"][0]["image"]["url"], file["url"]);
    assert_eq!(super::client().get(&url).send().await.unwrap().bytes().await.unwrap().as_ref(), [7; 9]);
    sim.advance(25 * 3_600_000);
    assert_eq!(super::client().get(&url).send().await.unwrap().status(), 404, "addresses expire");
    let at = format!("{to}/{}", sent.id());
    let kept = call(&sim, Method::PATCH, &at, json!({ "content": "x", "attachments": [{ "id": file["id"] }] })).await;
    assert_eq!(kept.body["attachments"].as_array().unwrap().len(), 1);
    let gone = call(&sim, Method::PATCH, &at, json!({ "attachments": [], "embeds": [] })).await;
    assert_eq!(gone.body["attachments"], json!([]));
    let unknown = call(&sim, Method::POST, &to, json!({ "content": "x", "attachments": [{ "id": "0" }] })).await;
    assert_eq!(unknown.code(), 50035);
    let large = read(request(&sim, Method::POST, &to).multipart(form(json!({}), 10 * 1024 * 1024 + 1))).await;
    assert_eq!((large.status, large.code()), (413, 40005));
    let recorded = sim.asked("POST", "/channels/{channel_id}/messages");
    assert_eq!((recorded[0].files.as_slice(), recorded[0].status), (&["a b.png".to_owned()][..], 200));
}

#[tokio::test]
async fn threads_begin_once_and_wake_up_unless_locked() {
    let sim = started().await;
    let said = sim.say(ANA, GENERAL, "let us talk").unwrap();
    let at = format!("/channels/{GENERAL}/messages/{said}/threads");
    assert_eq!(call(&sim, Method::POST, &at, json!({ "name": "x".repeat(101) })).await.code(), 50035);
    assert_eq!(call(&sim, Method::POST, &at, json!({ "name": "t", "auto_archive_duration": 5 })).await.code(), 50035);
    let thread = call(&sim, Method::POST, &at, json!({ "name": "t", "auto_archive_duration": 60 })).await;
    assert_eq!((thread.status, thread.id()), (201, said.clone()), "its id is the message's");
    assert_eq!(call(&sim, Method::POST, &at, json!({ "name": "t" })).await.code(), 160_004);
    let to = format!("/channels/{said}/messages");
    sim.archive(&said, false);
    assert_eq!(call(&sim, Method::POST, &to, json!({ "content": "x" })).await.status, 200);
    sim.archive(&said, true);
    assert_eq!(call(&sim, Method::POST, &to, json!({ "content": "x" })).await.code(), 50083);
    sim.archive(&said, false);
    sim.deny(&said, perms::SEND_MESSAGES_IN_THREADS);
    assert_eq!(call(&sim, Method::POST, &to, json!({ "content": "x" })).await.code(), 50013);
    let dm = call(&sim, Method::POST, "/users/@me/channels", json!({ "recipient_id": ANA })).await;
    assert_eq!(dm.id(), discord::DM_ANA);
    assert_eq!(
        call(&sim, Method::POST, &format!("/channels/{}/typing", discord::DM_ANA), Value::Null).await.status,
        204
    );
    assert_eq!(sim.typings(discord::DM_ANA).len(), 1);
}
