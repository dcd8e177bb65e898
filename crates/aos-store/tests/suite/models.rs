//! A day's budget for models holds whatever runs at the same time, and what was used is counted where it belongs.

use super::common::TestStore;
use aos_store::{ModelBudget, ModelCallEnd, ModelPayer, Page};
use futures_util::future::join_all;

const TEN: ModelBudget = ModelBudget { tokens: Some(1_000), micros: None };

fn end(outcome: &str) -> ModelCallEnd<'_> {
    ModelCallEnd {
        feature: "test",
        model: "compatible/some",
        outcome,
        attempts: 1,
        duration_ms: 7,
        tokens_in: Some(30),
        tokens_out: Some(12),
        micros: Some(5),
        may_have_used: true,
    }
}

#[tokio::test]
async fn of_calls_at_the_same_time_no_two_take_the_same_part_of_a_budget() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let takes = (0..25).map(|_| async { test.store.tenant(&acme).hold_model_budget(TEN, 100, 0).await.unwrap() });
    let held: Vec<_> = join_all(takes).await.into_iter().flatten().collect();
    assert_eq!(held.len(), 10, "ten times a hundred are a thousand");
    assert!(
        test.store.tenant(&globex).hold_model_budget(TEN, 100, 0).await.unwrap().is_some(),
        "another's is another's"
    );
    let store = test.store.tenant(&acme);
    for hold in held {
        store.settle_model_call(hold, &end("ok")).await.unwrap();
    }
    let day = store.model_day().await.unwrap();
    assert_eq!((day.tokens_used, day.tokens_held, day.micros_used), (420, 0, 50));
    assert!(store.hold_model_budget(TEN, 581, 0).await.unwrap().is_none());
    assert!(store.hold_model_budget(TEN, 580, 0).await.unwrap().is_some());
    test.clock.advance(chrono::Duration::days(1));
    assert!(store.hold_model_budget(TEN, 1_000, 0).await.unwrap().is_some(), "a new day");
}

#[tokio::test]
async fn what_an_agent_asks_is_held_of_its_own_budget_and_the_tenants_or_of_neither() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let payer = |tokens, micros| ModelPayer { agent: "copilot".into(), budget: ModelBudget { tokens, micros } };
    let takes = (0..25).map(|_| {
        let own = payer(Some(500), None);
        let store = &store;
        async move { store.hold_model_budget_of_agent(&own, TEN, 100, 1).await.unwrap() }
    });
    let held: Vec<_> = join_all(takes).await.into_iter().flatten().collect();
    assert_eq!(held.len(), 5, "its own budget is the lower one");
    assert_eq!(store.model_day().await.unwrap().tokens_held, 500, "what was refused holds nothing of the tenant's");
    for hold in held {
        store.settle_model_call(hold, &end("ok")).await.unwrap();
    }
    let used = vec![("dollar_micros".to_owned(), 25), ("tokens".to_owned(), 210)];
    assert_eq!(store.agent_usage("copilot").await.unwrap(), used);
    let dear = payer(None, Some(30));
    assert!(store.hold_model_budget_of_agent(&dear, TEN, 1, 6).await.unwrap().is_none());
    assert!(store.hold_model_budget_of_agent(&dear, TEN, 791, 0).await.unwrap().is_none(), "the tenant's");
    assert_eq!(store.agent_usage("copilot").await.unwrap(), used, "of neither");
    assert!(store.hold_model_budget_of_agent(&dear, TEN, 790, 5).await.unwrap().is_some());
}

#[tokio::test]
async fn money_has_a_limit_of_its_own() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let budget = ModelBudget { tokens: None, micros: Some(10) };
    assert!(store.hold_model_budget(budget, 1_000_000, 11).await.unwrap().is_none());
    assert!(store.hold_model_budget(budget, 1_000_000, 10).await.unwrap().is_some());
    assert!(store.hold_model_budget(budget, 1, 1).await.unwrap().is_none());
}

#[tokio::test]
async fn what_a_call_may_have_used_counts_in_full_when_nobody_says_how_much_it_was() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    let unknown = ModelCallEnd { tokens_in: None, tokens_out: None, micros: None, ..end("interrupted") };
    let hold = store.hold_model_budget(TEN, 300, 0).await.unwrap().unwrap();
    store.settle_model_call(hold, &unknown).await.unwrap();
    assert_eq!(store.model_day().await.unwrap().tokens_used, 300);
    let hold = store.hold_model_budget(TEN, 300, 0).await.unwrap().unwrap();
    let unreached = ModelCallEnd { may_have_used: false, outcome: "unreachable", ..unknown };
    store.settle_model_call(hold, &unreached).await.unwrap();
    let day = store.model_day().await.unwrap();
    assert_eq!((day.tokens_used, day.tokens_held), (300, 0));
    let usage = store.model_usage(1).await.unwrap();
    assert_eq!(usage.len(), 1);
    assert_eq!((usage[0].calls, usage[0].failed, usage[0].uncounted, usage[0].unpriced), (2, 2, 1, 1));
}

#[tokio::test]
async fn usage_is_the_tenants_own_and_setting_the_counters_back_leaves_it() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let store = test.store.tenant(&acme);
    for outcome in ["ok", "refused"] {
        let hold = store.hold_model_budget(ModelBudget::default(), 100, 9).await.unwrap().unwrap();
        store.settle_model_call(hold, &end(outcome)).await.unwrap();
    }
    store.save_model_calls(3).await.unwrap();
    let totals = store.model_totals().await.unwrap();
    assert_eq!((totals.calls, totals.tokens, totals.calls_saved), (2, 84, 3));
    store.reset_model_totals().await.unwrap();
    let totals = store.model_totals().await.unwrap();
    assert_eq!((totals.calls, totals.tokens, totals.calls_saved), (0, 0, 0));
    let usage = store.model_usage(1).await.unwrap();
    assert_eq!((usage[0].calls, usage[0].failed, usage[0].tokens_in, usage[0].micros), (2, 1, 60, 10));
    let calls = store.list_model_calls(Page::default()).await.unwrap().items;
    let outcomes: Vec<_> = calls.iter().map(|call| call.outcome.as_str()).collect();
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.contains(&"ok") && outcomes.contains(&"refused"));
    assert!(test.store.tenant(&globex).model_usage(1).await.unwrap().is_empty());
    assert!(test.store.tenant(&globex).list_model_calls(Page::default()).await.unwrap().items.is_empty());
    test.clock.advance(chrono::Duration::days(31));
    let hold = store.hold_model_budget(ModelBudget::default(), 1, 0).await.unwrap().unwrap();
    store.settle_model_call(hold, &end("ok")).await.unwrap();
    assert_eq!(store.list_model_calls(Page::default()).await.unwrap().items.len(), 1, "old calls go, their sums stay");
    assert_eq!(store.model_usage(60).await.unwrap().len(), 2);
}
