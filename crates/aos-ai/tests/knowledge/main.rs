//! The knowledge base with a model: both orders made one, vectors that keep up with their documents, and a model that fails.

mod house;
mod rerank;

use aos_ai::knowledge::{Embedded, KnowledgeError, MODE_HYBRID, MODE_TEXT, Weights};
use aos_core::Role;
use house::{House, Meaning, new, question};

#[tokio::test]
async fn what_means_the_same_is_found_though_no_word_is() {
    let house = House::new(Meaning::new("first")).await;
    let knowledge = house.tenant("acme").await;
    let trains = house.add(&knowledge, "trains.md", "# Travel\n\nRailway tickets come from the office.").await;
    house.add(&knowledge, "sea.md", "# Sea\n\nLobsters live in the sea.").await;
    let found = knowledge.search(&question("train")).await.unwrap();
    assert_eq!((found.mode, found.model.as_deref(), found.note.as_deref()), (MODE_HYBRID, Some("first"), None));
    let first = &found.matches[0];
    assert_eq!(first.document.id, trains);
    assert_eq!((first.text_rank, first.vector_rank), (None, Some(1)));
    // Without the weight of vectors the word alone finds nothing.
    let by_words = aos_ai::knowledge::Question { weights: Weights { text: 1.0, vectors: 0.0 }, ..question("train") };
    let found = knowledge.search(&by_words).await.unwrap();
    assert_eq!((found.mode, found.matches.len()), (MODE_TEXT, 0));
}

#[tokio::test]
async fn what_words_and_meaning_both_find_comes_first() {
    let house = House::new(Meaning::new("first")).await;
    let knowledge = house.tenant("acme").await;
    house.add(&knowledge, "a.md", "Railway timetables hang in the hall.").await;
    let both = house.add(&knowledge, "b.md", "A train leaves every hour.").await;
    let found = knowledge.search(&question("train")).await.unwrap();
    assert_eq!(found.matches[0].document.id, both);
    assert_eq!(found.matches.len(), 2);
}

#[tokio::test]
async fn vectors_follow_their_document_and_go_with_it() {
    let house = House::new(Meaning::new("first")).await;
    let knowledge = house.tenant("acme").await;
    let id = house.add(&knowledge, "a.md", "Railway tickets.").await;
    assert_eq!(knowledge.search(&question("train")).await.unwrap().matches.len(), 1);
    house.add(&knowledge, "a.md", "Lobsters.").await;
    assert_eq!(knowledge.search(&question("train")).await.unwrap().matches.len(), 0, "it says something else now");
    assert_eq!(knowledge.search(&question("crab")).await.unwrap().matches.len(), 1);
    assert!(matches!(knowledge.embed(id, |_| {}).await.unwrap(), Embedded::Kept { .. }), "they are there already");
    knowledge.remove(id).await.unwrap();
    assert_eq!(knowledge.search(&question("crab")).await.unwrap().matches.len(), 0);
}

#[tokio::test]
async fn another_tenant_and_a_lesser_role_are_near_to_nothing() {
    let house = House::new(Meaning::new("first")).await;
    let (acme, globex) = (house.tenant("acme").await, house.tenant("globex").await);
    let hidden = aos_ai::knowledge::NewDocument { least_role: Role::Admin, ..new("pay.md") };
    let id = acme.ingest(b"Railway salaries.".to_vec(), None, hidden).await.unwrap().document.id;
    acme.embed(id, |_| {}).await.unwrap();
    assert_eq!(acme.search(&question("train")).await.unwrap().matches.len(), 1);
    assert_eq!(globex.search(&question("train")).await.unwrap().matches.len(), 0);
    let viewer = house.role("acme", Role::Viewer).await;
    assert_eq!(viewer.search(&question("train")).await.unwrap().matches.len(), 0);
    assert!(matches!(viewer.remove(id).await, Err(KnowledgeError::Store(aos_store::Error::NotFound(_)))));
}

#[tokio::test]
async fn vectors_of_another_model_are_not_compared_and_the_answer_says_so() {
    let house = House::new(Meaning::new("first")).await;
    let knowledge = house.tenant("acme").await;
    let id = house.add(&knowledge, "a.md", "Railway tickets.").await;
    let later = house.with(Meaning::new("second"));
    let knowledge = later.tenant("acme").await;
    let found = knowledge.search(&question("train")).await.unwrap();
    assert_eq!(found.matches.len(), 0);
    assert!(found.note.unwrap().contains("1 documents have no vectors of second"));
    assert!(matches!(knowledge.embed(id, |_| {}).await.unwrap(), Embedded::Made { vectors: 1, .. }));
    assert_eq!(knowledge.search(&question("train")).await.unwrap().matches.len(), 1);
}

#[tokio::test]
async fn a_model_that_cannot_be_asked_leaves_what_words_find() {
    let house = House::new(Meaning { fails: true, ..Meaning::new("first") }).await;
    let knowledge = house.tenant("acme").await;
    knowledge.ingest(b"A train leaves.".to_vec(), None, new("a.md")).await.unwrap();
    let found = knowledge.search(&question("train")).await.unwrap();
    assert_eq!((found.mode, found.matches.len()), (MODE_TEXT, 1));
    assert!(found.note.unwrap().contains("out of order"));
}

#[tokio::test]
async fn no_model_is_shown_personal_data_even_of_a_document_that_keeps_it() {
    let house = House::new(Meaning::new("first")).await;
    let knowledge = house.tenant("acme").await;
    let whole = aos_ai::knowledge::NewDocument { redact_pii: false, ..new("a.md") };
    let kept = knowledge.ingest(b"Ask ada@example.com about trains.".to_vec(), None, whole).await.unwrap().document;
    knowledge.embed(kept.id, |_| {}).await.unwrap();
    let found = knowledge.search(&question("bob@example.com train")).await.unwrap();
    assert!(found.matches[0].chunk.body.contains("ada@example.com"), "the document keeps it");
    let shown = house.shown();
    assert!(shown.len() >= 2 && !shown.iter().any(|text| text.contains("@example.com")), "{shown:?}");
}

#[tokio::test]
async fn a_document_is_fetched_from_its_address_which_names_it() {
    let house = House::new(Meaning::new("first")).await;
    let knowledge = house.tenant("acme").await;
    let page = "<!doctype html><title>Handbook</title><h1>Trains</h1><p>Cafés close.</p>";
    let (address, serving) = house::serve("text/html; charset=iso-8859-1", page, 2).await;
    let at = aos_ai::knowledge::NewDocument { location: format!("{address}/handbook#trains"), ..new("") };
    let first = knowledge.ingest_url(at.clone()).await.unwrap();
    assert_eq!((first.document.title.as_str(), first.document.format.as_str()), ("Handbook", "html"));
    assert_eq!(first.document.location, format!("{address}/handbook"), "without the place in it");
    let again = knowledge.ingest_url(at).await.unwrap();
    assert_eq!((again.document.id, again.changed), (first.document.id, false));
    serving.await.unwrap();
}
