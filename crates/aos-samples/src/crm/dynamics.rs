//! Dynamics 365: GUIDs, Dataverse schema names, ISO moments in UTC, owners as GUIDs.

use crate::clock::{TODAY, record_times};
use crate::crm::buyers;
use crate::names::STAFF;
use crate::random::Rng;
use crate::sales::{Process, Sale};
use crate::table::{Table, cell};
use crate::world::World;

const OPPORTUNITIES: usize = 320;

const PROCESS: Process =
    Process { open: &[("Qualify", 20), ("Develop", 45), ("Propose", 65), ("Close", 85)], won: "Won", lost: "Lost" };

pub fn tables(world: &World) -> Vec<Table> {
    vec![accounts(world), opportunities(world), contacts(world)]
}

fn accounts(world: &World) -> Table {
    let mut rng = Rng::named("dynamics.accounts");
    let mut table = Table::new("dynamics/accounts.csv", "AccountId AccountName Industry AnnualRevenue CreatedOn");
    for (_, company, known) in world.known(|company| company.dynamics.as_ref()) {
        let revenue = rng.chance(0.94).then_some(company.revenue);
        let industry = if rng.chance(0.97) { company.industry } else { "" };
        let created = company.since.plus(rng.between(0, 30)).at(rng.next());
        table.push_row(&[&known.id, &known.name, &industry, &cell(revenue), &created.iso()]);
    }
    table.sorted_by("CreatedOn")
}

fn opportunities(world: &World) -> Table {
    let mut rng = Rng::named("dynamics.opportunities");
    let known: Vec<_> = world.known(|company| company.dynamics.as_ref()).collect();
    let columns = "OpportunityId AccountId OpportunityName Amount CloseDate Stage";
    let mut table = Table::new("dynamics/opportunities.csv", columns);
    for (_, _, account) in buyers(&mut rng, &known, OPPORTUNITIES) {
        let sale = Sale::invent(&mut rng, &PROCESS);
        let close = sale.close.iso();
        table.push_row(&[&rng.guid(), &account.id, &sale.title(&account.name), &sale.amount, &close, &sale.stage]);
    }
    table.sorted_by("CloseDate")
}

fn contacts(world: &World) -> Table {
    let mut rng = Rng::named("dynamics.contacts");
    let owners: Vec<String> = STAFF.iter().map(|_| rng.guid()).collect();
    let mut table = Table::new(
        "dynamics/contacts.csv",
        "ContactId FullName FirstName LastName EMailAddress1 Telephone1 MobilePhone JobTitle Department
         ParentCustomerId Address1_City Address1_Country DoNotEMail StateCode OwnerId CreatedOn ModifiedOn",
    );
    for person in &world.people {
        let company = &world.companies[person.company];
        let Some(account) = &company.dynamics else { continue };
        if !rng.chance(0.62) {
            continue;
        }
        let created = company.since.plus(rng.between(0, 39));
        let changed = created.plus(rng.between(0, TODAY.0 - created.0));
        let (created, changed) = record_times(&mut rng, created, changed);
        table.push(&[
            ("ContactId", &rng.guid()),
            ("FullName", &person.full_name()),
            ("FirstName", &person.first_name),
            ("LastName", &person.last_name),
            ("EMailAddress1", &if rng.chance(0.96) { person.email.as_str() } else { "" }),
            ("Telephone1", &person.phone),
            ("MobilePhone", &cell(person.mobile.as_ref())),
            ("JobTitle", &person.title),
            ("Department", &if rng.chance(0.8) { person.department } else { "" }),
            ("ParentCustomerId", &account.id),
            ("Address1_City", &company.city),
            ("Address1_Country", &company.country),
            ("DoNotEMail", &rng.chance(0.1)),
            ("StateCode", &i64::from(rng.chance(0.06))),
            ("OwnerId", &owners[company.owner]),
            ("CreatedOn", &created.iso()),
            ("ModifiedOn", &changed.iso()),
        ]);
    }
    table.sorted_by("CreatedOn")
}
