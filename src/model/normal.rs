//! Normal forms of the names and addresses that records spell in many ways.
//!
//! Pure functions over text and values, so that signals, attempts and reports agree on whom a
//! record means. Knows nothing about which field holds what.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use super::Value;

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address; IPv4-mapped IPv6 is folded to IPv4.
    pub address: IpAddr,
    /// The port, where the text bears one.
    pub port: Option<u16>,
}

/// An account as a record names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name, lower case; machine accounts keep their `$`.
    pub name: Arc<str>,
    /// The domain, lower case, as spelled; `None` for a bare or machine-local (`.\`) name.
    pub domain: Option<Arc<str>>,
}

/// Reads an address with or without brackets, port and IPv6 scope: `10.0.0.1:50270`,
/// `[fe80::1%5]:50000`, `::ffff:10.0.0.1`. `None` for what is no address of a client: names,
/// `LOCAL`, `-`, blank text, and the unspecified addresses.
pub fn endpoint(text: &str) -> Option<Endpoint> {
    if let Some(endpoint) = plain_endpoint(text.as_bytes()) {
        return Some(endpoint);
    }
    let text = trimmed(text);
    let (host, port) = split_port(text)?;
    let address = match host.parse::<IpAddr>() {
        Ok(address) => address,
        // A scope id names an interface of the machine that logged, not of the client.
        Err(_) => IpAddr::V6(host.split_once('%')?.0.parse::<Ipv6Addr>().ok()?),
    };
    let address = match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    };
    // Port zero stands for "not known".
    let port = port.filter(|port| *port != 0);
    (!address.is_unspecified()).then_some(Endpoint { address, port })
}

/// The part of a text in front of its port, both as UTF-16LE: whatever the port is, [`endpoint`]
/// finds the same address. `None` where the text does not end with a port, or where that may be a
/// part of the address.
pub fn host(text: &[u8]) -> Option<&[u8]> {
    let (characters, []) = text.as_chunks::<2>() else { return None };
    let is = |character: &[u8; 2], ascii: u8| *character == [ascii, 0];
    let digits = characters.iter().rev().map_while(|[low, high]| {
        let is_digit = *high == 0 && low.is_ascii_digit();
        is_digit.then(|| u32::from(*low - b'0'))
    });
    let (mut count, mut port, mut place) = (0, 0, 1);
    for digit in digits.take(6) {
        (count, port, place) = (count + 1, port + digit * place, place * 10);
    }
    let (host, _) = characters.split_at_checked(characters.len().checked_sub(count)?)?;
    let (colon, host) = host.split_last()?;
    let (first, last) = (host.first()?, host.last()?);
    let is_told_apart =
        (is(first, b'[') && is(last, b']')) || !host.iter().any(|character| is(character, b':'));
    let is_port = (1..=5).contains(&count) && port <= u16::MAX.into() && is(colon, b':');
    (is_port && is_told_apart).then_some(host.as_flattened())
}

/// Reads an IPv4 address with a port or without one, as nearly all texts are that name a client;
/// `None` for any other text, and for one that has to be looked at twice.
fn plain_endpoint(text: &[u8]) -> Option<Endpoint> {
    let mut rest = text;
    let mut octets = [0; 4];
    for (number, octet) in octets.iter_mut().enumerate() {
        if number > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        *octet = u8::try_from(decimal(&mut rest, 3)?).ok()?;
    }
    let port = match rest {
        [] => None,
        _ => {
            rest = rest.strip_prefix(b":")?;
            Some(u16::try_from(decimal(&mut rest, 5)?).ok()?)
        }
    };
    let endpoint = Endpoint { address: IpAddr::from(octets), port: port.filter(|port| *port != 0) };
    (rest.is_empty() && octets != [0; 4]).then_some(endpoint)
}

/// Takes a number of so many digits at most, without zeros in front of it.
fn decimal(text: &mut &[u8], most: usize) -> Option<u32> {
    let digits = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    let (own, rest) = text.split_at_checked(digits)?;
    if own.is_empty() || (digits > 1 && own.starts_with(b"0")) {
        return None;
    }
    *text = rest;
    Some(own.iter().fold(0, |number, digit| number * 10 + u32::from(*digit - b'0')))
}

/// Splits `host:port` and takes brackets off. An IPv6 address without brackets has no port.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(port.parse().ok()?))),
            None => rest.is_empty().then_some((host, None)),
        };
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => Some((host, Some(port.parse().ok()?))),
        _ => Some((text, None)),
    }
}

