//! Values as forwarded records spell them: text, whatever the type.

use std::borrow::Cow;

use jiff::tz::Offset;

use super::error::ValueProblem;
use crate::model::{Time, Value};

/// A value as text; lists are the caller's business, since each item is an element of its own.
pub(super) fn of(value: &Value) -> Result<Cow<'_, str>, ValueProblem> {
    match value {
        Value::FileTime(at) | Value::SystemTime(at) => time(*at).map(Cow::Owned),
        value => Ok(value.to_text()),
    }
}

/// A time with nine digits of a second, of which Windows fills seven.
pub(super) fn time(time: Time) -> Result<String, ValueProblem> {
    let timestamp = time.to_timestamp().ok_or(ValueProblem::Time)?;
    let civil = Offset::UTC.to_datetime(timestamp);
    Ok(format!("{civil:.9}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_nine_digits() {
        let at = Time::parse_rfc3339("2021-12-16T10:19:07.3487319Z").unwrap();
        assert_eq!(time(at).unwrap(), "2021-12-16T10:19:07.348731900Z");
        assert_eq!(time(Time(0)).unwrap(), "1601-01-01T00:00:00.000000000Z");
    }
}
