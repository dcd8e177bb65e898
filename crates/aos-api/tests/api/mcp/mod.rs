//! The Model Context Protocol over HTTP, asked with the official SDK's client: what an agent is shown, what it is refused, and that another
//! tenant finds nothing.

pub mod client;

use aos_core::Role;
use aos_testkit::{Client, TestApp};
use aos_testservers::{Act, ModelServer, Speaks};
use axum::body::Body;
use axum::http::{Method, header};
use client::{answered, asking, call, refused};
use rmcp::model::ReadResourceRequestParams;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A tenant with a small CRM that was read.
async fn connected() -> TestApp {
    let app = TestApp::builder().system_clock().build().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    app
}

/// Makes an API key, and returns it with its id.
async fn key(of: &Client, role: &str) -> (String, String) {
    let made = of.post("/api/v1/api-keys", &json!({ "name": "agent", "role": role })).await.assert_status(201).json();
    (made["key"].as_str().unwrap().to_owned(), made["id"].as_str().unwrap().to_owned())
}

/// Registers an agent with a key of its own, and returns who acts with it.
async fn agent(app: &TestApp, role: &str, settings: Value) -> Client {
    let (key, id) = key(&app.acme, role).await;
    let mut settings = settings;
    settings["name"] = json!("Copilot");
    settings["api_key"] = json!(id);
    app.acme.put("/api/v1/agents/copilot", &settings).await.assert_status(200);
    app.with_token(&key)
}

async fn raw(client: &Client, body: Value) -> aos_testkit::Reply {
    let request = client.request(Method::POST, "/mcp").header(header::HOST, "localhost");
    let request = request
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json, text/event-stream");
    client.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn list_tools() -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" })
}

#[tokio::test]
async fn an_agent_finds_records_asks_with_sql_and_is_told_where_each_value_comes_from() {
    let app = connected().await;
    let asking = asking(&app.with_token(&key(&app.acme, "agent").await.0)).await;
    let entities = answered(call(&asking, "list_entities", json!({})).await);
    assert!(entities["entities"].as_array().unwrap().iter().any(|entity| entity["entity"] == "account"), "{entities}");
    let described = answered(call(&asking, "describe_entity", json!({ "entity": "opportunity" })).await);
    assert!(described["fed_by"].as_array().unwrap().iter().any(|hop| hop["column"] == "amount"), "{described}");

    let filters = json!([{ "field": "amount", "op": "gt", "value": "10000" }]);
    let search = json!({ "entity": "opportunity", "filters": filters, "sort": ["-amount"], "limit": 2 });
    let found = answered(call(&asking, "search_records", search).await);
    assert_eq!((&found["total"], &found["records"][0]["amount"]), (&json!(3), &json!(12000.5)), "{found}");
    let record = json!({ "entity": "opportunity", "source": "crm", "record_id": "O012" });
    let record = answered(call(&asking, "get_record", record).await);
    assert_eq!(record["cells"]["amount"]["source_field"], "amount", "{record}");
    let sql = json!({ "sql": "SELECT count(*) AS n FROM account" });
    assert_eq!(answered(call(&asking, "sql", sql).await)["rows"], json!([[12]]));
    let lineage = answered(call(&asking, "lineage", json!({ "search": "opportunity.amount" })).await);
    assert_eq!(lineage["lineage"][0]["source"], "crm", "{lineage}");

    let resources = asking.list_all_resources().await.unwrap();
    assert_eq!(resources[0].uri, "autonomos://ontology");
    let ontology = asking.read_resource(ReadResourceRequestParams::new("autonomos://ontology")).await.unwrap();
    assert!(serde_json::to_string(&ontology).unwrap().contains("aws_resource"));
}

#[tokio::test]
async fn what_is_no_message_is_refused_as_every_other_door_refuses() {
    let app = TestApp::new().await;
    let agent = app.with_token(&key(&app.acme, "agent").await.0);
    let sent = async |kind: &str, accept: &str, body: &'static str| {
        let request = agent.request(Method::POST, "/mcp").header(header::HOST, "localhost");
        let request = request.header(header::CONTENT_TYPE, kind).header(header::ACCEPT, accept);
        agent.send(request.body(Body::from(body)).unwrap()).await
    };
    let (json, both) = ("application/json", "application/json, text/event-stream");
    for body in ["{", "[]", "{\"jsonrpc\":\"2.0\"}", "\u{0}", ""] {
        sent(json, both, body).await.assert_problem(400, "invalid_message");
    }
    sent("text/plain", both, "{}").await.assert_problem(415, "unsupported_media_type");
    sent(json, "text/html", "{}").await.assert_problem(406, "not_acceptable");
}

