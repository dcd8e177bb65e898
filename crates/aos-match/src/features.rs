//! The evidence for one (column, field) pair as numbers, in a fixed order the model knows by name.

use crate::column::ColumnInfo;
use crate::field::{Compiled, FieldInfo, Part};
use crate::hint::Hints;
use crate::lexicon::Role;
use crate::name::{NameFit, fit};
use crate::values::has_form;
use crate::words::Word;
use aos_core::ontology::FieldType;
use aos_core::shape::ValueKind;

/// Pairs below this score share so little that they are not weighed further.
pub(crate) const WORTH_WEIGHING: f64 = 0.2;

pub(crate) const NAMES: [&str; 44] = [
    "bias",
    "name",
    "name_above_half",
    "name_nearly_whole",
    "literal",
    "alias",
    "has_label",
    "label",
    "label_nearly_whole",
    "label_disagrees",
    "name_disagrees",
    "missing",
    "extra_qualifier",
    "extra_other",
    "type_good",
    "type_soft",
    "type_bad",
    "values_agree",
    "values_form_agrees",
    "values_miss",
    "values_form_missing",
    "values_conflict",
    "out_of_range",
    "key",
    "key_unique",
    "key_repeats",
    "key_first",
    "reference",
    "reference_linked",
    "linked_elsewhere",
    "constant_reference",
    "reference_unlike_id",
    "depth",
    "empty",
    "many",
    "ahead_of_columns",
    "ahead_of_fields",
    "bare_form_word",
    "bare_id",
    "beside_bare_id",
    "key_called_name",
    "container",
    "described",
    "constant_text",
];

/// What is known of one pair before the model weighs it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pairing {
    pub name: NameFit,
    pub label: NameFit,
    pub types: Types,
    /// Greatest share of values in an expected class.
    pub values_agree: f64,
    pub form_agrees: f64,
    pub values_miss: bool,
    pub form_missing: bool,
    pub conflict: bool,
    pub out_of_range: bool,
    /// One number for ranking rivals.
    pub base: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Types {
    #[default]
    Unknown,
    Good,
    Soft,
    Bad,
}

/// Every pair of a table's columns and the ontology's fields.
pub(crate) struct Grid {
    pub columns: Vec<ColumnInfo>,
    fields: usize,
    pairings: Vec<Pairing>,
    /// Per field: the best and second-best base over columns.
    best_columns: Vec<(f64, f64)>,
    /// Per column and entity: the best and second-best base over the entity's fields.
    best_fields: Vec<Vec<(f64, f64)>>,
    /// The table has a column called just `id`; per entity: one called `<entity>_id`.
    has_bare_id: bool,
    has_own_id: Vec<bool>,
    /// Per entity: the column `name` is the key, because another column is the entity's name and none is its id.
    key_called_name: Vec<Option<usize>>,
}

