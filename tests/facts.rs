//! What files beside logs tell, in every notation and language: the same facts, or none where
//! it is not certain.

use std::fs;
use std::path::Path;

use rdpwhy::model::{FactKind, Report};

use crate::support::built_in;

/// The thumbprint of the listener's certificate, and of another.
const OURS: &str = "00112233445566778899aabbccddeeff00112233";
const OTHER: &str = "ff112233445566778899aabbccddeeff00112233";

/// What stands beside the logs of a host whose certificate ran out, from 2026-03-02 on.
fn report(files: &[(&str, String)]) -> Report {
    let report = report_with(files);
    assert_eq!(report.problems, []);
    report
}

/// The same, with what cannot be used.
fn report_with(files: &[(&str, String)]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let logs = Path::new("fixtures/certificate-expired/logs");
    for entry in fs::read_dir(logs).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    built_in::report(&[folder.path().to_owned()])
}

/// The facts that concern some rule: kind, line and values that are not blank.
fn facts(files: &[(&str, String)]) -> Vec<String> {
    let report = report(files);
    let facts = report.facts.events.iter().filter(|event| FactKind::of(&event.channel).is_some());
    let shown = facts.map(|event| {
        let values = event.data.iter().map(|field| field.value.to_text().into_owned());
        let values: Vec<_> = values.filter(|value| !value.is_empty()).collect();
        format!("{} {} {}", event.channel, event.record_id, values.join(" "))
    });
    shown.collect()
}

fn check(files: &[(&str, String)], expected: &[&str]) {
    assert_eq!(facts(files), expected, "{files:#?}");
}

/// An export of the listener's key that binds a certificate.
fn listener(name: &str, thumbprint: &str) -> (&'static str, String) {
    let bytes: Vec<&str> = (0..20).map(|at| &thumbprint[at * 2..at * 2 + 2]).collect();
    let key = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations";
    let text = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n[{key}\\RDP-Tcp]\r\n\"a\"=dword:1\r\n\
         \"b\"=dword:1\r\n\"c\"=dword:1\r\n\"{name}\"=hex:{}\r\n",
        bytes.join(",")
    );
    ("listener.reg", text)
}

/// A store as `certutil` lists it in German, with two certificates.
fn certutil(store: &str, ends: &str) -> String {
    format!(
        "{store} \"Eigene Zertifikate\"\r\n================ Zertifikat 0 ================\r\n\
         Seriennummer: 1a2b3c\r\nAussteller: CN=Beispiel\r\n Nicht vor: 13.02.2024 01:00\r\n \
         Nicht nach: 13.02.2030 01:00\r\nZertifikathash(sha1): {OTHER}\r\n  Anbieter = x\r\n\r\n\
         ================ Zertifikat 1 ================\r\nSeriennummer: 1a2b3d\r\n \
         Nicht vor: 20.02.2025 01:00\r\n Nicht nach: {ends}\r\nAntragsteller: CN=srv01\r\n\
         Zertifikathash(sha1): {OURS}\r\n  Schl\u{fc}sselcontainer = tp\r\n  Anbieter = x\r\n\
         CertUtil: -store-Befehl wurde erfolgreich ausgef\u{fc}hrt.\r\n"
    )
}

#[test]
fn a_certificate_in_each_notation() {
    let thumbprint = OURS.to_uppercase();
    let certificate = |line: u64, store: &str, until: &str| {
        format!("certificate {line} configured {thumbprint} yes {store}{until} yes yes")
    };
    let day = "2026-02-21T14:00:00Z";
    let moment = "2026-02-20T08:00:00Z";
    let list = format!(
        "\n   PSParentPath: Microsoft.PowerShell.Security\\Certificate::LocalMachine\\My\n\n\
         Subject       : CN=srv01\nThumbprint    : {OURS}\nNotBefore     : 20.02.2025 08:00:00\n\
         NotAfter      : 20.02.2026 08:00:00\nHasPrivateKey : True\n"
    );
    let csv = format!(
        "#TYPE Selected\n\"Thumbprint\",\"NotAfter\",\"HasPrivateKey\"\n\
         \"{OTHER}\",\"2/20/2026 8:00:00 AM\",\"False\"\n\"{OURS}\",\"2/20/2026 8:00:00 AM\",\"True\"\n"
    );
    let json = format!(
        "[\n {{\"Thumbprint\": \"{OTHER}\", \"NotAfter\": null, \"HasPrivateKey\": false}},\n \
         {{\"Thumbprint\": \"{thumbprint}\", \"NotAfter\": \"\\/Date(1771574400000)\\/\",\n  \
         \"HasPrivateKey\": true}}\n]"
    );
    for (text, expected) in [
        (certutil("My", "20.02.2026 01:00"), certificate(10, "My ", day)),
        (list, certificate(4, "My ", day)),
        (csv, certificate(4, "", day)),
        (json.replace(r"\/Date(1771574400000)\/", moment), certificate(3, "", moment)),
        (json, certificate(3, "", moment)),
    ] {
        let registry = listener("SSLCertificateSHA1Hash", OURS);
        check(&[registry, ("list.txt", text)], &[&expected]);
    }
}

