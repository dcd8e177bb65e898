//! What is one thing and what only looks like it: persons of one name, companies, products, and what is left to people.

use aos_resolve::{Class, Field, Record, RecordKey, Resolver, fit};
use std::collections::BTreeSet;

const FIRST: [&str; 9] = ["Ada", "Bruno", "Carla", "Dario", "Elena", "Felix", "Greta", "Hugo", "Irene"];
const LAST: [&str; 7] = ["Berger", "Conti", "Dumas", "Eriksen", "Fischer", "Gruber", "Horvat"];
const STEMS: [&str; 10] =
    ["Halden", "Norwyn", "Estmark", "Quillon", "Redfern", "Thornbeck", "Valdora", "Kestrel", "Nimbrook", "Umbrecht"];
const TRADES: [&str; 8] = ["Robotics", "Foods", "Energy", "Media", "Capital", "Textiles", "Health", "Logistics"];

fn fields(fields: &[(&str, Class)]) -> Vec<Field> {
    fields.iter().map(|(name, class)| Field { name: (*name).to_owned(), class: *class }).collect()
}

fn record(source: &str, id: impl ToString, values: &[&str]) -> Record {
    let values = values.iter().map(|value| (!value.is_empty()).then(|| (*value).to_owned())).collect();
    Record { key: RecordKey::new(source, id.to_string()), values }
}

fn resolver(fields: &[Field], records: Vec<Record>) -> Resolver {
    Resolver::new(fit(fields, &records), records)
}

/// The ids of the records of each cluster that has several.
fn several(resolver: &Resolver) -> Vec<Vec<String>> {
    let clusters = resolver.clusters().into_iter().filter(|cluster| cluster.records.len() > 1);
    clusters.map(|cluster| cluster.records.into_iter().map(|record| record.id).collect()).collect()
}

/// Of clusters whose records have the id of their thing: how many are right, and which mix two things.
fn judged(resolver: &Resolver) -> (usize, Vec<Vec<String>>) {
    let (right, wrong): (Vec<_>, Vec<_>) =
        several(resolver).into_iter().partition(|ids| ids.iter().all(|id| *id == ids[0]));
    (right.len(), wrong)
}

#[test]
fn persons_of_one_name_at_two_firms_stay_two() {
    let known = fields(&[
        ("first", Class::Person),
        ("last", Class::Person),
        ("email", Class::Email),
        ("phone", Class::Phone),
        ("title", Class::Category),
    ]);
    let titles = ["Manager", "Engineer", "Counsel", "Director", "Analyst"];
    let mut records = Vec::new();
    let mut shared = 0;
    for at in 0..270 {
        let (first, last) = (FIRST[at % 9], LAST[(at / 9 * 2 + at) % 7]);
        let mail = format!("{first}.{last}@firm{}.example", at / 3).to_lowercase();
        let phone = format!("+49 30 555{at:04}");
        records.push(record("crm", at, &[first, last, &mail, &phone, titles[at % 5]]));
        if at % 3 == 0 {
            shared += 1;
            let phone = if at % 2 == 0 { &phone } else { "" };
            records.push(record("desk", at, &[first, last, &mail.to_uppercase(), phone, ""]));
        } else if at % 3 == 1 {
            // Somebody else of that name, whom the first source does not know.
            let mail = format!("{first}.{last}@{}{at}.example", STEMS[at % 10]).to_lowercase();
            records.push(record("desk", format!("other {at}"), &[first, last, &mail, "", titles[at % 5]]));
        }
    }
    let (right, wrong) = judged(&resolver(&known, records));
    assert_eq!(wrong, Vec::<Vec<String>>::new(), "strangers were taken for one");
    assert_eq!(right, shared);
}

#[test]
fn people_who_share_a_house_or_a_name_are_left_to_people() {
    let known = fields(&[
        ("first_name", Class::Person),
        ("last_name", Class::Person),
        ("email", Class::Email),
        ("phone", Class::Phone),
        ("company", Class::Organisation),
    ]);
    let mut records = Vec::new();
    for at in 0..120 {
        let (first, last) = (FIRST[at % 9], LAST[(at / 9 * 2 + at) % 7]);
        let (firm, phone) =
            (format!("{} {}", STEMS[at % 10], TRADES[at / 10 % 8]), format!("+49 30 555{:04}", at * 37));
        let mail = format!("{first}.{last}@firm{at}.example").to_lowercase();
        for source in ["crm", "desk"] {
            records.push(record(source, at, &[first, last, &mail, &phone, &firm]));
        }
    }
    let apart = [
        (
            ["Karl", "Huber", "info@huber-bau.example", "+49 89 555123", "Huber Bau"],
            ["Monika", "Huber", "info@huber-bau.example", "+49 89 555123", "Huber Bau"],
        ),
        (
            ["John", "Miller Sr.", "miller@gmail.com", "+1 212 555 0100", "Miller Law"],
            ["John", "Miller Jr.", "jmiller@gmail.com", "+1 212 555 0100", "Miller Law"],
        ),
        (
            ["Wei", "Zhang", "wei.zhang@acme.example", "+1 415 555 0001", "Acme"],
            ["Wei", "Zhang", "wei.zhang2@acme.example", "+1 415 555 0002", "Acme"],
        ),
    ];
    for (at, (one, other)) in apart.iter().enumerate() {
        records.push(record("crm", format!("one {at}"), one));
        records.push(record("desk", format!("other {at}"), other));
    }
    // The same mail, which names one of them, is one person with a short name.
    records.push(record("crm", "robert", &["Robert", "Novak", "robert.novak@zeta.example", "+49 40 777123", "Zeta"]));
    records.push(record("desk", "robert", &["Bob", "Novak", "robert.novak@zeta.example", "+49 40 777123", "Zeta"]));
    let (right, wrong) = judged(&resolver(&known, records));
    assert_eq!(wrong, Vec::<Vec<String>>::new(), "two people were taken for one");
    assert_eq!(right, 121);
}

