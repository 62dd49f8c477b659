//! Dates in the notation of whatever language a machine speaks.
//!
//! Such a date tells neither its time zone nor, often, which number is the month. So it is read
//! as a stretch of time that the moment certainly lies in, or not at all.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::model::{Span, Time};

/// Local times are at most so far from UTC; a few minutes are no concern here.
const WIDEST_ZONE: Span = Span::seconds(14 * 3600);
const DAY: Span = Span::seconds(24 * 3600);

/// A moment that lies in this stretch of time, its ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) earliest: Time,
    pub(super) latest: Time,
}

impl Moment {
    /// The stretch that both leave it; `None` where they are of different moments.
    pub(super) fn both(self, other: Self) -> Option<Self> {
        let earliest = self.earliest.max(other.earliest);
        let latest = self.latest.min(other.latest);
        (earliest <= latest).then_some(Self { earliest, latest })
    }
}

/// A date as it is written, by all that it can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// With its time zone.
    Exact(Time),
    /// A day by local time.
    Day { if_day_first: Option<Date>, if_month_first: Option<Date> },
}

/// Whether a listing writes the day before the month, where that is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
    Unknown,
}

impl Written {
    /// Reads a date; `None` for what is none, and for calendars and notations not known here.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // Milliseconds since 1970, as Windows PowerShell writes times to JSON.
        if let Some(rest) = text.strip_prefix("/Date(") {
            let milliseconds = rest.strip_suffix(")/")?.parse().ok()?;
            let timestamp = jiff::Timestamp::from_millisecond(milliseconds).ok()?;
            return Some(Self::Exact(Time::from_timestamp(timestamp)));
        }
        if let Some(time) = Time::parse_rfc3339(text) {
            return Some(Self::Exact(time));
        }
        let (first, rest) = number(text)?;
        let (second, rest) = number(separated(rest)?)?;
        let (third, _) = number(separated(rest)?)?;
        let (if_day_first, if_month_first) = match (first.len(), third.len()) {
            (4, 1 | 2) => (day(first, second, third), day(first, second, third)),
            (1 | 2, 4) => (day(third, second, first), day(third, first, second)),
            _ => return None,
        };
        let is_date = if_day_first.is_some() || if_month_first.is_some();
        is_date.then_some(Self::Day { if_day_first, if_month_first })
    }

    /// When that is, in a listing of that order.
    pub(super) fn moment(self, order: Order) -> Option<Moment> {
        let (if_day_first, if_month_first) = match self {
            Self::Exact(time) => return Some(Moment { earliest: time, latest: time }),
            Self::Day { if_day_first, if_month_first } => (if_day_first, if_month_first),
        };
        let readings = match order {
            Order::DayFirst => [if_day_first, None],
            Order::MonthFirst => [None, if_month_first],
            Order::Unknown => [if_day_first, if_month_first],
        };
        let days = || readings.into_iter().flatten().filter_map(midnight);
        let (earliest, latest) = (days().min()?, days().max()?);
        Some(Moment { earliest: earliest - WIDEST_ZONE, latest: latest + DAY + WIDEST_ZONE })
    }
}

impl Order {
    /// The one order in which all dates of a listing are dates.
    pub(super) fn of(dates: impl IntoIterator<Item = Written>) -> Self {
        let (mut day_first, mut month_first) = (true, true);
        for date in dates {
            if let Written::Day { if_day_first, if_month_first } = date {
                day_first &= if_day_first.is_some();
                month_first &= if_month_first.is_some();
            }
        }
        match (day_first, month_first) {
            (true, false) => Self::DayFirst,
            (false, true) => Self::MonthFirst,
            _ => Self::Unknown,
        }
    }
}

/// The digits that a text begins with, and what follows.
fn number(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// What follows the mark between two numbers of a date: `/`, `-`, `.` or `. `.
fn separated(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(['/', '-', '.'])?;
    Some(rest.strip_prefix(' ').unwrap_or(rest))
}

fn day(year: &str, month: &str, day: &str) -> Option<Date> {
    let year: i16 = year.parse().ok()?;
    // Certificates are of our days; other years are those of another calendar.
    let is_gregorian = (1980..2400).contains(&year);
    is_gregorian.then(|| Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()).flatten()
}

fn midnight(day: Date) -> Option<Time> {
    let start = day.to_zoned(TimeZone::UTC).ok()?;
    Some(Time::from_timestamp(start.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, order: Order, expected: Option<(&str, &str)>) {
        let moment = Written::parse(text).and_then(|date| date.moment(order));
        let shown = moment.map(|found| (found.earliest.to_string(), found.latest.to_string()));
        let expected = expected.map(|(from, to)| (from.to_owned(), to.to_owned()));
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn a_date_is_a_stretch_of_time() {
        let wide = Some(("2026-01-31T10:00:00Z", "2026-03-03T14:00:00Z"));
        let day_first = Some(("2026-01-31T10:00:00Z", "2026-02-02T14:00:00Z"));
        let month_first = Some(("2026-01-01T10:00:00Z", "2026-01-03T14:00:00Z"));
        for text in ["02/03/2026 6:18 PM", "2.3.2026 01:00", "02-03-2026"] {
            check(text, Order::Unknown, Some(("2026-02-02T10:00:00Z", "2026-03-03T14:00:00Z")));
        }
        check("1/2/2026 1:00", Order::DayFirst, day_first);
        check("1/2/2026 1:00", Order::MonthFirst, month_first);
        for text in ["2026-02-01", "2026/2/1 0:00", "2026. 02. 01. 1:00"] {
            check(text, Order::Unknown, day_first);
        }
        check("31/12/2026", Order::Unknown, Some(("2026-12-30T10:00:00Z", "2027-01-01T14:00:00Z")));
        let exact = Some(("2026-03-04T02:11:00Z", "2026-03-04T02:11:00Z"));
        check("/Date(1772590260000)/", Order::Unknown, exact);
        check("2026-03-04T03:11:00+01:00", Order::DayFirst, exact);
        assert_ne!(wide, day_first);
    }

    #[test]
    fn what_is_not_certain_is_no_date() {
        for text in [
            "",
            "1/2",
            "1/2/26",
            "1. Jan 2026",
            "13/13/2026",
            "01/01/2569 01:00",
            "1405/01/01",
            "12:00:00",
            "/Date(x)/",
            "0/0/2026",
            "2026-02-30",
            "99999999999/1/2026",
        ] {
            check(text, Order::Unknown, None);
        }
    }

    #[test]
    fn a_day_beyond_the_twelfth_tells_the_order_of_a_listing() {
        for (dates, order) in [
            (vec!["1/2/2026", "31/1/2026"], Order::DayFirst),
            (vec!["1/2/2026", "1/31/2026"], Order::MonthFirst),
            (vec!["1/2/2026", "2026-01-31"], Order::Unknown),
            (vec!["1/31/2026", "31/1/2026"], Order::Unknown),
            (vec![], Order::Unknown),
        ] {
            let read: Vec<_> = dates.iter().filter_map(|text| Written::parse(text)).collect();
            assert_eq!(Order::of(read), order, "{dates:?}");
        }
    }
}
