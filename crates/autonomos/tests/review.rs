//! `autonomos review` as a person uses it: a source changes, and what is proposed is looked at, approved, taken back or rejected.

use serde_json::{Value, json};
use std::fmt::Write;
use std::process::{Command, Output};

struct Desk(tempfile::TempDir);

impl Desk {
    /// A source that was read, and has changed since: two columns have other names.
    fn with_drift() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.say("amount", "close_date", "1000.50");
        assert_eq!(desk.code(&["connect", "exports"]), 0);
        desk.say("deal_value", "expected_close", "1007.50");
        assert_eq!(desk.code(&["connect", "exports"]), 6, "the source waits for a decision");
        desk
    }

    fn say(&self, amount: &str, date: &str, first: &str) {
        let mut text = format!("opportunity_id,account_id,name,{amount},currency,stage,{date},probability\n");
        for row in 1..=30 {
            let value = if row == 1 { first.to_owned() } else { format!("{row}000.50") };
            let day = row % 28 + 1;
            writeln!(text, "O{row:03},A{row:03},Deal {row},{value},USD,Closed Won,2026-03-{day:02},0.{row:02}")
                .unwrap();
        }
        let folder = self.0.path().join("exports/crm");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("opportunity.csv"), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        command.arg("--data").arg(self.0.path().join("data"));
        command.args(args).current_dir(self.0.path());
        command
    }

    /// Lets a command end at a point as if its process was killed there.
    #[cfg(feature = "fault-points")]
    fn killed_at(&self, point: &str, args: &[&str]) {
        let output = self.command(args).env("AOS_FAULT", point).output().unwrap();
        assert!(!output.status.success(), "{point} was never reached: {}", String::from_utf8_lossy(&output.stdout));
    }

    fn code(&self, args: &[&str]) -> i32 {
        self.run(args).status.code().expect("ended by itself")
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn text(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The id of the open item about a path.
    fn about(&self, path: &str) -> String {
        let open = self.json(&["review", "list"]);
        let found = open.as_array().unwrap().iter().find(|item| item["payload"]["path"] == path);
        found.unwrap_or_else(|| panic!("nothing about {path} in {open:#}"))["id"].as_str().unwrap().to_owned()
    }

    /// The amount of the first deal, and the day it closes.
    fn first(&self) -> Value {
        let sql = "SELECT amount, close_date FROM opportunity WHERE opportunity_id = 'O001'";
        self.json(&["query", sql])["rows"][0].clone()
    }
}

#[test]
fn an_item_is_listed_shown_approved_and_taken_back() {
    let desk = Desk::with_drift();
    let (amount, date) = (desk.about("amount"), desk.about("close_date"));
    let listed = desk.text(&["review", "list"]);
    assert!(listed.contains(&amount) && listed.contains("2 items"), "{listed}");
    let shown = desk.json(&["review", "show", &amount]);
    let field = shown["rehearsal"]["fields"].as_array().unwrap().iter().find(|field| field["field"] == "amount");
    assert_eq!(field.unwrap()["gained"], 30, "{shown:#}");
    let shown = desk.text(&["review", "show", &amount]);
    assert!(shown.contains("nothing -> 1007.5") && shown.contains("views: opportunity"), "{shown}");
    let before = desk.first();

    let decided = desk.json(&["review", "approve", &amount, &date]);
    assert_eq!((&decided[0]["version"], &decided[1]["version"]), (&json!(2), &json!(2)), "{decided}");
    assert_eq!(desk.first(), before, "records of the old shape stay under the mapping of their time");
    assert_eq!(desk.code(&["connect", "exports"]), 0);
    assert_ne!(desk.first(), before);
    assert!(desk.first().to_string().contains("1007.5"), "{}", desk.first());
    assert_eq!(desk.code(&["review", "approve", &amount]), 1, "it is decided once");

    let undone = desk.json(&["review", "undo", &amount]);
    assert_eq!(undone.as_array().unwrap().len(), 2, "what was applied together is taken back together: {undone}");
    assert!(desk.first().to_string().contains("null"), "the old mapping knows no `deal_value`: {}", desk.first());
    assert_eq!(desk.json(&["review", "list", "--state", "undone"]).as_array().unwrap().len(), 2);
}

#[test]
fn what_was_taken_back_is_open_again_and_said_by_the_next_read() {
    let desk = Desk::with_drift();
    let (amount, date) = (desk.about("amount"), desk.about("close_date"));
    let shown = desk.json(&["review", "show", &amount, "--accept"]);
    let field = shown["rehearsal"]["fields"].as_array().unwrap().iter().find(|field| field["field"] == "amount");
    assert_eq!(field.unwrap()["lost"], 30, "taken as it is, nothing is read into it any more: {shown:#}");
    desk.json(&["review", "approve", &amount, &date]);
    assert_eq!(desk.code(&["connect", "exports"]), 0);
    desk.json(&["review", "undo", &amount]);
    assert_ne!(desk.about("amount"), amount, "it is asked about again");
    let output = desk.run(&["connect", "exports"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(6), "{said}");
    assert!(
        said.contains("opportunity has changed (amount, close_date)") && said.contains("decide its reviews"),
        "{said}"
    );
    desk.json(&["review", "approve", &desk.about("amount"), &desk.about("close_date")]);
    assert!(desk.first().to_string().contains("1007.5"), "what is in the lake is mapped anew: {}", desk.first());
    assert_eq!(desk.code(&["connect", "exports"]), 0);
}

#[test]
fn choices_that_changed_places_stop_a_read_until_someone_decides_or_they_are_back() {
    let desk = Desk(tempfile::tempdir().unwrap());
    let say = |won: &str, lost: &str| {
        let mut text = "opportunity_id,account_id,name,amount,currency,stage,close_date,probability\n".to_owned();
        for row in 1..=60 {
            let stage = [won, "Negotiation", lost][row % 3];
            let (month, day) = (row % 12 + 1, row % 28 + 1);
            writeln!(
                text,
                "O{row:03},A{row:03},Deal {row},{row}000.50,USD,{stage},2026-{month:02}-{day:02},0.{row:02}"
            )
            .unwrap();
        }
        let folder = desk.0.path().join("exports/crm");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("opportunity.csv"), text).unwrap();
    };
    let stage =
        || desk.json(&["query", "SELECT stage FROM opportunity WHERE opportunity_id = 'O003'"])["rows"][0].clone();
    say("Closed Won", "Closed Lost");
    assert_eq!(desk.code(&["connect", "exports"]), 0);
    let before = stage();
    say("Closed Lost", "Closed Won");
    assert_eq!(desk.code(&["connect", "exports"]), 6, "the source waits for a decision");
    let shown = desk.json(&["review", "show", &desk.about("stage")]);
    assert_eq!(shown["review"]["payload"]["changes"][0]["kind"], "enum_changed", "{shown:#}");
    assert_eq!(stage(), before);
    say("Closed Won", "Closed Lost");
    assert_eq!(desk.code(&["connect", "exports"]), 0);
    assert!(desk.json(&["review", "list"]).as_array().unwrap().is_empty());
}

#[cfg(feature = "fault-points")]
#[test]
fn a_command_that_is_killed_while_it_applies_or_takes_back_is_finished_by_the_next_one() {
    let desk = Desk::with_drift();
    let (amount, date) = (desk.about("amount"), desk.about("close_date"));
    desk.json(&["review", "approve", &amount, &date]);
    assert_eq!(desk.code(&["connect", "exports"]), 0);
    let repaired = desk.first();
    desk.killed_at("remap.before_cursor:1", &["review", "undo", &amount]);
    assert_eq!(desk.first(), repaired, "a page that was not committed left nothing");
    assert_eq!(desk.code(&["connect", "exports"]), 6, "the stream waits for a decision");
    assert!(desk.first().to_string().contains("null"), "what was left to do is done: {}", desk.first());
    let undone = desk.first();
    let again = [desk.about("amount"), desk.about("close_date")];
    desk.killed_at("remap.before_cursor:1", &["review", "approve", &again[0], &again[1]]);
    assert_eq!(desk.first(), undone);
    assert!(desk.json(&["review", "list"]).as_array().unwrap().is_empty(), "the decision itself was kept");
    assert_eq!(desk.first(), repaired);
}

#[test]
fn a_rejected_item_changes_nothing_and_is_not_asked_again() {
    let desk = Desk::with_drift();
    let before = desk.first();
    let amount = desk.about("amount");
    desk.json(&["review", "reject", &amount, "--reason", "they mean different things"]);
    assert_eq!(desk.code(&["connect", "exports"]), 6);
    assert_eq!(desk.first(), before);
    let open = desk.json(&["review", "list"]);
    assert_eq!(open.as_array().unwrap().len(), 1, "{open:#}");
    let rejected = desk.json(&["review", "list", "--state", "rejected"]);
    assert_eq!(rejected[0]["outcome"]["reason"], "they mean different things", "{rejected:#}");
}

#[test]
fn what_is_no_item_or_no_state_is_an_error_with_the_next_step() {
    let desk = Desk::with_drift();
    let said = |args: &[&str]| {
        let output = desk.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(said(&["review", "show", "123"]).contains("autonomos review list"));
    assert!(said(&["review", "list", "--state", "nonsense"]).contains("use open, approved"));
    assert!(said(&["review", "undo", &desk.about("amount")]).contains("only an approved one undone"));
}
