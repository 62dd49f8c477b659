//! `netstat -ano`: its words are translated, its addresses are not.
//!
//! A socket listens where it has no remote end: `0.0.0.0:0` or `[::]:0`.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::Statement;
use super::lines::each_line;

/// Lines that must look like sockets.
const ENOUGH: usize = 3;

/// Whether a text begins like such a listing.
pub(super) fn is_listing(text: &str) -> bool {
    text.lines().filter(|line| socket(line).is_some()).count() >= ENOUGH
}

/// Reads one.
pub(super) fn read(content: &mut dyn Read) -> io::Result<Statement> {
    let mut ports = BTreeMap::new();
    each_line(content, |number, line| {
        if let Some((port, true)) = socket(line) {
            ports.entry(port).or_insert(number);
        }
    })?;
    Ok(Statement::Ports(ports))
}

/// A TCP socket's own port, and whether it listens.
fn socket(line: &str) -> Option<(u16, bool)> {
    let mut words = line.split_whitespace();
    let (protocol, local, remote) = (words.next()?, words.next()?, words.next()?);
    if protocol != "TCP" || words.next_back()?.parse::<u32>().is_err() {
        return None;
    }
    let (address, port) = local.rsplit_once(':')?;
    let is_address = address.starts_with('[') || address.parse::<std::net::Ipv4Addr>().is_ok();
    let listens = matches!(remote, "0.0.0.0:0" | "[::]:0");
    is_address.then_some((port.parse().ok()?, listens))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_in_any_language() {
        let text = "\nAktive Verbindungen\n\n  Proto  Lokale Adresse  Remoteadresse  Status  PID\n  \
                    TCP    0.0.0.0:135   0.0.0.0:0  ABHÖREN  1032\n  \
                    TCP    [::]:3389     [::]:0     ABHÖREN  1288\n  \
                    TCP    10.0.0.1:3389 10.0.0.5:50100 HERGESTELLT 1288\n  \
                    TCP    10.0.0.1:5000 10.0.0.5:443 HERGESTELLT 99\n  UDP 0.0.0.0:3389 *:* 1288\n";
        assert!(is_listing(text));
        let ports = BTreeMap::from([(135, 5), (3389, 6)]);
        assert_eq!(read(&mut text.as_bytes()).unwrap(), Statement::Ports(ports));
        assert!(!is_listing("TCP is a protocol\nTCP 1 2 3\n"));
    }
}
