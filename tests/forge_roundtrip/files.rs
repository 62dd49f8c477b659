//! `rdpwhy forge` as its users meet it: scenarios in, log files out.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, FromArgMatches};
use rdpwhy::cli::forge::{ForgeArgs, run};
use rdpwhy::scenario::Scenario;

use super::reader::read;
use crate::support::built_in::CATALOGUE;
use crate::support::files::files_in;

/// Runs the command; the error is the whole chain.
fn forge(scenario: &Path, output: &Path) -> Result<(), String> {
    let command = ForgeArgs::augment_args(clap::Command::new("forge"));
    let output = output.to_path_buf();
    let arguments = ["forge".into(), scenario.into(), "-o".into(), output, "--force".into()];
    let matches = command.try_get_matches_from(arguments).map_err(|error| error.to_string())?;
    let arguments = ForgeArgs::from_arg_matches(&matches).map_err(|error| error.to_string())?;
    run(&arguments).map_err(|failure| format!("{:#}", failure.error))
}

/// The files below a folder, sorted, with forward slashes.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            entry.path().strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/")
        })
        .collect();
    names.sort_unstable();
    names
}

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenarios");
    let paths = files_in(folder);
    assert!(paths.len() >= 6, "{paths:?}");
    paths
}

#[test]
fn every_example_becomes_one_log_with_all_events() {
    let folder = tempfile::tempdir().unwrap();
    for path in examples() {
        let output = folder.path().join("all.evtx");
        forge(&path, &output).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let scenario = Scenario::parse(&text, "example").unwrap();
        let events = scenario.events(&CATALOGUE).unwrap();
        let records = read(&fs::read(&output).unwrap());
        assert_eq!(records.len(), events.len(), "{}", path.display());
        for (record, forged) in records.iter().zip(&events) {
            let system = &record.json["Event"]["System"];
            assert_eq!(system["Computer"], *forged.event.machine);
            assert_eq!(system["Channel"], *forged.event.channel);
        }
    }
    assert_eq!(files(folder.path()), ["all.evtx"], "no unfinished file is left");
}

#[test]
fn a_folder_gets_one_log_a_channel() {
    let folder = tempfile::tempdir().unwrap();
    let scenarios = examples();
    let find = |name: &str| scenarios.iter().find(|path| path.ends_with(name)).unwrap();
    forge(find("classic-sources.yml"), &folder.path().join("one")).unwrap();
    assert_eq!(files(&folder.path().join("one")), ["Security.evtx", "System.evtx"]);

    forge(find("session.yml"), &folder.path().join("many")).unwrap();
    let names = files(&folder.path().join("many"));
    assert!(names.contains(&"DC01.corp.example/Security.evtx".to_owned()), "{names:?}");
    let client = "PC-17/Microsoft-Windows-TerminalServices-RDPClient%4Operational.evtx";
    assert!(names.contains(&client.to_owned()), "{names:?}");
    let records = read(&fs::read(folder.path().join("many").join(client)).unwrap());
    assert_eq!(records.len(), 4);

    forge(find("forwarded.yml"), &folder.path().join("collector")).unwrap();
    assert_eq!(files(&folder.path().join("collector")), ["ForwardedEvents.evtx"]);
}

#[test]
fn a_scenario_can_name_its_logs() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("s.yml");
    let events = "events:\n  - { event: LSM/21 }\n  - { event: LSM/21, machine: B }\n  - { event: Security/4625 }\n";
    let write = |files: &str| fs::write(&scenario, format!("{files}\n{events}")).unwrap();
    let output = folder.path().join("out");

    write("files: [{ name: b/lsm.evtx, machines: [b], channels: [LSM] }, { name: rest.evtx }]");
    forge(&scenario, &output).unwrap();
    assert_eq!(files(&output), ["b/lsm.evtx", "rest.evtx"]);
    assert_eq!(read(&fs::read(output.join("rest.evtx")).unwrap()).len(), 2);

    for (files, message) in [
        ("files: [{ name: ../x.evtx }]", "is no path below the output folder"),
        ("files: [{ name: a.evtx, channels: [LSM] }]", "no log under `files` takes `Security`"),
        ("files: [{ name: a.evtx, machines: [B] }, { name: a.evtx }]", "two logs would be called"),
    ] {
        write(files);
        let error = forge(&scenario, &output).unwrap_err();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn a_mistake_leaves_the_old_log_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (scenario, output) = (folder.path().join("s.yml"), folder.path().join("x.evtx"));
    fs::write(&output, "old").unwrap();
    let long = "x".repeat(40_000);
    for (text, message) in [
        (
            "events: [{ event: LSM/21, Usr: joe }]".to_owned(),
            "line 1, column 27: LSM/21 has no field `Usr` (did you mean `User`?)",
        ),
        (
            format!("events: [{{ event: LSM/21 }}, {{ event: LSM/21, User: {long} }}]"),
            "cannot write event 21",
        ),
        ("events: [".to_owned(), "cannot read the scenario"),
        (String::new(), "cannot read the scenario"),
    ] {
        fs::write(&scenario, text).unwrap();
        let error = forge(&scenario, &output).unwrap_err();
        assert!(error.contains(message), "{error}");
        assert_eq!(fs::read(&output).unwrap(), b"old");
        assert_eq!(files(folder.path()), ["s.yml", "x.evtx"]);
    }
    let missing = forge(&folder.path().join("none.yml"), &output).unwrap_err();
    assert!(missing.contains("none.yml"), "{missing}");
}

#[test]
fn equal_scenarios_make_equal_logs() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = examples().remove(0);
    let outputs = ["a.evtx", "b.evtx"].map(|name| {
        let output = folder.path().join(name);
        forge(&scenario, &output).unwrap();
        fs::read(output).unwrap()
    });
    assert_eq!(outputs[0], outputs[1]);
}

#[test]
fn the_documentations_example_works() {
    let page = include_str!("../../docs/scenarios.md");
    let example = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let scenario = Scenario::parse(example, "docs/scenarios.md").unwrap();
    let events = scenario.events(&CATALOGUE).unwrap();
    assert_eq!(events.len(), 41);
}
