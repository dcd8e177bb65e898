//! Columns that have another name or place, came or went.

use crate::desk::{
    OTHERS, amount, as_texts, batch, between, compared, deal, drawn, first_name, leads, led, one_of, only, renamed,
    said, with, without,
};
use aos_core::drift::{ChangeKind as K, Severity, Snapshot};
use aos_core::shape::{StreamShape, ValueKind};
use aos_match::drift::{Drift, Tier, compare};
use serde_json::{Value as Json, json};

#[test]
fn a_column_with_another_name_is_found_by_its_rows_whatever_the_name() {
    for (name, to) in
        [("amount", "deal_value"), ("owner_email", "responsible"), ("stage", "x17"), ("close_date", "due")]
    {
        let drift = between(150, deal, |n| renamed(deal(n), name, to), 0);
        assert_eq!(only(&drift, name), (K::Renamed, Severity::Breaking));
        assert_eq!(led(&drift, name), ("rename", Some(to), Tier::Auto), "{drift:#?}");
    }
}

#[test]
fn another_style_of_all_names_is_one_change() {
    let style = |record: Json| {
        let camel = |name: &str| {
            let mut words = name.split('_');
            let first = words.next().unwrap().to_owned();
            words.fold(first, |all, word| all + &word[..1].to_uppercase() + &word[1..])
        };
        Json::Object(record.as_object().unwrap().iter().map(|(name, value)| (camel(name), value.clone())).collect())
    };
    for from in [0, OTHERS] {
        let drift = between(60, deal, |n| style(deal(n)), from);
        let changes: Vec<_> = drift.changes.iter().filter(|one| one.kind != K::Added).collect();
        assert_eq!((changes.len(), changes[0].kind), (1, K::Renamed), "{drift:#?}");
        assert!(changes[0].evidence[0].says.contains("camelCase"), "{drift:#?}");
    }
}

#[test]
fn what_moved_into_an_object_is_nested_also_under_another_name() {
    let nested = |n: usize| {
        let mut one = deal(n);
        let members = one.as_object_mut().unwrap();
        let (mail, phone) = (members.remove("owner_email").unwrap(), members.remove("phone").unwrap());
        one["owner"] = json!({ "email": mail, "telephone": phone });
        one
    };
    let drift = between(150, deal, nested, 0);
    for (path, to) in [("owner_email", "owner.email"), ("phone", "owner.telephone")] {
        assert_eq!(said(&drift, path)[0].kind, K::Nested, "{drift:#?}");
        assert_eq!(led(&drift, path), ("nest", Some(to), Tier::Auto), "{drift:#?}");
    }
    let back = between(150, nested, deal, 0);
    assert_eq!(said(&back, "owner.telephone")[0].kind, K::Flattened, "{back:#?}");
    assert_eq!(led(&back, "owner.telephone"), ("flatten", Some("phone"), Tier::Auto));
}

#[test]
fn evidence_of_members_that_are_written_otherwise_speaks_of_the_members() {
    let shape = |names: [&str; 4]| Snapshot::of_shape(StreamShape::of_names("users", names));
    let before = shape(["id", "user.first_name", "user.last_name", "user.created_at"]);
    let after = shape(["id", "user.firstName", "user.lastName", "user.createdAt"]);
    let drift = compare(&before, &after, None);
    assert_eq!(drift.changes[0].evidence[0].says, "the same words in another style, snake_case → camelCase");
}

#[test]
fn a_column_that_went_is_said_and_one_that_came_is_harmless() {
    let gone = between(150, deal, |n| without(deal(n), "phone"), OTHERS);
    assert_eq!(only(&gone, "phone"), (K::Removed, Severity::Breaking));
    assert_eq!(led(&gone, "phone").0, "none");
    let come = between(150, deal, |n| with(n, "source", one_of(&["web", "fair"], n)), OTHERS);
    assert!(!come.is_breaking() && come.changes.iter().all(|one| one.kind == K::Added), "{come:#?}");
}

#[test]
fn the_only_lost_column_beside_the_only_new_one_leads_before_its_loss() {
    let names = |names: [&str; 4]| Snapshot::of_shape(StreamShape::of_names("deals", names));
    let drift =
        compare(&names(["id", "title", "arr", "owner"]), &names(["id", "title", "contract_worth", "owner"]), None);
    assert_eq!(led(&drift, "arr"), ("rename", Some("contract_worth"), Tier::Review), "{drift:#?}");
    // Values that have nothing in common are those of something else.
    let other = between(150, deal, |n| with(n, "fax_line", one_of(&["a b", "c"], n)), OTHERS);
    assert!(!other.is_breaking());
    let replaced = |n: usize| {
        let mut one = without(deal(n), "phone");
        one["x_notes"] = json!(format!("https://example.com/{n}/{}", first_name(n)));
        one
    };
    assert_eq!(led(&between(150, deal, replaced, OTHERS), "phone").0, "none");
}

#[test]
fn a_number_that_went_while_a_text_came_is_lost() {
    let replaced = |n: usize| {
        let mut one = without(deal(n), "amount");
        one["summary"] = json!(format!("a deal of {} in short", first_name(n)));
        one
    };
    for from in [0, OTHERS] {
        let drift = between(150, deal, replaced, from);
        assert_eq!(said(&drift, "amount")[0].kind, K::Removed);
        assert_eq!(led(&drift, "amount").0, "none", "{drift:#?}");
    }
}

