//! Pointwise convolution with weights and inputs split in two numbers of 16 bits: three products of halves, summed in f32,
//! instead of one of floats.
//!
//! Where a level has matrix tiles, they make these products several times as fast as vectors multiply floats. Every other
//! level puts the weights together again and multiplies as usual: slower than with plain weights, but as exact.

use core::ops::Range;

use crate::context::Cx;
use crate::map::{Map, MapMut, Runs};
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::pointwise::Addend;
use crate::ops::tile::{self, each};
use crate::pack::SPLIT_INPUTS;
use crate::simd::{Level, Product, Simd, SplitRows, SplitWeights, Sums, Tiles};
use crate::team::{Cost, Cut, share};
use crate::weights::Filter;

/// Floats of scratch for a split pointwise convolution of so many channels: two blocks of 32 pixels, split.
pub const fn pointwise_split_scratch(inputs: usize) -> usize {
    2 * 2 * 32 * 16 * inputs.div_ceil(SPLIT_INPUTS)
}

/// y = act(W x + b), by products of halves. x: (h, w, k), y: (h, w, n), filter:
/// [`pack::pointwise_split`](crate::pack::pointwise_split), scratch: [`pointwise_split_scratch`] floats.
///
/// Where tiles multiply, an infinite input makes the sums it is part of NaN, and numbers below 1e-38 count as zero.
///
/// # Panics
/// When the shapes do not fit.
#[inline(always)]
pub fn pointwise_split<L: Level>(
    cx: Cx<'_, L>,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    run(cx.level, act, &x, &filter, &Addend::Nothing, scratch, y);
}

/// y = act(W x + b + skip). Otherwise as [`pointwise_split`]; skip and y: (h, w, n).
///
/// # Panics
/// When the shapes do not fit.
#[inline(always)]
pub fn pointwise_split_residual<L: Level>(
    cx: Cx<'_, L>,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    skip: Map<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    assert!(
        skip.shape() == y.shape(),
        "a residual has the output's shape"
    );
    run(cx.level, act, &x, &filter, &Addend::Map(skip), scratch, y);
}

/// y = act(W x + b + y). Otherwise as [`pointwise_split`].
///
/// # Panics
/// When the shapes do not fit.
#[inline(always)]
pub fn pointwise_split_accumulate<L: Level>(
    cx: Cx<'_, L>,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    run(cx.level, act, &x, &filter, &Addend::Output, scratch, y);
}

#[inline(never)]
fn run<L: Level>(
    level: L,
    act: Activation,
    x: &Map<'_>,
    filter: &Filter<'_>,
    addend: &Addend<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    let ([height, width, n], k) = (y.shape(), x.channels());
    assert!(
        x.height() == height && x.width() == width,
        "pointwise: input and output are equally high and wide"
    );
    assert!(
        filter.bias.len() == n.div_ceil(16),
        "pointwise: the bias does not fit the output's channels"
    );
    assert!(
        filter.panels.len() == crate::pack::pointwise_split_panels(n, k),
        "pointwise: the weights do not fit the channels"
    );
    let scratch = scratch.as_mut_slice();
    let length = pointwise_split_scratch(k);
    assert!(
        scratch.len() >= length,
        "pointwise: the scratch is too small"
    );
    let cost = Cost {
        per_element: k,
        weights: filter.panels.len() * 16,
        inputs: y.pixels() * k,
    };
    // A piece of scratch for every thread there is room for.
    let pieces = scratch.len().checked_div(length).unwrap_or(1);
    let mut scratch = MapMut::new(&mut scratch[..pieces * length], pieces, 1, length);
    share!(L: level, Cut::Any(cost), &mut scratch, y, |level, scratch, y| {
        let scratch = scratch.block().expect("scratch has one channel range");
        let rows = y.window_rows();
        let mut first = rows.start;
        while first < rows.end {
            let last = addend.side_by_side(x, first..rows.end);
            let job = PointwiseSplit {
                epilogue: Epilogue::before_finish(act),
                x: *x,
                filter: *filter,
                addend: *addend,
                scratch: &mut scratch[..length],
            };
            let mut block = y.reborrow().rows(first..last);
            level.pw_split(job, &mut block);
            finish(level, act, &mut block);
            first = last;
        }
    });
}

