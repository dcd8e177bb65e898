//! The replay files: small exports named `{entities}_{system}.csv`, in headers older than the sources' own.
//! They describe companies, persons and resources of the same world, so that some e-mails and names are shared.

use crate::clock::{Day, Moment, record_times};
use crate::crm::HUBSPOT_PROCESS;
use crate::estate::{Estate, Kind, Resource};
use crate::names::COMPANY_TRADES;
use crate::people::Person;
use crate::random::Rng;
use crate::sales::{self, Process, Sale};
use crate::spelling;
use crate::support::{organization_id, user_id};
use crate::table::{Table, cell, decimal};
use crate::world::{Company, World, hubspot_id};

const ACCOUNTS: usize = 40;
const CONTACTS: usize = 45;
const OPPORTUNITIES: usize = 50;
const RESOURCES: usize = 60;

const PIPEDRIVE_PROCESS: Process = Process {
    open: &[("Lead In", 10), ("Contact Made", 30), ("Demo Scheduled", 50), ("Proposal Made", 70), ("Negotiations", 85)],
    won: "Won",
    lost: "Lost",
};

const FILE_PROCESS: Process = Process {
    open: &[("prospecting", 10), ("qualification", 25), ("proposal", 60), ("negotiation", 80)],
    won: "closed_won",
    lost: "closed_lost",
};

pub fn tables(world: &World) -> Vec<Table> {
    let estate = Estate::build();
    vec![
        accounts_dynamics(world),
        accounts_filesource(world),
        accounts_hubspot(world),
        aws_resources_filesource(&estate),
        contacts_filesource(world),
        contacts_hubspot(world),
        contacts_zendesk(world),
        cost_reports_filesource(&estate),
        opportunities_filesource(world),
        opportunities_hubspot(world),
        opportunities_pipedrive(world),
    ]
}

/// Starts a file and its draws from the file's name.
fn file(name: &str, columns: &str) -> (Table, Rng) {
    (Table::new(&format!("replay/{name}.csv"), columns), Rng::named(name))
}

/// Takes the first companies of the world, which every CRM knows; each system's own extras follow from `offset`.
fn companies(world: &World, offset: usize) -> impl Iterator<Item = (usize, &Company)> {
    let shared = ACCOUNTS / 2;
    let own = 100 + offset * ACCOUNTS;
    let picked = world.companies.iter().enumerate();
    picked.filter(move |(index, _)| *index < shared || (own..own + ACCOUNTS - shared).contains(index))
}

/// Draws when a record of these exports was created and changed, from the first day of the business.
fn times(rng: &mut Rng, since: Day) -> (Moment, Moment) {
    let created = since.plus(rng.between(0, 20));
    let changed = created.plus(rng.between(1, 20));
    record_times(rng, created, changed)
}

/// Numbers an industry as Dynamics' option set does.
fn industry_code(company: &Company) -> usize {
    let place = COMPANY_TRADES.iter().position(|(_, industry)| *industry == company.industry);
    10_000 + place.expect("every company has an industry of the list")
}

fn any_name(company: &Company) -> &str {
    let known = [&company.dynamics, &company.salesforce, &company.hubspot].into_iter().flatten().next();
    &known.expect("every company is known to at least one CRM").name
}

fn file_account_id(company: usize) -> String {
    format!("ACC-{:05}", company + 1)
}

fn accounts_dynamics(world: &World) -> Table {
    let (mut table, mut rng) = file(
        "accounts_dynamics",
        "accountid accountname accounttype industrycode ownerid statecode createdon modifiedon revenue numberofemployees",
    );
    for (_, company) in companies(world, 0) {
        let (created, changed) = times(&mut rng, company.since);
        table.push_row(&[
            &rng.guid(),
            &any_name(company),
            &rng.between(1, 3),
            &industry_code(company),
            &format!("{:08}-0000-4000-8000-000000000000", company.owner + 1),
            &i64::from(rng.chance(0.1)),
            &created.iso(),
            &changed.iso(),
            &company.revenue,
            &company.employees,
        ]);
    }
    table
}

