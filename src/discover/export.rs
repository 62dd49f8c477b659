//! Whether a text is a log that was exported, by how it begins.
//!
//! Knows the shapes that tools give to events. Another tool's XML or JSON is none of them.

use crate::model::LogForm;
use crate::text;

/// What the `xmlns` of an event says, whoever wrote it.
const NAMESPACE: &str = "schemas.microsoft.com/win/2004/08/events/event";

/// The form of the log that begins so; `None` where it is none.
pub(super) fn form(head: &[u8]) -> Option<LogForm> {
    if head.is_empty() || head.iter().all(|byte| *byte == 0) {
        return None;
    }
    let text = text::start(head);
    let text = behind_number(text.trim_start());
    match text.chars().next()? {
        '<' if is_xml(text) => Some(LogForm::Xml),
        '{' | '[' if is_json(text) => Some(LogForm::Json),
        _ => None,
    }
}

/// The text behind the line `Record 1`, which `evtx_dump` writes.
fn behind_number(text: &str) -> &str {
    let number = text.strip_prefix("Record ").map(|rest| {
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.trim_start()
    });
    number.unwrap_or(text)
}

/// An `Event` element, alone or as the first in another, that has what an event has.
fn is_xml(text: &str) -> bool {
    let mut rest = text;
    let mut elements = 0;
    while let Some((_, tag)) = rest.split_once('<') {
        rest = tag;
        if tag.starts_with(['?', '!']) {
            continue;
        }
        elements += 1;
        let behind = tag.strip_prefix("Event").and_then(|behind| behind.chars().next());
        if behind.is_some_and(|c| c.is_whitespace() || c == '>') {
            return tag.contains(NAMESPACE) || tag.contains("<System>");
        }
        if elements > 1 {
            break;
        }
    }
    false
}

/// Whether a text is a table out of Velociraptor with a choice of each record's values, as its
/// artifact `Windows.EventLogs.RDPAuth` gives.
pub(super) fn is_choice(head: &[u8]) -> bool {
    let text = text::start(head);
    let has = |name: &str| text.contains(&format!("\"{name}\""));
    text.trim_start().starts_with(['{', '['])
        && ["EventTime", "Channel", "EventID", "Computer"].iter().all(|name| has(name))
}

/// An object with the members of an event, alone or as the first of an array.
fn is_json(text: &str) -> bool {
    let has = |name: &str| text.contains(&format!("\"{name}\""));
    let is_windows_shape = has("System") && has("EventID") && has("Provider");
    // Rows of Velociraptor, by their columns or the paths of those, and records of `EvtxECmd`.
    let is_row = has("EventID") && has("Channel") && has("Computer") && has("Provider");
    let is_path = has("System.Channel") && has("System.Computer");
    let is_evtxecmd = has("ChunkNumber") && has("Computer");
    is_windows_shape
        || is_row
        || is_path
        || is_evtxecmd
        || has("Event") && text.contains(NAMESPACE)
        || has("winlog")
        || has("winlogbeat")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_are_known_by_their_content() {
        let xml = Some(LogForm::Xml);
        let json = Some(LogForm::Json);
        for (text, form) in [
            ("<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>", xml),
            ("\u{feff}<?xml version=\"1.0\"?>\r\n<Events><Event><System><Provider Name='x'/>", xml),
            ("Record 1\n<?xml version=\"1.0\"?>\n<Event><System>", xml),
            ("<Log><Event Kind='1'><System>", xml),
            ("<Task xmlns='http://schemas.microsoft.com/windows/2004/02/mit/task'><Events/>", None),
            ("<Events><Event>a meeting</Event></Events>", None),
            ("<html><body><Event><System>", None),
            (
                "{\"Event\":{\"#attributes\":{\"xmlns\":\"http://schemas.microsoft.com/win/2004/08/events/event\"}",
                json,
            ),
            ("[\n {\"System\": {\"Provider\": {\"Name\":\"x\"}, \"EventID\": {\"Value\": 1}", json),
            ("{\"@timestamp\":\"x\",\"@metadata\":{\"beat\":\"winlogbeat\"}", json),
            ("Record 1\n{\n  \"Event\": {\"System\": {\"Provider\":1,\"EventID\":1", json),
            ("{\"EventTime\":1,\"Computer\":1,\"Channel\":1,\"Provider\":1,\"EventID\":1", json),
            ("{\"System.Channel\":1,\"System.Computer\":1", json),
            ("{\"MapDescription\":\"x\",\"ChunkNumber\":0,\"Computer\":\"x\",\"Payload\":\"", json),
            // A choice of values, which is no record.
            ("{\"EventTime\":1,\"Computer\":1,\"Channel\":1,\"EventID\":1,\"UserName\":1", None),
            ("{\"name\":\"x\",\"System\":1}", None),
            ("{}", None),
            ("Event log", None),
            ("", None),
        ] {
            assert_eq!(super::form(text.as_bytes()), form, "{text}");
            let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(super::form(&utf16), form, "{text}");
        }
    }
}
