//! Exit codes, and how an error is told on a terminal: what happened, why, and what to do.

use std::process::ExitCode;

pub const FAILED: u8 = 1;
pub const UNREADABLE: u8 = 3;
pub const DATA_IN_USE: u8 = 4;
pub const PORT_IN_USE: u8 = 5;
pub const INCOMPLETE: u8 = 6;
pub const BREAKING: u8 = 7;
pub const DATABASE: u8 = 8;
pub const TAMPERED: u8 = 9;
pub const REFUSED: u8 = 10;
pub const FOUND: u8 = 11;

/// The port that was asked for is taken.
#[derive(Debug)]
pub struct PortInUse {
    pub address: String,
}

impl std::fmt::Display for PortInUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} is in use by another program; stop it, or choose another port with --port N (0 takes any free one)",
            self.address
        )
    }
}

impl std::error::Error for PortInUse {}

/// Prints the error with its causes and returns the exit code it stands for.
pub fn report(error: &anyhow::Error) -> ExitCode {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text.push_str(&format!("\n  because: {cause}"));
        }
    }
    crate::show::aside(format_args!("error: {text}"));
    ExitCode::from(code(error))
}

fn code(error: &anyhow::Error) -> u8 {
    for cause in error.chain() {
        if cause.is::<PortInUse>() {
            return PORT_IN_USE;
        }
        if cause.is::<aos_connectors::Error>() {
            return UNREADABLE;
        }
        match cause.downcast_ref::<aos_store::Error>() {
            Some(aos_store::Error::DataDirInUse { .. }) => return DATA_IN_USE,
            Some(aos_store::Error::Database(_) | aos_store::Error::TooManyConnections(_)) => return DATABASE,
            _ => {}
        }
    }
    FAILED
}
