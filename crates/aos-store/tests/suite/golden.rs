//! Golden records keep their ids, change as a whole, and go with the connection they came from.

use super::common::{TestStore, source};
use aos_core::ConnectionId;
use aos_store::{ComparedPairs, Error, NewGolden, NewRuling, Page, RecordPlace, ResolutionChange, RulingVerdict};
use uuid::Uuid;

fn place(connection: ConnectionId, record_id: &str) -> RecordPlace {
    RecordPlace { connection_id: connection, record_id: record_id.to_owned() }
}

fn golden(id: u128, members: &[RecordPlace], merged: &[u128]) -> NewGolden {
    NewGolden {
        id: Uuid::from_u128(id),
        cohesion: 0.9,
        members: members.to_vec(),
        merged: merged.iter().map(|id| Uuid::from_u128(*id)).collect(),
        split_from: None,
    }
}

fn change(revision: i64, golden: Vec<NewGolden>) -> ResolutionChange {
    let model = (revision == 0).then(|| ("{}".to_owned(), 10));
    ResolutionChange { revision, model, golden, ..ResolutionChange::default() }
}

#[tokio::test]
async fn a_golden_record_that_was_merged_leads_to_the_one_it_is_now() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let (crm, desk) = (source(&test.store, &acme, "crm").await, source(&test.store, &acme, "desk").await);
    let (crm, desk) = (crm.connection.id, desk.connection.id);
    let store = test.store.tenant(&acme);
    let (a, b, c) = (place(crm, "a"), place(desk, "b"), place(desk, "c"));
    store.save_resolution("contact", &change(0, vec![golden(1, &[a.clone(), b.clone()], &[])])).await.unwrap();
    store
        .save_resolution("contact", &change(1, vec![golden(2, &[a.clone(), b.clone(), c.clone()], &[1])]))
        .await
        .unwrap();
    let listed = store.list_golden("contact", Page::default()).await.unwrap().items;
    assert_eq!(listed.iter().map(|golden| (golden.id.as_u128(), golden.members)).collect::<Vec<_>>(), [(2, 3)]);
    let old = store.golden("contact", Uuid::from_u128(1)).await.unwrap().unwrap();
    assert_eq!((old.members, old.merged_into), (0, Some(Uuid::from_u128(2))));
    let merged = store.merged_into("contact", Uuid::from_u128(2)).await.unwrap();
    assert_eq!(merged.iter().map(|golden| golden.id.as_u128()).collect::<Vec<_>>(), [1]);
    assert_eq!(store.golden_of("contact", &c).await.unwrap(), Some(Uuid::from_u128(2)));
    assert_eq!(store.golden_of("account", &c).await.unwrap(), None, "another entity");
    let loose =
        ResolutionChange { revision: 2, loose: vec![c.clone()], gone: vec![Uuid::from_u128(2)], ..change(2, vec![]) };
    store.save_resolution("contact", &loose).await.unwrap();
    assert_eq!(store.golden_of("contact", &c).await.unwrap(), None);
    assert_eq!(store.golden("contact", Uuid::from_u128(2)).await.unwrap().unwrap().members, 0);
}

#[tokio::test]
async fn of_two_resolutions_at_once_one_begins_again() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    store.save_resolution("contact", &change(0, vec![])).await.unwrap();
    let late = store.save_resolution("contact", &change(0, vec![])).await;
    assert!(matches!(late, Err(Error::Stale { .. })), "{late:?}");
    store.save_resolution("contact", &change(1, vec![])).await.unwrap();
    let late = store.save_resolution("contact", &change(1, vec![])).await;
    assert!(matches!(late, Err(Error::Stale { .. })), "{late:?}");
    assert_eq!(store.resolution_model("contact").await.unwrap().unwrap().revision, 2);
}

