//! `autonomos kb`: the knowledge base from the command line, on the same store as the server.

mod print;

use crate::cli::{Cli, KbAction, KbAddArgs, KbArgs, KbSearchArgs};
use crate::compose::House;
use crate::exit;
use crate::settings::Settings;
use anyhow::Context;
use aos_ai::documents::CHUNK_TOKENS_DEFAULT;
use aos_ai::knowledge::{Embedded, KnowledgeError, NewDocument, Question, TenantKnowledge, Weights};
use aos_core::{Role, TenantScope};
use aos_store::{KnowledgeDocument, MAX_LIMIT, Page};
use print::{Added, Listed};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use uuid::Uuid;

/// Files of one folder at most; more are added by several calls.
const FILES_MAX: usize = 10_000;
const ENDINGS: [&str; 9] = ["txt", "text", "md", "markdown", "html", "htm", "pdf", "csv", "tsv"];

pub async fn run(cli: &Cli, args: &KbArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let house = House::open(&cli.data_dir()?, settings).await?;
    let scope = match args.action {
        // As for files that are connected: the first document makes the tenant.
        KbAction::Add(_) => house.local_scope(&args.tenant).await?,
        _ => house.known_scope(&args.tenant).await?,
    };
    let knowledge = house.knowledge.tenant(&scope);
    match &args.action {
        KbAction::Add(add) => add_all(&knowledge, house.knowledge.document_bytes_max(), add, args.json).await,
        KbAction::Search(search) => find(&knowledge, search, args.json).await,
        KbAction::List { tag } => list(&house, &scope, tag.as_deref(), args.json).await,
        KbAction::Remove { documents } => remove(&house, &scope, &knowledge, documents, args.json).await,
    }
}

async fn add_all(
    knowledge: &TenantKnowledge,
    bytes_max: u64,
    args: &KbAddArgs,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let mut added = Vec::new();
    for place in places(&args.documents)? {
        let outcome = add(knowledge, &place, bytes_max, args).await;
        if let Err(error) = &outcome
            && let Some(KnowledgeError::Store(_) | KnowledgeError::Embedding(_) | KnowledgeError::Stopped) =
                error.downcast_ref::<KnowledgeError>()
        {
            // It is not the document that is at fault, so the next one would fare no better.
            return outcome.map(|_| ExitCode::FAILURE);
        }
        let outcome = Added::new(place, outcome);
        if !json {
            outcome.print();
        }
        added.push(outcome);
    }
    let failed = added.iter().filter(|added| added.error.is_some()).count();
    if json {
        print::json(&added)?;
    }
    match failed {
        0 => Ok(ExitCode::SUCCESS),
        _ if failed == added.len() => Ok(ExitCode::from(exit::UNREADABLE)),
        _ => Ok(ExitCode::from(exit::INCOMPLETE)),
    }
}

async fn add(
    knowledge: &TenantKnowledge,
    place: &str,
    bytes_max: u64,
    args: &KbAddArgs,
) -> anyhow::Result<(KnowledgeDocument, bool, Embedded)> {
    let new = NewDocument {
        location: location(place)?,
        title: args.title.clone(),
        tags: args.tags.clone(),
        least_role: Role::Viewer,
        redact_pii: !args.keep_personal_data,
        chunk_tokens_max: args.chunk_tokens.unwrap_or(CHUNK_TOKENS_DEFAULT),
    };
    let ingested = if is_url(place) {
        knowledge.ingest_url(new).await?
    } else {
        let size = std::fs::metadata(place).with_context(|| format!("{place} cannot be read"))?.len();
        if size > bytes_max {
            return Err(KnowledgeError::TooLarge { limit: bytes_max }.into());
        }
        let bytes = std::fs::read(place).with_context(|| format!("{place} cannot be read"))?;
        knowledge.ingest(bytes, None, new).await?
    };
    let embedded = knowledge.embed(ingested.document.id, |_| {}).await?;
    Ok((ingested.document, ingested.changed, embedded))
}

async fn find(knowledge: &TenantKnowledge, args: &KbSearchArgs, json: bool) -> anyhow::Result<ExitCode> {
    let question = Question {
        text: args.question.clone(),
        top_k: args.top_k,
        tag: args.tag.clone(),
        weights: Weights { text: args.text_weight, vectors: args.vector_weight },
    };
    let found = knowledge.search(&question).await?;
    if json {
        print::json(&print::Answer::new(&question.text, &found))?
    } else {
        print::found(&found)
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(house: &House, scope: &TenantScope, tag: Option<&str>, json: bool) -> anyhow::Result<ExitCode> {
    let (mut documents, mut page) = (Vec::new(), Page::first(MAX_LIMIT));
    loop {
        let next = house.store.tenant(scope).list_knowledge_documents(scope.role(), tag, page).await?;
        documents.extend(next.items);
        match next.next_cursor {
            Some(cursor) => page = Page::after(cursor, MAX_LIMIT),
            None => break,
        }
    }
    let listed: Vec<Listed> = documents.into_iter().map(Listed::from).collect();
    if json {
        print::json(&listed)?
    } else {
        print::list(&listed)
    }
    Ok(ExitCode::SUCCESS)
}

async fn remove(
    house: &House,
    scope: &TenantScope,
    knowledge: &TenantKnowledge,
    documents: &[String],
    json: bool,
) -> anyhow::Result<ExitCode> {
    let mut removed = Vec::new();
    for named in documents {
        let id = match named.parse::<Uuid>() {
            Ok(id) => id,
            Err(_) => {
                let found = house.store.tenant(scope).find_knowledge_document(&location(named)?).await?;
                let found = found.with_context(|| {
                    format!("{named} is not in the knowledge base; `autonomos kb list` shows what is")
                })?;
                found.id
            }
        };
        knowledge.remove(id).await?;
        removed.push(id);
    }
    if json {
        print::json(&removed)?
    } else {
        crate::show::say!("{} removed", removed.len())
    }
    Ok(ExitCode::SUCCESS)
}

/// Names the files of folders one by one, in order.
fn places(given: &[String]) -> anyhow::Result<BTreeSet<String>> {
    let mut places = BTreeSet::new();
    for place in given {
        if is_url(place) || !Path::new(place).is_dir() {
            places.insert(place.clone());
            continue;
        }
        let mut folders = vec![PathBuf::from(place)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))? {
                let entry = entry?;
                let (path, kind) = (entry.path(), entry.file_type()?);
                let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() && ENDINGS.contains(&ending.as_str()) {
                    places.insert(path.to_string_lossy().into_owned());
                }
                anyhow::ensure!(places.len() <= FILES_MAX, "{place} has more than {FILES_MAX} files; name parts of it");
            }
        }
    }
    anyhow::ensure!(
        !places.is_empty(),
        "there is no document in {}; name files, or folders that hold some",
        given.join(", ")
    );
    Ok(places)
}

fn is_url(place: &str) -> bool {
    place.starts_with("https://") || place.starts_with("http://")
}

/// What names a document: its URL, or the whole path of its file.
fn location(place: &str) -> anyhow::Result<String> {
    if is_url(place) {
        return Ok(place.split('#').next().unwrap_or(place).to_owned());
    }
    let path = std::path::absolute(place).with_context(|| format!("{place} is no path"))?;
    Ok(format!("file://{}", path.display()))
}
