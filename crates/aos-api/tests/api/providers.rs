//! Signing in through another provider, over real HTTP.

use aos_api::OidcSettings;
use aos_testkit::{CLIENT_ID, CLIENT_SECRET, Client, Fault, PASSWORD, Person, Provider, Reply, TestApp};
use axum::body::Body;
use axum::http::{Method, header};
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

const ME: &str = "/api/v1/auth/me";
const START: &str = "/api/v1/auth/oidc/acme-id/start";

/// When the clocks of tests stand still.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

async fn with_provider(person: Person) -> (TestApp, Provider) {
    let provider = Provider::start(now(), person).await;
    let settings = OidcSettings {
        name: "acme-id".to_owned(),
        label: "Acme ID".to_owned(),
        issuer: provider.issuer(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        scopes: Vec::new(),
    };
    let app = TestApp::builder().reaches_loopback().provider(settings).build().await;
    (app, provider)
}

/// A browser that has begun a sign-in: the mark it holds, and where it is sent.
struct Begun {
    mark: String,
    url: String,
}

async fn begin(client: &Client, path: &str, body: &Value) -> Begun {
    let request = client.request(Method::POST, path).header(header::HOST, "aos.test");
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap();
    let reply = client.send(request).await.assert_status(200);
    let set = reply.header("set-cookie").unwrap().to_owned();
    assert!(set.contains("HttpOnly; SameSite=Lax") && set.contains("Path=/api/v1/auth/oidc"), "{set}");
    let url = reply.json()["authorization_url"].as_str().unwrap().to_owned();
    Begun { mark: set.split(';').next().unwrap().to_owned(), url }
}

/// Follows the provider's way back with a browser's cookie.
async fn come_back(app: &TestApp, way: &str, mark: Option<&str>) -> Reply {
    let path = way.strip_prefix("http://aos.test").expect("it leads to this server");
    let mut request = app.anonymous().request(Method::GET, path);
    if let Some(mark) = mark {
        request = request.header(header::COOKIE, mark);
    }
    app.anonymous().send(request.body(Body::empty()).unwrap()).await.assert_status(303)
}

/// Goes through a sign-in, and says where the browser ends and as whom.
async fn sign_in(app: &TestApp, provider: &Provider, body: &Value) -> (String, Option<Client>) {
    let begun = begin(&app.anonymous(), START, body).await;
    let reply = come_back(app, &provider.visit(&begun.url).await, Some(&begun.mark)).await;
    let location = reply.header("location").unwrap().to_owned();
    let refresh = reply.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let refresh = refresh.filter(|cookie| cookie.starts_with("autonomos_refresh=aosr_")).collect::<Vec<_>>();
    let Some(cookie) = refresh.first() else { return (location, None) };
    // What the page does then.
    let request = app.anonymous().request(Method::POST, "/api/v1/auth/refresh").header("origin", "http://aos.test");
    let request = request.header(header::HOST, "aos.test").header(header::CONTENT_TYPE, "application/json");
    let request = request.header(header::COOKIE, cookie.split(';').next().unwrap()).body(Body::from("{}")).unwrap();
    let session = app.anonymous().send(request).await.assert_status(200).json();
    (location, Some(app.with_token(session["access_token"].as_str().unwrap())))
}

#[tokio::test]
async fn whoever_a_provider_vouches_for_gets_a_tenant_and_comes_back_to_it() {
    let (app, provider) = with_provider(Person::new("nina", "nina@new.invalid")).await;
    let listed = app.anonymous().get("/api/v1/auth/providers").await.assert_status(200).json();
    assert_eq!(listed["items"], json!([{ "name": "acme-id", "label": "Acme ID" }]));
    let (location, nina) = sign_in(&app, &provider, &json!({ "return_to": "/records/account" })).await;
    assert_eq!(location, "/records/account");
    let first = nina.unwrap().get(ME).await.assert_status(200).json();
    assert_eq!((&first["user"]["email"], &first["user"]["role"]), (&json!("nina@new.invalid"), &json!("owner")));
    assert_eq!(first["tenant"]["name"], "The nina");
    // The provider's subject counts, not the address, which may change there.
    provider.expect(Person::new("nina", "nina@married.invalid"));
    let (_, again) = sign_in(&app, &provider, &json!({})).await;
    assert_eq!(again.unwrap().get(ME).await.json()["user"]["id"], first["user"]["id"]);
    let password = json!({ "email": "nina@new.invalid", "password": "" });
    app.anonymous().post("/api/v1/auth/login", &password).await.assert_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn an_id_token_with_anything_wrong_lets_nobody_in() {
    // RS256 is what every provider signs with unless it is told otherwise.
    for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA] {
        let (app, provider) = with_provider(Person::new("nina", "nina@new.invalid")).await;
        provider.change_key(algorithm);
        for fault in [
            Fault::OtherNonce,
            Fault::OtherAudience,
            Fault::OtherParty,
            Fault::OtherIssuer,
            Fault::Expired,
            Fault::OtherKey,
            Fault::Unsigned,
            Fault::PublicKeyAsSecret,
        ] {
            provider.misbehave(Some(fault));
            let (location, nina) = sign_in(&app, &provider, &json!({})).await;
            assert_eq!(location, "/login?problem=provider_failed", "{fault:?} with {algorithm:?}");
            assert!(nina.is_none(), "{fault:?} with {algorithm:?}");
        }
        provider.misbehave(None);
        assert!(sign_in(&app, &provider, &json!({})).await.1.is_some(), "{algorithm:?}");
    }
}

#[tokio::test]
async fn a_sign_in_is_finished_once_in_time_and_in_the_browser_that_began_it() {
    let (app, provider) = with_provider(Person::new("nina", "nina@new.invalid")).await;
    let (mine, theirs) =
        (begin(&app.anonymous(), START, &json!({})).await, begin(&app.anonymous(), START, &json!({})).await);
    let way = provider.visit(&mine.url).await;
    let refused = |reply: Reply| {
        assert_eq!(reply.header("location"), Some("/login?problem=unknown_sign_in"));
    };
    refused(come_back(&app, &way, None).await);
    refused(come_back(&app, &way, Some(&theirs.mark)).await);
    refused(come_back(&app, &way.replace("state=", "state=0"), Some(&mine.mark)).await);
    let fine = come_back(&app, &way, Some(&mine.mark)).await;
    assert_eq!(fine.header("location"), Some("/"));
    refused(come_back(&app, &way, Some(&mine.mark)).await);
    let other_provider = way.split("&iss=").next().unwrap().to_owned() + "&iss=https://evil.example";
    let another = begin(&app.anonymous(), START, &json!({})).await;
    let state = another.url.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let old = way.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let mixed = come_back(&app, &other_provider.replace(old, state), Some(&another.mark)).await;
    assert_eq!(mixed.header("location"), Some("/login?problem=provider_failed"));
    let late = begin(&app.anonymous(), START, &json!({})).await;
    let way = provider.visit(&late.url).await;
    app.clock.advance(Duration::minutes(10));
    refused(come_back(&app, &way, Some(&late.mark)).await);
}

#[tokio::test]
async fn a_provider_that_changes_its_keys_is_asked_again_and_not_without_end() {
    let (app, provider) = with_provider(Person::new("nina", "nina@new.invalid")).await;
    assert!(sign_in(&app, &provider, &json!({})).await.1.is_some());
    assert!(sign_in(&app, &provider, &json!({})).await.1.is_some());
    assert_eq!(provider.key_reads(), 1, "they are kept");
    provider.change_key(Algorithm::EdDSA);
    // Within the pause between two reads the new key is not known yet.
    assert!(sign_in(&app, &provider, &json!({})).await.1.is_none());
    assert_eq!(provider.key_reads(), 1);
    let beside = app.forgetful_process(|_| {}).await;
    let begun = begin(&beside.anonymous(), START, &json!({})).await;
    let way = provider.visit(&begun.url).await;
    let request = beside.anonymous().request(Method::GET, way.strip_prefix("http://aos.test").unwrap());
    let request = request.header(header::COOKIE, begun.mark).body(Body::empty()).unwrap();
    let reply = beside.anonymous().send(request).await.assert_status(303);
    assert_eq!(reply.header("location"), Some("/"), "a key of another kind is taken");
}

#[tokio::test]
async fn an_account_with_a_password_is_linked_by_its_owner_and_never_by_its_address_alone() {
    let (app, provider) = with_provider(Person::new("ann", "acme@test.invalid")).await;
    let (location, stranger) = sign_in(&app, &provider, &json!({})).await;
    assert_eq!(location, "/login?problem=account_exists");
    assert!(stranger.is_none());
    let link = async |person: Person| {
        provider.expect(person);
        let begun = begin(&app.acme, "/api/v1/auth/oidc/acme-id/link", &json!({ "return_to": "/settings" })).await;
        let reply = come_back(&app, &provider.visit(&begun.url).await, Some(&begun.mark)).await;
        reply.header("location").unwrap().to_owned()
    };
    let unverified = Person { email_verified: json!(false), ..Person::new("ann", "acme@test.invalid") };
    assert_eq!(link(unverified).await, "/login?problem=email_not_verified");
    assert_eq!(link(Person::new("ann", "ann@elsewhere.invalid")).await, "/login?problem=other_email");
    assert_eq!(link(Person::new("ann", "Acme@test.invalid")).await, "/settings");
    let (_, ann) = sign_in(&app, &provider, &json!({})).await;
    assert_eq!(ann.unwrap().get(ME).await.json()["tenant"]["name"], "acme");
    app.anonymous().signed_in("acme@test.invalid", PASSWORD).await;
    // Now the address is proved: another provider's word for it would be enough, this provider's other subject with it too.
    let (_, other) = {
        provider.expect(Person::new("ann-2", "acme@test.invalid"));
        sign_in(&app, &provider, &json!({})).await
    };
    assert_eq!(other.unwrap().get(ME).await.json()["tenant"]["name"], "acme");
}

#[tokio::test]
async fn who_is_not_vouched_for_gets_no_tenant() {
    let (app, provider) = with_provider(Person::new("x", "x@test.invalid")).await;
    for unproved in [json!(false), json!(null), json!("false"), json!("yes")] {
        provider.expect(Person { email_verified: unproved, ..Person::new("x", "x@test.invalid") });
        let (location, nobody) = sign_in(&app, &provider, &json!({})).await;
        assert_eq!((location.as_str(), nobody.is_none()), ("/login?problem=email_not_verified", true));
    }
    provider.expect(Person { email_verified: json!("true"), ..Person::new("x", "x@test.invalid") });
    provider.tell_late();
    assert!(sign_in(&app, &provider, &json!({})).await.1.is_some(), "the profile is asked for where it is not told");
}

#[tokio::test]
async fn an_invitation_is_accepted_through_a_provider_that_knows_the_same_address() {
    let (app, provider) = with_provider(Person::new("bob", "bob@test.invalid")).await;
    let ask = json!({ "email": "bob@test.invalid", "role": "viewer" });
    let made = app.acme.post("/api/v1/invitations", &ask).await.assert_status(201).json();
    let body = json!({ "invitation": made["token"] });
    provider.expect(Person::new("eve", "eve@test.invalid"));
    assert_eq!(sign_in(&app, &provider, &body).await.0, "/login?problem=other_email");
    provider.expect(Person::new("bob", "bob@test.invalid"));
    let (_, bob) = sign_in(&app, &provider, &body).await;
    let me = bob.unwrap().get(ME).await.assert_status(200).json();
    assert_eq!((&me["tenant"]["name"], &me["user"]["role"]), (&json!("acme"), &json!("viewer")));
    app.anonymous().post(START, &body).await.assert_problem(410, "invitation_gone");
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_a_problem_and_not_a_wait() {
    let (app, provider) = with_provider(Person::new("x", "x@test.invalid")).await;
    app.anonymous().post("/api/v1/auth/oidc/nobody/start", &json!({})).await.assert_problem(404, "provider_not_found");
    drop(provider);
    let request = app.anonymous().request(Method::POST, START).header(header::HOST, "aos.test");
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
    app.anonymous().send(request).await.assert_problem(502, "provider_failed");
}
