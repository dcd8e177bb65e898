//! What a tenant says about its feature flags is kept, is its own, and is in the trail.

use super::common::TestStore;
use aos_core::flag::Flag;
use aos_store::Page;

#[tokio::test]
async fn a_flag_is_the_tenants_own_until_it_is_forgotten() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let store = test.store.tenant(&acme);
    store.put_flag(Flag::UseAamAsSource, Some(true)).await.unwrap();
    store.put_flag(Flag::UseAamAsSource, Some(false)).await.unwrap();
    let stored = store.stored_flags().await.unwrap();
    assert_eq!((stored.len(), stored[0].flag, stored[0].value), (1, Flag::UseAamAsSource, false));
    assert_eq!(stored[0].changed_by, "local");
    assert_eq!(test.store.tenant(&globex).stored_flags().await.unwrap(), []);
    store.put_flag(Flag::UseAamAsSource, None).await.unwrap();
    store.put_flag(Flag::UseAamAsSource, None).await.unwrap();
    assert_eq!(store.stored_flags().await.unwrap(), []);
    let trail = store.list_audit(Page::default()).await.unwrap().items;
    let actions: Vec<_> = trail.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["tenant.create", "flag.set", "flag.set", "flag.reset"]);
}
