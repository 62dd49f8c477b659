//! Real logs of real hosts, held against what a person found in them.

use std::collections::BTreeMap;

use rdpwhy::model::{Confidence, Kind, Outcome, Report, Side, Stage};

use crate::support::files::files_in;
use crate::support::{built_in, real_logs};

/// The report of the logs whose names begin so; `None` where the real logs are not at hand.
fn report(prefixes: &[&str]) -> Option<Report> {
    let folder = real_logs::folder()?;
    let mut paths = files_in(folder);
    paths.retain(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        prefixes.iter().any(|prefix| name.starts_with(prefix))
    });
    assert!(!paths.is_empty());
    Some(built_in::report(&paths))
}

fn causes(report: &Report) -> Vec<(&str, Confidence)> {
    report
        .diagnoses
        .iter()
        .filter(|found| found.candidate.kind != Kind::Benign)
        .map(|found| (&*found.candidate.cause, found.candidate.confidence))
        .collect()
}

/// How many attempts of the side came out so, as counted by hand from the records.
fn check_counts(report: &Report, side: Side, expected: &[(Outcome, Option<Stage>, usize)]) {
    let mut counts: BTreeMap<(Outcome, Option<Stage>), usize> = BTreeMap::new();
    for attempt in report.attempts.iter().filter(|attempt| attempt.side == side) {
        *counts.entry((attempt.outcome, attempt.failed_at)).or_default() += 1;
    }
    let found: Vec<_> = counts
        .into_iter()
        .map(|((outcome, failed_at), count)| (outcome, failed_at, count))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_domain_controller_under_attack() {
    let Some(report) = report(&["museum__Win2012R2-StolenSzechuan__"]) else { return };
    assert_eq!(causes(&report), [("brute-force", Confidence::Confirmed)]);
    let attack = &report.diagnoses[0].candidate;
    let addresses: Vec<String> = attack.clients.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["194.61.24.102"]);
    // 1,938 activities with RCM 261, 346 of them with RdpCoreTS 131, which begins three seconds
    // later. Of those 247 have 139 (TLS); four have 1149, two of these got a session (LSM 21)
    // and two did not (LSM 36 and 40).
    let expected = [
        (Outcome::Succeeded, None, 2),
        (Outcome::Failed, Some(Stage::Tls), 247),
        (Outcome::Failed, Some(Stage::Nla), 94),
        (Outcome::Failed, Some(Stage::License), 1),
        (Outcome::Failed, Some(Stage::Logon), 2),
        (Outcome::Undecided, None, 1592),
    ];
    check_counts(&report, Side::Host, &expected);
    check_counts(&report, Side::Client, &[(Outcome::Succeeded, None, 1)]);
}

#[test]
fn an_exposed_host_that_also_connects_to_unpatched_ones() {
    let Some(report) = report(&["omer__samples__2-vss_0-", "omer__samples__2-vss_7-System"]) else {
        return;
    };
    let causes = causes(&report);
    assert_eq!(causes[0], ("brute-force", Confidence::Confirmed));
    assert!(report.diagnoses[0].candidate.clients.len() >= 60);
    assert!(causes.iter().any(|(cause, _)| *cause == "credssp-patch-mismatch"), "{causes:?}");
    assert_eq!(causes.len(), 2, "{causes:?}");
    // 1,895 activities with RCM 261 or RdpCoreTS 131, four more whose accept was in a damaged
    // chunk; 126 refusals (140) in all. Three of the accepts stand in damaged chunks out of their
    // order, one of them with a number 110,000 too low, and are left out.
    let expected = [
        (Outcome::Failed, Some(Stage::Negotiate), 4),
        (Outcome::Failed, Some(Stage::Nla), 126),
        (Outcome::Undecided, None, 1766),
    ];
    check_counts(&report, Side::Host, &expected);
}

#[test]
fn a_clean_reconnect_is_no_fault() {
    let Some(report) = report(&["velo__files__RDPAuth_"]) else { return };
    assert_eq!(causes(&report), []);
    check_counts(&report, Side::Host, &[(Outcome::Succeeded, None, 1)]);
}

#[test]
fn password_guessing_over_file_sharing_is_not_blamed_on_remote_desktop() {
    let Some(report) = report(&["dbcli__evtx__smb-password-guessing-security"]) else { return };
    assert_eq!(causes(&report), []);
}
