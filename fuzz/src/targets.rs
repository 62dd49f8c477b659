//! What each fuzz target does with its bytes. A panic is a finding.
//!
//! Used twice: by cargo-fuzz, and by the test that replays the corpora on the stable toolchain.

use std::fs;
use std::io::{self, Cursor, Read};
use std::sync::{Arc, OnceLock};

use rdpwhy::analyze::analyze;
use rdpwhy::discover::discover;
use rdpwhy::forge::{ForgedEvent, Form, Options as ForgeOptions, RecordForm, Writer};
use rdpwhy::inventory::inventory;
use rdpwhy::model::{
    Event, Field, FileId, Guid, LogFile, LogForm, LogSource, Pack, Source, Time, Value,
};
use rdpwhy::options::{ArchiveOptions, Options};
use rdpwhy::read::{Readout, Select, read_all};
use rdpwhy::report::terminal::{self, TerminalStyle};
use rdpwhy::report::{Zone, json_v1, sanitize};
use rdpwhy::rules::RuleSet;
use rdpwhy::rules::events::Envelope;

// Whoever includes this file has it beside.
use super::log_writer::{Chunk, log};

const FILE_HEADER: usize = 4096;
const CHUNK: usize = 65_536;
/// Steps that reading a chunk may take.
const MOST_STEPS: u32 = 1 << 18;

/// A target, by its name.
pub type Target = fn(&[u8]);

/// All targets.
pub const TARGETS: [(&str, Target); 7] = [
    ("read_log", read_log),
    ("read_record", read_record),
    ("export", export),
    ("archive", archive),
    ("rules", rules),
    ("forge", forge),
    ("report", report),
];

/// Keeps all events, also those that are no longer live.
struct All;

impl Select for All {
    type Kept = Event;
    type Memory = ();

    fn recovers(&self) -> bool {
        true
    }

    fn keep(&self, event: Event) -> Option<Event> {
        Some(event)
    }
}

/// The bytes of a log, as an archive would give them.
#[derive(Debug)]
struct Bytes(Vec<u8>);

impl Pack for Bytes {
    fn read(&self, _: &[u32], each: &mut dyn FnMut(u32, &mut dyn Read)) -> io::Result<()> {
        each(0, &mut Cursor::new(&self.0));
        Ok(())
    }
}

/// Reads bytes as a log of that form, and checks that the counts agree.
fn read(bytes: Vec<u8>, form: LogForm) -> (Vec<Event>, Readout) {
    let size = bytes.len() as u64;
    let source = LogSource::Packed { pack: Arc::new(Bytes(bytes)), number: 0 };
    let log = LogFile { id: FileId(0), path: "log".into(), bytes: size, form, source };
    let (events, readout) = read_all(&[log], &All, &|_| {});
    let live = events.iter().filter(|event| !event.source.recovered).count() as u64;
    assert_eq!(readout.stats.records, live);
    assert_eq!(readout.files.iter().map(|file| file.records).sum::<u64>(), live);
    assert_eq!(readout.coverage.iter().map(|channel| channel.records).sum::<u64>(), live);
    assert_eq!(readout.recovered.iter().sum::<u64>(), events.len() as u64 - live);
    assert!(readout.stats.hardest_chunk <= MOST_STEPS);
    // A panic of the reader is a problem of the log for a run, and a finding here.
    let is_fault = |detail: &str| detail.contains("a fault in rdpwhy itself");
    assert!(!readout.problems.iter().any(|problem| is_fault(&problem.detail)));
    (events, readout)
}

/// The bytes are a log; what is missing of its last chunk is zeros.
pub fn read_log(data: &[u8]) {
    let mut bytes = data.to_vec();
    bytes.truncate(FILE_HEADER + 4 * CHUNK);
    read(bytes, LogForm::Evtx { first_chunk: FILE_HEADER as u64 });
}

/// The bytes are the content of a record in a chunk that is otherwise sound, and of another one
/// that refers to the same places.
pub fn read_record(data: &[u8]) {
    let content = data.get(..28_000).unwrap_or(data);
    let mut chunk = Chunk::new();
    for id in 1..=2 {
        chunk.record(id, |record| {
            record.raw(content);
        });
    }
    read(log(&[chunk.finish()]), LogForm::Evtx { first_chunk: FILE_HEADER as u64 });
}

