//! Signs customers up. It knows nothing of any mock: only base URLs and credentials differ from test to production.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::{engine::general_purpose::STANDARD, Engine};
use hmac::{Hmac, Mac};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

#[derive(Debug, PartialEq)]
pub enum Decision {
    Approved,
    Review,
    Rejected,
}

#[derive(Debug, PartialEq)]
pub enum Error {
    /// The vendor refused the request: its error and message.
    Refused(String),
    /// The response does not bear the vendor's signature.
    NotGenuine,
    /// No response came, or one that is not JSON.
    Transport(String),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Error::Refused(message) | Error::Transport(message) => formatter.write_str(message),
            Error::NotGenuine => formatter.write_str("the signature of the response is wrong"),
        }
    }
}

impl std::error::Error for Error {}

/// Where a vendor is, and who asks: key and secret of Cloudcheck, client ID and secret key of Shufti Pro.
pub struct Credentials<'a> {
    pub base_url: &'a str,
    pub key: &'a str,
    pub secret: &'a str,
}

/// Asks Cloudcheck to verify a person.
pub fn verify_person(vendor: &Credentials, details: &Value, reference: &str) -> Result<Decision, Error> {
    let path = "/verify/";
    let data = json!({"details": details, "reference": reference, "consent": "Yes"}).to_string();
    let mut parameters = BTreeMap::from([
        ("data", data),
        ("key", vendor.key.to_string()),
        ("nonce", uuid::Uuid::new_v4().simple().to_string()),
        ("timestamp", milliseconds().to_string()),
    ]);
    let signature = sign(path, &parameters, vendor.secret);
    parameters.insert("signature", signature);
    let form: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let response = received(ureq::post(&format!("{}{path}", vendor.base_url)).send_form(&form))?;
    let answer: Value = response.into_json().map_err(transport)?;
    let verification = &answer["verification"];
    if let Some(error) = verification["error"].as_i64() {
        let message = verification["message"].as_str().unwrap_or_default();
        return Err(Error::Refused(format!("{error}: {message}")));
    }
    let exposed = verification["pepMatches"].as_array().is_some_and(|matches| !matches.is_empty());
    Ok(match verification["verificationSuccess"].as_bool() {
        _ if exposed => Decision::Review,
        Some(true) => Decision::Approved,
        _ => Decision::Rejected,
    })
}

/// Has Shufti Pro screen a person and returns the event; the decision comes to the callback URL, too.
pub fn screen_person(
    vendor: &Credentials,
    background_checks: &Value,
    reference: &str,
    callback_url: &str,
) -> Result<String, Error> {
    let basic = STANDARD.encode(format!("{}:{}", vendor.key, vendor.secret));
    let request = ureq::post(&format!("{}/", vendor.base_url)).set("Authorization", &format!("Basic {basic}"));
    let response = received(request.send_json(json!({
        "reference": reference, "callback_url": callback_url, "background_checks": background_checks,
    })))?;
    let signature = response.header("Signature").unwrap_or_default().to_string();
    let body = response.into_string().map_err(transport)?;
    let answer: Value = serde_json::from_str(&body).map_err(transport)?;
    let event = answer["event"].as_str().unwrap_or_default().to_string();
    if let Some(message) = answer["error"]["message"].as_str() {
        return Err(Error::Refused(format!("{event}: {message}")));
    }
    if !is_genuine(body.as_bytes(), &signature, vendor.secret) {
        return Err(Error::NotGenuine);
    }
    Ok(event)
}

/// Whether Shufti Pro sent these bytes: SHA-256 over the body and the hashed secret key.
pub fn is_genuine(body: &[u8], signature: &str, secret_key: &str) -> bool {
    let hashed_key = hex(&Sha256::digest(secret_key));
    let expected = hex(&Sha256::new().chain_update(body).chain_update(hashed_key).finalize());
    let differing = expected.bytes().zip(signature.bytes()).fold(0, |bits, (one, other)| bits | (one ^ other));
    expected.len() == signature.len() && differing == 0
}

fn sign(path: &str, parameters: &BTreeMap<&str, String>, secret: &str) -> String {
    let mut hmac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    hmac.update(path.as_bytes());
    for (name, value) in parameters {
        hmac.update(format!("{name}={value};").as_bytes());
    }
    hex(&hmac.finalize().into_bytes())
}

/// A response of any status: the vendors' errors have a body that says more than the status does.
fn received(result: Result<ureq::Response, ureq::Error>) -> Result<ureq::Response, Error> {
    match result {
        Ok(response) | Err(ureq::Error::Status(_, response)) => Ok(response),
        Err(error) => Err(transport(error)),
    }
}

fn transport(error: impl fmt::Display) -> Error {
    Error::Transport(error.to_string())
}

fn milliseconds() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970").as_millis()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
