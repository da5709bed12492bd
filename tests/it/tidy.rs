//! The house rules that no compiler knows, each a test with a sentence as its name: who may name whom, fenced crates, sizes, words that
//! have no place in code, licences. Every rule is a pure function over (path, text) that is shown a bad example before it judges the
//! tree: a rule that cannot fail is no rule. What clippy or rustc can check stays in `.clippy.toml` and `Cargo.toml`.

mod packages;
mod rooms;
mod source;
mod words;

use source::File;

/// Ends the test with everything that is wrong and one sentence about what to do.
fn judge(findings: &[String], what_to_do: &str) {
    assert!(findings.is_empty(), "\n{}\n{} found. {what_to_do}\n", findings.join("\n"), findings.len());
}

/// A rule proves itself: it must find something in each bad example and nothing in each good one.
fn prove(rule: impl Fn(&File) -> Vec<String>, bad: &[(&str, &str)], good: &[(&str, &str)]) {
    for (path, text) in bad {
        assert!(!rule(&File::new(path, text)).is_empty(), "the rule is blind to {path}:\n{text}");
    }
    for (path, text) in good {
        let findings = rule(&File::new(path, text));
        assert!(findings.is_empty(), "the rule blames what is right, {path}:\n{text}\n{findings:?}");
    }
}

/// The whole tree under one rule.
fn everywhere(rule: impl Fn(&File) -> Vec<String>) -> Vec<String> {
    source::tree().iter().flat_map(rule).collect()
}
