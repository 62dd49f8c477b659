//! Reads what people paste: codes in any notation, symbols, pairs.
//!
//! Knows notations. Knows no code.

use std::fmt;
use std::str::FromStr;

/// Longest text that can be a code or symbol.
const LONGEST: usize = 100;

/// A code as somebody asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeQuery {
    /// The text, trimmed.
    pub text: String,
    /// What it was read as.
    pub asked: Asked,
}

/// The kinds of texts that can be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A number. Negative numbers are kept as their 32 bits.
    Value {
        /// The number as written.
        value: u32,
        /// For digits without `0x`: the number they spell in hex, should `value` be unknown.
        or_hex: Option<u32>,
    },
    /// A message number of Windows, `%%2313`.
    MessageId(u32),
    /// A symbol, or something like one.
    Symbol,
    /// Disconnect reason and extended reason, `0x904/0x7`.
    Pair(u32, u32),
}

/// Why a text cannot be looked up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeQueryError {
    /// Nothing but blanks.
    #[error("an empty text is no code")]
    Empty,
    /// A number that no code can be.
    #[error("`{0}` is too large for a code, which has 32 bits")]
    TooLarge(String),
    /// Neither number nor symbol.
    #[error("`{0}` is no code: write 2308, 0x904, 0x904/0x7, -2146893044, %%2313 or a symbol")]
    NoCode(String),
}

impl CodeQuery {
    /// The number asked for, where it is one.
    pub fn value(&self) -> Option<u32> {
        match self.asked {
            Asked::Value { value, .. } => Some(value),
            _ => None,
        }
    }
}

/// The text as it was asked for.
impl fmt::Display for CodeQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl FromStr for CodeQuery {
    type Err = CodeQueryError;

    fn from_str(text: &str) -> Result<Self, CodeQueryError> {
        parse_code(text)
    }
}

/// Reads a code: decimal, `0x…`, a negative HRESULT, hex digits without `0x` (`C000006A`),
/// `%%2313`, a symbol in any case, or a pair `0x904/0x7`.
///
/// Digits alone are decimal; should no code have that number, they are tried as hex, so that
/// `80090304` finds 0x80090304.
///
/// # Errors
/// When the text is empty, too large for 32 bits, or neither number nor symbol.
pub fn parse_code(text: &str) -> Result<CodeQuery, CodeQueryError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CodeQueryError::Empty);
    }
    if text.len() > LONGEST {
        let start: String = text.chars().take(20).collect();
        return Err(CodeQueryError::NoCode(format!("{}…", start.escape_debug())));
    }
    let asked = if let Some(id) = text.strip_prefix("%%") {
        Asked::MessageId(digits(id, 10, text)?)
    } else if let Some((primary, extended)) = text.split_once('/') {
        Asked::Pair(plain(primary, text)?, plain(extended, text)?)
    } else if is_hex_word(text) {
        Asked::Value { value: digits(text, 16, text)?, or_hex: None }
    } else if is_symbol(text) {
        Asked::Symbol
    } else {
        Asked::Value { value: plain(text, text)?, or_hex: bare_hex(text) }
    };
    Ok(CodeQuery { text: text.to_owned(), asked })
}

/// A number in decimal, with or without sign, or as `0x…`.
fn plain(number: &str, whole: &str) -> Result<u32, CodeQueryError> {
    let number = number.trim();
    if let Some(hex) = number.strip_prefix("0x").or_else(|| number.strip_prefix("0X")) {
        return digits(hex, 16, whole);
    }
    let Some(negative) = number.strip_prefix('-') else {
        return digits(number, 10, whole);
    };
    let magnitude = i64::from(digits(negative, 10, whole)?);
    i32::try_from(-magnitude)
        .map(i32::cast_unsigned)
        .map_err(|_| CodeQueryError::TooLarge(whole.to_owned()))
}

/// Digits of a base as 32 bits. 64-bit hex numbers are accepted where they are a negative
/// 32-bit number with its sign spread out, as some tools print HRESULTs.
fn digits(text: &str, base: u32, whole: &str) -> Result<u32, CodeQueryError> {
    if text.is_empty() || !text.chars().all(|c| c.is_digit(base)) {
        return Err(CodeQueryError::NoCode(whole.escape_debug().to_string()));
    }
    let too_large = || CodeQueryError::TooLarge(whole.to_owned());
    let value = u64::from_str_radix(text, base).map_err(|_| too_large())?;
    u32::try_from(value)
        .ok()
        .or_else(|| {
            let signed = i32::try_from(value.cast_signed()).ok()?;
            (base == 16 && signed < 0).then_some(signed.cast_unsigned())
        })
        .ok_or_else(too_large)
}

/// What digits without `0x` spell in hex.
fn bare_hex(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| u32::from_str_radix(text, 16).ok())?
}

/// Hex digits with letters among them, such as `C000006A` or `B09`. Letters alone are a word.
fn is_hex_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Letters, digits and underscores that begin with a letter.
fn is_symbol(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(value: u32) -> Asked {
        Asked::Value { value, or_hex: None }
    }

    #[test]
    fn notations_are_told_apart() {
        for (text, asked) in [
            ("0x904", value(0x904)),
            ("0X0904", value(0x904)),
            ("-2146893044", value(0x8009_030C)),
            ("-1", value(u32::MAX)),
            ("-2147483648", value(0x8000_0000)),
            ("C000006A", value(0xC000_006A)),
            ("c06", value(0xC06)),
            ("0xFFFFFFFF80090304", value(0x8009_0304)),
            (" 2308 ", Asked::Value { value: 2308, or_hex: Some(0x2308) }),
            ("80090304", Asked::Value { value: 80_090_304, or_hex: Some(0x8009_0304) }),
            ("3221225578", Asked::Value { value: 0xC000_006A, or_hex: None }),
            ("%%2313", Asked::MessageId(2313)),
            ("0x904/0x7", Asked::Pair(0x904, 7)),
            ("2308 / 7", Asked::Pair(2308, 7)),
            ("STATUS_WRONG_PASSWORD", Asked::Symbol),
            ("bad", Asked::Symbol),
            ("e_fail", Asked::Symbol),
        ] {
            assert_eq!(parse_code(text).unwrap().asked, asked, "{text}");
        }
    }

    #[test]
    fn texts_that_are_no_codes_are_refused() {
        for text in [" ", "0x", "0x/7", "1/2/3", "--1", "+1", "0x-1", "%%", "%%x", "12.5", "a b"] {
            assert!(parse_code(text).is_err(), "{text:?}");
        }
        for text in ["4294967296", "-2147483649", "0x100000000", "0x7FFFFFFF80090304", "9999999999"]
        {
            assert_eq!(parse_code(text), Err(CodeQueryError::TooLarge(text.into())), "{text}");
        }
        let long = "x".repeat(101);
        assert!(parse_code(&long).is_err());
        assert!(!parse_code("\u{1b}[31m").unwrap_err().to_string().contains('\u{1b}'));
    }
}
