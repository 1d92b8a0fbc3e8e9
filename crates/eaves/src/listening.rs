//! Where the vault listens and how browsers reach it; and the rule about where plain http is allowed.

use crate::authority::Authority;
use crate::config::{File, Mode};
use crate::{clock, install};
use anyhow::{Context as _, bail};
use axum::Router;
use clap::Args;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const INSTALL_PORT: u16 = 8081;

/// The flags. Each wins over `eaves.toml`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Flags {
    /// Address and port to listen on; port 0 takes any that is free [default: 127.0.0.1:8080]
    #[arg(long)]
    pub(crate) listen: Option<SocketAddr>,
    /// How browsers reach it [default: off]
    #[arg(long, value_enum)]
    pub(crate) tls: Option<Mode>,
    /// Certificate chain (PEM), with `--tls files`
    #[arg(long)]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Private key (PEM), with `--tls files`
    #[arg(long)]
    pub(crate) tls_key: Option<PathBuf>,
    /// A name or address under which browsers reach it, with `--tls internal`; may be given several times
    #[arg(long)]
    pub(crate) tls_name: Vec<String>,
}

/// How browsers reach the vault, with what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Plain http, on this machine only.
    Plain,
    /// With a certificate from files.
    Files { cert: PathBuf, key: PathBuf },
    /// With a certificate of our own authority.
    Internal { names: Vec<String>, install: SocketAddr },
    /// Something in front speaks https.
    BehindProxy { proxies: Vec<IpAddr> },
}

/// What the flags and the file mean together.
#[derive(Clone, Debug)]
pub(crate) struct Listening {
    pub(crate) listen: SocketAddr,
    pub(crate) way: Way,
    origin: Option<String>,
}

/// Whether the name `localhost` leads there.
fn is_localhost(address: IpAddr) -> bool {
    address == Ipv4Addr::LOCALHOST || address == Ipv6Addr::LOCALHOST
}

impl Listening {
    /// Refuses what would not work in a browser, and says why.
    pub(crate) fn resolve(flags: Flags, file: &File) -> anyhow::Result<Self> {
        let listen = flags.listen.or(file.vault.listen).unwrap_or(LISTEN);
        let (tls, origin) = (&file.tls, file.vault.origin.clone());
        let way = match flags.tls.or(tls.mode).unwrap_or(Mode::Off) {
            Mode::Off if listen.ip().is_loopback() => Way::Plain,
            Mode::Off => bail!(
                "{listen} is reachable from other machines, and browsers give pages over plain http no cryptography, no \
                 microphone and no passkeys; use --tls internal, --tls files with a certificate, or --tls behind-proxy behind a \
                 server that speaks https"
            ),
            Mode::Files => {
                let (cert, key) = (flags.tls_cert.or(tls.cert_file.clone()), flags.tls_key.or(tls.key_file.clone()));
                let (Some(cert), Some(key)) = (cert, key) else {
                    bail!("--tls files needs a certificate and its key: --tls-cert and --tls-key")
                };
                Way::Files { cert, key }
            }
            Mode::Internal => {
                let mut names = if flags.tls_name.is_empty() { tls.names.clone() } else { flags.tls_name };
                if names.is_empty() && !listen.ip().is_unspecified() {
                    names.push(listen.ip().to_string());
                }
                for name in &mut names {
                    name.make_ascii_lowercase();
                }
                if names.is_empty() {
                    bail!(
                        "--tls internal needs the name or address of this machine in your home: --tls-name 192.168.1.5"
                    );
                }
                if let Some(wrong) = names.iter().find(|name| !is_name(name)) {
                    bail!("{wrong} is neither a name nor an address");
                }
                let install = tls.install_listen.unwrap_or(SocketAddr::new(listen.ip(), INSTALL_PORT));
                Way::Internal { names, install }
            }
            Mode::BehindProxy => {
                let here = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
                let proxies = if tls.proxies.is_empty() { here.to_vec() } else { tls.proxies.clone() };
                Way::BehindProxy { proxies }
            }
        };
        Ok(Self { listen, way, origin })
    }

    /// Whether browsers use https.
    pub(crate) fn is_https(&self) -> bool {
        self.way != Way::Plain
    }

    /// What to type into a browser, once it is known where we listen.
    pub(crate) fn origin(&self, bound: SocketAddr) -> String {
        if let Some(origin) = &self.origin {
            return origin.trim_end_matches('/').to_owned();
        }
        match &self.way {
            // Passkeys are for a name; browsers reach this one by its name too.
            Way::Plain if is_localhost(bound.ip()) => format!("http://localhost:{}", bound.port()),
            Way::Plain | Way::BehindProxy { .. } => format!("http://{bound}"),
            Way::Files { .. } => format!("https://{bound}"),
            Way::Internal { names, .. } => {
                let host = names.first().map_or("localhost", String::as_str);
                let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
                if bound.port() == 443 { format!("https://{host}") } else { format!("https://{host}:{}", bound.port()) }
            }
        }
    }

