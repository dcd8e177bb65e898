//! Results of a bulk job: CSV, made into the same records that the REST query resource gives.

use super::access::Org;
use super::bulk::{self, Job};
use super::describe::Described;
use super::query::fate;
use crate::connector::ReadRequest;
use crate::error::Error;
use crate::page::SourceCount;
use crate::rest::{Body, Doubt, Members, Records, Reply, Shortfall};
use aos_core::shape::ValueKind;
use aos_core::value::Value;
use compact_str::CompactString;
use std::collections::HashMap;

/// Results in one answer; half as many each time an answer is too long to be held.
const ANSWER_RECORDS_MAX: usize = 50_000;

pub(super) struct Results {
    /// Where the next results are; none when these were the last.
    pub locator: Option<String>,
    pub count: Option<SourceCount>,
}

/// Reads the next results of a job into `records`, waiting for the job first.
pub(super) async fn next(
    org: &Org,
    job: &mut Job,
    described: &Described,
    records: &mut Records,
    request: &ReadRequest,
) -> Result<Results, Error> {
    bulk::complete(org, job).await?;
    let kinds: HashMap<&str, ValueKind> =
        described.fields().map(|field| (field.name.as_str(), field.value_kind())).collect();
    let mut most = request.options.page_records.clamp(1, ANSWER_RECORDS_MAX);
    let locator = loop {
        match ask(org, job, most, &kinds, records).await {
            Err(Error::TooLarge { .. }) if most > 1 => most = most.div_ceil(2),
            asked => break asked?,
        }
    };
    job.locator.clone_from(&locator);
    Ok(Results { locator, count: job.records.map(SourceCount::Exactly) })
}

async fn ask(
    org: &Org,
    job: &Job,
    most: usize,
    kinds: &HashMap<&str, ValueKind>,
    records: &mut Records,
) -> Result<Option<String>, Error> {
    let mut request = aos_net::Request::get(&format!("{}{}/jobs/query/{}/results", org.base, org.path, job.id))?
        .header("accept", "text/csv")?
        .query([("maxRecords", most.to_string().as_str())]);
    if let Some(locator) = &job.locator {
        request = request.query([("locator", locator.as_str())]);
    }
    let mut shortfall = Shortfall::default();
    org.session
        .ask(&request, &[], |reply| {
            let announced = reply.header("sforce-numberofrecords").and_then(|number| number.parse().ok());
            let next = reply.header("sforce-locator").filter(|locator| *locator != "null" && !locator.is_empty());
            if next.is_some() && next == job.locator.as_deref() {
                return Err(Doubt::new("the results of a bulk job lead to themselves"));
            }
            let rows = read(reply, kinds)?;
            shortfall.check(rows.len(), announced.unwrap_or(rows.len()))?;
            for row in rows {
                match row {
                    Ok(members) => records.add(members, |members| fate(members)),
                    Err(damaged) => records.reject_damaged(&damaged),
                }
            }
            Ok(next.map(str::to_owned))
        })
        .await
}

/// Reads CSV; a record with bytes that are no text is given as it stands.
fn read(reply: &Reply, kinds: &HashMap<&str, ValueKind>) -> Result<Vec<Result<Members, String>>, Doubt> {
    let body = reply.body();
    let broken = |error: csv::Error| Doubt::new(format!("the results of a bulk job are no CSV ({error})"));
    let mut reader = csv::ReaderBuilder::new().from_reader(body.text().as_bytes());
    let names: Vec<(CompactString, ValueKind)> = reader
        .headers()
        .map_err(broken)?
        .iter()
        .map(|name| (name.into(), kinds.get(name).copied().unwrap_or(ValueKind::String)))
        .collect();
    reader.records().map(|record| Ok(members(&record.map_err(broken)?, &names, &body))).collect()
}

fn members(
    record: &csv::StringRecord,
    names: &[(CompactString, ValueKind)],
    body: &Body<'_>,
) -> Result<Members, String> {
    if record.iter().any(|cell| body.is_damaged(cell)) {
        return Err(record.iter().collect::<Vec<_>>().join(","));
    }
    let cells = names.iter().zip(record).map(|((name, kind), cell)| (name.clone(), value(cell, *kind)));
    Ok(Members(cells.collect()))
}

/// Writes a cell as the REST resource does. Salesforce has no empty texts: nothing between two commas is null.
fn value(cell: &str, kind: ValueKind) -> Value {
    match kind {
        _ if cell.is_empty() => Value::Null,
        ValueKind::Boolean if cell == "true" || cell == "false" => Value::Bool(cell == "true"),
        ValueKind::Integer | ValueKind::Decimal if serde_json::from_str::<serde_json::Number>(cell).is_ok() => {
            Value::Number(cell.into())
        }
        ValueKind::Datetime => {
            Value::text(cell.strip_suffix('Z').map_or(cell.to_owned(), |time| format!("{time}+0000")))
        }
        _ => Value::text(cell),
    }
}
