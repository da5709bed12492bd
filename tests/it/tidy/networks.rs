//! Adding a network costs its folder and one line of the table (ARCHITECTURE, how to add): no other file of the server may name one.

use std::collections::BTreeSet;

use socrazi::config::keys;
use socrazi::domain::network::Network;
use socrazi::domain::setting::Kind;
use socrazi::platforms::kit;

use super::source::{File, line_of, words};
use super::{everywhere, judge, prove};

/// Files that name networks, and why a new network needs no line there.
const EXCEPTIONS: [(&str, &str); 7] = [
    (
        "src/domain/post.rs",
        "choices that one network alone has are words of the tools' contract, hashed with what is approved; without any it has no line",
    ),
    ("src/domain/google.rs", "channels of YouTube's are accounts whose tokens are a Google account's"),
    ("src/store/accounts.rs", "a channel's scopes are those of its Google account, found in one statement"),
    ("src/analytics/quota.rs", "a quota of Google's that is called like the network"),
    ("src/app/meta.rs", "callbacks that Meta signs with the secret of one of its apps"),
    ("src/app/tiktok.rs", "TikTok's webhook"),
    ("src/cli/demo/", "names the simulators that it starts"),
];

/// A network by its variant, its folder, its slug as a literal, or one of its keys.
fn names_a_network(file: &File) -> Vec<String> {
    let is_page = file.path.starts_with("templates/") || file.path.starts_with("assets/");
    let is_its_own = |network: Network| file.path.starts_with(&format!("src/platforms/{}/", network.slug()));
    if !(file.is_server() || is_page) || Network::ALL.into_iter().any(is_its_own) {
        return Vec::new();
    }
    if EXCEPTIONS.iter().any(|(path, _)| file.path.starts_with(path)) {
        return Vec::new();
    }
    let (mut found, code) = (BTreeSet::new(), file.shipped());
    for (at, word) in words(&code) {
        let is_named = |network: Network| {
            let before = code[..at].trim_end();
            before.ends_with("Network::") && format!("{network:?}") == word
                || before.ends_with("platforms::") && network.slug() == word
        };
        if Network::ALL.into_iter().any(is_named) {
            found.insert((line_of(&code, at), word.to_owned()));
        }
    }
    // A letter alone in single quotes is a `char`.
    let in_sql = Network::ALL.into_iter().map(Network::slug).filter(|slug| slug.len() > 1);
    let quoted =
        Network::ALL.map(|of| format!("\"{}\"", of.slug())).into_iter().chain(in_sql.map(|slug| format!("'{slug}'")));
    let is_theirs = |key: &str| Network::ALL.into_iter().any(|of| key.split('.').next() == Some(of.slug()));
    let keys = keys::all().map(|key| key.name).filter(|key| is_theirs(key)).map(str::to_owned);
    let literals: Vec<String> = quoted.chain(keys).collect();
    // Tests stand at the end of a file, and a file of tests is none of the server's.
    let text = if file.is_rust() && code.is_empty() { "" } else { &file.text };
    let lines = text.lines().take_while(|line| line.trim() != "#[cfg(test)]").enumerate();
    for (no, line) in lines {
        let line = line.split("// ").next().unwrap_or(line);
        found.extend(literals.iter().filter(|word| line.contains(*word)).map(|word| (no + 1, word.clone())));
    }
    found.into_iter().map(|(line, word)| format!("{}:{line}: names {word}", file.path)).collect()
}

#[test]
fn a_network_is_named_by_its_folder_and_the_table_alone() {
    let bad = [
        ("src/app/a.rs", "fn a() { b(Network::Threads); }"),
        ("src/upkeep/a.rs", "use crate::platforms::x::X;"),
        ("src/config/a.rs", "const A: &str = \"linkedin.client_id\";"),
        ("src/store/a.rs", "const A: &str = \"SELECT 1 FROM account WHERE network='tiktok'\";"),
        ("src/platforms/kit.rs", "fn a() { b(Network::X); }"),
        ("templates/a.html", "{% if network == \"youtube\" %}"),
    ];
    let good = [
        ("src/platforms/x/mod.rs", "fn a() { b(Network::X, \"x.client_id\"); }"),
        ("src/platforms/mod.rs", "pub mod x;"),
        ("src/app/a.rs", "fn a() { Network::ALL.len(); } // Network::X, \"x\""),
        ("src/app/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests { fn a() { b(Network::X, \"threads\"); } }"),
        ("src/app/tiktok.rs", "fn a() { b(Network::TikTok); }"),
        ("tests/it/a.rs", "fn a() { b(Network::X); }"),
    ];
    prove(names_a_network, &bad, &good);
    judge(
        &everywhere(names_a_network),
        "Let the network's folder say it, as a part of its `Kit` or a method of `Platform` with a default, and ask for it there.",
    );
}

#[test]
fn every_kit_names_keys_of_its_own_section_with_defaults_that_can_be_read() {
    for network in Network::ALL {
        let kit = kit(network);
        for key in kit.keys {
            let (section, _) = key.name.split_once('.').unwrap();
            assert_eq!(section, kit.section, "{}: nothing would read it", key.name);
            // Without it the network would be missing without a word.
            assert!(key.kind != Kind::Url || key.default.parse::<url::Url>().is_ok(), "{}: no address", key.name);
        }
    }
}

#[test]
fn every_exception_is_still_one() {
    let files = super::source::tree();
    // Under another name, which nothing excuses.
    let names = |file: &File| !names_a_network(&File::new("src/elsewhere.rs", &file.text)).is_empty();
    let is_needed = |path: &str| files.iter().any(|file| file.path.starts_with(path) && names(file));
    let idle = EXCEPTIONS.iter().filter(|(path, _)| !is_needed(path));
    let idle: Vec<String> = idle.map(|(path, why)| format!("{path}: {why}")).collect();
    judge(&idle, "What names no network any more is no exception.");
}
