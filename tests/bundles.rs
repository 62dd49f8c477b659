//! Cases as they arrive: however they are packed, the report is the same; what was built to
//! hurt gets one clear line, and the rest of the case is analyzed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails where something is not as it must be"
)]

mod packer;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use packer::lzx::cab_lzx;
use packer::*;
use rdpwhy::analyze::analyze;
use rdpwhy::model::{ProblemKind, Report};
use rdpwhy::options::Options;
use rdpwhy::report::json_v1;
use rdpwhy::rules::RuleSet;
use zip::CompressionMethod;

/// The logs of a fixture in folders with odd names.
fn case() -> Vec<Named> {
    let mut files = Vec::new();
    for (index, entry) in fs::read_dir("fixtures/account-locked/logs").unwrap().enumerate() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        files.push((format!("SRV {}/Ereignisse ü/{name}", index % 2), fs::read(path).unwrap()));
    }
    files.push(("SRV 0/notes.txt".to_owned(), b"The user cannot log on.".to_vec()));
    files.sort();
    assert!(files.len() >= 4);
    files
}

/// Writes the files below a folder.
fn unpack(files: &[Named], folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn report(paths: &[PathBuf], options: &Options) -> Report {
    static RULES: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::embedded().unwrap());
    analyze(paths, &RULES, options, &|_| {})
}

/// The report without what says where and how the files were packed.
fn apart_from_paths(report: &Report, root: &Path) -> String {
    let mut json: serde_json::Value = serde_json::from_str(&json_v1::render(report)).unwrap();
    json["stats"]["seconds"] = 0.into();
    json["inputs"][0]["path"] = "case".into();
    json["inputs"][0]["kind"] = "any".into();
    let mut text = serde_json::to_string_pretty(&json).unwrap();
    // The longest prefix first: archives in archives.
    let root = root.to_string_lossy().into_owned();
    let mut prefixes: Vec<String> = report
        .files
        .iter()
        .filter_map(|file| Some(file[..file.find("SRV ")?].to_owned()))
        .collect();
    prefixes.push(root);
    prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
    for prefix in prefixes {
        text = text.replace(&prefix, "");
    }
    text
}

/// Analyzes a bundle of that name and content.
fn bundle(name: &str, bytes: &[u8], options: &Options) -> (Report, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let before = fs::read_dir(folder.path()).unwrap().count();
    let report = report(std::slice::from_ref(&path), options);
    let after = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(before, after, "something was written beside the input");
    let text = apart_from_paths(&report, &path);
    (report, text)
}

fn with_passwords(passwords: &[&str]) -> Options {
    let mut options = Options::default();
    options.archives.passwords = passwords.iter().map(|text| text.as_bytes().to_vec()).collect();
    options
}

