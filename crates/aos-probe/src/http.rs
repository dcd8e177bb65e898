//! Every operation that a deployment describes, called by nobody and by another tenant with acme's identifiers; then SQL that tries
//! to leave the tenant.

use crate::Error;
use crate::call::{Call, Caller};
use crate::case::{Case, Cases, Expect, filled, filled_body};
use crate::report::{Outcome, Report};
use crate::seed::{Pair, V1, patiently};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The data connection layer is served with and without the API's prefix.
const SERVED_TWICE: &str = "/dcl/";
const IDLE_MAX: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);
/// A tenant that a caller claims to be, in words that some gateways believe. Nobody is to believe them here.
const CLAIMED: [&str; 2] = ["x-tenant-id", "x-forwarded-tenant"];

/// What a deployment writes down of its own tries to call somebody back, which go on while it is probed.
const TRIES: [&str; 6] = ["state", "last_at", "last_task_id", "last_error", "failures", "failing_since"];

#[derive(Debug, Clone)]
pub struct Options {
    /// In every name of acme's, so that an answer that shows any of them can be told.
    pub marker: String,
    /// A folder with tables on the deployment's machine that connections may read. Without one, what needs records is not covered.
    pub folder: Option<String>,
}

impl Options {
    /// Chooses a marker that no deployment has anywhere else.
    pub fn new(folder: Option<String>) -> Self {
        Self { marker: format!("probe{}", uuid::Uuid::new_v4().simple()), folder }
    }
}

struct Operation {
    id: String,
    method: String,
    pattern: String,
}

/// Probes a deployment over its API, and returns what was found, with the two tenants that were made for it.
pub async fn probe(caller: &impl Caller, options: &Options) -> Result<(Report, Pair), Error> {
    let cases = Cases::shipped()?;
    let operations = described(caller).await?;
    let mut pair = Pair::make(caller, &cases.seeds, options).await?;
    let mut report = Report::default();
    let before = read_all(caller, &pair, &cases.unchanged).await?;
    for operation in &operations {
        let outcome = match cases.cases.get(&operation.id) {
            Some(case) => tried(caller, &mut pair, operation, case).await?,
            None => Outcome::Broken(
                "it has no case; say in crates/aos-probe/cases.yaml what another tenant is answered".to_owned(),
            ),
        };
        report.add("operation", &operation.id, outcome);
    }
    for sql in &cases.sql {
        let outcome = match filled(sql, &pair.names) {
            Ok(sql) => asked(caller, &pair, &sql).await?,
            Err(name) => Outcome::NotCovered(pair.lacks(&name)),
        };
        report.add("sql", sql, outcome);
    }
    let after = read_all(caller, &pair, &cases.unchanged).await?;
    for ((path, before), (_, after)) in before.into_iter().zip(after) {
        report.check("unchanged", path, before == after, || format!("it was {before} and is {after}"));
    }
    Ok((report, pair))
}

/// Reads what the deployment says of itself.
async fn described(caller: &impl Caller) -> Result<Vec<Operation>, Error> {
    let api = patiently(caller, Call::new("GET", "/openapi.json")).await?;
    let mut operations = Vec::new();
    for (pattern, item) in api.json()["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let (id, method) = (id.to_owned(), method.to_uppercase());
            operations.push(Operation { id, method, pattern: pattern.clone() });
        }
    }
    if operations.is_empty() {
        return Err(Error::Unexpected { what: "GET /openapi.json".to_owned(), body: api.shown() });
    }
    Ok(operations)
}

async fn tried(caller: &impl Caller, pair: &mut Pair, operation: &Operation, case: &Case) -> Result<Outcome, Error> {
    if let Expect::Public(why) = &case.expect {
        return Ok(Outcome::Public(why.clone()));
    }
    let pattern = operation.pattern.strip_prefix(V1).unwrap_or(&operation.pattern);
    let path = filled(case.path.as_deref().unwrap_or(pattern), &pair.names);
    let body = case.body.as_ref().map(|body| filled_body(body, &pair.names)).transpose();
    let (path, body) = match (path, body) {
        (Ok(path), Ok(body)) => (path, body),
        (Err(name), _) | (_, Err(name)) => return Ok(Outcome::NotCovered(pair.lacks(&name))),
    };
    let mut prefixes = vec![V1];
    if path.starts_with(SERVED_TWICE) {
        prefixes.push("");
    }
    for prefix in prefixes {
        let call = Call::new(&operation.method, format!("{prefix}{path}")).with(body.clone());
        if let Some(why) = broken(caller, pair, case, call).await? {
            return Ok(Outcome::Broken(why));
        }
    }
    Ok(Outcome::Held)
}

