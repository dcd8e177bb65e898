//! What is known of a value before it is looked at: the name of its column, and its class in the ontology.

use super::Class;
use super::text::listed;
use aos_core::ontology::Pii;

/// Where a value stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Column<'a> {
    /// The name of the column or member, in the source's own words; empty for text that stands in none.
    pub name: &'a str,
    /// What the ontology says that the field holds.
    pub pii: Option<Pii>,
}

impl<'a> Column<'a> {
    pub fn named(name: &'a str) -> Self {
        Self { name, pii: None }
    }

    /// Splits the name into lower-case words: `BillingAddress`, `billing_address` and `billing address` are the same two.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let mut previous = ' ';
        for character in self.name.chars() {
            if character.is_alphanumeric() {
                let begins = !previous.is_alphanumeric() || (character.is_uppercase() && previous.is_lowercase());
                if begins {
                    words.push(String::new());
                }
                if let Some(word) = words.last_mut() {
                    word.extend(character.to_lowercase());
                }
            }
            previous = character;
        }
        words
    }

    /// Says what the name alone makes of every value that looks like it: names of persons and places have no form of their own.
    pub(super) fn class(&self) -> Option<Class> {
        let words = self.words();
        let any = |entries: &[&str]| words.iter().any(|word| listed(word, entries));
        match () {
            () if any(NAME_ALONE) || (any(&["name", "names"]) && any(OF_PERSONS)) => Some(Class::PersonName),
            () if any(&[
                "company",
                "organization",
                "organisation",
                "employer",
                "firma",
                "entreprise",
                "empresa",
                "azienda",
            ]) && !any(NO_TEXT) =>
            {
                Some(Class::Organization)
            }
            () if any(&[
                "address",
                "street",
                "straße",
                "strasse",
                "adresse",
                "anschrift",
                "direccion",
                "indirizzo",
                "adres",
            ]) && !any(NO_PLACE) =>
            {
                Some(Class::Address)
            }
            () => None,
        }
    }
}

const NAME_ALONE: &[&str] = &[
    "firstname",
    "lastname",
    "fullname",
    "surname",
    "forename",
    "givenname",
    "familyname",
    "vorname",
    "nachname",
    "prénom",
    "prenom",
    "apellido*",
    "cognome",
    "voornaam",
    "achternaam",
    "sobrenome",
    "imię",
    "nazwisko",
];
const OF_PERSONS: &[&str] = &[
    "first",
    "last",
    "full",
    "given",
    "family",
    "middle",
    "maiden",
    "contact",
    "person",
    "employee",
    "patient",
    "holder",
    "cardholder",
    "applicant",
    "passenger",
];
const NO_PLACE: &[&str] = &["email", "mail", "ip", "ipv4", "ipv6", "mac", "web", "url", "wallet", "id", "type"];
const NO_TEXT: &[&str] = &["id", "number", "type", "size", "code", "url", "website", "email", "phone"];
