//! The knowledge base keeps documents whole, finds them by their words for those who may see them, and leaves nothing of what is removed.

use super::common::{Backend, TestStore};
use aos_core::{Role, TenantScope};
use aos_store::{
    ChunkPlace, Error, KnowledgeDocument, KnowledgeQuery, KnowledgeRedaction, NewKnowledgeChunk, NewKnowledgeDocument,
    NewKnowledgeFeedback, NewKnowledgeVectors, Page, TenantStore,
};
use uuid::Uuid;

fn piece(section: &[&str], body: &str) -> NewKnowledgeChunk {
    NewKnowledgeChunk {
        section: section.iter().map(|heading| (*heading).to_owned()).collect(),
        page: None,
        from: 0,
        to: body.chars().count() as u64,
        body: body.to_owned(),
        tokens: 3,
        marks: Vec::new(),
    }
}

fn document(location: &str, bodies: &[&str]) -> NewKnowledgeDocument {
    NewKnowledgeDocument {
        location: location.to_owned(),
        title: "Policy".to_owned(),
        format: "text".to_owned(),
        tags: vec!["policy".to_owned()],
        least_role: Role::Viewer,
        redacted: true,
        redactions: 1,
        redaction: Some(redaction()),
        characters: 10,
        content_hash: bodies.join("\n"),
        chunks: bodies.iter().map(|body| piece(&["Policy"], body)).collect(),
    }
}

fn redaction() -> KnowledgeRedaction {
    KnowledgeRedaction { taken_out: [("email".to_owned(), 1)].into(), names_model: Some("names".to_owned()) }
}

async fn put(store: &TenantStore<'_>, location: &str, bodies: &[&str]) -> KnowledgeDocument {
    store.put_knowledge_document(&document(location, bodies)).await.unwrap()
}

/// Returns the ordinals of what is found, best first.
async fn find(store: &TenantStore<'_>, words: &str, role: Role, tag: Option<&str>) -> Vec<u64> {
    places(store, words, role, tag).await.iter().map(|place| place.ordinal).collect()
}

async fn places(store: &TenantStore<'_>, words: &str, role: Role, tag: Option<&str>) -> Vec<ChunkPlace> {
    let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    store.match_knowledge(&KnowledgeQuery { words: &words, role, tag, limit: 10 }).await.unwrap()
}

async fn tenants(test: &TestStore) -> (TenantScope, TenantScope) {
    (test.scope("acme").await, test.scope("globex").await)
}

#[tokio::test]
async fn a_document_is_found_by_its_words_in_any_form_and_the_best_chunk_comes_first() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let kept = put(
        &store,
        "a",
        &["Trains are booked by the office.", "Refunds of refunded tickets are refunds.", "Cafés close."],
    )
    .await;
    assert_eq!((kept.chunks, kept.redactions, kept.marked), (3, 1, 0));
    assert_eq!(kept.redaction, Some(redaction()));
    assert_eq!(find(&store, "booking", Role::Viewer, None).await, [0], "another form of the word");
    assert_eq!(find(&store, "refund office", Role::Viewer, None).await[0], 1, "more of the words");
    assert_eq!(find(&store, "nothing", Role::Viewer, None).await, [0_u64; 0]);
    // Signs that mean something to one of the databases are no words.
    for odd in ["\"", "trains\" OR \"x", "a & b", "(", "*", "scope:x", "'"] {
        assert_eq!(
            find(&store, odd, Role::Viewer, None).await.iter().filter(|ordinal| **ordinal > 2).count(),
            0,
            "{odd}"
        );
    }
}

#[tokio::test]
async fn the_same_location_is_the_same_document_and_what_it_said_before_is_found_no_more() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let first = put(&store, "a", &["aardvark", "badger"]).await;
    let again = put(&store, "a", &["aardvark", "badger"]).await;
    assert_eq!(again, first, "nothing has changed");
    test.clock.advance(chrono::Duration::seconds(1));
    let second = put(&store, "a", &["capybara"]).await;
    assert_eq!((second.id, second.chunks), (first.id, 1));
    let whole = NewKnowledgeDocument { redacted: false, redaction: None, ..document("b", &["whole"]) };
    assert_eq!(store.put_knowledge_document(&whole).await.unwrap().redaction, None);
    assert!(second.revision > first.revision);
    assert_eq!(second.created_at, first.created_at);
    assert_eq!(find(&store, "aardvark", Role::Viewer, None).await, [0_u64; 0]);
    assert_eq!(find(&store, "capybara", Role::Viewer, None).await, [0]);
    assert_eq!(store.knowledge_chunks(first.id, 0, 10).await.unwrap().len(), 1);
    assert_eq!(store.find_knowledge_document("a").await.unwrap().unwrap(), second);
}

