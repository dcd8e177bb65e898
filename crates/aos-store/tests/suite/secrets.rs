//! Secrets: sealed for one place, opened by their tenant alone, sealed anew while others change them.

use super::common::{Backend, TestStore, keyring};
use aos_core::vault::Secret;
use aos_store::{Error, Store, TenantStore};
use std::collections::BTreeSet;

const OLD: &str = "4242424242424242424242424242424242424242424242424242424242424242";
const NEW: &str = "0707070707070707070707070707070707070707070707070707070707070707";

async fn opened(store: &TenantStore<'_>, name: &str) -> Option<String> {
    let secret = store.reveal("test", name).await.unwrap();
    secret.map(|secret| secret.expose_text().unwrap().to_owned())
}

#[tokio::test]
async fn a_secret_comes_back_as_it_was_put_and_lies_nowhere_in_the_clear() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let (acme, globex) = (test.store.tenant(&acme), test.store.tenant(&globex));
    assert_eq!(acme.put_secret("test", "token", &Secret::new("hush-4711")).await.unwrap(), 1);
    assert_eq!(acme.put_secret("test", "token", &Secret::new("hush-4712")).await.unwrap(), 2);
    assert_eq!(opened(&acme, "token").await.as_deref(), Some("hush-4712"));
    assert_eq!(opened(&globex, "token").await, None, "it is nobody else's");
    let listed = acme.list_secrets().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].name.as_str(), listed[0].version), ("token", 2));
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let sealed = match crate::BACKEND {
        Backend::Sqlite => "SELECT lower(hex(sealed)) FROM secrets",
        Backend::Postgres => "SELECT encode(sealed, 'hex') FROM secrets",
    };
    for row in test.query(sealed).await {
        assert!(!row.contains(&hex("hush")), "{row}");
    }
    let audited = test.query("SELECT detail FROM audit WHERE action = 'secret.put'").await;
    assert_eq!(audited.len(), 2);
    assert!(audited.iter().all(|detail| !detail.contains("hush")));
    assert!(acme.delete_secret("test", "token").await.unwrap());
    assert!(!acme.delete_secret("test", "token").await.unwrap());
    assert_eq!(opened(&acme, "token").await, None);
}

#[tokio::test]
async fn a_sealed_row_that_is_moved_to_another_place_does_not_open() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    store.put_secret("test", "one", &Secret::new("first")).await.unwrap();
    store.put_secret("test", "two", &Secret::new("second")).await.unwrap();
    test.query("UPDATE secrets SET sealed = (SELECT s.sealed FROM secrets s WHERE s.name = 'one') WHERE name = 'two' RETURNING name").await;
    assert_eq!(opened(&store, "one").await.as_deref(), Some("first"));
    assert!(matches!(store.reveal("test", "two").await, Err(Error::Corrupt { table: "secrets", .. })));
}

#[tokio::test]
async fn a_data_key_is_changed_while_others_put_secrets_and_the_old_one_is_gone() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let beside = test.opened_beside().await.with_keyring(keyring(OLD));
    let store = test.store.tenant(&scope);
    for number in 0..150 {
        store.put_secret("test", &format!("s{number}"), &Secret::new(format!("value {number}"))).await.unwrap();
    }
    let other = beside.tenant(&scope);
    let (rotated, ()) = tokio::join!(store.rotate_data_key(), async {
        for number in 0..30 {
            other.put_secret("test", &format!("s{number}"), &Secret::new(format!("newer {number}"))).await.unwrap();
        }
    });
    assert_eq!(rotated.unwrap().version, 2);
    // What was put with the old key after the last look is sealed anew by the next call, which makes no further key unless all is done.
    let versions: BTreeSet<_> =
        test.query("SELECT CAST(key_version AS TEXT) FROM secrets WHERE purpose = 'test'").await.into_iter().collect();
    assert_eq!(versions.into_iter().collect::<Vec<_>>(), ["2"]);
    assert_eq!(test.query("SELECT CAST(version AS TEXT) FROM tenant_keys").await, ["2"], "the old key is gone");
    for number in 0..150 {
        let expected = if number < 30 { format!("newer {number}") } else { format!("value {number}") };
        assert_eq!(opened(&store, &format!("s{number}")).await, Some(expected));
    }
}

#[tokio::test]
async fn a_change_of_the_data_key_that_was_cut_off_is_taken_up() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    store.put_secret("test", "token", &Secret::new("hush")).await.unwrap();
    // As a process leaves it that was killed after it had made the new key: a second key that nothing is sealed with. What is wrapped for
    // version 1 does not open as version 2, so the row is made by a rotation, and the secret and its key are put back.
    let table = |name| format!("SELECT COUNT(*) || '' FROM {name}");
    test.query("CREATE TABLE kept_keys AS SELECT * FROM tenant_keys").await;
    test.query("CREATE TABLE kept_secrets AS SELECT * FROM secrets").await;
    store.rotate_data_key().await.unwrap();
    test.query("INSERT INTO tenant_keys SELECT * FROM kept_keys WHERE version = 1 ON CONFLICT DO NOTHING").await;
    test.query("DELETE FROM secrets").await;
    test.query("INSERT INTO secrets SELECT * FROM kept_secrets").await;
    assert_eq!(test.query(&table("tenant_keys")).await, ["2"]);
    let rotated = store.rotate_data_key().await.unwrap();
    assert_eq!((rotated.version, rotated.resealed, rotated.removed), (2, 1, 1), "the key there was is the one");
    let again = store.rotate_data_key().await.unwrap();
    assert_eq!((again.version, again.resealed, again.removed), (3, 1, 1));
    assert_eq!(opened(&store, "token").await.as_deref(), Some("hush"));
}

