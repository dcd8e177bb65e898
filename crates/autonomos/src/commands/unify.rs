//! `autonomos unify`: which rows of some files are one thing, how sure that is, and why. Nothing is kept.

mod print;
mod tables;

use crate::cli::UnifyArgs;
use anyhow::bail;
use aos_resolve::{
    Candidate, Field, Limits, PairEvidence, Record, RecordKey, Resolver, Rule, Uncertain, assign_ids, fit, survive,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::time::Instant;
use tables::{Source, Tables};
use uuid::Uuid;

/// Members of a cluster whose links are looked for; more are shown without.
const LINKED_MAX: usize = 50;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Output {
    fields: Vec<Field>,
    sources: Vec<Source>,
    records: usize,
    /// Pairs that were compared while the model was fitted.
    compared: u64,
    limits: Limits,
    /// Things with several rows, in the order of their first rows. Every other row stands alone.
    clusters: Vec<Cluster>,
    /// Things that may be one, each two of them by their surest pair of rows, for a person to look at; the surest first.
    uncertain: Vec<Link>,
    elapsed_ms: u64,
}

#[derive(Debug, Serialize)]
struct Cluster {
    id: Uuid,
    /// The probability of the weakest pair that holds it together.
    probability: f64,
    records: Vec<RecordKey>,
    /// By field, the value that survives.
    golden: BTreeMap<String, Golden>,
    /// For each row the one that it is most like.
    links: Vec<Link>,
}

#[derive(Debug, Serialize)]
struct Golden {
    value: String,
    rule: Rule,
    from: RecordKey,
    losing: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Link {
    left: RecordKey,
    right: RecordKey,
    #[serde(flatten)]
    evidence: PairEvidence,
}

pub fn run(args: &UnifyArgs) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let Tables { fields, records, sources } = tables::read(&args.paths, args.key.as_deref())?;
    if fields.is_empty() {
        bail!("no column tells one row from another; give tables with names, addresses, numbers or the like");
    }
    let mut model = fit(&fields, &records);
    let shipped = model.limits;
    model.limits.link = args.link.unwrap_or(shipped.link);
    model.limits.review = args.review.unwrap_or(shipped.review.min(model.limits.link));
    let (compared, limits) = (model.compared, model.limits);
    let by_key: BTreeMap<RecordKey, Record> =
        records.iter().map(|record| (record.key.clone(), record.clone())).collect();
    let count = records.len();
    let resolver = Resolver::new(model, records);
    let all = resolver.clusters();
    let groups: Vec<Vec<RecordKey>> =
        all.iter().filter(|cluster| cluster.records.len() > 1).map(|cluster| cluster.records.clone()).collect();
    let ids = assign_ids(&groups, &BTreeMap::new(), &BTreeSet::new());
    let cohesions = all.iter().filter(|cluster| cluster.records.len() > 1).map(|cluster| cluster.cohesion);
    let clusters: Vec<Cluster> = groups
        .into_iter()
        .zip(ids)
        .zip(cohesions)
        .map(|((records, assigned), probability)| Cluster {
            id: assigned.id,
            probability,
            golden: golden(&fields, &records, &by_key),
            links: links(&resolver, &records),
            records,
        })
        .collect();
    let uncertain = resolver
        .uncertain(&all, limits.review)
        .into_iter()
        .filter_map(|Uncertain { pair, .. }| {
            let evidence = resolver.explain(&pair.left, &pair.right)?;
            Some(Link { left: pair.left, right: pair.right, evidence })
        })
        .collect();
    let output = Output {
        fields,
        sources,
        records: count,
        compared,
        limits,
        uncertain,
        elapsed_ms: u64::try_from(begun.elapsed().as_millis())?,
        clusters,
    };
    print::print(&output, args.json)?;
    Ok(ExitCode::SUCCESS)
}

fn golden(fields: &[Field], members: &[RecordKey], records: &BTreeMap<RecordKey, Record>) -> BTreeMap<String, Golden> {
    let mut golden = BTreeMap::new();
    for (at, field) in fields.iter().enumerate() {
        let candidates: Vec<Candidate<String>> = members
            .iter()
            .filter_map(|key| {
                let value = records.get(key)?.values.get(at)?.clone()?;
                Some(Candidate { record: key.clone(), version: 0, value })
            })
            .collect();
        let class = Some(field.class);
        if let Some(survivor) = survive(class, Rule::of(class), &[], &candidates, Clone::clone) {
            golden.insert(
                field.name.clone(),
                Golden {
                    value: survivor.winner.value,
                    rule: survivor.rule,
                    from: survivor.winner.record,
                    losing: survivor.losing.into_iter().map(|losing| losing.value).collect(),
                },
            );
        }
    }
    golden
}

/// For each record the one of its cluster that it is most like.
fn links(resolver: &Resolver, members: &[RecordKey]) -> Vec<Link> {
    let members = &members[..members.len().min(LINKED_MAX)];
    let mut links: Vec<Link> = Vec::new();
    for left in members {
        let others = members.iter().filter(|right| *right != left);
        let best = others
            .filter_map(|right| Some((right, resolver.explain(left, right)?)))
            .max_by(|a, b| a.1.probability.total_cmp(&b.1.probability).then(b.0.cmp(a.0)));
        if let Some((right, evidence)) = best
            && !links.iter().any(|link| link.left == *right && link.right == *left)
        {
            links.push(Link { left: left.clone(), right: right.clone(), evidence });
        }
    }
    links
}
