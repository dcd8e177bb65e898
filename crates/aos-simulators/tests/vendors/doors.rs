//! Who is let in: tokens, grants, consents, TLS; and the door that only tests and people at play open.

use crate::client::{Client, Request, encoded, exchange, token_path};
use crate::read::main_stream;
use crate::{NOW_MS, quiet, start};
use aos_simulators::{Credentials, Options, Vendor};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpStream;

/// A call that lists records of the vendor's main stream.
fn list(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Salesforce => "/services/data/v63.0/query?q=SELECT%20Id%20FROM%20Account",
        Vendor::Hubspot => "/crm/v3/objects/contacts?limit=1",
        Vendor::Dynamics => "/api/data/v9.2/accounts?$select=name",
        Vendor::Pipedrive => "/api/v2/deals?limit=1",
        Vendor::Zendesk => "/api/v2/tickets.json?page%5Bsize%5D=1",
    }
}

fn error_of(vendor: Vendor, body: &Value) -> String {
    match vendor {
        Vendor::Salesforce => body[0]["errorCode"].to_string(),
        Vendor::Hubspot => body["category"].to_string(),
        Vendor::Dynamics => body["error"]["code"].to_string(),
        Vendor::Pipedrive => body["error"].to_string(),
        Vendor::Zendesk => body["error"].to_string(),
    }
}

#[tokio::test]
async fn a_call_without_a_good_token_is_refused_in_the_vendors_words() {
    for (vendor, expected) in [
        (Vendor::Salesforce, "\"INVALID_SESSION_ID\""),
        (Vendor::Hubspot, "\"INVALID_AUTHENTICATION\""),
        (Vendor::Dynamics, ""),
        (Vendor::Pipedrive, "\"unauthorized access\""),
        (Vendor::Zendesk, "\"invalid_token\""),
    ] {
        let simulator = start(vendor, &quiet(5)).await;
        let answer = Client::of(&simulator).with("GET", list(vendor), "Bearer nobody").await;
        assert_eq!(answer.status, 401, "{vendor:?}");
        if vendor == Vendor::Dynamics {
            assert!(
                answer.body.is_empty() && answer.headers["www-authenticate"].starts_with("Bearer authorization_uri=")
            );
        } else {
            assert_eq!(error_of(vendor, &answer.json()), expected, "{vendor:?}");
        }
    }
}

#[tokio::test]
async fn tokens_run_out_and_a_revoked_consent_refreshes_no_more() {
    for vendor in Vendor::ALL {
        let simulator = start(vendor, &Options { token_ttl_s: 60, ..quiet(5) }).await;
        let client = Client::of(&simulator);
        let form = "grant_type=refresh_token&refresh_token=simulator-refresh&client_id=simulator-client&client_secret=simulator-secret";
        let granted = client.post_form(token_path(vendor), form).await.json();
        let token = format!("Bearer {}", granted["access_token"].as_str().unwrap());
        assert_eq!(client.with("GET", list(vendor), &token).await.status, 200, "{vendor:?}");
        simulator.advance_ms(60_000);
        assert_eq!(client.with("GET", list(vendor), &token).await.status, 401, "{vendor:?}");
        let wrong = client.post_form(token_path(vendor), &form.replace("simulator-secret", "guess")).await;
        assert!((400..=401).contains(&wrong.status), "{vendor:?}");
        assert_eq!(client.post_form(token_path(vendor), form).await.status, 200);
        simulator.revoke_grant();
        let refused = client.post_form(token_path(vendor), form).await;
        let body = refused.json();
        let error = body["error"].as_str().or(body["status"].as_str()).unwrap();
        let expected = if vendor == Vendor::Hubspot { "BAD_REFRESH_TOKEN" } else { "invalid_grant" };
        assert_eq!((refused.status, error), (400, expected), "{vendor:?}");
    }
}

#[tokio::test]
async fn a_token_that_does_not_expire_opens_where_the_vendor_has_such() {
    let basic = format!("Basic {}", STANDARD.encode("simulator@example.com/token:simulator-token"));
    for (vendor, token, path) in [
        (Vendor::Hubspot, "Bearer simulator-token", list(Vendor::Hubspot).to_owned()),
        (Vendor::Zendesk, basic.as_str(), list(Vendor::Zendesk).to_owned()),
        (Vendor::Pipedrive, "", format!("{}&api_token=simulator-token", list(Vendor::Pipedrive))),
    ] {
        let simulator = start(vendor, &quiet(5)).await;
        assert_eq!(Client::of(&simulator).with("GET", &path, token).await.status, 200, "{vendor:?}");
    }
    let simulator = start(Vendor::Salesforce, &quiet(5)).await;
    assert_eq!(
        Client::of(&simulator).with("GET", list(Vendor::Salesforce), "Bearer simulator-token").await.status,
        401
    );
}

