//! Names of a property's own: what somebody defined there (a plan, an author) goes by the word that it has there, what is not there is refused with what is
//! nearest, and what this account may not see is said, all before a report is asked. Names that every property has are `catalogue`.

use serde::Deserialize;
use serde_json::Value;

use super::cache::Request;
use super::catalogue::{self, Unit, bare};
use super::page::{Head, Line, Page};
use super::{Analytics, DAY_MS, TrafficAsk, below, filter, read_call, segment};
use crate::domain::caller::Caller;
use crate::domain::google::{Feature, Login, Source, SourceKind};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// A property has some four hundred names; each comes with a description.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Letters of a name.
const NAME_CHARS_MAX: usize = 120;
/// What names of a property's own begin with.
const LEADS: [&str; 5] = ["customEvent:", "customUser:", "customItem:", "keyEvents:", "sessionKeyEventRate:"];

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Dimension,
    Metric,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Dimension => "dimension",
            Self::Metric => "metric",
        }
    }
}

/// A name that the property knows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    kind: Kind,
    /// At Google.
    name: String,
    /// As people see it there.
    shown: String,
    /// Why this account may not see it; nothing when it may.
    blocked: String,
}

/// Whether every property has a name, and it is nobody's own.
fn is_common(kind: Kind, given: &str) -> bool {
    let is_own = LEADS.iter().any(|lead| given.trim().starts_with(lead));
    !is_own
        && match kind {
            Kind::Dimension => catalogue::dimension(given).is_ok(),
            // What is paid may be hidden from an account.
            Kind::Metric => catalogue::metric(given).is_ok_and(|(_, unit)| unit != Unit::Money),
        }
}

impl Analytics {
    /// A question with the names of the property's own in place of people's words for them.
    ///
    /// # Errors
    /// Refused with the nearest name when the property knows no such name, or when this account may not see it.
    pub(super) async fn with_own_names(&self, caller: &Caller, ask: &TrafficAsk) -> Result<TrafficAsk, ToolError> {
        let fields: Vec<String> = filter::read(&ask.filters)?.into_iter().map(|filter| filter.field).collect();
        let of = |kind: Kind, names: &[String]| names.iter().any(|name| !is_common(kind, name));
        let is_either = |name: &String| is_common(Kind::Dimension, name) || is_common(Kind::Metric, name);
        let is_all_common =
            !of(Kind::Dimension, &ask.dimensions) && !of(Kind::Metric, &ask.metrics) && fields.iter().all(is_either);
        if is_all_common {
            return Ok(ask.clone());
        }
        let known = match self.pick(caller, SourceKind::Property, ask.property.as_deref()).await {
            Ok((login, source)) => self.known_names(&login, &source).await,
            Err(error) => Err(error),
        };
        let known = match known {
            Ok(known) => known,
            // Then what everybody has is all that is known: a wrong word is refused with the nearest of those.
            Err(ToolError::Refused(_)) => return Ok(ask.clone()),
            Err(failed @ ToolError::Failed(_)) => return Err(failed),
        };
        let mut ask = ask.clone();
        for (kind, names) in [(Kind::Dimension, &mut ask.dimensions), (Kind::Metric, &mut ask.metrics)] {
            for name in names.iter_mut().filter(|name| !is_common(kind, name)) {
                *name = found(&known, kind, name)?;
            }
        }
        for (condition, field) in ask.filters.iter_mut().zip(&fields).filter(|(_, field)| !is_either(field)) {
            let name = found(&known, Kind::Dimension, field).or_else(|_| found(&known, Kind::Metric, field))?;
            *condition = condition.replacen(field.as_str(), &name, 1);
        }
        Ok(ask)
    }

    /// The names of a property, kept for a day.
    async fn known_names(&self, login: &Login, source: &Source) -> Result<Vec<Known>, ToolError> {
        let (_, urls) = self.ready()?;
        let number = source.facts.remote_id.trim_start_matches("properties/");
        let url = below(&urls.data, &format!("v1beta/properties/{}/metadata", segment(number)))?;
        let call = read_call(Feature::Analytics, url, BYTES_MAX);
        let request = Request { login, about: &source.facts.remote_id, call, life_ms: DAY_MS };
        let page = self.answered(&request, 0, read).await?.page;
        Ok(page.rows.into_iter().filter_map(|Line(cells, _)| known(cells)).collect())
    }
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    dimensions: Vec<Value>,
    #[serde(default)]
    metrics: Vec<Value>,
}

