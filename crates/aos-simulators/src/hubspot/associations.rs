//! Associations v4, read in batches, in both directions.

use super::failure::Failure;
use super::record::{self, associated};
use super::schema::{LABEL, LABEL_TYPE, ObjectType, association_type, has_label, is_labelled};
use super::{Portal, known_type};
use crate::account::Account;
use crate::account::time;
use crate::query::json;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;

/// HubSpot reads associations of so many records at once.
const INPUTS_MAX: usize = 1_000;

#[derive(Debug, Deserialize)]
pub struct Batch {
    inputs: Vec<Input>,
}

#[derive(Debug, Deserialize)]
struct Input {
    id: String,
}

pub async fn read(
    State(portal): State<Portal>,
    Path((from, to)): Path<(String, String)>,
    Json(batch): Json<Batch>,
) -> Result<Response, Failure> {
    let world = &portal.world;
    let (from, to) = (known_type(world, &from)?, known_type(world, &to)?);
    if batch.inputs.len() > INPUTS_MAX {
        return Err(Failure::invalid(world, format!("at most {INPUTS_MAX} inputs are allowed")));
    }
    let found = find(&world.account(), from, to, &batch);
    // A label is kept with the deal, whichever side asks.
    let deal = |input: &str, id: u64| match from.stream {
        "deals" => record::row("deals", input.parse().ok()?),
        _ => record::row("deals", id),
    };
    let kinds = |input: &str, id: u64| {
        let mut kinds = vec![defined(from, to)];
        if has_label(from.stream, to.stream) && deal(input, id).is_some_and(is_labelled) {
            kinds.push(own());
        }
        kinds
    };
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for input in &batch.inputs {
        match found.get(input.id.as_str()) {
            Some(ids) => {
                let to = ids.iter().map(|id| json!({ "toObjectId": id, "associationTypes": kinds(&input.id, *id) }));
                let to: Vec<Value> = to.collect();
                results.push(json!({ "from": { "id": input.id }, "to": to }));
            }
            None => errors.push(json!({
                "status": "error", "category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
                "message": format!("No {} is associated with {} {}.", to.singular, from.singular, input.id),
                "context": { "fromObjectId": [input.id], "fromObjectType": [from.singular], "toObjectType": [to.singular] },
            })),
        }
    }
    let now = time::zulu_ms(world.clock.now_ms());
    let mut body = json!({ "status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now });
    if errors.is_empty() {
        return Ok(json(StatusCode::OK, &body));
    }
    body["numErrors"] = json!(errors.len());
    body["errors"] = json!(errors);
    Ok(json(StatusCode::MULTI_STATUS, &body))
}

/// What two types of objects can be to each other.
pub async fn labels(
    State(portal): State<Portal>,
    Path((from, to)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (from, to) = (known_type(&portal.world, &from)?, known_type(&portal.world, &to)?);
    let own = has_label(from.stream, to.stream).then(own);
    let results: Vec<Value> = [Some(defined(from, to)), own].into_iter().flatten().collect();
    Ok(json(StatusCode::OK, &json!({ "results": results })))
}

fn defined(from: &ObjectType, to: &ObjectType) -> Value {
    json!({ "category": "HUBSPOT_DEFINED", "typeId": association_type(from.stream, to.stream), "label": null })
}

fn own() -> Value {
    json!({ "category": "USER_DEFINED", "typeId": LABEL_TYPE, "label": LABEL })
}

/// Who is associated with whom: by looking at the inputs where the association is kept with them, else by looking through the others.
fn find<'a>(account: &Account, from: &ObjectType, to: &ObjectType, batch: &'a Batch) -> HashMap<&'a str, Vec<u64>> {
    let mut found: HashMap<&str, Vec<u64>> = HashMap::new();
    let (Some(table), Some(others)) = (account.table(from.stream), account.table(to.stream)) else { return found };
    let asked: HashMap<u64, &str> = batch
        .inputs
        .iter()
        .filter_map(|input| Some((record::row(from.stream, input.id.parse().ok()?)?, input.id.as_str())))
        .filter(|(row, _)| table.meta(*row).is_some_and(|meta| !meta.deleted))
        .collect();
    for (row, id) in &asked {
        let Some(meta) = table.meta(*row) else { continue };
        if let Some(associated) = associated(account, &table, *row, &meta, to.stream) {
            found.entry(id).or_default().extend(associated.ids);
        }
    }
    let field = others.field(&format!("{}{}", super::schema::ASSOCIATION, from.stream));
    let Some(field) = field else { return found };
    for other in others.by_id(None) {
        let Some(meta) = others.meta(other).filter(|meta| !meta.deleted) else { continue };
        if let crate::account::Cell::Row(row) = others.cell(other, &meta, field)
            && let Some(id) = asked.get(&row)
        {
            found.entry(id).or_default().push(record::id(to.stream, other));
        }
    }
    found
}
