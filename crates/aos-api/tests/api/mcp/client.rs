//! The official SDK's client, with its messages handed to the application in this process.

use aos_testkit::Client;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use futures_util::stream::BoxStream;
use rmcp::model::{CallToolRequestParams, ClientJsonRpcMessage};
use rmcp::service::RunningService;
use rmcp::transport::streamable_http_client::{
    StreamableHttpClient, StreamableHttpClientTransport, StreamableHttpClientTransportConfig, StreamableHttpError,
    StreamableHttpPostResponse,
};
use rmcp::{RoleClient, ServiceExt};
use serde_json::Value;
use sse_stream::{Error as SseError, Sse};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

pub type Asking = RunningService<RoleClient, ()>;

#[derive(Clone)]
struct InProcess(Client);

/// Says hello as the client of an agent does.
pub async fn asking(client: &Client) -> Asking {
    let config = StreamableHttpClientTransportConfig::with_uri("http://localhost/mcp");
    ().serve(StreamableHttpClientTransport::with_client(InProcess(client.clone()), config))
        .await
        .expect("a conversation")
}

/// Calls a tool; returns whether it went wrong, and what it said.
pub async fn call(asking: &Asking, tool: &'static str, arguments: Value) -> (bool, Value) {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    let request = CallToolRequestParams::new(tool).with_arguments(arguments);
    let result = asking.call_tool(request).await.expect("an answer");
    (result.is_error == Some(true), result.structured_content.expect("structured content"))
}

/// Calls a tool that is to answer.
#[track_caller]
pub fn answered((failed, answer): (bool, Value)) -> Value {
    assert!(!failed, "{answer}");
    answer
}

/// Calls a tool that is to refuse, with this code.
#[track_caller]
pub fn refused((failed, answer): (bool, Value), code: &str) -> Value {
    assert!(failed, "{answer}");
    assert_eq!(answer["code"], code, "{answer}");
    answer
}

impl StreamableHttpClient for InProcess {
    type Error = Infallible;

    async fn post_message(
        &self,
        _: Arc<str>,
        message: ClientJsonRpcMessage,
        _: Option<Arc<str>>,
        _: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<StreamableHttpPostResponse, StreamableHttpError<Infallible>> {
        let request = self
            .0
            .request(Method::POST, "/mcp")
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, text/event-stream");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let body = serde_json::to_vec(&message)?;
        let reply = self.0.send(request.body(body.into()).expect("a request")).await;
        match reply.status {
            StatusCode::ACCEPTED => Ok(StreamableHttpPostResponse::Accepted),
            _ if reply.header("content-type") == Some("application/json") => {
                Ok(StreamableHttpPostResponse::Json(serde_json::from_slice(&reply.body)?, None))
            }
            status => Err(StreamableHttpError::UnexpectedServerResponse(format!("{status}: {}", reply.text()).into())),
        }
    }

    async fn delete_session(
        &self,
        _: Arc<str>,
        _: Arc<str>,
        _: Option<String>,
        _: HashMap<HeaderName, HeaderValue>,
    ) -> Result<(), StreamableHttpError<Infallible>> {
        Err(StreamableHttpError::ServerDoesNotSupportDeleteSession)
    }

    async fn get_stream(
        &self,
        _: Arc<str>,
        _: Option<Arc<str>>,
        _: Option<String>,
        _: Option<String>,
        _: HashMap<HeaderName, HeaderValue>,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, StreamableHttpError<Infallible>> {
        Err(StreamableHttpError::ServerDoesNotSupportSse)
    }
}
