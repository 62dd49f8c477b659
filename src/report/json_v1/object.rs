//! The outermost object of a document, key by key, with long lists written on all cores.
//!
//! Knows where lines break. Knows nothing about what is written.

use std::io::{self, Write};
use std::ops::Range;

use rayon::prelude::*;
use serde::Serialize;

use super::format::{self, break_behind, break_line};

/// Bytes, about, that are put into words at a time on one core.
const BLOCK: usize = 1 << 15;
/// An item of more is written straight to the output, so that its text is never held.
const HUGE: usize = 1 << 18;
/// Blocks for each core that are held until those before them are written.
const IN_FLIGHT: usize = 4;

/// An object whose keys are written one after the other.
pub(super) struct Object<W> {
    out: W,
    is_empty: bool,
}

impl<W: Write> Object<W> {
    pub(super) fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(Self { out, is_empty: true })
    }

    /// Writes a key and its value. The name is plain text.
    pub(super) fn key(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        self.name(name)?;
        format::write(1, value, &mut self.out)
    }

    /// Writes a key and a list of what `view` makes of some items, which `weight` says the
    /// length of, in bytes and roughly. The order is that of the items, whatever core writes them.
    pub(super) fn list<'a, T: Sync, V: Serialize>(
        &mut self,
        name: &str,
        items: &'a [T],
        weight: impl Fn(&'a T) -> usize,
        view: impl Fn(&'a T) -> V + Sync,
    ) -> io::Result<()> {
        self.name(name)?;
        self.out.write_all(b"[")?;
        let most = rayon::current_num_threads() * IN_FLIGHT;
        let mut blocks: Vec<Range<usize>> = Vec::new();
        let mut texts = Vec::new();
        let mut block = Block::default();
        for (number, item) in items.iter().enumerate() {
            let weight = weight(item);
            if weight >= HUGE {
                blocks.extend(block.take());
                texts = self.write_while(texts, || make(&mut blocks, items, &view))?;
                texts = self.write_while(texts, Vec::new)?;
                let mut begin = Vec::new();
                break_behind(&mut begin, number == 0, 2);
                self.out.write_all(&begin)?;
                format::write(2, &view(item), &mut self.out)?;
                block = Block::after(number);
                continue;
            }
            if block.add(weight) {
                blocks.extend(block.take());
            }
            if blocks.len() >= most {
                texts = self.write_while(texts, || make(&mut blocks, items, &view))?;
            }
        }
        blocks.extend(block.take());
        texts = self.write_while(texts, || make(&mut blocks, items, &view))?;
        self.write_while(texts, Vec::new)?;
        if !items.is_empty() {
            break_line(&mut self.out, 1)?;
        }
        self.out.write_all(b"]")
    }

    /// Ends the object, and the document with a newline.
    pub(super) fn end(mut self) -> io::Result<()> {
        if !self.is_empty {
            break_line(&mut self.out, 0)?;
        }
        self.out.write_all(b"}\n")?;
        self.out.flush()
    }

    fn name(&mut self, name: &str) -> io::Result<()> {
        if !self.is_empty {
            self.out.write_all(b",")?;
        }
        self.is_empty = false;
        break_line(&mut self.out, 1)?;
        write!(self.out, "\"{name}\": ")
    }

    /// Writes texts while others make the next ones.
    fn write_while(
        &mut self,
        texts: Vec<io::Result<Vec<u8>>>,
        make: impl FnOnce() -> Vec<io::Result<Vec<u8>>> + Send,
    ) -> io::Result<Vec<io::Result<Vec<u8>>>> {
        let mut next = Vec::new();
        rayon::in_place_scope(|side| {
            side.spawn(|_| next = make());
            texts.into_iter().try_for_each(|text| self.out.write_all(&text?))
        })?;
        Ok(next)
    }
}

/// Puts blocks of items into words, on all cores.
fn make<'a, T: Sync, V: Serialize>(
    blocks: &mut Vec<Range<usize>>,
    items: &'a [T],
    view: &(impl Fn(&'a T) -> V + Sync),
) -> Vec<io::Result<Vec<u8>>> {
    let text = |block: Range<usize>| -> io::Result<Vec<u8>> {
        let mut text = Vec::with_capacity(2 * BLOCK);
        for number in block {
            let Some(item) = items.get(number) else { break };
            break_behind(&mut text, number == 0, 2);
            format::append(2, &view(item), &mut text)?;
        }
        Ok(text)
    };
    std::mem::take(blocks).into_par_iter().map(text).collect()
}

/// Items that are put into words together.
#[derive(Default)]
struct Block {
    first: usize,
    end: usize,
    weight: usize,
}

impl Block {
    /// One that begins behind an item.
    const fn after(number: usize) -> Self {
        Self { first: number + 1, end: number + 1, weight: 0 }
    }

    /// Takes in the next item; `true` when that is enough.
    const fn add(&mut self, weight: usize) -> bool {
        self.end += 1;
        self.weight += weight;
        self.weight >= BLOCK
    }

    /// The items so far, if any; the next block begins behind them.
    fn take(&mut self) -> Option<Range<usize>> {
        let (first, end) = (self.first, self.end);
        *self = Self { first: end, end, weight: 0 };
        (first < end).then_some(first..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes lists of numbers, each as heavy as it says.
    fn check(weights: &[usize]) {
        let mut bytes = Vec::new();
        let mut object = Object::begin(&mut bytes).unwrap();
        object.key("none", &()).unwrap();
        object.list("weights", weights, |weight| *weight, |weight| (*weight, [(); 0])).unwrap();
        object.end().unwrap();
        let shown: Vec<(usize, [(); 0])> = weights.iter().map(|weight| (*weight, [])).collect();
        let expected = serde_json::json!({ "none": null, "weights": shown });
        let expected = serde_json::to_string_pretty(&expected).unwrap() + "\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn blocks_come_in_order() {
        check(&[]);
        check(&[1]);
        check(&[HUGE]);
        check(&[1, HUGE, HUGE, 2, BLOCK, 3]);
        let many: Vec<usize> = (0..5000).map(|number| number % 97 * 700).collect();
        check(&many);
    }
}
