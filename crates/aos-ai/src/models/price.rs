//! What models cost: a dated table, and what tenants state themselves. An unknown price is none, and never a guess.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const SHIPPED: &str = include_str!("prices.yaml");

/// What a model costs, in US dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Price {
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0.40"))]
    pub input: Decimal,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "1.60"))]
    pub output: Decimal,
}

/// An amount of US dollars, exact to a millionth; as JSON a decimal in a string, such as `"2.50"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Dollars {
    pub micros: u64,
}

/// Prices by provider and model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceTable {
    /// The day on which they were copied, e.g. `2025-10-15`.
    pub as_of: String,
    models: BTreeMap<String, Price>,
}

/// A model with a known price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedModel<'t> {
    /// Provider and model.
    pub name: &'t str,
    pub price: Price,
}

impl PriceTable {
    /// Reads a table in the form of `prices.yaml`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str(text).map_err(|error| error.to_string())
    }

    /// Returns a model's price: of exactly this name, or of the name without the date that some providers append.
    pub fn of(&self, model: &str) -> Option<Price> {
        self.models.get(model).or_else(|| self.models.get(undated(model))).copied()
    }

    pub fn models(&self) -> impl Iterator<Item = PricedModel<'_>> {
        self.models.iter().map(|(name, price)| PricedModel { name, price: *price })
    }
}

impl Default for PriceTable {
    fn default() -> Self {
        Self::parse(SHIPPED).expect("the price table that is compiled in was read by a test")
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Dollars {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let text = utoipa::openapi::schema::Type::String;
        utoipa::openapi::ObjectBuilder::new().schema_type(text).examples([serde_json::json!("2.50")]).into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Dollars {}

impl TryFrom<Decimal> for Dollars {
    type Error = &'static str;
    fn try_from(amount: Decimal) -> Result<Self, Self::Error> {
        let micros = amount.checked_mul(Decimal::from(1_000_000)).filter(|micros| micros.is_integer());
        let micros = micros.and_then(|micros| micros.to_u64()).filter(|micros| i64::try_from(*micros).is_ok());
        Ok(Self {
            micros: micros.ok_or("an amount of dollars is not negative and has at most six digits after the point")?,
        })
    }
}

impl From<Dollars> for Decimal {
    fn from(Dollars { micros }: Dollars) -> Self {
        Decimal::from_i128_with_scale(i128::from(micros), 6).normalize()
    }
}

impl Price {
    /// Returns what a call costs in millionths of a US dollar, rounded up. Dollars per million tokens are millionths per token.
    pub fn micros(&self, tokens_in: u64, tokens_out: u64) -> u64 {
        let part = |price: Decimal, tokens: u64| price.checked_mul(Decimal::from(tokens));
        let sum = part(self.input, tokens_in).zip(part(self.output, tokens_out)).map(|(one, two)| (one + two).ceil());
        sum.and_then(|micros| micros.max(Decimal::ZERO).to_u64()).unwrap_or(u64::MAX / 4)
    }
}

/// Cuts `-2025-04-14` or `-20250414` off the end.
fn undated(model: &str) -> &str {
    let start = model.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '-').len();
    let digits = model[start..].bytes().filter(u8::is_ascii_digit).count();
    if digits == 8 && model[start..].starts_with('-') { &model[..start] } else { model }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_dated_and_unknown_models_have_no_price() {
        let table = PriceTable::default();
        assert_eq!(table.as_of.len(), 10);
        assert!(table.models().count() > 10);
        assert_eq!(table.of("compatible/llama3.2"), None);
        let known = table.of("open_ai/gpt-4.1-mini").unwrap();
        assert_eq!(table.of("open_ai/gpt-4.1-mini-2025-04-14"), Some(known));
        assert_eq!(table.of("open_ai/gpt-4.1-mini-next"), None);
    }

    #[test]
    fn dollars_are_exact() {
        let read = |text: &str| serde_json::from_str::<Dollars>(text).map(|dollars| dollars.micros);
        assert_eq!(read("\"2.50\"").unwrap(), 2_500_000);
        assert!(read("\"-1\"").is_err() && read("\"0.0000001\"").is_err() && read("\"99999999999999999\"").is_err());
        assert_eq!(serde_json::to_string(&Dollars { micros: 1_250_000 }).unwrap(), "\"1.25\"");
    }

    #[test]
    fn a_cost_is_rounded_up_and_never_wraps() {
        let price = Price { input: "0.10".parse().unwrap(), output: "0.40".parse().unwrap() };
        assert_eq!(price.micros(1_000_000, 1_000_000), 500_000);
        assert_eq!(price.micros(1, 0), 1, "a tenth of a millionth counts as one");
        assert_eq!(price.micros(0, 0), 0);
        assert!(price.micros(u64::MAX, u64::MAX) > 1_000_000);
    }
}
