//! How Redis is reached: TLS is verified or refused, and what will not heal is said at once, with the next step and without the password.

use crate::relay::Relay;
use aos_broker::{Broker, BrokerConfig, Error, OpenError, RedisConfig};
use aos_core::Clock;
use aos_testservers::{Certificate, Redis};
use std::path::PathBuf;
use std::time::{Duration, Instant};

async fn open(url: &str, ca_file: Option<PathBuf>) -> Result<Broker, OpenError> {
    let config = RedisConfig { ca_file, ..RedisConfig::new(url) };
    Broker::open(BrokerConfig::Redis(config), Clock::System).await
}

async fn refused(url: &str, ca_file: Option<PathBuf>) -> OpenError {
    match open(url, ca_file).await {
        Err(error) => error,
        Ok(broker) => panic!("{url} was opened: {:?}", broker.health()),
    }
}

#[tokio::test]
async fn a_certificate_of_the_named_authority_is_trusted() {
    let certificate = Certificate::new();
    let Some(redis) = Redis::start_tls(certificate.clone()) else { return };
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("rediss://{host}:{}", redis.port());
        let broker = open(&url, Some(certificate.authority())).await.unwrap();
        assert!(broker.health().is_healthy());
        assert_eq!(
            broker.system().count("key", Duration::from_secs(60)).await,
            if host == "localhost" { 1 } else { 2 }
        );
    }
}

#[tokio::test]
async fn any_other_certificate_is_refused() {
    let Some(redis) = Redis::start_tls(Certificate::new()) else { return };
    let url = format!("rediss://localhost:{}", redis.port());
    let other = refused(&url, Some(Certificate::new().authority())).await;
    assert!(matches!(&other, OpenError::Untrusted { .. }), "{other}");
    assert!(other.to_string().contains("CA file"), "{other}");
    // Nor do the system's authorities know it.
    let unknown = refused(&url, None).await;
    assert!(matches!(unknown, OpenError::Untrusted { .. }), "{unknown}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let certificate = Certificate::new();
    let Some(redis) = Redis::start_tls(certificate.clone()) else { return };
    let relay = Relay::to(redis.port()).await;
    let error = refused(&format!("rediss://{}", relay.address()), Some(certificate.authority())).await;
    assert!(matches!(&error, OpenError::Untrusted { .. }), "{error}");
}

#[tokio::test]
async fn a_server_without_tls_is_named_as_such() {
    let Some(redis) = Redis::start_on_port() else { return };
    let error = refused(&format!("rediss://localhost:{}", redis.port()), None).await;
    assert!(matches!(&error, OpenError::NoTls { .. }), "{error}");
    assert!(open(&format!("redis://localhost:{}", redis.port()), None).await.unwrap().health().is_healthy());
}

#[tokio::test]
async fn a_plain_connection_to_a_tls_port_does_not_pass() {
    let Some(redis) = Redis::start_tls(Certificate::new()) else { return };
    let broker = open(&format!("redis://localhost:{}", redis.port()), None).await.unwrap();
    assert!(!broker.health().is_healthy());
}

#[tokio::test]
async fn what_does_not_fit_together_is_refused_without_connecting() {
    let required = |url: &str| RedisConfig { require_tls: true, ..RedisConfig::new(url) };
    let plain = Broker::open(BrokerConfig::Redis(required("redis://localhost:1")), Clock::System).await;
    assert!(matches!(plain, Err(OpenError::TlsRequired { .. })));
    assert!(matches!(refused("rediss://localhost:1/#insecure", None).await, OpenError::Url { .. }));
    assert!(matches!(refused("http://localhost", None).await, OpenError::Url { .. }));
    assert!(matches!(refused("", None).await, OpenError::Url { .. }));
    let authority = Certificate::new();
    let without = refused("redis://localhost:1", Some(authority.authority())).await;
    assert!(matches!(without, OpenError::CaWithoutTls { .. }));
    let nowhere = refused("rediss://localhost:1", Some("/nonexistent/authority.pem".into())).await;
    assert!(matches!(nowhere, OpenError::CaFile { .. }));
    let no_certificate = refused("rediss://localhost:1", Some(authority.key())).await;
    assert!(matches!(no_certificate, OpenError::CaFile { .. }), "{no_certificate}");
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_never_repeated() {
    let Some(redis) = Redis::start_on_port() else { return };
    redis.ask("CONFIG SET requirepass right");
    let port = redis.port();
    assert!(open(&format!("redis://:right@localhost:{port}"), None).await.unwrap().health().is_healthy());
    for url in [format!("redis://:wr0ng@localhost:{port}"), format!("redis://localhost:{port}")] {
        let error = refused(&url, None).await;
        assert!(matches!(&error, OpenError::Refused { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("wr0ng"));
    }
    let unreadable = refused("redis://:wr0ng@localhost:99999999", None).await;
    assert!(!format!("{unreadable} {unreadable:?}").contains("wr0ng"));
}

#[tokio::test]
async fn a_server_that_never_answers_is_waited_for_no_longer_than_said() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    for scheme in ["redis", "rediss"] {
        let config = RedisConfig {
            connect_timeout: Duration::from_millis(300),
            ..RedisConfig::new(format!("{scheme}://:secret@127.0.0.1:{port}"))
        };
        let begun = Instant::now();
        let broker = Broker::open(BrokerConfig::Redis(config), Clock::System).await.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
        let away = format!("{:?}", broker.health());
        assert!(away.contains("Degraded") && !away.contains("secret"), "{away}");
        let lease = broker.tenant(&crate::world::someone()).try_lease("key", Duration::from_secs(1)).await;
        assert!(matches!(lease, Err(Error::Away { .. })));
    }
}
