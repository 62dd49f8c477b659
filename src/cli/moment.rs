//! Points in time as people type them: a date, a date and a time, RFC 3339.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::Failure;
use crate::model::Time;

/// Refuses a stretch of time that ends before it begins.
pub(super) fn ordered(since: Option<Time>, until: Option<Time>) -> Result<(), Failure> {
    match (since, until) {
        (Some(since), Some(until)) if since >= until => {
            Err(Failure::usage(format!("--since {since} is not before --until {until}")))
        }
        _ => Ok(()),
    }
}

/// The first moment to look at. A date alone is its first moment; without a zone, UTC.
pub(super) fn since(text: &str) -> Result<Time, String> {
    parse(text, Some)
}

/// The moment to stop before. A date alone includes that day.
pub(super) fn until(text: &str) -> Result<Time, String> {
    parse(text, |date| date.tomorrow().ok())
}

fn parse(text: &str, day: impl Fn(Date) -> Option<Date>) -> Result<Time, String> {
    let text = text.trim();
    let civil = || -> Option<Time> {
        let moment: DateTime = match text.parse::<Date>() {
            Ok(date) if text.len() == 10 => day(date)?.to_datetime(jiff::civil::Time::midnight()),
            _ => text.parse().ok()?,
        };
        let timestamp = moment.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Time::parse_rfc3339(&timestamp.to_string())
    };
    Time::parse_rfc3339(text).or_else(civil).ok_or_else(|| {
        "write a date or a time: 2026-03-04, 2026-03-04T02:11, 2026-03-04T02:11:07Z".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times() {
        for (text, from, to) in [
            ("2026-03-04", "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z"),
            ("2026-03-04T02:11", "2026-03-04T02:11:00Z", "2026-03-04T02:11:00Z"),
            ("2026-03-04 02:11:07", "2026-03-04T02:11:07Z", "2026-03-04T02:11:07Z"),
            ("2026-03-04T02:11:07+01:00", "2026-03-04T01:11:07Z", "2026-03-04T01:11:07Z"),
        ] {
            assert_eq!(since(text).unwrap().to_string(), from, "{text}");
            assert_eq!(until(text).unwrap().to_string(), to, "{text}");
        }
        for bad in ["", "yesterday", "2026-02-30", "2026-03", "04.03.2026", "12:00"] {
            assert!(since(bad).is_err(), "{bad}");
        }
    }
}
