//! Giving the first of what was found to a model that reads question and passage together. Without one, or when it fails, the order stays.

use super::{KnowledgeMatch, TenantKnowledge};

/// Matches that the model judges; the others stand behind them as they did.
const JUDGED: usize = 30;

/// What became of the order.
pub(super) struct Reranked {
    /// The model; none where the order is as it was.
    pub by: Option<String>,
    /// Why it is, though there is a model.
    pub note: Option<String>,
    pub matches: Vec<KnowledgeMatch>,
}

impl TenantKnowledge {
    /// How many matches are needed for an answer of so many.
    pub(super) fn candidates(&self, top_k: usize) -> usize {
        if self.parts().reranker.is_some() { top_k.max(JUDGED) } else { top_k }
    }

    pub(super) async fn rerank(&self, question: &str, mut matches: Vec<KnowledgeMatch>) -> Reranked {
        let Some(model) = self.parts().reranker.as_ref().filter(|_| !matches.is_empty()) else {
            return Reranked { by: None, note: None, matches };
        };
        let judged = matches.len().min(JUDGED);
        let passages = matches.iter().take(judged).map(passage).collect();
        let scores = match model.score(question, passages).await {
            Ok(scores) => scores,
            Err(error) => return Reranked { by: None, note: Some(error.to_string()), matches },
        };
        for (found, score) in matches.iter_mut().zip(scores) {
            found.rerank_score = Some(score);
        }
        // What is equally good stays in its order.
        matches[..judged].sort_by(|a, b| b.rerank_score.unwrap_or(0.0).total_cmp(&a.rerank_score.unwrap_or(0.0)));
        Reranked { by: Some(model.name().to_owned()), note: None, matches }
    }
}

/// What the model reads of a match: where it stands and what it says.
fn passage(found: &KnowledgeMatch) -> String {
    format!("{}\n{}", found.citation, found.chunk.body)
}
