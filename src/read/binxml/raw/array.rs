//! Values that are several: arrays of one type.

use super::{Raw, kind, utf16};
use crate::model::Value;

/// An array's items. An array of one is that item: Windows shows arrays as repeated elements,
/// so one item looks like a value that is no array.
pub(super) fn array(item: u8, bytes: &[u8]) -> Value {
    let item_value = |bytes| Raw { kind: item, at: 0, bytes }.value();
    let mut items: Vec<Value> = match (item, kind::size(item)) {
        (kind::TEXT, _) => text_items(bytes).map(|item| Value::text(utf16(item))).collect(),
        (kind::ANSI, _) => {
            let bytes = bytes.strip_suffix(&[0]).unwrap_or(bytes);
            bytes.split(|byte| *byte == 0).map(item_value).collect()
        }
        (kind::SID, _) => sid_items(bytes).map(item_value).collect(),
        (_, Some(size)) if size > 0 && bytes.len().is_multiple_of(size) => {
            bytes.chunks_exact(size).map(item_value).collect()
        }
        _ => return Value::Binary(bytes.into()),
    };
    match items.len() {
        1 => items.swap_remove(0),
        _ => Value::List(items.into()),
    }
}

/// The items of a string array: each ends with a NUL, and empty ones count.
fn text_items(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let nul = rest.as_chunks::<2>().0.iter().position(|unit| *unit == [0, 0]);
        // The last item may lack its NUL.
        let Some(end) = nul.map(|units| units * 2) else {
            return Some(std::mem::take(&mut rest));
        };
        let item = rest.get(..end)?;
        rest = rest.get(end + 2..)?;
        Some(item)
    })
}

/// The items of a SID array, each as long as its count of sub-authorities says.
fn sid_items(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = 8 + usize::from(*rest.get(1)?) * 4;
        let (item, next) = rest.split_at_checked(length)?;
        rest = next;
        Some(item)
    })
}
