//! How often one address may call: a bucket of tokens each, which fills at the promised rate (a token bucket, RFC 2697 in its simplest
//! form). A bucket holds a third more than the promise, so that a client that counts its own calls is never refused.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The most addresses that are remembered.
const MOST: usize = 20_000;

/// The buckets of all addresses.
#[derive(Debug)]
pub(crate) struct Rate {
    most: f64,
    per_second: f64,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

/// What an address has left, and when that was reckoned.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Rate {
    /// So many calls within so many seconds; no limit where either is 0.
    pub(crate) fn new(calls: u32, window: u32) -> Self {
        let (calls, window) = (f64::from(calls), f64::from(window));
        let per_second = if window > 0.0 { calls / window } else { 0.0 };
        Self { most: (calls * 4.0 / 3.0).ceil(), per_second, buckets: Mutex::default() }
    }

    /// Takes a token of an address.
    ///
    /// # Errors
    /// When it has none: after how many seconds it has one again.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> Result<(), u64> {
        if self.per_second <= 0.0 {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            buckets.retain(|_, bucket| self.filled(*bucket, now) < self.most);
            // So many at once are one attack or very many readers; neither is served by refusing all.
            if buckets.len() >= MOST {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(network(address)).or_insert(Bucket { tokens: self.most, at: now });
        let tokens = self.filled(*bucket, now);
        if tokens < 1.0 {
            return Err(((1.0 - tokens) / self.per_second).ceil().max(1.0) as u64);
        }
        *bucket = Bucket { tokens: tokens - 1.0, at: now };
        Ok(())
    }

    fn filled(&self, bucket: Bucket, now: Instant) -> f64 {
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        (bucket.tokens + since * self.per_second).min(self.most)
    }
}

/// Whoever has one address of IPv6 has all of its network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_address_has_its_calls_and_gets_them_back_with_time() {
        let (rate, now) = (Rate::new(30, 10), Instant::now());
        let [one, other]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        assert!((0..40).all(|_| rate.take(one, now).is_ok()));
        assert_eq!(rate.take(one, now), Err(1));
        assert_eq!(rate.take(other, now), Ok(()));
        assert_eq!(rate.take(one, now + Duration::from_millis(400)), Ok(()));
        assert_eq!(rate.take(one, now + Duration::from_millis(400)), Err(1));
        assert_eq!(Rate::new(1, 60).take(one, now), Ok(()));
        assert!((0..1000).all(|_| Rate::new(0, 10).take(one, now).is_ok()), "0 is no limit");
    }

    #[test]
    fn a_slow_rate_says_how_long_to_wait() {
        let (rate, now, address) = (Rate::new(3, 60), Instant::now(), "192.0.2.1".parse().unwrap());
        assert!((0..4).all(|_| rate.take(address, now).is_ok()));
        assert_eq!(rate.take(address, now), Err(20));
    }

    #[test]
    fn a_network_of_ipv6_is_one_and_an_address_of_ipv4_is_itself() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn no_more_addresses_are_remembered_than_there_is_room_for() {
        let (rate, now) = (Rate::new(1, 1), Instant::now());
        for address in 0..(MOST as u32 + 10) {
            assert_eq!(rate.take(IpAddr::V4(address.into()), now), Ok(()));
        }
        assert!(rate.buckets.lock().unwrap().len() <= MOST);
    }
}
