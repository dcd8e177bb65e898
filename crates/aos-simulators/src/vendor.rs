//! The vendors that can be simulated, and what each brings along.

use crate::account::{Account, Meta, Table};
use crate::world::World;
use crate::{dynamics, hubspot, pipedrive, salesforce, zendesk};
use axum::Router;
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vendor {
    Salesforce,
    Hubspot,
    Dynamics,
    Pipedrive,
    Zendesk,
}

impl Vendor {
    pub const ALL: [Self; 5] = [Self::Salesforce, Self::Hubspot, Self::Dynamics, Self::Pipedrive, Self::Zendesk];

    pub fn name(self) -> &'static str {
        match self {
            Self::Salesforce => "salesforce",
            Self::Hubspot => "hubspot",
            Self::Dynamics => "dynamics",
            Self::Pipedrive => "pipedrive",
            Self::Zendesk => "zendesk",
        }
    }

    /// Makes the account that such a vendor holds, before any drift.
    pub fn account(self, seed: u64, size: u64) -> Account {
        match self {
            Self::Salesforce => salesforce::account(seed, size),
            Self::Hubspot => hubspot::account(seed, size),
            Self::Dynamics => dynamics::account(seed, size),
            Self::Pipedrive => pipedrive::account(seed, size),
            Self::Zendesk => zendesk::account(seed, size),
        }
    }

    pub(crate) fn router(self, world: Arc<World>) -> Router {
        match self {
            Self::Salesforce => salesforce::router(world),
            Self::Hubspot => hubspot::router(world),
            Self::Dynamics => dynamics::router(world),
            Self::Pipedrive => pipedrive::router(world),
            Self::Zendesk => zendesk::router(world),
        }
    }

    /// Writes a record as the vendor's API gives it, with every field.
    pub(crate) fn record(self, table: &Table<'_>, row: u64, meta: &Meta) -> String {
        match self {
            Self::Salesforce => salesforce::record(table, row, meta),
            Self::Hubspot => hubspot::record(table, row, meta),
            Self::Dynamics => dynamics::record(table, row, meta),
            Self::Pipedrive => pipedrive::record(table, row, meta),
            Self::Zendesk => zendesk::record(table, row, meta),
        }
    }
}
