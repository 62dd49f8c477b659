//! The kinds of damage: what disks, copies and attackers do to logs.

use crate::seeds::{CHUNK, CHUNK_HEADER, FILE_HEADER, Seed, u32_at};

/// A kind of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Single bits, anywhere in the records.
    BitFlips,
    /// Single bytes that lengths, types and offsets break on.
    ByteStamps,
    /// The file ends early.
    Truncation,
    /// Whole chunks change places, or stand there twice, or come from another log.
    ChunkSwap,
    /// A chunk is zeros, wholly or in part.
    Zeroed,
    /// Sectors of another place or of another log.
    TornSectors,
    /// Bytes are missing or doubled, so that all behind is shifted.
    Shifted,
    /// Records lie about their size, in front, at the end, or in both places.
    SplicedSizes,
    /// Ids, counts and offsets in chunk headers.
    ChunkHeader,
    /// The file header.
    FileHeader,
    /// The table of strings and the links between strings, into loops and anywhere.
    StringTable,
    /// The table of templates, the links between them, and records' references to them.
    TemplateOffsets,
    /// Number, sizes and types of the values of records.
    Values,
    /// Values that claim to be content of their own, up to contents of themselves.
    Nesting,
    /// Some of all.
    Mixed,
}

impl Kind {
    pub(crate) const ALL: [Self; 15] = [
        Self::BitFlips,
        Self::ByteStamps,
        Self::Truncation,
        Self::ChunkSwap,
        Self::Zeroed,
        Self::TornSectors,
        Self::Shifted,
        Self::SplicedSizes,
        Self::ChunkHeader,
        Self::FileHeader,
        Self::StringTable,
        Self::TemplateOffsets,
        Self::Values,
        Self::Nesting,
        Self::Mixed,
    ];

    /// Damages `bytes`, which are still those of `victim`.
    pub(crate) fn apply(
        self,
        bytes: &mut Vec<u8>,
        victim: &Seed,
        donor: &Seed,
        random: &mut Random,
    ) {
        // Few acts leave much to read, many leave little; both matter.
        let acts = 1 << random.below(6);
        let mut mutant = Mutant { bytes, victim, donor, random };
        match self {
            Self::BitFlips => repeat(acts, || mutant.flip()),
            Self::ByteStamps => repeat(acts, || mutant.stamp()),
            Self::Truncation => mutant.truncate(),
            Self::ChunkSwap => repeat(1 + acts / 8, || mutant.swap_chunks()),
            Self::Zeroed => repeat(1 + acts / 8, || mutant.zero()),
            Self::TornSectors => repeat(1 + acts / 4, || mutant.tear()),
            Self::Shifted => repeat(1 + acts / 16, || mutant.shift()),
            Self::SplicedSizes => repeat(acts, || mutant.splice_size()),
            Self::ChunkHeader => repeat(1 + acts / 4, || mutant.chunk_header()),
            Self::FileHeader => repeat(acts, || mutant.file_header()),
            Self::StringTable => repeat(acts, || mutant.string_table()),
            Self::TemplateOffsets => repeat(acts, || mutant.template_offset()),
            Self::Values => repeat(acts, || mutant.value()),
            Self::Nesting => repeat(acts, || mutant.nest()),
            Self::Mixed => {
                for _ in 0..2 {
                    match mutant.random.below(10) {
                        0 => mutant.stamp(),
                        1 => mutant.swap_chunks(),
                        2 => mutant.zero(),
                        3 => mutant.tear(),
                        4 => mutant.splice_size(),
                        5 => mutant.chunk_header(),
                        6 => mutant.string_table(),
                        7 => mutant.template_offset(),
                        8 => mutant.value(),
                        _ => mutant.flip(),
                    }
                }
            }
        }
    }
}

fn repeat(times: usize, mut act: impl FnMut()) {
    (0..times).for_each(|_| act());
}

/// A log on its way to ruin.
struct Mutant<'m> {
    bytes: &'m mut Vec<u8>,
    victim: &'m Seed,
    donor: &'m Seed,
    random: &'m mut Random,
}

