//! One comparison of a field's value.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::bytes::BytePattern;
use super::expression::Expression;
use super::field::FieldName;
use super::glob::Glob;
use crate::model::{Observed, Value, normal};

/// What a field's value is compared with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Matcher {
    /// A text with wildcards; where it spells a number, that number in any notation as well.
    Text { glob: Glob, number: Option<i128> },
    /// A number in any notation.
    Number(i128),
    /// `true` or `false`, or 1 or 0.
    Boolean(bool),
    /// Nothing: no field, no value, or an empty one.
    Nothing,
    /// The field being there, whatever its value.
    Exists(bool),
    /// A number on one side of a bound.
    Order(Order, i128),
    /// A regular expression, anywhere in the text.
    Regex(Expression),
    /// An address in one of these networks.
    Networks(Vec<IpNet>),
    /// Bytes.
    Bytes(BytePattern),
    /// The value of another field.
    SameAs { field: FieldName, cased: bool },
}

/// The side of a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Whether two are known to look for the same.
impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Text { glob, number },
                Self::Text { glob: other_glob, number: other_number },
            ) => glob == other_glob && number == other_number,
            (Self::Number(own), Self::Number(other)) => own == other,
            (Self::Boolean(own), Self::Boolean(other))
            | (Self::Exists(own), Self::Exists(other)) => own == other,
            (Self::Nothing, Self::Nothing) => true,
            (Self::Order(order, bound), Self::Order(other_order, other_bound)) => {
                order == other_order && bound == other_bound
            }
            (Self::Regex(own), Self::Regex(other)) => own == other,
            (Self::Networks(own), Self::Networks(other)) => own == other,
            (Self::Bytes(own), Self::Bytes(other)) => own == other,
            (
                Self::SameAs { field, cased },
                Self::SameAs { field: other_field, cased: other_cased },
            ) => field == other_field && cased == other_cased,
            _ => false,
        }
    }
}

impl Matcher {
    /// Whether the value is what it looks for. A list is when one of its items is, or all of
    /// them as one text.
    pub(super) fn matches(&self, value: Option<&Value>, record: Observed<'_>) -> bool {
        if let Some(Value::List(items)) = value
            && items.iter().any(|item| self.matches_one(Some(item), record))
        {
            return true;
        }
        self.matches_one(value, record)
    }

    fn matches_one(&self, value: Option<&Value>, record: Observed<'_>) -> bool {
        match (self, value) {
            (Self::Exists(wanted), value) => value.is_some() == *wanted,
            (Self::Nothing, None) => true,
            (_, None) => false,
            (Self::Nothing, Some(value)) => value.to_text().is_empty(),
            (Self::Text { glob, number }, Some(value)) => {
                number.is_some_and(|number| is_number(value, number))
                    || glob.matches(&value.to_text())
            }
            (Self::Number(number), Some(value)) => is_number(value, *number),
            (Self::Boolean(wanted), Some(value)) => {
                is_number(value, (*wanted).into())
                    || value.to_text().eq_ignore_ascii_case(if *wanted { "true" } else { "false" })
            }
            (Self::Order(order, bound), Some(value)) => {
                value.as_number().is_some_and(|number| order.holds(number, *bound))
            }
            (Self::Regex(regex), Some(value)) => regex.is_match(&value.to_text()),
            (Self::Networks(networks), Some(value)) => normal::endpoint(&value.to_text())
                .is_some_and(|endpoint| networks.iter().any(|own| own.contains(&endpoint.address))),
            (Self::Bytes(pattern), Some(value)) => pattern.matches(value),
            (Self::SameAs { field, cased }, Some(value)) => {
                field.read(record).is_some_and(|other| same(value, &other, *cased))
            }
        }
    }
}

/// The comparisons of a list of values of which one must hold: several lists of networks are one,
/// so that an address is read once, however long the list.
pub(super) fn united(values: Vec<Vec<Matcher>>) -> Vec<Vec<Matcher>> {
    let networks = |matchers: &Vec<Matcher>| match matchers.as_slice() {
        [Matcher::Networks(networks)] => Some(networks.clone()),
        _ => None,
    };
    match values.iter().map(networks).collect::<Option<Vec<_>>>() {
        Some(lists) => vec![vec![Matcher::Networks(lists.concat())]],
        None => values,
    }
}

impl Order {
    fn holds(self, number: i128, bound: i128) -> bool {
        match self {
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Greater => number > bound,
            Self::GreaterOrEqual => number >= bound,
        }
    }
}

fn same(left: &Value, right: &Value, cased: bool) -> bool {
    match (left.as_number(), right.as_number()) {
        (Some(left), Some(right)) => same_code(left, right),
        _ => Glob::literal(&left.to_text(), cased).matches(&right.to_text()),
    }
}

fn is_number(value: &Value, number: i128) -> bool {
    value.as_number().is_some_and(|value| same_code(value, number))
}

/// Compares numbers as codes: status codes are logged signed, unsigned and sign-extended to
/// 64 bits, and all of them mean the same 32 bits.
fn same_code(left: i128, right: i128) -> bool {
    left == right || low_32_bits(left).is_some_and(|low| low_32_bits(right) == Some(low))
}

fn low_32_bits(number: i128) -> Option<u32> {
    const SIGN_EXTENDED: std::ops::RangeInclusive<i128> =
        0xffff_ffff_8000_0000..=0xffff_ffff_ffff_ffff;
    let fits = (i128::from(i32::MIN)..=i128::from(u32::MAX)).contains(&number);
    (fits || SIGN_EXTENDED.contains(&number))
        .then(|| u32::try_from(number & 0xffff_ffff).ok())
        .flatten()
}
