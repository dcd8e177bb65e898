//! Sources that do not keep to their documentation: each is a clear outcome, and nothing of a bad answer is taken.

use crate::support::{Connection, Held, open};
use aos_connectors::{Error, ReadRequest};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

type Script = dyn Fn(usize, &str) -> (u16, Vec<u8>) + Send + Sync;

/// Answers each request by its number and its target, over connections that are closed after one answer.
async fn server(script: impl Fn(usize, &str) -> (u16, Vec<u8>) + Send + Sync + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (script, asked): (Arc<Script>, _) = (Arc::new(script), Arc::new(AtomicUsize::new(0)));
    let count = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (script, count) = (script.clone(), count.clone());
            tokio::spawn(async move {
                let (mut head, mut piece) = (Vec::new(), [0; 4096]);
                while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                    match stream.read(&mut piece).await {
                        Ok(0) | Err(_) => return,
                        Ok(read) => head.extend_from_slice(&piece[..read]),
                    }
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let target = head.split(' ').nth(1).unwrap_or_default();
                let (status, body) = script(count.fetch_add(1, Ordering::SeqCst), target);
                let answer = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                drop(stream.write_all(answer.as_bytes()).await);
                drop(stream.write_all(&body).await);
            });
        }
    });
    (url, asked)
}

fn pipedrive(url: &str) -> Connection {
    open("pipedrive", json!({ "base_url": url }), &[("api_token", "a-secret-api-token")], None)
}

fn answer(body: Value) -> (u16, Vec<u8>) {
    (200, body.to_string().into_bytes())
}

async fn read(connection: &Connection, stream: &str) -> (Held, Result<(), Error>) {
    let mut held = Held::by("id");
    let ended = connection.read_some(ReadRequest::of(stream), &mut held, usize::MAX).await;
    (held, ended)
}

