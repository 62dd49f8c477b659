//! The rules inside the program: the documents' texts, and what the build script loaded of them.
//!
//! Plain data. The build script is made of `model` and `rules`, too, and has an empty module in the
//! place of this one.

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));
