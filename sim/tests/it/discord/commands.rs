//! Commands: what is refused when they are registered, and what comes back.

use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::discord::{ACME, APP, CLEO, GENERAL, check_commands};

use super::{call, get, started};

fn command(more: Value) -> Value {
    let mut command = json!({ "name": "socrazi", "description": "d" });
    for (name, value) in more.as_object().into_iter().flatten() {
        command[name] = value.clone();
    }
    json!([command])
}

fn option(more: Value) -> Value {
    let mut option = json!({ "type": 3, "name": "o", "description": "d" });
    for (name, value) in more.as_object().into_iter().flatten() {
        option[name] = value.clone();
    }
    option
}

fn with(options: Vec<Value>) -> Value {
    command(json!({ "options": options }))
}

fn many(number: usize) -> Value {
    with((0..number).map(|at| option(json!({ "name": format!("o{at}") }))).collect())
}

#[test]
fn names_and_numbers_are_as_discord_wants_them() {
    let named = |name: &str| command(json!({ "name": name }));
    let sub = |more: Value| option(json!({ "type": 1, "name": "s", "options": more }));
    let choices = |number: usize| {
        let list: Vec<Value> = (0..number).map(|at| json!({ "name": format!("c{at}"), "value": "v" })).collect();
        with(vec![option(json!({ "choices": list }))])
    };
    let choice = |name: usize, value: usize| {
        with(vec![option(json!({ "choices": [{ "name": "x".repeat(name), "value": "x".repeat(value) }] }))])
    };
    let list = |kind: u64, number: usize| {
        let text = if kind == 1 { "d" } else { "" };
        json!(
            (0..number)
                .map(|at| json!({ "name": format!("c{at}"), "type": kind, "description": text }))
                .collect::<Vec<_>>()
        )
    };
    for (good, bad) in [
        (named(&"x".repeat(32)), named(&"x".repeat(33))),
        (named("下書き-1_a'b"), named("two words")),
        (named("ไทย"), named("UPPER")),
        (named("é"), named("a.b")),
        (named("x"), named("")),
        (
            command(json!({ "name_localizations": { "ja": "投稿" } })),
            command(json!({ "name_localizations": { "jp": "投稿" } })),
        ),
        (
            command(json!({ "name_localizations": { "ja": "投稿" } })),
            command(json!({ "name_localizations": { "ja": "投稿 する" } })),
        ),
        (command(json!({ "description": "x".repeat(100) })), command(json!({ "description": "x".repeat(101) }))),
        (command(json!({ "type": 1 })), command(json!({ "description": "" }))),
        (command(json!({ "type": 1 })), command(json!({ "type": 5 }))),
        (
            json!([{ "name": "Draft a post", "type": 3 }]),
            json!([{ "name": "Draft a post", "type": 3, "description": "d" }]),
        ),
        (many(25), many(26)),
        (
            with(vec![option(json!({ "name": "a", "required": true })), option(json!({ "name": "b" }))]),
            with(vec![option(json!({ "name": "a" })), option(json!({ "name": "b", "required": true }))]),
        ),
        (
            with(vec![option(json!({ "name": "a" })), option(json!({ "name": "b" }))]),
            with(vec![option(json!({})), option(json!({}))]),
        ),
        (
            with(vec![
                option(json!({ "name": "a", "name_localizations": { "ja": "x" } })),
                option(json!({ "name": "b" })),
            ]),
            with(vec![
                option(json!({ "name": "a", "name_localizations": { "ja": "b" } })),
                option(json!({ "name": "b" })),
            ]),
        ),
        (choices(25), choices(26)),
        (choice(100, 100), choice(101, 1)),
        (choice(1, 100), choice(1, 101)),
        (choice(1, 1), with(vec![option(json!({ "choices": [{ "name": "n", "value": 7 }] }))])),
        (
            with(vec![option(json!({ "autocomplete": true }))]),
            with(vec![option(json!({ "autocomplete": true, "choices": [{ "name": "n", "value": "v" }] }))]),
        ),
        (with(vec![option(json!({ "max_length": 6_000 }))]), with(vec![option(json!({ "max_length": 6_001 }))])),
        (
            with(vec![option(json!({ "min_length": 1, "max_length": 2 }))]),
            with(vec![option(json!({ "min_length": 3, "max_length": 2 }))]),
        ),
        (
            with(vec![option(json!({ "type": 4, "min_value": 1 }))]),
            with(vec![option(json!({ "type": 5, "min_value": 1 }))]),
        ),
        (with(vec![sub(json!([option(json!({}))]))]), with(vec![sub(json!([])), option(json!({}))])),
        (
            with(vec![option(json!({ "type": 2, "name": "g", "options": [sub(json!([]))] }))]),
            with(vec![option(json!({ "type": 2, "name": "g", "options": [option(json!({}))] }))]),
        ),
        (with(vec![sub(json!([]))]), with(vec![sub(json!([sub(json!([]))]))])),
        (with(vec![option(json!({ "type": 11 }))]), with(vec![option(json!({ "type": 12 }))])),
        (command(json!({ "contexts": [0, 1, 2] })), command(json!({ "contexts": [3] }))),
        (command(json!({ "contexts": [0] })), command(json!({ "contexts": [0, 0] }))),
        (command(json!({ "integration_types": [0, 1] })), command(json!({ "integration_types": [] }))),
        (
            command(json!({ "default_member_permissions": "0" })),
            command(json!({ "default_member_permissions": "all" })),
        ),
        (list(1, 100), list(1, 101)),
        (list(2, 15), list(2, 16)),
        (list(3, 15), list(3, 16)),
        (json!([]), json!([command(json!({}))[0], command(json!({}))[0]])),
    ] {
        assert_eq!(check_commands(&good, true), Ok(()), "{good}");
        assert!(check_commands(&bad, true).is_err(), "{bad}");
    }
    for name in ["contexts", "integration_types"] {
        assert!(check_commands(&command(json!({ name: [0] })), false).is_err(), "{name} is for all servers");
    }
}