fn accounts_filesource(world: &World) -> Table {
    let (mut table, mut rng) = file(
        "accounts_filesource",
        "account_id name type industry owner_id status created_at updated_at annual_revenue employees",
    );
    for (index, company) in companies(world, 1) {
        let (created, changed) = times(&mut rng, company.since);
        table.push_row(&[
            &file_account_id(index),
            &any_name(company).to_uppercase(),
            &rng.one_of(&["customer", "prospect", "partner"]),
            &company.industry,
            &format!("USR-{:03}", company.owner + 1),
            &rng.one_of(&["active", "active", "inactive"]),
            &created.iso(),
            &changed.iso(),
            &cell(rng.chance(0.9).then_some(company.revenue)),
            &company.employees,
        ]);
    }
    table
}

fn accounts_hubspot(world: &World) -> Table {
    let (mut table, mut rng) = file(
        "accounts_hubspot",
        "hs_object_id company_name company_type hs_industry owner_email lifecycle_stage createdate hs_lastmodifieddate
         annualrevenue numberofemployees",
    );
    for (_, company) in companies(world, 2) {
        let (created, changed) = times(&mut rng, company.since);
        table.push_row(&[
            &hubspot_id(&mut rng),
            &spelling::ascii(any_name(company)),
            &rng.one_of(&["PROSPECT", "PARTNER", "RESELLER", "VENDOR"]),
            &company.industry.to_uppercase().replace([' ', '&'], "_"),
            &format!("owner{}@northfold.example", company.owner + 1),
            &rng.one_of(&["lead", "opportunity", "customer"]),
            &created.iso_millis(),
            &changed.iso_millis(),
            &company.revenue,
            &company.employees,
        ]);
    }
    table
}

/// Takes persons in steps; files that start near each other share some of them.
fn persons(world: &World, start: usize) -> impl Iterator<Item = (usize, &Person)> {
    world.people.iter().enumerate().skip(start).step_by(2).take(CONTACTS)
}

fn contacts_filesource(world: &World) -> Table {
    let (mut table, mut rng) = file(
        "contacts_filesource",
        "contact_id account_id first_name last_name email phone title department created_at updated_at",
    );
    for (index, person) in persons(world, 0) {
        let (created, changed) = times(&mut rng, world.companies[person.company].since);
        table.push_row(&[
            &format!("CON-{:05}", index + 1),
            &file_account_id(person.company),
            &person.first_name,
            &person.last_name,
            &person.email,
            &person.phone,
            &person.title,
            &person.department,
            &created.iso(),
            &changed.iso(),
        ]);
    }
    table
}

fn contacts_hubspot(world: &World) -> Table {
    let (mut table, mut rng) = file(
        "contacts_hubspot",
        "hs_object_id associatedcompanyid firstname lastname email phone jobtitle hs_department createdate lastmodifieddate",
    );
    for (_, person) in persons(world, 40) {
        let company = &world.companies[person.company];
        let (created, changed) = times(&mut rng, company.since);
        table.push_row(&[
            &hubspot_id(&mut rng),
            &cell(company.hubspot.as_ref().map(|known| known.id.as_str())),
            &person.short_first_name(),
            &person.last_name,
            &person.capitalised_email(),
            &person.phone,
            &person.title,
            &person.department,
            &created.iso_millis(),
            &changed.iso_millis(),
        ]);
    }
    table
}

fn contacts_zendesk(world: &World) -> Table {
    let columns = "id organization_id name email phone role tags created_at updated_at";
    let (mut table, mut rng) = file("contacts_zendesk", columns);
    for (index, person) in persons(world, 60) {
        let (created, changed) = times(&mut rng, world.companies[person.company].since);
        table.push_row(&[
            &user_id(index),
            &organization_id(person.company),
            &person.full_name(),
            &person.email,
            &if rng.chance(0.6) { person.phone.as_str() } else { "" },
            &rng.one_of(&["end-user", "end-user", "end-user", "agent", "admin"]),
            &rng.one_of(&["", "vip", "beta,newsletter", "newsletter"]),
            &created.iso(),
            &changed.iso(),
        ]);
    }
    table
}

