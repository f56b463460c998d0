//! The clock: the only place that asks what time it is. Everything else is told,
//! so that a rehearsal and a test decide what day it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

use crate::error::Error;
use crate::store::Instant;

/// What the machine's own clock says, for what looks at the machine itself.
pub fn system_time() -> DateTime<Utc> {
    Utc::now()
}

/// What time it is.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Microseconds by which it is ahead of the system's.
    ahead: Arc<AtomicI64>,
    /// Where it stands still, it says this.
    still: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's.
    pub fn system() -> Self {
        Self::default()
    }

    /// One that starts at a moment, `2027-01-15T08:00:00+07:00`, and runs on from
    /// there: for rehearsals.
    pub fn starting(text: &str) -> Result<Self, Error> {
        let start =
            DateTime::parse_from_rfc3339(text).map_err(|_| Error::invalid("clock", text))?;
        let ahead = start.timestamp_micros() - system_time().timestamp_micros();
        Ok(Self { ahead: Arc::new(AtomicI64::new(ahead)), still: None })
    }

    /// One that stands still until it is [set](Self::set).
    pub fn still(at: Instant) -> Self {
        Self { still: Some(Arc::new(AtomicI64::new(at.0))), ..Self::default() }
    }

    /// Now.
    pub fn now(&self) -> Instant {
        match &self.still {
            Some(still) => Instant(still.load(Ordering::Relaxed)),
            None => Instant(system_time().timestamp_micros() + self.ahead.load(Ordering::Relaxed)),
        }
    }

    /// Moves it: every copy of it, too.
    pub fn set(&self, at: Instant) {
        match &self.still {
            Some(still) => still.store(at.0, Ordering::Relaxed),
            None => {
                self.ahead.store(at.0 - system_time().timestamp_micros(), Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Zone;

    fn instant(text: &str) -> Instant {
        let at = DateTime::parse_from_rfc3339(text).expect("a moment");
        Instant(at.timestamp_micros())
    }

    #[test]
    fn a_rehearsal_starts_when_it_is_told_to() {
        let start = "2027-01-15T08:00:00+07:00";
        let now = Clock::starting(start).expect("a clock").now();
        assert!((0..60_000_000).contains(&(now.0 - instant(start).0)), "{now:?}");
        assert!(Clock::starting("tomorrow").is_err());
    }

    #[test]
    fn a_day_begins_at_local_midnight() {
        let here = Zone(chrono_tz::Asia::Ho_Chi_Minh);
        let midnight = instant("2027-01-15T00:00:00+07:00");
        let days = [-1, 0].map(|micros| Instant(midnight.0 + micros).day_in(here).to_string());
        assert_eq!(days, ["2027-01-14", "2027-01-15"]);
        assert_eq!(instant("2027-01-15T23:59:59+07:00").to_day_in(here), midnight);
        // In Santiago clocks go from midnight to one that day: it begins at one.
        let santiago = Zone(chrono_tz::America::Santiago);
        let noon = instant("2027-09-05T12:00:00-03:00");
        assert_eq!(noon.to_day_in(santiago), instant("2027-09-05T01:00:00-03:00"));
    }
}