#[tokio::test]
async fn a_code_is_good_once_and_with_its_verifier_only() {
    for (vendor, path) in [
        (Vendor::Salesforce, "/services/oauth2/authorize"),
        (Vendor::Hubspot, "/oauth/authorize"),
        (Vendor::Dynamics, "/simulator/oauth2/v2.0/authorize"),
        (Vendor::Pipedrive, "/oauth/authorize"),
        (Vendor::Zendesk, "/oauth/authorizations/new"),
    ] {
        let simulator = start(vendor, &quiet(5)).await;
        let client = Client::of(&simulator);
        let verifier = "a-verifier-of-some-length-that-nobody-guesses";
        let challenge = URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()));
        let ask = format!(
            "{path}?response_type=code&state=s1&redirect_uri={}&code_challenge={challenge}&code_challenge_method=S256",
            encoded("http://localhost/back")
        );
        let code = async || {
            let sent_back = client.with("GET", &ask, "").await;
            let location = sent_back.headers["location"].clone();
            assert!(
                sent_back.status == 302
                    && location.starts_with("http://localhost/back?code=")
                    && location.ends_with("&state=s1"),
                "{location}"
            );
            location.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned()
        };
        let exchange = async |code: &str, verifier: &str| {
            let form = format!(
                "grant_type=authorization_code&code={code}&code_verifier={verifier}&client_id=simulator-client&redirect_uri=x"
            );
            client.post_form(token_path(vendor), &form).await
        };
        assert_eq!(exchange(&code().await, "another").await.status, 400, "{vendor:?}");
        let code = code().await;
        let granted = exchange(&code, verifier).await;
        assert_eq!(granted.status, 200, "{vendor:?}");
        assert_eq!(granted.json()["refresh_token"], "simulator-refresh", "{vendor:?}");
        assert_eq!(exchange(&code, verifier).await.status, 400, "{vendor:?}");
    }
}

#[tokio::test]
async fn a_signed_assertion_is_a_grant_and_a_forged_one_is_not() {
    let credentials = Credentials {
        assertion_key: Some(include_str!("keys/caller.public.pem").to_owned()),
        ..Credentials::default()
    };
    let simulator = start(Vendor::Salesforce, &Options { credentials, ..quiet(5) }).await;
    let client = Client::of(&simulator);
    let ask = async |assertion: String| {
        let grant = encoded("urn:ietf:params:oauth:grant-type:jwt-bearer");
        client.post_form(token_path(Vendor::Salesforce), &format!("grant_type={grant}&assertion={assertion}")).await
    };
    let claims = |subject: &str, runs_out_s: i64| json!({ "iss": "simulator-client", "sub": subject, "aud": "https://login.salesforce.com", "exp": runs_out_s });
    let good = signed(&claims("simulator@example.com", NOW_MS / 1000 + 180));
    let granted = ask(good.clone()).await;
    assert_eq!(granted.status, 200, "{}", granted.text());
    let token = format!("Bearer {}", granted.json()["access_token"].as_str().unwrap());
    assert_eq!(granted.json()["instance_url"], simulator.url());
    assert_eq!(client.with("GET", list(Vendor::Salesforce), &token).await.status, 200);
    let (claims_of_good, signature) = good.rsplit_once('.').unwrap();
    let forged = signed(&claims("admin@example.com", NOW_MS / 1000 + 180));
    for bad in [
        signed(&claims("simulator@example.com", NOW_MS / 1000 - 1)),
        forged.clone(),
        format!("{}.{signature}", forged.rsplit_once('.').unwrap().0),
        format!("{claims_of_good}."),
        "nonsense".to_owned(),
    ] {
        let refused = ask(bad).await;
        assert_eq!((refused.status, refused.json()["error"].as_str()), (400, Some("invalid_grant")));
    }
}

