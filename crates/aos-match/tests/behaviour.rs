//! What the matcher promises, each on a table small enough to read. Tables are built as a connector would find them.

use aos_core::Ontology;
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Shaper, StreamShape};
use aos_core::value::Value;
use aos_match::{Matcher, TableMatch, match_tables};

fn table(name: &str, columns: &[&str], rows: &[&[&str]]) -> StreamShape {
    let mut shaper = Shaper::new(name, "");
    let record = |(at, row): (usize, &&[&str])| Record {
        position: at as u64 + 1,
        cells: row.iter().map(|cell| Some(Value::text(cell))).collect(),
    };
    let records = rows.iter().enumerate().map(record).collect();
    shaper.observe(&RecordBatch { columns: columns.iter().map(|name| (*name).into()).collect(), records });
    shaper.finish()
}

fn names(name: &str, columns: &[&str]) -> StreamShape {
    StreamShape::of_names(name, columns.iter().copied())
}

fn matched(shape: &StreamShape) -> TableMatch {
    Matcher::new(&Ontology::shipped()).match_table(shape)
}

/// `entity.field` that the column was decided to be, or `-`.
fn target(found: &TableMatch, column: &str) -> String {
    let column = found.columns.iter().find(|known| known.column == column).expect("the column exists");
    column.decision.as_ref().map_or("-".to_owned(), |decision| format!("{}.{}", decision.entity, decision.field))
}

fn entity(found: &TableMatch) -> &str {
    found.entity.as_ref().map_or("none", |choice| choice.entity.as_str())
}

#[test]
fn mnemonics_of_older_systems_are_understood() {
    let found = matched(&names(
        "KNA1",
        &["MANDT", "KUNNR", "NAME1", "NAME2", "LAND1", "ORT01", "BRSCH", "TELF1", "TELFX", "ERDAT", "ERNAM"],
    ));
    assert_eq!(entity(&found), "account");
    for (column, field) in [("KUNNR", "account.account_id"), ("NAME1", "account.name"), ("BRSCH", "account.industry")] {
        assert_eq!(target(&found, column), field);
    }
    assert_eq!(target(&found, "TELF1"), "account.phone");
    assert_eq!(target(&found, "ERDAT"), "account.created_at");
    for column in ["MANDT", "NAME2", "TELFX", "ERNAM"] {
        assert_eq!(target(&found, column), "-", "{column}");
    }
}

#[test]
fn a_header_in_german_is_matched_by_its_names() {
    let found = matched(&names(
        "Kundenstamm",
        &["Kundennummer", "Firma", "Branche", "Mitarbeiterzahl", "Jahresumsatz", "Telefon", "Angelegt am"],
    ));
    assert_eq!(entity(&found), "account");
    assert_eq!(target(&found, "Firma"), "account.name");
    assert_eq!(target(&found, "Mitarbeiterzahl"), "account.employee_count");
    assert_eq!(target(&found, "Jahresumsatz"), "account.annual_revenue");
    assert_eq!(target(&found, "Angelegt am"), "account.created_at");
}

#[test]
fn a_yes_or_no_column_is_not_a_head_count() {
    let found = matched(&table(
        "partners",
        &["id", "name", "website", "industry", "employee"],
        &[
            &["1", "Cedar Peak Software Inc", "https://cedarpeak.example", "Software", "true"],
            &["2", "Granite Bank AG", "https://granite.example", "Banking", "false"],
            &["3", "Vantage Foods Ltd", "https://vantage.example", "Retail", "false"],
            &["4", "Kestrel Robotics", "https://kestrel.example", "Manufacturing", "true"],
        ],
    ));
    assert_eq!(entity(&found), "account");
    assert_eq!(target(&found, "employee"), "-");
}

