//! `.reg` files as `reg export` and the editor write them.
//!
//! Only what Remote Desktop reads is kept. A file that deletes something, or that sets only a
//! value or two, is meant to change a machine and tells nothing of how one was set.

use std::io::{self, Read};

use super::lines::each_line;
use super::{Fact, MOST_FACTS, Statement};
use crate::model::{FactKind, Value};

/// Values in the smallest file that is believed to be an export.
const FEWEST_VALUES: u64 = 4;

/// The ends of the keys whose values are kept.
const KEYS: [&str; 8] = [
    r"\control\terminal server",
    r"\control\terminal server\winstations\rdp-tcp",
    r"\policies\microsoft\windows nt\terminal services",
    r"\policies\microsoft\windows nt\terminal services\client",
    r"\policies\system\credssp\parameters",
    r"\firewallpolicy\domainprofile",
    r"\firewallpolicy\standardprofile",
    r"\firewallpolicy\publicprofile",
];
/// Those of the machine, and those that a policy adds.
const FIREWALL_RULES: [&str; 2] =
    [r"\firewallpolicy\firewallrules", r"\policies\microsoft\windowsfirewall\firewallrules"];
const COMPUTER_NAME: &str = r"\control\computername\computername";

/// Whether a text begins like such a file.
pub(super) fn is_export(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default().trim();
    first == "Windows Registry Editor Version 5.00" || first == "REGEDIT4"
}

/// Reads one; `None` where it is no export.
pub(super) fn read(content: &mut dyn Read) -> io::Result<Option<Statement>> {
    let mut export = Export::default();
    each_line(content, |number, line| export.line(number, line))?;
    let Export { facts, host, values, is_change, .. } = export;
    let is_export = values >= FEWEST_VALUES && !is_change;
    Ok(is_export.then_some(Statement::Settings { host, facts }))
}

#[derive(Debug, Default)]
struct Export {
    key: String,
    /// The beginning of a value that goes on in the next line, and where it began.
    open: Option<(u64, String)>,
    facts: Vec<Fact>,
    host: Option<String>,
    values: u64,
    is_change: bool,
}

impl Export {
    fn line(&mut self, number: u64, line: &str) {
        let line = line.trim();
        let (number, line) = match self.open.take() {
            Some((began, start)) => (began, start + line),
            None => (number, line.to_owned()),
        };
        if let Some(key) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            self.is_change |= key.starts_with('-');
            key.clone_into(&mut self.key);
            return;
        }
        if let Some(start) = line.strip_suffix('\\').filter(|_| line.contains("=hex")) {
            // What is kept has few bytes; the rest of a long value is not needed.
            let start = if start.len() > 4096 { String::new() } else { start.to_owned() };
            self.open = Some((number, start));
            return;
        }
        let Some((name, data)) = value(&line) else { return };
        self.values += 1;
        self.is_change |= data == "-";
        self.take(number, name, data);
    }

    fn take(&mut self, line: u64, name: String, data: &str) {
        let key = self.key.to_lowercase();
        let Some(value) = decode(data) else { return };
        if key.ends_with(COMPUTER_NAME) && name.eq_ignore_ascii_case("ComputerName") {
            self.host = Some(value.to_text().into_owned());
        }
        if self.facts.len() >= MOST_FACTS {
            return;
        }
        if FIREWALL_RULES.iter().any(|end| key.ends_with(end)) {
            let rule = value.to_text();
            self.facts.extend(firewall_rule(line, &name, &rule));
        } else if KEYS.iter().any(|end| key.ends_with(end)) {
            let fields = vec![
                ("Key", Value::text(self.key.as_str())),
                ("Name", Value::text(name)),
                ("Value", value),
            ];
            self.facts.push(Fact { kind: FactKind::Registry, line, since: None, fields });
        }
    }
}

/// Splits `"name"=data`; the default value has no name.
fn value(line: &str) -> Option<(String, &str)> {
    if let Some(data) = line.strip_prefix("@=") {
        return Some((String::new(), data));
    }
    let (name, rest) = quoted(line)?;
    Some((name, rest.strip_prefix('=')?))
}

/// A text in quotation marks, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut unescaped = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((unescaped, inner.get(at + 1..)?)),
            '\\' => unescaped.push(characters.next()?.1),
            other => unescaped.push(other),
        }
    }
    None
}

/// The data of a value, where it is a number, a text or bytes.
fn decode(data: &str) -> Option<Value> {
    if let Some(digits) = data.strip_prefix("dword:") {
        return u32::from_str_radix(digits.trim(), 16).ok().map(Value::UInt32);
    }
    if data.starts_with('"') {
        return quoted(data).map(|(text, _)| Value::text(text));
    }
    let (kind, bytes) = data.split_once(':')?;
    let bytes: Option<Vec<u8>> = bytes
        .split(',')
        .map(str::trim)
        .filter(|byte| !byte.is_empty())
        .map(|byte| u8::from_str_radix(byte, 16).ok())
        .collect();
    match kind {
        "hex" => Some(Value::Binary(bytes?.into())),
        // Text that names variables of the environment.
        "hex(2)" => {
            let bytes = bytes?;
            let units: Vec<u16> =
                bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
            Some(Value::text(String::from_utf16_lossy(&units).trim_end_matches('\0')))
        }
        _ => None,
    }
}

