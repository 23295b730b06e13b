//! Ways that lead back to where they began.

/// One circle for each knot of ways, as it is met going from the first way on: its members in order.
///
/// Takes as many steps as there are ways and places where they go on.
pub(super) fn circles(ways: usize, next: impl Fn(usize) -> Vec<usize>) -> Vec<Vec<usize>> {
    let mut state = vec![State::New; ways];
    let mut found = Vec::new();
    for start in 0..ways {
        if state.get(start) != Some(&State::New) {
            continue;
        }
        // Each step of the path with the ways that are still to be gone from it.
        let mut path: Vec<(usize, Vec<usize>)> = vec![(start, next(start))];
        set(&mut state, start, State::OnPath);
        while let Some((_, open)) = path.last_mut() {
            let Some(way) = open.pop() else {
                if let Some((done, _)) = path.pop() {
                    set(&mut state, done, State::Done);
                }
                continue;
            };
            match state.get(way) {
                Some(State::New) => {
                    set(&mut state, way, State::OnPath);
                    path.push((way, next(way)));
                }
                Some(State::OnPath) => {
                    let circle = path.iter().map(|(step, _)| *step).skip_while(|step| *step != way);
                    found.push(circle.collect());
                }
                Some(State::Done) | None => {}
            }
        }
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    OnPath,
    Done,
}

fn set(state: &mut [State], way: usize, to: State) {
    if let Some(place) = state.get_mut(way) {
        *place = to;
    }
}

#[cfg(test)]
mod tests {
    use super::circles;

    fn found(ways: &[&[usize]]) -> Vec<Vec<usize>> {
        circles(ways.len(), |way| {
            ways.get(way).map(|next| next.to_vec()).unwrap_or_default()
        })
    }

    #[test]
    fn circles_are_found_once_and_nothing_else_is() {
        let none: Vec<Vec<usize>> = Vec::new();
        assert_eq!(found(&[&[1, 2], &[3], &[3], &[]]), none);
        assert_eq!(found(&[&[1], &[2], &[0]]), [[0, 1, 2]]);
        assert_eq!(found(&[&[0]]), [[0]]);
        assert_eq!(found(&[&[1], &[0], &[3], &[2]]), [[0, 1], [2, 3]]);
        assert_eq!(found(&[&[1], &[2], &[1]]), [[1, 2]]);
    }
}
