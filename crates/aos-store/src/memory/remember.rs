//! Remembering, in the transaction of the decision itself: what a mapping has that the one before it had not, what it has no more, and
//! what was rejected in the review queue.

use super::{MemoryOutcome, Portrait};
use crate::convert::{from_json, to_json};
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::Result;
use crate::reviews::Review;
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use aos_core::mapping::{EntityMapping, FieldRule, Origin, StreamMapping};
use aos_core::shape::StreamShape;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;
use uuid::Uuid;

/// Where it stands beside a mapping what its rules rest on.
const ADVISED: &str = "advised";

/// Of one stream no more columns that feed nothing are remembered.
const UNMAPPED_KEPT_MAX: usize = 200;

/// A mapping that takes the place of another.
pub(crate) struct Remembered<'r> {
    pub connection: ConnectionId,
    pub before: Option<&'r StreamMapping>,
    pub after: &'r StreamMapping,
    /// What stands beside the mapping.
    pub matched: &'r Value,
    /// The shape that is accepted with it, where that is another one than was last seen.
    pub shape: Option<&'r StreamShape>,
    /// Whether a person takes back what is in the mapping before.
    pub undone: bool,
}

/// The columns that were decided with more than names and values.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Advised {
    memory: HashSet<String>,
    model: HashSet<String>,
}

/// A column and a field.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pair<'p> {
    path: &'p str,
    entity: &'p str,
    field: &'p str,
    confidence: f64,
    reviewed: bool,
}

impl Pair<'_> {
    fn is(&self, other: &Pair<'_>) -> bool {
        (self.path, self.entity, self.field) == (other.path, other.entity, other.field)
    }

    /// Whether both cannot be right.
    fn excludes(&self, other: &Pair<'_>) -> bool {
        self.path == other.path || (self.entity, self.field) == (other.entity, other.field)
    }
}

