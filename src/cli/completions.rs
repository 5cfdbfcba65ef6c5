use crate::error::Result;

/// `firefly completions`
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// Shell to complete in
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

/// Prints the completion script.
pub fn run(args: &CompletionsArgs) -> Result<()> {
    clap_complete::generate(args.shell, &mut super::command(), "firefly", &mut std::io::stdout());
    Ok(())
}
