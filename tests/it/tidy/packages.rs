//! Rules about what we stand on: licences, banned packages, one TLS provider, a reason beside every dependency. Advisories need a list
//! from elsewhere and are cargo-deny's, in `tests/run --nightly`.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::source::{self, File};
use super::{everywhere, judge, prove};

/// Licences that ask for no more than being named. The same list stands in `.cargo/deny.toml`.
const LICENCES: [&str; 15] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "ISC",
    "Zlib",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "MPL-2.0",
    "CC0-1.0",
    "0BSD",
    "BSL-1.0",
    "OFL-1.1",
];

/// One TLS stack, `rustls` with `ring`: a second provider makes rustls unable to choose and panic (DEPS §2).
const BANNED: [&str; 6] = ["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls", "boring-sys"];

/// Whether a licence expression can be met with [`LICENCES`] alone. `OR` binds weaker than `AND`; the old `/` means `OR`.
fn is_free(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let is_met = any_of(&tokens, &mut at);
    is_met && at == tokens.len()
}

fn any_of(tokens: &[&str], at: &mut usize) -> bool {
    let mut is_met = all_of(tokens, at);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        is_met |= all_of(tokens, at);
    }
    is_met
}

fn all_of(tokens: &[&str], at: &mut usize) -> bool {
    let mut is_met = one(tokens, at);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        is_met &= one(tokens, at);
    }
    is_met
}

