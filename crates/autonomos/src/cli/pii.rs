//! The arguments of `pii`.

use aos_ai::pii::Class;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct PiiArgs {
    #[command(subcommand)]
    pub action: PiiAction,
}

#[derive(Debug, Subcommand)]
pub enum PiiAction {
    /// Find personal data and secrets in a file, or take them out of it; nothing is kept
    Scan(PiiScanArgs),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Places count from 0 and are characters (Unicode scalar values); `bytes` in --json are the same in UTF-8. In CSV, JSON and NDJSON \
                  they count within the value, whose row and column, or line and path, are named.\n\n\
                  Exit codes: 0 searched, also when something was found · 1 it cannot be read or searched, and nothing is printed then · \
                  2 wrong usage · 11 with --check: something was found."
)]
pub struct PiiScanArgs {
    /// A text, CSV, TSV, JSON or NDJSON file in UTF-8; `-` is standard input
    pub file: PathBuf,
    /// What the file is [default: by its name; text for standard input]
    #[arg(long, value_enum)]
    pub format: Option<PiiFormat>,
    /// Print one JSON object; its form is described in docs/guides/personal-data.md
    #[arg(long)]
    pub json: bool,
    /// Print the file without what was found instead; with --json, both
    #[arg(long)]
    pub redact: bool,
    /// Only these classes, with commas between them, such as `email,iban`
    #[arg(long, value_delimiter = ',', value_name = "CLASS", value_parser = class)]
    pub types: Vec<Class>,
    /// The least score of what counts, from 0 to 1
    #[arg(long, default_value_t = 0.5, value_name = "SCORE")]
    pub score_min: f32,
    /// End with exit code 11 when something was found
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PiiFormat {
    Text,
    Csv,
    Tsv,
    Json,
    Ndjson,
}

impl PiiFormat {
    /// Says by a file's name what it is.
    pub fn of(file: &std::path::Path) -> Self {
        match file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("csv") => Self::Csv,
            Some("tsv" | "tab") => Self::Tsv,
            Some("json") => Self::Json,
            Some("ndjson" | "jsonl") => Self::Ndjson,
            _ => Self::Text,
        }
    }
}

fn class(text: &str) -> Result<Class, <Class as std::str::FromStr>::Err> {
    text.trim().parse()
}
