//! Where a request comes from, said so that no address can be read from it: a keyed digest of the network.

use super::lockbox::{VAULT_KEY, derive};
use super::throttle::Counter;
use std::net::IpAddr;

/// Addresses that only exist inside a home: whoever comes from one is where the vault is.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_local(IpAddr::V4(v4)),
            None => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
        },
    }
}

/// The network of an address; nothing when it is not known.
pub fn network(vault_key: &[u8; VAULT_KEY], address: Option<IpAddr>) -> Option<String> {
    let address = address?;
    let name = if is_local(address) { "local".to_owned() } else { Counter::Network(Some(address)).name() };
    let digest = derive(vault_key, format!("eaves/vault/network/v1|{name}").as_bytes());
    Some(hex::encode(&digest[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_in_one_network_and_everything_local_is_too() {
        let of = |text: &str| network(&[7; 32], Some(text.parse().unwrap())).unwrap();
        assert_eq!(of("198.51.100.7"), of("198.51.100.200"));
        assert_ne!(of("198.51.100.7"), of("198.51.101.7"));
        assert_eq!(of("192.168.1.20"), of("127.0.0.1"));
        assert_eq!(of("fd00::1"), of("::ffff:10.0.0.9"));
        assert_ne!(of("192.168.1.20"), of("198.51.100.7"));
        assert_eq!(network(&[7; 32], None), None);
        assert_ne!(network(&[8; 32], Some("198.51.100.7".parse().unwrap())), Some(of("198.51.100.7")), "keyed");
    }
}
