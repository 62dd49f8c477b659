//! Times in a zone that the reader knows.
//!
//! Logs hold UTC. A person compares them with a clock on a wall, so tables may show another
//! zone; then each time bears its offset, because a zone alone is ambiguous once a year.

use std::fmt;
use std::str::FromStr;

use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;

use crate::model::Time;

/// A time zone.
#[derive(Clone, Debug)]
pub struct Zone {
    zone: TimeZone,
    name: String,
}

impl Default for Zone {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, name: "UTC".to_owned() }
    }
}

/// A text that names no time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no time zone; write UTC, an offset such as +02:00, or an IANA name such as Europe/Berlin"
)]
pub struct ZoneError(String);

impl FromStr for Zone {
    type Err = ZoneError;

    /// Reads `UTC`, an offset or an IANA name; the names are built in.
    fn from_str(text: &str) -> Result<Self, ZoneError> {
        let text = text.trim();
        if ["utc", "z"].contains(&text.to_ascii_lowercase().as_str()) {
            return Ok(Self::default());
        }
        let zone = DateTimeParser::new().parse_time_zone(text);
        let zone = zone.map_err(|_| ZoneError(text.to_owned()))?;
        let name = zone.iana_name().unwrap_or(text).to_owned();
        Ok(Self { zone, name })
    }
}

/// The zone as headers of tables name it.
impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name)
    }
}

impl Zone {
    /// Whether times are shown as the logs hold them.
    fn is_utc(&self) -> bool {
        self.zone == TimeZone::UTC
    }

    /// To the second, for people: `2026-03-04 02:11:07` in UTC, `2026-03-04 03:11:07+01:00`
    /// elsewhere.
    pub fn second(&self, time: Time) -> String {
        self.shown(time, "%Y-%m-%d %H:%M:%S")
    }

    /// The same to the millisecond, for what happens in one second.
    pub fn millisecond(&self, time: Time) -> String {
        self.shown(time, "%Y-%m-%d %H:%M:%S%.3f")
    }

    /// RFC 3339 with all its digits, for programs.
    pub fn exact(&self, time: Time) -> String {
        match time.to_timestamp() {
            Some(timestamp) if !self.is_utc() => {
                timestamp.display_with_offset(self.zone.to_offset(timestamp)).to_string()
            }
            _ => time.to_string(),
        }
    }

    fn shown(&self, time: Time, format: &str) -> String {
        let Some(timestamp) = time.to_timestamp() else { return time.to_string() };
        let zoned = timestamp.to_zoned(self.zone.clone());
        if self.is_utc() {
            zoned.strftime(format).to_string()
        } else {
            zoned.strftime(&format!("{format}%:z")).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_bear_their_offset_outside_utc() {
        let time = Time::parse_rfc3339("2026-03-29T00:59:59.1234567Z").unwrap();
        let later = Time::parse_rfc3339("2026-03-29T01:00:00Z").unwrap();
        for (zone, second, exact) in [
            ("UTC", "2026-03-29 00:59:59", "2026-03-29T00:59:59.1234567Z"),
            ("z", "2026-03-29 00:59:59", "2026-03-29T00:59:59.1234567Z"),
            ("+05:30", "2026-03-29 06:29:59+05:30", "2026-03-29T06:29:59.1234567+05:30"),
            ("Europe/Berlin", "2026-03-29 01:59:59+01:00", "2026-03-29T01:59:59.1234567+01:00"),
            ("europe/berlin", "2026-03-29 01:59:59+01:00", "2026-03-29T01:59:59.1234567+01:00"),
        ] {
            let zone: Zone = zone.parse().unwrap();
            assert_eq!((zone.second(time).as_str(), zone.exact(time).as_str()), (second, exact));
        }
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        assert_eq!(berlin.second(later), "2026-03-29 03:00:00+02:00");
        assert_eq!(berlin.millisecond(time), "2026-03-29 01:59:59.123+01:00");
        assert!(berlin.second(Time(i64::MAX)).starts_with("invalid("));
        for bad in ["", "Berlin", "local", "+99:00", "Europe/Atlantis"] {
            assert!(bad.parse::<Zone>().is_err(), "{bad}");
        }
    }
}
