//! Interactions over the gateway: what they say, and how long and how often they may be answered.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::discord::{
    ACME, ANA, APP, Answer, BEN, CLEO, DM_ANA, DiscordSim, EDITORS, GENERAL, GROUP, OTHER_GENERAL,
};

use super::{INTENTS, Socket, call, client, get, read, registered, started};

/// A command is typed, and this is answered to it; what Discord said to the answer, and what the person got.
async fn answered(sim: &Arc<DiscordSim>, socket: &mut Socket, body: Value) -> (u64, Answer, Value) {
    let typing = Arc::clone(sim);
    let task =
        tokio::spawn(async move { typing.command(BEN, GENERAL, "socrazi draft", json!({ "topic": "新機能" })).await });
    let event = socket.event("INTERACTION_CREATE").await["d"].clone();
    let seen = callback(sim, &event, body).await;
    (seen.code(), task.await.unwrap().unwrap(), event)
}

async fn callback(sim: &DiscordSim, event: &Value, body: Value) -> super::Seen {
    let at = format!("/interactions/{}/{}/callback", event["id"].as_str().unwrap(), event["token"].as_str().unwrap());
    // No bot token is needed, the one in the path is enough.
    read(client().post(format!("{}{at}", sim.api_url())).json(&body)).await
}

fn original(event: &Value) -> String {
    format!("/webhooks/{APP}/{}/messages/@original", event["token"].as_str().unwrap())
}

fn followup(event: &Value) -> String {
    format!("/webhooks/{APP}/{}", event["token"].as_str().unwrap())
}

async fn listening() -> (Arc<DiscordSim>, Socket) {
    let sim = Arc::new(started().await);
    registered(&sim).await;
    let (socket, _) = Socket::ready(&sim, INTENTS).await;
    (sim, socket)
}

#[tokio::test]
async fn an_interaction_says_who_where_and_what_in_plain_names() {
    let (sim, mut socket) = listening().await;
    let (_, answer, event) = answered(&sim, &mut socket, json!({ "type": 5, "data": { "flags": 64 } })).await;
    assert!(answer.is_ok() && answer.kind() == 5, "{answer:?}");
    assert_eq!(event["data"]["name"], "socrazi", "names are never localized");
    let draft = &event["data"]["options"][0];
    assert_eq!(
        (&draft["name"], &draft["options"][0]),
        (&json!("draft"), &json!({ "name": "topic", "type": 3, "value": "新機能" }))
    );
    assert_eq!((&event["locale"], &event["guild_locale"], &event["context"]), (&json!("ja"), &json!("ja"), &json!(0)));
    assert_eq!((&event["guild_id"], &event["member"]["user"]["id"]), (&json!(ACME), &json!(BEN)));
    assert_eq!(event["authorizing_integration_owners"], json!({ "0": ACME }));
    assert_eq!(event["attachment_size_limit"], 10_485_760);
    for name in ["application_id", "token", "version", "channel", "app_permissions", "entitlements", "guild"] {
        assert!(!event[name].is_null(), "{name}");
    }
    assert!(event["user"].is_null(), "in a server there is a member instead");
}

#[tokio::test]
async fn conversations_and_installs_show_in_the_payload() {
    let (sim, mut socket) = listening().await;
    let heard = async |user: &'static str, channel: &'static str, socket: &mut Socket| {
        let typing = Arc::clone(&sim);
        let task = tokio::spawn(async move { typing.command(user, channel, "socrazi stats", json!({})).await });
        let event = socket.event("INTERACTION_CREATE").await["d"].clone();
        callback(&sim, &event, json!({ "type": 4, "data": { "content": "ok" } })).await;
        task.await.unwrap().unwrap();
        event
    };
    let direct = heard(ANA, DM_ANA, &mut socket).await;
    assert_eq!((&direct["context"], &direct["user"]["id"]), (&json!(1), &json!(ANA)));
    assert!(direct["member"].is_null() && direct["guild_id"].is_null());
    assert_eq!(direct["authorizing_integration_owners"], json!({ "0": "0" }));
    for place in [GROUP, OTHER_GENERAL] {
        assert!(sim.command(ANA, place, "socrazi stats", json!({})).await.is_err(), "the app is not in {place}");
    }
    sim.set_user_install(ANA, true);
    let group = heard(ANA, GROUP, &mut socket).await;
    assert_eq!((&group["context"], &group["authorizing_integration_owners"]), (&json!(2), &json!({ "1": ANA })));
    let elsewhere = heard(ANA, OTHER_GENERAL, &mut socket).await;
    assert_eq!(elsewhere["authorizing_integration_owners"], json!({ "1": ANA }));
    let both = heard(ANA, GENERAL, &mut socket).await;
    assert_eq!(both["authorizing_integration_owners"], json!({ "0": ACME, "1": ANA }));
    assert_eq!(sim.replies(GROUP).len(), 1, "the app answers where it is not");
}