    /// What speaks TLS, and the authority behind it if it is our own.
    pub(crate) fn acceptor(&self, data_dir: &Path) -> anyhow::Result<(Option<TlsAcceptor>, Option<Arc<Authority>>)> {
        let builder = || {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let builder =
                rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
            anyhow::Ok(builder.with_no_client_auth())
        };
        let (mut config, authority) = match &self.way {
            Way::Plain | Way::BehindProxy { .. } => return Ok((None, None)),
            Way::Files { cert, key } => {
                let chain = CertificateDer::pem_file_iter(cert).context("could not read the certificate")?;
                let chain = chain.collect::<Result<Vec<_>, _>>().context("the certificate file is not PEM")?;
                let key = PrivateKeyDer::from_pem_file(key).context("could not read the private key")?;
                let config = builder()?.with_single_cert(chain, key);
                (config.context("certificate and key do not fit together")?, None)
            }
            Way::Internal { names, .. } => {
                let authority = Arc::new(Authority::open(&data_dir.join("tls"), names.clone(), clock::date())?);
                (builder()?.with_cert_resolver(authority.clone()), Some(authority))
            }
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok((Some(TlsAcceptor::from(Arc::new(config))), authority))
    }
}

/// The pages about installing `authority`.
pub(crate) fn install_pages(authority: &Authority, origin: &str) -> Router {
    install::router(authority.certificate().to_vec(), &authority.fingerprint(), origin)
}

/// A host name or an address: nothing that could mean anything else on a page or in a certificate.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.parse::<IpAddr>().is_ok() || (name.len() <= 253 && name.split('.').all(is_label))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(listen: &str, tls: Option<Mode>, names: &[&str]) -> anyhow::Result<Listening> {
        let tls_name = names.iter().map(|name| (*name).to_owned()).collect();
        let flags = Flags { listen: Some(listen.parse().unwrap()), tls, tls_name, ..Flags::default() };
        Listening::resolve(flags, &File::default())
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        assert!(resolve("127.0.0.1:0", None, &[]).is_ok());
        assert!(resolve("[::1]:0", Some(Mode::Off), &[]).is_ok());
        for open in ["192.0.2.1:80", "0.0.0.0:80", "[::]:80"] {
            let refused = resolve(open, None, &[]).unwrap_err().to_string();
            assert!(refused.contains("no microphone and no passkeys"), "{refused}");
            assert!(resolve(open, Some(Mode::BehindProxy), &[]).is_ok());
        }
    }

    #[test]
    fn a_certificate_needs_its_files() {
        assert!(resolve("0.0.0.0:443", Some(Mode::Files), &[]).is_err());
    }

    #[test]
    fn our_own_certificate_needs_a_name() {
        assert!(resolve("0.0.0.0:443", Some(Mode::Internal), &[]).is_err());
        assert!(resolve("0.0.0.0:443", Some(Mode::Internal), &["<b>"]).is_err());
        let named = resolve("0.0.0.0:443", Some(Mode::Internal), &["Eaves.local"]).unwrap();
        assert_eq!(named.origin("0.0.0.0:443".parse().unwrap()), "https://eaves.local");
        let addressed = resolve("192.168.1.5:8443", Some(Mode::Internal), &[]).unwrap();
        assert_eq!(addressed.origin("192.168.1.5:8443".parse().unwrap()), "https://192.168.1.5:8443");
        assert!(named.is_https());
    }

    #[test]
    fn the_file_counts_where_no_flag_is_given() {
        let file: File = toml::from_str(
            "[vault]\nlisten = \"127.0.0.1:9\"\norigin = \"https://eaves.example/\"\n[tls]\nmode = \"behind-proxy\"\n\
             proxies = [\"192.0.2.7\"]",
        )
        .unwrap();
        let listening = Listening::resolve(Flags::default(), &file).unwrap();
        assert_eq!(listening.listen, "127.0.0.1:9".parse().unwrap());
        assert_eq!(listening.way, Way::BehindProxy { proxies: vec!["192.0.2.7".parse().unwrap()] });
        assert_eq!(listening.origin(listening.listen), "https://eaves.example");
        let flags = Flags { tls: Some(Mode::Off), ..Flags::default() };
        assert_eq!(Listening::resolve(flags, &file).unwrap().way, Way::Plain);
    }
}
