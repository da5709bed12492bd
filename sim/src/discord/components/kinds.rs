//! The components of messages, one by one (dossier §7.1).

use serde_json::Value;

use super::{Checker, kind, select};
use crate::discord::content::is_web;

/// Buttons of a row.
const BUTTONS_MAX: usize = 5;
const LABEL_MAX: usize = 80;
const LINK_MAX: usize = 512;
const MEDIA_URL_MAX: usize = 2_048;
const ALT_MAX: usize = 1_024;
const TEXT_MAX: usize = 4_000;
const COLOUR_MAX: u64 = 0xff_ffff;
/// What may stand in a container.
const IN_CONTAINER: [u64; 6] = [kind::ROW, kind::TEXT, kind::SECTION, kind::GALLERY, kind::SEPARATOR, kind::FILE];

/// One component at a place where these may stand.
pub(super) fn check(checker: &mut Checker<'_>, component: &Value, path: &str, allowed: &[u64]) {
    let Some(found) = checker.kind(component, path, allowed) else { return };
    match found {
        kind::ROW => row(checker, component, path),
        kind::BUTTON => button(checker, component, path),
        kind::SECTION => {
            for (at, text) in checker.list(component, "components", path, (1, 3)).iter().enumerate() {
                check(checker, text, &format!("{path}.components.{at}"), &[kind::TEXT]);
            }
            match component.get("accessory") {
                None | Some(Value::Null) => checker.form.required(&format!("{path}.accessory")),
                Some(accessory) => {
                    check(checker, accessory, &format!("{path}.accessory"), &[kind::BUTTON, kind::THUMBNAIL]);
                }
            }
        }
        kind::TEXT => checker.chars += checker.text(component, "content", path, (1, TEXT_MAX, true)),
        kind::THUMBNAIL => item(checker, component, path),
        kind::GALLERY => {
            for (at, shown) in checker.list(component, "items", path, (1, 10)).iter().enumerate() {
                item(checker, shown, &format!("{path}.items.{at}"));
            }
        }
        kind::FILE => {
            media(checker, component, "file", path, Source::FileOnly);
            checker.flag(component, "spoiler", path);
        }
        kind::SEPARATOR => {
            checker.flag(component, "divider", path);
            checker.number(component, "spacing", path, (1, 2));
        }
        kind::CONTAINER => {
            checker.number(component, "accent_color", path, (0, COLOUR_MAX));
            checker.flag(component, "spoiler", path);
            let inside = checker.list(component, "components", path, (1, super::COMPONENTS_MAX));
            for (at, child) in inside.iter().enumerate() {
                check(checker, child, &format!("{path}.components.{at}"), &IN_CONTAINER);
            }
        }
        _ => select::check(checker, component, path, found),
    }
}

/// One to five buttons, or one select.
fn row(checker: &mut Checker<'_>, component: &Value, path: &str) {
    let inside = checker.list(component, "components", path, (1, BUTTONS_MAX));
    let is_select = |child: &Value| child["type"].as_u64().is_some_and(|kind| (3..=8).contains(&kind) && kind != 4);
    if inside.len() > 1 && inside.iter().any(is_select) {
        checker.form.fault(
            &format!("{path}.components"),
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "The specified component exceeds the maximum width",
        );
    }
    for (at, child) in inside.iter().enumerate() {
        let at = format!("{path}.components.{at}");
        check(
            checker,
            child,
            &at,
            &[
                kind::BUTTON,
                kind::STRING_SELECT,
                kind::USER_SELECT,
                kind::ROLE_SELECT,
                kind::MENTIONABLE_SELECT,
                kind::CHANNEL_SELECT,
            ],
        );
    }
}

fn button(checker: &mut Checker<'_>, component: &Value, path: &str) {
    let Some(style) = component["style"].as_u64().filter(|style| (1..=6).contains(style)) else {
        return checker.form.choice(&format!("{path}.style"), "1, 2, 3, 4, 5, 6");
    };
    checker.text(component, "label", path, (0, LABEL_MAX, false));
    checker.flag(component, "disabled", path);
    let has = |name: &str| component.get(name).is_some_and(|value| !value.is_null() && value != "");
    let forbidden: &[&str] = match style {
        5 => &["custom_id", "sku_id"],
        6 => &["custom_id", "url", "label", "emoji"],
        _ => &["url", "sku_id"],
    };
    for name in forbidden.iter().filter(|name| has(name)) {
        checker.form.fault(
            &format!("{path}.{name}"),
            "BASE_TYPE_FORBIDDEN",
            format!("A button of style {style} has no {name}."),
        );
    }
    match style {
        5 => {
            checker.text(component, "url", path, (1, LINK_MAX, true));
            if let Some(url) = component["url"].as_str().filter(|url| !url.is_empty() && !is_web(url))
                && !url.starts_with("discord://")
            {
                checker.form.fault(
                    &format!("{path}.url"),
                    "URL_TYPE_INVALID_SCHEME",
                    format!("Scheme \"{url}\" is not supported. Scheme must be one of ('http', 'https', 'discord')."),
                );
            }
        }
        6 if !has("sku_id") => checker.form.required(&format!("{path}.sku_id")),
        6 => {}
        _ => checker.custom_id(component, path),
    }
    if style != 6 && !has("label") && !has("emoji") {
        checker.form.fault(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A button must have a label or an emoji");
    }
    emoji(checker, component, path);
}

/// An emoji of Unicode by name, or one of a server by id.
pub(super) fn emoji(checker: &mut Checker<'_>, component: &Value, path: &str) {
    let Some(emoji) = component.get("emoji").filter(|emoji| !emoji.is_null()) else { return };
    let name = emoji["name"].as_str().unwrap_or_default();
    let is_known = !name.is_empty() && name.chars().any(|c| !c.is_ascii_alphabetic());
    if emoji["id"].is_null() && !is_known {
        checker.form.fault(&format!("{path}.emoji"), "COMPONENT_INVALID_EMOJI", "Invalid emoji");
    }
}

/// Where media may come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// From a file of the message alone.
    FileOnly,
    /// From the web too.
    Any,
}

/// A thumbnail, or one thing of a gallery.
fn item(checker: &mut Checker<'_>, component: &Value, path: &str) {
    media(checker, component, "media", path, Source::Any);
    checker.text(component, "description", path, (1, ALT_MAX, false));
    checker.flag(component, "spoiler", path);
}

fn media(checker: &mut Checker<'_>, component: &Value, name: &str, path: &str, source: Source) {
    let at = format!("{path}.{name}.url");
    let Some(url) = component[name]["url"].as_str() else {
        return checker.form.required(&at);
    };
    if url.len() > MEDIA_URL_MAX {
        checker.form.too_long(&at, MEDIA_URL_MAX);
    }
    match url.strip_prefix("attachment://") {
        Some(file) if checker.names.iter().any(|known| known == file) => {}
        Some(_) => checker.form.fault(
            &at,
            "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
            "The referenced attachment was not found",
        ),
        None if source == Source::Any && is_web(url) => {}
        None => checker.form.fault(
            &at,
            "URL_TYPE_INVALID_SCHEME",
            format!("Scheme \"{url}\" is not supported. Scheme must be one of ('http', 'https', 'attachment')."),
        ),
    }
}
