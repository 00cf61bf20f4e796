//! One POST on a connection of its own. Redirects are not followed, no proxy is asked, and what is answered
//! besides the status is thrown away.

use std::sync::Arc;
use std::time::Duration;

use entity::webhook_delivery::Problem;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use url::{Host, Position, Url};

use super::signature::signatures;
use super::{Outbound, Secret, Target};

/// No more of an answer is read.
const MOST_ANSWER: usize = 64 * 1024;
/// So long it is waited for, when its status is known.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// What is sent: JSON, and what signs it.
#[derive(Clone, Debug)]
pub struct Message {
    /// The same at each try, so that a receiver knows what it has had already.
    pub id: String,
    /// The time of this try, in seconds since 1970.
    pub timestamp: i64,
    pub body: String,
    pub secrets: Vec<Secret>,
}

/// An answer whose body was not read yet. Dropped, it closes the connection.
struct Answered {
    response: Response<Incoming>,
    _driving: JoinSet<hyper::Result<()>>,
}

impl Outbound {
    /// Sends a message, and gives the status of the answer.
    pub async fn post(&self, url: &Url, message: &Message) -> Result<StatusCode, Problem> {
        let trying = async { self.send(&self.target(url).await?, message).await };
        let answered =
            tokio::time::timeout(self.longest_attempt, trying).await.unwrap_or(Err(Problem::TimedOut))?;
        Ok(answered.drained().await)
    }

    async fn send(&self, target: &Target, message: &Message) -> Result<Answered, Problem> {
        let request = request(&target.url, message).ok_or(Problem::Unreachable)?;
        let stream = TcpStream::connect(&*target.addresses).await.map_err(|_| Problem::Unreachable)?;
        if target.url.scheme() != "https" {
            return exchange(stream, request).await;
        }
        let name = server_name(&target.url).ok_or(Problem::NameUnknown)?;
        let connecting = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream);
        exchange(connecting.await.map_err(|_| Problem::Unreachable)?, request).await
    }
}

impl Answered {
    /// Takes what a receiver says besides the status, within limits, so that it can end in peace.
    async fn drained(self) -> StatusCode {
        let status = self.response.status();
        let body = Limited::new(self.response.into_body(), MOST_ANSWER);
        let _ = tokio::time::timeout(LONGEST_REST, body.collect()).await;
        status
    }
}

fn server_name(url: &Url) -> Option<ServerName<'static>> {
    match url.host()? {
        Host::Domain(name) => ServerName::try_from(name.to_owned()).ok(),
        Host::Ipv4(address) => Some(ServerName::IpAddress(address.into())),
        Host::Ipv6(address) => Some(ServerName::IpAddress(address.into())),
    }
}

fn request(url: &Url, message: &Message) -> Option<Request<Full<Bytes>>> {
    let Message { id, timestamp, body, secrets } = message;
    Request::post(&url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
        .header(USER_AGENT, concat!("Waymark/", env!("CARGO_PKG_VERSION")))
        .header(CONTENT_TYPE, "application/json")
        .header(CONTENT_LENGTH, body.len())
        .header("webhook-id", id)
        .header("webhook-timestamp", *timestamp)
        .header("webhook-signature", signatures(secrets, id, *timestamp, body))
        .body(Full::from(body.clone()))
        .ok()
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answered, Problem>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let connected = hyper::client::conn::http1::Builder::new()
        // So long may the head of an answer be.
        .max_buf_size(MOST_ANSWER)
        .handshake(TokioIo::new(stream));
    let (mut sender, connection) = connected.await.map_err(|_| Problem::Unreachable)?;
    let mut driving = JoinSet::new();
    driving.spawn(connection);
    let response = sender.send_request(request).await.map_err(|_| Problem::Unreachable)?;
    Ok(Answered { response, _driving: driving })
}
