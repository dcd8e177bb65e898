//! The two throw-away tenants, and what acme is given so that there is something to be found.

use crate::call::{Answer, Call, Caller};
use crate::case::{Names, Seed, filled, filled_body};
use crate::{Error, Options};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub const V1: &str = "/api/v1";
const WAIT_MAX: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);
/// How often a call is repeated that came too early for the deployment's limits, and how long is waited at most each time.
const PATIENCE: usize = 20;
const PATIENCE_S_MAX: u64 = 60;

/// Someone who signed up for the probe.
#[derive(Debug, Clone)]
pub struct Tenant {
    pub id: String,
    name: String,
    pub user: String,
    pub token: String,
    email: String,
    password: String,
}

/// Two tenants: acme has things, globex wants them.
#[derive(Debug, Clone)]
pub struct Pair {
    pub acme: Tenant,
    pub globex: Tenant,
    /// In every name of acme's.
    pub marker: String,
    pub names: Names,
    /// Why a name has no value, by name.
    pub lacking: BTreeMap<String, String>,
}

impl Pair {
    /// Signs two tenants up and gives acme its things. What cannot be given is noted.
    pub async fn make(caller: &impl Caller, seeds: &[Seed], options: &Options) -> Result<Self, Error> {
        let marker = options.marker.clone();
        let acme = Tenant::sign_up(caller, &marker).await?;
        let globex = Tenant::sign_up(caller, &format!("probe-{}", uuid::Uuid::new_v4().simple())).await?;
        let mut names = Names::from([
            ("marker".to_owned(), marker.clone()),
            ("tenant".to_owned(), acme.id.clone()),
            ("user".to_owned(), acme.user.clone()),
        ]);
        names.extend(options.folder.iter().map(|folder| ("folder".to_owned(), folder.clone())));
        let mut pair = Self { acme, globex, marker, names, lacking: BTreeMap::new() };
        for seed in seeds {
            if let Err(why) = pair.plant(caller, seed).await? {
                pair.lacking.insert(seed.name.clone(), why);
            }
        }
        Ok(pair)
    }

    /// Deletes both tenants again; returns those that could not be, each with what was answered.
    pub async fn remove(self, caller: &impl Caller) -> Result<Vec<String>, Error> {
        let mut left = Vec::new();
        for tenant in [self.acme, self.globex] {
            let body = json!({ "confirm": tenant.name });
            let call = Call::new("DELETE", format!("{V1}/tenant")).by(&tenant.token).with(Some(body));
            let answer = patiently(caller, call).await?;
            if !answer.is_fine() {
                left.push(format!("{}: {}", tenant.id, answer.shown()));
            }
        }
        Ok(left)
    }

    /// Says why a name has no value.
    pub fn lacks(&self, name: &str) -> String {
        match self.lacking.get(name) {
            Some(why) => format!("there is no {name}: {why}"),
            None if name == "folder" => {
                "no folder was named that the deployment may read; give one with --folder".to_owned()
            }
            None => format!("there is no {name}"),
        }
    }

    /// Gives acme one thing, or says why not.
    async fn plant(&mut self, caller: &impl Caller, seed: &Seed) -> Result<Result<(), String>, Error> {
        if let Some(missing) = seed.needs.iter().find(|name| !self.names.contains_key(*name)) {
            return Ok(Err(self.lacks(missing)));
        }
        let (method, path) = seed.call.split_once(' ').unwrap_or(("GET", &seed.call));
        let body = seed.body.as_ref().map(|body| filled_body(body, &self.names)).transpose();
        let (Ok(path), Ok(body)) = (filled(path, &self.names), body) else {
            return Ok(Err("it needs a name that is not known".to_owned()));
        };
        let waits_first = method == "GET";
        if waits_first && !self.wait(caller, seed).await? {
            return Ok(Err("it did not come to its end in time".to_owned()));
        }
        let call = Call::new(method, format!("{V1}{path}")).by(&self.acme.token).with(body);
        let answer = patiently(caller, call).await?;
        if !answer.is_fine() {
            return Ok(Err(answer.shown()));
        }
        if let Some(pointer) = &seed.take {
            let json = answer.json();
            let Some(found) = json.pointer(pointer).and_then(|id| id.as_str()) else {
                return Ok(Err(format!("the answer has no {pointer}: {}", answer.shown())));
            };
            self.names.insert(seed.name.clone(), found.to_owned());
        }
        if !waits_first && !self.wait(caller, seed).await? {
            self.names.remove(&seed.name);
            return Ok(Err("it did not come to its end in time".to_owned()));
        }
        Ok(Ok(()))
    }

