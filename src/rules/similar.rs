//! "Did you mean": the known name that a mistyped one is most like.

/// Names less alike than this are no slip of the pen.
const LIKENESS: f64 = 0.78;

/// The name most like `wanted`, ASCII case ignored; `None` when none is much like it.
pub fn most_similar<'a>(wanted: &str, names: &[&'a str]) -> Option<&'a str> {
    let wanted = wanted.to_ascii_lowercase();
    names
        .iter()
        .map(|name| (strsim::jaro_winkler(&wanted, &name.to_ascii_lowercase()), *name))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        // Of equals, the first in the list.
        .rev()
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let names = ["RdpCoreTS", "RDPClient", "Security"];
        assert_eq!(most_similar("rdpcorets", &names), Some("RdpCoreTS"));
        assert_eq!(most_similar("Securtiy", &names), Some("Security"));
        assert_eq!(most_similar("Kerberos", &names), None);
    }
}
