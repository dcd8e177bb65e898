//! The connectors of services against their simulators: what is read is what the vendor holds, record by record.

mod consent;
mod dynamics;
mod guide;
mod hubspot;
mod laws;
mod liar;
mod pipedrive;
mod salesforce;
mod support;
mod zendesk;
