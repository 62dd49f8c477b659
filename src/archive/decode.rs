//! One compressed stream: gzip, xz, zstd or bzip2.

use std::io::{self, BufRead, BufReader, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::Format;
use super::budget::{Budget, Packed, Unpacked};

/// KiB that a decoder may use. The largest presets of xz and 7z need a third of it.
pub(super) const MEMORY_KIB: u32 = 192 * 1024;

/// What the packed stream holds, watched by the budget. Formats that are no compressed stream
/// are passed on as they are.
pub(super) fn decode<'r>(
    format: Format,
    packed: &'r mut dyn Read,
    budget: &Budget,
) -> Box<dyn Read + 'r> {
    let (packed, taken) = Packed::new(packed);
    let packed = BufReader::new(packed);
    let decoder: Box<dyn Read + 'r> = match format {
        Format::Gzip => Box::new(MultiGzDecoder::new(packed)),
        Format::Xz => Box::new(XzReader::new_mem_limit(packed, true, MEMORY_KIB)),
        Format::Bzip2 => Box::new(MultiBzDecoder::new(packed)),
        Format::Zstd => Box::new(ZstdFrames::new(packed)),
        Format::Zip | Format::SevenZip | Format::Cab | Format::Tar => Box::new(packed),
    };
    Box::new(Unpacked::new(decoder, budget.clone(), taken))
}

/// The frames of a zstd file, one after the other; the library's own reader ends after one.
struct ZstdFrames<R> {
    packed: R,
    decoder: FrameDecoder,
    is_inside: bool,
}

impl<R: BufRead> ZstdFrames<R> {
    fn new(packed: R) -> Self {
        Self { packed, decoder: FrameDecoder::new(), is_inside: false }
    }

    /// Opens the next frame; `false` at the end of the file.
    fn open(&mut self) -> io::Result<bool> {
        while !self.packed.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.packed) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = (&mut self.packed).take(length.into());
                    io::copy(&mut skipped, &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }

    /// Ends a frame.
    fn close(&mut self) -> io::Result<()> {
        self.is_inside = false;
        let written = self.decoder.get_checksum_from_data();
        if written.is_some() && written != self.decoder.get_calculated_checksum() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum is wrong"));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for ZstdFrames<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_inside {
                self.is_inside = self.open()?;
                if !self.is_inside {
                    return Ok(0);
                }
            }
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(into);
            }
            if self.decoder.is_finished() {
                self.close()?;
            } else {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.packed, one).map_err(io::Error::other)?;
            }
        }
    }
}
