//! Rules about single files and the words in them: size, first line, banned calls and attributes, names of machines and registries,
//! migrations. Who may name whom is in `rooms.rs`.

use std::collections::BTreeSet;

use super::source::{self, File, line_of, words};
use super::{everywhere, judge, prove};

/// The cap on a Rust file (STYLE §7.9): past it nobody holds the whole file in mind.
const LINES_MAX: usize = 600;

fn is_too_long(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    let is_over = file.is_rust() && lines > LINES_MAX;
    is_over.then(|| format!("{} has {lines} lines, at most {LINES_MAX} are allowed", file.path)).into_iter().collect()
}

fn opens_without_saying_what_it_is(file: &File) -> Vec<String> {
    let is_silent = file.is_rust() && !file.text.starts_with("//!");
    is_silent.then(|| format!("{}:1: does not open with `//!`", file.path)).into_iter().collect()
}

/// Finds calls like `.name(`, however the chain is broken over lines.
fn calls_a_method(file: &File, code: &str, methods: &[&str]) -> Vec<String> {
    let is_call = |at: usize, word: &str| {
        methods.contains(&word)
            && code[..at].trim_end().ends_with(['.', ':'])
            && code[at + word.len()..].trim_start().starts_with('(')
    };
    let found = words(code).into_iter().filter(|(at, word)| is_call(*at, word));
    found.map(|(at, word)| format!("{}:{}: calls `{word}`", file.path, line_of(code, at))).collect()
}

fn may_panic(file: &File) -> Vec<String> {
    if file.is_server() { calls_a_method(file, &file.shipped(), &["unwrap", "expect"]) } else { Vec::new() }
}

fn is_unfinished(file: &File) -> Vec<String> {
    if !file.is_rust() {
        return Vec::new();
    }
    let code = file.code();
    let is_macro =
        |at: usize, word: &str| matches!(word, "todo" | "unimplemented") && code[at + word.len()..].starts_with('!');
    let found = words(&code).into_iter().filter(|(at, word)| is_macro(*at, word));
    found.map(|(at, word)| format!("{}:{}: `{word}!`", file.path, line_of(&code, at))).collect()
}

/// Attributes that switch a check or a test off without a reason.
fn switches_a_check_off(file: &File) -> Vec<String> {
    const BANNED: [&str; 3] = ["allow", "ignore", "should_panic"];
    if !file.is_rust() {
        return Vec::new();
    }
    let code = file.code();
    let attributes = code.match_indices('#').filter_map(|(at, _)| {
        let inside = code[at + 1..].strip_prefix('!').unwrap_or(&code[at + 1..]).strip_prefix('[')?;
        Some((at, &inside[..inside.find(']').unwrap_or(inside.len())]))
    });
    let banned = attributes.filter_map(|(at, inside)| {
        let is_conditional = inside.trim_start().starts_with("cfg_attr");
        let depth = if is_conditional { usize::MAX } else { 1 };
        let word = words(inside).into_iter().take(depth).map(|(_, word)| word).find(|word| BANNED.contains(word))?;
        Some((at, word))
    });
    banned.map(|(at, word)| format!("{}:{}: `#[{word}]`", file.path, line_of(&code, at))).collect()
}

/// What is true on one machine only, or names the place packages come from. Built from pieces: this file is searched too.
fn names_one_machine(file: &File) -> Vec<String> {
    let homes = ["work", "root", "home"].map(|folder| format!("/{folder}/"));
    let registries = [
        ["index.crates", "io"],
        ["static.crates", "io"],
        ["registry.npmjs", "org"],
        ["pypi", "org"],
        ["pythonhosted", "org"],
        ["deb.debian", "org"],
    ]
    .map(|pieces| pieces.join("."));
    if file.path == "Cargo.lock" {
        return Vec::new(); // written by cargo, which names its registry
    }
    let mut found = Vec::new();
    for (n, line) in file.text.lines().enumerate() {
        // `https://host/home/` and `../work/` are no places on this machine.
        let is_absolute = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-)}$*".contains(c));
        let homes = homes.iter().filter(|home| line.match_indices(home.as_str()).any(|(at, _)| is_absolute(at)));
        let registries = registries.iter().filter(|host| line.contains(host.as_str()));
        found.extend(homes.chain(registries).map(|what| format!("{}:{}: names `{what}`", file.path, n + 1)));
    }
    found
}

/// `0003_posts.sql` → `0003`.
fn versions(paths: &[&str], folder: &str) -> BTreeSet<String> {
    let inside = paths.iter().filter_map(|path| path.strip_prefix(folder)?.strip_suffix(".sql"));
    inside.map(|name| name.split('_').next().unwrap_or(name).to_owned()).collect()
}

fn migrations_differ(paths: &[&str]) -> Vec<String> {
    let (sqlite, postgres) = (versions(paths, "migrations/sqlite/"), versions(paths, "migrations/postgres/"));
    let missing = |have: &BTreeSet<String>, want: &BTreeSet<String>, folder: &str| -> Vec<String> {
        want.difference(have).map(|version| format!("migrations/{folder} has no {version}")).collect()
    };
    let backward = paths.iter().filter(|path| path.starts_with("migrations/") && path.ends_with(".down.sql"));
    let backward = backward.map(|path| format!("{path}: migrations only go forward"));
    [missing(&sqlite, &postgres, "sqlite"), missing(&postgres, &sqlite, "postgres"), backward.collect()].concat()
}

