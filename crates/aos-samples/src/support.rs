//! The help desk, in Zendesk's shapes: tickets raised by persons of the same invented companies.

use std::collections::BTreeMap;

use crate::clock::TODAY;
use crate::random::Rng;
use crate::table::Table;
use crate::world::World;

const TICKETS: usize = 360;

/// Our agents and their groups, as Zendesk numbers them.
const AGENTS: &[(i64, i64)] = &[
    (381_204_400_001, 360_001_100),
    (381_204_400_017, 360_001_100),
    (381_204_400_042, 360_001_200),
    (381_204_400_058, 360_001_200),
    (381_204_400_093, 360_001_300),
];

/// Questions people ask: subject, text, type, tags.
const REQUESTS: &[(&str, &str, &str, &str)] = &[
    (
        "Cannot log in after password reset",
        "Since this morning the login page says \"session expired\".",
        "problem",
        "login auth",
    ),
    (
        "Export stops at 10,000 rows",
        "The CSV export ends early, without an error.\nWe need all rows by Friday.",
        "incident",
        "export csv",
    ),
    (
        "How do we add a second workspace?",
        "We opened an office in Lyon, and would like to keep its data apart.",
        "question",
        "workspace",
    ),
    (
        "Invoice shows the wrong address",
        "Please correct the address: we moved, see our letter of March.",
        "task",
        "billing",
    ),
    (
        "Dashboard is slow on Monday mornings",
        "Tiles take 20 s or more, but only between 8 and 9.",
        "problem",
        "performance dashboard",
    ),
    ("Umlaute werden falsch angezeigt", "Im Bericht steht MÃ¼nchen statt München.", "problem", "encoding report"),
    ("API returns 429", "We call the API twice per second; is there a limit?", "question", "api limits"),
    ("Outage in the EU region", "Nothing loads. Status page says all green.", "incident", "outage urgent"),
    ("Please delete a former user", "The person left us; the account must go, with its data.", "task", "gdpr users"),
    ("Feature request: dark mode", "", "", "feature-request"),
];

/// Gives the same person, or company, the same Zendesk number in every file.
pub fn user_id(person: usize) -> i64 {
    397_650_010_000 + person as i64 * 37
}

pub fn organization_id(company: usize) -> i64 {
    372_800_500_000 + company as i64 * 53
}

pub fn tickets(world: &World) -> Table {
    let mut rng = Rng::named("zendesk.tickets");
    let mut table = Table::new(
        "zendesk/tickets.csv",
        "id external_id subject description status priority type requester_id submitter_id assignee_id
         organization_id group_id tags via_channel created_at updated_at",
    );
    for (day, number) in days_of_tickets(&mut rng).into_iter().flat_map(|(day, count)| vec![day; count]).zip(1001..) {
        let (subject, description, kind, tags) = *rng.pick(REQUESTS);
        let person = rng.between(0, world.people.len() as i64 - 1) as usize;
        let requester = user_id(person);
        let (agent, group) = *rng.pick(AGENTS);
        let age_days = TODAY.0 - day.0;
        let status = status(&mut rng, age_days);
        let taken = status != "new";
        let opened = day.at(rng.next());
        let worked_on = day.plus(rng.between(1, 14).min(age_days)).at(rng.next());
        let changed = if taken { worked_on.max(opened) } else { opened };
        let channel = rng.one_of(&["web", "web", "email", "email", "chat", "api"]);
        table.push(&[
            ("id", &number),
            (
                "external_id",
                &if rng.chance(0.15) { format!("CRM-{}", rng.between(10_000, 99_999)) } else { String::new() },
            ),
            ("subject", &subject),
            ("description", &description),
            ("status", &status),
            ("priority", &rng.one_of(&["low", "normal", "normal", "high", "urgent", ""])),
            ("type", &kind),
            ("requester_id", &requester),
            ("submitter_id", &if channel == "api" { agent } else { requester }),
            ("assignee_id", &if taken { agent.to_string() } else { String::new() }),
            ("organization_id", &organization_id(world.people[person].company)),
            ("group_id", &group),
            ("tags", &tags),
            ("via_channel", &channel),
            ("created_at", &opened.iso()),
            ("updated_at", &changed.iso()),
        ]);
    }
    table
}

fn days_of_tickets(rng: &mut Rng) -> BTreeMap<crate::clock::Day, usize> {
    let mut days = BTreeMap::new();
    for _ in 0..TICKETS {
        let growing = rng.between(0, 400) * rng.between(0, 400) / 400;
        *days.entry(TODAY.plus(-growing)).or_default() += 1;
    }
    days
}

fn status(rng: &mut Rng, age_days: i64) -> &'static str {
    match age_days {
        0..=2 => ["new", "open"][rng.weighted(&[60, 40])],
        3..=20 => ["open", "pending", "hold", "solved"][rng.weighted(&[35, 20, 10, 35])],
        21..=60 => ["pending", "solved", "closed"][rng.weighted(&[10, 40, 50])],
        _ => "closed",
    }
}
