//! One order out of several: reciprocal-rank fusion (Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and
//! individual Rank Learning Methods", SIGIR 2009). Scores of different searches cannot be compared, places in their orders can.

use aos_store::ChunkPlace;
use std::collections::HashMap;

/// The constant of the paper: how little the first places of one order outweigh being in several.
pub const RANK_CONSTANT: f64 = 60.0;

/// An order, best first, and how much it counts.
#[derive(Debug, Clone, Copy)]
pub struct Ranked<'a> {
    pub weight: f64,
    pub places: &'a [ChunkPlace],
}

#[derive(Debug, Clone, PartialEq)]
pub struct Fused {
    pub place: ChunkPlace,
    pub score: f64,
    /// Its rank in each of the orders, from 1; none where it is not in it.
    pub ranks: Vec<Option<usize>>,
}

/// Makes one order of several. What is equally good is ordered by its place, so that the same input gives the same order.
pub fn fuse(orders: &[Ranked<'_>]) -> Vec<Fused> {
    let mut found: HashMap<ChunkPlace, Fused> = HashMap::new();
    for (at, order) in orders.iter().enumerate() {
        for (rank, place) in (1..).zip(order.places) {
            let fused = found.entry(*place).or_insert_with(|| Fused {
                place: *place,
                score: 0.0,
                ranks: vec![None; orders.len()],
            });
            let Some(slot @ None) = fused.ranks.get_mut(at) else { continue };
            *slot = Some(rank);
            fused.score += order.weight / (RANK_CONSTANT + rank as f64);
        }
    }
    let mut fused: Vec<Fused> = found.into_values().collect();
    fused.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.place.cmp(&b.place)));
    fused
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn place(ordinal: u64) -> ChunkPlace {
        ChunkPlace { document_id: Uuid::nil(), ordinal }
    }

    #[test]
    fn what_both_orders_know_comes_before_what_one_of_them_likes_best() {
        let (text, vectors) = ([place(1), place(2)], [place(3), place(2)]);
        let fused = fuse(&[Ranked { weight: 1.0, places: &text }, Ranked { weight: 1.0, places: &vectors }]);
        assert_eq!(fused[0].place, place(2));
        assert_eq!(fused[0].ranks, [Some(2), Some(2)]);
        assert!((fused[0].score - 2.0 / 62.0).abs() < 1e-12);
        assert_eq!(fused[1..].iter().map(|fused| fused.place.ordinal).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn an_order_without_weight_changes_nothing() {
        let (text, vectors) = ([place(1), place(2)], [place(2), place(1)]);
        let fused = fuse(&[Ranked { weight: 1.0, places: &text }, Ranked { weight: 0.0, places: &vectors }]);
        assert_eq!(fused.iter().map(|fused| fused.place).collect::<Vec<_>>(), text);
    }
}
