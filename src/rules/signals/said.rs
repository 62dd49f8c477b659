//! A number for what a record says: for the signals that it carries.

/// A number that stands for signals with these ids, in rule order: the same in every run, and
/// however a record was read. An equal number for others would only have records counted together.
pub fn said<I: AsRef<str>>(ids: impl Iterator<Item = I>) -> u64 {
    // Fowler, Noll and Vo's hash (FNV-1a), with a byte behind each id that none has.
    let add = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    ids.fold(0xCBF2_9CE4_8422_2325, |hash, id| add(id.as_ref().bytes().fold(hash, add), 0))
}
