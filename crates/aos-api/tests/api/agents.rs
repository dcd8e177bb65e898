//! Pilots over HTTP: what they find, that the same thing stays the same finding, what people say of it, and who may.

use crate::waiting::{ended, until};
use aos_core::Role;
use aos_testkit::{Client, TestApp};
use aos_testservers::{Act, ModelServer, Speaks};
use serde_json::{Value, json};

const FINDINGS: &str = "/api/v1/agents/findings";

/// Writes a CRM in which one deal is open although it should have closed long ago; `stage` is where it stands.
fn crm(app: &TestApp, stage: &str) -> std::path::PathBuf {
    let mut deals = String::from("opportunity_id,account_id,name,amount,currency,stage,close_date,probability\n");
    for row in 1..=12 {
        deals += &format!("O{row:03},A{row:03},Acme Deal {row},{row}000.50,USD,Closed Won,2019-03-{row:02},100\n");
    }
    deals += &format!("O013,A001,Acme Late Deal,5000.25,USD,{stage},2019-01-31,60\n");
    app.files.source("crm", &[("opportunity.csv", deals.as_bytes())])
}

/// Writes what machines do and cost: one that does nothing, one month that costs ten times as much as the others.
fn cloud(app: &TestApp) -> std::path::PathBuf {
    let mut resources = String::from(
        "resource_id,resource_type,region,instance_type,vcpus,cpu_utilization,memory_utilization,monthly_cost\n",
    );
    resources += "i-0000000000idle,EC2,eu-central-1,m5.large,2,1.5,30,80.10\n";
    resources += "i-0000000000wide,EC2,eu-central-1,m5.4xlarge,16,9.5,22,560\n";
    for row in 1..=10 {
        resources += &format!("i-0000000000b{row:03},EC2,eu-central-1,m5.large,2,5{}.5,60,70\n", row % 10);
    }
    let mut costs = String::from("cost_id,resource_id,report_date,service_category,cost,currency,region\n");
    for month in 1..=8 {
        let cost = if month == 8 { 1000 } else { 100 + month };
        let resource = if month == 8 { "i-0000000000idle".to_owned() } else { format!("i-0000000000b{month:03}") };
        costs += &format!("C{month:03},{resource},2019-{month:02}-01,Compute,{cost},USD,eu-central-1\n");
    }
    app.files.source("cloud", &[("aws_resource.csv", resources.as_bytes()), ("cost_report.csv", costs.as_bytes())])
}

async fn look(client: &Client, pilot: &str) -> Value {
    let task = client.post(&format!("/api/v1/agents/{pilot}/run"), &json!({})).await.assert_status(202).json();
    let task = ended(client, task["id"].as_str().unwrap()).await;
    assert_eq!(task["state"], "success", "{task}");
    task["result"].clone()
}