/// Returns the store as a process has it that knows these master keys.
async fn process(test: &TestStore, keys: &str) -> Store {
    test.opened_beside().await.with_keyring(keyring(keys))
}

#[tokio::test]
async fn the_master_key_is_changed_while_processes_with_both_keys_go_on() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    for scope in [&acme, &globex] {
        test.store.tenant(scope).put_secret("test", "token", &Secret::new("hush")).await.unwrap();
    }
    test.store.system().put_secret("test", "own", &Secret::new("ours")).await.unwrap();
    let both = process(&test, &format!("{NEW}\n{OLD}")).await;
    let rotated = both.system().rotate_master_key().await.unwrap();
    assert_eq!(rotated.rewrapped, 3);
    assert_eq!(both.system().rotate_master_key().await.unwrap().rewrapped, 0, "it is done");
    assert_eq!(
        both.system().master_key_use().await.unwrap().into_iter().collect::<Vec<_>>(),
        [(rotated.master_key, 3)]
    );
    let new = process(&test, NEW).await;
    assert_eq!(new.system().open_vault().await.unwrap(), 0);
    assert_eq!(opened(&new.tenant(&acme), "token").await.as_deref(), Some("hush"));
    assert!(new.system().reveal("test", "own").await.unwrap().is_some());
    let old = process(&test, OLD).await;
    assert!(matches!(old.system().open_vault().await, Err(Error::UnknownMasterKey { .. })));
    assert!(matches!(old.tenant(&acme).reveal("test", "token").await, Err(Error::UnknownMasterKey { .. })));
}

#[tokio::test]
async fn a_ring_whose_file_changes_is_read_again_when_a_key_is_not_known() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    std::fs::write(&file, OLD).unwrap();
    let from = file.clone();
    let load = move || Ok(aos_core::vault::MasterKeys::parse(&std::fs::read_to_string(&from)?)?);
    let running = test.opened_beside().await.with_keyring(aos_store::Keyring::open(load).unwrap());
    running.tenant(&scope).put_secret("test", "token", &Secret::new("hush")).await.unwrap();
    std::fs::write(&file, format!("{NEW}\n{OLD}")).unwrap();
    process(&test, &format!("{NEW}\n{OLD}")).await.system().rotate_master_key().await.unwrap();
    assert_eq!(opened(&running.tenant(&scope), "token").await.as_deref(), Some("hush"));
}

#[tokio::test]
async fn secrets_from_before_there_were_keys_are_sealed_once() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let tenant = match crate::BACKEND {
        Backend::Sqlite => format!("X'{}'", scope.tenant_id().0.simple()),
        Backend::Postgres => format!("'{}'", scope.tenant_id()),
    };
    // As the version before left them.
    for (key, value) in [
        ("callback_secrets", r#"{"current":"whsec_plain","created_at":"2026-01-01T00:00:00Z","previous":null}"#),
        (
            "slack_webhook",
            r#"{"url":"https://hooks.example/plain","set_at":"2026-01-01T00:00:00Z","disabled_reason":null}"#,
        ),
    ] {
        test.query(&format!("INSERT INTO tenant_settings VALUES ({tenant}, '{key}', '{value}') RETURNING key")).await;
        test.query(&format!("INSERT INTO unsealed_secrets VALUES ({tenant}, '{key}') RETURNING key")).await;
    }
    assert_eq!(test.store.system().open_vault().await.unwrap(), 2);
    assert_eq!(test.store.system().open_vault().await.unwrap(), 0);
    let store = test.store.tenant(&scope);
    let secrets = store.ensure_callback_secrets(|| panic!("there is one")).await.unwrap();
    assert_eq!(secrets.current, "whsec_plain");
    assert_eq!(store.slack_webhook().await.unwrap().unwrap().url, "https://hooks.example/plain");
    assert!(test.query("SELECT value FROM tenant_settings").await.iter().all(|value| !value.contains("plain")));
}

#[tokio::test]
async fn two_processes_that_make_the_same_secret_agree() {
    let test = TestStore::new().await;
    let beside = test.opened_beside().await.with_keyring(keyring(OLD));
    let (one, two) = (Secret::new("one"), Secret::new("two"));
    let (first, second) = (test.store.system(), beside.system());
    let (first, second) = tokio::join!(first.ensure_secret("keys", "k", &one), second.ensure_secret("keys", "k", &two));
    assert!(first.unwrap().expose() == second.unwrap().expose());
}

#[tokio::test]
async fn without_a_master_key_nothing_is_kept_and_the_next_step_is_said() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = match crate::BACKEND {
        // The same file again would be a second process.
        Backend::Sqlite => return,
        Backend::Postgres => {
            aos_store::Store::open_postgres(&super::common::options(test.database()), test.clock.clone()).await.unwrap()
        }
    };
    let error = store.tenant(&scope).put_secret("test", "token", &Secret::new("hush")).await.unwrap_err();
    assert!(matches!(error, Error::NoMasterKey) && error.to_string().contains("AUTONOMOS_MASTER_KEY"), "{error}");
}
