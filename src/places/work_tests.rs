//! Work: what waits holds nothing else up, all verbs answer in both languages without a model.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant as Wall};

use super::TURNS;
use super::stage::{Stage, typed};
use super::verbs::Verb;
use crate::domain::lang::Lang;
use crate::domain::place::ChatPlace;

/// Sixty-five turns where sixty-four may run, scaled: many slow ones, and a press that does not wait behind them.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "how long somebody waits is what is measured")]
async fn conversations_hold_up_nothing_else_and_are_never_done_twice() {
    let stage = Stage::open(Lang::En).await;
    stage.slow_ms.store(400, Ordering::Relaxed);
    let said = 2 * TURNS + 1;
    for no in 0..said {
        stage.deliver("said", no).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Wall::now();
    stage.deliver("press", 1_000).await;
    let is_paused = || stage.heard().iter().any(|said| said.contains("paused") || said.contains("Paused"));
    for _ in 0..100 {
        if is_paused() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(is_paused(), "{:?}", stage.heard());
    assert!(begun.elapsed() < Duration::from_millis(1_000), "{:?}", begun.elapsed());
    // Nothing of what waits here is taken for left behind, however late.
    assert!(stage.app().take_over_received(ChatPlace::Slack, false).await.unwrap().is_empty());
    for _ in 0..300 {
        if stage.heard().len() > said {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(stage.heard().len(), said + 1, "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_answers_in_both_languages_without_a_model() {
    let rows: [(&str, &str, [&str; 2]); 14] = [
        ("help", "ヘルプ", ["What I can do", "できること"]),
        ("draft", "下書き", ["New post", "新しい投稿"]),
        ("draft Hello", "下書き こんにちは", ["No account", "アカウント"]),
        ("schedule tomorrow 9am", "予約 明日の朝9時", ["There is no draft", "下書きがありません"]),
        ("publish", "公開", ["There is no draft", "下書きがありません"]),
        ("calendar", "予定", ["Nothing is scheduled", "予定はありません"]),
        ("report", "レポート", ["Published in the last 7 days", "直近7日間の公開数"]),
        ("accounts", "アカウント", ["Accounts", "アカウント"]),
        ("history", "履歴", ["Your conversations", "あなたの会話"]),
        ("forget", "忘れて", ["Delete every conversation", "会話"]),
        ("settings", "設定", ["Settings", "設定"]),
        ("pause", "停止", ["Paused.", "停止"]),
        ("resume", "再開", ["Publishing has resumed", "公開を再開しました"]),
        ("why", "なぜ", ["There is no draft", "下書きがありません"]),
    ];
    for (no, lang) in [Lang::En, Lang::Ja].into_iter().enumerate() {
        let stage = Stage::open(lang).await;
        for (en, ja, expected) in rows {
            // Whatever the person's language is, both words are known.
            for text in [en, ja] {
                let before = stage.heard().len();
                stage.worker().handle(typed(Verb::read(text)), &format!("{text} {no}"), false).await;
                let heard = stage.heard();
                assert_eq!(heard.len(), before + 1, "{text}: {heard:?}");
                assert!(heard[before].contains(expected[no]), "{text}: {}", heard[before]);
            }
        }
    }
}
