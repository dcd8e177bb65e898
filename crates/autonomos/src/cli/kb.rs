//! The arguments of `kb`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(
    after_help = "Personal data is taken out of every document before anything of it is kept. Without an embedding model (the setting \
                        embeddings.directory, or a provider's) documents are found by their words."
)]
pub struct KbArgs {
    #[arg(long, global = true, default_value = "local")]
    pub tenant: String,
    /// Print one JSON object; its form is described in docs/guides/knowledge-base.md
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub action: KbAction,
}

#[derive(Debug, Subcommand)]
pub enum KbAction {
    /// Add documents, or replace them: text, Markdown, HTML, PDF or CSV
    Add(KbAddArgs),
    /// Find what answers a question
    Search(KbSearchArgs),
    /// List the documents
    List {
        /// Only documents with this tag
        #[arg(long)]
        tag: Option<String>,
    },
    /// Remove documents with their vectors
    Remove {
        /// Their ids, or the files or URLs that they were added by
        #[arg(required = true, value_name = "ID | FILE | URL")]
        documents: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub struct KbAddArgs {
    /// Files, folders or URLs; a file or URL that was added before is read again in its place
    #[arg(required = true, value_name = "FILE | URL")]
    pub documents: Vec<String>,
    /// A tag to find them by; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// What the document is called; what it says of itself when left out
    #[arg(long)]
    pub title: Option<String>,
    /// Keep personal data as it stands there
    #[arg(long)]
    pub keep_personal_data: bool,
    /// How long a chunk may be, in tokens [default: 400]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(50..=1200))]
    pub chunk_tokens: Option<u32>,
}

#[derive(Debug, Args)]
pub struct KbSearchArgs {
    /// The question, or the words to look for
    pub question: String,
    /// How many chunks to find at most
    #[arg(long, default_value_t = 5, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=50))]
    pub top_k: u32,
    /// Only documents with this tag
    #[arg(long)]
    pub tag: Option<String>,
    /// How much the search by words counts, from 0 to 100
    #[arg(long, default_value_t = 1.0, value_name = "W")]
    pub text_weight: f64,
    /// How much the search by meaning counts, from 0 to 100
    #[arg(long, default_value_t = 1.0, value_name = "W")]
    pub vector_weight: f64,
}
