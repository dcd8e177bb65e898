//! The A2A agent card (specification 1.0, section 4.4): what other agents may know of the pilots before they are let in. It is the same for
//! everybody, and says nothing of any tenant. The one interface that it names speaks the Model Context Protocol.

use super::{base, resource};
use crate::oauth::{AUTHORIZE, OFFERED, TOKEN};
use crate::state::App;
use aos_agents::pilots::Pilot;
use aos_dcl::agents::shipped;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

const CARD_VERSION: &str = "1.0";
/// What is none of the bindings of A2A is named by an address.
const BINDING: &str = "https://modelcontextprotocol.io/specification";

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
    let scopes: Map<String, Value> =
        OFFERED.iter().map(|scope| (scope.as_str().to_owned(), json!(scope.what()))).collect();
    let authorization = json!({
        "authorizationUrl": format!("{base}{AUTHORIZE}"), "tokenUrl": format!("{base}{TOKEN}"), "scopes": scopes, "pkceRequired": true,
    });
    Json(json!({
        "name": "AutonomOS",
        "description": "Pilots that look at a company's unified data and write down what they find, each finding with the query that shows it.",
        "version": app.settings.build.version,
        "supportedInterfaces": [
            { "url": resource(&app, &headers), "protocolBinding": BINDING, "protocolVersion": CARD_VERSION },
        ],
        "provider": { "organization": "AutonomOS", "url": base },
        "documentationUrl": format!("{base}/docs"),
        "capabilities": { "streaming": false, "pushNotifications": false, "extendedAgentCard": false },
        "defaultInputModes": ["application/json"],
        "defaultOutputModes": ["application/json"],
        "securitySchemes": {
            "bearer": { "httpAuthSecurityScheme": { "scheme": "Bearer", "description": "An API key of the role `agent`." } },
            "oauth": { "oauth2SecurityScheme": { "flows": { "authorizationCode": authorization } } },
        },
        "securityRequirements": [{ "schemes": { "bearer": { "list": [] } } }, { "schemes": { "oauth": { "list": [] } } }],
        "skills": skills,
    }))
}
