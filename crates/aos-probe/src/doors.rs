//! The same behind the API: the store, the lake and the broker, opened for globex and asked for what is acme's.

use crate::report::{Outcome, Report};
use aos_broker::{Broker, Message, Topic};
use aos_core::{ConnectionId, TenantScope};
use aos_lake::Lake;
use aos_store::{Page, Store, TaskFilter};
use serde_json::json;
use std::time::Duration;

/// How long is waited for an event that must come, and for one that must not.
const EVENT_MAX: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_millis(500);
const TTL: Duration = Duration::from_secs(60);
const KEY: &str = "probe";

/// What there is behind the API, and whose doors are opened.
pub struct Doors<'d> {
    pub store: &'d Store,
    pub broker: &'d Broker,
    /// Where this process has it.
    pub lake: Option<&'d Lake>,
    pub acme: TenantScope,
    pub globex: TenantScope,
}

/// Opens every door for globex and asks for what is acme's.
pub async fn look_behind(doors: &Doors<'_>, report: &mut Report) {
    if let Err(why) = store(doors, report).await {
        report.add("store", "asking the store", Outcome::NotCovered(why.to_string()));
    }
    if let Err(why) = topics(doors, report).await {
        report.add("topic", "telling an event", Outcome::NotCovered(why.to_string()));
    }
    broker(doors, report).await;
}

async fn store(doors: &Doors<'_>, report: &mut Report) -> aos_store::Result<()> {
    let (own, foreign) = (doors.store.tenant(&doors.acme), doors.store.tenant(&doors.globex));
    let connections = own.list_connections(Page::first(100)).await?.items;
    for connection in &connections {
        let found = foreign.connection(connection.id).await?.is_some();
        report.check("store", "connection by id", !found, || format!("globex finds {}", connection.id));
        let rows = foreign.list_segments(connection.id).await?.len();
        report.check("store", "segments of a connection", rows == 0, || format!("globex sees {rows} segments"));
        lake(doors, report, connection.id).await?;
    }
    for task in own.list_tasks(&TaskFilter::default(), Page::first(20)).await?.items {
        let found = foreign.task(task.id).await?.is_some();
        report.check("store", "task by id", !found, || format!("globex finds {}", task.id));
    }
    let marker = json!({ "of": doors.acme.tenant_id().to_string() });
    own.put_setting(KEY, &marker).await?;
    let seen = foreign.setting(KEY).await?;
    report
        .check("store", "setting by name", seen.as_ref() != Some(&marker), || "globex reads acme's setting".to_owned());
    match doors.store.rows_seen_across(&doors.globex, doors.acme.tenant_id()).await? {
        None => report.add(
            "row security",
            "statements without a tenant filter",
            Outcome::NotCovered("the embedded database has none; the doors of the store are what holds".to_owned()),
        ),
        Some(tables) => {
            for (table, rows) in tables {
                report.check("row security", table, rows == 0, || format!("globex sees {rows} rows of acme"));
            }
        }
    }
    Ok(())
}

async fn lake(doors: &Doors<'_>, report: &mut Report, connection: ConnectionId) -> aos_store::Result<()> {
    let Some(lake) = doors.lake else { return Ok(()) };
    let listed = lake.tenant(&doors.globex).list(connection).map_or(0, |segments| segments.len());
    report.check("lake", "segments of a connection", listed == 0, || format!("globex lists {listed} segments"));
    let files = lake.tenant(&doors.acme).files().unwrap_or_default();
    for (path, _) in files.iter().take(20) {
        let opened = lake.tenant(&doors.globex).open_file(path).is_ok();
        report.check("lake", "a file by its path", !opened, || format!("globex opens {}", path.display()));
    }
    Ok(())
}

async fn topics(doors: &Doors<'_>, report: &mut Report) -> aos_broker::Result<()> {
    let (acme, globex) = (doors.broker.tenant(&doors.acme), doors.broker.tenant(&doors.globex));
    let mut own = acme.subscribe(None).await;
    let mut foreign = globex.subscribe(None).await;
    let marker = uuid::Uuid::new_v4().to_string();
    acme.publish(Topic::Notice, json!({ "probe": marker })).await?;
    let told = |message: &Message| matches!(message, Message::Event(event) if event.payload.get().contains(&marker));
    let heard = tokio::time::timeout(EVENT_MAX, async { while !told(&own.next().await) {} }).await.is_ok();
    report.check("topic", "an event reaches its own tenant", heard, || "acme does not hear its own event".to_owned());
    let leaked = tokio::time::timeout(SILENCE, async { while !told(&foreign.next().await) {} }).await.is_ok();
    report.check("topic", "an event reaches no other tenant", !leaked, || "globex hears acme's event".to_owned());
    Ok(())
}

async fn broker(doors: &Doors<'_>, report: &mut Report) {
    let (acme, globex) = (doors.broker.tenant(&doors.acme), doors.broker.tenant(&doors.globex));
    // What is not kept is noticed below.
    let _ = acme.cache_put(KEY, b"acme", TTL).await;
    let (own, foreign) = (acme.cache_get(KEY).await, globex.cache_get(KEY).await);
    if own.is_none() {
        report.add(
            "cache",
            "a value by its key",
            Outcome::NotCovered("the broker keeps nothing at present".to_owned()),
        );
    } else {
        report.check("cache", "a value by its key", foreign.is_none(), || "globex reads acme's value".to_owned());
    }
    match (acme.try_lease(KEY, TTL).await, globex.try_lease(KEY, TTL).await) {
        (Ok(Some(own)), Ok(foreign)) => {
            let held = foreign.is_some();
            report.check("lease", "a lease of the same name", held, || "acme's lease keeps globex out".to_owned());
            for (of, lease) in [(&acme, Some(own)), (&globex, foreign)] {
                if let Some(lease) = lease {
                    // It ends by itself where it cannot be given back.
                    let _ = of.release_lease(lease).await;
                }
            }
        }
        _ => report.add(
            "lease",
            "a lease of the same name",
            Outcome::NotCovered("the broker gives none at present".to_owned()),
        ),
    }
    match acme.issue_ticket(TTL).await {
        Ok(ticket) => {
            let of = doors.broker.system().redeem_ticket(&ticket).await.map(|(tenant, ..)| tenant);
            let held = of == Some(doors.acme.tenant_id());
            report.check("ticket", "a ticket is its tenant's", held, || "it lets in as someone else".to_owned());
            let again = doors.broker.system().redeem_ticket(&ticket).await.is_some();
            report.check("ticket", "a ticket is good once", !again, || "it lets in twice".to_owned());
        }
        Err(error) => report.add("ticket", "a ticket is its tenant's", Outcome::NotCovered(error.to_string())),
    }
}
