//! Who may do what, asked at the door.

use aos_core::Role;
use aos_core::policy::Permission;
use aos_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn what_is_explained_is_what_happens() {
    let app = TestApp::new().await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let explained = viewer.get("/api/v1/auth/explain?action=orchestration:run").await.assert_status(200).json();
    let decision = &explained["decisions"][0];
    assert_eq!((&explained["role"], &decision["allowed"]), (&json!("viewer"), &json!(false)), "{explained}");
    let problem = viewer.post("/api/v1/aoa/reset", &json!({})).await.assert_problem(403, "forbidden");
    assert_eq!(problem["detail"], decision["reason"]);
    let owner = app.acme.get("/api/v1/auth/explain?action=orchestration:run").await.assert_status(200).json();
    assert_eq!(owner["decisions"][0]["allowed"], true, "{owner}");
}

#[tokio::test]
async fn all_that_someone_may_do_is_listed() {
    let app = TestApp::new().await;
    let member = app.colleague(&app.acme, Role::Member).await;
    let all = member.get("/api/v1/auth/explain").await.assert_status(200).json();
    let decisions = all["decisions"].as_array().unwrap();
    assert_eq!(decisions.len(), Permission::ALL.len());
    for (decision, permission) in decisions.iter().zip(Permission::ALL) {
        assert_eq!(decision["allowed"], json!(Role::Member >= permission.least_role()), "{decision}");
    }
}

#[tokio::test]
async fn a_resource_may_ask_for_more_than_the_action_does() {
    let app = TestApp::new().await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let ask = |resource: &str| {
        let path = format!("/api/v1/auth/explain?action=records:read&resource={resource}");
        let viewer = viewer.clone();
        async move { viewer.get(&path).await }
    };
    let email = ask("field:contact.email").await.assert_status(200).json();
    assert_eq!(email["decisions"][0]["decided_by"], "personal:read", "{email}");
    assert_eq!(email["decisions"][0]["allowed"], false, "{email}");
    let stage = ask("field:opportunity.stage").await.assert_status(200).json();
    assert_eq!(stage["decisions"][0]["allowed"], true, "{stage}");
    ask("field:contact.nothing").await.assert_problem(404, "field_not_found");
    ask("planet:mars").await.assert_problem(400, "unknown_resource");
    viewer.get("/api/v1/auth/explain?action=tasks:fly").await.assert_problem(400, "unknown_permission");
}
