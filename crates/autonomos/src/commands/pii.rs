//! `autonomos pii scan`: personal data and secrets in a file. Nothing is kept, and no value that was found is printed.

mod search;

use crate::cli::{PiiAction, PiiArgs, PiiFormat, PiiScanArgs};
use crate::exit;
use crate::settings::Settings;
use crate::show::{say, table};
use anyhow::Context;
use aos_ai::pii::{Class, Policy};
use search::{Place, Searched};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::Instant;

/// The largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Findings that are listed for people; all are counted.
const ROWS_MAX: usize = 200;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Output<'o> {
    file: String,
    format: &'static str,
    /// What `start` and `end` count.
    unit: &'static str,
    bytes: usize,
    findings: &'o [Place],
    counts: &'o BTreeMap<&'static str, usize>,
    /// The model that looked for names beside the rules, if one did.
    names_model: Option<&'o str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted: Option<&'o str>,
    elapsed_ms: f64,
}

pub fn run(args: &PiiArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    match &args.action {
        PiiAction::Scan(args) => scan(args, settings),
    }
}

fn scan(args: &PiiScanArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let policy = policy(args)?.with_names(crate::models::names(settings)?);
    let format = args.format.unwrap_or_else(|| PiiFormat::of(&args.file));
    let text = read(args)?;
    let begun = Instant::now();
    let searched = search::search(&text, format, &policy)
        .with_context(|| format!("{} was not searched, and nothing of it is printed", args.file.display()))?;
    let elapsed_ms = begun.elapsed().as_secs_f64() * 1000.0;
    let mut counts = BTreeMap::new();
    for place in &searched.places {
        *counts.entry(place.finding.class.as_str()).or_default() += 1;
    }
    if args.json {
        let output = Output {
            file: args.file.display().to_string(),
            format: name(format),
            unit: "characters",
            bytes: text.len(),
            findings: &searched.places,
            counts: &counts,
            names_model: policy.names_model(),
            redacted: args.redact.then_some(searched.redacted.as_str()),
            elapsed_ms,
        };
        say!("{}", serde_json::to_string_pretty(&output)?);
    } else if args.redact {
        // As it was, without a line break of ours behind it. A reader that has gone is no reason to fail.
        let _ = std::io::stdout().lock().write_all(searched.redacted.as_bytes());
    } else {
        print(&searched, &counts);
    }
    let is_found = args.check && !searched.places.is_empty();
    Ok(if is_found { ExitCode::from(exit::FOUND) } else { ExitCode::SUCCESS })
}

fn policy(args: &PiiScanArgs) -> anyhow::Result<Policy> {
    anyhow::ensure!((0.0..=1.0).contains(&args.score_min), "--score-min is a number from 0 to 1");
    let classes: Vec<Class> = match args.types.as_slice() {
        [] => Class::ALL.to_vec(),
        types => types.to_vec(),
    };
    Ok(Policy::standard().only(classes).score_min(args.score_min))
}

fn read(args: &PiiScanArgs) -> anyhow::Result<String> {
    let shown = args.file.display();
    let mut bytes = Vec::new();
    let read = if args.file.as_os_str() == "-" {
        std::io::stdin().lock().take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(&args.file).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("{shown} cannot be read; check the path"))?;
    anyhow::ensure!(
        bytes.len() as u64 <= FILE_BYTES_MAX,
        "{shown} has more than {FILE_BYTES_MAX} bytes; give it in parts"
    );
    String::from_utf8(bytes).with_context(|| format!("{shown} is not UTF-8; convert it first, for example with iconv"))
}

fn print(searched: &Searched, counts: &BTreeMap<&'static str, usize>) {
    if searched.places.is_empty() {
        say!("No personal data and no secrets were found.");
        return;
    }
    let mut rows = table(["where", "type", "kind", "start", "end", "score", "because"]);
    for place in searched.places.iter().take(ROWS_MAX) {
        let finding = &place.finding;
        rows.add_row([
            place.at(),
            finding.class.as_str().to_owned(),
            finding.kind.to_owned(),
            finding.span.start.to_string(),
            finding.span.end.to_string(),
            format!("{:.2}", finding.score),
            finding.because.join(", "),
        ]);
    }
    say!("{rows}");
    let total = searched.places.len();
    if total > ROWS_MAX {
        say!("… and {} more; --json has all", total - ROWS_MAX);
    }
    let counts: Vec<String> = counts.iter().map(|(class, count)| format!("{class} {count}")).collect();
    say!("{total} found: {}", counts.join(" · "));
}

fn name(format: PiiFormat) -> &'static str {
    match format {
        PiiFormat::Text => "text",
        PiiFormat::Csv => "csv",
        PiiFormat::Tsv => "tsv",
        PiiFormat::Json => "json",
        PiiFormat::Ndjson => "ndjson",
    }
}
