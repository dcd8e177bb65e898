//! `autonomos tenant` and `autonomos secrets`, on the built program.

use serde_json::Value;
use std::process::{Command, Output};

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let folder = desk.0.path().join("exports/crm");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("Account.csv"), "account_id,name\nA-1,One\nA-2,Two\n").unwrap();
        desk
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        for name in ["DATABASE_URL", "SUPABASE_DATABASE_URL", "REDIS_URL", "AUTONOMOS_MASTER_KEY"] {
            command.env_remove(name);
        }
        command.env("AUTONOMOS_DATA", self.0.path().join("data")).args(arguments).current_dir(self.0.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_tenant_is_exported_verified_and_deleted_with_a_certificate() {
    let desk = Desk::new();
    desk.json(&["connect", "exports", "--tenant", "acme", "--json"]);
    desk.json(&["connect", "exports", "--tenant", "globex", "--json"]);
    let exported = desk.json(&["tenant", "export", "--tenant", "acme", "--out", "acme.tar.zst", "--json"]);
    assert!(exported["verified"]["segments"].as_u64() >= Some(1));
    assert_eq!(desk.json(&["tenant", "verify", "acme.tar.zst", "--json"]), exported["verified"]);
    let refused = desk.run(&["tenant", "delete", "--tenant", "acme", "--confirm", "yes"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("nothing was deleted"), "{}", said(&refused));
    let certificate = desk.json(&[
        "tenant",
        "delete",
        "--tenant",
        "acme",
        "--confirm",
        "acme",
        "--certificate",
        "gone.json",
        "--json",
    ]);
    assert_eq!(
        certificate,
        serde_json::from_slice::<Value>(&std::fs::read(desk.0.path().join("gone.json")).unwrap()).unwrap()
    );
    let key = certificate["key"].as_str().unwrap();
    assert!(said(&desk.run(&["tenant", "certificate", "gone.json", "--key", key])).contains("genuine"));
    let mut changed = certificate.clone();
    changed["stores"][0]["left"] = 1.into();
    std::fs::write(desk.0.path().join("changed.json"), changed.to_string()).unwrap();
    assert_eq!(desk.run(&["tenant", "certificate", "changed.json", "--key", key]).status.code(), Some(1));
    assert!(certificate["stores"].as_array().unwrap().len() > 25);
    let left = desk.json(&["tenant", "list", "--json"]);
    assert_eq!(
        left.as_array().unwrap().iter().map(|tenant| tenant["name"].as_str().unwrap()).collect::<Vec<_>>(),
        ["globex"]
    );
    let count = desk.json(&["query", "SELECT count(*) FROM account", "--tenant", "globex", "--json"]);
    assert_eq!(count["rows"][0][0], 2);
    let gone = desk.run(&["tenant", "export", "--tenant", "acme", "--out", "again.tar.zst"]);
    assert!(said(&gone).contains("tenant list"), "{}", said(&gone));
    assert!(!desk.0.path().join("again.tar.zst").exists());
}

#[test]
fn the_master_key_is_made_for_its_owner_alone_and_changed_by_the_operator() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let status = desk.json(&["secrets", "status", "--json"]);
    let file = desk.0.path().join("data/master.key");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let old = std::fs::read_to_string(&file).unwrap();
    let new = String::from_utf8(desk.run(&["secrets", "new-key"]).stdout).unwrap();
    assert!(new.trim().len() == 64 && new.trim() != old.trim());
    // Another key alone opens nothing, and the program says what to do.
    std::fs::write(&file, &new).unwrap();
    let refused = desk.run(&["secrets", "status"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("rotate-master"), "{}", said(&refused));
    assert!(!said(&refused).contains(old.trim()) && !said(&refused).contains(new.trim()));
    std::fs::write(&file, format!("{new}\n{old}")).unwrap();
    let rotated = desk.json(&["secrets", "rotate-master", "--json"]);
    assert!(rotated["rewrapped"].as_u64() >= Some(1));
    std::fs::write(&file, &new).unwrap();
    let after = desk.json(&["secrets", "status", "--json"]);
    assert_eq!(after["current"], rotated["master_key"]);
    assert_ne!(after["current"], status["current"]);
    // From a command, too.
    let mut by_command = desk.command(&["secrets", "status", "--json"]);
    by_command.env("AUTONOMOS_SECRETS__MASTER_KEY_COMMAND", format!("cat,{}", file.display()));
    let output = by_command.output().unwrap();
    let by_command: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    assert_eq!(by_command["source"], "the command cat");
    assert_eq!(by_command["current"], after["current"]);
}
