//! `autonomos ask`, as `--help` shows it.

use clap::Args;

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 answered · 10 refused, with what is missing · 1 failed. With `-` every line of standard input is a question, \
                  every line of the output its answer or refusal as JSON, and the exit code is 0.\n\n\
                  A question is understood or refused, never guessed: docs/guides/questions.md says what is understood."
)]
pub struct AskArgs {
    /// A question in English, or `-` for one on each line of standard input
    #[arg(value_name = "QUESTION")]
    pub question: String,
    /// The tenant, by its name or id; where there is only one, it is the one
    #[arg(long, default_value = "local")]
    pub tenant: String,
    /// The day that `last month` and the like go back from, as 2025-11-14 [default: today, in UTC]
    #[arg(long, value_name = "DAY")]
    pub as_of: Option<chrono::NaiveDate>,
    /// Count records as each system has them, also where it is known which of them are one
    #[arg(long)]
    pub records: bool,
    /// Print one JSON object: {answer, rows, plan, sql, receipt, ...}, or {refusal: {reason, missing}}
    #[arg(long)]
    pub json: bool,
}
