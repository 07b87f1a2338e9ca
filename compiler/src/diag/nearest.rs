//! "Did you mean": the known word nearest to a mistyped one.
//!
//! In: a word and the words that would have been right. Out: at most one of them. Never: guesses wildly.

/// The candidate nearest to `word`, when so near that a slip of the finger explains it: a quarter of its letters, at
/// least one, never all.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().take(41).collect();
    if word.len() > 40 {
        return None;
    }
    let near = |candidate: &&'a str| {
        let most = (candidate.len() / 4).clamp(1, 3).min(candidate.len() - 1);
        // A distance is never below the difference in length.
        let possible = word.len().abs_diff(candidate.len()) <= most;
        let distance = possible.then(|| distance(&word, candidate))?;
        (distance <= most).then_some((distance, *candidate))
    };
    let found = candidates.iter().filter_map(near);
    found
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment).
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            let swap = if swapped {
                rows[i - 2][j - 2] + 1
            } else {
                usize::MAX
            };
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row.push(
                swap.min(replace)
                    .min(rows[i - 1][j] + 1)
                    .min(row[j - 1] + 1),
            );
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised() {
        let keys = ["width_multiplier", "input", "layers", "k", "s", "padding"];
        assert_eq!(nearest("width_multiplyer", &keys), Some("width_multiplier"));
        assert_eq!(nearest("laeyrs", &keys), Some("layers"));
        assert_eq!(nearest("K", &keys), Some("k"));
    }

    #[test]
    fn strangers_are_not() {
        let keys = ["width_multiplier", "input", "layers"];
        assert_eq!(nearest("momentum", &keys), None);
        assert_eq!(nearest("", &keys), None);
        assert_eq!(nearest("x", &["k", "s"]), None);
        assert_eq!(nearest("avgpool", &["max_pool"]), None);
    }
}