/// Kept in the shape of reports: a row of texts for each name.
fn read(answer: &[u8]) -> Result<Page, String> {
    let Metadata { dimensions, metrics } = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    let clean = |value: &Value| -> String {
        let text = value.as_str().unwrap_or_default();
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(NAME_CHARS_MAX).collect()
    };
    let line = |kind: Kind, one: &Value| {
        let blocked = clean(&one["blockedReasons"][0]);
        Line(vec![kind.word().to_owned(), clean(&one["apiName"]), clean(&one["uiName"]), blocked], Vec::new())
    };
    let rows: Vec<Line> = dimensions
        .iter()
        .map(|one| line(Kind::Dimension, one))
        .chain(metrics.iter().map(|one| line(Kind::Metric, one)))
        .take(super::page::PART_ROWS)
        .collect();
    let dimensions = ["kind", "name", "shown", "blocked"].map(str::to_owned).to_vec();
    let head = Head { dimensions, rows_here: rows.len(), row_count: Some(rows.len()), ..Head::default() };
    Ok(Page { head, rows })
}

fn known(cells: Vec<String>) -> Option<Known> {
    let [kind, name, shown, blocked]: [String; 4] = cells.try_into().ok()?;
    let kind = [Kind::Dimension, Kind::Metric].into_iter().find(|one| one.word() == kind)?;
    Some(Known { kind, name, shown, blocked })
}

/// The name that a word stands for.
fn found(known: &[Known], kind: Kind, given: &str) -> Result<String, Sentence> {
    // What everybody has goes by the words that people have for it.
    let given = match kind {
        Kind::Dimension => catalogue::dimension(given).unwrap_or_else(|_| given.to_owned()),
        Kind::Metric => catalogue::metric(given).map_or_else(|_| given.to_owned(), |(name, _)| name),
    };
    let of_kind: Vec<&Known> = known.iter().filter(|one| one.kind == kind).collect();
    let wanted = bare(&given);
    let own = |one: &Known| one.name.split_once(':').map(|(_, own)| bare(own));
    let is_it = |one: &&&Known| {
        bare(&one.name) == wanted || bare(&one.shown) == wanted || own(one).is_some_and(|own| own == wanted)
    };
    match of_kind.iter().find(is_it) {
        Some(one) if one.blocked.is_empty() => Ok(one.name.clone()),
        Some(one) => Err(say!("report-name-blocked", given = &one.name, why = &one.blocked)),
        None => {
            let names = of_kind.iter().flat_map(|one| [one.name.as_str(), one.shown.as_str()]);
            let nearest = catalogue::nearest(&given, names);
            let name = of_kind.iter().find(|one| one.shown == nearest).map_or(nearest, |one| one.name.as_str());
            Err(catalogue::unknown(kind.word(), &given, name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_propertys_own_goes_by_its_words_and_a_wrong_one_by_the_nearest() {
        let answer = br#"{"dimensions":[{"apiName":"country","uiName":"Country"},{"apiName":"customUser:plan","uiName":"Plan"},
            {"apiName":"customEvent:author","uiName":"Author of the page","customDefinition":true}],
            "metrics":[{"apiName":"sessions","uiName":"Sessions"},{"apiName":"totalRevenue","uiName":"Total revenue","blockedReasons":["NO_REVENUE_METRICS"]}]}"#;
        let all: Vec<Known> =
            read(answer).unwrap().rows.into_iter().filter_map(|Line(cells, _)| known(cells)).collect();
        let of = |given: &str| found(&all, Kind::Dimension, given);
        for given in ["plan", "Plan", "customUser:plan"] {
            assert_eq!(of(given).unwrap(), "customUser:plan", "{given}");
        }
        assert_eq!(of("author of the page").unwrap(), "customEvent:author");
        let nearest = |given: &str| {
            let why = of(given).unwrap_err();
            why.args.iter().find(|(name, _)| name == "nearest").map(|(_, arg)| format!("{arg:?}")).unwrap()
        };
        assert_eq!(nearest("customUser:plam"), "Text(\"customUser:plan\")");
        assert_eq!(nearest("Author of page"), "Text(\"customEvent:author\")");
        assert_eq!(found(&all, Kind::Metric, "revenue").unwrap_err().key, "report-name-blocked");
        assert!(read(b"<html>").is_err());
        assert!(is_common(Kind::Dimension, "国") && !is_common(Kind::Dimension, "customUser:plan"));
    }
}
