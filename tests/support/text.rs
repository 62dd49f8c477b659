//! What texts hold.

/// UTF-16LE behind a byte order mark, as Windows writes text files.
pub(crate) fn utf16_file(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The text has the parts, one behind the other.
#[track_caller]
pub(crate) fn assert_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let at =
            rest.find(part).unwrap_or_else(|| panic!("`{part}` is missing or late in\n{text}"));
        rest = &rest[at + part.len()..];
    }
}