#[tokio::test]
async fn people_cannot_send_what_is_not_registered() {
    let (sim, _socket) = listening().await;
    for (path, options) in [
        ("nothing", json!({})),
        ("socrazi", json!({})),
        ("socrazi nothing", json!({})),
        ("socrazi draft", json!({})),
        ("socrazi draft", json!({ "topic": "x".repeat(21) })),
        ("socrazi draft", json!({ "topic": 7 })),
        ("socrazi draft", json!({ "topic": "x", "colour": "red" })),
        ("socrazi draft", json!({ "topic": "x", "reviewer": "nobody" })),
        ("socrazi stats", json!({ "range": "8d" })),
    ] {
        assert!(sim.command(BEN, GENERAL, path, options.clone()).await.is_err(), "{path} {options}");
    }
    assert!(sim.command("1", GENERAL, "socrazi stats", json!({})).await.is_err());
}

#[tokio::test]
async fn an_answer_comes_in_three_seconds_or_not_at_all() {
    let (sim, mut socket) = listening().await;
    let typing = Arc::clone(&sim);
    sim.set_ack_ms(200);
    let task = tokio::spawn(async move { typing.command(BEN, GENERAL, "socrazi stats", json!({})).await });
    let event = socket.event("INTERACTION_CREATE").await["d"].clone();
    let answer = task.await.unwrap().unwrap();
    assert_eq!(answer.error.as_deref(), Some("timeout"));
    sim.set_ack_ms(3_000);
    assert_eq!(callback(&sim, &event, json!({ "type": 5 })).await.code(), 10062);
    assert_eq!(call(&sim, Method::POST, &followup(&event), json!({ "content": "x" })).await.code(), 10015);
    let typing = Arc::clone(&sim);
    let task = tokio::spawn(async move { typing.command(BEN, GENERAL, "socrazi stats", json!({})).await });
    let event = socket.event("INTERACTION_CREATE").await["d"].clone();
    sim.advance(3_001);
    assert_eq!(callback(&sim, &event, json!({ "type": 5 })).await.code(), 10062, "on the simulated clock too");
    task.abort();
}

#[tokio::test]
async fn one_answer_counts_and_the_wrong_ones_are_refused() {
    let (sim, mut socket) = listening().await;
    let (_, _, event) = answered(&sim, &mut socket, json!({ "type": 5, "data": { "flags": 64 } })).await;
    let again = callback(&sim, &event, json!({ "type": 4, "data": { "content": "x" } })).await;
    assert_eq!((again.status, again.code()), (400, 40060));
    let typing = Arc::clone(&sim);
    let task = tokio::spawn(async move { typing.command(BEN, GENERAL, "socrazi stats", json!({})).await });
    let event = socket.event("INTERACTION_CREATE").await["d"].clone();
    for (body, code) in [
        (json!({ "type": 1 }), 50035),
        (json!({ "type": 6 }), 50035),
        (json!({ "type": 7, "data": { "content": "x" } }), 50035),
        (json!({ "type": 8, "data": { "choices": [] } }), 50035),
        (json!({ "type": 5, "data": { "flags": 32_768 } }), 50035),
        (json!({ "type": 5, "data": { "content": "x" } }), 50035),
        (json!({ "type": 4, "data": {} }), 50006),
        (json!({ "type": 9, "data": { "custom_id": "m", "title": "t", "components": [] } }), 50035),
        (json!({}), 50035),
    ] {
        assert_eq!(callback(&sim, &event, body.clone()).await.code(), code, "{body}");
    }
    let mut strange = event.clone();
    strange["token"] = json!("somebody else's");
    assert_eq!(callback(&sim, &strange, json!({ "type": 5 })).await.code(), 10062);
    assert_eq!(callback(&sim, &event, json!({ "type": 4, "data": { "content": "at last" } })).await.status, 204);
    assert!(task.await.unwrap().unwrap().is_ok());
}

