//! The canonical stream: a reader who followed it has missed nothing and seen nothing twice. Positions of events that were known already
//! stay unused, so a gap alone says nothing.

use super::nothing;
use crate::follower::Follower;
use crate::house::House;
use std::rc::Rc;

pub async fn check(house: &House, followers: &[Rc<Follower>]) {
    nothing(
        house,
        "streams with an end that their head does not know",
        "SELECT h.tenant_id, h.position, MAX(e.position) AS last FROM stream_heads h
           JOIN canonical_stream e ON e.tenant_id = h.tenant_id
          GROUP BY h.tenant_id, h.position
         HAVING MAX(e.position) > h.position",
    )
    .await;
    nothing(
        house,
        "events that landed twice",
        "SELECT tenant_id, dedupe_key, COUNT(*) AS times FROM canonical_stream GROUP BY 1, 2 HAVING COUNT(*) > 1",
    )
    .await;
    for follower in followers {
        let tenant = follower.scope.tenant_id();
        let rows =
            house.rows(&format!("SELECT position FROM canonical_stream WHERE tenant_id = '{tenant}' ORDER BY 1")).await;
        let there: Vec<i64> = rows.iter().filter_map(|row| row["position"].as_i64()).collect();
        let seen = follower.seen.borrow();
        if *seen != there {
            let missed = there.iter().filter(|position| !seen.contains(position)).count();
            house.journal.problem(format_args!(
                "who followed the stream of {tenant} saw {} of {} events and missed {missed}",
                seen.len(),
                there.len()
            ));
        }
    }
}
