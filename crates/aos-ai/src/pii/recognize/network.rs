//! Addresses of machines, which lead to persons: IPv4, IPv6, MAC.

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::{Text, is_joined};
use std::net::{IpAddr, Ipv6Addr};

/// Words in front of four numbers that count versions or sections.
const VERSIONS: &[&str] = &[
    "version*",
    "ver",
    "v",
    "release*",
    "build",
    "firmware",
    "section",
    "chapter",
    "oid",
    "paragraph",
    "kapitel",
    "abschnitt",
    "driver",
    "revision",
    "rev",
    "clause",
    "upgrade*",
    "chrome",
    "firefox",
    "safari",
];
const ADDRESSES: &[&str] =
    &["ip", "ipv4", "ipv6", "address", "host*", "client", "server", "remote", "from", "login", "adresse"];

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let bytes = text.bytes;
    let mut at = 0;
    while at < bytes.len() {
        let is_part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'-');
        if !is_part(&bytes[at]) {
            at += 1;
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|byte| is_part(byte)).count();
        if end - at >= 6 {
            found.extend(run(text, at, end));
        }
        at = end;
    }
}

/// Looks at one whole run of hexadecimal digits, full stops, colons and hyphens.
fn run(text: &Text<'_>, start: usize, end: usize) -> Option<Found> {
    let run = &text.text[start..end];
    let inner = run.trim_start_matches(['.', '-']);
    let start = end - inner.len();
    let inner = inner.trim_end_matches(['.', '-']);
    let inner = inner.strip_suffix(':').filter(|inner| !inner.ends_with(':')).unwrap_or(inner);
    let glued = |c: Option<char>| c.is_some_and(|c| is_joined(c) || c == '@');
    if glued(text.text[..start].chars().next_back()) || glued(text.text[start + inner.len()..].chars().next()) {
        return None;
    }
    let made = |class, kind, length: usize, score| {
        let bytes = start..start + length;
        Some(Found { class, kind, bytes, score, because: vec!["form"] })
    };
    if is_mac(inner) {
        return made(Class::MacAddress, "mac_address", inner.len(), 0.9);
    }
    let is_bare = inner.len() == 12 && inner.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_bare && text.before(&(start..start + inner.len()), 2, &["mac", "hwaddr", "bssid", "ether"]) {
        return made(Class::MacAddress, "mac_address", inner.len(), 0.75);
    }
    if let Some(length) = ipv4(inner) {
        let bytes = start..start + length;
        // A whole network, what masks one, and the machine itself, are nobody's.
        let is_own = ["127.", "255.", "0."].iter().any(|begin| inner.starts_with(begin));
        if is_own || is_network(&inner[..length], &text.text[bytes.end..]) {
            return None;
        }
        let score = match () {
            () if text.before(&bytes, 2, VERSIONS) => 0.2,
            () if text.hints(&bytes, ADDRESSES) => 0.95,
            () if text.before(&bytes, 5, VERSIONS) => 0.3,
            // `Versions 10.0.19045.3324 and 1.2.3.4`
            () if text.before(&bytes, 9, VERSIONS) && run.split(['.', ':']).all(|part| part.len() < 3) => 0.3,
            () => 0.75,
        };
        return made(Class::IpAddress, "ipv4", length, score);
    }
    let groups = inner.split(':').filter(|group| !group.is_empty()).count();
    let digits = inner.bytes().filter(u8::is_ascii_digit).count();
    let is_address = inner.parse::<Ipv6Addr>().is_ok_and(|address| !address.is_unspecified() && !address.is_loopback());
    // `dead::beef` is also how programs write a name in a namespace.
    (is_address && groups >= 2 && digits >= 2).then_some(())?;
    if is_network(inner, &text.text[start + inner.len()..]) {
        return None;
    }
    let zone = zone(&text.text[start + inner.len()..]);
    made(Class::IpAddress, "ipv6", inner.len() + zone, 0.9)
}

/// Returns how long the zone of an address at the beginning is: `%eth0` (RFC 4007).
fn zone(rest: &str) -> usize {
    let name = rest.strip_prefix('%').unwrap_or_default();
    let length =
        name.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')).count();
    let length = name[..length].trim_end_matches('.').len();
    if length == 0 { 0 } else { length + 1 }
}

/// Returns how long four numbers of 0 to 255 at the beginning are, also in front of a port; none when there are more than four.
fn ipv4(run: &str) -> Option<usize> {
    let (address, port) = run.split_once(':').map_or((run, None), |(address, port)| (address, Some(port)));
    let parts: Vec<&str> = address.split('.').collect();
    let is_part =
        |part: &&str| part.len() <= 3 && part.parse::<u8>().is_ok() && (part.len() == 1 || !part.starts_with('0'));
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok());
    (parts.len() == 4 && parts.iter().all(is_part) && is_port && address != "0.0.0.0").then_some(address.len())
}

/// Whether an address in front of `/24` has nothing behind the bits of its network; `10.20.30.41/24` is a machine in one.
fn is_network(address: &str, rest: &str) -> bool {
    let Some(prefix) = rest.strip_prefix('/') else { return false };
    let length = prefix.bytes().take_while(u8::is_ascii_digit).count();
    let (Ok(bits), Ok(address)) = (prefix[..length].parse::<u32>(), address.parse::<IpAddr>()) else { return false };
    let (zeros, width) = match address {
        IpAddr::V4(address) => (address.to_bits().trailing_zeros(), u32::BITS),
        IpAddr::V6(address) => (address.to_bits().trailing_zeros(), u128::BITS),
    };
    bits < width && zeros >= width - bits
}

fn is_mac(run: &str) -> bool {
    let six =
        |sign: char| run.len() == 17 && run.split(sign).count() == 6 && run.split(sign).all(|part| part.len() == 2);
    let three = run.len() == 14 && run.split('.').count() == 3 && run.split('.').all(|part| part.len() == 4);
    let is_hexadecimal = run.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.'));
    is_hexadecimal
        && (six(':') || six('-') || three)
        && run.bytes().any(|byte| byte != b'0' && byte.is_ascii_hexdigit())
}
