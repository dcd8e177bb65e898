//! An Airbyte server is shown to the tenant whose it is, and to nobody else.

use aos_connectors::airbyte::monitor::{Access, Monitor, Server};
use aos_connectors::{AllowedRoots, Operator};
use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantId, TenantScope};
use aos_dcl::airbyte::AirbyteServer;
use aos_dcl::engine::{Engine, EngineOptions};
use aos_dcl::{Dcl, DclOptions, Error, SecretPlaces};
use aos_lake::Lake;
use aos_net::NetConfig;
use aos_testkit::Backend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[allow(clippy::disallowed_methods)] // Tests say who they are.
fn scope(tenant: TenantId) -> TenantScope {
    TenantScope::establish(tenant, Principal::Local, Role::Owner)
}

/// Plays a server with one connection, as its public documentation describes it, and says where it is.
async fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/public/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = vec![0; 8 << 10];
            let read = stream.read(&mut asked).await.unwrap_or(0);
            let body = if String::from_utf8_lossy(&asked[..read]).contains("/connections") {
                r#"{"data":[{"connectionId":"c-1","name":"Stripe","status":"active"}]}"#
            } else {
                r#"{"data":[{"jobId":31,"status":"succeeded","startTime":"2026-03-01T07:00:00Z","duration":"PT8M53S","bytesSynced":930112,"rowsSynced":1204}]}"#
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            // Who asked may be gone.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn an_airbyte_server_is_shown_to_its_tenant_only_and_its_absence_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (backend, clock) = (Backend::chosen(), Clock::default());
    let store = backend.store(&folder.path().join("store.db"), &clock).await;
    let acme = scope(store.system().ensure_tenant("acme").await.unwrap().id);
    let globex = scope(store.system().ensure_tenant("globex").await.unwrap().id);
    let config = NetConfig { allow_private: vec!["127.0.0.0/8".parse().unwrap()], ..NetConfig::default() };
    let net = aos_net::Client::new(config, clock.clone()).unwrap();
    let dcl = async || {
        Dcl::new(DclOptions {
            store: store.clone(),
            lake: Lake::open(folder.path().join("lake")).unwrap(),
            broker: backend.broker(&clock).await,
            engine: Engine::new(folder.path().join("cache"), EngineOptions::default()),
            clock: clock.clone(),
            agents: Vec::new(),
            net: net.clone(),
            operator: Operator::new(AllowedRoots::only([])),
            secrets: SecretPlaces::default(),
            sources_in_parallel: 1,
            flags: Default::default(),
        })
    };
    let monitor =
        |url: String| Monitor::new(Server { url, access: Access::Open, workspace: None }, net.clone(), clock.clone());

    let without = dcl().await.tenant(&acme).airbyte_syncs().await.unwrap();
    assert!(!without.configured && without.next_step.unwrap().contains("[airbyte] url"));

    let watched = AirbyteServer { monitor: monitor(server().await), tenant: acme.tenant_id() };
    let dcl_of_acme = dcl().await.with_airbyte(watched);
    let shown = dcl_of_acme.tenant(&acme).airbyte_syncs().await.unwrap();
    assert!(shown.configured && shown.asked_at.is_some());
    let job = shown.connections[0].last.as_ref().unwrap();
    assert_eq!(
        (job.status.as_str(), job.records, job.bytes, job.duration_ms),
        ("succeeded", Some(1204), Some(930_112), Some(533_000))
    );
    let hidden = dcl_of_acme.tenant(&globex).airbyte_syncs().await.unwrap();
    assert!(!hidden.configured && hidden.connections.is_empty());

    let away = AirbyteServer { monitor: monitor("http://127.0.0.1:9/api/public/v1".into()), tenant: acme.tenant_id() };
    let unreachable = dcl().await.with_airbyte(away).tenant(&acme).airbyte_syncs().await.unwrap_err();
    assert!(matches!(unreachable, Error::Source(aos_connectors::Error::Unreachable { .. })), "{unreachable}");
}
