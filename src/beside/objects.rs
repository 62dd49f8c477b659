//! Objects as PowerShell and `wmic` write them: as JSON, as CSV or as a list.
//!
//! The names of their properties are not translated. Knows nothing of what they mean.

use std::collections::BTreeSet;
use std::io::{self, Read};

use serde_json::{Map, Value as Json};

use super::lines::each_line;
use crate::text::utf8;

/// Bytes of one file that are looked at, and objects that are taken.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
const MOST: usize = 20_000;

/// An object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Object {
    /// The line where it begins.
    pub(super) line: u64,
    properties: Vec<(String, String)>,
}

impl Object {
    /// A property that has a value.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.properties.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }
}

/// How objects are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Json,
    Csv { delimiter: u8 },
    List,
}

/// How a text that begins so writes objects, and the names of the properties that it shows.
pub(super) fn shape(text: &str) -> Option<(Shape, BTreeSet<String>)> {
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        return Some((Shape::Json, json_names(start)));
    }
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.find(|line| !is_preface(line))?.trim_end();
    if property(first).is_some() {
        let names = text.lines().filter_map(property).map(|(name, _)| name.to_owned());
        return Some((Shape::List, names.collect()));
    }
    let delimiter = [b',', b';', b'\t'].into_iter().find(|mark| {
        let columns: Vec<&str> = first.split(char::from(*mark)).map(unquoted).collect();
        columns.len() > 1 && columns.iter().all(|column| is_name(column))
    })?;
    let names = first.split(char::from(delimiter)).map(unquoted).map(ToOwned::to_owned);
    Some((Shape::Csv { delimiter }, names.collect()))
}

/// The objects of such a text.
pub(super) fn read(shape: Shape, content: &mut dyn Read) -> io::Result<Vec<Object>> {
    let mut content = content.take(MOST_BYTES);
    match shape {
        Shape::Json => {
            let mut text = Vec::new();
            utf8(&mut content)?.read_to_end(&mut text)?;
            Ok(json(&String::from_utf8_lossy(&text)))
        }
        Shape::Csv { delimiter } => csv(delimiter, &mut content),
        Shape::List => list(&mut content),
    }
}

/// A line that stands before the first object: its type, or the folder of a group.
fn is_preface(line: &str) -> bool {
    line.starts_with("#TYPE ") || line.trim_start().starts_with("PSParentPath:")
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches('"')
}

/// `Name   : value`, or `Name=value` as `wmic` writes it.
fn property(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once([':', '='])?;
    let name = name.trim_end();
    is_name(name).then(|| (name, value.trim()))
}

fn list(content: &mut dyn Read) -> io::Result<Vec<Object>> {
    let mut objects = Vec::new();
    let mut object = Object::default();
    let mut group = None;
    each_line(content, |number, line| {
        if let Some((name, value)) = property(line) {
            if object.properties.is_empty() {
                object.line = number;
            }
            object.properties.push((name.to_owned(), value.to_owned()));
        } else if let Some((_, folder)) = line.split_once("PSParentPath:") {
            group = Some(folder.trim().to_owned());
        } else if line.trim().is_empty() {
            close(&mut object, group.as_ref(), &mut objects);
        }
    })?;
    close(&mut object, group.as_ref(), &mut objects);
    Ok(objects)
}

fn close(object: &mut Object, group: Option<&String>, objects: &mut Vec<Object>) {
    let mut object = std::mem::take(object);
    if !object.properties.is_empty() && objects.len() < MOST {
        object.properties.extend(group.map(|folder| ("PSParentPath".to_owned(), folder.clone())));
        objects.push(object);
    }
}

fn csv(delimiter: u8, content: &mut dyn Read) -> io::Result<Vec<Object>> {
    let mut text = String::new();
    // What stands before the head would be taken for it.
    let mut skipped = 0;
    each_line(content, |number, line| {
        if text.is_empty() && (line.trim().is_empty() || is_preface(line)) {
            skipped = number;
        } else {
            text.push_str(line);
            text.push('\n');
        }
    })?;
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let Ok(names) = reader.headers().cloned() else { return Ok(Vec::new()) };
    let object = |record: csv::StringRecord| Object {
        line: skipped + record.position().map_or(1, csv::Position::line),
        properties: names
            .iter()
            .zip(record.iter())
            .map(|(name, value)| (name.trim().to_owned(), value.to_owned()))
            .collect(),
    };
    Ok(reader.records().flatten().take(MOST).map(object).collect())
}

