//! The two string encodings of BinXML: UTF-16 and the ANSI code page. And what records without a
//! template say in text, written as Windows does: read where it stands, without decoding it.

use crate::model::{Guid, Time};

/// Bytes of text that is decoded at once.
pub(in crate::read) const BLOCK: usize = 64;
/// Digits of a number that is read where it stands: as many as surely have room.
const MOST_DIGITS: usize = 18;
/// From 1601 to 1970, in days.
const EPOCH_DAYS: u64 = 134_774;

/// Appends UTF-16LE text; what is no valid UTF-16 becomes U+FFFD, an odd last byte is dropped.
pub(in crate::read) fn push_utf16(bytes: &[u8], text: &mut String) {
    let (mut units, _) = bytes.as_chunks::<2>();
    text.reserve(units.len());
    // Nearly all text in logs is ASCII, which needs no decoder: blocks of it are copied.
    let mut block = [0; BLOCK];
    while !units.is_empty() {
        let (head, rest) = units.split_at(units.len().min(BLOCK));
        let Some(ascii) = ascii_block(head, &mut block) else { break };
        text.push_str(ascii);
        units = rest;
    }
    if !units.is_empty() {
        let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
        text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    }
}

/// UTF-16LE text that is short and nothing but ASCII, as nearly all text in logs is.
#[inline]
pub(in crate::read) fn short_ascii<'b>(
    bytes: &[u8],
    block: &'b mut [u8; BLOCK],
) -> Option<&'b str> {
    let (units, odd) = bytes.as_chunks::<2>();
    if odd.is_empty() && units.len() <= BLOCK { ascii_block(units, block) } else { None }
}

/// Units of a block as text, if they are ASCII.
#[inline]
fn ascii_block<'b>(units: &[[u8; 2]], block: &'b mut [u8; BLOCK]) -> Option<&'b str> {
    let (fours, rest) = units.as_chunks::<4>();
    let (ends, mut above) = (block.as_chunks_mut::<4>().0, 0);
    for (to, four) in ends.iter_mut().zip(fours) {
        let word = u64::from_le_bytes(*four.as_flattened().first_chunk()?);
        above |= word & 0xff80_ff80_ff80_ff80;
        // The four low bytes move together.
        let pairs = (word | word >> 8) & 0x0000_ffff_0000_ffff;
        let [w, x, y, z, ..] = (pairs | pairs >> 16).to_le_bytes();
        *to = [w, x, y, z];
    }
    for (to, [low, high]) in block.get_mut(fours.len() * 4..)?.iter_mut().zip(rest) {
        *to = *low;
        above |= u64::from(high | low & 0x80);
    }
    let ascii = block.get(..units.len()).filter(|_| above == 0)?;
    std::str::from_utf8(ascii).ok()
}

/// Appends text of the code page Windows-1252, whose NULs are padding.
///
/// The log does not say which code page the machine had; the Western one is the most common,
/// and all agree in ASCII.
pub(super) fn push_ansi(bytes: &[u8], text: &mut String) {
    // What 0x80 to 0x9F stand for; the five unassigned ones are control characters.
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let decode = |byte: &u8| {
        let high = byte.checked_sub(0x80).and_then(|index| HIGH.get(usize::from(index)));
        high.copied().unwrap_or(char::from(*byte))
    };
    text.extend(bytes.iter().filter(|byte| **byte != 0).map(decode));
}

/// UTF-16LE text without the NULs at its end.
#[inline]
pub(in crate::read) fn trim_nul(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let [text @ .., 0, 0] = rest
        && bytes.len().is_multiple_of(2)
    {
        rest = text;
    }
    rest
}

/// The digit that a UTF-16 unit is.
#[inline]
fn digit(unit: [u8; 2]) -> Option<u64> {
    let digit = u16::from_le_bytes(unit).wrapping_sub(b'0'.into());
    (digit < 10).then_some(digit.into())
}

#[inline]
fn digits(units: &[[u8; 2]]) -> Option<u64> {
    units.iter().try_fold(0, |number, unit| Some(number * 10 + digit(*unit)?))
}

/// The number that UTF-16LE text is which consists of decimal digits. `None` for all else, which
/// may be a number still.
pub(super) fn decimal(bytes: &[u8]) -> Option<u64> {
    let (units, []) = bytes.as_chunks::<2>() else { return None };
    if units.is_empty() || units.len() > MOST_DIGITS { None } else { digits(units) }
}

