//! Codes and the words that people see for them. Where a source gives both, a text field reads the words: "Consulting" and not 7.

use aos_connectors::Stream;
use aos_core::ontology::{FieldType, Ontology};
use aos_match::TableMatch;

/// Moves what the matcher decided about codes to the columns with their words, where the field is a text and nothing else was decided of
/// those.
pub(crate) fn in_words(mut matched: TableMatch, stream: &Stream, ontology: &Ontology) -> TableMatch {
    for (code, words) in &stream.words {
        let at = |name: &str| matched.columns.iter().position(|column| column.column == name);
        let (Some(code), Some(words)) = (at(code), at(words)) else { continue };
        let is_text = matched.columns[code].decision.as_ref().is_some_and(|decision| {
            let field = ontology.field(&decision.entity, &decision.field);
            field.is_some_and(|field| field.kind == FieldType::String)
        });
        if !is_text || matched.columns[words].decision.is_some() {
            continue;
        }
        let (said, told) = (matched.columns[code].column.clone(), matched.columns[words].column.clone());
        let Some(mut decision) = matched.columns[code].decision.take() else { continue };
        decision.evidence.push(format!("the words that people see for {said}"));
        matched.columns[code].reason = Some(format!("{told} says it in words"));
        matched.columns[words].decision = Some(decision);
        matched.columns[words].reason = None;
    }
    matched
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_core::shape::ValueKind;
    use aos_match::{ColumnMatch, Decision};

    fn column(name: &str, field: Option<&str>) -> ColumnMatch {
        let decision = |field: &str| Decision {
            entity: "account".into(),
            field: field.into(),
            confidence: 0.9,
            evidence: vec!["name".into()],
        };
        ColumnMatch {
            column: name.into(),
            kind: ValueKind::Integer,
            decision: field.map(decision),
            candidates: Vec::new(),
            reason: None,
        }
    }

    #[test]
    fn a_text_field_reads_the_words_and_a_number_stays_a_number() {
        let matched = TableMatch {
            stream: "account".into(),
            entity: None,
            further: Vec::new(),
            pivot: None,
            columns: vec![
                column("industrycode", Some("industry")),
                column("industrycode@words", None),
                column("numberofemployees", Some("employee_count")),
                column("numberofemployees@words", None),
            ],
        };
        let pair = |code: &str| (code.to_owned(), format!("{code}@words"));
        let stream = Stream {
            words: vec![pair("industrycode"), pair("numberofemployees"), pair("gone")],
            ..Stream::named("account", "dynamics365")
        };
        let matched = in_words(matched, &stream, &Ontology::shipped());
        let decided = |at: usize| matched.columns[at].decision.as_ref().map(|decision| decision.field.as_str());
        assert_eq!(
            [decided(0), decided(1), decided(2), decided(3)],
            [None, Some("industry"), Some("employee_count"), None]
        );
    }
}
