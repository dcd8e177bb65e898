//! One resolution: the records of an entity are compared under its model, and what changes of the golden records is kept.
//!
//! The model stays until there are so many more records that it should be fitted anew: the same pair then scores the same, and a new
//! record changes only what it touches.

use super::compared::{Beside, fields, key_of, most_mail, place, record, resolvable, with_mail};
use crate::service::{TenantDcl, blocking};
use crate::{Error, Result};
use aos_core::kind::Unify;
use aos_resolve::{
    Calibration, Cluster, Model, PairEvidence, Record, RecordKey, Resolver, Reviewed, Ruling, Uncertain, Verdict,
    assign_ids, fit, singleton_id,
};
use aos_store::{ComparedPairs, GoldenRuling, Head, NewGolden, RecordPlace, ResolutionChange, RulingVerdict};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

/// More or fewer records than at the fit by this factor ask for a new one.
const REFIT_FACTOR: f64 = 1.5;

/// What a resolution found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnifyReport {
    /// Always `success`; a resolution that fails is a failed task.
    pub status: String,
    pub entities: BTreeMap<String, UnifiedEntity>,
    /// Contacts that stand in several records.
    pub unified_contacts: u64,
    /// Records of all entities that are the same thing as another one, less one for each thing.
    pub links: u64,
    pub elapsed_ms: u64,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct UnifiedEntity {
    pub records: u64,
    /// Things with several records.
    pub golden_records: u64,
    pub links: u64,
    /// Pairs of things that may be one, for a person to look at, and how many of them are new in the review queue.
    pub uncertain: u64,
    pub reviews_opened: u64,
    /// Golden records that this resolution made or changed, and ones that are no more.
    pub changed: u64,
    pub gone: u64,
    /// Whether the model was fitted anew, and on how many records it was fitted.
    pub refitted: bool,
    pub fitted_on: u64,
}

/// What comparing told.
struct Found {
    clusters: Vec<Cluster>,
    uncertain: Vec<(Uncertain, PairEvidence)>,
    model: Option<String>,
    fitted_on: u64,
}

