//! Simulated vendors, read by the real connectors through the guarded way out into a real store: what is held is what the vendor has, also
//! after changes and through a storm.

mod ground;

use aos_connectors::{AllowedRoots, Notes, Operator};
use aos_core::Clock;
use aos_core::ledger::Outcome;
use aos_mesh::drift::Chosen;
use aos_mesh::{SecretPlaces, SourceReport, Sources, StreamReport, SyncMode, SyncRequest};
use aos_net::NetConfig;
use aos_simulators::{Change, Chaos, Drift, Options, Running, Simulator, Vendor, Which};
use aos_store::{Page, ReviewFilter, ReviewState};
use ground::Ground;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const SIZE: u64 = 120;
/// Vendors show changes after a while only; so much later all of them are there.
const SETTLES_MS: i64 = 120_000;
/// A storm may end a sync; the next one goes on. So many are enough for any of them.
const SYNCS_MAX: usize = 60;

struct Desk {
    vendor: Running,
    sources: Sources,
    ground: Ground,
}

impl std::ops::Deref for Desk {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

impl Desk {
    async fn with(vendor: Vendor, connector: &str, config: impl FnOnce(&str) -> Value) -> Self {
        let options = Options { size: SIZE, limit_factor: 1_000, ..Options::default() };
        let vendor = Simulator::start(vendor, &options).await.unwrap();
        let ground = Ground::of(Clock::default(), connector, connector, config(vendor.url())).await;
        let config = NetConfig {
            allow_private: vec!["127.0.0.0/8".parse().unwrap()],
            // The storm is the test's own; the circuit has tests of its own.
            failures_to_open: u32::MAX,
            ..NetConfig::default()
        };
        let sources = Sources {
            store: ground.store.clone(),
            broker: ground.broker.clone(),
            net: aos_net::Client::new(config, ground.clock.clone()).unwrap(),
            clock: ground.clock.clone(),
            operator: Operator::new(AllowedRoots::only([])),
            secrets: SecretPlaces::with_env([
                ("TOKEN".to_owned(), "simulator-token".to_owned()),
                ("SECRET".to_owned(), "simulator-secret".to_owned()),
            ]),
        };
        Self { vendor, sources, ground }
    }

    async fn sync(&self) -> SourceReport {
        self.sync_in(SyncMode::Incremental).await
    }

    async fn sync_in(&self, mode: SyncMode) -> SourceReport {
        let cancel = CancellationToken::new();
        let source = self.sources.open(&self.scope, &self.connection, Notes::unheard(), cancel).await.unwrap();
        self.read(&source, &SyncRequest { mode, ..SyncRequest::default() }).await
    }

    /// Returns what the simulator calls a stream: Dynamics names tables, and the simulator their sets.
    fn simulated(&self, stream: &str) -> String {
        let is = |name: &&String| {
            let singular = name.strip_suffix("ies").map(|stem| format!("{stem}y"));
            *name == stream || name.strip_suffix('s') == Some(stream) || singular.as_deref() == Some(stream)
        };
        let names = self.vendor.streams();
        names.iter().find(is).cloned().unwrap_or_else(|| stream.to_owned())
    }

    /// Compares every stream that feeds an entity with what the vendor has.
    async fn assert_held(&self, when: &str) {
        let store = self.store.tenant(&self.scope);
        let mut compared = 0;
        for stored in store.list_active_mappings().await.unwrap() {
            let Some(main) = stored.mapping.main() else { continue };
            let stream = &stored.mapping.stream;
            let fragments = store.live_fragments(self.connection.id, stream).await.unwrap();
            let held: u64 =
                fragments.iter().filter(|(entity, _, _)| *entity == main.entity).map(|(_, _, rows)| rows).sum();
            let there = self.vendor.count(&self.simulated(stream), Which::Living);
            assert_eq!(held, there, "{stream} as {} {when}", main.entity);
            compared += 1;
        }
        assert!(compared >= 2, "at least two streams feed an entity");
    }

