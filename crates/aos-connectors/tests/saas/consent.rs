//! The authorisation-code flow, from the address the owner is sent to until records are read with what they granted.

use crate::support::{account, context, open};
use aos_connectors::oauth::{self, Application, Exchange, MemoryGrants};
use aos_connectors::{GrantStore, Secret, declaration};
use aos_core::Clock;
use aos_net::Url;
use aos_simulators::Vendor;
use serde_json::json;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn what_an_owner_grants_in_the_browser_is_read_with() {
    let running = account(Vendor::Salesforce, 50).await;
    let context = context(&[], None);
    let serde_json::Value::Object(settings) = json!({ "login_url": running.url(), "client_id": "simulator-client" })
    else {
        panic!("settings are an object")
    };
    let consent_of = declaration("salesforce").unwrap().consent.unwrap();
    let asking = consent_of(&settings).unwrap();
    let provider = asking.provider.clone();
    let secret = Some(Secret::new("simulator-secret"));
    let application = Application { client_id: "simulator-client".into(), client_secret: secret };
    let back = "https://autonomos.example/back";
    let begun = oauth::begin(&asking, back, Secret::new("the state")).unwrap();

    // The owner consents: the vendor sends their browser back with a code.
    let code = consent(&begun.address).await;
    assert_eq!(code.1, "the state");

    let stolen =
        Exchange::Code { code: Secret::new(&*code.0), redirect_uri: back.into(), verifier: Some(Secret::new("guess")) };
    let refused = oauth::request(&context.net, &context.clock, &provider, &application, &stolen).await.unwrap_err();
    assert!(
        matches!(refused, oauth::Refusal::Revoked { .. }),
        "a code without its verifier is worth nothing: {refused}"
    );

    let code = consent(&begun.address).await;
    let exchange =
        Exchange::Code { code: Secret::new(code.0), redirect_uri: back.into(), verifier: begun.verifier.clone() };
    let tokens = oauth::request(&context.net, &context.clock, &provider, &application, &exchange).await.unwrap();
    let store = Arc::new(MemoryGrants::default());
    let grant = tokens.into_grant(None, Clock::default().now());
    assert!(store.replace(0, &grant).await.unwrap());

    let settings = json!({ "login_url": running.url(), "client_id": "simulator-client" });
    let connection = open("salesforce", settings, &[("client_secret", "simulator-secret")], Some(store));
    assert!(!connection.read_all("Account", "Id").await.records.is_empty());
}

/// Does what a browser does at the vendor's page: returns the code and the state of the address it is sent to.
async fn consent(address: &str) -> (String, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let url = Url::parse(address).unwrap();
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", url.port().unwrap())).await.unwrap();
    let target = format!("{}?{}", url.path(), url.query().unwrap());
    let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let location = answer.lines().find_map(|line| line.strip_prefix("location: ")).expect("a redirect");
    let target = Url::parse(location).unwrap();
    let of = |name: &str| target.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned();
    (of("code"), of("state"))
}
