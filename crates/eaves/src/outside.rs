//! The way from the hub to a vault on another machine: TLS, or plain TCP on this machine.

use anyhow::{Context as _, bail};
use eaves_hub::vault::{Connect, Stream};
use futures::future::BoxFuture;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// Connects to the vault over a network.
pub(crate) struct Outside {
    /// What the `Host` header says.
    authority: String,
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Outside {
    /// A vault at `url` (`http://` or `https://`). `ca_file` holds the only authorities that may vouch for it; without one
    /// those of the machine may.
    pub(crate) fn new(url: &str, ca_file: Option<&Path>) -> anyhow::Result<Self> {
        let uri: http::Uri = url.parse().context("the vault's address is not a URL")?;
        let authority = uri.authority().context("the vault's address has no host")?;
        if authority.as_str().contains('@') || !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            bail!("the vault's address is a scheme, a host and perhaps a port, as in https://vault.example");
        }
        // An IPv6 address stands in brackets in a URL, and without them everywhere else.
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let (tls, usual_port) = match uri.scheme_str() {
            Some("https") => {
                let name =
                    ServerName::try_from(host.clone()).context("the vault's host is not a name or an address")?;
                (Some((connector(ca_file)?, name)), 443)
            }
            Some("http") if ca_file.is_some() => bail!("a file of authorities goes together with https"),
            Some("http") if is_this_machine(&host) => (None, 80),
            Some("http") => bail!(
                "a vault on another machine is reached over https: the hub hands it ciphertext only, but its session \
                 token goes there too, and nobody on the way may have it"
            ),
            _ => bail!("the vault's address begins with https://, or on this machine with http://"),
        };
        let port = authority.port_u16().unwrap_or(usual_port);
        Ok(Self { authority: authority.as_str().to_owned(), host, port, tls })
    }

    async fn open(&self) -> io::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => Ok(Box::new(stream)),
            Some((connector, name)) => Ok(Box::new(connector.connect(name.clone(), stream).await?)),
        }
    }
}

impl Connect for Outside {
    fn connect(&self) -> BoxFuture<'_, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let opened = tokio::time::timeout(CONNECT_WITHIN, self.open()).await;
            opened.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        })
    }

    fn authority(&self) -> &str {
        &self.authority
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn connector(ca_file: Option<&Path>) -> anyhow::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = ca_file {
        let read = CertificateDer::pem_file_iter(file).context("could not read the file of authorities")?;
        for certificate in read {
            roots.add(certificate.context("the file of authorities is not PEM")?)?;
        }
    } else {
        // One bad certificate among those of the machine must not keep the hub from its vault.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if roots.is_empty() {
        bail!("there is no authority that could vouch for the vault; name a file with --ca-file");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::Outside;

    fn refusal(url: &str) -> String {
        Outside::new(url, None).err().expect("refused").to_string()
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for url in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080/"] {
            assert!(Outside::new(url, None).is_ok(), "{url}");
        }
        for url in ["http://192.0.2.1:8080", "http://vault.example", "http://127.0.0.1.example"] {
            assert!(refusal(url).contains("over https"), "{url}");
        }
    }

    #[test]
    fn an_address_is_scheme_host_and_port_only() {
        for url in
            ["https://user:word@vault.example", "https://vault.example/below", "https://vault.example/?a=b", "vault:1"]
        {
            let said = refusal(url);
            assert!(!said.contains("word"), "{said}");
        }
    }

    #[test]
    fn a_file_without_authorities_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        std::fs::write(&file, "nothing").unwrap();
        assert!(Outside::new("https://vault.example", Some(&file)).is_err());
    }
}
