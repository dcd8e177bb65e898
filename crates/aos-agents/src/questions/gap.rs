//! What somebody asked for and the data does not have: an item of the review queue, one for each thing, that counts how often it is asked for.

use super::refusal::{Refusal, RefusalCode};
use super::{Error, Questions, Result};
use aos_ai::pii::{Policy, redact};
use aos_core::TenantScope;
use aos_store::{NewReview, ReviewState};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// The kind of review items about what is asked for and is not there.
pub const GAP: &str = "question_gap";
/// How much of what is missing names an item.
const SUBJECT_CHARS_MAX: usize = 200;

/// What was asked for, as it stands before people now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = QuestionGap)]
pub struct Gap {
    pub review_id: Uuid,
    /// What is missing, without personal data.
    pub what: String,
    /// How often it was asked for.
    pub asked: u64,
    /// `open`, or `rejected` where people have said that it will not be had.
    pub state: String,
    /// Nobody had asked for it before.
    pub opened: bool,
}

impl Questions {
    /// Puts what a refused question is missing before people, or counts it where it is before them already.
    ///
    /// # Errors
    /// [`Error::NoRefusal`] when there is no refused question of this id, [`Error::NothingMissing`] when the refusal is of another kind: words can be
    /// chosen, or what is asked for must not be seen.
    pub async fn ask_for(&self, scope: &TenantScope, id: Uuid) -> Result<Gap> {
        let question = self.store.tenant(scope).question(id).await?;
        let refusal = question.and_then(|question| Some((question.refusal?, question.question)));
        let (refusal, asked) = refusal.ok_or(Error::NoRefusal)?;
        let refusal: Refusal = serde_json::from_value(refusal).map_err(|_| Error::NoRefusal)?;
        let is_gap =
            matches!(refusal.code, RefusalCode::NotUnderstood | RefusalCode::NotPossible | RefusalCode::NoData);
        let missing = refusal.missing.first().filter(|_| is_gap).ok_or(Error::NothingMissing)?;
        // What people ask may name anyone; whoever looks at the queue need not know whom.
        let clear = |text: &str| redact(text, &Policy::standard()).map(|redacted| redacted.text);
        let (Ok(what), Ok(asked)) = (clear(&missing.what), clear(&asked)) else { return Err(Error::NothingMissing) };
        let subject: String = what.to_lowercase().chars().take(SUBJECT_CHARS_MAX).collect();
        let new = NewReview {
            kind: GAP.to_owned(),
            title: format!("Somebody asked for `{what}`, which the data does not have"),
            payload: json!({ "what": what, "code": refusal.code, "reason": refusal_kind(refusal.code), "question": asked, "near": missing.near }),
            subject,
            connection: None,
            stream: None,
            confidence: None,
            severity: "info".to_owned(),
            expires_at: None,
            escalate_at: None,
        };
        let (review, opened) = self.store.tenant(scope).demand(&new).await?;
        let state = if review.state == ReviewState::Rejected { "rejected" } else { "open" };
        Ok(Gap {
            review_id: review.id,
            asked: review.payload["asked"].as_u64().unwrap_or(1),
            what,
            state: state.to_owned(),
            opened,
        })
    }

    /// ... or does nothing where the refusal misses nothing that could be added.
    pub async fn report_gap(&self, scope: &TenantScope, id: Uuid) -> Result<Option<Gap>> {
        match self.ask_for(scope, id).await {
            Ok(gap) => Ok(Some(gap)),
            Err(Error::NothingMissing) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Says what it is that is missing, without the words of whoever asked.
fn refusal_kind(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::NoData => "no record states it",
        RefusalCode::NotPossible => "no field holds it, or it cannot be computed",
        _ => "no field and no value is known by this name",
    }
}
