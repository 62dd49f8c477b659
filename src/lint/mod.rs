//! Finds what is wrong with rules although they can be loaded: what an author forgot, what a
//! customer would miss, and what is not safe to advise.
//!
//! Knows the rules in force, their documents with the place of every word, and the cases
//! beside causes. Runs nothing: that is the business of `cases`.

mod causes;
mod corpus;
mod coverage;
mod evidence;
mod finding;
mod playbooks;
mod security;
mod signals;
mod tree;

use crate::rules::{RuleSet, RuleText, RulesError};
use corpus::Corpus;

pub use finding::{Finding, Level};

/// Looks through the rules in force and the documents that they come from. Ordered by file and
/// place.
///
/// Rules that cannot be loaded are one finding for each mistake; nothing else is looked at
/// then, as most of it would follow from those mistakes.
pub fn lint(rules: Result<&RuleSet, RulesError>, texts: &[RuleText]) -> Vec<Finding> {
    let mut findings = Vec::new();
    match rules {
        Ok(rules) => {
            let corpus = Corpus::read(texts, &mut findings);
            causes::check(&corpus, rules, &mut findings);
            evidence::check(&corpus, rules, &mut findings);
            coverage::check(&corpus, rules, &mut findings);
            playbooks::check(&corpus, rules, &mut findings);
            signals::check(&corpus, rules, &mut findings);
        }
        Err(wrong) => findings.extend(wrong.errors.into_iter().map(Finding::from)),
    }
    findings.sort();
    findings
}

#[cfg(test)]
mod tests;
