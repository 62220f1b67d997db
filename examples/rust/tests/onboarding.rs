//! cargo test. Each test is an account of its own, so they run at once.

mod mock_server;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{channel, Receiver};
use std::thread;
use std::time::Duration;

use mock_server::Account;
use onboarding::{is_genuine, screen_person, verify_person, Credentials, Decision, Error};
use serde_json::{json, Value};

const NOBODY: &str = "http://127.0.0.1:9/callbacks";

fn credentials(account: &Account) -> Credentials<'_> {
    Credentials { base_url: account.url(), key: &account.name, secret: &account.secret }
}

fn person(family: &str) -> Value {
    json!({"name": {"given": "Tamsin", "family": family}, "dateofbirth": "1987-03-14"})
}

fn checks() -> Value {
    json!({"dob": "1979-11-04", "name": {"first_name": "Ingrid", "last_name": "Solvang"}})
}

#[test]
fn an_ordinary_customer_is_approved() {
    let account = Account::of("an_ordinary_customer_is_approved");
    for family in ["Okafor", "O'Brien + Söhne", "Ngāta 🌱"] {
        let decision = verify_person(&credentials(&account), &person(family), "customer-1");
        assert_eq!(decision, Ok(Decision::Approved), "{family}");
    }
    assert_eq!(account.refusals(), Ok(vec![]));
}

#[test]
fn a_politically_exposed_person_goes_to_a_reviewer() {
    let account = Account::of("a_politically_exposed_person_goes_to_a_reviewer");
    let scenario =
        json!({"name": "exposed", "match": {"operation": "verify"}, "respond": {"outcome": "pep-match"}});
    let file = json!({"version": 1, "provider": "cloudcheck", "scenarios": [scenario]});
    account.control("POST", "scenarios", Some(file)).unwrap();
    let decision = verify_person(&credentials(&account), &person("Okafor"), "customer-2");
    assert_eq!(decision, Ok(Decision::Review));
}

#[test]
fn a_wrong_secret_is_refused_and_the_server_says_why() {
    let account = Account::of("a_wrong_secret_is_refused_and_the_server_says_why");
    let secret = format!("{}\n", account.secret);
    let wrong = Credentials { secret: &secret, ..credentials(&account) };
    let error = verify_person(&wrong, &person("Okafor"), "customer-3").unwrap_err();
    assert!(error.to_string().starts_with("106: "), "{error}");
    let reasons = account.refusals().unwrap();
    assert_eq!(reasons.len(), 1);
    assert!(reasons[0].contains("line break"), "{}", reasons[0]);
}

#[test]
fn a_reference_that_is_too_short_is_refused() {
    let account = Account::of("a_reference_that_is_too_short_is_refused");
    let refused = screen_person(&credentials(&account), &checks(), "c-1", NOBODY);
    let message = "request.invalid: The reference must be at least 6 characters.";
    assert_eq!(refused, Err(Error::Refused(message.to_string())));
}

#[test]
fn the_callback_arrives_signed() {
    let account = Account::of("the_callback_arrives_signed");
    let (callback_url, received) = receiver();
    let event = screen_person(&credentials(&account), &checks(), "customer-4", &callback_url);
    assert_eq!(event, Ok("verification.accepted".to_string()));
    let wait = account.control("GET", "callbacks/wait?reference=customer-4&outcome=delivered&timeout=10s", None);
    let callbacks = wait.unwrap();
    assert_eq!(callbacks["callbacks"][0]["attempts"][0]["status"], 200);
    let (body, signature) = received.recv_timeout(Duration::from_secs(10)).expect("a callback comes");
    assert!(is_genuine(&body, &signature, &account.secret));
    assert!(!is_genuine(&body, &signature, "another secret"));
}

type Callback = (Vec<u8>, String);

/// Takes callbacks on a free port; the mock server also looks with a HEAD request whether it is there.
fn receiver() -> (String, Receiver<Callback>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/callbacks/shufti", listener.local_addr().unwrap());
    let (sender, received) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Some(callback) = answer(stream) {
                let _ = sender.send(callback);
            }
        }
    });
    (url, received)
}

/// Answers one request with 200; its body and signature, if it has a body.
fn answer(mut stream: TcpStream) -> Option<Callback> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut length, mut signature, mut line) = (0, String::new(), String::new());
    while reader.read_line(&mut line).ok()? > 2 {
        if let Some((name, value)) = line.split_once(':') {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok()?,
                "signature" => signature = value.trim().to_string(),
                _ => {}
            }
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok()?;
    (length > 0).then_some((body, signature))
}
