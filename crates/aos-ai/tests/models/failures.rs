//! Providers that refuse, fail, break off, say nothing or never stop.

use crate::house::{House, KEY};
use aos_ai::models::{Ask, KeyChange, ModelChoice, ModelError, Provider};
use aos_testservers::{Act, ModelServer, Speaks};
use serde_json::json;
use std::time::{Duration, Instant};

const ALL: [Speaks; 3] = [Speaks::OpenAi, Speaks::Gemini, Speaks::Anthropic];

fn ask() -> Ask {
    Ask { tokens_out_max: 50, ..Ask::text("test", "You know places.", "Where is the tower?") }
}

#[tokio::test]
async fn a_wrong_key_is_told_at_once_and_not_shown() {
    for speaks in ALL {
        let house = House::new().await;
        let said = json!({ "error": { "message": format!("Incorrect API key provided: {KEY}."), "type": "invalid_request_error" } });
        let (server, models) = house.asking(speaks, [Act::Refuse(401, vec![], said.to_string())]).await;
        let error = models.ask(ask()).await.unwrap_err();
        assert!(matches!(error, ModelError::Refused { status: 401, .. }), "{error}");
        assert!(!error.to_string().contains(KEY) && error.to_string().contains("[hidden]"), "{error}");
        assert_eq!(server.seen().len(), 1, "no second try makes a key right");
        let day = house.store.tenant(&house.scope).model_day().await.unwrap();
        assert_eq!((day.tokens_used, day.tokens_held), (0, 0), "what was refused used nothing");
    }
}