#[test]
fn a_column_called_company_that_holds_telephone_numbers_is_no_company() {
    let found = matched(&table(
        "contacts",
        &["id", "first_name", "last_name", "email", "company"],
        &[
            &["11", "Anna", "Novak", "anna@example.com", "+1 312 555 0182"],
            &["12", "Boris", "Weiss", "boris@example.com", "+1 763 555 0199"],
            &["13", "Chloe", "Vega", "chloe@example.com", "+1 206 555 0170"],
            &["14", "Hugo", "Young", "hugo@example.com", "+1 914 555 0111"],
        ],
    ));
    assert_eq!(entity(&found), "contact");
    assert_ne!(target(&found, "company"), "contact.account_id");
    assert_ne!(target(&found, "company"), "contact.name");
}

#[test]
fn what_id_means_depends_on_the_columns_around_it() {
    let deals = matched(&names(
        "export",
        &["id", "title", "value", "currency", "stage", "probability", "expected_close_date", "org_id"],
    ));
    assert_eq!(target(&deals, "id"), "opportunity.opportunity_id");
    assert_eq!(target(&deals, "org_id"), "opportunity.account_id");
    let people =
        matched(&names("export", &["id", "first_name", "last_name", "email", "phone", "job_title", "organization_id"]));
    assert_eq!(target(&people, "id"), "contact.contact_id");
    assert_eq!(target(&people, "organization_id"), "contact.account_id");
}

#[test]
fn a_column_without_any_value_is_no_key_however_well_it_is_called() {
    let shape = table(
        "customers",
        &["OrganizationNumber", "CustomerAccount", "OrganizationName"],
        &[&["", "C-1001", "Acme Ltd"], &["", "C-1002", "Globex Corp"], &["", "C-1003", "Initech GmbH"]],
    );
    let mut empty = shape.clone();
    let number = &mut empty.columns[0];
    (number.kind, number.present, number.nulls, number.distinct) = (aos_core::shape::ValueKind::Unknown, 0, 3, 0);
    number.samples.clear();
    let found = matched(&empty);
    assert_eq!(entity(&found), "account");
    assert_ne!(target(&found, "OrganizationNumber"), "account.account_id");
}

#[test]
fn a_link_to_the_record_in_its_vendors_pages_is_nobodys_website() {
    let row = |number: &'static str, link: &'static str, site: &'static str| [number, "Acme Ltd", link, site];
    let rows = [
        row(
            "479475667160",
            "https://app.hubspot.com/contacts/147893286/record/0-2/479475667160",
            "https://acme.example",
        ),
        row(
            "480202228957",
            "https://app.hubspot.com/contacts/147893286/record/0-2/480202228957",
            "https://globex.example/de",
        ),
    ];
    let rows: Vec<&[&str]> = rows.iter().map(|row| row.as_slice()).collect();
    let found = matched(&table("companies", &["id", "name", "url", "website"], &rows));
    assert_eq!((target(&found, "url"), target(&found, "website")), ("-".to_owned(), "account.website".to_owned()));
    let found = matched(&table("companies", &["id", "name", "url"], &rows));
    assert_eq!(target(&found, "url"), "-");
}

#[test]
fn a_primary_key_called_name_is_the_key() {
    let found = matched(&names(
        "Customer",
        &["name", "customer_name", "customer_type", "industry", "website", "creation", "modified"],
    ));
    assert_eq!(target(&found, "name"), "account.account_id");
    assert_eq!(target(&found, "customer_name"), "account.name");
}

#[test]
fn the_tenant_is_not_the_customer() {
    let row = |id: &'static str, org: &'static str| [id, "Renewal", "100.50", "Proposal", org, "15043420"];
    let rows = [row("901", "31"), row("902", "32"), row("903", "33"), row("904", "31")];
    let rows: Vec<&[&str]> = rows.iter().map(|row| row.as_slice()).collect();
    let found = matched(&table("deals", &["id", "title", "amount", "stage", "organization_id", "company_id"], &rows));
    assert_eq!(target(&found, "organization_id"), "opportunity.account_id");
    assert_eq!(target(&found, "company_id"), "-");
}

