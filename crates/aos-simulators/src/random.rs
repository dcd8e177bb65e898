//! The only source of chance: SplitMix64 (Steele, Lea, Flood 2014), seeded by a number and a name.

#[derive(Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// Derives a generator from a seed and a name, so that one thing's draws do not move another's. The name is hashed with FNV-1a.
    pub fn new(seed: u64, name: &str) -> Self {
        Self { state: seed_of(seed, name) }
    }

    /// Derives a generator for one place of a table, so that any cell can be drawn without those before it.
    pub fn at(seed: u64, row: u64) -> Self {
        Self { state: mixed(seed ^ mixed(row.wrapping_add(0x9E37_79B9_7F4A_7C15))) }
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.state)
    }

    /// Draws from `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Draws from `low..=high`.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + (self.next() % (u64::from(high - low) + 1)) as u32
    }

    /// Draws from `0..below`; 0 when there is nothing to draw from.
    pub fn below(&mut self, below: u64) -> u64 {
        self.next().checked_rem(below).unwrap_or(0)
    }

    /// Brings items into another order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[(self.next() % items.len() as u64) as usize]
    }
}

/// Derives a seed from a seed and a name.
pub fn seed_of(seed: u64, name: &str) -> u64 {
    let hash = name
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
    hash ^ seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn mixed(state: u64) -> u64 {
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
