//! Questions that a language model plans: the same checks, marked as its own, and refused where it names what is not there.

use aos_testkit::TestApp;
use aos_testservers::{Act, ModelServer, Speaks};
use serde_json::{Value, json};

/// The grammar does not understand it.
const QUESTION: &str = "In which way do our software businesses spread over the stages of selling?";

async fn asked(speaks: Speaks, provider: &str, acts: Vec<Act>) -> (TestApp, ModelServer, Value) {
    let app = TestApp::builder().reaches_loopback().build().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    let scope = app.scope(&app.acme).await;
    app.store.tenant(&scope).set_production_mode(false).await.unwrap();
    let server = ModelServer::start(speaks, acts);
    let choice = json!({ "provider": provider, "base_url": server.url(), "model": "some-model", "api_key": "sk-test-4711-4711-4711" });
    app.acme.put("/api/v1/models/settings", &choice).await.assert_status(200);
    let answer = app.acme.post("/nlp/v1/query", &json!({ "query": QUESTION })).await.assert_status(200).json();
    (app, server, answer)
}

fn plan(plan: &Value) -> Vec<Act> {
    vec![Act::Give(json!({ "answerable": true, "plan": plan }))]
}

#[tokio::test]
async fn a_plan_of_a_model_is_run_and_marked_as_its_own_whoever_provides_it() {
    let by_stage = json!({ "entity": "opportunity", "measures": [{ "op": "count" }], "group_by": [{ "field": "stage" }],
        "filters": [{ "field": "account_id.industry", "op": "in", "values": ["Software"] }] });
    for (speaks, provider) in
        [(Speaks::OpenAi, "open_ai"), (Speaks::Gemini, "gemini"), (Speaks::Anthropic, "anthropic")]
    {
        let (app, server, answer) = asked(speaks, provider, plan(&by_stage)).await;
        assert_eq!(answer["rows"], json!([["Closed Won", 12]]), "{provider}: {answer}");
        let by = answer["planned_by"].as_str().unwrap();
        assert!(by.contains("some-model"), "{answer}");
        assert!(answer["notes"][0].as_str().unwrap().starts_with(&format!("planned by {by}")), "{answer}");
        assert_eq!(answer["receipt"]["planned_by"], by);
        let verdict = app.acme.post("/api/v1/receipts/verify", &answer["receipt"]).await.json();
        assert_eq!(verdict["genuine"], true);
        let sent = server.seen()[0].body.to_string();
        assert!(sent.contains("opportunity") && !sent.contains("Closed Won"), "no value of a record leaves");
    }
}

#[tokio::test]
async fn what_a_model_makes_up_is_refused_and_never_run() {
    let (app, server, _) = asked(Speaks::OpenAi, "open_ai", vec![Act::Say("no".into())]).await;
    let count = json!([{ "op": "count" }]);
    for (acts, said) in [
        (plan(&json!({ "entity": "pipeline", "measures": count })), "there is no entity `pipeline`"),
        (
            plan(
                &json!({ "entity": "account", "measures": count, "filters": [{ "field": "churned", "op": "not_null" }] }),
            ),
            "no field `churned`",
        ),
        (
            plan(&json!({ "entity": "opportunity", "measures": count,
                "filters": [{ "field": "stage", "op": "in", "values": ["Negotiation"] }] })),
            "no record has `Negotiation`",
        ),
        (
            plan(&json!({ "entity": "account", "measures": [{ "op": "sum", "field": "opportunity.amount" }] })),
            "can have several opportunity records",
        ),
        (
            plan(&json!({ "entity": "account", "measures": count,
                "filters": [{ "field": "employee_count", "op": "gt", "values": ["10"] }] })),
            "no record says account.employee_count",
        ),
        (
            plan(&json!({ "entity": "account",
                "columns": ["parent_account_id.parent_account_id.parent_account_id.parent_account_id.name"] })),
            "more than 3 references",
        ),
        (vec![Act::Give(json!({ "answerable": false, "why_not": "there is no forecast" }))], "there is no forecast"),
        (vec![Act::Say("SELECT * FROM account".into())], "is not understood"),
        (
            vec![Act::Say(json!({ "answerable": true, "plan": { "entity": "account", "sql": "DROP" } }).to_string())],
            "is not understood",
        ),
    ] {
        server.now(acts);
        let refused = app.acme.post("/nlp/v1/query", &json!({ "query": QUESTION })).await.assert_status(200).json();
        assert_eq!(refused["outcome"], "refused", "{said}: {refused}");
        assert!(refused["refusal"]["reason"].as_str().unwrap().contains(said), "{said}: {refused}");
    }
}

#[tokio::test]
async fn a_question_that_the_grammar_reads_costs_no_call() {
    let (app, server, _) = asked(Speaks::OpenAi, "open_ai", vec![Act::Say("no".into())]).await;
    let before = server.seen().len();
    let answer = app.acme.post("/nlp/v1/query", &json!({ "query": "How many accounts are there?" })).await.json();
    assert_eq!((&answer["outcome"], answer["planned_by"].is_null()), (&json!("answered"), true), "{answer}");
    assert_eq!(server.seen().len(), before);
}
