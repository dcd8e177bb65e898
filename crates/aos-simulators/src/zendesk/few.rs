//! Lists that a help desk has few of, or that follow from its tickets: brands, ticket forms, satisfaction ratings, ticket metrics.

use super::schema::{SUBDOMAIN, resource};
use crate::account::{Meta, Table, time};
use crate::json::Object;
use crate::query::{Query, json as json_answer};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

pub const METRICS: &str = "ticket_metrics";
/// Where ids of metrics begin; there is one for each ticket.
const METRIC_FIRST_ID: u64 = 46_406_177_000_000;
/// When the help desk was opened: 2023-01-01.
const OPENED_MS: i64 = 1_672_531_200_000;

/// Lists the brand and the form that every help desk has, and the ratings that nobody has given here. None for other lists.
pub fn of(list: &str, now_ms: i64) -> Option<Vec<Value>> {
    let opened = time::zulu(OPENED_MS.min(now_ms));
    let address = format!("https://{SUBDOMAIN}.zendesk.com");
    match list {
        "brands" => Some(vec![json!({
            "url": format!("{address}/api/v2/brands/46406145000001.json"), "id": 46_406_145_000_001_u64, "name": "Simulator",
            "brand_url": address, "subdomain": SUBDOMAIN, "host_mapping": null, "has_help_center": true, "help_center_state": "enabled",
            "active": true, "default": true, "is_deleted": false, "logo": null, "ticket_form_ids": [46_406_145_000_033_u64],
            "signature_template": "{{agent.signature}}", "created_at": opened, "updated_at": opened,
        })]),
        "ticket_forms" => Some(vec![json!({
            "url": format!("{address}/api/v2/ticket_forms/46406145000033.json"), "id": 46_406_145_000_033_u64,
            "name": "Default Ticket Form", "raw_name": "Default Ticket Form", "display_name": "Default Ticket Form",
            "raw_display_name": "Default Ticket Form", "end_user_visible": true, "position": 1, "active": true, "default": true,
            "in_all_brands": true, "restricted_brand_ids": [], "ticket_field_ids": [], "created_at": opened, "updated_at": opened,
        })]),
        "satisfaction_ratings" => Some(Vec::new()),
        _ => None,
    }
}

/// Answers with all of a list, in the words of the paging that was asked for.
pub fn answer(list: &str, records: Vec<Value>, query: &Query) -> Response {
    let count = records.len();
    let mut body = if query.get("page[size]").is_some() || query.get("page[after]").is_some() {
        json!({
            "meta": { "has_more": false, "after_cursor": null, "before_cursor": null },
            "links": { "prev": null, "next": null },
        })
    } else {
        json!({ "next_page": null, "previous_page": null, "count": count })
    };
    body[list] = Value::Array(records);
    json_answer(StatusCode::OK, &body)
}

/// Writes how a ticket was worked on.
pub fn metric(out: &mut String, tickets: &Table<'_>, row: u64, meta: &Meta) {
    let id = METRIC_FIRST_ID + row * 32;
    let of = |name: &str| tickets.field(name).map(|field| tickets.cell(row, meta, field).plain(&field.kind));
    let is_solved = of("status").is_some_and(|status| status == "solved" || status == "closed");
    let changed = time::zulu(meta.changed_ms);
    let mut metric = Object::begin(out);
    metric.text("url", &format!("https://{SUBDOMAIN}.zendesk.com/api/v2/ticket_metrics/{id}.json"));
    metric.raw("id", &id.to_string());
    metric.raw("ticket_id", &resource("tickets").map_or(0, |tickets| tickets.id(row)).to_string());
    metric.raw("group_stations", "1");
    metric.raw("assignee_stations", "1");
    metric.raw("reopens", &(row % 3).to_string());
    metric.raw("replies", &(row % 7).to_string());
    metric.text("created_at", &time::zulu(meta.created_ms));
    metric.text("updated_at", &changed);
    metric.raw("solved_at", &if is_solved { json!(changed) } else { Value::Null }.to_string());
    metric.end();
}
