//! Intents: what is proposed to be connected, what became of each proposal step by step, and the samples that whoever decides looks at.

use crate::convert::{from_json, from_word, time, to_json};
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::kind;
use aos_core::onboarding::IntentState;
use aos_core::task::{NewTask, Start};
use aos_core::{ConnectionId, IntentId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Intents that a tenant may have at the same time, ended ones among them.
const INTENTS_MAX: i64 = 10_000;
const BODY_BYTES_MAX: usize = 64 * 1024;
/// A step that its source puts off is tried again so often at most.
const ATTEMPTS: u32 = 5;

#[derive(Debug, Clone, PartialEq)]
pub struct NewIntent {
    /// What its connection will be called.
    pub name: String,
    pub source_type: String,
    pub namespace: String,
    /// The intent as it was proposed.
    pub body: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Intent {
    pub id: IntentId,
    pub name: String,
    pub source_type: String,
    pub namespace: String,
    pub state: IntentState,
    /// Why it goes no further, for programs and for people.
    pub code: Option<String>,
    pub message: Option<String>,
    pub connection_id: Option<ConnectionId>,
    pub body: Value,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Which intents are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntentFilter {
    pub state: Option<IntentState>,
    pub namespace: Option<String>,
}

/// A step from one state to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct IntentStep<'a> {
    pub from: IntentState,
    pub to: IntentState,
    /// Why it goes no further; none when it does.
    pub code: Option<&'a str>,
    pub message: &'a str,
    /// What was found, e.g. how many streams.
    pub detail: Value,
    /// What whoever decides looks at.
    pub samples: Vec<IntentSample>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IntentTransition {
    pub from: IntentState,
    pub to: IntentState,
    pub at: DateTime<Utc>,
    /// Who did it.
    pub principal: String,
    pub message: String,
    pub detail: Value,
}

/// The first records of a stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IntentSample {
    pub stream: String,
    /// The entity that the stream would feed, and how sure that is.
    pub entity: Option<String>,
    pub confidence: Option<f64>,
    /// Objects, one a record.
    pub records: Value,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    source_type: String,
    namespace: String,
    state: String,
    code: Option<String>,
    message: Option<String>,
    connection_id: Option<Uuid>,
    body: String,
    created_by: String,
    created_at: i64,
    updated_at: i64,
}

macro_rules! select_intents {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, source_type, namespace, state, code, message, connection_id, body, created_by, created_at,
                    updated_at
               FROM intents ",
            $rest
        )
    };
}

