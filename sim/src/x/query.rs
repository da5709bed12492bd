//! Query strings and form bodies, and X's habit of refusing parameters that it does not know.

use std::collections::BTreeMap;

use super::problem::Problem;

/// Decoded pairs, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(raw: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(raw).into_owned().collect())
    }

    /// The token routes are documented as forms. twitter-api-v2, in wide use, sends them a JSON object
    /// of strings instead, so the real ones must take that as well.
    pub(crate) fn parse_form_or_json(raw: &[u8]) -> Self {
        match serde_json::from_slice::<BTreeMap<String, String>>(raw) {
            Ok(fields) => Self(fields.into_iter().collect()),
            Err(_) => Self::parse(raw),
        }
    }

    pub(crate) fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    pub(crate) fn of(uri: &axum::http::Uri) -> Self {
        Self::parse(uri.query().unwrap_or_default().as_bytes())
    }

    /// The first value of a parameter.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a parameter, repeated or separated by commas.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        let values = self.0.iter().filter(|(key, _)| key == name);
        values.flat_map(|(_, value)| value.split(',')).filter(|part| !part.is_empty()).collect()
    }

    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Refuses parameters that are not in `known`.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.0.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some((key, value)) => {
                let message = format!("The query parameter [{key}] is not one of [{}]", known.join(","));
                Err(Problem::invalid(&message, key, value))
            }
        }
    }

    /// The values of a list parameter, all of which must be in `known`.
    pub(crate) fn list_of(&self, name: &str, known: &[&str]) -> Result<Vec<&str>, Problem> {
        let values = self.list(name);
        match values.iter().find(|value| !known.contains(value)) {
            None => Ok(values),
            Some(value) => {
                let message =
                    format!("The `{name}` query parameter value [{value}] is not one of [{}]", known.join(","));
                Err(Problem::invalid(&message, name, value))
            }
        }
    }
}
