//! Where a request comes from. The peer of the connection counts; what it says of others counts only when it is a proxy that the
//! operator has listed.

use crate::state::App;
use aos_net::IpNet;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address a request comes from; none where it came over something that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub Option<IpAddr>);

/// Finds out where the request comes from, and hands it on.
pub async fn locate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let address = peer.map(|peer| origin(peer, request.headers(), &app.settings.trusted_proxies));
    request.extensions_mut().insert(ClientAddress(address));
    next.run(request).await
}

impl ClientAddress {
    /// Names the caller in counters. An IPv6 caller owns a whole /64, so that is what counts.
    pub fn name(self) -> String {
        match self.0.map(|address| address.to_canonical()) {
            None => "unknown".to_owned(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).to_string(),
        }
    }
}

/// Follows `X-Forwarded-For` from its end, for as long as whoever wrote an address is trusted. The first who is not is the caller: what
/// stands before it, anyone may have written.
fn origin(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address.to_canonical()));
    let mut origin = peer;
    let values: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    for value in values.into_iter().rev() {
        let Ok(text) = value.to_str() else { return origin };
        for hop in text.rsplit(',') {
            if !is_trusted(origin) {
                return origin;
            }
            // A proxy that writes no address has told nothing.
            let Some(address) = hop_address(hop) else { return origin };
            origin = address;
        }
    }
    origin
}

/// Reads one hop: an address, or an address with its port.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn from(peer: &str, lines: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        origin(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_no_listed_proxy() {
        assert_eq!(from("203.0.113.7", &["198.51.100.1"], &[]), "203.0.113.7");
        assert_eq!(from("203.0.113.7", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.7");
    }

    #[test]
    fn a_listed_proxy_is_believed_and_what_its_caller_wrote_is_not() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(from("10.1.1.1", &["1.1.1.1, 198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(from("10.1.1.1", &["1.1.1.1", "198.51.100.1, 10.2.2.2"], &proxies), "198.51.100.1");
        assert_eq!(from("::ffff:10.1.1.1", &["198.51.100.1:4711"], &proxies), "198.51.100.1");
        assert_eq!(from("10.1.1.1", &["1.1.1.1, nonsense"], &proxies), "10.1.1.1");
        assert_eq!(from("10.1.1.1", &[], &proxies), "10.1.1.1");
    }

    #[test]
    fn callers_are_told_apart_by_what_they_own() {
        let name = |text: &str| ClientAddress(Some(text.parse().unwrap())).name();
        assert_eq!(name("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(name("2001:db8:1:2:3:4:5:6"), name("2001:db8:1:2::1"));
        assert_ne!(name("2001:db8:1:2::1"), name("2001:db8:1:3::1"));
    }
}
