//! A receiver of webhooks on the loopback, which behaves as badly as it is told.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What it does with a message.
#[derive(Clone, Debug)]
pub enum Behaviour {
    Answers(u16),
    Redirects(String),
    /// Says nothing, until it is released: then 200.
    Hangs,
    /// Answers 200, and then sends without end.
    Floods,
    Closes,
}

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// The first line.
    pub line: String,
    /// Names in small letters.
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }
}

pub struct Receiver {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    behaviour: Mutex<Behaviour>,
    received: Mutex<Vec<Received>>,
    /// Endless answers that were cut off, each after so many bytes.
    cut: Mutex<Vec<usize>>,
    release: Notify,
}

impl Receiver {
    pub async fn opens(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(behaviour),
            received: Mutex::default(),
            cut: Mutex::default(),
            release: Notify::new(),
        });
        let own = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, own.clone()));
            }
        });
        Self { address, shared }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hooks?token=secret-of-the-url", self.address)
    }

    pub fn behaves(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().expect("no panic") = behaviour;
    }

    /// What hangs is answered.
    pub fn releases(&self) {
        self.shared.release.notify_waiters();
    }

    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().expect("no panic").clone()
    }

    /// After how many bytes endless answers were cut off.
    pub fn cut(&self) -> Vec<usize> {
        self.shared.cut.lock().expect("no panic").clone()
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let Some(received) = read(&mut stream).await else { return };
    let released = shared.release.notified();
    tokio::pin!(released);
    released.as_mut().enable();
    let behaviour = shared.behaviour.lock().expect("no panic").clone();
    shared.received.lock().expect("no panic").push(received);
    let answer = match behaviour {
        Behaviour::Closes => return,
        Behaviour::Hangs => {
            released.await;
            "200 Late".to_owned()
        }
        Behaviour::Answers(status) => format!("{status} Said"),
        Behaviour::Redirects(to) => format!("307 Elsewhere\r\nlocation: {to}"),
        Behaviour::Floods => {
            let _ = stream.write_all(b"HTTP/1.1 200 Much\r\n\r\n").await;
            let mut sent = 0;
            let piece = vec![b'x'; 65_536];
            while stream.write_all(&piece).await.is_ok() {
                sent += 65_536;
            }
            shared.cut.lock().expect("no panic").push(sent);
            return;
        }
    };
    let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 2\r\n\r\nok");
    // Whoever asked may be gone.
    let _ = stream.write_all(answer.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers = lines[1..].iter().filter_map(|line| line.split_once(": "));
    let headers: HashMap<_, _> =
        headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let mut body = vec![0; headers["content-length"].parse().expect("a length")];
    reader.read_exact(&mut body).await.ok()?;
    Some(Received { line: lines[0].clone(), headers, body: String::from_utf8(body).expect("UTF-8") })
}
