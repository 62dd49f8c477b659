//! Our serializer beside the library's.

use serde::Serialize;

use super::*;
use crate::report::sanitize::is_deceptive;

#[test]
fn escapes_change_nothing_for_a_parser() {
    for text in ["plain", "a\u{9b}31m\u{202e}b", "\u{e0041}end", "\u{1b}\"\\", "\u{7f}", ""] {
        let mut bytes = Vec::new();
        append(0, &text, &mut bytes).unwrap();
        let json = String::from_utf8(bytes).unwrap();
        assert!(!json.contains(is_deceptive), "{json:?}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}

#[test]
fn values_are_written_as_the_library_writes_them() {
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Two(u8, &'static str);
    #[derive(Serialize)]
    enum Choice {
        Plain,
        One(u8),
    }
    fn check(value: &impl Serialize) {
        let mut bytes = Vec::new();
        append(0, value, &mut bytes).unwrap();
        let expected = serde_json::to_string_pretty(value).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
    check(&(true, 'x', i64::MIN, u64::MAX, 1.5_f64, 0.1_f32, f64::NAN, f32::INFINITY));
    check(&(Unit, Two(1, "a"), Choice::Plain, Choice::One(2), (), None::<u8>, Some([0_i8; 0])));
    check(&std::collections::BTreeMap::from([("a\"b", vec![1_u16]), ("c", vec![])]));
}

#[test]
fn what_is_long_comes_out_in_pieces() {
    let long = "é\"".repeat(BLOCK);
    let many: Vec<(usize, &str)> = (0..20_000).map(|number| (number, "text")).collect();
    let value = (&long, many, &long);
    let (mut whole, mut pieces) = (Vec::new(), Vec::new());
    append(0, &value, &mut whole).unwrap();
    write(0, &value, &mut pieces).unwrap();
    assert!(whole == pieces);
    assert!(whole == serde_json::to_vec_pretty(&value).unwrap());
}

#[test]
fn lines_stand_where_readers_expect_them() {
    let mut deep = serde_json::json!([[], {}, [1, {"a": []}], {"b": {"c": [null]}}]);
    for _ in 0..40 {
        deep = serde_json::json!([deep]);
    }
    let mut bytes = Vec::new();
    append(0, &deep, &mut bytes).unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), serde_json::to_string_pretty(&deep).unwrap());
}
