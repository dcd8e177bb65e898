//! `autonomos match`: the matcher alone. Nothing is kept.

use crate::cli::MatchArgs;
use crate::exit;
use crate::show::{say, short, table};
use anyhow::Context;
use aos_connectors::Stream;
use aos_connectors::file::{FileOptions, FileSource};
use aos_core::Ontology;
use aos_core::shape::StreamShape;
use aos_match::{ColumnMatch, Matcher, TableMatch, match_tables};
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Output {
    columns: Vec<Column>,
    elapsed_ms: u64,
}

#[derive(Debug, Serialize)]
struct Column {
    column: String,
    #[serde(rename = "type")]
    kind: &'static str,
    decision: Option<Decision>,
    candidates: Vec<aos_match::Candidate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct Decision {
    entity: String,
    field: String,
    confidence: f64,
    evidence: Vec<String>,
}

pub fn run(args: &MatchArgs) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let shape = shape_of(&args.table)?;
    let matched = match &args.to {
        None => Matcher::new(&Ontology::shipped()).match_table(&shape),
        Some(target) if is_yaml(target) => {
            let text = std::fs::read_to_string(target)
                .with_context(|| format!("{} cannot be read; check the path", target.display()))?;
            let ontology =
                Ontology::parse(&text).with_context(|| format!("{} is not an ontology", target.display()))?;
            Matcher::new(&ontology).match_table(&shape)
        }
        Some(target) => match_tables(&shape, &shape_of(target)?, args.top),
    };
    let output = Output {
        columns: matched.columns.iter().map(|column| shown(column, args.top)).collect(),
        elapsed_ms: u64::try_from(begun.elapsed().as_millis())?,
    };
    if args.json {
        say!("{}", serde_json::to_string_pretty(&output)?);
    } else {
        print(&matched, &output);
    }
    Ok(if output.columns.is_empty() { ExitCode::from(exit::UNREADABLE) } else { ExitCode::SUCCESS })
}

fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml"))
}

fn shape_of(path: &Path) -> anyhow::Result<StreamShape> {
    let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let streams = FileSource::open(name, path, FileOptions::default())?.discover()?;
    let stream: Stream = streams.into_iter().next().with_context(|| format!("{} holds no table", path.display()))?;
    match stream.problem {
        Some(problem) => Err(problem.into()),
        None => Ok(stream.shape),
    }
}

fn shown(column: &ColumnMatch, top: usize) -> Column {
    let decision = column.decision.as_ref().map(|decision| Decision {
        entity: decision.entity.clone(),
        field: decision.field.clone(),
        confidence: decision.confidence,
        evidence: decision.evidence.clone(),
    });
    let candidates = column.candidates.iter().take(top).cloned().collect();
    Column {
        column: column.column.clone(),
        kind: column.kind.as_str(),
        decision,
        candidates,
        reason: column.reason.clone(),
    }
}

fn print(matched: &TableMatch, output: &Output) {
    match &matched.entity {
        Some(entity) => {
            say!("{} → {} ({:.2}): {}", matched.stream, entity.entity, entity.confidence, entity.evidence.join("; "))
        }
        None => say!("{} → no entity", matched.stream),
    }
    let mut out = table(["column", "type", "decision", "confidence", "evidence", "other candidates"]);
    for column in &output.columns {
        let (decision, confidence, evidence) = match &column.decision {
            Some(decision) => (
                format!("{}.{}", decision.entity, decision.field),
                format!("{:.2}", decision.confidence),
                decision.evidence.join("; "),
            ),
            None => ("none".to_owned(), String::new(), column.reason.clone().unwrap_or_default()),
        };
        let decided = column.decision.as_ref().map(|decision| (&decision.entity, &decision.field));
        let others =
            column.candidates.iter().filter(|candidate| Some((&candidate.entity, &candidate.field)) != decided);
        let others: Vec<String> = others
            .map(|candidate| format!("{}.{} {:.2}", candidate.entity, candidate.field, candidate.confidence))
            .collect();
        out.add_row([
            column.column.clone(),
            column.kind.to_owned(),
            decision,
            confidence,
            short(&evidence, 60),
            others.join(", "),
        ]);
    }
    say!("{out}");
    if let Some(pivot) = &matched.pivot {
        say!("long format: {} names the metric, {} holds its value", pivot.name_column, pivot.value_column);
        for field in &pivot.fields {
            say!("  {} → {}.{} ({:.2})", field.metric, pivot.entity, field.field, field.confidence);
        }
    }
}
