//! What PostgreSQL says against us, by what can be done about it. Only the server's message and code are repeated: details and hints may
//! quote rows. <https://www.postgresql.org/docs/current/errcodes-appendix.html>

use super::address::Address;
use crate::error::Error;
use tokio_postgres::error::{Error as Refused, SqlState};

/// What a statement was told when its time was up.
pub(super) const TIME_IS_UP: SqlState = SqlState::QUERY_CANCELED;

pub(super) fn of(error: &Refused) -> Error {
    let Some(refused) = error.as_db_error() else {
        return Error::Transient { said: cause(error) };
    };
    let said = format!("{} ({})", refused.message(), refused.code().code());
    match refused.code() {
        &SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION => Error::Unauthorized { said },
        &SqlState::INSUFFICIENT_PRIVILEGE => Error::MissingScope { what: "this".to_owned(), said },
        &SqlState::UNDEFINED_TABLE | &SqlState::UNDEFINED_COLUMN | &SqlState::INVALID_SCHEMA_NAME => {
            Error::Gone { what: "a table or column".to_owned(), said }
        }
        &SqlState::UNDEFINED_OBJECT => Error::Gone { what: "an object of the database".to_owned(), said },
        &SqlState::INVALID_CATALOG_NAME => Error::Config { field: "database".to_owned(), reason: said },
        code if is_passing(code) => Error::Transient { said },
        _ => Error::Refused { said },
    }
}

/// The same before there is a session: what fails then is mostly the address.
pub(super) fn of_connect(address: &Address, error: &Refused) -> Error {
    if error.as_db_error().is_some() {
        return of(error);
    }
    let said = cause(error);
    // The driver has no kind for these, only words.
    if said.contains("server does not support TLS") {
        let reason = "the server offers no TLS; set tls to disable if nobody listens on the way to it".to_owned();
        return Error::Config { field: "tls".to_owned(), reason };
    }
    if said.contains("invalid peer certificate") {
        let reason = format!(
            "{said}; give the server's authority (PEM) as authority, or set tls to require to go without knowing who answers"
        );
        return Error::Config { field: "tls".to_owned(), reason };
    }
    if said.contains("password missing") {
        return Error::Unauthorized { said: "it asks for a password, and the connection has none".to_owned() };
    }
    Error::Unreachable { host: format!("{}:{}", address.host, address.port), reason: said }
}

/// Connection trouble, too little of something, an operator at work, a conflict with a standby's recovery, a lock.
fn is_passing(code: &SqlState) -> bool {
    let class = &code.code()[..2];
    matches!(class, "08" | "40" | "53" | "57" | "58" | "XX") || code == &SqlState::LOCK_NOT_AVAILABLE || class == "25"
}

/// Tells whether the time of a statement or of an idle transaction was up, so that a read may go on in a new snapshot.
pub(super) fn is_out_of_time(error: &Error) -> bool {
    let codes = [TIME_IS_UP, SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT];
    matches!(error, Error::Transient { said } if codes.iter().any(|code| said.ends_with(&format!("({})", code.code()))))
}

fn cause(error: &Refused) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
