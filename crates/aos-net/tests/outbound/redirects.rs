//! Answers that send us elsewhere.

use crate::server::{Server, answer};
use crate::{allowing, client};
use aos_net::{Error, Method, Names, NetConfig, Refusal, Request};

/// A server at 127.0.0.2, which may be reached, that redirects to `target`.
async fn redirecting(status: u16, target: String) -> Server {
    Server::at("127.0.0.2:0", move |_| answer(status, &format!("location: {target}\r\n"), "")).await
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused() {
    let inside = Server::answering(|_| answer(200, "", "secret")).await;
    let names = Names::function(|_| Ok(vec!["127.0.0.1".parse().unwrap()]));
    let client = client(NetConfig { names, ..allowing(&["127.0.0.2/32"]) });
    let port = inside.port();
    let targets = [
        format!("http://127.0.0.1:{port}/"),
        format!("//127.0.0.1:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://harmless.example:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ];
    for target in targets {
        for status in [301, 302, 303, 307, 308] {
            let outside = redirecting(status, target.clone()).await;
            let refused = client.send(Request::get(&outside.url("/")).unwrap()).await.err().unwrap();
            assert!(matches!(refused, Error::Blocked { .. }), "{status} {target}: {refused:?}");
        }
    }
    assert!(inside.received().is_empty());
}

#[tokio::test]
async fn a_redirect_is_held_to_the_same_rules_as_the_first_address() {
    let client = client(allowing(&["127.0.0.2/32"]));
    let refusal = async |target: &str| {
        let outside = redirecting(302, target.to_owned()).await;
        client.send(Request::get(&outside.url("/")).unwrap()).await.err().unwrap()
    };
    assert!(matches!(refusal("ftp://127.0.0.2:8080/").await, Error::Blocked { why: Refusal::Scheme, .. }));
    assert!(matches!(refusal("http://127.0.0.2:22/").await, Error::Blocked { why: Refusal::Port(22), .. }));
    assert!(matches!(refusal("http://a:b@127.0.0.2:8080/").await, Error::Blocked { why: Refusal::UserInfo, .. }));
    assert!(matches!(refusal("file:///etc/passwd").await, Error::Url(_)));
    assert!(matches!(refusal("http://[::1/").await, Error::Redirect { .. }));
}

#[tokio::test]
async fn a_redirect_that_is_permitted_is_followed() {
    let target = Server::at("127.0.0.2:0", |_| answer(200, "", "here")).await;
    let first = redirecting(302, target.url("/there?x=1")).await;
    let body = client(allowing(&["127.0.0.2/32"])).fetch(Request::get(&first.url("/")).unwrap()).await.unwrap();
    assert_eq!(body.bytes().await.unwrap(), "here");
    assert_eq!(target.received()[0].path, "/there?x=1");
}

#[tokio::test]
async fn redirects_without_end_come_to_an_end() {
    let circle = redirecting(302, "/again".to_owned()).await;
    let error = client(allowing(&["127.0.0.2/32"])).send(Request::get(&circle.url("/")).unwrap()).await.err().unwrap();
    assert!(matches!(error, Error::Redirect { .. }), "{error:?}");
    assert_eq!(circle.received().len(), 6);
}

#[tokio::test]
async fn credentials_stay_with_the_host_they_were_meant_for() {
    let other = Server::at("127.0.0.2:0", |_| answer(200, "", "")).await;
    let first = redirecting(302, other.url("/")).await;
    let request = Request::get(&first.url("/")).unwrap();
    let request = request.bearer("token-of-the-first").unwrap().secret_header("x-api-key", "key-of-the-first").unwrap();
    let request = request.header("cookie", "session=1").unwrap().header("accept", "text/csv").unwrap();
    client(allowing(&["127.0.0.2/32"])).fetch(request).await.unwrap();

    let sent = &first.received()[0];
    assert_eq!(sent.header("authorization"), Some("Bearer token-of-the-first"));
    let strayed = &other.received()[0];
    assert_eq!(strayed.header("accept"), Some("text/csv"));
    for name in ["authorization", "x-api-key", "cookie", "referer"] {
        assert_eq!(strayed.header(name), None, "{name}");
    }
}

#[tokio::test]
async fn credentials_follow_a_redirect_within_their_host() {
    let server = Server::answering(|request| match request.path.as_str() {
        "/old" => answer(301, "location: /new\r\n", ""),
        _ => answer(200, "", ""),
    })
    .await;
    let request = Request::get(&server.url("/old")).unwrap().bearer("token").unwrap();
    client(allowing(&["127.0.0.1/32"])).fetch(request).await.unwrap();
    assert_eq!(server.received()[1].header("authorization"), Some("Bearer token"));
}

#[tokio::test]
async fn a_request_that_changes_something_is_not_sent_on() {
    let target = Server::at("127.0.0.2:0", |_| answer(200, "", "")).await;
    for status in [301, 302, 303, 307, 308] {
        let first = redirecting(status, target.url("/")).await;
        let request = Request::new(Method::POST, &first.url("/")).unwrap().json(&"payload").unwrap();
        let error = client(allowing(&["127.0.0.2/32"])).fetch(request).await.err().unwrap();
        assert!(matches!(error, Error::Status { status: found, .. } if found == status), "{error:?}");
    }
    assert!(target.received().is_empty());
}
