//! An OpenID Connect provider on this machine, spoken to over real HTTP: it checks what a provider checks, signs with keys of its own, and
//! misbehaves when it is told to.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PublicKeyData};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const CLIENT_ID: &str = "autonomos";
pub const CLIENT_SECRET: &str = "s3cret/with+signs";

/// A running provider; it ends with this.
pub struct Provider {
    address: SocketAddr,
    world: Arc<Mutex<World>>,
    _serving: tokio::task::JoinHandle<()>,
}

/// Whom the provider lets in next, and what it says of them.
#[derive(Debug, Clone)]
pub struct Person {
    pub subject: String,
    pub email: Option<String>,
    pub email_verified: Value,
    pub name: String,
}

/// What the next ID token has wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    OtherNonce,
    OtherAudience,
    /// For several applications, of which another one asked.
    OtherParty,
    OtherIssuer,
    Expired,
    /// Signed with a key that the provider does not publish, under the name of one that it does.
    OtherKey,
    /// Not signed at all.
    Unsigned,
    /// Signed with the public key as if it were a shared secret.
    PublicKeyAsSecret,
}

struct World {
    now: DateTime<Utc>,
    issuer: String,
    person: Person,
    fault: Option<Fault>,
    /// The profile is told only when it is asked for.
    tells_late: bool,
    key: Key,
    codes: HashMap<String, Granted>,
    key_reads: usize,
}

struct Key {
    algorithm: Algorithm,
    private: EncodingKey,
    /// Its public half, as the provider publishes it.
    published: Value,
}

/// What a code was given for.
struct Granted {
    redirect_uri: String,
    nonce: String,
    challenge: String,
}

impl Person {
    pub fn new(subject: &str, email: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            email: Some(email.to_owned()),
            email_verified: json!(true),
            name: format!("The {subject}"),
        }
    }
}

