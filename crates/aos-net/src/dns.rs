//! From a name to addresses. What comes out of here has passed the guard; nobody looks a name up a second time to connect.

use crate::guard::{Guard, Refusal};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Lookups that run at the same time. The system's resolver blocks a thread for seconds when a name server is silent; slow names
/// must not take all threads of the process.
const LOOKUPS_MAX: usize = 32;
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 16;

type Lookup = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// Who says which addresses a name has.
#[derive(Clone)]
pub enum Names {
    /// The operating system, as for every other program on the machine.
    System(Arc<Semaphore>),
    /// A function of the name, so that tests can say what a name means today.
    Function(Arc<Lookup>),
}

impl Default for Names {
    fn default() -> Self {
        Self::System(Arc::new(Semaphore::new(LOOKUPS_MAX)))
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::System(_) => "System",
            Self::Function(_) => "Function",
        })
    }
}

impl Names {
    pub fn function(lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        Self::Function(Arc::new(lookup))
    }

    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match self {
            Self::Function(lookup) => lookup(name),
            Self::System(places) => {
                let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
                let name = name.to_owned();
                // A task of its own: when the caller gives up, the place stays taken for as long as the thread is.
                let found = tokio::spawn(async move {
                    let _place = place;
                    #[allow(clippy::disallowed_methods)] // The one place that looks names up.
                    let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
                    Ok(found.map(|address| address.ip()).take(ADDRESSES_MAX).collect())
                });
                found.await.map_err(io::Error::other)?
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum LookupError {
    #[error("every address of the name is refused")]
    Refused { address: IpAddr, why: Refusal },
    #[error("the name has no address")]
    NoAddress,
    #[error("the lookup failed")]
    Failed(#[source] io::Error),
}

/// Returns the addresses of a name that may be connected to; an error when none is left.
pub(crate) async fn permitted(guard: &Guard, name: &str) -> Result<Vec<IpAddr>, LookupError> {
    let found = guard.names().addresses(name).await.map_err(LookupError::Failed)?;
    let mut refused = None;
    let mut permitted = Vec::with_capacity(found.len());
    for address in found.into_iter().take(ADDRESSES_MAX) {
        match guard.check_address(address) {
            Ok(()) => permitted.push(address),
            Err(why) => {
                refused.get_or_insert((address, why));
            }
        }
    }
    match refused {
        Some((address, why)) if permitted.is_empty() => Err(LookupError::Refused { address, why }),
        None if permitted.is_empty() => Err(LookupError::NoAddress),
        _ => Ok(permitted),
    }
}

/// Stands between the HTTP library and the name service: it connects to what it gets from here.
pub(crate) struct GuardedNames(pub Guard);

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let addresses = permitted(&guard, name.as_str()).await?;
            // Port 0: the library puts the port of the URL there.
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
