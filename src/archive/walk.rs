//! The files in an archive that is read from front to back.
//!
//! The same walk finds the files and reads them later: it numbers them, and a second walk
//! over the same bytes gives each file the same number.

use std::io::{self, Cursor, Read};

use super::budget::Budget;
use super::decode::decode;
use super::{Format, Origin, cab, seven, tar, zip};
use crate::isolate::{isolated, isolated_io};

/// First bytes of a file that are shown with it.
const HEAD: usize = 4096 + 512;

/// What a walk shows.
pub(crate) trait Visit {
    /// A file that is no archive. What is left unread of it is skipped.
    fn file(&mut self, found: Found<'_>);

    /// An archive that must be at hand as a whole to be looked into.
    fn nested(&mut self, name: &str, depth: u32, content: &mut dyn Read);

    /// Something that was passed over.
    fn passed_over(&mut self, name: &str, what: PassedOver);
}

/// A file in an archive.
pub(crate) struct Found<'f> {
    /// Its number in the walk, from 0.
    pub(crate) number: u32,
    /// The archive's name, `!`, and the name in it.
    pub(crate) name: &'f str,
    /// Its first bytes.
    pub(crate) head: &'f [u8],
    /// All its bytes.
    pub(crate) content: &'f mut dyn Read,
}

/// Why something was passed over.
#[derive(Debug)]
pub(crate) enum PassedOver {
    /// A symbolic or hard link.
    Link,
    /// A device, a pipe, or something else that is no file.
    Special,
    /// It cannot be read, or not to its end.
    Failed(io::Error),
    /// No password opens it.
    Encrypted,
    /// The name leads out of the archive; the file is looked at all the same.
    NameEscapes,
}

/// Walks what an origin holds from front to back.
pub(crate) fn solid(
    origin: &Origin,
    format: Format,
    (name, depth): (&str, u32),
    budget: &Budget,
    visit: &mut dyn Visit,
) -> io::Result<()> {
    let mut walk = Walk { budget, visit, next: 0 };
    isolated_io(|| match (format, origin) {
        (Format::SevenZip, Origin::Blob(blob)) => seven::walk(&mut walk, blob, name, depth),
        (Format::Cab, Origin::Blob(blob)) => cab::walk(&mut walk, blob, name, depth),
        // One that is cut short has lost its directory.
        (Format::Zip, Origin::Blob(blob)) => zip::salvage(&mut walk, blob, name, depth),
        _ => origin.open(&mut |content| {
            walk.layer(name, depth, content);
            Ok(())
        }),
    })
}

/// The first bytes of a stream; fewer only where it ends.
pub(crate) fn head(content: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    content.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// A walk under way.
pub(super) struct Walk<'w> {
    pub(super) budget: &'w Budget,
    pub(super) visit: &'w mut dyn Visit,
    next: u32,
}

impl Walk<'_> {
    /// A file in an archive at `depth`, by its name there. What is wrong with it is told to the
    /// visitor.
    pub(super) fn member(
        &mut self,
        (archive, depth): (&str, u32),
        name: &str,
        content: &mut dyn Read,
    ) {
        let name = member_name(archive, name);
        if escapes(&name, archive) {
            self.visit.passed_over(&name, PassedOver::NameEscapes);
        }
        if let Err(panicked) = isolated(|| self.layer(&name, depth + 1, content)) {
            self.failed(&name, io::Error::other(panicked));
        }
    }

    /// A stream that may be anything; if an archive, one at `depth`.
    fn layer(&mut self, name: &str, depth: u32, content: &mut dyn Read) {
        let head = match head(content) {
            Ok(head) => head,
            Err(error) => return self.failed(name, error),
        };
        let mut whole = Cursor::new(&head).chain(content);
        let Some(format) = Format::of(&head) else {
            let number = self.next;
            self.next = self.next.saturating_add(1);
            let found = Found { number, name, head: &head, content: &mut whole };
            self.visit.file(found);
            return;
        };
        if let Err(error) = self.budget.depth(depth) {
            return self.failed(name, error);
        }
        if format.needs_random_access() {
            self.visit.nested(name, depth, &mut whole);
            return;
        }
        let outcome = if format == Format::Tar {
            tar::walk(self, &mut whole, (name, depth))
        } else {
            let mut unpacked = decode(format, &mut whole, self.budget);
            self.layer(name, depth + 1, &mut unpacked);
            Ok(())
        };
        if let Err(error) = outcome {
            self.failed(name, error);
        }
    }

    /// Tells of an error that ends one archive; the one around it is read on.
    pub(super) fn failed(&mut self, name: &str, error: io::Error) {
        self.visit.passed_over(name, PassedOver::Failed(error));
    }
}

/// The archive's name, `!`, and the name in it with slashes.
pub(super) fn member_name(archive: &str, name: &str) -> String {
    format!("{archive}!{}", name.replace('\\', "/"))
}

/// Whether a member's name would lead out of a folder it is unpacked to.
pub(super) fn escapes(name: &str, archive: &str) -> bool {
    let inner = name.get(archive.len() + 1..).unwrap_or_default();
    let has_drive = matches!(inner.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    has_drive || inner.starts_with('/') || inner.split('/').any(|part| part == "..")
}
