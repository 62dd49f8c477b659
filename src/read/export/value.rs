//! Text to typed values, as far as its form is certain.
//!
//! Numbers stay text: what looks like one may be a user's name, and rules read numbers out of
//! text as well. GUIDs and times have one meaning only, but several notations.

use crate::model::{Guid, Time, Value};

/// A value that was written as text.
pub(super) fn typed(text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    let guid = Some(text).filter(|text| text.len() == 38 && text.starts_with('{'));
    if let Some(guid) = guid.and_then(Guid::parse) {
        return Value::Guid(guid);
    }
    let bytes = text.as_bytes();
    let is_time = matches!(bytes, [_, _, _, _, b'-', _, _, b'-', _, _, b'T', .., b'Z']);
    match is_time.then(|| Time::parse_rfc3339(text)).flatten() {
        Some(time) => Value::FileTime(time),
        None => Value::text(text),
    }
}

/// A point in time, in any notation that exports use: RFC 3339, `2020-09-19 03:19:26.5 UTC`,
/// or seconds since 1970.
pub(super) fn time(value: &Value) -> Option<Time> {
    match value {
        Value::FileTime(time) => Some(*time),
        Value::Text(text) => {
            let text = text.trim();
            Time::parse_rfc3339(text).or_else(|| {
                let (date, clock) = text.strip_suffix(" UTC")?.split_once(' ')?;
                Time::parse_rfc3339(&format!("{date}T{clock}Z"))
            })
        }
        Value::Real64(seconds) => since_1970(*seconds),
        value => value.as_number()?.try_into().ok().and_then(|seconds: i64| {
            seconds.checked_mul(10_000_000).map(|ticks| Time(ticks.saturating_add(UNIX_EPOCH)))
        }),
    }
}

/// 1970 in ticks since 1601.
const UNIX_EPOCH: i64 = 116_444_736_000_000_000;

/// By its shortest decimal notation: a double has not enough digits to be multiplied.
fn since_1970(seconds: f64) -> Option<Time> {
    let text = format!("{seconds}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole: i64 = whole.parse().ok().filter(|whole| *whole >= 0)?;
    let fraction: i64 = format!("{fraction:0<7}").get(..7)?.parse().ok()?;
    let ticks = whole.checked_mul(10_000_000)?.checked_add(fraction)?;
    Some(Time(ticks.checked_add(UNIX_EPOCH)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certain_has_a_type() {
        for (text, value) in [
            ("", Value::Null),
            ("123", Value::text("123")),
            ("0x3e7", Value::text("0x3e7")),
            ("true", Value::text("true")),
            ("2026-03-04", Value::text("2026-03-04")),
            (
                "{not-a-guid-of-the-right-length-000000}",
                Value::text("{not-a-guid-of-the-right-length-000000}"),
            ),
        ] {
            assert_eq!(typed(text), value);
        }
        let guid = typed("{f4208a2b-1234-5678-9abc-def012345678}");
        assert_eq!(guid.to_text(), "{F4208A2B-1234-5678-9ABC-DEF012345678}");
        let time = typed("2026-03-04T02:11:07.123456700Z");
        assert_eq!(time.to_text(), "2026-03-04T02:11:07.1234567Z");
    }

    #[test]
    fn times_in_any_notation() {
        let expected = Time::parse_rfc3339("2020-09-19T03:19:26.5Z");
        for value in [
            Value::text("2020-09-19T03:19:26.500000Z"),
            Value::text("2020-09-19T05:19:26.5+02:00"),
            Value::text("2020-09-19 03:19:26.500000 UTC"),
            Value::Real64(1_600_485_566.5),
        ] {
            assert_eq!(time(&value), expected, "{value:?}");
        }
        assert_eq!(
            time(&Value::Int64(1_600_485_566)),
            expected.map(|time| time - crate::model::Span(5_000_000))
        );
        assert_eq!(time(&Value::text("yesterday")), None);
        let fine = Time::parse_rfc3339("2026-03-04T02:11:07.123Z");
        assert_eq!(time(&Value::Real64(1_772_590_267.123)), fine);
        assert_eq!(time(&Value::Real64(f64::NAN)), None);
        assert_eq!(time(&Value::Real64(-1.5)), None);
        assert_eq!(time(&Value::Int64(i64::MAX)), None);
    }
}