#[test]
fn the_report_does_not_depend_on_how_the_case_was_packed() {
    let files = case();
    let folder = tempfile::tempdir().unwrap();
    unpack(&files, folder.path());
    let plain = report(&[folder.path().to_owned()], &Options::default());
    assert!(plain.problems.is_empty() && !plain.diagnoses.is_empty());
    let expected = apart_from_paths(&plain, folder.path());

    // Names of the host's code page instead of UTF-8 would differ, so cabinets get plain ones.
    let zipped = zip(&files);
    let inner = |name: &str, bytes: Vec<u8>| vec![(name.to_owned(), bytes)];
    let secret = with_passwords(&["wrong", "s3cret"]);
    let open = Options::default();
    let bundles: Vec<(&str, Vec<u8>, &Options)> = vec![
        ("case.zip", zipped.clone(), &open),
        ("stored.zip", zip_stored(&files), &open),
        ("sixty-four.zip", zip64(&files), &open),
        ("bzip2.zip", zip_by(&files, method(CompressionMethod::Bzip2)), &open),
        ("xz.zip", zip_by(&files, method(CompressionMethod::Xz)), &open),
        ("aes.zip", zip_aes(&files, "s3cret"), &secret),
        ("crypto.zip", zip_crypto(&files, "s3cret"), &secret),
        ("case.tar", tar(&files), &open),
        ("case.tar.gz", gzip(&tar(&files)), &open),
        ("case.tar.xz", xz(&tar(&files)), &open),
        ("case.tar.zst", zstd(&tar(&files)), &open),
        ("case.tar.bz2", bzip2(&tar(&files)), &open),
        ("case.7z", seven(&files, None), &open),
        ("secret.7z", seven(&files, Some("s3cret")), &secret),
        ("case.cab", cab(&files), &open),
        ("lzx.cab", cab_lzx(&files), &open),
        ("no-extension", zipped.clone(), &open),
        ("zip in zip.zip", zip(&inner("a/b.zip", zipped.clone())), &open),
        ("stored in.zip", zip_stored(&inner("b.zip", zipped.clone())), &open),
        ("zip in tar.tgz", gzip(&tar(&inner("b.zip", zipped.clone()))), &open),
        ("tar.gz in zip.zip", zip(&inner("b.tar.gz", gzip(&tar(&files)))), &open),
        ("7z in zip.zip", zip(&inner("b.7z", seven(&files, None))), &open),
        ("cab in zip.zip", zip(&inner("b.cab", cab(&files))), &open),
        (
            "deep.zip",
            zip(&inner("1.tar", tar(&inner("2.7z", seven(&inner("3.zip", zipped), None))))),
            &open,
        ),
    ];
    for (name, bytes, options) in bundles {
        let (packed, text) = bundle(name, &bytes, options);
        assert_eq!(packed.problems, [], "{name}");
        assert_eq!(packed.files.len(), plain.files.len(), "{name}");
        assert!(text == expected, "{name}\n{text}");
    }
}

/// The program itself: what comes by a pipe, and passwords out of a file.
#[test]
fn standard_input_and_password_files() {
    let files = case();
    let whole = bundle("case.zip", &zip(&files), &Options::default()).0;
    let expected = apart_from_names(&whole);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("passwords"), "wrong\r\ns3cret\n").unwrap();
    let run = |bytes: Vec<u8>, args: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("rdpwhy").unwrap();
        command.current_dir(folder.path()).args(["--format", "json", "-"]).args(args);
        let output = command.write_stdin(bytes).output().unwrap();
        let mut json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["inputs"][0]["kind"], "stdin");
        forget_names(&mut json);
        serde_json::to_string_pretty(&json).unwrap()
    };
    let password = ["--password-file", "passwords"];
    for (name, bytes, args) in [
        ("zip", zip(&files), &[][..]),
        ("tar.gz", gzip(&tar(&files)), &[]),
        ("tar.zst", zstd(&tar(&files)), &[]),
        ("cab", cab_lzx(&files), &[]),
        ("zip in tar.bz2", bzip2(&tar(&[("a.zip".to_owned(), zip64(&files))])), &[]),
        ("AES", zip_aes(&files, "s3cret"), &password),
        ("ZipCrypto", zip_crypto(&files, "s3cret"), &password),
        ("7z", seven(&files, Some("s3cret")), &password),
    ] {
        assert!(run(bytes, args) == expected, "{name}");
    }
}

#[test]
fn single_logs_may_be_compressed() {
    let log = fs::read("fixtures/account-locked/logs/Security.evtx").unwrap();
    for (name, bytes) in [
        ("Security.evtx.gz", gzip(&log)),
        ("Security.evtx.xz", xz(&log)),
        ("Security.evtx.zst", [zstd(&log[..50_000]), zstd(&log[50_000..])].concat()),
        ("Security.evtx.bz2", bzip2(&log)),
        ("twice.gz", gzip(&gzip(&log))),
    ] {
        let (report, _) = bundle(name, &bytes, &Options::default());
        assert_eq!(report.problems, [], "{name}");
        assert_eq!(report.inputs[0].bytes, log.len() as u64, "{name}");
        assert!(report.stats.records > 0 && report.files[0].ends_with(name), "{name}");
    }
}