#[test]
fn two_columns_that_exchanged_their_names_are_read_crosswise() {
    let both = |n: usize| with(n, "paid", amount(n + 5) / 7.0);
    let swapped = |n: usize| {
        let mut one = both(n);
        (one["amount"], one["paid"]) = (one["paid"].clone(), one["amount"].clone());
        one
    };
    let drift = between(150, both, swapped, 0);
    assert_eq!(led(&drift, "amount"), ("swap", Some("paid"), Tier::Auto), "{drift:#?}");
}

#[test]
fn one_value_that_became_a_list_and_back() {
    let list = |n: usize| with(n, "owner_email", json!([deal(n)["owner_email"]]));
    let drift = between(80, deal, list, 0);
    assert_eq!(only(&drift, "owner_email"), (K::Retyped, Severity::Breaking));
    assert_eq!(led(&drift, "owner_email").0, "unwrap");
    assert_eq!(only(&between(80, list, deal, OTHERS), "owner_email").1, Severity::Breaking);
}

#[test]
fn a_page_that_has_another_shape_is_read_from_both_places() {
    let flipped = |n: usize| if (n / 25).is_multiple_of(2) { renamed(deal(n), "amount", "value") } else { deal(n) };
    let drift = between(200, deal, flipped, 0);
    assert_eq!(only(&drift, "amount"), (K::Renamed, Severity::Breaking));
    let repair = leads(&drift, "amount");
    assert_eq!((repair.repair.as_str(), repair.sources.len(), repair.tier), ("concat", 2, Tier::Review), "{repair:#?}");
}

#[test]
fn what_two_columns_hold_in_turns_is_whole_again_after_the_repair() {
    use aos_core::mapping::{EntityMapping, FieldRule, Origin, StreamMapping};
    let flipped = |n: usize| if (n / 25).is_multiple_of(2) { renamed(deal(n), "amount", "value") } else { deal(n) };
    let drift = between(200, deal, flipped, 0);
    let repair = leads(&drift, "amount");
    let rule = |target: &str, sources: &[String], transforms: &[aos_core::mapping::Transform]| FieldRule {
        target: target.into(),
        sources: sources.to_vec(),
        transforms: transforms.to_vec(),
        confidence: 1.0,
        evidence: Vec::new(),
        origin: Origin::Reviewed,
    };
    let mapping = |sources: &[String], transforms: &[aos_core::mapping::Transform]| {
        let fields = vec![rule("opportunity_id", &["id".into()], &[]), rule("amount", sources, transforms)];
        let entity = EntityMapping { entity: "opportunity".into(), fields, pivot: None };
        StreamMapping { version: 1, stream: "deals".into(), entities: vec![entity] }
    };
    let (old, new) = (mapping(&["amount".into()], &[]), mapping(&repair.sources, &repair.transforms));
    let records: Vec<Json> = (0..200).map(flipped).collect();
    for records in [records.clone(), as_texts(&records)] {
        let page = batch(&records);
        let ontology = aos_core::Ontology::shipped();
        let effect = aos_drift::rehearse(&ontology, &old, &new, std::slice::from_ref(&page)).unwrap();
        let amount = effect.fields.iter().find(|one| one.field == "amount").unwrap();
        assert_eq!((amount.same, amount.gained, amount.lost, amount.changed), (100, 100, 0, 0), "{amount:?}");
    }
}

#[test]
fn a_thousand_new_columns_are_looked_at_in_time() {
    let wide = |n: usize| {
        let mut one = without(renamed(deal(n), "amount", "deal_value"), "note");
        (0..1_000).for_each(|at| {
            one[format!("custom_{at}_{}", one_of(&["code", "total", "owner"], at))] = match at % 3 {
                0 => json!(format!("C-{}", drawn(n + at, 9_000))),
                1 => json!(drawn(n * 3 + at, 70_000) as f64 / 100.0),
                _ => json!(one_of(&["red", "green", "blue"], n + at)),
            }
        });
        one
    };
    let begun = std::time::Instant::now();
    let drift = between(300, deal, wide, 0);
    assert_eq!(led(&drift, "amount"), ("rename", Some("deal_value"), Tier::Auto));
    assert!(begun.elapsed().as_secs() < 600, "{:?}", begun.elapsed());
}

/// A version of which names and kinds are known, and no value.
fn declared(columns: &[(&str, ValueKind)]) -> Snapshot {
    let mut shape = StreamShape::of_names("deals", columns.iter().map(|(name, _)| *name));
    shape.columns.iter_mut().zip(columns).for_each(|(column, (_, kind))| column.kind = *kind);
    Snapshot::of_shape(shape)
}

#[test]
fn a_schema_that_moved_everything_under_attributes_is_one_change() {
    use ValueKind::{Datetime, Decimal, String as Text};
    let before = declared(&[("id", Text), ("title", Text), ("total", Decimal), ("created", Datetime)]);
    let after = declared(&[
        ("id", Text),
        ("attributes.title", Text),
        ("attributes.total", Decimal),
        ("attributes.created", Datetime),
    ]);
    let drift: Drift = compare(&before, &after, None);
    assert_eq!((drift.changes[0].kind, drift.changes[0].covers.len()), (K::Nested, 3), "{drift:#?}");
    assert_eq!(drift.proposals[0].tier, Tier::Auto, "{drift:#?}");
}

#[test]
fn two_records_tell_names_apart() {
    let before = [json!({ "id": 17, "screen_name": "ana", "favourites_count": 3, "full_text": "hello there" })];
    let after = [json!({ "id": 17, "username": "ana", "like_count": 3, "text": "hello there" })];
    let drift = compared(&before, &after);
    for (path, to) in [("screen_name", "username"), ("full_text", "text"), ("favourites_count", "like_count")] {
        assert_eq!(led(&drift, path).1, Some(to), "{drift:#?}");
    }
}
