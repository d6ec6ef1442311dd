//! A running program, and servers for it to talk to.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use axum::Router;
use configstream_core::api::Proxy;
use configstream_core::catalogue::Snapshot;
use reqwest::header::{HeaderMap, HeaderValue};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStderr, Command};

/// Far more than anything here takes; a test that gets here has failed.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The program that is tested.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_configstream"));
    command.env("NO_PROXY", "*").kill_on_drop(true);
    command
}

/// Runs the program to its end, with this on its standard input.
pub(crate) async fn run(args: &[&str], input: &[u8]) -> Output {
    let mut command = program();
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that refuses its arguments does not read.
    stdin.write_all(input).await.ok();
    drop(stdin);
    child.wait_with_output().await.unwrap()
}

/// What a program wrote.
pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A running `configstream serve` with a folder of its own.
pub(crate) struct Api {
    pub(crate) base: String,
    pub(crate) folder: TempDir,
    pub(crate) log: Vec<String>,
    pub(crate) child: Child,
    stderr: Lines<BufReader<ChildStderr>>,
}

/// A folder and the arguments of a program that is about to run in it.
pub(crate) struct Setup {
    pub(crate) folder: TempDir,
    args: Vec<String>,
}

impl Setup {
    /// No source, a free port, no probes.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let args = ["serve", "--listen", "127.0.0.1:0", "--no-default-sources"];
        Self { folder, args: args.map(str::to_owned).into() }
    }

    pub(crate) fn again(folder: TempDir) -> Self {
        Self { folder, ..Self::new() }
    }

    pub(crate) fn with(mut self, flag: &str, value: impl Into<String>) -> Self {
        self.args.extend([flag.to_owned(), value.into()]);
        self
    }

    /// Listens on all addresses.
    pub(crate) fn everywhere(mut self) -> Self {
        self.args.iter_mut().filter(|arg| *arg == "127.0.0.1:0").for_each(|arg| "0.0.0.0:0".clone_into(arg));
        self
    }

    pub(crate) fn flag(mut self, flag: &str) -> Self {
        self.args.push(flag.to_owned());
        self
    }

    /// A source that is a file of this name and text.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        let path = self.write(name, text);
        self.with("--sources", path.display().to_string())
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = program();
        command.args(&self.args).arg("--data").arg(self.data());
        command
    }

    /// Starts, and waits for the line that says where it listens.
    pub(crate) async fn start(self) -> Api {
        Api::of(self.command(), self.folder).await
    }

    /// Starts without probes and waits for the first fetch.
    pub(crate) async fn fetched(self) -> Api {
        let mut api = self.flag("--no-probe").start().await;
        api.logged("of which failed").await;
        api
    }
}

impl Api {
    /// Runs a command that serves, and waits for the line that says where it listens.
    pub(crate) async fn of(mut command: Command, folder: TempDir) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, stdout.next_line()).await.unwrap().unwrap().unwrap();
        let base = line.strip_prefix("listening on ").unwrap().replace("0.0.0.0", "127.0.0.1");
        Self { base, folder, log: Vec::new(), child, stderr }
    }

    /// Waits for a line of the log that contains `text`, and gives it.
    pub(crate) async fn logged(&mut self, text: &str) -> String {
        loop {
            let line = tokio::time::timeout(PATIENCE, self.stderr.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("no {text:?} in {:#?}", self.log));
            let line = line.unwrap().unwrap_or_else(|| panic!("no {text:?} in {:#?}", self.log));
            self.log.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    pub(crate) fn warnings(&self) -> Vec<&String> {
        self.log.iter().filter(|line| line.contains("WARN") || line.contains("ERROR")).collect()
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.get_with(path, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&'static str, &str)]) -> reqwest::Response {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()));
        let request = client().get(format!("{}{path}", self.base)).headers(headers.collect::<HeaderMap>());
        request.send().await.unwrap()
    }

    pub(crate) async fn json<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let text = self.get(path).await.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    pub(crate) async fn proxies(&self) -> Vec<Proxy> {
        self.json("/api/v1/proxies?limit=1000").await
    }

    pub(crate) async fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.proxies().await.into_iter().map(|proxy| proxy.name).collect();
        names.sort();
        names
    }

    pub(crate) async fn snapshot(&self) -> Snapshot {
        Snapshot::decode(&self.get("/api/v1/snapshot").await.bytes().await.unwrap()).unwrap()
    }

    /// Stops as an operator does, and gives the folder to whoever comes next.
    pub(crate) async fn stop(mut self) -> TempDir {
        self.terminate().await;
        self.folder
    }

    pub(crate) async fn terminate(&mut self) {
        let id = self.child.id().unwrap().to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        assert!(status.success());
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        assert!(status.success(), "{status}");
    }

    /// The most memory that the program ever held, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// A client that asks loopback addresses and nobody else.
pub(crate) fn client() -> reqwest::Client {
    configstream_api::tls::install();
    let tls = configstream_api::tls::client_config();
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().no_gzip().build().unwrap()
}

/// Serves a router on a free port; gives `http://address`.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    format!("http://{address}")
}

/// Whether a program is there. A test that needs one fails where it is missing, unless
/// `CONFIGSTREAM_SKIP_PROXIES` is set: then it is passed over.
pub(crate) fn found(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder: PathBuf| Path::new(&folder).join(name).is_file());
    let skip = std::env::var_os("CONFIGSTREAM_SKIP_PROXIES").is_some();
    assert!(found || skip, "{name} is not installed: install it, or set CONFIGSTREAM_SKIP_PROXIES=1");
    if !found {
        eprintln!("{name} is not installed: this test is passed over");
    }
    found
}
