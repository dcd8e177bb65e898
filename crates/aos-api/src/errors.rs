//! How the errors of the layers below become problems: by what the caller can do about them. What the caller can do nothing about is
//! logged and answered without its cause.

mod agents;

use crate::problem::Problem;
use aos_core::kind::AOA;
use aos_dcl::engine;
use axum::http::StatusCode;

impl From<aos_store::Error> for Problem {
    fn from(error: aos_store::Error) -> Self {
        use aos_store::{Error, Resource};
        match error {
            Error::NotFound(resource) => {
                let noun = match resource {
                    Resource::Tenant(_) => "tenant",
                    Resource::User(_) => "user",
                    Resource::Connection(_) => "connection",
                    Resource::Stream(_) => "stream",
                    Resource::Run(_) => "run",
                    Resource::ConnectRun(_) => "connect_run",
                    Resource::Task(_) => "task",
                    Resource::Schedule(_) => "schedule",
                    Resource::CallbackEndpoint(_) => "callback_endpoint",
                    Resource::HeldRead(_) => "held_read",
                    Resource::Session(_) => "session",
                    Resource::Program(_) => "program",
                    Resource::ApiKey(_) => "api_key",
                    Resource::Invitation(_) => "invitation",
                    Resource::PasswordReset(_) => "password_reset",
                    Resource::Intent(_) => "intent",
                    Resource::Remap(_) => "remap",
                    Resource::Review(_) => "review",
                    Resource::Ruling(_) => "ruling",
                    Resource::Question(_) => "question",
                    Resource::KnowledgeDocument(_) => "document",
                    Resource::Agent(_) => "agent",
                    Resource::Finding(_) => "finding",
                    Resource::Proposal(_) => "proposal",
                };
                Self::missing(noun)
            }
            Error::Conflict { kind: "member", .. } => Self::conflict(
                "member_exists",
                "someone with this e-mail address belongs to this tenant already",
                "invite another address",
            ),
            Error::SafeMode { name } => safe_mode(&name),
            Error::Conflict { kind, name } => Self::conflict(
                "name_taken",
                format!("a {kind} named `{name}` exists already"),
                "choose another name, or use the one there is",
            ),
            Error::EmailTaken => Self::conflict(
                "email_taken",
                "this e-mail address is registered already",
                "sign in with it, or use another address",
            ),
            Error::IdentityTaken => Self::conflict(
                "identity_taken",
                "this sign-in of the provider belongs to another account already",
                "sign in through the provider, or link another sign-in",
            ),
            Error::LastOwner => {
                Self::conflict("last_owner", "this is the tenant's last owner", "make someone else an owner first")
            }
            Error::NotAllowed(decision) => Self::forbidden(&decision.to_string()),
            Error::Stale { what } => stale(&format!("{what} was changed meanwhile")),
            Error::ReviewDecided { state, .. } => Self::conflict(
                "review_decided",
                format!("the item is {state} already"),
                "only an open item can be decided, and only an approved one undone; GET it to see what came of it",
            ),
            Error::MappingChanged { .. } => stale("the mapping was changed meanwhile"),
            Error::TooMany { what, limit } => Self::conflict(
                "too_many",
                format!("there are {limit} {what} already, which is the limit"),
                "remove some that are not needed any more",
            ),
            Error::BadCursor => bad_cursor(),
            Error::TooLarge { what, size, limit } => Self::unprocessable(
                "too_large",
                format!("{what} is {size} long; the limit is {limit}"),
                "shorten it and try again",
            ),
            Error::InvalidTask(error) => error.into(),
            Error::TaskActive { name, task } if name == AOA => Self::conflict(
                "aoa_busy",
                "a job of this tenant's orchestration waits or runs already",
                "wait for its end, which `task` shows, or cancel it with DELETE on its address",
            )
            .with_task(task),
            Error::TaskActive { name, task } => Self::conflict(
                "task_active",
                format!("`{name}` is held by a task that has not ended"),
                "wait for its end, which `task` shows, or cancel it with DELETE on its address",
            )
            .with_task(task),
            Error::KeyReused { .. } => Self::unprocessable(
                "idempotency_key_reused",
                "this Idempotency-Key was sent with another task within the last day",
                "send a new key for a new task, or the same task with this key",
            ),
            Error::NotReplayable { state } => Self::conflict(
                "task_not_replayable",
                format!("only a task that failed or was canceled is run again; this one is {}", state.as_str()),
                "enqueue a new task instead",
            ),
            Error::BadSchedule(why) => {
                let (detail, next_step) =
                    why.split_once("; ").unwrap_or((&why, "correct the schedule; /docs has an example"));
                Self::unprocessable("invalid_schedule", detail, next_step.to_owned())
            }
            Error::NoText => Self::unprocessable(
                "no_text",
                "a text contains the character U+0000",
                "leave the character out and try again",
            ),
            Error::Unavailable(_) | Error::TooManyConnections(_) | Error::Full(_) => {
                Self::log_internal(&error);
                Self::unavailable("store_unavailable", "the store does not answer at this moment")
            }
            Error::Contended(_) => {
                Self::log_internal(&error);
                Self::unavailable("store_contended", "another change was in the way; nothing of this one was kept")
            }
            other => Self::log_internal(&other),
        }
    }
}

