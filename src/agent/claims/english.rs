//! Claims in English: a verb that says it is over, who or what stands before it, and what its own clause makes of it.

use super::{Act, By, Claim};

/// Forms that say by themselves what was done.
const VERBS: [(&str, Act); 37] = [
    ("published", Act::Published),
    ("posted", Act::Published),
    ("reposted", Act::Published),
    ("tweeted", Act::Published),
    ("shared", Act::Published),
    ("sent", Act::Published),
    ("launched", Act::Published),
    ("out", Act::Published),
    ("live", Act::Published),
    ("scheduled", Act::Scheduled),
    ("rescheduled", Act::Scheduled),
    ("queued", Act::Scheduled),
    ("booked", Act::Scheduled),
    ("approved", Act::Approved),
    ("paused", Act::Paused),
    ("suspended", Act::Paused),
    ("resumed", Act::Resumed),
    ("unpaused", Act::Resumed),
    ("restarted", Act::Resumed),
    ("withdrawn", Act::Withdrawn),
    ("withdrew", Act::Withdrawn),
    ("cancelled", Act::Withdrawn),
    ("canceled", Act::Withdrawn),
    ("unpublished", Act::Withdrawn),
    ("unscheduled", Act::Withdrawn),
    ("retracted", Act::Withdrawn),
    ("down", Act::Withdrawn),
    ("connected", Act::Connected),
    ("reconnected", Act::Connected),
    ("linked", Act::Connected),
    ("disconnected", Act::Forgotten),
    ("unlinked", Act::Forgotten),
    ("deleted", Act::Forgotten),
    ("removed", Act::Forgotten),
    ("erased", Act::Forgotten),
    ("forgotten", Act::Forgotten),
    ("drafted", Act::Drafted),
];
/// Forms that say something only with a draft behind or before them.
const DRAFT_VERBS: [&str; 13] = [
    "saved", "created", "made", "wrote", "written", "prepared", "stored", "updated", "edited", "changed", "revised",
    "added", "kept",
];
/// Forms that need something of ours behind them when we are the ones: "I shared a few ideas" publishes nothing.
const WEAK: [&str; 5] = ["shared", "sent", "removed", "linked", "launched"];
/// What stands behind a weak form when it means a post.
const OBJECTS: [&str; 14] =
    ["it", "them", "your", "this", "that", "these", "everything", "both", "all", "out", "to", "on", "now", "live"];
/// Begin a clause; those of the second list make it something else than a report.
const JOINTS: [&str; 14] =
    ["and", "but", "so", "because", "then", "while", "although", "though", "since", "as", "like", "than", "that", "or"];
const OPEN_JOINTS: [&str; 17] = [
    "if", "once", "when", "whenever", "until", "till", "unless", "before", "after", "whether", "what", "which", "who",
    "where", "how", "why", "assuming",
];
/// Take a report back within its own clause.
const NEGATIONS: [&str; 12] =
    ["not", "never", "nothing", "nobody", "none", "no", "cannot", "without", "neither", "hardly", "nor", "failed"];
