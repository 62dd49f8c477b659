//! The code tables of the binary: notations lead to the right meaning, and every cause they
//! name is in the catalogue.

use std::collections::BTreeSet;

use rdpwhy::model::Value;
use rdpwhy::rules::catalogue::Catalogue;
use rdpwhy::rules::codes::{CodeBook, Read, parse_code};

/// Looks a text up and compares the first hit: space, symbol or value, a word of its meaning.
#[track_caller]
fn check(book: &CodeBook, text: &str, space: &str, symbol: &str, word: &str) {
    let query = parse_code(text).unwrap();
    let hits = book.lookup(&query);
    let first = hits.first().unwrap_or_else(|| panic!("`{text}` is unknown"));
    assert_eq!(first.space.id, space, "{text}");
    assert_eq!(first.code.symbol.as_deref().unwrap_or(""), symbol, "{text}");
    assert!(first.code.meaning.contains(word), "{text}: {}", first.code.meaning);
    let ranks: Vec<_> = hits.iter().map(|hit| (hit.space.rank, &hit.space.id)).collect();
    assert!(ranks.is_sorted(), "{text}: {ranks:?}");
}

#[test]
fn codes_are_found_in_every_notation() {
    let book = CodeBook::embedded().unwrap();
    for (text, space, symbol, word) in [
        ("0x904", "mstsc-disconnect", "disconnectReasonAtClientWinsockFDCLOSE", "never why"),
        ("2308", "mstsc-disconnect", "disconnectReasonAtClientWinsockFDCLOSE", "never why"),
        ("%%2308", "logon-failure-reason", "", "lacks the right"),
        ("%%2313", "logon-failure-reason", "", "Wrong user name or password"),
        ("2825", "mstsc-disconnect", "", "NLA"),
        ("0x3000008", "mstsc-gateway", "", "could not reach the target"),
        ("50331656", "mstsc-gateway", "", "could not reach the target"),
        ("C000006A", "ntstatus", "STATUS_WRONG_PASSWORD", "password is wrong"),
        ("0xc000006a", "ntstatus", "STATUS_WRONG_PASSWORD", "password is wrong"),
        ("-1073741718", "ntstatus", "STATUS_WRONG_PASSWORD", "password is wrong"),
        ("0xD000006D", "ntstatus", "STATUS_LOGON_FAILURE", "Logon refused"),
        ("80090304", "sspi", "SEC_E_INTERNAL_ERROR", "139"),
        ("-2146893044", "sspi", "SEC_E_LOGON_DENIED", "refused"),
        ("0xFFFFFFFF8009030D", "sspi", "SEC_E_UNKNOWN_CREDENTIALS", "36870"),
        ("0x80070040", "win32", "ERROR_NETNAME_DELETED", "torn down"),
        ("0x8007274C", "winsock", "WSAETIMEDOUT", "No answer"),
        ("0x8007139F", "win32", "ERROR_INVALID_STATE", "state"),
        ("0x800759DA", "gateway", "E_PROXY_RAP_ACCESSDENIED", "resource policy"),
        ("23002", "gateway", "E_PROXY_RAP_ACCESSDENIED", "resource policy"),
        ("3489660929", "session-end", "", "transport"),
        (
            "disconnectreasondnslookupfailed",
            "mstsc-disconnect",
            "disconnectReasonDNSLookupFailed",
            "name",
        ),
        ("KRB_AP_ERR_SKEW", "kerberos", "KRB_AP_ERR_SKEW", "clocks"),
        ("unknown_ca", "tls-alert", "unknown_ca", "issuer"),
        ("-7", "mstsc-logon-error", "ARBITRATION_CODE_REFUSED_DIALOG", "declined"),
        ("0x00020014", "freerdp", "ERRCONNECT_LOGON_FAILURE", "proxy"),
        ("10061", "winsock", "WSAECONNREFUSED", "nothing listens"),
        ("809", "ras", "ERROR_VPN_TIMEOUT", "VPN"),
    ] {
        check(&book, text, space, symbol, word);
    }
}

#[test]
fn the_same_number_keeps_its_meanings_apart() {
    let book = CodeBook::embedded().unwrap();
    let spaces = |text: &str| -> Vec<String> {
        let hits = book.lookup(&parse_code(text).unwrap());
        hits.iter().map(|hit| hit.space.id.to_string()).collect()
    };
    assert_eq!(spaces("2308"), ["mstsc-disconnect", "logon-failure-reason"]);
    let seven = spaces("7");
    for space in ["extended-disconnect", "session-end", "error-info", "kerberos"] {
        assert!(seven.contains(&space.to_owned()), "{seven:?}");
    }
    let wrapped = parse_code("0xD0000001").unwrap();
    let reads: Vec<_> =
        book.lookup(&wrapped).iter().map(|hit| (hit.space.id.clone(), hit.read)).collect();
    assert_eq!(
        reads,
        [("session-end".into(), Read::Plain), ("ntstatus".into(), Read::NtstatusInHresult)]
    );
    // Event 40 carries broker codes too, which its own table leaves to error-info.
    assert!(book.meaning("session-end", 0x404).unwrap().meaning.contains("redirect"));
}

