//! Times as short as the place allows, always UTC.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::Time;

/// What the reader knows already from the line above: the day, or at least the year.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    from: Option<DateTime>,
    to: Option<DateTime>,
}

impl Clock {
    /// For times below a line that shows `from` and `to` in full.
    pub(super) fn between(from: Time, to: Time) -> Self {
        Self { from: civil(from), to: civil(to) }
    }

    /// `02:11:07` on the day that is known, `03-04 02:11:07` in the year that is known, else
    /// with the year.
    pub(super) fn show(&self, time: Time) -> String {
        let Some(shown) = civil(time) else { return time.to_string() };
        let known = |same: fn(DateTime, DateTime) -> bool| {
            self.from.is_some_and(|from| same(from, shown))
                && self.to.is_some_and(|to| same(to, shown))
        };
        if known(|left, right| left.date() == right.date()) {
            shown.strftime("%H:%M:%S").to_string()
        } else if known(|left, right| left.year() == right.year()) {
            shown.strftime("%m-%d %H:%M:%S").to_string()
        } else {
            shown.strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
    }
}

/// `2026-03-04 02:11:07 … 17:40:12`: the date once where one suffices; one time where both
/// are the same second.
pub(super) fn range(from: Time, to: Time) -> String {
    pair(&Clock::default().show(from), &Clock::between(from, from).show(to), from, to)
}

/// `2026-03-01 … 03-09`.
pub(super) fn days(from: Time, to: Time) -> String {
    let (Some(first), Some(last)) = (civil(from), civil(to)) else {
        return format!("{from} … {to}");
    };
    let start = first.strftime("%Y-%m-%d").to_string();
    if first.date() == last.date() {
        start
    } else if first.year() == last.year() {
        format!("{start} … {}", last.strftime("%m-%d"))
    } else {
        format!("{start} … {}", last.strftime("%Y-%m-%d"))
    }
}

fn pair(from_shown: &str, to_shown: &str, from: Time, to: Time) -> String {
    let same_second = civil(from).map(whole_second) == civil(to).map(whole_second);
    if same_second { from_shown.to_owned() } else { format!("{from_shown} … {to_shown}") }
}

fn whole_second(time: DateTime) -> String {
    time.strftime("%Y%m%d%H%M%S").to_string()
}

fn civil(time: Time) -> Option<DateTime> {
    Some(time.to_timestamp()?.to_zoned(TimeZone::UTC).datetime())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        Time::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn what_is_known_is_not_repeated() {
        let start = time("2026-03-04T02:11:07.9Z");
        let clock = Clock::between(start, time("2026-03-04T23:00:00Z"));
        assert_eq!(clock.show(time("2026-03-04T05:00:00Z")), "05:00:00");
        assert_eq!(clock.show(time("2026-03-05T05:00:00Z")), "03-05 05:00:00");
        assert_eq!(clock.show(time("2025-03-04T05:00:00Z")), "2025-03-04 05:00:00");
        let two_days = Clock::between(start, time("2026-03-05T00:00:00Z"));
        assert_eq!(two_days.show(start), "03-04 02:11:07");
        assert_eq!(Clock::default().show(start), "2026-03-04 02:11:07");
    }

    #[test]
    fn ranges_show_the_date_once() {
        let start = time("2026-03-04T02:11:07Z");
        for (end, shown) in [
            ("2026-03-04T02:11:07.5Z", "2026-03-04 02:11:07"),
            ("2026-03-04T17:00:00Z", "2026-03-04 02:11:07 … 17:00:00"),
            ("2026-03-05T17:00:00Z", "2026-03-04 02:11:07 … 03-05 17:00:00"),
            ("2027-03-05T17:00:00Z", "2026-03-04 02:11:07 … 2027-03-05 17:00:00"),
        ] {
            assert_eq!(range(start, time(end)), shown);
        }
        assert_eq!(days(start, time("2026-03-09T00:00:00Z")), "2026-03-04 … 03-09");
        assert_eq!(days(start, start), "2026-03-04");
    }

    #[test]
    fn times_outside_the_calendar_are_shown_as_such() {
        let broken = Time(i64::MAX);
        assert!(Clock::default().show(broken).starts_with("invalid("));
        assert!(range(broken, broken).starts_with("invalid("));
        assert!(days(broken, broken).starts_with("invalid("));
    }
}
