//! Conditions as people write them: `country = Italy`, `pagePath begins with /blog`, `sessions > 100`. What is meant in each API is decided
//! where it is asked.

use crate::domain::refusal::Sentence;
use crate::say;

/// Conditions of one report: more is no question any more.
const FILTERS_MAX: usize = 10;
/// No address is longer, and no search term.
const VALUE_CHARS_MAX: usize = 2_000;

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// Exactly this.
    Is,
    /// Anything else.
    IsNot,
    /// Holds it.
    Contains,
    /// Does not hold it.
    ContainsNot,
    /// Begins so.
    Begins,
    /// Ends so.
    Ends,
    /// Fits a regular expression (RE2).
    Matches,
    /// More than a number.
    More,
    /// Less than a number.
    Less,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    /// Of what.
    pub(super) field: String,
    /// How.
    pub(super) op: Op,
    /// With what.
    pub(super) value: String,
}

/// The longer ones first: each is found where it begins.
const OPS: [(&str, Op); 16] = [
    (" not contains ", Op::ContainsNot),
    (" does not contain ", Op::ContainsNot),
    (" contains ", Op::Contains),
    (" begins with ", Op::Begins),
    (" starts with ", Op::Begins),
    (" ends with ", Op::Ends),
    (" matches ", Op::Matches),
    (" is not ", Op::IsNot),
    (" is ", Op::Is),
    ("!=", Op::IsNot),
    ("==", Op::Is),
    ("!~", Op::ContainsNot),
    ("=~", Op::Matches),
    ("=", Op::Is),
    (">", Op::More),
    ("<", Op::Less),
];

/// Reads conditions.
///
/// # Errors
/// Refused when one is none, or there are too many.
pub(super) fn read(given: &[String]) -> Result<Vec<Filter>, Sentence> {
    if given.len() > FILTERS_MAX {
        return Err(say!("report-too-many-filters", max = FILTERS_MAX));
    }
    given.iter().map(|text| one(text).ok_or_else(|| say!("report-filter-wrong", given = shown(text)))).collect()
}

/// As it is told in a refusal.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

fn one(text: &str) -> Option<Filter> {
    let text = text.trim();
    // The sign that stands first counts: what is behind it belongs to the value.
    let found = OPS.iter().filter_map(|(sign, op)| find(text, sign).map(|at| (at, *sign, *op)));
    let (at, sign, op) = found.min_by_key(|(at, sign, _)| (*at, std::cmp::Reverse(sign.len())))?;
    let (field, value) = (text[..at].trim(), text[at + sign.len()..].trim());
    let value = value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(value);
    let is_right = !field.is_empty() && !value.is_empty() && value.chars().count() <= VALUE_CHARS_MAX;
    is_right.then(|| Filter { field: field.to_owned(), op, value: value.to_owned() })
}

/// Where a sign stands, whatever its case.
fn find(text: &str, sign: &str) -> Option<usize> {
    let (text, sign) = (text.as_bytes(), sign.as_bytes());
    (0..text.len().saturating_sub(sign.len() - 1)).find(|at| text[*at..at + sign.len()].eq_ignore_ascii_case(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_as_they_are_written() {
        let of = |text: &str| one(text).map(|filter| (filter.field, filter.op, filter.value));
        let some = |field: &str, op, value: &str| Some((field.to_owned(), op, value.to_owned()));
        assert_eq!(of("country = Italy"), some("country", Op::Is, "Italy"));
        assert_eq!(of("page begins with /blog?a=b"), some("page", Op::Begins, "/blog?a=b"));
        assert_eq!(of("pagePath!=/a=b"), some("pagePath", Op::IsNot, "/a=b"));
        assert_eq!(of("query Does Not Contain \"my brand\""), some("query", Op::ContainsNot, "my brand"));
        assert_eq!(of("国=日本"), some("国", Op::Is, "日本"));
        assert_eq!(of("sessions > 100"), some("sessions", Op::More, "100"));
        for bad in ["", "country", "= Italy", "country =", "country = \"\""] {
            assert_eq!(of(bad), None, "{bad}");
        }
        assert_eq!(read(&vec!["a=b".to_owned(); 11]).unwrap_err().key, "report-too-many-filters");
    }

    proptest::proptest! {
        #[test]
        fn nothing_breaks_it(text in ".{0,80}") {
            let _read = one(&text);
        }
    }
}
