//! Decides whether a plan makes sense and may be run: every name is the ontology's, every operation fits its field, and nothing is found out
//! about values that whoever asks sees only masked.

use super::contradiction;
use super::plan::{Filter, FilterOp, Measure, MeasureOp, Plan};
use super::refusal::{Refusal, RefusalCode};
use aos_core::Ontology;
use aos_core::ontology::{Entity, Field, FieldType};
use aos_core::policy::{Lens, Sensitivity};
use chrono::NaiveDate;

pub const ROWS_MAX: u32 = 1_000;
const MEASURES_MAX: usize = 5;
const GROUPS_MAX: usize = 4;
const FILTERS_MAX: usize = 20;
const VALUES_MAX: usize = 2_000;
const COLUMNS_MAX: usize = 30;

/// The field that says in which connection a record is.
pub const SOURCE: &str = "_source";
/// The thing that a record is, as the views of golden records name it.
pub const GOLDEN: &str = "_golden";
/// References that a plan follows one after the other.
pub const STEPS_MAX: usize = 3;
/// The field of an entity that says in which currency its amounts are.
pub const CURRENCY: &str = "currency";
/// Figures that are counted in a unit which another field names, so that they add up only within one.
const UNIT_ELSEWHERE: [(&str, &str, &str); 1] = [("cost_report", "usage", "usage_type")];
/// Units of which a sum says nothing.
const NOT_ADDED: [&str; 3] = ["percent", "ms", "minutes"];

/// A field as a plan names it, found.
#[derive(Debug, Clone, Copy)]
pub struct Found<'o> {
    pub entity: &'o str,
    pub name: &'o str,
    pub kind: FieldType,
    /// None for `_source`, which every record has. Of the thing that a record is, it is the key.
    pub field: Option<&'o Field>,
    /// It is a field of a record that is referred to, directly or along several references.
    pub far: bool,
}

impl<'o> Found<'o> {
    /// Finds a field by the name that a plan uses.
    pub fn of(ontology: &'o Ontology, entity: &str, path: &str) -> Option<Self> {
        let (mut entity, mut definition) = ontology.entities.get_key_value(entity)?;
        let (steps, name) = path.rsplit_once('.').map_or((None, path), |(steps, name)| (Some(steps), name));
        for (at, step) in steps.into_iter().flat_map(|steps| steps.split('.')).enumerate() {
            let target = definition.fields.get(step).filter(|_| at < STEPS_MAX)?.references.as_deref()?;
            (entity, definition) = ontology.entities.get_key_value(target)?;
        }
        let far = steps.is_some();
        if name == SOURCE && !far {
            return Some(Self { entity, name: SOURCE, kind: FieldType::String, field: None, far });
        }
        if name == GOLDEN {
            let key = definition.fields.get(&definition.key)?;
            return Some(Self { entity, name: GOLDEN, kind: FieldType::String, field: Some(key), far });
        }
        let (name, field) = definition.fields.get_key_value(name)?;
        Some(Self { entity, name, kind: field.kind, field: Some(field), far })
    }

    pub fn is_money(&self) -> bool {
        self.unit() == Some("money")
    }

    pub fn unit(&self) -> Option<&'o str> {
        self.field.and_then(|field| field.unit.as_deref())
    }

    fn is_number(&self) -> bool {
        matches!(self.kind, FieldType::Integer | FieldType::Decimal)
    }

    pub fn is_date(&self) -> bool {
        matches!(self.kind, FieldType::Date | FieldType::Datetime)
    }
}

