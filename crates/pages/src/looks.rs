//! Looking into files that people send, away from the threads that answer
//! respondents: a few at once, for a limited time, and no longer than the program runs.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::block;
use fielding::error::Error;
use tokio::sync::Semaphore;

use crate::stopping::Stopping;

/// How long a look may wait for its turn and take, in all. The largest frame, some
/// twenty million rows, takes about one minute of it.
const PATIENCE: Duration = Duration::from_mins(5);

/// The looks under way. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Looks {
    turns: Arc<Semaphore>,
    patience: Duration,
    stopping: Stopping,
}

impl Looks {
    /// As many at once as there are cores, each as long as the largest file may need.
    pub fn new(stopping: Stopping) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { turns: Arc::new(Semaphore::new(cores)), patience: PATIENCE, stopping }
    }

    /// The same with less patience.
    #[must_use]
    pub fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Looks into what was sent. A look stores nothing: one that nobody waits for
    /// any longer ends unseen, and keeps its turn until it has ended.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] when it takes too long, [`Error::Busy`] when its turn does
    /// not come, [`Error::Stopping`] when the program is to end.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let mut late = Box::pin(tokio::time::sleep(self.patience));
        let turn = tokio::select! {
            turn = Arc::clone(&self.turns).acquire_owned() => turn.map_err(|_| Error::Busy)?,
            () = &mut late => return Err(Error::Busy),
            () = self.stopping.begun() => return Err(Error::Stopping),
        };
        let looked = block(move || {
            let found = look();
            drop(turn);
            found
        });
        tokio::select! {
            found = looked => found.map_err(|_| Error::WriterStopped),
            () = late => Err(Error::TooLong),
            () = self.stopping.begun() => Err(Error::Stopping),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[actix_web::test]
    async fn a_look_that_takes_too_long_is_told_so_and_keeps_its_turn() {
        let looks = Looks {
            turns: Arc::new(Semaphore::new(1)),
            patience: Duration::from_millis(100),
            stopping: Stopping::default(),
        };
        let (end, ended) = mpsc::channel::<()>();
        let late = looks.look(move || ended.recv()).await;
        assert!(matches!(late, Err(Error::TooLong)), "{late:?}");
        let full = looks.look(|| 1).await;
        assert!(matches!(full, Err(Error::Busy)), "{full:?}");
        drop(end);
        assert_eq!(looks.within(PATIENCE).look(|| 2).await.expect("its turn"), 2);
    }

    #[actix_web::test]
    async fn nobody_waits_for_a_look_once_the_program_is_to_end() {
        let stopping = Stopping::default();
        let looks = Looks::new(stopping.clone());
        let (end, ended) = mpsc::channel::<()>();
        let under_way = looks.look(move || ended.recv());
        let stop = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            stopping.begin();
        };
        let (told, ()) = tokio::join!(under_way, stop);
        assert!(matches!(told, Err(Error::Stopping)), "{told:?}");
        drop(end);
        assert!(matches!(looks.look(|| ()).await, Err(Error::Stopping)));
    }
}