/// Make a wish or a possibility of a clause.
const MODALS: [&str; 21] = [
    "would", "could", "can", "may", "might", "should", "shall", "must", "want", "wants", "need", "needs", "ready",
    "waiting", "waits", "about", "going", "please", "let", "be", "to",
];
/// Stand between a subject and its verb.
const ADVERBS: [&str; 19] = [
    "just",
    "already",
    "also",
    "now",
    "all",
    "both",
    "then",
    "today",
    "yesterday",
    "indeed",
    "even",
    "still",
    "once",
    "here",
    "there",
    "only",
    "as",
    "well",
    "too",
];
const HAVE: [&str; 4] = ["have", "has", "had", "having"];
const BE: [&str; 9] = ["is", "are", "was", "were", "been", "got", "gets", "went", "gone"];
/// Nouns for what we handle.
const THINGS: [&str; 32] = [
    "post",
    "posts",
    "draft",
    "drafts",
    "tweet",
    "tweets",
    "thread",
    "message",
    "update",
    "reply",
    "video",
    "picture",
    "photo",
    "image",
    "text",
    "version",
    "account",
    "accounts",
    "conversation",
    "conversations",
    "history",
    "schedule",
    "announcement",
    "one",
    "first",
    "second",
    "rest",
    "other",
    "others",
    "publishing",
    "publication",
    "translation",
];
/// Words that mean something of the person's by themselves.
const OWN: [&str; 9] = ["it", "this", "that", "they", "these", "those", "everything", "both", "all"];
/// Behind a sentence that begins with its verb: "Scheduled for nine.", not "Scheduled posts go out at nine."
const BEHIND: [&str; 24] = [
    "for",
    "on",
    "to",
    "at",
    "it",
    "them",
    "your",
    "the",
    "this",
    "that",
    "both",
    "all",
    "everything",
    "now",
    "successfully",
    "just",
    "today",
    "tomorrow",
    "and",
    "as",
    "with",
    "from",
    "via",
    "again",
];
/// Said before a report without a subject.
const LEADS: [&str; 22] = [
    "done",
    "ok",
    "okay",
    "great",
    "sure",
    "yes",
    "alright",
    "perfect",
    "good",
    "all",
    "set",
    "it's",
    "also",
    "just",
    "already",
    "successfully",
    "now",
    "and",
    "then",
    "finally",
    "here",
    "right",
];
/// It was not in this turn.
const EARLIER: [&str; 11] = [
    "ago",
    "last",
    "yesterday",
    "earlier",
    "previously",
    "since",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
];

/// A clause: what joins it to the one before, and its words.
struct Clause<'a> {
    joint: &'a str,
    words: &'a [String],
}

pub(super) fn claims(sentence: &str) -> Vec<Claim> {
    let words = words(sentence);
    let clauses = clauses(&words);
    let is_question = sentence.trim_end().trim_end_matches(['"', '”', ')']).ends_with('?');
    let depends = clauses.iter().any(|clause| OPEN_JOINTS.contains(&clause.joint))
        || words.iter().any(|word| matches!(word.as_str(), "approve" | "approval" | "confirm" | "agree"));
    let is_earlier = words.iter().any(|word| EARLIER.contains(&word.as_str()));
    let (mut found, mut before) = (Vec::new(), Before { subject: Subject::Missing, be: None });
    for (no, clause) in clauses.iter().enumerate() {
        let is_asked = is_question && (no + 1 == clauses.len() || asks(&clauses[0]));
        let is_open = OPEN_JOINTS.contains(&clause.joint) || is_asked;
        for at in 0..clause.words.len() {
            let Some(act) = act(clause.words, at) else { continue };
            let report = report(clause, at, before, no == 0 || is_lead(&clauses[no - 1]));
            let Some(report) = report.filter(|_| !is_open) else { continue };
            let (by, act) = match report {
                Report::Deed => (By::Us, act),
                Report::State { is_over: true } => (By::Anybody, act),
                // What will be depends on what else the sentence says.
                Report::State { is_over: false } if depends => continue,
                Report::State { is_over: false } => (By::Anybody, act),
                Report::Coming if depends => continue,
                Report::Coming => (By::Anybody, Act::Scheduled),
            };
            found.push(Claim { act, by: if is_earlier { By::Anybody } else { by } });
        }
        let own = subject(clause);
        // A clause without a subject of its own goes on with the one before.
        if own != Subject::Missing || !matches!(clause.joint, "and" | "but" | "," | "then" | "or") {
            before = Before { subject: own, be: be_of(clause) };
        }
    }
    found
}

fn asks(first: &Clause<'_>) -> bool {
    const ASKING: [&str; 18] = [
        "would", "shall", "should", "was", "is", "are", "did", "do", "does", "can", "could", "has", "have", "what",
        "when", "where", "which", "how",
    ];
    first.words.first().is_some_and(|word| ASKING.contains(&word.as_str())) || OPEN_JOINTS.contains(&first.joint)
}

fn is_lead(clause: &Clause<'_>) -> bool {
    clause.words.iter().all(|word| LEADS.contains(&word.as_str()))
}