fn one(tokens: &[&str], at: &mut usize) -> bool {
    let token = tokens.get(*at).copied().unwrap_or_default();
    *at += 1;
    if token == "(" {
        let is_met = any_of(tokens, at);
        *at += 1; // the closing bracket
        return is_met;
    }
    match tokens.get(*at..*at + 2) {
        Some(["WITH", exception]) => {
            *at += 2;
            LICENCES.contains(&format!("{token} WITH {exception}").as_str())
        }
        _ => LICENCES.contains(&token),
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn unfree_licences(metadata: &Value) -> Vec<String> {
    let unfree = list(metadata, "packages").iter().filter(|package| !is_free(text(package, "license")));
    unfree
        .map(|package| {
            format!("{} {}: licence `{}`", text(package, "name"), text(package, "version"), text(package, "license"))
        })
        .collect()
}

fn banned_packages(metadata: &Value) -> Vec<String> {
    let packages = list(metadata, "packages");
    let banned = packages
        .iter()
        .filter(|package| BANNED.contains(&text(package, "name")))
        .map(|package| format!("{} is banned", text(package, "name")));
    let is_elsewhere = |package: &&Value| {
        package["source"].as_str().is_some_and(|source| !source.ends_with("rust-lang/crates.io-index"))
    };
    let elsewhere = packages
        .iter()
        .filter(is_elsewhere)
        .map(|package| format!("{} comes from {}", text(package, "name"), text(package, "source")));
    banned.chain(elsewhere).collect()
}

fn tls_providers(metadata: &Value) -> Vec<String> {
    let nodes = list(&metadata["resolve"], "nodes");
    let rustls: Vec<&Value> = nodes.iter().filter(|node| text(node, "id").contains("#rustls@")).collect();
    let has = |node: &Value, feature: &str| list(node, "features").iter().any(|name| name == feature);
    let wrong = rustls.iter().filter(|node| !has(node, "ring") || has(node, "aws_lc_rs") || has(node, "aws-lc-rs"));
    let wrong = wrong.map(|node| format!("{} is not on ring alone: {}", text(node, "id"), node["features"]));
    // serenity 0.12 brings the one before along, for the gateway's socket; it knows ring alone.
    let has_serenity = nodes.iter().any(|node| text(node, "id").contains("#serenity@0.12."));
    let is_serenitys = |node: &&&Value| has_serenity && text(node, "id").contains("#rustls@0.22.");
    let ours = rustls.iter().filter(|node| !is_serenitys(node)).count();
    let twice = (ours > 1).then(|| format!("{ours} versions of rustls"));
    wrong.chain(twice).collect()
}

/// What cargo resolved for this machine. Offline and locked: the packages are here, since this test was compiled from them.
fn metadata() -> Value {
    let cargo = env!("CARGO");
    let run = |args: &[&str]| {
        let out = Command::new(cargo).args(args).current_dir(source::top()).output();
        let out = out.unwrap_or_else(|error| panic!("{cargo} cannot be started: {error}"));
        assert!(out.status.success(), "cargo {args:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    let about = run(&["--version", "--verbose"]);
    let host = about
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_else(|| panic!("cargo names no host: {about}"));
    let answer = run(&[
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--offline",
        "--all-features",
        "--filter-platform",
        host,
    ]);
    serde_json::from_str(&answer).unwrap_or_else(|error| panic!("cargo metadata is no JSON: {error}"))
}

/// The crate named by a dependency line of a manifest, and the reason behind its `#`.
fn dependency(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once('=')?;
    let mut is_quoted = false;
    let comment = rest.find(|c| {
        is_quoted ^= c == '"';
        c == '#' && !is_quoted
    });
    let reason = comment.map_or("", |at| rest[at + 1..].trim());
    Some((name.trim().trim_end_matches(".workspace"), reason))
}

/// Dependencies of a manifest, with the number of the line and the reason.
fn dependencies(manifest: &File) -> Vec<(usize, &str, &str)> {
    let mut is_inside = false;
    let mut found = Vec::new();
    for (n, line) in manifest.text.lines().enumerate() {
        if line.starts_with('[') {
            is_inside = line.trim_end().ends_with("dependencies]");
        } else if is_inside && line.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            found.extend(dependency(line).map(|(name, reason)| (n + 1, name, reason)));
        }
    }
    found
}

/// A reason said once in the workspace is enough.
fn unexplained(manifests: &[File]) -> Vec<String> {
    let all =
        manifests.iter().flat_map(|manifest| dependencies(manifest).into_iter().map(move |found| (manifest, found)));
    let all: Vec<_> = all.collect();
    let explained: BTreeSet<&str> =
        all.iter().filter(|(_, (_, _, reason))| !reason.is_empty()).map(|(_, (_, name, _))| *name).collect();
    let silent = all.iter().filter(|(_, (_, name, _))| !explained.contains(name));
    silent.map(|(manifest, (line, name, _))| format!("{}:{line}: `{name}` has no reason", manifest.path)).collect()
}

#[test]
fn every_licence_asks_for_no_more_than_being_named() {
    for expression in [
        "MIT/Apache-2.0",
        "Apache-2.0 OR GPL-2.0-only",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(is_free(expression), "{expression}");
    }
    for expression in
        ["GPL-3.0", "MIT AND GPL-3.0", "", "(MIT", "MIT OR Apache-2.0 AND", "Apache-2.0 WITH Odd-exception", "MIT MIT"]
    {
        assert!(!is_free(expression), "{expression}");
    }
    let bad = serde_json::json!({ "packages": [{ "name": "a", "version": "1.0.0", "license": null }] });
    assert_eq!(unfree_licences(&bad).len(), 1);
    judge(
        &unfree_licences(&metadata()),
        "Choose another package, or add the licence here and in .cargo/deny.toml with a reason in the commit.",
    );
}

#[test]
fn banned_packages_and_foreign_sources_stay_out() {
    let bad = serde_json::json!({ "packages": [{ "name": "openssl-sys", "source": null }, { "name": "a", "source": "git+https://example.com/a" }] });
    assert_eq!(banned_packages(&bad).len(), 2);
    judge(
        &banned_packages(&metadata()),
        "Turn the feature off that brings it in (`cargo tree -i NAME` shows whose it is).",
    );
}

#[test]
fn ring_is_the_one_tls_provider() {
    let node = |features: &[&str]| serde_json::json!({ "resolve": { "nodes": [{ "id": "registry#rustls@0.23.1", "features": features }] } });
    assert_eq!(tls_providers(&node(&["ring", "aws_lc_rs"])).len(), 1);
    assert_eq!(tls_providers(&node(&["std"])).len(), 1);
    assert!(tls_providers(&node(&["ring"])).is_empty());
    judge(&tls_providers(&metadata()), "A second provider makes rustls unable to choose at run time (DEPS §2).");
}

#[test]
fn every_dependency_says_why_it_is_here() {
    let manifest = |text: &str| [File::new("Cargo.toml", text)];
    assert_eq!(unexplained(&manifest("[dependencies]\nhttp = \"1\"\nurl.workspace = true\n")).len(), 2);
    assert_eq!(unexplained(&manifest("[dependencies]\nhttp = { path = \"#1\" }\n")).len(), 1);
    assert!(
        unexplained(&manifest(
            "[dependencies]\nhttp = \"1\" # types\n[dev-dependencies]\nhttp = \"1\"\n[features]\na = []\n"
        ))
        .is_empty()
    );
    let manifests: Vec<File> = source::tree().into_iter().filter(|file| file.path.ends_with("Cargo.toml")).collect();
    judge(
        &unexplained(&manifests),
        "Put a `#` with a sentence behind it: what it does for us that we would not write ourselves.",
    );
}

#[test]
fn both_licence_lists_are_the_same() {
    fn missing(deny: &File) -> Vec<String> {
        let named = |name: &&str| deny.text.contains(&format!("\"{name}\""));
        LICENCES
            .iter()
            .chain(&BANNED)
            .filter(|name| !named(name))
            .map(|name| format!("{} lacks {name}", deny.path))
            .collect()
    }
    prove(missing, &[("a.toml", "allow = [\"MIT\"]")], &[]);
    let deny = |file: &File| if file.path == ".cargo/deny.toml" { missing(file) } else { Vec::new() };
    judge(&everywhere(deny), "Change both lists in one commit.");
}

/// Places where tests stop the program are in nothing that is shipped: no other feature brings them along, and two files know of them.
#[test]
fn failpoints_are_in_nothing_that_is_shipped() {
    let manifest = std::fs::read_to_string(source::top().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let features = manifest["features"].as_table().unwrap();
    let mut found = Vec::new();
    for (name, brings) in features {
        if name != "failpoints" && format!("{brings:?}").contains("failpoints") {
            found.push(format!("Cargo.toml: the feature `{name}` brings `failpoints` along"));
        }
    }
    found.extend(everywhere(|file| {
        let may = ["src/failpoints.rs", "src/clock.rs"].contains(&&*file.path) || file.path.starts_with("tests/");
        let names = file.text.contains("feature = \"failpoints\"") || file.text.contains("failpoints::install");
        if names && !may { vec![format!("{}: knows of the feature `failpoints`", file.path)] } else { Vec::new() }
    }));
    judge(&found, "`failpoint!(\"F5\")` names a place and is nothing without the feature.");
}
