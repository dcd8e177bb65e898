//! The classes of personal data that are told apart.

use aos_core::ontology::Pii;
use serde::{Deserialize, Serialize};

/// What a found piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Email,
    Phone,
    Iban,
    CreditCard,
    /// A number that a state gives a person: for taxes, social security, health, or as an identity document.
    NationalId,
    IpAddress,
    MacAddress,
    /// A street with its number, and the place behind it where one follows.
    Address,
    BirthDate,
    PersonName,
    Organization,
    /// The name of a place; only a model tells it.
    Location,
    /// What lets somebody in: keys, tokens, passwords.
    Secret,
}

impl Class {
    pub const ALL: [Self; 13] = [
        Self::Email,
        Self::Phone,
        Self::Iban,
        Self::CreditCard,
        Self::NationalId,
        Self::IpAddress,
        Self::MacAddress,
        Self::Address,
        Self::BirthDate,
        Self::PersonName,
        Self::Organization,
        Self::Location,
        Self::Secret,
    ];

    /// Returns the name that findings use, such as `credit_card`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::CreditCard => "credit_card",
            Self::NationalId => "national_id",
            Self::IpAddress => "ip_address",
            Self::MacAddress => "mac_address",
            Self::Address => "address",
            Self::BirthDate => "birth_date",
            Self::PersonName => "person_name",
            Self::Organization => "organization",
            Self::Location => "location",
            Self::Secret => "secret",
        }
    }

    /// Returns what stands in the place of a redacted value, between `<` and `>`, such as `CREDIT_CARD`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Phone => "PHONE",
            Self::Iban => "IBAN",
            Self::CreditCard => "CREDIT_CARD",
            Self::NationalId => "NATIONAL_ID",
            Self::IpAddress => "IP_ADDRESS",
            Self::MacAddress => "MAC_ADDRESS",
            Self::Address => "ADDRESS",
            Self::BirthDate => "BIRTH_DATE",
            Self::PersonName => "PERSON_NAME",
            Self::Organization => "ORGANIZATION",
            Self::Location => "LOCATION",
            Self::Secret => "SECRET",
        }
    }

    pub(super) fn of_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.label() == label)
    }

    /// Returns the class of all values of a field that the ontology gives this class; none for free text, which has to be searched.
    pub fn of_field(pii: Pii) -> Option<Self> {
        match pii {
            Pii::Email => Some(Self::Email),
            Pii::Phone => Some(Self::Phone),
            Pii::PersonName => Some(Self::PersonName),
            Pii::Address => Some(Self::Address),
            Pii::FreeText => None,
        }
    }
}

impl std::str::FromStr for Class {
    type Err = UnknownClass;
    fn from_str(text: &str) -> Result<Self, UnknownClass> {
        Self::ALL.into_iter().find(|class| class.as_str() == text).ok_or_else(|| UnknownClass(text.to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no class `{0}`; use one of {known}", known = Class::ALL.map(Class::as_str).join(", "))]
pub struct UnknownClass(String);
