//! Cases as they arrive: however they are packed, the report is the same; what was built to
//! hurt gets one clear line, and the rest of the case is analyzed.

mod bad;
mod layouts;

use std::fs;
use std::path::{Path, PathBuf};

use rdpwhy::analyze::analyze;
use rdpwhy::model::Report;
use rdpwhy::options::Options;
use rdpwhy::report::json_v1;
use zip::CompressionMethod;

use crate::support::built_in::RULES;
use crate::support::packer::lzx::cab_lzx;
use crate::support::packer::*;
use crate::support::program::program;
use crate::support::text::utf16_file;

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
        let mut command = program();
        command.current_dir(folder.path()).args(["--format", "json", "-"]).args(args);
        let output = command.write_stdin(bytes).output().unwrap();
        let mut json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["inputs"][0]["kind"], "stdin");
        forget_names(&mut json);
        serde_json::to_string_pretty(&json).unwrap()
    };
    // As PowerShell's `>` writes it.
    fs::write(folder.path().join("utf16"), utf16_file("wrong\r\ns3cret\r\n")).unwrap();
    let password = ["--password-file", "passwords"];
    let wide = ["--password-file", "utf16"];
    for (name, bytes, args) in [
        ("zip", zip(&files), &[][..]),
        ("tar.gz", gzip(&tar(&files)), &[]),
        ("tar.zst", zstd(&tar(&files)), &[]),
        ("cab", cab_lzx(&files), &[]),
        ("zip in tar.bz2", bzip2(&tar(&[("a.zip".to_owned(), zip64(&files))])), &[]),
        ("AES", zip_aes(&files, "s3cret"), &password),
        ("AES, password in UTF-16", zip_aes(&files, "s3cret"), &wide),
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