#[test]
fn contracts_with_vendors_are_about_no_entity() {
    let found = matched(&names(
        "CloudVendorContracts",
        &["ContractID", "VendorID", "CloudProvider", "ContractType", "MonthlyCommit", "StartDate", "EndDate"],
    ));
    assert_eq!(entity(&found), "none");
    assert!(found.columns.iter().all(|column| column.decision.is_none() && column.reason.is_some()));
}

#[test]
fn a_deal_tells_of_its_company_because_it_carries_the_key() {
    let found = matched(&names(
        "Deals",
        &["deal_id", "deal_name", "amount", "close_date", "deal_stage", "company_id", "company_name", "industry"],
    ));
    assert_eq!(entity(&found), "opportunity");
    assert_eq!(target(&found, "company_id"), "opportunity.account_id");
    assert_eq!(target(&found, "company_name"), "account.name");
    assert_eq!(target(&found, "industry"), "account.industry");
    assert_eq!((found.further[0].entity.as_str(), found.further[0].key_column.as_str()), ("account", "company_id"));
}

#[test]
fn without_the_key_nothing_is_said_of_the_company() {
    let found = matched(&names("Deals", &["deal_id", "deal_name", "amount", "close_date", "deal_stage", "industry"]));
    assert!(found.further.is_empty());
    assert_eq!(target(&found, "industry"), "-");
}

#[test]
fn a_foreign_key_is_evidence_when_its_values_are_found() {
    let accounts = table(
        "Account",
        &["Id", "Name", "Industry", "AnnualRevenue"],
        &[
            &["ACC-1001", "Cedar Peak Inc", "Software", "1000000"],
            &["ACC-1002", "Granite Bank AG", "Banking", "2000000"],
            &["ACC-1003", "Vantage Foods Ltd", "Retail", "3000000"],
            &["ACC-1004", "Kestrel Robotics", "Manufacturing", "4000000"],
        ],
    );
    let deals = table(
        "Opportunity",
        &["Id", "AccountId", "Name", "Amount", "StageName", "CloseDate"],
        &[
            &["OPP-1", "ACC-1001", "Cedar renewal", "100.50", "Proposal", "2025-01-03"],
            &["OPP-2", "ACC-1003", "Vantage pilot", "200.50", "Closed Won", "2025-02-03"],
            &["OPP-3", "ACC-1001", "Cedar upgrade", "300.50", "Negotiation", "2025-03-03"],
            &["OPP-4", "ACC-1004", "Kestrel pilot", "400.50", "Prospecting", "2025-04-03"],
        ],
    );
    let found = Matcher::new(&Ontology::shipped()).match_source(&[accounts, deals]);
    let key = found[1].columns.iter().find(|column| column.column == "AccountId").unwrap().decision.clone().unwrap();
    assert_eq!(key.field, "account_id");
    assert!(key.evidence.contains(&"foreign key to Account.Id".to_owned()), "{:?}", key.evidence);
}

#[test]
fn a_long_table_unfolds_into_the_fields_its_metrics_name() {
    let found = matched(&table(
        "UsageMetrics",
        &["MetricID", "ResourceID", "MetricName", "MetricValue", "Unit", "Timestamp"],
        &[
            &["M1", "i-0e60408efc2a82d10", "cpuUtilization", "38.05", "Percent", "2025-11-12 10:53:17"],
            &["M2", "i-0e60408efc2a82d10", "networkOut", "18.5", "MB", "2025-11-12 10:53:17"],
            &["M3", "i-0aa0408efc2a82d11", "cpuUtilization", "12.5", "Percent", "2025-11-12 10:54:17"],
            &["M4", "i-0aa0408efc2a82d11", "fanSpeed", "900", "RPM", "2025-11-12 10:54:17"],
        ],
    ));
    let pivot = found.pivot.as_ref().expect("a pivot");
    assert_eq!((pivot.entity.as_str(), pivot.key_column.as_str()), ("aws_resource", "ResourceID"));
    assert_eq!((pivot.name_column.as_str(), pivot.value_column.as_str()), ("MetricName", "MetricValue"));
    let fields: Vec<&str> = pivot.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["cpu_utilization", "network_out"]);
    assert_eq!(pivot.unmatched, ["fanSpeed"]);
    assert_eq!(target(&found, "ResourceID"), "aws_resource.resource_id");
    assert_eq!(target(&found, "MetricValue"), "-");
}

