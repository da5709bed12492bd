//! Reading the simulated LinkedIn (dossier §2, §5, §6): who somebody is, their pages, their posts and the numbers, each behind its own
//! gate: a self-serve app reads nothing but identity.

use std::sync::Arc;

use axum::Json;
use axum::extract::{OriginalUri, Path, State as Shared};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::LinkedIn;
use super::ask::{Act, Ask, Params, key};
use super::oauth::bearer;
use super::posts::find;
use super::refusal::Refusal;
use super::state::{Post, State};
use crate::{lock, samples};

const PAGE_MAX: usize = 100;
const QUERIES: [&str; 8] =
    ["IMPRESSION", "MEMBERS_REACHED", "RESHARE", "REACTION", "COMMENT", "POST_SAVE", "POST_SEND", "LINK_CLICKS"];
const SHARE_COUNTS: [&str; 6] =
    ["impressionCount", "uniqueImpressionsCount", "clickCount", "likeCount", "commentCount", "shareCount"];
const ADMIN: [&str; 2] = ["rw_organization_admin", "r_organization_admin"];

type Room = Shared<Arc<LinkedIn>>;

/// `GET /v2/userinfo`: no version header here.
pub(super) async fn userinfo(Shared(linkedin): Room, headers: HeaderMap) -> Response {
    let state = lock(&linkedin.state);
    let work = || {
        let (member, scopes) = bearer(&state, &headers, linkedin.clock.now_ms())?;
        let may = |scope: &str| scopes.iter().any(|held| held == scope);
        if !may("openid") {
            let message = "Not enough permissions to access: userinfo.GET.NO_VERSION";
            return Err(Refusal::new(403, "ACCESS_DENIED", message));
        }
        let mut shown = json!({"sub": member.sub});
        if may("profile") {
            shown["name"] = member.name().into();
            shown["given_name"] = member.given_name.as_str().into();
            shown["family_name"] = member.family_name.as_str().into();
            shown["locale"] = json!({"country": "US", "language": "en"});
            if member.has_picture {
                shown["picture"] = format!("{}/media/pictures/{}.png", linkedin.root(), member.sub).into();
            }
        }
        if let Some(email) = member.email.filter(|_| may("email")) {
            shown["email"] = email.into();
            shown["email_verified"] = true.into();
        }
        Ok(Json(shown).into_response())
    };
    work().unwrap_or_else(IntoResponse::into_response)
}

/// The picture that `userinfo` names.
pub(super) async fn picture(Path(name): Path<String>) -> Response {
    ([(CONTENT_TYPE, "image/png")], samples::portrait(&name)).into_response()
}

/// `GET /rest/organizationAcls?q=roleAssignee`.
pub(super) async fn acls(Shared(linkedin): Room, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    linkedin.answer(&headers, |state, ask| {
        ask.needs(&ADMIN, "organizationAcls.FINDER-roleAssignee")?;
        let params = Params::of(&uri);
        if params.needed("q")? != "roleAssignee" {
            return Err(Refusal::illegal("q :: roleAssignee is needed"));
        }
        let wanted = (params.one("role")?, params.one("state")?);
        let fits = wanted.0.is_none_or(|role| role == "ADMINISTRATOR") && wanted.1.is_none_or(|state| state == "APPROVED");
        let pages = state.options.pages.iter().filter(|page| fits && page.admins.contains(&ask.member.sub));
        let elements: Vec<Value> = pages
            .map(|page| {
                json!({"organization": page.urn(), "role": "ADMINISTRATOR", "roleAssignee": ask.member.urn(), "state": "APPROVED"})
            })
            .collect();
        let paging = json!({"start": 0, "count": 10, "links": []});
        Ok(Json(json!({"elements": elements, "paging": paging})).into_response())
    })
}

/// `GET /rest/organizations/{id}`.
pub(super) async fn organization(Shared(linkedin): Room, Path(id): Path<String>, headers: HeaderMap) -> Response {
    linkedin.answer(&headers, |state, ask| {
        ask.needs(&ADMIN, "organizations.GET")?;
        let page = state.options.pages.iter().find(|page| page.id == id).ok_or_else(|| Refusal::not_found(&id))?;
        Ok(Json(
            json!({"id": page.id.parse::<u64>().unwrap_or(0), "localizedName": page.name, "vanityName": page.vanity,
            "logoV2": {"original": format!("urn:li:digitalmediaAsset:{}", page.id)}}),
        )
        .into_response())
    })
}

