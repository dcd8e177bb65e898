//! What pilots found: kept by what it is about, so that a finding that is met again is the same row, and one that is met no more is resolved.

use crate::convert::{from_json, from_word, micros, time, to_json, uncount};
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

const BODY_BYTES_MAX: usize = 256 * 1024;
const NOTE_CHARS_MAX: usize = 2_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    Open,
    /// The last look did not meet it any more.
    Resolved,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingFeedback {
    Useful,
    NotUseful,
}

/// A finding as a run has met it.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenFinding {
    /// The same for the same agent, kind and subject.
    pub id: Uuid,
    pub kind: String,
    pub subject: String,
    pub body: Value,
    /// A decimal number.
    pub amount: Option<String>,
    pub currency: Option<String>,
    pub confidence: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredFinding {
    pub id: Uuid,
    pub agent: String,
    pub kind: String,
    pub subject: String,
    pub state: FindingState,
    pub body: Value,
    pub amount: Option<String>,
    pub currency: Option<String>,
    pub confidence: Option<f64>,
    pub first_seen_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub resolved_at: Option<DateTime<Utc>>,
    /// How many runs have met it.
    pub times_seen: u64,
    pub feedback: Option<FindingFeedback>,
    pub feedback_note: Option<String>,
    pub feedback_by: Option<String>,
    pub ignored_until: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct FindingFilter {
    pub agent: Option<String>,
    pub kind: Option<String>,
    pub state: Option<FindingState>,
    /// Leaves out what is to be ignored at this time.
    pub not_ignored_at: Option<DateTime<Utc>>,
}

/// What a look changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotedFindings {
    /// Met for the first time, or again after they were resolved.
    pub new: Vec<Uuid>,
    pub again: u64,
    pub resolved: u64,
}

/// What somebody says of a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingVerdict {
    pub feedback: Option<FindingFeedback>,
    pub note: Option<String>,
    pub ignored_until: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    agent: String,
    kind: String,
    subject: String,
    state: String,
    body: String,
    amount: Option<String>,
    currency: Option<String>,
    confidence: Option<f64>,
    first_seen_at: i64,
    last_seen_at: i64,
    resolved_at: Option<i64>,
    times_seen: i64,
    feedback: Option<String>,
    feedback_note: Option<String>,
    feedback_by: Option<String>,
    ignored_until: Option<i64>,
    stake: f64,
}

/// Selects findings with what is at stake as a number to order them by: below every other where nobody knows.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, agent, kind, subject, state, body, amount, currency, confidence, first_seen_at, last_seen_at, resolved_at,
                    times_seen, feedback, feedback_note, feedback_by, ignored_until, stake
               FROM (SELECT agent_findings.*, COALESCE(CAST(amount AS DOUBLE PRECISION), -1e308) AS stake FROM agent_findings) priced ",
            $rest
        )
    };
}

impl FindingState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
        }
    }
}

impl FindingFeedback {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Useful => "useful",
            Self::NotUseful => "not_useful",
        }
    }
}

/// How many findings there are, by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingCounts {
    pub open: u64,
    /// Those open ones of which it is known what is at stake.
    pub open_with_money: u64,
    /// Those that people said something of.
    pub judged: u64,
    pub resolved: u64,
}

