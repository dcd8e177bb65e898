//! Production mode and budgets: what is not to be asked is not asked.

use crate::house::{House, scope};
use aos_ai::models::{Ask, Dollars, ModelError, SpentBudget};
use aos_store::ModelBudget;
use aos_testservers::{Act, ModelServer, Speaks};
use futures_util::future::join_all;

fn ask() -> Ask {
    Ask { tokens_out_max: 100, ..Ask::text("test", "", "Is it?") }
}

#[tokio::test]
async fn in_production_mode_nobody_is_asked() {
    let house = House::new().await;
    let (server, models) = house.asking(Speaks::OpenAi, [Act::Say("yes".into())]).await;
    house.store.tenant(&house.scope).set_production_mode(true).await.unwrap();
    assert!(matches!(models.ask(ask()).await.unwrap_err(), ModelError::ProductionMode));
    assert!(matches!(models.stream(ask(), |_| {}).await.unwrap_err(), ModelError::ProductionMode));
    assert!(matches!(models.ready().await.unwrap_err(), ModelError::ProductionMode));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn calls_at_the_same_time_do_not_pass_the_days_budget() {
    // A call holds 300 tokens: 100 for the answer, some 200 for the question.
    let house = House::with(|options| options.budget = ModelBudget { tokens: Some(1_000), micros: None }).await;
    let (server, models) = house.asking(Speaks::OpenAi, [Act::Say("yes".into())]).await;
    let (spent, done): (Vec<_>, Vec<_>) =
        join_all((0..12).map(|_| models.ask(ask()))).await.into_iter().partition(Result::is_err);
    assert_eq!(server.seen().len(), done.len(), "who was refused asked nobody");
    assert!(done.len() >= 3 && !spent.is_empty(), "{} done", done.len());
    let limit = SpentBudget::Tokens(1_000);
    assert!(spent.iter().all(|error| matches!(error, Err(ModelError::BudgetSpent(spent)) if *spent == limit)));
    let day = house.store.tenant(&house.scope).model_day().await.unwrap();
    assert_eq!((day.tokens_used, day.tokens_held), (done.len() as u64 * 18, 0));
    models.ask(ask()).await.expect("what was held and not used can be used again");
}

#[tokio::test]
async fn a_tenant_lowers_the_operators_limit_and_does_not_raise_it() {
    let house = House::with(|options| options.budget = ModelBudget { tokens: Some(1_000), micros: None }).await;
    let server = ModelServer::start(Speaks::OpenAi, [Act::Say("yes".into())]);
    let models = house.chooses_with(&server, Speaks::OpenAi, |choice| choice.tokens_per_day_max = Some(5_000)).await;
    assert_eq!(models.budget().await.unwrap().tokens, Some(1_000));
    let models = house.chooses_with(&server, Speaks::OpenAi, |choice| choice.tokens_per_day_max = Some(10)).await;
    let error = models.ask(ask()).await.unwrap_err();
    assert!(matches!(error, ModelError::BudgetSpent(SpentBudget::Tokens(10))), "{error}");
    assert!(server.seen().is_empty());
    let globex = scope(&house.store, "globex").await;
    assert_eq!(house.models.tenant(&globex).budget().await.unwrap().tokens, Some(1_000), "another's is another's");
}

#[tokio::test]
async fn a_budget_in_money_needs_a_price() {
    let house = House::new().await;
    let server = ModelServer::start(Speaks::OpenAi, [Act::Say("yes".into())]);
    let cheap = Some(Dollars { micros: 50 });
    let models = house.chooses_with(&server, Speaks::OpenAi, |choice| choice.dollars_per_day_max = cheap).await;
    assert!(
        matches!(models.ask(ask()).await.unwrap_err(), ModelError::PriceUnknown(model) if model == "open_ai/some-model")
    );
    let models = house
        .chooses_with(&server, Speaks::OpenAi, |choice| {
            choice.dollars_per_day_max = cheap;
            choice.model = Some("gpt-4.1-mini".into());
        })
        .await;
    let error = models.ask(ask()).await.unwrap_err();
    assert!(matches!(error, ModelError::BudgetSpent(SpentBudget::Money(50))), "{error}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_question_longer_than_allowed_is_not_sent() {
    let house = House::with(|options| options.question_bytes_max = 1_000).await;
    let (server, models) = house.asking(Speaks::OpenAi, [Act::Say("yes".into())]).await;
    let long = Ask::text("test", "", "word ".repeat(1_000));
    assert!(matches!(models.ask(long).await.unwrap_err(), ModelError::TooLong { limit: 1_000, .. }));
    assert!(server.seen().is_empty());
}
