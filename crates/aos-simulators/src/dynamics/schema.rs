//! The tables of the simulated environment: standard ones with columns of its own, and one table of its own.

use crate::account::{Draw, Field, Kind, Stream, coded, decimal, money, several, text};

const INDUSTRIES: &[(&str, &str)] =
    &[("1", "Accounting"), ("7", "Consulting"), ("16", "Food and Tobacco Processing"), ("33", "Wholesale")];
const STATES: &[(&str, &str)] = &[("0", "Active"), ("1", "Inactive")];
const STATUSES: &[(&str, &str)] = &[("1", "Active"), ("2", "Inactive")];
const TIERS: &[(&str, &str)] = &[("100000000", "Gold"), ("100000001", "Silber"), ("100000002", "銅")];
const REGIONS: &[(&str, &str)] = &[("100000000", "EMEA"), ("100000001", "APAC"), ("100000002", "Américas")];
const USERS_MAX: u64 = 30;

/// What a table is called where its records are not asked for.
pub struct Names {
    /// The entity set, by which records are asked for; the stream's name.
    pub set: &'static str,
    pub logical: &'static str,
    pub schema: &'static str,
    pub key: &'static str,
    /// The column that names a record to people.
    pub title: &'static str,
    /// Tells the ids of one table from those of another.
    pub number: u8,
    pub tracks_changes: bool,
}

pub const TABLES: &[Names] = &[
    Names {
        set: "accounts",
        logical: "account",
        schema: "Account",
        key: "accountid",
        title: "name",
        number: 1,
        tracks_changes: true,
    },
    Names {
        set: "contacts",
        logical: "contact",
        schema: "Contact",
        key: "contactid",
        title: "fullname",
        number: 2,
        tracks_changes: true,
    },
    Names {
        set: "opportunities",
        logical: "opportunity",
        schema: "Opportunity",
        key: "opportunityid",
        title: "name",
        number: 3,
        tracks_changes: true,
    },
    Names {
        set: "leads",
        logical: "lead",
        schema: "Lead",
        key: "leadid",
        title: "fullname",
        number: 4,
        tracks_changes: true,
    },
    Names {
        set: "incidents",
        logical: "incident",
        schema: "Incident",
        key: "incidentid",
        title: "title",
        number: 5,
        tracks_changes: true,
    },
    Names {
        set: "systemusers",
        logical: "systemuser",
        schema: "SystemUser",
        key: "systemuserid",
        title: "fullname",
        number: 6,
        tracks_changes: true,
    },
    Names {
        set: "new_projects",
        logical: "new_project",
        schema: "new_Project",
        key: "new_projectid",
        title: "new_name",
        number: 7,
        tracks_changes: false,
    },
];

pub fn names(set: &str) -> Option<&'static Names> {
    TABLES.iter().find(|names| names.set == set)
}

pub fn streams(size: u64) -> Vec<Stream> {
    vec![
        stream("accounts", "Account", "Accounts", size, accounts()),
        stream("contacts", "Contact", "Contacts", size, contacts()),
        stream("opportunities", "Opportunity", "Opportunities", size, opportunities()),
        stream("leads", "Lead", "Leads", size / 4, leads()),
        stream("incidents", "Case", "Cases", size / 2, incidents()),
        stream("systemusers", "User", "Users", size.min(USERS_MAX), users()),
        stream("new_projects", "Project", "Projects", size / 10, projects()),
    ]
}

fn stream(set: &str, label: &str, plural: &str, rows: u64, own: Vec<Field>) -> Stream {
    let key = names(set).map_or("id", |names| names.key);
    let mut fields = vec![Field::new(key, label, Kind::Key, Draw::Key)];
    fields.extend(own);
    fields.extend([
        Field::new("statecode", "Status", coded(STATES), Draw::Any),
        Field::new("statuscode", "Status Reason", coded(STATUSES), Draw::Any),
        Field::new("createdon", "Created On", Kind::Time, Draw::Created),
        Field::new("modifiedon", "Modified On", Kind::Time, Draw::Modified),
    ]);
    if set != "systemusers" {
        fields.push(Field::new("ownerid", "Owner", Kind::Link { to: "systemusers" }, Draw::Any));
    }
    let custom = set == "new_projects";
    Stream { name: set.into(), label: label.into(), plural: plural.into(), custom, rows, deleted_one_in: 0, fields }
}

