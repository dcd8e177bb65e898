//! The look at what is remembered before a model is asked: told live where it covers most of a source, so that somebody can say that it is
//! enough. Who says nothing in time gets what is recommended.

use super::consult::{COLUMNS_PER_CALL, estimate};
use super::weigh::Uncertain;
use super::{Advice, Recalled};
use crate::sync::{Meter, Stage, Sync};
use crate::{Error, Result};
use aos_ai::models::ModelError;
use aos_broker::Topic;
use aos_core::shape::StreamShape;
use aos_store::{MappingCheckEnd, NewMappingCheck, NextStep};
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// From this share of known columns on the coverage is told, and somebody may choose.
const TOLD_FROM: f64 = 0.75;
/// From this share on it is recommended not to ask a model.
const ENOUGH_FROM: f64 = 0.80;
/// How often it is looked whether somebody has chosen.
const LOOK_EVERY: Duration = Duration::from_millis(250);

impl Sync<'_> {
    /// Decides whether the model is asked about what is uncertain: always where little is remembered, never where nothing is uncertain, and as
    /// somebody chooses in between.
    pub(super) async fn check(
        &self,
        advice: &Advice,
        (shapes, recalled): (&[StreamShape], &Recalled),
        uncertain: &Uncertain,
        meter: &mut Meter<'_>,
    ) -> Result<(NextStep, MappingCheckEnd)> {
        let mut end = MappingCheckEnd::default();
        let coverage = uncertain.coverage();
        let (calls, tokens_in, tokens_out) = estimate(self.vocabulary.ontology, shapes, &uncertain.asked);
        let micros = self.price(advice, tokens_in, tokens_out).await?;
        let nothing_open = uncertain.asked.is_empty();
        let recommendation = if nothing_open || coverage >= ENOUGH_FROM { NextStep::Skip } else { NextStep::Proceed };
        let may_choose = !nothing_open && coverage >= TOLD_FROM && !advice.decision_wait.is_zero();
        let wait = chrono::Duration::from_std(advice.decision_wait).unwrap_or_default();
        let decide_until = may_choose.then(|| self.mesh.clock.now() + wait);
        let new = NewMappingCheck {
            id: self.run.0,
            connection: self.connection.id,
            similarity: recalled.similarity.clone(),
            fields: uncertain.fields as u64,
            covered: uncertain.covered as u64,
            missing: uncertain.missing.clone(),
            uncertain: uncertain.asked.len() as u64,
            recommendation,
            calls_estimated: calls,
            tokens_estimated: tokens_in + tokens_out,
            micros_estimated: micros,
            decide_until,
        };
        self.store().open_mapping_check(&new).await?;
        if !nothing_open && coverage >= TOLD_FROM {
            self.tell_coverage(&new).await;
        }
        let step = match decide_until {
            Some(_) => {
                let (percent, open) = (coverage * 100.0, uncertain.asked.len());
                meter.stage(
                    Stage::Mapping,
                    &format!("{percent:.0} % of the columns are known; shall a model be asked about {open}?"),
                );
                self.chosen(advice.decision_wait).await?.unwrap_or(recommendation)
            }
            None => recommendation,
        };
        end.choice = (!nothing_open && coverage >= TOLD_FROM).then_some(step);
        if step == NextStep::Skip {
            end.calls_saved = if nothing_open { uncertain.spared.div_ceil(COLUMNS_PER_CALL) as u64 } else { calls };
        }
        Ok((step, end))
    }

    /// Waits for somebody to choose; none when nobody does in time.
    async fn chosen(&self, wait: Duration) -> Result<Option<NextStep>> {
        let until = Instant::now() + wait;
        while Instant::now() < until {
            if self.is_canceled() {
                return Err(Error::Stopped);
            }
            if let Some(choice) = self.store().mapping_check(self.run.0).await?.and_then(|check| check.choice) {
                return Ok(Some(choice));
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(None)
    }

    async fn tell_coverage(&self, check: &NewMappingCheck) {
        let percent = check.covered as f64 / check.fields.max(1) as f64 * 100.0;
        let told = json!({
            "check_id": check.id,
            "coverage_pct": (percent * 10.0).round() / 10.0,
            "matched_count": check.covered,
            "total_count": check.fields,
            "missing_fields": check.missing,
            "uncertain_count": check.uncertain,
            "estimated_calls": check.calls_estimated,
            "estimated_tokens": check.tokens_estimated,
            "estimated_cost_savings": check.micros_estimated.map(|micros| micros as f64 / 1e6),
            "recommendation": check.recommendation,
            "decide_until": check.decide_until,
            "message": format!("{percent:.0} % of the columns of {} are known from earlier decisions", self.connection.name),
        });
        self.stages().publish(Topic::RagCoverageCheck, told).await;
    }

    /// Returns what an estimate would cost, in millionths of a US dollar; none where no price is known.
    async fn price(&self, advice: &Advice, tokens_in: u64, tokens_out: u64) -> Result<Option<u64>> {
        let choice = match advice.models.tenant(self.scope).choice().await {
            Ok(choice) => choice,
            Err(ModelError::Store(error)) => return Err(error.into()),
            Err(_) => return Ok(None),
        };
        let name = choice.provider.zip(choice.model.as_deref());
        let listed = name
            .and_then(|(provider, model)| advice.models.options().prices.of(&format!("{}/{model}", provider.as_str())));
        Ok(choice.price.or(listed).map(|price| price.micros(tokens_in, tokens_out)))
    }
}
