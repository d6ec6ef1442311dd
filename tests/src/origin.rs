//! Servers of our own: the origin that notes who came, and a proxy that lies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use configstream_core::catalogue::{Patch, Snapshot};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use crate::outcome::Outcome;
use crate::peers::JUDGE;
use crate::process::Log;

/// A small HTTP server. Dropped, it ends.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    log: Log,
    well: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

/// How a server answers a caller.
#[derive(Clone, Debug)]
enum Answer {
    /// With a page that holds the caller's address.
    Caller,
    /// With the caller's address as a judge tells it; while it is not well, with a refusal.
    Judge(Arc<AtomicBool>),
    /// As a judge that sees everybody at this exit.
    JudgeOf(&'static str),
    /// With a page of its own, whatever was asked.
    Portal,
    /// With the question for a password, whatever password came.
    Locked,
    /// As a proxy that leaves from this address, with whatever the origin says.
    Forward(Ipv4Addr),
    /// With files, and with this snapshot as the API would.
    Files(PathBuf, Vec<u8>),
    /// As an API that has the second of two lists once it is well, and knows what changed since the first.
    Feed(Arc<AtomicBool>, Box<[Snapshot; 2]>),
}

const HTML: &str = "text/html; charset=utf-8";

impl Answer {
    /// Status line, media type and body.
    fn to(&self, caller: IpAddr, path: &str) -> (&'static str, &'static str, Vec<u8>) {
        match self {
            Self::Caller => ("200 OK", HTML, format!("<!doctype html><title>origin</title>{caller}").into()),
            Self::Judge(well) if !well.load(Ordering::Relaxed) => {
                ("503 Service Unavailable", HTML, Vec::new())
            }
            Self::Judge(_) => ("200 OK", "application/json", format!("{{\"address\":\"{caller}\"}}").into()),
            Self::JudgeOf(exit) => ("200 OK", "application/json", (*exit).into()),
            Self::Portal => ("200 OK", HTML, "<!doctype html><title>Hotel</title>Accept our terms.".into()),
            Self::Locked => {
                ("407 Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"", HTML, Vec::new())
            }
            Self::Files(_, snapshot) if path == "/api/v1/snapshot" => {
                ("200 OK", "application/json", snapshot.clone())
            }
            Self::Files(folder, _) => file(folder, path),
            Self::Feed(well, lists) => feed(well.load(Ordering::Relaxed), lists, path),
            Self::Forward(_) => ("502 Bad Gateway", HTML, Vec::new()),
        }
    }
}

fn feed(is_new: bool, [old, new]: &[Snapshot; 2], path: &str) -> (&'static str, &'static str, Vec<u8>) {
    let since = ["/api/v1/snapshot?since=", &old.revision.to_string()].concat();
    let body = match (is_new, path) {
        (false, _) => old.encode(),
        (true, path) if path == since => Patch::between(old, new).encode().to_vec(),
        (true, _) => new.encode(),
    };
    ("200 OK\r\nETag: \"a list\"", "application/octet-stream", body)
}

fn file(folder: &Path, path: &str) -> (&'static str, &'static str, Vec<u8>) {
    let path = if path == "/" { "index.html" } else { path.trim_start_matches('/') };
    let media = match path.rsplit('.').next() {
        Some("html") => HTML,
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("webmanifest" | "json") => "application/json",
        _ => "application/octet-stream",
    };
    match std::fs::read(folder.join(path)) {
        Ok(bytes) => ("200 OK", media, bytes),
        Err(_) => ("404 Not Found", HTML, Vec::new()),
    }
}

impl Server {
    /// An origin: each answer holds the address that the request came from.
    pub async fn origin() -> Outcome<Self> {
        Self::start(Answer::Caller).await
    }

    /// A proxy that answers every request itself, as a captive portal does.
    pub async fn captive() -> Outcome<Self> {
        Self::start(Answer::Portal).await
    }

    /// A judge.
    pub async fn judge() -> Outcome<Self> {
        Self::judge_that_is(true).await
    }

    /// A judge that refuses everybody until it is [`Server::heal`]ed.
    pub async fn ill_judge() -> Outcome<Self> {
        Self::judge_that_is(false).await
    }

    async fn judge_that_is(well: bool) -> Outcome<Self> {
        Self::start_as(well, Answer::Judge).await
    }

    /// An API that has the first of two lists, and the second once it is [`Server::heal`]ed.
    pub async fn feed(lists: [Snapshot; 2]) -> Outcome<Self> {
        Self::start_as(false, |well| Answer::Feed(well, Box::new(lists))).await
    }

    async fn start_as(well: bool, answer: impl FnOnce(Arc<AtomicBool>) -> Answer) -> Outcome<Self> {
        let well = Arc::new(AtomicBool::new(well));
        let mut server = Self::start(answer(well.clone())).await?;
        server.well = well;
        Ok(server)
    }

    /// Makes a judge well, or an API have its second list.
    pub fn heal(&self) {
        self.well.store(true, Ordering::Relaxed);
    }

    /// A judge that sees everybody at this exit, for pictures.
    pub async fn judge_of(exit: &'static str) -> Outcome<Self> {
        Self::start(Answer::JudgeOf(exit)).await
    }

