//! Where a PostgreSQL is and who we are there: from a connection string, or from settings one by one.

use super::tls::TlsMode;
use crate::context::{Secret, Secrets};
use crate::declaration::Settings;
use crate::error::Error;
use aos_net::Url;

const PORT: u16 = 5432;

#[derive(Debug, Clone)]
pub(super) struct Address {
    pub host: String,
    pub port: u16,
    pub database: String,
    pub user: String,
    pub password: Option<Secret>,
    pub tls: TlsMode,
    /// The only authority (PEM) that is trusted; those of the system when there is none.
    pub authority: Option<String>,
}

impl Address {
    /// Reads the connection string when there is one, and otherwise the settings beside it.
    pub fn of(settings: &Settings, secrets: &Secrets) -> Result<Self, Error> {
        let text = |name: &str| settings.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let mut address = match secrets.get("url") {
            Some(url) => Self::of_url(url.expose())?,
            None => Self {
                host: text("host").ok_or_else(|| missing("host"))?,
                port: port(settings)?,
                database: text("database").ok_or_else(|| missing("database"))?,
                user: text("user").ok_or_else(|| missing("user"))?,
                password: secrets.get("password").cloned(),
                tls: TlsMode::default(),
                authority: None,
            },
        };
        if let Some(mode) = text("tls") {
            address.tls = TlsMode::parse(&mode).map_err(|reason| config("tls", reason))?;
        }
        address.authority = text("authority");
        // A socket in the file system is nothing that the guard could judge.
        if address.host.contains('/') {
            return Err(config("host", "it is a path; give the name or the address of a host".to_owned()));
        }
        Ok(address)
    }

    /// Reads `postgres://user:password@host:port/database?sslmode=verify-full`. What it refuses is said without the text, which holds
    /// the password.
    fn of_url(text: &str) -> Result<Self, Error> {
        let refuse = |reason: &str| config("url", reason.to_owned());
        let url = Url::parse(text.trim()).map_err(|error| config("url", error.to_string()))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(refuse("it begins with postgres:// or postgresql://"));
        }
        let mut tls = TlsMode::default();
        for (name, value) in url.query_pairs() {
            match &*name {
                "sslmode" => tls = TlsMode::parse(&value).map_err(|reason| config("url", reason))?,
                "host" | "hostaddr" | "port" => {
                    return Err(refuse("host and port stand before the path, not behind it"));
                }
                // What other drivers read there (pooler hints, application names) changes nothing about where it leads.
                _ => {}
            }
        }
        let decoded = |part: &str| {
            percent_decoded(part).ok_or_else(|| refuse("it has a percent sign that begins no valid escape"))
        };
        let user = decoded(url.username())?;
        let database = decoded(url.path().trim_start_matches('/'))?;
        Ok(Self {
            host: url.host_str().ok_or_else(|| refuse("it names no host"))?.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(PORT),
            database: if database.is_empty() { user.clone() } else { database },
            password: url.password().map(decoded).transpose()?.map(Secret::new),
            user,
            tls,
            authority: None,
        })
    }

    /// Names the database for people, without credentials.
    pub fn place(&self) -> String {
        format!("{}:{}/{}", self.host, self.port, self.database)
    }
}

fn port(settings: &Settings) -> Result<u16, Error> {
    let Some(port) = settings.get("port").and_then(serde_json::Value::as_u64) else { return Ok(PORT) };
    u16::try_from(port).map_err(|_| config("port", "it is to be from 1 to 65535".to_owned()))
}

fn missing(field: &str) -> Error {
    config(field, "it is missing; give it, or a whole connection string as url".to_owned())
}

fn config(field: &str, reason: String) -> Error {
    Error::Config { field: field.to_owned(), reason }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let high = char::from(bytes.next()?).to_digit(16)?;
        let low = char::from(bytes.next()?).to_digit(16)?;
        out.push((high * 16 + low) as u8);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_is_read_with_its_escapes() {
        let address = Address::of_url("postgres://re%40der:p%2Fw@[2001:db8::1]:6543/sh%6Fp?sslmode=require").unwrap();
        assert_eq!((address.host.as_str(), address.port), ("2001:db8::1", 6543));
        assert_eq!((address.user.as_str(), address.database.as_str()), ("re@der", "shop"));
        assert_eq!(address.password.unwrap().expose(), "p/w");
        assert_eq!(address.tls, TlsMode::Require);
    }

    #[test]
    fn a_refused_connection_string_is_not_repeated() {
        for text in [
            "mysql://u:hunter2secret@h/d",
            "postgres://u:hunter2secret@h/d?host=/tmp",
            "postgres://u:%zzhunter2secret@h/d",
        ] {
            let said = Address::of_url(text).unwrap_err().to_string();
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
