//! What was built to hurt, or was damaged: one clear line for each, and the rest is read.

use std::fs;

use rdpwhy::model::ProblemKind;
use rdpwhy::options::Options;

use super::{bundle, case, with_passwords};
use crate::support::packer::*;
use crate::support::program::program;

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

/// A log of that size in a tar of four blocks: all of it but its first block are holes.
fn sparse(size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.set_path("holes.evtx").unwrap();
    header.set_size(512);
    header.set_mode(0o644);
    let octal = |number: u64| {
        let mut field = [0; 12];
        field[..11].copy_from_slice(format!("{number:011o}").as_bytes());
        field
    };
    let gnu = header.as_gnu_mut().unwrap();
    gnu.realsize = octal(size);
    for (sparse, (at, length)) in gnu.sparse.iter_mut().zip([(0, 512), (size, 0)]) {
        (sparse.offset, sparse.numbytes) = (octal(at), octal(length));
    }
    header.set_cksum();
    let mut block = [0; 512];
    block[..8].copy_from_slice(b"ElfFile\0");
    [header.as_bytes().as_slice(), &block, &tar(&[good()])].concat()
}

/// A good log, then one whose header is so many times as long as is allowed, by its kind.
fn tar_with_long_header(kind: tar::EntryType, mib: usize) -> Vec<u8> {
    let mut long = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size((mib as u64) << 20);
    header.set_cksum();
    long.append(&header, vec![b'a'; mib << 20].as_slice()).unwrap();
    let mut bytes = tar(&[good()]);
    bytes.truncate(512 + good().1.len().next_multiple_of(512));
    [bytes, long.into_inner().unwrap()].concat()
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

    check_bad("holes.tar", &sparse((1 << 33) - 1), limit, raise);

    // A limit that the user raises lets it through.
    let mut options = Options::default();
    options.archives.max_ratio = 10_000;
    let (report, _) =
        bundle("bomb.zip", &zip(&[("bomb.evtx".to_owned(), zeros), good()]), &options);
    assert_eq!((report.problems.as_slice(), report.inputs[0].logs), (&[][..], 2));
}

/// The directory of a zip is read by name.
#[test]
fn members_of_one_name_are_told() {
    let mut bytes = zip_stored(&[("a.evtx".to_owned(), good().1), ("b.evtx".to_owned(), good().1)]);
    while let Some(at) = memchr::memmem::find(&bytes, b"b.evtx") {
        bytes[at] = b'a';
    }
    check_bad("twins.zip", &bytes, ProblemKind::BadArchive, "1 member has the name of a later one");
}

/// The library reads these into memory.
#[test]
fn what_stands_in_front_of_a_file_in_a_tar_is_bounded() {
    let kinds = [tar::EntryType::GNULongName, tar::EntryType::GNULongLink, tar::EntryType::XHeader];
    for kind in kinds {
        let bytes = tar_with_long_header(kind, 2);
        check_bad("long.tar", &bytes, ProblemKind::BadArchive, "longer than 1 MiB");
    }
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
    let output = program()
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
    // Threads of their own: others' work would count as time that reading takes.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
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
            pool.install(|| rdpwhy::read::read_all(&found.logs, &Nothing, &|_| {}));
            assert!(begun.elapsed().as_secs() < 20, "{:?}", found.problems);
        }
    }
}