    /// The files of a folder, and a snapshot where the API has its own.
    pub async fn files(folder: PathBuf, snapshot: Vec<u8>) -> Outcome<Self> {
        Self::start(Answer::Files(folder, snapshot)).await
    }

    /// A plain HTTP proxy that leaves from `127.0.0.<exit>` and passes on whatever an origin answers.
    /// tinyproxy keeps an origin from asking for a proxy's password; not every proxy does.
    pub async fn forwarding(exit: u8) -> Outcome<Self> {
        Self::start(Answer::Forward(Ipv4Addr::new(127, 0, 0, exit))).await
    }

    /// A proxy, or an origin, that asks for a password and refuses every one.
    pub async fn locked() -> Outcome<Self> {
        Self::start(Answer::Locked).await
    }

    async fn start(answer: Answer) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, log, well) = (listener.local_addr()?, Log::default(), Arc::default());
        let task = tokio::spawn(serve(listener, Arc::new(answer), log.clone()));
        Ok(Self { address, log, well, task })
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its address as a judge, for those who come through a proxy.
    pub fn as_judge(&self) -> String {
        format!("http://{JUDGE}:{}/exit", self.port())
    }

    /// Its address for those on this machine.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// A line for each request: the caller's address, the request line, and the header line with a
    /// password for the proxy, if there is one.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Who brought the request whose line contains this text, if it came.
    pub fn carrier(&self, text: &str) -> Option<IpAddr> {
        let lines = self.log.lines();
        lines.iter().find(|line| line.contains(text))?.split(' ').next()?.parse().ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, answer: Arc<Answer>, log: Log) {
    while let Ok((stream, peer)) = listener.accept().await {
        let (answer, log) = (answer.clone(), log.clone());
        tokio::spawn(async move { reply(stream, peer.ip(), &answer, &log).await });
    }
}

async fn reply(stream: TcpStream, caller: IpAddr, answer: &Answer, log: &Log) -> Outcome {
    let mut stream = BufReader::new(stream);
    let mut request = String::new();
    stream.read_line(&mut request).await?;
    let headers = headers(&mut stream).await?;
    let is_password = |line: &&String| line.to_ascii_lowercase().starts_with("proxy-authorization:");
    let password = headers.iter().find(is_password).map_or("", |line| line.trim_end());
    log.push(format!("{caller} {} {password}", request.trim_end()));
    if let Answer::Forward(exit) = answer {
        return forward(stream.into_inner(), &request, &headers, *exit).await;
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (status, media, body) = answer.to(caller, path);
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    Ok(stream.shutdown().await?)
}

/// The lines up to the empty one.
async fn headers(stream: &mut BufReader<TcpStream>) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? <= 2 {
            return Ok(lines);
        }
        lines.push(line);
    }
}

/// Carries one request to its port on this machine, whatever its host is called, and the answer back.
async fn forward(mut caller: TcpStream, request: &str, headers: &[String], exit: Ipv4Addr) -> Outcome {
    let words: Vec<&str> = request.split(' ').collect();
    let (method, url) = (words.first().unwrap_or(&""), words.get(1).unwrap_or(&""));
    let (authority, path) = url.trim_start_matches("http://").split_once('/').unwrap_or((url, ""));
    let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(80);
    let socket = TcpSocket::new_v4()?;
    socket.bind((exit, 0).into())?;
    let mut origin = socket.connect((Ipv4Addr::LOCALHOST, port).into()).await?;
    let hop = |line: &&String| {
        let line = line.to_ascii_lowercase();
        line.starts_with("proxy-") || line.starts_with("connection:")
    };
    let kept: String = headers.iter().filter(|line| !hop(line)).map(String::as_str).collect();
    let head = format!("{method} /{path} HTTP/1.1\r\n{kept}Connection: close\r\n\r\n");
    origin.write_all(head.as_bytes()).await?;
    tokio::io::copy(&mut origin, &mut caller).await?;
    Ok(caller.shutdown().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn an_origin_notes_who_came_and_for_what() {
        let origin = Server::origin().await.expect("it starts");
        let mut stream = TcpStream::connect(("127.0.0.1", origin.port())).await.expect("it listens");
        stream.write_all(b"GET /nonce HTTP/1.1\r\nHost: origin.test\r\n\r\n").await.expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it answers");
        assert!(answer.ends_with("</title>127.0.0.1"), "{answer}");
        assert_eq!(origin.carrier("/nonce"), Some(IpAddr::from([127, 0, 0, 1])));
        assert_eq!(origin.carrier("/other"), None);
    }

    #[tokio::test]
    async fn a_forwarding_proxy_leaves_from_its_exit_and_changes_no_answer() {
        let (origin, proxy) =
            (Server::locked().await.expect("it starts"), Server::forwarding(99).await.expect("it starts"));
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port())).await.expect("it listens");
        let request = format!("GET http://origin.test:{}/page HTTP/1.1\r\n\r\n", origin.port());
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it answers");
        assert!(answer.starts_with("HTTP/1.1 407 ") && answer.contains("Proxy-Authenticate: "), "{answer}");
        assert_eq!(origin.carrier("/page"), Some(IpAddr::from([127, 0, 0, 99])));
    }
}