/// Reads `corp\joe`, `joe@corp.example`, `.\joe` or `joe`. `None` for blank text and `-`.
pub fn account(text: &str) -> Option<Account> {
    let text = trimmed(text);
    let (name, domain) = match (text.split_once('\\'), text.rsplit_once('@')) {
        (Some((domain, name)), _) | (None, Some((name, domain))) => (name, domain),
        (None, None) => (text, ""),
    };
    Some(Account { name: lower(name)?, domain: self::domain(domain) })
}

/// Reads the name of a domain. `None` for blank text, `-`, and `.`, which means this machine.
pub fn domain(text: &str) -> Option<Arc<str>> {
    lower(text).filter(|domain| &**domain != ".")
}

/// Reads a client's computer name: upper case, without `\\` and domain suffix. An address in
/// place of a name stays whole. `None` for blank text and `-`.
pub fn client_name(text: &str) -> Option<Arc<str>> {
    let text = trimmed(text).trim_start_matches('\\');
    let name = match text.parse::<IpAddr>() {
        Ok(_) => text,
        Err(_) => text.split_once('.').map_or(text, |(name, _)| name),
    };
    said(name).map(|name| Arc::from(name.to_uppercase()))
}

/// A machine's name as a key: lower case, without domain suffix. An address stays as it is.
pub fn short_name(name: &str) -> String {
    if name.parse::<IpAddr>().is_ok() {
        return name.to_owned();
    }
    name.split('.').next().unwrap_or_default().to_lowercase()
}

/// Reads the host that a client connects to, as its user typed it: lower case, without
/// `TERMSRV/`, port and brackets. `None` for blank text and `-`.
pub fn target(text: &str) -> Option<Arc<str>> {
    let text = trimmed(text);
    let text = match text.get(..8) {
        Some(prefix) if prefix.eq_ignore_ascii_case("TERMSRV/") => text.get(8..)?,
        _ => text,
    };
    let host = match split_port(text) {
        Some((host, _)) => host,
        None => text,
    };
    lower(host)
}

/// Reads a connection name such as `RDP-Tcp#12`. `None` for blank text and `-`.
pub fn connection(text: &str) -> Option<Arc<str>> {
    said(text).map(Arc::from)
}

/// Reads a session id. `None` for what is no number, and for -1, which means no session.
pub fn session(value: &Value) -> Option<u32> {
    u32::try_from(value.as_number()?).ok().filter(|session| *session != u32::MAX)
}

/// Reads a logon id. `None` for what is no number, and for zero, which means no logon.
pub fn logon_id(value: &Value) -> Option<u64> {
    u64::try_from(value.as_number()?).ok().filter(|id| *id != 0)
}

/// The text without surrounding blanks and the NULs that fixed-size buffers leave behind.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0')
}

/// The text, unless it says nothing.
fn said(text: &str) -> Option<&str> {
    Some(trimmed(text)).filter(|text| !matches!(*text, "" | "-"))
}