#[tokio::test]
async fn a_limit_that_passes_is_waited_for_as_the_provider_asks() {
    let busy = json!({ "error": { "message": "slow down" } }).to_string();
    let gemini = json!({ "error": { "code": 429, "status": "RESOURCE_EXHAUSTED", "message": "slow down",
        "details": [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s" }] } });
    for (speaks, headers, body) in [
        (Speaks::OpenAi, vec![("retry-after", "1".to_owned())], busy.clone()),
        (Speaks::Anthropic, vec![("retry-after", "1".to_owned())], busy),
        (Speaks::Gemini, vec![], gemini.to_string()),
    ] {
        let house = House::new().await;
        let acts = [Act::Refuse(429, headers, body), Act::Say("in Paris".into())];
        let (_server, models) = house.asking(speaks, acts).await;
        let began = Instant::now();
        let answer = models.ask(ask()).await.unwrap();
        assert_eq!((answer.text.as_str(), answer.attempts), ("in Paris", 2), "{speaks:?}");
        assert!(began.elapsed() >= Duration::from_secs(1), "{speaks:?}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_limit_that_outlasts_the_call_is_given_back_with_its_time() {
    let house = House::new().await;
    let acts = [Act::Refuse(429, vec![("retry-after", "120".into())], "{}".into())];
    let (server, models) = house.asking(Speaks::OpenAi, acts).await;
    let error = models.ask(ask()).await.unwrap_err();
    let asked = Some(Duration::from_secs(120));
    assert!(matches!(error, ModelError::RateLimited { retry_after, .. } if retry_after == asked), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_not_tried_again() {
    let house = House::new().await;
    let said = json!({ "error": { "message": "You exceeded your current quota", "code": "insufficient_quota" } });
    let (server, models) = house.asking(Speaks::OpenAi, [Act::Refuse(429, vec![], said.to_string())]).await;
    assert!(matches!(models.ask(ask()).await.unwrap_err(), ModelError::QuotaSpent { .. }));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn failures_that_pass_are_tried_again_and_those_that_stay_end() {
    for speaks in ALL {
        let house = House::new().await;
        let failing = Act::Refuse(500, vec![], "<html>Internal error</html>".into());
        let (server, models) = house.asking(speaks, [failing.clone(), Act::Say("in Paris".into())]).await;
        assert_eq!(models.ask(ask()).await.unwrap().attempts, 2);
        server.now([failing]);
        let error = models.ask(ask()).await.unwrap_err();
        assert!(matches!(error, ModelError::Failing { status: 500, .. }), "{error}");
        assert_eq!(server.seen().len(), 2 + 3);
        let calls = house.store.tenant(&house.scope).list_model_calls(aos_store::Page::default()).await.unwrap().items;
        let mut outcomes: Vec<_> = calls.iter().map(|call| (call.outcome.as_str(), call.attempts)).collect();
        outcomes.sort_unstable();
        assert_eq!(outcomes, [("failing", 3), ("ok", 2)]);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    for speaks in ALL {
        let house = House::new().await;
        let (_server, models) = house.asking(speaks, [Act::BreakOff]).await;
        assert!(matches!(models.ask(ask()).await.unwrap_err(), ModelError::Net(_)), "{speaks:?}");
        let mut words = String::new();
        let error = models.stream(ask(), |some| words.push_str(some)).await.unwrap_err();
        assert!(matches!(error, ModelError::Net(_)), "{speaks:?}: {error}");
        let day = house.store.tenant(&house.scope).model_day().await.unwrap();
        assert!(day.tokens_used > 0, "the model may have worked, so that it counts");
        assert_eq!(day.tokens_held, 0);
    }
}

#[tokio::test]
async fn a_model_that_never_stops_is_stopped() {
    for speaks in ALL {
        let house = House::new().await;
        let (server, models) = house.asking(speaks, [Act::NeverStop]).await;
        let mut bytes = 0;
        let answer = models.stream(ask(), |some| bytes += some.len()).await.unwrap();
        assert!(answer.cut, "{speaks:?}");
        assert!(bytes < 10_000 && answer.text.len() == bytes, "{bytes}");
        assert_eq!((answer.used.tokens_in, answer.used.tokens_out), (None, None));
        assert!(matches!(models.ask(ask()).await.unwrap_err(), ModelError::Net(aos_net::Error::TooLarge { .. })));
        // Whoever pours notices that nobody listens any more.
        let before = server.poured();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(server.poured() - before < 16 << 20);
    }
}

#[tokio::test]
async fn a_model_that_says_nothing_is_left_in_time() {
    let house = House::with(|options| options.total_timeout = Duration::from_millis(600)).await;
    let (_server, models) = house.asking(Speaks::OpenAi, [Act::Silence]).await;
    let began = Instant::now();
    assert!(matches!(models.ask(ask()).await.unwrap_err(), ModelError::Net(aos_net::Error::Timeout { .. })));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_model_that_declines_has_its_own_outcome() {
    for speaks in ALL {
        let house = House::new().await;
        let (server, models) = house.asking(speaks, [Act::Decline]).await;
        let error = models.ask(ask()).await.unwrap_err();
        assert!(matches!(error, ModelError::Declined(_)), "{speaks:?}: {error}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_a_host_that_keeps_failing_is_left_alone() {
    let house = House::with(|options| options.attempts_max = 1).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let choice = ModelChoice {
        provider: Some(Provider::Compatible),
        base_url: Some(format!("http://{free}/v1")),
        model: Some("llama3.2".into()),
        ..ModelChoice::default()
    };
    let models = house.models.tenant(&house.scope);
    models.choose(&choice, KeyChange::Keep).await.unwrap();
    for _ in 0..5 {
        assert!(matches!(models.ask(ask()).await.unwrap_err(), ModelError::Net(aos_net::Error::Connect { .. })));
    }
    assert!(matches!(models.ask(ask()).await.unwrap_err(), ModelError::Net(aos_net::Error::CircuitOpen { .. })));
    let usage = house.store.tenant(&house.scope).model_usage(1).await.unwrap();
    assert_eq!((usage[0].calls, usage[0].failed, usage[0].uncounted), (6, 6, 0));
}

#[tokio::test]
async fn an_answer_in_a_strange_form_is_said_to_be_one() {
    for speaks in ALL {
        let house = House::new().await;
        let (server, models) = house.asking(speaks, [Act::Refuse(200, vec![], "{\"hello\": 1}".into())]).await;
        assert!(matches!(models.ask(ask()).await.unwrap_err(), ModelError::Unreadable { .. }), "{speaks:?}");
        server.now([Act::Refuse(200, vec![], "<html>hello</html>".into())]);
        assert!(matches!(models.ask(ask()).await.unwrap_err(), ModelError::Unreadable { .. }), "{speaks:?}");
    }
}

#[tokio::test]
async fn a_private_address_is_refused_where_the_operator_has_not_listed_it() {
    let house = House::new().await;
    let server = ModelServer::start(Speaks::OpenAi, [Act::Say("hello".into())]);
    let choice = |url: String| ModelChoice {
        provider: Some(Provider::Compatible),
        base_url: Some(url),
        model: Some("m".into()),
        ..ModelChoice::default()
    };
    let models = house.models.tenant(&house.scope);
    for url in ["http://169.254.169.254/v1", "http://10.0.0.1/v1", "file:///etc/passwd", "http://[::1]:9/v1"] {
        let error = models.choose(&choice(url.into()), KeyChange::Keep).await.unwrap_err();
        assert!(matches!(error, ModelError::Net(_)), "{url}: {error}");
    }
    models.choose(&choice(server.url()), KeyChange::Keep).await.unwrap();
    assert_eq!(models.ask(ask()).await.unwrap().text, "hello");
}
