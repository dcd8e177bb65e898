//! What the store says, and keeps, when the server fails in the middle.

use crate::suite::common::{TestStore, event, source};
use aos_core::vault::Secret;
use aos_store::{Error, Page};

#[tokio::test]
async fn connections_that_the_server_ended_are_replaced_without_a_word() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    acme.commit(vec![event("a", 1, 0, "A")]).await.unwrap();
    for turn in 0..3 {
        test.database().sql(
            "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
              WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        assert_eq!(acme.rows().await.len(), 1 + turn, "a read is done again");
        acme.commit(vec![event(&format!("b{turn}"), 1, 0, "B")]).await.unwrap();
        assert_eq!(test.store.system().list_tenants().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_the_server_says_becomes_what_the_caller_can_do() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    type IsKind = fn(&Error) -> bool;
    let kinds: [(&str, IsKind); 6] = [
        ("53100", |error| matches!(error, Error::Full(_))),
        ("53300", |error| matches!(error, Error::TooManyConnections(_))),
        ("40P01", |error| matches!(error, Error::Contended(_))),
        ("40001", |error| matches!(error, Error::Contended(_))),
        ("57014", |error| matches!(error, Error::Unavailable(_))),
        ("22012", |error| matches!(error, Error::Refused(_))),
    ];
    for (code, is_expected) in kinds {
        test.database().sql(&format!(
            "CREATE OR REPLACE FUNCTION fails() RETURNS TRIGGER LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '{code}'; END $$;
             CREATE OR REPLACE TRIGGER fails BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION fails()"
        ));
        let error = store.put_setting("k", &serde_json::json!(1)).await.unwrap_err();
        assert!(is_expected(&error), "{code}: {error:?}");
        assert_eq!(store.setting("k").await.unwrap(), None, "nothing of it was kept");
    }
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_stopped() {
    let test = TestStore::new().await;
    let mut options = crate::suite::common::options(test.database());
    // Long enough for what opening the store asks on a busy machine, and short beside what the trigger sleeps.
    options.statement_timeout = std::time::Duration::from_secs(5);
    let store = aos_store::Store::open_postgres(&options, test.clock.clone()).await.unwrap();
    let scope = test.scope("acme").await;
    test.database().sql(
        "CREATE FUNCTION sleeps() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
         CREATE TRIGGER sleeps BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION sleeps()",
    );
    let error = store.tenant(&scope).put_setting("k", &serde_json::json!(1)).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    let trail = store.tenant(&scope).list_audit(Page::default()).await.unwrap().items;
    let actions: Vec<_> = trail.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["tenant.create"], "and the connection works on");
}

#[tokio::test]
async fn a_change_that_another_one_was_in_the_way_of_is_made_again_and_once() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    store.put_secret("test", "before", &Secret::new("x")).await.unwrap();
    // The first two tries end as the loser of a deadlock does. A sequence counts on when everything else is undone.
    test.database().sql(
        "CREATE SEQUENCE tries;
         CREATE FUNCTION lose() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER AS $$
         BEGIN
             IF nextval('tries') < 3 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER lose BEFORE INSERT ON secrets FOR EACH ROW EXECUTE FUNCTION lose();
         CREATE TRIGGER lose BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION lose();",
    );
    assert_eq!(store.put_secret("test", "token", &Secret::new("hush")).await.unwrap(), 1);
    let audited = "SELECT COUNT(*) FROM audit WHERE resource = 'test/token'";
    assert_eq!(test.database().sql(audited), "1", "what was undone left nothing");
    test.database().sql("SELECT setval('tries', 1, false)");
    let task = store.enqueue_task(aos_core::task::NewTask::new("noop", serde_json::json!({}))).await.unwrap();
    assert!(!task.known);
    assert_eq!(test.database().sql("SELECT COUNT(*) FROM tasks"), "1");
    // It does not go on for ever.
    test.database().sql("SELECT setval('tries', 1, false); ALTER SEQUENCE tries INCREMENT BY 1 MINVALUE -1000; SELECT setval('tries', -1000)");
    let error = store.put_secret("test", "other", &Secret::new("hush")).await.unwrap_err();
    assert!(matches!(error, Error::Contended(_)), "{error:?}");
}