impl Provider {
    /// Starts on a free port of this machine. Its clock stands still, as that of the application under test.
    pub async fn start(now: DateTime<Utc>, person: Person) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let world = Arc::new(Mutex::new(World {
            now,
            issuer: format!("http://{address}"),
            person,
            fault: None,
            tells_late: false,
            key: Key::new(Algorithm::ES256),
            codes: HashMap::new(),
            key_reads: 0,
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/keys", get(keys))
            .route("/userinfo", get(userinfo))
            .with_state(world.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self { address, world, _serving: serving }
    }

    pub fn issuer(&self) -> String {
        lock(&self.world).issuer.clone()
    }

    /// Lets someone else sign in next.
    pub fn expect(&self, person: Person) {
        lock(&self.world).person = person;
    }

    pub fn misbehave(&self, fault: Option<Fault>) {
        lock(&self.world).fault = fault;
    }

    /// Leaves the profile out of ID tokens; it is told to whoever asks with the access token.
    pub fn tell_late(&self) {
        lock(&self.world).tells_late = true;
    }

    /// Signs with another key from now on, and publishes no other.
    pub fn change_key(&self, algorithm: Algorithm) {
        lock(&self.world).key = Key::new(algorithm);
    }

    /// Says how often the keys were read.
    pub fn key_reads(&self) -> usize {
        lock(&self.world).key_reads
    }

    /// Goes to an address of the provider as a browser does, and returns where it sends the browser back to.
    pub async fn visit(&self, url: &str) -> String {
        let path = url.strip_prefix(&format!("http://{}", self.address)).expect("an address of this provider");
        let mut stream = TcpStream::connect(self.address).await.expect("the provider");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
        location.unwrap_or_else(|| panic!("no redirect: {answer}")).trim().to_owned()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self._serving.abort();
    }
}

/// RSA keys take long to make, so these two are kept, as PKCS #1. Nothing but this provider signs with them.
const RSA: &[u8] = include_bytes!("rsa_key.der");
const OTHER_RSA: &[u8] = include_bytes!("rsa_other_key.der");

impl Key {
    fn new(algorithm: Algorithm) -> Self {
        Self::made_of(algorithm, RSA)
    }

    /// A key of the same kind that nobody publishes.
    fn other(algorithm: Algorithm) -> Self {
        Self::made_of(algorithm, OTHER_RSA)
    }

    fn made_of(algorithm: Algorithm, rsa: &[u8]) -> Self {
        let public = |private: &EncodingKey| {
            let public = Jwk::from_encoding_key(private, algorithm).expect("a public half");
            serde_json::to_value(public).expect("a key is JSON")
        };
        let (private, mut published) = match algorithm {
            Algorithm::ES256 => {
                let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
                let private = EncodingKey::from_ec_der(&pair.serialize_der());
                let published = public(&private);
                (private, published)
            }
            // The form that this pair is written in has its public half too, which `Jwk` does not read.
            Algorithm::EdDSA => {
                let pair = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
                let x = URL_SAFE_NO_PAD.encode(pair.der_bytes());
                let published = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": x });
                (EncodingKey::from_ed_der(&pair.serialize_der()), published)
            }
            _ => {
                let private = EncodingKey::from_rsa_der(rsa);
                let published = public(&private);
                (private, published)
            }
        };
        let digest = Sha256::digest(published.to_string());
        published["kid"] = URL_SAFE_NO_PAD.encode(&digest[..8]).into();
        published["use"] = "sig".into();
        Self { algorithm, private, published }
    }

    fn kid(&self) -> String {
        self.published["kid"].as_str().expect("a name").to_owned()
    }
}

type Shared = State<Arc<Mutex<World>>>;

async fn configuration(State(world): Shared) -> Json<Value> {
    let issuer = lock(&world).issuer.clone();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(world): Shared) -> Json<Value> {
    let mut world = lock(&world);
    world.key_reads += 1;
    Json(json!({ "keys": [world.key.published.clone()] }))
}

async fn authorize(State(world): Shared, Query(asked): Query<HashMap<String, String>>) -> Response {
    let mut world = lock(&world);
    let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let fine = text("response_type") == "code"
        && text("client_id") == CLIENT_ID
        && text("code_challenge_method") == "S256"
        && text("scope").split(' ').any(|scope| scope == "openid")
        && !text("state").is_empty();
    if !fine {
        return (StatusCode::BAD_REQUEST, format!("not a request for a code: {asked:?}")).into_response();
    }
    let code = format!("code-{}", world.codes.len());
    let granted =
        Granted { redirect_uri: text("redirect_uri"), nonce: text("nonce"), challenge: text("code_challenge") };
    let back = format!("{}?code={code}&state={}&iss={}", granted.redirect_uri, text("state"), world.issuer);
    world.codes.insert(code, granted);
    Redirect::to(&back).into_response()
}

#[derive(Deserialize)]
struct TokenRequest {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
}

async fn token(State(world): Shared, headers: HeaderMap, Form(asked): Form<TokenRequest>) -> Response {
    let mut world = lock(&world);
    // Both parts are written as in a form, and then together in base64 (RFC 6749, section 2.3.1).
    let expected = STANDARD.encode(format!("{CLIENT_ID}:s3cret%2Fwith%2Bsigns"));
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if given != format!("Basic {expected}") {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let granted = world.codes.remove(&asked.code);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(asked.code_verifier.as_bytes()));
    match granted {
        Some(granted)
            if asked.grant_type == "authorization_code"
                && granted.redirect_uri == asked.redirect_uri
                && granted.challenge == challenge =>
        {
            let answer = json!({ "id_token": world.id_token(&granted.nonce), "access_token": "let me see", "token_type": "Bearer" });
            Json(answer).into_response()
        }
        _ => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response(),
    }
}

async fn userinfo(State(world): Shared, headers: HeaderMap) -> Response {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given != Some("Bearer let me see") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Person { subject, email, email_verified, name } = &lock(&world).person;
    Json(json!({ "sub": subject, "email": email, "email_verified": email_verified, "name": name })).into_response()
}

impl World {
    fn id_token(&self, nonce: &str) -> String {
        let Person { subject, email, email_verified, name } = &self.person;
        let mut claims = json!({
            "iss": self.issuer, "sub": subject, "aud": CLIENT_ID, "nonce": nonce,
            "iat": self.now.timestamp(), "exp": (self.now + Duration::minutes(5)).timestamp(),
        });
        if !self.tells_late {
            claims["email"] = json!(email);
            claims["email_verified"] = email_verified.clone();
            claims["name"] = json!(name);
        }
        match self.fault {
            Some(Fault::OtherNonce) => claims["nonce"] = json!("another"),
            Some(Fault::OtherAudience) => claims["aud"] = json!("another"),
            Some(Fault::OtherParty) => {
                (claims["aud"], claims["azp"]) = (json!([CLIENT_ID, "another"]), json!("another"));
            }
            Some(Fault::OtherIssuer) => claims["iss"] = json!("https://another.example"),
            Some(Fault::Expired) => claims["exp"] = json!((self.now - Duration::minutes(5)).timestamp()),
            _ => {}
        }
        let header = Header { kid: Some(self.key.kid()), ..Header::new(self.key.algorithm) };
        let signed = |header: &Header, key: &EncodingKey| jsonwebtoken::encode(header, &claims, key).expect("a token");
        match self.fault {
            Some(Fault::OtherKey) => signed(&header, &Key::other(self.key.algorithm).private),
            Some(Fault::Unsigned) => {
                let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                format!("{}.{}.", part(&json!({ "alg": "none", "kid": self.key.kid() })), part(&claims))
            }
            Some(Fault::PublicKeyAsSecret) => {
                let header = Header { kid: Some(self.key.kid()), ..Header::new(Algorithm::HS256) };
                signed(&header, &EncodingKey::from_secret(self.key.published.to_string().as_bytes()))
            }
            _ => signed(&header, &self.key.private),
        }
    }
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}
