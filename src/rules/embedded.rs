//! The rule documents built into the program, as text. Knows nothing about what they say.

/// Every `rules/**/*.yml` as (path below `rules/`, text), sorted by path. Paths have forward
/// slashes on every platform: `signals/rdpcorets.yml`.
pub fn embedded() -> &'static [(&'static str, &'static str)] {
    include!(concat!(env!("OUT_DIR"), "/embedded_rules.rs"))
}
