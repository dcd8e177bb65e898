//! What a call sends, and what is made of an answer.

use crate::house::{House, KEY};
use aos_ai::models::{Ask, Message, ModelError, Speaker, Used};
use aos_testservers::{Act, Speaks};
use serde_json::{Value, json};

const ALL: [Speaks; 3] = [Speaks::OpenAi, Speaks::Gemini, Speaks::Anthropic];

fn schema() -> Value {
    json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"], "additionalProperties": false })
}

fn city() -> Ask {
    Ask::json("test", "You know places.", "Where is the tower?", "answer", schema())
}

#[tokio::test]
async fn every_provider_is_asked_in_its_own_form_with_its_own_key() {
    for speaks in ALL {
        let house = House::new().await;
        let (server, models) = house.asking(speaks, [Act::Say("in Paris".into())]).await;
        let mut ask = Ask::text("test", "You know places.", "Where is the tower?");
        ask.messages.insert(0, Message { from: Speaker::Model, text: "Ask me.".into() });
        let answer = models.ask(ask).await.unwrap();
        assert_eq!(answer.text, "in Paris", "{speaks:?}");
        assert_eq!((answer.used.tokens_in, answer.used.tokens_out), (Some(11), Some(7)), "{speaks:?}");
        assert_eq!((answer.attempts, answer.cut, answer.repaired), (1, false, false));
        let seen = &server.seen()[0];
        let body = &seen.body;
        match speaks {
            Speaks::OpenAi => {
                assert_eq!(seen.path, "/chat/completions");
                assert_eq!(seen.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
                assert_eq!(body["messages"][0], json!({ "role": "system", "content": "You know places." }));
                assert_eq!(body["messages"][1]["role"], "assistant");
                assert_eq!(body["max_completion_tokens"], 1024);
            }
            Speaks::Gemini => {
                assert_eq!(seen.path, "/models/some-model:generateContent");
                assert_eq!(seen.header("x-goog-api-key"), Some(KEY));
                assert_eq!(body["systemInstruction"]["parts"][0]["text"], "You know places.");
                assert_eq!(body["contents"][0]["role"], "model");
                assert_eq!(body["generationConfig"]["maxOutputTokens"], 1024);
            }
            Speaks::Anthropic => {
                assert_eq!(seen.path, "/messages");
                assert_eq!(
                    (seen.header("x-api-key"), seen.header("anthropic-version")),
                    (Some(KEY), Some("2023-06-01"))
                );
                assert_eq!((&body["system"], &body["max_tokens"]), (&json!("You know places."), &json!(1024)));
                assert_eq!(body["messages"][0]["role"], "assistant");
            }
        }
    }
}

#[tokio::test]
async fn a_value_in_a_schema_is_asked_for_and_checked() {
    for speaks in ALL {
        let house = House::new().await;
        let (server, models) = house.asking(speaks, [Act::Give(json!({ "city": "Paris" }))]).await;
        let answer = models.ask(city()).await.unwrap();
        assert_eq!(answer.value, Some(json!({ "city": "Paris" })), "{speaks:?}");
        assert!(!answer.repaired);
        let body = server.seen()[0].body.clone();
        let sent = match speaks {
            Speaks::OpenAi => {
                assert_eq!(body["response_format"]["json_schema"]["strict"], true);
                body["response_format"]["json_schema"]["schema"].clone()
            }
            Speaks::Gemini => body["generationConfig"]["responseJsonSchema"].clone(),
            Speaks::Anthropic => {
                assert_eq!(body["tool_choice"], json!({ "type": "tool", "name": "answer" }));
                body["tools"][0]["input_schema"].clone()
            }
        };
        assert_eq!(sent, schema(), "{speaks:?}");
    }
}

#[tokio::test]
async fn prose_instead_of_a_value_is_asked_about_once_and_both_calls_count() {
    for speaks in ALL {
        let house = House::new().await;
        let acts = [Act::Say("It is in Paris, of course!".into()), Act::Give(json!({ "city": "Paris" }))];
        let (server, models) = house.asking(speaks, acts).await;
        let answer = models.ask(city()).await.unwrap();
        assert_eq!((answer.value, answer.repaired, answer.attempts), (Some(json!({ "city": "Paris" })), true, 2));
        assert_eq!((answer.used.tokens_in, answer.used.tokens_out), (Some(22), Some(14)));
        let second = server.seen()[1].body.to_string();
        assert!(second.contains("in Paris, of course") && second.contains("not one JSON value"), "{second}");

        server.now([Act::Say("Paris".into()), Act::Say("{\"town\": \"Paris\"}".into())]);
        let refused = models.ask(city()).await.unwrap_err();
        assert!(matches!(&refused, ModelError::NotInSchema(why) if why.contains("city")), "{refused}");
        assert_eq!(server.seen().len(), 4, "it is asked once more, and no more");
    }
}

#[tokio::test]
async fn words_come_as_they_are_said() {
    for speaks in ALL {
        let house = House::new().await;
        let (server, models) = house.asking(speaks, [Act::Say("it stands in Paris".into())]).await;
        let mut words = Vec::new();
        let ask = Ask::text("test", "You know places.", "Where is the tower?");
        let answer = models.stream(ask, |some| words.push(some.to_owned())).await.unwrap();
        assert_eq!(
            (words.len(), words.concat().as_str(), answer.text.as_str()),
            (4, "it stands in Paris", "it stands in Paris")
        );
        assert_eq!((answer.used.tokens_in, answer.used.tokens_out), (Some(11), Some(7)), "{speaks:?}");
        assert!(answer.first_words_after.is_some());
        if speaks == Speaks::Gemini {
            assert_eq!(server.seen()[0].path, "/models/some-model:streamGenerateContent?alt=sse");
        }
    }
}

#[tokio::test]
async fn personal_data_does_not_leave() {
    for speaks in ALL {
        let house = House::new().await;
        let (server, models) = house.asking(speaks, [Act::Say("yes".into())]).await;
        let ask = Ask::text("test", "Write to jane.miller@example.org.", "Is DE89 3704 0044 0532 0130 00 an IBAN?");
        models.ask(ask).await.unwrap();
        let sent = server.seen()[0].body.to_string();
        assert!(!sent.contains("jane.miller") && !sent.contains("0532"), "{sent}");
        assert!(sent.contains("<EMAIL>"), "{sent}");
    }
}

#[tokio::test]
async fn what_a_provider_does_not_say_is_unknown_and_not_guessed() {
    for speaks in ALL {
        let house = House::new().await;
        let (_server, models) = house.asking(speaks, [Act::SayUncounted("yes".into())]).await;
        let answer = models.ask(Ask::text("test", "", "Is it?")).await.unwrap();
        assert_eq!(answer.used, Used::default(), "{speaks:?}");
        let usage = house.store.tenant(&house.scope).model_usage(1).await.unwrap();
        assert_eq!((usage[0].calls, usage[0].uncounted, usage[0].tokens_in, usage[0].unpriced), (1, 1, 0, 1));
    }
}

#[tokio::test]
async fn a_cost_is_known_where_a_price_is() {
    let house = House::new().await;
    let server = aos_testservers::ModelServer::start(Speaks::OpenAi, [Act::Say("yes".into())]);
    let models = house.chooses_with(&server, Speaks::OpenAi, |choice| choice.model = Some("gpt-4.1-mini".into())).await;
    let answer = models.ask(Ask::text("test", "", "Is it?")).await.unwrap();
    // 11 × 0.40 + 7 × 1.60 = 15.6 millionths of a dollar, rounded up.
    assert_eq!(answer.used.micros, Some(16));
    let stated = |choice: &mut aos_ai::models::ModelChoice| {
        choice.price = Some(aos_ai::models::Price { input: 2.into(), output: 3.into() });
    };
    let models = house.chooses_with(&server, Speaks::OpenAi, stated).await;
    assert_eq!(models.ask(Ask::text("test", "", "Is it?")).await.unwrap().used.micros, Some(11 * 2 + 7 * 3));
}