#[test]
fn a_certificate_that_had_run_out_counts_since_then() {
    let files = [
        listener("SelfSignedCertificate", OURS),
        ("own.txt", certutil("Remote Desktop", "20.02.2026 01:00")),
    ];
    let report = report(&files);
    let is_ended = |event: &&rdpwhy::model::PackedEvent| &*event.channel == "certificate";
    let fact = report.facts.events.iter().find(is_ended).unwrap();
    // It ran out before the logs begin.
    let channels = &report.machines[0].coverage.channels;
    assert_eq!(Some(fact.time), channels.iter().map(|channel| channel.first).min());
    let diagnosis = &report.diagnoses[0].candidate;
    assert_eq!(&*diagnosis.cause, "certificate-expired");
    let cites = |record: &usize| report.facts.events.get(*record).unwrap().channel == fact.channel;
    assert!(diagnosis.evidence.iter().any(|item| item.records.iter().any(cites)));
}

#[test]
fn what_a_list_of_certificates_leaves_open() {
    let bound = || listener("SSLCertificateSHA1Hash", OURS);
    let thumbprint = OURS.to_uppercase();
    // It may have run out before the last record or after it: nothing follows.
    let last = "04.03.2026 01:00";
    check(&[bound(), ("list.txt", certutil("My", last))], &[]);
    // It is not in the list of the machine's certificates; those of other stores say nothing.
    let without = |store: &str| certutil(store, last).replace(OURS, OTHER);
    let missing = format!("certificate 2 configured {thumbprint} no");
    check(&[bound(), ("list.txt", without("My"))], &[&missing]);
    check(&[bound(), ("list.txt", without("Root"))], &[]);
    // Of which certificate a list speaks is known by the registry alone.
    check(&[("list.txt", certutil("My", "20.02.2026 01:00"))], &[]);
    // Two lists disagree, or say the same more or less exactly.
    let (one, two) = (certutil("My", "20.02.2026 01:00"), certutil("My", "24.02.2026 01:00"));
    check(&[bound(), ("1.txt", one.clone()), ("2.txt", two)], &[]);
    let json = format!("{{\"Thumbprint\": \"{OURS}\", \"NotAfter\": \"2026-02-20T08:00:00Z\"}}");
    let known =
        format!("certificate 10 configured {thumbprint} yes My 2026-02-20T08:00:00Z yes yes");
    check(&[bound(), ("1.txt", one), ("2.json", json)], &[&known]);
}

#[test]
fn updates_in_each_notation() {
    let table = "\nSource     Description      HotFixID   InstalledBy   InstalledOn\n------     \
                 -----------      --------   -----------   -----------\nSRV01      Mise \u{e0} jour \
                 KB5051987  AUTORITE NT   11/02/2025\nSRV01      Update           KB5050000\n";
    let info = "\nHostname:  SRV01\nBetriebssystemname:  Microsoft Windows Server 2025 Standard\n\
                Betriebssystemversion:  10.0.26100 Nicht zutreffend\nHotfix(e):  1 installiert\n  \
                [01]: KB5051987\n  [02]: KB5050000\nKarte(n):  1\n  [01]: KB5055523\n";
    for (text, line) in [
        (table.to_owned(), 4),
        (info.replace("  [01]: KB5055523\n", "  [01]: Netz KB5055523\n"), 6),
        ("Description : Update\r\nHotFixID    : KB5051987\r\nCSName : SRV01\r\n".to_owned(), 1),
        ("\r\r\nCaption=x\r\r\nCSName=SRV01\r\r\nHotFixID=KB5051987\r\r\n".to_owned(), 2),
        (
            "\"CSName\",\"HotFixID\"\n\"SRV01\",\"KB5050000\"\n\"SRV01\",\"KB5051987\"\n"
                .to_owned(),
            3,
        ),
        ("[\n{\"HotFixID\": \"KB5051987\", \"InstalledOn\": {\"value\": \"x\"}}]".to_owned(), 2),
    ] {
        check(&[("updates.txt", text)], &[&format!("hotfix {line} KB5051987")]);
    }
    // A script that looks for an update does not say that it is there.
    let script = "$found = Get-HotFix | Where-Object HotFixID -eq 'KB5051987'\n";
    check(&[("find.ps1", script.to_owned())], &[]);
}

