//! See [`rdpwhy_fuzz::targets::read_log`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rdpwhy_fuzz::targets::read_log(data));