fn reads(state: &State, ask: &Ask, author: &str, what: &str) -> Result<(), Refusal> {
    let (member, page) = (&["r_member_social"], &["r_organization_social"]);
    ask.acts_as(state, author, &Act { field: "/author", member, page, what })
}

fn shown(post: &Post) -> Value {
    let entry = &post.entry;
    let mut shown = json!({"id": entry.id, "author": entry.account_id, "commentary": post.raw,
        "visibility": entry.audience, "distribution": entry.details["distribution"], "lifecycleState": post.lifecycle,
        "createdAt": entry.created_at_ms, "publishedAt": entry.created_at_ms, "lastModifiedAt": post.edited_ms,
        "isReshareDisabledByAuthor": entry.details["isReshareDisabledByAuthor"] == true});
    if !post.content.is_null() {
        shown["content"] = post.content.clone();
    }
    if let Some(parent) = &entry.parent {
        shown["reshareContext"] = json!({"parent": parent, "root": parent});
    }
    shown
}

/// `GET /rest/posts/{urn}`.
pub(super) async fn post(Shared(linkedin): Room, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    linkedin.answer(&headers, |state, ask| {
        let urn = key(&uri)?;
        let found = find(state, &urn).filter(|post| !post.is_comment);
        // Who may read nothing learns nothing, also not whether it exists.
        ask.needs(&["r_member_social", "r_organization_social"], "posts.GET")?;
        let found = found.ok_or_else(|| Refusal::not_found(&urn))?;
        reads(state, ask, &found.entry.account_id, "posts.GET")?;
        Ok(Json(shown(found)).into_response())
    })
}

/// `GET /rest/posts?q=author`.
pub(super) async fn posts(Shared(linkedin): Room, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    linkedin.answer(&headers, |state, ask| {
        let params = Params::of(&uri);
        if ask.method != "FINDER" {
            return Err(Refusal::illegal("X-RestLi-Method :: FINDER is needed"));
        }
        if params.needed("q")? != "author" {
            return Err(Refusal::illegal("q :: author is needed"));
        }
        let author = params.needed("author")?;
        reads(state, ask, &author, "posts.FINDER-author")?;
        let (start, count) = (params.number("start", 0)?, params.number("count", 10)?);
        if !(1..=PAGE_MAX).contains(&count) {
            return Err(Refusal::value("count", "must be 1 to 100"));
        }
        let by_creation = match params.one("sortBy")?.as_deref() {
            None | Some("LAST_MODIFIED") => false,
            Some("CREATED") => true,
            Some(_) => return Err(Refusal::value("sortBy", "must be LAST_MODIFIED or CREATED")),
        };
        let old_ms = ask.now_ms - state.options.tuning.list_lag_ms;
        let mut found: Vec<&Post> = state
            .posts
            .iter()
            .filter(|post| post.entry.account_id == author && !post.is_comment && !post.entry.deleted)
            .filter(|post| post.entry.created_at_ms <= old_ms)
            .collect();
        found.sort_by_key(|post| if by_creation { post.entry.created_at_ms } else { post.edited_ms });
        let elements: Vec<Value> = found.iter().rev().skip(start).take(count).map(|post| shown(post)).collect();
        let paging = json!({"start": start, "count": count, "links": [], "total": found.len()});
        Ok(Json(json!({"elements": elements, "paging": paging})).into_response())
    })
}

