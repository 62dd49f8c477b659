//! Tar archives, from front to back.
//!
//! What an entry declares is read by the library: long names into memory, whatever their size, and
//! zeros for the holes of a sparse file, which stand nowhere. Both are bounded here.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use tar::{Archive, Entry};

use super::budget::{Count, Unpacked};
use super::walk::{PassedOver, Walk, member_name};

/// Entries fill blocks of so many bytes.
const BLOCK: u64 = 512;
/// Bytes of the headers and long names in front of one file. Paths have at most 4 KiB; what else
/// stands there, such as access lists, hardly takes 64.
const MOST_OF_HEADERS: u64 = 1 << 20;

/// Walks the files of an archive.
pub(super) fn walk(
    walk: &mut Walk<'_>,
    content: &mut dyn Read,
    (archive, depth): (&str, u32),
) -> io::Result<()> {
    let (content, gate) = Gated::new(content);
    let mut tar = Archive::new(content);
    for entry in tar.entries()? {
        let mut entry = entry?;
        let size = stored(&entry)?;
        gate.pass(size.div_ceil(BLOCK).saturating_mul(BLOCK));
        walk.budget.members(1)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        if kind.is_gnu_sparse() {
            let (taken, given) = (Count::at(size), Count::default());
            let mut content = Unpacked::after(entry, walk.budget.clone(), taken, given);
            walk.member((archive, depth), &name, &mut content);
        } else if kind.is_file() || kind.is_contiguous() {
            walk.member((archive, depth), &name, &mut entry);
        } else if kind.is_symlink() || kind.is_hard_link() {
            walk.visit.passed_over(&member_name(archive, &name), PassedOver::Link);
        } else if kind.is_character_special() || kind.is_block_special() || kind.is_fifo() {
            walk.visit.passed_over(&member_name(archive, &name), PassedOver::Special);
        }
    }
    Ok(())
}

/// Bytes of a file in the archive: of a sparse one those without its holes.
fn stored<R: Read>(entry: &Entry<'_, R>) -> io::Result<u64> {
    let header = entry.header();
    if header.entry_type().is_gnu_sparse() { header.entry_size() } else { Ok(entry.size()) }
}

/// How far an archive may be read before its next file is known.
#[derive(Clone, Debug, Default)]
struct Gate(Rc<State>);

#[derive(Debug, Default)]
struct State {
    at: Cell<u64>,
    end: Cell<u64>,
}

impl Gate {
    /// Lets what follows be read: so many bytes of a file, and the headers of the next one.
    fn pass(&self, content: u64) {
        let Self(state) = self;
        let end = state.at.get().saturating_add(content);
        state.end.set(end.saturating_add(MOST_OF_HEADERS));
    }
}

/// An archive that is read no further than its gate allows.
struct Gated<R> {
    inner: R,
    gate: Gate,
}

impl<R> Gated<R> {
    fn new(inner: R) -> (Self, Gate) {
        let gate = Gate::default();
        gate.pass(0);
        (Self { inner, gate: gate.clone() }, gate)
    }
}

impl<R: Read> Read for Gated<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Gate(state) = &self.gate;
        let left = state.end.get().saturating_sub(state.at.get());
        if left == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a name or header in it is longer than 1 MiB",
            ));
        }
        let count = (&mut self.inner).take(left).read(into)?;
        state.at.set(state.at.get() + count as u64);
        Ok(count)
    }
}
