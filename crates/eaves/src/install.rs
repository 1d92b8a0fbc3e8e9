//! The page that explains how a phone or a computer comes to trust the household's own authority, and hands it out.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

/// Where the page is.
pub(crate) const PATH: &str = "/install";
/// Where the certificate is.
const CERTIFICATE: &str = "/install/eaves-authority.crt";
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page and the certificate. They are public: a certificate is no secret.
pub(crate) fn router(certificate: Vec<u8>, fingerprint: &str, origin: &str) -> Router {
    let page = page(fingerprint, origin);
    Router::new()
        .route(PATH, get(move || std::future::ready(harden(Html(page.clone()).into_response()))))
        .route(CERTIFICATE, get(move || std::future::ready(harden(download(certificate.clone())))))
}

/// For the plain http listener: everything else leads to the page.
pub(crate) fn router_of_its_own(pages: Router) -> Router {
    pages.fallback(|| async { axum::response::Redirect::temporary(PATH) })
}

fn download(certificate: Vec<u8>) -> Response {
    let about = [
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"eaves-authority.crt\""),
    ];
    (about, certificate).into_response()
}

fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn page(fingerprint: &str, origin: &str) -> String {
    // Both are made by this program: hexadecimal digits, and an address that was parsed before it came here.
    format!(
        r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Let this device trust your Eaves</title>
<style>
body {{ font: 1.05rem/1.55 system-ui, sans-serif; max-width: 38rem; margin: 2rem auto; padding: 0 1rem }}
a.get {{ display: inline-block; padding: .8rem 1.2rem; border: 2px solid; border-radius: .6rem; font-weight: 600 }}
code {{ overflow-wrap: anywhere }}
</style>
<h1>Let this device trust your Eaves</h1>
<p>Your Eaves made its own certificate, because it lives in your home and not on the internet. Tell this phone or computer
once that it may trust it. The certificate is good for addresses in homes only: nobody can use it to pretend to be your
bank.</p>
<p><a class="get" href="{CERTIFICATE}">1. Download the certificate</a></p>
<p>2. <strong>Compare.</strong> Before you trust it, its fingerprint (SHA-256) must be the one that Eaves printed where it was
started:</p>
<p><code>{fingerprint}</code></p>
<p>3. Install it:</p>
<h2>iPhone or iPad</h2>
<p>Open this page in Safari. After the download: Settings, then “Profile Downloaded”, then Install. Then Settings, General,
About, Certificate Trust Settings, and switch on “Eaves household authority”.</p>
<h2>Android</h2>
<p>Settings, Security, More security settings, Encryption &amp; credentials, Install a certificate, CA certificate. Choose the
file that was downloaded. Android warns that somebody could watch the network; that is about certificates without the limit
that this one has.</p>
<h2>Computer</h2>
<p><strong>Mac:</strong> open the file, add it to the keychain “login”, open it there and choose Trust, Always trust.<br>
<strong>Windows:</strong> open the file, Install certificate, Current user, “Trusted Root Certification Authorities”.<br>
<strong>Firefox:</strong> Settings, Privacy &amp; Security, View certificates, Authorities, Import; tick “websites”.<br>
<strong>Chrome on Linux:</strong> Settings, Privacy and security, Security, Manage certificates, Custom, Import.</p>
<p>4. Open <a href="{origin}">{origin}</a>. There must be no warning. If there is one, stop, and compare again.</p>
</html>
"#
    )
}
