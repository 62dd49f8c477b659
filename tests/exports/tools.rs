//! Records as single tools write them.

use std::fs;

use serde_json::Value as Json;

use super::{export_events, read};
use crate::support::built_in::report;

/// Records as tools are seen to write them, with what some versions add or leave out.
#[test]
fn shapes_of_tools() {
    let session = "machine=rds01.corp.example channel=Microsoft-Windows-TerminalServices-\
                   LocalSessionManager/Operational provider=Microsoft-Windows-TerminalServices-\
                   LocalSessionManager id=21 record=40101 time=2026-03-04T02:11:07.1234567Z \
                   activity={F4208A2B-1234-5678-9ABC-DEF012345678} user=S-1-5-18 \
                   User=CORP\\joe SessionID=3 Address=10.0.0.5";
    let manager = "Microsoft-Windows-TerminalServices-LocalSessionManager";
    let activity = "{F4208A2B-1234-5678-9ABC-DEF012345678}";
    let xml = format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider \
         Name='{manager}' Guid='{{5d896912-022d-40aa-a3a8-4fa5515c76d7}}'/><EventID>21</EventID>\
         <Version>0</Version><Level>4</Level><Task>0</Task><Opcode>0</Opcode>\
         <Keywords>0x1000000000000000</Keywords><TimeCreated SystemTime='2026-03-04T02:11:07.1234567Z'/>\
         <EventRecordID>40101</EventRecordID><Correlation ActivityID='{activity}'/><Execution \
         ProcessID='1152' ThreadID='1636'/><Channel>{manager}/Operational</Channel>\
         <Computer>rds01.corp.example</Computer><Security UserID='S-1-5-18'/></System><UserData>\
         <EventXML xmlns='Event_NS'><User>CORP\\joe</User><SessionID>3</SessionID><Address>10.0.0.5\
         </Address></EventXML></UserData><RenderingInfo Culture='fr-FR'><Message>Ouverture</Message>\
         </RenderingInfo></Event>"
    );
    let system = serde_json::json!({
        "Provider": { "Name": manager, "Guid": "5D896912-022D-40AA-A3A8-4FA5515C76D7" },
        "EventID": { "Value": 21 }, "Version": 0, "Level": 4, "Task": 0, "Opcode": 0,
        "Keywords": 1_152_921_504_606_846_976_u64,
        "TimeCreated": { "SystemTime": "2026-03-04T02:11:07.1234567Z" }, "EventRecordID": 40101,
        "Correlation": { "ActivityID": activity }, "Execution": { "ProcessID": 1152, "ThreadID": 1636 },
        "Channel": format!("{manager}/Operational"), "Computer": "rds01.corp.example",
        "Security": { "UserID": "S-1-5-18" },
    });
    let data = serde_json::json!({ "User": "CORP\\joe", "SessionID": 3, "Address": "10.0.0.5" });
    let log = serde_json::json!({
        "api": "wineventlog", "activity_id": activity, "channel": format!("{manager}/Operational"),
        "computer_name": "rds01.corp.example", "event_id": "21", "opcode": "Informations",
        "process": { "pid": 1152, "thread": { "id": 1636 } }, "provider_name": manager,
        "provider_guid": "{5d896912-022d-40aa-a3a8-4fa5515c76d7}", "record_id": "40101",
        "time_created": "2026-03-04T02:11:07.1234567Z", "task": "", "version": 0,
        "user": { "domain": "AUTORITE NT", "identifier": "S-1-5-18", "name": "Syst\u{e8}me" },
        "user_data": { "xml_name": "EventXML", "User": "CORP\\joe", "SessionID": "3", "Address": "10.0.0.5" },
    });
    let mut without = log.clone();
    for name in ["user_data", "computer_name", "time_created", "record_id", "user"] {
        without.as_object_mut().unwrap().remove(name);
    }
    let mut nameless = log.clone();
    nameless.as_object_mut().unwrap().remove("computer_name");
    let frame = |log: &Json, original: Option<&str>| {
        serde_json::json!({
            "@timestamp": "2026-03-04T02:11:07.123Z", "@metadata": { "beat": "winlogbeat" },
            "agent": { "type": "winlogbeat", "version": "8.17.0" }, "ecs": { "version": "8.0.0" },
            "event": { "code": "21", "kind": "event", "original": original, "provider": manager },
            "host": { "name": "rds01.corp.example", "ip": ["10.0.0.21"] }, "winlog": log,
            "log": { "level": "information" }, "message": "Ouverture", "tags": ["forwarded"],
        })
    };
    for (name, text) in [
        ("wevtutil", format!("{xml}\r\n")),
        ("Event Viewer", format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<Events>{xml}</Events>")),
        ("Winlogbeat", frame(&log, None).to_string()),
        ("out of an index", serde_json::json!({ "_index": "x", "_source": frame(&log, None) }).to_string()),
        ("without the machine", frame(&nameless, None).to_string()),
        ("payload in the original alone", frame(&without, Some(&xml)).to_string()),
        ("original that is none", frame(&log, Some("<Event")).to_string()),
        (
            "Velociraptor",
            serde_json::json!({ "System": system, "UserData": { "EventXML": data }, "Message": "x" })
                .to_string(),
        ),
        (
            "Velociraptor, with columns in front",
            serde_json::json!({
                "EventTime": "2026-03-04T02:11:07Z", "EventID": 21, "System": system,
                "EventData": null, "UserData": { "EventXML": data }, "_Source": "Windows.EventLogs.Evtx",
            })
            .to_string(),
        ),
        (
            "Velociraptor, columns in place of System",
            serde_json::json!({
                "EventTime": "2026-03-04T02:11:07.1234567Z", "Computer": "rds01.corp.example",
                "Channel": format!("{manager}/Operational"), "Provider": manager, "EventID": 21,
                "EventRecordID": 40101, "UserSID": "S-1-5-18", "Username": "NT AUTHORITY\\SYSTEM",
                "ActivityID": activity, "EventData": null, "UserData": { "EventXML": data },
                "Message": "Ouverture", "OSPath": "C:\\x.evtx",
            })
            .to_string(),
        ),
        (
            "Velociraptor, columns named by their paths",
            serde_json::json!({
                "System.TimeCreated.SystemTime": "2026-03-04T02:11:07.1234567Z",
                "System.Computer": "rds01.corp.example", "System.Provider.Name": manager,
                "System.Channel": format!("{manager}/Operational"), "System.EventID.Value": 21,
                "System.EventRecordID": 40101, "System.Correlation.ActivityID": activity,
                "System.Security.UserID": "S-1-5-18", "UserData.EventXML.User": "CORP\\joe",
                "UserData.EventXML.SessionID": 3, "UserData.EventXML.Address": "10.0.0.5",
            })
            .to_string(),
        ),
        (
            "evtx_dump",
            format!(
                "Record 1\n{:#}\n",
                serde_json::json!({ "Event": {
                    "#attributes": { "xmlns": "http://schemas.microsoft.com/win/2004/08/events/event" },
                    "System": {
                        "Provider": { "#attributes": { "Name": manager } }, "EventID": 21, "Version": 0,
                        "Level": 4, "TimeCreated": { "#attributes": { "SystemTime": "2026-03-04T02:11:07.123456Z" } },
                        "EventRecordID": 40101, "Correlation": { "#attributes": { "ActivityID": activity } },
                        "Execution": { "#attributes": { "ProcessID": 1152, "ThreadID": 1636 } },
                        "Channel": format!("{manager}/Operational"), "Computer": "rds01.corp.example",
                        "Security": { "#attributes": { "UserID": "S-1-5-18" } },
                    },
                    "UserData": { "EventXML": {
                        "#attributes": { "xmlns": "Event_NS" }, "User": "CORP\\joe", "SessionID": 3,
                        "Address": "10.0.0.5",
                    } },
                } })
            ),
        ),
    ] {
        let [event] = export_events(text.as_bytes()).try_into().unwrap();
        let data: Vec<String> =
            event.data.iter().map(|field| format!("{}={}", field.name, field.value.to_text())).collect();
        let shown = format!(
            "machine={} channel={} provider={} id={} record={} time={} activity={} user={} {}",
            event.machine,
            event.channel,
            event.provider,
            event.event_id,
            event.record_id,
            event.time,
            event.activity_id.unwrap(),
            event.user_sid.as_deref().unwrap_or_default(),
            data.join(" "),
        );
        // It keeps microseconds.
        let expected = if name == "evtx_dump" { session.replace("4567Z", "456Z") } else { session.to_owned() };
        assert_eq!(shown, expected, "{name}");
    }
}

