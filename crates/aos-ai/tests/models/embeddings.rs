//! Vectors: of a provider, of a model on this machine, or none.

use crate::house::{House, scope};
use aos_ai::embeddings::{EmbeddingError, Embeddings, TextKind};
use aos_ai::models::ModelError;
use aos_testservers::{Act, ModelServer, Speaks};

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[tokio::test]
async fn a_providers_vectors_come_in_order_and_with_length_one() {
    for speaks in [Speaks::OpenAi, Speaks::Gemini] {
        let house = House::new().await;
        let server = ModelServer::start(speaks, [Act::Embed(3)]);
        house.chooses_with(&server, speaks, |choice| choice.embedding_model = Some("vectors-1".into())).await;
        let embeddings = Embeddings::new(house.models.clone(), None);
        let embedder = embeddings.tenant(&house.scope).await.unwrap();
        assert_eq!(embedder.model().dimensions, 3);
        let many: Vec<String> = (1..=100).map(|length| "x".repeat(length)).collect();
        let vectors = embedder.embed(&many, TextKind::Passage).await.unwrap();
        for (length, vector) in (1..=100).zip(&vectors) {
            let norm = vector.iter().map(|part| part * part).sum::<f32>().sqrt();
            assert!((norm - 1.0).abs() < 1e-5, "{norm}");
            assert!((vector[0] / vector[1] - length as f32).abs() < 1e-2, "{speaks:?}: {length} is {vector:?}");
        }
        let usage = house.store.tenant(&house.scope).model_usage(1).await.unwrap();
        assert_eq!(
            (usage[0].feature.as_str(), usage[0].calls),
            ("embeddings", 3),
            "one to see how long they are, two for a hundred"
        );
        if speaks == Speaks::Gemini {
            let asked = server.seen().last().unwrap().clone();
            assert_eq!(asked.path, "/models/vectors-1:batchEmbedContents");
            assert_eq!(asked.body["requests"][0]["taskType"], "RETRIEVAL_DOCUMENT");
        }
    }
}

#[tokio::test]
async fn vectors_of_different_models_do_not_pass_for_the_same() {
    let house = House::new().await;
    let server = ModelServer::start(Speaks::OpenAi, [Act::Embed(3)]);
    let embeddings = Embeddings::new(house.models.clone(), None);
    let mut fingerprints = Vec::new();
    for (model, dimensions) in [("a", None), ("b", None), ("b", Some(3))] {
        house
            .chooses_with(&server, Speaks::OpenAi, |choice| {
                choice.embedding_model = Some(model.into());
                choice.embedding_dimensions = dimensions;
            })
            .await;
        fingerprints.push(embeddings.tenant(&house.scope).await.unwrap().model().fingerprint.clone());
    }
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), 3);
}

#[tokio::test]
async fn without_a_model_there_are_no_vectors() {
    let house = House::new().await;
    let embeddings = Embeddings::new(house.models.clone(), None);
    let error = embeddings.tenant(&house.scope).await.err().unwrap();
    assert!(matches!(error, EmbeddingError::NotConfigured), "{error}");
    assert!(error.to_string().contains("embeddings.directory"), "{error}");
    assert_eq!(embeddings.name(&house.scope).await.unwrap(), None);
}

#[tokio::test]
async fn a_chosen_model_that_may_not_be_asked_is_not_replaced_by_another() {
    let house = House::new().await;
    let server = ModelServer::start(Speaks::OpenAi, [Act::Embed(3), Act::Embed(4)]);
    house.chooses_with(&server, Speaks::OpenAi, |choice| choice.embedding_model = Some("vectors-1".into())).await;
    let embeddings = Embeddings::new(house.models.clone(), None);
    let embedder = embeddings.tenant(&house.scope).await.unwrap();
    let error = embedder.embed(&texts(&["hello"]), TextKind::Query).await.unwrap_err();
    assert!(matches!(error, EmbeddingError::Unusable { .. }), "another length is another model: {error}");
    house.store.tenant(&house.scope).set_production_mode(true).await.unwrap();
    let error = embeddings.tenant(&house.scope).await.err().unwrap();
    assert!(matches!(&error, EmbeddingError::Provider(why) if matches!(**why, ModelError::ProductionMode)), "{error}");
    let globex = scope(&house.store, "globex").await;
    assert!(matches!(embeddings.tenant(&globex).await.err().unwrap(), EmbeddingError::NotConfigured));
}

#[cfg(feature = "local-embeddings")]
mod local {
    use super::texts;
    use aos_ai::embeddings::{Embedder, EmbeddingError, LocalModel, TEXTS_MAX, TextKind};
    use aos_testservers::embedding_model;

