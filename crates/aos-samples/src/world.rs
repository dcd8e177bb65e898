//! The invented world behind all sources: companies, the persons at them, and which system knows which.
//! Systems differ in ids and spelling, never in what they describe; that is what makes unification testable.

use crate::clock::{Day, TODAY};
use crate::names;
use crate::people::Person;
use crate::random::Rng;
use crate::spelling;
use crate::table::Money;

/// How many companies are known to which CRMs: dynamics, salesforce, hubspot, count.
const MEMBERSHIP: &[(bool, bool, bool, usize)] = &[
    (true, true, true, 80),
    (true, true, false, 40),
    (true, false, true, 30),
    (false, true, true, 30),
    (true, false, false, 90),
    (false, true, false, 90),
    (false, false, true, 60),
];

pub struct World {
    pub companies: Vec<Company>,
    pub people: Vec<Person>,
}

/// A company with its id and its spelling in each CRM; an id is there only when the CRM knows the company.
pub struct Company {
    pub domain: String,
    pub industry: &'static str,
    pub revenue: Money,
    pub employees: i64,
    pub city: &'static str,
    pub country: &'static str,
    pub since: Day,
    pub owner: usize,
    pub dynamics: Option<Known>,
    pub salesforce: Option<Known>,
    pub hubspot: Option<Known>,
}

/// A company as one CRM knows it.
pub struct Known {
    pub id: String,
    pub name: String,
}

impl World {
    pub fn build() -> Self {
        let companies = companies();
        let people = people(&companies);
        Self { companies, people }
    }

    /// Lists the companies one CRM knows, with their position and that CRM's view.
    pub fn known<'a>(
        &'a self,
        crm: impl Fn(&'a Company) -> Option<&'a Known> + 'a,
    ) -> impl Iterator<Item = (usize, &'a Company, &'a Known)> + 'a {
        self.companies.iter().enumerate().filter_map(move |(index, company)| Some((index, company, crm(company)?)))
    }
}

fn companies() -> Vec<Company> {
    let mut rng = Rng::named("world.companies");
    let mut invented = company_names(&mut rng).into_iter();
    let mut companies = Vec::new();
    for (dynamics, salesforce, hubspot, count) in MEMBERSHIP {
        for (stem, legal_form, industry) in invented.by_ref().take(*count) {
            let mut company = company(&mut rng, &stem, industry);
            company.dynamics = dynamics.then(|| Known { id: rng.guid(), name: spelling::plain(&stem, legal_form) });
            company.salesforce = salesforce.then(|| Known {
                id: salesforce_id(&mut rng, "001"),
                name: spelling::formal(&mut rng, &stem, legal_form),
            });
            company.hubspot = hubspot
                .then(|| Known { id: hubspot_id(&mut rng), name: spelling::casual(&mut rng, &stem, legal_form) });
            companies.push(company);
        }
    }
    name_the_acme_spellings(&mut companies[0]);
    companies
}

/// Fixes the three spellings that the guides show.
fn name_the_acme_spellings(acme: &mut Company) {
    for (known, name) in [
        (&mut acme.dynamics, "Acme Corp"),
        (&mut acme.salesforce, "ACME Corporation"),
        (&mut acme.hubspot, "Acme Corp."),
    ] {
        known.as_mut().expect("the first company is known everywhere").name = name.to_owned();
    }
}

fn company(rng: &mut Rng, stem: &str, industry: &'static str) -> Company {
    let label: String = spelling::ascii(stem).to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let (city, country, _) = *rng.pick(names::PLACES);
    let employees = rng.log_normal(180.0, 1.3).clamp(3.0, 60_000.0) as i64;
    let revenue_per_head = rng.log_normal(145_000.0, 0.35);
    Company {
        domain: format!("{label}.example"),
        industry,
        revenue: Money::from_units(employees as f64 * revenue_per_head).rounded_to(1000),
        employees,
        city,
        country,
        since: TODAY.plus(-rng.between(40, 2400)),
        owner: rng.between(0, names::STAFF.len() as i64 - 1) as usize,
        dynamics: None,
        salesforce: None,
        hubspot: None,
    }
}

/// Invents distinct names: the special ones first, so that every CRM has them.
fn company_names(rng: &mut Rng) -> Vec<(String, &'static str, &'static str)> {
    let mut made: Vec<_> = names::COMPANY_WORDS
        .iter()
        .flat_map(|word| names::COMPANY_TRADES.iter().map(move |(trade, industry)| (word, trade, *industry)))
        .collect();
    rng.shuffle(&mut made);
    let special = names::SPECIAL_COMPANIES.iter().map(|(stem, form, industry)| ((*stem).to_owned(), *form, *industry));
    let usual = made.into_iter().map(|(word, trade, industry)| {
        let (form, _, _) = names::LEGAL_FORMS[rng.weighted(&[20, 30, 20, 15, 8, 3, 4])];
        (format!("{word} {trade}"), form, industry)
    });
    special.chain(usual.collect::<Vec<_>>()).collect()
}

fn people(companies: &[Company]) -> Vec<Person> {
    let mut rng = Rng::named("world.people");
    let mut people = Vec::new();
    for (index, company) in companies.iter().enumerate() {
        let prefix = names::PLACES.iter().find(|place| place.0 == company.city).map_or("", |place| place.2);
        let mut taken = Vec::new();
        for _ in 0..rng.between(1, 4) {
            let person = Person::invent(&mut rng, index, &company.domain, prefix, &taken);
            taken.push(person.email.clone());
            people.push(person);
        }
    }
    people
}

/// Makes an 18-character Salesforce id: prefix, 12 characters, and the 3 that keep it apart without letter case.
pub fn salesforce_id(rng: &mut Rng, prefix: &str) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let unique: String = (0..7).map(|_| char::from(*rng.pick(LETTERS))).collect();
    let id = format!("{prefix}5g000{unique}");
    let checksum = salesforce_checksum(&id);
    id + &checksum
}

fn salesforce_checksum(id: &str) -> String {
    let letter = |chunk: &[u8]| {
        let capitals = chunk.iter().enumerate().filter(|(_, letter)| letter.is_ascii_uppercase());
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[capitals.map(|(bit, _)| 1 << bit).sum::<usize>()])
    };
    id.as_bytes().chunks(5).map(letter).collect()
}

pub fn hubspot_id(rng: &mut Rng) -> String {
    rng.between(10_000_000_000, 39_999_999_999).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_salesforce_id_carries_the_published_checksum() {
        assert_eq!(salesforce_checksum("001A0000006Vm9r"), "IAC");
        assert_eq!(salesforce_id(&mut Rng::named("test"), "001").len(), 18);
    }

    #[test]
    fn the_crms_share_as_many_companies_as_the_readme_says() {
        let world = World::build();
        let shared = |known: fn(&Company) -> bool| world.companies.iter().filter(|company| known(company)).count();
        assert_eq!(shared(|c| c.dynamics.is_some() && c.salesforce.is_some() && c.hubspot.is_some()), 80);
        assert_eq!(shared(|c| c.dynamics.is_some() && c.salesforce.is_some()), 120);
        assert_eq!(shared(|c| c.dynamics.is_some() && c.hubspot.is_some()), 110);
        assert_eq!(shared(|c| c.salesforce.is_some() && c.hubspot.is_some()), 110);
    }
}
