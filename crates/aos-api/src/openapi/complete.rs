//! What every operation answers alike, said once here instead of at every handler: problems by status, what each success means, and the
//! header that makes an unsafe call repeatable.

use super::methods;
use crate::problem::CONTENT_TYPE;
use axum::http::StatusCode;
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{OpenApi, Ref, RefOr, Required, Response, ResponseBuilder};

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
const KEY_CHARS_MAX: usize = 200;

/// A problem that many operations answer.
struct Shared {
    status: u16,
    /// When it is answered.
    when: &'static str,
    code: &'static str,
    detail: &'static str,
    next_step: &'static str,
    concerns: fn(&Call<'_>) -> bool,
}

/// An operation with how it is called.
struct Call<'a> {
    unsafe_method: bool,
    operation: &'a Operation,
}

const SHARED: [Shared; 10] = [
    Shared {
        status: 400,
        when: "The query, the path or the body cannot be read",
        code: "invalid_query",
        detail: "limit: invalid digit found in string",
        next_step: "correct the query parameters; /docs lists them",
        concerns: |call| call.takes_something(),
    },
    Shared {
        status: 401,
        when: "Nobody is signed in, or no longer",
        code: "unauthenticated",
        detail: "this needs someone who is signed in",
        next_step: "sign in at /api/v1/auth/login and send the access token as `Authorization: Bearer <token>`",
        concerns: |call| call.is_guarded(),
    },
    Shared {
        status: 403,
        when: "Whoever is signed in may not do this",
        code: "forbidden",
        detail: "the role `viewer` may not enqueue, schedule, cancel and repeat tasks (`tasks:run`); the role `member` and those above it may",
        next_step: "ask an owner or admin of your tenant to do this or to change your role",
        concerns: |call| call.is_guarded(),
    },
    Shared {
        status: 404,
        when: "There is no such thing in this tenant",
        code: "task_not_found",
        detail: "there is no such task here",
        next_step: "list the tasks at /api/v1/tasks",
        concerns: |call| call.names_something(),
    },
    Shared {
        status: 409,
        when: "Something stands in the way, or the same call is still under way",
        code: "request_in_progress",
        detail: "a request with this Idempotency-Key is still under way",
        next_step: "wait a moment and send it again",
        concerns: |call| call.unsafe_method && call.is_guarded(),
    },
    Shared {
        status: 413,
        when: "The body is too large",
        code: "body_too_large",
        detail: "the body is larger than this server accepts",
        next_step: "send less at once",
        concerns: |call| call.operation.request_body.is_some(),
    },
    Shared {
        status: 415,
        when: "The body is not JSON",
        code: "unsupported_media_type",
        detail: "the body must be JSON",
        next_step: "send the header `Content-Type: application/json`",
        concerns: |call| call.operation.request_body.is_some(),
    },
    Shared {
        status: 422,
        when: "The body can be read and not be done",
        code: "invalid_body",
        detail: "sql: missing field `sql` at line 1 column 2",
        next_step: "correct the body; /docs shows its shape",
        concerns: |call| call.operation.request_body.is_some(),
    },
    Shared {
        status: 429,
        when: "There were too many requests; `Retry-After` says when the next one is taken",
        code: "too_many_requests",
        detail: "there were too many requests",
        next_step: "wait 2 seconds, then try again",
        concerns: |_| true,
    },
    Shared {
        status: 503,
        when: "What is needed does not answer at this moment",
        code: "store_unavailable",
        detail: "the store does not answer at this moment",
        next_step: "try again in a moment",
        concerns: |_| true,
    },
];

impl Call<'_> {
    fn is_guarded(&self) -> bool {
        // A requirement keeps its schemes to itself, but for its JSON.
        let required = serde_json::to_value(&self.operation.security).unwrap_or_default();
        required.as_array().into_iter().flatten().any(|scheme| scheme.get("bearer").is_some())
    }

    fn takes_something(&self) -> bool {
        self.operation.request_body.is_some() || self.operation.parameters.as_ref().is_some_and(|own| !own.is_empty())
    }

    fn names_something(&self) -> bool {
        let in_path = |own: &RefOr<Parameter>| matches!(own, RefOr::T(own) if own.parameter_in == ParameterIn::Path);
        self.operation.parameters.iter().flatten().any(in_path)
    }
}