/// A pointwise convolution with a split filter.
pub struct PointwiseSplit<'a> {
    epilogue: Epilogue,
    x: Map<'a>,
    filter: Filter<'a>,
    addend: Addend<'a>,
    scratch: &'a mut [f32],
}

/// `y[p, c] = act(b[c] + sum over k of x[p, k] * w[k, c] + addend[p, c])`, for the window's pixels and channels: on tiles
/// where the level has them, else on vectors, R pixels by a panel at a time.
#[inline(always)]
pub(crate) fn sweep<S: Simd, const R: usize>(simd: S, job: PointwiseSplit<'_>, y: &mut MapMut<'_>) {
    let x = job.x.rows(y.window_rows());
    if x.is_empty() || y.window_channels().is_empty() {
        return bias_alone(simd, &job, y);
    }
    match simd.tiles() {
        Some(tiles) => on_tiles(simd, tiles, job, x, y),
        None => on_vectors::<S, R>(simd, &job, x, y),
    }
}

/// A layer without inputs, or a window without elements.
#[inline(always)]
fn bias_alone<S: Simd>(simd: S, job: &PointwiseSplit<'_>, y: &mut MapMut<'_>) {
    on_vectors::<S, 1>(simd, job, &[], y);
}

#[inline(always)]
fn on_vectors<S: Simd, const R: usize>(
    simd: S,
    job: &PointwiseSplit<'_>,
    x: &[f32],
    y: &mut MapMut<'_>,
) {
    let channels = y.window_channels();
    let (m, k) = (y.pixels(), job.x.channels());
    let depth = k.div_ceil(SPLIT_INPUTS) * SPLIT_INPUTS;
    let mut c = channels.start;
    while c < channels.end {
        let weights = &job.filter.panels[c / 16 * depth..][..depth];
        let bias = &job.filter.bias[c / 16..][..1];
        let lanes = (channels.end - c).min(16);
        let mut p = 0;
        while p < m {
            let place = [p, c - channels.start, lanes];
            if m - p >= R {
                one::<S, R>(simd, job, x, [weights, bias], place, y);
                p += R;
            } else {
                one::<S, 1>(simd, job, x, [weights, bias], place, y);
                p += 1;
            }
        }
        c += 16;
    }
}

/// R pixels from the window's pixel `p` on by the panel from its channel `at` on.
#[inline(always)]
fn one<S: Simd, const R: usize>(
    simd: S,
    job: &PointwiseSplit<'_>,
    x: &[f32],
    [weights, bias]: [&[[f32; 16]]; 2],
    [p, at, lanes]: [usize; 3],
    y: &mut MapMut<'_>,
) {
    let k = job.x.channels();
    let rows = Runs::new(&x[p * k..], k, R, k);
    let mut sums = tile::start::<S, R, 1>(simd, bias);
    for (chunk, weights) in weights.as_chunks::<SPLIT_INPUTS>().0.iter().enumerate() {
        for j in 0..(k - chunk * SPLIT_INPUTS).min(16) {
            let at = chunk * SPLIT_INPUTS + j;
            let [first, second] = whole(simd, &weights[j], &weights[16 + j]);
            each!(r of rows R, {
                sums[r][0] = simd.mul_add(simd.splat(rows.get(r, at)), first, sums[r][0]);
            });
            if at + 16 < k {
                each!(r of rows R, {
                    sums[r][0] = simd.mul_add(simd.splat(rows.get(r, at + 16)), second, sums[r][0]);
                });
            }
        }
    }
    if let Some(skip) = job.addend_map() {
        tile::add_tile(simd, &mut sums, skip, y, p, at..at + lanes);
    }
    job.epilogue.apply(simd, &mut sums);
    tile::store_tile(simd, &sums, y, p, at..at + lanes);
}

