//! The object types of the simulated portal, one of them its own, and the numbers that HubSpot gives to types and associations.

use crate::account::{Draw, Field, Kind, Stream, choice, coded, decimal, several, text};

/// Fields under this prefix are associations: no property shows them.
pub const ASSOCIATION: &str = "association:";
pub const PORTAL: u64 = 147_893_286;
pub const OWNERS: &str = "owners";
pub const STAGES: &[(&str, &str)] = &[
    ("appointmentscheduled", "Appointment Scheduled"),
    ("qualifiedtobuy", "Qualified To Buy"),
    ("contractsent", "Contract Sent"),
    ("closedwon", "Closed Won"),
    ("closedlost", "Closed Lost"),
];
pub const TICKET_STAGES: &[(&str, &str)] =
    &[("1", "New"), ("2", "Waiting on contact"), ("3", "Waiting on us"), ("4", "Closed")];
const INDUSTRIES: &[(&str, &str)] = &[
    ("ACCOUNTING", "Accounting"),
    ("COMPUTER_SOFTWARE", "Computer Software"),
    ("MACHINERY", "Machinery"),
    ("INFORMATION_TECHNOLOGY_AND_SERVICES", "Information Technology and Services"),
];
const ARCHIVED_ONE_IN: u64 = 40;
const OWNERS_MAX: u64 = 30;

/// What a type is called in addresses.
pub struct ObjectType {
    pub stream: &'static str,
    pub singular: &'static str,
    pub number: &'static str,
    /// Ids of a type begin here and are 17 apart.
    pub first_id: u64,
}

pub const TYPES: &[ObjectType] = &[
    ObjectType { stream: "contacts", singular: "contact", number: "0-1", first_id: 713_492_963_559 },
    ObjectType { stream: "companies", singular: "company", number: "0-2", first_id: 406_260_751_575 },
    ObjectType { stream: "deals", singular: "deal", number: "0-3", first_id: 479_475_667_160 },
    ObjectType { stream: "tickets", singular: "ticket", number: "0-5", first_id: 394_413_098_217 },
    ObjectType { stream: "machines", singular: "machine", number: "2-34567890", first_id: 28_107_900_003 },
];
pub const OWNER_FIRST_ID: u64 = 32_900_489;
pub const ID_STEP: u64 = 17;

pub fn object_type(name: &str) -> Option<&'static ObjectType> {
    let bare = name.strip_prefix(&format!("p{PORTAL}_")).unwrap_or(name);
    TYPES.iter().find(|kind| [kind.stream, kind.singular, kind.number].contains(&bare))
}

/// The number of an association type, as HubSpot defines them.
pub fn association_type(from: &str, to: &str) -> u32 {
    match (from, to) {
        ("contacts", "companies") => 279,
        ("companies", "contacts") => 280,
        ("deals", "companies") => 341,
        ("companies", "deals") => 342,
        ("deals", "contacts") => 3,
        ("contacts", "deals") => 4,
        ("tickets", "companies") => 339,
        ("companies", "tickets") => 340,
        ("tickets", "contacts") => 16,
        ("contacts", "tickets") => 15,
        (_, "machines") => 101,
        _ => 100,
    }
}

/// A label that the account itself gave to some of its associations: who decides a deal.
pub const LABEL: &str = "Decision maker";
pub const LABEL_NAME: &str = "decision_maker";
pub const LABEL_TYPE: u32 = 36;

/// Whether two types of objects can be labelled at all.
pub fn has_label(from: &str, to: &str) -> bool {
    matches!((from, to), ("deals", "contacts") | ("contacts", "deals"))
}

/// Whether the contact of a deal is labelled.
pub fn is_labelled(deal: u64) -> bool {
    deal.is_multiple_of(3)
}

pub fn streams(size: u64) -> Vec<Stream> {
    vec![
        stream("contacts", "Contact", "Contacts", size, "lastmodifieddate", contacts()),
        stream("companies", "Company", "Companies", size, "hs_lastmodifieddate", companies()),
        stream("deals", "Deal", "Deals", size, "hs_lastmodifieddate", deals()),
        stream("tickets", "Ticket", "Tickets", size / 2, "hs_lastmodifieddate", tickets()),
        stream("machines", "Machine", "Machines", size / 10, "hs_lastmodifieddate", machines()),
        Stream {
            name: OWNERS.into(),
            label: "Owner".into(),
            plural: "Owners".into(),
            custom: false,
            rows: size.min(OWNERS_MAX),
            deleted_one_in: 0,
            fields: vec![
                Field::new("email", "Email", Kind::Email, Draw::Email),
                Field::new("firstName", "First name", text(255), Draw::FirstName),
                Field::new("lastName", "Last name", text(255), Draw::LastName),
            ],
        },
    ]
}

fn stream(name: &str, label: &str, plural: &str, rows: u64, modified: &str, own: Vec<Field>) -> Stream {
    let custom = name == "machines";
    let created = if custom { "hs_createdate" } else { "createdate" };
    let mut fields = vec![
        Field::new("hs_object_id", "Record ID", Kind::Key, Draw::Key),
        Field::new(created, "Create date", Kind::Time, Draw::Created),
        Field::new(modified, "Last modified date", Kind::Time, Draw::Modified),
        Field::new("hubspot_owner_id", "Owner", Kind::Link { to: OWNERS }, Draw::Any).nulls(30),
    ];
    fields.extend(own);
    Stream {
        name: name.into(),
        label: label.into(),
        plural: plural.into(),
        custom,
        rows,
        deleted_one_in: ARCHIVED_ONE_IN,
        fields,
    }
}