/// The names before a colon in a text that may break off.
fn json_names(text: &str) -> BTreeSet<String> {
    let mut parts = text.split('"').skip(1);
    let mut names = BTreeSet::new();
    while let (Some(name), Some(behind)) = (parts.next(), parts.next()) {
        if behind.trim_start().starts_with(':') && is_name(name) {
            names.insert(name.to_owned());
        }
    }
    names
}

/// The objects of an array, or one alone. What is no JSON is passed over.
fn json(text: &str) -> Vec<Object> {
    let mut objects = Vec::new();
    let (mut line, mut depth, mut begun) = (1, 0_usize, None);
    let (mut in_text, mut is_escaped) = (false, false);
    let outer = usize::from(text.trim_start().starts_with('['));
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' => line += 1,
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => {
                if depth == outer && byte == b'{' {
                    begun = Some((at, line));
                }
                depth += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                let whole = begun.take_if(|_| depth == outer && byte == b'}');
                let read = whole.and_then(|(start, line)| {
                    let object = serde_json::from_str(text.get(start..=at)?).ok()?;
                    Some(flat(line, object))
                });
                objects.extend(read);
            }
            _ => {}
        }
        if objects.len() >= MOST {
            break;
        }
    }
    objects
}

fn flat(line: u64, object: Map<String, Json>) -> Object {
    let plain = |value: Json| match value {
        Json::String(text) => Some(text),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(is_so) => Some(is_so.to_string()),
        // Windows PowerShell writes some dates as an object that holds the value.
        Json::Object(inner) => inner.get("value")?.as_str().map(ToOwned::to_owned),
        Json::Null | Json::Array(_) => None,
    };
    let properties = object.into_iter().filter_map(|(name, value)| Some((name, plain(value)?)));
    Object { line, properties: properties.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of the objects, with the values of `A` and `B`.
    fn check(text: &str, expected: &[(u64, Option<&str>, Option<&str>)]) {
        let (shape, names) = shape(text).unwrap();
        assert!(names.contains("A") && names.contains("B"), "{text}: {names:?}");
        let objects = read(shape, &mut text.as_bytes()).unwrap();
        let shown: Vec<_> =
            objects.iter().map(|object| (object.line, object.get("a"), object.get("B"))).collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn objects_in_each_shape() {
        let two = [(2, Some("1"), Some("x y")), (3, Some("2"), None)];
        check("[\n{\"A\":1,\"B\":\"x y\"},\n{\"A\":\"2\",\"B\":null,\"C\":{\"A\":\"}\"}}\n]", &two);
        check("A,B\n1,x y\n2,\n", &two);
        check("\"A\";\"B\"\r\n\"1\";\"x y\"\r\n\"2\";\"\"\r\n", &two);
        check("#TYPE x\n\"A\",\"B\"\n1,\"x\ny\"\n", &[(3, Some("1"), Some("x\ny"))]);
        check("\nA   : 1\nB   : x y\n      z\n\n\nA   : 2\n", &[two[0], (7, Some("2"), None)]);
        check("\r\r\nA=1\r\r\nB=x=y\r\r\n\r\r\n", &[(2, Some("1"), Some("x=y"))]);
        check("{\"A\": {\"value\": \"1\"}, \"B\": true}", &[(1, Some("1"), Some("true"))]);
        check("{\"A\":1,\"B\":2}\n{\"A\":3,\"B\":", &[(1, Some("1"), Some("2"))]);
    }

    #[test]
    fn other_text_is_no_object() {
        for text in ["", "Hello", "Hello, world and this", "A text: with a colon", "<a b=\"c\">"] {
            assert_eq!(shape(text), None, "{text}");
        }
        for text in ["{", "[]", "{}}}", "[[[", "[{\"A\":\"\\\"}]", "{\"A\" 1}"] {
            let (shape, _) = shape(text).unwrap();
            let objects = read(shape, &mut text.as_bytes()).unwrap();
            assert!(objects.iter().all(|object| object.get("A").is_none()), "{text}");
        }
    }

    #[test]
    fn a_group_names_its_folder() {
        let text = "\n   PSParentPath: X::LocalMachine\\My\n\nA : 1\nB : 2\n";
        let (shape, _) = shape(text).unwrap();
        let [object] = read(shape, &mut text.as_bytes()).unwrap().try_into().unwrap();
        assert_eq!(object.get("PSParentPath"), Some("X::LocalMachine\\My"));
    }
}
