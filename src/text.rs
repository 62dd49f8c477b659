//! Text in the encodings that Windows' tools write, as UTF-8.
//!
//! UTF-16 is known by its byte order mark, or by the zeros in its first two characters. What has
//! neither is passed on as it is: it may be UTF-8 or a code page, and only its ASCII is certain.

use std::io::{self, Chain, Cursor, Read};

use encoding_rs::Encoding;
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

/// A stream of text as UTF-8, or of bytes of which nothing is known.
pub(crate) type Utf8<R> = DecodeReaderBytes<Chain<Cursor<Vec<u8>>, R>, Vec<u8>>;

/// The text of a stream, without its byte order mark.
pub(crate) fn utf8<R: Read>(mut content: R) -> io::Result<Utf8<R>> {
    let mut start = Vec::with_capacity(4);
    content.by_ref().take(4).read_to_end(&mut start)?;
    let encoding = unmarked(&start);
    let mut builder = DecodeReaderBytesBuilder::new();
    Ok(builder.encoding(encoding).strip_bom(true).build(Cursor::new(start).chain(content)))
}

/// The text in the first bytes of a stream; what is no text becomes a replacement character.
pub(crate) fn start(head: &[u8]) -> String {
    let mut bytes = Vec::new();
    // Reading out of memory cannot fail, and what is decoded before an error is still a start.
    if let Ok(mut text) = utf8(head) {
        text.read_to_end(&mut bytes).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// UTF-16 that bears no byte order mark.
fn unmarked(start: &[u8]) -> Option<&'static Encoding> {
    match start {
        [1..=0x7f, 0, 1..=0x7f, 0] => Some(encoding_rs::UTF_16LE),
        [0, 1..=0x7f, 0, 1..=0x7f] => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_windows_become_utf8() {
        let text = "<Event>ü €</Event>";
        let utf16 = |mark: &str| -> Vec<u8> {
            format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
        };
        let swapped: Vec<u8> =
            utf16("\u{feff}").chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            format!("\u{feff}{text}").into_bytes(),
            utf16("\u{feff}"),
            utf16(""),
            swapped,
        ] {
            assert_eq!(start(&bytes), text, "{bytes:x?}");
        }
        assert_eq!(start(b"a\xfcb"), "a\u{fffd}b");
        assert_eq!(start(b""), "");
    }
}
