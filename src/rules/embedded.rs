//! The rule documents inside the binary.

/// Every `*.yml` below `rules/` as (path, text): paths are relative to `rules/`, with forward
/// slashes, and sorted.
pub fn embedded() -> &'static [(&'static str, &'static str)] {
    include!(concat!(env!("OUT_DIR"), "/embedded_rules.rs"))
}
