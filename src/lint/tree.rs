//! Ways through a document whose values keep their places.
//!
//! Knows maps, lists and texts. Knows no key: what authors may write is the schema's business,
//! and a key that it gains needs no word here.

use crate::rules::schema::Spanned;

use crate::rules::Place;
use crate::rules::schema::Node;

/// A value and its place.
pub(super) type Tree = Spanned<Node>;

/// The value under a key; `None` where there is none, and for what is no map.
pub(super) fn get<'t>(tree: &'t Tree, key: &str) -> Option<&'t Tree> {
    entries(tree).iter().find(|(name, _)| name.value == key).map(|(_, value)| value)
}

/// The value at the end of a path of keys.
pub(super) fn at<'t>(tree: &'t Tree, path: &[&str]) -> Option<&'t Tree> {
    path.iter().try_fold(tree, |tree, key| get(tree, key))
}

/// The entries of a map; none for anything else.
pub(super) fn entries(tree: &Tree) -> &[(Spanned<String>, Tree)] {
    match &tree.value {
        Node::Map(entries) => entries,
        _ => &[],
    }
}

/// The items of a list; none for anything else.
pub(super) fn items(tree: Option<&Tree>) -> &[Tree] {
    match tree.map(|tree| &tree.value) {
        Some(Node::List(items)) => items,
        _ => &[],
    }
}

/// The values of a list, or the one value that stands in place of a list.
pub(super) fn one_or_many(tree: &Tree) -> &[Tree] {
    match &tree.value {
        Node::List(items) => items,
        _ => std::slice::from_ref(tree),
    }
}

/// The text that the value is.
pub(super) fn text(tree: &Tree) -> Option<&str> {
    match &tree.value {
        Node::Text(text) => Some(text),
        _ => None,
    }
}

/// Whether nothing is said: no value, or blanks. A number says something.
pub(super) fn is_blank(tree: &Tree) -> bool {
    match &tree.value {
        Node::Null => true,
        Node::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// The text under a key.
pub(super) fn text_at<'t>(tree: &'t Tree, key: &str) -> Option<&'t str> {
    get(tree, key).and_then(text)
}

/// The place of the value at the end of a path, or of the document.
pub(super) fn place(tree: &Tree, path: &[&str]) -> Place {
    Place::from(at(tree, path).unwrap_or(tree))
}

/// Every text in the tree that `is_wanted`, with its place, in the order of the document.
/// What stands under the keys of `prose` is for people and left out.
pub(super) fn mentions<'t>(
    tree: &'t Tree,
    prose: &[&str],
    is_wanted: &impl Fn(&str) -> bool,
) -> Vec<(&'t str, Place)> {
    let mut found = Vec::new();
    collect(tree, prose, is_wanted, &mut found);
    found
}

fn collect<'t>(
    tree: &'t Tree,
    prose: &[&str],
    is_wanted: &impl Fn(&str) -> bool,
    found: &mut Vec<(&'t str, Place)>,
) {
    match &tree.value {
        Node::Text(text) if is_wanted(text) => found.push((text, Place::from(tree))),
        Node::List(items) => items.iter().for_each(|item| collect(item, prose, is_wanted, found)),
        Node::Map(entries) => entries
            .iter()
            .filter(|(key, _)| !prose.contains(&key.value.as_str()))
            .for_each(|(_, value)| collect(value, prose, is_wanted, found)),
        _ => {}
    }
}
