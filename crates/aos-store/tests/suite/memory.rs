//! What is decided about columns is remembered in the transaction of the decision, with names and forms and no value; the nearest memories are the
//! nearest there are; a choice is taken once and in time.

use super::common::{TestStore, source};
use aos_core::mapping::{EntityMapping, FieldRule, Origin, StreamMapping};
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Pattern, Shaper, StreamShape};
use aos_core::value::Value;
use aos_store::{
    MappingCause, MappingChange, MappingCheckEnd, Memory, MemoryFilter, MemoryOutcome, NearMemory, NewMappingCheck,
    NewReview, NextStep, Page, ReviewDecision, ReviewState, TenantStore,
};
use rand::{Rng, SeedableRng};
use serde_json::json;
use uuid::Uuid;

fn shape() -> StreamShape {
    let mut shaper = Shaper::new("Account", "crm");
    let row = |id: &str, mail: &str| vec![Some(Value::text(id)), Some(Value::text(mail)), Some(Value::text("Zeta"))];
    let rows = [row("A-1", "anna@cedar.example"), row("A-2", "bo@granite.example")];
    let records = rows.into_iter().enumerate().map(|(at, cells)| Record { position: at as u64 + 1, cells }).collect();
    shaper.observe(&RecordBatch { columns: ["Id", "Mail", "XQ7"].into_iter().map(Into::into).collect(), records });
    shaper.finish()
}

fn rule(target: &str, source: &str, origin: Origin) -> FieldRule {
    FieldRule {
        target: target.into(),
        sources: vec![source.into()],
        transforms: Vec::new(),
        confidence: 0.9,
        evidence: Vec::new(),
        origin,
    }
}

fn mapping(fields: Vec<FieldRule>) -> StreamMapping {
    let entities = vec![EntityMapping { entity: "account".into(), fields, pivot: None }];
    StreamMapping { version: 0, stream: "Account".into(), entities }
}

async fn remembered(store: &TenantStore<'_>) -> Vec<Memory> {
    let mut found = store.list_memories(&MemoryFilter::default(), Page::first(100)).await.unwrap().items;
    found.sort_by(|a, b| (&a.path, &a.field).cmp(&(&b.path, &b.field)));
    found
}

fn said(memories: &[Memory]) -> Vec<(&str, &str, &str)> {
    memories.iter().map(|one| (one.path.as_str(), one.field.as_str(), one.outcome.as_str())).collect()
}

#[tokio::test]
async fn what_a_mapping_decides_is_remembered_with_it_and_no_value_of_a_record() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let crm = source(&test.store, &acme, "crm").await;
    crm.store.save_stream_shape(crm.connection.id, &shape(), "f").await.unwrap();
    let matched = mapping(vec![rule("account_id", "Id", Origin::Matched), rule("email", "Mail", Origin::Matched)]);
    let advised = json!({ "advised": { "memory": ["Id"], "model": ["Mail"] } });
    crm.store.save_mapping(crm.connection.id, &matched, &advised).await.unwrap();
    let known = remembered(&crm.store).await;
    assert_eq!(said(&known), [("Id", "account_id", "applied"), ("Mail", "email", "applied"), ("XQ7", "", "applied")]);
    assert_eq!((known[0].with_memory, known[0].with_model), (true, false));
    assert_eq!((known[1].with_memory, known[1].with_model, known[1].by_matcher), (false, true, true));
    assert_eq!(known[1].portrait.forms[0].0, Pattern::Email);
    let rows = test.query("SELECT portrait FROM mapping_memory").await.join(" ");
    assert!(!rows.contains("anna") && !rows.contains("Zeta") && !rows.contains("A-1"), "{rows}");
    assert!(remembered(&test.store.tenant(&globex)).await.is_empty(), "another's memory is another's");

    crm.store.save_mapping(crm.connection.id, &matched, &advised).await.unwrap();
    assert_eq!(remembered(&crm.store).await.len(), 3, "saying it again remembers nothing new");
    let filter = MemoryFilter { words: Some("mai".into()), ..MemoryFilter::default() };
    assert_eq!(crm.store.list_memories(&filter, Page::first(9)).await.unwrap().items.len(), 1);
    let filter = MemoryFilter { words: Some("%".into()), ..MemoryFilter::default() };
    assert!(crm.store.list_memories(&filter, Page::first(9)).await.unwrap().items.is_empty(), "a sign is a sign");
}

