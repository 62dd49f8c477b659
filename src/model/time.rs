//! Points in time and spans, in the unit Windows logs use.
//!
//! Knows ticks and RFC 3339. Knows nothing about clocks or time zones: the reader of a
//! report decides how a time is shown, never the log.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Ticks in a second: a FILETIME tick is 100 ns.
const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks from 1601-01-01 (FILETIME's zero) to 1970-01-01 UTC.
const UNIX_EPOCH_TICKS: i64 = 116_444_736_000_000_000;

/// A point in time: 100 ns ticks since 1601-01-01 UTC, as in a FILETIME.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// Reads a FILETIME. Values beyond the year 30828 are clamped, as no clock means them.
    pub fn from_filetime(ticks: u64) -> Self {
        Self(i64::try_from(ticks).unwrap_or(i64::MAX))
    }

    /// Reads RFC 3339 text (`2026-03-04T02:11:07.1234567Z`); digits beyond 100 ns are cut.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(Self::from_timestamp)
    }

    /// Reads a library timestamp; digits beyond 100 ns are cut.
    pub fn from_timestamp(timestamp: Timestamp) -> Self {
        let ticks = timestamp.as_nanosecond().div_euclid(100) + i128::from(UNIX_EPOCH_TICKS);
        // The years -9999 to 9999 fit; the bounds only satisfy the type.
        Self(i64::try_from(ticks).unwrap_or(i64::MAX))
    }

    /// The same point as a library timestamp; `None` outside the years -9999 to 9999.
    pub fn to_timestamp(self) -> Option<Timestamp> {
        let nanoseconds = (i128::from(self.0) - i128::from(UNIX_EPOCH_TICKS)) * 100;
        Timestamp::from_nanosecond(nanoseconds).ok()
    }

    /// The time as RFC 3339 text in UTC, as [`fmt::Display`] writes it, without a formatter in
    /// between; `None` for a time before 1601 or after 9999.
    pub fn text(self) -> Option<TimeText> {
        TimeText::of(self)
    }

    /// The time from `earlier` to this one; negative when this one is the earlier.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// RFC 3339 UTC with as many digits as needed, at most seven; `invalid(ticks)` for a time
/// outside the calendar, which only damaged records carry.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.text() {
            return f.write_str(text.as_str());
        }
        match self.to_timestamp() {
            Some(timestamp) => write!(f, "{timestamp}"),
            None => write!(f, "invalid({})", self.0),
        }
    }
}

/// RFC 3339 text of a time in the years that logs have. The library writes the same, in ten times
/// the instructions; a report holds times by the hundred thousand.
#[derive(Clone, Copy, Debug)]
pub struct TimeText {
    digits: [u8; 28],
    length: usize,
}

impl TimeText {
    /// `None` for a time before 1601 or after 9999.
    fn of(time: Time) -> Option<Self> {
        let ticks = u64::try_from(time.0).ok()?;
        let (seconds, fraction) = (ticks / 10_000_000, ticks % 10_000_000);
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        let (year, month, day) = date(days);
        if year > 9999 {
            return None;
        }
        let mut digits = *b"0000-00-00T00:00:00.0000000Z";
        put(digits.get_mut(..4)?, year);
        put(digits.get_mut(5..7)?, month);
        put(digits.get_mut(8..10)?, day);
        put(digits.get_mut(11..13)?, second / 3600);
        put(digits.get_mut(14..16)?, second / 60 % 60);
        put(digits.get_mut(17..19)?, second % 60);
        put(digits.get_mut(20..27)?, fraction);
        let shown = digits.iter().take(27).rposition(|digit| *digit != b'0')?;
        // Without a fraction the point goes, too, and the seconds stay.
        let end = if fraction == 0 { 19 } else { shown + 1 };
        *digits.get_mut(end)? = b'Z';
        Some(Self { digits, length: end + 1 })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let digits = self.digits.get(..self.length).unwrap_or_default();
        std::str::from_utf8(digits).unwrap_or_default()
    }
}