#[test]
fn no_file_is_longer_than_a_person_holds_in_mind() {
    let long = "//! long\n".repeat(LINES_MAX + 1);
    prove(is_too_long, &[("src/a.rs", &long)], &[("src/a.rs", "//! short"), ("locales/a.ftl", &long)]);
    judge(&everywhere(is_too_long), "Split it by what it is about, not by what kind of thing it holds.");
}

#[test]
fn every_file_opens_by_saying_what_lives_in_it() {
    prove(
        opens_without_saying_what_it_is,
        &[("sim/src/a.rs", "use std::fmt;")],
        &[("src/a.rs", "//! Words."), ("a.md", "# a")],
    );
    judge(&everywhere(opens_without_saying_what_it_is), "Begin with `//!`: what lives here and what does not.");
}

#[test]
fn the_server_has_no_call_that_panics_instead_of_answering() {
    let bad = [
        ("src/a.rs", "fn a() { b()\n    .unwrap(); }"),
        ("tools/a.rs", "fn a() { b().expect(\"always\"); }"),
        ("tools/a.rs", "fn a() { c.map(Option::unwrap(d)); }"),
    ];
    let good = [
        ("src/a.rs", "fn a() { b().unwrap_or_default(); } // .unwrap()"),
        ("src/a.rs", "#[cfg(test)] mod tests { fn a() { b().unwrap(); } }"),
        ("src/a.rs", "#![expect(clippy::all, reason = \"why\")]"),
        ("tests/it/a.rs", "fn a() { b().unwrap(); }"),
    ];
    prove(may_panic, &bad, &good);
    judge(&everywhere(may_panic), "Say what went wrong: `?` with an error that names its reader (STYLE §7.4).");
}

#[test]
fn nothing_is_left_unfinished() {
    let mark = "todo";
    let bad = format!("fn a() {{ {mark}!() }}");
    prove(is_unfinished, &[("sim/src/a.rs", &bad)], &[("src/a.rs", "let todo = 1; if todo != 2 { \"todo!\" }")]);
    judge(&everywhere(is_unfinished), "Write it, or leave out what calls it.");
}

#[test]
fn no_check_and_no_test_is_switched_off() {
    let bad = [
        ("src/a.rs", "#[allow(dead_code)] fn a() {}"),
        ("src/a.rs", "#![allow(clippy::all)]"),
        ("tests/it/a.rs", "#[test]\n#![ignore = \"slow\"]\nfn a() {}"),
        ("tests/it/a.rs", "#[test]\n#[should_panic]\nfn a() {}"),
        ("src/a.rs", "#[cfg_attr(test, allow(dead_code))] fn a() {}"),
    ];
    let good = [
        ("src/a.rs", "#[expect(dead_code, reason = \"why\")] fn a() {} // #[allow(x)]"),
        ("src/a.rs", "#[derive(Debug)] struct A { allow: bool } fn b(allow: bool) -> [u8; 1] { [1] }"),
    ];
    prove(switches_a_check_off, &bad, &good);
    judge(&everywhere(switches_a_check_off), "Use #[expect(lint, reason = \"…\")] for a lint; mend or delete a test.");
}

#[test]
fn no_file_names_a_folder_of_one_machine_or_the_host_of_a_registry() {
    let (home, host) = (["", "home", "me"].join("/"), ["pypi", "org"].join("."));
    let bad = [
        ("a.md", format!("see {home}/data")),
        ("a.toml", format!("path = \"{home}/x\"")),
        ("tests/run", format!("pip -i https://{host}/simple")),
    ];
    let good = [
        ("a.md", "https://x.com/home/ and ../work/ and target/work/x".to_owned()),
        ("Cargo.lock", format!("https://{host}")),
    ];
    let bad = bad.each_ref().map(|(path, text)| (*path, text.as_str()));
    let good = good.each_ref().map(|(path, text)| (*path, text.as_str()));
    prove(names_one_machine, &bad, &good);
    judge(
        &everywhere(names_one_machine),
        "Write paths from the top of the tree, and let the ordinary client find its registry.",
    );
}

#[test]
fn both_databases_have_the_same_migrations() {
    assert_eq!(migrations_differ(&["migrations/sqlite/0001_a.sql", "migrations/postgres/0002_a.sql"]).len(), 2);
    assert_eq!(migrations_differ(&["migrations/sqlite/0001_a.down.sql", "migrations/postgres/0001_a.sql"]).len(), 1);
    assert!(migrations_differ(&["migrations/sqlite/0001_a.sql", "migrations/postgres/0001_b.sql"]).is_empty());
    let files = source::tree();
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    judge(
        &migrations_differ(&paths),
        "One number, two texts: add the missing file, even when it has nothing to do there.",
    );
}
