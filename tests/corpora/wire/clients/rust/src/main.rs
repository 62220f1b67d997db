//! wire CLIENT ADDRESS CASES: send each case with reqwest.
use base64::{engine::general_purpose::STANDARD, Engine};
use reqwest::blocking::{multipart, Client};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    name: String,
    filename: String,
    r#type: String,
    base64: String,
}

#[derive(Deserialize)]
struct Case {
    case: String,
    path: String,
    #[serde(default)]
    fields: Vec<(String, String)>,
    file: Option<File>,
    json: Option<serde_json::Value>,
    user: Option<String>,
    password: Option<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let cases: Vec<Case> = serde_json::from_str(&std::fs::read_to_string(&arguments[3])?)?;
    println!("reqwest {}", include_str!("../Cargo.toml").split("version = \"=").nth(1).and_then(|rest| rest.split('"').next()).unwrap());
    let client = Client::new();
    for case in cases {
        let url = format!("{}{}", arguments[2], case.path);
        let request = if case.case == "get" {
            client.get(url).query(&case.fields)
        } else if let Some(json) = case.json {
            client.post(url).basic_auth(case.user.unwrap_or_default(), case.password).json(&json)
        } else if let Some(file) = case.file {
            let part = multipart::Part::bytes(STANDARD.decode(file.base64)?).file_name(file.filename).mime_str(&file.r#type)?;
            let form = case.fields.into_iter().fold(multipart::Form::new(), |form, (name, value)| form.text(name, value));
            client.post(url).multipart(form.part(file.name, part))
        } else {
            client.post(url).form(&case.fields)
        };
        request.send()?.bytes()?;
    }
    Ok(())
}
