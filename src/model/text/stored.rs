//! The texts that are part of the program, and how the build script collects them.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::built_in;

/// The place of a text in the built-in texts, in bytes. One text has one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    start: u32,
    end: u32,
}

impl Place {
    /// The text that stands there; `None` where there is none.
    pub(super) fn text(self) -> Option<&'static str> {
        let [start, end] = [self.start, self.end].map(usize::try_from);
        built_in::STORED_TEXTS.get(start.ok()?..end.ok()?)
    }

    /// The place of a text in what is being stored; `None` while nothing is.
    pub(super) fn of(text: &str) -> Option<Self> {
        STORING.with_borrow_mut(|texts| texts.as_mut()?.enter(text))
    }
}

/// The texts of what is being stored.
#[derive(Default)]
struct Texts {
    all: String,
    places: HashMap<String, Place>,
}

impl Texts {
    /// The place of a text, which is added where it is new; `None` where there are too many.
    fn enter(&mut self, text: &str) -> Option<Place> {
        if text.is_empty() {
            return Some(Place::default());
        }
        if let Some(place) = self.places.get(text) {
            return Some(*place);
        }
        let start = u32::try_from(self.all.len()).ok()?;
        self.all.push_str(text);
        let place = Place { start, end: u32::try_from(self.all.len()).ok()? };
        self.places.insert(text.to_owned(), place);
        Some(place)
    }
}

thread_local! {
    /// Not handed down, because a value that is stored knows nothing but its serializer.
    static STORING: RefCell<Option<Texts>> = const { RefCell::new(None) };
}

/// What `write` stores, and the texts that it refers to, each once.
pub(crate) fn store<R>(write: impl FnOnce() -> R) -> (R, String) {
    STORING.set(Some(Texts::default()));
    let written = write();
    (written, STORING.take().unwrap_or_default().all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Text;

    fn places(texts: &[&str]) -> Vec<Option<(u32, u32)>> {
        texts.iter().map(|text| Place::of(text).map(|place| (place.start, place.end))).collect()
    }

    #[test]
    fn each_text_is_stored_once() {
        let (places, all) = store(|| places(&["one", "", "tw\u{f6}", "one", ""]));
        assert_eq!(places, [Some((0, 3)), Some((0, 0)), Some((3, 7)), Some((0, 3)), Some((0, 0))]);
        assert_eq!(all, "onetw\u{f6}");
        assert_eq!(Place::of("one"), None);
        assert!(postcard::to_allocvec(&Text::from("one")).is_err());
    }

    #[test]
    fn what_is_no_place_is_no_text() {
        let end = u32::try_from(built_in::STORED_TEXTS.len()).unwrap();
        for (start, end, is_place) in [(0, end, true), (0, end + 1, false), (2, 1, false)] {
            let stored = postcard::to_allocvec(&Place { start, end }).unwrap();
            let text = postcard::from_bytes::<Text>(&stored);
            assert_eq!(text.is_ok(), is_place, "{start} to {end}: {text:?}");
        }
    }
}
