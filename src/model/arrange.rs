//! Puts items in an order where they are.

/// Brings items into the order in which `places` tells their present places, of which each stands
/// there once. Nothing is copied: a list of its own would be as much fresh memory again.
pub fn arrange<T>(items: &mut [T], mut places: Vec<usize>) {
    for first in 0..places.len() {
        // Each circle of places is gone round once; what was reached is where it belongs.
        let mut at = first;
        while let Some(from) = places.get_mut(at).map(|place| std::mem::replace(place, at))
            && from != first
        {
            items.swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_take_their_places() {
        for order in [vec![], vec![0], vec![0, 1, 2], vec![2, 0, 1], vec![1, 0, 4, 2, 3, 5]] {
            let mut items: Vec<usize> = (0..order.len()).map(|item| 10 * item).collect();
            let expected: Vec<usize> = order.iter().map(|place| 10 * place).collect();
            arrange(&mut items, order.clone());
            assert_eq!(items, expected, "{order:?}");
        }
    }
}