fn signed(claims: &Value) -> String {
    let key = RsaKeyPair::from_der(include_bytes!("keys/caller.der")).unwrap();
    let text =
        [json!({ "alg": "RS256" }), claims.clone()].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &ring::rand::SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn what_the_consent_does_not_cover_is_refused_in_the_vendors_words() {
    for (vendor, status, expected) in [
        (Vendor::Salesforce, 400, "\"INVALID_TYPE\""),
        (Vendor::Hubspot, 403, "\"MISSING_SCOPES\""),
        (Vendor::Dynamics, 403, "\"0x80040220\""),
        (Vendor::Pipedrive, 403, "\"Scope and URL mismatch\""),
        (Vendor::Zendesk, 403, "Forbidden"),
    ] {
        let simulator = start(vendor, &quiet(5)).await;
        simulator.forbid(main_stream(vendor));
        let client = Client::of(&simulator);
        let answer = client.get(list(vendor)).await;
        assert_eq!(answer.status, status, "{vendor:?}");
        assert!(error_of(vendor, &answer.json()).contains(expected), "{vendor:?} {}", answer.text());
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_vendors_words() {
    for (vendor, path, status, expected) in [
        (Vendor::Salesforce, "/services/data/v63.0/query?q=SELECT%20Nope%20FROM%20Account", 400, "\"INVALID_FIELD\""),
        (Vendor::Salesforce, "/services/data/v63.0/query?q=SELECT%20Id%20FROM%20Nope", 400, "\"INVALID_TYPE\""),
        (Vendor::Salesforce, "/services/data/v63.0/query?q=SELECT%20FROM", 400, "\"MALFORMED_QUERY\""),
        (Vendor::Salesforce, "/services/data/v63.0/query/0r8000000000001AAQ-2000", 400, "\"INVALID_QUERY_LOCATOR\""),
        (Vendor::Salesforce, "/services/data/v63.0/sobjects/Nope/describe", 404, "\"NOT_FOUND\""),
        (Vendor::Hubspot, "/crm/v3/objects/nope", 400, "\"VALIDATION_ERROR\""),
        (Vendor::Hubspot, "/crm/v3/objects/contacts?limit=101", 400, "\"VALIDATION_ERROR\""),
        (Vendor::Hubspot, "/crm/v3/objects/contacts/1", 404, "\"OBJECT_NOT_FOUND\""),
        (Vendor::Dynamics, "/api/data/v9.2/nopes", 404, "\"0x8006088a\""),
        (Vendor::Dynamics, "/api/data/v9.2/accounts?$select=nope", 400, "\"0x0\""),
        (Vendor::Dynamics, "/api/data/v9.2/accounts(00000000-0000-0000-0000-000000000001)", 404, "\"0x80040217\""),
        (Vendor::Pipedrive, "/api/v2/deals/999999", 404, "\"Deal not found\""),
        (Vendor::Pipedrive, "/api/v2/deals?cursor=nope", 400, "\"Parameter cursor is not valid\""),
        (Vendor::Zendesk, "/api/v2/tickets/999999.json", 404, "\"RecordNotFound\""),
        (Vendor::Zendesk, "/api/v2/tickets.json?page=101&per_page=100", 400, "\"InvalidPaginationDepth\""),
    ] {
        let simulator = start(vendor, &quiet(5)).await;
        let answer = Client::of(&simulator).get(path).await;
        assert_eq!((answer.status, error_of(vendor, &answer.json()).as_str()), (status, expected), "{path}");
    }
}

#[tokio::test]
async fn tls_is_spoken_with_a_certificate_of_an_authority_that_is_told() {
    let simulator = start(Vendor::Hubspot, &Options { tls: true, ..quiet(5) }).await;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(simulator.authority_pem().unwrap().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let host = simulator.url().strip_prefix("https://").unwrap().to_owned();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(&host).await.unwrap();
    let stream = connector.connect(ServerName::try_from("127.0.0.1").unwrap(), stream).await.unwrap();
    let headers = vec![("authorization".to_owned(), "Bearer simulator-token".to_owned())];
    let answer = exchange(stream, &host, &Request { method: "GET", path: list(Vendor::Hubspot), headers, body: "" })
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn the_control_is_served_only_where_it_is_asked_for() {
    let closed = start(Vendor::Zendesk, &quiet(30)).await;
    assert_eq!(Client::of(&closed).get("/_simulator/requests").await.status, 404);

    let open = start(Vendor::Zendesk, &Options { control: true, ..quiet(30) }).await;
    let client = Client::of(&open);
    let streams = client.with("GET", "/_simulator/streams", "").await.json();
    let living = streams["users"].as_u64().unwrap();
    let changes = json!([{ "op": "add", "stream": "users", "count": 2, "set": { "name": "Added" } }, { "op": "purge", "stream": "users", "row": 30 }]);
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let post = async |path: &str, body: &Value| {
        client.once(&Request { method: "POST", path, headers: headers.clone(), body: &body.to_string() }).await.unwrap()
    };
    assert_eq!(post("/_simulator/changes", &changes).await.json(), json!({ "rows": [[30, 31], [30]] }));
    let truth = client.with("GET", "/_simulator/truth/users", "").await.text();
    assert_eq!(truth.lines().count() as u64, living + 1);
    assert!(truth.contains("\"Added\""));
    assert_eq!(post("/_simulator/changes", &json!([{ "op": "delete", "stream": "nope", "row": 1 }])).await.status, 422);
    assert_eq!(
        post("/_simulator/drift", &json!([{ "drift": "rename", "stream": "users", "field": "email", "to": "mail" }]))
            .await
            .status,
        204
    );
    assert_eq!(post("/_simulator/clock", &json!({ "advance_ms": 5 })).await.json()["now_ms"], json!(NOW_MS + 5));
    let unknown = post("/_simulator/chaos", &json!({ "outage": 1.0 })).await;
    assert!(unknown.status == 422 && unknown.text().contains("outages"), "{}", unknown.text());
    assert_eq!(post("/_simulator/chaos", &json!({ "all": 1, "outages": 0 })).await.status, 204);
    assert_eq!(client.with("GET", list(Vendor::Zendesk), "").await.status, 429);
    client.with("DELETE", "/_simulator/requests", "").await;
    assert_eq!(post("/_simulator/chaos", &json!({ "outages": 1.0 })).await.status, 204);
    assert!(client.with("GET", list(Vendor::Zendesk), "").await.status >= 500);
    assert_eq!(client.with("GET", "/_simulator/requests", "").await.json(), json!({ "GET /api/v2/tickets.json": 1 }));
}