#[tokio::test]
async fn a_ruling_holds_until_it_is_taken_back_or_ruled_otherwise() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let crm = source(&test.store, &acme, "crm").await.connection.id;
    let store = test.store.tenant(&acme);
    let (a, b) = (place(crm, "a"), place(crm, "b"));
    let new = |left: &RecordPlace, right: &RecordPlace, verdict| NewRuling {
        left: left.clone(),
        right: right.clone(),
        verdict,
        reason: None,
        log_odds: Some(1.5),
    };
    let first = store.rule_golden("contact", &new(&a, &b, RulingVerdict::Same)).await.unwrap();
    let second = store.rule_golden("contact", &new(&b, &a, RulingVerdict::Different)).await.unwrap();
    let held = store.rulings_that_hold("contact").await.unwrap();
    assert_eq!(held.iter().map(|ruling| ruling.id).collect::<Vec<_>>(), [second.id], "either order is the same pair");
    assert!(store.golden_ruling(first.id).await.unwrap().unwrap().undone_at.is_some());
    assert!(test.store.tenant(&globex).undo_ruling(second.id).await.is_err(), "another tenant's");
    store.undo_ruling(second.id).await.unwrap();
    assert_eq!(store.rulings_that_hold("contact").await.unwrap(), []);
    assert_eq!(store.list_rulings("contact", Page::default()).await.unwrap().items.len(), 2, "what was said stays");
    assert!(store.undo_ruling(second.id).await.is_err(), "it is taken back already");
    assert_eq!(test.store.tenant(&globex).list_rulings("contact", Page::default()).await.unwrap().items, []);
}

#[tokio::test]
async fn what_was_ruled_about_a_record_is_found_from_either_side_and_for_its_tenant_only() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let crm = source(&test.store, &acme, "crm").await.connection.id;
    let store = test.store.tenant(&acme);
    let (a, b, c) = (place(crm, "a"), place(crm, "b"), place(crm, "c"));
    let new = |left: &RecordPlace, right: &RecordPlace| NewRuling {
        left: left.clone(),
        right: right.clone(),
        verdict: RulingVerdict::Same,
        reason: None,
        log_odds: None,
    };
    let first = store.rule_golden("contact", &new(&a, &b)).await.unwrap().id;
    let second = store.rule_golden("contact", &new(&c, &a)).await.unwrap().id;
    store.undo_ruling(first).await.unwrap();
    let ids = |rulings: Vec<aos_store::GoldenRuling>| rulings.iter().map(|ruling| ruling.id).collect::<Vec<_>>();
    assert_eq!(ids(store.rulings_about("contact", &a, 10).await.unwrap()), [second, first]);
    assert_eq!(ids(store.rulings_about("contact", &a, 1).await.unwrap()), [second]);
    assert_eq!(ids(store.rulings_about("contact", &b, 10).await.unwrap()), [first]);
    assert_eq!(store.rulings_about("account", &a, 10).await.unwrap(), []);
    assert_eq!(test.store.tenant(&globex).rulings_about("contact", &a, 10).await.unwrap(), []);
}

#[tokio::test]
async fn what_was_made_of_a_thing_is_known_to_be_from_it() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let crm = source(&test.store, &acme, "crm").await.connection.id;
    let store = test.store.tenant(&acme);
    let (a, b, c, d) = (place(crm, "a"), place(crm, "b"), place(crm, "c"), place(crm, "d"));
    let whole = golden(1, &[a.clone(), b.clone(), c.clone(), d.clone()], &[]);
    store.save_resolution("contact", &change(0, vec![whole])).await.unwrap();
    let parted = NewGolden { split_from: Some(Uuid::from_u128(1)), ..golden(2, &[c, d], &[]) };
    store.save_resolution("contact", &change(1, vec![golden(1, &[a, b], &[]), parted])).await.unwrap();
    let from = store.split_from("contact", Uuid::from_u128(1)).await.unwrap();
    assert_eq!(from.iter().map(|golden| (golden.id.as_u128(), golden.members)).collect::<Vec<_>>(), [(2, 2)]);
    assert_eq!(store.split_from("contact", Uuid::from_u128(2)).await.unwrap(), []);
}

