//! The logs to measure: forged ones, made as long as is wanted, and the chunks of real ones.
//!
//! Knows how logs are made and grown. Knows nothing about what is measured on them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use rdpwhy::forge::write_log;
use rdpwhy::model::{Span, Time};
use rdpwhy::rules::events::Catalogue;
use rdpwhy::scenario::{Log, LogForm, Scenario, ScenarioEvent};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::crafted;

/// 64 KiB: a log is a header of 4,096 bytes and chunks of this size.
const CHUNK: usize = 65_536;
const HEADER: usize = 4096;

/// The corpora in `benches/corpora`, and the folder that grown logs are written to.
pub(crate) struct Inputs {
    folder: PathBuf,
    corpora: PathBuf,
    real: Option<PathBuf>,
    catalogue: Catalogue,
}

impl Inputs {
    pub(crate) fn new(folder: &Path, real: Option<PathBuf>) -> Self {
        let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/corpora");
        let catalogue = Catalogue::embedded().unwrap();
        Self { folder: folder.to_path_buf(), corpora, real, catalogue }
    }

    /// The logs of a scenario whose events happen `times` times over, each time later and in
    /// connections of their own: a log for each of its channels that `wanted` knows, or one log
    /// of all where an event collector stores them.
    pub(crate) fn forged(
        &self,
        name: &str,
        times: usize,
        wanted: impl Fn(&str) -> bool,
    ) -> Vec<PathBuf> {
        self.forged_as(name, str::to_owned, times, wanted)
    }

    /// The same, of a scenario with something put in its place.
    pub(crate) fn forged_as(
        &self,
        name: &str,
        text: impl Fn(&str) -> String,
        times: usize,
        wanted: impl Fn(&str) -> bool,
    ) -> Vec<PathBuf> {
        let written = fs::read_to_string(self.corpora.join(format!("{name}.yml"))).unwrap();
        let scenario = Scenario::parse(&text(&written), name).unwrap();
        let events = scenario.events(&self.catalogue).unwrap();
        let is_collected = scenario.log().form == LogForm::Forwarded;
        let mut channels: BTreeMap<&str, Vec<&ScenarioEvent>> = BTreeMap::new();
        for event in events.iter().filter(|event| wanted(&event.event.channel)) {
            let channel = if is_collected { "ForwardedEvents" } else { &*event.event.channel };
            channels.entry(channel).or_default().push(event);
        }
        let first = events.iter().map(|event| event.event.time).min().unwrap();
        let last = events.iter().map(|event| event.event.time).max().unwrap();
        let folder = self.folder.join(format!("{name}-{times}"));
        fs::create_dir_all(&folder).unwrap();
        let write = |(channel, events): (&str, Vec<&ScenarioEvent>)| {
            let path = folder.join(format!("{}.evtx", channel.replace('/', "%4")));
            grow(&path, &events, scenario.log(), times, last.since(first));
            path
        };
        channels.into_iter().map(write).collect()
    }

    /// A log of one record.
    pub(crate) fn one_record(&self) -> PathBuf {
        let text = "events:\n  - { event: System/Schannel/36874, layout: plain }\n";
        let scenario = Scenario::parse(text, "one record").unwrap();
        let events = scenario.events(&self.catalogue).unwrap();
        let path = self.folder.join("one-record.evtx");
        write_log(File::create(&path).unwrap(), events, scenario.log()).unwrap();
        path
    }

    /// One log of the chunks in use of real logs, over and over until it is `bytes` long, or
    /// once where `bytes` is 0. `None` where there are no real logs.
    pub(crate) fn real(&self, name: &str, bytes: u64) -> Option<PathBuf> {
        let real = self.real.as_ref()?;
        let list = fs::read_to_string(self.corpora.join("real.txt")).unwrap();
        let lines = list.lines().filter_map(|line| line.split_once(' '));
        let files = lines.filter(|(corpus, _)| *corpus == name).map(|(_, file)| real.join(file));
        self.repeated(name, &files.collect::<Vec<_>>(), bytes)
    }

