//! Puts pairs that the model is not sure of before people.

use super::ENTITY_PAIR;
use super::compared::place;
use crate::Result;
use crate::service::TenantDcl;
use aos_broker::Topic;
use aos_resolve::{PairEvidence, Uncertain};
use aos_store::{NewReview, Page, RecordPlace, ReviewDecision, ReviewFilter, ReviewState};
use serde_json::json;
use std::collections::BTreeSet;

/// Pairs of things that one resolution puts before people, the surest first.
const REVIEWS_MAX: usize = 200;

impl TenantDcl {
    /// Puts uncertain pairs into the review queue, and takes out those that are uncertain no more.
    pub(super) async fn ask_about(&self, entity: &str, uncertain: &[(Uncertain, PairEvidence)]) -> Result<u64> {
        let names = self.connection_names().await?;
        let mut asked = BTreeSet::new();
        let mut opened = 0;
        for (Uncertain { pair, left_records, right_records }, evidence) in uncertain.iter().take(REVIEWS_MAX) {
            let (left, right) = (place(&pair.left), place(&pair.right));
            let subject = format!("{entity}:{}:{}", pair.left, pair.right);
            let source = |place: &RecordPlace| names.get(&place.connection_id).cloned().unwrap_or_default();
            let title = format!(
                "Are {} of {} and {} of {} the same {entity}?",
                left.record_id,
                source(&left),
                right.record_id,
                source(&right)
            );
            let new = NewReview {
                kind: ENTITY_PAIR.to_owned(),
                subject: subject.clone(),
                connection: None,
                stream: None,
                title,
                payload: json!({
                    "entity": entity,
                    "left": { "connection_id": left.connection_id, "source": source(&left), "record_id": left.record_id },
                    "right": { "connection_id": right.connection_id, "source": source(&right), "record_id": right.record_id },
                    "left_records": left_records,
                    "right_records": right_records,
                    "log_odds": pair.log_odds,
                    "evidence": evidence,
                }),
                confidence: Some(pair.probability),
                severity: "info".to_owned(),
                expires_at: None,
                escalate_at: None,
            };
            opened += u64::from(self.store().open_review(&new).await?.1);
            asked.insert(subject);
        }
        let withdrawn = self.withdraw(entity, &asked).await?;
        if opened + withdrawn > 0 {
            let told = json!({ "kind": ENTITY_PAIR, "entity": entity, "state": "open", "reviews": opened, "withdrawn": withdrawn });
            self.tell(Topic::Drift, told).await;
        }
        Ok(opened)
    }

    async fn withdraw(&self, entity: &str, asked: &BTreeSet<String>) -> Result<u64> {
        let filter = ReviewFilter {
            kind: Some(ENTITY_PAIR.to_owned()),
            state: Some(ReviewState::Open),
            ..ReviewFilter::default()
        };
        let (mut cursor, mut withdrawn) = (None, 0);
        loop {
            let found = self.store().list_reviews(&filter, Page { cursor, limit: aos_store::MAX_LIMIT }).await?;
            let stale = |subject: &str| subject.starts_with(&format!("{entity}:")) && !asked.contains(subject);
            for review in found.items.iter().filter(|review| stale(&review.subject)) {
                let decision = ReviewDecision {
                    id: review.id,
                    revision: None,
                    state: ReviewState::Superseded,
                    outcome: json!({}),
                    was_right: None,
                    features: json!({}),
                };
                self.store().decide_review(&decision).await?;
                withdrawn += 1;
            }
            let Some(next) = found.next_cursor else { return Ok(withdrawn) };
            cursor = Some(next);
        }
    }
}
