//! What an IP address is for: the public Internet, or something that an outbound call must not reach by itself.
//!
//! The ranges are those of the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and its updates) and of RFC 5771
//! (multicast). Of IPv6 only 2000::/3 is handed out to the public, so everything outside it is refused without a list.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    Public,
    Unspecified,
    Loopback,
    Private,
    LinkLocal,
    /// 100.64.0.0/10, between a provider's network and its customers (RFC 6598).
    Shared,
    /// Where a cloud provider answers its machines with their credentials.
    Metadata,
    Multicast,
    Broadcast,
    Documentation,
    Benchmarking,
    /// 6to4 and Teredo: an IPv4 address in other clothes, on networks that are gone.
    Transition,
    Reserved,
}

impl fmt::Display for AddressKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Public => "a public address",
            Self::Unspecified => "the unspecified address",
            Self::Loopback => "a loopback address",
            Self::Private => "a private address",
            Self::LinkLocal => "a link-local address",
            Self::Shared => "an address of a provider's shared network",
            Self::Metadata => "a cloud provider's metadata address",
            Self::Multicast => "a multicast address",
            Self::Broadcast => "the broadcast address",
            Self::Documentation => "an address for documentation",
            Self::Benchmarking => "an address for benchmarks",
            Self::Transition => "an address of a transition network (6to4, Teredo)",
            Self::Reserved => "a reserved address",
        })
    }
}

/// Returns the address that a connection really goes to: `::ffff:10.0.0.1` is 10.0.0.1.
pub fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

pub fn kind(address: IpAddr) -> AddressKind {
    match canonical(address) {
        IpAddr::V4(address) => kind_v4(address),
        IpAddr::V6(address) => kind_v6(address),
    }
}

// AWS (instances, containers, resolver), Scaleway, Alibaba, Oracle, Azure. The last two lie in ranges that are not link-local.
const METADATA_V4: [Ipv4Addr; 8] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 169, 253),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(169, 254, 42, 42),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];

// AWS (instances, containers), Google, Scaleway.
const METADATA_V6: [Ipv6Addr; 4] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
];

fn kind_v4(address: Ipv4Addr) -> AddressKind {
    if METADATA_V4.contains(&address) {
        return AddressKind::Metadata;
    }
    match address.octets() {
        [0, 0, 0, 0] => AddressKind::Unspecified,
        [0, ..] => AddressKind::Reserved,
        [10, ..] | [192, 168, ..] => AddressKind::Private,
        [172, second, ..] if second & 0xf0 == 16 => AddressKind::Private,
        [100, second, ..] if second & 0xc0 == 64 => AddressKind::Shared,
        [127, ..] => AddressKind::Loopback,
        [169, 254, ..] => AddressKind::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => AddressKind::Documentation,
        [192, 0, 0, _] => AddressKind::Reserved,
        [192, 88, 99, _] => AddressKind::Transition,
        [198, 18 | 19, ..] => AddressKind::Benchmarking,
        [255, 255, 255, 255] => AddressKind::Broadcast,
        [first, ..] if first & 0xf0 == 224 => AddressKind::Multicast,
        [first, ..] if first >= 240 => AddressKind::Reserved,
        _ => AddressKind::Public,
    }
}

fn kind_v6(address: Ipv6Addr) -> AddressKind {
    if METADATA_V6.contains(&address) {
        return AddressKind::Metadata;
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => AddressKind::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressKind::Loopback,
        // NAT64 (RFC 6052): a network without IPv4 reaches public IPv4 hosts through it, and nothing else may be reached so.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => kind_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))),
        [first, ..] if first & 0xff00 == 0xff00 => AddressKind::Multicast,
        [first, ..] if first & 0xffc0 == 0xfe80 => AddressKind::LinkLocal,
        // fc00::/7 (unique-local) and fec0::/10 (site-local, given up in RFC 3879 and still configured here and there).
        [first, ..] if first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfec0 => AddressKind::Private,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => AddressKind::Documentation,
        [0x2001, 0, ..] | [0x2002, ..] => AddressKind::Transition,
        [0x2001, 2, 0, ..] => AddressKind::Benchmarking,
        [0x2001, second, ..] if second < 0x200 => AddressKind::Reserved,
        [first, ..] if first & 0xe000 == 0x2000 => AddressKind::Public,
        _ => AddressKind::Reserved,
    }
}
