//! Just enough XML to read what the `evtx` crate writes.

/// An element with everything in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
    /// All text directly in it, joined.
    pub(crate) text: String,
}

impl Element {
    /// The first child of that name; an empty element where there is none.
    pub(crate) fn child(&self, name: &str) -> &Element {
        static NONE: Element = Element {
            name: String::new(),
            attributes: Vec::new(),
            children: Vec::new(),
            text: String::new(),
        };
        self.children.iter().find(|child| child.name == name).unwrap_or(&NONE)
    }

    /// The attribute's value; empty where there is none.
    pub(crate) fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(attribute, _)| attribute == name);
        found.map_or("", |(_, value)| value)
    }
}

/// Reads a document and returns its root element.
pub(crate) fn parse(mut text: &str) -> Element {
    // The innermost open element is the last; the first stands for the document.
    let mut open = vec![Element::default()];
    while let Some((before, rest)) = text.split_once('<') {
        open.last_mut().unwrap().text += &unescape(before);
        text = if let Some(rest) = rest.strip_prefix('?') {
            rest.split_once("?>").unwrap().1
        } else if let Some(rest) = rest.strip_prefix('/') {
            close(&mut open);
            rest.split_once('>').unwrap().1
        } else {
            let (element, rest) = start(rest);
            open.push(element);
            match rest.strip_prefix('/') {
                Some(rest) => {
                    close(&mut open);
                    &rest[1..]
                }
                None => &rest[1..],
            }
        };
    }
    open.remove(0).children.remove(0)
}

fn close(open: &mut Vec<Element>) {
    let element = open.pop().unwrap();
    open.last_mut().unwrap().children.push(element);
}

/// A start tag's name and attributes, and what follows from its `/` or `>` on.
fn start(text: &str) -> (Element, &str) {
    let end = text.find([' ', '/', '>']).unwrap();
    let mut element = Element { name: text[..end].to_owned(), ..Element::default() };
    let mut rest = text[end..].trim_start();
    while !rest.starts_with(['/', '>']) {
        let (name, value) = rest.split_once("=\"").unwrap();
        let (value, behind) = value.split_once('"').unwrap();
        element.attributes.push((name.to_owned(), unescape(value)));
        rest = behind.trim_start();
    }
    (element, rest)
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('&') {
        let (entity, behind) = escape.split_once(';').unwrap();
        out += before;
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let number = number.strip_prefix('#').unwrap();
                let number = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).unwrap(),
                    None => number.parse().unwrap(),
                };
                char::from_u32(number).unwrap()
            }
        });
        rest = behind;
    }
    out + rest
}
