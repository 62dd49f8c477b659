//! Text line by line, whatever its encoding.

use std::io::{self, BufRead as _, BufReader, Read};

use crate::text::utf8;

/// Bytes of the longest line that is kept; the rest of a longer one is dropped.
const LONGEST: u64 = 64 * 1024;

/// Hands each line to `each` with its number from 1, without its end.
pub(super) fn each_line(content: &mut dyn Read, mut each: impl FnMut(u64, &str)) -> io::Result<()> {
    let mut content = BufReader::new(utf8(content)?);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if content.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if !line.ends_with(b"\n") {
            content.skip_until(b'\n')?;
        }
        each(number, String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']));
    }
    Ok(())
}
