//! "Did you mean": the known name that is closest to what was written.

/// The closest of `known`, when it is close enough to be a slip of the finger.
pub fn did_you_mean<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let folded = fold(written);
    let allowed = (folded.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (distance(&folded, &fold(name)), name))
        .filter(|(far, name)| *far <= allowed && *name != written)
        .min_by_key(|(far, name)| (*far, *name))
        .map(|(_, name)| name)
}

/// Case, accents' bare letters and the two dashes are no difference between names.
fn fold(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .map(|letter| match letter {
            'á' => 'a',
            'é' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' | 'ü' => 'u',
            'ñ' => 'n',
            '_' | ' ' => '-',
            other => other,
        })
        .collect()
}

/// Edits (insert, delete, replace, swap of neighbours) between two words, in characters.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before_last: Vec<usize> = vec![0; right.len() + 1];
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, a) in left.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, b) in right.iter().enumerate() {
            let swap = row > 0
                && column > 0
                && *a == right[column - 1]
                && left[row - 1] == *b
                && before_last[column - 1] + 1 < last[column] + usize::from(a != b);
            let plain = (last[column] + usize::from(a != b))
                .min(last[column + 1] + 1)
                .min(next[column] + 1);
            next.push(if swap { plain.min(before_last[column - 1] + 1) } else { plain });
        }
        before_last = last;
        last = next;
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_only_slips() {
        assert_eq!(did_you_mean("tecnio", ["ape", "tecnico", "cajas"]), Some("tecnico"));
        assert_eq!(did_you_mean("inspección", ["inspeccion"]), Some("inspeccion"));
        assert_eq!(did_you_mean("caajs", ["cajas"]), Some("cajas"));
        assert_eq!(did_you_mean("gerencia", ["ape", "tecnico"]), None);
    }
}
