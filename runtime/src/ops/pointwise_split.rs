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
use crate::simd::{Level, Product, Simd, SplitRows, Sums, Tiles};
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
fn whole<S: Simd>(simd: S, highs: &[f32; 16], lows: &[f32; 16]) -> [S::V; 2] {
    const UPPER: u32 = 0xFFFF_0000;
    let (mut first, mut second) = ([0.0; 16], [0.0; 16]);
    for lane in 0..16 {
        let (high, low) = (highs[lane].to_bits(), lows[lane].to_bits());
        first[lane] = f32::from_bits(high << 16) + f32::from_bits(low << 16);
        second[lane] = f32::from_bits(high & UPPER) + f32::from_bits(low & UPPER);
    }
    [simd.load(&first), simd.load(&second)]
}

/// How the window's pixels lie in tiles: tiles in pairs (a block), all of the same number of rows, as even as can be. The
/// last may begin before the one before it ends; what both have is stored by the first.
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

    /// The first pixel of a tile.
    #[inline(always)]
    fn start(self, tile: usize) -> usize {
        (tile * self.rows).min(self.pixels - self.rows)
    }

    /// The tile of a block, and the row of it, that row `row` of the block is.
    #[inline(always)]
    fn row(self, row: usize) -> (usize, usize) {
        if row < self.rows {
            (0, row)
        } else {
            (1, row - self.rows)
        }
    }

    /// How many of its pixels an earlier tile has.
    #[inline(always)]
    fn shared(self, tile: usize) -> usize {
        (tile * self.rows).min(self.pixels) - self.start(tile)
    }
}

/// The same on tiles.
///
/// ```text
///            k: chunks of 32 inputs       n: pairs of panels
///          +----+----+----+              +----+----+----+
///  block 0 |    split     |  x  weights  |    |    |    |   the sums of a block by a pair of panels stay in tiles
///          +----+----+----+              +----+----+----+
///  block 1 |              |   split while block 0 is multiplied, some rows after each product
///          +--------------+
/// ```
/// Tiles multiply for a hundred cycles and more what one instruction asks for, and the CPU looks only some instructions
/// ahead: what vector units do meanwhile has to stand between the products, in small pieces. That is the splitting of the
/// next block, and what is left to do of the sums that were made before. The weights of a map of two blocks come from
/// farther away than tiles can wait for, so each pair of panels is brought nearer while both blocks are multiplied by the
/// one before.
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
        rows: 0..0,
        place: Place {
            block: 0,
            c: channels.start,
            lanes: 0,
        },
    };
    let pairs = (channels.end - channels.start).div_ceil(32);
    let all = 2 * blocks.rows;
    tiles.open(blocks.rows);
    work.split(0, 0..all, now);
    if blocks.count == 2 {
        work.split(1, 0..all, next);
        for pair in 0..pairs {
            for (block, split) in [&*now, &*next].into_iter().enumerate() {
                let place = Place::new(&channels, block, pair);
                work.multiply(place, split, Meanwhile::Fetch, &mut late, y);
            }
        }
    } else {
        // The rows of the next block that are split at each pair.
        let slice = all.div_ceil(pairs);
        for block in 0..blocks.count {
            for pair in 0..pairs {
                let place = Place::new(&channels, block, pair);
                let meanwhile = if block + 1 < blocks.count {
                    let rows = (slice * pair).min(all)..(slice * (pair + 1)).min(all);
                    Meanwhile::Split(rows, &mut *next)
                } else {
                    Meanwhile::Nothing
                };
                work.multiply(place, now, meanwhile, &mut late, y);
            }
            (now, next) = (next, now);
        }
    }
    tiles.close();
    late.finish(&work, all, y);
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

