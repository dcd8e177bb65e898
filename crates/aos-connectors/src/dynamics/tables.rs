//! Which tables are read when nobody names any: those that sales and service live by. An environment has some six hundred, most of them
//! the platform's own.

use super::describe::Definition;

const USUAL: [&str; 30] = [
    "account",
    "appointment",
    "businessunit",
    "campaign",
    "competitor",
    "contact",
    "contract",
    "email",
    "entitlement",
    "incident",
    "invoice",
    "invoicedetail",
    "lead",
    "list",
    "opportunity",
    "opportunityproduct",
    "phonecall",
    "pricelevel",
    "product",
    "queue",
    "quote",
    "quotedetail",
    "salesorder",
    "salesorderdetail",
    "subject",
    "systemuser",
    "task",
    "team",
    "territory",
    "transactioncurrency",
];

/// Says whether a table is read without being named.
pub(super) fn is_usual(definition: &Definition) -> bool {
    definition.is_readable() && (definition.is_custom_entity || USUAL.contains(&definition.logical_name.as_str()))
}
