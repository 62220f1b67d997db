//! The KYC mock server for `cargo test`: `Account::of("name of the test")`.
//!
//! Uses the server that MOCK_SERVER_URL names; without it, starts `mock-server` and stops it with the last account.
//! Each test has an account of its own, empty at its start, so tests may run at once. A failed test prints what the
//! server refused and why.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use serde_json::Value;

const START_TIMEOUT: Duration = Duration::from_secs(30);
static RUNNING: Mutex<Weak<Server>> = Mutex::new(Weak::new());

pub struct Account {
    pub name: String,
    pub secret: String,
    server: Arc<Server>,
}

impl Account {
    /// Runs that share a server need a prefix: MOCK_ACCOUNT_PREFIX=job-17.
    pub fn of(test: &str) -> Account {
        let prefix = env::var("MOCK_ACCOUNT_PREFIX").map(|prefix| prefix + "-").unwrap_or_default();
        let name = format!("test-{prefix}{test}");
        let account = Account { secret: format!("{name}-secret"), name, server: Server::find() };
        account.control("POST", "reset", None).expect("the account is reset");
        account
    }

    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// Calls the control API for this account.
    pub fn control(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        let url = format!("{}/__admin/{path}", self.url());
        let mut request = ureq::request(method, &url).query("account", &self.name);
        if let Ok(token) = env::var("MOCK_SERVER_ADMIN_TOKEN") {
            request = request.set("Authorization", &format!("Bearer {token}"));
        }
        let result = match body {
            Some(body) => request.send_json(body),
            None => request.call(),
        };
        match result {
            Ok(response) => response.into_json().map_err(|error| format!("{method} {url}: {error}")),
            Err(ureq::Error::Status(status, response)) => {
                Err(format!("{method} {url}: {status} {}", response.into_string().unwrap_or_default()))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// What the server refused of this account, oldest first: request, error, cause and fix.
    pub fn refusals(&self) -> Result<Vec<String>, String> {
        let unmatched = self.control("GET", "requests/unmatched", None)?;
        let requests = unmatched["requests"].as_array().into_iter().flatten().rev();
        let ids = requests.filter_map(|request| request["id"].as_str());
        ids.map(|id| {
            let explanation = self.control("GET", &format!("requests/{id}/explain"), None)?;
            Ok(explanation["reason"].as_str().unwrap_or_default().to_string())
        })
        .collect()
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        eprintln!("mock server, account {}, refused in this test:", self.name);
        match self.refusals() {
            Ok(reasons) if reasons.is_empty() => eprintln!("  nothing"),
            Ok(reasons) => reasons.iter().for_each(|reason| eprintln!("  {reason}")),
            Err(error) => eprintln!("  unknown: the mock server does not answer ({error})"),
        }
        eprintln!("  dashboard: {}/__admin/ui/?account={}", self.url(), self.name);
    }
}

/// The server of the run, its process and folder. Without a process it is somebody else's, and stays.
struct Server {
    url: String,
    process: Option<(Child, PathBuf)>,
}

impl Server {
    fn find() -> Arc<Server> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.upgrade().unwrap_or_else(|| {
            let server = Arc::new(match env::var("MOCK_SERVER_URL") {
                Ok(url) if !url.is_empty() => Server { url: url.trim_end_matches('/').to_string(), process: None },
                _ => Server::start(),
            });
            *running = Arc::downgrade(&server);
            server
        })
    }

    fn start() -> Server {
        let folder = env::temp_dir().join(format!("mock-server-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder).expect("the temporary folder can be written");
        let (port_file, log) = (folder.join("port"), folder.join("log"));
        let mut process = Command::new("mock-server")
            .args(["serve", "--port", "0", "--no-watch", "--port-file"])
            .arg(&port_file)
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).expect("the log can be written"))
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "cannot run mock-server ({error}); install it with pip install kyc-mock-server, \
                     or name a running server in MOCK_SERVER_URL"
                )
            });
        let end = Instant::now() + START_TIMEOUT;
        while Instant::now() < end && matches!(process.try_wait(), Ok(None)) {
            let port = fs::read_to_string(&port_file).unwrap_or_default();
            if !port.trim().is_empty() {
                return Server {
                    url: format!("http://127.0.0.1:{}", port.trim()),
                    process: Some((process, folder)),
                };
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = process.kill();
        panic!("mock-server did not start:\n{}", fs::read_to_string(&log).unwrap_or_default());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((process, folder)) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
            let _ = fs::remove_dir_all(folder);
        }
    }
}