/// Checks a whole plan.
pub fn check(plan: &Plan, ontology: &Ontology, lens: Lens) -> Result<(), Refusal> {
    let Some(entity) = ontology.entity(&plan.entity) else {
        let known: Vec<&str> = ontology.entities.keys().map(String::as_str).collect();
        let refusal = Refusal::not_possible(format!("there is no entity `{}`", plan.entity));
        return Err(refusal.missing(plan.entity.as_str(), known));
    };
    sizes(plan)?;
    for (path, shown) in plan.fields() {
        let found = find(ontology, plan, entity, path)?;
        let masked = found.field.is_some_and(|field| lens.mask(Sensitivity::of(field)).is_some());
        if masked && !shown {
            let reason = format!("`{path}` holds personal data, which you may not see, so nothing is counted by it");
            return Err(Refusal::new(RefusalCode::NotAllowed, reason).missing(path, ["the permission personal:read"]));
        }
    }
    for measure in &plan.measures {
        check_measure(ontology, plan, entity, measure)?;
    }
    for filter in plan.filters.iter().chain(plan.measures.iter().flat_map(|measure| &measure.of)) {
        check_filter(filter, find(ontology, plan, entity, &filter.field)?)?;
    }
    for group in plan.group_by.iter().filter(|group| group.bucket.is_some()) {
        if !find(ontology, plan, entity, &group.field)?.is_date() {
            return Err(Refusal::not_possible(format!("`{}` is no date, so it has no months or years", group.field)));
        }
    }
    contradiction::check(plan)?;
    check_order(plan)
}

fn sizes(plan: &Plan) -> Result<(), Refusal> {
    let filters = plan.filters.iter().chain(plan.measures.iter().flat_map(|measure| &measure.of));
    let fits = plan.measures.len() <= MEASURES_MAX
        && plan.group_by.len() <= GROUPS_MAX
        && plan.columns.len() <= COLUMNS_MAX
        && filters.clone().count() <= FILTERS_MAX
        && filters.map(|filter| filter.values.len()).sum::<usize>() <= VALUES_MAX
        && plan.limit.is_none_or(|limit| (1..=ROWS_MAX).contains(&limit));
    if !fits {
        return Err(Refusal::not_possible(format!(
            "a plan has at most {MEASURES_MAX} measures, {GROUPS_MAX} groupings, {FILTERS_MAX} filters and {ROWS_MAX} rows"
        )));
    }
    if plan.measures.is_empty() && !plan.group_by.is_empty() {
        return Err(Refusal::not_possible("groups need something to be measured, such as a count"));
    }
    Ok(())
}

fn find<'o>(ontology: &'o Ontology, plan: &Plan, entity: &'o Entity, path: &str) -> Result<Found<'o>, Refusal> {
    Found::of(ontology, &plan.entity, path).ok_or_else(|| {
        if path.matches('.').count() > STEPS_MAX {
            return Refusal::not_possible(format!(
                "`{path}` follows more than {STEPS_MAX} references, and a plan does not"
            ));
        }
        let first = path.split('.').next().unwrap_or(path);
        if refers_back(ontology, first, &plan.entity) {
            let of = &plan.entity;
            let reason =
                format!("one {of} can have several {first} records, so a plan goes from {first} to {of} and not back");
            return Refusal::not_possible(reason).missing(path, [format!("{first} by {of}")]);
        }
        let refusal = Refusal::not_possible(format!("{} has no field `{path}`", plan.entity));
        refusal.missing(path, entity.fields.keys().cloned())
    })
}

/// Whether records of `from` refer to records of `to`.
fn refers_back(ontology: &Ontology, from: &str, to: &str) -> bool {
    let mut fields = ontology.entity(from).map(|entity| &entity.fields).into_iter().flatten();
    fields.any(|(_, field)| field.references.as_deref() == Some(to))
}

fn check_measure(ontology: &Ontology, plan: &Plan, entity: &Entity, measure: &Measure) -> Result<(), Refusal> {
    let found = measure.field.as_deref().map(|path| find(ontology, plan, entity, path)).transpose()?;
    let is_share = measure.op == MeasureOp::Share;
    if is_share == measure.of.is_empty() {
        return Err(Refusal::not_possible("a share needs `of`, which says what is the part, and nothing else has it"));
    }
    match (measure.op, found) {
        (MeasureOp::Count | MeasureOp::Share, None) | (MeasureOp::CountDistinct, Some(_)) => Ok(()),
        (MeasureOp::Count | MeasureOp::Share, Some(_)) => {
            Err(Refusal::not_possible("records are counted, not fields; filter by `not_null` for those with a value"))
        }
        (_, None) => Err(Refusal::not_possible("say of which field")),
        (MeasureOp::Min | MeasureOp::Max, Some(found)) if found.is_date() => Ok(()),
        (op, Some(found)) if !found.is_number() => Err(Refusal::not_possible(format!(
            "`{}` is of type {}, of which there is no {}",
            found.name,
            found.kind,
            op.as_str()
        ))),
        (MeasureOp::Sum, Some(found)) => adds_up(plan, found),
        (MeasureOp::Avg, Some(found)) => one_unit(plan, found),
        _ => Ok(()),
    }
}

