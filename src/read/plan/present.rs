//! The fields that a record has of those in its plan.

use super::super::binxml::Raw;
use super::super::layout::Found;
use super::super::values::Told;
use super::Plan;

/// The fields that a record has.
#[derive(Debug, Default)]
pub(in crate::read) struct Present {
    /// Their positions in its plan; not told where it has all.
    pub(super) fields: Vec<u16>,
    pub(super) is_whole: bool,
}

impl Present {
    /// Notes which fields a record has. Returns the bytes that a walk charges for them; `None`
    /// where a value is a fragment.
    pub(super) fn note(&mut self, plan: &Plan<'_>, told: &Told<'_>) -> Option<usize> {
        self.fields.clear();
        self.is_whole = plan.even == Some(told.count());
        if self.is_whole {
            return (!told.has_fragment).then_some(plan.fixed + 2 * told.total);
        }
        let mut bytes = plan.bytes;
        for (position, field) in (0..).zip(&plan.fields) {
            if field.depends_on.iter().any(|index| told.is_null(*index)) {
                continue;
            }
            let size = match field.found {
                Some(Found::Value(index)) => match told.sized(index) {
                    Some((_, kind)) if Raw::is_fragment_kind(kind) => return None,
                    Some((size, _)) => size,
                    None => 0,
                },
                Some(Found::Literal(raw)) => raw.size(),
                None => 0,
            };
            bytes += field.bytes + 2 * size;
            self.fields.push(position);
        }
        self.is_whole = self.fields.len() == plan.fields.len();
        Some(bytes)
    }
}