#[tokio::test]
async fn what_a_person_decides_makes_the_matchers_rules_right_or_wrong_and_is_counted() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let crm = source(&test.store, &acme, "crm").await;
    let (store, id) = (&crm.store, crm.connection.id);
    store.save_stream_shape(id, &shape(), "f").await.unwrap();
    let matched = mapping(vec![rule("account_id", "Id", Origin::Matched), rule("email", "XQ7", Origin::Matched)]);
    store.save_mapping(id, &matched, &json!({ "advised": { "model": ["XQ7"] } })).await.unwrap();
    // A person says that the address stands elsewhere.
    let corrected = mapping(vec![rule("account_id", "Id", Origin::Reviewed), rule("email", "Mail", Origin::Reviewed)]);
    store.save_mapping(id, &corrected, &json!({})).await.unwrap();
    let known = remembered(store).await;
    let right_and_wrong = [
        ("Id", "account_id", "approved"),
        ("Mail", "email", "approved"),
        ("XQ7", "", "applied"),
        ("XQ7", "email", "rejected"),
    ];
    assert_eq!(said(&known), right_and_wrong);
    let accuracy = store.memory_accuracy().await.unwrap();
    let of = |model: bool| accuracy.iter().find(|kind| kind.with_model == model).unwrap();
    assert_eq!((of(false).approved, of(false).rejected), (1, 0), "what a person added was none of the matcher's");
    assert_eq!((of(true).approved, of(true).rejected), (0, 1));

    // What the matcher says afterwards changes nothing of it.
    store.save_mapping(id, &matched, &json!({})).await.unwrap();
    let after = remembered(store).await;
    let unchanged = [
        ("Id", "account_id", "approved"),
        ("Mail", "", "applied"),
        ("Mail", "email", "approved"),
        ("XQ7", "email", "rejected"),
    ];
    assert_eq!(said(&after), unchanged);
    assert!(store.forget_memory(known[0].id).await.unwrap());
    assert!(!store.forget_memory(known[0].id).await.unwrap());
    assert_eq!(store.forget_memories_of(id).await.unwrap(), 3);
    assert!(remembered(store).await.is_empty());
}

#[tokio::test]
async fn what_is_undone_was_wrong_and_a_column_that_is_gone_was_not() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let crm = source(&test.store, &acme, "crm").await;
    let (store, id) = (&crm.store, crm.connection.id);
    store.save_stream_shape(id, &shape(), "f").await.unwrap();
    let before = mapping(vec![rule("email", "Gone", Origin::Matched)]);
    store.save_mapping(id, &before, &json!({})).await.unwrap();
    let after = mapping(vec![rule("email", "Mail", Origin::Reviewed)]);
    let change = |mapping, expected_version, why| MappingChange {
        connection: id,
        mapping,
        expected_version,
        accept: None,
        drift_left: None,
        decisions: Vec::new(),
        reopened: Vec::new(),
        why,
    };
    store.change_mapping(&change(&after, 1, MappingCause::Repair)).await.unwrap();
    let outcome = async |path: &str| {
        remembered(store).await.into_iter().find(|one| one.path == path && one.field == "email").unwrap().outcome
    };
    assert_eq!(outcome("Gone").await, MemoryOutcome::Applied, "its column is gone, which says nothing against it");
    assert_eq!(outcome("Mail").await, MemoryOutcome::Approved);
    store.change_mapping(&change(&before, 2, MappingCause::Undo)).await.unwrap();
    assert_eq!(outcome("Mail").await, MemoryOutcome::Rejected);
}

#[tokio::test]
async fn a_proposal_that_is_rejected_is_remembered_as_wrong() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let crm = source(&test.store, &acme, "crm").await;
    let edit = json!({ "entity": "account", "before": null, "after": rule("industry", "XQ7", Origin::Reviewed) });
    let new = NewReview {
        kind: "mapping".into(),
        subject: "XQ7".into(),
        connection: Some(crm.connection.id),
        stream: Some("Account".into()),
        title: "fill industry".into(),
        payload: json!({ "candidates": [{ "edits": [edit] }] }),
        confidence: None,
        severity: "risky".into(),
        expires_at: None,
        escalate_at: None,
    };
    let (review, _) = crm.store.open_review(&new).await.unwrap();
    let decision = ReviewDecision {
        id: review.id,
        revision: None,
        state: ReviewState::Rejected,
        outcome: json!({}),
        was_right: None,
        features: json!({}),
    };
    crm.store.decide_review(&decision).await.unwrap();
    let known = remembered(&crm.store).await;
    assert_eq!(said(&known), [("XQ7", "industry", "rejected")]);
    assert!(!known[0].by_matcher, "it was somebody's proposal");
}

/// Keeps as many memories as there are vectors, and returns their ids in the same order.
pub async fn with_vectors(
    store: &TenantStore<'_>,
    connection: aos_core::ConnectionId,
    print: &str,
    vectors: &[Vec<f32>],
) -> Vec<Uuid> {
    let fields = (0..vectors.len()).map(|at| rule(&format!("field_{at}"), &format!("column_{at}"), Origin::Reviewed));
    store.save_mapping(connection, &mapping(fields.collect()), &json!({})).await.unwrap();
    let mut waiting = store.memories_without_vector(print, 10_000).await.unwrap();
    waiting.sort_by_key(|one| one.path.trim_start_matches("column_").parse::<usize>().unwrap());
    let kept: Vec<(Uuid, Vec<f32>)> = waiting.iter().map(|one| one.id).zip(vectors.iter().cloned()).collect();
    store.put_memory_vectors(print, &kept).await.unwrap();
    kept.into_iter().map(|(id, _)| id).collect()
}

