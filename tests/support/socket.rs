//! A raw client of graphql-transport-ws, which also does what no client should.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use server::app::App;
use server::http::connections::{Connections, Limits};
use server::http::router;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::process::DEADLINE;
use super::{Clinic, Kind, Person};

pub struct Socket {
    pub stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// A socket that speaks the protocol, and has not said anything.
    pub async fn open(address: &str) -> Self {
        Self::open_with(address, &[("sec-websocket-protocol", "graphql-transport-ws")])
            .await
            .expect("a socket")
    }

    pub async fn open_with(address: &str, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        let url = format!("{}/graphql", address.replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a value"));
        }
        let (stream, _) = timeout(DEADLINE, connect_async(request)).await.expect("in time")?;
        Ok(Self { stream })
    }

    /// A socket of somebody who was let in.
    pub async fn of(address: &str, person: &Person) -> Self {
        let mut socket = Self::open(address).await;
        socket.init(&person.token).await;
        socket
    }

    pub async fn init(&mut self, token: &str) {
        let payload = json!({ "Authorization": format!("Bearer {token}") });
        self.says(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(self.hears().await, json!({ "type": "connection_ack" }));
    }

    pub async fn says(&mut self, message: Value) {
        self.sends(Message::text(message.to_string())).await;
    }

    pub async fn sends(&mut self, message: Message) {
        timeout(DEADLINE, self.stream.send(message)).await.expect("in time").expect("to be taken");
    }

    pub async fn subscribes(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.says(json!({ "id": id, "type": "subscribe", "payload": payload })).await;
    }

    /// The next message, or the code it is closed with; pings are passed over.
    pub async fn hears_or_is_closed(&mut self) -> Result<Value, u16> {
        loop {
            match self.next().await {
                Message::Text(text) => return Ok(serde_json::from_str(&text).expect("JSON")),
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Close(frame) => return Err(frame.expect("a code").code.into()),
                other => panic!("instead of a message: {other:?}"),
            }
        }
    }

    /// The next message.
    pub async fn hears(&mut self) -> Value {
        self.hears_or_is_closed().await.unwrap_or_else(|code| panic!("closed: {code}"))
    }

    async fn next(&mut self) -> Message {
        let message = timeout(DEADLINE, self.stream.next()).await.expect("a message in time");
        message.expect("no end").expect("a message")
    }

    /// The code it is closed with; messages before that are passed over.
    pub async fn closes(&mut self) -> u16 {
        loop {
            if let Err(code) = self.hears_or_is_closed().await {
                return code;
            }
        }
    }
}

impl Clinic {
    /// A second server of the same clinic, in this process.
    pub fn another(&self) -> App {
        App::new(self.store().clone(), self.app.keys.clone(), self.app.clock.clone())
    }

    /// Serves on a port of its own, for as long as the test runs.
    pub async fn serves(&self) -> String {
        serve(&self.app).await
    }
}

/// Serves on a port of its own, for as long as the test runs.
pub async fn serve(app: &App) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let app = router(app.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.expect("serving") });
    address
}

/// A patient's server with these limits: the clinic, its address, and who may ask.
pub async fn served(limits: Limits) -> (Clinic, String, Person) {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    clinic.app.connections = Connections::new(limits);
    let ann = clinic.patient("Ann").await;
    let address = clinic.serves().await;
    (clinic, address, ann)
}
