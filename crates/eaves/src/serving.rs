//! The listener: bounded connections, time limits, TLS, and an orderly end.

use crate::authority::Authority;
use crate::install;
use crate::listening::{Listening, Way, install_pages};
use crate::{clock, cmd::show};
use anyhow::Context as _;
use axum::Router;
use axum::http::HeaderMap;
use eaves_vault::web::Peer;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const CONNECTIONS_MAX: usize = 1_024;
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// How long open requests may go on after the signal to stop. Event streams never end by themselves.
const END_WITHIN: Duration = Duration::from_secs(2);
/// How often the certificate of our own authority is renewed.
const RENEW: Duration = Duration::from_secs(24 * 3600);
const FORWARDED_FOR: &str = "x-forwarded-for";

/// A bound listener.
pub(crate) struct Server {
    door: Door,
    install: Option<Door>,
    authority: Option<Arc<Authority>>,
    /// What to type into a browser.
    pub(crate) origin: String,
}

/// One listening socket and who may come through it.
struct Door {
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    /// Only these may connect; they say for whom.
    proxies: Option<Arc<[IpAddr]>>,
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("could not listen on {address}; is something else running there?"))
}

impl Server {
    /// Binds; `data_dir` holds our own authority.
    pub(crate) async fn bind(listening: &Listening, data_dir: &Path) -> anyhow::Result<Self> {
        let listener = bind(listening.listen).await?;
        let (acceptor, authority) = listening.acceptor(data_dir)?;
        let origin = listening.origin(listener.local_addr()?);
        let (mut proxies, mut install) = (None, None);
        match &listening.way {
            Way::BehindProxy { proxies: some } => proxies = Some(some.clone().into()),
            Way::Internal { install: address, .. } => {
                let door = bind(*address).await?;
                install = Some(Door { listener: door, acceptor: None, proxies: None });
            }
            Way::Plain | Way::Files { .. } => {}
        }
        Ok(Self { door: Door { listener, acceptor, proxies }, install, authority, origin })
    }

    /// Tells a person how to trust our own certificate, if it is ours.
    pub(crate) fn tell(&self) -> anyhow::Result<()> {
        let (Some(authority), Some(install)) = (&self.authority, &self.install) else { return Ok(()) };
        let port = install.listener.local_addr()?.port();
        let host = self.origin.trim_start_matches("https://");
        let host =
            host.rsplit_once(':').filter(|(_, p)| p.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(h, _)| h);
        show::line(&format!("  New device  http://{host}:{port}{}   (installs the certificate)", install::PATH));
        show::line(&format!("  Compare     {}", authority.fingerprint()));
        Ok(())
    }

    /// Serves until `stop`, then lets open requests end.
    pub(crate) async fn run(self, vault: Router, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        let mut router = vault.clone();
        if let Some(authority) = self.authority {
            let pages = install_pages(&authority, &self.origin);
            router = pages.clone().fallback_service(vault);
            if let Some(door) = self.install {
                tasks.spawn(door.serve(install::router_of_its_own(pages), stop.clone(), TaskTracker::new()));
            }
            tasks.spawn(renew(authority, stop.clone()));
        }
        self.door.serve(router, stop, tasks.clone()).await;
        tasks.close();
        if tokio::time::timeout(END_WITHIN, tasks.wait()).await.is_err() {
            tracing::debug!("connections were still open");
        }
    }
}

async fn renew(authority: Arc<Authority>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RENEW) => {}
        }
        if let Err(error) = authority.renew(clock::date()) {
            tracing::error!(%error, "the certificate could not be renewed");
        }
    }
}

impl Door {
    async fn serve(self, router: Router, stop: CancellationToken, tasks: TaskTracker) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let place = tokio::select! {
                () = stop.cancelled() => break,
                place = places.clone().acquire_owned() => place.expect("the semaphore is never closed"),
            };
            let (socket, peer) = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // Mostly: no more descriptors. Waiting lets some be closed.
                        tracing::warn!(%error, "could not accept a connection");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
            };
            if self.proxies.as_ref().is_some_and(|proxies| !proxies.contains(&peer.ip().to_canonical())) {
                tracing::debug!("a connection that does not come from the proxy was closed");
                continue;
            }
            let from = From { peer: peer.ip().to_canonical(), is_proxy: self.proxies.is_some() };
            let (router, acceptor, stop) = (router.clone(), self.acceptor.clone(), stop.clone());
            tasks.spawn(async move {
                answer(socket, from, acceptor, router, stop).await;
                drop(place);
            });
        }
    }
}

/// Where a connection comes from.
#[derive(Clone, Copy)]
struct From {
    peer: IpAddr,
    is_proxy: bool,
}

impl From {
    /// Who is asking: behind a proxy, whom the proxy names last, since all before may be made up.
    fn person(self, headers: &HeaderMap) -> IpAddr {
        if !self.is_proxy {
            return self.peer;
        }
        let lines = headers.get_all(FORWARDED_FOR);
        let last =
            lines.iter().next_back().and_then(|line| line.to_str().ok()).and_then(|line| line.rsplit(',').next());
        last.and_then(|address| address.trim().parse().ok()).unwrap_or(self.peer)
    }
}

async fn answer(socket: TcpStream, from: From, acceptor: Option<TlsAcceptor>, router: Router, stop: CancellationToken) {
    let _ = socket.set_nodelay(true);
    match acceptor {
        None => serve(socket, from, router, stop).await,
        Some(acceptor) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_WITHIN, acceptor.accept(socket)).await {
                serve(stream, from, router, stop).await;
            }
        }
    }
}

async fn serve<S>(stream: S, from: From, router: Router, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = router.layer(axum::middleware::map_request(move |mut request: axum::extract::Request| async move {
        let person = from.person(request.headers());
        request.extensions_mut().insert(Peer(person));
        request
    }));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_is_believed_about_the_last_address_only() {
        let peer: IpAddr = "127.0.0.1".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED_FOR, "192.0.2.66".parse().unwrap());
        headers.append(FORWARDED_FOR, "192.0.2.66, 192.0.2.9".parse().unwrap());
        let named: IpAddr = "192.0.2.9".parse().unwrap();
        assert_eq!(From { peer, is_proxy: true }.person(&headers), named);
        assert_eq!(From { peer, is_proxy: false }.person(&headers), peer);
        headers.clear();
        assert_eq!(From { peer, is_proxy: true }.person(&headers), peer);
    }
}
