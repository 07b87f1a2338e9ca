//! Matrix tiles: what a level with a matrix unit offers besides vectors, for products of numbers split in two.
//!
//! A float x is split into two of 16 bits: `high`, which is x rounded to eight bits, and `low`, which is what is left, rounded
//! likewise. The product of two such numbers is taken as three products of halves, summed in f32; the
//! fourth, of both lows, is below the last bits that are kept.
//! Never: knows what a layer is.

/// 32 inputs of 2 x 16 pixels (rows): all highs, then all lows. A word holds two halves: that of input j and, in its upper
/// 16 bits, that of input 16 + j. Words are bits, and floats in type only.
pub(crate) type SplitRows = [[[f32; 16]; 32]; 2];

/// The weights of 32 inputs for 16 outputs, split likewise: 16 rows of highs, 16 of lows. See [`pack`](crate::pack).
pub(crate) type SplitWeights = [[f32; 16]; 32];

/// Sums of 2 x 16 pixels by two panels of outputs.
pub(crate) type Sums = [[[f32; 16]; 2]; 32];

/// The products of halves that are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    LowByHigh,
    HighByHigh,
    HighByLow,
}

impl Product {
    /// All, in their order: each finds in the matrix unit what the one before it left there.
    pub(crate) const ALL: [Self; 3] = [Self::LowByHigh, Self::HighByHigh, Self::HighByLow];
}

/// A matrix unit. It holds one block of sums, of 2 x `rows` pixels by N panels (one or two), between [`start`] and [`store`].
///
/// [`start`]: Tiles::start
/// [`store`]: Tiles::store
pub(crate) trait Tiles: Copy {
    /// Makes the unit this thread's, for tiles of `rows` pixels, at most 16.
    fn open(self, rows: usize);
    /// Gives the unit back.
    fn close(self);
    /// Splits up to 32 floats into a row of highs and one of lows; zeros behind the last.
    fn split(self, x: &[f32], high: &mut [f32; 16], low: &mut [f32; 16]);
    /// Sets the sums of every pixel to the bias of N panels.
    fn start<const N: usize>(self, bias: &[[f32; 16]; N]);
    /// Adds one of the products (pixels by weights) of 32 inputs. Of the same 32, [all](Product::ALL) follow each other.
    fn multiply_add<const N: usize>(
        self,
        product: Product,
        x: &SplitRows,
        weights: &[&SplitWeights; N],
    );
    /// Writes the sums of `rows` pixels from the first on, and of as many from the 16th on.
    fn store<const N: usize>(self, sums: &mut Sums);
}

/// No matrix unit: there is no value of this type.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NoTiles {}

impl Tiles for NoTiles {
    fn open(self, _rows: usize) {
        match self {}
    }

    fn close(self) {
        match self {}
    }

    fn split(self, _x: &[f32], _high: &mut [f32; 16], _low: &mut [f32; 16]) {
        match self {}
    }

    fn start<const N: usize>(self, _bias: &[[f32; 16]; N]) {
        match self {}
    }

    fn multiply_add<const N: usize>(
        self,
        _product: Product,
        _x: &SplitRows,
        _weights: &[&SplitWeights; N],
    ) {
        match self {}
    }

    fn store<const N: usize>(self, _sums: &mut Sums) {
        match self {}
    }
}
