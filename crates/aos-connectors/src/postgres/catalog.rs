//! What there is to read: relations with their columns, types and keys, as the server's catalogs say.

use super::cell::CellKind;
use super::session::Session;
use crate::error::Error;
use crate::stream::Field;
use aos_core::shape::ValueKind;
use std::collections::HashMap;
use tokio_postgres::SimpleQueryRow;

/// A database with more relations than this is connected schema by schema.
const RELATIONS_MAX: usize = 5_000;

#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub oid: u32,
    pub schema: String,
    pub name: String,
    pub kind: RelationKind,
    pub columns: Vec<Column>,
    /// The columns that tell rows apart, as the server or the connection says.
    pub key: Vec<String>,
    /// The columns that rows can be paged by, because the server holds them unique and never null: of the primary key, or of the narrowest
    /// such index.
    pub order: Vec<String>,
    /// The planner's estimate; none before the table was first analysed.
    pub rows_estimate: Option<u64>,
    pub size_bytes: u64,
    pub comment: Option<String>,
    /// Columns that the role may not read, and so are left out.
    pub hidden: Vec<String>,
    /// Whether policies decide which rows the role sees.
    pub has_policies: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RelationKind {
    Table,
    Partitioned,
    View,
    MaterializedView,
    Foreign,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub name: String,
    /// The type as SQL names it, with its schema where it needs one.
    pub declared: String,
    /// The built-in type beneath it, e.g. `int8`; for an array that of its items.
    base: String,
    is_array: bool,
    delimiter: char,
    pub not_null: bool,
    pub comment: Option<String>,
}

impl Relation {
    /// Returns the stream's name: the schema `public` is not said.
    pub fn stream(&self) -> String {
        let plain = !self.name.contains('.');
        match self.schema.as_str() {
            "public" if plain => self.name.clone(),
            "public" => format!("public.{}", self.name),
            schema => format!("{schema}.{}", self.name),
        }
    }

    /// Returns the relation's name as SQL.
    pub fn sql(&self) -> String {
        format!("{}.{}", identifier(&self.schema), identifier(&self.name))
    }

    /// Whether rows carry the transaction that wrote them.
    pub fn has_transactions(&self) -> bool {
        matches!(self.kind, RelationKind::Table | RelationKind::Partitioned | RelationKind::MaterializedView)
    }

