//! The main job at its own door: files in, unified records, a balanced ledger and an explained picture out.

use aos_connectors::{AllowedRoots, Operator};
use aos_core::ledger::Outcome;
use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantId, TenantScope};
use aos_dcl::connect::{ConnectReport, ConnectRequest};
use aos_dcl::connections::FileConfig;
use aos_dcl::engine::{Engine, EngineOptions, ViewQuery};
use aos_dcl::{Dcl, DclOptions, SecretPlaces, TenantDcl};
use aos_lake::Lake;
use aos_store::{Page, RejectionFilter, Store};
use aos_testkit::Backend;
use std::path::{Path, PathBuf};

/// A data directory, and a folder of exports that a test writes.
struct Desk {
    dcl: Dcl,
    store: Store,
    acme: TenantScope,
    globex: TenantScope,
    backend: Backend,
    dir: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let backend = Backend::chosen();
        let (dcl, store, acme, globex) = open(dir.path(), &backend).await;
        Self { dcl, store, acme, globex, backend, dir }
    }

    fn tenant(&self) -> TenantDcl {
        self.dcl.tenant(&self.acme)
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.dir.path().join("exports").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    async fn add(&self, source: &str) {
        add(&self.tenant(), source, self.dir.path().join("exports").join(source)).await;
    }
}

async fn open(dir: &Path, backend: &Backend) -> (Dcl, Store, TenantScope, TenantScope) {
    let clock = Clock::default();
    let store = backend.store(&dir.join("store.db"), &clock).await;
    let acme = scope(store.system().ensure_tenant("acme").await.unwrap().id);
    let globex = scope(store.system().ensure_tenant("globex").await.unwrap().id);
    let dcl = Dcl::new(DclOptions {
        store: store.clone(),
        lake: Lake::open(dir.join("lake")).unwrap(),
        broker: backend.broker(&clock).await,
        engine: Engine::new(dir.join("cache"), EngineOptions::default()),
        clock,
        agents: aos_dcl::agents::shipped(),
        net: aos_net::Client::new(aos_net::NetConfig::default(), Clock::default()).unwrap(),
        operator: Operator::new(AllowedRoots::only([dir.join("exports")])),
        secrets: SecretPlaces::default(),
        sources_in_parallel: 2,
        flags: Default::default(),
    });
    (dcl, store, acme, globex)
}

#[allow(clippy::disallowed_methods)] // Tests say who they are.
fn scope(tenant: TenantId) -> TenantScope {
    TenantScope::establish(tenant, Principal::Local, Role::Owner)
}

async fn add(tenant: &TenantDcl, source: &str, path: PathBuf) {
    tenant.add_local_connection(source, None, FileConfig { path, files: None }).await.unwrap();
}

async fn connect(tenant: &TenantDcl) -> ConnectReport {
    tenant.connect(ConnectRequest::default(), |_| {}).await.unwrap()
}

async fn with_samples() -> Desk {
    let desk = Desk::new().await;
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    for source in std::fs::read_dir(&samples).unwrap().map(|entry| entry.unwrap()) {
        let name = source.file_name().into_string().unwrap();
        if source.path().is_dir() && name != "replay" {
            add(&desk.tenant(), &name, source.path()).await;
        }
    }
    desk
}

const CRM: &str = "Id,Name,Industry,AnnualRevenue,CreatedDate\n001A000001LtzzzIAB,Acme Corp,Software,1200000.50,2024-01-02\n001A000001LtzzyIAB,Globex,Energy,0,2024-02-03\n";

