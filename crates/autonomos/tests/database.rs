//! The commands on PostgreSQL as an operator uses them: the built binary, a private server, addresses in the environment.

use aos_testservers::{Database, Postgres};
use std::process::{Command, Output};

/// What a database that cannot be used is told with.
const DATABASE: i32 = 8;

struct Operator {
    database: Database,
    data: tempfile::TempDir,
    /// The application role, which is this database's own.
    role: String,
}

impl Operator {
    /// None where this machine has no PostgreSQL.
    fn new() -> Option<Self> {
        let Some(server) = Postgres::start() else {
            eprintln!("SKIPPED: there is no PostgreSQL 15 or newer on this machine (apt-get install postgresql)");
            return None;
        };
        let database = server.empty_database();
        let role = format!("operator_{}", database.name());
        Some(Self { database, data: tempfile::tempdir().unwrap(), role })
    }

    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        for name in [
            "SUPABASE_DATABASE_URL",
            "DATABASE_URL",
            "AUTONOMOS_SYSTEM_DATABASE_URL",
            "AUTONOMOS_MIGRATE_DATABASE_URL",
            "REDIS_URL",
        ] {
            command.env_remove(name);
        }
        command.env("AUTONOMOS_SECRETS__DEVELOPMENT", "true");
        command.arg("--data").arg(self.data.path()).args(arguments).envs(environment.iter().copied());
        command.current_dir(self.data.path()).output().unwrap()
    }

    fn url(&self) -> String {
        self.database.url(&self.role)
    }

    fn migrate(&self, arguments: &[&str]) -> Output {
        let (owner, application) = (self.database.owner_url(), self.url());
        let arguments: Vec<_> = ["migrate"].iter().chain(arguments).copied().collect();
        self.run(&arguments, &[("AUTONOMOS_MIGRATE_DATABASE_URL", &owner), ("DATABASE_URL", &application)])
    }
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn migrate_makes_the_database_that_the_other_commands_work_on() {
    let Some(operator) = Operator::new() else { return };
    let waiting = out(&operator.migrate(&["--status"]));
    assert!(waiting.contains("missing  0001 first tables"), "{waiting}");
    let done = operator.migrate(&[]);
    assert!(done.status.success(), "{}", told(&done));
    assert!(out(&done).contains("applied 0001 first tables"), "{}", out(&done));
    assert!(out(&done).contains(&format!("created role {}_system", operator.role)), "{}", out(&done));
    let again = operator.migrate(&[]);
    assert!(out(&again).contains("no migration was missing"), "{}", out(&again));
    assert!(!out(&operator.migrate(&["--status"])).contains("missing  "));

    let exports = operator.data.path().join("exports/crm");
    std::fs::create_dir_all(&exports).unwrap();
    std::fs::write(exports.join("Account.csv"), "Id,Name\n001A000001LtzzzIAB,Acme Corp\n").unwrap();
    let url = operator.url();
    let connected = operator.run(&["connect", "exports"], &[("DATABASE_URL", &url)]);
    assert!(connected.status.success(), "{}", told(&connected));
    // SUPABASE_DATABASE_URL wins, so the address that leads nowhere is not looked at.
    let nowhere = "postgres://a:b@127.0.0.1:1/c";
    let environment = [("SUPABASE_DATABASE_URL", url.as_str()), ("DATABASE_URL", nowhere)];
    let answer = operator.run(&["query", "SELECT name FROM account"], &environment);
    assert!(out(&answer).contains("Acme Corp"), "{}{}", out(&answer), told(&answer));
    let looked = operator.run(&["doctor"], &[("DATABASE_URL", &url), ("AUTONOMOS_SERVER__PORT", "0")]);
    assert!(out(&looked).contains("PostgreSQL"), "{}", out(&looked));
    assert_eq!(operator.database.sql("SELECT COUNT(*) FROM materialized"), "1", "it is there, not in a file");
}

#[test]
fn a_database_that_cannot_be_used_ends_with_its_own_code_and_the_next_step() {
    let Some(operator) = Operator::new() else { return };
    let query = |url: &str| operator.run(&["query", "SELECT 1"], &[("DATABASE_URL", url)]);
    let cases = [
        ("mysql://a:b@host/c".to_owned(), "write postgres://"),
        ("postgres://a:b@127.0.0.1:1/c".to_owned(), "check that PostgreSQL runs there"),
        (operator.database.url_with_password("owner", "wrong"), "check its name and password"),
        (operator.database.superuser_url(), "autonomos migrate"),
        (operator.database.owner_url(), "autonomos migrate"),
    ];
    for (url, next_step) in cases {
        let refused = query(&url);
        assert_eq!(refused.status.code(), Some(DATABASE), "{}", told(&refused));
        assert!(told(&refused).contains(next_step), "{}", told(&refused));
        assert!(!told(&refused).contains("private") && !told(&refused).contains("wrong"), "{}", told(&refused));
    }
    let without_owner = operator.run(&["migrate"], &[("DATABASE_URL", &operator.url())]);
    assert!(told(&without_owner).contains("AUTONOMOS_MIGRATE_DATABASE_URL is not set"), "{}", told(&without_owner));
}

#[test]
fn on_a_database_server_nothing_starts_without_a_master_key() {
    let Some(operator) = Operator::new() else { return };
    assert!(operator.migrate(&[]).status.success());
    let url = operator.url();
    let query = |key: &str| {
        let environment = [
            ("DATABASE_URL", url.as_str()),
            ("AUTONOMOS_SECRETS__DEVELOPMENT", "false"),
            ("AUTONOMOS_MASTER_KEY", key),
        ];
        operator.run(&["secrets", "status"], &environment)
    };
    let refused = query("");
    assert_eq!(refused.status.code(), Some(1));
    assert!(told(&refused).contains("AUTONOMOS_MASTER_KEY"), "{}", told(&refused));
    assert!(!operator.data.path().join("master.key").exists());
    let key = "42".repeat(32);
    assert!(query(&key).status.success());
    // Another key does not open what the first one sealed.
    let wrong = query(&"43".repeat(32));
    assert_eq!(wrong.status.code(), Some(1));
    assert!(told(&wrong).contains("rotate-master") && !told(&wrong).contains("4343"), "{}", told(&wrong));
}
