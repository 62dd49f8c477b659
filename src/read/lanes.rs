//! Reads archives beside the work on what is in them, a few at a time, without a copy on disk.
//!
//! An archive is read from front to back, which takes longer than what is done with its logs. So
//! each has a thread that reads it and a line of pieces that wait. Lines are emptied one after the
//! other, so that logs come in the same order as if nothing were packed; a small log is whole by
//! the time that its turn comes.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, Scope};
use std::vec;

use super::stream::{Buffers, Content, Gone, Piece, cut};
use crate::isolate::{Isolated, isolated_io};
use crate::model::{LogFile, LogSource, Pack};

/// Archives that are read at once. Decoders hold tens of MiB each, at worst.
const LANES: usize = 4;
/// Pieces that wait in a line, 256 KiB each at most.
const WAITING: usize = 8;

/// Logs that are read in one go.
#[derive(Clone, Debug)]
struct Packed {
    pack: Arc<dyn Pack>,
    /// Number in the pack and position in the list of logs, ascending.
    members: Vec<(u32, usize)>,
}

/// The packs among the logs, each with its logs, in the order of their first ones.
fn packs(logs: &[LogFile]) -> Vec<Packed> {
    let mut packs: Vec<Packed> = Vec::new();
    // A pack is known by its address; looked up through a map, not one by one, because an
    // archive can hold very many logs.
    let mut known = HashMap::<*const (), usize>::new();
    for (log, file) in logs.iter().enumerate() {
        let LogSource::Packed { pack, number } = &file.source else { continue };
        let position = *known.entry(Arc::as_ptr(pack).cast()).or_insert(packs.len());
        match packs.get_mut(position) {
            Some(packed) => packed.members.push((*number, log)),
            None => {
                packs.push(Packed { pack: Arc::clone(pack), members: vec![(*number, log)] });
            }
        }
    }
    for packed in &mut packs {
        packed.members.sort_unstable();
    }
    packs
}

impl Packed {
    /// Hands each log to `each`: its position among the logs and its bytes, or why they cannot
    /// be had.
    fn read(&self, mut each: impl FnMut(usize, io::Result<&mut dyn Read>)) {
        let wanted: Vec<u32> = self.members.iter().map(|(number, _)| *number).collect();
        let mut is_read = vec![false; wanted.len()];
        let mut take = |number: u32, content: &mut dyn Read| {
            let Ok(position) = wanted.binary_search(&number) else { return };
            let (Some(is_read), Some((_, log))) =
                (is_read.get_mut(position), self.members.get(position))
            else {
                return;
            };
            *is_read = true;
            each(*log, Ok(&mut Isolated::new(content)));
        };
        let outcome = isolated_io(|| self.pack.read(&wanted, &mut take));
        let why = outcome
            .err()
            .map_or_else(|| "it is no longer in the archive".to_owned(), |error| error.to_string());
        for ((_, log), _) in self.members.iter().zip(is_read).filter(|(_, is_read)| !is_read) {
            each(*log, Err(io::Error::other(why.clone())));
        }
    }

    /// A line that says of each log why it cannot be read.
    fn failed(&self, error: &io::Error) -> Receiver<Piece> {
        let (sender, receiver) = sync_channel(self.members.len());
        for (_, log) in &self.members {
            let content = Content::Failed(io::Error::new(error.kind(), error.to_string()));
            // There is room for all of them.
            if sender.send(Piece { log: *log, content }).is_err() {
                break;
            }
        }
        receiver
    }

    /// Hands all logs on, piece by piece, as long as somebody takes them.
    fn send(&self, logs: &[LogFile], buffers: &Arc<Buffers>, line: &SyncSender<Piece>) {
        let mut is_over = false;
        self.read(|log, content| {
            let Some(file) = logs.get(log).filter(|_| !is_over) else { return };
            let hand_on = |content| line.send(Piece { log, content }).map_err(|_| Gone);
            let outcome = match content {
                Ok(content) => cut(content, file.form, buffers, hand_on),
                Err(error) => hand_on(Content::Failed(error)),
            };
            is_over = outcome.is_err();
        });
    }
}

/// The pieces of all logs that stand in archives, those of each log in order.
#[derive(Debug)]
pub(super) struct Lanes<'s, 'l> {
    threads: &'s Scope<'s, 'l>,
    logs: &'l [LogFile],
    /// What is not begun.
    packs: vec::IntoIter<Packed>,
    /// Those that are being read.
    lines: VecDeque<Receiver<Piece>>,
    buffers: Arc<Buffers>,
}

impl<'s, 'l> Lanes<'s, 'l> {
    pub(super) fn new(threads: &'s Scope<'s, 'l>, logs: &'l [LogFile]) -> Self {
        let (packs, lines) = (packs(logs).into_iter(), VecDeque::new());
        Self { threads, logs, packs, lines, buffers: Arc::default() }
    }

    /// Begins to read an archive.
    fn begin(&mut self, packed: &Arc<Packed>) {
        let (sender, receiver) = sync_channel(WAITING);
        let (logs, buffers, own) = (self.logs, Arc::clone(&self.buffers), Arc::clone(packed));
        let read = move || own.send(logs, &buffers, &sender);
        let thread = Builder::new().name("archive".to_owned()).spawn_scoped(self.threads, read);
        self.lines.push_back(match thread {
            Ok(_) => receiver,
            Err(error) => packed.failed(&error),
        });
    }
}

impl Iterator for Lanes<'_, '_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            while self.lines.len() < LANES
                && let Some(packed) = self.packs.next()
            {
                self.begin(&Arc::new(packed));
            }
            if let Ok(piece) = self.lines.front()?.recv() {
                return Some(piece);
            }
            self.lines.pop_front();
        }
    }
}