impl Mutant<'_> {
    /// A place among the records.
    fn place(&mut self) -> usize {
        let (at, size) = *self.random.pick(&self.victim.records);
        at + self.random.below(size)
    }

    fn chunk(&mut self) -> usize {
        *self.random.pick(&self.victim.chunks)
    }

    fn put(&mut self, at: usize, new: &[u8]) {
        for (old, new) in self.bytes.iter_mut().skip(at).zip(new) {
            *old = *new;
        }
    }

    fn put_u32(&mut self, at: usize, value: u32) {
        self.put(at, &value.to_le_bytes());
    }

    fn flip(&mut self) {
        let at = self.place();
        let bit = self.random.below(8);
        if let Some(byte) = self.bytes.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }

    fn stamp(&mut self) {
        let at = self.place();
        let byte = match self.random.below(4) {
            0 => 0,
            1 => 0xff,
            2 => self.random.below(0x25) as u8,
            _ => self.random.below(256) as u8,
        };
        self.put(at, &[byte]);
    }

    fn truncate(&mut self) {
        let length = self.random.below(self.bytes.len());
        self.bytes.truncate(length);
    }

    fn swap_chunks(&mut self) {
        let (one, other) = (self.chunk(), self.chunk());
        let from_donor = self.random.below(3) == 0;
        let source = if from_donor { *self.random.pick(&self.donor.chunks) } else { other };
        let pool = if from_donor { &self.donor.bytes } else { &*self.bytes };
        let end = |at: usize, all: &[u8]| all.len().min(at + CHUNK);
        let new = pool[source..end(source, pool)].to_vec();
        let old = self.bytes[one..end(one, self.bytes)].to_vec();
        self.put(one, &new);
        if !from_donor {
            self.put(other, &old);
        }
        if self.random.below(3) == 0 {
            self.bytes.extend(new);
        }
    }

    fn zero(&mut self) {
        let chunk = self.chunk();
        let (start, length) = match self.random.below(4) {
            0 => (0, CHUNK),
            1 => (0, CHUNK_HEADER),
            _ => (self.random.below(CHUNK / 512) * 512, (1 + self.random.below(32)) * 512),
        };
        let end = self.bytes.len().min(chunk + CHUNK).min(chunk + start + length);
        self.bytes.get_mut(chunk + start..end).unwrap_or_default().fill(0);
    }

    fn tear(&mut self) {
        let unit = [512, 4096][self.random.below(2)];
        let length = unit * (1 + self.random.below(4));
        let pool = if self.random.below(2) == 0 { &self.donor.bytes } else { &*self.bytes };
        let from = self.random.below(pool.len()) / unit * unit;
        let new = pool[from..pool.len().min(from + length)].to_vec();
        let to = self.place() / unit * unit;
        self.put(to, &new);
    }

    fn shift(&mut self) {
        let at = self.place().min(self.bytes.len());
        let most = *self.random.pick(&[8, 512, 8192]);
        let count = 1 + self.random.below(most);
        let end = self.bytes.len().min(at + count);
        if self.random.below(2) == 0 {
            self.bytes.drain(at..end);
        } else {
            let doubled = self.bytes[at..end].to_vec();
            self.bytes.splice(at..at, doubled);
        }
    }

    /// A number that lengths and offsets break on; `honest` is what should stand there.
    fn lie(&mut self, honest: u32) -> u32 {
        let ends = [0, 1, 8, 23, 24, 27, 28, 0x7fff_ffff, u32::MAX, u32::MAX - 7];
        match self.random.below(6) {
            0 => honest.wrapping_add(8 << self.random.below(8)),
            1 => honest.wrapping_sub(8 << self.random.below(8)),
            2 => honest.wrapping_mul(2),
            3 => *self.random.pick(&ends),
            4 => self.random.below(CHUNK + 16) as u32,
            _ => honest ^ (1 << self.random.below(32)),
        }
    }

    fn splice_size(&mut self) {
        let (at, size) = *self.random.pick(&self.victim.records);
        let lie = self.lie(size as u32);
        let places = self.random.below(4);
        if places != 1 {
            self.put_u32(at + 4, lie);
        }
        if places == 1 || places == 2 {
            self.put_u32(at + size - 4, lie);
        }
        // A lie that is consistent: the copy stands where the size says.
        let end = at.saturating_add(lie as usize);
        if places == 3 && lie >= 28 {
            self.put_u32(end - 4, lie);
        }
    }

    fn chunk_header(&mut self) {
        let chunk = self.chunk();
        match self.random.below(8) {
            // First and last number and id: 64 bits each.
            at @ 0..5 => {
                let at = chunk + 8 + 8 * at.min(3);
                let honest = u32_at(self.bytes, at);
                let lie = self.lie(honest);
                self.put_u32(at, lie);
                if self.random.below(4) == 0 {
                    self.put_u32(at + 4, u32::MAX);
                }
            }
            // Last record, free space, flags.
            at => {
                let at = chunk + [44, 48, 120][at - 5];
                let honest = u32_at(self.bytes, at);
                let lie = self.lie(honest);
                self.put_u32(at, lie);
            }
        }
    }

    fn file_header(&mut self) {
        let at = match self.random.below(4) {
            0 => self.random.below(8),
            1 => 8 + 8 * self.random.below(3),
            2 => 32 + 2 * self.random.below(6),
            _ => self.random.below(FILE_HEADER),
        };
        let (word, byte) = (self.random.next() as u32, self.random.below(256) as u8);
        if at < 8 { self.put(at, &[byte]) } else { self.put_u32(at, word) }
    }

    fn string_table(&mut self) {
        let chunk = self.chunk();
        let bucket = chunk + 128 + 4 * self.random.below(64);
        let string = u32_at(self.bytes, bucket);
        let lie = self.lie(string);
        match self.random.below(3) {
            // The table points anywhere.
            0 => self.put_u32(bucket, lie),
            // A string links to itself, or anywhere.
            1 if string > 0 => self.put_u32(chunk + string as usize, string),
            2 if string > 0 => self.put_u32(chunk + string as usize, lie),
            _ => {
                let other = u32_at(self.bytes, chunk + 128 + 4 * self.random.below(64));
                self.put_u32(bucket, other);
            }
        }
    }

    fn template_offset(&mut self) {
        let chunk = self.chunk();
        if self.random.below(3) == 0 {
            let bucket = chunk + 384 + 4 * self.random.below(32);
            let template = u32_at(self.bytes, bucket);
            let lie = self.lie(template);
            match self.random.below(2) {
                0 => self.put_u32(bucket, lie),
                _ if template > 0 => self.put_u32(chunk + template as usize, template),
                _ => {}
            }
            return;
        }
        // `0f 01 01 00 0c 01`, the id, then the offset of the definition.
        let (at, _) = *self.random.pick(&self.victim.records);
        let field = at + 24 + 10;
        let honest = u32_at(self.bytes, field);
        let lie = self.lie(honest);
        self.put_u32(field, lie);
    }

    /// The count of a record's values, where it is known.
    fn values(&mut self) -> Option<(usize, usize)> {
        let (at, size) = *self.random.pick(&self.victim.records);
        let content = at + 24;
        if self.bytes.get(content..content + 5)? != [0x0f, 1, 1, 0, 0x0c] {
            return None;
        }
        let chunk = (at - FILE_HEADER) / CHUNK * CHUNK + FILE_HEADER;
        let definition = u32_at(self.bytes, content + 10) as usize;
        let mut count = content + 14;
        if chunk + definition == count {
            count += 24 + u32_at(self.bytes, count + 20) as usize;
        }
        (count + 4 < at + size).then(|| (count, u32_at(self.bytes, count).min(64) as usize))
    }

    fn value(&mut self) {
        let Some((at, count)) = self.values() else { return };
        if self.random.below(4) == 0 {
            let lie = self.lie(count as u32);
            return self.put_u32(at, lie);
        }
        let descriptor = at + 4 + 4 * self.random.below(count.max(1));
        if self.random.below(2) == 0 {
            let honest = u32_at(self.bytes, descriptor) & 0xffff;
            let lie = self.lie(honest) as u16;
            self.put(descriptor, &lie.to_le_bytes());
        } else {
            let kind = self.random.below(0x24) as u8 | (self.random.below(2) as u8) << 7;
            self.put(descriptor + 2, &[kind]);
        }
    }

    fn nest(&mut self) {
        let Some((at, count)) = self.values() else { return };
        let index = self.random.below(count.max(1));
        self.put(at + 4 + 4 * index + 2, &[0x21]);
        if self.random.below(2) == 0 {
            return;
        }
        // The value's content becomes an instance of a template that the chunk has: with some
        // luck of the very one around it.
        let sizes: usize = (0..index)
            .map(|index| (u32_at(self.bytes, at + 4 + 4 * index) & 0xffff) as usize)
            .sum();
        let value = at + 4 + 4 * count + sizes;
        let (other, _) = *self.random.pick(&self.victim.records);
        let offset = u32_at(self.bytes, other + 24 + 10);
        self.put(value, &[0x0f, 1, 1, 0, 0x0c, 1, 0, 0, 0, 0]);
        self.put_u32(value + 10, offset);
    }
}

/// Random numbers that depend on the seed and the mutant's number only (`SplitMix64`).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0xd134_2543_de82_ef95) ^ number);
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the limit; 0 where there is none.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}
