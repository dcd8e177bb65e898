//! What the matcher is given beside names and values: what was decided before, and, where a tenant wants that, what a language model says of the
//! columns that are still uncertain. Both are evidence with a weight; neither decides.

mod check;
mod consult;
mod recall;
mod weigh;

pub(crate) use recall::{Recalled, recall};
pub(crate) use weigh::{Advised, uncertain};

use crate::sync::{Meter, Stage, Sync};
use crate::{Error, Result};
use aos_ai::embeddings::Embeddings;
use aos_ai::models::{ModelError, Models};
use aos_core::shape::StreamShape;
use aos_match::TableMatch;
use aos_store::NextStep;
use std::sync::Arc;
use std::time::Duration;

/// What may be asked for advice, and how.
#[derive(Clone)]
pub struct Advice {
    pub models: Models,
    pub embeddings: Embeddings,
    /// How long a run waits for somebody to say whether a model is asked, where what is remembered covers most of a source.
    pub decision_wait: Duration,
}

/// Tables with what they were matched to, and what that rests on.
#[derive(Debug, Default)]
pub(crate) struct Matched {
    pub matches: Vec<TableMatch>,
    pub advised: Vec<Advised>,
}

impl Sync<'_> {
    /// Matches the tables of a source by names and values, by what was decided before, and by what a model says of what is left.
    pub(crate) async fn matched(&self, shapes: Vec<StreamShape>, meter: &mut Meter<'_>) -> Result<Matched> {
        let shapes: Arc<[StreamShape]> = shapes.into();
        let recalled = recall(self, &shapes).await?;
        let matches = self.match_with(&shapes, recalled.hints.clone()).await?;
        let advised = |matches: &[TableMatch]| matches.iter().map(Advised::by_memory).collect();
        let Some(advice) = self.mesh.advice.get() else {
            return Ok(Matched { advised: advised(&matches), matches });
        };
        let uncertain = uncertain(&shapes, &matches, &recalled);
        if uncertain.asked.is_empty() && uncertain.spared == 0 {
            return Ok(Matched { advised: advised(&matches), matches });
        }
        let models = advice.models.tenant(self.scope);
        match models.ready().await {
            Ok(()) => {}
            // Whoever has chosen no model was not promised one.
            Err(ModelError::ProductionMode | ModelError::NotConfigured | ModelError::NoKey(_)) => {
                return Ok(Matched { advised: advised(&matches), matches });
            }
            Err(ModelError::Store(error)) => return Err(error.into()),
            Err(error) => {
                meter.stage(Stage::Mapping, &format!("no model is asked: {error}"));
                return Ok(Matched { advised: advised(&matches), matches });
            }
        }
        let (step, mut end) = self.check(advice, (&shapes, &recalled), &uncertain, meter).await?;
        if step == NextStep::Skip {
            for _ in 0..end.calls_saved {
                // A count that is missing spoils no mapping.
                let _counted = models.note_spared().await;
            }
            self.store().end_mapping_check(self.run.0, &end).await?;
            return Ok(Matched { advised: advised(&matches), matches });
        }
        meter.stage(Stage::Mapping, &format!("asking the model about {} columns", uncertain.asked.len()));
        let answers = self.consult(advice, &shapes, &uncertain.asked, &mut end).await?;
        if let Some(note) = &end.note {
            meter.stage(Stage::Mapping, note);
        }
        let hints = answers.added_to(&recalled.hints, self.model_accuracy().await?);
        let with_model = self.match_with(&shapes, hints).await?;
        let advised = answers.advised(&with_model);
        end.taken = answers.taken(&matches, &with_model);
        self.store().end_mapping_check(self.run.0, &end).await?;
        Ok(Matched { matches: with_model, advised })
    }

    async fn match_with(
        &self,
        shapes: &Arc<[StreamShape]>,
        hints: Vec<Vec<aos_match::Hint>>,
    ) -> Result<Vec<TableMatch>> {
        let (matcher, shapes) = (self.vocabulary.matcher.clone(), shapes.clone());
        let matched = tokio::task::spawn_blocking(move || matcher.match_source_with(&shapes, &hints));
        matched.await.map_err(|_| Error::Stopped)
    }

    /// Returns how often the model was right here, beginning with 8 of 10: so it is a guess at first, and what people say of it later.
    async fn model_accuracy(&self) -> Result<f64> {
        let (mut right, mut seen) = (8.0, 10.0);
        for kind in self.store().memory_accuracy().await?.iter().filter(|kind| kind.with_model) {
            right += kind.approved as f64;
            seen += (kind.approved + kind.rejected) as f64;
        }
        Ok(right / seen)
    }
}
