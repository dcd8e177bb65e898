//! Golden records keep their ids, change as a whole, and go with the connection they came from.

use super::common::{TestStore, source};
use aos_core::ConnectionId;
use aos_store::{Error, NewGolden, NewRuling, Page, RecordPlace, ResolutionChange, RulingVerdict};
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
    assert_eq!(store.merged_into("contact", Uuid::from_u128(2)).await.unwrap(), [Uuid::from_u128(1)]);
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