/// What the word at this place says was done, when it can say so at all.
fn act(words: &[String], at: usize) -> Option<Act> {
    let word = words[at].as_str();
    let next = words.get(at + 1).map(String::as_str);
    let before = at.checked_sub(1).map(|at| words[at].as_str());
    match word {
        "out" => matches!(before, Some("went" | "gone" | "go" | "goes")).then_some(Act::Published),
        "live" => {
            let is_state = matches!(before, Some("is" | "are" | "went" | "gone" | "now" | "it" | "them"));
            (is_state && next.is_none_or(|next| BEHIND.contains(&next) || next == "in")).then_some(Act::Published)
        }
        "down" => words[..at]
            .iter()
            .rev()
            .take(4)
            .any(|word| matches!(word.as_str(), "taken" | "took"))
            .then_some(Act::Withdrawn),
        word if DRAFT_VERBS.contains(&word) => {
            let is_draft = |word: &String| word == "draft" || word == "drafts";
            words.iter().any(is_draft).then_some(Act::Drafted)
        }
        word => VERBS.iter().find(|(verb, _)| *verb == word).map(|(_, act)| *act),
    }
}

/// What a verb reports.
enum Report {
    /// We did it.
    Deed,
    /// Something is or was so.
    State { is_over: bool },
    /// It will go out.
    Coming,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    Missing,
    We,
    Own,
    Other,
}

/// What a clause without a subject of its own goes on with.
#[derive(Clone, Copy)]
struct Before {
    subject: Subject,
    /// Whether it "is" or, over already, "was".
    be: Option<bool>,
}

fn be_of(clause: &Clause<'_>) -> Option<bool> {
    let be = clause.words.iter().find(|word| BE.contains(&word.as_str()))?;
    Some(matches!(be.as_str(), "was" | "were" | "been" | "got"))
}

fn report(clause: &Clause<'_>, at: usize, before: Before, is_first: bool) -> Option<Report> {
    let words = clause.words;
    if is_denied(words, at) {
        return None;
    }
    let verb = if matches!(words[at].as_str(), "out" | "down") { begin_of_phrase(words, at) } else { at };
    let coming = coming(words, verb, at);
    let is_state = BE.contains(&words[verb].as_str()) && verb != at;
    let mut head = skip_adverbs(words, verb);
    let (mut has_be, mut has_have) = (is_state, false);
    let mut is_over = words[verb] == "went" || words[verb] == "gone";
    while let Some(word) = head.checked_sub(1).map(|at| words[at].as_str()) {
        if BE.contains(&word) {
            has_be = true;
            is_over |= matches!(word, "was" | "were" | "been" | "got" | "went" | "gone");
        } else if HAVE.contains(&word) {
            has_have = true;
            is_over = true;
        } else if !(word == "will" || (word == "be" && coming)) {
            break;
        }
        head = skip_adverbs(words, head - 1);
    }
    let own = subject_of(&words[..head]);
    let has_subject = own != Subject::Missing;
    let is_joined = matches!(clause.joint, "and" | "but" | "," | "then");
    let subject = if has_subject || !is_joined || head > 0 { own } else { before.subject };
    if coming {
        return (subject == Subject::Own).then_some(Report::Coming);
    }
    match subject {
        Subject::We if has_be => None,
        Subject::We => is_meant(words, at).then_some(Report::Deed),
        Subject::Own if !has_subject && !has_be => {
            let is_over = before.be?;
            Some(Report::State { is_over })
        }
        Subject::Own if has_be => Some(Report::State { is_over }),
        // "Draft saved."
        Subject::Own if !has_have && head == at && is_bare(words, at) && is_first => Some(Report::Deed),
        Subject::Own | Subject::Other => None,
        Subject::Missing if has_be || has_have => {
            // "Has been published." and, after something else, "published it".
            (is_first && has_be && head == 0).then_some(Report::State { is_over })
        }
        Subject::Missing => {
            let is_begin = head == 0 || words[..head].iter().all(|word| LEADS.contains(&word.as_str()));
            let is_free = is_first || (is_joined && before.subject == Subject::We);
            let behind = words.get(at + 1).map(String::as_str);
            let is_report = behind.is_none_or(|next| BEHIND.contains(&next) || is_adverb(next) || next == "a");
            (is_begin && is_free && is_report && is_meant(words, at)).then_some(Report::Deed)
        }
    }
}