impl Grid {
    pub fn new(columns: Vec<ColumnInfo>, table_words: &[String], compiled: &Compiled, hints: &Hints) -> Self {
        let fields = compiled.fields.len();
        let mut pairings = vec![Pairing::default(); columns.len() * fields];
        for (c, column) in columns.iter().enumerate() {
            let in_context = in_context(column, table_words, compiled);
            let mut marked = vec![false; fields];
            for words in [&column.words, &column.label, in_context.as_ref().unwrap_or(&Vec::new())] {
                compiled.mark_fields(words, &mut marked);
            }
            for (f, field) in compiled.fields.iter().enumerate() {
                if !marked[f] && !holds_form(column, field) && !hints.support(c, f) {
                    continue;
                }
                // By a column without a single value no record could be told apart.
                if column.empty && field.part == Part::Key {
                    continue;
                }
                pairings[c * fields + f] = weigh(column, in_context.as_deref(), field);
            }
        }
        let key_called_name = (0..compiled.entities.len()).map(|e| key_called_name(&columns, e)).collect::<Vec<_>>();
        for (e, entity) in compiled.entities.iter().enumerate() {
            let Some(c) = key_called_name[e] else { continue };
            for f in entity.fields.clone() {
                let pairing = &mut pairings[c * fields + f];
                pairing.base = if f == entity.key { pairing.base.max(0.9) } else { pairing.base * 0.4 };
            }
        }
        let has_bare_id = columns.iter().any(|column| column.bare_id);
        let has_own_id =
            (0..compiled.entities.len()).map(|e| columns.iter().any(|column| is_own_id(column, e))).collect();
        let mut grid = Self {
            fields,
            pairings,
            best_columns: Vec::new(),
            best_fields: Vec::new(),
            has_bare_id,
            has_own_id,
            key_called_name,
            columns,
        };
        grid.best_columns =
            (0..fields).map(|f| best_two((0..grid.columns.len()).map(|c| grid.at(c, f).base))).collect();
        let of_entity = |c: usize, range: &std::ops::Range<usize>| best_two(range.clone().map(|f| grid.at(c, f).base));
        grid.best_fields = (0..grid.columns.len())
            .map(|c| compiled.entities.iter().map(|entity| of_entity(c, &entity.fields)).collect())
            .collect();
        grid
    }

    /// Another column has a better claim to be the entity's id.
    fn beside_id(&self, column: &ColumnInfo, entity: usize) -> bool {
        !column.bare_id && (self.has_bare_id || (self.has_own_id[entity] && !is_own_id(column, entity)))
    }

    pub fn at(&self, column: usize, field: usize) -> &Pairing {
        &self.pairings[column * self.fields + field]
    }

    /// Describes a pair in numbers; `links` says which entities the column's values were found to point to.
    pub fn features(&self, c: usize, f: usize, compiled: &Compiled, links: u32) -> [f64; NAMES.len()] {
        let (column, field, pairing) = (&self.columns[c], &compiled.fields[f], self.at(c, f));
        let flag = |yes: bool| f64::from(u8::from(yes));
        let (name, label) = (&pairing.name, &pairing.label);
        let labelled = !column.label.is_empty();
        let better = if label.score > name.score { label } else { name };
        let lead = |(best, second): (f64, f64)| {
            (pairing.base - if pairing.base >= best { second } else { best }).clamp(-0.6, 0.6)
        };
        let (key, reference) = (field.part == Part::Key, field.part == Part::Reference);
        let seen = column.profile.seen;
        let linked = field.target.is_some_and(|target| links & (1 << target) != 0);
        [
            1.0,
            name.score,
            (name.score - 0.5).max(0.0) * 2.0,
            (name.score - 0.85).max(0.0) / 0.15,
            flag(name.literal),
            flag(better.alias),
            flag(labelled),
            if labelled { label.score } else { 0.0 },
            (label.score - 0.85).max(0.0) / 0.15,
            flag(labelled && name.score > 0.6 && label.score < 0.4),
            flag(labelled && label.score > 0.6 && name.score < 0.4),
            better.missing.min(2.0),
            better.extra_qualifier.min(2.0),
            better.extra_other.min(2.0),
            flag(pairing.types == Types::Good),
            flag(pairing.types == Types::Soft),
            flag(pairing.types == Types::Bad),
            pairing.values_agree,
            pairing.form_agrees,
            flag(pairing.values_miss),
            flag(pairing.form_missing),
            flag(pairing.conflict),
            flag(pairing.out_of_range),
            flag(key),
            flag(key && column.unique),
            flag(key && column.repeats),
            flag(key && column.position == 0),
            flag(reference),
            flag(linked),
            flag(links != 0 && !linked && !key),
            flag(reference && column.constant),
            if reference && seen { 1.0 - column.profile.identifiers } else { 0.0 },
            (column.depth as f64).min(3.0),
            flag(column.empty),
            flag(column.many),
            lead(self.best_columns[f]),
            lead(self.best_fields[c][field.entity]),
            flag(column.words.iter().all(|word| matches!(word.role, Role::Form | Role::Noise))),
            flag(key && field.target.is_none() && column.bare_id),
            flag(key && field.target.is_none() && self.beside_id(column, field.entity)),
            flag(key && self.key_called_name[field.entity] == Some(c))
                - flag(!key && self.key_called_name[field.entity] == Some(c)),
            flag(column.container),
            flag(field.part == Part::Reference && column.described),
            flag(
                field.part == Part::Plain
                    && field.kind == FieldType::String
                    && column.constant
                    && pairing.values_agree < 0.5,
            ),
        ]
    }
}

