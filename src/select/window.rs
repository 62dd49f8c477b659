//! Stretches of time within which records are counted.

use crate::model::{Span, Time};

/// A stretch of time. Each begins where one of the finer ones does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// About a month: thirty days.
    Month,
    /// All of time.
    Ever,
}

/// The finest.
const HOUR: Span = Span::seconds(3600);

impl Window {
    /// All of them, from the finest to the coarsest.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Month, Self::Ever];

    /// The hour of a time.
    pub(super) const fn hour(time: Time) -> i64 {
        time.0.div_euclid(HOUR.0)
    }

    /// A number for the window in which an hour lies, which no other window has.
    pub const fn number(self, hour: i64) -> u64 {
        let (tag, number) = match self {
            Self::Hour => (0, hour),
            Self::Day => (1, hour.div_euclid(24)),
            Self::Month => (2, hour.div_euclid(24 * 30)),
            Self::Ever => (3, 0),
        };
        number.cast_unsigned() << 2 | tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_lie_within_coarser_ones() {
        let hours: Vec<i64> = (-2000..2000).collect();
        for windows in Window::ALL.windows(2) {
            let [finer, coarser] = windows else { unreachable!() };
            for pair in hours.windows(2) {
                let [before, after] = pair else { unreachable!() };
                let same = |window: &Window| window.number(*before) == window.number(*after);
                assert!(same(coarser) || !same(finer), "{before} {after}");
            }
        }
        assert_eq!(Window::hour(Time(-1)), -1);
    }
}
