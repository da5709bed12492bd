//! The Admin API as far as reading goes: accounts, properties, streams, key events (dossier google §6.1).

use serde_json::{Value, json};

use super::world::{ACCOUNTS, KEY_EVENTS, PROPERTIES, Property};
use crate::form::Form;
use crate::google::options::Ga4Tuning;
use crate::google::options::GoogleUser;
use crate::google::problem::{Answered, Problem};

/// Entries of a page without `pageSize`, and at most.
const PAGE: usize = 50;
const PAGE_MAX: usize = 200;

fn page(items: Vec<Value>, name: &str, query: &Form) -> Answered {
    let wrong = |what: &str| Problem::invalid(format!("Invalid value for {what}"));
    let size = query.one("pageSize").map(|text| text.parse::<usize>().map_err(|_| wrong("pageSize"))).transpose()?;
    let size = size.filter(|size| *size > 0).unwrap_or(PAGE).min(PAGE_MAX);
    let begin = query.one("pageToken").map(|token| {
        token.strip_prefix("sim-").and_then(|at| at.parse::<usize>().ok()).ok_or_else(|| wrong("pageToken"))
    });
    let begin = begin.transpose()?.unwrap_or(0);
    let mut answer = json!({});
    let all = items.len();
    let shown: Vec<Value> = items.into_iter().skip(begin).take(size).collect();
    if !shown.is_empty() {
        answer[name] = shown.into();
    }
    let end = begin.saturating_add(size);
    if end < all {
        answer["nextPageToken"] = format!("sim-{end}").into();
    }
    Ok(answer)
}

fn accounts_of(user: &GoogleUser) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    ACCOUNTS.iter().filter(|(id, _)| user.ga4_accounts.iter().any(|held| held == id))
}

/// `GET /v1beta/accountSummaries`.
pub(super) fn summaries(user: &GoogleUser, query: &Form) -> Answered {
    let summary = |(id, name): &(&str, &str)| {
        let mut summary =
            json!({"name": format!("accountSummaries/{id}"), "account": format!("accounts/{id}"), "displayName": name});
        let mine = PROPERTIES.iter().filter(|property| property.account == *id);
        let properties: Vec<Value> = mine
            .map(|property| {
                json!({"property": format!("properties/{}", property.id), "displayName": property.name,
                    "propertyType": "PROPERTY_TYPE_ORDINARY", "parent": format!("accounts/{id}"), "canEdit": true})
            })
            .collect();
        if !properties.is_empty() {
            summary["propertySummaries"] = properties.into();
        }
        summary
    };
    page(accounts_of(user).map(summary).collect(), "accountSummaries", query)
}

/// `GET /v1beta/accounts`.
pub(super) fn accounts(user: &GoogleUser, query: &Form) -> Answered {
    let account = |(id, name): &(&str, &str)| json!({"name": format!("accounts/{id}"), "displayName": name, "regionCode": "IT", "createTime": "2024-01-10T09:00:00Z", "updateTime": "2024-01-10T09:00:00Z"});
    page(accounts_of(user).map(account).collect(), "accounts", query)
}

/// `GET /v1beta/properties/N`, as it stands now.
pub(super) fn tuned(one: &Property, tuning: &Ga4Tuning) -> Value {
    let mut value = property(one);
    if let Some(zone) = &tuning.moved_to {
        value["timeZone"] = zone.as_str().into();
    }
    if let Some(fields) = value.as_object_mut().filter(|_| tuning.hides_zone) {
        fields.remove("timeZone");
    }
    value
}

/// `GET /v1beta/properties/N`.
pub(super) fn property(property: &Property) -> Value {
    json!({"name": format!("properties/{}", property.id), "parent": format!("accounts/{}", property.account),
        "account": format!("accounts/{}", property.account), "displayName": property.name,
        "timeZone": property.zone_name, "currencyCode": property.currency, "serviceLevel": "GOOGLE_ANALYTICS_STANDARD",
        "propertyType": "PROPERTY_TYPE_ORDINARY", "industryCategory": "TECHNOLOGY",
        "createTime": "2024-01-10T09:00:00Z", "updateTime": "2024-06-01T09:00:00Z"})
}

/// `GET /v1beta/properties?filter=parent:accounts/N`.
pub(super) fn properties(user: &GoogleUser, query: &Form) -> Answered {
    let filter = query.one("filter").unwrap_or_default();
    let account = filter.strip_prefix("parent:accounts/").or(filter.strip_prefix("ancestor:accounts/"));
    let account = account.ok_or_else(|| Problem::invalid("The filter must be like parent:accounts/123."))?;
    if !accounts_of(user).any(|(id, _)| *id == account) {
        return Err(Problem::denied("The caller does not have permission"));
    }
    page(PROPERTIES.iter().filter(|one| one.account == account).map(property).collect(), "properties", query)
}

/// `GET /v1beta/properties/N/dataStreams`.
pub(super) fn streams(property: &Property, query: &Form) -> Answered {
    let stream = json!({"name": format!("properties/{0}/dataStreams/9{0}", property.id), "type": "WEB_DATA_STREAM",
        "displayName": property.name, "webStreamData": {"measurementId": format!("G-SIM{}", property.id),
        "defaultUri": format!("https://{}", property.host)}, "createTime": "2024-01-10T09:00:00Z", "updateTime": "2024-01-10T09:00:00Z"});
    page(vec![stream], "dataStreams", query)
}

/// `GET /v1beta/properties/N/keyEvents`.
pub(super) fn key_events(property: &Property, query: &Form) -> Answered {
    let known = KEY_EVENTS.iter().filter(|name| property.has_shop || **name != "purchase").enumerate();
    let events = known.map(|(at, name)| {
        json!({"name": format!("properties/{}/keyEvents/{}", property.id, at + 1), "eventName": name,
            "countingMethod": "ONCE_PER_EVENT", "createTime": "2024-01-10T09:00:00Z", "deletable": true, "custom": true})
    });
    page(events.collect(), "keyEvents", query)
}