pub fn random_vectors(count: usize, dimensions: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut random = rand::rngs::StdRng::seed_from_u64(seed);
    let one = |_| {
        let parts: Vec<f32> = (0..dimensions).map(|_| random.random_range(-1.0..1.0)).collect();
        let length = parts.iter().map(|part| part * part).sum::<f32>().sqrt();
        parts.iter().map(|part| part / length).collect()
    };
    (0..count).map(one).collect()
}

/// The share of the truly nearest that are found, over all that are asked for.
pub fn recall(held: &[(Uuid, &Vec<f32>)], asked: &[Vec<f32>], found: &[Vec<NearMemory>], most: usize) -> f64 {
    let cosine = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let (mut right, mut wanted) = (0, 0);
    for (asked, found) in asked.iter().zip(found) {
        let mut true_order: Vec<(f64, Uuid)> = held.iter().map(|(id, vector)| (cosine(vector, asked), *id)).collect();
        true_order.sort_by(|a, b| b.0.total_cmp(&a.0));
        let nearest: Vec<Uuid> = true_order.iter().take(most).map(|(_, id)| *id).collect();
        right += found.iter().filter(|near| nearest.contains(&near.id)).count();
        wanted += nearest.len();
    }
    right as f64 / wanted as f64
}

#[tokio::test]
async fn the_nearest_memories_are_the_nearest_there_are_of_the_tenant_and_the_model() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let (crm, other) = (source(&test.store, &acme, "crm").await, source(&test.store, &globex, "crm").await);
    let (vectors, asked) = (random_vectors(150, 32, 1), random_vectors(20, 32, 2));
    let ids = with_vectors(&crm.store, crm.connection.id, "print", &vectors).await;
    with_vectors(&other.store, other.connection.id, "print", &asked).await;
    let found = crm.store.nearest_memories("print", &asked, 8).await.unwrap();
    let held: Vec<(Uuid, &Vec<f32>)> = ids.iter().copied().zip(&vectors).collect();
    assert_eq!(recall(&held, &asked, &found, 8), 1.0);
    assert!(found.iter().flatten().all(|near| ids.contains(&near.id)), "nothing of another tenant");
    let itself = crm.store.nearest_memories("print", &vectors[..1], 1).await.unwrap();
    assert_eq!(itself[0][0].id, ids[0]);
    assert!((itself[0][0].cosine - 1.0).abs() < 1e-5, "{}", itself[0][0].cosine);
    assert!(crm.store.nearest_memories("another", &asked, 8).await.unwrap().iter().all(Vec::is_empty));
    assert_eq!(crm.store.memories_without_vector("another", 1_000).await.unwrap().len(), 150);
    assert!(crm.store.memories_without_vector("print", 1_000).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_choice_is_taken_once_in_time_and_by_its_tenant_only() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let crm = source(&test.store, &acme, "crm").await;
    let store = &crm.store;
    let new = |id: u128| NewMappingCheck {
        id: Uuid::from_u128(id),
        connection: crm.connection.id,
        similarity: "lexical".into(),
        fields: 10,
        covered: 8,
        missing: vec!["Account.XQ7".into()],
        uncertain: 2,
        recommendation: NextStep::Skip,
        calls_estimated: 1,
        tokens_estimated: 900,
        micros_estimated: None,
        decide_until: Some(test.clock.now() + chrono::Duration::seconds(20)),
    };
    store.open_mapping_check(&new(1)).await.unwrap();
    store.open_mapping_check(&new(2)).await.unwrap();
    assert_eq!(store.list_mapping_checks(true, Page::first(9)).await.unwrap().items.len(), 2);
    let others = test.store.tenant(&globex);
    assert!(!others.choose_mapping_check(Uuid::from_u128(1), NextStep::Proceed).await.unwrap());
    assert!(store.choose_mapping_check(Uuid::from_u128(1), NextStep::Proceed).await.unwrap());
    assert!(!store.choose_mapping_check(Uuid::from_u128(1), NextStep::Skip).await.unwrap(), "once");
    test.clock.advance(chrono::Duration::seconds(21));
    assert!(!store.choose_mapping_check(Uuid::from_u128(2), NextStep::Proceed).await.unwrap(), "too late");
    assert!(store.list_mapping_checks(true, Page::first(9)).await.unwrap().items.is_empty());
    let end = MappingCheckEnd {
        choice: Some(NextStep::Skip),
        calls: 1,
        tokens_in: Some(7),
        taken: 1,
        ..MappingCheckEnd::default()
    };
    for id in [1, 2] {
        store.end_mapping_check(Uuid::from_u128(id), &end).await.unwrap();
    }
    let ended = store.list_mapping_checks(false, Page::first(9)).await.unwrap().items;
    let choices: Vec<_> =
        ended.iter().map(|check| (check.choice, check.chosen_by.is_some(), check.tokens_in)).collect();
    assert_eq!(choices, [(Some(NextStep::Skip), false, Some(7)), (Some(NextStep::Proceed), true, Some(7))]);
}
