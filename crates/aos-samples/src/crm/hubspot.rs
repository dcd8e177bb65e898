//! HubSpot: numeric ids, internal stage names, wide deals with the company repeated on every row, free text.

use crate::clock::{TODAY, record_times};
use crate::crm::buyers;
use crate::names::STAFF;
use crate::random::Rng;
use crate::sales::{Kind, Process, Sale};
use crate::spelling::ascii;
use crate::table::{Money, Table, cell};
use crate::world::{Company, Known, World, hubspot_id};

const DEALS: usize = 340;

pub const PROCESS: Process = Process {
    open: &[
        ("appointmentscheduled", 20),
        ("qualifiedtobuy", 40),
        ("presentationscheduled", 60),
        ("decisionmakerboughtin", 80),
        ("contractsent", 90),
    ],
    won: "closedwon",
    lost: "closedlost",
};

const DESCRIPTIONS: &[&str] = &[
    "Wants a proof of concept, then a decision by the board.",
    "Budget approved; waiting for legal to review the \"data processing\" annex.",
    "Came in through the website.\nAsked for prices, security papers and two references.",
    "Replaces a spreadsheet process, 3 sites, about 40 users.",
    "Champion left in spring; new contact needs an introduction.",
    "Würde gern im nächsten Quartal starten, braucht aber die Freigabe der Geschäftsführung.",
];

const NEXT_STEPS: &[&str] = &[
    "Send proposal",
    "Schedule demo",
    "Call procurement",
    "Security review, then contract",
    "Follow up on pricing",
    "Confirm scope with IT",
];

const COMPETITORS: &[&str] = &["", "", "Datenwerk One", "Gridloom", "Gridloom, Pipewright", "in-house build"];

pub fn tables(world: &World) -> Vec<Table> {
    vec![deals(world), contacts(world)]
}

fn deals(world: &World) -> Table {
    let mut rng = Rng::named("hubspot.Deals");
    let known: Vec<_> = world.known(|company| company.hubspot.as_ref()).collect();
    let mut table = Table::new(
        "hubspot/Deals.csv",
        "deal_id deal_name amount close_date expected_close_date deal_stage deal_type probability deal_owner
         deal_owner_email company_name company_id industry lead_source created_date last_modified_date
         annual_contract_value deal_currency forecast_category next_step competitors num_decision_makers
         deal_description contract_term_months renewal_date mrr arr",
    );
    for (_, company, known) in buyers(&mut rng, &known, DEALS) {
        push_deal(&mut table, &mut rng, company, known);
    }
    table.sorted_by("created_date")
}

fn push_deal(table: &mut Table, rng: &mut Rng, company: &Company, known: &Known) {
    let sale = Sale::invent(rng, &PROCESS);
    let months = *rng.pick(&[12, 12, 12, 24, 36]);
    let yearly = sale.amount.times(12, months);
    let owner = STAFF[company.owner];
    let won = sale.stage == PROCESS.won;
    let (created, changed) = record_times(rng, sale.created, sale.changed);
    let expected = sale.close.plus(if sale.is_open() { 0 } else { rng.between(-20, 15) });
    table.push(&[
        ("deal_id", &hubspot_id(rng)),
        ("deal_name", &sale.title(&known.name)),
        ("amount", &sale.amount),
        ("close_date", &sale.close.iso()),
        ("expected_close_date", &expected.iso()),
        ("deal_stage", &sale.stage),
        ("deal_type", &deal_type(sale.kind)),
        ("probability", &sale.probability),
        ("deal_owner", &owner),
        ("deal_owner_email", &staff_email(owner)),
        ("company_name", &known.name),
        ("company_id", &known.id),
        ("industry", &company.industry),
        ("lead_source", &rng.one_of(&["ORGANIC_SEARCH", "REFERRALS", "PAID_SEARCH", "DIRECT_TRAFFIC", "OFFLINE"])),
        ("created_date", &created.iso_millis()),
        ("last_modified_date", &changed.iso_millis()),
        ("annual_contract_value", &yearly),
        ("deal_currency", &currency(company)),
        ("forecast_category", &forecast(&sale)),
        ("next_step", &if sale.is_open() { rng.one_of(NEXT_STEPS) } else { "" }),
        ("competitors", &rng.one_of(COMPETITORS)),
        ("num_decision_makers", &rng.between(1, 6)),
        ("deal_description", &if rng.chance(0.7) { rng.one_of(DESCRIPTIONS) } else { "" }),
        ("contract_term_months", &months),
        ("renewal_date", &cell(won.then(|| sale.close.plus(months * 365 / 12).iso()))),
        ("mrr", &if won { yearly.times(1, 12) } else { Money(0) }),
        ("arr", &if won { yearly } else { Money(0) }),
    ]);
}

fn deal_type(kind: Kind) -> &'static str {
    match kind {
        Kind::NewBusiness => "newbusiness",
        Kind::Renewal => "renewal",
        Kind::Expansion => "existingbusiness",
    }
}

fn forecast(sale: &Sale) -> &'static str {
    match (sale.is_open(), sale.probability) {
        (false, 0) => "Omitted",
        (false, _) => "Closed",
        (true, 0..=40) => "Pipeline",
        (true, 41..=80) => "Best Case",
        (true, _) => "Commit",
    }
}

fn currency(company: &Company) -> &'static str {
    match company.country {
        "United Kingdom" => "GBP",
        "Germany" | "France" | "Spain" => "EUR",
        "Switzerland" => "CHF",
        "Canada" => "CAD",
        _ => "USD",
    }
}

fn staff_email(name: &str) -> String {
    format!("{}@northfold.example", ascii(name).to_lowercase().replace(' ', "."))
}

fn contacts(world: &World) -> Table {
    let mut rng = Rng::named("hubspot.Contacts");
    let owners: Vec<i64> = STAFF.iter().map(|_| rng.between(40_000_000, 79_999_999)).collect();
    let mut table = Table::new(
        "hubspot/Contacts.csv",
        "hs_object_id associatedcompanyid firstname lastname email phone mobilephone jobtitle lifecyclestage
         hs_lead_status city country hubspot_owner_id createdate lastmodifieddate",
    );
    for person in &world.people {
        let company = &world.companies[person.company];
        let Some(known) = &company.hubspot else { continue };
        if !rng.chance(0.68) {
            continue;
        }
        let created = company.since.plus(rng.between(0, 39));
        let changed = created.plus(rng.between(0, TODAY.0 - created.0));
        let (created, changed) = record_times(&mut rng, created, changed);
        let first_name = if rng.chance(0.5) { person.short_first_name() } else { person.first_name };
        let email = if rng.chance(0.06) { person.email.to_uppercase() } else { person.email.clone() };
        table.push(&[
            ("hs_object_id", &hubspot_id(&mut rng)),
            ("associatedcompanyid", &known.id),
            ("firstname", &first_name),
            ("lastname", &person.last_name),
            ("email", &email),
            ("phone", &if rng.chance(0.8) { person.phone.as_str() } else { "" }),
            ("mobilephone", &cell(person.mobile.as_ref())),
            ("jobtitle", &person.title),
            ("lifecyclestage", &rng.one_of(&["lead", "marketingqualifiedlead", "opportunity", "customer"])),
            ("hs_lead_status", &rng.one_of(&["", "NEW", "OPEN", "IN_PROGRESS", "CONNECTED"])),
            ("city", &company.city),
            ("country", &company.country),
            ("hubspot_owner_id", &owners[company.owner]),
            ("createdate", &created.iso_millis()),
            ("lastmodifieddate", &changed.iso_millis()),
        ]);
    }
    table.sorted_by("createdate")
}