/// Writes six columns that an old drift demonstration left behind; only the first ever held values.
fn aws_resources_filesource(estate: &Estate) -> Table {
    let (mut table, mut rng) = file(
        "aws_resources_filesource",
        "resource_id resource_type region instance_type vcpus memory storage db_engine instance_class allocated_storage
         storage_type storage_class size_gb object_count versioning cpu_utilization memory_utilization network_in
         network_out db_connections read_latency write_latency get_requests put_requests data_transfer_out monthly_cost
         new_col_20251112_001343 new_col_20251112_001413 new_col_20251112_001512 new_col_20251112_001541
         new_col_20251112_001657 new_col_20251112_001737",
    );
    for resource in estate.in_legacy().iter().take(RESOURCES) {
        push_resource(&mut table, &mut rng, resource);
    }
    table
}

fn push_resource(table: &mut Table, rng: &mut Rng, resource: &Resource) {
    let load = &resource.load;
    let is = |kind: Kind| resource.kind == kind;
    let on = |applies: bool, value: String| if applies { value } else { String::new() };
    let machine = resource.machine;
    let disk = cell(resource.disk_gb);
    let bucket = resource.bucket.as_ref();
    table.push(&[
        ("resource_id", &resource.id),
        ("resource_type", &resource.kind.short()),
        ("region", &resource.region),
        ("instance_type", &on(is(Kind::Ec2), cell(machine.map(|machine| machine.0)))),
        ("vcpus", &cell(machine.map(|machine| machine.1))),
        ("memory", &cell(machine.map(|machine| machine.2))),
        ("storage", &on(is(Kind::Ec2), disk.clone())),
        ("db_engine", &cell(resource.engine.map(|engine| engine.0))),
        ("instance_class", &on(is(Kind::Rds), cell(machine.map(|machine| machine.0)))),
        ("allocated_storage", &on(is(Kind::Rds), disk)),
        ("storage_type", &on(machine.is_some(), "gp3".to_owned())),
        ("storage_class", &cell(bucket.map(|bucket| bucket.class))),
        ("size_gb", &cell(bucket.map(|bucket| decimal(bucket.size_gb, 2)))),
        ("object_count", &cell(bucket.map(|bucket| bucket.objects))),
        ("versioning", &cell(bucket.map(|bucket| if bucket.versioning { "Enabled" } else { "Suspended" }))),
        ("cpu_utilization", &on(machine.is_some(), decimal(load.cpu_percent, 1))),
        ("memory_utilization", &on(machine.is_some(), decimal(load.memory_percent, 1))),
        ("network_in", &on(!is(Kind::S3), decimal(load.network_in_mb, 1))),
        ("network_out", &on(!is(Kind::S3), decimal(load.network_out_mb, 1))),
        ("db_connections", &on(is(Kind::Rds), load.connections.to_string())),
        ("read_latency", &on(is(Kind::Rds), decimal(load.read_ms, 2))),
        ("write_latency", &on(is(Kind::Rds), decimal(load.write_ms, 2))),
        ("get_requests", &on(is(Kind::S3), load.gets.to_string())),
        ("put_requests", &on(is(Kind::S3), load.puts.to_string())),
        ("data_transfer_out", &decimal(load.network_out_mb / 1024.0, 3)),
        ("monthly_cost", &resource.monthly_cost),
        ("new_col_20251112_001343", &if rng.chance(0.05) { "test" } else { "" }),
    ]);
}