#[tokio::test]
async fn another_tenants_agent_finds_nothing_whatever_it_names() {
    let app = connected().await;
    let stranger = asking(&app.with_token(&key(&app.globex, "agent").await.0)).await;
    let sql = json!({ "sql": "SELECT count(*) AS n FROM account" });
    assert_eq!(answered(call(&stranger, "sql", sql).await)["rows"], json!([[0]]));
    let record = json!({ "entity": "opportunity", "source": "crm", "record_id": "O012" });
    refused(call(&stranger, "get_record", record.clone()).await, "record_not_found");
    refused(call(&stranger, "explain_entity", record).await, "record_not_found");
    let search = json!({ "entity": "account" });
    assert_eq!(answered(call(&stranger, "search_records", search).await)["total"], 0);
    for tool in ["lineage", "findings", "drift"] {
        let said = answered(call(&stranger, tool, json!({})).await).to_string();
        assert!(!said.contains("crm") && !said.contains("Acme"), "{tool}: {said}");
    }
    let proposal = json!({
        "source": "crm", "stream": "account", "entity": "account", "field": "type", "column": "industry", "reason": "why not"
    });
    refused(call(&stranger, "propose_mapping", proposal).await, "connection_not_found");
    // Who asks comes from the token: a message that says something else is taken at nothing.
    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": "sql", "arguments": { "sql": "SELECT 1", "tenant": app.scope(&app.acme).await.tenant_id().to_string() }
        }
    });
    let reply = raw(&app.with_token(&key(&app.globex, "agent").await.0), message).await.assert_status(200).json();
    assert_eq!(reply["result"]["structuredContent"]["code"], "invalid_arguments", "{reply}");
}

#[tokio::test]
async fn tools_are_offered_by_what_a_token_may_do_and_personal_data_is_masked() {
    let app = TestApp::new().await;
    let mut rows = String::from("contact_id,first_name,last_name,email\n");
    for row in 1..=12 {
        rows += &format!("C{row:03},Ada,Lovelace{row},ada{row}@lovelace.example\n");
    }
    app.acme.create_connection("crm", &app.files.source("crm", &[("contact.csv", rows.as_bytes())])).await;
    app.acme.connect().await;
    let scopes = json!({ "name": "narrow", "role": "agent", "scopes": ["records:read"] });
    let narrow = app.acme.post("/api/v1/api-keys", &scopes).await.assert_status(201).json();
    let narrow = app.with_token(narrow["key"].as_str().unwrap());
    let asking = asking(&narrow).await;
    let mut tools: Vec<_> = asking.list_all_tools().await.unwrap().into_iter().map(|tool| tool.name).collect();
    tools.sort();
    assert!(tools.contains(&"sql".into()) && !tools.contains(&"lineage".into()), "{tools:?}");
    refused(call(&asking, "lineage", json!({})).await, "forbidden");
    refused(call(&asking, "no_such_tool", json!({})).await, "unknown_tool");
    let contacts = answered(call(&asking, "search_records", json!({ "entity": "contact" })).await).to_string();
    assert!(contacts.contains("[masked:email]") && !contacts.contains("lovelace.example"), "{contacts}");
    // What was refused is in the trail.
    let trail = app.acme.get("/api/v1/audit?action=access.denied").await.assert_status(200).text();
    assert!(trail.contains("lineage"), "{trail}");
}