impl<'a> PointwiseSplit<'a> {
    /// Whether anything is added: another map, or, if that is none, the output itself.
    #[inline(always)]
    fn addend_map(&self) -> Option<Option<Map<'a>>> {
        match self.addend {
            Addend::Nothing => None,
            Addend::Map(map) => Some(Some(map)),
            Addend::Output => Some(None),
        }
    }
}

/// The weights of inputs j and 16 + j of a chunk, put together.
#[inline(always)]
pub(super) fn whole<S: Simd>(simd: S, highs: &[f32; 16], lows: &[f32; 16]) -> [S::V; 2] {
    const UPPER: u32 = 0xFFFF_0000;
    let (mut first, mut second) = ([0.0; 16], [0.0; 16]);
    for lane in 0..16 {
        let (high, low) = (highs[lane].to_bits(), lows[lane].to_bits());
        first[lane] = f32::from_bits(high << 16) + f32::from_bits(low << 16);
        second[lane] = f32::from_bits(high & UPPER) + f32::from_bits(low & UPPER);
    }
    [simd.load(&first), simd.load(&second)]
}

/// How the window's pixels lie in tiles: blocks of two tiles, each tile of `rows` rows, as even as can be. The last block may
/// have fewer pixels than its tiles have rows: what they hold behind them is never stored.
#[derive(Clone, Copy)]
struct Blocks {
    pixels: usize,
    rows: usize,
    count: usize,
}

impl Blocks {
    fn of(pixels: usize) -> Self {
        let count = pixels.div_ceil(32);
        Self {
            pixels,
            rows: pixels.div_ceil(2 * count),
            count,
        }
    }

    /// The window's pixels that a block has: none behind the last.
    #[inline(always)]
    fn pixels(self, block: usize) -> Range<usize> {
        let first = (2 * block * self.rows).min(self.pixels);
        first..(first + 2 * self.rows).min(self.pixels)
    }

    /// What of some of a block's pixels, counted from its first, lies in each of its tiles: those pixels, and the first one's
    /// place among the two tiles' 32 rows.
    #[inline(always)]
    fn parts(self, pixels: &Range<usize>) -> [(Range<usize>, usize); 2] {
        let cut = self.rows.clamp(pixels.start, pixels.end);
        [
            (pixels.start..cut, pixels.start),
            (cut..pixels.end, 16 + cut - self.rows.min(cut)),
        ]
    }
}

