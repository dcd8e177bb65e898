//! Salesforce: 18-character ids with their object's prefix, formal names, moments with milliseconds.

use crate::clock::{TODAY, record_times};
use crate::crm::buyers;
use crate::names::STAFF;
use crate::random::Rng;
use crate::sales::{Process, Sale};
use crate::table::{Table, cell};
use crate::world::{World, salesforce_id};

const OPPORTUNITIES: usize = 320;

const PROCESS: Process = Process {
    open: &[
        ("Prospecting", 10),
        ("Qualification", 20),
        ("Needs Analysis", 35),
        ("Proposal/Price Quote", 65),
        ("Negotiation/Review", 80),
    ],
    won: "Closed Won",
    lost: "Closed Lost",
};

pub fn tables(world: &World) -> Vec<Table> {
    vec![accounts(world), opportunities(world), contacts(world)]
}

fn accounts(world: &World) -> Table {
    let mut rng = Rng::named("salesforce.Account");
    let mut table = Table::new("salesforce/Account.csv", "Id Name Industry AnnualRevenue CreatedDate");
    for (_, company, known) in world.known(|company| company.salesforce.as_ref()) {
        let revenue = rng.chance(0.9).then_some(company.revenue);
        let created = company.since.plus(rng.between(0, 39)).at(rng.next());
        table.push_row(&[&known.id, &known.name, &company.industry, &cell(revenue), &created.iso_millis()]);
    }
    table.sorted_by("CreatedDate")
}

fn opportunities(world: &World) -> Table {
    let mut rng = Rng::named("salesforce.Opportunity");
    let known: Vec<_> = world.known(|company| company.salesforce.as_ref()).collect();
    let mut table = Table::new("salesforce/Opportunity.csv", "Id AccountId Name Amount CloseDate StageName");
    for (_, _, account) in buyers(&mut rng, &known, OPPORTUNITIES) {
        let sale = Sale::invent(&mut rng, &PROCESS);
        let id = salesforce_id(&mut rng, "006");
        let amount = rng.chance(0.97).then_some(sale.amount);
        table.push_row(&[&id, &account.id, &sale.title(&account.name), &cell(amount), &sale.close.iso(), &sale.stage]);
    }
    table.sorted_by("CloseDate")
}

fn contacts(world: &World) -> Table {
    let mut rng = Rng::named("salesforce.Contact");
    let owners: Vec<String> = STAFF.iter().map(|_| salesforce_id(&mut rng, "005")).collect();
    let mut table = Table::new(
        "salesforce/Contact.csv",
        "Id AccountId Salutation FirstName LastName Name Email Phone MobilePhone Title Department
         MailingCity MailingCountry LeadSource OwnerId CreatedDate LastModifiedDate",
    );
    for person in &world.people {
        let company = &world.companies[person.company];
        let Some(account) = &company.salesforce else { continue };
        if !rng.chance(0.62) {
            continue;
        }
        let created = company.since.plus(rng.between(0, 39));
        let changed = created.plus(rng.between(0, TODAY.0 - created.0));
        let (created, changed) = record_times(&mut rng, created, changed);
        let email = if rng.chance(0.3) { person.capitalised_email() } else { person.email.clone() };
        table.push(&[
            ("Id", &salesforce_id(&mut rng, "003")),
            ("AccountId", &if rng.chance(0.97) { account.id.as_str() } else { "" }),
            ("Salutation", &rng.one_of(&["", "", "Mr.", "Ms.", "Dr."])),
            ("FirstName", &person.first_name),
            ("LastName", &person.last_name),
            ("Name", &person.full_name()),
            ("Email", &if rng.chance(0.95) { email.as_str() } else { "" }),
            ("Phone", &person.phone),
            ("MobilePhone", &cell(person.mobile.as_ref())),
            ("Title", &person.title),
            ("Department", &if rng.chance(0.7) { person.department } else { "" }),
            ("MailingCity", &company.city),
            ("MailingCountry", &company.country),
            ("LeadSource", &rng.one_of(&["Web", "Phone Inquiry", "Partner Referral", "Trade Show", ""])),
            ("OwnerId", &owners[company.owner]),
            ("CreatedDate", &created.iso_millis()),
            ("LastModifiedDate", &changed.iso_millis()),
        ]);
    }
    table.sorted_by("CreatedDate")
}