#[test]
fn a_field_gets_one_column_and_a_column_one_field() {
    let found = matched(&names(
        "accounts",
        &["id", "name", "company_name", "phone", "telephone", "created_at", "created_on", "createdate"],
    ));
    let mut targets: Vec<String> =
        found.columns.iter().filter_map(|c| c.decision.as_ref()).map(|d| format!("{}.{}", d.entity, d.field)).collect();
    let all = targets.len();
    targets.sort();
    targets.dedup();
    assert_eq!(targets.len(), all);
}

#[test]
fn a_name_that_shares_one_loose_word_is_not_enough() {
    let found = matched(&names(
        "costs",
        &["cost_id", "cost_center", "usage_start_date", "service", "unblended_cost", "usage_amount", "currency"],
    ));
    assert_eq!(entity(&found), "cost_report");
    assert_eq!(target(&found, "cost_center"), "-");
    assert_eq!(target(&found, "cost_id"), "cost_report.cost_id");
}

#[test]
fn two_tables_are_matched_column_by_column() {
    let from = names("kunden", &["Kundennummer", "Firma", "Umsatz", "Mitarbeiter", "Notizen"]);
    let to = names("crm_accounts", &["account_number", "company", "annual_revenue", "number_of_employees", "fax"]);
    let found = match_tables(&from, &to, 3);
    for (column, other) in [("Umsatz", "annual_revenue"), ("Mitarbeiter", "number_of_employees"), ("Firma", "company")]
    {
        assert_eq!(target(&found, column), format!("crm_accounts.{other}"));
    }
    assert_eq!(target(&found, "Notizen"), "-");
    assert!(found.columns.iter().all(|column| column.candidates.len() <= 3));
}

#[test]
fn a_tenants_own_field_is_matched_like_any_other() {
    let yaml = "version: 1\nentities:\n  machine:\n    key: machine_id\n    fields:\n      machine_id: { type: string }\n      spindle_speed: { type: integer, aliases: [rpm] }\n      coolant_level: { type: decimal }\n";
    let matcher = Matcher::new(&Ontology::parse(yaml).unwrap());
    let found = matcher.match_table(&names("machines", &["MachineId", "SpindleSpeed", "COOLANT_LEVEL", "colour"]));
    assert_eq!(target(&found, "SpindleSpeed"), "machine.spindle_speed");
    assert_eq!(target(&found, "COOLANT_LEVEL"), "machine.coolant_level");
    assert_eq!(target(&found, "colour"), "-");
}

#[test]
fn the_same_tables_always_give_the_same_answer() {
    let shape = names(
        "deals",
        &["id", "name", "amount", "stage", "owner", "close_date", "company_id", "company_name", "created", "updated"],
    );
    let first = serde_json::to_string(&matched(&shape)).unwrap();
    for _ in 0..20 {
        assert_eq!(serde_json::to_string(&matched(&shape)).unwrap(), first);
    }
}

#[test]
fn an_empty_table_and_a_nameless_column_are_no_trouble() {
    assert_eq!(entity(&matched(&names("", &[]))), "none");
    let found = matched(&names("x", &["", "   ", "[]", "...", "é", "日本語"]));
    assert_eq!(found.columns.len(), 6);
    assert!(found.columns.iter().all(|column| column.decision.is_none()));
}
