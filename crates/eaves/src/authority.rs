//! A certificate authority of the household's own, for homes without a public name.
//!
//! Its key never leaves the data folder. What it may vouch for is limited in its own certificate: names and addresses of
//! home networks, and the names that were configured when it was made. So a phone that trusts it does not trust it
//! for a bank. Certificates of the vault are made anew in memory at each start, and once a day.

use anyhow::{Context as _, bail};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io::Write as _;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use time::{Duration, OffsetDateTime};

const NAME: &str = "Eaves household authority";
const AUTHORITY_DAYS: i64 = 3650;
/// Browsers refuse more than 398.
const LEAF_DAYS: i64 = 90;
/// A clock that is a little behind must not refuse a new certificate.
const BACKDATED_DAYS: i64 = 1;
/// Endings of names that exist in homes only.
const HOME_NAMES: [&str; 5] = ["localhost", "local", "lan", "home.arpa", "internal"];

/// The authority, and the certificate that it made last.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    names: Vec<String>,
    leaf: RwLock<Arc<CertifiedKey>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority([redacted])")
    }
}

struct Files {
    key: PathBuf,
    certificate: PathBuf,
    names: PathBuf,
}

impl Files {
    fn below(dir: &Path) -> Self {
        Self {
            key: dir.join("authority-key.pem"),
            certificate: dir.join("authority.pem"),
            names: dir.join("authority-names"),
        }
    }
}

impl Authority {
    /// Reads the authority in `dir`, or makes it, and makes a certificate for `names`.
    pub(crate) fn open(dir: &Path, names: Vec<String>, now: OffsetDateTime) -> anyhow::Result<Self> {
        let files = Files::below(dir);
        if !files.key.exists() {
            if files.certificate.exists() {
                bail!("the key of this household's authority is gone; restore {}", files.key.display());
            }
            make(dir, &files, &names, now)?;
        }
        let key = std::fs::read_to_string(&files.key).context("could not read the authority's key")?;
        let key = KeyPair::from_pem(&key).context("the authority's key is damaged")?;
        let certificate =
            CertificateDer::from_pem_file(&files.certificate).context("could not read the authority's certificate")?;
        let own = std::fs::read_to_string(&files.names).context("could not read the authority's names")?;
        let own: Vec<String> = own.lines().map(str::to_owned).collect();
        for name in &names {
            if !is_of_a_home(name) && !own.contains(name) {
                bail!(
                    "this household's authority may not vouch for {name}; move {} away to make a new authority, and install \
                     that one on every phone and computer",
                    dir.display()
                );
            }
        }
        let issuer = Issuer::new(params(&own)?, key);
        let leaf = RwLock::new(Arc::new(leaf(&issuer, &certificate, &names, now)?));
        Ok(Self { issuer, certificate, names, leaf })
    }

    /// Makes a new certificate. Called once a day.
    pub(crate) fn renew(&self, now: OffsetDateTime) -> anyhow::Result<()> {
        let leaf = leaf(&self.issuer, &self.certificate, &self.names, now)?;
        *self.leaf.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(leaf);
        Ok(())
    }

    /// The authority's own certificate (DER), for phones and computers.
    pub(crate) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// What a person compares before trusting it: the SHA-256 of the certificate, as phones show it.
    pub(crate) fn fingerprint(&self) -> String {
        let hex = eaves_domain::Digest::of(&self.certificate).to_hex().to_uppercase();
        hex.as_bytes().chunks(2).map(String::from_utf8_lossy).collect::<Vec<_>>().join(":")
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.leaf.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn is_of_a_home(name: &str) -> bool {
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        Ok(IpAddr::V6(v6)) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback(),
        Err(_) => HOME_NAMES.iter().any(|end| name == *end || name.ends_with(&format!(".{end}"))),
    }
}

fn params(names: &[String]) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, NAME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let mut permitted: Vec<GeneralSubtree> = HOME_NAMES.iter().map(|n| GeneralSubtree::DnsName((*n).into())).collect();
    let networks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8"];
    for network in networks.iter().chain(&["fc00::/7", "fe80::/10", "::1/128"]) {
        permitted.push(GeneralSubtree::IpAddress(subnet(network)?));
    }
    for name in names.iter().filter(|name| !is_of_a_home(name)) {
        permitted.push(match name.parse::<IpAddr>() {
            Ok(ip) => GeneralSubtree::IpAddress(subnet(&format!("{ip}/{}", if ip.is_ipv4() { 32 } else { 128 }))?),
            Err(_) => GeneralSubtree::DnsName(name.clone()),
        });
    }
    params.name_constraints = Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: Vec::new() });
    Ok(params)
}

fn subnet(text: &str) -> anyhow::Result<CidrSubnet> {
    text.parse().map_err(|()| anyhow::anyhow!("{text} is not a network"))
}

fn make(dir: &Path, files: &Files, names: &[String], now: OffsetDateTime) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).context("could not make the folder of the authority")?;
    let key = KeyPair::generate()?;
    let mut params = params(names)?;
    params.not_before = now - Duration::days(BACKDATED_DAYS);
    params.not_after = now + Duration::days(AUTHORITY_DAYS);
    let certificate = params.self_signed(&key)?;
    // The key comes last: with it, the authority is there.
    write(&files.names, names.join("\n").as_bytes())?;
    write(&files.certificate, certificate.pem().as_bytes())?;
    write(&files.key, zeroize::Zeroizing::new(key.serialize_pem()).as_bytes())
}

/// Replaces `path` as a whole, readable for this user only.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let new = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(&new);
    file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&new, path))
        .with_context(|| format!("could not write {}", path.display()))
}

fn leaf(
    issuer: &Issuer<'static, KeyPair>,
    authority: &CertificateDer<'static>,
    names: &[String],
    now: OffsetDateTime,
) -> anyhow::Result<CertifiedKey> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names.to_vec()).context("a name of the certificate is not a name")?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Eaves");
    params.not_before = now - Duration::days(BACKDATED_DAYS);
    params.not_after = now + Duration::days(LEAF_DAYS);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(&key, issuer)?;
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let signing = rustls::crypto::ring::sign::any_supported_type(&der).context("the new key cannot sign")?;
    Ok(CertifiedKey::new(vec![certificate.der().clone(), authority.clone()], signing))
}

#[cfg(test)]
mod tests;
