//! A mapping is changed because its stream has changed, or changed back: new version, what is accepted, what was decided and the task that
//! maps the past anew, all of it or nothing.

use crate::convert::{from_json, to_json};
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Result};
use crate::memory::Remembered;
use crate::profiles::BEGUN;
use crate::review_decisions::ReviewDecision;
use crate::reviews::{NewReview, Review};
use crate::tasks::Task;
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use aos_core::kind;
use aos_core::mapping::StreamMapping;
use aos_core::shape::StreamShape;
use aos_core::task::NewTask;
use serde_json::{Value, json};
use uuid::Uuid;

/// A crash costs an attempt; one that follows goes on where the last segment was committed.
const ATTEMPTS: u32 = 20;

/// A mapping that is to take the place of the active one.
#[derive(Debug, Clone)]
pub struct MappingChange<'c> {
    pub connection: ConnectionId,
    /// Its version is given by the store.
    pub mapping: &'c StreamMapping,
    /// The version that was looked at: another active one makes this change stale.
    pub expected_version: u32,
    /// The shape that is accepted with it; the one that was accepted stays when there is none.
    pub accept: Option<Accept<'c>>,
    /// What still differs after it; nothing when there is none.
    pub drift_left: Option<&'c Value>,
    /// What was decided, and is done by this.
    pub decisions: Vec<ReviewDecision>,
    /// What is to be decided again once this is done.
    pub reopened: Vec<NewReview>,
    pub why: MappingCause,
}

