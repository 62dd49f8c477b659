//! What is kept and counted of a flood: the same on any number of threads, the same whether threads
//! learn of whom enough is kept or hand on every record whole, and the same where that is entered
//! of nobody, so that each record's rank decides.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufWriter;

use rdpwhy::condense::{Bounds, Condensed, Condenser};
use rdpwhy::discover::discover;
use rdpwhy::forge::write_log;
use rdpwhy::model::LogFile;
use rdpwhy::options::{ArchiveOptions, Options};
use rdpwhy::read::{Batch, List as _, read};
use rdpwhy::scenario::{Scenario, ScenarioEvent};
use rdpwhy::select::{Enough, Mark, Selection, TakenList, Taking, Whose, Window};
use tempfile::TempDir;

use crate::support::built_in::{CATALOGUE, RULES};
use crate::support::packer;

/// So many attempts, from so many addresses.
const ATTEMPTS: u32 = 1200;

/// Floods, each connection announced twice: a second apart from two hundred addresses, from one
/// address by a dictionary, and from one address for one user; and for two months, from addresses
/// that come back.
const SCENARIOS: [(&str, &str, &str, &str); 4] = [
    ("many addresses", "1s", "203.0.113.{1..200}", "[administrator, admin, user, test]"),
    ("a dictionary", "1s", "203.0.113.9", "[\"user{i}\"]"),
    ("one user", "1s", "203.0.113.9", "[joe]"),
    ("two months", "73m", "203.0.113.{1..9}", "[administrator, admin, user, test]"),
];