/// The same on tiles.
///
/// ```text
///            k: chunks of 32 inputs       n: pairs of panels
///          +----+----+----+              +----+----+----+
///  block 0 |    split     |  x  weights  |    |    |    |   the sums of a block by a pair of panels stay in tiles
///          +----+----+----+              +----+----+----+
///  block 1 |              |   split while block 0 is multiplied, some pixels after each product
///          +--------------+
/// ```
/// Tiles multiply for a hundred cycles and more what one instruction asks for, and the CPU looks only some instructions
/// ahead: what vector units do meanwhile has to stand between the products, in small pieces. That is the splitting of the
/// next block (of a window of one pair of panels: of the next chunk), and what is left to do of the sums that were made
/// before. The weights of a map of two blocks come from farther away than tiles can wait for, so each pair of panels is
/// brought nearer while both blocks are multiplied by the one before.
#[inline(always)]
fn on_tiles<S: Simd>(
    simd: S,
    tiles: S::Tiles,
    job: PointwiseSplit<'_>,
    x: &[f32],
    y: &mut MapMut<'_>,
) {
    let channels = y.window_channels();
    let chunks = job.x.channels().div_ceil(SPLIT_INPUTS);
    let blocks = Blocks::of(y.pixels());
    let work = Work {
        simd,
        tiles,
        x,
        k: job.x.channels(),
        filter: job.filter,
        epilogue: job.epilogue,
        addend: job
            .addend_map()
            .map(|map| map.map(|map| map.rows(y.window_rows()))),
        blocks,
        channels: channels.clone(),
        depth: y.depth(),
    };
    let split = job.scratch.as_chunks_mut::<16>().0.as_chunks_mut::<32>().0;
    let (mut now, mut next) = split.as_chunks_mut::<2>().0.split_at_mut(chunks);
    let mut late = Late {
        sums: [[[0.0; 16]; 2]; 32],
        place: Place::new(&channels, 0, 0),
        pixels: 0..0,
    };
    let pairs = (channels.end - channels.start).div_ceil(32);
    tiles.open(blocks.rows);
    if channels.len() <= 16 {
        work.narrow::<1>(&mut now[0], &mut next[0], &mut late, y);
    } else if pairs == 1 {
        work.narrow::<2>(&mut now[0], &mut next[0], &mut late, y);
    } else if blocks.count == 2 {
        work.split(0, now);
        work.split(1, next);
        for pair in 0..pairs {
            for (block, split) in [&*now, &*next].into_iter().enumerate() {
                let place = Place::new(&channels, block, pair);
                work.multiply(place, split, BlockMeanwhile::Fetch, &mut late, y);
            }
        }
    } else {
        work.split(0, now);
        for block in 0..blocks.count {
            let height = blocks.pixels(block + 1).len();
            // The pixels of the next block that are split at each pair.
            let slice = height.div_ceil(pairs);
            for pair in 0..pairs {
                let place = Place::new(&channels, block, pair);
                let meanwhile = if block + 1 < blocks.count {
                    let pixels = (slice * pair).min(height)..(slice * (pair + 1)).min(height);
                    BlockMeanwhile::Split(pixels, &mut *next)
                } else {
                    BlockMeanwhile::Nothing
                };
                work.multiply(place, now, meanwhile, &mut late, y);
            }
            (now, next) = (next, now);
        }
    }
    tiles.close();
    late.finish(&work, usize::MAX, y);
}

/// A block by a pair of panels.
struct Place {
    block: usize,
    /// The first channel, of the map.
    c: usize,
    /// Channels, at most 32.
    lanes: usize,
}

impl Place {
    #[inline(always)]
    fn new(channels: &Range<usize>, block: usize, pair: usize) -> Self {
        let c = channels.start + 32 * pair;
        Self {
            block,
            c,
            lanes: (channels.end - c).min(32),
        }
    }
}

/// Of the lines of weights that lie ahead one in so many is asked for; the hardware, which sees them pass in order, fetches
/// those between. Asking for every line takes the places in the queue that tiles need themselves.
const FETCH_EVERY: usize = 4;

/// What vector units do while tiles multiply a block by a pair of panels, besides finishing sums.
enum BlockMeanwhile<'a> {
    Nothing,
    /// They split these pixels of the next block, each chunk while that one is multiplied.
    Split(Range<usize>, &'a mut [SplitRows]),
    /// They ask for the weights of the next pair of panels: one while the first block is multiplied, the other while the
    /// second is.
    Fetch,
}

/// The same of a chunk.
enum Meanwhile<'a> {
    Nothing,
    /// They split these pixels of a block and chunk.
    Split([usize; 2], Range<usize>, &'a mut SplitRows),
    /// They ask for a chunk of weights.
    Fetch(usize),
}

/// A window as tiles make it.
struct Work<'a, S: Simd> {
    simd: S,
    tiles: S::Tiles,
    /// The window's pixels, of `k` channels.
    x: &'a [f32],
    k: usize,
    filter: Filter<'a>,
    epilogue: Epilogue,
    /// What is added: nothing, the output itself, or the pixels of another map, of `depth` channels.
    addend: Option<Option<&'a [f32]>>,
    blocks: Blocks,
    /// The window's channels, of `depth`.
    channels: Range<usize>,
    depth: usize,
}

