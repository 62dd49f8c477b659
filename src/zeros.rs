//! Zeros in memory that was written.

use std::hint::black_box;

/// So many zeros. As the system gives them they cost two page faults in place of one where they are
/// read before they are first written, and for the second all threads of the program are stopped.
pub(crate) fn written<T: Copy + Default>(count: usize) -> Vec<T> {
    let mut zeros = vec![T::default(); count];
    black_box(&mut zeros).fill(T::default());
    zeros
}
