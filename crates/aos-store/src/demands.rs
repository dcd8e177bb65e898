//! What people have asked for and the data does not have, as items of the review queue: one for each thing, with how often it was asked for.

use crate::convert::to_json;
use crate::error::Result;
use crate::reviews::{NewReview, Review, ReviewState};
use crate::tenant::TenantStore;
use serde_json::json;

/// Where an item's payload counts how often it was asked for.
const ASKED: &str = "asked";

impl TenantStore<'_> {
    /// Opens an item for something that is missing, or counts once more on the open one about the same subject. Says whether it is new.
    ///
    /// An item whose subject was rejected is returned as it is: who was told no does not ask the same again.
    pub async fn demand(&self, new: &NewReview) -> Result<(Review, bool)> {
        let mut tx = self.begin().await?;
        let last = self.last_review_of(&mut tx, &new.kind, &new.subject).await?;
        let mut payload = new.payload.clone();
        payload[ASKED] = json!(1);
        let (review, opened) = match last {
            Some(last) if last.state == ReviewState::Rejected => return Ok((last, false)),
            Some(last) if last.state == ReviewState::Open => {
                payload[ASKED] = json!(last.payload[ASKED].as_u64().unwrap_or(1).saturating_add(1));
                self.renew(&mut tx, last.id, new, to_json(&payload)).await?;
                let detail = json!({ ASKED: payload[ASKED] });
                self.audit(&mut tx, "review.demand", &last.id.to_string(), detail).await?;
                (self.review_in(&mut tx, last.id).await?, false)
            }
            _ => (self.insert_review(&mut tx, new, to_json(&payload)).await?, true),
        };
        tx.commit().await?;
        Ok((review, opened))
    }
}
