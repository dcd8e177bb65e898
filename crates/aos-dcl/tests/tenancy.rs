//! The end of a tenant, and its way out, over every store there is at once.

use aos_connectors::{AllowedRoots, Operator};
use aos_core::tenant::Principal;
use aos_core::vault::Secret;
use aos_core::{Clock, Role, TenantId, TenantScope};
use aos_dcl::connect::ConnectRequest;
use aos_dcl::connections::FileConfig;
use aos_dcl::engine::{Engine, EngineOptions};
use aos_dcl::tenancy;
use aos_dcl::{Dcl, DclOptions, SecretPlaces};
use aos_lake::Lake;
use aos_store::Store;
use aos_testkit::Backend;
use serde_json::Value;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// An installation with two tenants, whose processes lie side by side as they do on a server.
struct Place {
    dcl: Dcl,
    store: Store,
    backend: Backend,
    dir: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let backend = Backend::chosen();
        let store = backend.store(&dir.path().join("store.db"), &Clock::default()).await;
        let dcl = process(&store, &backend, dir.path(), 0).await;
        Self { dcl, store, backend, dir }
    }

    /// Connects a file of a tenant's own.
    async fn fill(&self, name: &str) -> TenantScope {
        let scope = scope(self.store.system().ensure_tenant(name).await.unwrap().id);
        let folder = self.dir.path().join("exports").join(name).join("crm");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("Account.csv"), format!("account_id,name\nA-1,{name} one\nA-2,{name} two\n"))
            .unwrap();
        let config = FileConfig { path: folder, files: None };
        self.dcl.tenant(&scope).add_local_connection("crm", None, config).await.unwrap();
        self.store.tenant(&scope).put_secret("test", "token", &Secret::new("hush-4711")).await.unwrap();
        self.dcl.tenant(&scope).connect(ConnectRequest::default(), |_| {}).await.unwrap();
        scope
    }

    /// Lists every file below the installation that carries a tenant's id in its path.
    fn files_of(&self, tenant: TenantId) -> Vec<PathBuf> {
        fn below(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.file_type().unwrap().is_dir() {
                    true => below(&entry.path(), found),
                    false => found.push(entry.path()),
                }
            }
        }
        let mut found = Vec::new();
        below(self.dir.path(), &mut found);
        found.retain(|path| path.display().to_string().contains(&tenant.to_string()));
        found
    }
}

async fn process(store: &Store, backend: &Backend, dir: &Path, number: u8) -> Dcl {
    let clock = Clock::default();
    Dcl::new(DclOptions {
        store: store.clone(),
        lake: Lake::open(dir.join("lake")).unwrap(),
        broker: backend.broker(&clock).await,
        engine: Engine::new(dir.join("caches").join(number.to_string()).join("engines"), EngineOptions::default()),
        net: aos_net::Client::new(aos_net::NetConfig::default(), clock.clone()).unwrap(),
        clock,
        agents: aos_dcl::agents::shipped(),
        operator: Operator::new(AllowedRoots::only([dir.join("exports")])),
        secrets: SecretPlaces::default(),
        sources_in_parallel: 2,
        flags: Default::default(),
    })
}

#[allow(clippy::disallowed_methods)] // Tests stand in for the doors that may.
fn scope(tenant: TenantId) -> TenantScope {
    TenantScope::establish(tenant, Principal::Local, Role::Owner)
}

