//! A network between the server and PostgreSQL that fails as networks do.

use std::path::PathBuf;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

/// What becomes of the connections that are open.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// Nothing arrives any more, and nobody is told.
    Silence,
    Reset,
}

pub struct Proxy {
    port: u16,
    faults: watch::Sender<Option<Fault>>,
}

impl Proxy {
    /// In front of the server that listens at a socket in `folder`.
    pub async fn before(folder: &std::path::Path) -> Self {
        let socket = folder.join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (faults, receiver) = watch::channel(None);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // What happened before a connection was made does not concern it.
                let mut faults = receiver.clone();
                faults.mark_unchanged();
                tokio::spawn(pass(client, socket.clone(), faults));
            }
        });
        Self { port, faults }
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
}

async fn pass(mut client: TcpStream, socket: PathBuf, mut faults: watch::Receiver<Option<Fault>>) {
    let Ok(mut server) = UnixStream::connect(socket).await else { return };
    let fault = tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => return,
        changed = faults.changed() => changed.ok().and_then(|()| *faults.borrow()),
    };
    if matches!(fault, Some(Fault::Silence)) {
        // Both ends stay open for as long as the test runs.
        std::future::pending::<()>().await;
    }
}
