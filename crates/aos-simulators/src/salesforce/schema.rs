//! The objects of the simulated organisation: standard ones with fields their administrator added, and one of its own.

use crate::account::{Draw, Field, Kind, Stream, choice, decimal, money, several, text};

const INDUSTRIES: &[&str] =
    &["Agriculture", "Apparel", "Banking", "Biotechnology", "Energy", "Electronics", "Technology"];
const STAGES: &[&str] =
    &["Prospecting", "Qualification", "Needs Analysis", "Negotiation/Review", "Closed Won", "Closed Lost"];
const SOURCES: &[&str] = &["Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"];
const REGIONS: &[&str] = &["EMEA", "APAC", "Amérique", "日本"];
const DELETED_ONE_IN: u64 = 50;
const USERS_MAX: u64 = 40;
/// 2024-01-01 and 2027-12-31.
const DAYS: Draw = Draw::Days(19_723, 21_183);

/// What files are attached to. Nobody may query it as a whole.
pub const LINKS: &str = "ContentDocumentLink";

/// The key prefix of an object's ids, as Salesforce numbers its standard objects.
pub fn key_prefix(object: &str) -> &'static str {
    match object {
        "Account" => "001",
        "Contact" => "003",
        "User" => "005",
        "Opportunity" => "006",
        "Lead" => "00Q",
        "Case" => "500",
        "OpportunityLineItem" => "00k",
        "ContentDocument" => "069",
        LINKS => "06A",
        _ => "a00",
    }
}

pub fn streams(size: u64) -> Vec<Stream> {
    let users = size.min(USERS_MAX);
    vec![
        stream("Account", "Account", "Accounts", size, false, account()),
        stream("Contact", "Contact", "Contacts", size, false, contact()),
        stream("Opportunity", "Opportunity", "Opportunities", size, false, opportunity()),
        stream("Lead", "Lead", "Leads", size / 4, false, lead()),
        stream("Case", "Case", "Cases", size / 2, false, case()),
        stream("User", "User", "Users", users, false, user()),
        stream("Project__c", "Project", "Projects", size / 10, true, project()),
        Stream { deleted_one_in: 0, ..stream("ContentDocument", "File", "Files", size / 10, false, document()) },
        links(size / 10),
    ]
}

/// Which records files are attached to. It has no times but the one of its last change, and goes with its file.
fn links(rows: u64) -> Stream {
    let mut links = stream(LINKS, "Content Document Link", "Content Document Links", rows, false, link());
    links.fields.retain(|field| !field.name.starts_with("Created") && !field.name.starts_with("LastModified"));
    links
}

fn stream(name: &str, label: &str, plural: &str, rows: u64, custom: bool, own: Vec<Field>) -> Stream {
    let mut fields = vec![
        Field::new("Id", &format!("{label} ID"), Kind::Key, Draw::Key),
        Field::new("IsDeleted", "Deleted", Kind::Boolean, Draw::Deleted),
    ];
    fields.extend(own);
    fields.extend([
        Field::new("CreatedDate", "Created Date", Kind::Time, Draw::Created),
        Field::new("CreatedById", "Created By ID", Kind::Link { to: "User" }, Draw::Any),
        Field::new("LastModifiedDate", "Last Modified Date", Kind::Time, Draw::Modified),
        Field::new("LastModifiedById", "Last Modified By ID", Kind::Link { to: "User" }, Draw::Any),
        Field::new("SystemModstamp", "System Modstamp", Kind::Time, Draw::Modified),
    ]);
    // A user is never deleted, only made inactive, and so has no mark of it.
    let deleted_one_in = if name == "User" { 0 } else { DELETED_ONE_IN };
    if name == "User" {
        fields.retain(|field| field.name != "IsDeleted");
    }
    Stream { name: name.into(), label: label.into(), plural: plural.into(), custom, rows, deleted_one_in, fields }
}

fn owner() -> Field {
    Field::new("OwnerId", "Owner ID", Kind::Link { to: "User" }, Draw::Any)
}