/// What vector units do while tiles multiply, besides finishing sums.
enum Meanwhile<'a> {
    Nothing,
    /// They split these rows of the next block.
    Split(Range<usize>, &'a mut [SplitRows]),
    /// They ask for the weights of the next pair of panels: one while the first block is multiplied, the other while the
    /// second is.
    Fetch,
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
    /// Splits these rows of a block, every chunk.
    #[inline(always)]
    fn split(&self, block: usize, rows: Range<usize>, to: &mut [SplitRows]) {
        for (chunk, to) in to.iter_mut().enumerate() {
            self.split_chunk(block, &rows, chunk, to);
        }
    }

    #[inline(always)]
    fn split_chunk(&self, block: usize, rows: &Range<usize>, chunk: usize, to: &mut SplitRows) {
        let length = (self.k - chunk * SPLIT_INPUTS).min(SPLIT_INPUTS);
        let [highs, lows] = to;
        for tile in 0..2 {
            let before = tile * self.blocks.rows;
            let from = rows.start.max(before) - before;
            let to = (rows.end.max(before) - before).min(self.blocks.rows);
            let start = self.blocks.start(2 * block + tile);
            for row in from..to {
                let x = &self.x[(start + row) * self.k + chunk * SPLIT_INPUTS..][..length];
                let at = (16 * tile + row) % 32;
                self.tiles.split(x, &mut highs[at], &mut lows[at]);
            }
        }
    }

    /// The sums at a place.
    #[inline(always)]
    fn multiply(
        &self,
        place: Place,
        split: &[SplitRows],
        meanwhile: Meanwhile<'_>,
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
        mut meanwhile: Meanwhile<'_>,
        late: &mut Late,
        y: &mut MapMut<'_>,
    ) {
        let chunks = split.len();
        let weights = self.filter.panels.as_chunks::<SPLIT_INPUTS>().0;
        let weights = &weights[place.c / 16 * chunks..];
        let (first, last) = (&weights[..chunks], &weights[(N - 1) * chunks..][..chunks]);
        let bias = &self.filter.bias[place.c / 16..];
        let bias = bias.first_chunk::<N>().expect("a bias for every panel");
        self.tiles.start(bias);
        let all = 2 * self.blocks.rows;
        // As many pieces of late rows are finished after each product as are left for it.
        let pieces = 2 * (self.blocks.rows / TOGETHER + self.blocks.rows % TOGETHER);
        let pieces = pieces.div_ceil(Product::ALL.len() * chunks);
        for chunk in 0..chunks {
            let panels = [&first[chunk], &last[chunk]];
            let panels = panels.first_chunk::<N>().expect("N is 1 or 2");
            for (i, product) in Product::ALL.into_iter().enumerate() {
                self.tiles.multiply_add(product, &split[chunk], panels);
                late.finish(self, pieces, y);
                match &mut meanwhile {
                    Meanwhile::Nothing => {}
                    Meanwhile::Split(rows, to) => {
                        let third = rows.len().div_ceil(Product::ALL.len());
                        let start = (rows.start + i * third).min(rows.end);
                        let rows = start..(start + third).min(rows.end);
                        self.split_chunk(place.block + 1, &rows, chunk, &mut to[chunk]);
                    }
                    Meanwhile::Fetch if i == 0 => {
                        let ahead = (2 + place.block) * chunks + chunk;
                        for line in (0..SPLIT_INPUTS).step_by(FETCH_EVERY) {
                            self.simd
                                .prefetch(weights.as_flattened(), ahead * SPLIT_INPUTS + line);
                        }
                    }
                    Meanwhile::Fetch => {}
                }
            }
        }
        late.finish(self, all, y);
        self.tiles.store::<N>(&mut late.sums);
        late.place = place;
        late.rows = 0..all;
    }

    /// A piece of late rows: what follows the sums of up to [`TOGETHER`] rows of a block from `row` on: the addend, the activation, the output.
    /// Returns the row behind the last.
    #[inline(always)]
    fn finish(&self, place: &Place, row: usize, sums: &Sums, y: &mut MapMut<'_>) -> usize {
        let (tile, first) = self.blocks.row(row);
        let number = 2 * place.block + tile;
        let skipped = self.blocks.shared(number).saturating_sub(first);
        if skipped > 0 {
            return row + skipped;
        }
        let p = self.blocks.start(number) + first;
        let sums = &sums[16 * tile + first..];
        match sums.first_chunk::<TOGETHER>() {
            Some(sums) if first + TOGETHER <= self.blocks.rows => {
                self.finish_rows(place, p, sums, y);
                row + TOGETHER
            }
            _ => {
                self.finish_rows(place, p, &[sums[0]], y);
                row + 1
            }
        }
    }

    /// The same of R rows, which are the window's pixels from `p` on.
    #[inline(always)]
    fn finish_rows<const R: usize>(
        &self,
        place: &Place,
        p: usize,
        sums: &[[[f32; 16]; 2]; R],
        y: &mut MapMut<'_>,
    ) {
        match place.lanes {
            32 => self.finish_panels::<R, 2>(place, p, 32, sums, y),
            17.. => self.finish_panels::<R, 2>(place, p, place.lanes, sums, y),
            _ => self.finish_panels::<R, 1>(place, p, place.lanes, sums, y),
        }
    }

    /// The same of N panels, which have so many channels.
    #[inline(always)]
    fn finish_panels<const R: usize, const N: usize>(
        &self,
        place: &Place,
        p: usize,
        lanes: usize,
        sums: &[[[f32; 16]; 2]; R],
        y: &mut MapMut<'_>,
    ) {
        let simd = self.simd;
        let mut to = y.vectors(p, R, place.c - self.channels.start, lanes);
        let mut tile = [[simd.splat(0.0); N]; R];
        each!(r of rows R, {
            let sums = sums[r].first_chunk::<N>().expect("N is 1 or 2");
            each!(n of panels N, {
                tile[r][n] = simd.load(&sums[n]);
            });
        });
        match self.addend {
            None => {}
            Some(None) => {
                each!(r of rows R, {
                    tile::add(simd, &mut tile[r], to.get(r));
                });
            }
            Some(Some(map)) => {
                let from = Runs::new(&map[p * self.depth + place.c..], self.depth, R, lanes);
                each!(r of rows R, {
                    tile::add(simd, &mut tile[r], from.run(r));
                });
            }
        }
        self.epilogue.apply(simd, &mut tile);
        each!(r of rows R, {
            tile::store(simd, &tile[r], to.get(r));
        });
    }
}