fn cost_reports_filesource(estate: &Estate) -> Table {
    let columns = "service_category resource_id region cost usage usage_type monthly_cost";
    let (mut table, mut rng) = file("cost_reports_filesource", columns);
    for resource in estate.in_legacy().iter().take(RESOURCES) {
        let (category, usage_type) = match resource.kind {
            Kind::Ec2 => ("Compute", "instance-hours"),
            Kind::Rds => ("Database", "instance-hours"),
            Kind::S3 => ("Storage", "gb-month"),
            Kind::Alb => ("Networking", "lcu-hours"),
        };
        let usage = resource.bucket.as_ref().map_or_else(|| rng.normal_in(735.0, 20.0, 60.0, 744.0), |b| b.size_gb);
        let daily = resource.monthly_cost.times(1, 30);
        let usage = decimal(usage, 1);
        table.push_row(&[
            &category,
            &resource.id,
            &resource.region,
            &daily,
            &usage,
            &usage_type,
            &resource.monthly_cost,
        ]);
    }
    table
}

/// Draws who buys: companies that the account files have too.
fn buyer<'a>(rng: &mut Rng, world: &'a World) -> (usize, &'a Company) {
    let index = rng.between(0, ACCOUNTS as i64 / 2 - 1) as usize;
    (index, &world.companies[index])
}

fn opportunities_filesource(world: &World) -> Table {
    let (mut table, mut rng) = file(
        "opportunities_filesource",
        "opportunity_id account_id name stage amount currency close_date owner_id probability created_at updated_at type",
    );
    for index in 0..OPPORTUNITIES {
        let (company_index, company) = buyer(&mut rng, world);
        let sale = Sale::invent(&mut rng, &FILE_PROCESS);
        let (created, changed) = record_times(&mut rng, sale.created, sale.changed);
        table.push_row(&[
            &format!("OPP-{:05}", index + 1),
            &file_account_id(company_index),
            &sale.title(any_name(company)),
            &sale.stage,
            &sale.amount,
            &rng.one_of(&["USD", "USD", "EUR", "GBP"]),
            &sale.close.iso(),
            &format!("USR-{:03}", company.owner + 1),
            &sale.probability,
            &created.iso(),
            &changed.iso(),
            &sale.kind.label().to_lowercase().replace(' ', "_"),
        ]);
    }
    table
}

fn opportunities_hubspot(world: &World) -> Table {
    let (mut table, mut rng) = file(
        "opportunities_hubspot",
        "hs_object_id hs_associated_company_id dealname dealstage amount deal_currency_code closedate hubspot_owner_id
         hs_probability createdate hs_lastmodifieddate dealtype",
    );
    for _ in 0..OPPORTUNITIES {
        let (_, company) = buyer(&mut rng, world);
        let sale = Sale::invent(&mut rng, &HUBSPOT_PROCESS);
        let (created, changed) = record_times(&mut rng, sale.created, sale.changed);
        table.push_row(&[
            &hubspot_id(&mut rng),
            &cell(company.hubspot.as_ref().map(|known| known.id.as_str())),
            &sale.title(any_name(company)),
            &sale.stage,
            &sale.amount,
            &rng.one_of(&["USD", "USD", "EUR"]),
            &sale.close.at(0).iso_millis(),
            &(51_000_000 + company.owner),
            &sale.probability,
            &created.iso_millis(),
            &changed.iso_millis(),
            &if sale.kind == sales::Kind::NewBusiness { "newbusiness" } else { "existingbusiness" },
        ]);
    }
    table
}

fn opportunities_pipedrive(world: &World) -> Table {
    let (mut table, mut rng) = file(
        "opportunities_pipedrive",
        "id org_id title stage_name value currency expected_close_date user_id probability add_time update_time deal_type",
    );
    for index in 0..OPPORTUNITIES {
        let (company_index, company) = buyer(&mut rng, world);
        let sale = Sale::invent(&mut rng, &PIPEDRIVE_PROCESS);
        let (created, changed) = record_times(&mut rng, sale.created, sale.changed);
        table.push_row(&[
            &(index + 1),
            &(company_index + 1),
            &sale.title(any_name(company)),
            &sale.stage,
            &sale.amount,
            &rng.one_of(&["USD", "EUR"]),
            &sale.close.iso(),
            &(14_200_000 + company.owner),
            &sale.probability,
            &created.sql(),
            &changed.sql(),
            &sale.kind.label(),
        ]);
    }
    table
}
