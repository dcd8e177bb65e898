//! The vendors' own client libraries, or the ones most used where the vendor has none, page through the simulated accounts: what they are given
//! is what the account holds. They come from PyPI (`scripts/fetch-connectors`); without them these tests say so and do nothing.

use aos_simulators::{Change, Options, Running, Simulator, Vendor, Which};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const SIZE: u64 = 1_200;
/// Vendors show changes after a while only; so much later all of them are there.
const SETTLES_MS: i64 = 120_000;

/// The interpreter that has the libraries.
fn python() -> Option<PathBuf> {
    #[allow(clippy::disallowed_methods)] // Tests are told by the environment what there is.
    let told = std::env::var_os("AOS_TEST_SDKS").map(PathBuf::from);
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../third_party/sdks/bin");
    let path = told.unwrap_or(fetched).join("python");
    if !path.exists() {
        eprintln!("SKIPPED: the vendors' libraries are not at {} (scripts/fetch-connectors)", path.display());
        return None;
    }
    Some(path)
}

/// An account of which some records were edited and deleted, over TLS.
async fn account(vendor: Vendor, stream: &str) -> Running {
    let options = Options { size: SIZE, limit_factor: 1_000, tls: true, ..Options::default() };
    let running = Simulator::start(vendor, &options).await.unwrap();
    running.change(&Change::Touch { stream: stream.into(), count: 20, seed: 3 }).unwrap();
    running.change(&Change::Delete { stream: stream.into(), row: 7 }).unwrap();
    running.advance_ms(SETTLES_MS);
    running
}

/// Pages through a stream as `tests/sdks/page.py` does under that name.
async fn paged(python: PathBuf, running: &Running, name: &str) -> Vec<Value> {
    let folder = std::env::temp_dir().join(format!("aos-sdks-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let authority = folder.join("authority.pem");
    std::fs::write(&authority, running.authority_pem().unwrap()).unwrap();
    let mut command = Command::new(python);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdks/page.py");
    command.arg(script).args([name, running.url()]).arg(&authority).env("HOME", &folder);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Compares every member that a library gives, of every record, with what the account holds.
fn assert_equal(name: &str, given: Vec<Value>, truth: impl Iterator<Item = String>, key: &str) {
    let id = |record: &Value| match &record[key] {
        Value::String(id) => id.clone(),
        id => id.to_string(),
    };
    let truth: BTreeMap<String, Value> =
        truth.map(|record| serde_json::from_str(&record).unwrap()).map(|record: Value| (id(&record), record)).collect();
    let held: BTreeMap<String, Value> = given.iter().map(|record| (id(record), record.clone())).collect();
    assert_eq!(held.len(), given.len(), "{name}: no record comes twice");
    assert!(held.keys().eq(truth.keys()), "{name}: {} records of {}", held.len(), truth.len());
    for (id, record) in &held {
        assert_part(&format!("{name} {id}"), record, &truth[id]);
    }
}

fn assert_part(place: &str, given: &Value, truth: &Value) {
    match (given, truth) {
        (Value::Object(given), Value::Object(truth)) => {
            for (member, value) in given {
                assert_part(&format!("{place}.{member}"), value, truth.get(member).unwrap_or(&Value::Null));
            }
        }
        (Value::Number(left), Value::Number(right)) => assert_eq!(left.as_f64(), right.as_f64(), "{place}"),
        // Python writes a time in another way, and so does Pipedrive's first version.
        (Value::String(left), Value::String(right)) if left != right => {
            assert!(time(left).is_some() && time(left) == time(right), "{place}: {left} is not {right}");
        }
        _ => assert_eq!(given, truth, "{place}"),
    }
}

/// Reads a time with a zone, or one of UTC that does not say so.
fn time(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    let zoned = chrono::DateTime::parse_from_rfc3339(&text.replace("+0000", "+00:00")).map(|time| time.to_utc());
    let plain = || chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").map(|time| time.and_utc());
    zoned.or_else(|_| plain()).ok()
}

async fn compare(vendor: Vendor, name: &str, stream: &str, key: &str, which: Which) {
    let Some(python) = python() else { return };
    let running = account(vendor, stream).await;
    let given = paged(python, &running, name).await;
    assert!(which == Which::Deleted || given.len() as u64 >= SIZE / 10, "{name}: {} records", given.len());
    assert_equal(name, given, running.truth(stream, which), key);
}

#[tokio::test(flavor = "multi_thread")]
async fn simple_salesforce_pages_through_a_query_and_through_what_was_deleted() {
    compare(Vendor::Salesforce, "salesforce", "Opportunity", "Id", Which::Living).await;
    compare(Vendor::Salesforce, "salesforce_deleted", "Opportunity", "Id", Which::Deleted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn simple_salesforce_runs_a_bulk_query() {
    compare(Vendor::Salesforce, "salesforce_bulk", "Opportunity", "Id", Which::Living).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hubspots_client_pages_through_a_list_and_a_search() {
    compare(Vendor::Hubspot, "hubspot", "deals", "id", Which::Living).await;
    compare(Vendor::Hubspot, "hubspot_search", "companies", "id", Which::Living).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn microsofts_client_finds_a_table_and_pages_through_it() {
    compare(Vendor::Dynamics, "dynamics", "accounts", "accountid", Which::Living).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_pipedrive_pages_through_its_first_version() {
    compare(Vendor::Pipedrive, "pipedrive", "deals", "id", Which::Living).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn zenpy_pages_through_an_export_and_a_list() {
    compare(Vendor::Zendesk, "zendesk", "tickets", "id", Which::Living).await;
    compare(Vendor::Zendesk, "zendesk_list", "organizations", "id", Which::Living).await;
}
