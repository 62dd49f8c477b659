//! Chunks that no Windows writes: each makes a reader do as much as 64 KiB can make it do.

#[path = "../../tests/support/log_writer.rs"]
#[allow(dead_code, reason = "tests write more kinds of content")]
mod log_writer;

pub(crate) use log_writer::log;
use log_writer::{Chunk, kind};

const CHUNK: usize = 65_536;

/// All of them by name.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("shared template", shared_template()),
        ("elements", elements()),
        ("nested instances", nested_instances()),
        ("magics", magics()),
    ]
}

/// Over a thousand small records that share one huge template, in which the parts of `System`
/// never come.
fn shared_template() -> Vec<u8> {
    let mut chunk = Chunk::new();
    let mut definition = 0;
    chunk.record(1, |record| {
        record.raw(&[0x0f, 1, 1, 0]);
        definition = record.instance(
            |body| {
                body.defined("Event", 0xFFFF).content().defined("System", 0xFFFF).content();
                for _ in 0..350 {
                    body.defined("a", 0xFFFF).content().close();
                }
                body.close().close();
            },
            &[],
        );
    });
    for id in 2..1100 {
        chunk.record(id, |record| {
            record.raw(&[0x0f, 1, 1, 0]).instance_again(definition, &[]);
        });
    }
    chunk.finish()
}

/// Records without template that are nothing but elements.
fn elements() -> Vec<u8> {
    let mut chunk = Chunk::new();
    for id in 1..=5 {
        chunk.record(id, |record| {
            record.event(("SRV01", "Security", "4624"), |payload| {
                payload.element("EventData", &[]);
                for _ in 0..370 {
                    payload.leaf("a", "b");
                }
                payload.close();
            });
        });
    }
    chunk.finish()
}

/// Records whose values are instances of a template whose values are instances of it.
fn nested_instances() -> Vec<u8> {
    let mut chunk = Chunk::new();
    let mut definition = 0;
    chunk.record(1, |record| {
        record.raw(&[0x0f, 1, 1, 0]);
        definition = record.instance(
            |body| {
                body.defined("Event", 0xFFFF).content().substitution(0).close();
            },
            &[(kind::FRAGMENT, &[])],
        );
    });
    let mut value = Vec::new();
    for _ in 0..40 {
        let mut outer = vec![0x0f, 1, 1, 0, 0x0c, 1];
        outer.extend(7_u32.to_le_bytes());
        outer.extend(u32::try_from(definition).unwrap().to_le_bytes());
        outer.extend(1_u32.to_le_bytes());
        outer.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
        outer.extend([kind::FRAGMENT, 0]);
        outer.extend(&value);
        value = outer;
    }
    for id in 2..60 {
        chunk.record(id, |record| {
            record.raw(&[0x0f, 1, 1, 0]).instance_again(definition, &[(kind::FRAGMENT, &value)]);
        });
    }
    chunk.finish()
}

/// A chunk that is all beginnings of records, of which none is one.
fn magics() -> Vec<u8> {
    let mut chunk = Chunk::new();
    chunk.record(1, |record| {
        record.raw(&[0]);
    });
    let mut bytes = chunk.finish();
    bytes[48..52].copy_from_slice(&u32::try_from(CHUNK).unwrap().to_le_bytes());
    for place in bytes[512..].chunks_exact_mut(8) {
        place.copy_from_slice(b"**\0\0\x40\0\0\0");
    }
    bytes
}
