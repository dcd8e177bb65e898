//! The arguments of `mcp`.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
#[command(
    after_help = "Without a command it prints what to write into a client's settings. With --url the client asks a running server: \
                        its person signs in and is asked what it may, or it has an API key of the role `agent`; without it, it starts this program \
                        on the data directory of this machine."
)]
pub struct McpArgs {
    #[command(subcommand)]
    pub action: Option<McpAction>,
    /// The client whose settings are printed; all of them when left out
    #[arg(long, value_enum)]
    pub client: Option<McpClient>,
    /// Where the server is found, e.g. https://autonomos.example.com
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// How the client is let in by the server at --url
    #[arg(long, value_enum, default_value_t = McpAuth::Oauth, requires = "url")]
    pub auth: McpAuth,
    #[arg(long, default_value = "local")]
    pub tenant: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum McpAuth {
    /// A person signs in and is asked what the client may
    Oauth,
    /// With an API key; for what runs where nobody sits
    Key,
}

#[derive(Debug, Subcommand)]
pub enum McpAction {
    /// Answer the Model Context Protocol on standard input and output, from the data directory of this machine
    Serve(McpServeArgs),
}

#[derive(Debug, Args)]
pub struct McpServeArgs {
    #[arg(long, default_value = "local")]
    pub tenant: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum McpClient {
    /// claude_desktop_config.json
    Claude,
    /// .cursor/mcp.json
    Cursor,
    /// .vscode/mcp.json
    Vscode,
}
