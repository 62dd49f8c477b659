//! What several files of tests share.
//!
//! - `all`: a selection that keeps every event
//! - `built_in`: the built-in rules and events, loaded once
//! - `bundle`: scenario events, written as logs and analyzed
//! - `conversations`: tries to connect, as scenario events
//! - `files`: folders and documents, and the fixtures
//! - `log_writer`: logs byte by byte
//! - `packer`: archives
//! - `program`: the program, run as its users do
//! - `real_logs`: where the real logs are
//! - `schema`: a checker of JSON by its schema
//! - `text`: what texts hold

pub(crate) mod all;
pub(crate) mod built_in;
pub(crate) mod bundle;
pub(crate) mod conversations;
pub(crate) mod files;
pub(crate) mod log_writer;
pub(crate) mod packer;
pub(crate) mod program;
pub(crate) mod real_logs;
pub(crate) mod schema;
pub(crate) mod text;
