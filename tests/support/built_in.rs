//! The built-in rules and events, loaded once for all tests.

use std::path::PathBuf;
use std::sync::LazyLock;

use rdpwhy::analyze::analyze;
use rdpwhy::model::Report;
use rdpwhy::options::Options;
use rdpwhy::rules::RuleSet;
use rdpwhy::rules::events::Catalogue;

pub(crate) static RULES: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::embedded().unwrap());

/// The events that scenarios name and the forge writes.
pub(crate) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

/// What the built-in rules conclude without any option.
pub(crate) fn report(paths: &[PathBuf]) -> Report {
    analyze(paths, &RULES, &Options::default(), &|_| {})
}