fn lower(text: &str) -> Option<Arc<str>> {
    let text = said(text)?;
    if !text.is_ascii() {
        return Some(Arc::from(text.to_lowercase()));
    }
    let mut lower: Arc<str> = Arc::from(text);
    if let Some(own) = Arc::get_mut(&mut lower) {
        own.make_ascii_lowercase();
    }
    Some(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        for (text, expected) in [
            ("10.0.0.1:50270", Some(("10.0.0.1", Some(50270)))),
            ("10.0.0.1", Some(("10.0.0.1", None))),
            (" 10.0.0.1\0\0", Some(("10.0.0.1", None))),
            ("10.0.0.1:0", Some(("10.0.0.1", None))),
            ("10.0.0.1:00080", Some(("10.0.0.1", Some(80)))),
            ("255.255.255.255:65535", Some(("255.255.255.255", Some(65_535)))),
            ("256.0.0.1", None),
            ("10.0.0.01", None),
            ("10.0.0.1.1", None),
            ("10.0.0", None),
            ("10.0.0.1:", None),
            ("[10.0.2.17]:56873", Some(("10.0.2.17", Some(56873)))),
            ("[fe80::1%5]:50000", Some(("fe80::1", Some(50000)))),
            ("fe80::a1b2%12", Some(("fe80::a1b2", None))),
            ("[2001:db8::7]", Some(("2001:db8::7", None))),
            ("::ffff:1.2.3.4", Some(("1.2.3.4", None))),
            ("[::ffff:1.2.3.4]:3389", Some(("1.2.3.4", Some(3389)))),
            ("::1", Some(("::1", None))),
            ("127.0.0.1", Some(("127.0.0.1", None))),
            ("LOCAL", None),
            ("-", None),
            ("", None),
            ("0.0.0.0", None),
            ("::", None),
            ("[::]:0", None),
            ("::ffff:0.0.0.0", None),
            ("10.0.0.1:http", None),
            ("10.0.0.1:70000", None),
            ("[10.0.0.1", None),
            ("[10.0.0.1]x", None),
            ("srv01:3389", None),
        ] {
            let expected = expected
                .map(|(address, port)| Endpoint { address: address.parse().unwrap(), port });
            assert_eq!(endpoint(text), expected, "{text}");
        }
    }

    #[test]
    fn a_host_has_its_address_whatever_the_port() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        for (head, expected) in [
            ("10.0.0.1", true),
            ("[10.0.0.1]", true),
            ("[fe80::1%5]", true),
            ("[fe80::1]x]", true),
            (" 10.0.0.1", true),
            ("srv01", true),
            ("]", true),
            // The last group of an address looks like a port.
            ("fe80::1", false),
            (":", false),
            ("[fe80::1", false),
            (" [fe80::1]", false),
            ("", false),
        ] {
            let mut addresses = Vec::new();
            for port in ["0", "1", "80", "00080", "3389", "65535"] {
                let text = format!("{head}:{port}");
                let bytes = utf16(&text);
                assert_eq!(host(&bytes), expected.then(|| utf16(head)).as_deref(), "{text}");
                addresses.push(endpoint(&text).map(|endpoint| endpoint.address));
            }
            let is_same = addresses.iter().all(|address| *address == addresses[0]);
            assert!(is_same || !expected, "{head}: {addresses:?}");
        }
        for text in ["10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:000080", "LOCAL", "1"] {
            assert_eq!(host(&utf16(text)), None, "{text}");
        }
    }

    #[test]
    fn accounts() {
        for (text, expected) in [
            ("corp\\joe", Some(("joe", Some("corp")))),
            ("CORP\\Joe ", Some(("joe", Some("corp")))),
            ("joe@corp.example", Some(("joe", Some("corp.example")))),
            (".\\joe", Some(("joe", None))),
            ("\\joe", Some(("joe", None))),
            ("Joe", Some(("joe", None))),
            ("PC17$", Some(("pc17$", None))),
            ("Jürgen", Some(("jürgen", None))),
            ("corp\\joe@corp.example", Some(("joe@corp.example", Some("corp")))),
            ("-\\-", None),
            ("corp\\", None),
            ("-", None),
            ("  ", None),
        ] {
            let shown = account(text);
            let shown = shown.as_ref().map(|account| (&*account.name, account.domain.as_deref()));
            assert_eq!(shown, expected, "{text}");
        }
    }

    #[test]
    fn names() {
        type Reader = fn(&str) -> Option<Arc<str>>;
        let table: [(Reader, &str, Option<&str>); 19] = [
            (client_name, "client01", Some("CLIENT01")),
            (client_name, "\\\\Client01", Some("CLIENT01")),
            (client_name, "pc-17.corp.example", Some("PC-17")),
            (client_name, "10.0.0.5", Some("10.0.0.5")),
            (client_name, "-", None),
            (client_name, "\\\\", None),
            (target, "SRV01.corp.example:3390", Some("srv01.corp.example")),
            (target, "TERMSRV/Srv01", Some("srv01")),
            (target, "[FE80::1]:3389", Some("fe80::1")),
            (target, "fe80::1", Some("fe80::1")),
            (target, "srv01:rdp", Some("srv01:rdp")),
            (target, "termsrv/", None),
            (target, "", None),
            (domain, "CORP", Some("corp")),
            (domain, ".", None),
            (domain, "-", None),
            (connection, " RDP-Tcp#12\0", Some("RDP-Tcp#12")),
            (connection, "", None),
            (connection, "-", None),
        ];
        for (read, text, expected) in table {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn numbers() {
        for (value, expected) in [
            (Value::UInt32(2), Some(2)),
            (Value::text("3"), Some(3)),
            (Value::UInt32(u32::MAX), None),
            (Value::Int32(-1), None),
            (Value::text("x"), None),
        ] {
            assert_eq!(session(&value), expected, "{value:?}");
        }
        for (value, expected) in [
            (Value::HexInt64(0x3e7), Some(0x3e7)),
            (Value::text("0x3E7"), Some(0x3e7)),
            (Value::HexInt64(0), None),
            (Value::Null, None),
        ] {
            assert_eq!(logon_id(&value), expected, "{value:?}");
        }
    }
}
