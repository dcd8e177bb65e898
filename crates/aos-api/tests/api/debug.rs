//! What developers ask of their own tenant: there where the flag is on, and of that tenant alone.

use aos_core::Role;
use aos_testkit::TestApp;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn debug_routes_are_there_for_the_tenant_that_switched_them_on() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    let routes = ["/api/v1/debug/source-status", "/api/v1/debug/last-canonical?entity=account&source=crm&limit=3"];
    for route in routes {
        app.acme.get(route).await.assert_problem(404, "debug_not_found");
    }
    app.acme.put("/api/v1/flags/DEV_DEBUG", &json!({ "value": true })).await.assert_status(200);
    app.globex.get(routes[0]).await.assert_problem(404, "debug_not_found");

    let status = app.acme.get(routes[0]).await.assert_status(200).json();
    assert_eq!(
        (&status["sources"][0]["source"], status["position"].as_i64() > Some(0)),
        (&json!("crm"), true),
        "{status}"
    );
    let events = app.acme.get(routes[1]).await.assert_status(200).json();
    let positions: Vec<i64> =
        events["items"].as_array().unwrap().iter().map(|event| event["position"].as_i64().unwrap()).collect();
    assert!(positions.len() == 3 && positions.is_sorted_by(|a, b| a > b), "{events}");
    app.colleague(&app.acme, Role::Viewer).await.get(routes[1]).await.assert_problem(403, "forbidden");

    let proof = "/api/v1/debug/agent-proof?agent=revops_pilot&entity=account&intent=renewals";
    let proof = app.acme.post(proof, &json!({})).await.assert_status(200).json();
    assert_eq!((&proof["passed"], &proof["intent"]), (&json!(true), &json!("renewals")), "{proof}");
    app.acme
        .post("/api/v1/debug/agent-proof?agent=x&entity=account", &json!({}))
        .await
        .assert_problem(422, "unknown_agent");

    app.globex.put("/api/v1/flags/DEV_DEBUG", &json!({ "value": true })).await.assert_status(200);
    let others = app.globex.get("/api/v1/debug/last-canonical").await.assert_status(200).json();
    assert_eq!(others["items"], json!([]), "another tenant sees its own");
}
