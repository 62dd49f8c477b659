//! `rdpwhy rules schema`: what a rule document may say, for editors.

use clap::{Args, ValueEnum};

use crate::cli::{Console, Exit, Failure, output};

/// Prints the JSON Schema of a kind of rule document
///
/// Editors complete and check by it. For the YAML extension of VS Code, put this line at the
/// top of a document: # yaml-language-server: $schema=cause.schema.json
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// The kind of document
    #[arg(value_enum, value_name = "KIND")]
    kind: Kind,
}

/// The kinds of rule documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A root cause
    Cause,
    /// The cases beside a cause
    Cases,
    /// The signals of a channel
    Signals,
    /// Steps that fix
    Playbook,
}

/// Runs the command.
pub(super) fn run(args: &SchemaArgs, console: &Console) -> Result<Exit, Failure> {
    let schema = match args.kind {
        Kind::Cause => include_str!("../../../docs/schema/cause.schema.json"),
        Kind::Cases => include_str!("../../../docs/schema/cases.schema.json"),
        Kind::Signals => include_str!("../../../docs/schema/signals.schema.json"),
        Kind::Playbook => include_str!("../../../docs/schema/playbook.schema.json"),
    };
    output::to_stdout(console.stdout_color(), |out| Ok(out.write_all(schema.as_bytes())?))?;
    Ok(Exit::Done)
}
