//! A network between the server and PostgreSQL that fails as networks do, and where a test wants it to.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing arrives any more, and nobody is told.
    Silence,
    /// Closed in an orderly way.
    Close,
    /// Cut off.
    Reset,
    /// Goes on after a while.
    Delay(Duration),
}

/// What a connection is at when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It was taken, and nothing came yet.
    Connecting,
    /// It was said who logs in.
    LoggingIn,
    Begin,
    /// Its statement does not arrive.
    Statement,
    /// Its statement arrives, and half of the answer comes back.
    Answer,
    /// Its commit does not arrive.
    Commit,
    /// Its commit arrives, and no answer comes back.
    Committed,
    Listen,
}

pub struct Proxy {
    port: u16,
    network: Arc<Network>,
    faults: watch::Sender<Option<Fault>>,
}

#[derive(Default)]
struct Network {
    /// What is to fail, and how many times yet.
    planned: Mutex<Option<(Stage, Fault, usize)>>,
    failed: AtomicUsize,
    /// How long everything takes to arrive, in microseconds.
    distance: AtomicU64,
}

impl Proxy {
    /// In front of the server that listens at a socket in `folder`.
    pub async fn before(folder: &std::path::Path) -> Self {
        let socket = folder.join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (faults, receiver) = watch::channel(None);
        let network = Arc::<Network>::default();
        let passing = network.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // What happened before a connection was made does not concern it.
                let mut faults = receiver.clone();
                faults.mark_unchanged();
                tokio::spawn(pass(client, socket.clone(), passing.clone(), faults));
            }
        });
        Self { port, network, faults }
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The open connections go silent without being closed; new ones work.
    pub fn silence(&self) {
        self.faults.send(Some(Fault::Silence)).expect("a proxy");
    }

    /// The open connections are closed; new ones work.
    pub fn reset(&self) {
        self.faults.send(Some(Fault::Reset)).expect("a proxy");
    }

    /// The next connections that come to this stage fail.
    pub fn fails_at(&self, stage: Stage, fault: Fault, times: usize) {
        *self.network.planned.lock().expect("no panic") = Some((stage, fault, times));
    }

    /// How many connections have failed at a stage.
    pub fn failed(&self) -> usize {
        self.network.failed.load(Ordering::Relaxed)
    }

    /// From now on everything takes so long to arrive.
    pub fn is_away(&self, distance: Duration) {
        let micros = u64::try_from(distance.as_micros()).expect("a short time");
        self.network.distance.store(micros, Ordering::Relaxed);
    }
}

impl Network {
    /// What happens to a connection at one of these stages.
    fn fault_at(&self, stages: &[Stage]) -> Option<(Stage, Fault)> {
        let mut planned = self.planned.lock().expect("no panic");
        let (stage, fault, times) = (*planned)?;
        if !stages.contains(&stage) {
            return None;
        }
        *planned = (times > 1).then_some((stage, fault, times - 1));
        self.failed.fetch_add(1, Ordering::Relaxed);
        Some((stage, fault))
    }

    async fn travels(&self) {
        let micros = self.distance.load(Ordering::Relaxed);
        if micros > 0 {
            tokio::time::sleep(Duration::from_micros(micros)).await;
        }
    }
}

/// By the first byte of a message, and the text of a plain query.
fn stages_of(message: &[u8]) -> &'static [Stage] {
    let says = |word: &str| message.windows(word.len()).any(|part| part == word.as_bytes());
    match message.first() {
        // A short one only asks for TLS.
        Some(0) if message.len() > 8 => &[Stage::LoggingIn],
        Some(b'P' | b'B') => &[Stage::Statement, Stage::Answer],
        Some(b'Q') if says("BEGIN") => &[Stage::Begin],
        Some(b'Q') if says("COMMIT") => &[Stage::Commit, Stage::Committed],
        Some(b'Q') if says("LISTEN") => &[Stage::Listen],
        _ => &[],
    }
}

/// How a connection ended.
enum End {
    Gone,
    Failed(Fault),
}

async fn pass(
    mut client: TcpStream,
    socket: PathBuf,
    network: Arc<Network>,
    mut faults: watch::Receiver<Option<Fault>>,
) {
    let Ok(mut server) = UnixStream::connect(socket).await else { return };
    let end = tokio::select! {
        end = carry(&mut client, &mut server, &network) => end.unwrap_or(End::Gone),
        changed = faults.changed() => match changed.ok().and_then(|()| *faults.borrow()) {
            Some(fault) => End::Failed(fault),
            None => End::Gone,
        },
    };
    match end {
        // Both ends stay open for as long as the test runs.
        End::Failed(Fault::Silence) => std::future::pending::<()>().await,
        End::Failed(Fault::Reset) => client.set_zero_linger().expect("a socket"),
        _ => {}
    }
}

async fn carry(client: &mut TcpStream, server: &mut UnixStream, network: &Network) -> std::io::Result<End> {
    if let Some((_, fault)) = network.fault_at(&[Stage::Connecting]) {
        match fault {
            Fault::Delay(time) => tokio::time::sleep(time).await,
            fault => return Ok(End::Failed(fault)),
        }
    }
    let (mut asked, mut told) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            length = client.read(&mut asked) => {
                let message = &asked[..length?];
                if message.is_empty() {
                    return Ok(End::Gone);
                }
                network.travels().await;
                match network.fault_at(stages_of(message)) {
                    None => server.write_all(message).await?,
                    Some((_, Fault::Delay(time))) => {
                        tokio::time::sleep(time).await;
                        server.write_all(message).await?;
                    }
                    Some((stage, fault)) => return fail(stage, fault, message, client, server).await,
                }
            }
            length = server.read(&mut told) => {
                let message = &told[..length?];
                if message.is_empty() {
                    return Ok(End::Gone);
                }
                network.travels().await;
                client.write_all(message).await?;
            }
        }
    }
}

async fn fail(
    stage: Stage,
    fault: Fault,
    message: &[u8],
    client: &mut TcpStream,
    server: &mut UnixStream,
) -> std::io::Result<End> {
    if [Stage::Answer, Stage::Committed].contains(&stage) {
        server.write_all(message).await?;
        let mut told = vec![0; 64 * 1024];
        let length = server.read(&mut told).await?;
        if stage == Stage::Answer {
            client.write_all(&told[..length / 2]).await?;
        }
    }
    Ok(End::Failed(fault))
}