impl From<aos_core::task::InvalidTask> for Problem {
    fn from(error: aos_core::task::InvalidTask) -> Self {
        let said = error.to_string();
        let (detail, next_step) = said.split_once("; ").unwrap_or((&said, "correct the task; /docs shows its shape"));
        Self::unprocessable("invalid_task", detail, next_step.to_owned())
    }
}

impl From<aos_core::kind::Error> for Problem {
    fn from(error: aos_core::kind::Error) -> Self {
        use aos_core::kind::Error;
        let said = error.to_string();
        match error {
            Error::Unknown { .. } | Error::Internal { .. } => {
                let (detail, next_step) = said.split_once("; ").unwrap_or((&said, "use another kind"));
                Self::unprocessable("unknown_task_kind", detail, next_step.to_owned())
            }
            Error::Payload { .. } => {
                Self::unprocessable("invalid_payload", said, "correct the payload; /docs says what each kind takes")
            }
        }
    }
}

impl From<aos_dcl::Error> for Problem {
    fn from(error: aos_dcl::Error) -> Self {
        use aos_dcl::Error;
        match error {
            Error::NotFound(noun) => Self::missing(noun),
            Error::NameTaken { name } => Self::conflict(
                "name_taken",
                format!("a connection named `{name}` exists already"),
                "choose another name, or use the connection there is",
            ),
            Error::FilesOff => Self::conflict(
                "filesource_off",
                "files are not read as sources for this tenant",
                "switch the flag FEATURE_USE_FILESOURCE on with PUT /api/v1/flags/FEATURE_USE_FILESOURCE",
            ),
            Error::NoSamples => Self::new(
                StatusCode::NOT_FOUND,
                "samples_off",
                "this installation offers no samples",
                "connect a source of your own, or let the operator set samples = true under [sources]",
            ),
            Error::Paused { name } => Self::conflict(
                "connection_paused",
                format!("the connection `{name}` is paused"),
                "resume it with POST on its /resume, then read it",
            ),
            Error::SafeMode { name } => safe_mode(&name),
            Error::IntentState { is, wanted, done } => Self::conflict(
                "intent_state",
                format!("the intent is {is}; only one that is {wanted} can be {done}"),
                "GET the intent to see how far it has come",
            ),
            Error::Intent(why) => {
                let (detail, next_step) =
                    why.split_once("; ").unwrap_or((&why, "correct the intent; /docs shows its shape"));
                Self::unprocessable("invalid_intent", detail, next_step.to_owned())
            }
            Error::MappingFile(why) => Self::unprocessable(
                "invalid_mapping",
                why,
                "correct the file; GET on the same address writes one that is right",
            ),
            Error::Mesh(aos_mesh::Error::UnknownConnector(name)) => Self::unprocessable(
                "unknown_connector",
                format!("there is no connector named `{name}`"),
                "use one of GET /api/v1/connectors",
            ),
            Error::Contract(why) => {
                Self::unprocessable("invalid_contract", why, "correct the rules; /docs shows their form")
            }
            Error::DriftPolicy(why) => {
                Self::unprocessable("invalid_drift_policy", why, "correct it; GET on the same address shows what holds")
            }
            Error::Mesh(aos_mesh::Error::Edit(aos_drift::EditError::Stale { entity, field })) => {
                stale(&format!("the rule of `{entity}.{field}` is not as it was when this was proposed"))
            }
            Error::Mesh(aos_mesh::Error::Edit(error)) => {
                Self::unprocessable("invalid_edit", error.to_string(), "correct the edits, or approve a candidate")
            }
            Error::Mesh(aos_mesh::Error::Mapping(error)) => {
                Self::unprocessable("invalid_mapping", error.to_string(), "correct the rules")
            }
            Error::Mesh(aos_mesh::Error::NothingToApply) => Self::conflict(
                "nothing_to_apply",
                "no rule is known that would repair this, or nothing follows from it that could be undone",
                "give `edits` of your own, or `accept` what is seen",
            ),
            Error::Mesh(aos_mesh::Error::NotAllowed(autonomy)) => Self::conflict(
                "repairs_off",
                format!("the drift policy of this tenant is `{autonomy}`: repairs are not applied"),
                "set `autonomy` to `approve_to_act` or `auto` with PUT /api/v1/drift/policy",
            ),
            Error::Mesh(aos_mesh::Error::Stopped) => {
                Self::unavailable("stopped", "the work was stopped before it finished")
            }
            Error::TooLate => Self::conflict(
                "choice_too_late",
                "nobody waits for this choice any more",
                "see at /api/v1/dcl/memory/checks what was done; the operator sets how long a run waits",
            ),
            Error::ConnectRunning => Self::conflict(
                "connect_running",
                "a connect of this tenant is still running",
                "wait for it to finish; /api/v1/aoa/status shows it",
            ),
            Error::PathNotAllowed { path } => path_not_allowed(&path),
            Error::UnknownEntity { entity, known } => Self::new(
                StatusCode::NOT_FOUND,
                "unknown_entity",
                format!("there is no entity `{entity}`"),
                format!("use one of {known}"),
            ),
            Error::UnknownAgent { agent, known } => Self::unprocessable(
                "unknown_agent",
                format!("there is no agent `{agent}`"),
                format!("use one of {known}"),
            ),
            Error::Engine(error) => error.into(),
            Error::Source(error) | Error::Mesh(aos_mesh::Error::Source(error)) => source(&error),
            Error::Store(error) | Error::Mesh(aos_mesh::Error::Store(error)) => error.into(),
            Error::Ontology(error) => {
                Self::unprocessable("ontology_unsound", error.to_string(), "correct the ontology's extension")
            }
            Error::Stopped => Self::unavailable("stopped", "the work was stopped before it finished"),
            other => Self::log_internal(&other),
        }
    }
}

