//! The description of the API, generated from the handlers. `openapi.json` at the root of the repository is this, committed.

mod complete;

pub use complete::complete;

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "AutonomOS",
        description = "Connects the systems a company runs, maps every field onto one ontology with calibrated confidence, \
                       and serves one tenant-isolated, explained picture.\n\nEvery path under `/api/v1/dcl` is also served \
                       under `/dcl`. Errors are RFC 9457 problems with a stable `code` and a `next_step`. Every response \
                       carries `X-Trace-Id`, which names the request in the logs."
    ),
    tags(
        (name = "auth", description = "Signing up, in and out; sessions; other providers"),
        (name = "members", description = "Who belongs to the tenant: members, invitations, API keys"),
        (name = "connections", description = "The connected source systems"),
        (name = "onboarding", description = "What is proposed to be connected, looked into in Safe Mode, and promoted"),
        (name = "debug", description = "For developers, where the flag DEV_DEBUG is on"),
        (name = "filesource", description = "Files as sources: what there is, and reading it again"),
        (name = "aam", description = "The mesh: how all connections do, in numbers that were measured"),
        (name = "dcl", description = "The data connection layer: connect, the picture, unified views, lineage"),
        (name = "knowledge", description = "Documents: taken in without personal data, found by words and by meaning, cited to the section"),
        (name = "models", description = "Language and embedding models: which one is asked, within which budget, what was used"),
        (name = "drift", description = "How sources have changed, what is agreed about that, and how far repairs may go"),
        (name = "reviews", description = "What waits for a person: discuss, rehearse, decide, take back"),
        (name = "tasks", description = "Background work: enqueue, follow, cancel, run again, repeat by the clock"),
        (name = "aoa", description = "The orchestration: connect, reset, production mode, discovery"),
        (name = "questions", description = "What was asked of the unified records and answered, receipts, and SQL"),
        (name = "nlp", description = "What is asked in words: personas, questions. Every path under `/api/v1/nlp` is also served under `/nlp/v1`"),
        (name = "pii", description = "Personal data in texts and records: found, taken out, brought back from tokens"),
        (name = "agents", description = "Pilots and the tenant's own agents: how far each may go, what they found, what they propose"),
        (name = "notifications", description = "Who is told about the end of tasks: Slack and callback endpoints"),
        (name = "ledger", description = "What became of every record that was read"),
        (name = "health", description = "Whether the server runs and can do its work"),
    ),
    components(schemas(crate::problem::ProblemBody<'static>, aos_mesh::drift::DriftItem)),
    security(("bearer" = [])),
    modifiers(&Bearer)
)]
pub struct ApiDoc;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        openapi.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Names every operation by its method and path, because handlers of different resources share names.
pub fn name_operations(openapi: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut openapi.paths.paths {
        let words: Vec<&str> =
            path.split(['/', '{', '}', '-']).filter(|word| !matches!(*word, "" | "api" | "v1")).collect();
        let words = words.join("_");
        for (method, operation) in methods(item) {
            operation.operation_id = Some(format!("{method}_{words}"));
        }
    }
}

/// Returns the operations of a path, each with the name of its method.
pub fn methods(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let methods = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}
