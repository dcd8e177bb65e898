//! Clusters as a person reads them.

use super::{Link, Output};
use crate::show::{say, short, table};

/// Clusters and uncertain pairs that are shown to a person; JSON has all.
const SHOWN_MAX: usize = 20;

pub fn print(output: &Output, json: bool) -> anyhow::Result<()> {
    if json {
        say!("{}", serde_json::to_string_pretty(output)?);
        return Ok(());
    }
    let linked: usize = output.clusters.iter().map(|cluster| cluster.records.len()).sum();
    say!(
        "{} rows of {} files: {linked} of them are {} things, {} stand alone, {} pairs are uncertain",
        output.records,
        output.sources.len(),
        output.clusters.len(),
        output.records - linked,
        output.uncertain.len()
    );
    let compared: Vec<String> =
        output.fields.iter().map(|field| format!("{} ({})", field.name, field.class.as_str())).collect();
    say!("compared by {}", compared.join(", "));
    for cluster in output.clusters.iter().take(SHOWN_MAX) {
        let records: Vec<String> = cluster.records.iter().map(ToString::to_string).collect();
        say!("\n{} (held together by {:.3}): {}", cluster.id, cluster.probability, records.join(", "));
        let mut out = table(["field", "value", "rule", "from", "other values"]);
        for (field, golden) in &cluster.golden {
            out.add_row([
                field.clone(),
                short(&golden.value, 40),
                golden.rule.as_str().to_owned(),
                golden.from.to_string(),
                short(&golden.losing.join("; "), 60),
            ]);
        }
        say!("{out}");
        for link in &cluster.links {
            say!("{}", why(link));
        }
    }
    rest(output.clusters.len(), "things");
    if !output.uncertain.is_empty() {
        say!("\nuncertain:");
        for link in output.uncertain.iter().take(SHOWN_MAX) {
            say!("{}", why(link));
        }
        rest(output.uncertain.len(), "pairs");
    }
    Ok(())
}

fn rest(count: usize, what: &str) {
    if count > SHOWN_MAX {
        say!("… and {} more {what}; --json prints all", count - SHOWN_MAX);
    }
}

fn why(link: &Link) -> String {
    let mut fields: Vec<_> = link.evidence.fields.iter().filter(|field| field.level.is_some()).collect();
    fields.sort_by(|a, b| b.bits.abs().total_cmp(&a.bits.abs()));
    let fields: Vec<String> = fields
        .iter()
        .map(|field| format!("{} {} {:+.1}", field.field, field.level.map_or("", |level| level.as_str()), field.bits))
        .collect();
    format!("  {} = {}: {:.3} ({} bits)", link.left, link.right, link.evidence.probability, fields.join(", "))
}
