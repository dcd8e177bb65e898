//! `autonomos probe`, as a person runs it: the built binary against a source that it plays itself.

use serde_json::Value;
use std::process::Command;

#[test]
fn the_functional_probe_follows_a_record_of_a_simulated_source_into_the_view() {
    let nowhere = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_autonomos"))
        .args(["probe", "functional", "--simulator", "--json", "--data"])
        .arg(nowhere.path().join("unused"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let probe: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"));
    let steps: Vec<_> = probe["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(steps, ["check", "read", "canonical", "materialized", "view"], "{probe}");
    assert!(output.status.success() && probe["passed"] == true, "{probe}");
    assert!(!nowhere.path().join("unused").exists(), "nothing of this installation was touched");
}