impl TenantStore<'_> {
    /// Takes in what a look of an agent has met. Open findings of the kinds that were looked at completely and were not met are resolved;
    /// those of other kinds stay as they are, since nobody knows.
    pub async fn note_findings(&self, agent: &str, complete: &[&str], seen: &[SeenFinding]) -> Result<NotedFindings> {
        let mut tx = self.begin().await?;
        let mut noted = NotedFindings::default();
        for finding in seen {
            if self.meet(&mut tx, agent, finding).await? {
                noted.new.push(finding.id);
            } else {
                noted.again += 1;
            }
        }
        for kind in complete {
            let open = query_scalar::<Uuid>(
                "SELECT id FROM agent_findings WHERE tenant_id = $1 AND agent = $2 AND kind = $3 AND state = 'open'",
            );
            let open = open.bind(self.id()).bind(agent).bind(*kind).fetch_all(&mut tx).await?;
            for gone in open.into_iter().filter(|id| !seen.iter().any(|finding| finding.id == *id)) {
                let resolve = query(
                    "UPDATE agent_findings SET state = 'resolved', resolved_at = $3 WHERE tenant_id = $1 AND id = $2",
                );
                noted.resolved += resolve.bind(self.id()).bind(gone).bind(self.now()).execute(&mut tx).await?;
            }
        }
        let detail = json!({ "new": noted.new.len(), "again": noted.again, "resolved": noted.resolved });
        self.audit(&mut tx, "agent.findings", agent, detail).await?;
        tx.commit().await?;
        Ok(noted)
    }

    /// Writes one finding down; says whether it is new, or open again.
    async fn meet(&self, tx: &mut Tx, agent: &str, finding: &SeenFinding) -> Result<bool> {
        let body = to_json(&finding.body);
        if body.len() > BODY_BYTES_MAX {
            return Err(Error::TooLarge { what: "the finding", size: body.len(), limit: BODY_BYTES_MAX });
        }
        let known = query_scalar::<String>("SELECT state FROM agent_findings WHERE tenant_id = $1 AND id = $2");
        let known = known.bind(self.id()).bind(finding.id).fetch_optional(&mut *tx).await?;
        query(
            "INSERT INTO agent_findings
                (tenant_id, id, agent, kind, subject, state, body, amount, currency, confidence, first_seen_at, last_seen_at, times_seen)
             VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $10, $10, 1)
             ON CONFLICT (tenant_id, id) DO UPDATE
                SET state = 'open', body = excluded.body, amount = excluded.amount, currency = excluded.currency,
                    confidence = excluded.confidence, last_seen_at = excluded.last_seen_at, resolved_at = NULL,
                    times_seen = agent_findings.times_seen + 1",
        )
        .bind(self.id())
        .bind(finding.id)
        .bind(agent)
        .bind(&finding.kind)
        .bind(&finding.subject)
        .bind(body)
        .bind(finding.amount.as_deref())
        .bind(finding.currency.as_deref())
        .bind(finding.confidence)
        .bind(self.now())
        .execute(tx)
        .await?;
        Ok(known.is_none_or(|state| state == FindingState::Resolved.as_str()))
    }

    /// Lists findings, those with the largest amount first, whatever its currency; those of which nobody knows what is at stake come last.
    pub async fn list_findings(&self, filter: &FindingFilter, page: Page) -> Result<PageOf<StoredFinding>> {
        let after = page.after_text()?.map(|key| {
            let (stake, id) = key.split_once('/').ok_or(Error::BadCursor)?;
            let stake = stake.parse::<f64>().map_err(|_| Error::BadCursor)?;
            Ok::<_, Error>((stake, id.parse::<Uuid>().map_err(|_| Error::BadCursor)?))
        });
        let (after_stake, after_id) = after.transpose()?.unzip();
        let rows = query_as::<Row>(select!(
            "WHERE tenant_id = $1 AND ($2 IS NULL OR stake < $2 OR (stake = $2 AND id > $3)) AND ($4 IS NULL OR agent = $4)
               AND ($5 IS NULL OR kind = $5) AND ($6 IS NULL OR state = $6)
               AND ($7 IS NULL OR ignored_until IS NULL OR ignored_until <= $7)
             ORDER BY stake DESC, id LIMIT $8"
        ))
        .bind(self.id())
        .bind(after_stake)
        .bind(after_id)
        .bind(filter.agent.as_deref())
        .bind(filter.kind.as_deref())
        .bind(filter.state.map(FindingState::as_str))
        .bind(filter.not_ignored_at.map(micros))
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let PageOf { items, next_cursor } = page.of(rows, |row: &Row| format!("{:e}/{}", row.stake, row.id));
        Ok(PageOf { items: items.into_iter().map(finding).collect::<Result<_>>()?, next_cursor })
    }

    pub async fn finding(&self, id: Uuid) -> Result<Option<StoredFinding>> {
        let found = query_as::<Row>(select!("WHERE tenant_id = $1 AND id = $2"));
        found.bind(self.id()).bind(id).fetch_optional(self.reader()).await?.map(finding).transpose()
    }

    /// Keeps what somebody says of a finding, in the place of what was said before.
    pub async fn judge_finding(&self, id: Uuid, verdict: &FindingVerdict) -> Result<StoredFinding> {
        let size = verdict.note.as_deref().map_or(0, |note| note.chars().count());
        if size > NOTE_CHARS_MAX {
            return Err(Error::TooLarge { what: "the note", size, limit: NOTE_CHARS_MAX });
        }
        let mut tx = self.begin().await?;
        let judged = query(
            "UPDATE agent_findings SET feedback = $3, feedback_note = $4, feedback_by = $5, ignored_until = $6
              WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.id())
        .bind(id)
        .bind(verdict.feedback.map(FindingFeedback::as_str))
        .bind(verdict.note.as_deref())
        .bind(self.scope.principal().to_string())
        .bind(verdict.ignored_until.map(micros))
        .execute(&mut tx)
        .await?;
        if judged == 0 {
            return Err(Error::NotFound(Resource::Finding(id.to_string())));
        }
        let detail = json!({ "feedback": verdict.feedback, "ignored_until": verdict.ignored_until });
        self.audit(&mut tx, "agent.feedback", &id.to_string(), detail).await?;
        tx.commit().await?;
        self.finding(id).await?.ok_or_else(|| Error::NotFound(Resource::Finding(id.to_string())))
    }

    /// Counts an agent's findings that are open.
    pub async fn count_open_findings(&self, agent: &str) -> Result<u64> {
        let found = query_scalar::<i64>(
            "SELECT count(*) FROM agent_findings WHERE tenant_id = $1 AND agent = $2 AND state = 'open'",
        );
        Ok(uncount(found.bind(self.id()).bind(agent).fetch_one(self.reader()).await?))
    }

    /// Counts what was found and what became of it, of all agents.
    pub async fn finding_counts(&self) -> Result<FindingCounts> {
        let counted = query_as::<(i64, i64, i64, i64)>(
            "SELECT COALESCE(SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END), 0),
                    COALESCE(SUM(CASE WHEN state = 'open' AND amount IS NOT NULL THEN 1 ELSE 0 END), 0),
                    COALESCE(SUM(CASE WHEN feedback IS NOT NULL THEN 1 ELSE 0 END), 0),
                    COALESCE(SUM(CASE WHEN state = 'resolved' THEN 1 ELSE 0 END), 0)
               FROM agent_findings
              WHERE tenant_id = $1",
        );
        let (open, with_money, judged, resolved) = counted.bind(self.id()).fetch_one(self.reader()).await?;
        let (open, open_with_money) = (uncount(open), uncount(with_money));
        Ok(FindingCounts { open, open_with_money, judged: uncount(judged), resolved: uncount(resolved) })
    }
}

fn finding(row: Row) -> Result<StoredFinding> {
    let id = row.id;
    let feedback = row.feedback.map(|word| from_word(word, "agent_findings", "feedback", id)).transpose()?;
    Ok(StoredFinding {
        id,
        agent: row.agent,
        kind: row.kind,
        subject: row.subject,
        state: from_word(row.state, "agent_findings", "state", id)?,
        body: from_json(&row.body, "agent_findings", "body", id)?,
        amount: row.amount,
        currency: row.currency,
        confidence: row.confidence,
        first_seen_at: time(row.first_seen_at),
        last_seen_at: time(row.last_seen_at),
        resolved_at: row.resolved_at.map(time),
        times_seen: uncount(row.times_seen),
        feedback,
        feedback_note: row.feedback_note,
        feedback_by: row.feedback_by,
        ignored_until: row.ignored_until.map(time),
    })
}
