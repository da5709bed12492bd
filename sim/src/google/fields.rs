//! The parameter `fields`: only these members of an answer, as `items(id,snippet/title),nextPageToken` (dossier google
//! §3).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::problem::Problem;

/// A mask that is longer is refused.
const CHARS_MAX: usize = 2_000;

/// Members to keep; an empty tree keeps everything below.
#[derive(Debug, Default, PartialEq)]
struct Tree(BTreeMap<String, Tree>);

/// What is left of the answer.
pub(super) fn masked(value: Value, fields: &str) -> Result<Value, Problem> {
    let wrong = || Problem::bad("invalidParameter", format!("Invalid field selection {fields}")).domain("global");
    if fields.len() > CHARS_MAX {
        return Err(wrong());
    }
    let mut rest = fields.chars().peekable();
    let tree = tree(&mut rest, 0).filter(|_| rest.next().is_none()).ok_or_else(wrong)?;
    Ok(kept(value, &tree))
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn tree(rest: &mut Chars<'_>, depth: usize) -> Option<Tree> {
    let mut tree = Tree::default();
    loop {
        let (name, below) = member(rest, depth)?;
        tree.0.entry(name).or_default().0.extend(below.0);
        if rest.peek() != Some(&',') {
            return Some(tree);
        }
        rest.next();
    }
}

fn member(rest: &mut Chars<'_>, depth: usize) -> Option<(String, Tree)> {
    const DEPTH_MAX: usize = 12;
    let mut name = String::new();
    while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric() || matches!(c, '*' | '_')) {
        name.push(c);
    }
    if name.is_empty() || depth > DEPTH_MAX {
        return None;
    }
    match rest.peek() {
        Some('/') => {
            rest.next();
            let (below, deeper) = member(rest, depth + 1)?;
            Some((name, Tree(BTreeMap::from([(below, deeper)]))))
        }
        Some('(') => {
            rest.next();
            let below = tree(rest, depth + 1)?;
            (rest.next() == Some(')')).then_some((name, below))
        }
        _ => Some((name, Tree::default())),
    }
}

fn kept(value: Value, tree: &Tree) -> Value {
    if tree.0.is_empty() {
        return value;
    }
    match value {
        Value::Array(items) => items.into_iter().map(|item| kept(item, tree)).collect(),
        Value::Object(fields) => {
            let below = |name: &str| tree.0.get(name).or(tree.0.get("*"));
            let fields =
                fields.into_iter().filter_map(|(name, value)| below(&name).map(|tree| (name, kept(value, tree))));
            Value::Object(fields.collect::<Map<String, Value>>())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_named_is_left() {
        let whole = json!({"items": [{"id": "a", "snippet": {"title": "t", "tags": ["x"]}}], "etag": "e", "kind": "k"});
        let of = |fields: &str| masked(whole.clone(), fields).ok();
        assert_eq!(
            of("items(id,snippet/title),kind"),
            Some(json!({"items": [{"id": "a", "snippet": {"title": "t"}}], "kind": "k"}))
        );
        assert_eq!(of("items/snippet"), Some(json!({"items": [{"snippet": {"title": "t", "tags": ["x"]}}]})));
        assert_eq!(of("*"), Some(whole.clone()));
        for wrong in ["", "items(", "items(id", "items)", ",", "a b"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
