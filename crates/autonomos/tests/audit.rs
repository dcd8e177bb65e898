//! `autonomos audit`: an export, and what a stranger finds in it.

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn autonomos(data: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
    for name in ["DATABASE_URL", "SUPABASE_DATABASE_URL", "REDIS_URL"] {
        command.env_remove(name);
    }
    command.env("AUTONOMOS_DATA", data.path().join("data"));
    command
}

fn stdout(command: &mut Command, code: i32) -> String {
    String::from_utf8(command.assert().code(code).get_output().stdout.clone()).unwrap()
}

fn connect(data: &TempDir) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/hubspot");
    autonomos(data).arg("connect").arg(sample).assert().success();
}

fn export(data: &TempDir, name: &str) -> PathBuf {
    let file = data.path().join(name);
    autonomos(data).args(["audit", "export", "--out"]).arg(&file).assert().success();
    file
}

fn verify(data: &TempDir, file: &Path, more: &[&str], code: i32) -> String {
    stdout(autonomos(data).args(["audit", "verify"]).arg(file).args(more), code)
}

#[test]
fn an_export_is_sound_until_someone_touches_it() {
    let data = tempfile::tempdir().unwrap();
    connect(&data);
    let (first, key) = (export(&data, "first"), stdout(autonomos(&data).args(["audit", "key"]), 0));
    let key = key.trim();
    let said = verify(&data, &first, &["--key", key], 0);
    assert!(said.starts_with("sound: "), "{said}");
    assert!(verify(&data, &first, &[], 0).contains("was not checked"), "a key that nobody gave proves little");
    let report: Value = serde_json::from_str(&verify(&data, &first, &["--key", key, "--json"], 0)).unwrap();
    assert_eq!((&report["sound"], &report["key"]), (&Value::from(true), &Value::from(key)));
    let text = std::fs::read_to_string(&first).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() > 5);
    let tampered = data.path().join("tampered");
    let cut = lines[..lines.len() - 1].join("\n");
    let gap = [&lines[..2], &lines[3..]].concat().join("\n");
    for (what, text) in [("cut", cut), ("gap", gap), ("changed", text.replacen("\"local\"", "\"other\"", 1))] {
        std::fs::write(&tampered, text).unwrap();
        let said = verify(&data, &tampered, &["--key", key], 9);
        assert!(said.starts_with("NOT SOUND: "), "{what}: {said}");
    }
    let other = "0".repeat(64);
    assert!(verify(&data, &first, &["--key", &other], 9).contains("not with the one that was given"));
    connect(&data);
    let second = export(&data, "second");
    let earlier = first.display().to_string();
    verify(&data, &second, &["--key", key, "--earlier", &earlier], 0);
    let later = second.display().to_string();
    assert!(verify(&data, &first, &["--earlier", &later], 9).contains("cut off since"));
}

#[test]
fn verifying_needs_no_data_directory() {
    let (data, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    connect(&data);
    let file = export(&data, "trail");
    verify(&elsewhere, &file, &[], 0);
    assert!(!elsewhere.path().join("data").exists());
}
