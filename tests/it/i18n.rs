//! Every sentence exists in both languages, with the same arguments, and every key that code names is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use socrazi::domain::delivery::State;
use socrazi::domain::lang::Lang;
use socrazi::i18n::{FILES, Words};

/// Keys with the arguments their texts use.
fn messages(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    let mut key = String::new();
    for (of, files) in FILES {
        for line in files.iter().filter(|_| of == lang).flat_map(|text| text.lines()) {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            if !line.starts_with([' ', '}', '*', '[']) {
                key = line.split_once('=').unwrap_or_else(|| panic!("{line:?} is no message")).0.trim().to_owned();
                let is_new = found.insert(key.clone(), BTreeSet::new()).is_none();
                assert!(is_new, "{key} is there twice in {}", lang.tag());
            }
            for piece in line.split("{ $").skip(1) {
                let name: String = piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                found.entry(key.clone()).or_default().insert(name);
            }
        }
    }
    found
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs" || end == "html") {
            found.push(path);
        }
    }
}

/// What follows each `before` up to the next quote.
fn quoted<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    text.split(before).skip(1).filter_map(|rest| rest.split_once('"').map(|(key, _)| key)).collect()
}

#[test]
fn both_languages_say_the_same_things_with_the_same_arguments() {
    let (en, ja) = (messages(Lang::En), messages(Lang::Ja));
    assert!(en.len() > 150, "only {} sentences were read", en.len());
    let only = |a: &BTreeMap<String, BTreeSet<String>>, b: &BTreeMap<String, BTreeSet<String>>| {
        a.keys().filter(|key| !b.contains_key(*key)).cloned().collect::<Vec<_>>()
    };
    assert_eq!((only(&en, &ja), only(&ja, &en)), (Vec::new(), Vec::new()));
    for (key, arguments) in &en {
        assert_eq!(Some(arguments), ja.get(key), "{key}");
    }
}

#[test]
fn every_key_that_code_and_pages_name_exists() {
    let known = messages(Lang::En);
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tools", "templates"] {
        sources(&top.join(folder), &mut files);
    }
    let mut seen = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        // Rustfmt may break the call before its first argument.
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .map(str::trim)
            .collect::<Vec<_>>()
            .join("");
        let named =
            ["say!(\"", "page.t(\"", "self.t(\"", ".text(lang, \""].iter().flat_map(|before| quoted(&code, before));
        for key in named {
            seen += 1;
            assert!(known.contains_key(key), "{}: {key:?} is in no file of locales/", file.display());
        }
    }
    assert!(seen > 150, "only {seen} keys were found; does this test still read the code?");
}

#[test]
fn every_state_has_a_wording_and_an_unknown_outcome_is_never_called_failed() {
    let words = Words::load();
    for state in State::ALL {
        for lang in Lang::ALL {
            let said = words.say(lang, &state.wording());
            assert!(!said.starts_with("delivery-state"), "{said}");
            if state != State::Failed {
                assert!(!said.to_lowercase().contains("fail") && !said.contains("失敗"), "{state:?}: {said}");
            }
        }
    }
}
