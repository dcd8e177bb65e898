//! A simulated vendor that listens on this machine, and the handle by which a test knows the truth and changes it.

use crate::account::{Change, ChangeError};
use crate::chaos::Chaos;
use crate::control;
use crate::drift::{Drift, DriftError};
use crate::tls::{Authority, TlsListener};
use crate::vendor::Vendor;
use crate::world::{Options, World};
use axum::Router;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the simulator cannot listen; choose another port")]
    Listen(#[from] std::io::Error),
    #[error("no certificate can be made for the simulator")]
    Certificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the drift does not fit the account")]
    Drift(#[from] DriftError),
}

/// A vendor and everything it knows, ready to be served.
pub struct Simulator {
    world: Arc<World>,
    router: Router,
    authority: Option<Authority>,
}

impl Simulator {
    pub fn new(vendor: Vendor, options: &Options) -> Result<Self, Error> {
        let world = Arc::new(World::new(vendor.account(options.seed, options.size), options)?);
        let mut router = vendor.router(world.clone());
        if options.control {
            router = router.merge(control::router(vendor, world.clone()));
        }
        let authority = if options.tls { Some(Authority::new().map_err(Error::Certificate)?) } else { None };
        Ok(Self { world, router, authority })
    }

    /// The certificate of the authority that callers must trust, as PEM, when TLS is spoken.
    pub fn authority_pem(&self) -> Option<&str> {
        self.authority.as_ref().map(Authority::pem)
    }

    /// Serves until `stop` comes.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Error> {
        match self.authority {
            Some(authority) => {
                let listener = TlsListener::new(listener, &authority).map_err(Error::Certificate)?;
                axum::serve(listener, self.router).with_graceful_shutdown(stop).await?;
            }
            None => axum::serve(listener, self.router).with_graceful_shutdown(stop).await?,
        }
        Ok(())
    }

    /// Starts it on a free port of 127.0.0.1, in the background, until the handle is dropped.
    pub async fn start(vendor: Vendor, options: &Options) -> Result<Running, Error> {
        let simulator = Self::new(vendor, options)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let scheme = if options.tls { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr()?);
        let (world, authority) = (simulator.world.clone(), simulator.authority_pem().map(str::to_owned));
        let task = tokio::spawn(async move {
            // It can fail when nobody can be accepted any more; callers see that for themselves.
            drop(simulator.serve(listener, std::future::pending()).await);
        });
        Ok(Running { vendor, url, world, authority, task })
    }
}

/// Which records the truth is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Living,
    Deleted,
}

/// A simulator that runs in the background.
pub struct Running {
    vendor: Vendor,
    url: String,
    world: Arc<World>,
    authority: Option<String>,
    task: JoinHandle<()>,
}

impl Running {
    pub fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn authority_pem(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// The names of the streams, as the vendor's API has them.
    pub fn streams(&self) -> Vec<String> {
        self.world.account().tables().map(|table| table.stream.name.clone()).collect()
    }

    /// Yields every record of a stream in the order of ids, each as the JSON text in which the vendor gives it, with all its fields.
    pub fn truth(&self, stream: &str, which: Which) -> impl Iterator<Item = String> + use<> {
        truth(self.vendor, &self.world, stream, which)
    }

    /// Counts the records of a stream.
    pub fn count(&self, stream: &str, which: Which) -> u64 {
        let account = self.world.account();
        let Some(table) = account.table(stream) else { return 0 };
        let wanted = |row: &u64| table.meta(*row).is_some_and(|meta| meta.deleted == (which == Which::Deleted));
        table.by_id(None).filter(wanted).count() as u64
    }

    /// Applies a change and returns the rows it met.
    pub fn change(&self, change: &Change) -> Result<Vec<u64>, ChangeError> {
        self.world.change(change, 0)
    }

    /// Applies a change that is stamped earlier than it becomes visible.
    pub fn change_late(&self, change: &Change, ago_ms: i64) -> Result<Vec<u64>, ChangeError> {
        self.world.change(change, ago_ms)
    }

    /// Applies a change once so many requests were answered, counted from the start.
    pub fn change_after(&self, requests: u64, change: Change) {
        self.world.change_after(requests, change);
    }

    pub fn drift(&self, drift: &Drift) -> Result<(), DriftError> {
        self.world.drift(drift)
    }

    pub fn set_chaos(&self, chaos: Chaos) {
        self.world.set_chaos(chaos);
    }

    /// How many requests each endpoint was asked, refused ones too; `/_simulator` is not counted.
    pub fn requests(&self) -> BTreeMap<String, u64> {
        self.world.requests()
    }

    pub fn forget_requests(&self) {
        self.world.forget_requests();
    }

    /// How many access tokens were granted.
    pub fn tokens_granted(&self) -> u64 {
        self.world.auth.granted()
    }

    pub fn expire_tokens(&self) {
        self.world.auth.expire_all();
    }

    /// Takes the consent back: no token is good, and no refresh works any more.
    pub fn revoke_grant(&self) {
        self.world.auth.revoke();
    }

    /// Whether the consent was taken back, or given back by whoever had it.
    pub fn is_grant_revoked(&self) -> bool {
        self.world.auth.is_revoked()
    }

    /// Takes a stream out of what the consent covers.
    pub fn forbid(&self, stream: &str) {
        self.world.forbid(stream);
    }

    /// Uses up what the vendor still allows, of every limit that a call has met.
    pub fn exhaust_limits(&self) {
        self.world.limits.exhaust(self.world.clock.now_ms());
    }

    pub fn now_ms(&self) -> i64 {
        self.world.clock.now_ms()
    }

    pub fn advance_ms(&self, ms: i64) {
        self.world.clock.advance_ms(ms);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn truth(
    vendor: Vendor,
    world: &Arc<World>,
    stream: &str,
    which: Which,
) -> impl Iterator<Item = String> + use<> {
    let rows: Vec<u64> = world.account().table(stream).map(|table| table.by_id(None).collect()).unwrap_or_default();
    let (world, stream) = (world.clone(), stream.to_owned());
    rows.into_iter().filter_map(move |row| {
        let account = world.account();
        let table = account.table(&stream)?;
        let meta = table.meta(row).filter(|meta| meta.deleted == (which == Which::Deleted))?;
        Some(vendor.record(&table, row, &meta))
    })
}
