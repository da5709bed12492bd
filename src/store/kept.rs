//! Whom a bearer token stands for, kept between the calls of a program for as long as nothing at all was written: what was taken back is refused
//! at the very next call, whoever wrote it. On SQLite that can be seen without asking the database, by the head of the log's index (SQLite's
//! "WAL-mode File Format" §2.1, "the WAL index header"): every commit of every process changes it before the commit is told. On PostgreSQL
//! nothing is kept.

use std::collections::HashMap;
use std::fs::File;
use std::mem::ManuallyDrop;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Both copies of the head: a writer that died between them changed one.
type Head = [u8; 96];
/// More than that many programs at once begin anew.
const MOST: usize = 1024;

/// The head of the log's index.
pub(in crate::store) struct LogIndex {
    /// Never closed: closing any descriptor of the file would end the locks that SQLite holds on it in this process (POSIX, `fcntl`).
    file: Option<ManuallyDrop<File>>,
}

impl LogIndex {
    /// Of a database of which a connection is open: only then is its index there.
    pub(in crate::store) fn of(database: &Path) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push("-shm");
        Self { file: File::open(name).ok().map(ManuallyDrop::new) }
    }

    /// There is none.
    pub(in crate::store) const fn none() -> Self {
        Self { file: None }
    }

    /// As it is now; nothing where it cannot be known, also when the file that was opened is not the one in use any more.
    fn head(&self) -> Option<Head> {
        let file = self.file.as_ref()?;
        let mut head = [0; 96];
        file.read_exact_at(&mut head, 0).ok()?;
        (file.metadata().ok()?.nlink() > 0).then_some(head)
    }
}

/// What was found by a key while nothing was written.
pub(in crate::store) struct Kept<T> {
    found: Mutex<(Head, HashMap<String, T>)>,
    asked: AtomicU64,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { found: Mutex::new(([0; 96], HashMap::new())), asked: AtomicU64::new(0) }
    }
}

impl<T> Kept<T> {
    /// How often the database was asked, because nothing was kept.
    pub(in crate::store) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

impl<T: Clone> Kept<T> {
    /// What is kept under the key, or else what asking finds; only what was found is kept.
    pub(in crate::store) async fn find_or<E>(
        &self,
        index: &LogIndex,
        key: &str,
        ask: impl Future<Output = Result<Option<T>, E>>,
    ) -> Result<Option<T>, E> {
        // Taken before asking, so that what is found is at least as new.
        let Some(head) = index.head() else {
            self.asked.fetch_add(1, Ordering::Relaxed);
            return ask.await;
        };
        if let Some(kept) = self.find(&head, key) {
            return Ok(Some(kept));
        }
        self.asked.fetch_add(1, Ordering::Relaxed);
        let found = ask.await?;
        if let Some(found) = &found {
            self.put(head, key, found);
        }
        Ok(found)
    }

    fn find(&self, head: &Head, key: &str) -> Option<T> {
        let kept = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 == *head { kept.1.get(key).cloned() } else { None }
    }

    fn put(&self, head: Head, key: &str, found: &T) {
        let mut kept = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 != head || kept.1.len() >= MOST {
            *kept = (head, HashMap::new());
        }
        kept.1.insert(key.to_owned(), found.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sqlx::{ConnectOptions, Connection, Executor, SqliteConnection};

    use super::super::sqlite_options;
    use super::{Kept, LogIndex};

    async fn opened(file: &Path) -> SqliteConnection {
        let mut connection = sqlite_options(file).connect().await.unwrap();
        connection.execute("CREATE TABLE IF NOT EXISTS t(a)").await.unwrap();
        connection
    }

    async fn asked(kept: &Kept<i64>, index: &LogIndex, answer: Option<i64>) -> Option<i64> {
        kept.find_or(index, "key", async { Ok::<_, ()>(answer) }).await.unwrap()
    }

    #[tokio::test]
    async fn what_was_found_is_kept_until_anybody_writes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("db");
        let (mut ours, mut other) = (opened(&file).await, opened(&file).await);
        let (kept, index) = (Kept::default(), LogIndex::of(&file));
        assert_eq!(asked(&kept, &index, None).await, None);
        assert_eq!(asked(&kept, &index, Some(1)).await, Some(1), "what is not there is not kept");
        assert_eq!(asked(&kept, &index, Some(2)).await, Some(1), "nothing was written");
        for writer in [&mut ours, &mut other] {
            writer.execute("INSERT INTO t VALUES(1)").await.unwrap();
            assert_eq!(asked(&kept, &index, Some(3)).await, Some(3), "something was written");
            assert_eq!(asked(&kept, &index, Some(4)).await, Some(3));
            writer.execute("DELETE FROM t").await.unwrap();
            assert_eq!(asked(&kept, &index, None).await, None);
        }
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
        other.execute("INSERT INTO t VALUES(2)").await.unwrap();
        assert_eq!(asked(&kept, &index, Some(5)).await, Some(5), "the log began anew");
    }

    #[tokio::test]
    async fn an_index_that_is_not_in_use_any_more_keeps_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("db");
        let connection = opened(&file).await;
        let (kept, index) = (Kept::default(), LogIndex::of(&file));
        assert_eq!(asked(&kept, &index, Some(1)).await, Some(1));
        connection.close().await.unwrap(); // the last one takes the index along
        let _again = opened(&file).await;
        assert_eq!(asked(&kept, &index, None).await, None);
        assert_eq!(asked(&kept, &LogIndex::none(), Some(2)).await, Some(2));
    }

    #[tokio::test]
    async fn programs_without_end_do_not_fill_memory() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("db");
        let _connection = opened(&file).await;
        let (kept, index) = (Kept::default(), LogIndex::of(&file));
        for number in 0..super::MOST * 2 + 5 {
            kept.find_or(&index, &number.to_string(), async { Ok::<_, ()>(Some(number)) }).await.unwrap();
        }
        assert_eq!(kept.found.lock().unwrap().1.len(), 5);
    }
}
