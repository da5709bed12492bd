//! PostgreSQL's databases for the trials: made from one template, and used again. A database that is dropped makes the server write everything
//! there is to its disk, which takes seconds and holds everybody else up; putting back what a trial changed takes a moment.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::Connection;
use url::Url;

use crate::stage::PATIENCE;

/// The scratch server, the template on it, and the databases that nobody plays on just now.
pub(crate) struct Databases {
    admin: String,
    /// What the names of all of them begin with.
    name: String,
    template: String,
    all: Mutex<Vec<String>>,
    free: Mutex<Vec<String>>,
}

/// Everything as it was in the template, whatever a trial did: rows, and the triggers that fill a disk. What is kept of each table stands in
/// the schema `kept`.
const PUT_BACK: &str = "CREATE FUNCTION kept.put_back() RETURNS void LANGUAGE plpgsql AS $$ DECLARE t text; BEGIN \
    SET LOCAL session_replication_role = replica; \
    DROP TRIGGER IF EXISTS no_space ON public.delivery; DROP TRIGGER IF EXISTS no_space ON public.attempt; \
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP \
    EXECUTE format('DELETE FROM public.%I', t); EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', t, t); END LOOP; END $$";
/// Remembers every table but the list of migrations, which no trial changes.
const KEEP: &str = "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' \
    AND tablename <> '_sqlx_migrations' LOOP EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', t, t); END LOOP; END $$";

pub(crate) fn at(admin: &str, name: &str) -> String {
    let mut url: Url = admin.parse().unwrap();
    url.set_path(name);
    url.into()
}

pub(crate) async fn sql(url: &str, statements: &[String]) -> sqlx::Result<()> {
    let mut connection = sqlx::PgConnection::connect(url).await?;
    for statement in statements {
        sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut connection).await?;
    }
    connection.close().await
}

impl Databases {
    /// An empty template on a scratch server; whoever fills it says so by [`Databases::keep`].
    pub(crate) async fn make(admin: &str) -> Self {
        // One for each network: every process has several.
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let name = format!("kills_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let template = format!("{name}_template");
        let begin = [format!("DROP DATABASE IF EXISTS {template}"), format!("CREATE DATABASE {template}")];
        sql(admin, &begin).await.unwrap();
        Self { admin: admin.to_owned(), name, template, all: Mutex::default(), free: Mutex::default() }
    }

    pub(crate) fn template(&self) -> String {
        at(&self.admin, &self.template)
    }

    pub(crate) fn admin(&self) -> &str {
        &self.admin
    }

    /// From here on the template is what every trial begins with.
    pub(crate) async fn keep(&self) {
        sql(&self.template(), &["CREATE SCHEMA kept".into(), KEEP.into(), PUT_BACK.into()]).await.unwrap();
    }

    /// A database as the template is.
    pub(crate) async fn take(&self) -> String {
        let used = self.free.lock().unwrap().pop();
        if let Some(name) = used {
            self.put_back(&name).await;
            return name;
        }
        let name = {
            let mut all = self.all.lock().unwrap();
            let name = format!("{}_{}", self.name, all.len());
            all.push(name.clone());
            name
        };
        let made = format!("CREATE DATABASE {name} TEMPLATE {}", self.template);
        // Only one can be copied at a time where somebody else looks into the template.
        let mut waited = Duration::ZERO;
        while let Err(error) = sql(&self.admin, std::slice::from_ref(&made)).await {
            assert!(waited < PATIENCE, "{error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
            waited += Duration::from_millis(100);
        }
        name
    }

    async fn put_back(&self, name: &str) {
        // Whoever was killed may have left a statement that the server still works on.
        sql(&self.admin, &[format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")]).await.unwrap();
        let mut connection = sqlx::PgConnection::connect(&self.admin).await.unwrap();
        let cut = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname=$1";
        let mut waited = Duration::ZERO;
        while sqlx::query_scalar::<_, i64>(cut).bind(name).fetch_one(&mut connection).await.unwrap() > 0 {
            assert!(waited < PATIENCE, "somebody stays connected to {name}");
            tokio::time::sleep(Duration::from_millis(10)).await;
            waited += Duration::from_millis(10);
        }
        connection.close().await.unwrap();
        sql(&at(&self.admin, name), &["SELECT kept.put_back()".into()]).await.unwrap();
    }

    /// Nobody of the trial lives any more.
    pub(crate) fn give_back(&self, name: String) {
        self.free.lock().unwrap().push(name);
    }

    pub(crate) async fn remove(&self) {
        let mut names = self.all.lock().unwrap().clone();
        names.push(self.template.clone());
        for name in names {
            sql(&self.admin, &[format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")]).await.ok();
        }
    }
}
