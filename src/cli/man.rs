use crate::error::{Error, Result};

/// `firefly man`
#[derive(Debug, clap::Args)]
pub struct ManArgs {}

/// Prints the manual page in roff.
pub fn run(_args: &ManArgs) -> Result<()> {
    clap_mangen::Man::new(super::command()).render(&mut std::io::stdout()).map_err(Error::io("writing", "standard output"))
}
