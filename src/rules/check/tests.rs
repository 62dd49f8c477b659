//! Documents in, knowledge base or mistakes out.

use crate::rules::RuleSet;

#[test]
fn embedded_rules_are_valid() {
    if let Err(errors) = RuleSet::embedded() {
        panic!("{}", errors.render());
    }
}
