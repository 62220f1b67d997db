//! Signs each job of a JSON file with Rust's means, as the job says, and prints signature and form.
use base64::prelude::*;
use hmac::{Hmac, Mac};
use serde_json::{json, Value};
use sha2::{Digest, Sha256, Sha512};

fn altered(text: String, op: &str) -> String {
    let parsed = || serde_json::from_str::<Value>(&text).unwrap();
    match op {
        "serde_json" => serde_json::to_string(&parsed()).unwrap(),
        "serde_json pretty" => serde_json::to_string_pretty(&parsed()).unwrap(),
        "to_string twice" => serde_json::to_string(&text).unwrap(),
        "trim" => text.trim().to_string(),
        "println" => format!("{text}\n"),
        "byte_serialize" => form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        "to_lowercase" => text.to_lowercase(),
        "default" => String::default(),
        "base64" => BASE64_STANDARD.encode(&text),
        _ => panic!("{op}"),
    }
}

fn mac(name: &str, text: &[u8], key: &[u8]) -> Vec<u8> {
    match name {
        "hmac" => Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec(),
        "hmac-sha512" => Hmac::<Sha512>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec(),
        "swapped" => Hmac::<Sha256>::new_from_slice(text).unwrap().chain_update(key).finalize().into_bytes().to_vec(),
        "append" => Sha256::new().chain_update(text).chain_update(key).finalize().to_vec(),
        "append-sha512" => Sha512::new().chain_update(text).chain_update(key).finalize().to_vec(),
        "prepend" => Sha256::new().chain_update(key).chain_update(text).finalize().to_vec(),
        "bare" => Sha256::digest(text).to_vec(),
        _ => panic!("{name}"),
    }
}

fn written(name: &str, digest: Vec<u8>) -> String {
    match name {
        "hex" => hex::encode(digest),
        "upper" => hex::encode_upper(digest),
        "base64" => BASE64_STANDARD.encode(digest),
        "{:?}" => format!("{digest:?}"),
        "unpadded" => digest.iter().map(|byte| format!("{byte:x}")).collect(),
        "hex of hex" => hex::encode(hex::encode(digest)),
        _ => panic!("{name}"),
    }
}

fn main() {
    let file = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let jobs: Vec<Value> = serde_json::from_str(&file).unwrap();
    for job in jobs {
        let word = |name: &str| job[name].as_str().unwrap();
        let mut text = word("text").to_string();
        for op in job["texts"].as_array().unwrap() {
            text = altered(text, op.as_str().unwrap());
        }
        let form = &job["form"];
        let mut sent = form_urlencoded::Serializer::new(String::new());
        if form.is_object() {
            let part = |name: &str| form[name].as_str().unwrap();
            let mut fields: Vec<(String, String)> = Vec::new();
            for field in form["fields"].as_array().unwrap() {
                let (name, value) = (field[0].as_str().unwrap(), field[1].as_str().unwrap());
                sent.append_pair(name, value);
                let value = if name == "data" { text.clone() } else { value.to_string() };
                let value = if part("values") == "encoded" { altered(value, "byte_serialize") } else { value };
                fields.push((name.to_string(), value));
            }
            if form["sorted"].as_bool().unwrap() {
                fields.sort();
            }
            let joined: Vec<String> = fields.iter().map(|(name, value)| format!("{name}{}{value}", part("equals"))).collect();
            text = format!("{}{}{}{}", part("path"), part("lead"), joined.join(part("between")), part("last"));
        }
        let raw: Vec<u8> = match word("charset") {
            "utf-8" => text.into_bytes(),
            "utf-16" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "low" => text.chars().map(|letter| letter as u8).collect(),
            other => panic!("{other}"),
        };
        let secret = word("secret").as_bytes();
        let key = match word("key") {
            "as-is" => secret.to_vec(),
            "sha256" => hex::encode(Sha256::digest(secret)).into_bytes(),
            "bytes" => Sha256::digest(secret).to_vec(),
            other => panic!("{other}"),
        };
        let signature = written(word("digest"), mac(word("mac"), &raw, &key));
        let wire = if form.is_object() { sent.append_pair("signature", &signature).finish() } else { String::new() };
        println!("{}", json!({"id": job["id"], "signature": signature, "wire": wire}));
    }
}