impl From<engine::Error> for Problem {
    fn from(error: engine::Error) -> Self {
        use engine::Error;
        // The engine's messages are written for whoever asked; only what they name differs.
        let said = error.to_string();
        match error {
            Error::UnknownEntity { entity, known } => Self::new(
                StatusCode::NOT_FOUND,
                "unknown_entity",
                format!("there is no entity `{entity}`"),
                format!("use one of {known}"),
            ),
            Error::UnknownField { entity, field, known } => Self::bad_request(
                "unknown_field",
                format!("{entity} has no field `{field}`"),
                format!("use one of {known}"),
            ),
            Error::Masked { .. } => Self::new(
                StatusCode::FORBIDDEN,
                "field_masked",
                said,
                "leave the field out, or ask an owner or admin of your tenant for the permission `personal:read`",
            ),
            Error::UnknownOperator { .. } => {
                Self::bad_request("bad_filter", said, "write filters as field:operator:value, for example stage:eq:Won")
            }
            Error::BadValue { hint, .. } => Self::bad_request("bad_filter", said, hint),
            Error::BadCursor => bad_cursor(),
            Error::Refused { reason, .. } => Self::bad_request(
                "query_refused",
                reason,
                "write one SELECT over the tenant's entities; see /docs for an example",
            ),
            Error::Failed { message } => Self::bad_request("query_failed", message, "correct the query"),
            Error::TimedOut { .. } => Self::unprocessable("query_timeout", said, "narrow the query or aggregate more"),
            Error::TooBig => Self::unprocessable("query_too_big", said, "narrow the query or aggregate more"),
            other => Self::log_internal(&other),
        }
    }
}

