//! Work in the background that must not stop: when it panics it is started
//! again, and how often that happened is told to whoever looks after the
//! service.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::store::Instant;

/// A piece of work that failed and was started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart {
    /// Which work.
    pub work: &'static str,
    /// How often since the program started.
    pub times: u64,
    /// When it failed last.
    pub last: Instant,
}

/// What failed since the program started.
#[derive(Debug, Default)]
pub struct Watch(Mutex<BTreeMap<&'static str, Restart>>);

impl Watch {
    /// Everything that was started again, by name.
    pub fn restarts(&self) -> Vec<Restart> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().copied().collect()
    }

    fn count(&self, work: &'static str, now: Instant) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let restart = all.entry(work).or_insert(Restart { work, times: 0, last: now });
        restart.times += 1;
        restart.last = now;
    }

    /// Runs work until it ends; work that panics is started again after a
    /// pause. Must run where tasks may be
    /// local, as the work itself.
    pub async fn keep_running<Start, Work>(
        &self,
        work: &'static str,
        clock: &Clock,
        pause: Duration,
        start: Start,
    ) where
        Start: Fn() -> Work,
        Work: Future<Output = ()> + 'static,
    {
        while let Err(failed) = tokio::task::spawn_local(start()).await {
            if !failed.is_panic() {
                return;
            }
            self.count(work, clock.now());
            tracing::error!(work, "work in the background failed and is started again");
            tokio::time::sleep(pause).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn work_that_panics_is_started_again_and_counted() {
        let (watch, started) = (Watch::default(), Arc::new(AtomicU32::new(0)));
        assert!(watch.restarts().is_empty());
        tokio::runtime::LocalRuntime::new().expect("a runtime").block_on(watch.keep_running(
            "mail",
            &Clock::system(),
            Duration::ZERO,
            || {
                let started = Arc::clone(&started);
                async move {
                    assert!(started.fetch_add(1, Ordering::SeqCst) >= 2, "fails twice");
                }
            },
        ));
        assert_eq!(started.load(Ordering::SeqCst), 3);
        let restarts = watch.restarts();
        assert_eq!(restarts.len(), 1);
        assert_eq!((restarts[0].work, restarts[0].times), ("mail", 2));
    }
}