#[test]
fn names_show_the_way_through_archives() {
    let log = fs::read("fixtures/account-locked/logs/Security.evtx").unwrap();
    let inner = zip(&[("logs\\Security.evtx".to_owned(), log)]);
    let (report, _) =
        bundle("case.zip", &zip(&[("inner.zip".to_owned(), inner)]), &Options::default());
    assert!(
        report.files[0].ends_with("case.zip!inner.zip!logs/Security.evtx"),
        "{:?}",
        report.files
    );
}

/// Packs something bad beside a good log, and expects one problem and the good log's records.
fn check_bad(name: &str, bytes: &[u8], kind: ProblemKind, detail: &str) {
    let (report, _) = bundle(name, bytes, &Options::default());
    let [problem] = report.problems.as_slice() else {
        assert_eq!(report.problems, [], "{name}: one problem expected");
        return;
    };
    assert_eq!(problem.kind, kind, "{name}: {}", problem.detail);
    assert!(problem.detail.contains(detail), "{name}: {}", problem.detail);
    assert!(!problem.detail.contains('\n'), "{name}");
    assert!(report.stats.records > 0, "{name}: the good log was not read");
}

fn good() -> Named {
    let log = fs::read("fixtures/account-locked/logs/Security.evtx").unwrap();
    ("good.evtx".to_owned(), log)
}

/// A good log in front of so many empty files.
fn tar_of_many(count: u64) -> Vec<u8> {
    let mut bytes = tar(&[good()]);
    // Without the two blocks that end it.
    bytes.truncate(512 + good().1.len().next_multiple_of(512));
    let empty = &tar(&[("x".to_owned(), Vec::new())])[..512];
    (0..count).for_each(|_| bytes.extend_from_slice(empty));
    gzip(&bytes)
}

/// 10 GiB of zeros behind the start of a log, as a gzip file of many parts.
fn ten_gib() -> Vec<u8> {
    let mut zeros = vec![0; 64 << 20];
    let part = gzip(&zeros);
    zeros[..8].copy_from_slice(b"ElfFile\0");
    let mut bomb = gzip(&zeros);
    (1..160).for_each(|_| bomb.extend_from_slice(&part));
    bomb
}

#[test]
fn bombs_are_refused_and_the_rest_is_read() {
    let raise = "raise --max-ratio";
    let limit = ProblemKind::LimitReached;
    let gz = ten_gib();
    check_bad("bomb.tar", &tar(&[("bomb.evtx".to_owned(), gz.clone()), good()]), limit, raise);
    check_bad("bomb in.zip", &zip(&[("bomb.evtx".to_owned(), gz), good()]), limit, raise);
    let mut zeros = vec![0; 33 << 20];
    zeros[..8].copy_from_slice(b"ElfFile\0");
    check_bad("bomb.zip", &zip(&[("bomb.evtx".to_owned(), zeros.clone()), good()]), limit, raise);
    check_bad(
        "bomb.7z",
        &seven(&[good(), ("bomb.evtx".to_owned(), zeros.clone())], None),
        limit,
        raise,
    );
    check_bad("bomb.cab", &cab(&[good(), ("bomb.evtx".to_owned(), zeros.clone())]), limit, raise);

    // A limit that the user raises lets it through.
    let mut options = Options::default();
    options.archives.max_ratio = 10_000;
    let (report, _) =
        bundle("bomb.zip", &zip(&[("bomb.evtx".to_owned(), zeros), good()]), &options);
    assert_eq!((report.problems.as_slice(), report.inputs[0].logs), (&[][..], 2));
}

