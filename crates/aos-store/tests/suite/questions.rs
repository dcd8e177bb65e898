//! Questions are kept with what became of them, and judged; none of it is seen by another tenant.

use super::common::TestStore;
use aos_store::{Error, NewQuestion, Page, Rating};
use serde_json::json;
use uuid::Uuid;

fn question(words: &str) -> NewQuestion {
    NewQuestion {
        id: Uuid::now_v7(),
        question: words.to_owned(),
        persona: Some("coo".to_owned()),
        clear: true,
        plan: Some(json!({ "entity": "ticket" })),
        answer: Some("Number of ticket records: 3.".to_owned()),
        refusal: None,
        receipt: Some(json!({ "id": 1 })),
    }
}

#[tokio::test]
async fn a_question_is_kept_listed_and_judged() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let store = test.store.tenant(&acme);
    let first = question("how many tickets are there");
    let refused = NewQuestion {
        answer: None,
        receipt: None,
        plan: None,
        refusal: Some(json!({ "reason": "x" })),
        ..question("why")
    };
    store.save_question(&first).await.unwrap();
    store.save_question(&refused).await.unwrap();
    let listed = store.list_questions(Page::first(1)).await.unwrap();
    assert_eq!(listed.items[0].question, "why", "the newest first");
    let next = store.list_questions(Page::after(listed.next_cursor.unwrap(), 1)).await.unwrap();
    assert_eq!((next.items[0].id, next.next_cursor), (first.id, None));
    let judged = store.rate_question(first.id, Rating::Down, Some("too few")).await.unwrap();
    assert_eq!((judged.rating, judged.notes.as_deref()), (Some(Rating::Down), Some("too few")));
    let judged = store.rate_question(first.id, Rating::Up, None).await.unwrap();
    assert_eq!((judged.rating, judged.notes), (Some(Rating::Up), None), "what was said before is replaced");
    assert_eq!(judged.receipt, Some(json!({ "id": 1 })));
    let other = test.store.tenant(&globex);
    assert!(other.question(first.id).await.unwrap().is_none());
    assert!(other.list_questions(Page::default()).await.unwrap().items.is_empty());
    assert!(matches!(other.rate_question(first.id, Rating::Up, None).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_question_as_long_as_a_book_is_not_kept() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let long = question(&"a".repeat(2_001));
    let kept = test.store.tenant(&acme).save_question(&long).await;
    assert!(matches!(kept, Err(Error::TooLarge { .. })));
}