#[test]
fn a_command_has_eight_thousand_characters_in_its_longest_language() {
    // Twenty options of 25 choices; every choice has 1 + 9 characters, or 15 in Japanese.
    let choices = |extra: usize| -> Vec<Value> {
        (0..25).map(|at| json!({ "name": format!("{at:02}"), "name_localizations": { "ja": "x".repeat(2 + extra) + &format!("{at:02}") }, "value": "v" })).collect()
    };
    let of = |extra: usize| {
        with((0..20).map(|at| option(json!({ "name": format!("o{at:02}"), "choices": choices(extra) }))).collect())
    };
    assert_eq!(check_commands(&of(10), true), Ok(()));
    let refused = check_commands(&of(12), true).unwrap_err();
    assert!(refused.to_string().contains("APPLICATION_COMMAND_TOO_LARGE"), "{refused}");
}

#[tokio::test]
async fn what_is_registered_comes_back_with_ids_that_stay() {
    let sim = started().await;
    let at = format!("/applications/{APP}/commands");
    let list = json!([{ "name": "one", "description": "d", "name_localizations": { "ja": "一" }, "default_member_permissions": 8 },
        { "name": "Two", "type": 3 }]);
    let first = call(&sim, Method::PUT, &at, list.clone()).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.body[0]["default_member_permissions"], "8");
    assert_eq!((&first.body[1]["integration_types"], &first.body[0]["type"]), (&json!([0]), &json!(1)));
    let same = call(&sim, Method::PUT, &at, list.clone()).await;
    assert_eq!(same.body, first.body, "nothing changed");
    let mut changed = list.clone();
    changed[0]["description"] = json!("another");
    let second = call(&sim, Method::PUT, &at, changed).await;
    assert_eq!(second.body[0]["id"], first.body[0]["id"]);
    assert_ne!(second.body[0]["version"], first.body[0]["version"]);
    assert_eq!(get(&sim, &at).await.body[0].get("name_localizations"), None);
    assert_eq!(get(&sim, &format!("{at}?with_localizations=true")).await.body[0]["name_localizations"]["ja"], "一");
    assert_eq!(call(&sim, Method::PUT, &at, json!([])).await.body, json!([]));
    assert_eq!(sim.commands("").len(), 0);
    let guild = format!("/applications/{APP}/guilds/{ACME}/commands");
    let here = call(&sim, Method::PUT, &guild, json!([{ "name": "here", "description": "d" }])).await;
    assert_eq!((here.status, &here.body[0]["guild_id"]), (200, &json!(ACME)));
    assert_eq!(
        call(&sim, Method::PUT, &guild, json!([{ "name": "here", "description": "d", "contexts": [0] }])).await.code(),
        50035
    );
    assert_eq!(call(&sim, Method::PUT, "/applications/1/commands", json!([])).await.code(), 20012);
}

#[tokio::test]
async fn two_hundred_new_commands_a_day_are_enough() {
    let sim = started().await;
    let at = format!("/applications/{APP}/commands");
    let list = |round: usize| -> Value {
        (0..100).map(|number| json!({ "name": format!("c{round}-{number}"), "description": "d" })).collect()
    };
    assert_eq!(call(&sim, Method::PUT, &at, list(0)).await.status, 200);
    assert_eq!(call(&sim, Method::PUT, &at, list(0)).await.status, 200, "known names do not count");
    assert_eq!(call(&sim, Method::PUT, &at, list(1)).await.status, 200);
    assert_eq!(call(&sim, Method::PUT, &at, list(2)).await.code(), 30034);
    sim.advance(86_400_000);
    assert_eq!(call(&sim, Method::PUT, &at, list(2)).await.status, 200);
}

#[tokio::test]
async fn commands_are_shown_to_whom_and_where_they_are_meant() {
    let sim = started().await;
    let list = json!([{ "name": "admin", "description": "d", "default_member_permissions": "0" },
        { "name": "direct", "description": "d", "contexts": [1] }]);
    call(&sim, Method::PUT, &format!("/applications/{APP}/commands"), list).await;
    let why = sim.command(CLEO, GENERAL, "admin", json!({})).await.unwrap_err();
    assert!(why.to_string().contains("not shown"), "{why}");
    assert!(sim.command(CLEO, GENERAL, "direct", json!({})).await.is_err());
    let heard = sim.command(socrazi_sim::discord::ANA, GENERAL, "admin", json!({})).await.unwrap();
    assert_eq!(heard.error.as_deref(), Some("not_delivered"), "she sees it, but nobody is there");
}
