//! The two sets of migrations say the same, and what an older version wrote is still there and readable after all of them.
//! `tests/fixtures/migrations/NNNN.sql` holds what a server of that version had written in the tables and columns that were new in it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use socrazi::clock::SystemClock;
use socrazi::domain::delivery::State;
use socrazi::domain::lang::Lang;
use socrazi::store::Store;
use socrazi::store::post_lists::PostsWanted;
use sqlx::Connection;
use sqlx::migrate::{Migrate, Migrator};

use crate::databases::{Engine, fresh_postgres, on_both, rows};

on_both!(what_older_versions_wrote_is_there_after_every_migration);

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// File name → its text.
fn texts(name: &str) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder(name)).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), std::fs::read_to_string(e.path()).unwrap())).collect()
}

/// Without comments, spaces and the one word in which the dialects part.
fn normalised(text: &str) -> String {
    let code = text.lines().map(|line| line.split("--").next().unwrap_or("").trim());
    let code = code.collect::<Vec<_>>().join(" ").replace("BYTEA", "BLOB");
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn both_databases_get_the_same_migrations() {
    assert_eq!(normalised("a  BYTEA -- b\n c;"), "a BLOB c;");
    let (sqlite, postgres) = (texts("migrations/sqlite"), texts("migrations/postgres"));
    let names = |of: &BTreeMap<String, String>| of.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&sqlite), names(&postgres));
    for (name, text) in &sqlite {
        assert_eq!(normalised(text), normalised(&postgres[name]), "{name}");
        assert!(text.starts_with("-- "), "{name} does not say why");
        assert!(!postgres[name].contains("BLOB") && !text.contains("BYTEA"), "{name}: a type of the other database");
    }
}

/// Index name → its columns, as the databases themselves know them.
async fn indexes(url: Option<&str>, file: &Path) -> Vec<String> {
    if let Some(url) = url {
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        let text = "SELECT c.relname || ' ' || i.indisunique::int::text || ' ' || (SELECT string_agg(a.attname, ',' ORDER BY k.n) \
            FROM unnest(i.indkey) WITH ORDINALITY AS k(no, n) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.no) \
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace s ON s.oid = c.relnamespace \
            WHERE s.nspname = 'public' AND c.relname !~ '(_pkey|_key|_sqlx.*)$' ORDER BY 1";
        return sqlx::query_scalar(text).fetch_all(&mut connection).await.unwrap();
    }
    let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let text = "SELECT l.name || ' ' || l.\"unique\" || ' ' || (SELECT group_concat(i.name, ',') FROM (SELECT name FROM \
        pragma_index_info(l.name) ORDER BY seqno) i) FROM sqlite_master m, pragma_index_list(m.name) l \
        WHERE m.type = 'table' AND l.origin = 'c' ORDER BY 1";
    sqlx::query_scalar(text).fetch_all(&mut connection).await.unwrap()
}

#[tokio::test]
async fn both_databases_end_with_the_same_indexes() {
    let Some(url) = fresh_postgres().await else { return };
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("socrazi.db");
    Store::open_sqlite(&file, Arc::new(SystemClock)).await.unwrap().close().await;
    Store::open_postgres(&url, Arc::new(SystemClock)).await.unwrap().close().await;
    let found = indexes(None, &file).await;
    assert!(found.len() > 20, "{found:?}");
    assert_eq!(found, indexes(Some(&url), &file).await);
}

