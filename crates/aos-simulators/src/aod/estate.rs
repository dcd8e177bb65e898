//! The systems of one tenant, drawn from the seed: what each holds, who owns it, and how often it was seen.

use crate::random::Random;

/// A kind of system with the tables that such systems have, and the business entity that each table holds.
struct Product {
    name: &'static str,
    kind: &'static str,
    words: &'static [&'static str],
    tables: &'static [Table],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    /// The business entity whose records it holds.
    pub entity: &'static str,
    /// The first one is its key.
    pub columns: &'static [&'static str],
}

#[derive(Debug, Clone)]
pub struct System {
    pub id: String,
    pub name: String,
    pub product: &'static str,
    pub kind: &'static str,
    pub environment: &'static str,
    pub owner: &'static str,
    /// What people say when they mean such a system.
    pub words: &'static [&'static str],
    pub tables: &'static [Table],
    /// In how many scans it was seen.
    pub observations: u32,
    pub last_seen: String,
}

#[derive(Debug, Clone)]
pub struct Estate {
    pub systems: Vec<System>,
    pub as_of: String,
}

const ACCOUNT: Table = Table {
    name: "accounts",
    entity: "account",
    columns: &["account_id", "name", "industry", "annual_revenue", "owner_id"],
};
const OPPORTUNITY: Table = Table {
    name: "opportunities",
    entity: "opportunity",
    columns: &["opportunity_id", "account_id", "name", "amount", "stage", "close_date"],
};
const CONTACT: Table =
    Table { name: "contacts", entity: "contact", columns: &["contact_id", "account_id", "email", "full_name"] };
const TICKET: Table = Table {
    name: "tickets",
    entity: "ticket",
    columns: &["ticket_id", "account_id", "subject", "status", "priority", "created_at"],
};
const RESOURCE: Table = Table {
    name: "resources",
    entity: "aws_resource",
    columns: &["resource_id", "resource_type", "region", "cpu_utilization", "monthly_cost"],
};
const COST: Table = Table {
    name: "cost_reports",
    entity: "cost_report",
    columns: &["report_id", "resource_id", "service_category", "cost", "usage", "usage_type"],
};
const USAGE: Table = Table {
    name: "product_usage",
    entity: "usage",
    columns: &["usage_id", "account_id", "sessions_30d", "last_login_days", "active_users"],
};
const HEALTH: Table = Table {
    name: "health_scores",
    entity: "health",
    columns: &["health_id", "account_id", "health_score", "risk_level"],
};

const PRODUCTS: &[Product] = &[
    Product {
        name: "salesforce",
        kind: "saas",
        words: &["crm", "sales", "pipeline", "revenue", "deals", "customers"],
        tables: &[ACCOUNT, OPPORTUNITY, CONTACT],
    },
    Product {
        name: "hubspot",
        kind: "saas",
        words: &["crm", "marketing", "deals", "leads", "pipeline"],
        tables: &[CONTACT, OPPORTUNITY],
    },
    Product {
        name: "dynamics",
        kind: "saas",
        words: &["crm", "erp", "sales", "customers"],
        tables: &[ACCOUNT, OPPORTUNITY],
    },
    Product {
        name: "zendesk",
        kind: "saas",
        words: &["support", "service", "tickets", "customers"],
        tables: &[TICKET],
    },
    Product {
        name: "netsuite",
        kind: "saas",
        words: &["erp", "finance", "spend", "vendors", "invoices", "cost"],
        tables: &[COST],
    },
    Product {
        name: "aws",
        kind: "cloud",
        words: &["cloud", "infrastructure", "compute", "storage", "cost", "spending"],
        tables: &[RESOURCE, COST],
    },
    Product {
        name: "postgres",
        kind: "database",
        words: &["database", "product", "sql", "customers"],
        tables: &[USAGE, ACCOUNT],
    },
    Product {
        name: "mongodb",
        kind: "database",
        words: &["database", "documents", "product", "usage"],
        tables: &[USAGE],
    },
    Product {
        name: "snowflake",
        kind: "warehouse",
        words: &["warehouse", "analytics", "churn", "health", "revenue"],
        tables: &[HEALTH, USAGE],
    },
];
const ENVIRONMENTS: &[&str] = &["production", "production", "production", "staging", "sandbox"];
const OWNERS: &[&str] = &["sales-operations", "finance", "platform", "support", "data", "growth"];
const PURPOSES: &[&str] = &["main", "emea", "apac", "legacy", "partner", "billing", "reporting", "migration"];
/// The newest day that an observation may be of; a simulator has no clock.
const LAST_DAY: u32 = 28;

impl Estate {
    pub fn of(seed: u64, tenant: &str, systems: u32) -> Self {
        let mut random = Random::new(seed, tenant);
        let systems: Vec<System> = (1..=systems).map(|number| system(&mut random, number)).collect();
        let as_of = systems.iter().map(|system| system.last_seen.clone()).max().unwrap_or_default();
        Self { systems, as_of }
    }
}

fn system(random: &mut Random, number: u32) -> System {
    let product = random.pick(PRODUCTS);
    let environment = *random.pick(ENVIRONMENTS);
    System {
        id: format!("sys-{number:04}"),
        name: format!("{}-{}-{number:04}", product.name, random.pick(PURPOSES)),
        product: product.name,
        kind: product.kind,
        environment,
        owner: random.pick::<&str>(OWNERS),
        words: product.words,
        tables: product.tables,
        observations: random.between(1, 40),
        last_seen: format!("2026-09-{:02}", random.between(1, LAST_DAY)),
    }
}
