//! The customers: each registers, and adds its two sources.

use crate::house::House;
use crate::http::Request;
use crate::sources::Sources;
use aos_core::tenant::Principal;
use aos_core::{Role, TenantId, TenantScope, UserId};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

pub const TENANTS: usize = 3;
const PASSWORD: &str = "four unrelated plain words";
const START_MAX: Duration = Duration::from_secs(60);

pub struct Tenant {
    pub number: usize,
    pub scope: TenantScope,
    pub token: String,
    pub schedule: String,
    pub sources: RefCell<Sources>,
}

impl Tenant {
    /// Registers a customer on servers that are not disturbed yet.
    pub async fn register(house: &Rc<House>, number: usize, seed: u64) -> Rc<Self> {
        let server = house.servers[number % 2];
        let body = json!({ "name": format!("Tenant {number}"), "email": format!("owner{number}@example.com"), "password": PASSWORD });
        until_answered(server).await;
        let session = Request::post("/api/v1/auth/register", body).send_in_quiet(server).await.expect("an answer");
        assert_eq!(session.status, 201, "{}", session.body);
        let token = text(&session.body["access_token"]);
        let id = |member: &Value| member.as_str().and_then(|id| id.parse().ok()).expect("an id");
        let user = &session.body["user"];
        #[allow(clippy::disallowed_methods)] // The test looks at what is left as the tenant itself.
        let scope = TenantScope::establish(
            TenantId(id(&user["tenant_id"])),
            Principal::User(UserId(id(&user["id"]))),
            Role::Owner,
        );
        let mut random = StdRng::seed_from_u64(seed ^ (number as u64 + 1));
        let sources = Sources::new(house.folder.join("sources").join(format!("tenant-{number}")), number, &mut random);
        for name in Sources::NAMES {
            let body = json!({ "name": name, "config": { "path": sources.path(name) } });
            let created =
                Request::post("/api/v1/connections", body).by(&token).send_in_quiet(server).await.expect("an answer");
            assert_eq!(created.status, 201, "{}", created.body);
        }
        // Due at a time that does not come by itself during the test: the workload moves it.
        let body = json!({ "name": "yearly", "cron": "0 0 1 1 *", "task": { "kind": "noop", "max_retries": 5 } });
        let schedule =
            Request::post("/api/v1/tasks/schedules", body).by(&token).send_in_quiet(server).await.expect("an answer");
        assert_eq!(schedule.status, 201, "{}", schedule.body);
        let schedule = text(&schedule.body["id"]);
        Rc::new(Self { number, scope, token, schedule, sources: RefCell::new(sources) })
    }

    pub fn id(&self) -> String {
        self.scope.tenant_id().to_string()
    }
}

/// Waits until a server is there that was just started.
async fn until_answered(server: SocketAddr) {
    let begun = Instant::now();
    while let Err(error) = Request::get("/api/v1/health").send(server).await {
        assert!(begun.elapsed() < START_MAX, "the server does not answer: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
