//! Security identifiers and times in the forms that only records have.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::Time;

/// Appends a security identifier in its text form; `None`, and nothing is appended, for bytes
/// that are none.
pub(super) fn push_sid(bytes: &[u8], text: &mut String) -> Option<()> {
    let (&[revision, count, a, b, c, d, e, f], rest) = bytes.split_first_chunk()?;
    let authority = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    let (parts, _) = rest.as_chunks::<4>();
    let parts = parts.get(..usize::from(count))?;
    text.push('S');
    let parts = parts.iter().map(|part| u32::from_le_bytes(*part).into());
    for number in [revision.into(), authority].into_iter().chain(parts) {
        text.push('-');
        push_decimal(number, text);
    }
    Some(())
}

/// Appends a number in decimal. The formatter of the standard library takes several times as
/// long, and many records hold two users.
fn push_decimal(mut number: u64, text: &mut String) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        first -= 1;
        if number == 0 {
            break;
        }
    }
    let digits = digits.get(first..).and_then(|digits| std::str::from_utf8(digits).ok());
    text.push_str(digits.unwrap_or_default());
}

/// A SYSTEMTIME: year, month, day of the week, day, hour, minute, second, millisecond. `None`
/// for one that is no time, such as all zeros.
pub(super) fn system_time(bytes: &[u8]) -> Option<Time> {
    let (units, _) = bytes.as_chunks::<2>();
    let units: Vec<i16> = units.iter().map(|unit| i16::from_le_bytes(*unit)).collect();
    let &[year, month, _, day, hour, minute, second, millisecond] = units.as_slice() else {
        return None;
    };
    let narrow = |unit: i16| i8::try_from(unit).ok();
    let time = DateTime::new(
        year,
        narrow(month)?,
        narrow(day)?,
        narrow(hour)?,
        narrow(minute)?,
        narrow(second)?,
        i32::from(millisecond) * 1_000_000,
    );
    let time = Time::from_timestamp(TimeZone::UTC.to_timestamp(time.ok()?).ok()?);
    // Windows counts from 1601.
    (time >= Time::default()).then_some(time)
}
