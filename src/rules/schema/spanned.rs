//! A value with the place it stands at.

use serde::de::{Deserialize, Deserializer};
use serde_saphyr::Location;

/// A value and its place, which is known where it was read from a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub referenced: Location,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::deserialize(deserializer)?;
        Ok(Self { value: spanned.value, referenced: spanned.referenced })
    }
}
