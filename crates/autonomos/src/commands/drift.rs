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
use aos_core::drift::{Change, Snapshot, read_mappings};
use aos_core::mapping::{EntityMapping, StreamMapping};
use aos_match::drift::{Drift, Proposal, compare_named_streams, compare_streams};
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
    for note in before.notes.iter().chain(&after.notes).chain(&unknown(&before, &after, &mappings)) {
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
    let compare = if before.form == after.form && catalog::NAMED.contains(&before.form) {
        compare_named_streams
    } else {
        compare_streams
    };
    compare(&before.snapshots, &after.snapshots, mappings)
}

/// Says what of the mappings is of neither version: a name that is written wrongly cannot break.
fn unknown(before: &Version, after: &Version, mappings: &[StreamMapping]) -> Vec<String> {
    let all: Vec<&Snapshot> = before.snapshots.iter().chain(&after.snapshots).collect();
    let single = before.snapshots.len() == 1 && mappings.len() == 1;
    let mut notes = Vec::new();
    for mapping in mappings {
        let own: Vec<&&Snapshot> =
            all.iter().filter(|one| single || is_named(&one.shape.stream, &mapping.stream)).collect();
        if own.is_empty() {
            notes.push(format!("the mapping of `{}` is of no stream that either version has", mapping.stream));
            continue;
        }
        let within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let has = |path: &str| {
            let mut columns = own.iter().flat_map(|one| &one.shape.columns);
            columns.any(|column| within(&column.path, path) || within(path, &column.path))
        };
        let mut read: Vec<&str> = mapping.entities.iter().flat_map(EntityMapping::sources).collect();
        read.sort_unstable();
        read.dedup();
        for path in read.into_iter().filter(|path| !has(path)) {
            notes.push(format!("the mapping of `{}` reads `{path}`, which neither version has", mapping.stream));
        }
    }
    notes
}

/// Whether a stream is called so, however it is written.
fn is_named(stream: &str, name: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    plain(stream) == plain(name)
}

fn said(version: &Version) -> Said {
    Said {
        form: version.form,
        streams: version.snapshots.iter().map(|snapshot| snapshot.shape.stream.clone()).collect(),
        records: version.snapshots.iter().map(|snapshot| snapshot.shape.sampled).sum(),
    }
}