#[tokio::test]
async fn no_message_is_answered_without_a_token_that_is_for_this_api() {
    let app = TestApp::new().await;
    let nobody = raw(&app.anonymous(), list_tools()).await;
    assert_eq!(
        nobody.header("www-authenticate"),
        Some(
            "Bearer resource_metadata=\"http://localhost/.well-known/oauth-protected-resource\", \
             scope=\"graph:read records:read drift:read agents:read\""
        )
    );
    nobody.assert_problem(401, "unauthenticated");
    let ticket = app.acme.post("/api/v1/auth/ws-ticket", &json!({})).await.assert_status(200).json();
    let ticket = ticket["ticket"].as_str().unwrap();
    raw(&app.with_token(ticket), list_tools()).await.assert_status(401);
    // A person's own session is for the API, and not to be handed to an agent.
    raw(&app.acme, list_tools()).await.assert_problem(401, "invalid_token");
    let metadata = app.anonymous().get("/.well-known/oauth-protected-resource").await.assert_status(200).json();
    assert_eq!(metadata["bearer_methods_supported"], json!(["header"]), "{metadata}");
    let card = app.anonymous().get("/.well-known/agent-card.json").await.assert_status(200).json();
    assert!(
        card["skills"].as_array().unwrap().iter().any(|skill| skill["id"] == "finops_pilot.idle_resource"),
        "{card}"
    );
    // A page that gave this machine another name is not spoken with.
    let agent = app.with_token(&key(&app.acme, "agent").await.0);
    let request = agent.request(Method::POST, "/mcp").header(header::HOST, "evil.example");
    let request = request
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json, text/event-stream");
    agent.send(request.body(Body::from(list_tools().to_string())).unwrap()).await.assert_status(403);
}

#[tokio::test]
async fn the_agent_card_has_the_members_that_its_specification_asks_for() {
    let app = TestApp::new().await;
    let card = app.anonymous().get("/.well-known/agent-card.json").await.assert_status(200).json();
    for member in [
        "name",
        "description",
        "version",
        "supportedInterfaces",
        "capabilities",
        "defaultInputModes",
        "defaultOutputModes",
        "skills",
    ] {
        assert!(!card[member].is_null(), "{member}: {card}");
    }
    for gone in ["url", "preferredTransport", "protocolVersion", "security"] {
        assert!(card[gone].is_null(), "{gone} is of an earlier version");
    }
    assert_eq!(card["supportedInterfaces"][0]["url"], "http://localhost/mcp", "{card}");
    for skill in card["skills"].as_array().unwrap() {
        for member in ["id", "name", "description", "tags"] {
            assert!(!skill[member].is_null(), "{member}: {skill}");
        }
    }
    // Every way in that is required is described.
    for requirement in card["securityRequirements"].as_array().unwrap() {
        for name in requirement["schemes"].as_object().unwrap().keys() {
            assert!(card["securitySchemes"][name].is_object(), "{name}: {card}");
        }
    }
}

#[tokio::test]
async fn sql_over_mcp_is_refused_by_its_kind_as_over_http_and_written_down() {
    let app = connected().await;
    let asking = asking(&app.with_token(&key(&app.acme, "agent").await.0)).await;
    for (sql, code) in [
        ("DELETE FROM account", "sql_not_one_select"),
        ("SELECT 1; SELECT 2", "sql_not_one_select"),
        ("SELECT * FROM no_such_view", "sql_unknown_view"),
        ("SELECT * FROM read_csv('/etc/passwd')", "sql_function_refused"),
    ] {
        refused(call(&asking, "sql", json!({ "sql": sql })).await, code);
        app.acme.post("/api/v1/sql", &json!({ "sql": sql })).await.assert_problem(400, code);
    }
    refused(call(&asking, "sql", json!({ "sql": "SELECT no_such_column FROM account" })).await, "query_failed");
    let trail = app.acme.get("/api/v1/audit?action=access.denied").await.assert_status(200).text();
    assert!(trail.contains("sql_function_refused"), "{trail}");
}

