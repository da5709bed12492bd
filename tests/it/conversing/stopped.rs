//! Stop, pressed where another process than the one that answers hears it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use socrazi::domain::chat::{Progress, TurnState, Utterance};
use socrazi_sim::gemini::{Piece, Play, Said};
use tokio_util::sync::CancellationToken;

use super::Table;
use crate::databases::{Engine, on_both};

on_both!(a_stop_that_another_process_hears_ends_the_answer);

async fn a_stop_that_another_process_hears_ends_the_answer(engine: Engine) {
    if engine == Engine::Sqlite {
        // One process alone answers there.
        return;
    }
    let table = Table::on(engine, Vec::new()).await;
    let pieces = (0..100).map(|no| Piece::Text(format!("word {no} "))).collect();
    table.script(vec![Play::Say(Said { pieces, between_ms: 300, ..Said::default() })]);
    let other = table.world.beside().await;
    let heard = Arc::new(Mutex::new(String::new()));
    let (app, ana, into) = (table.world.app.clone(), table.ana.clone(), heard.clone());
    let answering = tokio::spawn(async move {
        let said = Utterance::alone("chat", "t", "tell me");
        let mut tell = |progress: Progress| {
            if let Progress::Text(text) = progress {
                into.lock().unwrap().push_str(&text);
            }
        };
        app.converse(&ana, &said, CancellationToken::new(), &mut tell).await
    });
    while !heard.lock().unwrap().contains("word 1") {
        assert!(!answering.is_finished(), "over before it was stopped");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Somebody else's Stop is none of it.
    let stranger =
        socrazi::domain::caller::Caller { user: socrazi::domain::ids::UserId::generate(1, 1), ..table.ana.clone() };
    other.stop_thread_elsewhere(&stranger, "chat", "t").await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    assert!(!answering.is_finished());
    other.stop_thread_elsewhere(&table.ana, "chat", "t").await.unwrap();
    let reply = tokio::time::timeout(Duration::from_secs(5), answering).await.unwrap().unwrap().unwrap();
    assert_eq!(reply.state, TurnState::Stopped);
    assert!(!heard.lock().unwrap().contains("word 99"));
    other.close().await;
    table.world.end().await;
}