/// Runs every migration in turn, each followed by what its version wrote, on a connection of one of the databases.
async fn grow<C>(connection: &mut C, dialect: &str, bytes: &str)
where
    C: Migrate + Connection,
    for<'c> &'c mut C: sqlx::Executor<'c>,
{
    let all = Migrator::new(folder("migrations").join(dialect)).await.unwrap();
    let samples = texts("tests/fixtures/migrations");
    for until in 1..=all.migrations.len() {
        let version = all.migrations[until - 1].version;
        let some = Migrator { migrations: Cow::Owned(all.migrations[..until].to_vec()), ..Migrator::DEFAULT };
        some.run_direct(None, connection, false).await.unwrap();
        let name = format!("{version:04}.sql");
        let sample = samples.get(&name).unwrap_or_else(|| panic!("tests/fixtures/migrations/{name} is missing"));
        let text = sample.replace("{bytes}", bytes);
        sqlx::Executor::execute(&mut *connection, sqlx::AssertSqlSafe(text))
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

async fn what_older_versions_wrote_is_there_after_every_migration(engine: Engine) {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("socrazi.db");
    let (store, url) = match engine {
        Engine::Sqlite => {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).create_if_missing(true);
            let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
            grow(&mut connection, "sqlite", "X'0102'").await;
            connection.close().await.unwrap();
            (Store::open_sqlite(&file, Arc::new(SystemClock)).await.unwrap(), None)
        }
        Engine::Postgres => {
            let url = fresh_postgres().await.unwrap();
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            grow(&mut connection, "postgres", "'\\x0102'::BYTEA").await;
            connection.close().await.unwrap();
            (Store::open_postgres(&url, Arc::new(SystemClock)).await.unwrap(), Some(url))
        }
    };
    store.prepare_every_statement().await.unwrap();
    let user = store.find_user_by_identity("local", "owner").await.unwrap().unwrap();
    assert_eq!((user.lang, user.zone.as_str()), (Lang::Ja, "Asia/Tokyo"));
    assert!(store.find_chosen_at(&user.id).await.unwrap().is_some(), "whoever had chosen is asked again");
    let posts = store.list_posts(&user.workspace, &PostsWanted::default(), 0, 10).await.unwrap();
    let post = store.find_post(&posts[0].id, &user.workspace).await.unwrap().unwrap();
    assert_eq!(post.variants[0].content.segments[0].text, "昔からの投稿");
    let states: Vec<State> = store.list_deliveries(&post.id, 200).await.unwrap().iter().map(|d| d.state).collect();
    assert!(states.contains(&State::Published) && states.contains(&State::Scheduled), "{states:?}");
    assert_eq!(store.list_notices(&user.id, 10).await.unwrap().len(), 1);
    assert_eq!(store.list_conversations(&user.id, None, 10).await.unwrap().len(), 1);
    let account = store.list_accounts(&user.workspace).await.unwrap().remove(0).account;
    assert_eq!(store.find_tokens(&account.id).await.unwrap().unwrap().access.as_bytes(), [1, 2]);
    store.close().await;
    // Nothing that was ever written is gone, in any table.
    std::fs::copy(&file, scratch.path().join("keys.db")).ok();
    let all = match &url {
        Some(url) => rows(Some(url), scratch.path()).await,
        None => rows(None, scratch.path()).await,
    };
    let empty: Vec<_> = all.iter().filter(|(_, rows)| rows.is_empty()).map(|(table, _)| table).collect();
    assert!(empty.is_empty(), "no sample of {empty:?}, or a migration lost it");
    // And all of it goes with its person, from every table but the chain: a new table needs its line in `store/forget.rs`.
    let store = match &url {
        Some(url) => Store::open_postgres(url, Arc::new(SystemClock)).await.unwrap(),
        None => Store::open_sqlite(&file, Arc::new(SystemClock)).await.unwrap(),
    };
    assert!(store.delete_user_rows(&user.id).await.unwrap() > 30);
    assert_eq!(store.delete_user_rows(&user.id).await.unwrap(), 0, "begun again it finds nothing");
    store.close().await;
    std::fs::copy(&file, scratch.path().join("keys.db")).ok();
    for (table, rows) in rows(url.as_deref(), scratch.path()).await {
        let left = rows.iter().filter(|row| row.contains(user.id.as_str()) || row.contains(user.workspace.as_str()));
        assert!(table == "audit" || left.count() == 0, "{table}: {rows:?}");
        assert!(table != "users" || rows.len() == 1, "somebody else is gone too");
    }
}
