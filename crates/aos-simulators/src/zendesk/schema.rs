//! The resources of the simulated help desk, with ticket, user and organization fields of its own, and one custom object.

use crate::account::{Choice, Draw, Field, Kind, Stream, choice, coded, decimal, several, text};

pub const SUBDOMAIN: &str = "simulator";
const DELETED_ONE_IN: u64 = 40;
const GROUPS_MAX: u64 = 8;

/// How a resource is named in answers, and where its ids begin.
pub struct Resource {
    pub stream: &'static str,
    pub singular: &'static str,
    first_id: u64,
    step: u64,
}

pub const RESOURCES: &[Resource] = &[
    Resource { stream: "tickets", singular: "ticket", first_id: 1, step: 1 },
    Resource { stream: "users", singular: "user", first_id: 46_406_145_565_073, step: 32 },
    Resource { stream: "organizations", singular: "organization", first_id: 46_406_146_527_249, step: 32 },
    Resource { stream: "groups", singular: "group", first_id: 46_406_158_244_625, step: 32 },
    Resource { stream: "assets", singular: "custom_object_record", first_id: 1, step: 1 },
];

pub fn resource(stream: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.stream == stream)
}

impl Resource {
    pub fn id(&self, row: u64) -> u64 {
        self.first_id + row * self.step
    }

    pub fn row(&self, id: u64) -> Option<u64> {
        let behind = id.checked_sub(self.first_id)?;
        behind.is_multiple_of(self.step).then_some(behind / self.step)
    }
}

pub fn streams(size: u64) -> Vec<Stream> {
    vec![
        stream("tickets", "Ticket", "Tickets", size, DELETED_ONE_IN, tickets()),
        stream("users", "User", "Users", size, DELETED_ONE_IN, users()),
        stream("organizations", "Organization", "Organizations", size / 4, DELETED_ONE_IN, organizations()),
        stream("groups", "Group", "Groups", size.min(GROUPS_MAX), 0, groups()),
        stream("assets", "Asset", "Assets", size / 10, 0, assets()),
    ]
}

fn stream(name: &str, label: &str, plural: &str, rows: u64, deleted_one_in: u64, own: Vec<Field>) -> Stream {
    let mut fields = vec![Field::new("id", "ID", Kind::Key, Draw::Key)];
    fields.extend(own);
    fields.push(Field::new("created_at", "Created", Kind::Time, Draw::Created));
    Stream {
        name: name.into(),
        label: label.into(),
        plural: plural.into(),
        custom: name == "assets",
        rows,
        deleted_one_in,
        fields,
    }
}

/// A choice of tags: what is stored is the tag, what people see its name.
fn tags(options: &[(&str, &str)]) -> Kind {
    let options = options.iter().map(|(code, label)| Choice { code: (*code).to_owned(), label: (*label).to_owned() });
    Kind::Choice { options: options.collect(), multiple: false }
}

fn tickets() -> Vec<Field> {
    vec![
        Field::new("external_id", "External ID", text(255), Draw::Code("X-")).nulls(70),
        Field::new("type", "Type", choice(&["problem", "incident", "question", "task"]), Draw::Any).nulls(30),
        Field::new("subject", "Subject", text(255), Draw::Subject),
        Field::new("description", "Description", Kind::LongText, Draw::Sentences),
        Field::new("priority", "Priority", choice(&["urgent", "high", "normal", "low"]), Draw::Any).nulls(20),
        Field::new("status", "Status", choice(&["new", "open", "pending", "hold", "solved", "closed"]), Draw::Any),
        Field::new("requester_id", "Requester", Kind::Link { to: "users" }, Draw::Any),
        Field::new("submitter_id", "Submitter", Kind::Link { to: "users" }, Draw::Any),
        Field::new("assignee_id", "Assignee", Kind::Link { to: "users" }, Draw::Any).nulls(20),
        Field::new("organization_id", "Organization", Kind::Link { to: "organizations" }, Draw::Any).nulls(25),
        Field::new("group_id", "Group", Kind::Link { to: "groups" }, Draw::Any).nulls(10),
        Field::new("due_at", "Due", Kind::Time, Draw::Days(19_723, 21_183)).nulls(80),
        Field::new("tags", "Tags", several(choice(&["vip", "rechnung", "urgent_jp", "churn-risk"])), Draw::Any),
        Field::new(
            "46406130043793",
            "Product",
            tags(&[("product_crm", "CRM"), ("product_hotline", "Hotline"), ("product_請求", "請求")]),
            Draw::Any,
        )
        .nulls(30)
        .custom(),
        Field::new("46406130043825", "Affected seats", Kind::Integer, Draw::Between(0, 1_000_000)).nulls(40).custom(),
        Field::new("46406130043857", "Damage", decimal(14, 4), Draw::Between(0, 99_999_999_999)).nulls(60).custom(),
        Field::new("46406130043889", "Contract end", Kind::Date, Draw::Days(19_723, 21_183)).nulls(50).custom(),
        Field::new("46406130043921", "Escalated", Kind::Boolean, Draw::Any).custom(),
        Field::new(
            "46406130043953",
            "Channels",
            several(tags(&[("ch_mail", "Mail"), ("ch_phone", "Phone"), ("ch_chat", "Chat")])),
            Draw::Any,
        )
        .nulls(30)
        .custom(),
    ]
}

