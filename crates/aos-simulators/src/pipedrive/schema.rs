//! The entities of the simulated company, with fields of its own whose keys are hashes of 40 digits.

use crate::account::{Draw, Field, Kind, Stream, choice, coded, decimal, money, several, text};
use crate::random::Random;

pub const COMPANY: u64 = 15_043_420;
pub const STAGES: &[(&str, &str)] =
    &[("1", "Qualified Lead"), ("2", "Contact Made"), ("3", "Prospect Qualified"), ("4", "Proposal Made")];
const LABELS: &[(&str, &str)] = &[("5", "Hot"), ("6", "Warm"), ("7", "Kalt")];
const DELETED_ONE_IN: u64 = 45;
const USERS_MAX: u64 = 25;
const DAYS: Draw = Draw::Days(19_723, 21_183);

pub fn streams(size: u64) -> Vec<Stream> {
    vec![
        stream("deals", "Deal", size, DELETED_ONE_IN, deals()),
        stream("persons", "Person", size, DELETED_ONE_IN, persons()),
        stream("organizations", "Organization", size, DELETED_ONE_IN, organizations()),
        stream("activities", "Activity", size, DELETED_ONE_IN, activities()),
        stream("products", "Product", size / 10, 0, products()),
        stream("users", "User", size.min(USERS_MAX), 0, users()),
    ]
}

/// The key of a custom field: what Pipedrive makes of it when it is added.
fn hash(label: &str) -> String {
    let mut random = Random::new(0, label);
    let key = format!("{:016x}{:016x}{:016x}", random.next(), random.next(), random.next());
    key.chars().take(40).collect()
}

fn own(label: &str, kind: Kind, draw: Draw) -> Field {
    Field::new(&hash(label), label, kind, draw).nulls(30).custom()
}

fn stream(name: &str, label: &str, rows: u64, deleted_one_in: u64, fields: Vec<Field>) -> Stream {
    let mut all = vec![Field::new("id", "ID", Kind::Key, Draw::Key)];
    all.extend(fields);
    all.push(Field::new("add_time", "Created", Kind::Time, Draw::Created));
    all.push(Field::new("update_time", "Update time", Kind::Time, Draw::Modified));
    Stream {
        name: name.into(),
        label: label.into(),
        plural: format!("{label}s"),
        custom: false,
        rows,
        deleted_one_in,
        fields: all,
    }
}

fn owner() -> Field {
    Field::new("owner_id", "Owner", Kind::Link { to: "users" }, Draw::Any)
}

fn deals() -> Vec<Field> {
    vec![
        Field::new("title", "Title", text(255), Draw::Company),
        Field::new("value", "Value", money(), Draw::Between(0, 9_999_999_999)).nulls(5),
        Field::new("currency", "Currency", choice(&["USD", "EUR", "JPY"]), Draw::Any),
        Field::new("status", "Status", choice(&["open", "won", "lost"]), Draw::Any),
        Field::new("stage_id", "Stage", coded(STAGES), Draw::Any),
        Field::new("pipeline_id", "Pipeline", coded(&[("1", "Pipeline")]), Draw::Any),
        Field::new("probability", "Probability", Kind::Integer, Draw::Between(0, 100)).nulls(50),
        Field::new("person_id", "Contact person", Kind::Link { to: "persons" }, Draw::Any).nulls(20),
        Field::new("org_id", "Organization", Kind::Link { to: "organizations" }, Draw::Any).nulls(15),
        owner(),
        Field::new("expected_close_date", "Expected close date", Kind::Date, DAYS).nulls(30),
        Field::new("label_ids", "Label", several(coded(LABELS)), Draw::Any).nulls(40),
        own("Contract type", coded(&[("27", "New"), ("28", "Renewal"), ("29", "Ausbau")]), Draw::Any),
        own("Modules", several(coded(&[("31", "CRM"), ("32", "Support"), ("33", "請求")])), Draw::Any),
        own("Setup fee", money(), Draw::Between(0, 99_999_999)),
        own("Discount rate", decimal(9, 4), Draw::Between(0, 999_999)),
        own("Go live", Kind::Date, DAYS),
        own("Remark", Kind::LongText, Draw::Sentences),
    ]
}

fn persons() -> Vec<Field> {
    vec![
        Field::new("name", "Name", text(255), Draw::FullName),
        Field::new("first_name", "First name", text(255), Draw::FirstName),
        Field::new("last_name", "Last name", text(255), Draw::LastName).nulls(5),
        Field::new("emails", "Email", Kind::Email, Draw::Email).nulls(10),
        Field::new("phones", "Phone", Kind::Phone, Draw::Phone).nulls(25),
        Field::new("org_id", "Organization", Kind::Link { to: "organizations" }, Draw::Any).nulls(20),
        owner(),
        Field::new("label_ids", "Label", several(coded(LABELS)), Draw::Any).nulls(50),
        own("Birthday", Kind::Date, Draw::Days(-9_000, 13_000)),
        own("Newsletter", coded(&[("41", "Yes"), ("42", "No")]), Draw::Any),
    ]
}

fn organizations() -> Vec<Field> {
    vec![
        Field::new("name", "Name", text(255), Draw::Company),
        owner(),
        Field::new("website", "Website", Kind::Url, Draw::Url).nulls(40),
        Field::new("annual_revenue", "Annual revenue", Kind::Integer, Draw::Between(0, 9_007_199_254_740_993))
            .nulls(30),
        Field::new("label_ids", "Label", several(coded(LABELS)), Draw::Any).nulls(50),
        own("Customer number", text(255), Draw::Code("K")),
        own("Credit line", money(), Draw::Between(0, 99_999_999_999)),
    ]
}

fn activities() -> Vec<Field> {
    vec![
        Field::new("subject", "Subject", text(255), Draw::Subject),
        Field::new("type", "Type", choice(&["call", "meeting", "task", "email"]), Draw::Any),
        Field::new("done", "Done", Kind::Boolean, Draw::Any),
        Field::new("due_date", "Due date", Kind::Date, DAYS).nulls(10),
        Field::new("deal_id", "Deal", Kind::Link { to: "deals" }, Draw::Any).nulls(30),
        Field::new("person_id", "Contact person", Kind::Link { to: "persons" }, Draw::Any).nulls(30),
        Field::new("org_id", "Organization", Kind::Link { to: "organizations" }, Draw::Any).nulls(30),
        owner(),
        Field::new("note", "Note", Kind::LongText, Draw::Sentences).nulls(50),
    ]
}

fn products() -> Vec<Field> {
    vec![
        Field::new("name", "Name", text(255), Draw::Subject),
        Field::new("code", "Product code", text(255), Draw::Code("P-")).nulls(10),
        Field::new("tax", "Tax", decimal(5, 2), Draw::Between(0, 2_500)),
        owner(),
        own("Weight", decimal(12, 3), Draw::Between(0, 999_999_999)),
    ]
}

fn users() -> Vec<Field> {
    vec![
        Field::new("name", "Name", text(255), Draw::FullName),
        Field::new("email", "Email", text(255), Draw::Email),
        Field::new("active_flag", "Active", Kind::Boolean, Draw::Any),
        Field::new("timezone_name", "Time zone", choice(&["Africa/Nairobi", "Europe/Tallinn"]), Draw::Any),
    ]
}