#[tokio::test]
async fn ephemeral_is_fixed_when_the_app_begins_to_think() {
    let (sim, mut socket) = listening().await;
    let (_, _, event) = answered(&sim, &mut socket, json!({ "type": 5, "data": { "flags": 64 } })).await;
    assert_eq!(sim.seen_by(BEN, GENERAL)[0]["is_thinking"], true);
    let edited = call(&sim, Method::PATCH, &original(&event), json!({ "content": "for you", "flags": 0 })).await;
    assert_eq!((edited.status, edited.body["flags"].as_u64()), (200, Some(64)));
    assert_eq!(sim.seen_by(ANA, GENERAL).len(), 0);
    let at = format!("/channels/{GENERAL}/messages/{}", edited.id());
    assert_eq!(get(&sim, &at).await.code(), 10008, "the channel does not have it");
    let (_, _, event) = answered(&sim, &mut socket, json!({ "type": 5 })).await;
    sim.forgive();
    let edited = call(&sim, Method::PATCH, &original(&event), json!({ "content": "for all", "flags": 64 })).await;
    assert_eq!(edited.body["flags"], 0);
    assert_eq!((sim.seen_by(ANA, GENERAL).len(), sim.violations().len()), (1, 1));
    let loud = call(&sim, Method::POST, &followup(&event), json!({ "content": "loud" })).await;
    let quiet = call(&sim, Method::POST, &followup(&event), json!({ "content": "quiet", "flags": 64 })).await;
    assert_eq!((loud.status, quiet.status), (200, 200));
    assert_eq!(sim.seen_by(ANA, GENERAL).len(), 2, "each follow-up says for itself");
    assert_eq!(sim.seen_by(BEN, GENERAL).len(), 4);
    let card = json!({ "flags": 32_768, "content": null, "components": [{ "type": 10, "content": "card" }] });
    assert_eq!(call(&sim, Method::PATCH, &original(&event), card).await.body["flags"], 32_768);
    assert_eq!(get(&sim, &original(&event)).await.body["components"][0]["content"], "card");
    assert_eq!(call(&sim, Method::DELETE, &original(&event), Value::Null).await.status, 204);
    assert_eq!(get(&sim, &original(&event)).await.code(), 10008);
}

#[tokio::test]
async fn a_token_is_good_for_a_quarter_of_an_hour() {
    let (sim, mut socket) = listening().await;
    let (_, _, event) = answered(&sim, &mut socket, json!({ "type": 5 })).await;
    sim.advance(15 * 60_000 - 5_000);
    assert_eq!(call(&sim, Method::PATCH, &original(&event), json!({ "content": "just" })).await.status, 200);
    sim.advance(5_000);
    let late = call(&sim, Method::PATCH, &original(&event), json!({ "content": "late" })).await;
    assert_eq!((late.status, late.code()), (401, 50027));
    assert_eq!(call(&sim, Method::POST, &followup(&event), json!({ "content": "late" })).await.code(), 50027);
}

#[tokio::test]
async fn where_only_a_person_installed_the_app_five_follow_ups_are_all() {
    let (sim, mut socket) = listening().await;
    sim.set_user_install(ANA, true);
    let typing = Arc::clone(&sim);
    let task = tokio::spawn(async move { typing.command(ANA, GROUP, "socrazi stats", json!({})).await });
    let event = socket.event("INTERACTION_CREATE").await["d"].clone();
    callback(&sim, &event, json!({ "type": 5 })).await;
    task.await.unwrap().unwrap();
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(call(&sim, Method::POST, &followup(&event), json!({ "content": "x" })).await.code());
    }
    assert_eq!(codes, [0, 0, 0, 0, 0, 40094]);
    for _ in 0..6 {
        assert_eq!(call(&sim, Method::PATCH, &original(&event), json!({ "content": "edit" })).await.status, 200);
    }
    let (_, _, event) = answered(&sim, &mut socket, json!({ "type": 5 })).await;
    for _ in 0..6 {
        assert_eq!(call(&sim, Method::POST, &followup(&event), json!({ "content": "x" })).await.status, 200);
    }
}