/// Finds a key that is called `name`: beside it stands `<entity>_name`, and no column is an id.
fn key_called_name(columns: &[ColumnInfo], entity: usize) -> Option<usize> {
    let words = |column: &ColumnInfo| column.words.iter().map(|word| word.text.clone()).collect::<Vec<_>>();
    let name = columns.iter().position(|column| words(column) == ["name"])?;
    let named = |column: &ColumnInfo| {
        column.words.len() == 2 && column.words[0].entities & (1 << entity) != 0 && column.words[1].text == "name"
    };
    let is_id = |column: &ColumnInfo| column.bare_id || is_own_id(column, entity);
    (columns.iter().any(named) && !columns.iter().any(is_id)).then_some(name)
}

fn is_own_id(column: &ColumnInfo, entity: usize) -> bool {
    matches!(column.words.as_slice(), [own, id] if own.entities & (1 << entity) != 0 && id.text == "id")
}

fn best_two(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values
        .fold((0.0, 0.0), |(best, second), value| if value > best { (value, best) } else { (best, value.max(second)) })
}

/// Reads a bare name (`type`, `date`, `number`) together with the table's: "incident number", "cost date".
fn in_context(column: &ColumnInfo, table_words: &[String], compiled: &Compiled) -> Option<Vec<Word>> {
    let bare =
        !column.words.is_empty() && column.words.len() <= 2 && column.words.iter().all(|word| word.role == Role::Form);
    if !bare {
        return None;
    }
    // The last word is what the rows are: AWS_COSTS are costs.
    let mut words = vec![table_words.last()?.clone()];
    words.extend(crate::words::split_words(&column.squeezed));
    Some(compiled.words.read(&crate::lexicon::Lexicon::get().rewrite(&words)))
}

fn weigh(column: &ColumnInfo, in_context: Option<&[Word]>, field: &FieldInfo) -> Pairing {
    let mut name = fit(&column.words, &column.squeezed, field);
    if let Some(words) = in_context {
        let mut wider = fit(words, "", field);
        wider.score *= 0.92;
        if wider.score > name.score {
            name = wider;
        }
    }
    if field.part == Part::Key && column.many {
        name.score *= 0.3; // of several ids within a record none is the record's
    }
    let label = if column.label.is_empty() { NameFit::default() } else { fit(&column.label, "", field) };
    let mut pairing = Pairing { name, label, types: types(column, field), ..Pairing::default() };
    look_at_values(column, field, &mut pairing);
    pairing.base = base(column, field, &pairing);
    pairing
}

fn base(column: &ColumnInfo, field: &FieldInfo, pairing: &Pairing) -> f64 {
    let (name, label) = (pairing.name.score, pairing.label.score);
    let mut base = if column.label.is_empty() { name } else { 0.35 * name.max(label) + 0.325 * (name + label) };
    base = base.max(0.3 * pairing.form_agrees);
    if base == 0.0 {
        return 0.0;
    }
    base += 0.1 * pairing.values_agree * base;
    if pairing.name.literal {
        base += 0.02;
    }
    base *= match pairing.types {
        Types::Bad => 0.25,
        Types::Soft => 0.85,
        _ => 1.0,
    };
    let price = |yes: bool, factor: f64| if yes { factor } else { 1.0 };
    base *= price(pairing.conflict, 0.2) * price(pairing.form_missing, 0.4) * price(pairing.out_of_range, 0.6);
    base *= price(field.part == Part::Reference && column.constant, 0.4);
    base *= price(field.part == Part::Key && column.repeats, 0.5)
        * price(column.empty, 0.97)
        * price(column.container, 0.5);
    if field.part == Part::Reference && column.described {
        base += 0.03;
    }
    base * 0.95f64.powi(column.depth.min(4) as i32)
}