/// The bytes are an export, XML or JSON.
pub fn export(data: &[u8]) {
    for form in [LogForm::Xml, LogForm::Json] {
        let bytes = data.get(..1 << 18).unwrap_or(data).to_vec();
        read(bytes, form);
    }
}

/// The bytes are a file, which may be an archive; what is found in it is read.
pub fn archive(data: &[u8]) {
    let Ok(file) = tempfile::NamedTempFile::new() else { return };
    if fs::write(file.path(), data).is_err() {
        return;
    }
    let options = ArchiveOptions {
        max_depth: 4,
        max_members: 200,
        max_unpacked: 8 << 20,
        max_buffer: 4 << 20,
        passwords: vec![b"secret".to_vec()],
        ..ArchiveOptions::default()
    };
    let found = discover(&[file.path().to_owned()], &options);
    let (_, readout) = read_all(&found.logs, &All, &|_| {});
    assert_eq!(readout.files.len(), found.logs.len());
}

/// The bytes are a rule document: of the kind that the first byte says.
pub fn rules(data: &[u8]) {
    let (kind, text) = data.split_first().unwrap_or((&0, &[]));
    let text = String::from_utf8_lossy(text);
    let path = match kind % 4 {
        0 => "signals/system.yml",
        1 => "causes/tls/certificate-expired.yml",
        2 => "playbooks/renew.yml",
        _ => "codes/ntstatus.yml",
    };
    if let Err(errors) = RuleSet::from_documents([(path, text.as_ref())]) {
        let shown = errors.render();
        assert!(!shown.is_empty());
    }
}

/// The bytes are events; what the forge writes of them is what the reader reads.
pub fn forge(data: &[u8]) {
    let mut source = Draw(data);
    let mut events = Vec::new();
    while !source.0.is_empty() && events.len() < 40 {
        events.push(event(&mut source));
    }
    for records in [RecordForm::Typed, RecordForm::Forwarded] {
        let written = write(&events, records);
        let (read, readout) = read(written, LogForm::Evtx { first_chunk: FILE_HEADER as u64 });
        assert!(readout.problems.is_empty(), "{:?}", readout.problems);
        assert_eq!(read.len(), events.len());
        if records == RecordForm::Typed {
            for (read, event) in read.into_iter().zip(&events) {
                assert_eq!(Event { source: Source::default(), ..read }, *event);
            }
        }
    }
}

fn write(events: &[Event], records: RecordForm) -> Vec<u8> {
    let options = ForgeOptions { form: Form::Export, records };
    let envelope = Envelope::unknown();
    let mut writer = match Writer::new(Cursor::new(Vec::new()), options) {
        Ok(writer) => writer,
        Err(error) => panic!("{error}"),
    };
    for event in events {
        if let Err(error) = writer.push(&ForgedEvent::new(event, &envelope)) {
            panic!("{error}: {event:?}");
        }
    }
    match writer.finish() {
        Ok(log) => log.into_inner(),
        Err(error) => panic!("{error}"),
    }
}