fn scenario(every: &str, client: &str, users: &str) -> String {
    format!(
        "start: 2026-03-04T00:00:00Z
machine: SRV01.corp.example
events:
  - repeat: {{ times: {ATTEMPTS}, every: {every}, vary: {{ user: {users}, client: [\"{client}\"] }} }}
    events:
      - {{ event: RdpCoreTS/131, activity: \"try{{i}}\", ConnType: TCP, ClientIP: \"{{client}}:{{49152..65000}}\" }}
      - {{ event: RCM/261, at: ~+1ms, activity: \"try{{i}}\", listenerName: RDP-Tcp }}
      - {{ event: Security/4625, at: ~+300ms, TargetUserName: \"{{user}}\", TargetDomainName: \"\", Status: 0xC000006D, SubStatus: 0xC000006A, LogonType: 3, AuthenticationPackageName: NTLM, WorkstationName: \"-\", IpAddress: \"{{client}}\", IpPort: 0 }}
      - {{ event: RdpCoreTS/140, at: ~+3ms, activity: \"try{{i}}\", IPString: \"{{client}}\" }}
      - {{ event: RdpCoreTS/103, at: ~+1ms, activity: \"try{{i}}\", ReasonCode: 14 }}
"
    )
}

/// Writes a log of each channel, and one with all of them as a collector has it, twice: the copy
/// is no second flood.
fn forge(text: &str, folder: &TempDir) -> Vec<LogFile> {
    let scenario = Scenario::parse(text, "flood").unwrap();
    let events = scenario.events(&CATALOGUE).unwrap();
    let mut logs: BTreeMap<String, Vec<&ScenarioEvent>> = BTreeMap::new();
    for event in &events {
        logs.entry(event.event.channel.replace('/', "-")).or_default().push(event);
        logs.entry("all".to_owned()).or_default().push(event);
    }
    for (name, events) in logs {
        let file = File::create(folder.path().join(format!("{name}.evtx"))).unwrap();
        write_log(BufWriter::new(file), events, scenario.log()).unwrap();
    }
    discover(&[folder.path().to_owned()], &ArchiveOptions::default()).logs
}

/// What was made of records as they came.
struct Outcome {
    condensed: Condensed,
    /// How many came as a count only.
    counted: u64,
    /// Records of the longest batch.
    longest: usize,
}

/// How records are read and counted.
#[derive(Clone, Copy, Debug)]
struct Way {
    threads: usize,
    /// Whether threads learn of whom enough is kept.
    is_told: bool,
    fast_path: bool,
    /// Whether there is room to enter of whom enough is kept.
    has_room: bool,
}

const USUAL: Way = Way { threads: 2, is_told: true, fast_path: true, has_room: true };

/// Leaves hardly any room to enter of whom enough is kept.
fn fill(enough: &Enough) {
    for kind in 0..1 << 19 {
        let (client, user) = (kind, kind);
        let mark = Mark { machine: 0, channel: 0, kind, client, user, hour: 0, is_named: true };
        enough.enter(&mark, Window::Hour, Whose::Anybodys);
    }
}

/// What is kept of so many records.
fn condense(logs: &[LogFile], most: usize, way: Way) -> Outcome {
    let Way { threads, is_told, fast_path, has_room } = way;
    let enough = [Enough::default(), Enough::default()];
    let [entered, asked] = &enough;
    if !has_room {
        fill(entered);
    }
    let options = Options { fast_path, ..Options::default() };
    let selection = Selection { rules: &RULES, options: &options };
    let taking = Taking { selection, enough: if is_told { entered } else { asked } };
    let mut condenser = Condenser::within(Bounds { records: most, bytes: 64 << 20 }, entered);
    let (mut counted, mut longest) = (0, 0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        read(logs, &taking, &|_| {}, &mut |batch: &mut Batch<TakenList<'_>>| {
            longest = longest.max(batch.kept.len());
            counted += batch.kept.counted().len() as u64;
            condenser.take(batch);
        })
    });
    Outcome { condensed: condenser.finish(), counted, longest }
}

#[test]
fn a_flood_comes_out_the_same_however_it_is_read() {
    for (name, every, client, users) in SCENARIOS {
        let folder = TempDir::new().unwrap();
        let logs = forge(&scenario(every, client, users), &folder);
        for most in [300, 2000] {
            let whole = condense(&logs, most, Way { threads: 1, is_told: false, ..USUAL });
            assert_eq!(whole.counted, 0);
            let Condensed { kept, floods, .. } = &whole.condensed;
            assert!(kept.len() <= most && !floods.is_empty(), "{name}");
            let whole = format!("{:?}", whole.condensed);
            for way in [
                Way { threads: 1, ..USUAL },
                USUAL,
                Way { threads: 3, ..USUAL },
                Way { fast_path: false, ..USUAL },
                Way { has_room: false, is_told: false, ..USUAL },
            ] {
                let quick = condense(&logs, most, way);
                let counted = quick.counted;
                let is_usual = way.fast_path && way.is_told;
                assert!(most > 300 || !is_usual || counted > 2000, "{name}: {counted} counted");
                let quick = format!("{:?}", quick.condensed);
                assert!(quick == whole, "{name}, {most} kept, {way:?}");
            }
        }
    }
}

/// However large the logs in an archive are, few of their records are held at a time, and what is
/// kept of them is the same.
#[test]
fn an_archive_is_read_in_batches_as_files_are() {
    let (_, every, client, users) = SCENARIOS[0];
    let folder = TempDir::new().unwrap();
    let logs = forge(&scenario(every, client, users), &folder);
    let unpacked = condense(&logs, 300, USUAL);
    let named = logs.iter().map(|log| {
        let name = log.path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read(&log.path).unwrap())
    });
    let files: Vec<packer::Named> = named.collect();
    let archives = [
        ("zip", packer::zip(&files)),
        ("tar.gz", packer::gzip(&packer::tar(&files))),
        ("7z", packer::seven(&files, None)),
    ];
    for (ending, archive) in archives {
        let path = folder.path().join(format!("case.{ending}"));
        fs::write(&path, archive).unwrap();
        let logs = discover(&[path], &ArchiveOptions::default()).logs;
        assert_eq!(logs.len(), files.len());
        let packed = condense(&logs, 300, USUAL);
        assert_eq!(packed.longest, unpacked.longest, "{ending}");
        assert!(format!("{:?}", packed.condensed) == format!("{:?}", unpacked.condensed));
    }
}
