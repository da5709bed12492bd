//! Every sentence is there in both languages with the same arguments, and whoever names one finds it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use socrazi::desk::view::PostStatus;
use socrazi::domain::account::Health;
use socrazi::domain::delivery::State;
use socrazi::domain::lang::Lang;
use socrazi::domain::refusal::Sentence;
use socrazi::domain::schedule::Moment;
use socrazi::i18n::Words;

/// 2026-11-23T08:20:00Z.
const NOW: i64 = 1_795_422_000_000;
/// What stands right before the key of a sentence in code and templates.
const NAMED_BY: [&str; 8] = [
    "say!(",
    "Sentence::new(",
    ".t(",
    ".with_network(",
    ".text(lang, ",
    ".text(self.lang, ",
    ".text(Lang::En, ",
    ".text(Lang::Ja, ",
];
/// Keys that are put together from a word of the trade.
const BUILT: [&str; 12] = [
    "table-column-",
    "tool-title-",
    "delivery-state-",
    "post-status-",
    "account-health-",
    "time-weekday-",
    "time-month-",
    "recurrence-catch-up-",
    "resume-",
    "report-name-",
    "report-view-",
    "report-badge-",
];

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

/// Key → arguments of one language's files as they lie in `locales` and with each network; a key twice is a fault.
fn sentences(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut paths = Vec::new();
    files(&top().join("locales").join(lang.tag()), ".ftl", &mut paths);
    files(&top().join("src/platforms"), &format!("{}.ftl", lang.tag()), &mut paths);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut key = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) =
                line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                key = name.to_owned();
                assert!(
                    found.insert(key.clone(), BTreeSet::new()).is_none(),
                    "{key} stands twice ({})",
                    path.display()
                );
            }
            let args = line
                .split('$')
                .skip(1)
                .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>());
            // `US$0.20` and the like are no arguments.
            let args = args.filter(|arg| arg.starts_with(|c: char| c.is_ascii_lowercase()));
            if let Some(of) = found.get_mut(&key) {
                of.extend(args);
            }
        }
    }
    found
}

/// Everything that may name a sentence, without comments.
fn sources() -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    for (folder, ending) in [("src", ".rs"), ("tools", ".rs"), ("templates", ".html")] {
        files(&top().join(folder), ending, &mut paths);
    }
    let without_comments =
        |text: String| text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    paths.into_iter().map(|path| (path.clone(), without_comments(std::fs::read_to_string(path).unwrap()))).collect()
}

/// Literal keys that stand right behind one of [`NAMED_BY`].
fn named(text: &str) -> Vec<String> {
    let behind = NAMED_BY.iter().flat_map(|before| text.split(before).skip(1));
    let literals = behind.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"').map(|(key, _)| key));
    literals.filter(|key| key.contains('-') && !key.contains(['{', ' '])).map(str::to_owned).collect()
}

#[test]
fn both_languages_have_the_same_sentences_with_the_same_arguments() {
    let (en, ja) = (sentences(Lang::En), sentences(Lang::Ja));
    let keys = |of: &BTreeMap<String, BTreeSet<String>>| of.keys().cloned().collect::<BTreeSet<_>>();
    let only: Vec<_> = keys(&en).symmetric_difference(&keys(&ja)).cloned().collect();
    assert!(only.is_empty(), "in one language only: {only:?}");
    let other: Vec<_> = en.iter().filter(|(key, args)| ja[*key] != **args).map(|(key, _)| key).collect();
    assert!(other.is_empty(), "with other arguments in Japanese: {other:?}");
}

#[test]
fn every_sentence_that_is_written_is_compiled_in_and_can_be_said() {
    let words = Words::load();
    for lang in Lang::ALL {
        for (key, args) in sentences(lang) {
            let sentence = args.iter().fold(Sentence::new(&key), |sentence, arg| sentence.with(arg, "§"));
            let said = words.say(lang, &sentence);
            assert_ne!(said, key, "{lang:?}: not compiled in, or faulty");
            assert!(!said.contains(['{', '}']) && !said.trim().is_empty(), "{lang:?} {key}: {said}");
        }
    }
}

