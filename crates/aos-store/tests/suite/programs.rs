//! Programs that people let act for them: a code is good once, whoever comes at the same moment, and what came of it ends when it comes again.

use super::common::{TestStore, establish};
use aos_core::tenant::Scopes;
use aos_core::{TenantScope, UserId};
use aos_store::{Error, NewProgramCode, ProgramCode, Renewal, Store};
use chrono::Duration;

const GRACE: std::time::Duration = std::time::Duration::from_secs(10);

/// A tenant, and a person in it.
async fn owned(test: &TestStore) -> (TenantScope, UserId) {
    let (tenant, owner) = test.store.system().register("acme", "Ann", "ann@acme.example", "hash").await.unwrap();
    (establish(tenant.id), owner.id)
}

async fn code(test: &TestStore, scope: &TenantScope, user: UserId, digest: &str) -> Result<ProgramCode, Error> {
    let scopes: Scopes = ["records:read"].map(str::to_owned).into_iter().collect();
    let new = NewProgramCode {
        user,
        digest,
        client_digest: "c",
        client_name: "Claude",
        redirect_uri: "http://127.0.0.1/cb",
        challenge: "x",
        scopes: &scopes,
        resource: "http://localhost/mcp",
        expires_at: test.clock.now() + Duration::seconds(60),
    };
    test.store.tenant(scope).allow_program(new).await?;
    Ok(test.store.system().find_program_code(scope.tenant_id(), digest).await?.expect("the code"))
}

async fn begun(store: &Store, scope: &TenantScope, code: &ProgramCode, refresh: &str) -> Option<aos_core::SessionId> {
    let until = code.expires_at + Duration::days(30);
    store.tenant(scope).begin_program_session(code, until, refresh).await.unwrap()
}

#[tokio::test]
async fn of_many_that_bring_one_code_at_most_one_begins_and_nothing_stands_afterwards() {
    let test = TestStore::new().await;
    let (scope, owner) = owned(&test).await;
    let found = code(&test, &scope, owner, "d").await.unwrap();
    let stores = [test.store.clone(), test.opened_beside().await];
    let tries: Vec<_> = (0..8)
        .map(|n| {
            let (store, scope, found) = (stores[n % 2].clone(), scope.clone(), found.clone());
            tokio::spawn(async move { begun(&store, &scope, &found, &format!("r{n}")).await })
        })
        .collect();
    let mut ids = Vec::new();
    for attempt in tries {
        ids.extend(attempt.await.unwrap());
    }
    assert_eq!(ids.len(), 1);
    let store = test.store.tenant(&scope);
    assert!(store.session_standing(ids[0]).await.unwrap().unwrap().ended, "it came twice, so nobody knows whose it is");
    assert_eq!(store.list_program_grants(owner).await.unwrap(), []);
}

#[tokio::test]
async fn what_a_program_holds_is_narrowed_listed_apart_and_goes_with_its_person() {
    let test = TestStore::new().await;
    let (scope, owner) = owned(&test).await;
    let found = code(&test, &scope, owner, "d").await.unwrap();
    let id = begun(&test.store, &scope, &found, "r0").await.unwrap();
    let store = test.store.tenant(&scope);
    let grant = store.program_grant(id).await.unwrap().unwrap();
    assert_eq!(
        (grant.scopes.as_slice(), grant.client_name.as_str()),
        (["records:read".to_owned()].as_slice(), "Claude")
    );
    assert_eq!(store.list_program_grants(owner).await.unwrap().len(), 1);
    assert_eq!(store.list_sessions(owner).await.unwrap(), [], "it is no sign-in of the person");
    assert!(matches!(store.renew_session(id, "r0", "r1", GRACE).await.unwrap(), Renewal::Renewed { .. }));

    let (other, _) = test.store.system().register("globex", "Eve", "eve@globex.example", "hash").await.unwrap();
    let stranger = establish(other.id);
    let strange = test.store.tenant(&stranger);
    assert_eq!(strange.program_grant(id).await.unwrap(), None);
    assert_eq!(strange.list_program_grants(owner).await.unwrap(), []);
    assert!(strange.end_program(owner, id).await.is_err());
    assert_eq!(test.store.system().find_program_code(other.id, "d").await.unwrap(), None);
    assert_eq!(begun(&test.store, &stranger, &found, "x").await, None);
    assert!(store.end_program(UserId::new(), id).await.is_err(), "a colleague's is a colleague's");

    let email = "bob@acme.example";
    let bob =
        test.store.system().add_user(scope.tenant_id(), "bob", email, "hash", aos_core::Role::Member).await.unwrap();
    let bobs = code(&test, &scope, bob.id, "e").await.unwrap();
    let bobs = begun(&test.store, &scope, &bobs, "b0").await.unwrap();
    store.remove_member(bob.id).await.unwrap();
    assert_eq!(store.program_grant(bobs).await.unwrap(), None);
    store.end_program(owner, id).await.unwrap();
    assert_eq!(store.renew_session(id, "r1", "r2", GRACE).await.unwrap(), Renewal::Over);
    assert!(store.end_program(owner, id).await.is_err());
    for (table, left) in [("program_grants", "1"), ("program_codes", "1")] {
        assert_eq!(test.query(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table}")).await, [left], "{table}");
    }
}

#[tokio::test]
async fn a_person_lets_at_most_a_hundred_programs_act_and_old_codes_go() {
    let test = TestStore::new().await;
    let (scope, owner) = owned(&test).await;
    for n in 0..100 {
        code(&test, &scope, owner, &format!("d{n}")).await.unwrap();
    }
    assert!(matches!(code(&test, &scope, owner, "more").await, Err(Error::TooMany { limit: 100, .. })));
    test.clock.advance(Duration::hours(2));
    code(&test, &scope, owner, "more").await.unwrap();
    assert_eq!(test.query("SELECT CAST(COUNT(*) AS TEXT) FROM program_codes").await, ["1"]);
}
