//! PostgREST's public interface, as much of it as reading needs, over a real PostgreSQL: the description at the root, columns, order, limits,
//! filters with their quoting, counts and ranges. Written from its documentation (<https://docs.postgrest.org/en/stable/references/api.html>).

use aos_testservers::{Database, Postgres};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub struct PostgRest {
    inner: Arc<Inner>,
    url: String,
}

struct Inner {
    database: Database,
    key: String,
    /// The server's own limit of rows in one answer.
    rows_max: usize,
    requests: AtomicUsize,
}

impl PostgRest {
    pub async fn start(key: &str, rows_max: usize) -> Option<Self> {
        let Some(server) = Postgres::start() else {
            eprintln!("SKIPPED: there is no PostgreSQL 15 or newer on this machine (apt-get install postgresql)");
            return None;
        };
        let database = server.empty_database();
        let inner = Arc::new(Inner { database, key: key.to_owned(), rows_max, requests: AtomicUsize::new(0) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/rest/v1", listener.local_addr().unwrap());
        let serving = inner.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, serving.clone()));
            }
        });
        Some(Self { inner, url })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn sql(&self, sql: &str) {
        self.inner.database.sql(sql);
    }

    pub fn requests(&self) -> usize {
        self.inner.requests.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, inner: Arc<Inner>) {
    let mut held = Vec::new();
    let mut piece = [0; 4096];
    loop {
        while !held.windows(4).any(|end| end == b"\r\n\r\n") {
            let Ok(read @ 1..) = stream.read(&mut piece).await else { return };
            held.extend_from_slice(&piece[..read]);
        }
        let head = String::from_utf8(std::mem::take(&mut held)).unwrap();
        inner.requests.fetch_add(1, Ordering::SeqCst);
        let (status, range, body) = tokio::task::block_in_place(|| inner.answer(&head));
        let now = httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_secs(inner.now()));
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json; charset=utf-8\r\ndate: {now}\r\ncontent-length: {}\r\n{range}\r\n{body}",
            body.len()
        );
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

impl Inner {
    fn now(&self) -> u64 {
        self.database.sql("SELECT floor(extract(epoch FROM now()))::bigint").parse().unwrap()
    }

    fn answer(&self, head: &str) -> (&'static str, String, String) {
        let lower = head.to_ascii_lowercase();
        let has = |line: String| lower.contains(&line.to_ascii_lowercase());
        if !has(format!("apikey: {}\r", self.key)) || !has(format!("authorization: bearer {}\r", self.key)) {
            return ("401 Unauthorized", String::new(), json!({"message": "Invalid API key"}).to_string());
        }
        let target = head.split(' ').nth(1).unwrap();
        let url = aos_net::Url::parse(&format!("http://x{target}")).unwrap();
        let table = url.path().trim_start_matches("/rest/v1").trim_matches('/').to_owned();
        if table.is_empty() {
            return ("200 OK", String::new(), self.description().to_string());
        }
        let (mut select, mut order, mut limit, mut offset, mut filter) =
            ("*".to_owned(), String::new(), usize::MAX, 0, "true".to_owned());
        for (name, value) in url.query_pairs() {
            match &*name {
                "select" => select = names(&value).join(", "),
                "order" => order = names(&value.replace(".asc", "")).join(", "),
                "limit" => limit = value.parse().unwrap(),
                "offset" => offset = value.parse().unwrap(),
                "and" => filter = Filter(&value).group(" AND "),
                other => panic!("unknown parameter {other}"),
            }
        }
        let limit = limit.min(self.rows_max);
        let order = if order.is_empty() { String::new() } else { format!("ORDER BY {order}") };
        let rows = self.database.sql(&format!(
            "SELECT coalesce(json_agg(r), '[]'), count(*) FROM (SELECT {select} FROM \"{table}\" WHERE {filter} {order} LIMIT {limit} OFFSET {offset}) r"
        ));
        let (body, count) = rows.rsplit_once('|').unwrap();
        let count: usize = count.parse().unwrap();
        let total = match lower.contains("prefer: count=exact") {
            true => self.database.sql(&format!("SELECT count(*) FROM \"{table}\" WHERE {filter}")),
            false => "*".to_owned(),
        };
        let range = if count == 0 { "*".to_owned() } else { format!("{offset}-{}", offset + count - 1) };
        ("200 OK", format!("content-range: {range}/{total}\r\n"), body.to_owned())
    }

