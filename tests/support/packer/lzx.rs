//! A cabinet compressed by LZX, as Windows packs driver and support files. No Rust library
//! writes one; this writes literals alone, which makes it no smaller and no less LZX.

use super::Named;

/// Bytes of a frame, which is what one block of the cabinet holds.
const FRAME: usize = 32_768;
/// The window of 2^15 bytes, and the codes of matches that belong to it.
const WINDOW: u16 = 15;
const MATCHES: usize = 30 * 8;
const LENGTHS: usize = 249;

pub(crate) fn cab_lzx(files: &[Named]) -> Vec<u8> {
    let content: Vec<u8> = files.iter().flat_map(|(_, bytes)| bytes).copied().collect();
    let frames: Vec<&[u8]> = content.chunks(FRAME).collect();
    let mut entries = Vec::new();
    let mut start = 0;
    for (name, bytes) in files {
        entries.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        entries.extend(u32::try_from(start).unwrap().to_le_bytes());
        entries.extend([0, 0, 0x21, 0x5a, 0, 0, 0x20, 0]);
        entries.extend(name.replace('/', "\\").bytes().chain([0]));
        start += bytes.len();
    }
    let mut data = Vec::new();
    for (number, frame) in frames.iter().enumerate() {
        let packed = block(frame, number == 0);
        data.extend([0; 4]);
        data.extend(u16::try_from(packed.len()).unwrap().to_le_bytes());
        data.extend(u16::try_from(frame.len()).unwrap().to_le_bytes());
        data.extend(packed);
    }
    let short = |value: usize| u16::try_from(value).unwrap().to_le_bytes();
    let long = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let (files_at, data_at) = (44, 44 + entries.len());
    let mut cab = b"MSCF\0\0\0\0".to_vec();
    cab.extend(long(data_at + data.len()));
    cab.extend([0; 4]);
    cab.extend(long(files_at));
    cab.extend([0, 0, 0, 0, 3, 1, 1, 0]);
    cab.extend(short(files.len()));
    cab.extend([0; 6]);
    cab.extend(long(data_at));
    cab.extend(short(frames.len()));
    cab.extend((WINDOW << 8 | 3).to_le_bytes());
    cab.extend(entries);
    cab.extend(data);
    cab
}

/// A verbatim block of literals. Every code of a literal has eight bits, so it is the literal.
fn block(frame: &[u8], is_first: bool) -> Vec<u8> {
    let mut bits = Bits::default();
    if is_first {
        // No calls of x86 programs are translated.
        bits.put(0, 1);
    }
    bits.put(1, 3);
    bits.put(u32::try_from(frame.len()).unwrap(), 24);
    // The lengths of codes are told by how they differ from those of the block before.
    bits.same(if is_first { 9 } else { 0 }, 256);
    bits.same(0, MATCHES);
    bits.same(0, LENGTHS);
    for byte in frame {
        bits.put((*byte).into(), 8);
    }
    bits.finish()
}

/// Words of sixteen bits, the highest bit first.
#[derive(Default)]
struct Bits {
    words: Vec<u8>,
    word: u32,
    filled: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        for bit in (0..count).rev() {
            self.word = self.word << 1 | value >> bit & 1;
            self.filled += 1;
            if self.filled == 16 {
                self.words.extend(u16::try_from(self.word).unwrap().to_le_bytes());
                (self.word, self.filled) = (0, 0);
            }
        }
    }

    /// So many times the same difference: the codes of it and of the next are `0` and `1`.
    fn same(&mut self, difference: u32, count: usize) {
        for symbol in 0..20 {
            self.put(u32::from((difference..difference + 2).contains(&symbol)), 4);
        }
        for _ in 0..count {
            self.put(0, 1);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        while self.filled > 0 {
            self.put(0, 1);
        }
        self.words
    }
}