fn account() -> Vec<Field> {
    vec![
        Field::new("Name", "Account Name", text(255), Draw::Company),
        Field::new("Type", "Account Type", choice(&["Prospect", "Customer - Direct", "Technology Partner"]), Draw::Any)
            .nulls(20),
        Field::new("ParentId", "Parent Account ID", Kind::Link { to: "Account" }, Draw::Any).nulls(85),
        Field::new("BillingStreet", "Billing Street", Kind::LongText, Draw::Street).nulls(15),
        Field::new("BillingCity", "Billing City", text(40), Draw::City).nulls(15),
        Field::new("BillingCountry", "Billing Country", text(80), Draw::Country).nulls(15),
        Field::new("Phone", "Account Phone", Kind::Phone, Draw::Phone).nulls(10),
        Field::new("Website", "Website", Kind::Url, Draw::Url).nulls(30),
        Field::new("AccountNumber", "Account Number", text(40), Draw::Code("CD")).nulls(10),
        Field::new("Industry", "Industry", choice(INDUSTRIES), Draw::Any).nulls(25),
        Field::new(
            "AnnualRevenue",
            "Annual Revenue",
            Kind::Decimal { precision: 18, scale: 0, money: true },
            Draw::Between(0, 999_999_999_999_999),
        )
        .nulls(20),
        Field::new("NumberOfEmployees", "Employees", Kind::Integer, Draw::Between(0, 99_999_999)).nulls(30),
        Field::new("Description", "Account Description", Kind::LongText, Draw::Sentences).nulls(40),
        owner(),
        Field::new("SLA__c", "SLA", choice(&["Gold", "Silver", "Platinum", "Bronze"]), Draw::Any).nulls(30).custom(),
        Field::new("Regions__c", "Regions", several(choice(REGIONS)), Draw::Any).nulls(30).custom(),
        Field::new("Credit_Limit__c", "Credit Limit", decimal(18, 6), Draw::Between(0, 999_999_999_999_999_999))
            .nulls(30)
            .custom(),
        Field::new("Groesse__c", "Größe", Kind::Integer, Draw::Between(-100, 100)).nulls(50).custom(),
        Field::new("SLAExpirationDate__c", "SLA Expiration Date", Kind::Date, DAYS).nulls(40).custom(),
    ]
}

fn contact() -> Vec<Field> {
    vec![
        Field::new("AccountId", "Account ID", Kind::Link { to: "Account" }, Draw::Any).nulls(5),
        Field::new("FirstName", "First Name", text(40), Draw::FirstName).nulls(5),
        Field::new("LastName", "Last Name", text(80), Draw::LastName),
        Field::new("Name", "Full Name", text(121), Draw::FullName),
        Field::new("Email", "Email", Kind::Email, Draw::Email).nulls(10),
        Field::new("Phone", "Business Phone", Kind::Phone, Draw::Phone).nulls(20),
        Field::new("MobilePhone", "Mobile Phone", Kind::Phone, Draw::Phone).nulls(50),
        Field::new("Title", "Title", text(128), Draw::Title).nulls(30),
        Field::new("Birthdate", "Birthdate", Kind::Date, Draw::Days(-9_000, 13_000)).nulls(70),
        owner(),
        Field::new("Level__c", "Level", choice(&["Primary", "Secondary", "Tertiary"]), Draw::Any).nulls(40).custom(),
    ]
}

fn opportunity() -> Vec<Field> {
    vec![
        Field::new("AccountId", "Account ID", Kind::Link { to: "Account" }, Draw::Any).nulls(5),
        Field::new("Name", "Name", text(120), Draw::Company),
        Field::new("Description", "Description", Kind::LongText, Draw::Sentences).nulls(50),
        Field::new("StageName", "Stage", choice(STAGES), Draw::Any),
        Field::new("Amount", "Amount", money(), Draw::Between(-500_000, 9_999_999_999)).nulls(10),
        Field::new("Probability", "Probability (%)", decimal(3, 0), Draw::Between(0, 100)).nulls(5),
        Field::new("CloseDate", "Close Date", Kind::Date, DAYS),
        Field::new("Type", "Opportunity Type", choice(&["Existing Customer - Upgrade", "New Customer"]), Draw::Any)
            .nulls(20),
        Field::new("LeadSource", "Lead Source", choice(SOURCES), Draw::Any).nulls(25),
        Field::new("IsPrivate", "Private", Kind::Boolean, Draw::Any),
        owner(),
        Field::new("MainCompetitors__c", "Main Competitor(s)", text(100), Draw::Company).nulls(60).custom(),
        Field::new("Kickoff__c", "Kickoff", Kind::Time, DAYS).nulls(60).custom(),
    ]
}

