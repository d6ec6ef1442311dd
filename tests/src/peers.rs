//! The real proxies and the real API that scenarios talk to.
//!
//! Loopback hosts bypass a browser's proxy, so origin and judge have made-up names that only proxies
//! (through `libnss_wrapper`) and the test browsers resolve. Each proxy leaves from a loopback address of
//! its own, which tells the origin and the judge who carried a request.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::outcome::{Failure, Outcome, until};
use crate::process::{Log, Process};

/// The name of the origin.
pub const ORIGIN: &str = "origin.test";

/// The name of the judge.
pub const JUDGE: &str = "judge.test";

/// What a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// HTTP: tinyproxy.
    Http,
    /// SOCKS 5: microsocks.
    Socks5,
}

/// A user name and its password.
pub type Login = (&'static str, &'static str);

/// An HTTP proxy that a browser uses of its own accord, without any extension, and whose login it knows.
#[derive(Clone, Copy, Debug)]
pub struct OwnProxy {
    /// On 127.0.0.1.
    pub port: u16,
    /// What it asks for.
    pub login: Option<Login>,
}

/// A running proxy.
#[derive(Debug)]
pub struct Proxy {
    process: Process,
    port: u16,
    exit: IpAddr,
    speaks: Speaks,
    login: Option<Login>,
    _files: [NamedTempFile; 2],
}

impl Proxy {
    /// Starts a proxy that leaves from `127.0.0.<exit>`.
    pub async fn start(speaks: Speaks, login: Option<Login>, exit: u8) -> Outcome<Self> {
        let (port, exit) = (free_port()?, IpAddr::from(Ipv4Addr::new(127, 0, 0, exit)));
        let hosts = file(&format!("127.0.0.1 {ORIGIN} {JUDGE}\n"))?;
        let settings = file(&tinyproxy_settings(port, exit, login))?;
        let mut command = match speaks {
            Speaks::Http => tinyproxy(settings.path()),
            Speaks::Socks5 => microsocks(port, exit, login),
        };
        command.env("LD_PRELOAD", name_wrapper()?).env("NSS_WRAPPER_HOSTS", hosts.path());
        let process = Process::start(command)?;
        answers(port).await?;
        Ok(Self { process, port, exit, speaks, login, _files: [hosts, settings] })
    }

    /// The link that a subscription would hold for it.
    pub fn link(&self, name: &str) -> String {
        self.link_with(self.login, name)
    }

    /// A link with another login than the proxy asks for.
    pub fn link_with(&self, login: Option<Login>, name: &str) -> String {
        let scheme = match self.speaks {
            Speaks::Http => "http",
            Speaks::Socks5 => "socks5",
        };
        let login = login.map_or_else(String::new, |(user, password)| format!("{user}:{password}@"));
        format!("{scheme}://{login}127.0.0.1:{}#{name}", self.port)
    }

    /// The same proxy as a browser of its own accord uses it.
    pub fn as_own(&self) -> OwnProxy {
        OwnProxy { port: self.port, login: self.login }
    }

    /// The address that origin and judge see.
    pub fn exit(&self) -> IpAddr {
        self.exit
    }

    /// What it noted of its callers.
    pub fn log(&self) -> &Log {
        self.process.log()
    }

    /// Ends it, as when a server goes down.
    pub async fn kill(&mut self) -> Outcome {
        self.process.kill().await
    }
}

fn tinyproxy(settings: &Path) -> Command {
    let mut command = Command::new("tinyproxy");
    command.arg("-d").arg("-c").arg(settings);
    command
}

fn tinyproxy_settings(port: u16, exit: IpAddr, login: Option<Login>) -> String {
    let login = login.map_or_else(String::new, |(user, password)| format!("BasicAuth {user} {password}\n"));
    format!("Listen 127.0.0.1\nPort {port}\nBind {exit}\nTimeout 60\nMaxClients 100\nLogLevel Info\n{login}")
}

fn microsocks(port: u16, exit: IpAddr, login: Option<Login>) -> Command {
    let mut command = Command::new("microsocks");
    command.args(["-i", "127.0.0.1", "-p", &port.to_string(), "-b", &exit.to_string()]);
    if let Some((user, password)) = login {
        command.args(["-u", user, "-P", password]);
    }
    command
}