/// The bytes are texts of events that rules know; whatever they say, no report of them acts on
/// who reads it.
pub fn report(data: &[u8]) {
    static RULES: OnceLock<Option<RuleSet>> = OnceLock::new();
    let Some(rules) = RULES.get_or_init(|| RuleSet::embedded().ok()) else { return };
    let mut source = Draw(data);
    let core = "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS";
    let mut events = Vec::new();
    let texts = ["TargetUserName", "TargetDomainName", "WorkstationName", "IpAddress"];
    for number in 0..3_i64 {
        let machine = source.text();
        let time = Time(132_500_000_000_000_000 + number * 600_000_000);
        let core_event = |event_id, name: &str, text: String| Event {
            machine: machine.as_str().into(),
            channel: format!("{core}/Operational").into(),
            provider: core.into(),
            event_id,
            time,
            data: vec![Field { name: name.into(), value: Value::text(text) }],
            ..Event::default()
        };
        events.push(core_event(131, "ClientIP", source.text()));
        events.push(core_event(140, "IPString", source.text()));
        let mut data: Vec<Field> = texts
            .iter()
            .map(|name| Field { name: (*name).into(), value: Value::text(source.text()) })
            .collect();
        data.push(Field { name: "LogonType".into(), value: Value::UInt32(3) });
        data.push(Field { name: "SubStatus".into(), value: Value::HexInt32(0xc000_006a) });
        events.push(Event {
            machine: machine.as_str().into(),
            channel: "Security".into(),
            provider: "Microsoft-Windows-Security-Auditing".into(),
            event_id: 4625,
            time: Time(time.0 + 10_000_000),
            data,
            ..Event::default()
        });
    }
    let Ok(file) = tempfile::NamedTempFile::new() else { return };
    if fs::write(file.path(), write(&events, RecordForm::Typed)).is_err() {
        return;
    }
    let report = analyze(&[file.path().to_owned()], rules, &Options::default(), &|_| {});
    let style = TerminalStyle { all: true, ..TerminalStyle::default() };
    let stock = inventory(&report);
    let json = json_v1::render(&report);
    let pages = [
        terminal::render(&report, &style),
        rdpwhy::report::inventory::render_page(&report, &stock, &Zone::default(), 100),
        json.clone(),
    ];
    for page in pages {
        assert!(!page.contains(|c| c != '\n' && sanitize::is_deceptive(c)), "{page:?}");
    }
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
}

/// Draws values from bytes; zeros where they end.
struct Draw<'d>(&'d [u8]);

impl Draw<'_> {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        let (taken, rest) = self.0.split_at(N.min(self.0.len()));
        bytes.iter_mut().zip(taken).for_each(|(to, from)| *to = *from);
        self.0 = rest;
        bytes
    }

    fn byte(&mut self) -> u8 {
        let [byte] = self.bytes();
        byte
    }

    fn long(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    fn word(&mut self) -> u32 {
        u32::from_le_bytes(self.bytes())
    }

    /// A text of up to 31 characters; none of them NUL, which ends texts.
    fn text(&mut self) -> String {
        let length = self.byte() % 32;
        let unit = |_| u32::from(u16::from_le_bytes(self.bytes()));
        let characters = (0..length).map(unit).filter_map(char::from_u32);
        characters.filter(|character| *character != '\0').collect()
    }
}

/// An event whose values the forge and the reader must agree about to the bit.
fn event(source: &mut Draw<'_>) -> Event {
    let text = |source: &mut Draw<'_>| format!("x{}", source.text());
    let count = source.byte() % 12;
    let machine = text(source).into();
    let data = (0..count)
        .map(|number| Field { name: format!("F{number}").into(), value: value(source) })
        .collect();
    let activity = Guid(source.bytes());
    Event {
        machine,
        channel: text(source).into(),
        provider: text(source).into(),
        event_id: u32::from(u16::from_le_bytes(source.bytes())),
        version: Some(source.byte()),
        level: Some(source.byte()),
        // Up to the year 2235.
        time: Time(i64::try_from(source.long() % 200_000_000_000_000_000).unwrap_or_default()),
        record_id: source.long() >> 1,
        activity_id: Some(activity).filter(|guid| !guid.is_nil()),
        process_id: Some(source.word()),
        thread_id: Some(source.word()),
        data,
        ..Event::default()
    }
}

fn value(source: &mut Draw<'_>) -> Value {
    match source.byte() % 12 {
        0 => Value::text(source.text()),
        1 => Value::UInt8(source.byte()),
        2 => Value::UInt16(u16::from_le_bytes(source.bytes())),
        3 => Value::UInt32(source.word()),
        4 => Value::UInt64(source.long()),
        5 => Value::Int32(i32::from_le_bytes(source.bytes())),
        6 => Value::HexInt32(source.word()),
        7 => Value::HexInt64(source.long()),
        8 => Value::Boolean(source.byte() % 2 == 1),
        9 => Value::Guid(Guid(source.bytes())),
        10 => Value::Binary(Box::new(source.bytes::<9>())),
        _ => Value::Int64(i64::from_le_bytes(source.bytes())),
    }
}
