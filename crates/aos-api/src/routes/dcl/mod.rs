//! The data connection layer over HTTP, served under `/api/v1/dcl` and under `/dcl`: connect, the picture, the views, lineage.
//! No handler in here opens DuckDB; the engine is behind `aos-dcl`.

pub mod agents;
pub mod connect;
pub mod golden;
pub mod lineage;
pub mod memory;
pub mod ontology_extension;
pub mod preview;
pub mod query;
pub mod schemas;
pub mod state;
pub mod views;
