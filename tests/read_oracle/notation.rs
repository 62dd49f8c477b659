//! Our values in the notation that the crate's XML and JSON share.

use rdpwhy::model::Value;

/// A value as text: GUIDs in lower case, times with seven digits, the rest as
/// [`Value::to_text`] has it.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Guid(guid) => guid.to_string().to_lowercase(),
        Value::FileTime(time) | Value::SystemTime(time) => {
            let text = time.to_string();
            let text = text.strip_suffix('Z').unwrap_or(&text);
            let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
            format!("{seconds}.{fraction:0<7}Z")
        }
        Value::Real32(real) => format!("{real:?}"),
        Value::Real64(real) => format!("{real:?}"),
        value => value.to_text().into_owned(),
    }
}

/// The items of a value. The crate repeats an element for each item of an array, and shows
/// an array without items as an empty element.
pub(super) fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(items) if items.is_empty() => &[Value::Null],
        Value::List(items) => items,
        value => std::slice::from_ref(value),
    }
}