#[tokio::test]
async fn components_are_pressed_by_those_who_see_them() {
    let (sim, mut socket) = listening().await;
    let body = json!({ "type": 4, "data": { "content": "card", "flags": 64, "components": [
        { "type": 1, "components": [{ "type": 2, "style": 1, "label": "Go", "custom_id": "go" },
            { "type": 2, "style": 2, "label": "Not", "custom_id": "not", "disabled": true }] },
        { "type": 1, "components": [{ "type": 6, "custom_id": "role" }] } ] } });
    answered(&sim, &mut socket, body).await;
    let card = sim.ephemerals()[0]["id"].as_str().unwrap().to_owned();
    assert!(sim.press(ANA, GENERAL, &card, "go").await.is_err(), "only Ben sees it");
    assert!(sim.press(BEN, GENERAL, &card, "not").await.is_err(), "it is disabled");
    assert!(sim.press(BEN, GENERAL, &card, "nothing").await.is_err());
    let (pressing, id) = (Arc::clone(&sim), card.clone());
    let task = tokio::spawn(async move { pressing.choose(BEN, (GENERAL, &id), "role", &[EDITORS]).await });
    let event = socket.event("INTERACTION_CREATE").await["d"].clone();
    assert_eq!((&event["type"], &event["data"]["values"]), (&json!(3), &json!([EDITORS])));
    assert_eq!(event["data"]["resolved"]["roles"][EDITORS]["name"], "Editors");
    assert_eq!(event["message"]["content"], "card");
    callback(&sim, &event, json!({ "type": 7, "data": { "content": "done", "components": [] } })).await;
    assert_eq!(task.await.unwrap().unwrap().kind(), 7);
    let shown = sim.message(GENERAL, &card).unwrap();
    assert_eq!(
        (&shown["content"], &shown["components"], &shown["only_for"]),
        (&json!("done"), &json!([]), &json!(BEN))
    );
}

#[tokio::test]
async fn modals_come_first_or_never_and_send_both_forms() {
    let (sim, mut socket) = listening().await;
    let input = |id: &str, more: Value| {
        let mut input = json!({ "type": 4, "custom_id": id, "style": 2, "max_length": 5 });
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        input
    };
    let data = json!({ "custom_id": "m", "title": "Edit", "components": [
        { "type": 18, "label": "Text", "component": input("new", json!({})) },
        { "type": 1, "components": [input("old", json!({ "label": "Old", "value": "kept" }))] },
        { "type": 18, "label": "Kind", "component": { "type": 3, "custom_id": "kind", "required": false, "options": [{ "label": "a", "value": "a" }] } } ] });
    let (code, answer, _) = answered(&sim, &mut socket, json!({ "type": 9, "data": data })).await;
    assert_eq!((code, answer.kind()), (0, 9));
    let modal = sim.modals()[0]["id"].as_str().unwrap().to_owned();
    assert!(sim.submit(ANA, &modal, &[]).await.is_err(), "it is Ben's");
    assert!(sim.submit(BEN, &modal, &[]).await.is_err(), "the text is required");
    assert!(sim.submit(BEN, &modal, &[("new", json!("too long"))]).await.is_err());
    assert!(sim.submit(BEN, &modal, &[("new", json!("ok")), ("odd", json!("x"))]).await.is_err());
    let (sending, id) = (Arc::clone(&sim), modal.clone());
    let task =
        tokio::spawn(async move { sending.submit(BEN, &id, &[("new", json!("ok")), ("kind", json!(["a"]))]).await });
    let event = socket.event("INTERACTION_CREATE").await["d"].clone();
    assert_eq!((&event["type"], &event["data"]["custom_id"]), (&json!(5), &json!("m")));
    let sent = &event["data"]["components"];
    assert_eq!((&sent[0]["type"], &sent[0]["component"]["value"]), (&json!(18), &json!("ok")));
    assert_eq!(sent[1]["components"][0]["value"], "kept");
    assert_eq!(sent[2]["component"]["values"], json!(["a"]));
    assert!(event["message"].is_null(), "it came from no component");
    assert_eq!(callback(&sim, &event, json!({ "type": 9, "data": {} })).await.code(), 50035, "a modal opens no modal");
    assert_eq!(callback(&sim, &event, json!({ "type": 7, "data": { "content": "x" } })).await.code(), 50035);
    callback(&sim, &event, json!({ "type": 4, "data": { "content": "saved", "flags": 64 } })).await;
    assert!(task.await.unwrap().unwrap().is_ok());
    assert!(sim.modals().is_empty() && sim.submit(BEN, &modal, &[]).await.is_err(), "it is closed");
}