fn users() -> Vec<Field> {
    vec![
        Field::new("name", "Name", text(255), Draw::FullName),
        Field::new("email", "Email", text(255), Draw::Email).nulls(5),
        Field::new("phone", "Phone", text(255), Draw::Phone).nulls(40),
        Field::new(
            "time_zone",
            "Time zone",
            choice(&["Africa/Nairobi", "Berlin", "Pacific Time (US & Canada)"]),
            Draw::Any,
        ),
        Field::new("locale", "Locale", choice(&["en-US", "de", "ja"]), Draw::Any),
        Field::new("organization_id", "Organization", Kind::Link { to: "organizations" }, Draw::Any).nulls(20),
        Field::new("role", "Role", choice(&["end-user", "agent", "admin"]), Draw::Any),
        Field::new("verified", "Verified", Kind::Boolean, Draw::Any),
        Field::new("notes", "Notes", Kind::LongText, Draw::Sentences).nulls(60),
        Field::new("suspended", "Suspended", Kind::Boolean, Draw::Any),
        Field::new(
            "customer_tier",
            "Customer tier",
            tags(&[("tier_gold", "Gold"), ("tier_silver", "Silber")]),
            Draw::Any,
        )
        .nulls(30)
        .custom(),
        Field::new("nps", "NPS", Kind::Integer, Draw::Between(-100, 100)).nulls(50).custom(),
    ]
}

fn organizations() -> Vec<Field> {
    vec![
        Field::new("name", "Name", text(255), Draw::Company),
        Field::new("external_id", "External ID", text(255), Draw::Code("ORG-")).nulls(50),
        Field::new("details", "Details", Kind::LongText, Draw::Street).nulls(40),
        Field::new("notes", "Notes", Kind::LongText, Draw::Sentences).nulls(60),
        Field::new("shared_tickets", "Shared tickets", Kind::Boolean, Draw::Any),
        Field::new("group_id", "Group", Kind::Link { to: "groups" }, Draw::Any).nulls(60),
        Field::new("annual_value", "Annual value", decimal(16, 2), Draw::Between(0, 99_999_999_999)).nulls(30).custom(),
        Field::new("renewal_on", "Renewal", Kind::Date, Draw::Days(19_723, 21_183)).nulls(30).custom(),
    ]
}

fn groups() -> Vec<Field> {
    vec![
        Field::new(
            "name",
            "Name",
            coded(&[("Support", "Support"), ("Vertrieb", "Vertrieb"), ("経理", "経理")]),
            Draw::Any,
        ),
        Field::new("is_public", "Public", Kind::Boolean, Draw::Any),
    ]
}

fn assets() -> Vec<Field> {
    vec![
        Field::new("name", "Name", text(255), Draw::Code("AST-")),
        Field::new("serial", "Serial", text(255), Draw::Code("SN-")).nulls(5).custom(),
        Field::new("bought_on", "Bought on", Kind::Date, Draw::Days(18_000, 20_600)).nulls(20).custom(),
        Field::new("price", "Price", decimal(12, 2), Draw::Between(0, 9_999_999)).nulls(10).custom(),
    ]
}
