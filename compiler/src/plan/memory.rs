//! Gives every buffer an offset in the arena from its live range.
//!
//! In: lengths and the steps between which each buffer is alive. Out: offsets, and the length of the whole arena. Never:
//! looks at operators, shapes or code.
//!
//! Two buffers that are alive at one step never overlap. The arena is seldom longer than the greatest sum of lengths
//! alive at one step, which no layout without moves can beat: several orders of placing are tried, then a fixed number of
//! random ones from a fixed seed, and the first that reaches the bound wins.

/// Buffers start at multiples of a cache line, which is also the widest vector.
pub const ALIGNMENT: usize = 64;

/// How many random orders are tried when no sorted order reaches the bound.
const RANDOM_ORDERS: usize = 500;

/// A buffer's length and when it is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live {
    /// Length in bytes.
    pub bytes: usize,
    /// The step that first writes it.
    pub first: usize,
    /// The last step that reads or writes it.
    pub last: usize,
}

impl Live {
    fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    fn padded(&self) -> usize {
        self.bytes.next_multiple_of(ALIGNMENT)
    }
}

/// Where every buffer lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryPlan {
    /// Each buffer's offset in bytes, in the order the buffers were given.
    pub offsets: Vec<usize>,
    /// Length of the arena in bytes.
    pub bytes: usize,
}

/// The greatest sum of lengths alive at one step, and that step: no arena can be shorter.
pub fn peak(buffers: &[Live]) -> (usize, usize) {
    let steps = buffers.iter().map(|b| b.last + 1).max().unwrap_or(0);
    let alive = |step: usize| {
        let here = buffers.iter().filter(|b| b.first <= step && step <= b.last);
        here.map(Live::padded).sum::<usize>()
    };
    // The first of equals: `max_by_key` would give the last.
    (0..steps)
        .map(|step| (alive(step), step))
        .rev()
        .max_by_key(|(sum, _)| *sum)
        .unwrap_or((0, 0))
}

/// Lays all buffers out.
pub fn assign(buffers: &[Live]) -> MemoryPlan {
    let (bound, _) = peak(buffers);
    let mut best: Option<MemoryPlan> = None;
    for order in sorted_orders(buffers)
        .into_iter()
        .chain(random_orders(buffers.len()))
    {
        let plan = place(buffers, &order);
        if best.as_ref().is_none_or(|b| plan.bytes < b.bytes) {
            best = Some(plan);
        }
        if best.as_ref().is_some_and(|b| b.bytes == bound) {
            break;
        }
    }
    best.expect("sorted_orders gives at least one order")
}

fn sorted_orders(buffers: &[Live]) -> Vec<Vec<usize>> {
    let sorted = |key: &dyn Fn(&Live) -> usize| {
        let mut order: Vec<_> = (0..buffers.len()).collect();
        order.sort_by_key(|&i| (key(&buffers[i]), i));
        order
    };
    vec![
        sorted(&|b| usize::MAX - b.padded()),
        sorted(&|b| usize::MAX - b.padded() * (b.last - b.first + 1)),
        sorted(&|b| b.first),
        sorted(&|b| usize::MAX - b.last),
    ]
}

/// Permutations from a fixed seed (xorshift64), so that the same network always gets the same plan.
fn random_orders(count: usize) -> impl Iterator<Item = Vec<usize>> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = move |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n as u64) as usize
    };
    let mut order: Vec<_> = (0..count).collect();
    (0..RANDOM_ORDERS).map(move |_| {
        for i in (1..count).rev() {
            order.swap(i, below(i + 1));
        }
        order.clone()
    })
}

/// Places buffers one by one, each at the lowest offset where it fits among those alive with it.
fn place(buffers: &[Live], order: &[usize]) -> MemoryPlan {
    let mut offsets = vec![None; buffers.len()];
    for &i in order {
        let mut taken: Vec<(usize, usize)> = (0..buffers.len())
            .filter(|&j| buffers[i].overlaps(&buffers[j]))
            .filter_map(|j| offsets[j].map(|at: usize| (at, at + buffers[j].padded())))
            .collect();
        taken.sort_unstable();
        offsets[i] = Some(lowest_gap(&taken, buffers[i].padded()));
    }
    let offsets: Vec<usize> = offsets
        .into_iter()
        .map(|o| o.expect("each buffer is placed once"))
        .collect();
    let end = |(b, at): (&Live, &usize)| at + b.padded();
    let bytes = buffers.iter().zip(&offsets).map(end).max().unwrap_or(0);
    MemoryPlan { offsets, bytes }
}

fn lowest_gap(taken: &[(usize, usize)], bytes: usize) -> usize {
    let mut at = 0;
    for &(start, end) in taken {
        if at + bytes <= start {
            break;
        }
        at = at.max(end);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(bytes: usize, first: usize, last: usize) -> Live {
        Live { bytes, first, last }
    }

    fn assert_sound(buffers: &[Live], plan: &MemoryPlan) {
        for (i, a) in buffers.iter().enumerate() {
            assert_eq!(plan.offsets[i] % ALIGNMENT, 0);
            assert!(plan.offsets[i] + a.bytes <= plan.bytes);
            for (j, b) in buffers.iter().enumerate().skip(i + 1) {
                let apart = plan.offsets[i] + a.bytes <= plan.offsets[j]
                    || plan.offsets[j] + b.bytes <= plan.offsets[i];
                assert!(apart || !a.overlaps(b), "{a:?} and {b:?} lie in one place");
            }
        }
    }

    #[test]
    fn a_chain_needs_no_more_than_its_greatest_pair() {
        let chain = [
            live(100, 0, 1),
            live(640, 1, 2),
            live(64, 2, 3),
            live(320, 3, 4),
        ];
        let plan = assign(&chain);
        assert_sound(&chain, &plan);
        assert_eq!(plan.bytes, 128 + 640);
        assert_eq!(peak(&chain), (768, 1));
    }

    #[test]
    fn nothing_needs_no_arena() {
        assert_eq!(
            assign(&[]),
            MemoryPlan {
                offsets: vec![],
                bytes: 0
            }
        );
    }

    #[test]
    fn random_live_ranges_are_laid_out_soundly() {
        let mut state = 7_u64;
        let mut next = |n: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as usize % n
        };
        for _ in 0..50 {
            let buffers: Vec<_> = (0..20)
                .map(|_| {
                    let first = next(30);
                    live(1 + next(1000), first, first + next(6))
                })
                .collect();
            let plan = assign(&buffers);
            assert_sound(&buffers, &plan);
            assert!(plan.bytes >= peak(&buffers).0);
        }
    }
}
