//! Sources written on the spot, as scripts of the shell.

use aos_connectors::airbyte::{Program, Programs};
use aos_connectors::{
    AllowedRoots, Alone, Connector, Context, Error, Notes, Operator, Pages, ReadRequest, RecordPage, Secret, Secrets,
    declaration,
};
use aos_core::Clock;
use aos_net::NetConfig;
use futures_util::StreamExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A script that answers the protocol's verbs.
pub struct Script {
    pub folder: TempDir,
    pub program: Program,
    pub notes: Arc<Mutex<Vec<String>>>,
}

pub const CATALOG: &str = r#"{"type":"CATALOG","catalog":{"streams":[{"name":"deals","json_schema":{"type":"object","properties":{
    "id":{"type":"integer"},"amount":{"type":["null","number"]},"at":{"type":"string","format":"date-time"},"on":{"type":"string","format":"date"}}},
    "supported_sync_modes":["full_refresh","incremental"],"source_defined_cursor":true,"default_cursor_field":["at"],
    "source_defined_primary_key":[["id"]]},
    {"name":"notes","namespace":"crm","json_schema":{"properties":{"text":{"type":"string"}}},"supported_sync_modes":["full_refresh"]}]}}"#;

pub const CHECKED: &str = r#"{"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}"#;

impl Script {
    /// A source with the usual catalog, which does this when it is read.
    pub fn reading(body: &str) -> Self {
        Self::new(CHECKED, CATALOG, body)
    }

    pub fn new(check: &str, catalog: &str, read: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("source");
        let catalog = catalog.replace('\n', " ");
        let script = format!(
            "#!/bin/sh\nWORK={work}\ncase $1 in\nspec) echo '{{\"type\":\"SPEC\",\"spec\":{{\"connectionSpecification\":{{\"type\":\"object\"}}}}}}' ;;\n\
             check) cat <<'END'\n{check}\nEND\n;;\ndiscover) cat <<'END'\n{catalog}\nEND\n;;\nread)\n{read}\n;;\nesac\n",
            work = folder.path().display()
        );
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let program = Program::new([path.display().to_string()]);
        Self { folder, program, notes: Arc::default() }
    }

    pub fn connector(&self) -> Arc<dyn Connector> {
        connector(
            &self.program,
            serde_json::json!({"source": "script", "config": "{\"start\": \"2026-01-01\", \"deep\": {\"a\": 1}}"}),
        )
    }

    pub fn context(&self) -> Context {
        let notes = self.notes.clone();
        Context {
            secrets: Secrets::new([(
                "secret_config".to_owned(),
                Secret::new(r#"{"token": "hunter2-hunter2", "deep": {"b": "swordfish-9"}}"#),
            )]),
            notes: Notes::to(move |line| notes.lock().unwrap().push(line.to_owned())),
            ..context()
        }
    }

    pub async fn read(&self, request: ReadRequest) -> (Vec<RecordPage>, Option<Error>) {
        pages(&*self.connector(), request, &self.context()).await
    }

    pub fn notes(&self) -> String {
        self.notes.lock().unwrap().join("\n")
    }
}

pub fn connector(program: &Program, settings: serde_json::Value) -> Arc<dyn Connector> {
    let declaration = declaration("airbyte").unwrap();
    let settings = settings.as_object().unwrap().clone();
    declaration.check(&settings).unwrap();
    let programs = Programs::new([("script".to_owned(), program.clone())]);
    let operator = Operator::new(AllowedRoots::any()).with_airbyte(programs);
    (declaration.open)("crm", &settings, &operator).unwrap()
}

/// A program from PyPI, as `scripts/fetch-connectors` installs it; none where it is not, which is said.
pub fn fetched(name: &str) -> Option<Program> {
    #[allow(clippy::disallowed_methods)] // Tests are told by the environment what there is.
    let told = std::env::var_os("AOS_TEST_AIRBYTE").map(PathBuf::from);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../third_party/airbyte/bin");
    let path = told.unwrap_or(folder).join(name);
    if !path.exists() {
        eprintln!("SKIPPED: there is no {} (scripts/fetch-connectors)", path.display());
        return None;
    }
    Some(Program { memory_mb: 4096, ..Program::new([path.display().to_string()]) })
}

pub fn context() -> Context {
    let config = NetConfig { allow_private: vec!["127.0.0.0/8".parse().unwrap()], ..NetConfig::default() };
    Context {
        net: aos_net::Client::new(config, Clock::System).unwrap(),
        secrets: Secrets::default(),
        grants: None,
        pace: Arc::new(Alone::new(Clock::System)),
        cancel: CancellationToken::new(),
        clock: Clock::System,
        notes: Notes::unheard(),
    }
}

/// Every page that came, and the error that ended them.
pub async fn pages(
    connector: &dyn Connector,
    request: ReadRequest,
    context: &Context,
) -> (Vec<RecordPage>, Option<Error>) {
    let mut stream = match connector.read(request, context).await {
        Ok(Pages::Waiting(stream)) => stream,
        Ok(Pages::Blocking(_)) => panic!("pages that wait"),
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut pages = Vec::new();
    while let Some(page) = stream.next().await {
        match page {
            Ok(page) => pages.push(page),
            Err(error) => return (pages, Some(error)),
        }
    }
    (pages, None)
}

pub fn records(pages: &[RecordPage]) -> Vec<serde_json::Value> {
    pages.iter().flat_map(|page| page.batch.records.iter().map(|record| page.batch.to_json(record))).collect()
}

/// Lines of a script that write messages.
pub fn record(data: &str) -> String {
    format!("echo '{{\"type\":\"RECORD\",\"record\":{{\"stream\":\"deals\",\"data\":{data},\"emitted_at\":1}}}}'\n")
}

pub fn state(value: &str, records: u32) -> String {
    format!(
        "echo '{{\"type\":\"STATE\",\"state\":{{\"type\":\"STREAM\",\"stream\":{{\"stream_descriptor\":{{\"name\":\"deals\"}},\"stream_state\":{value}}},\"sourceStats\":{{\"recordCount\":{records}.0}}}}}}'\n"
    )
}
