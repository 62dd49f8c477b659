//! What a fault of the program says.

use std::io::{self, Write as _};
use std::panic;

use crate::isolate::is_isolated;
use crate::report::sanitize;

/// Installs the words for a panic: none where it becomes a problem of one input, else one safe
/// line. A panic may repeat what stands in a log, and the standard words would show that raw.
pub(super) fn install() {
    panic::set_hook(Box::new(|info| {
        if !is_isolated() {
            let text = info.to_string();
            let text = sanitize::paragraph(&text);
            // Nobody is left to be told that stderr is closed.
            drop(writeln!(
                io::stderr(),
                "error: a fault in rdpwhy itself, please report it: {text}"
            ));
        }
    }));
}
