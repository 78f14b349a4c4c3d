//! The arguments of `switchyard routers`.

use clap::Args;

/// `switchyard routers`.
#[derive(Debug, Clone, Args)]
pub struct RoutersArguments {
    /// Show this router only
    #[arg(value_name = "ROUTER")]
    pub router: Option<String>,
}