fn lead() -> Vec<Field> {
    vec![
        Field::new("FirstName", "First Name", text(40), Draw::FirstName).nulls(5),
        Field::new("LastName", "Last Name", text(80), Draw::LastName),
        Field::new("Company", "Company", text(255), Draw::Company),
        Field::new("Email", "Email", Kind::Email, Draw::Email).nulls(10),
        Field::new(
            "Status",
            "Status",
            choice(&["Open - Not Contacted", "Working - Contacted", "Closed - Converted"]),
            Draw::Any,
        ),
        Field::new("LeadSource", "Lead Source", choice(SOURCES), Draw::Any).nulls(25),
        owner(),
    ]
}

fn case() -> Vec<Field> {
    vec![
        Field::new("CaseNumber", "Case Number", text(30), Draw::Code("C-")),
        Field::new("AccountId", "Account ID", Kind::Link { to: "Account" }, Draw::Any).nulls(10),
        Field::new("ContactId", "Contact ID", Kind::Link { to: "Contact" }, Draw::Any).nulls(20),
        Field::new("Subject", "Subject", text(255), Draw::Subject).nulls(2),
        Field::new("Description", "Description", Kind::LongText, Draw::Sentences).nulls(20),
        Field::new("Status", "Status", choice(&["New", "Working", "Escalated", "Closed"]), Draw::Any),
        Field::new("Priority", "Priority", choice(&["High", "Medium", "Low"]), Draw::Any),
        Field::new("ClosedDate", "Closed Date", Kind::Time, Draw::Days(19_723, 20_630)).nulls(50),
        owner(),
    ]
}

fn document() -> Vec<Field> {
    vec![
        Field::new("Title", "Title", text(255), Draw::Subject),
        Field::new("FileType", "File Type", choice(&["PDF", "POWER_POINT_X", "PNG"]), Draw::Any),
        Field::new("ContentSize", "Size", Kind::Integer, Draw::Between(0, 99_999_999)),
        owner(),
    ]
}

fn link() -> Vec<Field> {
    vec![
        Field::new("LinkedEntityId", "Linked Entity ID", Kind::Link { to: "Account" }, Draw::Any),
        Field::new("ContentDocumentId", "ContentDocument ID", Kind::Link { to: "ContentDocument" }, Draw::Any),
        Field::new("ShareType", "Share Type", choice(&["V", "C", "I"]), Draw::Any),
        Field::new("Visibility", "Visibility", choice(&["AllUsers", "InternalUsers"]), Draw::Any),
    ]
}

fn user() -> Vec<Field> {
    vec![
        Field::new("Username", "Username", text(80), Draw::Email),
        Field::new("Name", "Full Name", text(121), Draw::FullName),
        Field::new("Email", "Email", Kind::Email, Draw::Email),
        Field::new("IsActive", "Active", Kind::Boolean, Draw::Any),
        Field::new(
            "TimeZoneSidKey",
            "Time Zone",
            choice(&["America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo"]),
            Draw::Any,
        ),
    ]
}

fn project() -> Vec<Field> {
    vec![
        Field::new("Name", "Project Name", text(80), Draw::Subject),
        Field::new("Account__c", "Account", Kind::Link { to: "Account" }, Draw::Any).nulls(10).custom(),
        Field::new("Budget__c", "Budget", money(), Draw::Between(0, 9_999_999_999)).nulls(10).custom(),
        Field::new("Hours__c", "Hours", decimal(8, 2), Draw::Between(0, 99_999)).nulls(20).custom(),
        Field::new("Start__c", "Start", Kind::Date, DAYS).nulls(20).custom(),
        Field::new("Healthy__c", "Healthy?", Kind::Boolean, Draw::Any).custom(),
        owner(),
    ]
}
