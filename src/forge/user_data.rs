//! `UserData` from paths: fields whose names are paths become nested elements and attributes.
//!
//! Knows paths (`Certificate/@subjectName`). Knows nothing about values.

use super::element::{Content, Element, Node};
use super::error::ForgeError;

/// Deeper paths are refused; real ones have six steps at most.
const MAX_STEPS: usize = 32;

/// Builds the element inside of `UserData`. Fields go in order: one continues the element of
/// the field before as far as their paths agree, unless that would repeat an attribute or add
/// to an element that holds text, in which case a new element begins.
pub(super) fn arrange<'a>(
    name: &'a str,
    namespace: Option<&'a str>,
    fields: Vec<(&'a str, Node<'a>)>,
) -> Result<Element<'a>, ForgeError> {
    let mut root = Element::new(name, Vec::new());
    if let Some(namespace) = namespace {
        root = root.with("xmlns", namespace.into());
    }
    for (path, node) in fields {
        let steps: Vec<_> = path.split('/').collect();
        let is_path = steps.len() <= MAX_STEPS
            && steps.iter().all(|step| !step.trim_start_matches('@').is_empty());
        if !is_path {
            return Err(ForgeError::Path(path.chars().take(80).collect()));
        }
        insert(&mut root, &steps, node);
    }
    Ok(root)
}

fn insert<'a>(parent: &mut Element<'a>, steps: &[&'a str], node: Node<'a>) {
    match steps {
        [] => {}
        [attribute] if attribute.starts_with('@') => {
            let name = attribute.trim_start_matches('@');
            parent.attributes.push((name.into(), node));
        }
        [leaf] => match last_child(parent) {
            // The text of an element whose attributes came before.
            Some(child) if child.name == *leaf && has_only_attributes(child) => {
                child.content = Content::Nodes(vec![node]);
            }
            _ => push(parent, Element::new(*leaf, vec![node])),
        },
        [first, rest @ ..] => {
            if !continues(parent, first, rest) {
                push(parent, Element::new(*first, Vec::new()));
            }
            if let Some(child) = last_child(parent) {
                insert(child, rest, node);
            }
        }
    }
}

/// Whether the last child is the element that the rest of a path belongs to.
fn continues(parent: &mut Element<'_>, name: &str, rest: &[&str]) -> bool {
    let Some(child) = last_child(parent) else { return false };
    let holds_text = matches!(
        &child.content,
        Content::Nodes(nodes) if nodes.iter().any(|node| !matches!(node, Node::Element(_)))
    );
    let repeats = match rest {
        [attribute] => {
            let name = attribute.strip_prefix('@');
            // An attribute also belongs in front of the element's own children.
            name.is_some_and(|name| {
                child.attributes.iter().any(|(own, _)| own == name) || last_child(child).is_some()
            })
        }
        _ => false,
    };
    child.name == name && !holds_text && !repeats
}

fn has_only_attributes(element: &Element<'_>) -> bool {
    let has_content = matches!(&element.content, Content::Nodes(nodes) if !nodes.is_empty());
    !element.attributes.is_empty() && !has_content
}

fn last_child<'e, 'a>(parent: &'e mut Element<'a>) -> Option<&'e mut Element<'a>> {
    match &mut parent.content {
        Content::Nodes(nodes) => match nodes.last_mut() {
            Some(Node::Element(child)) => Some(child),
            _ => None,
        },
        Content::Empty => None,
    }
}

fn push<'a>(parent: &mut Element<'a>, child: Element<'a>) {
    if let Content::Nodes(nodes) = &mut parent.content {
        nodes.push(child.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(element: &Element<'_>, out: &mut String) {
        *out += &element.name;
        for (name, value) in &element.attributes {
            let Node::Text(value) = value else { panic!() };
            *out += &format!(" {name}={value}");
        }
        let Content::Nodes(nodes) = &element.content else { panic!() };
        for node in nodes {
            match node {
                Node::Element(child) => {
                    out.push('(');
                    show(child, out);
                    out.push(')');
                }
                Node::Text(text) => *out += &format!("'{text}'"),
                Node::Slot(_) => panic!(),
            }
        }
    }

    fn check(fields: &[(&'static str, &'static str)], expected: &str) {
        let fields = fields.iter().map(|(path, text)| (*path, Node::from(*text))).collect();
        let mut shown = String::new();
        show(&arrange("R", None, fields).unwrap(), &mut shown);
        assert_eq!(shown, expected);
    }

    #[test]
    fn paths_become_elements() {
        check(&[("Param1", "a"), ("Param1", "b")], "R(Param1'a')(Param1'b')");
        check(
            &[
                ("Certificate/@fileRef", "f"),
                ("Certificate/@subjectName", "s"),
                ("Flags/@value", "0"),
            ],
            "R(Certificate fileRef=f subjectName=s)(Flags value=0)",
        );
        check(
            &[("C/E/@n", "1"), ("C/E/T", "x"), ("C/E/@n", "2"), ("C/E/T", "y")],
            "R(C(E n=1(T'x'))(E n=2(T'y')))",
        );
        check(&[("Result/@value", "0"), ("Result", "ok")], "R(Result value=0'ok')");
        check(&[("Result", "ok"), ("Result/@value", "0")], "R(Result'ok')(Result value=0)");
    }

    #[test]
    fn bad_paths_are_refused() {
        let deep = "a/".repeat(40) + "b";
        for path in ["", "/a", "a//b", "@", &deep] {
            assert!(arrange("R", None, vec![(path, "x".into())]).is_err(), "{path}");
        }
    }
}
