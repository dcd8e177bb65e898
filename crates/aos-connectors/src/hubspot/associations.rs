//! What records are associated with. The list of objects shows the first of them, the batch reading of associations all; here both
//! give the same: `associations.<kind>.results[].id`, each id once. The labels of an association are left out.

use super::access::Portal;
use super::objects::ObjectType;
use crate::error::Error;
use crate::rest::{Doubt, Members, envelope};
use aos_core::value::Value;
use compact_str::CompactString;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::HashMap;

const NAME: &str = "associations";
/// The most ids that one batch takes.
const BATCH_IDS_MAX: usize = 1_000;
/// Batches for one page of records: an id comes back for each five hundred of its associations.
const ROUNDS_MAX: usize = 1_000;

#[derive(Deserialize)]
struct Listed {
    associations: Option<HashMap<String, Shown>>,
}

#[derive(Deserialize)]
struct Shown {
    paging: Option<IgnoredAny>,
}

/// Says whether some record of a page has more associations than it shows.
pub(super) fn are_cut_short(page: &[&RawValue]) -> Result<bool, Doubt> {
    for raw in page.iter().filter(|raw| raw.get().contains("\"associations\"")) {
        let listed: Listed = envelope(raw.get())?;
        if listed.associations.is_some_and(|kinds| kinds.values().any(|shown| shown.paging.is_some())) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Leaves of a record's associations each id once; the list names an id for each of its labels.
pub(super) fn simplify(members: &mut Members) {
    let Some(Value::Object(kinds)) = members.get(NAME) else { return };
    let shown = kinds.iter().map(|(kind, shown)| {
        let items = match shown.get("results") {
            Some(Value::List(items)) => items.as_slice(),
            _ => &[],
        };
        (kind.clone(), items.iter().filter_map(|item| item.get("id")?.as_text().map(CompactString::from)).collect())
    });
    let shown: Vec<(CompactString, Vec<CompactString>)> = shown.collect();
    set(members, shown);
}

fn set(members: &mut Members, kinds: impl IntoIterator<Item = (CompactString, Vec<CompactString>)>) {
    let kinds = kinds.into_iter().filter_map(|(kind, mut ids)| {
        ids.sort_unstable();
        ids.dedup();
        let item = |id| Value::Object(vec![("id".into(), Value::Text(id))]);
        let results = Value::List(ids.into_iter().map(item).collect::<Vec<_>>());
        let empty = matches!(&results, Value::List(items) if items.is_empty());
        (!empty).then(|| (kind, Value::Object(vec![("results".into(), results)])))
    });
    let mut kinds: Vec<_> = kinds.collect();
    kinds.sort_by(|(left, _), (right, _)| left.cmp(right));
    members.remove(NAME);
    if !kinds.is_empty() {
        members.set(NAME, Value::Object(kinds));
    }
}

/// The associations of some records, by id and kind.
#[derive(Debug, Default)]
pub(super) struct Associated(HashMap<String, Vec<(CompactString, Vec<CompactString>)>>);

impl Associated {
    /// Gives a record its associations.
    pub fn put(&self, members: &mut Members) {
        let kinds = members.text("id").and_then(|id| self.0.get(id)).cloned().unwrap_or_default();
        set(members, kinds);
    }
}

#[derive(Deserialize)]
struct Batch {
    results: Vec<FromOne>,
}

#[derive(Deserialize)]
struct FromOne {
    from: From,
    #[serde(default)]
    to: Vec<To>,
    paging: Option<super::list::Paging>,
}

#[derive(Deserialize)]
struct From {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct To {
    to_object_id: Value,
}

/// Reads all associations of the given records, with the kinds that are read together with them.
pub(super) async fn of(portal: &Portal, object: &ObjectType, ids: &[String]) -> Result<Associated, Error> {
    let mut associated = Associated::default();
    for kind in &object.with {
        let path = format!("crm/v4/associations/{}/{kind}/batch/read", object.path);
        for batch in ids.chunks(BATCH_IDS_MAX) {
            let mut inputs: Vec<serde_json::Value> = batch.iter().map(|id| json!({ "id": id })).collect();
            for round in 0.. {
                if inputs.is_empty() {
                    break;
                }
                if round >= ROUNDS_MAX {
                    return Err(Error::Contract { what: "the associations of a record do not end".to_owned() });
                }
                let request = portal.post(&path, &json!({ "inputs": inputs }))?;
                let answer: Batch = portal.session.ask(&request, &[], |reply| envelope(reply.body().text())).await?;
                inputs = associated.take(kind, answer);
            }
        }
    }
    Ok(associated)
}

impl Associated {
    /// Notes an answer, and returns what has to be asked further.
    fn take(&mut self, kind: &str, answer: Batch) -> Vec<serde_json::Value> {
        let mut further = Vec::new();
        for FromOne { from, to, paging } in answer.results {
            if let Some(next) = paging.and_then(|paging| paging.next) {
                further.push(json!({ "id": from.id, "after": next.after }));
            }
            let ids = to.iter().filter_map(|to| to.to_object_id.as_text().map(CompactString::from));
            let kinds = self.0.entry(from.id).or_default();
            match kinds.iter_mut().find(|(known, _)| known == kind) {
                Some((_, known)) => known.extend(ids),
                None => kinds.push((kind.into(), ids.collect())),
            }
        }
        further
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(json: &str) -> Members {
        let Value::Object(members) = Value::parse_json(json).unwrap() else { panic!("an object") };
        Members(members)
    }

    #[test]
    fn the_list_and_the_batch_give_the_same_associations() {
        let mut listed = record(
            r#"{"id":"1","associations":{"companies":{"results":[{"id":"9","type":"deal_to_company"},
                {"id":"9","type":"deal_to_company_unlabeled"},{"id":"10","type":"deal_to_company"}]}}}"#,
        );
        simplify(&mut listed);
        let batch =
            r#"{"results":[{"from":{"id":"1"},"to":[{"toObjectId":10,"associationTypes":[]},{"toObjectId":9}]}]}"#;
        let mut associated = Associated::default();
        assert!(associated.take("companies", serde_json::from_str(batch).unwrap()).is_empty());
        let mut bare = record(r#"{"id":"1"}"#);
        associated.put(&mut bare);
        assert_eq!(bare.get("associations"), listed.get("associations"));
        assert!(listed.get("associations").is_some());
    }

    #[test]
    fn associations_that_go_on_are_asked_for() {
        let answer = r#"{"results":[{"from":{"id":"1"},"to":[{"toObjectId":5}],"paging":{"next":{"after":"x"}}}]}"#;
        let further = Associated::default().take("companies", serde_json::from_str(answer).unwrap());
        assert_eq!(further, [json!({ "id": "1", "after": "x" })]);
    }
}
