//! How badly a simulated service behaves, drawn from the seed in the order of the requests.

use crate::random::Random;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const RETRY_AFTER_S: u32 = 1;
/// A request is hindered so often in a row and then let through, whatever the dial says, so that who tries again arrives.
pub const HINDERED_IN_A_ROW_MAX: u32 = 2;
/// Of so many requests it is remembered how often they were hindered.
const REMEMBERED_MAX: usize = 10_000;

/// The dial. Each share is from 0 to 1 and counts requests or answers; the default is a service that always answers at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chaos {
    /// Added to every answer.
    pub latency: Duration,
    /// Share of requests that are answered with 429 and `Retry-After`, 500 or 503 instead, however often they are tried again.
    pub failure_share: f64,
    /// Requests refused because there are too many, in the vendor's own words.
    pub rate_limits: f64,
    /// Requests answered with 500, 502 or 503.
    pub outages: f64,
    /// Requests at which the access token that they carry expires.
    pub expired_tokens: f64,
    /// Answers that end in the middle: the connection breaks, or the text just stops.
    pub truncated_answers: f64,
    /// Pages after which the next one starts in the middle of this one.
    pub repeated_pages: f64,
    /// Pages whose records come in another order.
    pub reordered_pages: f64,
    /// Answers that come in small pieces.
    pub slow_answers: f64,
    /// Changes that become visible up to a minute after the time they are stamped with.
    pub late_commits: f64,
    /// How far the service's clock is off, as a share of five minutes; ahead or behind is the seed's choice.
    pub clock_skew: f64,
    /// What `Retry-After` says where a request is refused for the dial's sake, in seconds.
    pub retry_after_s: u32,
}

/// A name that no dial has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no dial `{name}`; there are all, failure_share, retry_after_s, {}", Chaos::KINDS.join(", "))]
pub struct UnknownDial {
    pub name: String,
}

impl Default for Chaos {
    fn default() -> Self {
        Self {
            latency: Duration::ZERO,
            failure_share: 0.0,
            rate_limits: 0.0,
            outages: 0.0,
            expired_tokens: 0.0,
            truncated_answers: 0.0,
            repeated_pages: 0.0,
            reordered_pages: 0.0,
            slow_answers: 0.0,
            late_commits: 0.0,
            clock_skew: 0.0,
            retry_after_s: RETRY_AFTER_S,
        }
    }
}

impl Chaos {
    /// The kinds of trouble a vendor can make, by the names of their dials.
    pub const KINDS: [&str; 9] = [
        "rate_limits",
        "outages",
        "expired_tokens",
        "truncated_answers",
        "repeated_pages",
        "reordered_pages",
        "slow_answers",
        "late_commits",
        "clock_skew",
    ];

    /// Everything at once, as far as it goes.
    pub fn full() -> Self {
        let mut chaos = Self::default();
        chaos.set("all", 1.0);
        chaos
    }

    /// Turns dials by their names; those that are not named are at rest. `all` turns those of the kinds that are not named.
    ///
    /// # Errors
    /// [`UnknownDial`] for a name that no dial has.
    pub fn of(dials: &BTreeMap<String, f64>) -> Result<Self, UnknownDial> {
        let mut chaos = Self::default();
        if let Some(share) = dials.get("all") {
            chaos.set("all", *share);
        }
        for (name, value) in dials.iter().filter(|(name, _)| *name != "all") {
            let known = match name.as_str() {
                "failure_share" => {
                    chaos.failure_share = *value;
                    true
                }
                "retry_after_s" => {
                    chaos.retry_after_s = *value as u32;
                    true
                }
                kind => chaos.set(kind, *value),
            };
            if !known {
                return Err(UnknownDial { name: name.clone() });
            }
        }
        Ok(chaos)
    }

    /// Turns the dial of one kind, or of `all`; whether there is such a kind.
    pub fn set(&mut self, kind: &str, share: f64) -> bool {
        match kind {
            "all" => Self::KINDS.iter().for_each(|kind| {
                self.set(kind, share);
            }),
            "rate_limits" => self.rate_limits = share,
            "outages" => self.outages = share,
            "expired_tokens" => self.expired_tokens = share,
            "truncated_answers" => self.truncated_answers = share,
            "repeated_pages" => self.repeated_pages = share,
            "reordered_pages" => self.reordered_pages = share,
            "slow_answers" => self.slow_answers = share,
            "late_commits" => self.late_commits = share,
            "clock_skew" => self.clock_skew = share,
            _ => return false,
        }
        true
    }

    /// Puts `latency` and `failure_share` before every route of a service that has no manners of its own.
    pub fn around(self, seed: u64, service: Router) -> Router {
        let random = Arc::new(Mutex::new(Random::new(seed, "chaos")));
        service.layer(middleware::from_fn_with_state(Whole { chaos: self, random }, disturb))
    }
}

