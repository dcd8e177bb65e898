//! Connectors that print garbage, hang, fork, die, flood, and look around.

use crate::support::{Script, connector, context, record, records, state};
use aos_connectors::airbyte::Program;
use aos_connectors::{Error, ReadOptions, ReadRequest};
use serde_json::json;
use std::time::{Duration, Instant};

async fn failure(script: &Script) -> Error {
    script.read(ReadRequest::of("deals")).await.1.expect("an error")
}

#[tokio::test]
async fn garbage_between_messages_is_noted_and_a_garbled_record_is_kept_as_evidence() {
    let body = "echo 'Traceback (most recent call last): hunter2-hunter2'\necho '[1,2]'\n".to_owned()
        + &record(r#"{"id":1}"#)
        + "echo '{\"type\":\"RECORD\",\"record\":{\"stream\":\"deals\",\"data\":{\"id\":'\n"
        + "printf '{\"type\":\"RECORD\",\"record\":{\"stream\":\"deals\",\"data\":{\"id\":3,\"x\":\"\\377\"}}}\\n'\n"
        + &record(r#"{"id":4}"#);
    let script = Script::reading(&body);
    let (pages, error) = script.read(ReadRequest::of("deals")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(records(&pages), [json!({"id": 1}), json!({"id": 4})]);
    let codes: Vec<_> = pages[0].malformed.iter().map(|malformed| malformed.code.as_str()).collect();
    assert_eq!(codes, ["invalid_json", "encoding"]);
    assert!(script.notes().contains("no message") && !script.notes().contains("hunter2"), "{}", script.notes());
}

#[tokio::test]
async fn a_connector_that_says_nothing_of_the_protocol_is_told_apart_from_an_empty_stream() {
    let error = failure(&Script::reading("echo hello")).await;
    assert!(matches!(error, Error::Contract { .. }), "{error}");
    let script = Script::reading(r#"echo '{"type":"LOG","log":{"level":"INFO","message":"nothing new"}}'"#);
    let (pages, error) = script.read(ReadRequest::of("deals")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(records(&pages).len(), 0);
    assert!(pages.last().unwrap().checkpoint.as_ref().unwrap().complete);
}

#[tokio::test]
async fn a_record_longer_than_allowed_costs_itself_only() {
    let long = format!(
        "printf '{{\"type\":\"RECORD\",\"record\":{{\"stream\":\"deals\",\"data\":{{\"x\":\"'; head -c {} /dev/zero | tr '\\0' 'x'; printf '\"}}}}}}\\n'\n",
        3 << 20
    );
    let body = record(r#"{"id":1}"#) + &long + &record(r#"{"id":2}"#) + &state("{}", 3);
    let options = ReadOptions { record_bytes_max: 1 << 20, ..ReadOptions::default() };
    let (pages, error) = Script::reading(&body).read(ReadRequest { options, ..ReadRequest::of("deals") }).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(records(&pages), [json!({"id": 1}), json!({"id": 2})]);
    assert_eq!(pages[0].malformed[0].code.as_str(), "too_long");
}

#[tokio::test]
async fn a_connector_that_hangs_is_stopped_after_its_silence_and_after_its_time() {
    let mut silent = Script::reading(&(record(r#"{"id":1}"#) + "sleep 600"));
    silent.program.silence_s = 1;
    let begun = Instant::now();
    let error = failure(&silent).await;
    assert!(error.to_string().contains("said nothing for 1 s"), "{error}");
    let mut busy = Script::reading(
        "while :; do echo '{\"type\":\"LOG\",\"log\":{\"level\":\"INFO\",\"message\":\"busy\"}}'; sleep 0.2; done",
    );
    busy.program.total_s = 2;
    let error = failure(&busy).await;
    assert!(error.to_string().contains("longer than the operator allows"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn everything_a_connector_started_ends_with_it() {
    // One in its group that holds the output open, one that left the group, and one that also cleared its environment and lost its parent.
    let hide = "env -i /usr/bin/setsid /bin/sh -c 'echo $$ > '$WORK'/hidden; exec /bin/sleep 3600' >/dev/null 2>&1 </dev/null &";
    let body = record(r#"{"id":1}"#)
        + "sleep 3600 & echo $! > $WORK/child\nsetsid sleep 3600 >/dev/null 2>&1 </dev/null &\necho $! > $WORK/stray\n"
        + &format!("({hide} sleep 1)\nexit 0");
    let script = Script::reading(&body);
    let (pages, error) = script.read(ReadRequest::of("deals")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(records(&pages).len(), 1);
    for file in ["child", "stray", "hidden"] {
        let pid = std::fs::read_to_string(script.folder.path().join(file)).unwrap();
        assert!(has_ended(pid.trim()).await, "{file} {pid} lives");
    }
}

/// Whether a process is gone, or dead and waiting to be noticed by its parent.
async fn has_ended(pid: &str) -> bool {
    for _ in 0..50 {
        match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
            Err(_) => return true,
            Ok(stat) if stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')) => return true,
            Ok(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    false
}

#[tokio::test]
async fn a_reader_that_goes_away_takes_the_connector_along() {
    let script = Script::reading(
        &("echo $$ > $WORK/pid\n".to_owned() + &record(r#"{"id":1}"#) + &state("{}", 1) + "sleep 3600"),
    );
    let context = script.context();
    let request =
        ReadRequest { options: ReadOptions { page_records: 1, ..ReadOptions::default() }, ..ReadRequest::of("deals") };
    let aos_connectors::Pages::Waiting(mut pages) = script.connector().read(request, &context).await.unwrap() else {
        panic!()
    };
    futures_util::StreamExt::next(&mut pages).await.unwrap().unwrap();
    let pid = std::fs::read_to_string(script.folder.path().join("pid")).unwrap();
    drop(pages);
    assert!(has_ended(pid.trim()).await);
}

#[tokio::test]
async fn a_cancelled_read_ends_at_once() {
    let script = Script::reading("sleep 3600");
    let context = script.context();
    let cancel = context.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        cancel.cancel();
    });
    let begun = Instant::now();
    let (_, error) = crate::support::pages(&*script.connector(), ReadRequest::of("deals"), &context).await;
    assert!(matches!(error, Some(Error::Canceled)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn deaths_are_told_apart() {
    let error = failure(&Script::reading("exit 137")).await;
    assert!(error.to_string().contains("signal 9") && error.to_string().contains("2048 MiB"), "{error}");
    let error = failure(&Script::reading("kill -9 $$")).await;
    assert!(error.to_string().contains("signal 9"), "{error}");
    let error = failure(&Script::reading("echo 'no module named x' >&2; exit 3")).await;
    assert!(matches!(error, Error::Transient { .. }), "{error}");
    assert!(error.to_string().contains("status 3") && error.to_string().contains("no module named x"), "{error}");
    let missing = connector(&Program::new(["/nowhere/source"]), json!({"source": "script"}));
    let error = missing.check(&context()).await.unwrap_err();
    assert!(matches!(&error, Error::Config { field, .. } if field == "source"), "{error}");
}

#[tokio::test]
async fn memory_is_bounded_over_everything_that_a_connector_started() {
    // Each holds less than it may alone; together it is more.
    let hold = "dd if=/dev/zero bs=25M 2>/dev/null | sleep 60 &\n";
    let body = record(r#"{"id":1}"#) + &hold.repeat(4) + &state("{}", 1) + "sleep 3600";
    let mut script = Script::reading(&body);
    script.program.memory_mb = 80;
    let begun = Instant::now();
    let (pages, error) = script.read(ReadRequest::of("deals")).await;
    let said = error.unwrap().to_string();
    assert!(said.contains("held ") && said.contains("may hold 80") && said.contains("memory_mb"), "{said}");
    assert_eq!(records(&pages), [json!({"id": 1})], "what came up to a state is kept");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_flood_of_complaints_holds_nobody_up_and_is_cut() {
    let body = "yes 'complaint hunter2-hunter2' | head -n 2000000 >&2\n".to_owned()
        + &record(r#"{"id":1}"#)
        + "echo last words >&2; exit 2";
    let script = Script::reading(&body);
    let (_, error) = script.read(ReadRequest::of("deals")).await;
    let said = error.unwrap().to_string();
    assert!(said.contains("last words") && said.len() < 2000 && !said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn memory_files_and_environment_are_bounded() {
    let mut script = Script::reading(
        "env > $WORK/env; ulimit -v > $WORK/memory; ulimit -n > $WORK/files; ulimit -c > $WORK/core; pwd > $WORK/pwd\n\
         stat -c '%a' \"$3\" > $WORK/mode; cat \"$3\" > $WORK/config; echo \"$3\" > $WORK/path; ls -A > $WORK/listing\n\
         echo '{\"type\":\"LOG\",\"log\":{\"level\":\"INFO\",\"message\":\"x\"}}'",
    );
    script.program.memory_mb = 512;
    script.program.open_files = 64;
    script.program.environment.insert("REGION".to_owned(), "eu".to_owned());
    let (_, error) = script.read(ReadRequest::of("deals")).await;
    assert!(error.is_none(), "{error:?}");
    let said = |file: &str| std::fs::read_to_string(script.folder.path().join(file)).unwrap();
    let names: Vec<String> = said("env").lines().filter_map(|line| Some(line.split_once('=')?.0.to_owned())).collect();
    for name in &names {
        let expected =
            ["PATH", "LANG", "HOME", "TMPDIR", "REGION", "AUTONOMOS_AIRBYTE_RUN", "PWD", "OLDPWD", "SHLVL", "_"];
        assert!(expected.contains(&name.as_str()), "{name} came through");
    }
    assert!(names.contains(&"REGION".to_owned()));
    assert_eq!((said("memory").trim(), said("files").trim(), said("core").trim()), ("524288", "64", "0"));
    assert_eq!(said("mode").trim(), "600");
    let config: serde_json::Value = serde_json::from_str(&said("config")).unwrap();
    assert_eq!(
        config,
        json!({"start": "2026-01-01", "token": "hunter2-hunter2", "deep": {"a": 1, "b": "swordfish-9"}})
    );
    assert!(!std::path::Path::new(said("path").trim()).exists(), "the configuration is left behind");
    assert!(!std::path::Path::new(said("pwd").trim()).exists(), "its folder is left behind");
    assert_eq!(said("listing").trim(), "config");
}

#[tokio::test]
async fn a_connection_chooses_among_what_the_operator_declares_and_declares_nothing() {
    let declaration = aos_connectors::declaration("airbyte").unwrap();
    let operator = aos_connectors::Operator::new(aos_connectors::AllowedRoots::any());
    let open = |settings: serde_json::Value| {
        (declaration.open)("crm", settings.as_object().unwrap(), &operator).err().unwrap()
    };
    let error = open(json!({"source": "/bin/sh"}));
    assert!(matches!(&error, Error::Config { field, .. } if field == "source"), "{error}");
    let settings = json!({"source": "x", "command": "/bin/sh"});
    assert!(declaration.check(settings.as_object().unwrap()).is_err());
}
