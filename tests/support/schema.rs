//! As much of JSON Schema as the report's schema uses. Stricter in one point: a key that the
//! schema does not describe is an error, so that none is added without being described.

use serde_json::Value;

/// Everything in `value` that breaks `schema`, each with its path.
pub(crate) fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "$", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    for (keyword, rule) in schema.as_object().expect("a schema is an object") {
        let holds = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => true,
            // Checked with the properties, or below where there are none.
            "additionalProperties" if schema.get("properties").is_some() => true,
            "additionalProperties" => {
                for (key, item) in value.as_object().into_iter().flatten() {
                    check(root, rule, item, &format!("{path}.{key}"), found);
                }
                true
            }
            "$ref" => {
                let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
                let target = root.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"));
                check(root, target, value, path, found);
                true
            }
            "type" => match rule {
                Value::Array(types) => {
                    types.iter().any(|name| is_of_type(name.as_str().unwrap(), value))
                }
                name => is_of_type(name.as_str().unwrap(), value),
            },
            "const" => rule == value,
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => value.as_i64().is_none_or(|number| number >= rule.as_i64().unwrap()),
            "maxItems" => {
                value.as_array().is_none_or(|list| list.len() as u64 <= rule.as_u64().unwrap())
            }
            "pattern" => value.as_str().is_none_or(|text| {
                regex::Regex::new(rule.as_str().unwrap()).unwrap().is_match(text)
            }),
            "required" => rule
                .as_array()
                .unwrap()
                .iter()
                .all(|key| value.get(key.as_str().unwrap()).is_some()),
            "anyOf" => rule.as_array().unwrap().iter().any(|choice| {
                let mut inner = Vec::new();
                check(root, choice, value, path, &mut inner);
                inner.is_empty()
            }),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, item, &format!("{path}[{index}]"), found);
                }
                true
            }
            "properties" => {
                for (key, item) in value.as_object().into_iter().flatten() {
                    let others = schema.get("additionalProperties").filter(|rule| rule.is_object());
                    match rule.get(key).or(others) {
                        Some(rule) => check(root, rule, item, &format!("{path}.{key}"), found),
                        None => found.push(format!("{path}.{key}: not described")),
                    }
                }
                true
            }
            other => panic!("this checker does not know `{other}`"),
        };
        if !holds {
            found.push(format!("{path}: {keyword} {rule} is broken by {value}"));
        }
    }
}

fn is_of_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("this checker does not know the type `{other}`"),
    }
}
