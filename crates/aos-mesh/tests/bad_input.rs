//! Sources that are wrong in every way one can think of, read through the whole mesh: each has its outcome and its next step, what is held is whole,
//! the ledger balances, and no secret comes out anywhere: not in the report, not in what is kept of the run, not in a log.

mod ground;

use aos_connectors::airbyte::{Program, Programs};
use aos_connectors::{AllowedRoots, Notes, Operator};
use aos_core::Clock;
use aos_core::ledger::Outcome;
use aos_mesh::{SecretPlaces, SourceReport, Sources, StreamReport, SyncRequest};
use aos_net::NetConfig;
use aos_simulators::{BROKEN_BYTE, Change, Drift, Options, Running, Simulator, Vendor, Which};
use aos_store::{Page, RejectionFilter, RunFilter};
use ground::Ground;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

const SIZE: u64 = 60;
const SETTLES_MS: i64 = 120_000;
/// None of these may be seen anywhere.
const SECRETS: [(&str, &str); 3] =
    [("TOKEN", "simulator-token"), ("WRONG", "wrong-swordfish-77"), ("PROGRAM", "program-hunter2-99")];

/// Everything that this test binary logged, however little it matters.
static LOGGED: LazyLock<Arc<Mutex<Vec<u8>>>> = LazyLock::new(|| {
    let logged = Arc::<Mutex<Vec<u8>>>::default();
    let sink = logged.clone();
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || Sink(sink.clone()));
    log.init();
    logged
});

struct Sink(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Desk {
    sources: Sources,
    notes: Arc<Mutex<Vec<String>>>,
    ground: Ground,
}

impl std::ops::Deref for Desk {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

impl Desk {
    async fn new(connector: &str, config: Value, program: Option<&str>, allow_private: bool) -> Self {
        LazyLock::force(&LOGGED);
        let ground = Ground::of(Clock::default(), "crm", connector, config).await;
        let networks = if allow_private { vec!["127.0.0.0/8".parse().unwrap()] } else { Vec::new() };
        let net = NetConfig { allow_private: networks, failures_to_open: u32::MAX, ..NetConfig::default() };
        let programs = program.map(|body| ("script".to_owned(), script(ground.folder(), body)));
        let sources = Sources {
            store: ground.store.clone(),
            broker: ground.broker.clone(),
            net: aos_net::Client::new(net, ground.clock.clone()).unwrap(),
            clock: ground.clock.clone(),
            operator: Operator::new(AllowedRoots::only([])).with_airbyte(Programs::new(programs)),
            secrets: SecretPlaces::with_env(secrets()),
        };
        Self { sources, notes: Arc::default(), ground }
    }

    /// A connection to a simulated Zendesk whose token is kept under that name.
    async fn of(vendor: &Running, token: &str) -> Self {
        let config =
            json!({ "base_url": vendor.url(), "email": "simulator@example.com", "api_token": format!("env:{token}") });
        Self::new("zendesk", config, None, true).await
    }

    /// A connection to a program that does this when it is read.
    async fn running(body: &str) -> Self {
        let config = json!({ "source": "script", "config": "{}", "secret_config": "env:PROGRAM_CONFIG" });
        Self::new("airbyte", config, Some(body), true).await
    }

    async fn sync(&self) -> SourceReport {
        let notes = self.notes.clone();
        let notes = Notes::to(move |line| notes.lock().unwrap().push(line.to_owned()));
        let cancel = CancellationToken::new();
        let source = self.sources.open(&self.scope, &self.connection, notes, cancel).await.unwrap();
        let report = self.read(&source, &SyncRequest::default()).await;
        self.look_for_secrets(&report).await;
        assert!(report.streams.iter().all(|stream| stream.tally.balanced()), "{report:?}");
        report
    }

    /// Counts the rows that are held of a stream.
    async fn held(&self, stream: &str) -> u64 {
        let fragments = self.store.tenant(&self.scope).live_fragments(self.connection.id, stream).await.unwrap();
        fragments.iter().map(|(_, _, rows)| *rows).max().unwrap_or(0)
    }

    async fn alerts(&self) -> Vec<String> {
        let alerts = self.store.tenant(&self.scope).list_alerts(None).await.unwrap();
        alerts.iter().map(|alert| alert.kind.as_str().to_owned()).collect()
    }

    async fn look_for_secrets(&self, report: &SourceReport) {
        let store = self.store.tenant(&self.scope);
        let runs = store.list_runs(RunFilter::default(), Page::first(50)).await.unwrap().items;
        let events = store.list_connection_events(None, Page::first(50)).await.unwrap().items;
        let alerts = store.list_alerts(None).await.unwrap();
        let rejections = store.list_rejections(&RejectionFilter::default(), Page::first(50)).await.unwrap().items;
        let kept = format!("{report:?} {runs:?} {events:?} {alerts:?} {rejections:?} {:?}", self.notes.lock().unwrap());
        let logged = String::from_utf8_lossy(&LOGGED.lock().unwrap()).into_owned();
        for (name, secret) in SECRETS {
            assert!(!kept.contains(secret), "{name} is in what is kept");
            let place =
                logged.find(secret).map(|at| logged[at.saturating_sub(300)..(at + 40).min(logged.len())].to_owned());
            assert_eq!(place, None, "{name} is in the log");
        }
    }
}

fn secrets() -> Vec<(String, String)> {
    let program = ("PROGRAM_CONFIG".to_owned(), json!({ "token": SECRETS[2].1 }).to_string());
    SECRETS.iter().map(|(name, secret)| ((*name).to_owned(), (*secret).to_owned())).chain([program]).collect()
}

/// A source that speaks Airbyte's protocol and has two streams, of which the second is always well.
fn script(folder: &std::path::Path, body: &str) -> Program {
    let catalog = r#"{"type":"CATALOG","catalog":{"streams":[
        {"name":"accounts","json_schema":{"properties":{"id":{"type":"string"},"name":{"type":"string"}}},"supported_sync_modes":["full_refresh","incremental"],
         "source_defined_cursor":true,"default_cursor_field":["at"],"source_defined_primary_key":[["id"]]}]}}"#
        .replace('\n', " ");
    let path = folder.join("source");
    let text = format!(
        "#!/bin/sh\nWORK={}\nrecord() {{ echo '{{\"type\":\"RECORD\",\"record\":{{\"stream\":\"accounts\",\"data\":{{\"id\":\"'$1'\",\"name\":\"Company '$1'\"}},\"emitted_at\":1}}}}'; }}\n\
         state() {{ echo '{{\"type\":\"STATE\",\"state\":{{\"type\":\"STREAM\",\"stream\":{{\"stream_descriptor\":{{\"name\":\"accounts\"}},\"stream_state\":{{\"at\":'$1'}}}},\"sourceStats\":{{\"recordCount\":'$2'.0}}}}}}'; }}\n\
         case $1 in\nspec) echo '{{\"type\":\"SPEC\",\"spec\":{{\"connectionSpecification\":{{}}}}}}' ;;\n\
         check) echo '{{\"type\":\"CONNECTION_STATUS\",\"connectionStatus\":{{\"status\":\"SUCCEEDED\"}}}}' ;;\n\
         discover) cat <<'END'\n{catalog}\nEND\n;;\nread)\n{body}\n;;\nesac\n",
        folder.display()
    );
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    Program { silence_s: 3, total_s: 20, ..Program::new([path.display().to_string()]) }
}

