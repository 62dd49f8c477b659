//! The rule documents that are built into the program.

// `EMBEDDED`: pairs of path below `rules/` and text, ordered by path; written by `build.rs`.
include!(concat!(env!("OUT_DIR"), "/embedded_rules.rs"));

/// All documents under `rules/`: path below it, with forward slashes, and text; ordered by path.
pub fn embedded() -> &'static [(&'static str, &'static str)] {
    EMBEDDED
}