#[tokio::test]
async fn what_a_role_may_not_see_is_neither_found_nor_listed() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let new = NewKnowledgeDocument { least_role: Role::Admin, ..document("a", &["salaries"]) };
    store.put_knowledge_document(&new).await.unwrap();
    for (role, seen) in [(Role::Viewer, 0), (Role::Agent, 0), (Role::Member, 0), (Role::Admin, 1), (Role::Owner, 1)] {
        assert_eq!(find(&store, "salaries", role, None).await.len(), seen, "{role:?}");
        let listed = store.list_knowledge_documents(role, None, Page::default()).await.unwrap();
        assert_eq!(listed.items.len(), seen, "{role:?}");
    }
}

#[tokio::test]
async fn a_tag_leaves_the_documents_that_carry_it() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let tagged = |location: &str, tag: &str| NewKnowledgeDocument {
        tags: vec![tag.to_owned()],
        ..document(location, &["lobster"])
    };
    let one = store.put_knowledge_document(&tagged("a", "kb:persona_cto")).await.unwrap();
    store.put_knowledge_document(&tagged("b", "kb:personaxcto")).await.unwrap();
    let found = places(&store, "lobster", Role::Owner, Some("kb:persona_cto")).await;
    assert_eq!(found.iter().map(|place| place.document_id).collect::<Vec<_>>(), [one.id]);
    let listed = store.list_knowledge_documents(Role::Owner, Some("kb:persona_cto"), Page::default()).await.unwrap();
    assert_eq!(listed.items.iter().map(|document| document.id).collect::<Vec<_>>(), [one.id], "an underscore is one");
    assert_eq!(places(&store, "lobster", Role::Owner, Some("persona_cto")).await, []);
}

#[tokio::test]
async fn another_tenant_finds_nothing_and_removes_nothing() {
    let test = TestStore::new().await;
    let (acme, globex) = tenants(&test).await;
    let (ours, theirs) = (test.store.tenant(&acme), test.store.tenant(&globex));
    let kept = put(&ours, "a", &["secret recipe"]).await;
    let other = put(&theirs, "a", &["public recipe"]).await;
    assert_ne!(kept.id, other.id, "the same location of another tenant is another document");
    let found = places(&theirs, "secret recipe", Role::Owner, None).await;
    assert_eq!(found, [ChunkPlace { document_id: other.id, ordinal: 0 }]);
    assert_eq!(theirs.knowledge_document(kept.id).await.unwrap(), None);
    assert_eq!(theirs.knowledge_chunks(kept.id, 0, 10).await.unwrap(), []);
    let place = ChunkPlace { document_id: kept.id, ordinal: 0 };
    assert_eq!(theirs.knowledge_chunks_at(&[place]).await.unwrap(), []);
    assert!(matches!(theirs.delete_knowledge_document(kept.id).await, Err(Error::NotFound(_))));
    let vectors = NewKnowledgeVectors {
        document_id: kept.id,
        revision: kept.revision,
        model: "m",
        fingerprint: "f",
        vectors: vec![vec![0; 4]],
    };
    assert!(matches!(theirs.put_knowledge_vectors(&vectors).await, Err(Error::Stale { .. })));
    assert_eq!(theirs.knowledge_vectors(kept.id).await.unwrap(), []);
    assert_eq!(theirs.list_knowledge_feedback(Page::default()).await.unwrap().items, []);
    assert_eq!(find(&ours, "secret", Role::Owner, None).await, [0]);
}

