//! One column that has become several, and several that have become one.

use crate::desk::{OTHERS, between, city, deal, first_name, last_name, leads, led, only, said, street, with, zip};
use aos_core::drift::{ChangeKind as K, Severity};
use aos_core::mapping::Transform;
use aos_match::drift::Tier;
use serde_json::{Value as Json, json};

fn in_one(n: usize) -> Json {
    with(n, "contact", format!("{} {}", first_name(n), last_name(n)))
}

fn in_two(n: usize) -> Json {
    let mut one = with(n, "first_name", first_name(n));
    one["last_name"] = last_name(n).into();
    one
}

#[test]
fn a_name_that_was_split_is_put_together() {
    for from in [0, OTHERS] {
        let drift = between(200, in_one, in_two, from);
        assert_eq!(said(&drift, "contact")[0].kind, K::Split);
        let (repair, to, tier) = led(&drift, "contact");
        assert_eq!((repair, to), ("concat", Some("first_name + last_name")), "{drift:#?}");
        assert_eq!(tier == Tier::Auto, from == 0, "{drift:#?}");
    }
}

#[test]
fn names_that_were_put_together_are_cut_where_that_is_safe() {
    let drift = between(200, in_two, in_one, 0);
    assert_eq!((said(&drift, "first_name")[0].kind, said(&drift, "last_name")[0].kind), (K::Merged, K::Merged));
    assert_eq!(led(&drift, "last_name"), ("split", Some("contact"), Tier::Auto), "{drift:#?}");
}

fn address(n: usize, apart: [&str; 2]) -> Json {
    with(n, "address", format!("{}{}{}{}{}", street(n), apart[0], zip(n), apart[1], city(n)))
}

fn in_three(n: usize) -> Json {
    let mut one = with(n, "street", street(n));
    (one["postal_code"], one["city"]) = (zip(n).into(), city(n).into());
    one
}

#[test]
fn an_address_of_three_parts_is_put_together_again() {
    let drift = between(200, |n| address(n, [", ", ", "]), in_three, 0);
    assert_eq!(only(&drift, "address"), (K::Split, Severity::Breaking));
    assert_eq!(led(&drift, "address"), ("concat", Some("street + postal_code + city"), Tier::Auto), "{drift:#?}");
    let mixed = between(200, |n| address(n, [", ", " "]), in_three, 0);
    let repair = leads(&mixed, "address");
    assert_eq!((repair.repair.as_str(), repair.tier), ("expression", Tier::Auto), "{mixed:#?}");
    assert!(
        matches!(&repair.transforms[..], [Transform::Expression { expression }] if expression.contains("' ' ~ row['city']"))
    );
}

#[test]
fn what_an_expression_puts_together_is_the_value_of_before() {
    use aos_core::mapping::{EntityMapping, FieldRule, Origin, StreamMapping};
    let before = |n: usize| address(n, [", ", " "]);
    let drift = between(60, before, in_three, 0);
    let repair = leads(&drift, "address");
    let mapping = |sources: Vec<String>, transforms: Vec<Transform>| {
        let rule = |target: &str, sources: Vec<String>, transforms: Vec<Transform>| FieldRule {
            target: target.into(),
            sources,
            transforms,
            confidence: 1.0,
            evidence: Vec::new(),
            origin: Origin::Reviewed,
        };
        let fields = vec![rule("opportunity_id", vec!["id".into()], Vec::new()), rule("name", sources, transforms)];
        let entity = EntityMapping { entity: "opportunity".into(), fields, pivot: None };
        StreamMapping { version: 1, stream: "deals".into(), entities: vec![entity] }
    };
    // A record that has both says whether the one gives the other.
    let both = |n: usize| {
        let mut one = in_three(n);
        one["address"] = before(n)["address"].clone();
        one
    };
    let page = crate::desk::batch(&(0..60).map(both).collect::<Vec<_>>());
    let (old, new) =
        (mapping(vec!["address".into()], Vec::new()), mapping(repair.sources.clone(), repair.transforms.clone()));
    let effect = aos_drift::rehearse(&aos_core::Ontology::shipped(), &old, &new, &[page]).unwrap();
    let name = effect.fields.iter().find(|one| one.field == "name").unwrap();
    assert_eq!((name.same, name.changed, name.lost), (60, 0, 0), "{name:?}");
}

#[test]
fn three_parts_that_were_put_together_are_cut_by_their_places() {
    let drift = between(200, in_three, |n| address(n, ["; ", "; "]), 0);
    for (path, index) in [("street", 0), ("postal_code", 1), ("city", -1)] {
        assert_eq!(said(&drift, path)[0].kind, K::Merged);
        assert!(
            matches!(&leads(&drift, path).transforms[..], [Transform::Split { index: at, .. }] if *at == index),
            "{drift:#?}"
        );
    }
}

#[test]
fn a_moment_that_was_split_into_day_and_time_is_put_together() {
    let apart = |n: usize| {
        let at = deal(n)["created_at"].as_str().unwrap().to_owned();
        let mut one = crate::desk::without(deal(n), "created_at");
        (one["created_on"], one["created_time"]) = (json!(at[..10]), json!(at[11..]));
        one
    };
    let drift = between(200, deal, apart, 0);
    assert_eq!(only(&drift, "created_at").0, K::Split);
    assert_eq!(led(&drift, "created_at").0, "concat", "{drift:#?}");
}
