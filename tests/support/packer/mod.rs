//! Packs files as customers do, and as attackers do.

pub(crate) mod lzx;

use std::io::{Cursor, Write as _};

use zip::unstable::write::FileOptionsExt as _;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

/// A file by its name in an archive.
pub(crate) type Named = (String, Vec<u8>);

/// A zip of files, packed by that method.
pub(crate) fn zip_by(files: &[Named], options: SimpleFileOptions) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub(crate) fn method(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method)
}

pub(crate) fn zip(files: &[Named]) -> Vec<u8> {
    zip_by(files, method(CompressionMethod::Deflated))
}

pub(crate) fn zip_stored(files: &[Named]) -> Vec<u8> {
    zip_by(files, method(CompressionMethod::Stored))
}

/// A zip with 64-bit sizes.
pub(crate) fn zip64(files: &[Named]) -> Vec<u8> {
    zip_by(files, method(CompressionMethod::Deflated).large_file(true))
}

pub(crate) fn zip_aes(files: &[Named], password: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = method(CompressionMethod::Deflated);
        zip.start_file(name, options.with_aes_encryption(AesMode::Aes256, password)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub(crate) fn zip_crypto(files: &[Named], password: &'static str) -> Vec<u8> {
    let options = method(CompressionMethod::Deflated);
    zip_by(files, options.with_deprecated_encryption(password.as_bytes()).unwrap())
}

pub(crate) fn tar(files: &[Named]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    tar.into_inner().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(bytes).unwrap();
    bzip2.finish().unwrap()
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(0);
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    xz.write_all(bytes).unwrap();
    xz.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

pub(crate) fn seven(files: &[Named], password: Option<&str>) -> Vec<u8> {
    use sevenz_rust2::encoder_options::{AesEncoderOptions, Lzma2Options};
    use sevenz_rust2::{ArchiveEntry, ArchiveWriter, EncoderConfiguration, EncoderMethod};
    let mut seven = ArchiveWriter::new(Cursor::new(Vec::new())).unwrap();
    let lzma = EncoderConfiguration::new(EncoderMethod::LZMA2)
        .with_options(Lzma2Options::from_level(1).into());
    let mut methods = vec![lzma];
    if let Some(password) = password {
        methods.insert(0, AesEncoderOptions::new(password.into()).into());
        seven.set_encrypt_header(true);
    }
    seven.set_content_methods(methods);
    for (name, bytes) in files {
        seven.push_archive_entry(ArchiveEntry::new_file(name), Some(bytes.as_slice())).unwrap();
    }
    seven.finish().unwrap().into_inner()
}

/// A 7z archive of blocks that hold several files each.
pub(crate) fn seven_solid(blocks: &[&[Named]]) -> Vec<u8> {
    use sevenz_rust2::{ArchiveEntry, ArchiveWriter, SourceReader};
    let mut seven = ArchiveWriter::new(Cursor::new(Vec::new())).unwrap();
    for files in blocks {
        let entries = files.iter().map(|(name, _)| ArchiveEntry::new_file(name)).collect();
        let contents = files.iter().map(|(_, bytes)| SourceReader::new(bytes.as_slice())).collect();
        seven.push_archive_entries(entries, contents).unwrap();
    }
    seven.finish().unwrap().into_inner()
}

pub(crate) fn cab(files: &[Named]) -> Vec<u8> {
    let mut builder = cab::CabinetBuilder::new();
    let folder = builder.add_folder(cab::CompressionType::MsZip);
    for (name, _) in files {
        folder.add_file(name.replace('/', "\\"));
    }
    let mut writer = builder.build(Cursor::new(Vec::new())).unwrap();
    let mut contents = files.iter();
    while let Some(mut file) = writer.next_file().unwrap() {
        file.write_all(&contents.next().unwrap().1).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A zip of so many empty files, whose directory says that there are as many, or fewer.
pub(crate) fn zip_of_many(count: u64, promised: u64) -> Vec<u8> {
    let mut zip = Vec::new();
    let mut directory = Vec::new();
    for number in 0..count {
        let name = format!("{number:07}.evtx");
        let at = u32::try_from(zip.len()).unwrap().to_le_bytes();
        zip.extend(b"PK\x03\x04\x14\0");
        zip.extend([0; 20]);
        zip.extend([12, 0, 0, 0]);
        zip.extend(name.bytes());
        directory.extend(b"PK\x01\x02\x14\0\x14\0");
        directory.extend([0; 20]);
        directory.extend([12, 0, 0, 0]);
        directory.extend([0; 10]);
        directory.extend(at);
        directory.extend(name.bytes());
    }
    let (start, size) = (zip.len() as u64, directory.len() as u64);
    zip.extend(directory);
    let end = zip.len() as u64;
    zip.extend(b"PK\x06\x06");
    zip.extend(44_u64.to_le_bytes());
    zip.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for value in [promised, promised, size, start] {
        zip.extend(value.to_le_bytes());
    }
    zip.extend(b"PK\x06\x07\0\0\0\0");
    zip.extend(end.to_le_bytes());
    zip.extend([1, 0, 0, 0]);
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend([0xff; 12]);
    zip.extend([0, 0]);
    zip
}
