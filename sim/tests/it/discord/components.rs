//! Components and modals, just inside and just outside of every limit.

use serde_json::{Value, json};
use socrazi_sim::discord::{check_message, check_modal};

fn button(id: &str) -> Value {
    json!({ "type": 2, "style": 1, "label": "l", "custom_id": id })
}

fn row(children: Vec<Value>) -> Value {
    json!({ "type": 1, "components": children })
}

fn buttons(number: usize, name: &str) -> Value {
    row((0..number).map(|at| button(&format!("{name}{at}"))).collect())
}

fn legacy(components: &Value) -> Result<(), Value> {
    check_message(&json!({ "content": "x", "components": components }), &[])
}

fn second(components: &Value) -> Result<(), Value> {
    check_message(&json!({ "flags": 32_768, "components": components }), &["a.png"])
}

fn text(length: usize) -> Value {
    json!({ "type": 10, "content": "x".repeat(length) })
}

/// All codes in a refusal.
fn codes(refused: Result<(), Value>) -> String {
    refused.err().map(|refused| refused.to_string()).unwrap_or_default()
}

#[test]
fn rows_and_buttons_have_limits() {
    let rows = |number: usize| json!((0..number).map(|at| buttons(1, &format!("r{at}-"))).collect::<Vec<_>>());
    let one = |button: Value| json!([row(vec![button])]);
    let labelled = |length: usize| one(json!({ "type": 2, "style": 1, "label": "x".repeat(length), "custom_id": "c" }));
    let named = |length: usize| one(button(&"x".repeat(length)));
    let link = |url: String| one(json!({ "type": 2, "style": 5, "label": "l", "url": url }));
    let long = |length: usize| format!("https://socrazi.example/{}", "x".repeat(length - 24));
    for (good, bad, code) in [
        (rows(5), rows(6), "BASE_TYPE_BAD_LENGTH"),
        (json!([buttons(5, "b")]), json!([buttons(6, "b")]), "BASE_TYPE_BAD_LENGTH"),
        (json!([buttons(1, "b")]), json!([row(vec![])]), "BASE_TYPE_BAD_LENGTH"),
        (labelled(80), labelled(81), "BASE_TYPE_MAX_LENGTH"),
        (named(100), named(101), "BASE_TYPE_BAD_LENGTH"),
        (named(1), named(0), "BASE_TYPE_REQUIRED"),
        (link(long(512)), link(long(513)), "BASE_TYPE_BAD_LENGTH"),
        (link(long(30)), link("javascript:alert(1)".to_owned()), "URL_TYPE_INVALID_SCHEME"),
        (one(button("a")), one(json!({ "type": 2, "style": 7, "label": "l", "custom_id": "c" })), "BASE_TYPE_CHOICES"),
        (one(button("a")), one(json!({ "type": 2, "style": 1, "label": "l" })), "BASE_TYPE_REQUIRED"),
        (
            one(button("a")),
            one(json!({ "type": 2, "style": 1, "custom_id": "c" })),
            "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED",
        ),
        (
            one(json!({ "type": 2, "style": 1, "emoji": { "name": "✅" }, "custom_id": "c" })),
            one(json!({ "type": 2, "style": 1, "label": "l", "emoji": { "name": "check" }, "custom_id": "c" })),
            "COMPONENT_INVALID_EMOJI",
        ),
        (
            one(button("a")),
            one(json!({ "type": 2, "style": 5, "label": "l", "url": long(30), "custom_id": "c" })),
            "BASE_TYPE_FORBIDDEN",
        ),
        (
            json!([row(vec![button("a"), button("b")])]),
            json!([row(vec![button("a"), button("a")])]),
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (json!([buttons(1, "b")]), json!([text(1)]), "UNION_TYPE_CHOICES"),
        (json!([buttons(1, "b")]), json!([button("a")]), "UNION_TYPE_CHOICES"),
    ] {
        assert_eq!(legacy(&good), Ok(()), "{good}");
        assert!(codes(legacy(&bad)).contains(code), "{bad}: {}", codes(legacy(&bad)));
    }
}

#[test]
fn selects_have_limits() {
    let option = |at: usize| json!({ "label": format!("l{at}"), "value": format!("v{at}") });
    let of = |more: Value| {
        let mut select = json!({ "type": 3, "custom_id": "s", "options": [option(0), option(1)] });
        for (name, value) in more.as_object().into_iter().flatten() {
            select[name] = value.clone();
        }
        json!([row(vec![select])])
    };
    let options = |number: usize| of(json!({ "options": (0..number).map(option).collect::<Vec<_>>() }));
    let worded = |name: &str, length: usize| {
        let mut option = json!({ "label": "l", "value": "v" });
        option[name] = json!("x".repeat(length));
        of(json!({ "options": [option] }))
    };
    for (good, bad) in [
        (options(1), options(0)),
        (options(25), options(26)),
        (worded("label", 100), worded("label", 101)),
        (worded("value", 100), worded("value", 101)),
        (worded("description", 100), worded("description", 101)),
        (of(json!({ "placeholder": "x".repeat(150) })), of(json!({ "placeholder": "x".repeat(151) }))),
        (of(json!({ "min_values": 0, "max_values": 2 })), of(json!({ "max_values": 3 }))),
        (of(json!({ "min_values": 1 })), of(json!({ "min_values": 2 }))),
        (of(json!({})), of(json!({ "options": [option(0), option(0)] }))),
        (of(json!({})), json!([row(vec![of(json!({}))[0]["components"][0].clone(), button("b")])])),
        (
            json!([row(vec![json!({ "type": 5, "custom_id": "u", "max_values": 25 })])]),
            json!([row(vec![json!({ "type": 5, "custom_id": "u", "max_values": 26 })])]),
        ),
    ] {
        assert_eq!(legacy(&good), Ok(()), "{good}");
        assert!(legacy(&bad).is_err(), "{bad}");
    }
}

#[test]
fn forty_components_and_four_thousand_characters_are_enough() {
    let texts = |number: usize| json!((0..number).map(|_| text(1)).collect::<Vec<_>>());
    assert_eq!(second(&texts(40)), Ok(()));
    assert!(codes(second(&texts(41))).contains("BASE_TYPE_BAD_LENGTH"));
    let nested = |number: usize| json!([{ "type": 17, "components": texts(number) }]);
    assert_eq!(second(&nested(39)), Ok(()), "what is inside is counted");
    assert!(second(&nested(40)).is_err());
    assert_eq!(second(&json!([text(2_000), text(2_000)])), Ok(()));
    assert!(codes(second(&json!([text(2_000), text(2_001)]))).contains("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"));
    for (name, value) in [("content", json!("x")), ("embeds", json!([{ "title": "t" }]))] {
        let mut body = json!({ "flags": 32_768, "components": [text(1)] });
        body[name] = value;
        assert!(codes(check_message(&body, &[])).contains("MESSAGE_CANNOT_USE_LEGACY_FIELDS"), "{body}");
    }
    assert_eq!(check_message(&json!({ "flags": 32_768 }), &["a.png"]).unwrap_err()["code"], 50006);
}

#[test]
fn every_kind_has_its_place() {
    let media = |url: &str| json!({ "media": { "url": url } });
    let gallery = |number: usize| json!([{ "type": 12, "items": vec![media("attachment://a.png"); number] }]);
    let section = |texts: usize, accessory: Value| json!([{ "type": 9, "components": (0..texts).map(|_| text(1)).collect::<Vec<_>>(), "accessory": accessory }]);
    let thumbnail = json!({ "type": 11, "media": { "url": "https://socrazi.example/a.png" }, "description": "alt" });
    let container = |child: Value| json!([{ "type": 17, "accent_color": 0xff_ffff, "components": [child] }]);
    for (good, bad) in [
        (gallery(1), gallery(0)),
        (gallery(10), gallery(11)),
        (gallery(1), json!([{ "type": 12, "items": [media("attachment://b.png")] }])),
        (section(1, button("a")), section(0, button("a"))),
        (section(3, thumbnail.clone()), section(4, thumbnail.clone())),
        (section(1, thumbnail.clone()), section(1, Value::Null)),
        (section(1, thumbnail.clone()), section(1, text(1))),
        (container(gallery(1)[0].clone()), container(container(text(1))[0].clone())),
        (container(text(1)), container(thumbnail)),
        (container(buttons(1, "b")), json!([{ "type": 17, "accent_color": 0x0100_0000, "components": [text(1)] }])),
        (container(text(1)), json!([{ "type": 17, "components": [] }])),
        (json!([{ "type": 14, "spacing": 2, "divider": false }, text(1)]), json!([{ "type": 14, "spacing": 3 }])),
        (
            json!([{ "type": 13, "file": { "url": "attachment://a.png" } }]),
            json!([{ "type": 13, "file": { "url": "https://socrazi.example/a.png" } }]),
        ),
        (json!([text(1)]), json!([text(0)])),
        (json!([text(1)]), json!([{ "type": 18, "label": "l", "component": button("a") }])),
        (
            json!([{ "type": 10, "id": 7, "content": "x" }, text(1)]),
            json!([{ "type": 10, "id": 7, "content": "x" }, { "type": 10, "id": 7, "content": "x" }]),
        ),
    ] {
        assert_eq!(second(&good), Ok(()), "{good}");
        assert!(second(&bad).is_err(), "{bad}");
    }
}

#[test]
fn modals_have_one_to_five_things_in_them() {
    let input = |more: Value| {
        let mut input = json!({ "type": 4, "custom_id": "body", "style": 2 });
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        input
    };
    let label = |component: Value| json!({ "type": 18, "label": "Text", "component": component });
    let modal = |title: usize, components: Vec<Value>| json!({ "custom_id": "m", "title": "x".repeat(title), "components": components });
    let with = |more: Value| modal(1, vec![label(input(more))]);
    let many = |number: usize| {
        modal(1, (0..number).map(|at| label(input(json!({ "custom_id": format!("i{at}") })))).collect())
    };
    let old = |more: Value| modal(1, vec![row(vec![input(more)])]);
    let group = |kind: u64, number: usize| {
        let options: Vec<Value> = (0..number).map(|at| json!({ "label": "l", "value": format!("{at}") })).collect();
        modal(1, vec![label(json!({ "type": kind, "custom_id": "g", "options": options }))])
    };
    for (good, bad) in [
        (modal(45, vec![label(input(json!({})))]), modal(46, vec![label(input(json!({})))])),
        (many(1), many(0)),
        (many(5), many(6)),
        (with(json!({ "max_length": 4_000 })), with(json!({ "max_length": 4_001 }))),
        (with(json!({ "min_length": 2, "max_length": 3 })), with(json!({ "min_length": 4, "max_length": 3 }))),
        (with(json!({ "value": "x".repeat(4_000) })), with(json!({ "value": "x".repeat(4_001) }))),
        (with(json!({ "value": "xxx", "max_length": 3 })), with(json!({ "value": "xxxx", "max_length": 3 }))),
        (with(json!({ "placeholder": "x".repeat(100) })), with(json!({ "placeholder": "x".repeat(101) }))),
        (with(json!({})), with(json!({ "label": "Text" }))),
        (with(json!({})), with(json!({ "style": 3 }))),
        (old(json!({ "label": "x".repeat(45) })), old(json!({ "label": "x".repeat(46) }))),
        (old(json!({ "label": "Text" })), old(json!({}))),
        (with(json!({})), modal(1, vec![row(vec![button("a")])])),
        (with(json!({})), modal(1, vec![label(button("a"))])),
        (group(21, 2), group(21, 1)),
        (group(21, 10), group(21, 11)),
        (group(22, 1), group(22, 0)),
        (
            modal(1, vec![label(json!({ "type": 19, "custom_id": "f", "max_values": 10 }))]),
            modal(1, vec![label(json!({ "type": 19, "custom_id": "f", "max_values": 11 }))]),
        ),
        (
            modal(1, vec![label(json!({ "type": 5, "custom_id": "u" }))]),
            modal(1, vec![label(json!({ "type": 5, "custom_id": "u", "disabled": true }))]),
        ),
        (with(json!({})), json!({ "title": "x", "components": [label(input(json!({})))] })),
    ] {
        assert_eq!(check_modal(&good), Ok(()), "{good}");
        assert!(check_modal(&bad).is_err(), "{bad}");
    }
}