/// The library that answers a program's questions for names from a file.
fn name_wrapper() -> Outcome<PathBuf> {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    let files = folders.iter().map(|folder| Path::new(folder).join("libnss_wrapper.so"));
    files
        .into_iter()
        .find(|file| file.exists())
        .ok_or_else(|| Failure::new("libnss_wrapper.so is missing; `cargo xtask test` installs it"))
}

fn file(text: &str) -> Outcome<NamedTempFile> {
    let mut file = NamedTempFile::with_prefix("configstream-")?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

/// The link of a proxy that is not there.
pub fn dead_link(name: &str) -> Outcome<String> {
    Ok(format!("http://127.0.0.1:{}#{name}", free_port()?))
}

/// A port that nothing listens on.
pub fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

async fn answers(port: u16) -> Outcome {
    until(&format!("port {port} to answer"), async || {
        Ok(TcpStream::connect(("127.0.0.1", port)).await.is_ok().then_some(()))
    })
    .await
}

/// The running API, which is also the judge.
#[derive(Debug)]
pub struct Api {
    process: Process,
    port: u16,
    folder: TempDir,
}

impl Api {
    /// Starts the API over a list of links, one on each line.
    pub async fn start(tree: &Tree, links: &[String]) -> Outcome<Self> {
        let (folder, port) = (TempDir::with_prefix("configstream-api-")?, free_port()?);
        write_list(folder.path(), links)?;
        let process = launch(tree, folder.path(), port).await?;
        Ok(Self { process, port, folder })
    }

    /// Its address, for those on this machine.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The judge's address, for those who come through a proxy.
    pub fn judge(&self) -> String {
        judge(self.port)
    }

    /// Ends it.
    pub async fn kill(&mut self) -> Outcome {
        self.process.kill().await
    }

    /// Ends it and starts it again at the same address over another list.
    pub async fn restart(&mut self, tree: &Tree, links: &[String]) -> Outcome {
        self.kill().await?;
        write_list(self.folder.path(), links)?;
        self.process = launch(tree, self.folder.path(), self.port).await?;
        Ok(())
    }

    /// What it wrote.
    pub fn log(&self) -> &Log {
        self.process.log()
    }
}

fn judge(port: u16) -> String {
    format!("http://{JUDGE}:{port}/api/v1/exit")
}

fn write_list(folder: &Path, links: &[String]) -> Outcome {
    Ok(std::fs::write(folder.join("list.txt"), links.join("\n"))?)
}

async fn launch(tree: &Tree, folder: &Path, port: u16) -> Outcome<Process> {
    let mut command = Command::new(&tree.api);
    command.args(["serve", "--no-default-sources", "--no-probe"]);
    command.args(["--listen", &format!("127.0.0.1:{port}"), "--judge", &judge(port)]);
    command.arg("--data").arg(folder.join("data")).arg("--sources").arg(folder.join("list.txt"));
    command.arg("--pwa").arg(tree.dist.join("pwa"));
    let mut process = Process::start(command)?;
    process.says("listening on ").await?;
    Ok(process)
}

/// Where the things under test lie.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The workspace.
    pub root: PathBuf,
    /// The extension and the PWA, as `cargo xtask build` puts them together.
    pub dist: PathBuf,
    /// The API's program.
    pub api: PathBuf,
}

impl Tree {
    /// The workspace of these tests, and the programs of the profile that they were built with.
    pub fn here() -> Outcome<Self> {
        let missing = || Failure::new("the tests do not lie in a workspace");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or_else(missing)?.to_owned();
        let program = std::env::current_exe()?;
        let profile = program.parent().and_then(Path::parent).ok_or_else(missing)?;
        let api = profile.join("configstream").with_extension(std::env::consts::EXE_EXTENSION);
        Ok(Self { dist: root.join("dist"), root, api })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_asked_for_only_where_one_is_set() {
        let exit = IpAddr::from([127, 0, 0, 2]);
        assert!(tinyproxy_settings(1, exit, Some(("u", "p"))).contains("BasicAuth u p\n"));
        assert!(!tinyproxy_settings(1, exit, None).contains("BasicAuth"));
    }
}
