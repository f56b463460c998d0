//! Bodies of requests: how much of them is held in memory at once, whoever sends
//! them, and how long one may take to arrive.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use fielding::error::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

use crate::stopping::Stopping;

/// Bytes of all bodies together.
const ROOM: usize = 384 * 1024 * 1024;
/// Room is taken by pieces of so many bytes.
const PIECE: usize = 64 * 1024;
/// How long a body may take, and a second more for every [`A_SECOND`] bytes.
const PATIENCE: Duration = Duration::from_mins(1);
/// The slowest line that a large file may come by, in bytes a second.
const A_SECOND: usize = 16 * 1024;
/// How long a body may still take when the program is to end.
const LAST: Duration = Duration::from_secs(2);

/// What the bodies under way share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bodies {
    room: Arc<Semaphore>,
    patience: Duration,
    stopping: Stopping,
}

impl Default for Bodies {
    fn default() -> Self {
        Self::new(ROOM, PATIENCE)
    }
}

impl Bodies {
    /// `room` bytes in all; `patience` for each body.
    pub fn new(room: usize, patience: Duration) -> Self {
        let room = Arc::new(Semaphore::new(room / PIECE));
        Self { room, patience, stopping: Stopping::default() }
    }

    /// The same, hearing when the program is to end.
    #[must_use]
    pub fn until(self, stopping: Stopping) -> Self {
        Self { stopping, ..self }
    }

    /// Begins to read a body.
    pub fn begin(&self) -> Arrival {
        let late = Box::pin(tokio::time::sleep(self.patience));
        let (room, stopping) = (Arc::clone(&self.room), self.stopping.clone());
        Arrival { room, late, stopping, last: None, place: None, free: 0 }
    }
}

/// Keeps the room of a body while what it held is used.
pub type Place = Arc<Option<OwnedSemaphorePermit>>;

/// A body that is arriving.
pub struct Arrival {
    room: Arc<Semaphore>,
    late: Pin<Box<Sleep>>,
    stopping: Stopping,
    /// When the program has to end, once it is to.
    last: Option<Instant>,
    place: Option<OwnedSemaphorePermit>,
    /// Bytes of the room taken that are not used yet.
    free: usize,
}

impl Arrival {
    /// The next part of it.
    ///
    /// # Errors
    ///
    /// [`Error::Slow`] when it comes too late, [`Error::Stopping`] when the program
    /// cannot wait for it.
    pub async fn next<T>(&mut self, part: impl Future<Output = T>) -> Result<T, Error> {
        let mut part = pin!(part);
        loop {
            tokio::select! {
                biased;
                () = self.stopping.begun(), if self.last.is_none() => {
                    let last = tokio::time::sleep(LAST).deadline();
                    self.last = Some(last);
                    let sooner = self.late.deadline().min(last);
                    self.late.as_mut().reset(sooner);
                }
                part = &mut part => return Ok(part),
                () = &mut self.late => {
                    return Err(if self.last.is_some() { Error::Stopping } else { Error::Slow });
                }
            }
        }
    }

    /// Counts what came: a large body may take longer.
    pub fn came(&mut self, bytes: usize) {
        #[expect(clippy::cast_precision_loss, reason = "a part of a body is small")]
        let more = Duration::from_secs_f64(bytes as f64 / A_SECOND as f64);
        let later = self.late.deadline() + more;
        let later = self.last.map_or(later, |last| later.min(last));
        self.late.as_mut().reset(later);
    }

    /// Takes room for bytes that stay in memory.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when there is none.
    pub fn hold(&mut self, bytes: usize) -> Result<(), Error> {
        if bytes > self.free {
            let pieces = (bytes - self.free).div_ceil(PIECE);
            let many = u32::try_from(pieces).map_err(|_| Error::Busy)?;
            let more = Arc::clone(&self.room).try_acquire_many_owned(many);
            let more = more.map_err(|_| Error::Busy)?;
            match &mut self.place {
                Some(place) => place.merge(more),
                none => *none = Some(more),
            }
            self.free += pieces * PIECE;
        }
        self.free -= bytes;
        Ok(())
    }

    /// The body is whole; its room is kept as long as its place is.
    pub fn whole(self) -> Place {
        Arc::new(self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_may_take_its_time_and_more_only_while_it_comes() {
        let bodies = Bodies::new(ROOM, Duration::from_millis(400));
        let mut body = bodies.begin();
        let after = |millis| tokio::time::sleep(Duration::from_millis(millis));
        body.next(after(100)).await.expect("in time");
        body.came(A_SECOND * 2);
        body.next(after(600)).await.expect("in time");
        let late = body.next(after(4_000)).await;
        assert!(matches!(late, Err(Error::Slow)), "{late:?}");
    }

    #[tokio::test]
    async fn a_large_body_does_not_hold_up_the_end() {
        let stopping = Stopping::default();
        let mut body = Bodies::default().until(stopping.clone()).begin();
        body.next(async {}).await.expect("in time");
        stopping.begin();
        body.next(tokio::time::sleep(Duration::from_millis(10))).await.expect("what is near");
        body.came(A_SECOND * 3_600);
        let told = body.next(tokio::time::sleep(LAST * 3)).await;
        assert!(matches!(told, Err(Error::Stopping)), "{told:?}");
    }

    #[tokio::test]
    async fn all_bodies_share_one_room() {
        let bodies = Bodies::new(4 * PIECE, PATIENCE);
        let mut first = bodies.begin();
        first.hold(10).expect("room");
        first.hold(PIECE).expect("room");
        let first = first.whole();
        let mut second = bodies.begin();
        second.hold(2 * PIECE).expect("room");
        let full = second.hold(1);
        assert!(matches!(full, Err(Error::Busy)), "{full:?}");
        drop(first);
        second.hold(1).expect("room again");
    }
}