impl<S: Simd> Work<'_, S> {
    /// Splits a block, every chunk.
    #[inline(always)]
    fn split(&self, block: usize, to: &mut [SplitRows]) {
        let pixels = 0..self.blocks.pixels(block).len();
        for (chunk, to) in to.iter_mut().enumerate() {
            self.split_chunk(block, &pixels, chunk, to);
        }
    }

    /// Splits a chunk of these pixels of a block.
    #[inline(always)]
    fn split_chunk(&self, block: usize, pixels: &Range<usize>, chunk: usize, to: &mut SplitRows) {
        let length = (self.k - chunk * SPLIT_INPUTS).min(SPLIT_INPUTS);
        let first = self.blocks.pixels(block).start;
        let [highs, lows] = to;
        for (pixels, place) in self.blocks.parts(pixels) {
            if pixels.is_empty() {
                continue;
            }
            let x = &self.x[(first + pixels.start) * self.k + chunk * SPLIT_INPUTS..];
            let x = Runs::new(x, self.k, pixels.len(), length);
            let rows = highs[place..].iter_mut().zip(&mut lows[place..]);
            for (n, (high, low)) in (0..pixels.len()).zip(rows) {
                self.tiles.split(x.run(n), high, low);
            }
        }
    }

    /// All sums of a window of one pair of panels. Each chunk of a block is multiplied once, so only two are kept: one is
    /// split while the other is multiplied, and both stay in the first-level cache.
    #[inline(always)]
    fn narrow<'s, const N: usize>(
        &self,
        mut now: &'s mut SplitRows,
        mut next: &'s mut SplitRows,
        late: &mut Late,
        y: &mut MapMut<'_>,
    ) {
        let panels = self.panels::<N>(self.channels.start);
        let chunks = panels[0].len();
        self.split_chunk(0, &(0..self.blocks.pixels(0).len()), 0, now);
        for block in 0..self.blocks.count {
            let place = Place::new(&self.channels, block, 0);
            self.start::<N>(&place);
            let share = late.share(chunks);
            for chunk in 0..chunks {
                let ahead = if chunk + 1 < chunks {
                    [block, chunk + 1]
                } else {
                    [block + 1, 0]
                };
                let pixels = 0..self.blocks.pixels(ahead[0]).len();
                let meanwhile = Meanwhile::Split(ahead, pixels, next);
                self.multiply_chunk(chunk, now, &panels, meanwhile, (late, share), y);
                (now, next) = (next, now);
            }
            self.store::<N>(place, late, y);
        }
    }

    /// The sums at a place.
    #[inline(always)]
    fn multiply(
        &self,
        place: Place,
        split: &[SplitRows],
        meanwhile: BlockMeanwhile<'_>,
        late: &mut Late,
        y: &mut MapMut<'_>,
    ) {
        if place.lanes > 16 {
            self.multiply_panels::<2>(place, split, meanwhile, late, y);
        } else {
            self.multiply_panels::<1>(place, split, meanwhile, late, y);
        }
    }

    #[inline(always)]
    fn multiply_panels<const N: usize>(
        &self,
        place: Place,
        split: &[SplitRows],
        mut meanwhile: BlockMeanwhile<'_>,
        late: &mut Late,
        y: &mut MapMut<'_>,
    ) {
        let panels = self.panels::<N>(place.c);
        let chunks = split.len();
        self.start::<N>(&place);
        let share = late.share(chunks);
        for (chunk, split) in split.iter().enumerate() {
            let meanwhile = match &mut meanwhile {
                BlockMeanwhile::Nothing => Meanwhile::Nothing,
                BlockMeanwhile::Split(pixels, to) => {
                    Meanwhile::Split([place.block + 1, chunk], pixels.clone(), &mut to[chunk])
                }
                BlockMeanwhile::Fetch => {
                    Meanwhile::Fetch((place.c / 16 + 2 + place.block) * chunks + chunk)
                }
            };
            self.multiply_chunk(chunk, split, &panels, meanwhile, (late, share), y);
        }
        self.store::<N>(place, late, y);
    }

    /// The weights of N panels from channel `c` on, chunk by chunk.
    #[inline(always)]
    fn panels<const N: usize>(&self, c: usize) -> [&[SplitWeights]; N] {
        let chunks = self.k.div_ceil(SPLIT_INPUTS);
        let weights = self.filter.panels.as_chunks().0;
        core::array::from_fn(|n| &weights[(c / 16 + n) * chunks..][..chunks])
    }

    /// Asks for the `at`-th of the layer's chunks of weights, which need not exist.
    #[inline(always)]
    fn fetch(&self, at: usize) {
        for line in (0..SPLIT_INPUTS).step_by(FETCH_EVERY) {
            self.simd
                .prefetch(self.filter.panels, at * SPLIT_INPUTS + line);
        }
    }

    /// Begins the sums at a place.
    #[inline(always)]
    fn start<const N: usize>(&self, place: &Place) {
        let bias = &self.filter.bias[place.c / 16..];
        self.tiles
            .start::<N>(bias.first_chunk().expect("a bias for every panel"));
    }

    /// Adds the products of a chunk; after each, vector units do something else.
    #[inline(always)]
    fn multiply_chunk<const N: usize>(
        &self,
        chunk: usize,
        split: &SplitRows,
        panels: &[&[SplitWeights]; N],
        mut meanwhile: Meanwhile<'_>,
        (late, share): (&mut Late, usize),
        y: &mut MapMut<'_>,
    ) {
        let weights = [&panels[0][chunk], &panels[N - 1][chunk]];
        let weights = weights.first_chunk::<N>().expect("N is 1 or 2");
        each!(i of products Product::ALL.len(), {
            self.tiles.multiply_add(Product::ALL[i], split, weights);
            if const { i + 1 < Product::ALL.len() } {
                late.finish(self, share, y);
            }
            match &mut meanwhile {
                Meanwhile::Split([block, chunk], pixels, to) => {
                    self.split_chunk(*block, &third(pixels, i), *chunk, to);
                }
                Meanwhile::Fetch(at) if i == 0 => self.fetch(*at),
                Meanwhile::Nothing | Meanwhile::Fetch(_) => {}
            }
        });
    }

    /// Ends the sums at a place: now they are late.
    #[inline(always)]
    fn store<const N: usize>(&self, place: Place, late: &mut Late, y: &mut MapMut<'_>) {
        late.finish(self, usize::MAX, y);
        self.tiles.store::<N>(&mut late.sums);
        late.pixels = 0..self.blocks.pixels(place.block).len();
        late.place = place;
    }

    /// What follows the sums of some pixels of a block, counted from its first: the addend, the activation, the output.
    #[inline(always)]
    fn finish(&self, place: &Place, pixels: &Range<usize>, sums: &Sums, y: &mut MapMut<'_>) {
        let first = self.blocks.pixels(place.block).start;
        for (pixels, at) in self.blocks.parts(pixels) {
            if pixels.is_empty() {
                continue;
            }
            let (p, sums) = (first + pixels.start, &sums[at..][..pixels.len()]);
            match place.lanes {
                32 => self.finish_panels::<2>(place, p, 32, sums, y),
                17.. => self.finish_panels::<2>(place, p, place.lanes, sums, y),
                _ => self.finish_panels::<1>(place, p, place.lanes, sums, y),
            }
        }
    }

    /// The same of N panels, which have so many channels, for neighbouring pixels of the window from its pixel `p` on.
    #[inline(always)]
    fn finish_panels<const N: usize>(
        &self,
        place: &Place,
        p: usize,
        lanes: usize,
        sums: &[[[f32; 16]; 2]],
        y: &mut MapMut<'_>,
    ) {
        // Copies, which nothing that is stored could change.
        let (simd, epilogue) = (self.simd, self.epilogue);
        let to = y.vectors(p, sums.len(), place.c - self.channels.start, lanes);
        // A loop for each kind: tiles wait for all instructions that stand between them.
        macro_rules! rows {
            (|$n:ident, $row:ident, $to:ident| $then:expr) => {
                for ($n, (sums, $to)) in sums.iter().zip(to).enumerate() {
                    let sums = sums.first_chunk::<N>().expect("N is 1 or 2");
                    let mut $row = [[simd.splat(0.0); N]];
                    each!(n of panels N, {
                        $row[0][n] = simd.load(&sums[n]);
                    });
                    $then;
                    tile::store(simd, &$row[0], $to);
                }
            };
        }
        match self.addend {
            None if epilogue.is_hard_swish() => {
                rows!(|_n, row, to| Epilogue::hard_swish(simd, &mut row))
            }
            None => rows!(|_n, row, to| epilogue.clamp(simd, &mut row)),
            Some(None) => rows!(|_n, row, to| {
                tile::add(simd, &mut row[0], to);
                epilogue.apply(simd, &mut row);
            }),
            Some(Some(map)) => {
                let map = &map[p * self.depth + place.c..];
                let from = Runs::new(map, self.depth, sums.len(), lanes);
                rows!(|n, row, to| {
                    tile::add(simd, &mut row[0], from.run(n));
                    epilogue.apply(simd, &mut row);
                });
            }
        }
    }
}

