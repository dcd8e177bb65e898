//! What records are compared by: the fields of an entity that say which thing it is, and their values as text.

use crate::engine::VersionedRecord;
use aos_core::ontology::{Entity, Ontology};
use aos_resolve::{Class, Field, Record, RecordKey, is_provider, singleton_id};
use aos_store::RecordPlace;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

const FIRST: &str = "first_name";
const LAST: &str = "last_name";
const FULL: &str = "name";

/// What stands behind the value that a record without a web address of its own is compared by.
const OF_CONTACTS: &str = " (mail of contacts)";

/// What records are compared by that they do not say themselves.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// For entities that are referred to: by connection and record, the thing that it is.
    pub things: HashMap<String, BTreeMap<(Uuid, String), Uuid>>,
    /// By connection and record, the domain that most of those who refer to it have their mail at.
    pub domains: BTreeMap<(Uuid, String), String>,
}

/// The entities that refer to this one and have e-mail addresses, with the names of both fields; none where its records have no web address.
pub(super) fn with_mail(ontology: &Ontology, entity: &str) -> Vec<(String, String, String)> {
    let has = |other: &Entity, class: Class| {
        other
            .fields
            .iter()
            .find(|(name, field)| Class::of_field(name, field) == Some(class))
            .map(|(name, _)| name.clone())
    };
    if has(&ontology.entities[entity], Class::Web).is_none() {
        return Vec::new();
    }
    let mail = ontology.entities.iter().filter(|(name, _)| *name != entity).filter_map(|(name, other)| {
        let mut fields = other.fields.iter();
        let (reference, _) = fields.find(|(_, field)| field.references.as_deref() == Some(entity))?;
        Some((name.clone(), reference.clone(), has(other, Class::Email)?))
    });
    mail.collect()
}

/// How many addresses a record's contacts have, and the domain that most of them are at.
#[derive(Default)]
struct Domains {
    addresses: u64,
    most: (u64, String),
}

/// Takes the domain that more than half of the addresses have. One that anybody can have an address at says nothing.
pub(super) fn most_mail(counted: Vec<(Uuid, String, String, u64)>) -> BTreeMap<(Uuid, String), String> {
    let mut all: BTreeMap<(Uuid, String), Domains> = BTreeMap::new();
    for (connection, record, domain, count) in counted.into_iter().filter(|(_, _, domain, _)| !is_provider(domain)) {
        let domains = all.entry((connection, record)).or_default();
        domains.addresses += count;
        if count > domains.most.0 {
            domains.most = (count, domain);
        }
    }
    let clear = all
        .into_iter()
        .filter(|(_, domains)| domains.most.0 * 2 > domains.addresses)
        .map(|(record, domains)| (record, domains.most.1));
    clear.collect()
}

/// Whether a value that was compared is the domain of somebody's e-mail address.
pub(super) fn is_of_contacts(value: &str) -> bool {
    value.ends_with(OF_CONTACTS)
}

/// Lists the fields that an entity's records are compared by; none where nothing tells one thing from another.
pub(super) fn fields(entity: &Entity) -> Vec<Field> {
    let mut fields: Vec<Field> = entity
        .fields
        .iter()
        .filter(|(name, _)| **name != entity.key)
        .filter_map(|(name, field)| Some(Field { name: name.clone(), class: Class::of_field(name, field)? }))
        .collect();
    let person = |name: &str| fields.iter().any(|field| field.name == name && field.class == Class::Person);
    // A full name says what its parts say, and would count twice.
    if person(FIRST) && person(LAST) && person(FULL) {
        fields.retain(|field| field.name != FULL);
    }
    let tells = |field: &Field| {
        matches!(field.class, Class::Email | Class::Phone | Class::Person | Class::Web | Class::Address)
    };
    if fields.iter().any(tells) { fields } else { Vec::new() }
}

/// Lists the entities whose records can be resolved, those that others refer to first.
pub(super) fn resolvable(ontology: &Ontology) -> Vec<String> {
    let mut open: Vec<&String> =
        ontology.entities.iter().filter(|(_, entity)| !fields(entity).is_empty()).map(|(name, _)| name).collect();
    let mut order: Vec<String> = Vec::new();
    while !open.is_empty() {
        let waits = |name: &str| {
            let references = ontology.entities[name].fields.values().filter_map(|field| field.references.as_deref());
            references.into_iter().any(|other| other != name && open.iter().any(|name| *name == other))
        };
        // Where entities refer to each other in a circle, the first one begins.
        let next = open.iter().position(|name| !waits(name)).unwrap_or_default();
        order.push(open.remove(next).clone());
    }
    order
}

/// Makes a record to be compared of a unified one.
pub(super) fn record(entity: &Entity, fields: &[Field], beside: &Beside, from: &VersionedRecord) -> Record {
    let text = |name: &str| match from.values.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let full = || text(FULL).filter(|_| entity.fields.contains_key(FIRST));
    let values = fields.iter().map(|field| match entity.fields[&field.name].references.as_deref() {
        Some(other) => {
            let id = text(&field.name)?;
            let known = beside.things.get(other)?.get(&(from.connection, id.clone())).copied();
            Some(known.unwrap_or_else(|| singleton_id(&key(from.connection, &id))).to_string())
        }
        None => text(&field.name).or_else(|| match field.name.as_str() {
            FIRST => Some(full()?.rsplit_once(' ')?.0.to_owned()),
            LAST => Some(full()?.rsplit(' ').next()?.to_owned()),
            _ if field.class == Class::Web => {
                let domain = beside.domains.get(&(from.connection, from.record_id.clone()))?;
                Some(format!("{domain}{OF_CONTACTS}"))
            }
            _ => None,
        }),
    });
    Record { key: key(from.connection, &from.record_id), values: values.collect() }
}

pub(super) fn key(connection: Uuid, record_id: &str) -> RecordKey {
    RecordKey::new(connection.to_string(), record_id)
}

pub(super) fn key_of(place: &RecordPlace) -> RecordKey {
    key(place.connection_id.0, &place.record_id)
}

/// Returns the place that a key was made of.
pub(super) fn place(key: &RecordKey) -> RecordPlace {
    RecordPlace {
        connection_id: aos_core::ConnectionId(key.source.parse().unwrap_or_default()),
        record_id: key.id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_come_before_the_contacts_that_refer_to_them_and_measurements_not_at_all() {
        let order = resolvable(&Ontology::shipped());
        let place = |name: &str| order.iter().position(|entity| entity == name);
        assert!(place("account") < place("contact"), "{order:?}");
        assert_eq!((place("aws_resource"), place("usage"), place("opportunity")), (None, None, None), "{order:?}");
    }
}
