//! Faults, the control routes and the durable ledger.

use std::time::Duration;

use serde_json::json;
use socrazi_sim::x::problem::credits_used_up;
use socrazi_sim::x::{Fault, FaultKind, RateBody, SimClock, XOptions, XSim};

use crate::desk::{ANA, Desk, SCOPES, desk, options};

const PATIENCE: Duration = Duration::from_millis(400);

fn strike(desk: &Desk, kind: FaultKind) {
    desk.sim.set_faults(vec![Fault::once("POST", "/2/tweets", kind)]);
}

async fn try_tweet(desk: &Desk, text: &str) -> Result<(u16, String), reqwest::Error> {
    let url = desk.sim.url().join("2/tweets").unwrap_or_else(|_| desk.sim.url());
    let request = desk.http.post(url).bearer_auth(&desk.token).timeout(PATIENCE).json(&json!({"text": text}));
    let answer = request.send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

#[tokio::test]
async fn faults_before_the_work_leave_nothing_behind() -> anyhow::Result<()> {
    let desk = desk().await?;
    strike(&desk, FaultKind::HangBefore);
    assert!(try_tweet(&desk, "one").await.is_err_and(|error| error.is_timeout()));
    strike(&desk, FaultKind::ResetBefore);
    assert!(try_tweet(&desk, "two").await.is_err_and(|error| !error.is_timeout()));
    strike(&desk, FaultKind::Status { status: 503, body: "<html>".into(), headers: Default::default() });
    assert_eq!(try_tweet(&desk, "three").await?, (503, "<html>".into()));
    assert!(desk.sim.ledger().is_empty());
    Ok(())
}

#[tokio::test]
async fn faults_after_the_work_lose_only_the_answer() -> anyhow::Result<()> {
    let desk = desk().await?;
    strike(&desk, FaultKind::HangAfter);
    assert!(try_tweet(&desk, "one").await.is_err_and(|error| error.is_timeout()));
    strike(&desk, FaultKind::ResetAfter);
    assert!(try_tweet(&desk, "two").await.is_err_and(|error| !error.is_timeout()));
    strike(&desk, FaultKind::StatusAfter { status: 503, body: String::new() });
    assert_eq!(try_tweet(&desk, "three").await?.0, 503);
    strike(&desk, FaultKind::BrokenBodyAfter);
    let (status, body) = try_tweet(&desk, "four").await?;
    assert!(status == 201 && serde_json::from_str::<serde_json::Value>(&body).is_err());
    let texts: Vec<String> = desk.sim.ledger().into_iter().map(|entry| entry.text).collect();
    assert_eq!(texts, ["one", "two", "three", "four"]);
    assert_eq!(try_tweet(&desk, "two").await?.0, 403, "the re-send meets the duplicate rule");
    let calls = desk.sim.calls();
    let posted = calls.iter().find(|call| call.path == "/2/tweets" && call.method == "POST");
    assert_eq!(posted.map(|call| call.arrived), Some(5));
    Ok(())
}

#[tokio::test]
async fn limits_and_credits_come_in_all_bodies_seen() -> anyhow::Result<()> {
    let desk = desk().await?;
    for (body, wanted) in [
        (RateBody::Plain, "Too Many Requests"),
        (RateBody::Problem, "\"title\":\"Too Many Requests\""),
        (RateBody::Legacy, "{\"errors\":[{\"code\":88,\"message\":\"Rate limit exceeded\"}]}"),
    ] {
        strike(&desk, FaultKind::RateLimited { retry_after_s: 90, body });
        let seen = desk.tweet(json!({"text": "a"})).await?;
        assert!(seen.status == 429 && seen.text.contains(wanted), "{seen:?}");
        let reset_s: i64 = seen.header("x-rate-limit-reset").parse()?;
        assert!((89..=91).contains(&(reset_s - desk.clock.now_ms() / 1000)));
    }
    for (kind, wanted) in credits_used_up().into_iter().zip(["CreditsDepleted", "Payment Required"]) {
        strike(&desk, kind);
        let seen = desk.tweet(json!({"text": "a"})).await?;
        assert_eq!((seen.status, seen.at("/title").as_str()), (402, wanted));
    }
    assert!(desk.sim.ledger().is_empty());
    Ok(())
}

#[tokio::test]
async fn the_control_routes_move_the_clock_and_plan_faults() -> anyhow::Result<()> {
    let desk = desk().await?;
    let plain = |path: &str| desk.url(path);
    let seen = desk.send(desk.http.post(plain("/__sim/clock")?).json(&json!({"offset_ms": 5_000}))).await?;
    assert_eq!((seen.at("/offset_ms"), desk.clock.offset_ms()), ("5000".into(), 5_000));
    desk.send(desk.http.post(plain("/__sim/clock")?).json(&json!({"advance_ms": 10}))).await?;
    assert_eq!(desk.send(desk.http.get(plain("/__sim/clock")?)).await?.at("/offset_ms"), "5010");
    let faults =
        json!([{"method": "POST", "path_prefix": "/2/tweets", "kind": {"status": {"status": 500}}, "skip": 1}]);
    assert_eq!(desk.send(desk.http.post(plain("/__sim/faults")?).json(&faults)).await?.at("/planned"), "1");
    assert_eq!(desk.tweet(json!({"text": "one"})).await?.status, 201);
    assert_eq!(desk.tweet(json!({"text": "two"})).await?.status, 500);
    let seen = desk.send(desk.http.get(plain("/__sim/requests")?)).await?;
    assert_eq!(seen.json()["writes"]["POST /2/tweets"], 2);
    let seen = desk.send(desk.http.get(plain("/__sim/ledger")?)).await?;
    assert_eq!((seen.at("/0/text"), seen.json().as_array().map(Vec::len)), ("one".into(), Some(1)));
    assert_eq!(desk.send(desk.http.post(plain("/__sim/reset")?)).await?.status, 200);
    assert!(desk.sim.ledger().is_empty() && desk.sim.calls().is_empty());
    assert_eq!(desk.tweet(json!({"text": "one"})).await?.status, 201, "still connected");
    Ok(())
}

#[tokio::test]
async fn the_ledger_file_survives_and_a_torn_line_is_forgotten() -> anyhow::Result<()> {
    let file = std::env::temp_dir().join(format!("socrazi-sim-{}-ledger.jsonl", std::process::id()));
    std::fs::remove_file(&file).ok();
    let with_file = || XOptions { ledger_file: Some(file.clone()), ..options() };
    let clock = SimClock::new();
    let first = crate::desk::desk_with(with_file()).await?;
    let id = first.tweet(json!({"text": "durable"})).await?.at("/data/id");
    let token = first.sim.grant(ANA, &SCOPES)?.access;
    drop(first);
    let whole = std::fs::read(&file)?;
    std::fs::write(&file, [whole.as_slice(), b"{\"posted\":{\"entry\":{\"id\":\"9"].concat())?;
    let second = XSim::start(with_file(), clock.clone()).await?;
    assert_eq!(second.ledger().iter().map(|entry| entry.id.clone()).collect::<Vec<_>>(), [id]);
    let http = crate::desk::client(reqwest::Client::builder())?;
    let again = json!({"text": "durable"});
    let answer = http.post(second.url().join("2/tweets")?).bearer_auth(&token).json(&again).send().await?;
    assert_eq!(answer.status().as_u16(), 403, "the duplicate rule survives too");
    drop(second);
    assert_eq!(std::fs::read(&file)?, whole);
    std::fs::remove_file(&file)?;
    Ok(())
}

#[tokio::test]
async fn a_shutdown_ends_open_connections() -> anyhow::Result<()> {
    let desk = desk().await?;
    assert_eq!(desk.get("/2/users/me").await?.status, 200);
    let hang = Fault::once("GET", "/2/users/me", FaultKind::HangBefore);
    desk.sim.set_faults(vec![hang]);
    let waiting = desk.get("/2/users/me");
    let ended = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        desk.sim.shutdown();
    };
    let (waited, ()) = tokio::join!(tokio::time::timeout(Duration::from_secs(5), waiting), ended);
    assert!(waited?.is_err());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(desk.get("/2/users/me").await.is_err());
    Ok(())
}
