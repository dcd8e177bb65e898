//! Which addresses may be reached.

use crate::server::{Server, answer};
use crate::{allowing, client, loopback};
use aos_net::{AddressKind, Error, Guard, IpNet, Names, NetConfig, Refusal, Request};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

fn guard(config: NetConfig) -> Guard {
    Guard::new(&config)
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_private_address_is_refused_in_every_spelling() {
    let server = Server::answering(|_| answer(200, "", "secret")).await;
    let client = client(NetConfig::default());
    let spellings = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "017700000001",
        "0x7f.0.0.1",
        "0x7f000001",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "127。0。0。1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "0.0.0.0",
        "0",
        "[::]",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.1.1",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "168.63.129.16",
        "192.0.0.192",
        "100.100.100.200",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[fc00::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[2001:db8::1]",
        "[3fff::1]",
        "[100::1]",
        "[::ffff:0:127.0.0.1]",
    ];
    for host in spellings {
        let url = format!("http://{host}:{}/", server.port());
        let refused = client.send(Request::get(&url).unwrap()).await.err().unwrap();
        assert!(matches!(refused, Error::Blocked { why: Refusal::Address(_), .. }), "{host}: {refused:?}");
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn what_the_operator_lists_may_be_reached() {
    let server = Server::answering(|_| answer(200, "", "hello")).await;
    let client = client(loopback());
    for host in ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{host}:{}/", server.port());
        let body = client.fetch(Request::get(&url).unwrap()).await.unwrap().bytes().await.unwrap();
        assert_eq!(body, "hello", "{host}");
    }
    let refused = client.send(Request::get("http://10.0.0.1:8080/").unwrap()).await.err().unwrap();
    assert!(matches!(refused, Error::Blocked { why: Refusal::Address(AddressKind::Private), .. }), "{refused:?}");
}

#[tokio::test]
async fn only_web_schemes_and_open_ports_without_user_info_are_called() {
    let client = client(loopback());
    let refusal = async |url: &str| match client.send(Request::get(url).unwrap()).await {
        Err(Error::Blocked { why, .. }) => why,
        other => panic!("{url}: {:?}", other.err()),
    };
    assert_eq!(refusal("ftp://127.0.0.1:8080/").await, Refusal::Scheme);
    assert_eq!(refusal("gopher://127.0.0.1:8080/_x").await, Refusal::Scheme);
    assert_eq!(refusal("http://user:word@127.0.0.1:8080/").await, Refusal::UserInfo);
    assert_eq!(refusal("http://user@127.0.0.1:8080/").await, Refusal::UserInfo);
    assert_eq!(refusal("http://127.0.0.1:22/").await, Refusal::Port(22));
    assert_eq!(refusal("https://127.0.0.1:25/").await, Refusal::Port(25));
    for unreadable in ["", "127.0.0.1", "http://", "http://[::1/", "http://256.256.256.256/"] {
        assert!(matches!(Request::get(unreadable), Err(Error::Url(_))), "{unreadable}");
    }
    for hostless in ["file:///etc/passwd", "data:text/plain,x"] {
        let refused = client.send(Request::get(hostless).unwrap()).await.err().unwrap();
        assert!(matches!(refused, Error::Url(_)), "{hostless}: {refused:?}");
    }
}

#[test]
fn a_metadata_address_has_to_be_listed_itself() {
    for metadata in ["169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"] {
        let wide = guard(allowing(&["0.0.0.0/0", "::/0"]));
        assert_eq!(wide.check_address(address(metadata)), Err(Refusal::Address(AddressKind::Metadata)), "{metadata}");
        let itself = IpNet::from(address(metadata)).to_string();
        assert_eq!(guard(allowing(&[&itself])).check_address(address(metadata)), Ok(()), "{metadata}");
    }
}

#[tokio::test]
async fn an_address_that_is_listed_with_its_port_is_open_at_that_port_only() {
    let (listed, beside) =
        (Server::answering(|_| answer(200, "", "here")).await, Server::answering(|_| answer(200, "", "secret")).await);
    let socket: SocketAddr = listed.url("/").trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
    let config = NetConfig { allow_addresses: vec![socket], ..NetConfig::default() };
    let (guard, client) = (guard(config.clone()), client(config));
    assert!(client.send(Request::get(&listed.url("/")).unwrap()).await.is_ok());
    let by_name = listed.url("/").replace("127.0.0.1", "localhost");
    for refused in [beside.url("/"), by_name] {
        let refused = client.send(Request::get(&refused).unwrap()).await.err().unwrap();
        assert!(matches!(refused, Error::Blocked { .. }), "{refused:?}");
    }
    assert_eq!(guard.resolve("127.0.0.1", socket.port()).await.unwrap(), [socket]);
    assert!(guard.resolve("127.0.0.1", socket.port() ^ 1).await.is_err());
    let denied =
        NetConfig { allow_addresses: vec![socket], deny: vec!["127.0.0.0/8".parse().unwrap()], ..NetConfig::default() };
    assert!(Guard::new(&denied).resolve("127.0.0.1", socket.port()).await.is_err(), "what is denied stays denied");
}

#[test]
fn what_the_operator_denies_is_refused_although_it_is_public_or_listed() {
    let deny = vec!["198.41.0.0/24".parse().unwrap(), "10.1.0.0/16".parse().unwrap()];
    let guard = guard(NetConfig { deny, ..allowing(&["10.0.0.0/8"]) });
    assert_eq!(guard.check_address(address("198.41.0.4")), Err(Refusal::Denied));
    assert_eq!(guard.check_address(address("::ffff:198.41.0.4")), Err(Refusal::Denied));
    assert_eq!(guard.check_address(address("10.1.2.3")), Err(Refusal::Denied));
    assert_eq!(guard.check_address(address("10.2.2.3")), Ok(()));
    assert_eq!(guard.check_address(address("198.41.1.4")), Ok(()));
}

#[tokio::test]
async fn a_driver_gets_only_addresses_that_it_may_connect_to() {
    let names = Names::function(|name| match name {
        "db.example" => Ok(vec![address("10.0.0.5"), address("1.1.1.1"), address("fe80::1")]),
        "inside.example" => Ok(vec![address("192.168.0.9")]),
        _ => Ok(Vec::new()),
    });
    let guard = guard(NetConfig { names, ..NetConfig::default() });
    assert_eq!(guard.resolve("db.example", 5432).await.unwrap(), ["1.1.1.1:5432".parse().unwrap()]);
    assert_eq!(guard.resolve("8.8.8.8", 27017).await.unwrap(), ["8.8.8.8:27017".parse().unwrap()]);
    let refused = guard.resolve("inside.example", 5432).await.unwrap_err();
    assert!(
        matches!(refused, Error::Blocked { address: Some(found), .. } if found == address("192.168.0.9")),
        "{refused:?}"
    );
    for literal in ["127.0.0.1", "::1", "[::ffff:10.0.0.1]"] {
        assert!(matches!(guard.resolve(literal, 5432).await, Err(Error::Blocked { .. })), "{literal}");
    }
    assert!(matches!(guard.resolve("nowhere.example", 5432).await, Err(Error::Dns { .. })));
}

#[tokio::test]
async fn the_systems_own_names_and_number_spellings_pass_the_guard_too() {
    let guard = guard(NetConfig::default());
    // getaddrinfo reads these as 127.0.0.1.
    for host in ["localhost", "2130706433", "0177.1", "127.1"] {
        assert!(matches!(guard.resolve(host, 5432).await, Err(Error::Blocked { .. })), "{host}");
    }
}

/// What is not public, as networks: another way to say it than the classifier's own.
fn not_public() -> Vec<IpNet> {
    let v4 = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 \
              192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32";
    let v6 = "::/3 4000::/2 8000::/1 2001::/23 2001:db8::/32 2002::/16 3fff::/20";
    v4.split_whitespace().chain(v6.split_whitespace()).map(|network| network.parse().unwrap()).collect()
}

fn is_listed(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// Any address, and often one at the edge of a network that matters.
fn any_v4() -> impl Strategy<Value = Ipv4Addr> {
    let edges: Vec<u32> = not_public()
        .iter()
        .filter_map(|network| match network {
            IpNet::V4(network) => Some([u32::from(network.network()), u32::from(network.broadcast())]),
            IpNet::V6(_) => None,
        })
        .flatten()
        .flat_map(|edge| [edge.wrapping_sub(1), edge, edge.wrapping_add(1)])
        .collect();
    prop_oneof![any::<u32>(), proptest::sample::select(edges)].prop_map(Ipv4Addr::from)
}

fn any_v6() -> impl Strategy<Value = Ipv6Addr> {
    let edges: Vec<u128> = not_public()
        .iter()
        .filter_map(|network| match network {
            IpNet::V6(network) => Some([u128::from(network.network()), u128::from(network.broadcast())]),
            IpNet::V4(_) => None,
        })
        .flatten()
        .flat_map(|edge| [edge.wrapping_sub(1), edge, edge.wrapping_add(1)])
        .collect();
    prop_oneof![
        any::<u128>(),
        any::<u128>().prop_map(|bits| bits >> 3 | 1 << 125),
        (0x2001_u128..0x2003, any::<u128>()).prop_map(|(first, rest)| first << 112 | rest >> 16),
        proptest::sample::select(edges),
    ]
    .prop_map(Ipv6Addr::from)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn an_ipv4_address_is_refused_exactly_when_its_network_is_not_public(address in any_v4()) {
        let refused = guard(NetConfig::default()).check_address(address.into()).is_err();
        prop_assert_eq!(refused, is_listed(&not_public(), address.into()), "{}", address);
    }

    #[test]
    fn an_ipv4_address_in_ipv6_clothes_fares_no_better(address in any_v4()) {
        let guard = guard(NetConfig::default());
        let refused = guard.check_address(address.into()).is_err();
        let [a, b, c, d] = address.octets().map(u16::from);
        let nat64 = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a << 8 | b, c << 8 | d);
        prop_assert_eq!(guard.check_address(address.to_ipv6_mapped().into()).is_err(), refused);
        prop_assert_eq!(guard.check_address(nat64.into()).is_err(), refused);
        let compatible = Ipv6Addr::new(0, 0, 0, 0, 0, 0, a << 8 | b, c << 8 | d);
        let six_to_four = Ipv6Addr::new(0x2002, a << 8 | b, c << 8 | d, 0, 0, 0, 0, 1);
        prop_assert!(guard.check_address(compatible.into()).is_err());
        prop_assert!(guard.check_address(six_to_four.into()).is_err());
    }

    #[test]
    fn an_ipv6_address_is_refused_exactly_when_its_network_is_not_public(address in any_v6()) {
        prop_assume!(address.to_ipv4_mapped().is_none() && address.segments()[..6] != [0x64, 0xff9b, 0, 0, 0, 0]);
        let refused = guard(NetConfig::default()).check_address(address.into()).is_err();
        prop_assert_eq!(refused, is_listed(&not_public(), address.into()), "{}", address);
    }
}