#[tokio::test]
async fn an_agent_asks_a_model_within_its_own_budget_and_it_is_counted_under_its_name() {
    let app = TestApp::builder().system_clock().reaches_loopback().build().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    let scope = app.scope(&app.acme).await;
    app.store.tenant(&scope).set_production_mode(false).await.unwrap();
    let plan = json!({ "entity": "account", "measures": [{ "op": "count" }] });
    let server = ModelServer::start(Speaks::OpenAi, [Act::Give(json!({ "answerable": true, "plan": plan }))]);
    let choice =
        json!({ "provider": "open_ai", "base_url": server.url(), "model": "gpt-4.1-mini", "api_key": "sk-test-1" });
    app.acme.put("/api/v1/models/settings", &choice).await.assert_status(200);
    let ask = json!({ "question": "How many frobnicated accounts are there?" });

    for budgets in [json!({ "tokens_per_day": 100 }), json!({ "dollars_per_day": "0.000001" })] {
        let poor = asking(&agent(&app, "agent", json!({ "budgets": budgets })).await).await;
        let said = answered(call(&poor, "ask", ask.clone()).await);
        let reason = said["refusal"]["reason"].as_str().unwrap();
        assert!(reason.contains("today's budget of the agent `copilot`"), "{said}");
        app.acme.delete("/api/v1/agents/copilot").await.assert_status(204);
    }
    assert!(server.seen().is_empty(), "nothing was sent");

    let rich = json!({ "budgets": { "tokens_per_day": 50000, "dollars_per_day": "1" } });
    let rich = asking(&agent(&app, "agent", rich).await).await;
    let said = answered(call(&rich, "ask", ask).await);
    assert_eq!(said["answer"]["plan"]["measures"], plan["measures"], "{said}");
    let used = app.acme.get("/api/v1/agents/copilot").await.assert_status(200).json()["used_today"].clone();
    assert_eq!((&used["tokens"], &used["dollar_micros"]), (&json!(18), &json!(16)), "{used}");
    let usage = app.acme.get("/api/v1/models/usage?days=1").await.assert_status(200).json();
    assert_eq!(usage["items"][0]["feature"], "agent:copilot", "{usage}");
    let functions = app.acme.get("/api/v1/aoa/functions").await.assert_status(200).json().to_string();
    assert!(functions.contains(r#"{"name":"tokens of models that agents used today","value":18}"#), "{functions}");
}

#[tokio::test]
async fn a_proposed_mapping_changes_nothing_until_a_person_approves_it() {
    let app = connected().await;
    let copilot = agent(&app, "agent", json!({ "mode": "recommend" })).await;
    let asking = asking(&copilot).await;
    let proposal = json!({
        "source": "crm", "stream": "account", "entity": "account", "field": "type", "column": "industry",
        "reason": "The column says what kind of customer it is."
    });
    let wrong = json!({
        "source": "crm", "stream": "account", "entity": "account", "field": "type", "column": "no_such", "reason": "x"
    });
    refused(call(&asking, "propose_mapping", wrong).await, "invalid_mapping");
    let proposed = answered(call(&asking, "propose_mapping", proposal.clone()).await);
    assert_eq!((&proposed["state"], &proposed["new"]), (&json!("open"), &json!(true)));
    assert_eq!(answered(call(&asking, "propose_mapping", proposal).await)["new"], false);
    let types = "/api/v1/dcl/views/account?filter=type:is_null:false&limit=1";
    assert_eq!(app.acme.get(types).await.assert_status(200).json()["total"], 0);
    let review = format!("/api/v1/reviews/{}", proposed["review_id"].as_str().unwrap());
    copilot.post(&format!("{review}/approve"), &json!({})).await.assert_problem(403, "forbidden");
    let decided = app.acme.post(&format!("{review}/approve"), &json!({})).await.assert_status(200).json();
    let task = decided["items"][0]["task_id"].as_str().or(decided["task_id"].as_str()).expect("a task").to_owned();
    assert_eq!(crate::waiting::ended(&app.acme, &task).await["state"], "success");
    assert_eq!(app.acme.get(types).await.assert_status(200).json()["total"], 12);
}

#[tokio::test]
async fn an_agent_is_stopped_at_its_budget_and_told_so() {
    let app = connected().await;
    let copilot = agent(
        &app,
        "agent",
        json!({ "budgets": { "rows_per_day": 15, "writes_per_day": 1 }, "mode": "approve_to_act" }),
    );
    let copilot = copilot.await;
    let asking = asking(&copilot).await;
    let all = json!({ "sql": "SELECT account_id FROM account" });
    assert_eq!(answered(call(&asking, "sql", all.clone()).await)["rows"].as_array().unwrap().len(), 12);
    let rest = answered(call(&asking, "sql", all.clone()).await);
    assert_eq!(
        (rest["rows"].as_array().unwrap().len(), &rest["truncated"]),
        (3, &json!(true)),
        "what is left and no more"
    );
    refused(call(&asking, "sql", all).await, "agent_budget_used_up");
    let task = json!({ "kind": "sync", "payload": { "connection": "crm" }, "reason": "It is late." });
    answered(call(&asking, "propose_task", task.clone()).await);
    refused(call(&asking, "propose_task", task).await, "agent_budget_used_up");
    let shown = app.acme.get("/api/v1/agents/copilot").await.assert_status(200).json();
    assert_eq!(shown["used_today"], json!({ "rows": 15, "writes": 1 }), "{shown}");
}

#[tokio::test]
async fn the_switch_stops_agents_in_every_process_within_a_second() {
    let app = connected().await;
    let copilot = agent(&app, "agent", json!({})).await;
    let second = app.second_process().await;
    let elsewhere = asking(&second.client(&copilot)).await;
    let sql = json!({ "sql": "SELECT 1 AS one" });
    answered(call(&elsewhere, "sql", sql.clone()).await);
    app.acme.put("/api/v1/flags/AGENTS_ENABLED", &json!({ "value": false })).await.assert_status(200);
    let switched = Instant::now();
    loop {
        let asked = switched.elapsed();
        if call(&elsewhere, "sql", sql.clone()).await.0 {
            break;
        }
        assert!(asked < Duration::from_secs(1), "the second process does not obey what was asked after {asked:?}");
    }
    refused(call(&elsewhere, "sql", sql.clone()).await, "agents_off");
    // People ask on.
    app.acme.post("/api/v1/sql", &sql).await.assert_status(200);
    app.acme.delete("/api/v1/flags/AGENTS_ENABLED").await.assert_status(204);
    let stopped = json!({ "name": "Copilot", "enabled": false, "api_key": app.acme.get("/api/v1/agents/copilot").await.json()["api_key"] });
    app.acme.put("/api/v1/agents/copilot", &stopped).await.assert_status(200);
    crate::waiting::eventually("the agent is stopped", async || {
        call(&elsewhere, "sql", json!({ "sql": "SELECT 1 AS one" })).await.1["code"] == "agent_stopped"
    })
    .await;
}

#[tokio::test]
async fn what_an_agent_proposes_to_do_is_done_once_a_person_approves_it_and_only_then() {
    let app = connected().await;
    let observer = asking(&agent(&app, "agent", json!({ "mode": "observe" })).await).await;
    let task = json!({ "kind": "noop", "reason": "To see whether it works." });
    refused(call(&observer, "propose_task", task.clone()).await, "agent_mode");
    app.acme.delete("/api/v1/agents/copilot").await.assert_status(204);
    let copilot = agent(&app, "agent", json!({ "mode": "approve_to_act" })).await;
    let proposed = answered(call(&asking(&copilot).await, "propose_task", task.clone()).await);
    assert_eq!((&proposed["state"], &proposed["task_id"]), (&json!("open"), &json!(null)));
    let place = format!("/api/v1/agents/proposals/{}", proposed["proposal_id"].as_str().unwrap());
    copilot.post(&format!("{place}/approve"), &json!({})).await.assert_problem(403, "forbidden");
    app.globex.post(&format!("{place}/approve"), &json!({})).await.assert_problem(404, "proposal_not_found");
    let approved = app.acme.post(&format!("{place}/approve"), &json!({})).await.assert_status(200).json();
    let done = crate::waiting::ended(&app.acme, approved["task_id"].as_str().unwrap()).await;
    assert_eq!(done["state"], "success", "{done}");
    app.acme.post(&format!("{place}/reject"), &json!({})).await.assert_problem(409, "stale");
    let trail = app.acme.get("/api/v1/audit?limit=1000").await.json().to_string();
    for action in ["agent.put", "agent.propose", "agent.approve"] {
        assert!(trail.contains(action), "{action}");
    }
    // With a key that may, an agent in the mode `auto` has it done itself.
    app.acme.delete("/api/v1/agents/copilot").await.assert_status(204);
    let able = asking(&agent(&app, "member", json!({ "mode": "auto" })).await).await;
    assert_eq!(answered(call(&able, "propose_task", task).await)["state"], "enqueued");
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    viewer.put("/api/v1/agents/copilot", &json!({ "name": "x" })).await.assert_problem(403, "forbidden");
}