#[test]
fn nesting_ends_at_a_depth() {
    let mut bytes = zip(&[good()]);
    for _ in 0..1000 {
        bytes = zip_stored(&[("inner.zip".to_owned(), bytes)]);
    }
    let files = [("deep.zip".to_owned(), bytes), good()];
    check_bad("deep.zip", &zip(&files), ProblemKind::LimitReached, "raise --max-depth");
    let mut bytes = good().1;
    for _ in 0..100 {
        bytes = gzip(&bytes);
    }
    let files = [("deep.gz".to_owned(), bytes), good()];
    check_bad("deep.tar", &tar(&files), ProblemKind::LimitReached, "raise --max-depth");
}

#[test]
fn limits_are_those_that_were_given() {
    let files: Vec<Named> = (0..50).map(|number| (format!("{number:03}.evtx"), good().1)).collect();
    let (archive, tarred) = (zip(&files), gzip(&tar(&files)));
    let check = |change: &dyn Fn(&mut Options), bytes: &[u8], detail: &str| {
        let mut options = Options::default();
        change(&mut options);
        let (report, _) = bundle("case", bytes, &options);
        let told = report.problems.iter().any(|problem| {
            problem.kind == ProblemKind::LimitReached && problem.detail.contains(detail)
        });
        assert!(told, "{detail}: {:?}", report.problems);
        report.inputs[0].logs
    };
    assert_eq!(check(&|o| o.archives.max_members = 49, &archive, "raise --max-members"), 0);
    assert_eq!(check(&|o| o.archives.max_members = 20, &tarred, "raise --max-members"), 20);
    let few = check(&|o| o.archives.max_unpacked = 1 << 20, &archive, "raise --max-unpacked");
    assert!((1..50).contains(&few), "{few}");
    let few = check(&|o| o.archives.max_unpacked = 1 << 20, &tarred, "raise --max-unpacked");
    assert!((1..50).contains(&few), "{few}");
    let nested = zip(&[("inner.zip".to_owned(), archive)]);
    assert_eq!(check(&|o| o.archives.max_buffer = 1 << 10, &nested, "raise --max-buffer"), 0);
    assert_eq!(check(&|o| o.archives.max_depth = 1, &nested, "raise --max-depth"), 0);
}

#[test]
fn tricks_get_a_line_and_do_no_harm() {
    let escapes = "leads out of the archive";
    let named = |name: &str| [(name.to_owned(), good().1)];
    check_bad("a.zip", &zip(&named("../../x")), ProblemKind::NameEscapes, escapes);
    check_bad("b.zip", &zip(&named("..\\..\\x.evtx")), ProblemKind::NameEscapes, escapes);
    check_bad("c.zip", &zip(&named("C:\\x.evtx")), ProblemKind::NameEscapes, escapes);
    check_bad("d.7z", &seven(&named("/etc/x.evtx"), None), ProblemKind::NameEscapes, escapes);

    // Links and devices in a tar.
    for (kind, problem) in [
        (tar::EntryType::Symlink, ProblemKind::LinkNotFollowed),
        (tar::EntryType::Link, ProblemKind::LinkNotFollowed),
        (tar::EntryType::Char, ProblemKind::SpecialFile),
        (tar::EntryType::Fifo, ProblemKind::SpecialFile),
    ] {
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        if problem == ProblemKind::LinkNotFollowed {
            builder.append_link(&mut header, "x.evtx", "/etc/passwd").unwrap();
        } else {
            builder.append_data(&mut header, "x.evtx", &b""[..]).unwrap();
        }
        let (name, log) = good();
        let mut header = tar::Header::new_gnu();
        header.set_size(log.len() as u64);
        builder.append_data(&mut header, name, log.as_slice()).unwrap();
        check_bad("x.tar", &builder.into_inner().unwrap(), problem, " archive");
    }

    // What a member is named like does not matter, what it is does.
    let files = [("x.evtx".to_owned(), b"no log".to_vec()), good()];
    check_bad("x.zip", &zip(&files), ProblemKind::NotALog, "is no event log but text");
}