/// A shape that is to be the accepted one.
#[derive(Debug, Clone, Copy)]
pub enum Accept<'c> {
    New(&'c StreamShape),
    /// One that was accepted before.
    Again(Uuid),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingCause {
    /// The mapping follows its stream, or is corrected.
    Repair,
    /// A change is taken back: the stream counts as drifting again.
    Undo,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ChangedMapping {
    pub version: u32,
    pub epoch: i64,
    pub remap: Uuid,
    /// The task that maps the affected past anew.
    pub task: Task,
    /// What is to be decided again.
    pub reopened: Vec<Review>,
}

/// Where a version of a mapping stands among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MappingPlace {
    pub version: u32,
    pub active: bool,
    pub epoch: i64,
    pub base_version: Option<u32>,
    pub shape_id: Option<Uuid>,
}

impl TenantStore<'_> {
    /// Changes a mapping. Whoever commits records under the old one from now on is refused, so that none is missed.
    ///
    /// # Errors
    /// [`Error::Stale`] when another version is active, or when a review was changed since it was looked at.
    pub async fn change_mapping(&self, change: &MappingChange<'_>) -> Result<ChangedMapping> {
        let mut tx = self.begin().await?;
        // Commits of pages hold the head too: a page is committed before this, and re-mapped, or after it, and refused.
        query("UPDATE stream_heads SET position = position WHERE tenant_id = $1")
            .bind(self.id())
            .execute(&mut tx)
            .await?;
        let stream = &change.mapping.stream;
        let places = self.places_in(&mut tx, change.connection, stream).await?;
        let stale = || Error::Stale { what: format!("the mapping of {stream}") };
        let active = places.iter().find(|place| place.active).ok_or_else(stale)?;
        if active.version != change.expected_version {
            return Err(stale());
        }
        let version = places.iter().map(|place| place.version).max().unwrap_or(0) + 1;
        let remap = Uuid::now_v7();
        for decision in &change.decisions {
            let mut decision = decision.clone();
            decision.outcome["version"] = version.into();
            decision.outcome["remap"] = json!(remap);
            self.decide_in(&mut tx, &decision).await?;
        }
        let mut reopened = Vec::with_capacity(change.reopened.len());
        for new in &change.reopened {
            reopened.push(self.reopen_in(&mut tx, new).await?);
        }
        let begun = self.profile_in(&mut tx, change.connection, stream).await?.is_some_and(|(_, begun)| begun);
        // Where records of the new shape were committed already, the epoch has begun with them.
        let begins = change.why == MappingCause::Repair && change.accept.is_some() && !begun;
        let (mut epoch, mut shape) = (active.epoch, active.shape_id);
        if let Some(accepted) = change.accept {
            let accepted = match accepted {
                Accept::New(shape) => self.insert_shape(&mut tx, change.connection, shape).await?,
                Accept::Again(id) => id,
            };
            let now = self.accept_in(&mut tx, change.connection, stream, accepted, i64::from(begins)).await?;
            shape = Some(accepted);
            if let Some(left) = change.drift_left {
                self.keep_drift(&mut tx, change.connection, stream, left).await?;
            }
            // What is undone was in force since its own epoch, whatever came after it.
            epoch = if change.why == MappingCause::Undo { epoch } else { now };
        }
        let before = self.activate(&mut tx, change, version, (epoch, shape)).await?;
        let decided = Remembered {
            connection: change.connection,
            before: Some(&before),
            after: change.mapping,
            matched: &Value::Null,
            shape: match change.accept {
                Some(Accept::New(shape)) => Some(shape),
                _ => None,
            },
            undone: change.why == MappingCause::Undo,
        };
        self.remember_in(&mut tx, &decided).await?;
        let segments = self.open_remap(&mut tx, (change.connection, stream), remap, version, epoch).await?;
        if change.why == MappingCause::Undo && (segments > 0 || change.drift_left.is_some()) {
            let mut drift = change.drift_left.cloned().unwrap_or_else(|| json!({ "changes": [], "goes_on": true }));
            drift[BEGUN] = (begun || segments > 0).into();
            self.drifts_again(&mut tx, (change.connection, stream), &drift, active.shape_id).await?;
        }
        let payload = json!({ "remap": remap });
        let task = NewTask { max_attempts: ATTEMPTS, ..NewTask::new(kind::REMAP, payload) };
        let task = self.enqueue_in(&mut tx, task).await?.task;
        let said = json!({ "version": version, "base_version": active.version, "why": change.why.as_str(), "segments": segments });
        self.audit(&mut tx, "mapping.change", &format!("{}/{stream}", change.connection), said).await?;
        tx.commit().await?;
        Ok(ChangedMapping { version, epoch, remap, task, reopened })
    }

    /// Lists the versions of a stream's mapping, the oldest first.
    pub async fn mapping_places(&self, connection: ConnectionId, stream: &str) -> Result<Vec<MappingPlace>> {
        let rows = query_as::<PlaceRow>(PLACES);
        let rows = rows.bind(self.id()).bind(connection.0).bind(stream).fetch_all(self.reader()).await?;
        Ok(rows.into_iter().map(place).collect())
    }

    /// Says which shape a version of a mapping was accepted with.
    pub async fn tie_mapping(&self, connection: ConnectionId, stream: &str, version: u32, shape: Uuid) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "UPDATE mappings
                SET shape_id = $5,
                    epoch = COALESCE((SELECT p.epoch FROM stream_profiles p
                                       WHERE p.tenant_id = $1 AND p.connection_id = $2 AND p.stream = $3), 0)
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND version = $4",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(i64::from(version))
        .bind(shape)
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    async fn places_in(&self, tx: &mut Tx, connection: ConnectionId, stream: &str) -> Result<Vec<MappingPlace>> {
        let rows = query_as::<PlaceRow>(PLACES);
        let rows = rows.bind(self.id()).bind(connection.0).bind(stream).fetch_all(tx).await?;
        Ok(rows.into_iter().map(place).collect())
    }

    /// Puts a mapping in force and returns the one before it.
    async fn activate(
        &self,
        tx: &mut Tx,
        change: &MappingChange<'_>,
        version: u32,
        (epoch, shape): (i64, Option<Uuid>),
    ) -> Result<StreamMapping> {
        let stream = &change.mapping.stream;
        let known = query_as::<(String, String)>(
            "UPDATE mappings SET active = FALSE
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND active RETURNING matched, body",
        );
        let (matched, body) = known.bind(self.id()).bind(change.connection.0).bind(stream).fetch_one(&mut *tx).await?;
        query(
            "INSERT INTO mappings
                (tenant_id, connection_id, stream, version, body, matched, active, origin, created_at, epoch, base_version,
                 shape_id)
             VALUES ($1, $2, $3, $4, $5, $6, TRUE, $7, $8, $9, $10, $11)",
        )
        .bind(self.id())
        .bind(change.connection.0)
        .bind(stream)
        .bind(i64::from(version))
        .bind(to_json(&StreamMapping { version, ..change.mapping.clone() }))
        .bind(matched)
        .bind(crate::mappings::origin(change.mapping))
        .bind(self.now())
        .bind(epoch)
        .bind(i64::from(change.expected_version))
        .bind(shape)
        .execute(&mut *tx)
        .await?;
        from_json(&body, "mappings", "body", stream)
    }

    /// Says that a stream differs still, though something of it was accepted.
    async fn keep_drift(&self, tx: &mut Tx, connection: ConnectionId, stream: &str, left: &Value) -> Result<()> {
        query("UPDATE stream_profiles SET drift = $4 WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3")
            .bind(self.id())
            .bind(connection.0)
            .bind(stream)
            .bind(to_json(left))
            .execute(tx)
            .await?;
        Ok(())
    }

    /// Says that a stream is of another shape than the one that is accepted; what was seen of it last, or else the shape that was accepted
    /// until now, shows which.
    async fn drifts_again(
        &self,
        tx: &mut Tx,
        (connection, stream): (ConnectionId, &str),
        drift: &Value,
        shape: Option<Uuid>,
    ) -> Result<()> {
        query(
            "UPDATE stream_profiles SET drift = $4, observed_id = COALESCE(observed_id, $5)
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(to_json(drift))
        .bind(shape)
        .execute(tx)
        .await?;
        Ok(())
    }

    /// Writes down what is to be re-mapped; what was rejected of it counts as resolved until it is rejected again.
    async fn open_remap(
        &self,
        tx: &mut Tx,
        (connection, stream): (ConnectionId, &str),
        remap: Uuid,
        version: u32,
        epoch: i64,
    ) -> Result<i64> {
        query(
            "UPDATE remaps SET state = 'superseded', finished_at = $4
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND state = 'running'",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(self.now())
        .execute(&mut *tx)
        .await?;
        let segments = query_scalar::<i64>(
            "SELECT COUNT(*) FROM segments
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND epoch >= $4",
        );
        let segments = segments.bind(self.id()).bind(connection.0).bind(stream).bind(epoch).fetch_one(&mut *tx).await?;
        query(
            "INSERT INTO remaps
                (tenant_id, id, connection_id, stream, version, epoch, state, segments, segments_done, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'running', $7, 0, $8)",
        )
        .bind(self.id())
        .bind(remap)
        .bind(connection.0)
        .bind(stream)
        .bind(i64::from(version))
        .bind(epoch)
        .bind(segments)
        .bind(self.now())
        .execute(&mut *tx)
        .await?;
        query(
            "UPDATE rejections SET resolved_at = $4
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND resolved_at IS NULL
                AND run_id IN (SELECT run_id FROM segments
                                WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND epoch >= $5)",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(self.now())
        .bind(epoch)
        .execute(&mut *tx)
        .await?;
        Ok(segments)
    }

    /// Refuses records of a mapping that another one has taken the place of.
    pub(crate) async fn check_mapping(
        &self,
        tx: &mut Tx,
        connection: ConnectionId,
        stream: &str,
        version: u32,
    ) -> Result<()> {
        let active = query_scalar::<i64>(
            "SELECT version FROM mappings WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND active",
        );
        let active = active.bind(self.id()).bind(connection.0).bind(stream).fetch_optional(tx).await?;
        match active {
            Some(active) if active != i64::from(version) => {
                Err(Error::MappingChanged { stream: stream.to_owned(), version })
            }
            _ => Ok(()),
        }
    }
}

impl MappingCause {
    fn as_str(self) -> &'static str {
        match self {
            Self::Repair => "repair",
            Self::Undo => "undo",
        }
    }
}

type PlaceRow = (i64, bool, i64, Option<i64>, Option<Uuid>);

const PLACES: &str = "SELECT version, active, epoch, base_version, shape_id
   FROM mappings
  WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3
  ORDER BY version";

fn place((version, active, epoch, base, shape_id): PlaceRow) -> MappingPlace {
    let number = |version: i64| u32::try_from(version).unwrap_or_default();
    MappingPlace { version: number(version), active, epoch, base_version: base.map(number), shape_id }
}