#[test]
fn values_of_records_are_annotated() {
    let book = CodeBook::embedded().unwrap();
    let client = "Microsoft-Windows-TerminalServices-RDPClient/Operational";
    let core = "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational";
    let audit = "Microsoft-Windows-Security-Auditing";
    for (channel, provider, event, field, value, word) in [
        (client, "any", 1026, "Value", Value::UInt32(2308), "never why"),
        (client, "any", 1026, "Value", Value::UInt32(50_331_656), "gateway"),
        ("Security", audit, 4625, "SubStatus", Value::HexInt32(0xC000_006A), "password is wrong"),
        ("Security", audit, 4625, "FailureReason", Value::text("%%2307"), "locked out"),
        ("System", "Schannel", 36888, "AlertDesc", Value::UInt32(40), "parameters"),
        ("System", "Schannel", 36888, "ErrorState", Value::UInt32(1205), "cipher"),
        (core, "any", 143, "error", Value::UInt32(121), "semaphore"),
        (core, "any", 103, "ReasonCode", Value::UInt32(14), "socket"),
        ("Security", audit, 4625, "LogonType", Value::UInt32(3), "before a session"),
        ("Security", audit, 4625, "Status", Value::HexInt32(0xC000_006D), "refused"),
        ("Security", audit, 4771, "Status", Value::HexInt32(0x18), "password"),
        (client, "any", 226, "Error Code", Value::HexInt32(0x8000_4005), "unspecific"),
        (core, "any", 226, "ErrorCode", Value::HexInt32(0x8007_0040), "torn down"),
        (core, "any", 139, "ResultCode", Value::HexInt32(0x8009_0304), "139"),
    ] {
        let code = book.annotate(channel, provider, event, field, &value);
        let code = code.unwrap_or_else(|| panic!("{channel} {event} {field} {value:?}"));
        assert!(code.meaning.contains(word), "{event} {field}: {}", code.meaning);
    }
    assert!(book.annotate("System", "Other", 36888, "AlertDesc", &Value::UInt32(40)).is_none());
    // The same number in a field whose space nobody knows says nothing.
    assert!(book.annotate("Security", audit, 4625, "IpPort", &Value::UInt32(3)).is_none());
    let (hit, code) = book
        .note("Security", audit, 4625, "FailureReason", &Value::text("%%2313"))
        .unwrap_or_else(|| panic!("%%2313 is not annotated"));
    assert_eq!((hit.space.id.as_str(), code.as_str()), ("logon-failure-reason", "%%2313"));
}

#[test]
fn every_cause_is_in_the_catalogue() {
    let book = CodeBook::embedded().unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    let codes = book.spaces().iter().flat_map(|space| {
        space
            .codes
            .iter()
            .flat_map(|code| code.causes.iter().map(|cause| (space.write(code.value), cause)))
    });
    let pairs = book.pairs().iter().flat_map(|pair| {
        let clues = pair.tell_apart.iter().flat_map(|clue| &clue.points_to);
        pair.causes.iter().chain(clues).map(|cause| (format!("{:#X}", pair.primary), cause))
    });
    let mut checked = 0;
    for (place, cause) in codes.chain(pairs) {
        assert!(catalogue.get(cause).is_some(), "{place}: `{cause}` is not in the catalogue");
        checked += 1;
    }
    assert!(checked > 1000, "{checked}");
}

#[test]
fn every_pair_reads_in_its_spaces_and_tells_its_causes_apart() {
    let book = CodeBook::embedded().unwrap();
    for pair in book.pairs() {
        let name = format!("{:#x}/{:#x}", pair.primary, pair.extended);
        assert!(book.meaning("mstsc-disconnect", pair.primary).is_some(), "{name}");
        assert!(book.meaning("extended-disconnect", pair.extended).is_some(), "{name}");
        assert!(!pair.symptom || pair.tell_apart.len() > 1, "{name}");
        if pair.tell_apart.is_empty() {
            continue;
        }
        let told: BTreeSet<_> = pair.tell_apart.iter().flat_map(|clue| &clue.points_to).collect();
        for cause in &pair.causes {
            assert!(told.contains(cause), "{name}: nothing tells `{cause}` apart");
        }
    }
}

#[test]
fn the_headline_pair_is_a_symptom() {
    let book = CodeBook::embedded().unwrap();
    let pair = book.pair(0x904, 7).unwrap();
    assert!(pair.symptom);
    assert!(pair.causes.len() >= 10 && pair.tell_apart.len() >= 10);
    // What it cannot be: a closed port, a name fault, a password typed wrong, lost UDP.
    for cause in
        ["host-firewall-blocks-rdp", "dns-resolution-failed", "wrong-password", "udp-drops"]
    {
        assert!(!pair.causes.iter().any(|id| id == cause), "{cause}");
    }
    assert!(book.pair(0x904, 0x1234).is_none());
}

#[test]
fn texts_are_plain_and_american() {
    let book = CodeBook::embedded().unwrap();
    let codes = book.spaces().iter().flat_map(|space| &space.codes);
    let texts = codes.flat_map(|code| [Some(&code.meaning), code.note.as_ref()]).flatten();
    let pairs = book.pairs().iter().flat_map(|pair| {
        let clues = pair.tell_apart.iter().map(|clue| &clue.evidence);
        let lists = pair.proves.iter().chain(&pair.does_not_prove).chain(clues);
        lists.chain([&pair.meaning]).chain(&pair.note).chain(&pair.otherwise)
    });
    for text in texts.chain(pairs) {
        assert!(text.ends_with('.'), "{text}");
        assert!(text.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit()), "{text}");
        let lower = text.to_lowercase();
        for british in ["licence", "authoris", "recognis", "cancelled", "behaviour"] {
            assert!(!lower.contains(british), "{text}");
        }
    }
}
