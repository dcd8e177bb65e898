//! Says in a few words why a pair was matched, or why a column was not.

use crate::column::ColumnInfo;
use crate::features::{Pairing, Types};
use crate::field::{Compiled, FieldInfo, Part};
use aos_core::shape::ColumnShape;

/// What a person should know about one pair, most telling first.
pub(crate) fn of_pair(
    shape: &ColumnShape,
    column: &ColumnInfo,
    field: &FieldInfo,
    pairing: &Pairing,
    link: Option<&str>,
) -> Vec<String> {
    let mut said = Vec::new();
    said.extend(of_name(shape, field, pairing));
    if let Some(link) = link {
        said.push(format!("foreign key to {link}"));
    }
    if pairing.form_agrees >= 0.5 || (pairing.values_agree >= 0.5 && pairing.values_agree > pairing.form_agrees) {
        let share = pairing.values_agree.max(pairing.form_agrees);
        said.push(format!("values: {} ({:.0} %)", class_words(field, column), share * 100.0));
    }
    if field.part == Part::Key && (column.unique || column.position == 0) {
        said.push(match (column.unique, column.position == 0) {
            (true, true) => "key: unique, first column".to_owned(),
            (true, false) => "key: unique".to_owned(),
            _ => "key: first column".to_owned(),
        });
    }
    match pairing.types {
        Types::Good => said.push(format!("type: {}", column.kind)),
        Types::Bad => said.push(format!("against: type {} for {}", column.kind, field.kind)),
        _ => {}
    }
    if pairing.conflict || pairing.form_missing {
        said.push("against: values of another kind".to_owned());
    }
    said
}

fn of_name(shape: &ColumnShape, field: &FieldInfo, pairing: &Pairing) -> Option<String> {
    let (name, label) = (&pairing.name, &pairing.label);
    let by_label = label.score > name.score + 0.05;
    let fit = if by_label { label } else { name };
    if fit.score < 0.3 {
        return None;
    }
    let phrase = &field.phrases[fit.phrase];
    let (kind, text) = match (by_label, &shape.label) {
        (true, Some(label)) => ("label", label.as_str()),
        _ => ("name", shape.path.as_str()),
    };
    let sign = if fit.literal {
        "="
    } else if fit.score >= 0.8 {
        "≈"
    } else {
        "~"
    };
    let alias = if phrase.alias { " (alias)" } else { "" };
    Some(format!("{kind}: {text} {sign} {}{alias}", phrase.text))
}

fn class_words(field: &FieldInfo, column: &ColumnInfo) -> &'static str {
    let best = field.expected.iter().max_by(|a, b| column.profile.share(a).total_cmp(&column.profile.share(b)));
    match best.map_or("", String::as_str) {
        "email" => "e-mail addresses",
        "phone" => "telephone numbers",
        "url" => "web addresses",
        "domain" => "domains",
        "currency" => "currency codes",
        "region" => "cloud regions",
        "instance_type" => "instance types",
        "arn" => "ARNs",
        "resource_id" => "cloud resource ids",
        "industry" => "industries",
        "sales_stage" => "sales stages",
        "priority" => "priorities",
        "ticket_status" => "ticket states",
        "ticket_type" => "kinds of request",
        "account_type" => "kinds of account",
        "record_status" => "states",
        "deal_type" => "kinds of deal",
        "risk" => "risk levels",
        "job_title" => "job titles",
        "department" => "departments",
        "resource_type" => "kinds of resource",
        "service" => "cloud services",
        "db_engine" => "database engines",
        "storage_class" => "storage classes",
        "person" => "names of people",
        "company" => "names of companies",
        "long_text" | "sentence" => "sentences",
        _ => "as expected",
    }
}

/// Why a column of a table that has an entity stays unmapped.
pub(crate) fn unmapped(
    best: Option<(usize, f64)>,
    taken_by: Option<&str>,
    compiled: &Compiled,
    pairing: Option<&Pairing>,
) -> String {
    let Some((field, confidence)) = best else { return "no field has a name, type or values like it".to_owned() };
    let field = &compiled.fields[field];
    let named = format!("{}.{}", compiled.entities[field.entity].name, field.name);
    if let Some(other) = taken_by {
        return format!("{named} is better served by {other}");
    }
    match pairing {
        Some(pairing) if pairing.types == Types::Bad => format!("{named} holds another type"),
        Some(pairing) if pairing.conflict || pairing.form_missing => format!("its values are not those of {named}"),
        _ => format!("too unsure: {named} at {confidence:.2}"),
    }
}
