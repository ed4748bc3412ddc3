//! What time it is. The only place that asks, so that a test or a play can say.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The system's clock, or one that stands until it is moved. Clones of a manual clock are one
/// clock.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    /// Microseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `start`.
    pub fn manual(start: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(start.as_microsecond())))
    }

    /// To the microsecond, as it is stored: what is read back equals what was decided on.
    pub fn now(&self) -> Timestamp {
        let micros = match self {
            Self::System => Timestamp::now().as_microsecond(),
            Self::Manual(micros) => micros.load(Ordering::SeqCst),
        };
        // Within jiff's range: `manual` and `advance` started from a timestamp.
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
    }

    /// Moves a manual clock; the system's can't be moved.
    pub fn advance(&self, by: SignedDuration) {
        if let Self::Manual(micros) = self {
            let later = self.now().checked_add(by).unwrap_or(Timestamp::MAX);
            micros.store(later.as_microsecond(), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_stands_until_it_is_moved() {
        let start: Timestamp = "2026-11-23T15:00:00.1234567Z".parse().expect("an instant");
        let clock = Clock::manual(start);
        let same = clock.clone();
        clock.advance(SignedDuration::from_mins(10));
        assert_eq!(same.now(), "2026-11-23T15:10:00.123456Z".parse().expect("an instant"));
        assert_eq!(Clock::System.now().subsec_nanosecond() % 1_000, 0);
    }
}