#[test]
fn encrypted_members_ask_for_the_password() {
    let mut files = case();
    files.truncate(2);
    for bytes in [zip_aes(&files, "a"), zip_crypto(&files, "a"), seven(&files, Some("a"))] {
        for (passwords, way) in [(&[][..], "--password-file"), (&["b"], "no password")] {
            let (report, _) = bundle("case", &bytes, &with_passwords(passwords));
            let [problem] = report.problems.as_slice() else { panic!("{:?}", report.problems) };
            assert_eq!(problem.kind, ProblemKind::Encrypted);
            assert!(problem.detail.contains(way), "{}", problem.detail);
        }
    }
}

#[test]
fn archives_that_are_cut_short_give_what_they_have() {
    // Noise between the logs, because packers join what is alike.
    let mut noise = 1_u64;
    let mut filler = || {
        std::iter::repeat_with(|| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            noise.to_be_bytes()[0]
        })
        .take(100_000)
        .collect()
    };
    let files: Vec<Named> = (0..20)
        .flat_map(|number| {
            [(format!("{number}.evtx"), good().1), (format!("{number}.bin"), filler())]
        })
        .collect();
    for (name, bytes) in [
        ("case.zip", zip_stored(&files)),
        ("case.tar", tar(&files)),
        ("case.tar.gz", gzip(&tar(&files))),
        ("case.tar.xz", xz(&tar(&files))),
        ("case.tar.zst", zstd(&tar(&files))),
        ("case.tar.bz2", bzip2(&tar(&files))),
    ] {
        let (whole, _) = bundle(name, &bytes, &Options::default());
        let (half, _) = bundle(name, &bytes[..bytes.len() / 2], &Options::default());
        assert!(half.stats.records > whole.stats.records / 4, "{name}: {:?}", half.problems);
        assert!(!half.problems.is_empty(), "{name}");
        assert!(half.problems.len() <= 3, "{name}: {:?}", half.problems);
    }
}

#[test]
fn a_million_names_are_no_problem() {
    let limit = ProblemKind::LimitReached;
    let many =
        |count, promised| zip(&[("many.zip".to_owned(), zip_of_many(count, promised)), good()]);
    let detail = "holds more than 250000 files; to go on, raise --max-members";
    check_bad("many.zip", &many(1_000_000, 1_000_000), limit, detail);
    // One that hides how many there are gives what it promises.
    let (report, _) = bundle("few promised.zip", &many(1_000_000, 500), &Options::default());
    assert!(report.stats.records > 0 && report.problems.len() < 50, "{:?}", report.problems.len());
    // Where the user asks for it, all are looked at.
    let mut options = Options::default();
    options.archives.max_members = 400_000;
    let (report, _) = bundle("many.zip", &many(300_000, 300_000), &options);
    assert!(report.stats.records > 0);
    assert!(report.problems.last().unwrap().detail.starts_with("299980 more files"));
    check_bad("many.tar.gz", &tar_of_many(260_000), limit, detail);
    let few: Vec<Named> = (0..500).map(|number| (format!("{number}.evtx"), Vec::new())).collect();
    let (report, _) = bundle("few.zip", &zip(&few), &Options::default());
    assert!((2..50).contains(&report.problems.len()), "{}", report.problems.len());
    assert!(report.problems.last().unwrap().detail.starts_with("480 more files"));
}

/// The report without what says how the files were named, packed and copied.
fn apart_from_names(report: &Report) -> String {
    let mut json: serde_json::Value = serde_json::from_str(&json_v1::render(report)).unwrap();
    forget_names(&mut json);
    serde_json::to_string_pretty(&json).unwrap()
}