/// Refuses sums that mean nothing: of percentages, scores and times.
fn adds_up(plan: &Plan, found: Found<'_>) -> Result<(), Refusal> {
    let has_range = found.field.is_some_and(|field| field.range.is_some());
    if has_range || found.unit().is_some_and(|unit| NOT_ADDED.contains(&unit)) {
        let reason = format!("`{}` does not add up to anything; ask for its average", found.name);
        return Err(Refusal::not_possible(reason));
    }
    if found.far {
        let reason = format!("`{}` would be added once for every {} that refers to it", found.name, plan.entity);
        return Err(Refusal::not_possible(reason));
    }
    one_unit(plan, found)
}

fn one_unit(plan: &Plan, found: Found<'_>) -> Result<(), Refusal> {
    let elsewhere = UNIT_ELSEWHERE.iter().find(|(entity, name, _)| *entity == found.entity && *name == found.name);
    let Some((_, _, unit)) = elsewhere else { return Ok(()) };
    let grouped = plan.group_by.iter().any(|group| group.field == *unit);
    let one = |filter: &Filter| filter.field == *unit && filter.op == FilterOp::In && filter.values.len() == 1;
    if grouped || plan.filters.iter().any(one) {
        return Ok(());
    }
    let reason = format!("`{}` is counted in a unit of its own for each `{unit}`; ask by {unit}", found.name);
    Err(Refusal::new(RefusalCode::MixedUnits, reason).missing(*unit, [format!("by {}", unit.replace('_', " "))]))
}

fn check_filter(filter: &Filter, found: Found<'_>) -> Result<(), Refusal> {
    let wanted = match filter.op {
        FilterOp::IsNull | FilterOp::NotNull => 0..=0,
        FilterOp::Between => 2..=2,
        FilterOp::In | FilterOp::NotIn => 1..=VALUES_MAX,
        _ => 1..=1,
    };
    if !wanted.contains(&filter.values.len()) {
        return Err(Refusal::not_possible(format!("the filter of `{}` has the wrong number of values", filter.field)));
    }
    let ordered = matches!(filter.op, FilterOp::Lt | FilterOp::Lte | FilterOp::Gt | FilterOp::Gte | FilterOp::Between);
    if ordered && !found.is_number() && !found.is_date() {
        return Err(Refusal::not_possible(format!("`{}` is a text, which is not more or less", filter.field)));
    }
    if filter.op == FilterOp::Contains && found.kind != FieldType::String {
        return Err(Refusal::not_possible(format!("`{}` is no text, so it contains nothing", filter.field)));
    }
    if let Some(value) = filter.values.iter().find(|value| !is_value(found.kind, value)) {
        let why = format!("`{value}` is no value for `{}`, a {}", filter.field, found.kind);
        return Err(Refusal::not_possible(why));
    }
    Ok(())
}

fn is_value(kind: FieldType, text: &str) -> bool {
    match kind {
        FieldType::String => true,
        FieldType::Integer | FieldType::Decimal => is_number(text),
        FieldType::Boolean => matches!(text, "true" | "false"),
        FieldType::Date | FieldType::Datetime => NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain =
        |part: &str, most: usize| !part.is_empty() && part.len() <= most && part.bytes().all(|b| b.is_ascii_digit());
    plain(whole, 24) && plain(fraction, 12)
}

fn check_order(plan: &Plan) -> Result<(), Refusal> {
    let Some(order) = &plan.order_by else { return Ok(()) };
    let measured = plan.measures.iter().map(Measure::name).chain(plan.group_by.iter().map(super::plan::Grouping::name));
    if plan.measures.is_empty() || measured.into_iter().any(|name| name == order.by) {
        return Ok(());
    }
    Err(Refusal::not_possible(format!("`{}` is neither measured nor a group, so nothing is ordered by it", order.by)))
}
