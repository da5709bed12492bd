//! What is gated (dossier §2, §5, §6) and the webhook (§7).

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Query;
use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::linkedin::{LinkedInOptions, Tuning};

use super::{ANA, BEN, PAGE, desk, desk_with, encoded, partner, text_post, with};
use crate::desk::hmac_hex;

const EVERYTHING: [&str; 8] = [
    "openid",
    "w_member_social",
    "w_organization_social",
    "r_member_social",
    "r_organization_social",
    "r_organization_admin",
    "r_member_postAnalytics",
    "profile",
];

#[tokio::test]
async fn a_self_serve_app_reads_nothing_but_identity() -> anyhow::Result<()> {
    let desk = desk().await?;
    let urn = desk.publish(&text_post("mine")).await?;
    let (post, ana) = (encoded(&urn), encoded(ANA));
    for path in [
        format!("/rest/posts/{post}"),
        "/rest/posts/urn%3Ali%3Ashare%3A1".to_owned(),
        format!("/rest/posts?author={ana}&q=author"),
        format!("/rest/socialActions/{post}"),
        "/rest/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED".to_owned(),
        "/rest/organizations/5515715".to_owned(),
        format!(
            "/rest/memberCreatorPostAnalytics?q=entity&entity=(share:{post})&queryType=IMPRESSION&aggregation=TOTAL"
        ),
        format!(
            "/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={}",
            encoded(PAGE)
        ),
        format!("/rest/networkSizes/{}?edgeType=COMPANY_FOLLOWED_BY_MEMBER", encoded(PAGE)),
    ] {
        let seen = desk.find(&path).await?;
        assert_eq!((seen.status, seen.at("/code")), (403, "ACCESS_DENIED".into()), "{path}");
    }
    let seen = desk.get("/rest/people").await?;
    assert_eq!(seen.status, 404);
    Ok(())
}

#[tokio::test]
async fn the_finder_lists_one_s_own_newest_first_by_pages_and_late() -> anyhow::Result<()> {
    let desk = desk_with(partner(), &EVERYTHING).await?;
    let mut urns = Vec::new();
    for text in ["one", r"two \#2", "three"] {
        urns.push(desk.publish(&text_post(text)).await?);
        desk.clock.advance_ms(1_000);
    }
    desk.publish(&with(text_post("the page's"), json!({"author": PAGE}))).await?;
    let path = |more: &str| format!("/rest/posts?author={}&q=author{more}", encoded(ANA));
    let ids = |body: &Value| {
        body["elements"].as_array().into_iter().flatten().map(|post| post["id"].clone()).collect::<Vec<_>>()
    };
    let all = desk.find(&path("")).await?.json();
    assert_eq!(ids(&all), [&urns[2], &urns[1], &urns[0]].map(|urn| json!(urn)));
    assert_eq!(
        (&all["elements"][1]["commentary"], &all["elements"][1]["lifecycleState"]),
        (&json!(r"two \#2"), &json!("PUBLISHED"))
    );
    let page = desk.find(&path("&count=1&start=1")).await?.json();
    assert_eq!((ids(&page), &page["paging"]["total"]), (vec![json!(urns[1])], &json!(3)));
    assert_eq!(desk.get(&path("")).await?.status, 400, "a finder says that it is one");
    for more in ["&count=0", "&count=101", "&count=x", "&sortBy=OLDEST"] {
        assert_eq!(desk.find(&path(more)).await?.status, 400, "{more}");
    }
    assert_eq!(desk.find(&format!("/rest/posts?author={ANA}&q=author")).await?.status, 400, "not encoded");
    assert_eq!(desk.find(&format!("/rest/posts?author={}&q=author", encoded(BEN))).await?.status, 403);
    let edit = desk
        .asking(Method::POST, &format!("/rest/posts/{}", encoded(&urns[0])))?
        .header("X-RestLi-Method", "PARTIAL_UPDATE");
    desk.send(edit.json(&json!({"patch": {"$set": {"commentary": "uno"}}}))).await?;
    assert_eq!(ids(&desk.find(&path("&sortBy=LAST_MODIFIED")).await?.json())[0], json!(urns[0]));
    assert_eq!(ids(&desk.find(&path("&sortBy=CREATED")).await?.json())[0], json!(urns[2]));
    desk.send(desk.asking(Method::DELETE, &format!("/rest/posts/{}", encoded(&urns[2])))?).await?;
    assert_eq!(desk.get(&format!("/rest/posts/{}", encoded(&urns[2]))).await?.status, 404);
    desk.sim.tune(Tuning { list_lag_ms: 60_000, ..Tuning::default() });
    let late = desk.find(&path("")).await?.json();
    assert_eq!((&late["elements"], &late["paging"]["total"]), (&json!([]), &json!(0)), "the list lags");
    desk.clock.advance_ms(60_000);
    assert_eq!(ids(&desk.find(&path("")).await?.json()), [&urns[0], &urns[1]].map(|urn| json!(urn)));
    let activity = urns[1].replace("share", "activity");
    assert_eq!(desk.get(&format!("/rest/posts/{}", encoded(&activity))).await?.at("/id"), urns[1]);
    Ok(())
}