impl TenantStore<'_> {
    /// Writes proposals down, all or none, each with the task that looks into it.
    ///
    /// # Errors
    /// [`Error::TooMany`] when there are too many already, [`Error::TooLarge`] for one that is too long.
    pub async fn propose_intents(&self, new: &[NewIntent]) -> Result<Vec<Intent>> {
        let mut tx = self.begin().await?;
        let count = query_scalar::<i64>("SELECT COUNT(*) FROM intents WHERE tenant_id = $1");
        if count.bind(self.id()).fetch_one(&mut tx).await? + new.len() as i64 > INTENTS_MAX {
            return Err(Error::TooMany { what: "intents", limit: INTENTS_MAX as usize });
        }
        let mut intents = Vec::with_capacity(new.len());
        for new in new {
            intents.push(self.propose(&mut tx, new).await?);
        }
        tx.commit().await?;
        Ok(intents)
    }

    async fn propose(&self, tx: &mut Tx, new: &NewIntent) -> Result<Intent> {
        let body = to_json(&new.body);
        if body.len() > BODY_BYTES_MAX {
            return Err(Error::TooLarge { what: "the intent", size: body.len(), limit: BODY_BYTES_MAX });
        }
        let (id, now, by) = (IntentId::new(), self.now(), self.scope.principal().to_string());
        query(
            "INSERT INTO intents (tenant_id, id, name, source_type, namespace, state, body, created_by, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(&new.name)
        .bind(&new.source_type)
        .bind(&new.namespace)
        .bind(IntentState::Proposed.as_str())
        .bind(body)
        .bind(&by)
        .bind(now)
        .execute(tx)
        .await?;
        let detail = json!({ "name": new.name, "source_type": new.source_type });
        self.audit(tx, "intent.propose", &id.to_string(), detail).await?;
        self.enqueue_in(tx, onboard(id)).await?;
        Ok(Intent {
            id,
            name: new.name.clone(),
            source_type: new.source_type.clone(),
            namespace: new.namespace.clone(),
            state: IntentState::Proposed,
            code: None,
            message: None,
            connection_id: None,
            body: new.body.clone(),
            created_by: by,
            created_at: time(now),
            updated_at: time(now),
        })
    }

    pub async fn intent(&self, id: IntentId) -> Result<Option<Intent>> {
        let found = query_as::<Row>(select_intents!("WHERE tenant_id = $1 AND id = $2"));
        found.bind(self.id()).bind(id.0).fetch_optional(self.reader()).await?.map(Intent::try_from).transpose()
    }

    /// Lists intents, newest first.
    pub async fn list_intents(&self, filter: &IntentFilter, page: Page) -> Result<PageOf<Intent>> {
        let rows = query_as::<Row>(select_intents!(
            "WHERE tenant_id = $1 AND ($2 IS NULL OR id < $2) AND ($3 IS NULL OR state = $3)
               AND ($4 IS NULL OR namespace = $4)
             ORDER BY id DESC LIMIT $5"
        ))
        .bind(self.id())
        .bind(page.after_id()?)
        .bind(filter.state.map(IntentState::as_str))
        .bind(filter.namespace.as_deref())
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let items = rows.into_iter().map(Intent::try_from).collect::<Result<_>>()?;
        Ok(page.of(items, |intent: &Intent| intent.id))
    }

    /// Lists what became of an intent, oldest first.
    pub async fn intent_transitions(&self, id: IntentId) -> Result<Vec<IntentTransition>> {
        let rows = query_as::<(String, String, i64, String, String, String)>(
            "SELECT from_state, to_state, at, principal, message, detail
               FROM intent_transitions
              WHERE tenant_id = $1 AND intent_id = $2
              ORDER BY id",
        );
        let rows = rows.bind(self.id()).bind(id.0).fetch_all(self.reader()).await?;
        let transition = |(from, to, at, principal, message, detail): (String, String, i64, _, _, String)| {
            Ok(IntentTransition {
                from: from_word(from, "intent_transitions", "from_state", id)?,
                to: from_word(to, "intent_transitions", "to_state", id)?,
                at: time(at),
                principal,
                message,
                detail: from_json(&detail, "intent_transitions", "detail", id)?,
            })
        };
        rows.into_iter().map(transition).collect()
    }

    pub async fn intent_samples(&self, id: IntentId) -> Result<Vec<IntentSample>> {
        let rows = query_as::<(String, Option<String>, Option<f64>, String)>(
            "SELECT stream, entity, confidence, records
               FROM intent_samples
              WHERE tenant_id = $1 AND intent_id = $2
              ORDER BY stream",
        );
        let rows = rows.bind(self.id()).bind(id.0).fetch_all(self.reader()).await?;
        let sample = |(stream, entity, confidence, records): (String, _, _, String)| {
            let records = from_json(&records, "intent_samples", "records", format!("{id}/{stream}"))?;
            Ok(IntentSample { stream, entity, confidence, records })
        };
        rows.into_iter().map(sample).collect()
    }

    /// Takes an intent from one state to the next, and says whether it was still in the first. What follows from the new state follows in the
    /// same transaction: a promoted connection leaves Safe Mode, and samples go with the decision.
    pub async fn step_intent(&self, id: IntentId, step: &IntentStep<'_>) -> Result<bool> {
        if !step.from.may_become(step.to) {
            return Ok(false);
        }
        let mut tx = self.begin().await?;
        let moved = query(
            "UPDATE intents SET state = $4, code = $5, message = $6, updated_at = $7
              WHERE tenant_id = $1 AND id = $2 AND state = $3",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(step.from.as_str())
        .bind(step.to.as_str())
        .bind(step.code)
        .bind(step.code.map(|_| step.message))
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        if moved == 0 {
            return Ok(false);
        }
        self.write_transition(&mut tx, id, step).await?;
        if matches!(step.to, IntentState::Promoted | IntentState::Rejected) {
            let gone = query("DELETE FROM intent_samples WHERE tenant_id = $1 AND intent_id = $2");
            gone.bind(self.id()).bind(id.0).execute(&mut tx).await?;
        }
        if step.to == IntentState::Promoted {
            let promoted = query(
                "UPDATE connections SET safe_mode_at = NULL
                  WHERE tenant_id = $1 AND deleted_at IS NULL
                    AND id = (SELECT connection_id FROM intents WHERE tenant_id = $1 AND id = $2)",
            );
            if promoted.bind(self.id()).bind(id.0).execute(&mut tx).await? == 0 {
                return Err(Error::NotFound(Resource::Connection(format!("of intent {id}"))));
            }
        }
        if step.to == IntentState::Proposed {
            self.enqueue_in(&mut tx, onboard(id)).await?;
        }
        for sample in &step.samples {
            query(
                "INSERT INTO intent_samples (tenant_id, intent_id, stream, entity, confidence, records)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (tenant_id, intent_id, stream) DO UPDATE
                    SET entity = excluded.entity, confidence = excluded.confidence, records = excluded.records",
            )
            .bind(self.id())
            .bind(id.0)
            .bind(&sample.stream)
            .bind(sample.entity.as_deref())
            .bind(sample.confidence)
            .bind(crate::convert::without_nul(&to_json(&sample.records)).into_owned())
            .execute(&mut tx)
            .await?;
        }
        let detail = json!({ "from": step.from, "message": step.message });
        self.audit(&mut tx, &format!("intent.{}", step.to.as_str()), &id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn write_transition(&self, tx: &mut Tx, id: IntentId, step: &IntentStep<'_>) -> Result<()> {
        query(
            "INSERT INTO intent_transitions (tenant_id, intent_id, id, from_state, to_state, at, principal, message, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(Uuid::now_v7())
        .bind(step.from.as_str())
        .bind(step.to.as_str())
        .bind(self.now())
        .bind(self.scope.principal().to_string())
        .bind(step.message)
        .bind(to_json(&step.detail))
        .execute(tx)
        .await
        .map(|_| ())
    }

    /// Writes down what stands in an intent's way for now. It stays in its state, and is tried again.
    pub async fn note_intent(&self, id: IntentId, code: &str, message: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        query("UPDATE intents SET code = $3, message = $4, updated_at = $5 WHERE tenant_id = $1 AND id = $2")
            .bind(self.id())
            .bind(id.0)
            .bind(code)
            .bind(message)
            .bind(self.now())
            .execute(&mut tx)
            .await?;
        tx.commit().await
    }

    /// Gives an intent its connection, which is created in the same transaction.
    pub(crate) async fn attach_to_intent(&self, tx: &mut Tx, id: IntentId, connection: ConnectionId) -> Result<()> {
        let attached = query(
            "UPDATE intents SET connection_id = $3, updated_at = $4
              WHERE tenant_id = $1 AND id = $2 AND connection_id IS NULL",
        );
        let attached = attached.bind(self.id()).bind(id.0).bind(connection.0).bind(self.now()).execute(tx).await?;
        if attached == 0 {
            return Err(Error::Conflict { kind: "connection of the intent", name: id.to_string() });
        }
        Ok(())
    }
}

/// The task that takes an intent as far as it goes by itself.
fn onboard(id: IntentId) -> NewTask {
    NewTask {
        max_attempts: ATTEMPTS,
        exclusive: Some(kind::onboard_right(id)),
        start: Start::Now,
        ..NewTask::new(kind::ONBOARD, json!(kind::Onboard { intent: id }))
    }
}

impl TryFrom<Row> for Intent {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: IntentId(row.id),
            name: row.name,
            source_type: row.source_type,
            namespace: row.namespace,
            state: from_word(row.state, "intents", "state", row.id)?,
            code: row.code,
            message: row.message,
            connection_id: row.connection_id.map(ConnectionId),
            body: from_json(&row.body, "intents", "body", row.id)?,
            created_by: row.created_by,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        })
    }
}
