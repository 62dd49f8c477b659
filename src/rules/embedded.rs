//! The rule documents built into the program, as text. Knows nothing about what they say.

/// Every `rules/**/*.yml` as (path below `rules/`, text), sorted by path. Paths have forward
/// slashes on every platform: `events/rdpcorets.yml`.
pub fn embedded() -> &'static [(&'static str, &'static str)] {
    include!(concat!(env!("OUT_DIR"), "/embedded_rules.rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_sorted_and_complete() {
        let names: Vec<_> = embedded().iter().map(|(name, _)| *name).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert!(names.iter().all(|name| name.ends_with(".yml") && !name.contains('\\')));
        let on_disk = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/events"))
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "yml"))
            .count();
        let embedded_events = names.iter().filter(|name| name.starts_with("events/")).count();
        assert_eq!(embedded_events, on_disk);
        assert!(on_disk > 0);
    }
}
