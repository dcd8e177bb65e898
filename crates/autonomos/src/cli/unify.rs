//! The arguments of `unify`.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct UnifyArgs {
    /// Tables: CSV, TSV, JSON, NDJSON or Parquet, patterns, or folders of them with their sub-folders; each file is a source
    #[arg(required = true, value_name = "FILE | FOLDER")]
    pub paths: Vec<PathBuf>,
    /// The column that names a row; found by itself when left out
    #[arg(long, value_name = "COLUMN")]
    pub key: Option<String>,
    /// Link pairs from this probability on [default: 0.75]
    #[arg(long, value_name = "P", value_parser = probability)]
    pub link: Option<f64>,
    /// Call pairs uncertain from this probability on [default: 0.3]
    #[arg(long, value_name = "P", value_parser = probability)]
    pub review: Option<f64>,
    /// Print one JSON object; its form is described in docs/guides/command-line.md
    #[arg(long)]
    pub json: bool,
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(p) if (0.0..=1.0).contains(&p) => Ok(p),
        _ => Err(format!("`{text}` is no probability; write a number from 0 to 1")),
    }
}
