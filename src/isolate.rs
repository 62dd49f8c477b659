//! Keeps a panic over one input from taking the run down.
//!
//! Decoders are libraries of many authors, and inputs may be made to hurt them. What panics
//! over one log or one file of an archive is told as a problem of that file; the rest of the
//! case is analyzed. Knows nothing of logs or archives.

use std::any::Any;
use std::cell::Cell;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::model::ProblemKind;

/// Longest text of a panic that is told; it may repeat what the input holds.
const LONGEST: usize = 200;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Whether this thread is at work that may panic without ending the run. A panic hook need
/// not tell of such a panic: it becomes a problem of the input.
pub fn is_isolated() -> bool {
    DEPTH.get() > 0
}

/// Why work on an input was given up: it met a fault of the program itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fault in rdpwhy itself ended the reading, please report it: {0}")]
pub struct Panicked(pub String);

impl Panicked {
    /// The kind of problem that an error is: a fault of the program, or something unreadable.
    pub(crate) fn kind_of(error: &io::Error) -> ProblemKind {
        let has_panicked = error.get_ref().is_some_and(|inner| inner.is::<Self>());
        if has_panicked { ProblemKind::InternalError } else { ProblemKind::Unreadable }
    }
}

/// Does work that may panic. What the work was changing is left as it is then, so the caller
/// must drop it, or know that it can be used half done.
///
/// # Errors
/// With the panic's message, when the work panicked.
pub fn isolated<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    DEPTH.set(DEPTH.get().saturating_add(1));
    let outcome = catch_unwind(AssertUnwindSafe(work));
    DEPTH.set(DEPTH.get().saturating_sub(1));
    outcome.map_err(|panic| Panicked(message(panic.as_ref())))
}

/// The same for work that can fail: a panic is one more failure.
///
/// # Errors
/// Those of the work, and [`Panicked`] as one of kind `Other`.
pub(crate) fn isolated_io<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    isolated(work).unwrap_or_else(|panicked| Err(io::Error::other(panicked)))
}

/// What the panic said.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").chars().take(LONGEST).collect()
}

/// A reader whose panics are errors. After the first, nothing more is read: a decoder that
/// stopped midway would go on with nonsense.
#[derive(Debug)]
pub(crate) struct Isolated<R> {
    inner: R,
    panicked: Option<Panicked>,
}

impl<R> Isolated<R> {
    pub(crate) const fn new(inner: R) -> Self {
        Self { inner, panicked: None }
    }
}

impl<R: Read> Read for Isolated<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(panicked) = &self.panicked {
            return Err(io::Error::other(panicked.clone()));
        }
        match isolated(|| self.inner.read(into)) {
            Ok(outcome) => outcome,
            Err(panicked) => {
                self.panicked = Some(panicked.clone());
                Err(io::Error::other(panicked))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a byte each time, and panics at the given times.
    struct Panics(Vec<usize>, usize);

    impl Read for Panics {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 += 1;
            assert!(!self.0.contains(&self.1), "byte {}", self.1);
            into.split_first_mut().map_or(Ok(0), |(first, _)| {
                *first = 7;
                Ok(1)
            })
        }
    }

    #[test]
    fn a_panic_is_an_error_with_its_message() {
        assert!(!is_isolated());
        let outcome = isolated(|| {
            assert!(is_isolated());
            assert!(isolated(|| panic!("{}", "x".repeat(500))).is_err());
            panic!("too bad")
        });
        assert_eq!(outcome, Err::<(), _>(Panicked("too bad".to_owned())));
        assert!(!is_isolated());
        let long = isolated(|| panic!("{}", "ü".repeat(500))).unwrap_err();
        assert_eq!(long.0.chars().count(), LONGEST);
        assert_eq!(isolated(|| 5), Ok(5));
    }

    #[test]
    fn a_reader_that_panicked_gives_nothing_more() {
        let mut reader = Isolated::new(Panics(vec![3], 0));
        let mut bytes = Vec::new();
        let error = reader.read_to_end(&mut bytes).unwrap_err();
        assert_eq!(bytes, [7, 7]);
        assert!(error.to_string().contains("byte 3"), "{error}");
        assert!(reader.read(&mut [0; 4]).is_err());
        assert_eq!(reader.inner.1, 3);
    }
}
