//! `certutil -store`: its words are translated; how it lays a certificate out is not.
//!
//! A certificate begins at a line such as `================ Certificate 0 ================`. Two
//! lines that begin with one blank hold the dates between which it is valid, the line with
//! `(sha1)` its thumbprint, and lines behind that with `=` where its private key is. Whether the
//! key can be used is told in words, and left alone.

use std::io::{self, Read};

use super::certificate::{Certificate, Entry, dated, thumbprint};
use super::dates::Written;
use super::lines::each_line;

/// Certificates of one file; real machines have a few hundred.
const MOST: usize = 5000;

/// Whether a text begins like such a listing.
pub(super) fn is_listing(text: &str) -> bool {
    text.lines().any(|line| heading(line).is_some())
        && text.lines().any(|line| hash(line).is_some())
}

/// Reads one.
pub(super) fn read(content: &mut dyn Read) -> io::Result<Vec<Certificate>> {
    let mut listing = Listing::default();
    each_line(content, |number, line| listing.line(number, line))?;
    Ok(dated(listing.entries))
}

#[derive(Debug, Default)]
struct Listing {
    entries: Vec<Entry>,
    /// The last line that was not blank.
    last: String,
    store: Option<String>,
    /// The certificate that is being read.
    open: Option<Open>,
}

#[derive(Debug, Default)]
struct Open {
    line: u64,
    dates: Vec<Written>,
    thumbprint: Option<String>,
    names_key: bool,
}

impl Listing {
    fn line(&mut self, number: u64, line: &str) {
        if let Some(index) = heading(line) {
            self.close();
            if index == 0 {
                self.store = store(&self.last);
            }
            self.open = Some(Open { line: number, ..Open::default() });
        } else if line.starts_with("CertUtil:") {
            self.close();
        } else if let Some(open) = &mut self.open {
            open.line(line);
        }
        if !line.trim().is_empty() {
            line.trim().clone_into(&mut self.last);
        }
    }

    /// Takes the certificate that was being read. One at which the listing breaks off is never
    /// taken: silence about its key would prove nothing.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let Some(thumbprint) = open.thumbprint.filter(|_| self.entries.len() < MOST) else {
            return;
        };
        let [begins, ends] = [0, 1].map(|index| open.dates.get(index).copied());
        let (line, store, has_key) = (open.line, self.store.clone(), Some(open.names_key));
        self.entries.push(Entry { line, store, thumbprint, begins, ends, has_key });
    }
}

impl Open {
    fn line(&mut self, line: &str) {
        let is_indented = |by: &str| {
            line.strip_prefix(by).is_some_and(|rest| !rest.starts_with(char::is_whitespace))
        };
        if self.thumbprint.is_some() {
            self.names_key |= is_indented("  ") && line.contains('=');
        } else if let Some(found) = hash(line) {
            self.thumbprint = Some(found);
        } else if is_indented(" ") && self.dates.len() < 2 {
            let date = line.split_once(':').and_then(|(_, date)| Written::parse(date));
            self.dates.extend(date);
        }
    }
}

/// The number of the certificate that begins with this line.
fn heading(line: &str) -> Option<u64> {
    let inner = line.trim().strip_prefix("================ ")?.strip_suffix(" ================")?;
    inner.rsplit(' ').next()?.parse().ok()
}

/// The thumbprint that a line tells.
fn hash(line: &str) -> Option<String> {
    let (name, value) = line.split_once(':')?;
    name.to_ascii_lowercase().contains("(sha1)").then(|| thumbprint(value)).flatten()
}

/// The store's name in `My "Personal"`; what stands in quotation marks is translated.
fn store(line: &str) -> Option<String> {
    let name = line.split(" \"").next().unwrap_or(line).trim_matches('"');
    (!name.is_empty() && name.len() <= 64).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GERMAN: &str = "My \"Eigene Zertifikate\"\r\n\
        ================ Zertifikat 0 ================\r\nSeriennummer: 1a2b\r\n\
        Aussteller: CN=CA\r\n Nicht vor: 01.02.2025 01:00\r\n Nicht nach: 01.02.2026 01:00\r\n\
        Antragsteller: CN=srv01\r\nKein Stammzertifikat\r\n\
        Zertifikathash(sha1): 00112233445566778899aabbccddeeff00112233\r\n  \
        Schl\u{fc}sselcontainer = x\r\n  Anbieter = Microsoft Software Key Storage Provider\r\n\
        Verschl\u{fc}sselungstest wurde durchgef\u{fc}hrt\r\n\r\n\
        ================ Zertifikat 1 ================\r\n Nicht vor: 13.02.2025 01:00\r\n \
        Nicht nach: 13.02.2027 01:00\r\n\
        Zertifikathash(sha1): ff 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 00 11 22 33\r\n\
        Kein Schl\u{fc}ssel\r\nCertUtil: -store-Befehl\r\n";

    #[test]
    fn listings_in_any_language() {
        for text in [
            GERMAN.to_owned(),
            GERMAN.replace("Zertifikathash(sha1)", "Hach. cert. (sha1)\u{a0}"),
            GERMAN.replace("Zertifikat ", "\u{8a3c}\u{660e}\u{66f8} "),
        ] {
            assert!(is_listing(&text), "{text}");
            let [first, second] = read(&mut text.as_bytes()).unwrap().try_into().unwrap();
            assert_eq!((first.line, second.line), (2, 14));
            assert_eq!(first.store.as_deref(), Some("My"));
            assert_eq!(first.thumbprint, "00112233445566778899AABBCCDDEEFF00112233");
            assert_eq!(second.thumbprint, "FF112233445566778899AABBCCDDEEFF00112233");
            assert_eq!((first.has_key, second.has_key), (Some(true), Some(false)));
            // The thirteenth tells that the day comes first.
            assert_eq!(first.ends.unwrap().earliest.to_string(), "2026-01-31T10:00:00Z");
            assert_eq!(first.ends.unwrap().latest.to_string(), "2026-02-02T14:00:00Z");
        }
    }

    #[test]
    fn what_breaks_off_tells_nothing_of_a_key() {
        let cut = GERMAN.split("Kein Schl").next().unwrap();
        let found = read(&mut cut.as_bytes()).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        for text in
            ["", "Cert Hash(sha1): 00", "================ A 0 ================\n x: 1/2/2026\n"]
        {
            assert!(!is_listing(text), "{text}");
            assert_eq!(read(&mut text.as_bytes()).unwrap(), [], "{text}");
        }
    }
}