#[derive(Clone)]
struct Whole {
    chaos: Chaos,
    random: Arc<Mutex<Random>>,
}

async fn disturb(State(whole): State<Whole>, request: Request, next: Next) -> Response {
    if !whole.chaos.latency.is_zero() {
        tokio::time::sleep(whole.chaos.latency).await;
    }
    let failure = {
        let mut random = whole.random.lock().unwrap_or_else(PoisonError::into_inner);
        failure(&mut random, whole.chaos.failure_share)
    };
    match failure {
        Some(StatusCode::TOO_MANY_REQUESTS) => {
            let body = axum::Json(json!({ "success": false, "message": "too many requests" }));
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, whole.chaos.retry_after_s.to_string())], body)
                .into_response()
        }
        Some(status) => (status, axum::Json(json!({ "success": false, "message": "the simulator was told to fail" })))
            .into_response(),
        None => next.run(request).await,
    }
}

fn failure(random: &mut Random, share: f64) -> Option<StatusCode> {
    let fails = random.unit() < share;
    let statuses = [StatusCode::TOO_MANY_REQUESTS, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE];
    fails.then(|| *random.pick(&statuses))
}

/// What stands in a request's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    RateLimit,
    Outage(StatusCode),
    ExpiredToken,
    /// The answer ends in the middle; whether the connection breaks with it.
    Truncation {
        breaks: bool,
    },
}

/// Draws what happens to each request.
#[derive(Debug)]
pub struct Dice {
    random: Mutex<Random>,
    /// How often each request was hindered since it last came through.
    hindered: Mutex<HashMap<String, u32>>,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { random: Mutex::new(Random::new(seed, "dice")), hindered: Mutex::default() }
    }

    fn falls(&self, share: f64) -> bool {
        share > 0.0 && self.random.lock().unwrap_or_else(PoisonError::into_inner).unit() < share
    }

    /// Says what stands in the way of a request, which is told from others by its method, address and body.
    pub fn hindrance(&self, chaos: &Chaos, request: &str, has_token: bool) -> Option<Hindrance> {
        if chaos.failure_share > 0.0 {
            let failed = failure(&mut self.random.lock().unwrap_or_else(PoisonError::into_inner), chaos.failure_share);
            match failed {
                Some(StatusCode::TOO_MANY_REQUESTS) => return Some(Hindrance::RateLimit),
                Some(status) => return Some(Hindrance::Outage(status)),
                None => {}
            }
        }
        let kinds = [
            (chaos.rate_limits, Hindrance::RateLimit),
            (chaos.outages, Hindrance::Outage(StatusCode::SERVICE_UNAVAILABLE)),
            (if has_token { chaos.expired_tokens } else { 0.0 }, Hindrance::ExpiredToken),
            (chaos.truncated_answers, Hindrance::Truncation { breaks: false }),
        ];
        let fallen: Vec<Hindrance> =
            kinds.into_iter().filter(|(share, _)| self.falls(*share)).map(|(_, kind)| kind).collect();
        let mut hindered = self.hindered.lock().unwrap_or_else(PoisonError::into_inner);
        let times = hindered.get(request).copied().unwrap_or(0);
        if fallen.is_empty() || times >= HINDERED_IN_A_ROW_MAX {
            hindered.remove(request);
            return None;
        }
        if hindered.len() >= REMEMBERED_MAX {
            hindered.clear();
        }
        hindered.insert(request.to_owned(), times + 1);
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match *random.pick(&fallen) {
            Hindrance::Outage(_) => Hindrance::Outage(*random.pick(&[
                StatusCode::INTERNAL_SERVER_ERROR,
                StatusCode::BAD_GATEWAY,
                StatusCode::SERVICE_UNAVAILABLE,
            ])),
            Hindrance::Truncation { .. } => Hindrance::Truncation { breaks: random.below(2) == 0 },
            other => other,
        })
    }

    pub fn is_slow(&self, chaos: &Chaos) -> bool {
        self.falls(chaos.slow_answers)
    }

    pub fn repeats(&self, chaos: &Chaos) -> bool {
        self.falls(chaos.repeated_pages)
    }

    pub fn reorder<T>(&self, chaos: &Chaos, page: &mut [T]) {
        if self.falls(chaos.reordered_pages) {
            self.random.lock().unwrap_or_else(PoisonError::into_inner).shuffle(page);
        }
    }

    /// How long before it becomes visible a change is stamped, in milliseconds.
    pub fn lateness_ms(&self, chaos: &Chaos) -> i64 {
        if !self.falls(chaos.late_commits) {
            return 0;
        }
        self.random.lock().unwrap_or_else(PoisonError::into_inner).below(60) as i64 * 1000
    }
}
