//! Options of all commands that take logs: how far archives are looked into.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use crate::options::ArchiveOptions;
use crate::text;

/// Most bytes of a password file.
const PASSWORDS: u64 = 1 << 20;

/// Options about archives.
#[derive(Debug, Args)]
pub struct ArchiveArgs {
    /// Passwords for encrypted archives, one in each line of this file
    ///
    /// A file, because a password on the command line is shown to other users. UTF-8 or UTF-16.
    #[arg(long, value_name = "FILE", help_heading = "Archives")]
    password_file: Option<PathBuf>,
    /// Open archives inside archives, so many deep [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=64),
          help_heading = "Archives")]
    max_depth: Option<u32>,
    /// Look at so many files in archives [default: 250000]
    #[arg(long, value_name = "N", help_heading = "Archives")]
    max_members: Option<u64>,
    /// Unpack so much in all [default: 256G]
    ///
    /// A number of bytes, or one with K, M, G or T. Nothing is written to disk.
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Archives")]
    max_unpacked: Option<u64>,
    /// Unpack to so many times the packed size [default: 250]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..),
          help_heading = "Archives")]
    max_ratio: Option<u64>,
    /// Hold so much in memory of archives inside archives and of standard input [default: 1G]
    ///
    /// A zip, 7z or cabinet can be read only with its end at hand. One that stands compressed
    /// in another archive, or comes from standard input, is therefore held in memory.
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Archives")]
    max_buffer: Option<u64>,
}

impl ArchiveArgs {
    /// The checked settings.
    pub(super) fn options(&self) -> anyhow::Result<ArchiveOptions> {
        let default = ArchiveOptions::default();
        Ok(ArchiveOptions {
            max_depth: self.max_depth.unwrap_or(default.max_depth),
            max_members: self.max_members.unwrap_or(default.max_members),
            max_unpacked: self.max_unpacked.unwrap_or(default.max_unpacked),
            max_ratio: self.max_ratio.unwrap_or(default.max_ratio),
            max_buffer: self.max_buffer.unwrap_or(default.max_buffer),
            passwords: self.passwords()?,
        })
    }

    /// The file of passwords.
    pub(super) fn password_file(&self) -> Option<&Path> {
        self.password_file.as_deref()
    }

    fn passwords(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        let Some(path) = &self.password_file else { return Ok(Vec::new()) };
        let context = || format!("cannot read the passwords in `{}`", path.display());
        let mut text = Vec::new();
        let file = File::open(path).with_context(context)?;
        // PowerShell's `>` writes UTF-16.
        let read =
            text::utf8(file.take(PASSWORDS)).and_then(|mut file| file.read_to_end(&mut text));
        read.with_context(context)?;
        let lines = text.split(|byte| *byte == b'\n');
        let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        Ok(lines.filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect())
    }
}

/// Reads `1048576`, `1024K`, `1M` or `1MiB`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|character: char| !character.is_ascii_digit());
    let unit = text.get(digits.len()..).unwrap_or_default().to_ascii_uppercase();
    let shift = match unit.trim().trim_end_matches('B').trim_end_matches('I') {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("the units are K, M, G and T".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "give a number, such as 512M".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("1k", 1024),
            ("3M", 3 << 20),
            ("2 GiB", 2 << 30),
            ("1TB", 1 << 40),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "M", "1.5M", "-1", "1X", "99999999T", "i"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
