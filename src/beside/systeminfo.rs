//! `systeminfo`: only the machine's name is taken, which tells whose a folder is.
//!
//! The labels are translated; the order of the first three lines is not, nor is what stands in
//! the second and third: Windows' name and version.

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
    fn the_name_stands_first_in_any_language() {
        let text = "\r\nHostname:                  SRV01\r\nBetriebssystemname:        Microsoft Windows \
                    Server 2022 Standard\r\nBetriebssystemversion:     10.0.20348 Nicht zutreffend\r\n";
        assert_eq!(host(text).as_deref(), Some("SRV01"));
        for text in ["", "a: b\nc: d\ne: f\n", "Host: x y\nOS: Microsoft Windows 10\nV: 10.0.1\n"] {
            assert_eq!(host(text), None, "{text}");
        }
    }
}
