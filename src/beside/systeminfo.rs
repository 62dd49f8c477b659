//! `systeminfo`: the machine's name, which tells whose a folder is, and its updates.
//!
//! The labels are translated; the order of the first three lines is not, nor is what stands in
//! the second and third, Windows' name and version, nor how the list of updates is numbered.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::lines::each_line;
use super::{Statement, hotfix};

/// Lines at the start in which the name must stand.
const HEAD: u64 = 12;

/// Reads one; `None` where it turns out to be none.
pub(super) fn read(content: &mut dyn Read) -> io::Result<Option<Statement>> {
    let mut head = String::new();
    let mut updates = BTreeMap::new();
    each_line(content, |number, line| {
        if number <= HEAD {
            head.push_str(line);
            head.push('\n');
        }
        if let Some(article) = hotfix::listed(line) {
            hotfix::take(&mut updates, article, number);
        }
    })?;
    Ok(host(&head)
        .map(|host| Statement::Settings { host: Some(host), facts: hotfix::facts(updates) }))
}

/// The machine's name, if a text is such a listing.
pub(super) fn host(text: &str) -> Option<String> {
    let mut values = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.split_once(':').map(|(_, value)| value.trim()));
    let (host, name, version) = (values.next()??, values.next()??, values.next()??);
    let is_version = version.split('.').next()?.parse::<u8>().is_ok() && version.contains('.');
    let is_name = !host.is_empty() && !host.contains(char::is_whitespace);
    (is_name && name.starts_with("Microsoft Windows") && is_version).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_are_listed_by_number() {
        let text = "\nHostname: SRV01\nOS: Microsoft Windows Server 2025 Standard\nVersion: 10.0.26100 N/A\n\
                    Hotfix(es):  2 Hotfix(e) installiert.\n             [01]: KB5051987\n             \
                    [02]: KB5050000\nNetzwerkkarte(n): 1\n             [01]: Intel KB5055523\n";
        let Some(Statement::Settings { host, facts }) = read(&mut text.as_bytes()).unwrap() else {
            panic!("{text}")
        };
        assert_eq!(host.as_deref(), Some("SRV01"));
        let shown: Vec<_> =
            facts.iter().map(|fact| (fact.line, fact.fields[0].1.to_text())).collect();
        assert_eq!(shown, [(6, "KB5051987".into()), (7, "KB5050000".into())]);
        assert_eq!(read(&mut "x".as_bytes()).unwrap(), None);
    }

    #[test]
    fn the_name_stands_first_in_any_language() {
        let text = "\r\nHostname:                  SRV01\r\nBetriebssystemname:        Microsoft Windows \
                    Server 2022 Standard\r\nBetriebssystemversion:     10.0.20348 Nicht zutreffend\r\n";
        assert_eq!(host(text).as_deref(), Some("SRV01"));
        for text in ["", "a: b\nc: d\ne: f\n", "Host: x y\nOS: Microsoft Windows 10\nV: 10.0.1\n"] {
            assert_eq!(host(text), None, "{text}");
        }
    }
}
