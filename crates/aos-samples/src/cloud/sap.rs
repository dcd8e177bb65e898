//! SAP: capital column names, padded numbers whose zeros must survive, dates as eight digits.

use crate::clock::TODAY;
use crate::estate::ACCOUNTS;
use crate::random::Rng;
use crate::table::{Money, Table, cell, decimal};

const INVOICES: usize = 240;

/// Vendor number and payment term of the cloud providers we buy from.
const VENDORS: &[(&str, &str)] = &[("0000100234", "NT30"), ("0000100871", "NT45"), ("0000101502", "NT14")];

/// Service category, usual usage types, usual invoice in currency units, general ledger account.
const SERVICES: &[(&str, &[&str], f64, &str)] = &[
    ("Compute", &["On-Demand Instances", "Reserved Instances", "Spot Instances"], 18_400.0, "0000474010"),
    ("Storage", &["Object Storage", "Block Storage", "Archive"], 5_200.0, "0000474020"),
    ("Database", &["Managed Database", "Backup Storage"], 8_900.0, "0000474030"),
    ("Networking", &["Data Transfer Out", "Load Balancing"], 2_600.0, "0000474040"),
    ("Analytics", &["Query Processing", "Streaming"], 3_900.0, "0000474050"),
];

/// AWS service, resource type, unit price; what invoices are made of.
const ITEMS: &[(&str, &str, f64)] = &[
    ("AmazonEC2", "Compute Instance", 0.192),
    ("AmazonEC2", "Block Volume", 0.08),
    ("AmazonRDS", "Database Instance", 0.356),
    ("AmazonS3", "Object Storage", 0.023),
    ("AWSDataTransfer", "Data Transfer", 0.09),
    ("AWSLambda", "Function", 0.00001667),
];

struct Invoice {
    number: String,
    cost: Money,
}

pub fn tables() -> Vec<Table> {
    let (invoices, table) = cloud_invoices();
    vec![table, billing_items(&invoices)]
}

fn cloud_invoices() -> (Vec<Invoice>, Table) {
    let mut rng = Rng::named("sap.CLOUD_INVOICES");
    let mut table = Table::new(
        "sap/CLOUD_INVOICES.csv",
        "INVOICE_NUM VENDOR_CODE INVOICE_DATE Monthly_Cost CURRENCY ServiceCategory UsageType PAYMENT_TERM STATUS
         DUE_DATE PAID_DATE COMPANY_CODE COST_CENTER GL_ACCOUNT FISCAL_YEAR FISCAL_PERIOD",
    );
    let mut invoices = Vec::new();
    for index in 0..INVOICES {
        let days_ago = 720 - (index * 720 / INVOICES) as i64;
        let dated = TODAY.plus(-days_ago);
        let (vendor, term) = *rng.pick(VENDORS);
        let due = dated.plus(term[2..].parse().expect("payment terms end in days"));
        let paid = due.plus(rng.between(-12, 9));
        let (category, usages, median, ledger) = *rng.pick(SERVICES);
        let invoice = Invoice {
            number: format!("00{}", 51_000_117 + index * 3),
            cost: if rng.chance(0.02) { Money(0) } else { Money::from_units(rng.log_normal(median, 0.5)) },
        };
        let (year, month, _) = dated.civil();
        table.push(&[
            ("INVOICE_NUM", &invoice.number),
            ("VENDOR_CODE", &vendor),
            ("INVOICE_DATE", &dated.sap()),
            ("Monthly_Cost", &invoice.cost),
            ("CURRENCY", &rng.one_of(&["USD", "USD", "EUR"])),
            ("ServiceCategory", &category),
            ("UsageType", &rng.one_of(usages)),
            ("PAYMENT_TERM", &term),
            (
                "STATUS",
                &if paid <= TODAY {
                    "PAID"
                } else if due < TODAY {
                    "OVERDUE"
                } else {
                    "OPEN"
                },
            ),
            ("DUE_DATE", &due.sap()),
            ("PAID_DATE", &cell((paid <= TODAY).then(|| paid.sap()))),
            ("COMPANY_CODE", &rng.one_of(&["0100", "0100", "0210"])),
            ("COST_CENTER", &format!("00001047{:02}", rng.between(1, 18))),
            ("GL_ACCOUNT", &ledger),
            ("FISCAL_YEAR", &year),
            ("FISCAL_PERIOD", &format!("{month:03}")),
        ]);
        invoices.push(invoice);
    }
    (invoices, table)
}

/// Breaks invoices into lines; unlike the invoice, a line is keyed by an item number of its own.
fn billing_items(invoices: &[Invoice]) -> Table {
    let mut rng = Rng::named("sap.BILLING_ITEMS");
    let columns = "ITEM_ID INVOICE_NUM AWS_SERVICE RESOURCE_TYPE USAGE_AMOUNT UNIT_PRICE LINE_TOTAL AWS_ACCOUNT";
    let mut table = Table::new("sap/BILLING_ITEMS.csv", columns);
    for invoice in invoices {
        let lines = rng.between(1, 3);
        for line in 0..lines {
            let (service, resource, price) = *rng.pick(ITEMS);
            let total = invoice.cost.times(1, lines);
            let usage = decimal(total.0 as f64 / 100.0 / price, 3);
            let item = format!("IT{}{:02}", invoice.number, (line + 1) * 10);
            let account = *rng.pick(ACCOUNTS);
            table.push_row(&[
                &item,
                &invoice.number,
                &service,
                &resource,
                &usage,
                &decimal(price, 8),
                &total,
                &account,
            ]);
        }
    }
    table
}
