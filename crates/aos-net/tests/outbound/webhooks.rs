//! Signatures of callbacks, with the example of the specification's own libraries.

use crate::server::{Server, answer};
use crate::{client, loopback};
use aos_net::delivery::Outcome;
use aos_net::webhook::{self, Secret, SignatureError};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const PAYLOAD: &[u8] = b"{\"test\": 2432232314}";
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_614_265_330, 0).unwrap()
}

fn secret() -> Secret {
    Secret::parse(SECRET).unwrap()
}

fn verified(signatures: &str, now: DateTime<Utc>) -> Result<(), SignatureError> {
    webhook::verify(&[secret()], ID, "1614265330", signatures, PAYLOAD, now)
}

#[test]
fn the_example_of_the_specification_is_signed_as_it_says() {
    assert_eq!(webhook::sign(&[secret()], ID, at(), PAYLOAD).unwrap(), SIGNATURE);
    assert_eq!(Secret::parse(SECRET.trim_start_matches("whsec_")).unwrap(), secret());
    assert_eq!(secret().reveal(), SECRET);
}

#[test]
fn a_signature_is_good_for_five_minutes_around_its_time() {
    for seconds in [-300, 0, 300] {
        assert_eq!(verified(SIGNATURE, at() + TimeDelta::seconds(seconds)), Ok(()), "{seconds}");
    }
    assert_eq!(verified(SIGNATURE, at() + TimeDelta::seconds(301)), Err(SignatureError::TooOld));
    assert_eq!(verified(SIGNATURE, at() - TimeDelta::seconds(301)), Err(SignatureError::TooNew));
}

#[test]
fn one_matching_signature_among_several_is_enough() {
    let other = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
    assert_eq!(verified(&format!("{other} v2,abc {SIGNATURE} {other}"), at()), Ok(()));
    let as_another_version = SIGNATURE.replace("v1,", "v1a,");
    for wrong in ["", "v1,", "v1", other, &SIGNATURE[..8], &as_another_version, "v1,dawfeoifkpqwoekfpqoekf"] {
        assert_eq!(verified(wrong, at()), Err(SignatureError::NoMatch), "{wrong}");
    }
}

#[test]
fn while_secrets_are_exchanged_either_verifies() {
    let new = Secret::generate();
    let signatures = webhook::sign(&[new.clone(), secret()], ID, at(), PAYLOAD).unwrap();
    assert_eq!(signatures.split(' ').count(), 2);
    for known in [new, secret()] {
        let verdict = webhook::verify(&[known], ID, "1614265330", &signatures, PAYLOAD, at());
        assert_eq!(verdict, Ok(()));
    }
    let stranger = [Secret::generate()];
    let verdict = webhook::verify(&stranger, ID, "1614265330", &signatures, PAYLOAD, at());
    assert_eq!(verdict, Err(SignatureError::NoMatch));
}

#[test]
fn secrets_ids_and_timestamps_that_are_none_are_refused() {
    assert_eq!(Secret::parse("whsec_*"), Err(SignatureError::SecretEncoding));
    assert_eq!(Secret::parse("whsec_"), Err(SignatureError::SecretLength(0)));
    assert_eq!(Secret::parse("whsec_c2hvcnQ="), Err(SignatureError::SecretLength(5)));
    assert_eq!(webhook::sign(&[], ID, at(), PAYLOAD), Err(SignatureError::NoSecret));
    for id in ["", "msg.1", "msg 1", "msg\n1"] {
        assert_eq!(webhook::sign(&[secret()], id, at(), PAYLOAD), Err(SignatureError::Id), "{id:?}");
    }
    for timestamp in ["", "hello", "1614265330.5", "99999999999999999999"] {
        let verdict = webhook::verify(&[secret()], ID, timestamp, SIGNATURE, PAYLOAD, at());
        assert_eq!(verdict, Err(SignatureError::Timestamp), "{timestamp:?}");
    }
    assert!(!format!("{:?}", secret()).contains("MfKQ"));
}

proptest! {
    #[test]
    fn whatever_is_signed_verifies_and_whatever_is_changed_does_not(
        payload in proptest::collection::vec(any::<u8>(), 0..200), place in any::<proptest::sample::Index>(),
    ) {
        let signatures = webhook::sign(&[secret()], ID, at(), &payload).unwrap();
        let verdict = |payload: &[u8]| webhook::verify(&[secret()], ID, "1614265330", &signatures, payload, at());
        prop_assert_eq!(verdict(&payload), Ok(()));
        let mut changed = payload.clone();
        if changed.is_empty() { changed.push(0) } else { let at = place.index(changed.len()); changed[at] ^= 1; }
        prop_assert_eq!(verdict(&changed), Err(SignatureError::NoMatch));
    }
}

#[tokio::test]
async fn a_callback_arrives_signed_and_verifies_where_it_arrives() {
    let server = Server::answering(|_| answer(204, "", "")).await;
    let secrets = [Secret::generate(), secret()];
    let outcome = webhook::post(&client(loopback()), &server.url("/hook"), &secrets, ID, PAYLOAD.into()).await;
    assert_eq!(outcome, Outcome::Delivered);
    let received = &server.received()[0];
    assert_eq!((received.method.as_str(), received.header("content-type")), ("POST", Some("application/json")));
    let header = |name| received.header(name).unwrap();
    for known in secrets {
        let (timestamp, signatures) = (header("webhook-timestamp"), header("webhook-signature"));
        let now = aos_core::Clock::System.now();
        webhook::verify(&[known], header("webhook-id"), timestamp, signatures, &received.body, now).unwrap();
    }
}