#[tokio::test(flavor = "multi_thread")]
async fn samples_are_unified_and_the_ledger_balances() {
    let desk = with_samples().await;
    let report = connect(&desk.tenant()).await;
    let totals = &report.ledger.totals;
    assert!(totals.balanced && totals.read > 3_000, "{totals:?}");
    assert_eq!((totals.rejected, report.ledger.outcome), (0, Outcome::Success), "{:?}", report.ledger);
    // Three tables over the same resource ids are one record each.
    let resources = desk
        .tenant()
        .query("SELECT count(*), count(DISTINCT _record_id) FROM aws_resource WHERE _source = 'snowflake'", 10)
        .await
        .unwrap();
    assert_eq!(resources.rows[0], [serde_json::json!(240), serde_json::json!(240)]);
    let merged = desk.tenant().query("SELECT count(*) FROM aws_resource WHERE _source = 'snowflake' AND resource_type IS NOT NULL AND cpu_utilization IS NOT NULL", 10).await.unwrap();
    assert!(merged.rows[0][0].as_u64().unwrap() > 50, "{:?}", merged.rows);
    // Long-format metrics have become columns.
    let pivoted = desk
        .tenant()
        .query("SELECT count(*) FROM aws_resource WHERE _source = 'legacy_sql' AND cpu_utilization IS NOT NULL", 10)
        .await
        .unwrap();
    assert!(pivoted.rows[0][0].as_u64().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn connecting_twice_changes_no_count() {
    let desk = with_samples().await;
    let first = connect(&desk.tenant()).await;
    let second = connect(&desk.tenant()).await;
    assert_eq!(first.entities, second.entities);
    assert_eq!((second.ledger.outcome, second.ledger.totals.landed), (Outcome::NoChange, 0));
    assert!(
        second
            .tables
            .iter()
            .all(|table| first.tables.iter().any(|known| known.table == table.table && known.entity == table.entity))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_grew_lands_only_what_is_new() {
    let desk = Desk::new().await;
    desk.write("crm/Account.csv", CRM);
    desk.add("crm").await;
    connect(&desk.tenant()).await;
    desk.write("crm/Account.csv", &format!("{CRM}001A000001LtzzxIAB,Initech,Software,5,2024-03-04\n"));
    let report = connect(&desk.tenant()).await;
    let totals = &report.ledger.totals;
    assert_eq!((totals.read, totals.landed, totals.duplicate), (3, 1, 2));
    assert_eq!(report.entities["account"].records, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_came_back_is_shown_again() {
    let desk = Desk::new().await;
    desk.write("crm/Account.csv", CRM);
    desk.add("crm").await;
    for (industry, content) in
        [("Software", CRM.to_owned()), ("Retail", CRM.replace("Software", "Retail")), ("Software", CRM.to_owned())]
    {
        desk.write("crm/Account.csv", &content);
        connect(&desk.tenant()).await;
        let found = desk.tenant().query("SELECT industry FROM account WHERE name = 'Acme Corp'", 10).await.unwrap();
        assert_eq!(found.rows, [[serde_json::json!(industry)]]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ragged_row_is_rejected_with_its_text_and_the_rest_lands() {
    let desk = Desk::new().await;
    desk.write("crm/Account.csv", &format!("{CRM}001A000001LtzzxIAB,too,few\n,No Key Inc,Software,1,2024-01-01\n"));
    desk.add("crm").await;
    let report = connect(&desk.tenant()).await;
    let totals = &report.ledger.totals;
    assert_eq!((totals.read, totals.landed, totals.rejected, totals.balanced), (4, 2, 2, true));
    assert_eq!(report.ledger.outcome, Outcome::Partial);
    let rejections = desk.tenant().rejections(RejectionFilter::default(), Page::first(10)).await.unwrap().items;
    assert!(rejections.iter().any(|rejection| rejection.raw.contains("001A000001LtzzxIAB,too,few")), "{rejections:?}");
    assert!(rejections.iter().any(|rejection| rejection.raw.contains("No Key Inc")), "{rejections:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_unreadable_table_does_not_stop_the_others() {
    let desk = Desk::new().await;
    desk.write("crm/Account.csv", CRM);
    desk.write("crm/Empty.csv", "");
    desk.add("crm").await;
    let report = connect(&desk.tenant()).await;
    let empty = report.tables.iter().find(|table| table.table == "Empty").unwrap();
    assert!(empty.problem.as_ref().unwrap().contains("is empty"), "{empty:?}");
    assert_eq!(report.entities["account"].records, 2);
    assert_eq!(report.ledger.outcome, Outcome::Partial);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_gone_is_unreachable_and_loses_nothing() {
    let desk = Desk::new().await;
    desk.write("crm/Account.csv", CRM);
    desk.add("crm").await;
    connect(&desk.tenant()).await;
    std::fs::remove_dir_all(desk.dir.path().join("exports/crm")).unwrap();
    let report = connect(&desk.tenant()).await;
    assert_eq!(report.ledger.outcome, Outcome::Unreachable);
    assert_eq!(report.entities["account"].records, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_is_rebuilt_from_the_store() {
    let desk = with_samples().await;
    let before = connect(&desk.tenant()).await;
    let acme = desk.acme.clone();
    let view = |dcl: Dcl| async {
        let tenant = dcl.tenant(&acme);
        drop(dcl);
        tenant.refresh_engine().await.unwrap();
        tenant.view("opportunity", &ViewQuery { limit: 1000, ..ViewQuery::default() }).await.unwrap().items.clone()
    };
    let shown = view(desk.dcl.clone()).await;
    let dir = desk.dir;
    drop((desk.dcl, desk.store));
    std::fs::remove_dir_all(dir.path().join("cache")).unwrap();
    let (reopened, _, acme_again, _) = open(dir.path(), &desk.backend).await;
    assert_eq!(acme, acme_again);
    assert_eq!(shown, view(reopened.clone()).await);
    assert_eq!(before.entities, connect(&reopened.tenant(&acme)).await.entities);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_see_only_their_own() {
    let desk = Desk::new().await;
    desk.write("crm/Account.csv", CRM);
    desk.add("crm").await;
    connect(&desk.tenant()).await;
    let stranger = desk.dcl.tenant(&desk.globex);
    assert!(stranger.state().await.unwrap().state.sources_added.is_empty());
    assert_eq!(stranger.view("account", &ViewQuery::default()).await.unwrap().total, 0);
    assert!(stranger.record("account", "crm", "001A000001LtzzzIAB").await.is_err());
    assert!(stranger.preview("src_crm_Account", 5).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_tells_where_it_comes_from() {
    let desk = with_samples().await;
    connect(&desk.tenant()).await;
    let id = desk.tenant().query("SELECT _record_id FROM aws_resource WHERE _source = 'snowflake' AND cpu_utilization IS NOT NULL AND instance_type IS NOT NULL ORDER BY 1 LIMIT 1", 1).await.unwrap();
    let id = id.rows[0][0].as_str().unwrap().to_owned();
    let record = desk.tenant().record("aws_resource", "snowflake", &id).await.unwrap();
    assert_eq!(record.cells["cpu_utilization"].origin.stream, "RESOURCE_METRICS");
    assert_eq!(record.cells["instance_type"].origin.source_field, "INSTANCE_TYPE");
    assert!(
        record
            .cells
            .iter()
            .all(|(field, cell)| record.record[field] == cell.value && !cell.origin.source_field.is_empty()),
        "{record:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_is_cached_until_it_changes() {
    let desk = Desk::new().await;
    desk.write("crm/Account.csv", CRM);
    let empty = desk.tenant().state_version().await.unwrap();
    desk.add("crm").await;
    connect(&desk.tenant()).await;
    let picture = desk.tenant().state().await.unwrap();
    let first = &picture.state;
    assert_ne!(first.version, empty);
    assert_eq!(desk.tenant().state().await.unwrap().state.version, first.version);
    assert!(first.edges.iter().any(|edge| edge.source == "src_crm_Account" && edge.target == "dcl_account"));
    let preview = desk.tenant().preview("src_crm_Account", 1).await.unwrap();
    assert_eq!((preview.columns.len(), preview.rows.len(), preview.total), (5, 1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_connection_takes_its_records_with_it() {
    let desk = Desk::new().await;
    desk.write("crm/Account.csv", CRM);
    desk.add("crm").await;
    connect(&desk.tenant()).await;
    let id = desk.tenant().find_connection("crm").await.unwrap().unwrap().id;
    desk.tenant().delete_connection(id).await.unwrap();
    assert_eq!(desk.tenant().view("account", &ViewQuery::default()).await.unwrap().total, 0);
    assert!(desk.tenant().state().await.unwrap().state.sources_added.is_empty());
    desk.add("crm").await;
    assert_eq!(connect(&desk.tenant()).await.entities["account"].records, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_was_cut_off_is_mended_at_the_next_refresh() {
    let desk = Desk::new().await;
    desk.write("crm/Account.csv", CRM);
    desk.add("crm").await;
    connect(&desk.tenant()).await;
    let id = desk.tenant().find_connection("crm").await.unwrap().unwrap().id;
    // The store's half of a removal, without the engine's.
    desk.store.tenant(&desk.acme).delete_connection(id).await.unwrap();
    desk.tenant().refresh_engine().await.unwrap();
    assert_eq!(desk.tenant().view("account", &ViewQuery::default()).await.unwrap().total, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_outside_the_allowed_folders_is_refused() {
    let desk = Desk::new().await;
    for path in ["/etc", "../../etc", desk.dir.path().join("exports/../store.db").to_str().unwrap()] {
        let new = serde_json::from_value(serde_json::json!({ "name": "x", "config": { "path": path } })).unwrap();
        let error = desk.tenant().add_connection(new).await.unwrap_err();
        assert!(matches!(error, aos_dcl::Error::PathNotAllowed { .. }), "{path}: {error}");
    }
}
