//! Putting things in order, in little code: the standard library's sort is written out anew for every type, and the
//! page loads all of it before anything is seen.

use std::cmp::Ordering;

/// Sorts, keeping equal items in their order.
pub fn sort<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let places = sorted_places(items.len(), &|a, b| compare(&items[a], &items[b]));
    let mut unsorted: Vec<Option<T>> = std::mem::take(items).into_iter().map(Some).collect();
    items.extend(places.into_iter().filter_map(|place| unsorted[place].take()));
}

/// Sorts by a key, keeping items of equal keys in their order.
pub fn sort_by_key<T, K: Ord>(items: &mut Vec<T>, key: impl Fn(&T) -> K) {
    sort(items, |a, b| key(a).cmp(&key(b)));
}

/// The places of items in their order: the only sort there is.
fn sorted_places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|a, b| compare(*a, *b));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        for count in [0, 1, 2, 7, 100, 1000] {
            let items: Vec<(u64, usize)> =
                (0..count).map(|place| ((place as u64).wrapping_mul(0x9e37_79b9) % 17, place)).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            let mut sorted = items;
            sort_by_key(&mut sorted, |item| item.0);
            assert_eq!(sorted, expected);
        }
    }
}
