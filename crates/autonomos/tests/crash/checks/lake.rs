//! The lake: every segment that the manifest names is there and is what the manifest says.

use crate::house::House;
use crate::tenants::Tenant;
use aos_core::ConnectionId;
use aos_lake::{Lake, Segment, SegmentId};
use std::rc::Rc;

pub async fn check(house: &House, tenants: &[Rc<Tenant>]) {
    let lake = Lake::open(house.folder.join("data/lake")).expect("the lake");
    for tenant in tenants {
        let (store, lake) = (house.store.tenant(&tenant.scope), lake.tenant(&tenant.scope));
        let connections = house.rows(&format!("SELECT id FROM connections WHERE tenant_id = '{}'", tenant.id())).await;
        for connection in connections {
            let connection = ConnectionId(connection["id"].as_str().and_then(|id| id.parse().ok()).expect("an id"));
            for stored in store.list_segments(connection).await.expect("the manifest") {
                let segment = Segment {
                    id: SegmentId(stored.id),
                    connection,
                    stream: stored.stream,
                    path: stored.path,
                    records: stored.records,
                    malformed: stored.malformed,
                    first_position: None,
                    last_position: None,
                    bytes: stored.bytes,
                    raw_bytes: stored.raw_bytes,
                    checksum: stored.checksum,
                };
                let mut counted = 0;
                match lake.read(&segment) {
                    Err(error) => {
                        house.journal.problem(format_args!("a segment of the manifest cannot be read: {error}"))
                    }
                    Ok(pages) => {
                        for page in pages {
                            match page {
                                Ok(page) => counted += page.batch.records.len() as u64,
                                Err(error) => house.journal.problem(format_args!("a segment breaks off: {error}")),
                            }
                        }
                        if counted != stored.records {
                            house.journal.problem(format_args!(
                                "segment {} has {counted} records instead of {}",
                                stored.id, stored.records
                            ));
                        }
                    }
                }
            }
        }
    }
}
