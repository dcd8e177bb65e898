//! Golden records of the samples, whose truth is known: a person is an e-mail address, and a company is the domain of its people.

use crate::waiting::ended;
use aos_connectors::file::Samples;
use aos_core::Role;
use aos_testkit::TestApp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

const SOURCES: [&str; 4] = ["dynamics", "hubspot", "salesforce", "zendesk"];
/// A record of the samples: the source and its id there.
type Place = (String, String);

async fn with_samples() -> TestApp {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples"));
    let names = SOURCES.map(str::to_owned).to_vec();
    TestApp::builder().samples(Samples::new(folder, names, |_, _| Ok(()))).build().await
}

/// What each record of an entity says in a field.
async fn says(app: &TestApp, entity: &str, field: &str) -> BTreeMap<Place, String> {
    let sql = format!("SELECT _source, _record_id, {field}::VARCHAR AS said FROM {entity} WHERE {field} IS NOT NULL");
    let answer = app.acme.post("/api/v1/dcl/query", &json!({ "sql": sql, "limit": 5000 })).await.assert_status(200);
    let rows = answer.json()["rows"].as_array().unwrap().clone();
    let text = |row: &Value, at: usize| row[at].as_str().unwrap().to_owned();
    rows.iter().map(|row| ((text(row, 0), text(row, 1)), text(row, 2))).collect()
}

/// The records of each thing that has several.
async fn things(app: &TestApp, entity: &str) -> Vec<Vec<Place>> {
    let connections = app.acme.get("/api/v1/connections?limit=100").await.assert_status(200).json();
    let name = |id: String| {
        let items = connections["items"].as_array().unwrap();
        let found = items.iter().find(|item| item["id"] == json!(id)).unwrap();
        found["name"].as_str().unwrap().to_owned()
    };
    let scope = app.scope(&app.acme).await;
    let mut things: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for (place, thing) in app.store.tenant(&scope).golden_members(entity, None).await.unwrap() {
        let own = (name(place.connection_id.0.to_string()), place.record_id);
        things.entry(thing.to_string()).or_default().push(own);
    }
    things.into_values().collect()
}

fn domain(mail: &str) -> String {
    mail.rsplit_once('@').unwrap().1.to_lowercase()
}

/// The pairs of records of one source and another that have the same value.
fn overlap(told: &BTreeMap<Place, String>, sources: [&str; 2]) -> Vec<(Place, Place)> {
    let of = |source: &str| told.iter().filter(|((own, _), _)| own == source).collect::<Vec<_>>();
    let (left, right) = (of(sources[0]), of(sources[1]));
    let pairs = left.iter().flat_map(|(a, said)| {
        right.iter().filter(move |(_, other)| other == said).map(move |(b, _)| ((*a).clone(), (*b).clone()))
    });
    pairs.collect()
}

#[tokio::test]
async fn the_samples_are_unified_after_one_click_and_no_thing_mixes_two_firms() {
    let app = with_samples().await;
    let accepted = app.acme.post("/api/v1/samples", &json!({})).await.assert_status(202).json();
    let read = ended(&app.acme, accepted["run_id"].as_str().unwrap()).await;
    let unify = ended(&app.acme, read["next_task_id"].as_str().unwrap()).await;
    assert_eq!((&unify["kind"], &unify["state"]), (&json!("unify"), &json!("success")), "{unify}");
    let told = app.acme.get("/api/v1/dcl/golden/account?limit=1").await.assert_status(200).json();
    let account = &unify["result"]["entities"]["account"];
    assert_eq!(
        (&told["unified"]["links"], &told["unified"]["records"], &told["unified"]["uncertain"]),
        (&account["links"], &account["records"], &account["uncertain"]),
        "{told}"
    );

    // People.
    let mut mails = says(&app, "contact", "email").await;
    mails.values_mut().for_each(|mail| *mail = mail.to_lowercase());
    let contacts = things(&app, "contact").await;
    let mixed = |things: &[Vec<Place>], domains: &BTreeMap<Place, String>| {
        let of = |thing: &Vec<Place>| thing.iter().filter_map(|place| domains.get(place)).collect::<BTreeSet<_>>();
        things.iter().filter(|thing| of(thing).len() > 1).cloned().collect::<Vec<_>>()
    };
    let domains = mails.iter().map(|(place, mail)| (place.clone(), domain(mail))).collect();
    assert_eq!(mixed(&contacts, &domains), Vec::<Vec<Place>>::new(), "things that mix people of two firms");
    assert_eq!(mixed(&contacts, &mails), Vec::<Vec<Place>>::new(), "things that mix two people of one firm");
    let together = |things: &[Vec<Place>], pairs: &[(Place, Place)]| {
        let one = |(a, b): &&(Place, Place)| things.iter().any(|thing| thing.contains(a) && thing.contains(b));
        pairs.iter().filter(one).count()
    };
    for sources in [["dynamics", "salesforce"], ["dynamics", "hubspot"], ["hubspot", "salesforce"]] {
        let pairs = overlap(&mails, sources);
        let found = together(&contacts, &pairs);
        assert!(pairs.len() > 90 && found == pairs.len(), "{found} of {} people in {sources:?}", pairs.len());
    }

    // Companies: those with people are known by the domain of the people.
    let accounts = things(&app, "account").await;
    let mut firms: BTreeMap<Place, String> = BTreeMap::new();
    for ((source, id), account) in says(&app, "contact", "account_id").await {
        let mail = mails.get(&(source.clone(), id));
        firms.extend(mail.map(|mail| ((source, account), domain(mail))));
    }
    assert_eq!(mixed(&accounts, &firms), Vec::<Vec<Place>>::new(), "things that mix two firms");
    let names = says(&app, "account", "name").await;
    let known = firms.into_iter().filter(|(place, _)| names.contains_key(place)).collect();
    let pairs = overlap(&known, ["dynamics", "salesforce"]);
    let found = together(&accounts, &pairs);
    assert!(pairs.len() > 60 && found * 100 >= pairs.len() * 97, "{found} of {} companies are found", pairs.len());

    // What is left to people is little, and nothing of it waits for those who may only look.
    let uncertain = unify["result"]["entities"].as_object().unwrap().values();
    let uncertain: u64 = uncertain.map(|entity| entity["uncertain"].as_u64().unwrap()).sum();
    assert!(uncertain < 60, "{uncertain} things are uncertain");
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let shown = viewer.get("/api/v1/reviews?kind=entity_pair&limit=100").await.assert_status(200).text();
    assert!(!shown.contains(".example"), "mail addresses and what follows from them are masked");
}