/// Takes out of a report what says how the files were named, packed and copied.
fn forget_names(json: &mut serde_json::Value) {
    fn forget(json: &mut serde_json::Value) {
        match json {
            serde_json::Value::Array(items) => items.iter_mut().for_each(forget),
            serde_json::Value::Object(object) => {
                for name in ["file", "files", "path"] {
                    object.remove(name);
                }
                object.values_mut().for_each(forget);
            }
            _ => {}
        }
    }
    for part in ["inputs", "stats"] {
        json.as_object_mut().unwrap().remove(part);
    }
    forget(json);
}

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
    let mut forge = assert_cmd::Command::cargo_bin("rdpwhy").unwrap();
    forge.arg("forge").arg(&scenario).arg("-o").arg(&logs).assert().success();
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
    let (report, _) = bundle("x.zip", include_bytes!("packer/deflate64.zip"), &Options::default());
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

/// Puts things into a folder that must not hold up or harm a run, and a good log.
#[cfg(unix)]
#[test]
fn odd_files_get_a_line_each_and_the_rest_is_read() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("good.evtx"), good().1).unwrap();
    let made = std::process::Command::new("mkfifo").arg(path("pipe.evtx")).status().unwrap();
    assert!(made.success());
    symlink("/dev/zero", path("zero.evtx")).unwrap();
    symlink("loop.evtx", path("loop.evtx")).unwrap();
    symlink(".", path("around.evtx")).unwrap();
    fs::write(path("\u{1b}]0;x\u{7}\u{202e}.evtx"), "no log").unwrap();
    let output = assert_cmd::Command::cargo_bin("rdpwhy")
        .unwrap()
        .args(["inventory", "/dev/zero"])
        .arg(folder.path())
        .timeout(std::time::Duration::from_secs(120))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let both = text.clone() + &String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{both}");
    for (name, why) in [
        ("/dev/zero", "is a pipe, socket or device"),
        ("pipe.evtx", "is a pipe, socket or device"),
        ("zero.evtx", "is a link"),
        ("loop.evtx", "is a link"),
        ("around.evtx", "is a link"),
        ("\\u{1b}]0;x", "is no event log but text"),
    ] {
        let line = both.lines().any(|line| line.contains(name) && line.contains(why));
        assert!(line, "{name}: {why}\n{both}");
    }
    assert!(!both.contains('\u{1b}') && !both.contains('\u{7}') && !both.contains('\u{202e}'));
    assert!(text.contains("Security"), "{text}");
}

/// Keeps nothing, but decodes everything.
struct Nothing;

impl rdpwhy::read::Select for Nothing {
    type Kept = ();
    type Memory = ();

    fn keep(&self, _: rdpwhy::model::Event) -> Option<()> {
        None
    }
}

#[test]
fn damaged_archives_never_panic_and_always_end() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let files = [good(), ("notes.txt".to_owned(), b"text".repeat(50))];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    let mut options = Options::default().archives;
    options.passwords = vec![b"a".to_vec()];
    for bytes in [
        zip(&files),
        zip_crypto(&files, "a"),
        tar(&files),
        gzip(&tar(&files)),
        bzip2(&tar(&files)),
        xz(&tar(&files)),
        zstd(&tar(&files)),
        seven(&files, None),
        cab(&files),
    ] {
        for _ in 0..60 {
            let mut mutant = bytes.clone();
            for _ in 0..=random(8) {
                // Half of the damage goes to the ends, where headers and directories stand.
                let range = mutant.len().min(400);
                let at = match random(4) {
                    0 => random(range),
                    1 => mutant.len() - 1 - random(range),
                    _ => random(mutant.len()),
                };
                mutant[at] = [0, 0xff, mutant[at] ^ (1 << random(8))][random(3)];
            }
            if random(8) == 0 {
                mutant.truncate(random(mutant.len()) + 1);
            }
            fs::write(&path, &mutant).unwrap();
            let begun = std::time::Instant::now();
            let found = rdpwhy::discover::discover(std::slice::from_ref(&path), &options);
            rdpwhy::read::read_all(&found.logs, &Nothing, &|_| {});
            assert!(begun.elapsed().as_secs() < 20, "{:?}", found.problems);
        }
    }
}