/// Values alone make a pair worth a look when their form is unmistakable.
fn holds_form(column: &ColumnInfo, field: &FieldInfo) -> bool {
    field.expected.iter().any(|class| has_form(class) && column.profile.share(class) >= 0.5)
}

fn look_at_values(column: &ColumnInfo, field: &FieldInfo, pairing: &mut Pairing) {
    if let (Some((low, high)), Some((least, greatest))) = (field.range, column.range) {
        pairing.out_of_range = least < low || greatest > high;
    }
    if !column.profile.seen {
        return;
    }
    for class in &field.expected {
        let share = column.profile.share(class);
        pairing.values_agree = pairing.values_agree.max(share);
        if has_form(class) {
            pairing.form_agrees = pairing.form_agrees.max(share);
        }
    }
    let text = column.kind == ValueKind::String;
    let formed = field.expected.iter().any(|class| has_form(class));
    pairing.form_missing = formed && text && pairing.form_agrees < 0.2;
    pairing.values_miss = !formed && text && !field.expected.is_empty() && pairing.values_agree == 0.0;
    let unmistakable = column.profile.unmistakable();
    let plain_text = field.kind == FieldType::String;
    pairing.conflict = plain_text
        && unmistakable
            .is_some_and(|class| !field.expected.iter().any(|known| known == class) && !may_hold(column, field, class));
}

/// Identifiers may be written in a form of their own: an ARN, an e-mail address of the owner.
fn may_hold(column: &ColumnInfo, field: &FieldInfo, class: &str) -> bool {
    match class {
        // Codes of digits and dashes look like telephone numbers.
        "phone" => field.part != Part::Plain && !column.profile.dialled,
        "arn" | "resource_id" | "ip" => field.part != Part::Plain,
        "email" => field.part == Part::Reference && field.target.is_none(),
        "domain" => field.expected.iter().any(|known| known == "url") || field.kind != FieldType::String,
        _ => false,
    }
}

fn types(column: &ColumnInfo, field: &FieldInfo) -> Types {
    use FieldType as F;
    use ValueKind as V;
    match (column.kind, field.kind) {
        (V::Unknown, _) => Types::Unknown,
        (V::String, F::String) => Types::Good,
        (V::Integer, F::String) if field.part != Part::Plain => Types::Good,
        (V::Integer, F::String) => Types::Soft,
        (V::Boolean, F::String) if is_state(field) => Types::Soft,
        (V::List, F::String) if field.part == Part::Plain => Types::Soft,
        (V::Object, F::String) if field.part == Part::Reference => Types::Soft,
        (V::Decimal, F::String) if field.part == Part::Plain => Types::Bad,
        (V::Decimal, F::String) => Types::Soft,
        (V::Integer | V::Decimal, F::Decimal) | (V::Integer, F::Integer) => Types::Good,
        (V::Decimal, F::Integer) => Types::Soft,
        (V::Date | V::Datetime, F::Date | F::Datetime) => Types::Good,
        (V::String, F::Decimal | F::Integer | F::Date | F::Datetime) => Types::Soft,
        (V::Integer, F::Date | F::Datetime) => Types::Soft,
        (V::Boolean, F::Boolean) => Types::Good,
        (V::Integer | V::String, F::Boolean) => Types::Soft,
        _ => Types::Bad,
    }
}

/// A field that says a state may be held as yes or no.
fn is_state(field: &FieldInfo) -> bool {
    field.expected.iter().any(|class| class == "record_status") || field.name.ends_with("ing")
}
