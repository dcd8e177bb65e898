//! `autonomos drift`: what changed between two versions of a source, and what would repair it. Nothing is kept.

mod catalog;
mod ddl;
mod fields;
mod json_schema;
mod listing;
mod messages;
mod print;
mod version;

use crate::cli::DriftDiffArgs;
use crate::exit;
use crate::show::{aside, say};
use anyhow::Context;
use aos_core::drift::{Change, read_mappings};
use aos_core::mapping::StreamMapping;
use aos_match::drift::{Drift, Proposal, compare_streams};
use serde::Serialize;
use std::process::ExitCode;
use std::time::Instant;
use version::Version;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Output<'o> {
    before: Said,
    after: Said,
    breaking: bool,
    changes: &'o [Change],
    proposals: &'o [Proposal],
    elapsed_ms: u64,
}

/// What a version was taken for.
#[derive(Debug, Serialize)]
struct Said {
    form: &'static str,
    streams: Vec<String>,
    /// Records looked at; none in a schema.
    records: u64,
}

pub fn diff(args: &DriftDiffArgs) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let mappings = match &args.mapping {
        None => Vec::new(),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read; check the path", path.display()))?;
            read_mappings(&text).with_context(|| format!("{} is not a mapping", path.display()))?
        }
    };
    let mut before = Version::open(&args.before)?;
    let mut after = Version::open(&args.after)?;
    for note in before.notes.iter().chain(&after.notes) {
        aside(format_args!("{note}"));
    }
    // Where one side only names a stream, nothing on the other side is that stream gone, and no stream without columns.
    if before.form == catalog::STREAM_NAME && after.snapshots.iter().all(|one| one.shape.columns.is_empty()) {
        after.snapshots.retain(|_| after.form == catalog::STREAM_NAME);
    }
    if before.form != after.form {
        version::leave_open(&mut before, &mut after);
    }
    version::sample_rows(&mut before, &mut after)?;
    let drift = compare(&before, &after, &mappings);
    if args.json {
        let output = Output {
            before: said(&before),
            after: said(&after),
            breaking: drift.is_breaking(),
            changes: &drift.changes,
            proposals: &drift.proposals,
            elapsed_ms: u64::try_from(begun.elapsed().as_millis())?,
        };
        say!("{}", serde_json::to_string_pretty(&output)?);
    } else {
        print::print(&said(&before), &said(&after), &drift);
    }
    Ok(if drift.is_breaking() { ExitCode::from(exit::BREAKING) } else { ExitCode::SUCCESS })
}

fn compare(before: &Version, after: &Version, mappings: &[StreamMapping]) -> Drift {
    compare_streams(&before.snapshots, &after.snapshots, mappings)
}

fn said(version: &Version) -> Said {
    Said {
        form: version.form,
        streams: version.snapshots.iter().map(|snapshot| snapshot.shape.stream.clone()).collect(),
        records: version.snapshots.iter().map(|snapshot| snapshot.shape.sampled).sum(),
    }
}