async fn open(client: &Client, kind: &str) -> Vec<Value> {
    let found = client.get(&format!("{FINDINGS}?kind={kind}&state=open")).await.assert_status(200).json();
    found["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_is_found_again_is_the_same_finding_and_what_is_gone_is_resolved() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &crm(&app, "Negotiation")).await;
    app.acme.connect().await;
    let first = look(&app.acme, "revops_pilot").await;
    let found = open(&app.acme, "stalled_deal").await;
    assert_eq!(found.len(), 1, "{first}");
    let stalled = &found[0];
    assert_eq!((&stalled["amount"], &stalled["currency"]), (&json!("5000.25"), &json!("USD")), "{stalled}");
    assert!(stalled["body"]["title"].as_str().unwrap().contains("Acme Late Deal"), "{stalled}");
    assert_eq!(stalled["body"]["evidence"]["stage"], "Negotiation", "{stalled}");
    assert!(
        stalled["confidence"].as_f64().is_some_and(|confidence| confidence > 0.0 && confidence <= 1.0),
        "{stalled}"
    );
    assert_eq!(stalled["body"]["mapping_versions"][0]["source"], "crm", "{stalled}");
    // The statement that is said to show it does.
    let again = app.acme.post("/dcl/query", &json!({ "sql": stalled["body"]["sql"] })).await.assert_status(200).json();
    assert_eq!(again["rows"].as_array().unwrap().len(), 1, "{again}");
    // No source tells of accounts' health, and the pilot says so instead of finding nothing.
    let skipped = first["skipped"].as_array().unwrap();
    assert!(skipped.iter().any(|check| check["kind"] == "account_at_risk"), "{first}");

    let groups = app.acme.get(&format!("{FINDINGS}/groups")).await.assert_status(200).json();
    let deals = groups["items"].as_array().unwrap().iter().find(|group| group["kind"] == "stalled_deal").unwrap();
    assert_eq!(
        (&deals["agent"], &deals["findings"], &deals["not_priced"]),
        (&json!("revops_pilot"), &json!(1), &json!(0))
    );
    assert_eq!(deals["at_stake"], json!([{ "amount": "5000.25", "currency": "USD" }]));

    let second = look(&app.acme, "revops_pilot").await;
    assert_eq!((&second["new"], &second["resolved"]), (&json!(0), &json!(0)), "{second}");
    let same = &open(&app.acme, "stalled_deal").await[0];
    assert_eq!((&same["id"], &same["times_seen"]), (&stalled["id"], &json!(2)));

    crm(&app, "Closed Lost");
    app.acme.connect().await;
    assert_eq!(look(&app.acme, "revops_pilot").await["resolved"], first["new"]);
    assert_eq!(open(&app.acme, "stalled_deal").await, Vec::<Value>::new());
    let runs = app.acme.get("/api/v1/agents/revops_pilot/runs").await.assert_status(200).json();
    assert_eq!(runs["items"].as_array().unwrap().len(), 3);
    let place = format!("{FINDINGS}/{}", stalled["id"].as_str().unwrap());
    assert_eq!(app.acme.get(&place).await.assert_status(200).json()["state"], "resolved");
    app.globex.get(&place).await.assert_problem(404, "finding_not_found");
    for list in [FINDINGS.to_owned(), format!("{FINDINGS}/groups")] {
        assert_eq!(app.globex.get(&list).await.assert_status(200).json()["items"], json!([]));
    }
}

#[tokio::test]
async fn a_model_words_the_opening_of_a_digest_and_brings_no_figure_into_it() {
    let app = TestApp::builder().reaches_loopback().build().await;
    app.acme.create_connection("crm", &crm(&app, "Negotiation")).await;
    app.acme.connect().await;
    let scope = app.scope(&app.acme).await;
    app.store.tenant(&scope).set_production_mode(false).await.unwrap();
    let server = ModelServer::start(Speaks::OpenAi, [Act::Say("A deal worth 9000 stalls.".into())]);
    let choice =
        json!({ "provider": "open_ai", "base_url": server.url(), "model": "gpt-4.1-mini", "api_key": "sk-test-1" });
    app.acme.put("/api/v1/models/settings", &choice).await.assert_status(200);
    let pilot = |stage: &str, tokens: u64| {
        crm(&app, stage);
        json!({ "worded_by_model": true, "budgets": { "tokens_per_day": tokens } })
    };
    let digest = async |settings: Value| {
        app.acme.put("/api/v1/agents/revops_pilot", &settings).await.assert_status(200);
        app.acme.connect().await;
        look(&app.acme, "revops_pilot").await
    };
    // What brings a figure is not taken, and the digest is the pilot's.
    let plain = digest(pilot("Negotiation", 10_000)).await;
    assert!(plain["digest"].as_str().unwrap().starts_with("RevOps Pilot: "), "{plain}");
    assert!(plain["wording"]["plain_because"].as_str().unwrap().contains("figures of its own"), "{plain}");
    // Resolved, and then met anew.
    server.now([Act::Say("A deal has not moved for long.".into())]);
    digest(pilot("Closed Lost", 10_000)).await;
    let worded = digest(pilot("Negotiation", 10_000)).await;
    let text = worded["digest"].as_str().unwrap();
    assert!(text.starts_with("A deal has not moved for long.\nRevOps Pilot: "), "{worded}");
    assert_eq!(worded["wording"], json!({ "by": "open_ai/gpt-4.1-mini", "plain_because": null }));
    assert!(server.seen().iter().all(|seen| !seen.body.to_string().contains("Acme")), "no record leaves");
    assert!(app.acme.get("/api/v1/models/usage").await.text().contains("agent:revops_pilot"));
    // Beyond its budget nobody is asked.
    let asked = server.seen().len();
    digest(pilot("Closed Lost", 1)).await;
    let poor = digest(pilot("Negotiation", 1)).await;
    assert!(poor["wording"]["plain_because"].as_str().unwrap().contains("budget of the agent"), "{poor}");
    assert_eq!(server.seen().len(), asked);
    let custom = json!({ "name": "x", "worded_by_model": true, "api_key": uuid::Uuid::nil() });
    app.acme.put("/api/v1/agents/copilot", &custom).await.assert_problem(422, "invalid_agent");
}

#[tokio::test]
async fn idle_and_oversized_machines_and_a_month_that_costs_more_are_found_with_what_they_cost() {
    let app = TestApp::new().await;
    app.acme.create_connection("cloud", &cloud(&app)).await;
    app.acme.connect().await;
    let report = look(&app.acme, "finops_pilot").await;
    let idle = open(&app.acme, "idle_resource").await;
    assert_eq!(idle.len(), 1, "{report}");
    assert_eq!(idle[0]["subject"], "i-0000000000idle");
    assert_eq!((&idle[0]["amount"], &idle[0]["currency"]), (&json!("80.1"), &json!("USD")), "{}", idle[0]);
    let wide = open(&app.acme, "oversized_resource").await;
    assert_eq!((wide.len(), &wide[0]["subject"]), (1, &json!("i-0000000000wide")), "{wide:?}");
    // Nobody says in which money this machine's cost is.
    assert_eq!((&wide[0]["amount"], &wide[0]["currency"]), (&json!("560"), &json!(null)));
    let costly = open(&app.acme, "cost_anomaly").await;
    assert_eq!(costly.len(), 1, "{costly:?}");
    assert_eq!((&costly[0]["body"]["evidence"]["month"], &costly[0]["amount"]), (&json!("2019-08"), &json!("895.5")));
    assert_eq!(open(&app.acme, "untagged_spend").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_finding_that_is_to_be_ignored_is_left_out_until_then_and_viewers_judge_nothing() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &crm(&app, "Negotiation")).await;
    app.acme.connect().await;
    look(&app.acme, "revops_pilot").await;
    let place = format!("{FINDINGS}/{}/feedback", open(&app.acme, "stalled_deal").await[0]["id"].as_str().unwrap());
    let later = app.clock.now() + chrono::Duration::minutes(7);
    let verdict = json!({ "feedback": "not_useful", "note": "They sign in May.", "ignored_until": later });
    let judged = app.acme.put(&place, &verdict).await.assert_status(200).json();
    assert!(judged["feedback_by"].as_str().unwrap().starts_with("user:"), "{judged}");
    assert_eq!(open(&app.acme, "stalled_deal").await, Vec::<Value>::new());
    let all = app.acme.get(&format!("{FINDINGS}?kind=stalled_deal&ignored=true")).await.assert_status(200).json();
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    app.clock.advance(chrono::Duration::minutes(8));
    assert_eq!(open(&app.acme, "stalled_deal").await.len(), 1);
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    viewer.put(&place, &verdict).await.assert_problem(403, "forbidden");
    viewer.post("/api/v1/agents/revops_pilot/run", &json!({})).await.assert_problem(403, "forbidden");
    let shown = viewer.get(&format!("{FINDINGS}?ignored=true")).await.assert_status(200).text();
    assert!(!shown.contains("Acme Late Deal") && shown.contains("[masked"), "{shown}");
    app.globex.put(&place, &verdict).await.assert_problem(404, "finding_not_found");
}

#[tokio::test]
async fn a_pilot_that_is_stopped_or_has_used_up_its_day_does_not_look() {
    let app = TestApp::new().await;
    let failed = async |why: &str| {
        let run = app.acme.post("/api/v1/agents/finops_pilot/run", &json!({})).await.assert_status(202).json();
        let path = format!("/api/v1/tasks/{}", run["id"].as_str().unwrap());
        let task = until(&app.acme, &path, |task| task["state"] == "failed").await;
        assert!(task.to_string().contains(why), "{task}");
    };
    let refused = async |code: &str, next_step: &str| {
        let run = app.acme.post("/api/v1/agents/finops_pilot/run", &json!({})).await;
        let problem = run.assert_problem(403, code);
        assert!(problem["next_step"].as_str().unwrap().contains(next_step), "{problem}");
    };
    app.acme.put("/api/v1/agents/finops_pilot", &json!({ "enabled": false })).await.assert_status(200);
    refused("agent_stopped", "an admin starts it again").await;
    app.acme.put("/api/v1/agents/finops_pilot", &json!({ "budgets": { "rows_per_day": 0 } })).await.assert_status(200);
    failed("may use 0 rows a day").await;
    app.acme.delete("/api/v1/agents/finops_pilot").await.assert_status(204);
    app.acme.put("/api/v1/flags/AGENTS_ENABLED", &json!({ "value": false })).await.assert_status(200);
    refused("agents_off", "AGENTS_ENABLED").await;
    let agents = app.acme.get("/api/v1/agents").await.assert_status(200).json();
    assert_eq!((&agents["items"][0]["id"], &agents["items"][0]["active"]), (&json!("finops_pilot"), &json!(false)));
    app.acme.post("/api/v1/agents/nobody/run", &json!({})).await.assert_problem(422, "not_a_pilot");
    let with_key = json!({ "api_key": "0199c0de-0000-7000-8000-000000000000", "name": "x" });
    app.acme.put("/api/v1/agents/helper", &with_key).await.assert_problem(422, "invalid_agent");
    app.acme.put("/api/v1/agents/Copilot", &json!({ "name": "x" })).await.assert_problem(422, "invalid_agent");
}