/// "will go out", "will be published", "goes out at nine", "is going out".
fn coming(words: &[String], verb: usize, at: usize) -> bool {
    let go = words[verb].as_str();
    let is_going = words[at] == "out" && matches!(go, "go" | "goes" | "going");
    let will = words[..verb].iter().rev().take(4).any(|word| word == "will");
    let is_publishing = matches!(words[at].as_str(), "published" | "posted" | "sent" | "shared" | "live");
    is_going || (will && is_publishing)
}

/// Where "went out" and "taken down" begin.
fn begin_of_phrase(words: &[String], at: usize) -> usize {
    let verbs = ["went", "gone", "go", "goes", "going", "taken", "took"];
    (0..at).rev().take(4).find(|at| verbs.contains(&words[*at].as_str())).unwrap_or(at)
}

/// Negated or wished for, before the verb or right behind it.
fn is_denied(words: &[String], at: usize) -> bool {
    let is_coming = words[..at].iter().any(|word| word == "will");
    let before = words[..at].iter().enumerate();
    let denies = |no: usize, word: &str| {
        let is_wish = MODALS.contains(&word) && !(is_coming && word == "be");
        // "I want to be sure" far before does not reach; a negation does as far as the clause goes.
        NEGATIONS.contains(&word) || (is_wish && at - no <= 5)
    };
    before.clone().any(|(no, word)| denies(no, word))
        || words.get(at + 1).is_some_and(|next| matches!(next.as_str(), "nothing" | "none" | "yet" | "neither"))
}

fn is_adverb(word: &str) -> bool {
    ADVERBS.contains(&word) || (word.len() > 4 && word.ends_with("ly") && word != "reply")
}

fn skip_adverbs(words: &[String], mut at: usize) -> usize {
    while at > 0 && is_adverb(&words[at - 1]) {
        at -= 1;
    }
    at
}

/// Whether a weak or draft verb speaks of something of the person's.
fn is_meant(words: &[String], at: usize) -> bool {
    if !WEAK.contains(&words[at].as_str()) {
        return true;
    }
    let behind: Vec<_> = words[at + 1..].iter().filter(|word| !is_adverb(word)).take(2).collect();
    match behind.as_slice() {
        [] => true,
        [first, rest @ ..] => {
            let is_thing =
                rest.first().is_some_and(|word| THINGS.contains(&word.as_str()) && !word.starts_with("draft"));
            OBJECTS.contains(&first.as_str()) || (first.as_str() == "the" && is_thing)
        }
    }
}

/// "Post published." and "Draft saved for later." but not "The post published on Monday got …".
fn is_bare(words: &[String], at: usize) -> bool {
    words.get(at + 1).is_none_or(|next| matches!(next.as_str(), "successfully" | "now") || (next == "for" && at == 1))
}

fn subject(clause: &Clause<'_>) -> Subject {
    // The first words up to a verb say who it is about.
    let end = clause.words.iter().position(|word| {
        let word = word.as_str();
        BE.contains(&word) || HAVE.contains(&word) || word == "will" || act_word(word)
    });
    subject_of(&clause.words[..end.unwrap_or(clause.words.len()).min(6)])
}

fn act_word(word: &str) -> bool {
    DRAFT_VERBS.contains(&word) || VERBS.iter().any(|(verb, _)| *verb == word)
}