#[test]
fn companies_are_known_by_a_name_of_their_own_and_not_by_one_that_many_have() {
    let known = fields(&[("name", Class::Organisation), ("website", Class::Web), ("industry", Class::Category)]);
    let mut records = Vec::new();
    let mut shared = 0;
    for at in 0..80 {
        let (stem, trade) = (STEMS[at % 10], TRADES[at / 10]);
        let site = format!("{stem}{trade}.example").to_lowercase();
        records.push(record("crm", at, &[&format!("{stem} {trade} GmbH"), &site, trade]));
        if at % 2 == 0 {
            shared += 1;
            // Half of them by their name and branch alone.
            let site = if at % 4 == 0 { site.as_str() } else { "" };
            records.push(record("books", at, &[&format!("{} {trade}", stem.to_uppercase()), site, trade]));
        }
    }
    for at in 0..6 {
        for source in ["crm", "books"] {
            let (id, site) = (format!("{source} {at}"), format!("first-national-{source}-{at}.example"));
            records.push(record(source, id, &["First National Bank", &site, "Capital"]));
        }
    }
    let (right, wrong) = judged(&resolver(&known, records));
    assert_eq!(wrong, Vec::<Vec<String>>::new(), "companies were joined by a common name");
    assert!(right * 100 >= shared * 95, "of {shared} companies in both sources {right} were found");
}

#[test]
fn products_of_one_family_are_told_apart_by_their_codes() {
    let known = fields(&[("title", Class::Organisation), ("price", Class::Number)]);
    let mut records = Vec::new();
    for at in 0..60 {
        let (brand, size) = (STEMS[at % 10], 19 + at % 4);
        let code = format!("{}{}", ["KDL", "LNT", "PX"][at % 3], 320 + at);
        let price = format!("{}.00", 300 + at * 7);
        records.push(record("shop", at, &[&format!("{brand} {size} LCD Television - {code}"), &price]));
        let (head, tail) = code.split_at(code.len() - 3);
        let title = format!("{brand} {head}-{tail} widescreen LCD Television");
        records.push(record("maker", at, &[&title, if at % 2 == 0 { &price } else { "" }]));
    }
    let (right, wrong) = judged(&resolver(&known, records));
    assert_eq!(wrong, Vec::<Vec<String>>::new(), "products of one family were joined");
    assert!(right >= 55, "of 60 products {right} were found");
}

#[test]
fn about_two_things_a_person_is_asked_once_and_the_surest_come_first() {
    let known = fields(&[("first", Class::Person), ("last", Class::Person), ("phone", Class::Phone)]);
    let mut records = Vec::new();
    for at in 0..90 {
        let (first, last) = (FIRST[at % 9], LAST[(at / 9 * 2 + at) % 7]);
        let phone = format!("+49 30 555{at:04}");
        for source in ["crm", "desk", "shop"].iter().take(1 + at % 3) {
            // What the shop knows is a name that several have.
            records.push(record(source, at, &[first, last, if *source == "shop" { "" } else { &phone }]));
        }
    }
    let resolver = resolver(&known, records);
    let clusters = resolver.clusters();
    let asked = resolver.uncertain(&clusters, 0.000_1);
    assert!(asked.len() > 1 && asked.iter().any(|one| one.left_records + one.right_records > 2), "{}", asked.len());
    let of = |key: &RecordKey| clusters.iter().position(|cluster| cluster.records.contains(key)).unwrap();
    let mut pairs = BTreeSet::new();
    for one in &asked {
        let (left, right) = (of(&one.pair.left), of(&one.pair.right));
        assert_eq!(
            (one.left_records, one.right_records),
            (clusters[left].records.len(), clusters[right].records.len())
        );
        assert!(left != right && pairs.insert((left.min(right), left.max(right))), "asked twice: {one:?}");
    }
    assert!(asked.windows(2).all(|two| two[0].pair.probability >= two[1].pair.probability));
}
