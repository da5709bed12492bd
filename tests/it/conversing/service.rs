//! The model's service as it really is: limits that pass, models that answer in another's place, and secrets that stay out of logs.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use socrazi_sim::gemini::{API_KEY, Play, Said};

use super::{LITE, MODEL, Table, call, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_short_limit_is_waited_for_and_a_long_one_is_said() {
    let table = Table::new().await;
    let limited = |seconds: f64| Play::Exhausted { retry_s: Some(seconds), is_daily: false, header_s: None };
    table.script(vec![limited(0.2), text("After a moment.")]);
    assert_eq!(table.say("a").await.text, "After a moment.");
    table.script(vec![limited(11.0)]);
    assert!(table.say("b").await.text.contains("11 seconds"));
    // The header counts where the body says nothing.
    table.script(vec![Play::Exhausted { retry_s: None, is_daily: false, header_s: Some(0) }, text("At once.")]);
    assert_eq!(table.say("c").await.text, "At once.");
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_really_answered_is_recorded() {
    let table = Table::new().await;
    let busy = || Play::Refused(503, "UNAVAILABLE".into());
    // Overload of the one model alone: the other one answers at last. And a name that the service routes elsewhere in silence.
    table.script(vec![busy(), busy(), busy()]);
    table.say("a").await;
    table.script(vec![Said { model: Some("gemini-3.8-flash-002".into()), ..Said::text("ok") }.into()]);
    table.say("b").await;
    table.script(vec![text("ok")]);
    table.say("c").await;
    let file = table.world.folder.path().join("data/socrazi.db");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}?mode=ro", file.display())).await.unwrap();
    let models: Vec<(Option<String>,)> =
        sqlx::query_as("SELECT model FROM turn ORDER BY id").fetch_all(&pool).await.unwrap();
    pool.close().await;
    let models: Vec<_> = models.into_iter().map(|(model,)| model.unwrap_or_default()).collect();
    assert_eq!(models, [LITE, "gemini-3.8-flash-002", MODEL]);
    table.end().await;
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_key_nor_a_signature_nor_a_word_of_a_person_is_in_any_log() {
    let log = Log::default();
    let writer = log.clone();
    let started = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .try_init();
    // Each test is a process of its own (nextest); in one process another test may have been first.
    let Ok(()) = started else { return };
    let table = Table::new().await;
    table.script(vec![
        Play::Refused(503, "UNAVAILABLE".into()),
        call("create_draft", json!({ "text": "canary-draft" })),
        call("list_posts", json!({})),
        text("canary-answer"),
    ]);
    table.say("canary-question").await;
    table.script(vec![Play::Refused(403, "PERMISSION_DENIED".into())]);
    table.say("canary-question").await;
    table.end().await;
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(text.contains("TRACE") && text.contains("hyper") && text.contains("did not answer"), "nothing was logged");
    // What the simulator signs with, in its own writing and as it travels.
    for secret in [API_KEY, "c2ltLXNpZ25hdHVyZS", "sim-signature", "canary-question", "canary-draft", "canary-answer"] {
        let line = text.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} is in a log: {line:?}");
    }
}
