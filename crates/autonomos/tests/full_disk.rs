//! A disk that is full: it is said so, nothing half-done stays, and with room again the same command ends as if nothing had been.
//!
//! The disk is a small memory file system in a mount namespace of its own, which ends with the commands that use it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs a shell in a namespace where the folder is a file system of this size. None where this machine does not allow it.
fn on_a_disk_of(size: &str, folder: &Path, script: &str) -> Option<Output> {
    if !Command::new("unshare").args(["-rm", "true"]).output().is_ok_and(|tried| tried.status.success()) {
        eprintln!("SKIPPED: this machine lets nobody make a mount namespace of their own (unshare -rm)");
        return None;
    }
    let script = format!("mount -t tmpfs -o size={size} none \"$FOLDER\" || exit 99; {script}");
    let mut shell = Command::new("unshare");
    shell.args(["-rm", "sh", "-c", &script]).env("FOLDER", folder).env("AUTONOMOS", env!("CARGO_BIN_EXE_autonomos"));
    for name in ["DATABASE_URL", "SUPABASE_DATABASE_URL", "REDIS_URL"] {
        shell.env_remove(name);
    }
    let sources = ["salesforce", "hubspot", "zendesk", "dynamics", "sap"].map(sample);
    Some(shell.args(["sh"]).args(sources).output().unwrap())
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples").join(name)
}

#[test]
fn a_full_disk_is_named_and_with_room_again_nothing_is_missing() {
    for size in ["300k", "2m", "4m"] {
        let folder = tempfile::tempdir().unwrap();
        let connect = "\"$AUTONOMOS\" --data \"$FOLDER/data\" connect \"$@\" --json";
        let script = format!(
            "{connect} >/dev/null; echo \"ended with $?\" >&2
             mount -o remount,size=300m \"$FOLDER\"; echo 'there is room' >&2; {connect}"
        );
        let Some(output) = on_a_disk_of(size, folder.path(), &script) else { return };
        let told = String::from_utf8_lossy(&output.stderr);
        let (full, room) = told.split_once("there is room").unwrap_or_else(|| panic!("{told}"));
        assert!(full.contains("full") && full.contains("make room"), "a disk of {size}: {told}");
        assert!(!full.contains("ended with 0"), "a disk of {size}: {told}");
        assert!(output.status.success(), "with room again, after a disk of {size}: {room}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let ledger = &report["ledger"];
        assert_eq!(ledger["balanced"], true, "{ledger}");
        // What the first command kept whole is known to the second one; all of it together is each record once.
        let read = ledger["read"].as_u64().unwrap();
        let kept = ["landed", "duplicate", "filtered"].map(|name| ledger[name].as_u64().unwrap());
        assert_eq!(kept.iter().sum::<u64>(), read, "{ledger}");
        assert_eq!(report["entities"]["account"]["records"], whole()["entities"]["account"]["records"]);
        assert_eq!(report["entities"]["opportunity"], whole()["entities"]["opportunity"]);
    }
}

/// What the same sources give where there is room.
fn whole() -> Value {
    let data = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
    command.arg("--data").arg(data.path()).arg("connect");
    let output =
        command.args(["salesforce", "hubspot", "zendesk", "dynamics", "sap"].map(sample)).arg("--json").output();
    serde_json::from_slice(&output.unwrap().stdout).unwrap()
}
