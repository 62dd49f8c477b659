//! See [`rdpwhy_fuzz::targets::forge`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rdpwhy_fuzz::targets::forge(data));
