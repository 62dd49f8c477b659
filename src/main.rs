//! The binary: everything is in [`rdpwhy::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    rdpwhy::cli::main()
}
