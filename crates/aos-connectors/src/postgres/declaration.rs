//! The settings of a connection to PostgreSQL, as people see them.

use super::NAME;
use crate::declaration::{AuthKind, Declaration, Setting, SettingKind};

pub(crate) const DECLARATION: Declaration = Declaration {
    name: NAME,
    title: "PostgreSQL",
    about: "Reads tables and views of a PostgreSQL database (11 or newer), also of Supabase, with every change since the last read.",
    settings: &[
        Setting {
            name: "url",
            title: "Connection string",
            kind: SettingKind::Secret,
            required: false,
            help: "postgres://user:password@host:port/database?sslmode=verify-full; instead of host, port, database, user and password",
        },
        Setting {
            name: "host",
            title: "Host",
            kind: SettingKind::Text,
            required: false,
            help: "name or address of the server",
        },
        Setting {
            name: "port",
            title: "Port",
            kind: SettingKind::Integer,
            required: false,
            help: "5432 when left out",
        },
        Setting {
            name: "database",
            title: "Database",
            kind: SettingKind::Text,
            required: false,
            help: "its name on the server",
        },
        Setting {
            name: "user",
            title: "User",
            kind: SettingKind::Text,
            required: false,
            help: "a role that may read what is to be read, and need not be able to do more",
        },
        Setting {
            name: "password",
            title: "Password",
            kind: SettingKind::Secret,
            required: false,
            help: "the role's password",
        },
        Setting {
            name: "tls",
            title: "Encryption",
            kind: SettingKind::Choice(&["verify-full", "verify-ca", "require", "disable"]),
            required: false,
            help: "verify-full: the server proves its name (the default); verify-ca: any name of a trusted authority; require: encrypted towards whoever answers; disable: not encrypted",
        },
        Setting {
            name: "authority",
            title: "Authority",
            kind: SettingKind::Text,
            required: false,
            help: "certificate (PEM) of the only authority to trust, e.g. Supabase's; the system's authorities when left out",
        },
        Setting {
            name: "schemas",
            title: "Schemas",
            kind: SettingKind::List,
            required: false,
            help: "only these schemas; all but the system's when left out",
        },
        Setting {
            name: "cursors",
            title: "Cursor columns",
            kind: SettingKind::List,
            required: false,
            help: "stream=column, a column that grows with each change, e.g. for views: report=updated_at; tables need none",
        },
        Setting {
            name: "keys",
            title: "Keys",
            kind: SettingKind::List,
            required: false,
            help: "stream=column,column, what tells the rows of a view or of a table without a primary key apart; values may not be null",
        },
        Setting {
            name: "slots",
            title: "Replication slots",
            kind: SettingKind::List,
            required: false,
            help: "stream=slot/publication, a logical replication slot (pgoutput) made for that table alone: its changes and deletes are then read from the log; drop the slot when you stop",
        },
        Setting {
            name: "snapshot_max_s",
            title: "Longest snapshot",
            kind: SettingKind::Integer,
            required: false,
            help: "seconds for which one snapshot is held at most, since it keeps the server from cleaning up; 600 when left out",
        },
    ],
    auth: &[AuthKind::Password],
    documentation: "https://www.postgresql.org/docs/current/",
    open: super::open,
    consent: None,
};