async fn names(dcl: &Dcl, scope: &TenantScope) -> Vec<String> {
    let answer = dcl.tenant(scope).query("SELECT name FROM account ORDER BY name", 10).await.unwrap();
    answer.rows.iter().map(|row| row[0].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_tenant_is_nowhere_and_the_certificate_names_every_store() {
    let place = Place::new().await;
    let (acme, globex) = (place.fill("acme").await, place.fill("globex").await);
    // Another process on this machine has the tenant open as well.
    let beside = process(&place.store, &place.backend, place.dir.path(), 1).await;
    assert_eq!(names(&beside, &acme).await.len(), 2);
    let tenant = acme.tenant_id();
    assert!(place.files_of(tenant).len() >= 3, "segments and two caches");

    let begun = place.dcl.begin_tenant_deletion(tenant, "local").await.unwrap();
    let done = place.dcl.delete_tenant(&begun).await.unwrap().expect("nobody else works on it");
    assert_eq!(place.files_of(tenant), Vec::<PathBuf>::new());
    let certificate = done.certificate.expect("a certificate");
    let stores = certificate["stores"].as_array().unwrap();
    assert!(stores.iter().all(|store| store["left"] == 0));
    let covered = |part: &str| {
        stores.iter().find(|store| store["part"] == part).unwrap_or_else(|| panic!("{part}: {certificate}"))
    };
    for table in place.store.system().tenant_tables().await.unwrap() {
        covered(&format!("table {}", table.name));
    }
    assert!(covered("table canonical_stream")["removed"].as_u64().unwrap() >= 2);
    assert_eq!(covered("table tenants")["removed"], 1);
    assert_eq!(covered("table secrets")["removed"], 1);
    assert!(covered("raw segments")["removed"].as_u64().unwrap() >= 1);
    for kind in ["database", "lake", "engine", "broker"] {
        assert!(stores.iter().any(|store| store["store"] == kind), "{kind}");
    }
    assert!(certificate["not_covered"].to_string().contains("backups"));
    assert!(!certificate.to_string().contains("acme"), "it names nothing but the id");
    assert_eq!(certificate["sha256"].as_str().map(str::len), Some(64));

    assert_eq!(names(&place.dcl, &globex).await, ["globex one", "globex two"]);
    let again = place.dcl.delete_tenant(&begun).await.unwrap().expect("it is finished");
    assert_eq!(again.certificate, Some(certificate), "asking again changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_was_cut_off_is_finished_by_another_process() {
    let place = Place::new().await;
    let (acme, globex) = (place.fill("acme").await, place.fill("globex").await);
    let begun = place.dcl.begin_tenant_deletion(acme.tenant_id(), "user:x").await.unwrap();
    // As far as a process came that was killed: some tables are empty, the lake and the rest are not.
    for table in place.store.system().tenant_tables().await.unwrap().iter().take(9) {
        place.store.system().erase_rows(acme.tenant_id(), table, 1).await.unwrap();
    }
    let other = process(&place.store, &place.backend, place.dir.path(), 1).await;
    assert_eq!(other.tidy_deleted_tenants().await.unwrap(), 1);
    let done = place.store.system().tenant_deletion(begun.id).await.unwrap().expect("it stays");
    assert!(done.finished_at.is_some() && done.certificate.is_some());
    assert_eq!(place.files_of(acme.tenant_id()), Vec::<PathBuf>::new());
    assert_eq!(names(&place.dcl, &globex).await.len(), 2);
    assert_eq!(other.tidy_deleted_tenants().await.unwrap(), 0, "there is nothing left to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_has_everything_and_is_found_out_when_a_byte_of_it_changes() {
    let place = Place::new().await;
    let (acme, _) = (place.fill("acme").await, place.fill("globex").await);
    let target = place.dir.path().join("acme.tar.zst");
    let report = place.dcl.tenant(&acme).export(&target).await.unwrap();
    assert!(report.verified.segments >= 1 && report.verified.rows > 10, "{:?}", report.verified);
    assert_eq!(report.verified.tables as usize, report.manifest.tables.len());
    assert!(report.manifest.left_out.iter().any(|left| left.what == "secrets"));
    assert_eq!(tenancy::verify(&target).unwrap(), report.verified);
    assert!(place.dcl.tenant(&acme).export(&target).await.is_err(), "nothing is written over");

    let (mut events, mut everything) = (0, String::new());
    let mut tar = tar::Archive::new(zstd::Decoder::new(std::fs::File::open(&target).unwrap()).unwrap());
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut text = Vec::new();
        entry.read_to_end(&mut text).unwrap();
        let text = String::from_utf8_lossy(&text).into_owned();
        if name == "rows/canonical_stream.ndjson" {
            events = text.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count();
        }
        everything.push_str(&text);
    }
    assert_eq!(events, 2);
    assert!(everything.contains("acme one") && !everything.contains("globex") && !everything.contains("hush-4711"));

    // One byte of one row, under the same compression.
    let mut plain = zstd::decode_all(std::fs::File::open(&target).unwrap()).unwrap();
    let at = plain.windows(8).position(|window| window == b"acme one").unwrap();
    plain[at] = b'A';
    let mut changed = std::fs::File::create(place.dir.path().join("changed.tar.zst")).unwrap();
    changed.write_all(&zstd::encode_all(plain.as_slice(), 1).unwrap()).unwrap();
    let found = tenancy::verify(&place.dir.path().join("changed.tar.zst")).unwrap_err();
    assert!(found.to_string().contains("is not what the manifest says"), "{found}");
    let half = std::fs::read(&target).unwrap();
    std::fs::write(place.dir.path().join("half.tar.zst"), &half[..half.len() / 2]).unwrap();
    assert!(tenancy::verify(&place.dir.path().join("half.tar.zst")).is_err());
}