impl Problem {
    /// Answers for a thing that this tenant does not have.
    pub fn missing(noun: &str) -> Self {
        let next_step = match noun {
            "connection" => "list the connections at /api/v1/connections",
            "connect_run" => "start a connect with POST /api/v1/dcl/connect",
            "sample" => "list what there is to try with at /api/v1/samples",
            "task" => "list the tasks at /api/v1/tasks; ended ones are kept for a time that the operator sets",
            "schedule" => "list the schedules at /api/v1/tasks/schedules",
            "user" => "list the members at /api/v1/members",
            "session" => "list your sessions at /api/v1/auth/sessions",
            "api_key" => "list the keys at /api/v1/api-keys",
            "invitation" => {
                "list the invitations at /api/v1/invitations; one that was accepted is no invitation any more"
            }
            "callback_endpoint" => "list the endpoints at /api/v1/callbacks",
            "intent" => "list the intents at /api/v1/aam/intents",
            "service_principal" => "list the service principals at /api/v1/service-principals",
            "grant" => "let the account's owner give leave: POST /api/v1/connections/{id}/consent",
            "agent" => "list the agents at /api/v1/agents",
            "finding" => "list the findings at /api/v1/agents/findings",
            "proposal" => "list the proposals at /api/v1/agents/proposals",
            "receipt" => "list the questions at /api/v1/questions; an answered one has a receipt",
            "question" => "list the questions at /api/v1/questions",
            "document" => "list the documents at /api/v1/kb/documents",
            "ruling" => "list the rulings at /api/v1/dcl/unify/rulings",
            "golden_record" => {
                "list the golden records at /api/v1/dcl/golden/{entity}; POST /api/v1/dcl/unify/run makes them"
            }
            "review" => "list the review queue at /api/v1/reviews",
            "memory" => "list what is remembered at /api/v1/dcl/memory",
            "mapping_check" => "list the checks at /api/v1/dcl/memory/checks",
            "stream" => "the streams of a connection are known once it was read; GET it with its runs",
            "record" => "list the records at /api/v1/dcl/views/{entity}",
            "node" => "use the id of a node of /api/v1/dcl/state",
            "field" => "list the fields at /api/v1/dcl/ontology_schema",
            _ => "check the identifier; lists return the ones there are",
        };
        Self::not_found(noun, next_step)
    }
}

fn source(error: &aos_connectors::Error) -> Problem {
    use aos_connectors::Error;
    let message = error.to_string();
    let (said, next_step) = aos_connectors::with_next_step(&message);
    let next_step = next_step.unwrap_or("correct the source and check it again").to_owned();
    let said = said.to_owned();
    match error {
        Error::OutsideAllowedRoot { path } => path_not_allowed(&path.display().to_string()),
        Error::Credentials { .. } => Problem::unprocessable(
            "invalid_credentials",
            error.to_string(),
            "give the secret itself, or say where it is kept: env:NAME, vault:PATH#FIELD, consent: or sp:NAME",
        ),
        Error::Config { .. } => Problem::unprocessable(
            "invalid_settings",
            error.to_string(),
            "correct the setting; GET /api/v1/connectors says what each connector takes",
        ),
        other => {
            Problem::unprocessable("source_unreadable", said, next_step).with_code(format!("source_{}", other.code()))
        }
    }
}

/// Repeats only what the caller sent: where the allowed folders are is the operator's business.
fn path_not_allowed(path: &str) -> Problem {
    Problem::unprocessable(
        "path_not_allowed",
        format!("{path} lies outside the folders that may be read"),
        "move the files into a folder that is allowed, or let the operator allow this one",
    )
}

fn safe_mode(name: &str) -> Problem {
    Problem::conflict(
        "connection_in_safe_mode",
        format!("the connection `{name}` is in Safe Mode: nothing but a sample is read of it"),
        "promote its intent with POST /api/v1/aam/intents/{id}/promote",
    )
}

fn stale(what: &str) -> Problem {
    Problem::conflict("stale", what.to_owned(), "look at it again, then decide")
}

fn bad_cursor() -> Problem {
    Problem::bad_request(
        "bad_cursor",
        "the cursor is not one that this list gave out",
        "leave `cursor` out to start at the first page",
    )
}
