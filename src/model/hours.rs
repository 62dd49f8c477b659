//! The hours of a case of which all was kept, where it was too long to keep everything.

use super::{Span, Time};

const HOUR: Span = Span::seconds(3600);
/// What lies so near to an hour may belong to an attempt in it.
const NEAR: Span = Span::seconds(60);
/// The longest stretch whose hours are looked at one by one; a longer one hardly is whole.
const LONGEST: i64 = 48;

/// Which hours are whole: those for which a smaller number was drawn than a limit, the same hours
/// of all machines and channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholeHours {
    limit: u16,
}

impl Default for WholeHours {
    /// All of them.
    fn default() -> Self {
        Self::below(u16::MAX)
    }
}

impl WholeHours {
    /// Those with a lot below a limit, and all where the limit is the largest number.
    pub const fn below(limit: u16) -> Self {
        Self { limit }
    }

    /// The number that the lots of whole hours are below.
    pub const fn limit(self) -> u16 {
        self.limit
    }

    /// Whether a record of that time is of a whole hour, or near one.
    pub fn has(self, time: Time) -> bool {
        self.limit == u16::MAX || Self::lot(time) < self.limit
    }

    /// The lot of the hour of a time, or of the hour next to it where that is near and drew less:
    /// an attempt goes on across the hours.
    pub fn lot(time: Time) -> u16 {
        drawn(hour(time - NEAR)).min(drawn(hour(time + NEAR)))
    }

    /// Whether there is any. If not, what is not there may have been at any time.
    pub const fn any(self) -> bool {
        self.limit > 0
    }

    /// Whether all that was logged between two times was kept.
    pub fn hold(self, from: Time, to: Time) -> bool {
        let (first, last) = (hour(from), hour(to));
        self.limit == u16::MAX
            || last.saturating_sub(first) < LONGEST
                && (first..=last).all(|hour| drawn(hour) < self.limit)
    }
}

const fn hour(time: Time) -> i64 {
    time.0.div_euclid(HOUR.0)
}

/// The number drawn for an hour, the same in every run.
const fn drawn(hour: i64) -> u16 {
    let mixed = hour.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ mixed >> 31).wrapping_mul(0xC2B2_AE3D_27D4_EB4F) >> 48) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_whole_by_their_lots() {
        let at = |minutes: i64| Time(minutes * 60 * 10_000_000);
        let limit = 32_768;
        let half = WholeHours::below(limit);
        let whole = (0..1000).filter(|hour| half.hold(at(hour * 60), at(hour * 60 + 59))).count();
        assert!((400..600).contains(&whole), "{whole}");
        for hour in 0..1000 {
            let is_whole = |hour: i64| half.hold(at(hour * 60), at(hour * 60 + 59));
            assert_eq!(WholeHours::lot(at(hour * 60 + 30)) < limit, is_whole(hour));
            assert_eq!(half.has(at(hour * 60 + 30)), is_whole(hour));
            let around = is_whole(hour) || is_whole(hour + 1);
            assert_eq!(WholeHours::lot(at(hour * 60 + 60)) < limit, around);
            assert_eq!(
                half.hold(at(hour * 60), at(hour * 60 + 61)),
                is_whole(hour) && is_whole(hour + 1)
            );
        }
        assert!(WholeHours::default().hold(Time(i64::MIN), Time(i64::MAX)));
        assert!((0..1000).all(|hour| WholeHours::default().has(at(hour * 60))));
        assert!(!half.hold(Time(i64::MIN), Time(i64::MAX)));
    }
}