    /// Takes the key that the connection declares, where the catalog knows none.
    pub fn declare_key(&mut self, columns: &str) -> Result<(), Error> {
        let key: Vec<String> = columns.split(',').map(|name| name.trim().to_owned()).collect();
        if let Some(unknown) = key.iter().find(|name| self.column(name).is_none()) {
            let reason = format!("{} has no column {unknown}", self.stream());
            return Err(Error::Config { field: "keys".to_owned(), reason });
        }
        self.key = key;
        Ok(())
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl Column {
    pub fn cell_kind(&self) -> CellKind {
        let of = CellKind::of(&self.base);
        if self.is_array { CellKind::Array { of: Box::new(of), delimiter: self.delimiter } } else { of }
    }

    /// Returns the column as an item of a select list.
    pub fn sql(&self) -> String {
        let name = identifier(&self.name);
        // Money is written in the server's locale, which loses its digits to symbols; as a number it keeps them.
        if self.base == "money" && !self.is_array { format!("{name}::pg_catalog.numeric") } else { name }
    }

    pub fn field(&self) -> Field {
        let kind = match (self.is_array, self.base.as_str()) {
            (true, _) => ValueKind::List,
            (false, "bool") => ValueKind::Boolean,
            (false, "int2" | "int4" | "int8" | "oid") => ValueKind::Integer,
            (false, "numeric" | "float4" | "float8" | "money") => ValueKind::Decimal,
            (false, "date") => ValueKind::Date,
            (false, "timestamp" | "timestamptz") => ValueKind::Datetime,
            (false, "json" | "jsonb") => ValueKind::Object,
            _ => ValueKind::String,
        };
        Field {
            name: self.name.clone(),
            label: self.comment.clone(),
            kind,
            declared: self.declared.clone(),
            nullable: !self.not_null,
            custom: false,
        }
    }

    pub fn base(&self) -> &str {
        if self.is_array { "" } else { &self.base }
    }
}

/// Quotes a name for SQL.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Quotes a text for SQL, given `standard_conforming_strings`.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Reads the relations of some schemas, of all but the system's when none is named, or the one that a stream is named after. Partitions
/// are read through their table, and what belongs to an extension is left out.
pub(super) async fn relations(
    session: &Session,
    schemas: &[String],
    stream: Option<&str>,
) -> Result<Vec<Relation>, Error> {
    let mut wanted = if schemas.is_empty() {
        "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'".to_owned()
    } else {
        format!("n.nspname IN ({})", schemas.iter().map(|schema| literal(schema)).collect::<Vec<_>>().join(", "))
    };
    if let Some(stream) = stream {
        let (name, public) = (literal(stream), literal(&format!("public.{stream}")));
        wanted += &format!(" AND n.nspname || '.' || c.relname IN ({name}, {public})");
    }
    let rows = session
        .rows(&format!(
            "SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples::pg_catalog.int8,
                    c.relpages::pg_catalog.int8 * pg_catalog.current_setting('block_size')::pg_catalog.int8,
                    pg_catalog.obj_description(c.oid, 'pg_class'),
                    pg_catalog.row_security_active(c.oid)
               FROM pg_catalog.pg_class c
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
                AND {wanted}
                AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
                AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                                 WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                   AND d.objid = c.oid AND d.deptype = 'e')
              ORDER BY n.nspname, c.relname
              LIMIT {}",
            RELATIONS_MAX + 1
        ))
        .await?;
    if rows.len() > RELATIONS_MAX {
        let reason = format!("the database has more than {RELATIONS_MAX} tables; name the schemas to read");
        return Err(Error::Config { field: "schemas".to_owned(), reason });
    }
    let mut relations: Vec<Relation> = rows.iter().filter_map(relation).collect();
    if relations.is_empty() {
        return Ok(relations);
    }
    let oids = relations.iter().map(|relation| relation.oid.to_string()).collect::<Vec<_>>().join(", ");
    let mut columns = columns(session, &oids).await?;
    let mut keys = keys(session, &oids).await?;
    for relation in &mut relations {
        let (readable, hidden): (Vec<_>, Vec<_>) =
            columns.remove(&relation.oid).unwrap_or_default().into_iter().partition(|(_, readable)| *readable);
        relation.columns = readable.into_iter().map(|(column, _)| column).collect();
        relation.hidden = hidden.into_iter().map(|(column, _)| column.name).collect();
        let key = keys.remove(&relation.oid).unwrap_or_default();
        if key.iter().all(|name| relation.column(name).is_some()) {
            relation.key = key.clone();
            relation.order = key;
        }
    }
    Ok(relations)
}

fn relation(row: &SimpleQueryRow) -> Option<Relation> {
    let kind = match row.get(3)? {
        "r" => RelationKind::Table,
        "p" => RelationKind::Partitioned,
        "v" => RelationKind::View,
        "m" => RelationKind::MaterializedView,
        "f" => RelationKind::Foreign,
        _ => return None,
    };
    Some(Relation {
        oid: row.get(0)?.parse().ok()?,
        schema: row.get(1)?.to_owned(),
        name: row.get(2)?.to_owned(),
        kind,
        columns: Vec::new(),
        key: Vec::new(),
        order: Vec::new(),
        // -1: never analysed (before version 14: 0, together with no pages).
        rows_estimate: row.get(4)?.parse::<i64>().ok().and_then(|rows| u64::try_from(rows).ok()),
        size_bytes: row.get(5)?.parse().ok()?,
        comment: row.get(6).map(str::to_owned),
        hidden: Vec::new(),
        has_policies: row.get(7) == Some("t"),
    })
}

/// Columns of each relation in their order, and whether the role may read them. A domain counts as the type beneath it, through however
/// many domains.
async fn columns(session: &Session, oids: &str) -> Result<HashMap<u32, Vec<(Column, bool)>>, Error> {
    let rows = session
        .rows(&format!(
            "WITH RECURSIVE plain(type, base) AS (
                 SELECT t.oid, t.oid FROM pg_catalog.pg_type t WHERE t.typtype <> 'd'
                 UNION ALL
                 SELECT d.oid, p.base FROM pg_catalog.pg_type d JOIN plain p ON d.typbasetype = p.type WHERE d.typtype = 'd')
             SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
                    CASE WHEN b.typcategory = 'A' AND b.typlen = -1 AND e.oid IS NOT NULL THEN 't' ELSE 'f' END,
                    CASE WHEN b.typcategory = 'A' AND b.typlen = -1 AND e.oid IS NOT NULL THEN
                         CASE WHEN e.typnamespace = 'pg_catalog'::pg_catalog.regnamespace THEN e.typname ELSE '' END
                         ELSE CASE WHEN b.typnamespace = 'pg_catalog'::pg_catalog.regnamespace THEN b.typname ELSE '' END END,
                    coalesce(e.typdelim, ','),
                    pg_catalog.col_description(a.attrelid, a.attnum),
                    pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT')
               FROM pg_catalog.pg_attribute a
               JOIN plain p ON p.type = a.atttypid
               JOIN pg_catalog.pg_type b ON b.oid = p.base
               LEFT JOIN plain q ON q.type = b.typelem
               LEFT JOIN pg_catalog.pg_type e ON e.oid = q.base
              WHERE a.attrelid IN ({oids}) AND a.attnum > 0 AND NOT a.attisdropped
              ORDER BY a.attrelid, a.attnum"
        ))
        .await?;
    let mut columns: HashMap<u32, Vec<(Column, bool)>> = HashMap::new();
    for row in &rows {
        let text = |index: usize| row.get(index).unwrap_or_default().to_owned();
        let Some(oid) = row.get(0).and_then(|oid| oid.parse().ok()) else { continue };
        let column = Column {
            name: text(1),
            declared: text(2),
            not_null: row.get(3) == Some("t"),
            is_array: row.get(4) == Some("t"),
            base: text(5),
            delimiter: row.get(6).and_then(|text| text.chars().next()).unwrap_or(','),
            comment: row.get(7).map(str::to_owned),
        };
        columns.entry(oid).or_default().push((column, row.get(8) == Some("t")));
    }
    Ok(columns)
}