#[tokio::test]
async fn pages_and_numbers_are_there_for_partners() -> anyhow::Result<()> {
    let desk = desk_with(partner(), &EVERYTHING).await?;
    let mine = desk.publish(&text_post("mine")).await?;
    let news = desk.publish(&with(text_post("news"), json!({"author": PAGE}))).await?;
    let quiet = desk.publish(&with(text_post("quiet"), json!({"author": PAGE}))).await?;
    let sets =
        json!({&mine: {"IMPRESSION": 120, "REACTION": 4}, &news: {"impressionCount": 7}, PAGE: {"followers": 42}});
    desk.control("insights", &sets).await?;
    let acls = desk.get("/rest/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED").await?;
    assert_eq!((acls.at("/elements/0/organization"), acls.at("/elements/0/roleAssignee")), (PAGE.into(), ANA.into()));
    let page = desk.get("/rest/organizations/5515715").await?;
    assert_eq!((page.at("/localizedName"), page.at("/vanityName")), ("Socrazi Demo".into(), "socrazi-demo".into()));
    let numbers = async |kind: &str, urn: &str, query: &str, more: &str| {
        let path = format!(
            "/rest/memberCreatorPostAnalytics?q=entity&entity=({kind}:{})&queryType={query}{more}",
            encoded(urn)
        );
        anyhow::Ok(desk.get(&path).await?)
    };
    assert_eq!(numbers("share", &mine, "IMPRESSION", "&aggregation=TOTAL").await?.at("/elements/0/count"), "120");
    assert_eq!(numbers("share", &mine, "COMMENT", "").await?.at("/elements/0/count"), "0");
    assert_eq!(numbers("ugc", &mine, "IMPRESSION", "").await?.status, 404, "the other kind");
    assert_eq!(numbers("share", &news, "IMPRESSION", "").await?.status, 404, "not the member's");
    assert_eq!(numbers("share", &mine, "VIEWS", "").await?.status, 400);
    assert_eq!(numbers("share", &mine, "MEMBERS_REACHED", "&aggregation=DAILY").await?.status, 400);
    let all = "/rest/memberCreatorPostAnalytics?q=me&queryType=IMPRESSION";
    assert_eq!(desk.get(all).await?.at("/elements/0/count"), "120");
    let encoded_syntax = format!(
        "/rest/memberCreatorPostAnalytics?q=entity&entity=%28share%3A{}%29&queryType=IMPRESSION",
        encoded(&mine)
    );
    assert_eq!(desk.get(&encoded_syntax).await?.at("/code"), "ILLEGAL_ARGUMENT", "the syntax itself stays raw");
    let statistics = format!(
        "/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={}&shares=List({},{})",
        encoded(PAGE),
        encoded(&news),
        encoded(&quiet)
    );
    let seen = desk.get(&statistics).await?.json();
    assert_eq!(
        (seen["elements"].as_array().map(Vec::len), &seen["elements"][0]["totalShareStatistics"]["impressionCount"]),
        (Some(1), &json!(7))
    );
    let size = desk.get(&format!("/rest/networkSizes/{}?edgeType=COMPANY_FOLLOWED_BY_MEMBER", encoded(PAGE))).await?;
    assert_eq!(size.at("/firstDegreeSize"), "42");
    desk.post(
        &format!("/rest/socialActions/{}/comments", encoded(&mine)),
        &json!({"actor": ANA, "object": mine, "message": {"text": "c"}}),
    )
    .await?;
    let live = desk.get(&format!("/rest/socialActions/{}", encoded(&mine))).await?;
    assert_eq!(
        (live.at("/likesSummary/totalLikes"), live.at("/commentsSummary/aggregatedTotalComments")),
        ("4".into(), "1".into())
    );
    Ok(())
}

#[tokio::test]
async fn the_webhook_is_challenged_and_its_deliveries_are_signed() -> anyhow::Result<()> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let webhook = format!("http://{}/hook", listener.local_addr()?).parse()?;
    // It proves itself with the secret of the moment.
    let secret = Arc::new(Mutex::new("guess"));
    let own = Arc::clone(&secret);
    let answer = async move |Query(query): Query<std::collections::BTreeMap<String, String>>| {
        let code = query.get("challengeCode").cloned().unwrap_or_default();
        let secret = *own.lock().unwrap_or_else(PoisonError::into_inner);
        let proof = hmac_hex(secret, code.as_bytes()).unwrap_or_default();
        axum::Json(json!({"challengeCode": code, "challengeResponse": proof}))
    };
    let hear = async move |headers: axum::http::HeaderMap, body: String| {
        let signature = headers["x-li-signature"].to_str().unwrap_or_default().to_owned();
        ear.lock().unwrap_or_else(PoisonError::into_inner).push((signature, body));
    };
    let router = axum::Router::new().route("/hook", axum::routing::get(answer).post(hear));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let options = LinkedInOptions { webhook: Some(webhook), client_secret: "test_client_secret".into(), ..partner() };
    let desk = desk_with(options, &EVERYTHING).await?;
    assert_eq!(desk.control("challenge", &json!({})).await?.at("/proved"), "false", "a wrong proof is none");
    *secret.lock().map_err(|_| anyhow::anyhow!("poisoned"))? = "test_client_secret";
    assert_eq!(desk.control("challenge", &json!({})).await?.at("/proved"), "true");
    let body = r#"{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"}"#;
    let sent = desk.raw(Method::POST, "/__sim/notify")?.body(body);
    assert_eq!(desk.send(sent).await?.at("/status"), "200");
    let heard = heard.lock().map_err(|_| anyhow::anyhow!("poisoned"))?.clone();
    let signature = format!("hmacsha256={}", hmac_hex("test_client_secret", body.as_bytes())?);
    assert_eq!(heard, [(signature, body.to_owned())]);
    server.abort();
    Ok(())
}