fn accounts() -> Vec<Field> {
    vec![
        Field::new("name", "Account Name", text(160), Draw::Company),
        Field::new("accountnumber", "Account Number", text(20), Draw::Code("A")).nulls(10),
        Field::new("parentaccountid", "Parent Account", Kind::Link { to: "accounts" }, Draw::Any).nulls(85),
        Field::new("revenue", "Annual Revenue", money(), Draw::Between(0, 9_999_999_999_999)).nulls(20),
        Field::new("numberofemployees", "Number of Employees", Kind::Integer, Draw::Between(0, 1_000_000_000))
            .nulls(30),
        Field::new("industrycode", "Industry", coded(INDUSTRIES), Draw::Any).nulls(25),
        Field::new("telephone1", "Main Phone", Kind::Phone, Draw::Phone).nulls(15),
        Field::new("emailaddress1", "Email", Kind::Email, Draw::Email).nulls(20),
        Field::new("websiteurl", "Website", Kind::Url, Draw::Url).nulls(30),
        Field::new("address1_city", "Address 1: City", text(80), Draw::City).nulls(15),
        Field::new("description", "Description", Kind::LongText, Draw::Sentences).nulls(50),
        Field::new("donotemail", "Do not allow Emails", Kind::Boolean, Draw::Any),
        Field::new("new_tier", "Tier", coded(TIERS), Draw::Any).nulls(20).custom(),
        Field::new("new_regions", "Regions", several(coded(REGIONS)), Draw::Any).nulls(30).custom(),
        Field::new(
            "new_creditscore",
            "Credit Score",
            decimal(18, 10),
            Draw::Between(-999_999_999, 999_999_999_999_999_999),
        )
        .nulls(30)
        .custom(),
        Field::new("new_renewal", "Renewal", Kind::Date, Draw::Days(19_723, 21_183)).nulls(40).custom(),
    ]
}

fn contacts() -> Vec<Field> {
    vec![
        Field::new("firstname", "First Name", text(50), Draw::FirstName).nulls(5),
        Field::new("lastname", "Last Name", text(50), Draw::LastName),
        Field::new("fullname", "Full Name", text(160), Draw::FullName),
        Field::new("emailaddress1", "Email", Kind::Email, Draw::Email).nulls(10),
        Field::new("telephone1", "Business Phone", Kind::Phone, Draw::Phone).nulls(30),
        Field::new("jobtitle", "Job Title", text(100), Draw::Title).nulls(30),
        Field::new("parentcustomerid", "Company Name", Kind::Link { to: "accounts" }, Draw::Any).nulls(10),
        Field::new("birthdate", "Birthday", Kind::Date, Draw::Days(-9_000, 13_000)).nulls(70),
    ]
}

fn opportunities() -> Vec<Field> {
    vec![
        Field::new("name", "Topic", text(300), Draw::Subject),
        Field::new("parentaccountid", "Account", Kind::Link { to: "accounts" }, Draw::Any).nulls(10),
        Field::new("estimatedvalue", "Est. Revenue", money(), Draw::Between(0, 9_999_999_999)).nulls(15),
        Field::new("closeprobability", "Probability", Kind::Integer, Draw::Between(0, 100)).nulls(20),
        Field::new("estimatedclosedate", "Est. Close Date", Kind::Date, Draw::Days(19_723, 21_183)).nulls(15),
        Field::new(
            "salesstage",
            "Sales Stage",
            coded(&[("0", "Qualify"), ("1", "Develop"), ("2", "Propose"), ("3", "Close")]),
            Draw::Any,
        )
        .nulls(5),
        Field::new("new_kickoff", "Kickoff", Kind::Time, Draw::Days(19_723, 21_183)).nulls(50).custom(),
    ]
}

fn leads() -> Vec<Field> {
    vec![
        Field::new("fullname", "Name", text(160), Draw::FullName),
        Field::new("companyname", "Company Name", text(100), Draw::Company).nulls(10),
        Field::new("emailaddress1", "Email", Kind::Email, Draw::Email).nulls(15),
        Field::new(
            "leadsourcecode",
            "Lead Source",
            coded(&[("1", "Advertisement"), ("8", "Web"), ("10", "Other")]),
            Draw::Any,
        )
        .nulls(25),
    ]
}

fn incidents() -> Vec<Field> {
    vec![
        Field::new("title", "Case Title", text(200), Draw::Subject),
        Field::new("ticketnumber", "Case Number", text(100), Draw::Code("CAS-")),
        Field::new("customerid", "Customer", Kind::Link { to: "accounts" }, Draw::Any),
        Field::new("prioritycode", "Priority", coded(&[("1", "High"), ("2", "Normal"), ("3", "Low")]), Draw::Any),
        Field::new("description", "Description", Kind::LongText, Draw::Sentences).nulls(20),
    ]
}

fn users() -> Vec<Field> {
    vec![
        Field::new("fullname", "Full Name", text(200), Draw::FullName),
        Field::new("internalemailaddress", "Primary Email", Kind::Email, Draw::Email),
        Field::new("isdisabled", "Status", Kind::Boolean, Draw::Any),
    ]
}

fn projects() -> Vec<Field> {
    vec![
        Field::new("new_name", "Name", text(100), Draw::Subject).custom(),
        Field::new("new_accountid", "Account", Kind::Link { to: "accounts" }, Draw::Any).nulls(10).custom(),
        Field::new("new_budget", "Budget", money(), Draw::Between(0, 9_999_999_999)).nulls(10).custom(),
        Field::new("new_hours", "Hours", decimal(10, 2), Draw::Between(0, 99_999)).nulls(10).custom(),
    ]
}
