//! Rows of sentences with what they claim, and texts made of anything.

use proptest::prelude::*;

use super::*;

fn word(claim: Claim) -> String {
    let by = match claim.by {
        By::Us => "",
        By::Anybody => "is ",
    };
    format!("{by}{:?}", claim.act).to_lowercase()
}

/// Every claim of a text.
fn shown(text: &str) -> String {
    let masked = quotes::masked(text);
    let mut found: Vec<Claim> = sentences(&masked).into_iter().flat_map(claims).collect();
    found.sort_unstable();
    found.dedup();
    let found: Vec<_> = found.into_iter().map(word).collect();
    if found.is_empty() { "-".into() } else { found.join(", ") }
}

#[test]
fn sentences_claim_what_people_would_take_from_them() {
    const ROWS_MIN: usize = 50;
    let rows = include_str!("rows.txt");
    let (mut wrong, mut english, mut japanese) = (Vec::new(), 0, 0);
    for row in rows.lines().filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let (text, wanted) = row.split_once(" => ").unwrap();
        let got = shown(&text.replace("\\n", "\n"));
        *if text.chars().any(|c| ('ぁ'..='ん').contains(&c)) { &mut japanese } else { &mut english } += 1;
        if got != wanted {
            wrong.push(format!("{text}: {got}, not {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(english >= ROWS_MIN && japanese >= ROWS_MIN, "{english} English rows, {japanese} Japanese ones");
}

fn check(text: &str, done: &[Act], read: &[Act]) -> Option<String> {
    checked(text, &Evidence { done: done.to_vec(), read: read.to_vec() }, "[not done]")
}

#[test]
fn a_claim_without_a_deed_is_replaced_and_the_rest_stays() {
    assert_eq!(
        check("I wrote it. I have scheduled it for 9:00 on Nov. 24. Anything else?", &[Act::Drafted], &[]),
        Some("I wrote it. [not done] Anything else?".into())
    );
    assert_eq!(
        check("下書きです。明日の9時に予約しました。ほかにありますか？", &[], &[]),
        Some("下書きです。[not done]ほかにありますか？".into())
    );
    assert_eq!(check("Published! Also deleted the old one.", &[], &[]), Some("[not done] ".into()));
}

#[test]
fn a_deed_needs_a_call_and_a_state_a_row() {
    assert_eq!(check("I have scheduled it.", &[Act::Scheduled], &[]), None);
    assert_eq!(check("It was scheduled and published.", &[Act::Published], &[]), None);
    assert_eq!(check("予約しました。", &[Act::Scheduled], &[]), None);
    assert!(check("It is published.", &[Act::Scheduled], &[]).is_some());
    // What a list shows was not done by us now, and may be told.
    assert!(check("I have published it.", &[], &[Act::Published]).is_some());
    assert!(check("公開しました。", &[], &[Act::Published]).is_some());
    assert_eq!(check("Your post was published on Monday.", &[], &[Act::Published]), None);
    assert_eq!(check("昨日公開しました。", &[], &[Act::Published]), None);
    assert!(check("Your post was published on Monday.", &[], &[Act::Drafted]).is_some());
}

proptest! {
    #[test]
    fn any_text_is_read_and_only_sentences_are_replaced(text in "[a-zA-Z '“”\"「」`>,.?!。、しましたかI公開投稿予約it was published\n]{0,80}") {
        let all = [Act::Drafted, Act::Scheduled, Act::Published, Act::Withdrawn, Act::Connected, Act::Approved, Act::Paused, Act::Resumed,
            Act::Forgotten];
        prop_assert_eq!(check(&text, &all, &[]), None);
        let _either = check(&text, &[], &[]);
    }
}
