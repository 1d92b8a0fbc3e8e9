//! A vault with a clock that stands still, and requests to it.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use eaves_api::problem::{Code, Problem};
use eaves_domain::Timestamp;
use eaves_vault::store::{StoreConfig, StoreError};
use eaves_vault::{Clock, Config, Vault};
use http_body_util::BodyExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt as _;

/// What people type into a browser.
pub(crate) const ORIGIN: &str = "http://vault.test";
pub(crate) const PAIRING_SECRET: &str = "pairing-secret-of-the-test";
pub(crate) const START: i64 = 1_800_000_000_000_000;

pub(crate) struct World {
    pub(crate) vault: Vault,
    pub(crate) folder: tempfile::TempDir,
    now: Arc<AtomicI64>,
    serving: std::sync::Mutex<Vec<tokio::task::JoinHandle<()>>>,
}

/// An answer, whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        assert!(self.status.is_success(), "{} {:?}", self.status, self.body);
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn code(&self) -> Code {
        let problem: Problem = serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{:?}", self.body));
        assert_eq!(problem.status, self.status.as_u16());
        assert_eq!(self.headers["content-type"], "application/problem+json");
        problem.code
    }

    pub(crate) fn ok(self) -> Self {
        assert!(self.status.is_success(), "{} {:?}", self.status, self.body);
        self
    }

    /// The cookies that were set, as they are sent back.
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
        set.map(|cookie| cookie.split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
    }

    /// The `Set-Cookie` lines.
    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect()
    }
}

/// A request that is being put together.
pub(crate) struct Ask {
    request: axum::http::request::Builder,
    body: Body,
}

impl Ask {
    /// From the app.
    pub(crate) fn app(method: Method, path: &str) -> Self {
        Self::at("vault.test", method, path)
    }

    /// From the app, at another address of the vault.
    pub(crate) fn at(host: &str, method: Method, path: &str) -> Self {
        let request = Request::builder().method(method).uri(path).header("host", host);
        let request = request.header("origin", format!("http://{host}")).header("x-eaves", "1");
        Self { request, body: Body::empty() }
    }

    /// From a hub, or from anywhere.
    pub(crate) fn bare(method: Method, path: &str) -> Self {
        Self { request: Request::builder().method(method).uri(path).header("host", "vault.test"), body: Body::empty() }
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    pub(crate) fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    /// From this address.
    pub(crate) fn from(self, address: &str) -> Self {
        Self { request: self.request.extension(eaves_vault::web::Peer(address.parse().unwrap())), ..self }
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, value: &impl Serialize) -> Self {
        let body = Body::from(serde_json::to_vec(value).unwrap());
        Self { request: self.request.header("content-type", "application/json"), body }
    }

    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        Self { body: Body::from(bytes.to_vec()), ..self }
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::in_folder(tempfile::tempdir().unwrap()).await
    }

    pub(crate) async fn in_folder(folder: tempfile::TempDir) -> Self {
        let now = Arc::new(AtomicI64::new(START));
        let clock = now.clone();
        let app_dir = folder.path().join("app");
        std::fs::create_dir_all(app_dir.join("assets")).unwrap();
        std::fs::write(app_dir.join("index.html"), "<!doctype html><title>the app</title>").unwrap();
        std::fs::write(app_dir.join("assets/main-1a2b.js"), "export {}").unwrap();
        std::fs::write(folder.path().join("secret.txt"), "not the app").unwrap();
        let config = Config {
            store: StoreConfig::in_folder(&folder.path().join("data")),
            pairing_secret: Some(PAIRING_SECRET.to_owned().into()),
            is_secure: false,
            app_dir: Some(app_dir),
            origin: Some(ORIGIN.to_owned()),
            clock: Clock::new(move || Timestamp(clock.load(Ordering::SeqCst))),
        };
        // Connections of the vault before may take a moment to end.
        let vault = loop {
            match Vault::open(config.clone()).await {
                Err(eaves_vault::Error::Store(StoreError::InUse)) => tokio::task::yield_now().await,
                opened => break opened.unwrap(),
            }
        };
        Self { vault, folder, now, serving: Default::default() }
    }

    /// Stops the vault and starts another one over the same folder.
    pub(crate) async fn restart(self) -> Self {
        let now = self.now.load(Ordering::SeqCst);
        self.serving.lock().unwrap().drain(..).for_each(|serving| serving.abort());
        self.vault.close().await;
        drop(self.vault);
        let world = Self::in_folder(self.folder).await;
        world.now.store(now, Ordering::SeqCst);
        world
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// What the vault does in the background, done once.
    pub(crate) async fn sweep(&self) {
        self.vault.sweep().await;
    }

    pub(crate) async fn call(&self, ask: Ask) -> Answer {
        let request = ask.request.body(ask.body).unwrap();
        let response = self.vault.router().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status, headers: head.headers, body }
    }

    /// Serves on a real socket.
    pub(crate) async fn serve(&self) -> std::net::SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.vault.router();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        self.serving.lock().unwrap().push(serving);
        address
    }
}

/// Reads base 32 as RFC 4648 writes it, without padding.
pub(crate) fn base32(text: &str) -> Vec<u8> {
    let (mut bits, mut count, mut bytes) = (0_u64, 0, Vec::new());
    for letter in text.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).unwrap();
        (bits, count) = ((bits << 5 | value as u64) & 0xffff, count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
