//! Claims about the generated samples: what a reader of samples/README.md is told must hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aos_samples::{BENCH_HEADER, Table, generate, stale_files, write_opportunities};

fn samples() -> BTreeMap<String, Table> {
    generate().into_iter().map(|table| (table.path().to_owned(), table)).collect()
}

fn distinct<'a>(table: &'a Table, column: &str) -> BTreeSet<&'a str> {
    table.values(column).into_iter().filter(|value| !value.is_empty()).collect()
}

/// Lower-cases addresses, as a person would compare them.
fn addresses(table: &Table, column: &str) -> BTreeSet<String> {
    distinct(table, column).into_iter().map(str::to_lowercase).collect()
}

#[test]
fn two_runs_write_the_same_bytes() {
    let bytes = || generate().iter().map(Table::to_csv).collect::<Vec<_>>();
    assert_eq!(bytes(), bytes());
}

#[test]
fn the_committed_files_are_what_the_generator_writes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    assert_eq!(stale_files(&folder).unwrap(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn the_headers_of_the_sources_are_those_the_systems_export() {
    let samples = samples();
    let expected = [
        ("dynamics/accounts.csv", "AccountId,AccountName,Industry,AnnualRevenue,CreatedOn"),
        ("dynamics/opportunities.csv", "OpportunityId,AccountId,OpportunityName,Amount,CloseDate,Stage"),
        (
            "hubspot/Deals.csv",
            "deal_id,deal_name,amount,close_date,expected_close_date,deal_stage,deal_type,probability,deal_owner,deal_owner_email,company_name,company_id,industry,lead_source,created_date,last_modified_date,annual_contract_value,deal_currency,forecast_category,next_step,competitors,num_decision_makers,deal_description,contract_term_months,renewal_date,mrr,arr",
        ),
        ("legacy_sql/CloudResources.csv", "ResourceID,Type,CloudService,AwsRegion,AccountID,CreatedAt"),
        ("legacy_sql/UsageMetrics.csv", "MetricID,ResourceID,MetricName,MetricValue,Unit,Timestamp"),
        (
            "mongodb/account_usage.csv",
            "account_id,last_login_days,sessions_30d,avg_session_duration,features_used,active_users",
        ),
        (
            "netsuite/CloudSpend.csv",
            "TransactionID,VendorName,VendorID,ServiceCategory,Monthly_Cost,Currency,PurchaseDate,CostCenter,UsageType,Region,PaymentTerms,InvoiceNumber,PurchaseOrderNumber,ApprovalStatus,Department",
        ),
        (
            "netsuite/CloudVendorContracts.csv",
            "ContractID,VendorID,CloudProvider,ContractType,MonthlyCommit,StartDate,EndDate",
        ),
        ("salesforce/Account.csv", "Id,Name,Industry,AnnualRevenue,CreatedDate"),
        ("salesforce/Opportunity.csv", "Id,AccountId,Name,Amount,CloseDate,StageName"),
        (
            "sap/BILLING_ITEMS.csv",
            "ITEM_ID,INVOICE_NUM,AWS_SERVICE,RESOURCE_TYPE,USAGE_AMOUNT,UNIT_PRICE,LINE_TOTAL,AWS_ACCOUNT",
        ),
        (
            "sap/CLOUD_INVOICES.csv",
            "INVOICE_NUM,VENDOR_CODE,INVOICE_DATE,Monthly_Cost,CURRENCY,ServiceCategory,UsageType,PAYMENT_TERM,STATUS,DUE_DATE,PAID_DATE,COMPANY_CODE,COST_CENTER,GL_ACCOUNT,FISCAL_YEAR,FISCAL_PERIOD",
        ),
        ("supabase/account_health.csv", "id,account_id,health_score,risk_level,details,last_updated"),
    ];
    for (path, header) in expected {
        assert_eq!(samples[path].header().join(","), header, "{path}");
    }
    let widths = ["AWS_RESOURCES", "AWS_COSTS", "RESOURCE_METRICS"]
        .map(|table| samples[&format!("snowflake/{table}.csv")].header().len());
    assert_eq!(widths, [66, 26, 35]);
}

#[test]
fn every_main_table_has_at_least_two_hundred_rows() {
    for (path, table) in samples() {
        let least = match path.as_str() {
            "netsuite/CloudVendorContracts.csv" => 24,
            path if path.starts_with("replay/") => 20,
            _ => 200,
        };
        assert!(table.len() >= least, "{path} has {} rows", table.len());
    }
}

#[test]
fn every_key_names_one_row() {
    let samples = samples();
    for (path, key) in [
        ("dynamics/accounts.csv", "AccountId"),
        ("dynamics/opportunities.csv", "OpportunityId"),
        ("dynamics/contacts.csv", "ContactId"),
        ("salesforce/Account.csv", "Id"),
        ("salesforce/Opportunity.csv", "Id"),
        ("salesforce/Contact.csv", "Id"),
        ("hubspot/Deals.csv", "deal_id"),
        ("hubspot/Contacts.csv", "hs_object_id"),
        ("sap/CLOUD_INVOICES.csv", "INVOICE_NUM"),
        ("sap/BILLING_ITEMS.csv", "ITEM_ID"),
        ("netsuite/CloudSpend.csv", "TransactionID"),
        ("netsuite/CloudVendorContracts.csv", "ContractID"),
        ("legacy_sql/CloudResources.csv", "ResourceID"),
        ("legacy_sql/UsageMetrics.csv", "MetricID"),
        ("snowflake/AWS_RESOURCES.csv", "RESOURCE_ID"),
        ("snowflake/AWS_COSTS.csv", "RESOURCE_ID"),
        ("snowflake/RESOURCE_METRICS.csv", "RESOURCE_ID"),
        ("supabase/account_health.csv", "account_id"),
        ("mongodb/account_usage.csv", "account_id"),
        ("zendesk/tickets.csv", "id"),
    ] {
        let table = &samples[path];
        assert_eq!(distinct(table, key).len(), table.len(), "{path} {key}");
    }
}

#[test]
fn every_foreign_key_points_to_a_row_of_its_source() {
    let samples = samples();
    for (path, column, target, key) in [
        ("dynamics/opportunities.csv", "AccountId", "dynamics/accounts.csv", "AccountId"),
        ("dynamics/contacts.csv", "ParentCustomerId", "dynamics/accounts.csv", "AccountId"),
        ("salesforce/Opportunity.csv", "AccountId", "salesforce/Account.csv", "Id"),
        ("salesforce/Contact.csv", "AccountId", "salesforce/Account.csv", "Id"),
        ("hubspot/Contacts.csv", "associatedcompanyid", "hubspot/Deals.csv", "company_id"),
        ("sap/BILLING_ITEMS.csv", "INVOICE_NUM", "sap/CLOUD_INVOICES.csv", "INVOICE_NUM"),
        ("netsuite/CloudSpend.csv", "VendorID", "netsuite/CloudVendorContracts.csv", "VendorID"),
        ("legacy_sql/UsageMetrics.csv", "ResourceID", "legacy_sql/CloudResources.csv", "ResourceID"),
        ("replay/opportunities_filesource.csv", "account_id", "replay/accounts_filesource.csv", "account_id"),
    ] {
        let known = distinct(&samples[target], key);
        let lost: Vec<_> = distinct(&samples[path], column).difference(&known).copied().collect();
        assert!(lost.is_empty(), "{path} {column}: {lost:?} are not in {target}");
    }
}

#[test]
fn the_three_snowflake_tables_describe_the_same_resources() {
    let samples = samples();
    let ids = |table: &str| distinct(&samples[&format!("snowflake/{table}.csv")], "RESOURCE_ID").len();
    let resources = distinct(&samples["snowflake/AWS_RESOURCES.csv"], "RESOURCE_ID");
    assert_eq!((ids("AWS_RESOURCES"), ids("AWS_COSTS"), ids("RESOURCE_METRICS")), (240, 240, 240));
    assert_eq!(resources, distinct(&samples["snowflake/AWS_COSTS.csv"], "RESOURCE_ID"));
    assert_eq!(resources, distinct(&samples["snowflake/RESOURCE_METRICS.csv"], "RESOURCE_ID"));
    let legacy = distinct(&samples["legacy_sql/CloudResources.csv"], "ResourceID");
    assert_eq!(resources.intersection(&legacy).count(), 100);
}

#[test]
fn the_crms_share_persons_by_email_but_not_by_id() {
    let samples = samples();
    let dynamics = addresses(&samples["dynamics/contacts.csv"], "EMailAddress1");
    let salesforce = addresses(&samples["salesforce/Contact.csv"], "Email");
    let hubspot = addresses(&samples["hubspot/Contacts.csv"], "email");
    let shared = |left: &BTreeSet<String>, right| left.intersection(right).count();
    assert_eq!(
        (shared(&dynamics, &salesforce), shared(&dynamics, &hubspot), shared(&salesforce, &hubspot)),
        (99, 97, 98)
    );
    let as_written = distinct(&samples["salesforce/Contact.csv"], "Email");
    assert!(as_written.iter().any(|address| address.chars().any(char::is_uppercase)));
}

#[test]
fn health_and_usage_speak_of_salesforce_accounts() {
    let samples = samples();
    let health = distinct(&samples["supabase/account_health.csv"], "account_id");
    assert_eq!(health, distinct(&samples["mongodb/account_usage.csv"], "account_id"));
    let accounts = distinct(&samples["salesforce/Account.csv"], "Id");
    assert_eq!((health.len(), health.intersection(&accounts).count()), (220, 210));
}

#[test]
fn the_replay_files_share_names_and_emails() {
    let samples = samples();
    let contacts = |system: &str| addresses(&samples[&format!("replay/contacts_{system}.csv")], "email");
    let (files, hubspot, zendesk) = (contacts("filesource"), contacts("hubspot"), contacts("zendesk"));
    assert!(files.intersection(&hubspot).count() >= 10);
    assert!(hubspot.intersection(&zendesk).count() >= 10);
    let names = |path: &str, column: &str| addresses(&samples[path], column);
    let accounts = names("replay/accounts_dynamics.csv", "accountname");
    // ß written in capitals does not come back, so one of the twenty shared names differs by more than case.
    assert_eq!(accounts.intersection(&names("replay/accounts_filesource.csv", "name")).count(), 19);
}

#[test]
fn amounts_include_cents_and_zero() {
    let samples = samples();
    for (path, column) in [
        ("dynamics/opportunities.csv", "Amount"),
        ("hubspot/Deals.csv", "amount"),
        ("sap/CLOUD_INVOICES.csv", "Monthly_Cost"),
        ("netsuite/CloudSpend.csv", "Monthly_Cost"),
    ] {
        let amounts = distinct(&samples[path], column);
        assert!(amounts.contains("0.00"), "{path} has no zero");
        assert!(amounts.iter().any(|amount| !amount.ends_with("00")), "{path} has no cents");
    }
}

#[test]
fn the_benchmark_file_has_distinct_ids_and_full_rows() {
    let mut bytes = Vec::new();
    write_opportunities(2_000, &mut bytes).unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    assert_eq!(reader.headers().unwrap(), &BENCH_HEADER[..]);
    let ids: BTreeSet<String> = reader.records().map(|row| row.unwrap()[0].to_owned()).collect();
    assert_eq!(ids.len(), 2_000);
}
