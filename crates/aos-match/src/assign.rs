//! One-to-one assignment of columns to fields with the greatest total gain, where leaving either side alone is always allowed.

/// Returns for each row the chosen column of the gain matrix, or none. Only gains above zero are ever chosen.
///
/// Successive shortest augmenting paths (Jonker and Volgenant's form of the Hungarian method): O(rows² · columns).
pub(crate) fn assign(gains: &[Vec<f64>]) -> Vec<Option<usize>> {
    let rows = gains.len();
    let real = gains.first().map_or(0, Vec::len);
    let columns = real + rows; // one "nothing" per row, with gain 0
    let cost = |row: usize, column: usize| if column < real { -gains[row][column].max(0.0) } else { 0.0 };
    let mut potential_row = vec![0.0; rows + 1];
    let mut potential_column = vec![0.0; columns + 1];
    let mut owner = vec![0usize; columns + 1]; // 1-based; 0 = free
    for row in 1..=rows {
        owner[0] = row;
        let mut here = 0;
        let mut least = vec![f64::INFINITY; columns + 1];
        let mut seen = vec![false; columns + 1];
        let mut way = vec![0usize; columns + 1];
        loop {
            seen[here] = true;
            let at = owner[here];
            let (mut delta, mut next) = (f64::INFINITY, 0);
            for column in 1..=columns {
                if seen[column] {
                    continue;
                }
                let reduced = cost(at - 1, column - 1) - potential_row[at] - potential_column[column];
                if reduced < least[column] {
                    least[column] = reduced;
                    way[column] = here;
                }
                if least[column] < delta {
                    delta = least[column];
                    next = column;
                }
            }
            for column in 0..=columns {
                if seen[column] {
                    potential_row[owner[column]] += delta;
                    potential_column[column] -= delta;
                } else {
                    least[column] -= delta;
                }
            }
            here = next;
            if owner[here] == 0 {
                break;
            }
        }
        while here != 0 {
            owner[here] = owner[way[here]];
            here = way[here];
        }
    }
    let mut chosen = vec![None; rows];
    for column in 1..=real {
        if owner[column] > 0 && gains[owner[column] - 1][column - 1] > 0.0 {
            chosen[owner[column] - 1] = Some(column - 1);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_counts_not_the_first_come() {
        // Greedy would take (0,0) = 0.9 and leave row 1 with nothing.
        assert_eq!(assign(&[vec![0.9, 0.8], vec![0.7, 0.0]]), vec![Some(1), Some(0)]);
    }

    #[test]
    fn nothing_is_chosen_where_nothing_is_gained() {
        assert_eq!(assign(&[vec![-0.2, 0.0], vec![0.3, -1.0], vec![0.2, 0.0]]), vec![None, Some(0), None]);
    }
}
