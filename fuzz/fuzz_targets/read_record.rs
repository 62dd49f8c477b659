//! See [`rdpwhy_fuzz::targets::read_record`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rdpwhy_fuzz::targets::read_record(data));
