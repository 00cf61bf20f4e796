//! Who a token stands for: a good one opens the door, and all that are not good get one and the same
//! answer, before anything is read as GraphQL.

use axum::http::StatusCode;
use axum::http::header::WWW_AUTHENTICATE;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use server::http::token::{Keys, Refused};
use uuid::Uuid;

use crate::both;
use crate::support::{Clinic, Kind, Person, SECRET, openssl};

/// Not even JSON: whoever is refused for the token has not been read.
const UNREADABLE: &str = "{ not JSON";

/// Seconds since the epoch, `hours` from now.
fn hours_from_now(hours: i64) -> i64 {
    chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp() + hours * 3600
}

fn signed(claims: &Value, secret: &[u8]) -> String {
    encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret)).expect("a token")
}

/// A token without a signature, as `alg: none` has it.
fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(claims))
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        let letters = (0..=group.len()).map(|at| char::from(LETTERS[bits >> (18 - 6 * at) & 63]));
        text.extend(letters);
    }
    text
}

/// Every answer to these is the one for no token at all.
async fn assert_refused(clinic: &Clinic, tokens: &[(&str, String)]) {
    for (what, token) in tokens {
        let answer = clinic.posts(Some(token), UNREADABLE).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
        assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer", "{what}");
        assert_eq!(answer.body, refusal(), "{what}");
    }
}