/// A rule such as `v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=3389|Name=…|`. What
/// may be many, a rule names again and again.
fn firewall_rule(line: u64, name: &str, rule: &str) -> Option<Fact> {
    let part = |wanted: &[&str]| {
        let parts = rule.split('|').filter_map(|part| part.split_once('='));
        let values: Vec<&str> =
            parts.filter(|(key, _)| wanted.contains(key)).map(|(_, value)| value).collect();
        if values.is_empty() { Value::Null } else { Value::text(values.join(",")) }
    };
    // Rules without a port are about programs, and are not looked into.
    let ports = part(&["LPort", "LPort2_10"]);
    (!ports.is_blank()).then(|| Fact {
        kind: FactKind::FirewallRule,
        line,
        since: None,
        fields: vec![
            ("Rule", Value::text(name)),
            ("Action", part(&["Action"])),
            ("Active", part(&["Active"])),
            ("Direction", part(&["Dir"])),
            ("Protocol", part(&["Protocol"])),
            ("LocalPort", ports),
            ("RemoteAddress", part(&["RA4", "RA42", "RA6", "RA62"])),
            ("Profile", part(&["Profile"])),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> Option<Vec<(u64, String)>> {
        assert!(is_export(text));
        let Statement::Settings { facts, .. } = read(&mut text.as_bytes()).unwrap()? else {
            return None;
        };
        let shown = |fact: &Fact| {
            let values = fact.fields.iter().map(|(_, value)| value.to_text().into_owned());
            (fact.line, values.collect::<Vec<_>>().join(" | "))
        };
        Some(facts.iter().map(shown).collect())
    }

    const HEAD: &str = "Windows Registry Editor Version 5.00\r\n\r\n";

    #[test]
    fn exports_give_what_concerns_remote_desktop() {
        let text = format!(
            "{HEAD}[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server]\r\n\
             \"fDenyTSConnections\"=dword:00000001\r\n\"a\\\\b \\\"c\\\"\"=\"x\\\\y\"\r\n@=\"d\"\r\n\
             [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp]\r\n\
             \"SSLCertificateSHA1Hash\"=hex:59,ef,\\\r\n  f2\r\n\
             [HKEY_LOCAL_MACHINE\\SOFTWARE\\Other]\r\n\"PortNumber\"=dword:00000d3d\r\n\
             [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules]\r\n\
             \"R-1\"=\"v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=3389|Name=x|\"\r\n\
             \"R-2\"=\"v2.31|Action=Block|Active=TRUE|Dir=In|App=x.exe|\"\r\n\
             [HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules]\r\n\
             \"R-3\"=\"v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|LPort=80|LPort2_10=3380-3400|RA4=10.0.0.0/8|RA4=LocalSubnet|\"\r\n"
        );
        let key = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Terminal Server";
        let expected = [
            (4, format!("{key} | fDenyTSConnections | 1")),
            (5, format!("{key} | a\\b \"c\" | x\\y")),
            (6, format!("{key} |  | d")),
            (8, format!("{key}\\WinStations\\RDP-Tcp | SSLCertificateSHA1Hash | 59EFF2")),
            (13, "R-1 | Block | TRUE | In | 6 | 3389 |  | ".to_owned()),
            (
                16,
                "R-3 | Allow | TRUE | In | 6 | 80,3380-3400 | 10.0.0.0/8,LocalSubnet | Domain"
                    .to_owned(),
            ),
        ];
        assert_eq!(facts(&text).unwrap(), expected);
    }

    #[test]
    fn what_changes_a_machine_tells_nothing_of_it() {
        let key = r"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Terminal Server]";
        let values = "\"a\"=dword:0\n\"b\"=dword:0\n\"c\"=dword:0\n\"d\"=dword:0\n";
        assert!(facts(&format!("{HEAD}{key}\n{values}")).is_some());
        assert!(facts(&format!("{HEAD}{key}\n\"fDenyTSConnections\"=dword:0\n")).is_none());
        assert!(facts(&format!("{HEAD}{key}\n{values}\"e\"=-\n")).is_none());
        assert!(facts(&format!("{HEAD}{key}\n{values}[-HKEY_LOCAL_MACHINE\\x]\n")).is_none());
    }

    #[test]
    fn nonsense_is_passed_over() {
        for line in
            ["\"", "\"a", "\"a\"", "\"a\\", "@", "[", "]", "\"a\"=dword:zz", "\"a\"=hex:0,\\"]
        {
            assert_eq!(facts(&format!("{HEAD}{line}\n")), None, "{line}");
        }
    }
}