/// The JSON of `EvtxECmd`, which has no activity ID, with what its maps add in words.
#[test]
fn evtxecmd_payloads_are_read_as_windows_wrote_them() {
    let record = |payload: &str, hidden: bool| {
        serde_json::json!({
            "PayloadData1": "Target: CORP\\\\eve", "UserName": "somebody", "RemoteHost": "PC-9 (10.9.9.9)",
            "MapDescription": "Failed logon", "ChunkNumber": 0, "Computer": "srv01.corp.example",
            "Payload": payload, "UserId": "S-1-5-18", "Channel": "Security",
            "Provider": "Microsoft-Windows-Security-Auditing", "EventId": 4625,
            "EventRecordId": "443", "ProcessId": 496, "ThreadId": 1092, "Level": "LogAlways",
            "Keywords": "Audit failure", "SourceFile": "C:\\\\x\\\\security.evtx",
            "ExtraDataOffset": 0, "HiddenRecord": hidden,
            "TimeCreated": "2026-03-04T02:11:07.1234567+00:00", "RecordNumber": 443,
        })
        .to_string()
    };
    let named = r##"{"EventData":{"Data":[{"@Name":"TargetUserName","#text":"joe"},{"@Name":"LogonType","#text":"3"},{"@Name":"SubStatus","#text":"0xC000006A"},{"@Name":"IpPort"}]}}"##;
    let classic = r#"{"EventData":{"Data":["a","b"],"Binary":""}}"#;
    let user =
        r##"{"UserData":{"EventXML":{"@xmlns":"Event_NS","User":"CORP\\joe","SessionID":"3"}}}"##;
    let check = |payload: &str, fields: &[(&str, &str)]| {
        let (events, report) = read(format!("\u{feff}{}\n", record(payload, false)).as_bytes());
        assert_eq!(report.problems, [], "{payload}");
        let [event] = events.as_slice() else { panic!("{events:?}") };
        let head =
            (&*event.machine, &*event.channel, event.event_id, event.record_id, event.process_id);
        assert_eq!(head, ("srv01.corp.example", "Security", 4625, 443, Some(496)));
        assert_eq!(event.time.to_string(), "2026-03-04T02:11:07.1234567Z");
        assert_eq!(event.user_sid.as_deref(), Some("S-1-5-18"));
        let found: Vec<(&str, String)> = event
            .data
            .iter()
            .map(|field| (&*field.name, field.value.to_text().into_owned()))
            .collect();
        let expected: Vec<(&str, String)> =
            fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        assert_eq!(found, expected, "{payload}");
    };
    check(
        named,
        &[
            ("TargetUserName", "joe"),
            ("LogonType", "3"),
            ("SubStatus", "0xC000006A"),
            ("IpPort", ""),
        ],
    );
    check(classic, &[("", "a"), ("", "b"), ("Binary", "")]);
    check(user, &[("User", "CORP\\joe"), ("SessionID", "3")]);
    check("", &[]);
    // A payload that is none, and a record that its log no longer has, are told and lost.
    for bad in [record("{", false), record(named, true)] {
        let (events, report) = read(format!("{}\n{bad}\n", record(named, false)).as_bytes());
        assert_eq!((events.len(), report.problems.len()), (1, 1), "{bad}");
    }
}

/// A table with a choice of each record's values would be taken for records that lack the rest.
#[test]
fn a_choice_of_values_is_no_log() {
    let row = serde_json::json!({
        "EventTime": "2026-03-04T02:11:07Z", "Computer": "srv01", "Channel": "Security", "EventID": 4625,
        "DomainName": "CORP", "UserName": "joe", "LogonType": 3, "SourceIP": "10.0.0.5",
        "Description": "LOGON_FAILED", "Message": "x", "EventRecordID": 7, "FullPath": "x",
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("RDPAuth.json");
    fs::write(&path, format!("{row}\n")).unwrap();
    let found = report(&[path]);
    let [problem] = found.problems.as_slice() else { panic!("{:?}", found.problems) };
    assert!(problem.detail.contains("a choice of each record's values"), "{}", problem.detail);
}
