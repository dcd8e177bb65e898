//! The client: one request from the guard to the head of the answer, hop by hop.

use crate::circuit::Verdict;
use crate::config::NetConfig;
use crate::dns::GuardedNames;
use crate::error::{self, Cause, Error, Phase, Result};
use crate::guard::Guard;
use crate::host::{HostKey, HostStatus, Hosts};
use crate::request::Request;
use crate::response::{Limits, Response};
use crate::tls;
use aos_core::{Clock, TenantId, TenantScope};
use reqwest::StatusCode;
use rustls::{ClientConfig, RootCertStore};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};

/// Redirects that a reading request follows.
const REDIRECTS_MAX: usize = 5;

/// The one way out. Cloning it is cheap and gives the same client.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    /// Whose calls these are; the operator's own without it.
    tenant: Option<TenantId>,
}

struct Shared {
    http: reqwest::Client,
    guard: Guard,
    hosts: Hosts,
    authorities: RootCertStore,
    tls: Arc<ClientConfig>,
    config: NetConfig,
    clock: Clock,
}

impl Client {
    /// Reads the system's trusted certificates; call it once, at start.
    ///
    /// # Errors
    /// [`Error::Setup`] when the certificates of the configuration cannot be read.
    pub fn new(config: NetConfig, clock: Clock) -> Result<Self> {
        let guard = Guard::new(&config);
        let authorities = tls::authorities(config.trusted_certificates.as_deref())?;
        let tls = tls::client_config(authorities.clone())?;
        #[allow(clippy::disallowed_methods)] // The one place that makes an HTTP client.
        let http = reqwest::Client::builder()
            .dns_resolver(GuardedNames(guard.clone()))
            .tls_backend_preconfigured(tls.clone())
            // A proxy would look names up itself; redirects are followed here, where every hop is judged.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .http1_only()
            .connect_timeout(config.connect_timeout)
            .pool_max_idle_per_host(config.concurrent_per_host)
            .user_agent(&config.user_agent)
            .build()
            .map_err(|error| Error::Setup { source: Cause::of(&error) })?;
        let hosts = Hosts::new(&config);
        let shared = Shared { http, guard, hosts, authorities, tls: Arc::new(tls), config, clock };
        Ok(Self { shared: Arc::new(shared), tenant: None })
    }

    /// Returns a client for one tenant's calls, with budgets and circuits of its own.
    pub fn tenant(&self, scope: &TenantScope) -> Self {
        Self { shared: self.shared.clone(), tenant: Some(scope.tenant_id()) }
    }

    /// Returns the guard, for drivers that bring their own protocol and connect by themselves.
    pub fn guard(&self) -> &Guard {
        &self.shared.guard
    }

    /// Returns how TLS is spoken, for drivers that connect by themselves: with the authorities that this client trusts, or with those in
    /// `authority` (PEM) alone.
    ///
    /// # Errors
    /// [`Error::Setup`] when `authority` cannot be read.
    pub fn tls_config(&self, authority: Option<&[u8]>) -> Result<Arc<ClientConfig>> {
        match authority {
            None => Ok(self.shared.tls.clone()),
            Some(pem) => Ok(Arc::new(tls::client_config(tls::only(pem)?)?)),
        }
    }

    /// Returns the authorities of `tls_config`, for drivers that judge certificates in their own way.
    ///
    /// # Errors
    /// As `tls_config`.
    pub fn tls_authorities(&self, authority: Option<&[u8]>) -> Result<RootCertStore> {
        authority.map_or_else(|| Ok(self.shared.authorities.clone()), tls::only)
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Returns the hosts that this client's tenant called lately, by name.
    pub fn hosts(&self) -> Vec<HostStatus> {
        self.shared.hosts.statuses(self.tenant)
    }

    /// Counts the circuits, of all tenants, that are not closed.
    pub fn open_circuits(&self) -> usize {
        self.shared.hosts.open_circuits()
    }

    /// Sends a request and returns the answer's head, whatever its status. GET and HEAD follow up to five redirects, each judged
    /// like the first address; the headers of the request stay with the host they were meant for.
    ///
    /// # Errors
    /// All but [`Error::Status`], [`Error::TooLarge`] and [`Error::Decode`].
    pub async fn send(&self, mut request: Request) -> Result<Response> {
        let started = Instant::now();
        let deadline = started + request.total_timeout.unwrap_or(self.shared.config.total_timeout);
        for _ in 0..=REDIRECTS_MAX {
            let response = self.exchange(&request, started, deadline).await?;
            match request.redirection(response.status(), response.headers()) {
                None => return Ok(response),
                Some(target) => request.follow(target?),
            }
        }
        Err(request.stray("it leads on too often"))
    }

    /// Sends a request and returns the answer when its status is 2xx.
    ///
    /// # Errors
    /// As `send`, and [`Error::Status`].
    pub async fn fetch(&self, request: Request) -> Result<Response> {
        self.send(request).await?.accepted().await
    }

    /// Reads a JSON document.
    ///
    /// # Errors
    /// Any.
    pub async fn get_json<T: DeserializeOwned>(&self, url: &str) -> Result<T> {
        self.send_json(Request::get(url)?).await
    }

    /// Sends a request and reads the answer as JSON.
    ///
    /// # Errors
    /// Any.
    pub async fn send_json<T: DeserializeOwned>(&self, request: Request) -> Result<T> {
        self.fetch(request.header("accept", "application/json")?).await?.json().await
    }

    async fn exchange(&self, request: &Request, started: Instant, deadline: Instant) -> Result<Response> {
        let Shared { http, guard, hosts, config, clock, .. } = &*self.shared;
        guard.check_url(&request.url)?;
        let origin = request.origin();
        let mut pass = hosts.host(HostKey { tenant: self.tenant, origin: origin.clone() }).enter(deadline).await?;

        let mut sent = reqwest::Request::new(request.method.clone(), request.url.clone());
        *sent.headers_mut() = request.headers.clone();
        if !request.body.is_empty() {
            *sent.body_mut() = Some(request.body.clone().into());
        }
        let asked = Instant::now();
        let respond_by = asked + request.response_timeout.unwrap_or(config.response_timeout);
        let answer = match timeout_at(respond_by.min(deadline), http.execute(sent)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                let error = error::before_answer(&origin, request.host(), Instant::now() - asked, &error);
                let ours = matches!(error, Error::Blocked { .. } | Error::Request(_));
                pass.conclude(if ours { Verdict::Nothing } else { Verdict::Failed });
                return Err(error);
            }
            Err(_) => {
                pass.conclude(Verdict::Failed);
                let total = deadline <= respond_by;
                let (phase, since) = if total { (Phase::Total, started) } else { (Phase::Response, asked) };
                return Err(Error::Timeout { origin, phase, waited: Instant::now() - since });
            }
        };
        if is_trouble(answer.status()) {
            pass.conclude(Verdict::Failed);
        } else {
            pass.answered();
            pass.conclude(Verdict::Worked);
        }
        let body_bytes_max = request.body_bytes_max.unwrap_or(config.body_bytes_max);
        let limits = Limits { started, deadline, idle: config.idle_timeout, body_bytes_max };
        Ok(Response { answer, origin, secrets: request.secrets(), limits, received: 0, at: clock.now(), pass })
    }
}

/// Whether a status says that the host is in trouble, and not that it dislikes this request. 501 and 505 are a clear "no".
fn is_trouble(status: StatusCode) -> bool {
    status.is_server_error() && !matches!(status.as_u16(), 501 | 505)
}
