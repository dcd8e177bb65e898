use super::*;
use crate::id::{ApiKeyId, TenantId, UserId};
use crate::ontology::{Ontology, Pii};
use crate::tenant::{Principal, Scopes};
use serde_json::json;

#[allow(clippy::disallowed_methods)] // Tests may say who someone is.
fn someone(role: Role) -> TenantScope {
    TenantScope::establish(TenantId::new(), Principal::ApiKey(ApiKeyId::new()), role)
}

fn narrowed(role: Role, scopes: &[&str]) -> TenantScope {
    someone(role).with_scopes(scopes.iter().map(|scope| (*scope).to_owned()).collect::<Scopes>())
}

fn allowed(scope: &TenantScope, permission: Permission, resource: Resource<'_>) -> bool {
    decide(scope, permission, resource).allowed
}

#[test]
fn a_role_holds_its_permissions_and_those_of_the_roles_below_it_and_no_others() {
    for permission in Permission::ALL.iter().copied() {
        for role in Role::ALL {
            let decision = decide(&someone(role), permission, Resource::Any);
            assert_eq!(decision.allowed, role >= permission.least_role(), "{decision}");
            assert!(decision.to_string().contains(permission.as_str()), "{decision}");
        }
    }
}

#[test]
fn scopes_take_away_and_never_add() {
    let reader = narrowed(Role::Admin, &["records:read"]);
    assert!(allowed(&reader, Permission::ReadRecords, Resource::Any));
    assert!(!allowed(&reader, Permission::ReadTasks, Resource::Any));
    let decision = decide(&reader, Permission::ReadTasks, Resource::Any);
    assert_eq!(decision.reason, Reason::ScopesLack { role: Role::Admin, asking: Narrowed::Key });
    assert!(!allowed(&narrowed(Role::Viewer, &["tasks:run"]), Permission::RunTasks, Resource::Any));
    assert!(
        allowed(&narrowed(Role::Viewer, &[]), Permission::UseAccount, Resource::Any),
        "one may always ask who one is"
    );
}

#[test]
#[allow(clippy::disallowed_methods)] // Tests may say who someone is.
fn a_program_is_told_that_its_person_did_not_allow_it_and_nothing_of_a_key() {
    let person = TenantScope::establish(TenantId::new(), Principal::User(UserId::new()), Role::Owner);
    let program = person.with_scopes(["records:read".to_owned()].into_iter().collect());
    let decision = decide(&program, Permission::ReadTasks, Resource::Any);
    let said = decision.to_string();
    assert!(!decision.allowed && said.contains("this program") && said.contains("`tasks:read`"), "{said}");
    assert!(!said.contains("API key"), "{said}");
}

#[test]
fn a_task_needs_what_it_does() {
    let runner = narrowed(Role::Admin, &["tasks:run"]);
    assert!(allowed(&runner, Permission::RunTasks, Resource::Task { kind: kind::NOOP }));
    for (kind, needed) in [
        (kind::RESET, Permission::RunOrchestration),
        (kind::CONNECT, Permission::RunOrchestration),
        (kind::SLACK, Permission::SendNotifications),
    ] {
        let decision = decide(&runner, Permission::RunTasks, Resource::Task { kind });
        assert_eq!((decision.allowed, decision.permission), (false, needed), "{kind}");
    }
}

#[test]
fn nobody_changes_who_is_above_them() {
    let manage = |role, other| allowed(&someone(role), Permission::ManageMembers, Resource::Member { role: other });
    assert!(manage(Role::Admin, Role::Admin) && manage(Role::Owner, Role::Owner));
    assert!(!manage(Role::Admin, Role::Owner) && !manage(Role::Member, Role::Viewer));
}

