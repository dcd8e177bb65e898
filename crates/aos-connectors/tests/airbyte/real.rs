//! A real connector from PyPI, as `scripts/fetch-connectors` installs it.

use crate::support::{connector, context, fetched, pages, records};
use aos_connectors::airbyte::{Program, specification};
use aos_connectors::{ReadOptions, ReadRequest};
use serde_json::json;

fn faker() -> Option<Program> {
    fetched("source-faker")
}

#[tokio::test]
async fn a_real_connector_is_checked_discovered_read_and_gone_on_with() {
    let Some(program) = faker() else { return };
    let context = context();
    let specification = specification(&program, &context).await.unwrap();
    assert!(specification["connectionSpecification"]["properties"]["count"].is_object(), "{specification}");

    let config = json!({"count": 1000, "seed": 42, "parallelism": 1, "always_updated": false}).to_string();
    let connector = connector(&program, json!({"source": "script", "config": config}));
    assert_eq!(connector.check(&context).await.unwrap().streams, 3);
    let streams = connector.discover(&context).await.unwrap();
    let users = streams.iter().find(|stream| stream.name == "users").unwrap();
    assert_eq!(users.key, ["id"]);
    assert!(users.fields.len() > 15, "{}", users.fields.len());

    let request = ReadRequest {
        options: ReadOptions { page_records: 250, ..ReadOptions::default() },
        ..ReadRequest::of("users")
    };
    let (first, error) = pages(&*connector, request.clone(), &context).await;
    assert!(error.is_none(), "{error:?}");
    let all = records(&first);
    assert_eq!(all.len(), 1000);
    let ids: std::collections::HashSet<_> = all.iter().map(|record| record["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), 1000);
    let end = first.last().unwrap().checkpoint.clone().unwrap();
    assert!(end.complete);

    let (nothing, error) = pages(&*connector, ReadRequest { cursor: Some(end.cursor), ..request }, &context).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(records(&nothing).len(), 0);

    let (products, error) = pages(&*connector, ReadRequest::of("products"), &context).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(records(&products).len(), 100);
}

#[tokio::test]
async fn a_real_connector_that_is_configured_wrongly_says_why() {
    let Some(program) = faker() else { return };
    let connector = connector(&program, json!({"source": "script", "config": "{\"count\": \"many\"}"}));
    let error = connector.check(&context()).await.unwrap_err();
    assert!(error.to_string().contains("is not of type 'integer'"), "{error}");
}
