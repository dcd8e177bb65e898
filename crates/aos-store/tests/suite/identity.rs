//! Sessions and their refresh tokens, members, invitations, and the counts that slow guessing down.

use super::common::{TestStore, establish};
use aos_core::tenant::{Principal, Scopes};
use aos_core::vault::Secret;
use aos_core::{Role, SessionId, TenantScope, UserId};
use aos_store::{
    Error, Identity, NewApiKey, NewMember, NewSession, OidcAttempt, Page, Proof, Renewal, SessionEnd, Store, TokenKey,
    User,
};
use chrono::Duration;

const GRACE: std::time::Duration = std::time::Duration::from_secs(10);

/// A tenant and its owner, who acts.
async fn owned(test: &TestStore) -> (TenantScope, User) {
    let (tenant, owner) = test.store.system().register("acme", "Ann", "ann@acme.example", "hash").await.unwrap();
    (acting(&establish(tenant.id), owner.id, Role::Owner), owner)
}

#[allow(clippy::disallowed_methods)] // Tests stand in for the doors that may.
fn acting(of: &TenantScope, user: UserId, role: Role) -> TenantScope {
    TenantScope::establish(of.tenant_id(), Principal::User(user), role)
}

async fn member(store: &Store, scope: &TenantScope, name: &str, role: Role) -> User {
    let email = format!("{name}@acme.example");
    store.system().add_user(scope.tenant_id(), name, &email, "hash", role).await.unwrap()
}

async fn session(test: &TestStore, scope: &TenantScope, user: UserId, digest: &str) -> SessionId {
    let expires_at = test.clock.now() + Duration::days(7);
    let new = NewSession { user, method: "password", expires_at, refresh_digest: Some(digest) };
    test.store.tenant(scope).begin_session(new).await.unwrap()
}

async fn renewed(store: &Store, scope: &TenantScope, id: SessionId, from: &str, to: &str) -> Renewal {
    store.tenant(scope).renew_session(id, from, to, GRACE).await.unwrap()
}

