//! The BinXML value types ([MS-EVEN6] 2.2.12), as the file numbers them.

pub(in super::super) const NULL: u8 = 0x00;
pub(in super::super) const TEXT: u8 = 0x01;
pub(in super::super) const ANSI: u8 = 0x02;
pub(in super::super) const INT8: u8 = 0x03;
pub(in super::super) const UINT8: u8 = 0x04;
pub(in super::super) const INT16: u8 = 0x05;
pub(in super::super) const UINT16: u8 = 0x06;
pub(in super::super) const INT32: u8 = 0x07;
pub(in super::super) const UINT32: u8 = 0x08;
pub(in super::super) const INT64: u8 = 0x09;
pub(in super::super) const UINT64: u8 = 0x0a;
pub(in super::super) const REAL32: u8 = 0x0b;
pub(in super::super) const REAL64: u8 = 0x0c;
pub(in super::super) const BOOLEAN: u8 = 0x0d;
pub(in super::super) const GUID: u8 = 0x0f;
pub(in super::super) const SIZE_T: u8 = 0x10;
pub(in super::super) const FILETIME: u8 = 0x11;
pub(in super::super) const SYSTEMTIME: u8 = 0x12;
pub(in super::super) const SID: u8 = 0x13;
pub(in super::super) const HEX_INT32: u8 = 0x14;
pub(in super::super) const HEX_INT64: u8 = 0x15;
pub(in super::super) const FRAGMENT: u8 = 0x21;
/// Added to the type of its items, an array.
pub(in super::super) const ARRAY: u8 = 0x80;

/// The size of a type that has only one.
pub(in super::super) fn size(kind: u8) -> Option<usize> {
    match kind {
        NULL => Some(0),
        INT8 | UINT8 => Some(1),
        INT16 | UINT16 => Some(2),
        INT32 | UINT32 | REAL32 | BOOLEAN | HEX_INT32 => Some(4),
        INT64 | UINT64 | REAL64 | FILETIME | HEX_INT64 => Some(8),
        GUID | SYSTEMTIME => Some(16),
        _ => None,
    }
}
