//! The only source of chance: SplitMix64, seeded by a name, and the distributions the samples need.
//! Uses no platform mathematics (`exp`, `ln`), whose last bit differs between systems.

/// Changes every sample when it changes.
const SEED: u64 = 0x0A75_2025_1114_0001;

/// A SplitMix64 generator (Steele, Lea, Flood 2014): ten lines that will never change under us.
pub struct Rng {
    state: u64,
}

impl Rng {
    /// Derives a generator from a name, so that one table's draws do not move another's.
    pub fn named(name: &str) -> Self {
        let hash = name
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
        Self { state: hash ^ SEED }
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Draws from `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Draws from `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low + 1) as u64) as i64
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[(self.next() % items.len() as u64) as usize]
    }

    /// Draws one of some fixed words.
    pub fn one_of(&mut self, words: &[&'static str]) -> &'static str {
        words[(self.next() % words.len() as u64) as usize]
    }

    /// Draws an index with the given weights.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u32 = weights.iter().sum();
        let mut left = (self.next() % u64::from(total)) as u32;
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        weights.len() - 1
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, (self.next() % (last as u64 + 1)) as usize);
        }
    }

    /// Draws a standard normal value, near enough: the sum of twelve uniform ones.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Draws a log-normal value with this median; `spread` is the deviation of its logarithm.
    pub fn log_normal(&mut self, median: f64, spread: f64) -> f64 {
        median * exp(self.normal() * spread)
    }

    /// Draws a normal value held inside a range.
    pub fn normal_in(&mut self, mean: f64, deviation: f64, low: f64, high: f64) -> f64 {
        (mean + deviation * self.normal()).clamp(low, high)
    }

    pub fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[(self.next() % 16) as usize])).collect()
    }

    /// Draws an identifier in the form of a random (version 4) GUID.
    pub fn guid(&mut self) -> String {
        let variant = *self.pick(&['8', '9', 'a', 'b']);
        format!("{}-{}-4{}-{variant}{}-{}", self.hex(8), self.hex(4), self.hex(3), self.hex(3), self.hex(12))
    }
}

/// Computes e^x as (1 + x/1024)^1024: only additions and multiplications, so every machine agrees.
fn exp(x: f64) -> f64 {
    let mut value = 1.0 + x / 1024.0;
    for _ in 0..10 {
        value *= value;
    }
    value
}
