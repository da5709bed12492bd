//! The published vectors of twitter-text, read from the shared specifications when they are there.

use std::path::PathBuf;

use super::super::links::find_links;
use super::*;

fn sure<T>(value: Option<T>) -> T {
    let Some(value) = value else { panic!("the vector files changed their form") };
    value
}

fn spec(name: &str) -> Option<String> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let file = here.ancestors().map(|up| up.join("shared/specs/x/twitter-text").join(name)).find(|file| file.is_file());
    match file {
        Some(file) => Some(sure(std::fs::read_to_string(file).ok())),
        None => {
            println!("skipped: shared/specs/x/twitter-text/{name} is not beside this workspace");
            None
        }
    }
}

/// A double-quoted or plain YAML scalar: all that the vector files use.
fn scalar(raw: &str) -> String {
    let raw = raw.trim();
    if let Some(single) = raw.strip_prefix('\'').and_then(|r| r.strip_suffix('\'')) {
        return single.replace("''", "'");
    }
    let Some(inner) = raw.strip_prefix('"').and_then(|r| r.strip_suffix('"')) else {
        return raw.to_owned();
    };
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let escape = sure(chars.next());
        let digits = match escape {
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let hex: String = chars.by_ref().take(digits).collect();
            out.push(sure(u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32)));
        } else {
            out.push(match escape {
                'n' => '\n',
                't' => '\t',
                same => same,
            });
        }
    }
    out
}

/// One vector: its section, name, text, and the lines below `expected`.
struct Vector {
    section: String,
    name: String,
    text: String,
    expected: Vec<String>,
}

fn vectors(file: &str) -> Vec<Vector> {
    let mut section = String::new();
    let mut found: Vec<Vector> = Vec::new();
    for line in file.lines().filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty()) {
        let body = line.trim();
        let indent = line.len() - line.trim_start().len();
        if indent == 2 && body.ends_with(':') && !body.starts_with('-') {
            section = body.trim_end_matches(':').to_owned();
        } else if let Some(name) = body.strip_prefix("- description:") {
            let vector = Vector { section: section.clone(), name: scalar(name), text: String::new(), expected: vec![] };
            found.push(vector);
        } else if let Some(vector) = found.last_mut() {
            match body.strip_prefix("text:") {
                Some(text) => vector.text = scalar(text),
                None => vector.expected.push(body.to_owned()),
            }
        }
    }
    found
}

fn check(section: &str, rule: EmojiRule) -> Option<(usize, usize)> {
    let file = spec("validate.yml")?;
    let all: Vec<Vector> = vectors(&file).into_iter().filter(|v| v.section == section).collect();
    let right = all.iter().filter(|vector| {
        let field = |name: &str| {
            vector.expected.iter().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
        };
        let counted = weigh_by(&vector.text, rule);
        let same = field("weightedLength:") == Some(counted.weight.to_string())
            && field("valid:") == Some(counted.valid.to_string())
            && field("permillage:") == Some(counted.permillage.to_string());
        if !same {
            println!("{section}: {}: {counted:?}, expected {:?}", vector.name, vector.expected);
        }
        same
    });
    let right = right.count();
    println!("{section}: {right} of {} vectors", all.len());
    Some((right, all.len()))
}

#[test]
fn published_weights_agree() {
    for (section, rule) in [
        ("WeightedTweetsWithDiscountedEmojiCounterTest", EmojiRule::Sequence),
        ("WeightedTweetsCounterTest", EmojiRule::CodePoints),
        ("UnicodeDirectionalMarkerCounterTest", EmojiRule::Sequence),
    ] {
        let Some((right, all)) = check(section, rule) else {
            return;
        };
        assert!(all > 0, "no vectors in {section}");
        assert_eq!(right, all, "{section}");
    }
}

#[test]
fn published_links_agree() {
    for (name, sections) in [
        ("extract.yml", vec!["urls", "urls_with_directional_markers", "tco_urls_with_params"]),
        ("tlds.yml", vec!["country", "generic"]),
    ] {
        let Some(file) = spec(name) else { return };
        let (mut right, mut all) = (0, 0);
        for vector in vectors(&file).into_iter().filter(|v| sections.contains(&v.section.as_str())) {
            let chars: Vec<char> = vector.text.chars().collect();
            let links: Vec<String> = find_links(&chars).into_iter().map(|at| chars[at].iter().collect()).collect();
            let expected = expected_links(&vector.expected);
            all += 1;
            if links == expected {
                right += 1;
            } else {
                println!("{name}: {}: found {links:?}, expected {expected:?}", vector.name);
            }
        }
        println!("{name}: {right} of {all} vectors");
        assert_eq!(right, all, "{name}");
    }
}

fn expected_links(lines: &[String]) -> Vec<String> {
    let joined = lines.join("\n");
    let body = joined.strip_prefix("expected:").unwrap_or(&joined).trim();
    if let Some(list) = body.strip_prefix('[').and_then(|b| b.strip_suffix(']')) {
        return list
            .split("\", \"")
            .map(|item| scalar(&format!("\"{}\"", item.trim().trim_matches('"'))))
            .filter(|item| !item.is_empty())
            .collect();
    }
    body.lines()
        .filter_map(|line| line.trim().strip_prefix("- "))
        .map(|item| scalar(item.strip_prefix("url:").unwrap_or(item)))
        .collect()
}

#[test]
fn the_dossier_examples_hold() {
    assert_eq!(weigh("Hi http://test.co").weight, 26);
    assert_eq!(weigh("Hello, world! 😷").weight, 16);
    assert!(weigh(&"字".repeat(140)).valid);
    assert_eq!(weigh(&"字".repeat(141)), Weighed { weight: 282, valid: false, permillage: 1007 });
    assert_eq!(weigh("…").weight, 2);
    assert_eq!(weigh("“–”").weight, 3);
    assert!(!weigh("").valid);
}