#[tokio::test]
async fn a_deleted_connection_takes_its_part_of_golden_records_along() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let (crm, desk) = (source(&test.store, &acme, "crm").await, source(&test.store, &acme, "desk").await);
    let (crm, desk) = (crm.connection.id, desk.connection.id);
    let store = test.store.tenant(&acme);
    let (a, b) = (place(crm, "a"), place(desk, "b"));
    store.save_resolution("contact", &change(0, vec![golden(1, &[a, b.clone()], &[])])).await.unwrap();
    store.delete_connection(crm).await.unwrap();
    assert_eq!(store.golden_members("contact", None).await.unwrap(), [(b, Uuid::from_u128(1))]);
    assert_eq!(store.golden("contact", Uuid::from_u128(1)).await.unwrap().unwrap().members, 1);
    store.delete_connection(desk).await.unwrap();
    assert_eq!(store.list_golden("contact", Page::default()).await.unwrap().items, []);
}

#[tokio::test]
async fn how_far_records_were_compared_is_known_by_entity_and_goes_with_what_was_derived() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let crm = source(&test.store, &acme, "crm").await;
    crm.commit(vec![super::common::event("a", 1, 0, "A")]).await.unwrap();
    let store = test.store.tenant(&acme);
    let head = store.head().await.unwrap();
    assert!(store.has_changed_since("account", 0).await.unwrap());
    assert!(!store.has_changed_since("contact", 0).await.unwrap(), "another entity");
    assert!(!store.has_changed_since("account", head.position).await.unwrap());
    store.note_resolution("account", head, 1, ComparedPairs::default()).await.unwrap();
    let pairs = ComparedPairs { links: 1, uncertain: 7 };
    store.note_resolution("account", head, 2, pairs).await.unwrap();
    let noted = store.resolutions().await.unwrap();
    assert_eq!((noted.len(), noted["account"].head, noted["account"].records), (1, head, 2));
    assert_eq!(noted["account"].pairs, Some(pairs), "what came of the latest one");
    assert!(test.store.tenant(&globex).resolutions().await.unwrap().is_empty());
    assert!(!test.store.tenant(&globex).has_changed_since("account", 0).await.unwrap());
    store.forget_derived().await.unwrap();
    assert!(store.resolutions().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_asked_for_again_is_one_item_that_counts_and_who_was_told_no_is_not_heard_again() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let asked = |subject: &str| aos_store::NewReview {
        kind: "question_gap".to_owned(),
        subject: subject.to_owned(),
        connection: None,
        stream: None,
        title: format!("somebody asked for {subject}"),
        payload: serde_json::json!({ "what": subject }),
        confidence: None,
        severity: "info".to_owned(),
        expires_at: None,
        escalate_at: None,
    };
    let (first, opened) = store.demand(&asked("churn")).await.unwrap();
    assert_eq!((opened, &first.payload["asked"]), (true, &1.into()));
    store.demand(&asked("churn")).await.unwrap();
    let (third, opened) = store.demand(&asked("churn")).await.unwrap();
    assert_eq!((third.id, opened, &third.payload["asked"]), (first.id, false, &3.into()));
    assert!(store.demand(&asked("margin")).await.unwrap().1, "something else");
    let no = aos_store::ReviewDecision {
        id: first.id,
        revision: None,
        state: aos_store::ReviewState::Rejected,
        outcome: serde_json::json!({}),
        was_right: None,
        features: serde_json::json!({}),
    };
    store.decide_review(&no).await.unwrap();
    let (again, opened) = store.demand(&asked("churn")).await.unwrap();
    assert_eq!((again.id, again.state, opened), (first.id, aos_store::ReviewState::Rejected, false));
}
