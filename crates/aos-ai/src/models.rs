//! Language models of providers, asked for a tenant: which one is the tenant's choice, its key lies in the vault.
//!
//! [`Models::tenant`] is the only door. Behind it, in this order: production mode asks nobody; personal data is taken out of what is sent;
//! the day's budget is held before the call and settled after it; failures that pass are tried again; an answer in a schema is checked
//! against it. Whatever a model says is a claim: it never carries a confidence of its own into the house.

mod ask;
mod attempt;
mod choice;
mod embed;
mod error;
mod options;
mod price;
mod schema;
mod sse;
mod tenant;
mod wire;

pub use ask::{Answer, Ask, Message, Output, Speaker, Used};
pub use choice::{KeyChange, ModelChoice, Provider};
pub use error::{ModelError, SpentBudget};
pub use options::ModelOptions;
pub use price::{Dollars, Price, PriceTable, PricedModel};
pub use tenant::{Models, TenantModels};