/// The time that UTF-16LE text is in the form `2026-03-04T02:11:07.1234567Z`, with up to nine
/// digits behind the point or none; those beyond 100 ns are cut. `None` for all else, which may be
/// a time still.
pub(super) fn utc(bytes: &[u8]) -> Option<Time> {
    let (units, []) = bytes.as_chunks::<2>() else { return None };
    let (whole, rest) = units.split_first_chunk::<19>()?;
    let [year @ .., DASH, m1, m2, DASH, d1, d2, T, h1, h2, COLON, i1, i2, COLON, s1, s2] = whole
    else {
        return None;
    };
    let two = |tens: &[u8; 2], ones: &[u8; 2]| Some(digit(*tens)? * 10 + digit(*ones)?);
    let (year, month, day) = (digits(year)?, two(m1, m2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(i1, i2)?, two(s1, s2)?);
    // Earlier and last times and leap seconds take the long way, as all that is no time.
    if !(1970..9999).contains(&year) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let ticks = match rest {
        [Z] => 0,
        [POINT, fraction @ .., Z] => {
            let scale = PARTS.get(fraction.len().checked_sub(1)?)?;
            digits(fraction)? * scale / 100
        }
        _ => return None,
    };
    let seconds = ((days(year, month, day)? * 24 + hour) * 60 + minute) * 60 + second;
    Some(Time::from_filetime(seconds * 10_000_000 + ticks))
}

/// What stands between the numbers of a time.
const DASH: [u8; 2] = [b'-', 0];
const T: [u8; 2] = [b'T', 0];
const COLON: [u8; 2] = [b':', 0];
const POINT: [u8; 2] = [b'.', 0];
const Z: [u8; 2] = [b'Z', 0];
/// Nanoseconds that the last of one to nine digits behind the point counts.
const PARTS: [u64; 9] = [100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1000, 100, 10, 1];

/// The GUID that UTF-16LE text is in the form `{F4208A2B-1234-5678-9ABC-DEF012345678}`. `None` for
/// all else, which may be a GUID still.
pub(super) fn guid(bytes: &[u8]) -> Option<Guid> {
    let (units, []) = bytes.as_chunks::<2>() else { return None };
    let units: &[[u8; 2]; 38] = units.try_into().ok()?;
    let ([b'{', 0], [b'}', 0]) = (units.first()?, units.last()?) else { return None };
    let byte = |at: usize| {
        let [high, low] = *units.get(at..)?.first_chunk()?;
        Some(hex(high)? << 4 | hex(low)?)
    };
    let mut guid = [0; 16];
    for (to, at) in guid.iter_mut().zip(GUID_PLACES) {
        *to = byte(at)?;
    }
    [9, 14, 19, 24].iter().all(|at| units.get(*at) == Some(&DASH)).then_some(Guid(guid))
}

/// Where the bytes of a GUID stand in its text; its first three numbers are little endian.
const GUID_PLACES: [usize; 16] = [7, 5, 3, 1, 12, 10, 17, 15, 20, 22, 25, 27, 29, 31, 33, 35];

/// The hexadecimal digit that a UTF-16 unit is.
fn hex([low, high]: [u8; 2]) -> Option<u8> {
    let digit = char::from(low).to_digit(16).filter(|_| high == 0)?;
    u8::try_from(digit).ok()
}

/// Days from 1601 to a day of the Gregorian calendar, from 1970 on; `None` if there is none.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    const BEFORE: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    const LENGTH: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let index = usize::try_from(month.checked_sub(1)?).ok()?;
    let leap = u64::from(is_leap);
    let length = LENGTH.get(index)? + if month == 2 { leap } else { 0 };
    if !(1..=length).contains(&day) {
        return None;
    }
    let before = BEFORE.get(index)? + if month > 2 { leap } else { 0 };
    // Leap days up to the end of the year before, less those up to the end of 1969.
    let last = year - 1;
    let leaps = last / 4 - last / 100 + last / 400 - 477;
    Some(EPOCH_DAYS + (year - 1970) * 365 + leaps + before + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn utf16_of_any_kind() {
        let long = ["x".repeat(63), "é".repeat(65), "x".repeat(64)].concat();
        for text in ["", "plain", "Müller", "客户端", "a\u{1F600}b", "a\0b", &long] {
            let mut decoded = String::new();
            push_utf16(&utf16(text), &mut decoded);
            assert_eq!(decoded, text);
        }
        let mut decoded = String::new();
        push_utf16(&[0x61, 0, 0, 0xD8, 0x62, 0, 0x63], &mut decoded);
        assert_eq!(decoded, "a\u{FFFD}b");
    }

    #[test]
    fn short_texts_are_taken_if_they_are_ascii() {
        let long = "x".repeat(BLOCK);
        for text in ["", "a", "plain", long.as_str()] {
            assert_eq!(short_ascii(&utf16(text), &mut [7; BLOCK]), Some(text));
        }
        let longer = "x".repeat(BLOCK + 1);
        for text in ["ä", "plainé", "日本", "\u{80}bcdefgh", "abcd\u{100}", longer.as_str()] {
            assert_eq!(short_ascii(&utf16(text), &mut [0; BLOCK]), None, "{text}");
        }
        assert_eq!(short_ascii(b"a\0b", &mut [0; BLOCK]), None);
    }

    #[test]
    fn numbers_where_they_stand() {
        for (text, number) in [("0", Some(0)), ("4624", Some(4624)), ("007", Some(7))] {
            assert_eq!(decimal(&utf16(text)), number);
        }
        assert_eq!(decimal(&utf16(&"9".repeat(18))), Some(999_999_999_999_999_999));
        for text in ["", " 1", "-1", "0x10", "1\0", "１", "\u{131}", &"9".repeat(19)] {
            assert_eq!(decimal(&utf16(text)), None, "{text}");
        }
        assert_eq!(decimal(&[0x31, 0, 0x32]), None);
    }

    #[test]
    fn times_where_they_stand() {
        let mut read = 0;
        let days = ["1969-12-31", "1970-01-01", "1972-02-29", "1999-12-31", "2000-02-29"];
        let other = ["2026-03-04", "2023-02-29", "2100-02-29", "2100-03-01", "2400-12-31"];
        let more = ["9999-12-31", "2026-13-01", "2026-00-01", "2026-04-31", "2026-04-00"];
        let ends = ["Z", ".1Z", ".1234567Z", ".123456789Z", ".999999999Z", ".1234567890Z", ".Z"];
        let ends = ends.into_iter().chain([".12a4Z", "", "z", "+00:00", ".5", " Z", "ZZ"]);
        for (day, end) in ends
            .flat_map(|end| days.into_iter().chain(other).chain(more).map(move |day| (day, end)))
        {
            for clock in ["00:00:00", "23:59:59", "11:07:60", "24:00:00", "02:60:00", "1:000:00"] {
                let text = format!("{day}T{clock}{end}");
                // Where it gives no time, that is left to the library.
                if let Some(time) = utc(&utf16(&text)) {
                    assert_eq!(Time::parse_rfc3339(&text), Some(time), "{text}");
                    read += 1;
                }
            }
        }
        assert_eq!(read, 7 * 2 * 5);
    }

    #[test]
    fn guids_where_they_stand() {
        let text = "{F4208A2B-1234-5678-9abc-DEF012345678}";
        assert_eq!(guid(&utf16(text)), Guid::parse(text));
        assert!(guid(&utf16(text)).is_some());
        for at in 0..text.len() {
            for other in ["", "-", "{", "g", "+", "\u{131}", "00"] {
                let text = [&text[..at], other, &text[at + 1..]].concat();
                assert!(guid(&utf16(&text)).is_none() || text.len() == 38, "{text}");
                assert_eq!(guid(&utf16(&text)).or_else(|| Guid::parse(&text)), Guid::parse(&text));
            }
        }
    }

    #[test]
    fn ansi_is_windows_1252() {
        let mut decoded = String::new();
        push_ansi(b"5 \x80 \xe4\0\x9f\0", &mut decoded);
        assert_eq!(decoded, "5 € äŸ");
    }

    #[test]
    fn only_whole_units_are_trimmed() {
        // The high byte of U+0100 followed by a NUL unit: only that unit is padding.
        assert_eq!(trim_nul(&[0, 1, 0, 0]), [0, 1]);
        assert_eq!(trim_nul(&[0x61, 0, 0, 0, 0, 0]), [0x61, 0]);
        assert_eq!(trim_nul(&[0x61, 0]), [0x61, 0]);
        assert_eq!(trim_nul(&[0, 0]), [0; 0]);
    }
}
