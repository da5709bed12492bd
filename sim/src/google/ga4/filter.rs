//! Filters of Analytics: a tree of and, or, not over single checks, made ready once and asked for every event or row.

use regex::{Regex, RegexBuilder};

use super::request::{Expression, FieldFilter, NumericFilter, StringFilter};
use crate::google::problem::Problem;

/// A tree that is nested deeper is refused.
const DEPTH_MAX: usize = 12;
/// A pattern that is longer compiled is refused.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// A filter over fields of one kind.
pub(super) enum Test<F> {
    All(Vec<Test<F>>),
    Any(Vec<Test<F>>),
    Not(Box<Test<F>>),
    Field(F, Check),
}

/// What one field must be.
pub(super) enum Check {
    Exact(Vec<String>, Case),
    Begins(String, Case),
    Ends(String, Case),
    Contains(String, Case),
    Pattern(Box<Regex>),
    Compared(String, f64),
    Between(f64, f64),
    Empty,
}

/// Whether capitals count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Kept,
    Folded,
}

impl Case {
    fn of(is_sensitive: bool) -> Self {
        if is_sensitive { Self::Kept } else { Self::Folded }
    }

    fn fold(self, text: &str) -> String {
        match self {
            Self::Kept => text.to_owned(),
            Self::Folded => text.to_lowercase(),
        }
    }
}

impl<F> Test<F> {
    /// Makes a filter ready; `find` knows the fields and refuses the rest.
    pub(super) fn new(asked: &Expression, find: &dyn Fn(&str) -> Result<F, Problem>) -> Result<Self, Problem> {
        Self::nested(asked, find, 0)
    }

    fn nested(asked: &Expression, find: &dyn Fn(&str) -> Result<F, Problem>, depth: usize) -> Result<Self, Problem> {
        if depth > DEPTH_MAX {
            return Err(Problem::invalid("The filter expression is nested too deeply."));
        }
        let many = |group: &super::request::Group| -> Result<Vec<Self>, Problem> {
            if group.expressions.is_empty() {
                return Err(Problem::invalid("A filter expression list must have at least one expression."));
            }
            group.expressions.iter().map(|inner| Self::nested(inner, find, depth + 1)).collect()
        };
        match (&asked.and_group, &asked.or_group, &asked.not_expression, &asked.filter) {
            (Some(group), None, None, None) => Ok(Self::All(many(group)?)),
            (None, Some(group), None, None) => Ok(Self::Any(many(group)?)),
            (None, None, Some(inner), None) => Ok(Self::Not(Box::new(Self::nested(inner, find, depth + 1)?))),
            (None, None, None, Some(filter)) => Ok(Self::Field(find(&filter.field_name)?, check(filter)?)),
            _ => Err(Problem::invalid(
                "A filter expression must have exactly one of andGroup, orGroup, notExpression and filter.",
            )),
        }
    }

    /// All fields in it.
    pub(super) fn fields(&self) -> Vec<&F> {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().flat_map(Self::fields).collect(),
            Self::Not(inner) => inner.fields(),
            Self::Field(field, _) => vec![field],
        }
    }

    /// Whether it holds.
    pub(super) fn holds(&self, read: &dyn Fn(&F) -> String) -> bool {
        match self {
            Self::All(inner) => inner.iter().all(|test| test.holds(read)),
            Self::Any(inner) => inner.iter().any(|test| test.holds(read)),
            Self::Not(inner) => !inner.holds(read),
            Self::Field(field, check) => check.holds(&read(field)),
        }
    }
}

impl Check {
    fn holds(&self, value: &str) -> bool {
        let number = || value.parse::<f64>().ok();
        match self {
            Self::Exact(wanted, case) => {
                let value = case.fold(value);
                wanted.contains(&value)
            }
            Self::Begins(wanted, case) => case.fold(value).starts_with(wanted),
            Self::Ends(wanted, case) => case.fold(value).ends_with(wanted),
            Self::Contains(wanted, case) => case.fold(value).contains(wanted),
            Self::Pattern(pattern) => pattern.is_match(value),
            Self::Compared(operation, wanted) => number().is_some_and(|value| match operation.as_str() {
                "LESS_THAN" => value < *wanted,
                "LESS_THAN_OR_EQUAL" => value <= *wanted,
                "GREATER_THAN" => value > *wanted,
                "GREATER_THAN_OR_EQUAL" => value >= *wanted,
                _ => (value - wanted).abs() < f64::EPSILON,
            }),
            Self::Between(from, to) => number().is_some_and(|value| (*from..=*to).contains(&value)),
            Self::Empty => value.is_empty() || value == "(not set)",
        }
    }
}

fn check(filter: &FieldFilter) -> Result<Check, Problem> {
    let missing = || Problem::invalid("A numeric filter must have a value.");
    match filter {
        FieldFilter {
            string_filter: Some(text),
            in_list_filter: None,
            numeric_filter: None,
            between_filter: None,
            ..
        } => text_check(text),
        FieldFilter {
            in_list_filter: Some(list),
            string_filter: None,
            numeric_filter: None,
            between_filter: None,
            ..
        } => {
            if list.values.is_empty() {
                return Err(Problem::invalid("An inListFilter must have at least one value."));
            }
            let case = Case::of(list.case_sensitive);
            Ok(Check::Exact(list.values.iter().map(|value| case.fold(value)).collect(), case))
        }
        FieldFilter { numeric_filter: Some(NumericFilter { operation, value }), between_filter: None, .. } => {
            const KNOWN: [&str; 5] =
                ["EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL"];
            if !KNOWN.contains(&operation.as_str()) {
                return Err(Problem::invalid(format!("Invalid value at 'numeric_filter.operation', \"{operation}\"")));
            }
            Ok(Check::Compared(operation.clone(), value.value().ok_or_else(missing)?))
        }
        FieldFilter { between_filter: Some(between), .. } => {
            let (from, to) = (&between.from_value, &between.to_value);
            Ok(Check::Between(from.value().ok_or_else(missing)?, to.value().ok_or_else(missing)?))
        }
        FieldFilter { empty_filter: Some(_), .. } => Ok(Check::Empty),
        _ => Err(Problem::invalid(format!("The filter for {} has no condition.", filter.field_name))),
    }
}

fn text_check(text: &StringFilter) -> Result<Check, Problem> {
    let case = Case::of(text.case_sensitive);
    let wanted = case.fold(&text.value);
    let pattern = |pattern: String| {
        let built =
            RegexBuilder::new(&pattern).case_insensitive(case == Case::Folded).size_limit(PATTERN_BYTES_MAX).build();
        let built = built.map(|built| Check::Pattern(Box::new(built)));
        built.map_err(|_| Problem::invalid(format!("The regular expression {} is invalid.", text.value)))
    };
    match text.match_type.as_str() {
        "" | "MATCH_TYPE_UNSPECIFIED" | "EXACT" => Ok(Check::Exact(vec![wanted], case)),
        "BEGINS_WITH" => Ok(Check::Begins(wanted, case)),
        "ENDS_WITH" => Ok(Check::Ends(wanted, case)),
        "CONTAINS" => Ok(Check::Contains(wanted, case)),
        "FULL_REGEXP" => pattern(format!("^(?:{})$", text.value)),
        "PARTIAL_REGEXP" => pattern(text.value.clone()),
        other => Err(Problem::invalid(format!("Invalid value at 'string_filter.match_type', \"{other}\""))),
    }
}
