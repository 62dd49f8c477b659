//! The binary: everything is in [`rdpwhy::cli`].

use std::process::ExitCode;

/// See the reason in Cargo.toml. The library leaves the choice to whoever uses it.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rdpwhy::cli::main()
}
