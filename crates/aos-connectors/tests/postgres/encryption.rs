use crate::support::{connector, context};
use aos_connectors::Error;
use aos_testservers::{Certificate, OwnPostgres};
use serde_json::json;

#[tokio::test]
async fn each_mode_asks_of_the_certificate_what_it_says() {
    let certificate = Certificate::new();
    let Some(server) = OwnPostgres::listening(&[], Some(&certificate)) else {
        eprintln!("SKIPPED: there is no PostgreSQL 15 or newer on this machine (apt-get install postgresql)");
        return;
    };
    let port = server.port().unwrap();
    let own = std::fs::read_to_string(certificate.authority()).unwrap();
    let other = std::fs::read_to_string(Certificate::new().authority()).unwrap();
    let check = async |host: &str, mode: &str, authority: Option<&str>| {
        let url = format!("postgres://postgres:private@{host}:{port}/autonomos?sslmode={mode}");
        let settings = authority.map_or(json!({}), |pem| json!({"authority": pem}));
        connector(settings).check(&context([("url", &url)])).await
    };
    let refused = |result: Result<_, Error>| matches!(result, Err(Error::Config { field, .. }) if field == "tls");
    assert!(check("127.0.0.1", "verify-full", Some(&own)).await.is_ok());
    assert!(refused(check("127.0.0.1", "verify-full", None).await), "an unknown authority");
    assert!(refused(check("127.0.0.1", "verify-full", Some(&other)).await), "another authority");
    assert!(refused(check("elsewhere.test", "verify-full", Some(&own)).await), "another name");
    assert!(check("elsewhere.test", "verify-ca", Some(&own)).await.is_ok());
    assert!(check("127.0.0.1", "verify-ca", Some(&own)).await.is_ok());
    assert!(refused(check("127.0.0.1", "verify-ca", Some(&other)).await), "another authority");
    assert!(check("127.0.0.1", "require", None).await.is_ok());
}