async fn assert_admitted(clinic: &Clinic, person: &Person, token: &str) {
    let answer = clinic.posts(Some(token), r#"{ "query": "{ viewer { id } }" }"#).await;
    assert_eq!(*answer.data(), json!({ "viewer": { "id": person.id } }));
}

fn refusal() -> Value {
    json!({ "errors": [{
        "message": "A valid bearer token is needed.",
        "extensions": { "code": "UNAUTHENTICATED" },
    }] })
}

both! {
    async fn every_token_that_is_not_good_gets_the_same_answer_and_reaches_nothing(clinic) {
        let ann = clinic.patient("Ann").await;
        let good = json!({ "sub": ann.id, "exp": hours_from_now(1) });
        let with = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            signed(&claims, SECRET)
        };
        let without = |name: &str| {
            let mut claims = good.clone();
            claims.as_object_mut().expect("claims").remove(name);
            signed(&claims, SECRET)
        };
        let tampered = {
            let (head, rest) = ann.token.split_once('.').expect("three parts");
            let signature = rest.rsplit_once('.').expect("three parts").1;
            let claims = json!({ "sub": Uuid::from_u128(1), "exp": hours_from_now(1) });
            format!("{head}.{}.{signature}", base64url(claims.to_string().as_bytes()))
        };
        let empty_key = encode(&Header::new(Algorithm::HS384), &good, &EncodingKey::from_secret(SECRET));

        assert_admitted(&clinic, &ann, &signed(&good, SECRET)).await;
        assert_refused(&clinic, &[
            ("empty", String::new()),
            ("garbage", "garbage".to_owned()),
            ("three parts of garbage", "a.b.c".to_owned()),
            ("expired", with("exp", hours_from_now(-1).into())),
            ("expiry that is no number", with("exp", "tomorrow".into())),
            ("not valid yet", with("nbf", hours_from_now(1).into())),
            ("another key", signed(&good, b"another secret, just as long as the right one")),
            ("other claims under the same signature", tampered),
            ("alg none", unsigned(&good)),
            ("another algorithm", empty_key.expect("a token")),
            ("no exp", without("exp")),
            ("no sub", without("sub")),
            ("sub of nobody", with("sub", json!(Uuid::from_u128(0xDEAD)))),
            ("sub that is no UUID", with("sub", "ann".into())),
            ("sub that is a number", with("sub", 7.into())),
        ]).await;
    }

    async fn a_token_counts_only_as_a_bearer_token(clinic) {
        use axum::body::Body;
        use axum::http::Request;
        let ann = clinic.patient("Ann").await;
        let answer = async |authorization: Option<String>| {
            let mut request = Request::post("/graphql").header("content-type", "application/json");
            if let Some(authorization) = authorization {
                request = request.header("authorization", authorization);
            }
            clinic.sends(request.body(Body::from(r#"{"query":"{ viewer { id } }"}"#)).expect("a request")).await
        };
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let answer = answer(Some(format!("{scheme} {}", ann.token))).await;
            assert_eq!(answer.status, StatusCode::OK, "{scheme}");
        }
        for odd in [None, Some(ann.token.clone()), Some(format!("Basic {}", ann.token)), Some("Bearer".to_owned())] {
            let answer = answer(odd).await;
            assert_eq!((answer.status, answer.body), (StatusCode::UNAUTHORIZED, refusal()));
        }
    }
}

#[tokio::test]
async fn issuer_and_audience_are_checked_when_they_are_set() {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    clinic.app.keys = Keys::secret(SECRET).expecting(Some("https://login.example"), Some("waymark"));
    let ann = clinic.patient("Ann").await;
    let claims = |issuer: Value, audience: Value| {
        let claims = json!({ "sub": ann.id, "exp": hours_from_now(1), "iss": issuer, "aud": audience });
        let given = claims.as_object().expect("claims").iter().filter(|(_, value)| !value.is_null());
        signed(&given.map(|(name, value)| (name.clone(), value.clone())).collect(), SECRET)
    };
    let (issuer, audience) = (json!("https://login.example"), json!("waymark"));

    assert_admitted(&clinic, &ann, &ann.token).await;
    assert_admitted(&clinic, &ann, &claims(issuer.clone(), audience.clone())).await;
    assert_admitted(&clinic, &ann, &claims(issuer.clone(), json!(["other", "waymark"]))).await;
    assert_refused(
        &clinic,
        &[
            ("another issuer", claims(json!("https://evil.example"), audience.clone())),
            ("no issuer", claims(Value::Null, audience)),
            ("another audience", claims(issuer.clone(), json!("other"))),
            ("an empty audience", claims(issuer.clone(), json!([]))),
            ("no audience", claims(issuer, Value::Null)),
        ],
    )
    .await;
}

#[tokio::test]
async fn each_kind_of_public_key_takes_tokens_of_its_own_algorithm_and_no_other() {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let claims = json!({ "sub": ann.id, "exp": hours_from_now(1) });
    let kinds = [
        (openssl::rsa(), Algorithm::RS256, EncodingKey::from_rsa_pem as fn(&[u8]) -> _),
        (openssl::p256(), Algorithm::ES256, EncodingKey::from_ec_pem),
        (openssl::ed25519(), Algorithm::EdDSA, EncodingKey::from_ed_pem),
    ];
    let token =
        |algorithm, pair: &openssl::Pair, read: fn(&[u8]) -> jsonwebtoken::errors::Result<EncodingKey>| {
            encode(&Header::new(algorithm), &claims, &read(&pair.private).expect("a key")).expect("a token")
        };
    for (pair, algorithm, read) in &kinds {
        clinic.app.keys = Keys::public(&pair.public).expect("a public key");
        assert_admitted(&clinic, &ann, &token(*algorithm, pair, *read)).await;

        let others = kinds.iter().filter(|(_, other, _)| other != algorithm);
        let mut bad: Vec<(&str, String)> =
            others.map(|(pair, other, read)| ("another algorithm", token(*other, pair, *read))).collect();
        bad.push(("the public key as a secret", signed(&claims, &pair.public)));
        bad.push(("the trimmed public key as a secret", signed(&claims, pair.public.trim_ascii())));
        bad.push(("alg none", unsigned(&claims)));
        bad.push(("a secret", ann.token.clone()));
        assert_refused(&clinic, &bad).await;
    }
}

#[tokio::test]
async fn another_key_of_the_same_kind_does_not_open() {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    clinic.app.keys = Keys::public(&openssl::ed25519().public).expect("a public key");
    let other = EncodingKey::from_ed_pem(&openssl::ed25519().private).expect("a key");
    let claims = json!({ "sub": ann.id, "exp": hours_from_now(1) });
    let token = encode(&Header::new(Algorithm::EdDSA), &claims, &other).expect("a token");
    assert_refused(&clinic, &[("another key", token)]).await;
}

#[test]
fn a_file_without_a_public_key_that_can_be_used_is_refused() {
    for (what, pem) in [
        ("empty", Vec::new()),
        ("no PEM", b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA".to_vec()),
        ("a private RSA key", openssl::rsa().private),
        ("a private P-256 key", openssl::p256().private),
        ("a private Ed25519 key", openssl::ed25519().private),
        ("a curve without an algorithm here", openssl::p384().public),
        ("an RSA key of 1024 bits", openssl::short_rsa().public),
        ("a good key and a bad one", [openssl::rsa().public, openssl::p384().public].concat()),
    ] {
        assert!(Keys::public(&pem).is_err(), "{what}");
    }
}

#[tokio::test]
async fn every_key_of_a_file_is_good_so_that_keys_can_be_rotated() {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let (old, new) = (openssl::rsa(), openssl::ed25519());
    clinic.app.keys = Keys::public(&[&*old.public, b"\n", &*new.public].concat()).expect("two keys");
    let claims = json!({ "sub": ann.id, "exp": hours_from_now(1) });
    let sign = |algorithm, key: &EncodingKey| encode(&Header::new(algorithm), &claims, key).expect("a token");
    let old = EncodingKey::from_rsa_pem(&old.private).expect("a key");
    let new = EncodingKey::from_ed_pem(&new.private).expect("a key");
    assert_admitted(&clinic, &ann, &sign(Algorithm::RS256, &old)).await;
    assert_admitted(&clinic, &ann, &sign(Algorithm::EdDSA, &new)).await;
    let other = EncodingKey::from_rsa_pem(&openssl::rsa().private).expect("a key");
    assert_refused(&clinic, &[("a third key", sign(Algorithm::RS256, &other))]).await;
}

#[tokio::test]
async fn times_may_be_broken_or_null_and_unknown_extensions_are_refused() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let token = |claims: &Value| signed(claims, SECRET);
    #[expect(clippy::cast_precision_loss, reason = "a time of this century")]
    let broken = hours_from_now(1) as f64 + 0.75;
    assert_admitted(&clinic, &ann, &token(&json!({ "sub": ann.id, "exp": broken, "nbf": null }))).await;
    let crit = Header { crit: Some(vec!["x".to_owned()]), ..Header::new(Algorithm::HS256) };
    let claims = json!({ "sub": ann.id, "exp": hours_from_now(1) });
    let crit = encode(&crit, &claims, &EncodingKey::from_secret(SECRET)).expect("a token");
    let null = token(&json!({ "sub": ann.id, "exp": null }));
    assert_refused(&clinic, &[("an extension", crit), ("no end", null)]).await;
}

#[tokio::test]
async fn whoever_runs_the_server_can_tell_why_a_token_was_refused() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let with = |sub: Uuid, exp: i64, nbf: i64| json!({ "sub": sub, "exp": exp, "nbf": nbf });
    let (good, other) = (SECRET, b"another secret, just as long as the right one".as_slice());
    let (soon, past) = (hours_from_now(1), hours_from_now(-1));
    for (claims, secret, reason) in [
        (with(ann.id, soon, past), other, Refused::Key),
        (with(ann.id, past, past), good, Refused::Expired),
        (with(ann.id, soon, soon), good, Refused::Early),
        (json!({ "sub": "Ann", "exp": soon }), good, Refused::Form),
    ] {
        assert_eq!(clinic.app.keys.check(&signed(&claims, secret)), Err(reason));
    }
}