impl TenantDcl {
    /// Resolves entities, those that others refer to first.
    pub async fn unify(&self, asked: &Unify) -> Result<UnifyReport> {
        let begun = Instant::now();
        let ontology = self.ontology().await?;
        let all = resolvable(&ontology);
        self.check_unify(asked).await?;
        let wanted = |name: &String| asked.entities.as_ref().is_none_or(|entities| entities.contains(name));
        let mut entities = BTreeMap::new();
        for entity in all.iter().filter(|name| wanted(name)) {
            entities.insert(entity.clone(), self.unify_entity(entity, asked.refit).await?);
        }
        Ok(UnifyReport {
            status: "success".to_owned(),
            unified_contacts: entities.get("contact").map_or(0, |contact: &UnifiedEntity| contact.golden_records),
            links: entities.values().map(|entity| entity.links).sum(),
            entities,
            elapsed_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }

    /// Refuses entities whose records nothing tells apart.
    pub async fn check_unify(&self, asked: &Unify) -> Result<()> {
        let all = resolvable(&*self.ontology().await?);
        match asked.entities.iter().flatten().find(|name| !all.contains(name)) {
            Some(unknown) => Err(Error::UnknownEntity { entity: unknown.clone(), known: all.join(", ") }),
            None => Ok(()),
        }
    }

    async fn unify_entity(&self, entity: &str, refit: bool) -> Result<UnifiedEntity> {
        let (records, head) = self.compared_records(entity).await?;
        let held: Vec<(RecordPlace, Uuid)> = self.store().golden_members(entity, None).await?;
        let rulings = self.store().rulings_that_hold(entity).await?;
        let stored = self.store().resolution_model(entity).await?;
        let revision = stored.as_ref().map_or(0, |stored| stored.revision);
        // A model that cannot be read any more is fitted anew.
        let model = stored.filter(|_| !refit).and_then(|stored| serde_json::from_str(&stored.body).ok());
        let count = records.len() as u64;
        let found = {
            let (entity, rulings) = (self.ontology().await?.entities[entity].clone(), rulings);
            blocking(move || Ok(compare(fields(&entity), records, model, &rulings))).await?
        };
        let refitted = found.model.is_some();
        let change = difference(&found, &held);
        let quiet = change == ResolutionChange::default();
        let several = found.clusters.iter().filter(|cluster| cluster.records.len() > 1);
        let mut unified = UnifiedEntity {
            records: count,
            golden_records: several.clone().count() as u64,
            links: several.map(|cluster| cluster.records.len() as u64 - 1).sum(),
            uncertain: found.uncertain.len() as u64,
            changed: change.golden.len() as u64,
            gone: change.gone.len() as u64,
            refitted,
            fitted_on: found.fitted_on,
            ..UnifiedEntity::default()
        };
        if !quiet {
            self.store().save_resolution(entity, &ResolutionChange { revision, ..change }).await?;
        }
        let pairs = ComparedPairs { links: unified.links, uncertain: unified.uncertain };
        self.store().note_resolution(entity, head, count, pairs).await?;
        unified.reviews_opened = self.ask_about(entity, &found.uncertain).await?;
        Ok(unified)
    }

    /// Reads an entity's records as they are compared, and up to which change they are told.
    async fn compared_records(&self, entity: &str) -> Result<(Vec<Record>, Head)> {
        let ontology = self.ontology().await?;
        let definition = ontology.entities[entity].clone();
        let beside = self.beside(entity).await?;
        let name = entity.to_owned();
        let epoch = self.store().head().await?.epoch;
        // Looked at before the records are: what comes in between is compared and counts as not compared yet.
        let (position, found) =
            self.with_fresh_engine(move |engine| Ok((engine.position(), engine.versioned_records(&name)?))).await?;
        let fields = fields(&definition);
        let records = found.iter().map(|from| record(&definition, &fields, &beside, from)).collect();
        Ok((records, Head { position, epoch }))
    }

    /// Returns which things the records are that an entity refers to, and what those say of it who refer to it.
    pub(super) async fn beside(&self, entity: &str) -> Result<Beside> {
        let ontology = self.ontology().await?;
        let all = resolvable(&ontology);
        let mut beside = Beside::default();
        for other in ontology.entities[entity].fields.values().filter_map(|field| field.references.as_ref()) {
            if other != entity && all.contains(other) && !beside.things.contains_key(other) {
                let members = self.store().golden_members(other, None).await?;
                let of = members.into_iter().map(|(place, id)| ((place.connection_id.0, place.record_id), id));
                beside.things.insert(other.clone(), of.collect());
            }
        }
        for (other, reference, mail) in with_mail(&ontology, entity) {
            let counted = self.with_fresh_engine(move |engine| engine.mail_domains(&other, &reference, &mail)).await?;
            beside.domains.extend(most_mail(counted));
        }
        Ok(beside)
    }

    /// Returns the model that an entity's records were compared by last.
    pub(super) async fn stored_model(&self, entity: &str) -> Result<Option<Model>> {
        let Some(stored) = self.store().resolution_model(entity).await? else { return Ok(None) };
        Ok(serde_json::from_str(&stored.body).ok())
    }
}

fn compare(
    fields: Vec<aos_resolve::Field>,
    records: Vec<Record>,
    known: Option<Model>,
    rulings: &[GoldenRuling],
) -> Found {
    let count = records.len() as f64;
    let fits = |model: &Model| {
        let of = model.fitted_on as f64;
        model.fields().eq(&fields) && count <= of * REFIT_FACTOR && of <= count * REFIT_FACTOR
    };
    let known = known.filter(fits);
    let refitted = known.is_none();
    let mut model = known.unwrap_or_else(|| fit(&fields, &records));
    let calibration = model.calibration;
    model.calibration = Calibration::fit(&reviewed(rulings));
    let changed = refitted || model.calibration != calibration;
    let (fitted_on, review_min) = (model.fitted_on, model.limits.review);
    let body = changed.then(|| serde_json::to_string(&model).unwrap_or_default());
    let mut resolver = Resolver::new(model, records);
    let rulings: Vec<Ruling> = rulings.iter().map(ruling).collect();
    resolver.rule(&rulings);
    let clusters = resolver.clusters();
    let uncertain = resolver.uncertain(&clusters, review_min).into_iter().filter_map(|uncertain| {
        let evidence = resolver.explain(&uncertain.pair.left, &uncertain.pair.right)?;
        Some((uncertain, evidence))
    });
    let uncertain = uncertain.collect();
    Found { uncertain, model: body, fitted_on, clusters }
}

fn reviewed(rulings: &[GoldenRuling]) -> Vec<Reviewed> {
    let decided = rulings.iter().filter_map(|ruling| {
        Some(Reviewed { log_odds: ruling.log_odds?, same: ruling.verdict == RulingVerdict::Same })
    });
    decided.collect()
}

fn ruling(stored: &GoldenRuling) -> Ruling {
    let verdict = match stored.verdict {
        RulingVerdict::Same => Verdict::Same,
        RulingVerdict::Different => Verdict::Different,
    };
    Ruling { left: key_of(&stored.left), right: key_of(&stored.right), verdict }
}

/// Says what becomes of the golden records. A single record has the id that follows from it, and is kept only when it has another one.
fn difference(found: &Found, held: &[(RecordPlace, Uuid)]) -> ResolutionChange {
    let before: BTreeMap<RecordKey, Uuid> = held.iter().map(|(place, id)| (key_of(place), *id)).collect();
    let mut sizes: BTreeMap<Uuid, usize> = BTreeMap::new();
    for id in before.values() {
        *sizes.entry(*id).or_default() += 1;
    }
    let unchanged = |cluster: &Cluster| {
        let ids: BTreeSet<Option<&Uuid>> = cluster.records.iter().map(|record| before.get(record)).collect();
        match (ids.first(), ids.len()) {
            (Some(None), 1) => cluster.records.len() == 1,
            (Some(Some(id)), 1) => sizes.get(*id) == Some(&cluster.records.len()),
            _ => false,
        }
    };
    let (same, changed): (Vec<&Cluster>, Vec<&Cluster>) = found.clusters.iter().partition(|cluster| unchanged(cluster));
    let taken: BTreeSet<Uuid> =
        same.iter().filter_map(|cluster| before.get(cluster.records.first()?)).copied().collect();
    let groups: Vec<Vec<RecordKey>> = changed.iter().map(|cluster| cluster.records.clone()).collect();
    // A record that stood alone had the id that follows from it.
    let mut ids = before.clone();
    for record in groups.iter().flatten() {
        ids.entry(record.clone()).or_insert_with(|| singleton_id(record));
    }
    let mut change = ResolutionChange {
        model: found.model.clone().map(|body| (body, found.fitted_on)),
        ..ResolutionChange::default()
    };
    let mut living: BTreeSet<Uuid> = taken.clone();
    for (cluster, assigned) in changed.iter().zip(assign_ids(&groups, &ids, &taken)) {
        if let [single] = &cluster.records[..]
            && assigned.id == singleton_id(single)
        {
            change.loose.extend(before.contains_key(single).then(|| place(single)));
            continue;
        }
        living.insert(assigned.id);
        change.golden.push(NewGolden {
            id: assigned.id,
            cohesion: cluster.cohesion,
            members: cluster.records.iter().map(place).collect(),
            merged: assigned.merged,
            split_from: assigned.split_from,
        });
    }
    let here: BTreeSet<&RecordKey> = found.clusters.iter().flat_map(|cluster| &cluster.records).collect();
    change.loose.extend(before.keys().filter(|record| !here.contains(record)).map(place));
    living.extend(change.golden.iter().flat_map(|golden| golden.merged.iter().copied()));
    change.gone = sizes.into_keys().filter(|id| !living.contains(id)).collect();
    change
}
