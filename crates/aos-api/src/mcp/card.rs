//! The A2A agent card: what other agents may know of the pilots before they are let in. It is the same for everybody, and says nothing of any
//! tenant.

use super::metadata::base;
use crate::state::App;
use aos_agents::pilots::Pilot;
use aos_dcl::agents::shipped;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

/// Describes the pilots, each kind of finding as a skill.
pub(crate) async fn agent_card(State(app): State<App>, headers: HeaderMap) -> Json<Value> {
    let base = base(&app, &headers);
    let mut skills = Vec::new();
    for agent in shipped() {
        let Some(pilot) = Pilot::of(&agent.id) else { continue };
        for (kind, means) in pilot.kinds() {
            skills.push(json!({
                "id": format!("{}.{kind}", agent.id), "name": format!("{}: {}", agent.name, kind.replace('_', " ")),
                "description": means, "tags": [agent.id, kind],
            }));
        }
    }
    Json(json!({
        "name": "AutonomOS",
        "description": "Pilots that look at a company's unified data and write down what they find, each finding with the query that shows it.",
        "version": app.settings.build.version,
        "url": format!("{base}/mcp"),
        "preferredTransport": "MCP",
        "documentationUrl": format!("{base}/docs"),
        "capabilities": { "streaming": false, "pushNotifications": false },
        "defaultInputModes": ["application/json"],
        "defaultOutputModes": ["application/json"],
        "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
        "security": [{ "bearer": [] }],
        "skills": skills,
    }))
}
