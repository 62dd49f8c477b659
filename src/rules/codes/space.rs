//! One number space: finding a code in it, and writing one.
//!
//! Knows how Windows wraps numbers into each other. Knows nothing about other spaces.

use serde::Serialize;

use super::schema::{Code, Family, Notation, Space};

/// How a number was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Read {
    /// As it is.
    Plain,
    /// As an HRESULT (0x8007xxxx) that holds a Win32 error.
    Win32InHresult,
    /// As an HRESULT (0xD…) that holds an NT status code.
    NtstatusInHresult,
    /// As the low 16 bits of an HRESULT.
    LowHalf,
}

impl Space {
    /// The code of that value.
    pub fn get(&self, value: u32) -> Option<&Code> {
        let index = self.codes.binary_search_by_key(&value, |code| code.value).ok()?;
        self.codes.get(index)
    }

    /// The code that a number stands for here, unwrapped if need be.
    pub fn find(&self, value: u32) -> Option<(&Code, Read)> {
        if let Some(code) = self.get(value) {
            return Some((code, Read::Plain));
        }
        let (value, read) = match self.family {
            Some(Family::Win32) => (win32_in_hresult(value)?, Read::Win32InHresult),
            Some(Family::Ntstatus) => (ntstatus_in_hresult(value)?, Read::NtstatusInHresult),
            _ if self.short_form && value <= 0xFFFF => (0x8007_0000 | value, Read::LowHalf),
            _ => return None,
        };
        Some((self.get(value)?, read))
    }

    /// Writes a value as the people who meet it do: `0x904`, `2308`, `-7`, `%%2313`.
    pub fn write(&self, value: u32) -> String {
        match self.notation {
            Notation::Hex => format!("0x{value:X}"),
            Notation::Decimal => value.to_string(),
            Notation::Signed => value.cast_signed().to_string(),
            Notation::MessageId => format!("%%{value}"),
        }
    }
}

/// The Win32 error in an HRESULT of that facility.
fn win32_in_hresult(value: u32) -> Option<u32> {
    (value & 0xFFFF_0000 == 0x8007_0000).then_some(value & 0xFFFF)
}

/// The NT status in an HRESULT, which has bit 28 set.
fn ntstatus_in_hresult(value: u32) -> Option<u32> {
    (value & 0xF000_0000 == 0xD000_0000).then_some(value & !0x1000_0000)
}
