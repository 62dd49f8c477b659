//! The layouts that collectors give a case: the same report from each.

use std::fs;

use rdpwhy::model::Report;
use rdpwhy::options::Options;

use super::{apart_from_names, bundle, case, report};
use crate::support::packer::*;
use crate::support::program;

/// The files as collectors lay them out: by a new name for each.
fn laid_out(rename: impl Fn(&str) -> Vec<String>) -> Vec<Named> {
    let mut files = Vec::new();
    for (name, bytes) in case().into_iter().filter(|(name, _)| name.ends_with(".evtx")) {
        let name = name.rsplit('/').next().unwrap();
        files.extend(rename(name).into_iter().map(|name| (name, bytes.clone())));
    }
    files
}

#[test]
fn layouts_of_collectors_give_the_same_report() {
    let short = |name: &str| {
        let parts = name.split("%4").next().unwrap().rsplit('-').next();
        parts.unwrap().trim_end_matches(".evtx").to_owned()
    };
    let beside = |mut files: Vec<Named>, name: &str| {
        files.push((name.to_owned(), b"no log, but what collectors add".to_vec()));
        files
    };
    let plain = bundle("plain.zip", &zip(&case()), &Options::default()).0;
    let expected = apart_from_names(&plain);
    for (name, files) in [
        (
            "MSRD-Collect",
            beside(
                laid_out(|name| vec![format!("HOST1_EventLogs/HOST1_{}.evtx", short(name))]),
                "HOST1_EventLogs/LocaleMetaData/HOST1_Security_1033.MTA",
            ),
        ),
        ("KAPE", laid_out(|name| vec![format!("C/Windows/System32/winevt/logs/{name}")])),
        (
            "shadow copies",
            laid_out(|name| {
                let copy = |number: u32| format!("VSS{number}/Windows/System32/winevt/Logs/{name}");
                vec![format!("C/Windows/System32/winevt/Logs/{name}"), copy(1), copy(2)]
            }),
        ),
        (
            "Velociraptor",
            laid_out(|name| {
                let name = name.replace('%', "%25");
                vec![format!("uploads/auto/C%3A/Windows/System32/winevt/Logs/{name}")]
            }),
        ),
        ("wevtutil", laid_out(|name| vec![format!("{}-2026-03-04.evtx", short(name))])),
    ] {
        for (container, bytes) in [
            ("zip", zip(&files)),
            ("7z", seven(&files, None)),
            ("cab", cab(&files)),
            ("tar.gz", gzip(&tar(&files))),
            ("tar.zst", zstd(&tar(&files))),
        ] {
            let (report, _) = bundle("case", &bytes, &Options::default());
            assert_eq!(report.problems, [], "{name} in {container}");
            assert!(apart_from_names(&report) == expected, "{name} in {container}");
        }
    }
}

/// A case of a host and its client, as each would log it.
const TWO_MACHINES: &str = "
start: 2026-03-05T08:00:00Z
machine: SRV01
FILES
events:
  - { event: RDPClient/1024, at: +0s, machine: PC-17, activity: c1, Name: Server Name, Value: srv01, CustomLevel: Info }
  - { event: RdpCoreTS/131, at: +0.1s, activity: a1, ConnType: TCP, ClientIP: '10.0.0.5:50001' }
  - { event: RCM/261, at: +0.1s, activity: a1, listenerName: RDP-Tcp }
  - { event: RdpCoreTS/65, at: +0.2s, activity: a1, ConnectionName: 'RDP-Tcp#1' }
  - { event: System/Schannel/36871, at: +0.4s, Type: server, ErrorState: 10013 }
  - { event: RdpCoreTS/102, at: +0.5s, activity: a1 }
  - { event: RDPClient/1026, at: +0.6s, machine: PC-17, activity: c1, Name: Disconnect Reason, Value: '2308', CustomLevel: Info }
";

/// The logs of that case, forged as the scenario says.
fn forged(files: &str) -> (tempfile::TempDir, Report) {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("case.yml");
    fs::write(&scenario, TWO_MACHINES.replace("FILES", files)).unwrap();
    let logs = folder.path().join("logs");
    program::forge(&scenario, &logs);
    let report = report(&[logs], &Options::default());
    (folder, report)
}

#[test]
fn a_collector_holds_many_machines_in_one_file() {
    let (_apart, apart) = forged("");
    let (_collected, collected) =
        forged("log: { form: forwarded, culture: de-DE }\nfiles: [{ name: ForwardedEvents.evtx }]");
    assert_eq!((apart.files.len(), collected.files.len()), (4, 1), "{:?}", apart.files);
    let machines = |report: &Report| -> Vec<String> {
        let machines = report.machines.iter();
        machines
            .map(|machine| {
                let channels = machine.coverage.channels.iter();
                let channels: Vec<_> = channels
                    .map(|channel| (channel.channel.to_string(), channel.records))
                    .collect();
                format!("{} {:?} {channels:?}", machine.coverage.name, machine.roles)
            })
            .collect()
    };
    assert_eq!(machines(&collected), machines(&apart));
    assert_eq!(collected.machines.len(), 2);
    let attempts = |report: &Report| -> Vec<String> {
        let attempts = report.attempts.iter();
        attempts
            .map(|attempt| {
                format!("{} {:?} {:?}", attempt.machine, attempt.started, attempt.outcome)
            })
            .collect()
    };
    assert_eq!(attempts(&collected), attempts(&apart));
    assert!(!collected.attempts.is_empty());
}

#[test]
fn formats_that_few_tools_write() {
    // What Explorer makes of large files; packed by another library.
    let (report, _) =
        bundle("x.zip", include_bytes!("../support/packer/deflate64.zip"), &Options::default());
    assert_eq!(report.problems, []);
    assert!(report.stats.records > 0 && report.files[0].ends_with("x.zip!logs/Security.evtx"));
    // Several files in each of several blocks.
    let files = case();
    let plain = bundle("case.zip", &zip(&files), &Options::default()).0;
    let (first, second) = files.split_at(2);
    let (report, _) = bundle("case.7z", &seven_solid(&[first, second]), &Options::default());
    assert_eq!(report.problems, []);
    assert!(apart_from_names(&report) == apart_from_names(&plain));
}