#[tokio::test]
async fn proposals_are_at_most_twenty_five() {
    let (sim, mut socket) = listening().await;
    let choices = |number: usize| {
        json!((0..number).map(|at| json!({ "name": format!("n{at}"), "value": "v" })).collect::<Vec<_>>())
    };
    let typing = Arc::clone(&sim);
    let task = tokio::spawn(async move {
        typing.autocomplete(CLEO, GENERAL, "socrazi draft", ("account", "ac"), json!({ "topic": "x" })).await
    });
    let event = socket.event("INTERACTION_CREATE").await["d"].clone();
    assert_eq!(event["type"], 4);
    let typed = &event["data"]["options"][0]["options"][1];
    assert_eq!(typed, &json!({ "name": "account", "type": 3, "value": "ac", "focused": true }));
    for bad in [
        json!({ "choices": choices(26) }),
        json!({ "choices": [{ "name": "", "value": "v" }] }),
        json!({ "choices": [{ "name": "x".repeat(101), "value": "v" }] }),
        json!({ "choices": [{ "name": "n", "value": 7 }] }),
        json!({}),
    ] {
        assert_eq!(callback(&sim, &event, json!({ "type": 8, "data": bad })).await.code(), 50035, "{bad}");
    }
    assert_eq!(callback(&sim, &event, json!({ "type": 4, "data": { "content": "x" } })).await.code(), 50035);
    assert_eq!(callback(&sim, &event, json!({ "type": 8, "data": { "choices": choices(25) } })).await.status, 204);
    assert_eq!(task.await.unwrap().unwrap().callback["data"]["choices"].as_array().unwrap().len(), 25);
    assert!(
        sim.autocomplete(CLEO, GENERAL, "socrazi draft", ("topic", "x"), json!({})).await.is_err(),
        "it proposes nothing"
    );
}

#[tokio::test]
async fn files_and_people_in_options_are_resolved() {
    let (sim, mut socket) = listening().await;
    let file = sim.upload(GENERAL, "a.png", "image/png", b"png".to_vec());
    let options = json!({ "topic": "x", "picture": file, "reviewer": ANA });
    let typing = Arc::clone(&sim);
    let task = tokio::spawn(async move { typing.command(BEN, GENERAL, "socrazi draft", options).await });
    let event = socket.event("INTERACTION_CREATE").await["d"].clone();
    let resolved = &event["data"]["resolved"];
    assert_eq!(
        (&resolved["users"][ANA]["username"], &resolved["members"][ANA]["roles"]),
        (&json!("ana"), &json!([EDITORS]))
    );
    let url = resolved["attachments"][file.as_str()]["url"].as_str().unwrap();
    assert_eq!(client().get(url).send().await.unwrap().text().await.unwrap(), "png");
    let seen = callback(&sim, &event, json!({ "type": 4, "data": { "content": "got it" } })).await;
    assert_eq!(seen.status, 204);
    task.await.unwrap().unwrap();
    let said = sim.say(ANA, GENERAL, "a fine thing").unwrap();
    let typing = Arc::clone(&sim);
    let target = said.clone();
    let task = tokio::spawn(async move { typing.message_command(BEN, GENERAL, &target, "Draft a post").await });
    let event = socket.event("INTERACTION_CREATE").await["d"].clone();
    assert_eq!(event["data"]["target_id"], json!(said));
    assert_eq!(
        event["data"]["resolved"]["messages"][said.as_str()]["content"],
        "a fine thing",
        "its text is told without the intent"
    );
    let at = format!(
        "/interactions/{}/{}/callback?with_response=true",
        event["id"].as_str().unwrap(),
        event["token"].as_str().unwrap()
    );
    let seen = call(&sim, Method::POST, &at, json!({ "type": 4, "data": { "content": "menu" } })).await;
    assert_eq!((seen.status, &seen.body["resource"]["message"]["content"]), (200, &json!("menu")));
    assert_eq!(seen.body["interaction"]["response_message_ephemeral"], false);
    task.await.unwrap().unwrap();
}
