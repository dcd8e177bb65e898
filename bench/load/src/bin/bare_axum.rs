//! The limit that the gateway is measured against: axum and sqlx alone. It checks a signed token, takes the tenant from it and answers with 50
//! rows of that tenant, as JSON that it writes itself (`/rows`) or that PostgreSQL writes (`/json`).
//!
//!     bare_axum DATABASE_URL SECRET

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::{FromRow, PgPool};
use std::sync::Arc;

struct App {
    pool: PgPool,
    key: DecodingKey,
}

#[derive(Deserialize)]
struct Claims {
    tenant: i64,
}

#[derive(Serialize, FromRow)]
struct Row {
    id: String,
    name: String,
    account_id: String,
    stage: String,
    amount: f64,
    currency: String,
    close_date: String,
    owner: String,
    probability: f64,
    created_at: String,
    updated_at: String,
}

const COLUMNS: &str = "id, name, account_id, stage, amount, currency, close_date, owner, probability, created_at, updated_at";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, secret] = arguments.as_slice() else { panic!("bare_axum DATABASE_URL SECRET") };
    let pool = PgPoolOptions::new().max_connections(10).connect(url).await.expect("a database");
    let app = Arc::new(App { pool, key: DecodingKey::from_secret(secret.as_bytes()) });
    let router = Router::new().route("/rows", get(rows)).route("/json", get(json)).with_state(app);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("listening on http://{}", listener.local_addr().expect("an address"));
    axum::serve(listener, router).await.expect("serving");
}

fn tenant(app: &App, headers: &HeaderMap) -> Result<i64, StatusCode> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_required_spec_claims::<&str>(&[]);
    rules.validate_exp = false;
    let claims = decode::<Claims>(token.ok_or(StatusCode::UNAUTHORIZED)?, &app.key, &rules);
    Ok(claims.map_err(|_| StatusCode::UNAUTHORIZED)?.claims.tenant)
}

async fn rows(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Json<Vec<Row>>, StatusCode> {
    let tenant = tenant(&app, &headers)?;
    let sql = format!("SELECT {COLUMNS} FROM opportunities WHERE tenant = $1 ORDER BY id LIMIT 50");
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant).fetch_all(&app.pool).await;
    rows.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn json(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<impl IntoResponse, StatusCode> {
    let tenant = tenant(&app, &headers)?;
    let sql = format!(
        "SELECT json_agg(r)::text FROM (SELECT {COLUMNS} FROM opportunities WHERE tenant = $1 ORDER BY id LIMIT 50) r"
    );
    let text: Result<String, _> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(tenant).fetch_one(&app.pool).await;
    Ok(([(header::CONTENT_TYPE, "application/json")], text.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?))
}