    /// The beginnings of vectors, computed with numpy in double precision and a tokenizer written for it, from the same weights.
    const KNOWN: [(&str, [f32; 6]); 5] = [
        ("A man is playing a guitar.", [0.021664, -0.004864, -0.009649, -0.063401, -0.167494, 0.004676]),
        ("Someone plays a musical instrument.", [0.054614, -0.004969, 0.020597, -0.08382, -0.196458, 0.063597]),
        (
            "The invoice is due at the end of the month.",
            [-0.051072, 0.051114, -0.012213, -0.029819, -0.082968, -0.017222],
        ),
        ("Ünïcode, naïve café — R&D & emoji 😀!", [-0.037391, -0.022203, 0.070149, -0.014842, 0.027763, -0.04468]),
        (
            "Annual recurring revenue (ARR) by customer",
            [-0.067474, -0.018085, -0.077842, -0.054034, -0.118048, -0.018307],
        ),
    ];
    /// The same of a text of more than 256 tokens, of which the model reads no more.
    const LONG: [f32; 6] = [-0.105742, 0.015441, -0.032898, 0.003611, -0.078661, 0.05875];

    fn assert_begins(vector: &[f32], expected: &[f32], text: &str) {
        for (found, expected) in vector.iter().zip(expected) {
            assert!((found - expected).abs() < 2e-5, "{text}: {found} is not {expected}");
        }
    }

    fn cosine(left: &[f32], right: &[f32]) -> f32 {
        left.iter().zip(right).map(|(left, right)| left * right).sum()
    }

    #[tokio::test]
    async fn the_real_model_gives_the_vectors_that_another_implementation_gives() {
        let Some(folder) = embedding_model() else { return };
        let model = LocalModel::load(&folder).unwrap();
        assert_eq!(model.model().dimensions, 384);
        let asked = texts(&KNOWN.map(|(text, _)| text));
        let vectors = model.embed(&asked, TextKind::Passage).await.unwrap();
        for ((text, expected), vector) in KNOWN.iter().zip(&vectors) {
            assert_begins(vector, expected, text);
        }
        assert!((cosine(&vectors[0], &vectors[1]) - 0.68444).abs() < 1e-4);
        assert!((cosine(&vectors[2], &vectors[4]) - 0.31381).abs() < 1e-4);
        assert!((cosine(&vectors[0], &vectors[2]) + 0.03357).abs() < 1e-4);
        let long = "The contract renews every year unless it is cancelled in writing. ".repeat(60);
        let vectors = model.embed(&texts(&[long.trim_end()]), TextKind::Passage).await.unwrap();
        assert_begins(&vectors[0], &LONG, "a long text");
        let many = vec!["x".to_owned(); TEXTS_MAX + 1];
        assert!(matches!(model.embed(&many, TextKind::Query).await, Err(EmbeddingError::TooMany { .. })));
    }

    #[tokio::test]
    async fn e5_gets_the_words_that_it_was_trained_with() {
        let Some(folder) = embedding_model() else { return };
        // The same weights under a name of the E5 family: only the prefixes differ.
        let place = tempfile::tempdir().unwrap();
        let named = place.path().join("e5-small-v2");
        std::fs::create_dir(&named).unwrap();
        for file in ["config.json", "tokenizer.json", "model.safetensors", "sentence_bert_config.json"] {
            std::fs::copy(folder.join(file), named.join(file)).unwrap();
        }
        let (plain, e5) = (LocalModel::load(&folder).unwrap(), LocalModel::load(&named).unwrap());
        assert_ne!(plain.model().fingerprint, e5.model().fingerprint);
        let query = e5.embed(&texts(&["annual revenue"]), TextKind::Query).await.unwrap();
        let passage = e5.embed(&texts(&["annual revenue"]), TextKind::Passage).await.unwrap();
        let expected =
            plain.embed(&texts(&["query: annual revenue", "passage: annual revenue"]), TextKind::Query).await.unwrap();
        assert!(cosine(&query[0], &expected[0]) > 0.9999 && cosine(&passage[0], &expected[1]) > 0.9999);
        assert!(cosine(&query[0], &passage[0]) < 0.999);
    }

    #[test]
    fn a_folder_that_holds_no_model_is_told_with_what_is_missing() {
        let place = tempfile::tempdir().unwrap();
        let said = |error: Result<LocalModel, EmbeddingError>| error.err().unwrap().to_string();
        assert!(said(LocalModel::load(&place.path().join("none"))).contains("no such folder"));
        assert!(said(LocalModel::load(place.path())).contains("config.json"));
        let config = serde_json::json!({ "model_type": "gpt2", "hidden_size": 4, "intermediate_size": 4, "num_hidden_layers": 1,
            "num_attention_heads": 1, "max_position_embeddings": 4, "vocab_size": 4, "layer_norm_eps": 1e-12, "hidden_act": "gelu" });
        std::fs::write(place.path().join("config.json"), config.to_string()).unwrap();
        assert!(said(LocalModel::load(place.path())).contains("`gpt2`"));
    }
}