impl TenantStore<'_> {
    /// Remembers what a new mapping decides.
    pub(crate) async fn remember_in(&self, tx: &mut Tx, decided: &Remembered<'_>) -> Result<()> {
        let before = decided.before.map(pairs).unwrap_or_default();
        let after = pairs(decided.after);
        let new: Vec<&Pair<'_>> = after
            .iter()
            .filter(|pair| !before.iter().any(|known| known.is(pair) && known.reviewed == pair.reviewed))
            .collect();
        let vanished: Vec<&Pair<'_>> = before.iter().filter(|pair| !after.iter().any(|kept| kept.is(pair))).collect();
        if new.is_empty() && vanished.is_empty() {
            return Ok(());
        }
        let stream = &decided.after.stream;
        let place = self.place_in(tx, decided.connection, stream, decided.shape).await?;
        let advised: Advised = decided
            .matched
            .get(ADVISED)
            .and_then(|advised| serde_json::from_value(advised.clone()).ok())
            .unwrap_or_default();
        self.remember_unmapped_in(tx, &place, decided.after).await?;
        for pair in &new {
            let outcome = if pair.reviewed { MemoryOutcome::Approved } else { MemoryOutcome::Applied };
            let with = (advised.memory.contains(pair.path), advised.model.contains(pair.path));
            self.put_memory(tx, &place, pair, outcome, with).await?;
        }
        // What vanishes was wrong where a person put something else in its place, or left it out; not where its column is gone.
        let all_reviewed = !after.is_empty() && after.iter().all(|pair| pair.reviewed);
        let replaced = |pair: &Pair<'_>| new.iter().any(|other| other.reviewed && other.excludes(pair));
        for pair in vanished {
            let is_there = place.shape.as_ref().is_some_and(|shape| shape.column(pair.path).is_some());
            if decided.undone || (is_there && (all_reviewed || replaced(pair))) {
                self.put_memory(tx, &place, pair, MemoryOutcome::Rejected, (false, false)).await?;
            }
        }
        Ok(())
    }

    /// Remembers which columns feed nothing, as pairs without a field, so that nobody is asked about the same ones again and again.
    async fn remember_unmapped_in(&self, tx: &mut Tx, place: &Place<'_>, after: &StreamMapping) -> Result<()> {
        let used: HashSet<&str> = after.entities.iter().flat_map(EntityMapping::sources).collect();
        for path in &used {
            query(
                "DELETE FROM mapping_memory
                  WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND path = $4 AND entity = '' AND field = ''",
            )
            .bind(self.id())
            .bind(place.connection.0)
            .bind(place.stream)
            .bind(*path)
            .execute(&mut *tx)
            .await?;
        }
        let columns = place.shape.iter().flat_map(|shape| &shape.columns).map(|column| column.path.as_str());
        for path in columns.filter(|path| !used.contains(path)).take(UNMAPPED_KEPT_MAX) {
            let pair = Pair { path, entity: "", field: "", confidence: 0.0, reviewed: false };
            self.put_memory(tx, place, &pair, MemoryOutcome::Applied, (false, false)).await?;
        }
        Ok(())
    }

    /// Remembers that what an item of the review queue proposes is wrong.
    pub(crate) async fn remember_rejected_in(&self, tx: &mut Tx, review: &Review) -> Result<()> {
        let (Some(connection), Some(stream)) = (review.connection_id, review.stream.as_deref()) else { return Ok(()) };
        let edits = review.payload["candidates"][0]["edits"].as_array().map(Vec::as_slice).unwrap_or_default();
        for edit in edits {
            let rule = |side: &str| serde_json::from_value::<FieldRule>(edit[side].clone()).ok();
            let (Some(after), Some(entity)) = (rule("after"), edit["entity"].as_str()) else { continue };
            let Some(pair) = pair(entity, &after) else { continue };
            // A repair of how a column is read says nothing against the column.
            if rule("before").is_some_and(|before| before.sources == after.sources && before.target == after.target) {
                continue;
            }
            let place = self.place_in(tx, connection, stream, None).await?;
            self.put_memory(tx, &place, &pair, MemoryOutcome::Rejected, (false, false)).await?;
        }
        Ok(())
    }

    async fn place_in<'p>(
        &self,
        tx: &mut Tx,
        connection: ConnectionId,
        stream: &'p str,
        shape: Option<&StreamShape>,
    ) -> Result<Place<'p>> {
        let known =
            query_as::<(String, String)>("SELECT connector, system FROM connections WHERE tenant_id = $1 AND id = $2");
        let known = known.bind(self.id()).bind(connection.0).fetch_optional(&mut *tx).await?.unwrap_or_default();
        let shape = match shape {
            Some(shape) => Some(shape.clone()),
            None => {
                let seen = query_scalar::<Option<String>>(
                    "SELECT shape FROM streams WHERE tenant_id = $1 AND connection_id = $2 AND name = $3",
                );
                let seen = seen.bind(self.id()).bind(connection.0).bind(stream).fetch_optional(tx).await?.flatten();
                seen.map(|text| from_json(&text, "streams", "shape", stream)).transpose()?
            }
        };
        Ok(Place { connection, connector: known.0, system: known.1, stream, shape })
    }

    /// Keeps a pair. What a person said of it stays whatever the matcher says afterwards.
    async fn put_memory(
        &self,
        tx: &mut Tx,
        place: &Place<'_>,
        pair: &Pair<'_>,
        outcome: MemoryOutcome,
        (with_memory, with_model): (bool, bool),
    ) -> Result<()> {
        let column = place.shape.as_ref().and_then(|shape| shape.column(pair.path));
        let portrait = column.map_or_else(Portrait::unseen, Portrait::of);
        query(
            "INSERT INTO mapping_memory
                (tenant_id, id, connection_id, connector, system, stream, path, label, portrait, entity, field, outcome, by_matcher,
                 confidence, with_memory, with_model, decided_by, decided_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
             ON CONFLICT (tenant_id, connection_id, stream, path, entity, field) DO UPDATE
                SET outcome = excluded.outcome, decided_by = excluded.decided_by, decided_at = excluded.decided_at
              WHERE excluded.outcome <> 'applied'",
        )
        .bind(self.id())
        .bind(Uuid::now_v7())
        .bind(place.connection.0)
        .bind(&place.connector)
        .bind(&place.system)
        .bind(place.stream)
        .bind(pair.path)
        .bind(column.and_then(|column| column.label.as_deref()))
        .bind(to_json(&portrait))
        .bind(pair.entity)
        .bind(pair.field)
        .bind(outcome.as_str())
        // A pair that the matcher had decided before there was a memory, and that a person rejects now, is one of the matcher's.
        .bind(outcome == MemoryOutcome::Applied || (outcome == MemoryOutcome::Rejected && !pair.reviewed))
        .bind(pair.confidence)
        .bind(with_memory)
        .bind(with_model)
        .bind(self.scope.principal().to_string())
        .bind(self.now())
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// Where a column stands.
struct Place<'p> {
    connection: ConnectionId,
    connector: String,
    system: String,
    stream: &'p str,
    shape: Option<StreamShape>,
}

/// The pairs of a mapping. A rule that reads several columns, or none, says nothing of one.
fn pairs(mapping: &StreamMapping) -> Vec<Pair<'_>> {
    let rules = mapping.entities.iter().flat_map(|entity| entity.fields.iter().map(|rule| (&*entity.entity, rule)));
    rules.filter_map(|(entity, rule)| pair(entity, rule)).collect()
}

fn pair<'p>(entity: &'p str, rule: &'p FieldRule) -> Option<Pair<'p>> {
    let [path] = rule.sources.as_slice() else { return None };
    Some(Pair {
        path,
        entity,
        field: &rule.target,
        confidence: rule.confidence,
        reviewed: rule.origin == Origin::Reviewed,
    })
}