    /// Waits for what the seed waits for; false when it does not come.
    async fn wait(&self, caller: &impl Caller, seed: &Seed) -> Result<bool, Error> {
        let Some(wait) = &seed.wait else { return Ok(true) };
        let path = filled(&wait.path, &self.names).map_err(|name| Error::Cases(format!("there is no {name}")))?;
        let begun = Instant::now();
        while begun.elapsed() < WAIT_MAX {
            let answer = patiently(caller, Call::new("GET", format!("{V1}{path}")).by(&self.acme.token)).await?.json();
            let found = answer.pointer(&wait.pointer).filter(|found| !found.is_null());
            let over = match &wait.is {
                _ if wait.gone => found.is_none(),
                Some(wanted) => found == Some(wanted),
                None => found.is_some(),
            };
            if over {
                return Ok(true);
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(false)
    }
}

impl Tenant {
    async fn sign_up(caller: &impl Caller, name: &str) -> Result<Self, Error> {
        let password = format!("probe {} throw away", uuid::Uuid::new_v4().simple());
        let email = format!("{}@probe.invalid", name.to_lowercase());
        let body = json!({ "name": name, "email": email, "password": password });
        let answer = patiently(caller, Call::new("POST", format!("{V1}/auth/register")).with(Some(body))).await?;
        let session = wanted("signing up", answer)?;
        let (id, user) = (text(&session, "/user/tenant_id")?, text(&session, "/user/id")?);
        let token = text(&session, "/access_token")?;
        Ok(Self { id, name: name.to_owned(), user, token, email, password })
    }

    /// Signs in anew, after the session was ended.
    pub async fn sign_in(&mut self, caller: &impl Caller) -> Result<(), Error> {
        let body = json!({ "email": self.email, "password": self.password });
        let answer = patiently(caller, Call::new("POST", format!("{V1}/auth/login")).with(Some(body))).await?;
        self.token = text(&wanted("signing in", answer)?, "/access_token")?;
        Ok(())
    }
}

/// Sends a call, and again when the deployment says that it came too early.
pub async fn patiently(caller: &impl Caller, call: Call) -> Result<Answer, Error> {
    let what = format!("{} {}", call.method, call.path);
    let mut tries = 0;
    loop {
        let answer = caller.call(call.clone()).await;
        let answer = answer.map_err(|source| Error::Unanswered { what: what.clone(), source })?;
        tries += 1;
        if answer.status != 429 || tries == PATIENCE {
            return Ok(answer);
        }
        let seconds = answer.retry_after_s.unwrap_or(1).clamp(1, PATIENCE_S_MAX);
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
}

fn wanted(what: &str, answer: Answer) -> Result<serde_json::Value, Error> {
    if answer.is_fine() {
        return Ok(answer.json());
    }
    Err(Error::Refused { what: what.to_owned(), status: answer.status, body: answer.shown() })
}

fn text(json: &serde_json::Value, pointer: &str) -> Result<String, Error> {
    let found = json.pointer(pointer).and_then(|found| found.as_str()).map(str::to_owned);
    found.ok_or_else(|| Error::Unexpected { what: format!("a session without {pointer}"), body: json.to_string() })
}
