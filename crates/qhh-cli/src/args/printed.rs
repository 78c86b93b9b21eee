//! Arguments of commands that print what the program knows.

use clap::Args;

/// Arguments of `qhh channels`.
#[derive(Debug, Args)]
pub(crate) struct ChannelsArgs {
    /// One of them [default: all].
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

/// Arguments of `qhh schema`.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// That of the task file of `qhh learn`.
    #[arg(long, conflicts_with = "fit")]
    pub(crate) task: bool,

    /// That of the fit file of `qhh fit`.
    #[arg(long)]
    pub(crate) fit: bool,
}
