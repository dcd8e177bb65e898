//! What kind of thing a field says, which decides how its values are normalised, compared and blocked by.

use aos_core::ontology::{self, FieldType, Pii};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A given, family or full name of a person.
    Person,
    /// The name of a company, a place of business or a product.
    Organisation,
    Email,
    Phone,
    /// A web address, of which the host counts.
    Web,
    /// A postal address or a line of one.
    Address,
    /// A town, a district, a region.
    Place,
    /// An identifier, a postcode, a serial number: equal, or a slip of the pen away.
    Code,
    Date,
    Number,
    /// One of a few words, such as a branch of business.
    Category,
    /// Any other text.
    Text,
}

impl Class {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Web => "web",
            Self::Address => "address",
            Self::Place => "place",
            Self::Code => "code",
            Self::Date => "date",
            Self::Number => "number",
            Self::Category => "category",
            Self::Text => "text",
        }
    }

    /// Returns the class of an ontology field, or none when it says nothing about which thing a record is of: keys, stamps of time,
    /// amounts, free text and whom of ours it belongs to.
    ///
    /// A reference counts as a code: the caller gives the resolved id of what it refers to.
    pub fn of_field(name: &str, field: &ontology::Field) -> Option<Self> {
        // Whom of ours a record belongs to, by id or by name, makes two records no more one.
        if field.kind == FieldType::String && field.references.is_none() && name.ends_with("_id") {
            return None;
        }
        match field.pii {
            Some(Pii::Email) => return Some(Self::Email),
            Some(Pii::Phone) => return Some(Self::Phone),
            Some(Pii::PersonName) => return Some(Self::Person),
            Some(Pii::Address) => return Some(Self::Address),
            Some(Pii::FreeText) => return None,
            None => {}
        }
        if field.references.is_some() {
            return Some(Self::Code);
        }
        match field.kind {
            FieldType::String => Self::of_name(name),
            FieldType::Date if name.contains("birth") => Some(Self::Date),
            // What a company turns over and whom it employs belongs to it; other amounts are of what happened once.
            FieldType::Integer | FieldType::Decimal
                if name.split('_').any(|word| matches!(word, "revenue" | "turnover" | "employee" | "employees")) =>
            {
                Some(Self::Number)
            }
            FieldType::Date | FieldType::Datetime | FieldType::Integer | FieldType::Decimal | FieldType::Boolean => {
                None
            }
        }
    }

    /// Returns the class that a column's name speaks of.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let folded = crate::fold::fold_name(name);
        let words: Vec<&str> = folded.split(' ').collect();
        let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
        let ends = |any: &[&str]| words.last().is_some_and(|word| any.contains(word));
        if has(&["email", "mail", "emails"]) {
            Some(Self::Email)
        } else if has(&["phone", "telephone", "tel", "mobile", "fax", "cell"]) {
            Some(Self::Phone)
        } else if has(&["website", "url", "domain", "homepage", "web"]) {
            Some(Self::Web)
        } else if has(&[
            "postcode", "zip", "zipcode", "postal", "plz", "ssn", "isbn", "ean", "upc", "sku", "duns", "vat",
        ]) || ends(&["id", "code", "number", "no", "nr"])
        {
            Some(Self::Code)
        } else if has(&["birth", "dob", "birthday", "date"]) {
            Some(Self::Date)
        } else if has(&["street", "address", "addr", "address1", "address2"]) {
            Some(Self::Address)
        } else if has(&["city", "town", "suburb", "state", "county", "country", "region", "province", "locality"]) {
            Some(Self::Place)
        } else if has(&[
            "first",
            "given",
            "last",
            "surname",
            "forename",
            "family",
            "firstname",
            "lastname",
            "middle",
            "fname",
            "lname",
        ]) {
            Some(Self::Person)
        } else if has(&["name", "company", "organization", "organisation", "manufacturer", "brand"]) {
            Some(Self::Organisation)
        } else if has(&[
            "type",
            "category",
            "industry",
            "status",
            "stage",
            "gender",
            "sex",
            "department",
            "role",
            "title",
            "kind",
        ]) {
            Some(Self::Category)
        } else {
            None
        }
    }

    /// Whether values are made of words that count by how rare they are.
    pub(crate) fn has_words(self) -> bool {
        matches!(self, Self::Organisation | Self::Text | Self::Address | Self::Place | Self::Category | Self::Person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_core::Ontology;

    #[test]
    fn whom_of_ours_a_record_belongs_to_says_nothing_of_what_it_is() {
        let ontology = Ontology::shipped();
        for (entity, field) in [("account", "owner_id"), ("contact", "owner_id"), ("ticket", "assignee_id")] {
            assert_eq!(Class::of_field(field, ontology.field(entity, field).unwrap()), None, "{entity}.{field}");
        }
        let name = ontology.field("contact", "last_name").unwrap();
        assert_eq!(Class::of_field("last_name", name), Some(Class::Person));
    }
}
