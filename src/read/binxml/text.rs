//! The two string encodings of BinXML: UTF-16 and the ANSI code page.

/// Appends UTF-16LE text; what is no valid UTF-16 becomes U+FFFD, an odd last byte is dropped.
pub(in crate::read) fn push_utf16(bytes: &[u8], text: &mut String) {
    let (mut units, _) = bytes.as_chunks::<2>();
    text.reserve(units.len());
    // Nearly all text in logs is ASCII, which needs no decoder: blocks of it are copied.
    let mut block = [0; 64];
    while let Some(ascii) = ascii_block(units, &mut block) {
        text.push_str(ascii);
        units = units.get(ascii.len()..).unwrap_or_default();
    }
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
    text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

/// The characters of UTF-16LE text that is nothing but ASCII, as nearly all text in logs is.
pub(in crate::read) fn ascii(bytes: &[u8]) -> Option<impl ExactSizeIterator<Item = u8>> {
    let (units, odd) = bytes.as_chunks::<2>();
    let above = units.iter().fold(0, |above, [low, high]| above | high | low & 0x80);
    (above == 0 && odd.is_empty()).then(|| units.iter().map(|[low, _]| *low))
}

/// The first units as text, if there are any and they are ASCII.
fn ascii_block<'b>(units: &[[u8; 2]], block: &'b mut [u8; 64]) -> Option<&'b str> {
    let mut high = 0;
    for (to, [low_byte, high_byte]) in block.iter_mut().zip(units) {
        *to = *low_byte;
        high |= high_byte | low_byte & 0x80;
    }
    let ascii = block.get(..units.len().min(64)).filter(|ascii| high == 0 && !ascii.is_empty())?;
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
        assert_eq!(ascii(&utf16("plain")).unwrap().collect::<Vec<_>>(), b"plain");
        assert_eq!(ascii(&[]).unwrap().len(), 0);
        for text in ["Müller", "plainé", "客户端", "\u{100}"] {
            assert!(ascii(&utf16(text)).is_none(), "{text}");
        }
        assert!(ascii(b"a\0b").is_none());
        let mut decoded = String::new();
        push_utf16(&[0x61, 0, 0, 0xD8, 0x62, 0, 0x63], &mut decoded);
        assert_eq!(decoded, "a\u{FFFD}b");
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
