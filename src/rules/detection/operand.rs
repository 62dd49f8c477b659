//! Turns a value of a rule and the modifiers of its field into comparisons.

use ipnet::IpNet;

use super::bytes::BytePattern;
use super::encode;
use super::expression::Expression;
use super::field::FieldName;
use super::glob::{Glob, Position};
use super::matcher::{Matcher, Order};
use super::modifier::{Comparison, Modifiers, Transform};
use crate::model::parse_number;
use crate::rules::error::Mistake;
use crate::rules::schema::Node;

/// The comparisons for one value; it matches when one of them does.
pub(super) fn matchers(modifiers: &Modifiers, value: &Node) -> Result<Vec<Matcher>, Mistake> {
    Ok(match modifiers.comparison {
        Comparison::Value(position) => return values(modifiers, position, value),
        Comparison::Exists => match value {
            Node::Boolean(wanted) => vec![Matcher::Exists(*wanted)],
            _ => return Err("`exists` needs `true` or `false`".into()),
        },
        Comparison::Regex(flags) => {
            vec![Matcher::Regex(Expression::new(text("re", value)?, flags)?)]
        }
        Comparison::Network => vec![network(text("cidr", value)?)?],
        Comparison::Order(order) => vec![bound(order, value)?],
        Comparison::FieldReference => {
            let field = FieldName::parse(text("fieldref", value)?)?;
            vec![Matcher::SameAs { field, cased: modifiers.cased }]
        }
    })
}

fn text<'a>(modifier: &str, value: &'a Node) -> Result<&'a str, Mistake> {
    match value {
        Node::Text(text) => Ok(text),
        _ => Err(format!("`{modifier}` needs text: put the value in quotes").into()),
    }
}

fn values(
    modifiers: &Modifiers,
    position: Position,
    value: &Node,
) -> Result<Vec<Matcher>, Mistake> {
    let plain = position == Position::Whole && modifiers.transforms.is_empty() && !modifiers.cased;
    match value {
        Node::Text(text) => encoded(text, modifiers, position, plain),
        Node::Null if plain => Ok(vec![Matcher::Nothing]),
        Node::Boolean(wanted) if plain => Ok(vec![Matcher::Boolean(*wanted)]),
        Node::Integer(number) if plain => Ok(vec![Matcher::Number(*number)]),
        Node::Real(_) => {
            Err("numbers with a fraction are compared as text: put the value in quotes".into())
        }
        Node::Null | Node::Boolean(_) | Node::Integer(_) => {
            Err("these modifiers compare text: put the value in quotes".into())
        }
        Node::List(_) => Err("a list inside a list of values has no meaning".into()),
        Node::Map(_) => Err("a map is no value of a field".into()),
    }
}

/// A text on its way through the encodings.
enum Encoded {
    /// As written, with wildcards.
    Pattern(String),
    /// Base64: no wildcards, and letters count.
    Exact(String),
    Bytes(Vec<u8>),
}

fn encoded(
    text: &str,
    modifiers: &Modifiers,
    position: Position,
    plain: bool,
) -> Result<Vec<Matcher>, Mistake> {
    let mut forms = vec![Encoded::Pattern(text.to_owned())];
    for transform in &modifiers.transforms {
        let mut next = Vec::new();
        for form in forms {
            next.extend(transformed(*transform, form)?);
        }
        forms = next;
    }
    if forms.is_empty() {
        return Err(format!("`{text}` is too short for `base64offset`").into());
    }
    let cased = modifiers.cased;
    let matcher = |form| match form {
        Encoded::Pattern(text) => {
            let number = if plain { parse_number(text.trim()) } else { None };
            Matcher::Text { glob: Glob::new(&text, cased).at(position), number }
        }
        Encoded::Exact(text) => {
            Matcher::Text { glob: Glob::literal(&text, true).at(position), number: None }
        }
        Encoded::Bytes(bytes) => Matcher::Bytes(BytePattern::new(bytes, position, cased)),
    };
    Ok(forms.into_iter().map(matcher).collect())
}

fn transformed(transform: Transform, form: Encoded) -> Result<Vec<Encoded>, Mistake> {
    Ok(match (transform, form) {
        (Transform::Windash, Encoded::Pattern(text)) => match encode::windash(&text) {
            Some(variants) => variants.into_iter().map(Encoded::Pattern).collect(),
            None => return Err("`windash` takes at most four options in one value".into()),
        },
        (Transform::Utf16, Encoded::Pattern(text)) => {
            vec![Encoded::Bytes(encode::utf16(&literal(&text)?))]
        }
        (Transform::Utf16Le, Encoded::Pattern(text)) => {
            vec![Encoded::Bytes(encode::utf16le(&literal(&text)?))]
        }
        (Transform::Utf16Be, Encoded::Pattern(text)) => {
            vec![Encoded::Bytes(encode::utf16be(&literal(&text)?))]
        }
        (Transform::Base64, form) => vec![Encoded::Exact(encode::base64(&bytes(form)?))],
        (Transform::Base64Offset, form) => {
            encode::base64offset(&bytes(form)?).into_iter().map(Encoded::Exact).collect()
        }
        (_, Encoded::Exact(_) | Encoded::Bytes(_)) => {
            return Err(
                "the encodings follow each other in this order: `windash`, one of UTF-16, \
                        one of Base64"
                    .into(),
            );
        }
    })
}

fn bytes(form: Encoded) -> Result<Vec<u8>, Mistake> {
    match form {
        Encoded::Pattern(text) => Ok(literal(&text)?.into_bytes()),
        Encoded::Bytes(bytes) => Ok(bytes),
        Encoded::Exact(_) => Err("a value is encoded in Base64 once only".into()),
    }
}

/// The text without its escapes.
fn literal(text: &str) -> Result<String, Mistake> {
    Glob::new(text, true).plain().map(str::to_owned).ok_or_else(|| {
        format!(
            "`{text}` has wildcards, which cannot be encoded: use `contains`, `startswith` \
                 or `endswith`, or write `\\*`"
        )
        .into()
    })
}

/// Reads a network, or one address as a network of its own.
fn network(text: &str) -> Result<Matcher, Mistake> {
    let network = text
        .parse::<IpNet>()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| {
            Mistake::from(format!("`{text}` is no network: write `10.0.0.0/8` or `fd00::/8`"))
        })?;
    Ok(Matcher::Networks(vec![network]))
}

fn bound(order: Order, value: &Node) -> Result<Matcher, Mistake> {
    let bound = match value {
        Node::Integer(number) => Some(*number),
        Node::Text(text) => parse_number(text.trim()),
        _ => None,
    };
    match bound {
        Some(bound) => Ok(Matcher::Order(order, bound)),
        None => Err("`lt`, `lte`, `gt` and `gte` need a whole number".into()),
    }
}
