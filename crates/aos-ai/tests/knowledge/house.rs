//! A knowledge base on a store of its own, and a model whose meanings are a list of words.

use aos_ai::embeddings::{Embedder, EmbeddingError, Embeddings, ModelId, TextKind};
use aos_ai::knowledge::{KnowledgeBase, KnowledgeParts, NewDocument, Question, TenantKnowledge, Weights};
use aos_ai::models::{ModelOptions, Models};
use aos_ai::pii::Names;
use aos_ai::retrieval::{RerankError, Reranker};
use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantScope};
use aos_net::NetConfig;
use aos_store::Store;
use futures_util::future::{BoxFuture, FutureExt};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// Words that mean the same, one line a meaning.
const MEANINGS: [&[&str]; 2] = [&["train", "trains", "railway"], &["lobster", "lobsters", "crab"]];

/// A model that knows two meanings; everything else is a third one.
#[derive(Clone)]
pub struct Meaning {
    pub model: ModelId,
    pub fails: bool,
    pub judge: Option<Judge>,
    pub shown: Arc<Mutex<Vec<String>>>,
}

/// A model to which a passage is the better the more often it says a word.
#[derive(Clone)]
pub struct Judge {
    pub word: &'static str,
    pub fails: bool,
    pub asked: Arc<Mutex<usize>>,
}

impl Judge {
    pub fn new(word: &'static str) -> Self {
        Self { word, fails: false, asked: Arc::default() }
    }
}

impl Reranker for Judge {
    fn name(&self) -> &str {
        "judge"
    }

    fn score<'a>(&'a self, _question: &'a str, passages: Vec<String>) -> BoxFuture<'a, Result<Vec<f32>, RerankError>> {
        async move {
            *self.asked.lock().unwrap() += passages.len();
            match self.fails {
                true => Err(RerankError { model: "judge".to_owned(), why: "it is out of order".to_owned() }),
                false => Ok(passages.iter().map(|text| text.matches(self.word).count() as f32 / 100.0).collect()),
            }
        }
        .boxed()
    }
}

pub struct House {
    base: KnowledgeBase,
    store: Store,
    net: aos_net::Client,
    model: Meaning,
    _folder: Arc<tempfile::TempDir>,
}

impl Meaning {
    pub fn new(name: &str) -> Self {
        let model = ModelId { name: name.to_owned(), dimensions: 3, fingerprint: format!("print-{name}") };
        Self { model, fails: false, judge: None, shown: Arc::default() }
    }
}

impl Embedder for Meaning {
    fn model(&self) -> &ModelId {
        &self.model
    }

    fn embed<'a>(
        &'a self,
        texts: &'a [String],
        _kind: TextKind,
    ) -> BoxFuture<'a, Result<Vec<Vec<f32>>, EmbeddingError>> {
        async move {
            if self.fails {
                let why = "it is out of order".to_owned();
                return Err(EmbeddingError::Unusable { model: self.model.name.clone(), why });
            }
            self.shown.lock().unwrap().extend(texts.iter().cloned());
            Ok(texts.iter().map(|text| vector(text)).collect())
        }
        .boxed()
    }
}

fn vector(text: &str) -> Vec<f32> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let meant = MEANINGS.iter().position(|meaning| words.iter().any(|word| meaning.contains(word)));
    (0..3).map(|at| if at == meant.unwrap_or(2) { 1.0 } else { 0.0 }).collect()
}

impl House {
    pub async fn new(model: Meaning) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let store = Store::open(folder.path().join("store.db"), Clock::default()).await.unwrap();
        let config = NetConfig { allow_private: vec!["127.0.0.0/8".parse().unwrap()], ..NetConfig::default() };
        let net = aos_net::Client::new(config, Clock::default()).unwrap();
        Self::of(store, net, model, folder)
    }

    fn of(store: Store, net: aos_net::Client, model: Meaning, folder: Arc<tempfile::TempDir>) -> Self {
        let models = Models::new(store.clone(), net.clone(), ModelOptions::default());
        let base = KnowledgeBase::new(KnowledgeParts {
            store: store.clone(),
            net: net.clone(),
            embeddings: Embeddings::new(models, Some(Arc::new(model.clone()))),
            pdf: None,
            names: Names::default(),
            reranker: model.judge.clone().map(|judge| Arc::new(judge) as Arc<dyn Reranker>),
            document_bytes_max: 1 << 20,
        });
        Self { base, store, net, model, _folder: folder }
    }

    /// The same store with another model.
    pub fn with(&self, model: Meaning) -> Self {
        Self::of(self.store.clone(), self.net.clone(), model, self._folder.clone())
    }

    pub async fn tenant(&self, name: &str) -> TenantKnowledge {
        self.role(name, Role::Owner).await
    }

    #[allow(clippy::disallowed_methods)] // Tests stand in for the doors that may.
    pub async fn role(&self, name: &str, role: Role) -> TenantKnowledge {
        let tenant = self.store.system().ensure_tenant(name).await.unwrap();
        self.base.tenant(&TenantScope::establish(tenant.id, Principal::Local, role))
    }

    /// Adds a document with its vectors.
    pub async fn add(&self, knowledge: &TenantKnowledge, name: &str, text: &str) -> Uuid {
        let kept = knowledge.ingest(text.as_bytes().to_vec(), None, new(name)).await.unwrap().document;
        knowledge.embed(kept.id, |_| {}).await.unwrap();
        kept.id
    }

    /// What the model was shown.
    pub fn shown(&self) -> Vec<String> {
        self.model.shown.lock().unwrap().clone()
    }
}

pub fn new(name: &str) -> NewDocument {
    NewDocument {
        location: name.to_owned(),
        title: None,
        tags: Vec::new(),
        least_role: Role::Viewer,
        redact_pii: true,
        chunk_tokens_max: 400,
    }
}

pub fn question(text: &str) -> Question {
    Question { text: text.to_owned(), top_k: 5, tag: None, weights: Weights::default() }
}

/// Answers so many requests with one body, in Latin-1.
pub async fn serve(content_type: &str, body: &str, times: usize) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let body: Vec<u8> = body.chars().map(|c| c as u8).collect();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let serving = tokio::spawn(async move {
        for _ in 0..times {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&body).await.unwrap();
        }
    });
    (address, serving)
}
