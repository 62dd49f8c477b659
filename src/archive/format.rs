//! Tells archives by their first bytes.

/// The kinds of archives that can be looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Zip,
    SevenZip,
    Cab,
    Tar,
    Gzip,
    Xz,
    Zstd,
    Bzip2,
}

impl Format {
    /// The format of what begins with these bytes. 512 of them are enough.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        Some(match head {
            // The third is the marker in front of a zip that was made as one part of a set.
            [b'P', b'K', 3 | 5, 4 | 6, ..]
            | [b'P', b'K', 6, 6, ..]
            | [b'P', b'K', 7, 8, b'P', b'K', 3, 4, ..] => Self::Zip,
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Self::SevenZip,
            [b'M', b'S', b'C', b'F', 0, 0, 0, 0, ..] => Self::Cab,
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Self::Bzip2,
            _ if head.get(257..262) == Some(b"ustar") => Self::Tar,
            _ => return None,
        })
    }

    /// Whether it can be read only with its end at hand.
    pub(crate) const fn needs_random_access(self) -> bool {
        matches!(self, Self::Zip | Self::SevenZip | Self::Cab)
    }

    /// What to call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Zip => "zip archive",
            Self::SevenZip => "7z archive",
            Self::Cab => "cabinet",
            Self::Tar => "tar archive",
            Self::Gzip => "gzip file",
            Self::Xz => "xz file",
            Self::Zstd => "zstd file",
            Self::Bzip2 => "bzip2 file",
        }
    }
}
