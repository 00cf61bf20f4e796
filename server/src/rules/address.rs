//! Which addresses a webhook may reach. What is inside of a network must not be reached through us: it would take
//! our call for one of its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Not public, after the IANA special-purpose address registries (RFC 6890 and its successors).
const SPECIAL_V4: &[Ipv4Net] = &[
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    // Behind the NAT of a provider.
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    // Relays of 6to4.
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    // Multicast, reserved and broadcast.
    v4([224, 0, 0, 0], 3),
];

/// All that is public lies in here. Outside are loopback, link-local, unique local and multicast addresses, IPv4
/// addresses in the form of IPv6, and those of NAT64.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0], 3);
/// Not public all the same: Teredo and what else the IETF has set aside, documentation, 6to4.
const SPECIAL_V6: &[Ipv6Net] =
    &[v6([0x2001, 0], 23), v6([0x2001, 0xdb8], 32), v6([0x2002, 0], 16), v6([0x3fff, 0], 20)];

const fn v4(bytes: [u8; 4], bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3]), bits)
}

const fn v6(words: [u16; 2], bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(words[0], words[1], 0, 0, 0, 0, 0, 0), bits)
}

/// Whether an address is one of the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|net| net.contains(&address))
        }
    }
}

/// Networks that a setting names, separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a network has the form 10.1.0.0/16 or fd00::/8, a single address 10.1.2.3")]
pub struct NoNetwork;

impl FromStr for Networks {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let named = text.split(',').map(str::trim).filter(|named| !named.is_empty());
        let network = |named: &str| {
            named
                .parse()
                .or_else(|_| named.parse().map(|address: IpAddr| address.into()))
                .map_err(|_| NoNetwork)
        };
        named.map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl Networks {
    /// An IPv4 address in the form of IPv6 leads to the IPv4 address.
    #[must_use]
    pub fn hold(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address.to_canonical()))
    }
}
