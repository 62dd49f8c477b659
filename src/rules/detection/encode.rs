//! The encodings of Sigma's modifiers: UTF-16, Base64, and the dashes of Windows options.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The characters that start an option on a Windows command line.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];
/// Five to the power of this many variants are made of a text, no more.
const MAX_DASHES: usize = 4;

pub(super) fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

pub(super) fn utf16be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// Little endian behind a byte order mark.
pub(super) fn utf16(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(utf16le(text));
    bytes
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// What the bytes look like inside a longer Base64 text, for each of the three offsets they
/// can stand at. The ends are cut where they would mix with unknown neighbors.
pub(super) fn base64offset(bytes: &[u8]) -> Vec<String> {
    [(0, 0), (1, 2), (2, 3)]
        .into_iter()
        .map(|(offset, skip)| {
            let mut padded = vec![0; offset];
            padded.extend_from_slice(bytes);
            let whole_bits = padded.len() * 8 / 6;
            STANDARD.encode(padded).chars().take(whole_bits).skip(skip).collect()
        })
        .filter(|text: &String| !text.is_empty())
        .collect()
}

/// The text with every dash that starts an option replaced by each of the others, all
/// combined; `None` when that would be too many.
pub(super) fn windash(text: &str) -> Option<Vec<String>> {
    let chars: Vec<char> = text.chars().collect();
    let starts_option = |index: usize| {
        let before = index.checked_sub(1).and_then(|before| chars.get(before));
        let after = chars.get(index + 1);
        chars.get(index).is_some_and(|c| DASHES.contains(c))
            && before.is_none_or(|c| !is_word(*c))
            && after.is_some_and(|c| is_word(*c))
    };
    if (0..chars.len()).filter(|index| starts_option(*index)).count() > MAX_DASHES {
        return None;
    }
    let mut variants = vec![String::new()];
    for (index, c) in chars.iter().enumerate() {
        let choices = if starts_option(index) { &DASHES } else { std::slice::from_ref(c) };
        variants = variants
            .iter()
            .flat_map(|variant| choices.iter().map(move |c| format!("{variant}{c}")))
            .collect();
    }
    Some(variants)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes() {
        assert_eq!(utf16le("cm"), [0x63, 0, 0x6d, 0]);
        assert_eq!(utf16be("cm"), [0, 0x63, 0, 0x6d]);
        assert_eq!(utf16("c"), [0xff, 0xfe, 0x63, 0]);
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
    }

    #[test]
    fn finds_text_inside_longer_base64() {
        assert_eq!(base64offset(b"/bin/sh"), ["L2Jpbi9za", "9iaW4vc2", "vYmluL3No"]);
        for secret in ["mstsc", "a", "RDP!"] {
            let variants = base64offset(secret.as_bytes());
            for before in ["", "x", "xy", "xyz"] {
                let whole = base64(format!("{before}{secret}tail").as_bytes());
                assert!(variants.iter().any(|variant| whole.contains(variant)), "{before}{secret}");
            }
        }
    }

    #[test]
    fn replaces_the_dashes_of_options() {
        let variants = windash("x -param-name").unwrap();
        assert_eq!(variants.len(), 5);
        assert!(variants.contains(&"x /param-name".to_owned()));
        assert_eq!(windash("a-b"), Some(vec!["a-b".to_owned()]));
        assert_eq!(windash("-a /b").unwrap().len(), 25);
        assert_eq!(windash("-a -b -c -d -e"), None);
    }
}