fn associated(to: &'static str, none_percent: u8) -> Field {
    Field::new(&format!("{ASSOCIATION}{to}"), to, Kind::Link { to }, Draw::Any).nulls(none_percent)
}

fn contacts() -> Vec<Field> {
    vec![
        Field::new("email", "Email", text(255), Draw::Email).nulls(5),
        Field::new("firstname", "First Name", text(255), Draw::FirstName).nulls(5),
        Field::new("lastname", "Last Name", text(255), Draw::LastName).nulls(5),
        Field::new("phone", "Phone Number", Kind::Phone, Draw::Phone).nulls(30),
        Field::new("jobtitle", "Job Title", text(255), Draw::Title).nulls(40),
        Field::new("company", "Company Name", text(255), Draw::Company).nulls(20),
        Field::new("city", "City", text(255), Draw::City).nulls(40),
        Field::new(
            "lifecyclestage",
            "Lifecycle Stage",
            coded(&[("lead", "Lead"), ("opportunity", "Opportunity"), ("customer", "Customer")]),
            Draw::Any,
        ),
        Field::new("hs_email_optout", "Unsubscribed from all email", Kind::Boolean, Draw::Any).nulls(60),
        Field::new("favourite_colours", "Favourite colours", several(choice(&["red", "grün", "青"])), Draw::Any)
            .nulls(50)
            .custom(),
        Field::new("credit_score", "Credit score", decimal(18, 4), Draw::Between(-999_999, 99_999_999_999_999))
            .nulls(40)
            .custom(),
        associated("companies", 15),
    ]
}

fn companies() -> Vec<Field> {
    vec![
        Field::new("name", "Company name", text(255), Draw::Company),
        Field::new("domain", "Company Domain Name", text(255), Draw::Url).nulls(15),
        Field::new("industry", "Industry", coded(INDUSTRIES), Draw::Any).nulls(25),
        Field::new("city", "City", text(255), Draw::City).nulls(20),
        Field::new("country", "Country/Region", text(255), Draw::Country).nulls(20),
        Field::new("phone", "Phone Number", Kind::Phone, Draw::Phone).nulls(30),
        Field::new("description", "Description", Kind::LongText, Draw::Sentences).nulls(40),
        Field::new("annualrevenue", "Annual Revenue", decimal(18, 2), Draw::Between(0, 999_999_999_999_999)).nulls(30),
        Field::new("numberofemployees", "Number of Employees", Kind::Integer, Draw::Between(0, 500_000)).nulls(30),
        Field::new("renewal_date", "Renewal date", Kind::Date, Draw::Days(19_723, 21_183)).nulls(40).custom(),
    ]
}

fn deals() -> Vec<Field> {
    vec![
        Field::new("dealname", "Deal Name", text(255), Draw::Company),
        Field::new("amount", "Amount", decimal(18, 2), Draw::Between(0, 9_999_999_999)).nulls(10),
        Field::new("dealstage", "Deal Stage", coded(STAGES), Draw::Any),
        Field::new("pipeline", "Pipeline", coded(&[("default", "Sales Pipeline")]), Draw::Any),
        Field::new("closedate", "Close Date", Kind::Time, Draw::Days(19_723, 21_183)).nulls(20),
        Field::new("description", "Deal Description", Kind::LongText, Draw::Sentences).nulls(60),
        Field::new("forecast_margin", "Forecast margin", decimal(6, 3), Draw::Between(-99_999, 99_999))
            .nulls(50)
            .custom(),
        associated("companies", 10),
        associated("contacts", 30),
    ]
}

fn tickets() -> Vec<Field> {
    vec![
        Field::new("subject", "Ticket name", text(255), Draw::Subject),
        Field::new("content", "Ticket description", Kind::LongText, Draw::Sentences).nulls(10),
        Field::new("hs_pipeline", "Pipeline", coded(&[("0", "Support Pipeline")]), Draw::Any),
        Field::new("hs_pipeline_stage", "Ticket status", coded(TICKET_STAGES), Draw::Any),
        Field::new(
            "hs_ticket_priority",
            "Priority",
            coded(&[("LOW", "Low"), ("MEDIUM", "Medium"), ("HIGH", "High")]),
            Draw::Any,
        )
        .nulls(20),
        associated("contacts", 10),
        associated("companies", 20),
    ]
}

fn machines() -> Vec<Field> {
    vec![
        Field::new("serial_number", "Serial number", text(255), Draw::Code("SN-")).custom(),
        Field::new("model", "Model", coded(&[("mk1", "Mark I"), ("mk2", "Mark II")]), Draw::Any).nulls(5).custom(),
        Field::new("operating_hours", "Operating hours", Kind::Integer, Draw::Between(0, 100_000)).nulls(10).custom(),
        associated("companies", 5),
    ]
}
