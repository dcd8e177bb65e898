//! What records are associated with. The list of objects shows the first of them, the batch reading of associations all; here both
//! give the same: `associations.<kind>.results[].id`, each id once, with `labels` where the account has named what the two are to each other.
//! Only the batch reading tells an account's own labels as they are called, so a page of records that may have some is read with it. HubSpot's
//! own word for the first of several companies ("Primary") is left out.

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
use std::collections::{BTreeMap, BTreeSet, HashMap};

const NAME: &str = "associations";
/// The most ids that one batch takes.
pub(super) const BATCH_IDS_MAX: usize = 1_000;
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

/// Says whether a page does not tell everything of its associations: a record has more than are shown, or they may have labels.
pub(super) fn are_cut_short(page: &[&RawValue], labelled: bool) -> Result<bool, Doubt> {
    for raw in page.iter().filter(|raw| raw.get().contains("\"associations\"")) {
        let listed: Listed = envelope(raw.get())?;
        if listed.associations.is_some_and(|kinds| labelled || kinds.values().any(|shown| shown.paging.is_some())) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What two kinds of objects can be to each other.
#[derive(Deserialize)]
struct Labels {
    results: Vec<AssociationType>,
}

#[derive(Debug, Clone, Deserialize)]
struct AssociationType {
    category: Option<String>,
    label: Option<String>,
}

impl AssociationType {
    /// Returns the name that the account itself gave.
    fn own_label(&self) -> Option<&str> {
        let own = self.category.as_deref() == Some("USER_DEFINED");
        self.label.as_deref().filter(|label| own && !label.is_empty())
    }
}

/// Says whether the account has labels for what its records are associated with. An app that may not see them reads none.
pub(super) async fn are_labelled(portal: &Portal, object: &ObjectType) -> Result<bool, Error> {
    for kind in &object.with {
        let request = portal.get(&format!("crm/v4/associations/{}/{kind}/labels", object.path))?;
        let asked = portal.session.ask(&request, &[], |reply| envelope::<Labels>(reply.body().text())).await;
        match asked {
            Ok(labels) if labels.results.iter().any(|one| one.own_label().is_some()) => return Ok(true),
            Ok(_) => {}
            Err(Error::MissingScope { said, .. } | Error::Gone { said, .. } | Error::Refused { said }) => {
                portal.session.context.note(&format!("labels of {} and {kind} are left out: {said}", object.stream));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// Ids of one kind, each with its labels.
type Linked = BTreeMap<CompactString, BTreeSet<CompactString>>;

/// Leaves of a record's associations each id once; the list names an id for each of its labels.
pub(super) fn simplify(members: &mut Members) {
    let Some(Value::Object(kinds)) = members.get(NAME) else { return };
    let shown = kinds.iter().map(|(kind, shown)| {
        let items = match shown.get("results") {
            Some(Value::List(items)) => items.as_slice(),
            _ => &[],
        };
        let ids = items.iter().filter_map(|item| item.get("id")?.as_text().map(CompactString::from));
        (kind.clone(), ids.map(|id| (id, BTreeSet::new())).collect())
    });
    let shown: Vec<(CompactString, Linked)> = shown.collect();
    set(members, shown);
}

fn set(members: &mut Members, kinds: impl IntoIterator<Item = (CompactString, Linked)>) {
    let item = |(id, labels): (CompactString, BTreeSet<CompactString>)| {
        let mut item = vec![("id".into(), Value::Text(id))];
        if !labels.is_empty() {
            item.push(("labels".into(), Value::List(labels.into_iter().map(Value::Text).collect())));
        }
        Value::Object(item)
    };
    let kinds = kinds.into_iter().filter(|(_, linked)| !linked.is_empty()).map(|(kind, linked)| {
        let results = Value::List(linked.into_iter().map(item).collect());
        (kind, Value::Object(vec![("results".into(), results)]))
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
pub(super) struct Associated(HashMap<String, Vec<(CompactString, Linked)>>);

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
    #[serde(default)]
    association_types: Vec<AssociationType>,
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
            let kinds = self.0.entry(from.id).or_default();
            let at = kinds.iter().position(|(known, _)| known == kind).unwrap_or_else(|| {
                kinds.push((kind.into(), Linked::new()));
                kinds.len() - 1
            });
            for to in &to {
                let Some(id) = to.to_object_id.as_text() else { continue };
                let labels = to.association_types.iter().filter_map(AssociationType::own_label);
                kinds[at].1.entry(id.into()).or_default().extend(labels.map(CompactString::from));
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
    fn an_account_s_own_labels_come_with_the_ids_and_the_vendor_s_do_not() {
        let batch = r#"{"results":[{"from":{"id":"1"},"to":[{"toObjectId":10,"associationTypes":[
            {"category":"HUBSPOT_DEFINED","typeId":5,"label":"Primary"},{"category":"HUBSPOT_DEFINED","typeId":341,"label":null},
            {"category":"USER_DEFINED","typeId":36,"label":"Reseller"},{"category":"USER_DEFINED","typeId":30,"label":"Payer"}]}]}]}"#;
        let mut associated = Associated::default();
        associated.take("companies", serde_json::from_str(batch).unwrap());
        let mut bare = record(r#"{"id":"1"}"#);
        associated.put(&mut bare);
        let labelled =
            record(r#"{"associations":{"companies":{"results":[{"id":"10","labels":["Payer","Reseller"]}]}}}"#);
        assert_eq!(bare.get("associations"), labelled.get("associations"));
    }

    #[test]
    fn associations_that_go_on_are_asked_for() {
        let answer = r#"{"results":[{"from":{"id":"1"},"to":[{"toObjectId":5}],"paging":{"next":{"after":"x"}}}]}"#;
        let further = Associated::default().take("companies", serde_json::from_str(answer).unwrap());
        assert_eq!(further, [json!({ "id": "1", "after": "x" })]);
    }
}
