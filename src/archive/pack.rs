//! Files in archives for the step that reads them: opened anew, as often as needed.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use super::budget::Budget;
use super::walk::{Found, PassedOver, Visit, solid};
use super::{Blob, Format, Zip};
use crate::model::Pack;
use crate::options::ArchiveOptions;

/// Takes a stream.
pub(crate) type Each<'e> = &'e mut dyn FnMut(&mut dyn Read) -> io::Result<()>;

/// Bytes that can be read from the front, any number of times.
#[derive(Clone)]
pub(crate) enum Origin {
    Blob(Blob),
    ZipMember { zip: Arc<Zip>, index: usize, password: Option<Arc<Vec<u8>>> },
}

/// Without passwords.
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blob(blob) => f.debug_tuple("Blob").field(&blob.len()).finish(),
            Self::ZipMember { index, .. } => f.debug_tuple("ZipMember").field(index).finish(),
        }
    }
}

impl Origin {
    /// Hands the bytes to `each`.
    pub(crate) fn open(&self, each: Each<'_>) -> io::Result<()> {
        match self {
            Self::Blob(blob) => each(&mut blob.reader()),
            Self::ZipMember { zip, index, password } => zip.read(*index, password.as_deref(), each),
        }
    }
}

/// One file that stands for itself.
impl Pack for Origin {
    fn read(&self, _: &[u32], each: &mut dyn FnMut(u32, &mut dyn Read)) -> io::Result<()> {
        self.open(&mut |content| {
            each(0, content);
            Ok(())
        })
    }
}

/// The files in what must be read from front to back.
#[derive(Clone, Debug)]
pub(crate) struct Solid {
    pub(crate) origin: Origin,
    pub(crate) format: Format,
    pub(crate) depth: u32,
    pub(crate) options: Arc<ArchiveOptions>,
}

impl Pack for Solid {
    fn read(&self, wanted: &[u32], each: &mut dyn FnMut(u32, &mut dyn Read)) -> io::Result<()> {
        let budget = Budget::new(&self.options);
        let mut visit = Wanted { wanted, each };
        solid(&self.origin, self.format, ("", self.depth), &budget, &mut visit)
    }
}

/// Passes the wanted files on.
struct Wanted<'w> {
    /// In order.
    wanted: &'w [u32],
    each: &'w mut dyn FnMut(u32, &mut dyn Read),
}

impl Visit for Wanted<'_> {
    fn file(&mut self, found: Found<'_>) {
        if self.wanted.binary_search(&found.number).is_ok() {
            (self.each)(found.number, found.content);
        }
    }

    // What is wrong was told when the files were found.
    fn nested(&mut self, _: &str, _: u32, _: &mut dyn Read) {}

    fn passed_over(&mut self, _: &str, _: PassedOver) {}
}
