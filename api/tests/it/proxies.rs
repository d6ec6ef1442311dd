//! Proxies on loopback addresses: those that people run, and a few small ones for what those lack.

use std::net::SocketAddr;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

/// A proxy program that runs until it is dropped.
pub(crate) struct Running {
    pub(crate) port: u16,
    _child: Child,
    _folder: TempDir,
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// These programs say nothing when they are ready, so they are asked until they answer.
async fn answers(port: u16) {
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        tokio::task::yield_now().await;
    }
}

async fn run(mut command: Command, port: u16, folder: TempDir) -> Running {
    let command = command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).kill_on_drop(true);
    let child = command.spawn().unwrap();
    answers(port).await;
    Running { port, _child: child, _folder: folder }
}

/// SOCKS5 with these further arguments: `-u` and `-P` for a login, `-b` for the outgoing address.
pub(crate) async fn microsocks(args: &[&str]) -> Running {
    let port = free_port().await;
    let mut command = Command::new("microsocks");
    command.args(["-i", "127.0.0.1", "-p", &port.to_string()]).args(args);
    run(command, port, tempfile::tempdir().unwrap()).await
}

/// HTTP with a login.
pub(crate) async fn tinyproxy(login: &str) -> Running {
    let (port, folder) = (free_port().await, tempfile::tempdir().unwrap());
    let text = format!("Port {port}\nListen 127.0.0.1\nTimeout 60\nBasicAuth {login}\nMaxClients 50\n");
    let path = folder.path().join("tinyproxy.conf");
    std::fs::write(&path, text).unwrap();
    let mut command = Command::new("tinyproxy");
    command.arg("-d").arg("-c").arg(path);
    run(command, port, folder).await
}

/// `SOCKS4a` (<https://www.openssh.org/txt/socks4a.protocol>) for one connection after another.
pub(crate) async fn socks4() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(socks4_connection(client));
        }
    });
    address
}

async fn socks4_connection(client: TcpStream) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let mut head = [0; 8];
    client.read_exact(&mut head).await?;
    assert_eq!(head[..2], [4, 1], "version 4, CONNECT");
    let (mut user, mut name) = (Vec::new(), Vec::new());
    client.read_until(0, &mut user).await?;
    let port = u16::from_be_bytes([head[2], head[3]]);
    let by_name = head[4..7] == [0; 3] && head[7] != 0;
    let host = if by_name {
        client.read_until(0, &mut name).await?;
        String::from_utf8_lossy(&name[..name.len() - 1]).into_owned()
    } else {
        std::net::Ipv4Addr::new(head[4], head[5], head[6], head[7]).to_string()
    };
    let mut server = TcpStream::connect((host, port)).await?;
    client.get_mut().write_all(&[0, 90, 0, 0, 0, 0, 0, 0]).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