    /// One log of the chunks in use of these logs, over and over until it is `bytes` long; `None`
    /// where the disk is full.
    pub(crate) fn repeated(&self, name: &str, logs: &[PathBuf], bytes: u64) -> Option<PathBuf> {
        let mut header = Vec::new();
        let mut chunks = Vec::new();
        for log in logs {
            let content = fs::read(log).unwrap();
            header.clear();
            header.extend_from_slice(&content[..HEADER]);
            let slots = content[HEADER..].chunks_exact(CHUNK);
            slots.filter(|slot| slot.starts_with(b"ElfChnk\0")).for_each(|slot| {
                chunks.extend_from_slice(slot);
            });
        }
        assert!(!chunks.is_empty(), "{name} has no chunk");
        let path = self.folder.join(format!("{name}-repeated.evtx"));
        let written = repeat(&path, &header, &chunks, bytes);
        if let Err(error) = &written {
            eprintln!("SKIPPED: {name} of {bytes} bytes: {error}");
            fs::remove_file(&path).unwrap();
        }
        written.ok().map(|()| path)
    }

    /// A folder of so many copies of a log.
    pub(crate) fn copies(&self, log: &Path, count: usize) -> PathBuf {
        let folder = self.folder.join("copies");
        fs::create_dir_all(&folder).unwrap();
        for number in 0..count {
            fs::copy(log, folder.join(format!("{number}.evtx"))).unwrap();
        }
        folder
    }

    /// An archive of logs.
    pub(crate) fn zipped(&self, name: &str, logs: &[PathBuf]) -> PathBuf {
        let path = self.folder.join(format!("{name}.zip"));
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        for log in logs {
            let member = log.file_name().unwrap().to_string_lossy();
            zip.start_file(member, SimpleFileOptions::default()).unwrap();
            io::copy(&mut File::open(log).unwrap(), &mut zip).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    /// A log of a crafted chunk, over and over.
    pub(crate) fn crafted(&self, name: &str, chunk: &[u8], times: usize) -> PathBuf {
        let path = self.folder.join(format!("crafted-{name}.evtx"));
        fs::write(&path, crafted::log(&vec![chunk.to_vec(); times])).unwrap();
        path
    }
}

/// The bytes of logs and of folders of logs.
pub(crate) fn size(logs: &[PathBuf]) -> u64 {
    let size = |log: &PathBuf| match fs::read_dir(log) {
        Ok(entries) => entries.map(|entry| entry.unwrap().metadata().unwrap().len()).sum(),
        Err(_) => fs::metadata(log).unwrap().len(),
    };
    logs.iter().map(size).sum()
}

fn repeat(path: &Path, header: &[u8], chunks: &[u8], bytes: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(header)?;
    let mut written = 0;
    while written == 0 || written + chunks.len() as u64 / 2 < bytes {
        file.write_all(chunks)?;
        written += chunks.len() as u64;
    }
    Ok(())
}

fn grow(path: &Path, events: &[&ScenarioEvent], log: &Log, times: usize, length: Span) {
    let hour = Span::seconds(3600);
    let all = (0..times).flat_map(|turn| {
        events.iter().map(move |event| {
            let mut event = ScenarioEvent::clone(event);
            let Time(ticks) = event.event.time;
            let turn = i64::try_from(turn).unwrap();
            event.event.time = Time(ticks + turn * (length.0 + hour.0));
            event.event.record_id += turn.unsigned_abs() * events.len() as u64;
            if let Some(activity) = &mut event.event.activity_id {
                // Bytes 8 to 15 tell activities of one kind apart.
                let other = turn.to_le_bytes();
                activity.0[8..].iter_mut().zip(other).for_each(|(byte, other)| *byte ^= other);
            }
            event
        })
    });
    let file = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    write_log(file, all, log).unwrap();
}
