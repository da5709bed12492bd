//! Long work with signs of life beside it. Both go on at once: work and sign write to the same database, which on SQLite has one connection for
//! that. A sign that waited for it while the work that has it stood still would wait for ever.

use std::pin::pin;
use std::time::Duration;

use crate::store::StoreError;

/// Works, and gives a sign every so often. `None` when a sign says that the work is somebody else's by now: it is dropped then.
///
/// # Errors
/// When a sign fails.
pub(super) async fn while_signing<T, S: Future<Output = Result<bool, StoreError>>>(
    work: impl Future<Output = T>,
    every: Duration,
    sign: impl Fn() -> S,
) -> Result<Option<T>, StoreError> {
    let mut work = pin!(work);
    // Bounded by the work: an adapter's calls, each of which ends.
    loop {
        tokio::select! {
            done = &mut work => return Ok(Some(done)),
            () = tokio::time::sleep(every) => {}
        }
        let (mut signing, mut done) = (pin!(sign()), None);
        // To its end also when the work is done before: whoever asks then must know until when it is theirs.
        let is_ours = loop {
            tokio::select! {
                is_ours = &mut signing => break is_ours?,
                it = &mut work, if done.is_none() => done = Some(it),
            }
        };
        if !is_ours || done.is_some() {
            return Ok(done.filter(|_| is_ours));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Mutex;
    use tokio::time::{sleep, timeout};

    use super::*;

    const EVERY: Duration = Duration::from_millis(100);
    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn work_that_waits_for_the_same_as_its_sign_goes_on() {
        let connection = Mutex::new(());
        let held = connection.lock().await;
        let work = async {
            let _mine = connection.lock().await;
            sleep(EVERY).await;
            7
        };
        let signs = AtomicUsize::new(0);
        let both = while_signing(work, EVERY, || async {
            signs.fetch_add(1, Ordering::Relaxed);
            drop(connection.lock().await);
            Ok(true)
        });
        // The work waits first, the sign behind it; then the work's turn comes while the sign still waits.
        let let_go = async {
            sleep(EVERY * 3).await;
            drop(held);
        };
        let (done, ()) = timeout(LONG, futures::future::join(both, let_go)).await.expect("they wait for one another");
        assert_eq!((done.unwrap(), signs.into_inner()), (Some(7), 1));
    }

    #[tokio::test]
    async fn whose_work_it_is_no_more_stops_also_when_it_is_done_meanwhile() {
        let late = while_signing(sleep(LONG), EVERY, || async { Ok(false) });
        assert_eq!(timeout(LONG, late).await.unwrap().unwrap(), None);
        let done = while_signing(sleep(EVERY * 2), EVERY, || async {
            sleep(EVERY * 3).await;
            Ok(false)
        });
        assert_eq!(done.await.unwrap(), None);
        let failed = while_signing(sleep(LONG), EVERY, || async { Err(StoreError::NoAnswer) });
        assert!(matches!(failed.await, Err(StoreError::NoAnswer)));
    }
}