/// The primary key of each relation, or else its unique index of the fewest columns that holds every row once and knows no null.
async fn keys(session: &Session, oids: &str) -> Result<HashMap<u32, Vec<String>>, Error> {
    let rows = session
        .rows(&format!(
            "SELECT i.indrelid, i.indexrelid, a.attname
               FROM pg_catalog.pg_index i
               JOIN LATERAL pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY k(attnum, place) ON k.place <= i.indnkeyatts
               JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
              WHERE i.indrelid IN ({oids}) AND i.indisunique AND i.indisvalid AND i.indimmediate
                AND i.indpred IS NULL AND i.indexprs IS NULL
                AND NOT EXISTS (SELECT 1 FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) u(attnum)
                                  JOIN pg_catalog.pg_attribute n ON n.attrelid = i.indrelid AND n.attnum = u.attnum
                                 WHERE NOT n.attnotnull)
              ORDER BY i.indrelid, i.indisprimary DESC, i.indnkeyatts, i.indexrelid, k.place"
        ))
        .await?;
    let mut keys: HashMap<u32, (String, Vec<String>)> = HashMap::new();
    for row in &rows {
        let (Some(oid), Some(index), Some(name)) = (row.get(0), row.get(1), row.get(2)) else { continue };
        let Ok(oid) = oid.parse() else { continue };
        let (chosen, columns) = keys.entry(oid).or_insert_with(|| (index.to_owned(), Vec::new()));
        if chosen == index {
            columns.push(name.to_owned());
        }
    }
    Ok(keys.into_iter().map(|(oid, (_, columns))| (oid, columns)).collect())
}
