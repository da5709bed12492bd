//! X's words: the official counting vectors, and the sentences in both languages.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use socrazi::platforms::x::count;

/// Looks for a folder beside this package or above it.
fn upward(folder: &str) -> Option<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|above| above.join(folder)).find(|path| path.is_dir())
}

/// Text, weighted length and section of each case: the file's regular layout is read by hand.
fn vectors(yaml: &str) -> Vec<(String, String, usize)> {
    let (mut section, mut text, mut found) = (String::new(), String::new(), Vec::new());
    for line in yaml.lines() {
        if let Some(name) = line.strip_prefix("  ").filter(|name| name.starts_with(char::is_alphabetic)) {
            section = name.trim_end_matches(':').to_owned();
        } else if let Some(quoted) = line.trim_start().strip_prefix("text: ") {
            text = unquote(quoted);
        } else if let Some(length) = line.trim_start().strip_prefix("weightedLength: ") {
            found.push((section.clone(), text.clone(), length.trim().parse().unwrap()));
        }
    }
    found
}

fn unquote(quoted: &str) -> String {
    let inner = quoted.trim().trim_matches('"');
    let (mut out, mut chars) = (String::new(), inner.chars());
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let code = |chars: &mut std::str::Chars<'_>, digits| {
            let hex: String = chars.take(digits).collect();
            char::from_u32(u32::from_str_radix(&hex, 16).unwrap()).unwrap()
        };
        out.push(match chars.next().unwrap() {
            'u' => code(&mut chars, 4),
            'U' => code(&mut chars, 8),
            'n' => '\n',
            other => other,
        });
    }
    out
}

#[test]
fn the_official_vectors_hold() {
    let Some(folder) = upward("shared/specs/x/twitter-text") else {
        println!("skipped: ../shared is not here");
        return;
    };
    let yaml = std::fs::read_to_string(folder.join("validate.yml")).unwrap();
    let cases = vectors(&yaml);
    assert_eq!(cases.len(), 44);
    let mut with_ours = 0;
    for (section, text, expected) in &cases {
        // The first section is for configuration v2, which weighs emoji by code points: the crate must agree on it, and
        // we on its texts without emoji.
        let v2 = section == "WeightedTweetsCounterTest";
        if v2 {
            let counted = twitter_text::parse(text, twitter_text_config::config_v2(), true).weighted_length;
            assert_eq!(usize::try_from(counted).unwrap(), *expected, "{section}: {text}");
        }
        let same_in_v3 = !text.contains(['\u{1F431}', '\u{1F3FD}']) && !text.contains("\u{200D}");
        if !v2 || same_in_v3 {
            assert_eq!(count::length(text), *expected, "{section}: {text}");
            with_ours += 1;
        }
    }
    println!("{} vectors, {with_ours} of them with our own counting", cases.len());
    assert!(with_ours >= 40);
}

/// `say!` calls of the adapter: key and names of arguments.
fn said() -> Vec<(String, BTreeSet<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/platforms/x");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap().to_owned();
        for call in code.split("say!(").skip(1) {
            let mut depth = 1;
            let inner: String = call
                .chars()
                .take_while(|c| {
                    depth += match c {
                        '(' => 1,
                        ')' => -1,
                        _ => 0,
                    };
                    depth > 0
                })
                .collect();
            let key = inner.split('"').nth(1).unwrap().to_owned();
            let args = inner.split(" = ").collect::<Vec<_>>();
            let names = args[..args.len() - 1]
                .iter()
                .map(|before| before.rsplit([' ', ',', '(']).next().unwrap().trim().to_owned());
            found.push((key, names.collect()));
        }
    }
    found
}

/// Messages of a locale file: key and names of variables.
fn written(lang: &str) -> std::collections::BTreeMap<String, BTreeSet<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/platforms/x/{lang}.ftl"));
    let source = std::fs::read_to_string(path).unwrap();
    let parsed = fluent_bundle::FluentResource::try_new(source.clone());
    assert!(parsed.is_ok(), "x/{lang}.ftl is not Fluent: {:?}", parsed.err());
    let entries = source.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())).map(|line| {
        let (key, text) = line.split_once(" = ").unwrap();
        let names = text.split("{ $").skip(1).map(|rest| rest.split(' ').next().unwrap().to_owned());
        (key.to_owned(), names.collect())
    });
    entries.collect()
}

#[test]
fn everything_said_is_written_in_both_languages_with_the_same_arguments() {
    let (en, ja, said) = (written("en"), written("ja"), said());
    assert!(said.len() > 30, "{}", said.len());
    assert_eq!(en.keys().collect::<Vec<_>>(), ja.keys().collect::<Vec<_>>());
    let mut used = BTreeSet::new();
    for (key, args) in &said {
        assert_eq!(en.get(key), Some(args), "en {key}");
        assert_eq!(ja.get(key), Some(args), "ja {key}");
        used.insert(key.clone());
    }
    assert_eq!(used, en.keys().cloned().collect(), "a sentence that nobody says");
}