/// `GET /rest/memberCreatorPostAnalytics`.
pub(super) async fn member_numbers(
    Shared(linkedin): Room,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    linkedin.answer(&headers, |state, ask| {
        let params = Params::of(&uri);
        ask.needs(&["r_member_postAnalytics"], "memberCreatorPostAnalytics.FINDER-entity")?;
        let query = params.needed("queryType")?;
        if !QUERIES.contains(&query.as_str()) {
            return Err(Refusal::value("queryType", &format!("{query} is none of them")));
        }
        let aggregation = params.one("aggregation")?.unwrap_or_else(|| "TOTAL".into());
        if aggregation != "TOTAL" && (aggregation != "DAILY" || query == "MEMBERS_REACHED") {
            return Err(Refusal::value("aggregation", "must be TOTAL or DAILY, and TOTAL for MEMBERS_REACHED"));
        }
        let count = |id: &str| state.insights.get(id).and_then(|set| set.get(&query)).copied().unwrap_or(0);
        let mine = |post: &&Post| post.entry.account_id == ask.member.urn() && !post.entry.deleted && !post.is_comment;
        let mut element = json!({"metricType": {"com.linkedin.adsexternalapi.memberanalytics.v1.CreatorPostAnalyticsMetricTypeV1": query}});
        match params.needed("q")?.as_str() {
            "me" => {
                let sum: u64 = state.posts.iter().filter(mine).map(|post| count(&post.entry.id)).sum();
                element["count"] = sum.into();
            }
            "entity" => {
                let (kind, urn) = params.union("entity")?;
                let is_kind = matches!((kind.as_str(), urn.split(':').nth(2)), ("share", Some("share")) | ("ugc", Some("ugcPost")));
                let post = find(state, &urn).filter(|post| is_kind && mine(post));
                let post = post.ok_or_else(|| Refusal::not_found(&urn))?;
                element["count"] = count(&post.entry.id).into();
                element["targetEntity"] = json!({kind: urn});
            }
            _ => return Err(Refusal::illegal("q :: entity or me is needed")),
        }
        Ok(Json(json!({"elements": [element], "paging": {"start": 0, "count": 10, "links": []}})).into_response())
    })
}

/// `GET /rest/organizationalEntityShareStatistics`. A post without activity is missing, not zero.
pub(super) async fn page_numbers(
    Shared(linkedin): Room,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    linkedin.answer(&headers, |state, ask| {
        let params = Params::of(&uri);
        let what = "organizationalEntityShareStatistics.FINDER-organizationalEntity";
        if params.needed("q")? != "organizationalEntity" {
            return Err(Refusal::illegal("q :: organizationalEntity is needed"));
        }
        let page = params.needed("organizationalEntity")?;
        reads(state, ask, &page, what)?;
        let mut elements = Vec::new();
        for (name, member) in [("shares", "share"), ("ugcPosts", "ugcPost")] {
            for urn in params.list(name)? {
                if urn.split(':').nth(2) != Some(member) {
                    return Err(Refusal::new(400, "INVALID_URN_TYPE", &format!("{name} :: {urn} is of another kind")));
                }
                let Some(set) = state.insights.get(&urn) else { continue };
                let mut sums = json!({"engagement": 0.0});
                for count in SHARE_COUNTS {
                    sums[count] = set.get(count).copied().unwrap_or(0).into();
                }
                elements.push(json!({"organizationalEntity": page, member: urn, "totalShareStatistics": sums}));
            }
        }
        Ok(Json(json!({"elements": elements, "paging": {"start": 0, "count": 10, "links": []}})).into_response())
    })
}

/// `GET /rest/networkSizes/{organization}`.
pub(super) async fn followers(Shared(linkedin): Room, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    linkedin.answer(&headers, |state, ask| {
        let page = key(&uri)?;
        reads(state, ask, &page, "networkSizes.GET")?;
        let edge = Params::of(&uri).needed("edgeType")?;
        if !matches!(edge.as_str(), "COMPANY_FOLLOWED_BY_MEMBER" | "CompanyFollowedByMember") {
            return Err(Refusal::value("edgeType", &format!("{edge} is none of them")));
        }
        let size = state.insights.get(&page).and_then(|set| set.get("followers")).copied().unwrap_or(0);
        Ok(Json(json!({"firstDegreeSize": size})).into_response())
    })
}

/// Everything that is not there.
pub(super) async fn nothing(OriginalUri(uri): OriginalUri) -> Response {
    let message = format!("No virtual resource found for {}", uri.path());
    (StatusCode::NOT_FOUND, Json(json!({"status": 404, "code": "RESOURCE_NOT_FOUND", "message": message})))
        .into_response()
}
