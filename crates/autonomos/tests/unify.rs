//! `autonomos unify` as a person uses it: tables in, things out.

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

const CRM: &str = "customer_no,company,email,city\n\
    C-1,Northwind Traders,info@northwind.example,Berlin\n\
    C-2,Contoso Pharma,hello@contoso.example,Wien\n\
    C-3,Fabrikam Motors,office@fabrikam.example,Lyon\n";
const HELPDESK: &str = "customer_no,company,email,city\n\
    H-7,Northwind Traders,info@northwind.example,Berlin\n\
    H-8,Tailspin Toys,desk@tailspin.example,Turin\n\
    H-9,Adventure Works,mail@adventure.example,Graz\n";

fn unify(desk: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
    command.arg("--data").arg(desk.join("data")).arg("unify").args(args).current_dir(desk).output().unwrap()
}

fn write(desk: &Path, name: &str, text: &str) {
    let path = desk.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn things(output: &Output) -> Vec<Vec<String>> {
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let named = |record: &Value| format!("{}:{}", record["source"].as_str().unwrap(), record["id"].as_str().unwrap());
    let records = |cluster: &Value| cluster["records"].as_array().unwrap().iter().map(named).collect();
    report["clusters"].as_array().unwrap().iter().map(records).collect()
}

#[test]
fn rows_of_two_files_that_are_one_thing_are_found() {
    let desk = tempfile::tempdir().unwrap();
    write(desk.path(), "crm.csv", CRM);
    write(desk.path(), "helpdesk.csv", HELPDESK);
    let output = unify(desk.path(), &["crm.csv", "helpdesk.csv", "--json"]);
    assert_eq!(things(&output), [["crm:C-1", "helpdesk:H-7"]]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["clusters"][0]["golden"]["company"]["value"], json!("Northwind Traders"));
}

#[test]
fn a_folder_is_looked_into_with_its_sub_folders_and_tables_of_one_name_are_told_apart() {
    let desk = tempfile::tempdir().unwrap();
    write(desk.path(), "exports/crm/customers.csv", CRM);
    write(desk.path(), "exports/helpdesk/customers.csv", HELPDESK);
    write(desk.path(), "exports/helpdesk/manual.pdf", "%PDF-1.4");
    let output = unify(desk.path(), &["exports", "--json"]);
    assert_eq!(things(&output), [["customers:C-1", "helpdesk/customers:H-7"]]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("manual.pdf is skipped"));
}

#[test]
fn a_file_that_is_not_there_and_a_column_that_none_has_are_errors_with_the_next_step() {
    let desk = tempfile::tempdir().unwrap();
    write(desk.path(), "crm.csv", CRM);
    for (args, code, says) in [
        (["crm.csv", "nowhere.csv"].as_slice(), 3, "check the path"),
        (&["crm.csv", "--key", "number"], 1, "it has customer_no, company, email, city"),
        (&["crm.csv", "--link", "2"], 2, "write a number from 0 to 1"),
    ] {
        let output = unify(desk.path(), args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(code) && said.contains(says), "{args:?}: {:?} {said}", output.status);
    }
}
