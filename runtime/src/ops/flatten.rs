//! All elements of a map as the channels of one pixel.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::simd::Level;

/// y[(c H + i) W + j] = x[i, j, c]: PyTorch's order, in which whatever follows counts the elements.
///
/// x: (h, w, c)   y: (1, 1, c h w)
///
/// # Panics
/// When y is not one pixel with as many channels as x has elements.
#[inline]
pub fn flatten<L: Level>(_cx: Cx<'_, L>, x: Map<'_>, y: &mut MapMut<'_>) {
    let (pixels, channels) = (x.height() * x.width(), x.channels());
    assert!(
        y.shape() == [1, 1, pixels * channels],
        "flattening makes one pixel of all elements"
    );
    if y.window_rows().is_empty() {
        return;
    }
    let first = y.window_channels().start;
    for (n, out) in y.pixel(0).iter_mut().enumerate() {
        let (c, p) = ((first + n) / pixels, (first + n) % pixels);
        *out = x.data()[p * channels + c];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Scalar;
    use crate::weights::Weights;

    #[test]
    fn channels_come_first_and_windows_keep_their_place() {
        // 1 x 2 pixels of 3 channels.
        let x = [1.0, 2.0, 3.0, 10.0, 20.0, 30.0];
        let cx = Cx::new(Scalar::new(), Weights::none());
        let mut y = [0.0; 6];
        flatten(cx, Map::new(&x, 1, 2, 3), &mut MapMut::new(&mut y, 1, 1, 6));
        assert_eq!(y, [1.0, 10.0, 2.0, 20.0, 3.0, 30.0]);
    }

    #[test]
    fn a_window_of_channels_is_filled_and_nothing_else() {
        let x: [f32; 34] = core::array::from_fn(|i| i as f32);
        let cx = Cx::new(Scalar::new(), Weights::none());
        let mut y = [-1.0; 34];
        let mut window = MapMut::new(&mut y, 1, 1, 34).channels(16..34);
        flatten(cx, Map::new(&x, 1, 2, 17), &mut window);
        assert!(y[..16].iter().all(|v| *v == -1.0));
        let expected = (16..34).map(|i| ((i % 2) * 17 + i / 2) as f32);
        assert!(y[16..].iter().copied().eq(expected));
    }
}
