//! `autonomos worker`: what it refuses, and how it begins and ends.

use aos_testservers::{Database, Postgres};
use assert_cmd::Command;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(180);

fn autonomos(data: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
    for name in ["DATABASE_URL", "SUPABASE_DATABASE_URL", "REDIS_URL"] {
        command.env_remove(name);
    }
    command.env("AUTONOMOS_DATA", data.path()).env("AUTONOMOS_SECRETS__DEVELOPMENT", "true");
    command
}

/// A database with all tables, and the address that the program is given.
struct Migrated {
    database: Database,
    url: String,
}

/// A machine without PostgreSQL leaves the test out, and says so.
fn migrated(data: &tempfile::TempDir) -> Option<Migrated> {
    let Some(server) = Postgres::start() else {
        eprintln!("SKIPPED: there is no PostgreSQL 15 or newer on this machine (apt-get install postgresql)");
        return None;
    };
    let database = server.empty_database();
    // Roles are the server's, which other tests share.
    let url = database.url(&format!("worker_{}", database.name()));
    let mut migrate = autonomos(data);
    migrate.arg("migrate").env("AUTONOMOS_MIGRATE_DATABASE_URL", database.owner_url());
    migrate.env("DATABASE_URL", &url).assert().success();
    Some(Migrated { database, url })
}

fn terminate(child: &Child) {
    assert!(std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
}

#[test]
fn a_worker_on_the_embedded_database_says_what_to_do_instead() {
    let data = tempfile::tempdir().unwrap();
    let output = autonomos(&data).arg("worker").assert().code(1).get_output().stderr.clone();
    let said = String::from_utf8(output).unwrap();
    assert!(said.contains("DATABASE_URL") && said.contains("autonomos serve"), "{said}");
}

#[test]
fn a_lease_that_no_machine_could_keep_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let Some(migrated) = migrated(&data) else { return };
    let mut worker = autonomos(&data);
    worker.arg("worker").env("DATABASE_URL", &migrated.url).env("AUTONOMOS_WORKER__LEASE_MS", "20");
    let output = worker.assert().code(1).get_output().stderr.clone();
    assert!(String::from_utf8(output).unwrap().contains("worker.lease_ms"));
}

#[test]
fn a_worker_that_is_to_run_once_ends_by_itself_and_says_what_it_did() {
    let data = tempfile::tempdir().unwrap();
    let Some(migrated) = migrated(&data) else { return };
    let mut worker = autonomos(&data);
    worker.args(["worker", "--once", "--slots", "2"]).env("DATABASE_URL", &migrated.url).timeout(PATIENCE);
    let output = worker.assert().success().get_output().stdout.clone();
    assert_eq!(String::from_utf8(output).unwrap(), "0 succeeded, 0 failed, 0 canceled, 0 given back\n");
}

#[test]
fn a_worker_that_is_terminated_signs_off_and_ends_well() {
    let data = tempfile::tempdir().unwrap();
    let Some(migrated) = migrated(&data) else { return };
    let mut worker = std::process::Command::new(env!("CARGO_BIN_EXE_autonomos"));
    worker.arg("worker").env("DATABASE_URL", &migrated.url).env("AUTONOMOS_DATA", data.path());
    let mut worker = worker
        .env("AUTONOMOS_SECRETS__DEVELOPMENT", "true")
        .env_remove("REDIS_URL")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("it has signed on", || migrated.database.sql("SELECT count(*) FROM workers").trim() == "1");
    terminate(&worker);
    wait_until("it has ended", || worker.try_wait().unwrap().is_some());
    assert!(worker.wait().unwrap().success());
    assert_eq!(migrated.database.sql("SELECT count(*) FROM workers").trim(), "0");
}

fn wait_until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