/// Says of every operation what all of its kind answer.
pub fn complete(openapi: &mut OpenApi) {
    let components = openapi.components.get_or_insert_default();
    for shared in &SHARED {
        components.responses.insert(name(shared.status), problem(shared).into());
    }
    open_what_others_extend(&mut components.schemas);
    for item in openapi.paths.paths.values_mut() {
        for (method, operation) in methods(item) {
            let unsafe_method = method != "get";
            let call = Call { unsafe_method, operation };
            let concerned: Vec<_> = SHARED.iter().filter(|shared| (shared.concerns)(&call)).collect();
            let repeatable = unsafe_method && call.is_guarded();
            for shared in concerned {
                let reference = RefOr::Ref(Ref::from_response_name(name(shared.status)));
                operation.responses.responses.entry(shared.status.to_string()).or_insert(reference);
            }
            if repeatable {
                offer_key(operation);
            } else if unsafe_method {
                refuse_key(operation);
            }
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response
                    && response.description.is_empty()
                {
                    response.description = in_words(status);
                }
            }
        }
    }
}

/// Lets a schema that is a part of another one have further members: a closed one refuses what the whole adds to it (JSON Schema 2020-12,
/// `additionalProperties` looks at its own schema alone). What is sent is refused all the same where it is unknown.
fn open_what_others_extend(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let parts = schemas.values().filter_map(|schema| match schema {
        RefOr::T(Schema::AllOf(whole)) => Some(&whole.items),
        _ => None,
    });
    let extended: Vec<String> = parts
        .flatten()
        .filter_map(|part| match part {
            RefOr::Ref(part) => part.ref_location.rsplit('/').next().map(str::to_owned),
            RefOr::T(_) => None,
        })
        .collect();
    for name in extended {
        if let Some(RefOr::T(Schema::Object(object))) = schemas.get_mut(&name) {
            object.additional_properties = None;
        }
    }
}

fn problem(shared: &Shared) -> Response {
    let Shared { status, when, code, detail, next_step, .. } = shared;
    let title = code.replace('_', " ");
    let title = title.chars().take(1).flat_map(char::to_uppercase).chain(title.chars().skip(1)).collect::<String>();
    let example = json!({
        "type": format!("urn:autonomos:problem:{code}"), "title": title, "status": status, "detail": detail, "code": code,
        "next_step": next_step, "instance": "/api/v1/tasks", "trace_id": "0af7651916cd43dd8448eb211c80319c",
    });
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).example(Some(example)).build();
    ResponseBuilder::new().description(*when).content(CONTENT_TYPE, content).build()
}

fn name(status: u16) -> String {
    format!("Problem{status}")
}

/// Says that an unsafe call may be made repeatable.
fn offer_key(operation: &mut Operation) {
    let own = operation.parameters.get_or_insert_default();
    let known = |own: &RefOr<Parameter>| matches!(own, RefOr::T(own) if own.name.eq_ignore_ascii_case(IDEMPOTENCY_KEY));
    if own.iter().any(known) {
        return;
    }
    let text =
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(KEY_CHARS_MAX)).build();
    let parameter = ParameterBuilder::new()
        .name(IDEMPOTENCY_KEY)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Sent again with the same body within a day, the call is not done again but answered again."))
        .schema(Some(text))
        .example(Some(json!("6f1c2d3e-0000-4000-8000-000000000000")))
        .build();
    own.push(parameter.into());
}

/// Says that an unsafe call of someone who is not signed in takes no key.
fn refuse_key(operation: &mut Operation) {
    const NOTE: &str =
        "It is not carried out under an `Idempotency-Key`: sent with one it answers 400 `idempotency_key_not_taken`.";
    let described = operation.description.take().filter(|text| !text.is_empty());
    operation.description = Some(described.map_or(NOTE.to_owned(), |text| format!("{text}\n\n{NOTE}")));
}

fn in_words(status: &str) -> String {
    let known = status.parse::<StatusCode>().ok().and_then(|status| status.canonical_reason());
    known.unwrap_or("What was asked for").to_owned()
}
