//! Rules of mappings that somebody proposes although nothing has drifted: put into the review queue, and applied by nobody but whoever
//! approves them there.

use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::drift::ContractAction;
use aos_core::mapping::{FieldRule, Origin, Transform};
use aos_drift::{Candidate, Edit, edited};
use aos_mesh::drift::{DriftItem, ItemCandidate, MAPPING};
use aos_store::NewReview;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

const REASON_CHARS_MAX: usize = 500;

/// What is proposed: that a field is filled from a column.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingProposal {
    /// Name or id of the connection.
    pub source: String,
    pub stream: String,
    pub entity: String,
    pub field: String,
    /// The source column, as `source_schemas` names it.
    pub column: String,
    /// Steps between the column's value and the field's.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub transforms: Vec<Transform>,
    /// Why, in the words of whoever proposes it.
    pub reason: String,
}

/// What has become of a proposal.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ProposedMapping {
    pub review_id: Uuid,
    /// `open`, or what was decided when the same was proposed before.
    pub state: String,
    /// Whether it is a new item of the queue.
    pub new: bool,
}

impl TenantDcl {
    /// Puts a rule before people. Nothing changes until somebody approves it.
    ///
    /// # Errors
    /// [`Error::MappingFile`] when the rule does not fit the ontology, the stream or its mapping.
    pub async fn propose_mapping(&self, proposal: &MappingProposal) -> Result<ProposedMapping> {
        let refuse = |why: String| Error::MappingFile(why);
        if !(1..=REASON_CHARS_MAX).contains(&proposal.reason.trim().chars().count()) {
            return Err(refuse(format!("`reason` has 1 to {REASON_CHARS_MAX} characters")));
        }
        let connection = self.named_connection(&proposal.source).await?;
        let active = self.store().active_mapping(connection.id, &proposal.stream).await?;
        let active = active.ok_or(Error::NotFound("stream"))?.mapping;
        let shape = self.store().stream(connection.id, &proposal.stream).await?.and_then(|state| state.shape);
        let columns: Vec<CompactString> =
            shape.iter().flat_map(|shape| &shape.columns).map(|column| column.path.as_str().into()).collect();
        let edit = self.edit(proposal, active.entities.iter().find(|entity| entity.entity == proposal.entity));
        let proposed = edited(&active, std::slice::from_ref(&edit), Origin::Reviewed)
            .map_err(|error| refuse(format!("{error}; a proposal adds to what the stream is mapped to")))?;
        proposed.validate(&*self.ontology().await?, &columns).map_err(|error| refuse(error.to_string()))?;
        let item = item(proposal, active.version, edit);
        let review = NewReview {
            kind: MAPPING.to_owned(),
            subject: format!(
                "{}/{}/{}.{}={}",
                connection.id, proposal.stream, proposal.entity, proposal.field, proposal.column
            ),
            connection: Some(connection.id),
            stream: Some(proposal.stream.clone()),
            title: format!(
                "{}.{}: fill {}.{} from it",
                proposal.stream, proposal.column, proposal.entity, proposal.field
            ),
            payload: json!(item),
            confidence: None,
            severity: "risky".to_owned(),
            expires_at: None,
            escalate_at: None,
        };
        let (review, new) = self.store().open_review(&review).await?;
        self.tell_review(&review, review.state.as_str()).await;
        Ok(ProposedMapping { review_id: review.id, state: review.state.as_str().to_owned(), new })
    }

    fn edit(&self, proposal: &MappingProposal, entity: Option<&aos_core::mapping::EntityMapping>) -> Edit {
        let by = self.scope.principal();
        let rule = FieldRule {
            target: proposal.field.clone(),
            sources: vec![proposal.column.clone()],
            transforms: proposal.transforms.clone(),
            // It holds only once a person has approved it, who is then sure.
            confidence: 1.0,
            evidence: vec![format!("proposed by {by}: {}", proposal.reason.trim())],
            origin: Origin::Reviewed,
        };
        let before = entity.and_then(|entity| entity.rule(&proposal.field)).cloned();
        Edit { entity: proposal.entity.clone(), before, after: Some(rule) }
    }
}

/// Nobody has measured how likely it is, so that it is never applied by itself.
fn item(proposal: &MappingProposal, mapping_version: u32, edit: Edit) -> DriftItem {
    let candidate = Candidate {
        repair: "propose".to_owned(),
        path: proposal.column.clone(),
        to: Some(proposal.column.clone()),
        confidence: 0.0,
        evidence: edit.after.iter().flat_map(|rule| rule.evidence.clone()).collect(),
        proof: "names".to_owned(),
        held: Some("somebody proposes it, and nothing was measured".to_owned()),
        edits: vec![edit],
    };
    DriftItem {
        path: proposal.column.clone(),
        mapping_version,
        changes: json!([]),
        touched: Vec::new(),
        action: ContractAction::Evolve,
        candidates: vec![ItemCandidate { probability: 0.0, tier: "review".to_owned(), candidate }],
    }
}
