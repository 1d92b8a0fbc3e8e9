//! One connection to the vault, as a proxy in front of it would hold it: it says for whom it asks.

use axum::body::Bytes;
use axum::http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    pub(crate) cookies: Vec<String>,
}

impl Reply {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Who asks, and with what.
#[derive(Clone, Default)]
pub(crate) struct From {
    pub(crate) address: String,
    pub(crate) cookies: String,
    pub(crate) work: Option<String>,
}

/// A connection, made anew when it breaks.
pub(crate) struct Line {
    address: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Line {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self { address, sender: None }
    }

    async fn sender(&mut self) -> &mut SendRequest<Full<Bytes>> {
        while self.sender.as_ref().is_none_or(SendRequest::is_closed) {
            self.sender = None;
            if let Ok(socket) = TcpStream::connect(self.address).await {
                let _ = socket.set_nodelay(true);
                if let Ok((sender, connection)) = handshake(TokioIo::new(socket)).await {
                    tokio::spawn(connection);
                    self.sender = Some(sender);
                    break;
                }
            }
            // The vault is being started again.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.sender.as_mut().unwrap()
    }

    /// Asks; `None` when the connection broke, so that it is not known what the vault did.
    pub(crate) async fn ask(&mut self, method: Method, path: &str, from: &From, body: Bytes) -> Option<Reply> {
        let mut request = Request::builder().method(method).uri(path).header("host", "vault.test");
        request = request.header("origin", "https://vault.test").header("x-eaves", "1");
        request = request.header("content-type", "application/json").header("x-forwarded-for", &from.address);
        if !from.cookies.is_empty() {
            request = request.header("cookie", &from.cookies);
        }
        if let Some(work) = &from.work {
            request = request.header("eaves-work", work);
        }
        let request = request.body(Full::new(body)).unwrap();
        let sender = self.sender().await;
        let answered = async {
            sender.ready().await.ok()?;
            let response = sender.send_request(request).await.ok()?;
            let (head, body) = response.into_parts();
            let cookies = head.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
            let cookies = cookies.filter_map(|cookie| cookie.split(';').next()).map(str::to_owned).collect();
            let body = body.collect().await.ok()?.to_bytes();
            Some(Reply { status: head.status, body, cookies })
        };
        let answered = answered.await;
        if answered.is_none() {
            self.sender = None;
        }
        answered
    }

    pub(crate) async fn post(&mut self, path: &str, from: &From, body: &impl Serialize) -> Option<Reply> {
        self.ask(Method::POST, path, from, serde_json::to_vec(body).unwrap().into()).await
    }
}