fn is_renewed(renewal: Renewal) -> bool {
    matches!(renewal, Renewal::Renewed { .. })
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_return_ends_the_session() {
    let test = TestStore::new().await;
    let (scope, owner) = owned(&test).await;
    let id = session(&test, &scope, owner.id, "r0").await;
    let other = session(&test, &scope, owner.id, "o0").await;
    assert!(is_renewed(renewed(&test.store, &scope, id, "r0", "r1").await));
    test.clock.advance(Duration::minutes(14));
    assert!(is_renewed(renewed(&test.store, &scope, id, "r1", "r2").await));
    assert_eq!(renewed(&test.store, &scope, id, "r0", "x").await, Renewal::Reused);
    assert_eq!(renewed(&test.store, &scope, id, "r2", "x").await, Renewal::Over, "the good one ended with it");
    let standing = test.store.tenant(&scope).session_standing(id).await.unwrap().unwrap();
    assert!(standing.ended);
    assert!(is_renewed(renewed(&test.store, &scope, other, "o0", "o1").await), "other sign-ins go on");
    let trail = test.store.tenant(&scope).list_audit(Page::default()).await.unwrap().items;
    assert!(trail.iter().any(|entry| entry.action == "session.end" && entry.detail["why"] == "reuse"));
}

#[tokio::test]
async fn a_lost_answer_costs_nothing_and_leaves_one_good_token() {
    let test = TestStore::new().await;
    let (scope, owner) = owned(&test).await;
    let id = session(&test, &scope, owner.id, "r0").await;
    assert!(is_renewed(renewed(&test.store, &scope, id, "r0", "lost").await));
    test.clock.advance(Duration::seconds(9));
    assert!(is_renewed(renewed(&test.store, &scope, id, "r0", "r1").await), "asked again within the grace");
    test.clock.advance(Duration::seconds(60));
    // Whoever found the lost answer comes second: that is seen, and nobody is let in any more.
    assert_eq!(renewed(&test.store, &scope, id, "lost", "x").await, Renewal::Reused);
    assert_eq!(renewed(&test.store, &scope, id, "r1", "x").await, Renewal::Over);
}

#[tokio::test]
async fn without_a_grace_a_token_that_comes_back_at_once_ends_the_session() {
    let test = TestStore::new().await;
    let (scope, owner) = owned(&test).await;
    let id = session(&test, &scope, owner.id, "r0").await;
    let none = std::time::Duration::ZERO;
    let store = test.store.tenant(&scope);
    assert!(is_renewed(store.renew_session(id, "r0", "r1", none).await.unwrap()));
    assert_eq!(store.renew_session(id, "r0", "x", none).await.unwrap(), Renewal::Reused, "in the same moment");
    assert_eq!(store.renew_session(id, "r1", "x", none).await.unwrap(), Renewal::Over);
}

#[tokio::test]
async fn of_renewals_at_the_same_moment_one_token_is_left() {
    let test = TestStore::new().await;
    let (scope, owner) = owned(&test).await;
    let id = session(&test, &scope, owner.id, "r0").await;
    let stores = [test.store.clone(), test.opened_beside().await];
    let tries: Vec<_> = (0..12)
        .map(|n| {
            let (store, scope) = (stores[n % 2].clone(), scope.clone());
            tokio::spawn(async move { renewed(&store, &scope, id, "r0", &format!("n{n}")).await })
        })
        .collect();
    for attempt in tries {
        assert!(is_renewed(attempt.await.unwrap()));
    }
    let good = "SELECT CAST(COUNT(*) AS TEXT) FROM refresh_tokens WHERE used_at IS NULL";
    assert_eq!(test.query(good).await, ["1"]);
}

#[tokio::test]
async fn a_session_ends_with_its_time_however_often_it_is_renewed() {
    let test = TestStore::new().await;
    let (scope, owner) = owned(&test).await;
    let id = session(&test, &scope, owner.id, "r0").await;
    test.clock.advance(Duration::days(6));
    assert!(is_renewed(renewed(&test.store, &scope, id, "r0", "r1").await));
    test.clock.advance(Duration::days(1));
    assert_eq!(renewed(&test.store, &scope, id, "r1", "r2").await, Renewal::Over);
    assert_eq!(test.store.tenant(&scope).list_sessions(owner.id).await.unwrap(), []);
    // What has expired is forgotten with the next sign-in.
    session(&test, &scope, owner.id, "s0").await;
    assert_eq!(test.query("SELECT CAST(COUNT(*) AS TEXT) FROM refresh_tokens").await, ["1"]);
}

#[tokio::test]
async fn a_user_has_at_most_a_hundred_sessions() {
    let test = TestStore::new().await;
    let (scope, owner) = owned(&test).await;
    let first = session(&test, &scope, owner.id, "first").await;
    for n in 0..100 {
        test.clock.advance(Duration::seconds(1));
        session(&test, &scope, owner.id, &format!("s{n}")).await;
    }
    let store = test.store.tenant(&scope);
    assert_eq!(store.list_sessions(owner.id).await.unwrap().len(), 100);
    assert_eq!(store.session_standing(first).await.unwrap(), None, "the oldest went");
    assert_eq!(test.query("SELECT CAST(COUNT(*) AS TEXT) FROM refresh_tokens").await, ["100"]);
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let test = TestStore::new().await;
    let (scope, owner) = owned(&test).await;
    let (kept, other) = (session(&test, &scope, owner.id, "a").await, session(&test, &scope, owner.id, "b").await);
    let store = test.store.tenant(&scope);
    store.change_password(owner.id, "new", kept).await.unwrap();
    let stands = async |id| !store.session_standing(id).await.unwrap().unwrap().ended;
    assert!(stands(kept).await && !stands(other).await);
    let system = test.store.system();
    assert_eq!(system.password_hash(scope.tenant_id(), owner.id).await.unwrap().as_deref(), Some("new"));
    store.end_session(kept, SessionEnd::SignedOut).await.unwrap();
    assert!(!stands(kept).await);
}

#[tokio::test]
async fn the_last_owner_stays_also_when_two_go_at_the_same_moment() {
    let test = TestStore::new().await;
    let (scope, ann) = owned(&test).await;
    let store = test.store.tenant(&scope);
    assert!(matches!(store.remove_member(ann.id).await, Err(Error::LastOwner)));
    assert!(matches!(store.change_member_role(ann.id, Role::Admin).await, Err(Error::LastOwner)));
    for round in 0..5 {
        let bob = member(&test.store, &scope, &format!("bob{round}"), Role::Owner).await;
        let beside = test.opened_beside().await;
        let (left, right) = (test.store.tenant(&scope), beside.tenant(&scope));
        let (left, right) =
            tokio::join!(left.change_member_role(ann.id, Role::Admin), right.change_member_role(bob.id, Role::Admin));
        assert!(left.is_ok() != right.is_ok(), "{left:?} {right:?}");
        let owners = "SELECT CAST(COUNT(*) AS TEXT) FROM users WHERE role = 'owner'";
        assert_eq!(test.query(owners).await, ["1"]);
        if left.is_ok() {
            test.store.tenant(&scope).change_member_role(ann.id, Role::Owner).await.unwrap();
            test.store.tenant(&scope).change_member_role(bob.id, Role::Admin).await.unwrap();
        }
    }
}

#[tokio::test]
async fn nobody_changes_who_is_above_them_or_lifts_anyone_above_themselves() {
    let test = TestStore::new().await;
    let (scope, ann) = owned(&test).await;
    let (admin, viewer) =
        (member(&test.store, &scope, "adm", Role::Admin).await, member(&test.store, &scope, "vic", Role::Viewer).await);
    let as_admin = acting(&scope, admin.id, Role::Admin);
    let store = test.store.tenant(&as_admin);
    assert!(matches!(store.change_member_role(ann.id, Role::Viewer).await, Err(Error::NotAllowed(_))));
    assert!(matches!(store.remove_member(ann.id).await, Err(Error::NotAllowed(_))));
    assert!(matches!(store.change_member_role(viewer.id, Role::Owner).await, Err(Error::NotAllowed(_))));
    assert_eq!(store.change_member_role(viewer.id, Role::Admin).await.unwrap().role, Role::Admin);
}

#[tokio::test]
async fn who_is_taken_out_leaves_nothing_to_sign_in_with() {
    let test = TestStore::new().await;
    let (scope, _) = owned(&test).await;
    let bob = member(&test.store, &scope, "bob", Role::Member).await;
    let id = session(&test, &scope, bob.id, "r0").await;
    let store = test.store.tenant(&scope);
    store.link_identity(bob.id, Identity { issuer: "https://id.example", subject: "1" }).await.unwrap();
    store.remove_member(bob.id).await.unwrap();
    let system = test.store.system();
    assert_eq!(store.session_standing(id).await.unwrap(), None);
    assert!(system.find_sign_in("bob@acme.example").await.unwrap().is_none());
    let identity = Identity { issuer: "https://id.example", subject: "1" };
    assert_eq!(system.find_identity(identity).await.unwrap(), None);
    for table in ["credentials", "sign_in_directory", "identities", "sessions", "refresh_tokens"] {
        let left = test.query(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table}")).await;
        let owners = usize::from(matches!(table, "credentials" | "sign_in_directory"));
        assert_eq!(left, [owners.to_string()], "{table}");
    }
    system.register("bobs", "Bob", "bob@acme.example", "hash").await.unwrap();
}

#[tokio::test]
async fn an_invitation_is_accepted_once_and_by_one() {
    let test = TestStore::new().await;
    let (scope, _) = owned(&test).await;
    let store = test.store.tenant(&scope);
    let until = test.clock.now() + Duration::days(7);
    let invited = store.create_invitation("cy@acme.example", Role::Viewer, "i0", until).await.unwrap();
    let found = test.store.system().find_invitation(scope.tenant_id(), "i0").await.unwrap();
    assert_eq!(found, Some(invited.clone()));
    let beside = test.opened_beside().await;
    let accept = async |store: &Store| {
        let new = NewMember { user: UserId::new(), name: "Cy", proof: Proof::PasswordHash("hash") };
        store.tenant(&scope).accept_invitation(invited.id, new).await
    };
    let (one, two) = tokio::join!(accept(&test.store), accept(&beside));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let joined = one.or(two).unwrap();
    assert_eq!((joined.email.as_str(), joined.role), ("cy@acme.example", Role::Viewer));
    assert_eq!(test.store.system().find_sign_in("CY@acme.example").await.unwrap().unwrap().user, joined.id);
    let taken = store.create_invitation("CY@acme.example", Role::Viewer, "i1", until).await;
    assert!(matches!(taken, Err(Error::Conflict { kind: "member", .. })), "{taken:?}");
}

#[tokio::test]
async fn an_invitation_that_is_over_lets_nobody_join_and_an_address_that_is_taken_keeps_it_open() {
    let test = TestStore::new().await;
    let (scope, _) = owned(&test).await;
    test.store.system().register("globex", "Gil", "gil@globex.example", "hash").await.unwrap();
    let store = test.store.tenant(&scope);
    let new = || NewMember { user: UserId::new(), name: "Cy", proof: Proof::PasswordHash("hash") };
    let until = test.clock.now() + Duration::days(7);
    let elsewhere = store.create_invitation("gil@globex.example", Role::Viewer, "i0", until).await.unwrap();
    assert!(matches!(store.accept_invitation(elsewhere.id, new()).await, Err(Error::EmailTaken)));
    let still = test.store.system().find_invitation(scope.tenant_id(), "i0").await.unwrap().unwrap();
    assert!(still.is_open(test.clock.now()));
    store.revoke_invitation(elsewhere.id).await.unwrap();
    assert!(matches!(store.accept_invitation(elsewhere.id, new()).await, Err(Error::NotFound(_))));
    assert!(matches!(store.revoke_invitation(elsewhere.id).await, Err(Error::NotFound(_))));
    let late = store.create_invitation("cy@acme.example", Role::Viewer, "i1", until).await.unwrap();
    test.clock.advance(Duration::days(7));
    assert!(matches!(store.accept_invitation(late.id, new()).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn an_identity_belongs_to_one_account() {
    let test = TestStore::new().await;
    let (scope, ann) = owned(&test).await;
    let identity = Identity { issuer: "https://id.example", subject: "ann" };
    let system = test.store.system();
    assert!(!system.find_user_by_email("Ann@acme.example").await.unwrap().unwrap().1, "nobody vouched yet");
    test.store.tenant(&scope).link_identity(ann.id, identity).await.unwrap();
    let known = system.find_identity(identity).await.unwrap().unwrap();
    assert_eq!((known.tenant, known.user, known.role), (scope.tenant_id(), ann.id, Role::Owner));
    assert!(system.find_user_by_email("ann@acme.example").await.unwrap().unwrap().1);
    let stolen = system.register_identity("Eve", "eve@evil.example", identity).await;
    assert!(matches!(stolen, Err(Error::IdentityTaken)), "{stolen:?}");
    assert_eq!(system.list_tenants().await.unwrap().len(), 1, "no half tenant is left");
    let other = Identity { subject: "eve", ..identity };
    let (_, eve) = system.register_identity("Eve", "eve@evil.example", other).await.unwrap();
    assert!(system.find_sign_in("eve@evil.example").await.unwrap().is_none(), "there is no password");
    assert_eq!(system.find_identity(other).await.unwrap().unwrap().user, eve.id);
}

#[tokio::test]
async fn a_key_is_found_by_its_digest_in_its_tenant_and_keeps_its_scopes() {
    let test = TestStore::new().await;
    let (scope, _) = owned(&test).await;
    let store = test.store.tenant(&scope);
    let scopes: Scopes = ["records:read".to_owned()].into_iter().collect();
    let new = NewApiKey {
        name: "export",
        digest: "d",
        ending: "d",
        role: Role::Agent,
        scopes: Some(&scopes),
        expires_at: Some(test.clock.now() + Duration::days(1)),
    };
    let made = store.create_api_key(new).await.unwrap();
    let find = async || test.store.system().find_api_key(scope.tenant_id(), "d").await.unwrap().unwrap();
    assert_eq!(find().await, made);
    assert_eq!(made.scopes.as_deref(), Some(&["records:read".to_owned()][..]));
    store.note_api_key_use(&made).await.unwrap();
    let used = find().await.last_used_at;
    assert_eq!(used, Some(test.clock.now()));
    test.clock.advance(Duration::minutes(9));
    store.note_api_key_use(&find().await).await.unwrap();
    assert_eq!(find().await.last_used_at, used, "kept coarsely");
    assert!(find().await.is_good(test.clock.now()) && !find().await.is_good(made.expires_at.unwrap()));
    store.revoke_api_key(made.id).await.unwrap();
    store.revoke_api_key(made.id).await.unwrap();
    assert!(!find().await.is_good(test.clock.now()));
}

#[tokio::test]
async fn attempts_are_counted_in_windows_by_every_process() {
    let test = TestStore::new().await;
    let beside = test.opened_beside().await;
    let window = Duration::minutes(15);
    let until = test.clock.now() + window;
    assert_eq!(test.store.system().count_attempt("a", window).await.unwrap(), (1, until));
    test.clock.advance(Duration::minutes(5));
    assert_eq!(beside.system().count_attempt("a", window).await.unwrap(), (2, until));
    assert_eq!(beside.system().count_attempt("b", window).await.unwrap().0, 1);
    test.store.system().forget_attempts("b").await.unwrap();
    assert_eq!(beside.system().count_attempt("b", window).await.unwrap().0, 1);
    test.clock.advance(Duration::minutes(10));
    assert_eq!(test.store.system().count_attempt("a", window).await.unwrap().0, 1, "a new window");
}

#[tokio::test]
async fn a_sign_in_at_a_provider_comes_back_once_and_to_its_own_browser() {
    let test = TestStore::new().await;
    let system = test.store.system();
    let expires_at = test.clock.now() + Duration::minutes(10);
    let keep = async |state| {
        let attempt = OidcAttempt { state_digest: state, browser_digest: "mine", body: "{}", expires_at };
        system.keep_oidc_attempt(attempt).await.unwrap();
    };
    keep("s").await;
    assert_eq!(system.take_oidc_attempt("s", "theirs").await.unwrap(), None);
    assert_eq!(system.take_oidc_attempt("s", "mine").await.unwrap().as_deref(), Some("{}"));
    assert_eq!(system.take_oidc_attempt("s", "mine").await.unwrap(), None);
    keep("late").await;
    test.clock.advance(Duration::minutes(10));
    assert_eq!(system.take_oidc_attempt("late", "mine").await.unwrap(), None);
}

#[tokio::test]
async fn processes_agree_on_the_keys_that_sign_also_while_they_are_changed() {
    let test = TestStore::new().await;
    let beside = test.opened_beside().await;
    let key = |byte: u8| TokenKey { secret: Secret::new([byte; 32]), signs_from: test.clock.now(), expires_at: None };
    let bytes = |keys: &[TokenKey]| keys.iter().map(|key| key.secret.expose()[0]).collect::<Vec<_>>();
    let (here, there) = (test.store.system(), beside.system());
    let (one, two) = tokio::join!(here.token_keys(key(1)), there.token_keys(key(2)));
    assert_eq!(bytes(&one.unwrap()), bytes(&two.unwrap()), "one of them was the first");
    let end = test.clock.now() + Duration::minutes(20);
    let (one, two) = tokio::join!(here.rotate_token_keys(key(3), end), there.rotate_token_keys(key(4), end));
    let (one, two) = (one.unwrap(), two.unwrap());
    let last = if one.len() > two.len() { one } else { two };
    assert_eq!(last.len(), 3, "neither change lost the other's key");
    assert_eq!(last.iter().filter(|key| key.expires_at.is_none()).count(), 1);
    test.clock.advance(Duration::minutes(20));
    assert_eq!(bytes(&here.rotate_token_keys(key(5), end).await.unwrap()), [5], "what has ended is forgotten");
    assert_eq!(bytes(&there.token_keys(key(6)).await.unwrap()), [5]);
}

#[tokio::test]
async fn a_renewal_is_in_the_trail() {
    let test = TestStore::new().await;
    let (scope, owner) = owned(&test).await;
    let id = session(&test, &scope, owner.id, "r0").await;
    assert!(is_renewed(renewed(&test.store, &scope, id, "r0", "r1").await));
    assert_eq!(renewed(&test.store, &scope, id, "unknown", "x").await, Renewal::Over);
    let trail = test.store.tenant(&scope).list_audit(Page::default()).await.unwrap().items;
    let renewals: Vec<_> = trail.iter().filter(|entry| entry.action == "session.renew").collect();
    assert_eq!(renewals.len(), 1, "what was not renewed is not said to be");
    assert_eq!(renewals[0].resource, format!("session:{id}"));
}

#[tokio::test]
async fn a_link_gives_another_password_once_in_time_and_ends_every_session() {
    let test = TestStore::new().await;
    let (scope, owner) = owned(&test).await;
    let (store, system) = (test.store.tenant(&scope), test.store.system());
    let bob = member(&test.store, &scope, "bob", Role::Member).await;
    let held = session(&test, &scope, bob.id, "r0").await;
    let until = test.clock.now() + Duration::days(1);
    let hash = async || system.password_hash(scope.tenant_id(), bob.id).await.unwrap().unwrap();
    store.create_password_reset(bob.id, "first", until).await.unwrap();
    store.create_password_reset(bob.id, "second", until).await.unwrap();
    assert_eq!(system.find_password_reset(scope.tenant_id(), "first").await.unwrap(), None, "the newest one counts");
    let found = system.find_password_reset(scope.tenant_id(), "second").await.unwrap().unwrap();
    assert_eq!((found.user, found.email.as_str(), found.role), (bob.id, "bob@acme.example", Role::Member));
    let bobs = acting(&scope, bob.id, Role::Member);
    test.store.tenant(&bobs).use_password_reset(found.id, "another").await.unwrap();
    assert_eq!(hash().await, "another");
    assert!(test.store.tenant(&bobs).use_password_reset(found.id, "again").await.is_err());
    assert_eq!(system.find_password_reset(scope.tenant_id(), "second").await.unwrap(), None);
    assert!(store.session_standing(held).await.unwrap().unwrap().ended);
    let late = store.create_password_reset(bob.id, "late", until).await.unwrap();
    test.clock.advance(Duration::days(1));
    assert_eq!(system.find_password_reset(scope.tenant_id(), "late").await.unwrap(), None);
    assert!(test.store.tenant(&bobs).use_password_reset(late, "late").await.is_err());
    assert_eq!(hash().await, "another");
    let admin = member(&test.store, &scope, "admin", Role::Admin).await;
    let admins = acting(&scope, admin.id, Role::Admin);
    let above = test.store.tenant(&admins).create_password_reset(owner.id, "above", until).await;
    assert!(matches!(above, Err(Error::NotAllowed(_))), "nobody gets in as who is above them");
}

#[tokio::test]
async fn schedules_stop_when_whoever_saved_them_may_not_act_any_more() {
    let test = TestStore::new().await;
    let (scope, _) = owned(&test).await;
    let store = test.store.tenant(&scope);
    let nightly = |name: &str| {
        let task = aos_core::task::NewTask::new("noop", serde_json::json!({}));
        let (name, cron, zone) = (name.to_owned(), "0 3 * * *".to_owned(), "UTC".to_owned());
        aos_store::NewSchedule { name, cron, zone, task, enabled: true }
    };
    let key = NewApiKey { name: "k", digest: "d", ending: "d", role: Role::Member, scopes: None, expires_at: None };
    let key = store.create_api_key(key).await.unwrap();
    #[allow(clippy::disallowed_methods)] // Tests stand in for the doors that may.
    let keys = TenantScope::establish(scope.tenant_id(), Principal::ApiKey(key.id), Role::Member);
    let (leaves, lowered, stays) = (
        member(&test.store, &scope, "leaves", Role::Member).await,
        member(&test.store, &scope, "lowered", Role::Admin).await,
        member(&test.store, &scope, "stays", Role::Owner).await,
    );
    for (of, name) in [
        (acting(&scope, leaves.id, Role::Member), "leaves"),
        (acting(&scope, lowered.id, Role::Admin), "lowered"),
        (acting(&scope, stays.id, Role::Owner), "stays"),
        (keys, "key"),
    ] {
        test.store.tenant(&of).create_schedule(nightly(name)).await.unwrap();
    }
    store.remove_member(leaves.id).await.unwrap();
    store.change_member_role(lowered.id, Role::Viewer).await.unwrap();
    store.change_member_role(stays.id, Role::Member).await.unwrap();
    store.revoke_api_key(key.id).await.unwrap();
    let schedules = store.list_schedules(Page::default()).await.unwrap().items;
    let enabled: Vec<_> = schedules.iter().filter(|found| found.enabled).map(|found| found.name.as_str()).collect();
    assert_eq!(enabled, ["stays"], "who is a member may run tasks");
    for stopped in schedules.iter().filter(|found| !found.enabled) {
        assert!(stopped.last_error.as_deref().unwrap_or_default().starts_with("switched off: "), "{stopped:?}");
    }
    let trail = store.list_audit(Page::default()).await.unwrap().items;
    assert_eq!(trail.iter().filter(|entry| entry.action == "schedule.disable").count(), 3);
    test.clock.advance(Duration::days(2));
    assert_eq!(test.store.system().run_due_schedules().await.unwrap(), 1);
    let soon = Some(test.clock.now() + Duration::hours(1));
    let brief =
        NewApiKey { name: "brief", digest: "e", ending: "e", role: Role::Member, scopes: None, expires_at: soon };
    let brief = store.create_api_key(brief).await.unwrap();
    #[allow(clippy::disallowed_methods)] // Tests stand in for the doors that may.
    let briefly = TenantScope::establish(scope.tenant_id(), Principal::ApiKey(brief.id), Role::Member);
    let brief = test.store.tenant(&briefly).create_schedule(nightly("brief")).await.unwrap();
    test.clock.advance(Duration::days(2));
    assert_eq!(test.store.system().run_due_schedules().await.unwrap(), 1, "a key that has expired acts no more");
    assert!(!store.schedule(brief.id).await.unwrap().unwrap().enabled);
    // Whoever saves it again takes it over.
    let again = schedules.iter().find(|found| found.name == "leaves").unwrap().id;
    let taken = store.update_schedule(again, nightly("leaves")).await.unwrap();
    assert!(taken.enabled && taken.last_error.is_none() && taken.created_by == scope.principal().to_string());
}
