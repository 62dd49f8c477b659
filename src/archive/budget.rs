//! How much may be unpacked before an archive counts as a bomb.
//!
//! What counts is what was unpacked, never what an archive declares.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use crate::isolate::Isolated;
use crate::options::ArchiveOptions;

/// Up to here no ratio is suspicious: a log of one event repeated packs well.
const GRACE: u64 = 32 << 20;

/// A limit of [`ArchiveOptions`] that an archive reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LimitReached {
    Ratio(u64),
    Total(u64),
    Members(u64),
    Depth(u32),
    Buffer(u64),
}

impl std::error::Error for LimitReached {}

/// What is told to people, with the way past the limit.
impl fmt::Display for LimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ratio(ratio) => write!(
                f,
                "unpacks to more than {ratio} times its size, as a bomb does; if it is none, \
                 raise --max-ratio"
            ),
            Self::Total(bytes) => write!(
                f,
                "more than {} would be unpacked; to go on, raise --max-unpacked",
                size(*bytes)
            ),
            Self::Members(count) => {
                write!(f, "holds more than {count} files; to go on, raise --max-members")
            }
            Self::Depth(depth) => write!(
                f,
                "is an archive inside archives, more than {depth} deep, and not opened; to open \
                 it, raise --max-depth"
            ),
            Self::Buffer(bytes) => write!(
                f,
                "must be held in memory to be read, and archives held so are limited to {}; \
                 unpack it beforehand, or raise --max-buffer",
                size(*bytes)
            ),
        }
    }
}

fn size(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit =
        units.into_iter().find(|(shift, _)| bytes >> shift > 0 && bytes.is_multiple_of(1 << shift));
    unit.map_or(format!("{bytes} bytes"), |(shift, unit)| format!("{} {unit}", bytes >> shift))
}

/// What was unpacked so far, shared by all layers of one walk.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Rc<State>);

#[derive(Debug)]
struct State {
    options: ArchiveOptions,
    unpacked: Cell<u64>,
    members: Cell<u64>,
    buffered: Cell<u64>,
    reached: RefCell<Option<LimitReached>>,
}

impl Budget {
    pub(crate) fn new(options: &ArchiveOptions) -> Self {
        Self(Rc::new(State {
            options: options.clone(),
            unpacked: Cell::new(0),
            members: Cell::new(0),
            buffered: Cell::new(0),
            reached: RefCell::new(None),
        }))
    }

    pub(crate) fn options(&self) -> &ArchiveOptions {
        &self.0.options
    }

    /// The limit that stopped the last operation, if one did. It is forgotten thereby.
    pub(crate) fn take_reached(&self) -> Option<LimitReached> {
        self.0.reached.borrow_mut().take()
    }

    fn stop(&self, limit: LimitReached) -> io::Error {
        *self.0.reached.borrow_mut() = Some(limit.clone());
        io::Error::other(limit)
    }

    /// Whether an archive at that depth may be opened; those that the user gave are at 1.
    pub(crate) fn depth(&self, depth: u32) -> io::Result<()> {
        let most = self.0.options.max_depth;
        if depth > most { Err(self.stop(LimitReached::Depth(most))) } else { Ok(()) }
    }

    /// Counts members of archives.
    pub(crate) fn members(&self, more: u64) -> io::Result<()> {
        let most = self.0.options.max_members;
        self.0.members.set(self.0.members.get().saturating_add(more));
        let is_over = self.0.members.get() > most;
        if is_over { Err(self.stop(LimitReached::Members(most))) } else { Ok(()) }
    }

    /// Counts unpacked bytes.
    pub(crate) fn unpacked(&self, more: u64) -> io::Result<()> {
        let most = self.0.options.max_unpacked;
        self.0.unpacked.set(self.0.unpacked.get().saturating_add(more));
        let is_over = self.0.unpacked.get() > most;
        if is_over { Err(self.stop(LimitReached::Total(most))) } else { Ok(()) }
    }

    /// Whether so many bytes may come of so many packed ones.
    pub(crate) fn ratio(&self, packed: u64, unpacked: u64) -> io::Result<()> {
        let most = self.0.options.max_ratio;
        let is_bomb = unpacked > GRACE && unpacked / most > packed;
        if is_bomb { Err(self.stop(LimitReached::Ratio(most))) } else { Ok(()) }
    }

    /// Reads all of a stream into memory, as far as the limit allows.
    pub(crate) fn buffer(&self, content: &mut dyn Read) -> io::Result<Vec<u8>> {
        let most = self.0.options.max_buffer;
        let left = most.saturating_sub(self.0.buffered.get());
        let mut bytes = Vec::new();
        content.take(left.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > left {
            return Err(self.stop(LimitReached::Buffer(most)));
        }
        self.0.buffered.set(self.0.buffered.get() + bytes.len() as u64);
        Ok(bytes)
    }

    /// Gives back memory that is no longer held.
    pub(crate) fn release(&self, bytes: u64) {
        self.0.buffered.set(self.0.buffered.get().saturating_sub(bytes));
    }
}

/// A count of bytes that several readers share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Count(Rc<Cell<u64>>);

impl Count {
    pub(crate) fn at(bytes: u64) -> Self {
        Self(Rc::new(Cell::new(bytes)))
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.get()
    }

    fn add(&self, more: usize) {
        self.0.set(self.0.get().saturating_add(more as u64));
    }
}

/// Counts the packed bytes that a decoder takes.
pub(crate) struct Packed<R> {
    inner: R,
    taken: Count,
}

impl<R> Packed<R> {
    /// The reader, and the count that grows with it.
    pub(crate) fn new(inner: R) -> (Self, Count) {
        let taken = Count::default();
        (Self { inner, taken: taken.clone() }, taken)
    }
}

impl<R: Read> Read for Packed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.taken.add(count);
        Ok(count)
    }
}

impl<R: Seek> Seek for Packed<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Watches what a decoder gives, and stops it at a limit or where it panics.
pub(crate) struct Unpacked<R> {
    inner: Isolated<R>,
    budget: Budget,
    taken: Count,
    given: Count,
}

impl<R> Unpacked<R> {
    /// `taken` is the count of packed bytes.
    pub(crate) fn new(inner: R, budget: Budget, taken: Count) -> Self {
        Self::after(inner, budget, taken, Count::default())
    }

    /// The same, where bytes were `given` already for those that were taken.
    pub(crate) const fn after(inner: R, budget: Budget, taken: Count, given: Count) -> Self {
        Self { inner: Isolated::new(inner), budget, taken, given }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.given.add(count);
        self.budget.unpacked(count as u64)?;
        self.budget.ratio(self.taken.get(), self.given.get())?;
        Ok(count)
    }
}
