//! What several files of tests share.

pub(crate) mod bundle;
pub(crate) mod conversations;
pub(crate) mod log_writer;
pub(crate) mod packer;
pub(crate) mod real_logs;
pub(crate) mod schema;
