//! Insights as Meta's networks answer them: a list of named figures, for a post or an account. Which names there are is each network's own.

use serde::Deserialize;

use super::wire::Page;
use crate::domain::figures::counted;

/// A figure with its name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::platforms) struct Insight {
    name: String,
    values: Vec<Counted>,
    total_value: Option<Counted>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Counted {
    value: Option<i64>,
}

/// What one call answered.
pub(in crate::platforms) type Insights = Page<Insight>;

impl Insights {
    /// A figure: of a post's lifetime, or a total. What is not in the answer is unknown.
    pub(in crate::platforms) fn figure(&self, name: &str) -> Option<i64> {
        let insight = self.data.iter().find(|insight| insight.name == name)?;
        let total = insight.total_value.as_ref().or_else(|| insight.values.first())?;
        counted(total.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_read_in_both_shapes_and_else_unknown() {
        let read: Insights = serde_json::from_str(
            r#"{"data":[{"name":"views","period":"lifetime","values":[{"value":12}]},{"name":"followers_count","total_value":{"value":3}},
            {"name":"likes","values":[]},{"name":"shares","values":[{"value":-4}]},{"name":"odd"}]}"#,
        )
        .unwrap();
        let figures = ["views", "followers_count", "likes", "shares", "odd", "saved"].map(|name| read.figure(name));
        assert_eq!(figures, [Some(12), Some(3), None, None, None, None]);
        assert_eq!(serde_json::from_str::<Insights>(r#"{"data":[]}"#).unwrap().figure("views"), None);
    }
}