/// Who or what a run of words before a verb is.
fn subject_of(words: &[String]) -> Subject {
    let mut words = words.iter().map(String::as_str).filter(|word| !is_adverb(word) || OWN.contains(word)).peekable();
    while words.next_if(|word| LEADS.contains(word) && !OWN.contains(word)).is_some() {}
    let words: Vec<&str> = words.collect();
    let Some(first) = words.first() else { return Subject::Missing };
    if words.contains(&"i") {
        // "I have it scheduled" is said of us, "the post I liked is published" is not.
        return if *first == "i" { Subject::We } else { Subject::Other };
    }
    if *first == "we" {
        return Subject::Other;
    }
    let is_thing = words.get(1..).unwrap_or_default().iter().take(3).any(|word| THINGS.contains(word));
    let is_single = |word: &&str| THINGS.contains(word) && !word.ends_with('s');
    match *first {
        "your" => Subject::Own,
        "the" | "a" | "an" | "each" | "another" => {
            if is_thing {
                Subject::Own
            } else {
                Subject::Other
            }
        }
        first if OWN.contains(&first) => {
            if words.len() == 1 || is_thing {
                Subject::Own
            } else {
                Subject::Other
            }
        }
        first if is_single(&first) && words.len() == 1 => Subject::Own,
        first if first.parse::<u32>().is_ok() || matches!(first, "two" | "three" | "four" | "five") => {
            if is_thing {
                Subject::Own
            } else {
                Subject::Other
            }
        }
        _ => Subject::Other,
    }
}

/// Words in lower case with contractions written out; what joins clauses stands alone. Addresses, handles and tags are one odd word each.
fn words(sentence: &str) -> Vec<String> {
    let mut found = Vec::new();
    for chunk in sentence.split_whitespace() {
        let is_odd = chunk.contains(['/', '@', '#', '_', '\u{1}']) || chunk.trim_end_matches('.').contains('.');
        if is_odd {
            found.push("\u{1}".to_owned());
            found.extend(chunk.ends_with([',', ';', ':']).then(|| ",".to_owned()));
            continue;
        }
        let mut word = String::new();
        for c in chunk.to_lowercase().replace('’', "'").chars() {
            match c {
                c if c.is_alphanumeric() || c == '\'' => word.push(c),
                '-' if !word.is_empty() => word.push(c),
                ',' | ';' | ':' | '—' | '–' | '-' | '(' | ')' | '…' => {
                    push(&mut found, &std::mem::take(&mut word));
                    found.push(",".to_owned());
                }
                _ => push(&mut found, &std::mem::take(&mut word)),
            }
        }
        push(&mut found, &word);
    }
    found
}

fn push(found: &mut Vec<String>, word: &str) {
    let word = word.trim_matches(['\'', '-']);
    if word.is_empty() {
        return;
    }
    let endings =
        [("n't", "not"), ("'ve", "have"), ("'ll", "will"), ("'m", "am"), ("'re", "are"), ("'d", "would"), ("'s", "is")];
    match endings.iter().find_map(|(end, full)| word.strip_suffix(end).map(|stem| (stem, *full))) {
        Some((stem, full)) => {
            found.push(match stem {
                "ca" => "can".to_owned(),
                "wo" => "will".to_owned(),
                stem => stem.to_owned(),
            });
            found.push(full.to_owned());
        }
        None => found.push(word.to_owned()),
    }
}

fn clauses(words: &[String]) -> Vec<Clause<'_>> {
    let (mut found, mut begin, mut joint) = (Vec::new(), 0, "");
    for (at, word) in words.iter().enumerate() {
        let word = word.as_str();
        let is_joint = word == ","
            || OPEN_JOINTS.contains(&word)
            || (JOINTS.contains(&word) && at > begin)
            || (at == begin && JOINTS.contains(&word));
        // "that post", "so many" and "like this" at the very begin of a sentence join nothing.
        let is_joint = is_joint && !(at == 0 && matches!(word, "that" | "like" | "as" | "so" | "then"));
        if is_joint {
            if at > begin {
                found.push(Clause { joint, words: &words[begin..at] });
            }
            // A comma before a joint says nothing more than the joint.
            joint =
                if word == "," && at == begin && !joint.is_empty() && joint != "," { joint } else { joint_of(word) };
            begin = at + 1;
        }
    }
    if begin < words.len() {
        found.push(Clause { joint, words: &words[begin..] });
    }
    found
}

fn joint_of(word: &str) -> &str {
    word
}