    fn description(&self) -> Value {
        let rows = self.database.sql(
            "SELECT json_agg(json_build_object('table', c.relname, 'column', a.attname, 'format', format_type(a.atttypid, NULL), 'required', a.attnotnull,
                      'about', coalesce(col_description(c.oid, a.attnum), '') || CASE WHEN i.indrelid IS NULL THEN '' ELSE E'\\n\\nNote:\\nThis is a Primary Key.<pk/>' END)
                      ORDER BY c.relname, a.attnum)
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
               LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)
              WHERE c.relkind IN ('r', 'v')",
        );
        let columns: Vec<Value> = serde_json::from_str(&rows).unwrap();
        let mut definitions = serde_json::Map::new();
        for column in columns {
            let text = |name: &str| column[name].as_str().unwrap().to_owned();
            let table = definitions
                .entry(text("table"))
                .or_insert_with(|| json!({"required": [], "type": "object", "properties": {}}));
            if column["required"] == true {
                table["required"].as_array_mut().unwrap().push(json!(text("column")));
            }
            table["properties"][text("column")] = json!({"format": text("format"), "description": text("about")});
        }
        json!({"swagger": "2.0", "definitions": definitions})
    }
}

/// Names of a list, quoted for SQL; they may be quoted already.
fn names(list: &str) -> Vec<String> {
    list.split(',').map(|name| format!("\"{}\"", name.trim_matches('"'))).collect()
}

/// The rest of a filter such as `(or(a.gt."1",and(a.eq."1",b.is.null)))`.
struct Filter<'f>(&'f str);

impl Filter<'_> {
    fn group(&mut self, word: &str) -> String {
        self.take('(');
        let mut parts = vec![self.part()];
        while self.0.starts_with(',') {
            self.take(',');
            parts.push(self.part());
        }
        self.take(')');
        format!("({})", parts.join(word))
    }

    fn part(&mut self) -> String {
        for (name, word) in [("or(", " OR "), ("and(", " AND ")] {
            if self.0.starts_with(name) {
                self.0 = &self.0[name.len() - 1..];
                return self.group(word);
            }
        }
        let column = self.text(&['.']);
        self.take('.');
        let operator = self.text(&['.']);
        self.take('.');
        let value = self.text(&[',', ')']);
        let literal = format!("'{}'", value.replace('\'', "''"));
        match operator.as_str() {
            "is" => format!("\"{column}\" IS {value}"),
            "eq" => format!("\"{column}\" = {literal}"),
            "gt" => format!("\"{column}\" > {literal}"),
            "gte" => format!("\"{column}\" >= {literal}"),
            other => panic!("unknown operator {other}"),
        }
    }

    /// A name or a value: in quotes with backslashes, or plain up to one of these letters.
    fn text(&mut self, ends: &[char]) -> String {
        if !self.0.starts_with('"') {
            let (text, rest) = self.0.split_at(self.0.find(ends).unwrap());
            self.0 = rest;
            return text.to_owned();
        }
        let mut text = String::new();
        let mut letters = self.0.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.0 = &self.0[at + 1..];
                    return text;
                }
                '\\' => text.push(letters.next().unwrap().1),
                other => text.push(other),
            }
        }
        panic!("a quote without end")
    }

    fn take(&mut self, letter: char) {
        self.0 = self.0.strip_prefix(letter).unwrap_or_else(|| panic!("{letter} expected at {}", self.0));
    }
}