    async fn whole_story(&self, stream: &str) {
        let report = self.sync().await;
        assert!(matches!(report.outcome, Outcome::Success | Outcome::Partial), "{report:#?}");
        assert!(report.streams.iter().all(|stream| stream.tally.balanced()));
        self.assert_held("after the first read").await;

        let simulated = self.simulated(stream);
        self.vendor.change(&Change::Delete { stream: simulated.clone(), row: 3 }).unwrap();
        self.vendor.change(&Change::Add { stream: simulated.clone(), count: 5, set: Default::default() }).unwrap();
        self.vendor.change(&Change::Touch { stream: simulated.clone(), count: 10, seed: 7 }).unwrap();
        self.vendor.advance_ms(SETTLES_MS);
        let report = self.sync().await;
        let own = report.streams.iter().find(|own| own.stream == stream).unwrap();
        assert!(own.tally.landed >= 15, "{own:?}");
        self.assert_held("after changes").await;

        // Everything at once, while more changes. How bad it can get is the connectors' own test.
        self.vendor.set_chaos(storm());
        self.vendor.change(&Change::Touch { stream: simulated.clone(), count: 40, seed: 9 }).unwrap();
        self.vendor.change(&Change::Delete { stream: simulated.clone(), row: 5 }).unwrap();
        self.vendor.advance_ms(SETTLES_MS);
        let mut syncs = 0;
        loop {
            let report = self.sync().await;
            syncs += 1;
            // What the simulated account does not have stays gone.
            let read = |stream: &StreamReport| matches!(stream.code, None | Some("gone"));
            if !report.streams.is_empty() && report.streams.iter().all(read) {
                break;
            }
            assert!(syncs < SYNCS_MAX, "the storm is never over: {report:#?}");
        }
        self.assert_held("after the storm").await;
    }
}

fn storm() -> Chaos {
    Chaos {
        rate_limits: 0.1,
        outages: 0.1,
        expired_tokens: 0.05,
        truncated_answers: 0.1,
        repeated_pages: 0.3,
        reordered_pages: 0.3,
        retry_after_s: 0,
        ..Chaos::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zendesk_is_held_as_it_is_through_changes_and_a_storm() {
    let config = |url: &str| json!({ "base_url": url, "email": "simulator@example.com", "api_token": "env:TOKEN" });
    Desk::with(Vendor::Zendesk, "zendesk", config).await.whole_story("tickets").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hubspot_is_held_as_it_is_through_changes_and_a_storm() {
    let config = |url: &str| json!({ "base_url": url, "access_token": "env:TOKEN" });
    Desk::with(Vendor::Hubspot, "hubspot", config).await.whole_story("deals").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_salesforce_is_held_as_it_is_through_changes_and_a_storm() {
    let config = |url: &str| {
        json!({
            "auth": "client_credentials", "login_url": url, "client_id": "simulator-client", "client_secret": "env:SECRET",
            "objects": ["Account", "Contact", "Opportunity"],
        })
    };
    Desk::with(Vendor::Salesforce, "salesforce", config).await.whole_story("Opportunity").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipedrive_is_held_as_it_is_through_changes_and_a_storm() {
    let config = |url: &str| json!({ "base_url": url, "api_token": "env:TOKEN" });
    Desk::with(Vendor::Pipedrive, "pipedrive", config).await.whole_story("deals").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dynamics_is_held_as_it_is_through_changes_and_a_storm() {
    let config = |url: &str| {
        json!({
            "environment_url": url, "login_url": url, "tenant_id": "simulator", "client_id": "simulator-client",
            "client_secret": "env:SECRET",
        })
    };
    let desk = Desk::with(Vendor::Dynamics, "dynamics365", config).await;
    desk.whole_story("opportunity").await;
    // Of options, their words are read and not their numbers.
    let store = desk.store.tenant(&desk.scope);
    let mapping = store.active_mapping(desk.connection.id, "account").await.unwrap().unwrap().mapping;
    let industry = mapping.main().unwrap().rule("industry").unwrap().sources.clone();
    assert_eq!(industry, ["industrycode@OData.Community.Display.V1.FormattedValue"]);
}

/// What the vendor's administrator does to a field is noticed, decided about, and followed.
async fn a_rename_is_followed(desk: Desk, stream: &str, field: &str) {
    desk.sync().await;
    let store = desk.store.tenant(&desk.scope);
    let version = |stored: Option<aos_store::StoredMapping>| stored.unwrap().mapping.version;
    let before = version(store.active_mapping(desk.connection.id, stream).await.unwrap());
    let to = format!("{field}_new");
    desk.vendor.drift(&Drift::Rename { stream: stream.into(), field: field.into(), to: to.clone() }).unwrap();
    // A drift moves no time of change, so what is new would not show it.
    let report = desk.sync_in(SyncMode::Full).await;
    let own = report.streams.iter().find(|own| own.stream == stream).unwrap();
    assert_eq!(own.code, Some("drift"), "{own:?}");
    desk.assert_held("while it waits").await;
    let open = ReviewFilter { state: Some(ReviewState::Open), ..ReviewFilter::default() };
    let reviews = store.list_reviews(&open, Page::first(100)).await.unwrap().items;
    let is_it = |path: &str| path == field || path.ends_with(&format!(".{field}"));
    let review = reviews.iter().find(|review| is_it(review.payload["path"].as_str().unwrap()));
    let review = review.unwrap_or_else(|| panic!("nothing about {field} in {reviews:#?}"));
    let found = review.payload["candidates"][0]["to"].as_str().unwrap_or_else(|| panic!("{review:#?}"));
    assert!(found.ends_with(&to), "{found} is not {to}");
    let chosen = Chosen::default();
    let applied = desk.mesh.apply(&desk.scope, &desk.ontology, &[(review.clone(), chosen)]).await.unwrap();
    assert_eq!(applied.changed.version, before + 1);
    for other in reviews.iter().filter(|other| other.id != review.id && other.stream.as_deref() == Some(stream)) {
        let accepted = Chosen { accept: true, ..Chosen::default() };
        desk.mesh.apply(&desk.scope, &desk.ontology, &[(other.clone(), accepted)]).await.unwrap();
    }
    let report = desk.sync_in(SyncMode::Full).await;
    let own = report.streams.iter().find(|own| own.stream == stream).unwrap();
    assert_eq!((own.code, own.tally.landed >= 60), (None, true), "{own:?}");
    desk.assert_held("under the new name").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_whole_read_in_which_pages_are_given_twice_is_no_drift() {
    let config = |url: &str| json!({ "base_url": url, "access_token": "env:TOKEN" });
    let desk = Desk::with(Vendor::Hubspot, "hubspot", config).await;
    desk.sync().await;
    desk.vendor.set_chaos(Chaos { repeated_pages: 0.5, ..Chaos::default() });
    let report = desk.sync_in(SyncMode::Full).await;
    assert!(report.streams.iter().all(|stream| stream.code != Some("drift")), "{report:#?}");
    let open = ReviewFilter { state: Some(ReviewState::Open), ..ReviewFilter::default() };
    let reviews = desk.store.tenant(&desk.scope).list_reviews(&open, Page::first(100)).await.unwrap().items;
    let drift: Vec<_> = reviews.iter().filter(|review| review.payload["candidates"].is_array()).collect();
    assert!(drift.is_empty(), "{drift:#?}");
}

/// Here the records that come have changed in the very field, so that their rows do not agree.
#[tokio::test(flavor = "multi_thread")]
async fn a_rename_that_only_new_records_show_is_left_to_a_person() {
    let config = |url: &str| json!({ "base_url": url, "access_token": "env:TOKEN" });
    let desk = Desk::with(Vendor::Hubspot, "hubspot", config).await;
    desk.sync().await;
    let rename = Drift::Rename { stream: "deals".into(), field: "amount".into(), to: "amount_new".into() };
    desk.vendor.drift(&rename).unwrap();
    desk.vendor.change(&Change::Touch { stream: "deals".into(), count: 60, seed: 3 }).unwrap();
    desk.vendor.advance_ms(SETTLES_MS);
    let store = desk.store.tenant(&desk.scope);
    store.put_flag(aos_core::flag::Flag::FeatureDriftAutofix, Some(true)).await.unwrap();
    let report = desk.sync().await;
    let own = report.streams.iter().find(|own| own.stream == "deals").unwrap();
    assert_eq!(own.code, Some("drift"), "{own:?}");
    let open = ReviewFilter { state: Some(ReviewState::Open), ..ReviewFilter::default() };
    let reviews = store.list_reviews(&open, Page::first(100)).await.unwrap().items;
    let review = reviews.iter().find(|review| review.payload["path"] == "properties.amount").unwrap();
    let first = &review.payload["candidates"][0];
    assert_eq!(first["to"], "properties.amount_new", "{review:#?}");
    assert!(first["held"].is_string(), "{review:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_a_hubspot_renames_is_followed() {
    let config = |url: &str| json!({ "base_url": url, "access_token": "env:TOKEN" });
    a_rename_is_followed(Desk::with(Vendor::Hubspot, "hubspot", config).await, "deals", "amount").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_a_salesforce_renames_is_followed() {
    let config = |url: &str| {
        json!({
            "auth": "client_credentials", "login_url": url, "client_id": "simulator-client", "client_secret": "env:SECRET",
            "objects": ["Account", "Opportunity"],
        })
    };
    a_rename_is_followed(Desk::with(Vendor::Salesforce, "salesforce", config).await, "Opportunity", "Amount").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_needs_a_person_and_leaves_nothing_half_done() {
    let config = |url: &str| json!({ "base_url": url, "email": "simulator@example.com", "api_token": "env:SECRET" });
    let desk = Desk::with(Vendor::Zendesk, "zendesk", config).await;
    let report = desk.sync().await;
    assert_eq!((report.outcome, report.code), (Outcome::Failed, Some("unauthorized")), "{report:?}");
    assert!(!format!("{report:?}").contains("simulator-secret"), "no secret in what is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_the_operator_did_not_allow_does_not_exist() {
    let config = |url: &str| json!({ "base_url": url, "email": "x@example.com", "api_token": "env:HOME" });
    let desk = Desk::with(Vendor::Zendesk, "zendesk", config).await;
    let opened = desk.sources.open(&desk.scope, &desk.connection, Notes::unheard(), CancellationToken::new()).await;
    assert!(opened.err().unwrap().to_string().contains("HOME"));
}