#[test]
fn whoever_names_a_sentence_finds_it() {
    assert_eq!(named("say!(\n  \"a-b\", x = 1) page.t(\"c-d\") Sentence::new(&format!(\"e-{}\"))"), ["a-b", "c-d"]);
    let known = sentences(Lang::En);
    let mut missing = Vec::new();
    for (path, text) in sources() {
        let keys = named(&text).into_iter().filter(|key| !known.contains_key(key));
        missing.extend(keys.map(|key| format!("{}: {key}", path.strip_prefix(top()).unwrap().display())));
    }
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
    let words = Words::load();
    let states = State::ALL.map(State::wording);
    let statuses = PostStatus::ALL.map(PostStatus::wording);
    for sentence in states.iter().chain(&statuses) {
        assert!(known.contains_key(&sentence.key), "{}", sentence.key);
    }
    for health in Health::ALL {
        let key = format!("account-health-{}", health.word().replace('_', "-"));
        assert_ne!(words.text(Lang::Ja, &key), key);
    }
}

#[test]
fn no_sentence_is_kept_that_nobody_says() {
    let said: String = sources().into_iter().map(|(_, text)| text).collect();
    // What people are told instead of a sentence is said wherever that is.
    let keys = sentences(Lang::En).into_keys().map(|key| key.trim_end_matches("-for-people").to_owned());
    let unsaid = keys.filter(|key| !said.contains(&format!("\"{key}\"")));
    let unsaid: Vec<_> = unsaid.filter(|key| !BUILT.iter().any(|built| key.starts_with(built))).collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

#[test]
fn an_unknown_outcome_is_never_called_failed() {
    let words = Words::load();
    for key in [
        "delivery-state-unknown",
        "delivery-state-needs-human",
        "delivery-reason-no-answer",
        "delivery-reason-cannot-read",
    ] {
        assert!(!words.text(Lang::En, key).to_lowercase().contains("fail"), "{key}");
        assert!(!words.text(Lang::Ja, key).contains("失敗"), "{key}");
    }
    let unknown = words.say(Lang::En, &State::Unknown.wording());
    assert_eq!(unknown, "We could not confirm whether it went out. Checking.");
}

#[test]
fn every_state_is_worded_differently() {
    let words = Words::load();
    for lang in Lang::ALL {
        let said: BTreeSet<_> = State::ALL.iter().map(|state| words.say(lang, &state.wording())).collect();
        assert_eq!(said.len(), State::ALL.len(), "{said:#?}");
    }
}

/// Whether nothing but names stands in it, which are filled in.
fn is_of_names(said: &str) -> bool {
    let outside = said.split('{').filter_map(|piece| piece.rsplit('}').next());
    !outside.flat_map(str::chars).any(char::is_alphabetic)
}

#[test]
fn japanese_sentences_are_japanese() {
    let words = Words::load();
    // Names of months are numbers, and an amount of time is written with units only.
    for key in sentences(Lang::Ja).into_keys().filter(|key| !key.starts_with("time-")) {
        let said = words.text(Lang::Ja, &key);
        assert!(
            // The Japanese word for a network is written in Latin letters, and what only names things is of no language.
            said == "SNS"
                || is_of_names(&said)
                || said
                    .chars()
                    .any(|c| ('\u{3040}'..='\u{30ff}').contains(&c) || ('\u{4e00}'..='\u{9fff}').contains(&c)),
            "{key}: {said}"
        );
        assert!(!said.contains(['(', '!', '?']) || said.contains("://"), "{key} has half-width marks: {said}");
    }
}

#[test]
fn an_instant_is_echoed_with_zone_offset_and_distance() {
    const MINUTE: i64 = 60_000;
    let words = Words::load();
    let say = |lang, at_ms, zone: &str| words.moment(lang, &Moment { at_ms, zone: zone.into() }, NOW);
    assert_eq!(
        say(Lang::En, NOW + 940 * MINUTE, "Asia/Tokyo"),
        "Tue 24 Nov 2026, 09:00 (Asia/Tokyo, UTC+09:00), in 15 h 40 min"
    );
    assert_eq!(
        say(Lang::Ja, NOW + 940 * MINUTE, "Asia/Tokyo"),
        "2026年11月24日（火）09:00（Asia/Tokyo、UTC+09:00）、15時間40分後"
    );
    assert_eq!(
        say(Lang::En, NOW - 120 * MINUTE, "America/St_Johns"),
        "Mon 23 Nov 2026, 02:50 (America/St_Johns, UTC-03:30), 2 h ago"
    );
    assert_eq!(say(Lang::Ja, NOW - 120 * MINUTE, "-03:30"), "2026年11月23日（月）02:50（UTC-03:30）、2時間前");
    assert_eq!(say(Lang::En, NOW, "UTC"), "Mon 23 Nov 2026, 08:20 (UTC), now");
    assert_eq!(say(Lang::Ja, NOW + 30_000, "UTC"), "2026年11月23日（月）08:20（UTC）、30秒後");
    assert_eq!(say(Lang::En, NOW + 4 * 1440 * MINUTE, "UTC"), "Fri 27 Nov 2026, 08:20 (UTC), in 4 d");
}

/// Sentences that only models and programs read.
const FOR_MODELS: [&str; 3] = ["mcp-", "common-idempotency-", "upload-link"];

#[test]
fn whatever_names_a_tool_has_a_variant_for_people_that_names_none() {
    let words = Words::load();
    let toolbox = socrazi::tools::Toolbox::default();
    let tools: Vec<_> = toolbox.specs().iter().map(|spec| spec.name).chain(["read_page", "set_voice"]).collect();
    let mut seen = 0;
    for lang in Lang::ALL {
        let all = sentences(lang);
        for (key, args) in &all {
            let sentence = args.iter().fold(Sentence::new(key), |sentence, arg| sentence.with(arg, "§"));
            if !tools.iter().any(|tool| words.say(lang, &sentence).contains(tool))
                || FOR_MODELS.iter().any(|begin| key.starts_with(begin))
            {
                continue;
            }
            seen += 1;
            let told = words.tell(lang, &sentence);
            assert!(!tools.iter().any(|tool| told.contains(tool)), "{lang:?} {key}: {told}");
        }
        // No variant stands alone, or asks for what the sentence does not have.
        for (key, args) in all.iter().filter_map(|(key, args)| key.strip_suffix("-for-people").map(|base| (base, args)))
        {
            assert!(all.get(key).is_some_and(|of| of.is_superset(args)), "{lang:?} {key}");
        }
    }
    assert!(seen >= 20, "sentences that name tools: {seen}");
}

/// Words of the trade that are put into Japanese sentences are said in Japanese there.
#[test]
fn no_english_word_stands_in_a_japanese_sentence_where_there_is_another() {
    let words = Words::load();
    let said = |sentence: Sentence| words.say(Lang::Ja, &sentence);
    for measure in ["views", "likes", "comments", "shares", "saves", "clicks"] {
        for key in ["weekly-do-most-seen", "figures-winner", "figures-winner-alone"] {
            let said = said(Sentence::new(key).with("measure", measure));
            assert!(!said.contains(measure), "{key}: {said}");
        }
    }
    for why in ["no_code", "code", "app", "unreached", "unclear"] {
        let said = said(Sentence::new("connect-failed").with("network", "X").with("why", why));
        assert!(!said.contains(why), "{said}");
    }
    for why in ["status", "redirects", "large", "kind", "address", "unreachable"] {
        let sentence = Sentence::new("media-url-failed").with("url", "URL").with("why", why).with("status", 404_i64);
        let said = said(sentence);
        assert!(!said.contains(why) && (why != "status" || said.contains("404")), "{said}");
    }
    for why in ["late", "status", "redirects", "large", "kind", "address", "unreadable", "other", "unreachable"] {
        let sentence = Sentence::new("oauth-document-failed").with("host", "HOST").with("why", why);
        let said = said(sentence.with("status", 404_i64));
        assert!(!said.contains(why) && (why != "status" || said.contains("404")), "{said}");
    }
    for kind in ["metric", "dimension"] {
        let said = said(Sentence::new("report-name-unknown").with("kind", kind));
        assert!(!said.contains(kind), "{said}");
    }
    for other in ["realtime", "view", "discover"] {
        let said = said(Sentence::new("report-columns-apart").with("other", other));
        assert!(!said.contains(other), "{said}");
    }
}
