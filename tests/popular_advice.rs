//! The table of popular advice in `docs/`: every row leads to a step or a warning that exists, and
//! what is wrong or harmful is no step.

use std::collections::BTreeMap;
use std::fs;

use crate::support::built_in::RULES;

/// A row of the table.
struct Row {
    number: usize,
    verdict: String,
    answers: Vec<Answer>,
}

/// Where advice is answered.
enum Answer {
    /// A step of a playbook of the cause.
    Step { cause: String, playbook: String, number: usize },
    /// Among what not to do about the cause.
    Never { cause: String, what: String },
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string("docs/popular-advice.md").unwrap();
    text.lines().filter_map(|line| line.strip_prefix("| ")).filter_map(row).collect()
}

/// `| 15 | Renew. | sound | [cause](causes/cause.md) step `playbook` 2; … | Why. |`
fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.trim_end_matches(" |").split(" | ").collect();
    let number = cells[0].parse().ok()?;
    assert_eq!(cells.len(), 5, "row {number}");
    assert!(cells.iter().all(|cell| !cell.trim().is_empty()), "row {number}");
    let answers = cells[3].split("; ").map(|answer| self::answer(answer, number)).collect();
    Some(Row { number, verdict: cells[2].to_owned(), answers })
}

fn answer(text: &str, row: usize) -> Answer {
    let (cause, rest) = text.strip_prefix('[').and_then(|text| text.split_once(']')).unwrap();
    let cause = cause.to_owned();
    let rest = rest.strip_prefix(&format!("(causes/{cause}.md) ")).unwrap();
    let (kind, rest) = rest.split_once(" `").unwrap();
    let (name, rest) = rest.rsplit_once('`').unwrap();
    match kind {
        "step" => {
            let number = rest.trim().parse().unwrap();
            Answer::Step { cause, playbook: name.to_owned(), number }
        }
        "never" => Answer::Never { cause, what: name.to_owned() },
        other => panic!("row {row}: {other}"),
    }
}

#[test]
fn every_row_leads_somewhere() {
    for Row { number: row, answers, .. } in rows() {
        for answer in answers {
            match answer {
                Answer::Step { cause, playbook, number } => {
                    let cause = RULES.cause(&cause).unwrap_or_else(|| panic!("row {row}: {cause}"));
                    let used = cause.playbooks.iter().any(|id| **id == *playbook);
                    assert!(used, "row {row}: {} does not use {playbook}", cause.id);
                    let steps = &RULES.playbooks.get(playbook.as_str()).unwrap().steps;
                    assert!((1..=steps.len()).contains(&number), "row {row}: {playbook} {number}");
                }
                Answer::Never { cause, what } => {
                    let cause = RULES.cause(&cause).unwrap_or_else(|| panic!("row {row}: {cause}"));
                    assert!(cause.never.contains_key(&*what), "row {row}: {} on {what}", cause.id);
                }
            }
        }
    }
}

#[test]
fn what_is_sound_is_a_step_and_what_is_not_is_none() {
    let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
    for (position, Row { number, verdict, answers }) in rows().into_iter().enumerate() {
        assert_eq!(number, position + 1);
        let steps = answers.iter().filter(|answer| matches!(answer, Answer::Step { .. })).count();
        match verdict.as_str() {
            "sound" => assert_eq!(steps, answers.len(), "row {number}"),
            "conditional" => assert!(!answers.is_empty(), "row {number}"),
            "wrong" | "harmful" => assert_eq!(steps, 0, "row {number}"),
            other => panic!("row {number}: {other}"),
        }
        *verdicts.entry(verdict).or_default() += 1;
    }
    let wanted = [("conditional", 24), ("harmful", 7), ("sound", 22), ("wrong", 14)];
    assert_eq!(verdicts, BTreeMap::from(wanted.map(|(name, count)| (name.to_owned(), count))));
}

/// Remedies that do more harm than the fault, as commands spell them.
const HARMFUL: [&str; 11] = [
    r"(?i)allowencryptionoracle\W.*\b2\b",
    r"(?i)userauthentication(required)?\b.*\b0\b",
    r"(?i)enablecredsspsupport:i:0",
    r"(?i)(rename-item|ren|move-item|remove-item)\b[^;]*machinekeys[\x22']?\s*($|;|-|[\x22'])",
    r"(?i)maxoutstandingconnections",
    r"(?i)portproxy|add-netnatstaticmapping|port ?forward",
    r"(?i)ipconfig\s+/release",
    r"(?i)winsock\s+reset",
    r"(?i)restart-service\s+termserv\b",
    r"(?i)graceperiod",
    r"(?i)set-netfirewallprofile.*-enabled\s+(false|\$false)|advfirewall.*state\s+off",
];

#[test]
fn no_playbook_suggests_a_harmful_remedy() {
    let harmful = regex::RegexSet::new(HARMFUL).unwrap();
    for (id, playbook) in &RULES.playbooks {
        for step in &playbook.steps {
            let command = step.command.as_deref().unwrap_or_default();
            let found: Vec<usize> = harmful.matches(command).into_iter().collect();
            assert!(found.is_empty(), "{id}: {command}");
        }
    }
}

#[test]
fn harmful_remedies_are_recognized() {
    let harmful = regex::RegexSet::new(HARMFUL).unwrap();
    for command in [
        r"reg add HKLM\…\CredSSP\Parameters /v AllowEncryptionOracle /t REG_DWORD /d 2 /f",
        r"Set-ItemProperty 'HKLM:\…\RDP-Tcp' -Name UserAuthentication -Value 0",
        r"Rename-Item C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys -NewName old",
        r#"Move-Item "$env:ProgramData\Microsoft\Crypto\RSA\MachineKeys" C:\Temp"#,
        r"ren C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys",
        "ipconfig /release",
        "restart-service termserv -force",
        "netsh interface portproxy add v4tov4 listenport=3389",
    ] {
        assert!(harmful.is_match(command), "{command}");
    }
    for command in [
        r"Set-ItemProperty 'HKLM:\…\RDP-Tcp' -Name UserAuthentication -Value 1",
        r#"Move-Item "$env:ProgramData\…\MachineKeys\f686aace6942fb7f7ceb231212eef4a4_*" "$env:TEMP""#,
        "Restart-Service -Name TermService -Force",
    ] {
        assert!(!harmful.is_match(command), "{command}");
    }
}
