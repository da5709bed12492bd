//! `metadata` and `checkCompatibility`: which names there are and what goes together (dossier google §6.2).

use serde_json::{Value, json};

use super::names::{DEPRECATED, DIMENSIONS, Dimension, METRICS, Metric, Where};
use super::plan::{self, Kind};
use super::request::Asked;
use crate::google::options::Ga4Tuning;
use crate::google::problem::{Answered, Problem};

fn old_names(name: &str) -> Vec<&'static str> {
    DEPRECATED.iter().filter(|(_, new)| *new == name).map(|(old, _)| *old).collect()
}

fn described(dimension: &Dimension) -> Value {
    let mut value = json!({"apiName": dimension.name, "uiName": dimension.ui, "category": dimension.category,
        "description": format!("{} (simulated).", dimension.ui)});
    if dimension.name.starts_with("custom") {
        value["customDefinition"] = true.into();
    }
    let old = old_names(dimension.name);
    if !old.is_empty() {
        value["deprecatedApiNames"] = json!(old);
    }
    value
}

fn described_metric(metric: &Metric, tuning: &Ga4Tuning) -> Value {
    let mut value = json!({"apiName": metric.name, "uiName": metric.ui, "type": metric.kind, "category": "Metrics",
        "description": format!("{} (simulated).", metric.ui)});
    if tuning.revenue_blocked && metric.is_revenue() {
        value["blockedReasons"] = json!(["NO_REVENUE_METRICS"]);
    }
    let old = old_names(metric.name);
    if !old.is_empty() {
        value["deprecatedApiNames"] = json!(old);
    }
    value
}

/// `GET /v1beta/properties/N/metadata`; property 0 is what all have.
pub(super) fn metadata(id: &str, tuning: &Ga4Tuning) -> Value {
    let is_here = |dimension: &&Dimension| {
        dimension.place != Where::Realtime && (id != "0" || !dimension.name.starts_with("custom"))
    };
    let dimensions: Vec<Value> = DIMENSIONS.iter().filter(is_here).map(described).collect();
    let metrics: Vec<Value> = METRICS.iter().map(|metric| described_metric(metric, tuning)).collect();
    json!({"name": format!("properties/{id}/metadata"), "dimensions": dimensions, "metrics": metrics})
}

/// `:checkCompatibility`.
pub(super) fn compatibility(asked: &Asked, tuning: &Ga4Tuning) -> Answered {
    let dimensions = asked.dimensions.iter().map(|asked| plan::find_dimension(&asked.name, Kind::Core));
    let dimensions = dimensions.collect::<Result<Vec<_>, Problem>>()?;
    let metrics = asked.metrics.iter().map(|asked| plan::find_metric(&asked.name, Kind::Core));
    let metrics = metrics.collect::<Result<Vec<_>, Problem>>()?;
    if let Some(culprit) = plan::incompatible(&dimensions, &metrics) {
        return Err(Problem::invalid(format!("Please remove {culprit} to make the request compatible.")));
    }
    let wanted = match asked.compatibility_filter.as_str() {
        "" | "COMPATIBILITY_UNSPECIFIED" => None,
        known @ ("COMPATIBLE" | "INCOMPATIBLE") => Some(known),
        other => return Err(Problem::invalid(format!("Invalid value at 'compatibility_filter', \"{other}\""))),
    };
    let word = |is_fine: bool| if is_fine { "COMPATIBLE" } else { "INCOMPATIBLE" };
    let is_wanted = |word: &&str| wanted.is_none_or(|wanted| wanted == *word);
    let of_dimensions =
        DIMENSIONS.iter().filter(|dimension| dimension.place != Where::Realtime).filter_map(|dimension| {
            let all = [dimensions.clone(), vec![dimension]].concat();
            let word = Some(word(plan::incompatible(&all, &metrics).is_none())).filter(|word| is_wanted(word))?;
            Some(json!({"dimensionMetadata": described(dimension), "compatibility": word}))
        });
    let of_dimensions: Vec<Value> = of_dimensions.collect();
    let of_metrics = METRICS.iter().filter_map(|metric| {
        let all = [metrics.clone(), vec![metric]].concat();
        let word = Some(word(plan::incompatible(&dimensions, &all).is_none())).filter(|word| is_wanted(word))?;
        Some(json!({"metricMetadata": described_metric(metric, tuning), "compatibility": word}))
    });
    let of_metrics: Vec<Value> = of_metrics.collect();
    Ok(json!({"dimensionCompatibilities": of_dimensions, "metricCompatibilities": of_metrics}))
}
