//! In which order the records that an account was born with were last changed.
//!
//! Ids and times of change do not run side by side: a record's rank is an affine image of its row. Most records share their second
//! of change with two others, and one long run of them, as after an import, shares a single one.

/// 2023-01-01 and 2026-06-30, 00:00 UTC, in seconds.
const FIRST_S: i64 = 1_672_531_200;
const LAST_S: i64 = 1_782_777_600;
const TOGETHER: u64 = 3;
const IMPORT_ROWS_MAX: u64 = 2_400;

#[derive(Debug, Clone, Copy)]
pub struct Order {
    rows: u64,
    factor: u64,
    inverse: u64,
    import_first: u64,
    import_rows: u64,
    step_s: i64,
}

impl Order {
    pub fn of(rows: u64) -> Self {
        let factor = (rows / 2 + 1..).find(|factor| gcd(*factor, rows) == 1).unwrap_or(1) % rows.max(1);
        let import_rows = (rows / 5).min(IMPORT_ROWS_MAX) / TOGETHER * TOGETHER;
        let ticks = i64::try_from(rows / TOGETHER + 2).unwrap_or(i64::MAX);
        Self {
            rows,
            factor: factor.max(1),
            inverse: inverse(factor.max(1), rows),
            import_first: rows / 2 / TOGETHER * TOGETHER,
            import_rows,
            step_s: ((LAST_S - FIRST_S) / ticks).max(1),
        }
    }

    fn rank(&self, row: u64) -> u64 {
        (u128::from(row) * u128::from(self.factor) % u128::from(self.rows.max(1))) as u64
    }

    fn row(&self, rank: u64) -> u64 {
        (u128::from(rank) * u128::from(self.inverse) % u128::from(self.rows.max(1))) as u64
    }

    /// The ranks that share one second: the first of them, and the one after the last.
    fn run(&self, rank: u64) -> (u64, u64) {
        let import_end = self.import_first + self.import_rows;
        if (self.import_first..import_end).contains(&rank) {
            return (self.import_first, import_end);
        }
        let first = rank / TOGETHER * TOGETHER;
        (first, (first + TOGETHER).min(self.rows))
    }

    /// When a record that nobody has touched since was last changed, in milliseconds.
    pub fn changed_ms(&self, row: u64) -> i64 {
        self.second(self.run(self.rank(row)).0) * 1000
    }

    fn second(&self, first_rank: u64) -> i64 {
        FIRST_S + (first_rank / TOGETHER) as i64 * self.step_s
    }

    /// Yields rows in the order of their last change, those of one second in the order of their ids, from the second given on.
    pub fn from(self, at_least_ms: i64) -> impl Iterator<Item = (i64, u64)> {
        let ticks = (at_least_ms.div_euclid(1000) - FIRST_S).max(0) / self.step_s;
        let mut next = (ticks as u64).saturating_mul(TOGETHER).min(self.rows);
        let mut run: std::vec::IntoIter<(i64, u64)> = Vec::new().into_iter();
        std::iter::from_fn(move || {
            loop {
                if let Some(found) = run.next() {
                    return Some(found);
                }
                if next >= self.rows {
                    return None;
                }
                let (first, end) = self.run(next);
                let changed = self.second(first) * 1000;
                let mut rows: Vec<(i64, u64)> = (first..end).map(|rank| (changed, self.row(rank))).collect();
                rows.sort_unstable();
                run = rows.into_iter();
                next = end;
            }
        })
        .skip_while(move |(changed, _)| *changed < at_least_ms)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The inverse of a number modulo another, by the extended Euclidean algorithm.
fn inverse(of: u64, modulus: u64) -> u64 {
    let (mut r, mut next_r) = (i128::from(modulus), i128::from(of));
    let (mut t, mut next_t) = (0_i128, 1_i128);
    while next_r != 0 {
        let quotient = r / next_r;
        (r, next_r) = (next_r, r - quotient * next_r);
        (t, next_t) = (next_t, t - quotient * next_t);
    }
    t.rem_euclid(i128::from(modulus.max(1))) as u64
}
