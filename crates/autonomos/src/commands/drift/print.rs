//! Drift as a person reads it: what changed, worst first; what would repair it.

use super::Said;
use crate::show::{say, short, table};
use aos_core::drift::{Change, Evidence, Severity};
use aos_match::drift::Drift;

/// Paths of one rule that are listed below it.
const COVERED_SHOWN: usize = 5;

pub fn print(before: &Said, after: &Said, drift: &Drift) {
    let shown = |said: &Said| match said.records {
        0 => format!("{} ({})", said.form, said.streams.join(", ")),
        records => format!("{records} {} ({})", said.form, said.streams.join(", ")),
    };
    say!("before: {}\nafter:  {}", shown(before), shown(after));
    if drift.changes.is_empty() {
        say!("no change");
        return;
    }
    let many = before.streams.len() > 1 || after.streams.len() > 1;
    let mut changes: Vec<&Change> = drift.changes.iter().collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.severity));
    let mut out = table(["change", "path", "now", "severity", "evidence"]);
    for change in &changes {
        let kind = change.retyping.map_or_else(
            || change.kind.as_str().to_owned(),
            |retyping| format!("{} {} → {}", change.kind.as_str(), retyping.from, retyping.to),
        );
        let path = named(&change.stream, &change.path, many);
        let count = change.covers.len();
        let path = if count > 0 { format!("{path} ({count} columns)") } else { path };
        out.add_row([
            kind,
            path,
            change.to.clone().unwrap_or_default(),
            change.severity.as_str().to_owned(),
            said(&change.evidence),
        ]);
    }
    say!("{out}");
    if !drift.proposals.is_empty() {
        let mut out = table(["repair", "path", "from now on", "confidence", "tier", "evidence"]);
        for proposal in &drift.proposals {
            out.add_row([
                proposal.repair.as_str().to_owned(),
                named(&proposal.stream, &proposal.path, many),
                proposal.to.clone().unwrap_or_default(),
                format!("{:.2}", proposal.confidence),
                proposal.tier.as_str().to_owned(),
                said(&proposal.evidence),
            ]);
            for pair in proposal.covers.iter().take(COVERED_SHOWN) {
                out.add_row([String::new(), pair.path.clone(), pair.to.clone()]);
            }
        }
        say!("{out}");
    }
    let count = |severity: Severity| changes.iter().filter(|change| change.severity == severity).count();
    say!(
        "{} breaking, {} risky, {} harmless",
        count(Severity::Breaking),
        count(Severity::Risky),
        count(Severity::Harmless)
    );
}

fn named(stream: &str, path: &str, many: bool) -> String {
    match (many, path.is_empty()) {
        (true, false) => format!("{stream}: {path}"),
        (true, true) => stream.to_owned(),
        _ => path.to_owned(),
    }
}

fn said(evidence: &[Evidence]) -> String {
    let all: Vec<String> = evidence.iter().map(ToString::to_string).collect();
    short(&all.join("; "), 120)
}
