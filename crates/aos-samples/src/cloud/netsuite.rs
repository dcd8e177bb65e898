//! NetSuite: transactions with cloud vendors, and the contracts they fall under, joined by VendorID.

use crate::clock::TODAY;
use crate::random::Rng;
use crate::table::{Money, Table};

const TRANSACTIONS: usize = 260;
const CONTRACTS_PER_VENDOR: usize = 8;

/// Vendor id, name, and the regions it bills for.
const VENDORS: &[(&str, &str, &[&str])] = &[
    ("VND-AWS-001", "Amazon Web Services", &["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"]),
    ("VND-GCP-002", "Google Cloud", &["us-central1", "europe-west3"]),
    ("VND-AZR-003", "Microsoft Azure", &["eastus", "westeurope"]),
    ("VND-DTW-004", "Datenwerk Hosting GmbH", &["de-fra-1", ""]),
];

const SERVICES: &[(&str, &[&str], f64)] = &[
    ("Compute", &["On-Demand", "Reserved", "Spot"], 6_900.0),
    ("Storage", &["Standard", "Infrequent Access", "Archive"], 1_900.0),
    ("Database", &["Managed", "Serverless"], 3_700.0),
    ("Networking", &["Data Transfer", "CDN"], 1_150.0),
    ("Support", &["Business Plan", "Enterprise Plan"], 2_400.0),
];

const DEPARTMENTS: &[(&str, &str)] = &[
    ("Engineering", "CC-1100"),
    ("Data & Analytics", "CC-1200"),
    ("IT Operations", "CC-1300"),
    ("Marketing, Web", "CC-2100"),
];

pub fn tables() -> Vec<Table> {
    vec![spend(), contracts()]
}

fn spend() -> Table {
    let mut rng = Rng::named("netsuite.CloudSpend");
    let mut table = Table::new(
        "netsuite/CloudSpend.csv",
        "TransactionID VendorName VendorID ServiceCategory Monthly_Cost Currency PurchaseDate CostCenter UsageType Region
         PaymentTerms InvoiceNumber PurchaseOrderNumber ApprovalStatus Department",
    );
    for index in 0..TRANSACTIONS {
        let days_ago = 540 - (index * 540 / TRANSACTIONS) as i64;
        let (vendor_id, vendor, regions) = VENDORS[rng.weighted(&[60, 18, 15, 7])];
        let (category, usages, median) = *rng.pick(SERVICES);
        let (department, cost_center) = *rng.pick(DEPARTMENTS);
        let credit_used_up = rng.chance(0.03);
        let cost = if credit_used_up { Money(0) } else { Money::from_units(rng.log_normal(median, 0.7)) };
        let approval = if days_ago < 20 {
            "Pending Approval"
        } else {
            rng.one_of(&["Approved", "Approved", "Approved", "Rejected"])
        };
        table.push(&[
            ("TransactionID", &format!("TRX-{:06}", 20_417 + index)),
            ("VendorName", &vendor),
            ("VendorID", &vendor_id),
            ("ServiceCategory", &category),
            ("Monthly_Cost", &cost),
            ("Currency", &if vendor_id.contains("DTW") { "EUR" } else { "USD" }),
            ("PurchaseDate", &TODAY.plus(-days_ago).iso()),
            ("CostCenter", &cost_center),
            ("UsageType", &rng.one_of(usages)),
            ("Region", &rng.one_of(regions)),
            ("PaymentTerms", &rng.one_of(&["Net 30", "Net 30", "Net 45", "Due on receipt"])),
            ("InvoiceNumber", &format!("INV{}", rng.between(1_000_000, 9_999_999))),
            (
                "PurchaseOrderNumber",
                &if rng.chance(0.7) { format!("PO-{}", rng.between(4000, 4999)) } else { String::new() },
            ),
            ("ApprovalStatus", &approval),
            ("Department", &department),
        ]);
    }
    table
}

fn contracts() -> Table {
    let mut rng = Rng::named("netsuite.CloudVendorContracts");
    let columns = "ContractID VendorID CloudProvider ContractType MonthlyCommit StartDate EndDate";
    let mut table = Table::new("netsuite/CloudVendorContracts.csv", columns);
    for (vendor_id, vendor, _) in VENDORS {
        for _ in 0..CONTRACTS_PER_VENDOR {
            let id = format!("CON-{:04}", table.len() + 101);
            let kind = rng.one_of(&["Enterprise Discount", "Reserved Capacity", "Pay As You Go", "Support"]);
            let commit = Money::from_units(if kind == "Pay As You Go" { 0.0 } else { rng.log_normal(14_000.0, 0.6) });
            let start = TODAY.plus(-rng.between(60, 1400)).first_of_month();
            let end = start.plus(365 * rng.between(1, 3) - 1).iso();
            table.push_row(&[&id, vendor_id, vendor, &kind, &commit.rounded_to(100), &start.iso(), &end]);
        }
    }
    table
}