/// Rows that are finished in one piece.
const TOGETHER: usize = 4;

/// Sums that were made last, of which these rows are not finished yet.
struct Late {
    sums: Sums,
    rows: Range<usize>,
    place: Place,
}

impl Late {
    /// Finishes so many pieces of rows, if that many are left.
    #[inline(always)]
    fn finish<S: Simd>(&mut self, work: &Work<'_, S>, pieces: usize, y: &mut MapMut<'_>) {
        for _ in 0..pieces {
            if self.rows.is_empty() {
                break;
            }
            self.rows.start = work.finish(&self.place, self.rows.start, &self.sums, y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_stored_by_one_tile() {
        for pixels in 1..400 {
            let blocks = Blocks::of(pixels);
            assert!(blocks.rows <= 16);
            let mut next = 0;
            for tile in 0..2 * blocks.count {
                let shared = blocks.shared(tile);
                if shared < blocks.rows {
                    assert_eq!(blocks.start(tile) + shared, next, "{pixels}: {tile}");
                }
                next += blocks.rows - shared;
            }
            assert_eq!(next, pixels);
        }
    }

    #[test]
    fn seven_by_seven_and_fourteen_by_fourteen_pixels_lose_little() {
        assert_eq!((Blocks::of(49).rows, Blocks::of(49).count), (13, 2));
        assert_eq!((Blocks::of(196).rows, Blocks::of(196).count), (14, 7));
    }
}