#[test]
fn personal_and_unclassified_values_are_masked_for_those_who_may_not_see_them() {
    let (viewer, member) = (Lens::of(&someone(Role::Viewer)), Lens::of(&someone(Role::Member)));
    let email = Sensitivity::Personal(Pii::Email);
    assert_eq!(viewer.value(email, json!("ann@acme.test")), json!("[masked:email]"));
    assert_eq!(viewer.value(email, json!(null)), json!(null));
    assert_eq!(viewer.value(Sensitivity::Unclassified, json!(7)), json!("[masked:unclassified]"));
    assert_eq!(viewer.value(Sensitivity::Open, json!(7)), json!(7));
    assert_eq!(member.value(email, json!("ann@acme.test")), json!("ann@acme.test"));
    assert_eq!(Lens::of(&narrowed(Role::Owner, &["records:read"])), Lens::Masking);
}

#[test]
fn a_lens_and_a_decision_say_the_same() {
    for role in Role::ALL {
        for of in [Sensitivity::Open, Sensitivity::Unclassified, Sensitivity::Personal(Pii::Phone)] {
            let decided = allowed(&someone(role), Permission::ReadRecords, Resource::Values(of));
            assert_eq!(decided, Lens::of(&someone(role)).mask(of).is_none(), "{role:?} {of:?}");
        }
    }
}

#[test]
fn a_column_holds_what_it_feeds_and_nobody_knows_about_the_others() {
    let mapping: crate::mapping::StreamMapping = serde_json::from_value(json!({
        "version": 1, "stream": "people", "entities": [{ "entity": "contact", "fields": [
            { "target": "contact_id", "sources": ["id"], "confidence": 1.0, "origin": "matched" },
            { "target": "email", "sources": ["mail"], "confidence": 1.0, "origin": "matched" },
            { "target": "title", "sources": ["both"], "confidence": 1.0, "origin": "matched" },
            { "target": "phone", "sources": ["both", "home.phone"], "confidence": 1.0, "origin": "matched" },
        ] }],
    }))
    .unwrap();
    let ontology = Ontology::shipped();
    let of = |column: &str| Sensitivity::of_column(&ontology, Some(&mapping), column);
    assert_eq!(of("id"), Sensitivity::Open);
    assert_eq!(of("mail"), Sensitivity::Personal(Pii::Email));
    assert_eq!(of("both"), Sensitivity::Personal(Pii::Phone), "what feeds a personal field is personal");
    assert_eq!(of("home"), Sensitivity::Unclassified, "only a part of it is read");
    assert_eq!(of("shoe_size"), Sensitivity::Unclassified);
    assert_eq!(Sensitivity::of_column(&ontology, None, "mail"), Sensitivity::Unclassified);
}

#[test]
fn of_an_address_only_where_it_leads_is_shown_to_those_who_see_masks() {
    for (given, shown) in [
        ("https://hooks.example/a/b?token=secret", "https://hooks.example/[masked:unclassified]"),
        ("https://user:secret@hooks.example:8443?x", "https://hooks.example:8443/[masked:unclassified]"),
        ("https://hooks.example/", "https://hooks.example/"),
        ("https://hooks.example", "https://hooks.example/"),
        ("secret", "[masked:unclassified]"),
    ] {
        assert_eq!(Lens::Masking.address(given.to_owned()), shown);
        assert_eq!(Lens::Clear.address(given.to_owned()), given);
    }
}

#[test]
fn of_a_task_what_people_wrote_is_masked_and_what_it_counts_is_not() {
    let slack = json!({ "text": "call Ada", "channel": "#sales" });
    let masked = json!({ "text": "[masked:free_text]", "channel": "#sales" });
    assert_eq!(Lens::Masking.payload("slack", slack.clone()), masked);
    assert_eq!(Lens::Clear.payload("slack", slack.clone()), slack);
    assert_eq!(Lens::Masking.payload("connect", json!({ "sources": ["crm"] })), json!({ "sources": ["crm"] }));
    // What nobody has thought about yet is not shown.
    assert_eq!(Lens::Masking.payload("new", json!({ "a": 1 })), json!({ "a": "[masked:unclassified]" }));
    assert_eq!(Lens::Masking.payload("new", json!(["a"])), json!("[masked:unclassified]"));
    assert_eq!(Lens::Masking.result("discover", json!({ "found": [1] })), json!({ "found": "[masked:unclassified]" }));
    assert_eq!(Lens::Masking.result("connect", json!({ "sources": 2 })), json!({ "sources": 2 }));
}
