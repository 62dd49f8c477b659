//! Writes small logs byte by byte, so that tests say exactly what stands in them.

const CHUNK: usize = 65_536;
const CHUNK_HEADER: usize = 512;

/// Value types of BinXML.
pub(crate) mod kind {
    pub(crate) const NULL: u8 = 0x00;
    pub(crate) const TEXT: u8 = 0x01;
    pub(crate) const ANSI: u8 = 0x02;
    pub(crate) const UINT8: u8 = 0x04;
    pub(crate) const UINT16: u8 = 0x06;
    pub(crate) const INT32: u8 = 0x07;
    pub(crate) const UINT32: u8 = 0x08;
    pub(crate) const UINT64: u8 = 0x0a;
    pub(crate) const BOOLEAN: u8 = 0x0d;
    pub(crate) const BINARY: u8 = 0x0e;
    pub(crate) const GUID: u8 = 0x0f;
    pub(crate) const SIZE_T: u8 = 0x10;
    pub(crate) const FILETIME: u8 = 0x11;
    pub(crate) const SYSTEMTIME: u8 = 0x12;
    pub(crate) const SID: u8 = 0x13;
    pub(crate) const FRAGMENT: u8 = 0x21;
    pub(crate) const TEXTS: u8 = 0x81;
    pub(crate) const UINT32S: u8 = 0x88;
}

/// UTF-16LE without a NUL.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A chunk under construction, or the content of a record in it.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    records: Vec<(u64, usize)>,
}