/// Makes the calls of a case; says what was wrong with an answer.
async fn broken(caller: &impl Caller, pair: &mut Pair, case: &Case, call: Call) -> Result<Option<String>, Error> {
    let nobody = patiently(caller, call.clone()).await?;
    if let Expect::Ticket(code) = &case.expect {
        let held = nobody.is_problem(401, code);
        return Ok((!held).then(|| format!("without a ticket it is answered {}", nobody.shown())));
    }
    if !nobody.is_problem(401, "unauthenticated") {
        return Ok(Some(format!("someone who is not signed in is answered {}", nobody.shown())));
    }
    if let Some(why) = acme_sees_nothing(caller, pair, case, &call).await? {
        return Ok(Some(why));
    }
    if call.method != "GET" {
        idle(caller, pair).await?;
    }
    let mut foreign = call.clone().by(&pair.globex.token);
    for name in CLAIMED {
        foreign = foreign.header(name, &pair.acme.id);
    }
    let answer = patiently(caller, foreign).await?;
    if case.ends_session {
        pair.globex.sign_in(caller).await?;
    }
    let shown = || answer.shown();
    Ok(match &case.expect {
        Expect::Missing(code) => {
            (!answer.is_problem(404, code)).then(|| format!("expected 404 {code}, not {}", shown()))
        }
        Expect::Refused { status, code } => {
            (!answer.is_problem(*status, code)).then(|| format!("expected {status} {code}, not {}", shown()))
        }
        Expect::Own(statuses) if !statuses.contains(&answer.status) => {
            Some(format!("expected {statuses:?}, not {}", shown()))
        }
        Expect::Own(_) => leaked(pair, &call, &answer.body),
        Expect::Public(_) | Expect::Ticket(_) => None,
    })
}

/// Makes acme's own call, where the case says that acme must get something: otherwise the case would prove nothing.
async fn acme_sees_nothing(
    caller: &impl Caller,
    pair: &Pair,
    case: &Case,
    call: &Call,
) -> Result<Option<String>, Error> {
    let reads_its_own = matches!(case.expect, Expect::Missing(_)) && call.method == "GET";
    let shows = case.shows.as_ref().is_some_and(|seed| pair.names.contains_key(seed));
    if !shows && !reads_its_own {
        return Ok(None);
    }
    let own = patiently(caller, call.clone().by(&pair.acme.token)).await?;
    if !own.is_fine() {
        return Ok(Some(format!("its owner is answered {}, so this proves nothing", own.shown())));
    }
    let lacks = shows && !own.body.to_lowercase().contains(&pair.marker);
    Ok(lacks.then(|| format!("its owner sees nothing of its own in {}, so this proves nothing", own.shown())))
}

/// Says what of acme's an answer shows that its caller did not name.
fn leaked(pair: &Pair, call: &Call, body: &str) -> Option<String> {
    let said = format!("{} {}", call.path, call.body.as_ref().map(Value::to_string).unwrap_or_default());
    let (said, body) = (said.to_lowercase(), body.to_lowercase());
    let secret = |value: &&String| value.as_str() == pair.marker || uuid::Uuid::parse_str(value).is_ok();
    let found = pair.names.values().filter(secret).find(|value| body.contains(*value) && !said.contains(*value));
    found.map(|value| format!("the answer shows `{value}`, which is another tenant's"))
}

/// Waits until no job of globex's orchestration waits or runs: it has one at a time.
async fn idle(caller: &impl Caller, pair: &Pair) -> Result<(), Error> {
    let begun = Instant::now();
    while begun.elapsed() < IDLE_MAX {
        let status = Call::new("GET", format!("{V1}/aoa/status")).by(&pair.globex.token);
        if patiently(caller, status).await?.json()["active"].is_null() {
            return Ok(());
        }
        tokio::time::sleep(POLL).await;
    }
    Err(Error::Endless { what: "a job of the other tenant's orchestration".to_owned() })
}

async fn asked(caller: &impl Caller, pair: &Pair, sql: &str) -> Result<Outcome, Error> {
    let call = Call::new("POST", format!("{V1}/dcl/query")).by(&pair.globex.token).with(Some(json!({ "sql": sql })));
    let answer = patiently(caller, call).await?;
    let refused = (400..500).contains(&answer.status);
    Ok(if refused { Outcome::Held } else { Outcome::Broken(format!("it was answered {}", answer.shown())) })
}

async fn read_all(caller: &impl Caller, pair: &Pair, paths: &[String]) -> Result<Vec<(String, Value)>, Error> {
    let mut read = Vec::new();
    for path in paths {
        // What acme was not given cannot be changed either.
        let Ok(filled) = filled(path, &pair.names) else { continue };
        let answer = patiently(caller, Call::new("GET", format!("{V1}{filled}")).by(&pair.acme.token)).await?;
        let mut value = answer.json();
        let items = value["items"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut);
        items.for_each(|item| item.retain(|name, _| !TRIES.contains(&name.as_str())));
        read.push((path.clone(), value));
    }
    Ok(read)
}