#[tokio::test]
async fn a_page_cursor_that_comes_twice_is_a_contradiction_and_no_endless_read() {
    let page = json!({ "success": true, "data": [{ "id": 1 }], "additional_data": { "next_cursor": "again" } });
    let (url, asked) = server(move |_, _| answer(page.clone())).await;
    let (held, ended) = read(&pipedrive(&url), "persons").await;
    assert_eq!(ended.unwrap_err().code(), "contract");
    assert_eq!(held.records.len(), 1, "what came before stays");
    assert!(asked.load(Ordering::SeqCst) < 20);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_asked_for_again_and_never_a_short_page() {
    let whole =
        json!({ "success": true, "data": [{ "id": 1 }, { "id": 2 }], "additional_data": { "next_cursor": null } });
    let whole = whole.to_string().into_bytes();
    let (url, _) =
        server(move |asked, _| (200, whole[..if asked < 2 { whole.len() - 9 } else { whole.len() }].to_vec())).await;
    let (held, ended) = read(&pipedrive(&url), "persons").await;
    ended.unwrap();
    assert_eq!(held.records.len(), 2);
}

#[tokio::test]
async fn a_page_shorter_than_its_source_announces_is_asked_for_again() {
    let record = |id: u64| json!({ "id": id });
    let (url, _) = server(move |asked, target| {
        let (records, next): (Vec<Value>, _) = match (target.contains("cursor="), asked) {
            (true, _) => ((501..=510).map(record).collect(), Value::Null),
            (false, 0) => ((1..=400).map(record).collect(), json!("second")),
            (false, _) => ((1..=500).map(record).collect(), json!("second")),
        };
        answer(json!({ "success": true, "data": records, "additional_data": { "next_cursor": next } }))
    })
    .await;
    let (held, ended) = read(&pipedrive(&url), "persons").await;
    ended.unwrap();
    assert_eq!(held.records.len(), 510);
}

#[tokio::test]
async fn records_that_move_over_an_offset_while_it_is_read_are_not_lost() {
    // After the first page one of its records is deleted, so that every offset behind it means another record.
    let (url, _) = server(move |asked, target| {
        let query = |name: &str| target.split(&format!("{name}=")).nth(1)?.split('&').next()?.parse::<usize>().ok();
        let (start, limit) = (query("start").unwrap_or(0), query("limit").unwrap_or(100));
        let there: Vec<u64> = (1..=1_200).filter(|id| asked == 0 || *id != 7).collect();
        let page: Vec<Value> = there.iter().skip(start).take(limit).map(|id| json!({ "id": id })).collect();
        let (next, more) = (start + page.len(), start + page.len() < there.len());
        let pagination = json!({ "more_items_in_collection": more, "next_start": next });
        answer(json!({ "success": true, "data": page, "additional_data": { "pagination": pagination } }))
    })
    .await;
    let (held, ended) = read(&pipedrive(&url), "notes").await;
    ended.unwrap();
    assert!((1..=1_200).filter(|id| *id != 7).all(|id| held.records.contains_key(&id.to_string())));
}

#[tokio::test]
async fn a_source_that_says_less_came_than_it_has_is_not_believed_silently() {
    let described = json!({ "name": "Account", "fields": [
        { "name": "Id", "type": "id" }, { "name": "SystemModstamp", "type": "datetime" }, { "name": "IsDeleted", "type": "boolean" },
    ] });
    let (url, _) = server(move |_, target| {
        if target.contains("/describe") {
            return answer(described.clone());
        }
        let record = json!({ "Id": "001", "SystemModstamp": "2024-01-01T00:00:00.000+0000", "IsDeleted": false });
        answer(json!({ "totalSize": 3, "done": true, "records": [record] }))
    })
    .await;
    let settings = json!({ "auth": "token", "instance_url": url });
    let connection = open("salesforce", settings, &[("access_token", "00D-secret-session")], None);
    let mut held = Held::by("Id");
    let futures_stream = connection.connector.read(ReadRequest::of("Account"), &connection.context).await.unwrap();
    let aos_connectors::Pages::Waiting(mut pages) = futures_stream else { panic!("a service waits") };
    let mut counts = Vec::new();
    while let Some(page) = futures_util::StreamExt::next(&mut pages).await {
        let page = page.unwrap();
        counts.extend(page.count);
        held.take(page);
    }
    let read = held.records.len() as u64;
    assert_eq!(read, 1);
    assert!(counts.iter().any(|count| !count.agrees_with(read)), "{counts:?}");
}

#[tokio::test]
async fn a_link_to_another_host_is_not_followed() {
    let described = json!({ "name": "Account", "fields": [{ "name": "Id", "type": "id" }] });
    let (url, asked) = server(move |_, target| {
        if target.contains("/describe") {
            return answer(described.clone());
        }
        let next = "//evil.example/services/data/v62.0/query/01g-1";
        answer(json!({ "totalSize": 2, "done": false, "records": [{ "Id": "001" }], "nextRecordsUrl": format!("http:{next}") }))
    })
    .await;
    let settings = json!({ "auth": "token", "instance_url": url });
    let connection = open("salesforce", settings, &[("access_token", "00D-secret-session")], None);
    let mut held = Held::by("Id");
    let ended = connection.read_some(ReadRequest::of("Account"), &mut held, usize::MAX).await;
    assert_eq!(ended.unwrap_err().code(), "contract");
    assert!(held.records.is_empty());
    assert!(asked.load(Ordering::SeqCst) < 20);
}

#[tokio::test]
async fn a_secret_that_the_source_repeats_is_not_shown() {
    let (url, _) = server(|_, _| (400, br#"{"success":false,"error":"bad token a-secret-api-token"}"#.to_vec())).await;
    let (_, ended) = read(&pipedrive(&url), "persons").await;
    let error = ended.unwrap_err();
    assert_eq!(error.code(), "refused");
    assert!(!format!("{error} {error:?}").contains("a-secret-api-token"), "{error}");
}

#[tokio::test]
async fn a_limit_that_opens_too_late_for_this_run_says_when() {
    let script = |_: usize, _: &str| (429, b"{}".to_vec());
    let (url, asked) = server(script).await;
    let connection = pipedrive(&url);
    connection.context.pace.pause(std::time::Duration::from_secs(3_600)).await;
    let (_, ended) = read(&connection, "persons").await;
    assert!(matches!(ended, Err(Error::RateLimited { .. })), "{ended:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 0, "nobody is asked in vain");
}

#[tokio::test]
async fn an_address_inside_is_not_reached() {
    let mut connection = pipedrive("http://10.0.0.1");
    let config = aos_net::NetConfig::default();
    connection.context.net = aos_net::Client::new(config, connection.context.clock.clone()).unwrap();
    let (_, ended) = read(&connection, "persons").await;
    let error = ended.unwrap_err();
    assert_eq!(error.code(), "unreachable");
    assert!(error.to_string().contains("private"), "{error}");
}