async fn zendesk() -> Running {
    let options = Options { size: SIZE, limit_factor: 1_000, ..Options::default() };
    Simulator::start(Vendor::Zendesk, &options).await.unwrap()
}

fn stream<'r>(report: &'r SourceReport, name: &str) -> &'r StreamReport {
    report.streams.iter().find(|stream| stream.stream == name).unwrap_or_else(|| panic!("{name}: {report:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_stop_the_read_before_anything_and_say_who_has_to_act() {
    let vendor = zendesk().await;
    let desk = Desk::of(&vendor, "WRONG").await;
    let report = desk.sync().await;
    assert_eq!((report.outcome, report.code), (Outcome::Failed, Some("unauthorized")), "{report:?}");
    assert!(report.error.unwrap().contains("check them, or give the grant again"));
    assert_eq!((desk.held("tickets").await, desk.alerts().await), (0, vec!["needs_attention".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_may_not_be_read_is_named_with_its_right_and_the_others_are_read() {
    let vendor = zendesk().await;
    vendor.forbid("tickets");
    let desk = Desk::of(&vendor, "TOKEN").await;
    let report = desk.sync().await;
    assert_eq!(report.outcome, Outcome::Partial, "{report:?}");
    let tickets = stream(&report, "tickets");
    assert_eq!(tickets.code, Some("missing_scope"), "{tickets:?}");
    assert!(tickets.problem.as_ref().unwrap().contains("give the account the right to read it"));
    assert_eq!(desk.held("organizations").await, vendor.count("organizations", Which::Living));
    assert_eq!(desk.held("tickets").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_was_deleted_is_gone_and_takes_nothing_of_what_is_held_along() {
    let options = Options { size: SIZE, limit_factor: 1_000, ..Options::default() };
    let vendor = Simulator::start(Vendor::Salesforce, &options).await.unwrap();
    let config = json!({
        "auth": "client_credentials", "login_url": vendor.url(), "client_id": "simulator-client", "client_secret": "env:SECRET",
        "objects": ["Account", "Opportunity"],
    });
    let mut desk = Desk::new("salesforce", config, None, true).await;
    desk.sources.secrets = SecretPlaces::with_env([("SECRET".to_owned(), "simulator-secret".to_owned())]);
    desk.sync().await;
    let held = desk.held("Opportunity").await;
    assert!(held > 0);
    vendor.drift(&Drift::RemoveStream { stream: "Opportunity".into() }).unwrap();
    let report = desk.sync().await;
    let lost = stream(&report, "Opportunity");
    assert_eq!(lost.code, Some("gone"), "{lost:?}");
    assert!(lost.problem.as_ref().unwrap().contains("remove it from the connection"), "{lost:?}");
    assert!(stream(&report, "Account").code.is_none());
    assert_eq!(desk.held("Opportunity").await, held, "that nobody can ask for it any more deletes no record");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_megabytes_in_a_field_land_and_broken_bytes_cost_their_record_only() {
    let vendor = zendesk().await;
    let edit = |row: u64, text: String| {
        let set = serde_json::Map::from_iter([("description".to_owned(), Value::String(text))]);
        vendor.change(&Change::Edit { stream: "tickets".into(), row, set }).unwrap();
    };
    edit(3, "x".repeat(10 << 20));
    edit(5, format!("bro{BROKEN_BYTE}ken"));
    vendor.advance_ms(SETTLES_MS);
    let desk = Desk::of(&vendor, "TOKEN").await;
    let report = desk.sync().await;
    let tickets = stream(&report, "tickets");
    assert_eq!((tickets.outcome, tickets.tally.rejected), (Outcome::Partial, 1), "{:?}", tickets.tally);
    assert_eq!(desk.held("tickets").await, vendor.count("tickets", Which::Living) - 1);
    let rejections = desk.store.tenant(&desk.scope).list_rejections(&RejectionFilter::default(), Page::first(10)).await;
    let rejections = rejections.unwrap().items;
    assert!(rejections.iter().any(|rejection| rejection.rejection.message.contains("encoding")), "{rejections:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_inside_is_not_reached_and_the_operator_is_named() {
    for address in ["http://10.0.0.1", "http://169.254.169.254", "http://[::ffff:127.0.0.1]"] {
        let config = json!({ "base_url": address, "email": "x@example.com", "api_token": "env:TOKEN" });
        let desk = Desk::new("zendesk", config, None, false).await;
        let report = desk.sync().await;
        assert_eq!((report.outcome, report.code), (Outcome::Unreachable, Some("unreachable")), "{report:?}");
        let said = report.error.unwrap();
        assert!(said.contains("private") || said.contains("allow"), "{said}");
    }
}

/// What a program does, and what becomes of it: outcome, code, words of the next step, and how many records are held afterwards.
struct Misbehaviour {
    body: &'static str,
    outcome: Outcome,
    code: Option<&'static str>,
    says: &'static str,
    held: u64,
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_program_does_what_is_held_is_whole() {
    let cases = [
        Misbehaviour {
            body: "record 2; state 2 1; echo this is no message; echo '{\"type\":'; record 3; state 3 1; exit 0",
            outcome: Outcome::Success,
            code: None,
            says: "",
            held: 3,
        },
        Misbehaviour {
            body: "record 2; state 2 1; record 3; exit 137",
            outcome: Outcome::Unreachable,
            code: Some("transient"),
            says: "2048 MiB",
            held: 2,
        },
        Misbehaviour {
            body: "record 2; state 2 1; record 3; sleep 3600",
            outcome: Outcome::Unreachable,
            code: Some("transient"),
            says: "tried again by itself",
            held: 2,
        },
        Misbehaviour {
            body: "sleep 3600 & record 2; state 2 1; (while :; do sleep 1; done) & exit 3",
            outcome: Outcome::Unreachable,
            code: Some("transient"),
            says: "status 3",
            held: 2,
        },
        Misbehaviour {
            body: "yes \"complaint $(cat \"$3\")\" | head -n 200000 >&2; record 2; state 2 1; exit 2",
            outcome: Outcome::Unreachable,
            code: Some("transient"),
            says: "complaint",
            held: 2,
        },
        Misbehaviour {
            body: "record 2; state 2 1; record 3; state 3 7; exit 0",
            outcome: Outcome::Unreachable,
            code: Some("contract"),
            says: "nothing of that answer was taken",
            held: 2,
        },
    ];
    for case in cases {
        let desk = Desk::running("record 1; state 1 1; exit 0").await;
        desk.sync().await;
        assert_eq!(desk.held("accounts").await, 1);
        script(desk.folder(), case.body);
        let report = desk.sync().await;
        let accounts = stream(&report, "accounts");
        assert_eq!((accounts.outcome, accounts.code), (case.outcome, case.code), "{}: {report:?}", case.body);
        let said = accounts.problem.as_deref().unwrap_or_default();
        assert!(said.contains(case.says) && said.len() < 3_000, "{}: {said}", case.body);
        assert_eq!(desk.held("accounts").await, case.held, "{}: {report:?}", case.body);
        // And whatever it was: once it is well, everything is held, and nothing twice.
        script(desk.folder(), "record 1; record 2; state 2 2; record 3; state 3 1; exit 0");
        let report = desk.sync().await;
        assert!(stream(&report, "accounts").code.is_none(), "{}: {report:?}", case.body);
        assert_eq!(desk.held("accounts").await, 3, "{}", case.body);
    }
}