/// Writes a number in decimal, with zeros before it.
fn put(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

/// Year, month and day of a number of days since 1601-01-01, with which a cycle of 400 years
/// begins. Years count from March here, so that a leap day is the last one.
const fn date(days: u64) -> (u64, u64, u64) {
    // From 1600-03-01 on.
    let days = days + 306;
    let (cycle, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let is_next_year = month >= 10;
    let month = if is_next_year { month - 9 } else { month + 3 };
    (1600 + 400 * cycle + year + is_next_year as u64, month, day)
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Time {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

/// A length of time in 100 ns ticks; may be negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Span(pub i64);

impl Span {
    /// A whole number of seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(TICKS_PER_SECOND))
    }

    /// A whole number of milliseconds.
    pub const fn milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds.saturating_mul(TICKS_PER_SECOND / 1000))
    }

    /// The span without its sign.
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// The span in seconds.
    #[expect(clippy::cast_precision_loss, reason = "shown, never compared")]
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / TICKS_PER_SECOND as f64
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// A text that is no time span such as `500ms`, `1.5s`, `2m`, `12h` or `3d`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time span; write a number and a unit: 500ms, 1.5s, 2m, 12h, 3d")]
pub struct SpanError(String);

impl FromStr for Span {
    type Err = SpanError;

    /// Reads a number and a unit out of `ms`, `s`, `m`, `h`, `d`; Sigma's timespans are a subset.
    fn from_str(text: &str) -> Result<Self, SpanError> {
        let error = || SpanError(text.to_owned());
        let digits = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(error)?;
        let (number, unit) = text.split_at(digits);
        let unit_seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return Err(error()),
        };
        let number: f64 = number.trim().parse().map_err(|_| error())?;
        let ticks = (number * unit_seconds * 1e7).round();
        if !ticks.is_finite() || ticks.abs() > 1e17 {
            return Err(error());
        }
        #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
        Ok(Self(ticks as i64))
    }
}

/// Short and readable: `84 ms`, `1.2 s`, `4 m 10 s`, `3 h 5 m`, `2 d 4 h`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let milliseconds = self.0.unsigned_abs() / 10_000;
        let seconds = milliseconds / 1000;
        match seconds {
            0 => write!(f, "{milliseconds} ms"),
            1..60 => write!(f, "{}.{} s", seconds, milliseconds % 1000 / 100),
            60..3600 => write!(f, "{} m {} s", seconds / 60, seconds % 60),
            3600..86_400 => write!(f, "{} h {} m", seconds / 3600, seconds / 60 % 60),
            _ => write!(f, "{} d {} h", seconds / 86_400, seconds / 3600 % 24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_round_trip_through_text() {
        for text in ["2026-03-04T02:11:07.1234567Z", "1601-01-01T00:00:00Z", "2020-09-19T03:19:26Z"]
        {
            let time = Time::parse_rfc3339(text).unwrap();
            assert_eq!(time.to_string(), text);
        }
        let mut number: u64 = 7;
        for _ in 0..100_000 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let time = Time((number >> (2 + number % 23)).cast_signed());
            let shown = time.to_timestamp().map(|timestamp| timestamp.to_string());
            assert_eq!(
                Some(time.to_string()),
                shown.or_else(|| Some(format!("invalid({})", time.0)))
            );
        }
        assert_eq!(Time::from_filetime(u64::MAX).to_string(), format!("invalid({})", i64::MAX));
    }

    #[test]
    fn spans_read_and_print() {
        for (text, ticks, shown) in [
            ("84ms", 840_000, "84 ms"),
            ("1.25s", 12_500_000, "1.2 s"),
            ("2m", 1_200_000_000, "2 m 0 s"),
            ("12h", 432_000_000_000, "12 h 0 m"),
            ("2d", 1_728_000_000_000, "2 d 0 h"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!((span.0, span.to_string().as_str()), (ticks, shown), "{text}");
        }
        for bad in ["", "5", "s", "1y", "1e999s", "-"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
    }
}