#[test]
fn rules_of_the_firewall_in_each_notation() {
    let key = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters";
    let registry = |rule: &str| {
        let text = format!(
            "Windows Registry Editor Version 5.00\r\n\r\n[{key}\\FirewallPolicy\\FirewallRules]\r\n\
             \"a\"=\"x\"\r\n\"b\"=\"x\"\r\n\"c\"=\"x\"\r\n\"RemoteDesktop-UserMode-In-TCP\"=\"v2.31|{rule}|\"\r\n"
        );
        ("rules.reg", text)
    };
    let off = "Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=3389";
    let name = "RemoteDesktop-UserMode-In-TCP";
    check(&[registry(off)], &[&format!("firewall-rule 7 {name} Allow FALSE In 6 3389")]);
    let list = format!(
        "\nName : {name}\nDisplayName : x\nEnabled : False\nDirection : Inbound\nAction : Allow\n"
    );
    let json = format!(
        "{{\"InstanceID\":\"{name}\",\"Enabled\":2,\"Direction\":1,\"Action\":2,\"Profile\":0}}"
    );
    let known = |line: u64| format!("firewall-rule {line} {name} Allow FALSE In");
    check(&[("list.txt", list)], &[&known(2)]);
    check(&[("rules.json", json.clone())], &[&known(1)]);
    // Two that agree are one, in the words of the one that says more.
    let both = [registry(off), ("a.json", json.clone())];
    check(&both, &[&format!("firewall-rule 7 {name} Allow FALSE In 6 3389")]);
    let on = "Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389";
    check(&[registry(on), ("a.json", json)], &[]);
    let csv = "Name,Enabled,Direction,Action,Protocol,LocalPort\n\
               mine,True,Inbound,Block,TCP,3389\nother,True,Inbound,Block,UDP,3389\n";
    check(&[("rules.csv", csv.to_owned())], &["firewall-rule 2 mine Block TRUE In 6 3389"]);
    // `netsh` says in words whether a rule is on and whether it blocks.
    let netsh = "\nRule Name:  RemoteDesktop-UserMode-In-TCP\n-----------------------------------\n\
                 Enabled:    No\nDirection:  In\nLocalPort:  3389\nAction:     Allow\n";
    let german = "\r\nRegelname:                   Remotedesktop\r\n------------------------------------------\r\n\
                  Aktiviert:                   Ja\r\nRichtung:                    Eingehend\r\n\
                  Protokoll:                   TCP\r\nAktion:                      Zulassen\r\n";
    for text in [netsh, german] {
        let report = report_with(&[("netsh.txt", text.to_owned())]);
        let [problem] = report.problems.as_slice() else { panic!("{:?}", report.problems) };
        assert!(problem.detail.contains("in words of one language"), "{}", problem.detail);
        assert!(report.facts.events.iter().all(|event| FactKind::of(&event.channel).is_none()));
    }
}

/// What the script of `rdpwhy collect` gathers: several exports of the registry in one file, each
/// with its first line, and objects as JSON.
#[test]
fn what_collect_gathers_is_read() {
    let key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services";
    let (name, listener) = listener("SSLCertificateSHA1Hash", OURS);
    let policy = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n[{key}]\r\n\"fDenyTSConnections\"=dword:00000001\r\n"
    );
    let joined = format!("{listener}\r\n{policy}");
    let found = facts(&[(name, joined)]);
    assert!(found.iter().any(|fact| fact.contains("fDenyTSConnections 1")), "{found:?}");
    let hotfixes =
        r#"[{"CSName":"RDS01","HotFixID":"KB5012170"},{"CSName":"RDS01","HotFixID":"KB5030211"}]"#;
    let report = report_with(&[("hotfixes.json", hotfixes.to_owned())]);
    assert!(report.problems.len() <= 1, "{:?}", report.problems);
}
