//! Texts that stay as they are: those of rules above all.
//!
//! The built-in rules are thousands of them. Each is a slice of one text that is part of the program:
//! a start copies none of them, and passing one on copies its place.

mod stored;

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use self::stored::Place;

pub(crate) use self::stored::store;

/// A text that does not change. Copies share it. Serde reads and writes it as a string; formats that
/// are not for people, such as postcard, hold it only as a part of the built-in rules.
#[derive(Clone)]
pub struct Text(Kept);

/// Where a text is kept.
#[derive(Clone)]
enum Kept {
    /// In the program.
    BuiltIn(Place),
    /// On the heap. One pointer more to follow keeps a text as small as one that is built in.
    Shared(Arc<Box<str>>),
}

impl Text {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kept::BuiltIn(place) => place.text().unwrap_or_default(),
            Kept::Shared(text) => text,
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self(Kept::BuiltIn(Place::default()))
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Kept::Shared(Arc::new(text.into())))
    }
}

impl FromIterator<char> for Text {
    fn from_iter<I: IntoIterator<Item = char>>(chars: I) -> Self {
        String::from_iter(chars).into()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            // What is built in stands there once.
            (Kept::BuiltIn(place), Kept::BuiltIn(other)) => place == other,
            _ => **self == **other,
        }
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Kept::BuiltIn(place), Kept::BuiltIn(other)) if place == other => Ordering::Equal,
            _ => (**self).cmp(&**other),
        }
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

/// For people as a text; in the store of built-in rules as its place in the texts of [`store`].
impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.serialize_str(self);
        }
        Place::of(self)
            .ok_or_else(|| ser::Error::custom("no texts are being stored"))?
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer).map(Self::from);
        }
        let place = Place::deserialize(deserializer)?;
        match place.text() {
            Some(_) => Ok(Self(Kept::BuiltIn(place))),
            None => Err(de::Error::custom("no place in the built-in texts")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher as _, RandomState};

    use super::*;
    use crate::rules::RuleSet;

    #[test]
    fn a_text_is_the_same_wherever_it_is_kept() {
        let rules = RuleSet::embedded().unwrap();
        let hasher = RandomState::new();
        for rule in rules.signals.rules() {
            let built_in = &rule.title;
            let own = Text::from(built_in.as_str());
            assert!(matches!((&built_in.0, &own.0), (Kept::BuiltIn(_), Kept::Shared(_))));
            assert_eq!((built_in, built_in), (&own, &built_in.clone()));
            assert_eq!(built_in.cmp(&own), Ordering::Equal);
            assert_eq!(hasher.hash_one(built_in), hasher.hash_one(own.as_str()));
        }
        assert_eq!(Text::default(), Text::from(""));
        let [one, other] = ["one", "other"].map(Text::from);
        assert!(one != other && one < other && one == "one");
    }

    #[test]
    fn people_read_and_write_texts_as_such() {
        let text: Text = serde_json::from_str("\"a \\u00e4\"").unwrap();
        assert_eq!((&*text, serde_json::to_string(&text).unwrap()), ("a ä", "\"a ä\"".to_owned()));
        assert_eq!(
            (format!("{text:>4}"), format!("{text:?}")),
            (" a ä".to_owned(), "\"a ä\"".to_owned())
        );
    }
}
