//! What a pilot looks for: one statement over the unified views, written so that anyone can run it again.
//!
//! Every statement gives the columns `subject`, `source`, `title`, `amount` and `currency`; whatever else it gives is evidence. `amount` is
//! null where nobody knows what is at stake, and `currency` where nobody knows in which money it is.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};

/// One thing that a pilot looks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Check {
    pub kind: &'static str,
    /// What it means, with where its thresholds come from.
    pub means: &'static str,
    /// Fields (`entity.field`) that some source has to give, or there is nothing to look at.
    pub needs: &'static [&'static str],
    /// Fields that it looks at where they are given.
    pub uses: &'static [&'static str],
    /// With the words `:now`, `:today`, `:month`, `:year_ago`, `:month_1`, `:month_2` and `:month_3` in the place of moments.
    pub sql: &'static str,
}

impl Check {
    /// Returns the statement as it is run at this moment.
    pub fn sql_at(&self, now: DateTime<Utc>) -> String {
        let today = now.date_naive();
        let month = NaiveDate::from_ymd_opt(today.year(), today.month(), 1).unwrap_or(today);
        let later = |months| month.checked_add_months(Months::new(months)).unwrap_or(month);
        let year_ago = month.checked_sub_months(Months::new(12)).unwrap_or(month);
        let date = |date: NaiveDate| format!("DATE '{date}'");
        // The longer words first: one is the beginning of others.
        self.sql
            .trim()
            .replace(":month_1", &date(later(1)))
            .replace(":month_2", &date(later(2)))
            .replace(":month_3", &date(later(3)))
            .replace(":month", &date(month))
            .replace(":year_ago", &date(year_ago))
            .replace(":today", &date(today))
            .replace(":now", &format!("TIMESTAMP '{}'", now.format("%Y-%m-%d %H:%M:%S")))
    }

    /// Returns the statement for one subject alone.
    pub fn sql_of(&self, now: DateTime<Utc>, subject: &str) -> String {
        format!("SELECT * FROM (\n{}\n) AS found WHERE subject = '{}'", self.sql_at(now), subject.replace('\'', "''"))
    }

    /// Returns all fields that it looks at, with their entities.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.needs.iter().chain(self.uses).filter_map(|path| path.split_once('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{finops, revops};
    use super::*;
    use aos_core::Ontology;
    use chrono::Days;

    #[test]
    fn checks_look_at_fields_that_exist_and_leave_no_word_for_a_moment() {
        let ontology = Ontology::shipped();
        let now = DateTime::from_timestamp(1_763_000_000, 0).unwrap() + Days::new(31);
        for check in finops::CHECKS.iter().chain(revops::CHECKS) {
            for (entity, field) in check.fields() {
                assert!(ontology.field(entity, field).is_some(), "{}: {entity}.{field}", check.kind);
                assert!(check.sql.contains(field), "{} does not look at {field}", check.kind);
            }
            let sql = check.sql_of(now, "it's");
            assert!(sql.contains("'it''s'"), "{sql}");
            for word in [":now", ":today", ":month", ":year_ago"] {
                assert!(!sql.contains(word), "{}: {word}", check.kind);
            }
        }
    }

    #[test]
    fn months_are_counted_over_the_end_of_a_year() {
        let check = Check { kind: "x", means: "", needs: &[], uses: &[], sql: ":month :month_1 :month_3 :year_ago" };
        let now = "2025-11-30T10:00:00Z".parse().unwrap();
        assert_eq!(check.sql_at(now), "DATE '2025-11-01' DATE '2025-12-01' DATE '2026-02-01' DATE '2024-11-01'");
    }
}
