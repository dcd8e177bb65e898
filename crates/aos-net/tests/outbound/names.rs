//! Names that lead where they should not, or somewhere else each time.

use crate::server::{Server, answer};
use crate::{allowing, client, loopback};
use aos_net::{AddressKind, Client, Error, Names, NetConfig, Refusal, Request};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const THIS_MACHINE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

async fn refusal(client: &Client, url: &str) -> Error {
    client.send(Request::get(url).unwrap()).await.err().unwrap()
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused() {
    let server = Server::answering(|_| answer(200, "", "secret")).await;
    let client = client(NetConfig { names: Names::function(|_| Ok(vec![THIS_MACHINE])), ..NetConfig::default() });
    let refused = refusal(&client, &format!("http://public.example:{}/", server.port())).await;
    let Error::Blocked { host, address, why } = &refused else { panic!("{refused:?}") };
    assert_eq!((host.as_str(), *address), ("public.example", Some(THIS_MACHINE)));
    assert_eq!(*why, Refusal::Address(AddressKind::Loopback));
    // The message may reach a tenant, who need not learn what our names lead to.
    assert!(!refused.to_string().contains("127.0.0.1"), "{refused}");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_name_of_this_machine_is_refused() {
    let server = Server::answering(|_| answer(200, "", "secret")).await;
    let client = client(NetConfig::default());
    for name in ["localhost", "LOCALHOST", "LocalHost"] {
        let refused = refusal(&client, &format!("http://{name}:{}/", server.port())).await;
        assert!(matches!(refused, Error::Blocked { .. }), "{name}: {refused:?}");
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn of_several_addresses_only_permitted_ones_are_connected_to() {
    let permitted = Server::at("127.0.0.2:0", |_| answer(200, "", "")).await;
    let forbidden = Server::at(&format!("127.0.0.1:{}", permitted.port()), |_| answer(200, "", "")).await;
    let names = Names::function(|_| Ok(vec![THIS_MACHINE, "127.0.0.2".parse().unwrap()]));
    let client = client(NetConfig { names, ..allowing(&["127.0.0.2/32"]) });
    client.fetch(Request::get(&format!("http://both.example:{}/", permitted.port())).unwrap()).await.unwrap();
    assert_eq!((permitted.received().len(), forbidden.received().len()), (1, 0));
}

#[tokio::test]
async fn a_name_that_changes_its_address_between_check_and_connection_gains_nothing() {
    let permitted = Server::at("127.0.0.2:0", |_| answer(200, "", "")).await;
    let forbidden = Server::at(&format!("127.0.0.1:{}", permitted.port()), |_| answer(200, "", "secret")).await;
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = lookups.clone();
    // Well behaved when it is looked up first, on this machine ever after.
    let names = Names::function(move |_| match counted.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(vec!["127.0.0.2".parse().unwrap()]),
        _ => Ok(vec![THIS_MACHINE]),
    });
    let client = client(NetConfig { names, ..allowing(&["127.0.0.2/32"]) });
    let url = format!("http://rebinding.example:{}/", permitted.port());

    client.fetch(Request::get(&url).unwrap()).await.unwrap();
    assert_eq!(lookups.load(Ordering::SeqCst), 1, "the address that was checked is the one that was connected to");

    assert!(matches!(refusal(&client, &url).await, Error::Blocked { .. }));
    assert_eq!((permitted.received().len(), forbidden.received().len()), (1, 0));
}

#[tokio::test]
async fn a_name_without_an_address_says_so() {
    let names = Names::function(|name| match name {
        "empty.example" => Ok(Vec::new()),
        _ => Err(io::Error::other("no such name")),
    });
    let client = client(NetConfig { names, ..loopback() });
    for name in ["empty.example", "unknown.example"] {
        let error = refusal(&client, &format!("http://{name}:8080/")).await;
        assert!(matches!(&error, Error::Dns { host, .. } if host == name), "{error:?}");
    }
}
