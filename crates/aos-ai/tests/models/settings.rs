//! What a tenant chooses, and where its key may go.

use crate::house::{House, scope};
use aos_ai::models::{Ask, KeyChange, ModelChoice, ModelError, Provider};
use aos_testservers::{Act, ModelServer, Speaks};

#[tokio::test]
async fn a_key_is_never_sent_to_an_address_it_was_not_given_for() {
    let house = House::new().await;
    let (_server, models) = house.asking(Speaks::OpenAi, [Act::Say("yes".into())]).await;
    let choice = models.choice().await.unwrap();
    models.choose(&ModelChoice { model: Some("other".into()), ..choice.clone() }, KeyChange::Keep).await.unwrap();
    assert!(models.has_key().await.unwrap(), "another model of the same provider");
    let elsewhere = ModelServer::start(Speaks::OpenAi, [Act::Say("mine".into())]);
    let moved = ModelChoice { base_url: Some(elsewhere.url()), ..choice };
    models.choose(&moved, KeyChange::Keep).await.unwrap();
    assert!(!models.has_key().await.unwrap());
    assert!(matches!(models.ask(Ask::text("test", "", "Hello?")).await.unwrap_err(), ModelError::NoKey("open_ai")));
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_choice_and_its_key_are_the_tenants_own() {
    let house = House::new().await;
    let (server, _models) = house.asking(Speaks::OpenAi, [Act::Say("yes".into())]).await;
    let globex = scope(&house.store, "globex").await;
    house.store.tenant(&globex).set_production_mode(false).await.unwrap();
    let other = house.models.tenant(&globex);
    assert_eq!(other.choice().await.unwrap(), ModelChoice::default());
    assert!(!other.has_key().await.unwrap());
    assert!(matches!(other.ask(Ask::text("test", "", "Hello?")).await.unwrap_err(), ModelError::NotConfigured));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn choices_that_cannot_work_are_refused() {
    let house = House::new().await;
    let models = house.models.tenant(&house.scope);
    let some = |change: fn(&mut ModelChoice)| {
        let mut choice =
            ModelChoice { provider: Some(Provider::OpenAi), model: Some("m".into()), ..ModelChoice::default() };
        change(&mut choice);
        choice
    };
    for choice in [
        some(|choice| choice.model = Some("m?alt=x".into())),
        some(|choice| choice.model = Some("../../admin".into())),
        some(|choice| choice.provider = None),
        some(|choice| choice.provider = Some(Provider::Compatible)),
        some(|choice| {
            choice.provider = Some(Provider::Anthropic);
            choice.embedding_model = Some("e".into());
        }),
        some(|choice| choice.embedding_dimensions = Some(0)),
    ] {
        assert!(matches!(models.choose(&choice, KeyChange::Keep).await, Err(ModelError::Invalid(_))), "{choice:?}");
    }
    models.choose(&some(|_| {}), KeyChange::Keep).await.unwrap();
    models.choose(&ModelChoice::default(), KeyChange::Forget).await.unwrap();
    assert_eq!(models.choice().await.unwrap(), ModelChoice::default());
}
