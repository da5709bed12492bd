//! The house rules that no compiler knows, each a test with a sentence as its name: who may name whom, fenced crates, sizes, words that
//! have no place in code, licences. Every rule is a pure function over (path, text) that is shown a bad example before it judges the
//! tree: a rule that cannot fail is no rule. What clippy or rustc can check stays in `.clippy.toml` and `Cargo.toml`.

mod networks;
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

/// What a bench misses: no end with status 1 when a bar is missed, or no line in the table.
fn unjudged(name: &str, text: &str, table: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    // `ack.rs` judges for both programs that it is part of, `large_media.py` for `large_kills.py`.
    if !["sys.exit(1 if", "ExitCode::FAILURE", "exit(1)", "ack::run::<", "    judged(\""]
        .iter()
        .any(|end| text.contains(end))
    {
        wrong.push(format!("bench/{name} ends well whatever it measured"));
    }
    if !table.contains(&format!("`{name}`")) {
        wrong.push(format!("bench/README.md has no line for {name}"));
    }
    wrong
}

#[test]
fn every_bench_judges_its_bars_and_stands_in_the_table() {
    assert_eq!(unjudged("a.py", "print(ratio)", "| `b.py` |").len(), 2);
    assert!(unjudged("a.py", "sys.exit(1 if failures else 0)", "| `a.py` |").is_empty());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("bench");
    let table = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "rs" || kind == "py") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            wrong.extend(unjudged(&name, &std::fs::read_to_string(&path).unwrap(), &table));
            seen += 1;
        }
    }
    assert!(seen >= 3);
    judge(&wrong, "A figure that nobody compares is not a bar.");
}

/// Names like `SOCRAZI_TEST_SEEDS` in a text.
fn switches(text: &str) -> std::collections::BTreeSet<String> {
    let begins = text.match_indices("SOCRAZI_TEST_").map(|(at, _)| &text[at..]);
    begins.map(|rest| rest.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect()).collect()
}

#[test]
fn every_switch_of_the_test_run_is_read_by_something() {
    assert_eq!(switches("a ${SOCRAZI_TEST_A:-1} SOCRAZI_TEST_B_C=2").len(), 2);
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(top.join(path)).unwrap();
    let is_code = |file: &&File| file.is_rust() || file.path.ends_with(".py");
    let known: std::collections::BTreeSet<String> =
        source::tree().iter().filter(is_code).flat_map(|file| switches(&file.text)).collect();
    let said = [read("tests/run"), read(".config/nextest.toml"), read("README.md")].concat();
    let wrong: Vec<String> = switches(&said).difference(&known).cloned().collect();
    judge(&wrong, "It is promised in tests/run, nextest.toml or README.md, and no code reads it.");
}

/// Names of tests in a document, in a table only in its last column: words in code marks, of four parts or more.
fn named_tests(text: &str) -> Vec<String> {
    let last = |line: &'_ str| {
        if line.starts_with('|') { line.rsplit('|').nth(1).unwrap_or_default().to_owned() } else { line.to_owned() }
    };
    let text: Vec<String> = text.lines().map(last).collect();
    let text = text.join("\n");
    let marked = text.split('`').skip(1).step_by(2);
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let is_name = |word: &&str| word.matches('_').count() >= 3 && word.chars().all(is_part);
    marked.filter(is_name).map(str::to_owned).collect()
}

#[test]
fn every_test_that_a_document_names_exists() {
    let row = "| `an_error_of_theirs` | `a_b_c_d`, `A_b_c_d`, `a_b`, a_b_c_d, `it_is_so_2` |\n`in_a_line_too`";
    assert_eq!(named_tests(row), ["a_b_c_d", "it_is_so_2", "in_a_line_too"]);
    let tree = source::tree();
    let defined: std::collections::BTreeSet<String> = tree
        .iter()
        .filter(|file| file.is_rust())
        .flat_map(|file| file.text.match_indices("fn ").map(|(at, _)| &file.text[at + 3..]))
        .map(|rest| rest.chars().take_while(|c| source::is_word(*c)).collect())
        .collect();
    let documents = std::fs::read_dir(source::top().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut named = Vec::new();
    for path in documents.filter(|path| path.extension().is_some_and(|kind| kind == "md")) {
        named.extend(named_tests(&std::fs::read_to_string(path).unwrap()));
    }
    assert!(named.len() > 30, "{named:?}");
    let wrong: Vec<String> = named.into_iter().filter(|name| !defined.contains(name)).collect();
    judge(&wrong, "A table of docs/ promises a test that is not there.");
}