impl Chunk {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; CHUNK_HEADER], records: Vec::new() }
    }

    /// Adds a record with what `content` writes.
    pub(crate) fn record(&mut self, id: u64, content: impl FnOnce(&mut Self)) -> &mut Self {
        let start = self.bytes.len();
        self.records.push((id, start));
        self.raw(b"**\0\0").raw(&[0; 4]).raw(&id.to_le_bytes()).raw(&[0; 8]);
        content(self);
        while !(self.bytes.len() + 4 - start).is_multiple_of(8) {
            self.bytes.push(0);
        }
        let size = u32::try_from(self.bytes.len() + 4 - start).unwrap().to_le_bytes();
        self.raw(&size);
        self.bytes[start + 4..start + 8].copy_from_slice(&size);
        self
    }

    /// The finished chunk with valid checksums.
    pub(crate) fn finish(&self) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        let free = bytes.len();
        assert!(free <= CHUNK, "the chunk is too full");
        let (first, _) = self.records.first().copied().unwrap_or((u64::MAX, 0));
        let (last, last_at) = self.records.last().copied().unwrap_or((u64::MAX, 0));
        let records = crc32fast::hash(&bytes[CHUNK_HEADER..]);
        bytes.resize(CHUNK, 0);
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(0, b"ElfChnk\0");
        for (at, id) in [(8, first), (16, last), (24, first), (32, last)] {
            put(at, &id.to_le_bytes());
        }
        put(40, &128_u32.to_le_bytes());
        put(44, &u32::try_from(last_at).unwrap().to_le_bytes());
        put(48, &u32::try_from(free).unwrap().to_le_bytes());
        put(52, &records.to_le_bytes());
        let mut header = crc32fast::Hasher::new();
        header.update(&bytes[..120]);
        header.update(&bytes[128..CHUNK_HEADER]);
        bytes[124..128].copy_from_slice(&header.finalize().to_le_bytes());
        bytes
    }

    /// Appends bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    fn long(&mut self, value: usize) -> &mut Self {
        self.raw(&u32::try_from(value).unwrap().to_le_bytes())
    }

    fn short(&mut self, value: usize) -> &mut Self {
        self.raw(&u16::try_from(value).unwrap().to_le_bytes())
    }

    fn name(&mut self, name: &str) -> &mut Self {
        let at = self.bytes.len() + 4;
        // Windows multiplies by 65,599 and keeps the lower 16 bits.
        let hash =
            name.encode_utf16().fold(0_u16, |hash, unit| hash.wrapping_mul(63).wrapping_add(unit));
        self.long(at).long(0).short(hash.into()).short(name.encode_utf16().count());
        self.raw(&utf16(name)).short(0)
    }

    /// An element of a fragment.
    pub(crate) fn element(&mut self, name: &str, attributes: &[(&str, &str)]) -> &mut Self {
        let start = if attributes.is_empty() { 0x01 } else { 0x41 };
        self.raw(&[start]).long(0).name(name);
        if !attributes.is_empty() {
            self.long(0);
        }
        for (name, value) in attributes {
            self.raw(&[0x06]).name(name).text(value);
        }
        self.raw(&[0x02])
    }

    /// An element of a definition, which may depend on a value.
    pub(crate) fn defined(&mut self, name: &str, dependency: u16) -> &mut Self {
        self.raw(&[0x41]).raw(&dependency.to_le_bytes()).long(0).name(name).long(0)
    }

    /// An attribute of a defined element.
    pub(crate) fn attribute(&mut self, name: &str) -> &mut Self {
        self.raw(&[0x06]).name(name)
    }

    /// The end of a defined element's attributes.
    pub(crate) fn content(&mut self) -> &mut Self {
        self.raw(&[0x02])
    }

    pub(crate) fn close(&mut self) -> &mut Self {
        self.raw(&[0x04])
    }

    /// Literal text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.raw(&[0x05, kind::TEXT]).short(text.encode_utf16().count()).raw(&utf16(text))
    }

    /// `<name>text</name>`
    pub(crate) fn leaf(&mut self, name: &str, text: &str) -> &mut Self {
        self.element(name, &[]).text(text).close()
    }

    /// An entity reference.
    pub(crate) fn entity(&mut self, name: &str) -> &mut Self {
        self.raw(&[0x09]).name(name)
    }

    /// The place of a value.
    pub(crate) fn substitution(&mut self, index: u16) -> &mut Self {
        self.raw(&[0x0e]).raw(&index.to_le_bytes()).raw(&[0x00])
    }

    /// An instance of the template that `definition` writes, with its values. Returns the
    /// definition's offset.
    pub(crate) fn instance(
        &mut self,
        definition: impl FnOnce(&mut Self),
        values: &[(u8, &[u8])],
    ) -> usize {
        let at = self.bytes.len() + 10;
        self.raw(&[0x0c, 0x01]).long(7).long(at).long(0).raw(&[0; 16]).long(0);
        let start = self.bytes.len();
        self.raw(&[0x0f, 1, 1, 0]);
        definition(self);
        self.raw(&[0x00]);
        let length = u32::try_from(self.bytes.len() - start).unwrap().to_le_bytes();
        self.bytes[start - 4..start].copy_from_slice(&length);
        self.values(values);
        at
    }

    /// An instance of a template that is already defined.
    pub(crate) fn instance_again(
        &mut self,
        definition: usize,
        values: &[(u8, &[u8])],
    ) -> &mut Self {
        self.raw(&[0x0c, 0x01]).long(7).long(definition).values(values)
    }

    fn values(&mut self, values: &[(u8, &[u8])]) -> &mut Self {
        self.long(values.len());
        for (kind, bytes) in values {
            self.short(bytes.len()).raw(&[*kind, 0]);
        }
        for (_, bytes) in values {
            self.raw(bytes);
        }
        self
    }

    /// A whole event as forwarded records are: no template, everything is text.
    pub(crate) fn event(
        &mut self,
        (machine, channel, event_id): (&str, &str, &str),
        payload: impl FnOnce(&mut Self),
    ) -> &mut Self {
        self.raw(&[0x0f, 1, 1, 0]).element("Event", &[("xmlns", "http://schemas/event")]);
        self.element("System", &[]);
        self.element("Provider", &[("Name", "Test-Provider")]).close();
        self.element("EventID", &[("Qualifiers", "16384")]).text(event_id).close();
        self.leaf("Version", "2").leaf("Level", "4");
        self.element("TimeCreated", &[("SystemTime", "2026-03-04T02:11:07.123456700Z")]).close();
        self.leaf("EventRecordID", "4711");
        let activity = "{F4208A2B-1234-5678-9ABC-DEF012345678}";
        self.element("Correlation", &[("ActivityID", activity)]).close();
        self.element("Execution", &[("ProcessID", "1044"), ("ThreadID", "0x10")]).close();
        self.leaf("Channel", channel).leaf("Computer", machine);
        self.element("Security", &[("UserID", "S-1-5-18")]).close();
        self.close();
        payload(self);
        self.close().raw(&[0x00])
    }
}

/// A log of these chunks, with a file header that, as in a log in use, counts none of them.
pub(crate) fn log(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"ElfFile\0".to_vec();
    bytes.resize(4096, 0);
    chunks.iter().for_each(|chunk| bytes.extend_from_slice(chunk));
    bytes
}