/// What of these pixels is split after the `i`-th product.
#[inline(always)]
fn third(pixels: &Range<usize>, i: usize) -> Range<usize> {
    let length = pixels.len().div_ceil(Product::ALL.len());
    let start = (pixels.start + i * length).min(pixels.end);
    start..(start + length).min(pixels.end)
}

/// Sums that were made last, of which these pixels, counted from the block's first, are not finished yet. The sums come
/// first, at a multiple of a line's length: no row of them is in two lines.
#[repr(C, align(64))]
struct Late {
    sums: Sums,
    place: Place,
    pixels: Range<usize>,
}

impl Late {
    /// How many pixels are to be finished after each product but the last of every chunk: what stands between the very last
    /// and the next sums, tiles wait for.
    #[inline(always)]
    fn share(&self, chunks: usize) -> usize {
        self.pixels
            .len()
            .div_ceil((Product::ALL.len() - 1) * chunks)
    }

    /// Finishes so many pixels, if that many are left.
    #[inline(always)]
    fn finish<S: Simd>(&mut self, work: &Work<'_, S>, count: usize, y: &mut MapMut<'_>) {
        let Range { start, end } = self.pixels;
        let stop = start + count.min(end - start);
        work.finish(&self.place, &(start..stop), &self.sums, y);
        self.pixels.start = stop;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_in_one_tile() {
        for pixels in 1..400 {
            let blocks = Blocks::of(pixels);
            assert!(blocks.rows <= 16);
            let mut next = 0;
            for block in 0..blocks.count {
                let mine = blocks.pixels(block);
                assert_eq!(mine.start, next, "{pixels}: {block}");
                assert!(!mine.is_empty(), "{pixels}: {block}");
                next = mine.end;
            }
            assert_eq!(next, pixels);
            assert!(blocks.pixels(blocks.count).is_empty());
        }
    }

    #[test]
    fn a_blocks_pixels_lie_in_its_tiles_rows() {
        for pixels in 1..33 {
            let blocks = Blocks::of(pixels);
            for first in 0..pixels {
                for end in first..=pixels {
                    let mut next = first;
                    for (part, place) in blocks.parts(&(first..end)) {
                        assert_eq!(part.start, next);
                        next = part.end;
                        for (n, pixel) in part.enumerate() {
                            let (tile, row) = (pixel / blocks.rows, pixel % blocks.rows);
                            assert_eq!(place + n, 16 * tile + row, "{pixels}: {pixel}");
                        }
                    }
                    assert_eq!(next, end);
                }
            }
        }
    }

    #[test]
    fn seven_by_seven_and_fourteen_by_fourteen_pixels_lose_little() {
        assert_eq!((Blocks::of(49).rows, Blocks::of(49).count), (13, 2));
        assert_eq!((Blocks::of(196).rows, Blocks::of(196).count), (14, 7));
    }
}
