//! What leads from the records of one entity to others, and which of their fields stand for when, how much and what they are.

use super::check::{CURRENCY, STEPS_MAX};
use super::lexicon::Lexicon;
use aos_core::ontology::FieldType;
use std::collections::BTreeSet;

/// Dates that say when a record was changed, and nothing of what it is about.
const CHANGED: [&str; 2] = ["updated_at", "last_updated"];

impl Lexicon {
    /// Returns the references of an entity to others whose records are there.
    fn references(&self, entity: &str) -> Vec<(&str, &str)> {
        let mut declared = self.declared(entity);
        declared.retain(|(name, _)| self.leads_somewhere(entity, name));
        declared
    }

    /// Returns the references of an entity that the ontology knows.
    fn declared(&self, entity: &str) -> Vec<(&str, &str)> {
        let fields = self.ontology.entity(entity).map(|entity| &entity.fields).into_iter().flatten();
        fields.filter_map(|(name, field)| Some((name.as_str(), field.references.as_deref()?))).collect()
    }

    /// Returns whether a reference of an entity leads to any record that is there.
    pub fn leads_somewhere(&self, entity: &str, reference: &str) -> bool {
        self.found.get(&(entity.to_owned(), reference.to_owned())).is_some_and(|count| *count > 0)
    }

    /// Returns the ways from an entity to others along references whose records are there: to each other by the fewest references.
    pub fn paths(&self, entity: &str) -> &[(String, String)] {
        self.paths.get(entity).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the ways from an entity to those that no reference of its records leads to, as the ontology has them.
    pub fn unreached(&self, entity: &str) -> &[(String, String)] {
        self.unreached.get(entity).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn dead_ends(&self, entity: &str) -> Vec<(String, String)> {
        let mut ways = self.ways_by(entity, |at| self.declared(at));
        ways.retain(|(_, to)| !self.paths(entity).iter().any(|(_, reached)| reached == to));
        ways
    }

    pub(super) fn ways(&self, entity: &str) -> Vec<(String, String)> {
        self.ways_by(entity, |at| self.references(at))
    }

    fn ways_by<'l>(
        &'l self,
        entity: &str,
        references: impl Fn(&str) -> Vec<(&'l str, &'l str)>,
    ) -> Vec<(String, String)> {
        let direct = references(entity).into_iter().map(|(field, to)| (field.to_owned(), to.to_owned()));
        let mut ways: Vec<(String, String)> = direct.collect();
        let mut last = ways.clone();
        for _ in 1..STEPS_MAX {
            let reached: BTreeSet<String> = ways.iter().map(|(_, to)| to.clone()).chain([entity.to_owned()]).collect();
            let mut next = Vec::new();
            for (path, at) in &last {
                let on = references(at).into_iter().filter(|(_, to)| !reached.contains(*to));
                next.extend(on.map(|(field, to)| (format!("{path}.{field}"), to.to_owned())));
            }
            ways.extend(next.iter().cloned());
            last = next;
        }
        ways
    }

    /// Returns the date fields of an entity that hold data, but for those that only say when a record was changed.
    pub fn dates(&self, entity: &str) -> Vec<&str> {
        let fields = self.ontology.entity(entity).map(|entity| &entity.fields).into_iter().flatten();
        let dates = fields.filter(|(_, field)| matches!(field.kind, FieldType::Date | FieldType::Datetime));
        let dates = dates.map(|(name, _)| name.as_str()).filter(|name| self.has_data(entity, name));
        dates.filter(|name| !CHANGED.contains(name)).collect()
    }

    /// Returns the amounts of an entity that hold data.
    pub fn money(&self, entity: &str) -> Vec<&str> {
        let fields = self.ontology.entity(entity).map(|entity| &entity.fields).into_iter().flatten();
        let money = fields.filter(|(_, field)| field.unit.as_deref() == Some("money")).map(|(name, _)| name.as_str());
        money.filter(|name| self.has_data(entity, name)).collect()
    }

    /// Returns whether records of an entity say in which currency their amounts are.
    pub fn has_currency(&self, entity: &str) -> bool {
        self.has_data(entity, CURRENCY)
    }

    /// Returns a field that people read, to stand for a record.
    pub fn title<'o>(&'o self, entity: &str) -> Option<&'o str> {
        let definition = self.ontology.entity(entity)?;
        ["name", "subject"]
            .into_iter()
            .find(|name| definition.fields.contains_key(*name) && self.has_data(entity, name))
    }
}