#[tokio::test]
async fn vectors_belong_to_the_text_they_were_made_of() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    assert_eq!(store.knowledge_revision().await.unwrap(), 0);
    let kept = put(&store, "a", &["one", "two"]).await;
    let new = |revision| NewKnowledgeVectors {
        document_id: kept.id,
        revision,
        model: "mini",
        fingerprint: "f1",
        vectors: vec![vec![1, 2, 3, 4], vec![5, 6, 7, 8]],
    };
    store.put_knowledge_vectors(&new(kept.revision)).await.unwrap();
    let held = store.knowledge_document(kept.id).await.unwrap().unwrap();
    assert_eq!((held.vector_model.as_deref(), held.vector_print.as_deref()), (Some("mini"), Some("f1")));
    assert_eq!(store.knowledge_vectors(kept.id).await.unwrap(), [(0, vec![1, 2, 3, 4]), (1, vec![5, 6, 7, 8])]);
    assert_eq!(store.knowledge_index().await.unwrap()[0].revision, store.knowledge_revision().await.unwrap());
    // Replaced meanwhile: what was made of the text before does not stand beside the new one.
    let late = store.put_knowledge_vectors(&new(kept.revision)).await;
    assert!(matches!(late, Err(Error::Stale { .. })), "{late:?}");
    let replaced = put(&store, "a", &["three"]).await;
    assert_eq!(replaced.vector_print, None);
    assert_eq!(store.knowledge_vectors(kept.id).await.unwrap(), []);
}

#[tokio::test]
async fn what_is_removed_leaves_neither_words_nor_vectors() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let kept = put(&store, "a", &["zanzibar"]).await;
    put(&store, "b", &["quokka"]).await;
    let vectors = NewKnowledgeVectors {
        document_id: kept.id,
        revision: kept.revision,
        model: "m",
        fingerprint: "f",
        vectors: vec![vec![0; 4]],
    };
    store.put_knowledge_vectors(&vectors).await.unwrap();
    store.delete_knowledge_document(kept.id).await.unwrap();
    assert!(matches!(store.delete_knowledge_document(kept.id).await, Err(Error::NotFound(_))));
    assert_eq!(find(&store, "zanzibar", Role::Owner, None).await, [0_u64; 0]);
    assert_eq!(find(&store, "quokka", Role::Owner, None).await, [0]);
    assert_eq!(test.query("SELECT COUNT(*) || '' FROM knowledge_vectors").await, ["0"]);
    if crate::BACKEND == Backend::Sqlite {
        let index = "SELECT COUNT(*) || '' FROM knowledge_text_data WHERE instr(CAST(block AS TEXT), 'anzibar') > 0";
        assert_eq!(test.query(index).await, ["0"], "not even in the index");
        assert_eq!(test.query("SELECT COUNT(*) || '' FROM knowledge_text_docsize").await, ["1"]);
    }
}

#[tokio::test]
async fn feedback_is_kept_with_what_it_is_about() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let place = Some(ChunkPlace { document_id: Uuid::from_u128(1), ordinal: 3 });
    let new = NewKnowledgeFeedback { asked: "Who books trains?", place, is_useful: false, notes: Some("outdated") };
    let given = store.give_knowledge_feedback(&new).await.unwrap();
    assert_eq!((given.rating.as_str(), given.ordinal), ("down", Some(3)));
    assert_eq!(store.list_knowledge_feedback(Page::default()).await.unwrap().items, [given]);
    let long = "x".repeat(3_000);
    let refused = store.give_knowledge_feedback(&NewKnowledgeFeedback { asked: &long, ..new }).await;
    assert!(matches!(refused, Err(Error::TooLarge { .. })), "{refused:?}");
}

#[tokio::test]
async fn postgresql_looks_into_its_index_of_words_for_the_tenant_of_the_transaction_only() {
    if crate::BACKEND == Backend::Sqlite {
        return; // What another tenant finds is held above; this is about the function that asks as the owner.
    }
    let test = TestStore::new().await;
    let (acme, _) = tenants(&test).await;
    put(&test.store.tenant(&acme), "a", &["secret recipe"]).await;
    let asked = "SELECT COUNT(*) FROM autonomos_knowledge_matches('recipe', 'viewer', NULL, 10)";
    assert_eq!(test.database().sql_as("app", asked).unwrap(), "0", "without a tenant nothing is found");
    let plan = test.database().sql(
        "SET enable_seqscan = off;
         EXPLAIN SELECT 1 FROM knowledge_chunks c WHERE c.words @@ to_tsquery('english', 'recipe')",
    );
    assert!(plan.contains("knowledge_chunks_by_words"), "{plan}");
}
