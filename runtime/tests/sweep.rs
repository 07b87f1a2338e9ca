//! Every kernel in the list, on every level this CPU has, against the oracle: sizes around every tile edge, every
//! stride and padding, slices off their alignment, guard words around outputs, windows of outputs, NaN and -0.
//! How exact a kernel must be stands beside it in the list.

#![expect(
    clippy::print_stdout,
    reason = "says what was swept and what this CPU cannot"
)]

use mnetc_runtime::kernels::{Accuracy, KERNELS, KernelInfo, Op, RELAXED};
use mnetc_runtime::*;

const ACTIVATIONS: [Activation; 7] = [
    Activation::Identity,
    Activation::Relu,
    Activation::Relu6,
    Activation::HardSwish,
    Activation::HardSigmoid,
    Activation::Sigmoid,
    Activation::Swish,
];

/// Fills guard words and whatever a kernel has no business with: a NaN no kernel makes.
const SENTINEL: u32 = 0x7FC5_A5A5;
/// Floats of guard before and behind an output.
const GUARD: usize = 33;

/// splitmix64
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    /// In [-2, 2), now and then a zero of either sign.
    fn value(&mut self) -> f32 {
        let bits = self.next();
        match bits % 32 {
            0 => 0.0,
            1 => -0.0,
            _ => (bits >> 40) as f32 / (1 << 22) as f32 - 2.0,
        }
    }

    fn values(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.value()).collect()
    }
}

/// Floats that start one float off their allocation.
struct Shifted(Vec<f32>);

impl Shifted {
    fn new(values: &[f32]) -> Self {
        Self([0.0].iter().chain(values).copied().collect())
    }

    fn get(&self) -> &[f32] {
        &self.0[1..]
    }
}

/// A kernel on the level it is swept on.
struct Sweep {
    info: KernelInfo,
    level: AnyLevel,
    cases: usize,
}

/// What a kernel is to make, and what was there before.
struct Expected<'a> {
    shape: [usize; 3],
    values: &'a [f64],
    before: Option<&'a [f32]>,
    /// Whether the kernel may be asked for some channels only, some rows only.
    channel_windows: bool,
    row_windows: bool,
}

impl<'a> Expected<'a> {
    fn new(shape: [usize; 3], values: &'a [f64]) -> Self {
        Self {
            shape,
            values,
            before: None,
            channel_windows: true,
            row_windows: true,
        }
    }
}

impl Sweep {
    /// Runs a case for the whole map and for windows of it.
    fn check(&mut self, case: &str, expected: &Expected<'_>, run: impl Fn(&mut MapMut<'_>)) {
        self.cases += 1;
        let name = self.info.name;
        let [h, w, c] = expected.shape;
        let whole = guarded(expected, &run, 0..h, 0..c);
        let largest = expected
            .values
            .iter()
            .filter(|v| !v.is_nan())
            .fold(0.0, |a: f64, b| a.max(b.abs()));
        for (at, (got, wanted)) in whole[GUARD..].iter().zip(expected.values).enumerate() {
            assert!(
                self.info.accuracy.allows(*got, *wanted, largest),
                "{name}: {case}: ({}, {}, {}) is {got}, should be {wanted} (largest {largest})",
                at / c / w,
                at / c % w,
                at % c,
            );
        }
        let mut windows = Vec::new();
        if expected.row_windows {
            windows.extend([(0..h / 2, 0..c), (h / 2..h, 0..c), (h - 1..h, 0..c)]);
        }
        if expected.channel_windows && c > 16 {
            windows.extend([
                (0..h, 0..16),
                (0..h, 16..c),
                (h / 3..h, c.div_ceil(16) * 16 - 16..c),
            ]);
        }
        for (rows, channels) in windows {
            let part = guarded(expected, &run, rows.clone(), channels.clone());
            for at in 0..h * w * c {
                let inside = rows.contains(&(at / c / w)) && channels.contains(&(at % c));
                let value = expected.values[at];
                if RELAXED && inside && (value.is_nan() || value == 0.0) {
                    continue;
                }
                let wanted = match (inside, expected.before) {
                    (true, _) => whole[GUARD + at].to_bits(),
                    (false, Some(before)) => before[at].to_bits(),
                    (false, None) => SENTINEL,
                };
                assert_eq!(
                    part[GUARD + at].to_bits(),
                    wanted,
                    "{name}: {case}: rows {rows:?}, channels {channels:?}: element {at}"
                );
            }
        }
    }
}

/// Runs for a window of an output between guard words, one float off its alignment, and checks the guards.
fn guarded(
    expected: &Expected<'_>,
    run: impl Fn(&mut MapMut<'_>),
    rows: core::ops::Range<usize>,
    channels: core::ops::Range<usize>,
) -> Vec<f32> {
    let [h, w, c] = expected.shape;
    let length = h * w * c;
    let mut memory = vec![f32::from_bits(SENTINEL); length + 2 * GUARD];
    if let Some(before) = expected.before {
        memory[GUARD..GUARD + length].copy_from_slice(before);
    }
    run(
        &mut MapMut::new(&mut memory[GUARD..GUARD + length], h, w, c)
            .rows(rows)
            .channels(channels),
    );
    let guards = memory[..GUARD].iter().chain(&memory[GUARD + length..]);
    assert!(
        guards.into_iter().all(|word| word.to_bits() == SENTINEL),
        "a guard word was written"
    );
    memory
}

struct Layer {
    weight: Vec<f32>,
    bias: Vec<f32>,
    panels: Vec<[f32; 16]>,
    bias_panels: Vec<[f32; 16]>,
}

impl Layer {
    fn filter(&self) -> Filter<'_> {
        Filter::new(&self.bias_panels, &self.panels)
    }

    fn conv(random: &mut Random, o: usize, i: usize, [kh, kw]: [usize; 2], groups: usize) -> Self {
        // As trained ones are: sums stay of ordinary size, so that activations neither saturate nor hide errors.
        let fan_in = i / groups * kh * kw;
        let scale = 1.0 / (fan_in as f32).sqrt();
        let weight: Vec<f32> = (0..o * fan_in).map(|_| random.value() * scale).collect();
        let bias = random.values(o);
        let mut panels = vec![[0.0; 16]; pack::conv_panels(o, i, kh, kw, groups)];
        pack::conv(&weight, o, i, kh, kw, groups, &mut panels);
        let mut bias_panels = vec![[0.0; 16]; pack::conv_bias_panels(o, groups)];
        pack::conv_bias(&bias, groups, &mut bias_panels);
        Self {
            weight,
            bias,
            panels,
            bias_panels,
        }
    }

    fn linear(random: &mut Random, o: usize, i: usize) -> Self {
        Self::conv(random, o, i, [1, 1], 1)
    }

    /// With weights of 24 bits.
    fn linear_f24(random: &mut Random, o: usize, i: usize) -> Self {
        let mut layer = Self::linear(random, o, i);
        for weight in &mut layer.weight {
            let bits = weight.to_bits();
            *weight = f32::from_bits((bits + 0x7F + (bits >> 8 & 1)) & !0xFF);
        }
        layer.panels = vec![[0.0; 16]; pack::linear_f24_panels(o, i)];
        pack::linear_f24(&layer.weight, o, i, &mut layer.panels);
        layer
    }

    fn pointwise(random: &mut Random, o: usize, i: usize) -> Self {
        let mut layer = Self::linear(random, o, i);
        layer.panels = vec![[0.0; 16]; pack::pointwise_panels(o, i)];
        pack::pointwise(&layer.weight, o, i, &mut layer.panels);
        layer
    }

    fn depthwise(random: &mut Random, c: usize, [kh, kw]: [usize; 2]) -> Self {
        let Self {
            weight,
            bias,
            bias_panels,
            ..
        } = Self::conv(random, c, 1, [kh, kw], 1);
        let mut panels = vec![[0.0; 16]; pack::depthwise_panels(c, kh, kw)];
        pack::depthwise(&weight, c, kh, kw, &mut panels);
        Self {
            weight,
            bias,
            panels,
            bias_panels,
        }
    }
}

macro_rules! on {
    ($level:expr, |$cx:ident| $call:expr) => {
        dispatch!($level, |level| {
            let $cx = Cx::new(level, Weights::none());
            $call
        })
    };
}

fn pointwise_cases(sweep: &mut Sweep, random: &mut Random) {
    let (&[rows, panels] | &[rows, _, panels]) = sweep.info.constants else {
        panic!("pixels, panels")
    };
    let level = sweep.level;
    let wide = 16 * panels;
    let ends_with_half = sweep.info.constants.len() == 3;
    let (avx512, widths) = if ends_with_half {
        (Avx512Tile::WITH_HALF, vec![wide + 1, wide + 7, wide + 8])
    } else {
        let widths = [1, 15, 16, 17, 24, wide - 1, wide, wide + 1, 2 * wide + 3];
        (Avx512Tile::ALL, widths.to_vec())
    };
    let avx512 = avx512.iter().find(|t| t.info().channels / 16 == panels);
    let tile = Tile::new(*avx512.expect("a tile of that width"), Avx2Tile::R6x16);
    let mut turn = 0;
    for m in [1, 2, rows - 1, rows, rows + 1, 2 * rows + 3, 49] {
        for &n in &widths {
            for k in [1, 3, 16, 35] {
                turn += 1;
                let act = ACTIVATIONS[turn % 7];
                let [h, w] = if m % 2 == 0 { [2, m / 2] } else { [m, 1] };
                let layer = Layer::pointwise(random, n, k);
                let mut x = random.values(m * k);
                if turn % 5 == 0 {
                    x[(m - 1) * k + k / 2] = f32::NAN;
                }
                let skip = random.values(m * n);
                let (x, mut y) = (Shifted::new(&x), vec![0.0; m * n]);
                let map = Map::new(x.get(), h, w, k);
                let case = format!("{h}x{w}, {k} -> {n}, {act:?}");

                naive::pointwise(act, x.get(), &layer.weight, &layer.bias, None, &mut y);
                sweep.check(&case, &Expected::new([h, w, n], &y), |y| {
                    on!(level, |cx| pointwise(cx, tile, act, map, layer.filter(), y));
                });

                naive::pointwise(
                    act,
                    x.get(),
                    &layer.weight,
                    &layer.bias,
                    Some(&skip),
                    &mut y,
                );
                let other = Shifted::new(&skip);
                sweep.check(
                    &format!("{case}, residual"),
                    &Expected::new([h, w, n], &y),
                    |y| {
                        let skip = Map::new(other.get(), h, w, n);
                        on!(level, |cx| pointwise_residual(
                            cx,
                            tile,
                            act,
                            map,
                            layer.filter(),
                            skip,
                            y
                        ));
                    },
                );
                let expected = Expected {
                    before: Some(&skip),
                    ..Expected::new([h, w, n], &y)
                };
                sweep.check(&format!("{case}, accumulate"), &expected, |y| {
                    on!(level, |cx| pointwise_accumulate(
                        cx,
                        tile,
                        act,
                        map,
                        layer.filter(),
                        y
                    ));
                });
            }
        }
    }
}

/// On this level's vectors, and, where the level has them, on tiles: sizes around the edges of both.
fn pointwise_split_cases(sweep: &mut Sweep, random: &mut Random) {
    let mut turn = 0;
    for m in [1, 2, 13, 14, 15, 16, 17, 31, 32, 33, 49, 64, 65, 99] {
        for n in [1, 15, 16, 17, 24, 31, 32, 33, 48, 83] {
            for k in [1, 3, 16, 32, 35, 64, 96, 97] {
                turn += 1;
                if turn % 3 != 0 && n * k > 32 * 32 {
                    continue;
                }
                split_case(sweep, random, turn, [m, n, k]);
            }
        }
    }
}

fn split_case(sweep: &mut Sweep, random: &mut Random, turn: usize, [m, n, k]: [usize; 3]) {
    let level = sweep.level;
    let act = ACTIVATIONS[turn % 7];
    let [h, w] = if m % 2 == 0 { [2, m / 2] } else { [m, 1] };
    let mut layer = Layer::linear(random, n, k);
    layer.panels = vec![[0.0; 16]; pack::pointwise_split_panels(n, k)];
    pack::pointwise_split(&layer.weight, n, k, &mut layer.panels);
    let mut x = random.values(m * k);
    match turn % 5 {
        0 => x[(m - 1) * k + k / 2] = f32::NAN,
        // Rounding carries its bits of fraction away.
        1 => x[k / 2] = f32::from_bits(0x7FFF_FFFF),
        _ => {}
    }
    let skip = random.values(m * n);
    let (x, mut y) = (Shifted::new(&x), vec![0.0; m * n]);
    let map = Map::new(x.get(), h, w, k);
    let case = format!("{h}x{w}, {k} -> {n}, {act:?}");
    // Whatever the kernel left there before.
    let floats = 3 * pointwise_split_scratch(k);
    let scratch = || vec![f32::NAN; floats];

    naive::pointwise(act, x.get(), &layer.weight, &layer.bias, None, &mut y);
    sweep.check(&case, &Expected::new([h, w, n], &y), |y| {
        let mut scratch = scratch();
        let scratch = &mut MapMut::new(&mut scratch, 1, 1, floats);
        on!(level, |cx| pointwise_split(
            cx,
            act,
            map,
            layer.filter(),
            scratch,
            y
        ));
    });

    let addend = Some(&skip[..]);
    naive::pointwise(act, x.get(), &layer.weight, &layer.bias, addend, &mut y);
    let (case, other) = (format!("{case}, residual"), Shifted::new(&skip));
    sweep.check(&case, &Expected::new([h, w, n], &y), |y| {
        let skip = Map::new(other.get(), h, w, n);
        let mut scratch = scratch();
        let scratch = &mut MapMut::new(&mut scratch, 1, 1, floats);
        on!(level, |cx| pointwise_split_residual(
            cx,
            act,
            map,
            layer.filter(),
            skip,
            scratch,
            y
        ));
    });
    let expected = Expected {
        before: Some(&skip),
        ..Expected::new([h, w, n], &y)
    };
    sweep.check(&format!("{case}, accumulate"), &expected, |y| {
        let mut scratch = scratch();
        let scratch = &mut MapMut::new(&mut scratch, 1, 1, floats);
        on!(level, |cx| pointwise_split_accumulate(
            cx,
            act,
            map,
            layer.filter(),
            scratch,
            y
        ));
    });
}

/// Paddings around a kernel that reaches over `span` pixels: none, as if the map were larger, TensorFlow's, one side
/// only, and so much that whole windows lie in it.
fn paddings([down, right]: [usize; 2]) -> [[usize; 4]; 6] {
    let (a, b) = ((down - 1) / 2, (right - 1) / 2);
    [
        [0; 4],
        [a, b, a, b],
        [0, 0, 1, 1],
        [a, 0, 0, b],
        [0, b, a, 0],
        [down, right, down + 1, right + 1],
    ]
}

fn span(window: &Window) -> [usize; 2] {
    [0, 1].map(|axis| (window.kernel[axis] - 1) * window.dilation[axis] + 1)
}

fn fits(window: &Window, height: usize, width: usize) -> bool {
    let ([down, right], [top, left, bottom, end]) = (span(window), window.padding);
    down <= height + top + bottom && right <= width + left + end
}

/// Kernel sizes, strides and dilations that no fixed kernel is for, and some that one is for.
fn odd_windows() -> Vec<Window> {
    let base = Window::new(3, 3);
    vec![
        Window::new(1, 1),
        Window::new(2, 4),
        Window::new(9, 9),
        base.stride(3),
        base.dilation(2),
        base.stride(2).dilation(3),
        Window {
            stride: [1, 2],
            ..base
        },
        Window {
            dilation: [2, 1],
            stride: [2, 1],
            ..Window::new(5, 3)
        },
    ]
}

fn depthwise_cases(sweep: &mut Sweep, random: &mut Random) {
    let (windows, tile) = match *sweep.info.constants {
        [k, stride, _, tile, _] => (vec![Window::square(k).stride(stride)], tile),
        [] => (odd_windows(), 1),
        _ => panic!("kernel, stride, rows, pixels, fewer pixels"),
    };
    let level = sweep.level;
    let mut turn = 0;
    for window in windows {
        let stride = window.stride[1];
        for padding in paddings(span(&window)) {
            let window = window.padding(padding);
            for [h, w] in [
                [1, 1],
                [2, 3],
                [3, 2],
                [7, 7],
                [5, tile.max(2) - 1],
                [5, 5 * stride],
                [2, 10 * stride],
                [4, tile * stride + 1],
                [9, 2 * tile * stride + 3],
                [3, 3 * tile * stride + 2],
            ] {
                if !fits(&window, h, w) {
                    continue;
                }
                for c in [1, 15, 16, 17, 40] {
                    turn += 1;
                    let act = ACTIVATIONS[turn % 7];
                    let layer = Layer::depthwise(random, c, window.kernel);
                    let mut x = random.values(h * w * c);
                    if turn % 3 == 0 {
                        // An infinity beside padding stays one: padding adds nothing, not 0 * infinity.
                        let bounded = matches!(
                            act,
                            Activation::Identity | Activation::Relu | Activation::Relu6
                        );
                        let odd = if bounded { f32::INFINITY } else { f32::NAN };
                        x[(h / 2 * w + w / 2) * c + c / 2] = odd;
                    }
                    let x = Shifted::new(&x);
                    let [height, width] = window.output(h, w);
                    let mut y = vec![0.0; height * width * c];
                    naive::depthwise(
                        window,
                        act,
                        x.get(),
                        [h, w, c],
                        &layer.weight,
                        &layer.bias,
                        &mut y,
                    );
                    sweep.check(
                        &format!("{h}x{w}x{c}, {window:?}, {act:?}"),
                        &Expected::new([height, width, c], &y),
                        |y| {
                            let x = Map::new(x.get(), h, w, c);
                            on!(level, |cx| depthwise(cx, window, act, x, layer.filter(), y));
                        },
                    );
                }
            }
        }
    }
}

fn conv_cases(sweep: &mut Sweep, random: &mut Random) {
    let (windows, rows, panels) = match *sweep.info.constants {
        [rows, panels] => {
            let mut windows = odd_windows();
            windows.extend([Window::square(3), Window::square(5).stride(2)]);
            (windows, rows, panels)
        }
        [k, stride, rows, panels] => (vec![Window::square(k).stride(stride)], rows, panels),
        _ => panic!("pixels, panels or kernel, stride, pixels, panels"),
    };
    let level = sweep.level;
    let mut turn = 0;
    for window in windows {
        for padding in paddings(span(&window)) {
            let window = window.padding(padding);
            for [h, w] in [
                [1, 1],
                [3, 4],
                [6, 9],
                [5, rows * window.stride[1] + 1],
                [4, 2 * rows + 5],
                [7, 2 * rows * window.stride[1]],
                [4, 31],
            ] {
                if !fits(&window, h, w) {
                    continue;
                }
                for (i, o, groups) in [
                    (1, 1, 1),
                    (3, 16, 1),
                    (3, 17, 1),
                    (3, 40, 1),
                    (4, 16 * panels + 3, 1),
                    (6, 34, 2),
                    (3, 3, 3),
                ] {
                    turn += 1;
                    let act = ACTIVATIONS[turn % 7];
                    let layer = Layer::conv(random, o, i, window.kernel, groups);
                    let mut x = random.values(h * w * i);
                    if turn % 3 == 0 {
                        x[(h / 2 * w + w / 2) * i] = f32::NAN;
                    }
                    let x = Shifted::new(&x);
                    let [height, width] = window.output(h, w);
                    let mut y = vec![0.0; height * width * o];
                    let case = format!("{h}x{w}, {i} -> {o} in {groups}, {window:?}, {act:?}");
                    let length = conv_scratch(window, h, w, i);
                    let run =
                        |y: &mut MapMut<'_>, call: &dyn Fn(&mut MapMut<'_>, &mut MapMut<'_>)| {
                            // Scratch may hold anything, and nothing behind it may be touched.
                            let mut scratch = vec![f32::from_bits(SENTINEL); length + 1];
                            call(&mut MapMut::new(&mut scratch[..length], 1, 1, length), y);
                            assert_eq!(scratch[length].to_bits(), SENTINEL);
                        };
                    naive::conv(
                        window,
                        groups,
                        act,
                        x.get(),
                        [h, w, i],
                        &layer.weight,
                        &layer.bias,
                        &mut y,
                    );
                    let expected = Expected {
                        channel_windows: groups == 1,
                        ..Expected::new([height, width, o], &y)
                    };
                    sweep.check(&case, &expected, |y| {
                        run(y, &|scratch, y| {
                            let x = Map::new(x.get(), h, w, i);
                            on!(level, |cx| conv(
                                cx,
                                window,
                                groups,
                                act,
                                x,
                                layer.filter(),
                                scratch,
                                y
                            ));
                        });
                    });

                    let pixels: Vec<_> = (0..i)
                        .map(|_| Pixel {
                            scale: random.value() / 128.0,
                            shift: random.value(),
                        })
                        .collect();
                    let bytes: Vec<u8> = (0..h * w * i).map(|_| random.next() as u8).collect();
                    let normal: Vec<f32> = bytes
                        .iter()
                        .zip(pixels.iter().cycle())
                        .map(|(b, p)| f32::from(*b) * p.scale + p.shift)
                        .collect();
                    naive::conv(
                        window,
                        groups,
                        act,
                        &normal,
                        [h, w, i],
                        &layer.weight,
                        &layer.bias,
                        &mut y,
                    );
                    let expected = Expected {
                        channel_windows: groups == 1,
                        ..Expected::new([height, width, o], &y)
                    };
                    sweep.check(&format!("{case}, bytes"), &expected, |y| {
                        run(y, &|scratch, y| {
                            let x = Map::new(&bytes, h, w, i);
                            on!(level, |cx| conv_input(
                                cx,
                                window,
                                groups,
                                act,
                                x,
                                &pixels,
                                layer.filter(),
                                scratch,
                                y
                            ));
                        });
                    });
                    let floats: Vec<f32> = bytes.iter().map(|b| f32::from(*b)).collect();
                    sweep.check(&format!("{case}, floats"), &expected, |y| {
                        run(y, &|scratch, y| {
                            let x = Map::new(&floats, h, w, i);
                            on!(level, |cx| conv_input(
                                cx,
                                window,
                                groups,
                                act,
                                x,
                                &pixels,
                                layer.filter(),
                                scratch,
                                y
                            ));
                        });
                    });
                }
            }
        }
    }
}

fn linear_cases(sweep: &mut Sweep, random: &mut Random) {
    let level = sweep.level;
    let accumulators = sweep.info.constants.first().copied().unwrap_or(4);
    let f24 = sweep.info.op == Op::LinearF24;
    let layer = if f24 {
        Layer::linear_f24
    } else {
        Layer::linear
    };
    let mut turn = 0;
    for k in [
        1,
        accumulators - 1,
        accumulators,
        accumulators + 1,
        2 * accumulators + 3,
        200,
    ] {
        for n in [1, 15, 16, 17, 35, 64] {
            for act in ACTIVATIONS {
                turn += 1;
                let layer = layer(random, n, k);
                let mut x = random.values(k);
                if turn % 5 == 0 {
                    x[k / 2] = f32::NAN;
                }
                let (x, mut y) = (Shifted::new(&x), vec![0.0; n]);
                naive::pointwise(act, x.get(), &layer.weight, &layer.bias, None, &mut y);
                sweep.check(
                    &format!("{k} -> {n}, {act:?}"),
                    &Expected::new([1, 1, n], &y),
                    |y| {
                        let (x, filter) = (Map::new(x.get(), 1, 1, k), layer.filter());
                        if f24 {
                            on!(level, |cx| linear_f24(cx, act, x, filter, y));
                        } else {
                            on!(level, |cx| linear(cx, act, x, filter, y));
                        }
                    },
                );
            }
        }
    }
}

/// Maps for kernels without weights: shape and elements, some with a NaN.
fn maps(random: &mut Random) -> Vec<([usize; 3], Shifted)> {
    let mut maps = Vec::new();
    for [h, w] in [[1, 1], [1, 2], [3, 5], [7, 7]] {
        for c in [1, 15, 16, 17, 63, 64, 65, 131] {
            for nan in [false, true] {
                let mut x = random.values(h * w * c);
                if nan {
                    x[h * w * c / 2] = f32::NAN;
                }
                maps.push(([h, w, c], Shifted::new(&x)));
            }
        }
    }
    maps
}

fn global_pool_cases(sweep: &mut Sweep, random: &mut Random) {
    let level = sweep.level;
    for (shape @ [h, w, c], x) in maps(random) {
        let mut y = vec![0.0; c];
        naive::global_average_pool(x.get(), shape, &mut y);
        sweep.check(
            &format!("{h}x{w}x{c}"),
            &Expected::new([1, 1, c], &y),
            |y| {
                on!(level, |cx| global_average_pool(
                    cx,
                    Map::new(x.get(), h, w, c),
                    y
                ));
            },
        );
    }
}

fn pool_cases(sweep: &mut Sweep, random: &mut Random, max: bool) {
    let level = sweep.level;
    let mut windows = odd_windows();
    windows.push(Window::square(2).stride(2));
    for (shape @ [h, w, c], x) in maps(random) {
        for window in &windows {
            // Every window has a tap inside the map, or its mean would be 0 / 0.
            for padding in paddings(span(window)).into_iter().take(5) {
                let window = window.padding(padding);
                if !fits(&window, h, w) {
                    continue;
                }
                let [height, width] = window.output(h, w);
                let mut y = vec![0.0; height * width * c];
                if max {
                    naive::max_pool(window, x.get(), shape, &mut y);
                } else {
                    naive::average_pool(window, x.get(), shape, &mut y);
                }
                sweep.check(
                    &format!("{h}x{w}x{c}, {window:?}"),
                    &Expected::new([height, width, c], &y),
                    |y| {
                        let x = Map::new(x.get(), h, w, c);
                        if max {
                            on!(level, |cx| max_pool(cx, window, x, y));
                        } else {
                            on!(level, |cx| average_pool(cx, window, x, y));
                        }
                    },
                );
            }
        }
    }
}

fn squeeze_excite_cases(sweep: &mut Sweep, random: &mut Random) {
    let level = sweep.level;
    for (turn, (shape @ [h, w, c], x)) in maps(random).into_iter().enumerate() {
        for (squeezed, f24) in [
            (1, false),
            (8, false),
            (17, false),
            (1, true),
            (8, true),
            (17, true),
        ] {
            let layer = if f24 {
                Layer::linear_f24
            } else {
                Layer::linear
            };
            let act = |n: usize| ACTIVATIONS[(turn + n) % 7];
            let se = SqueezeExcite {
                reduce: act(squeezed),
                gate: act(4),
                after: act(3),
            };
            let (reduce, expand) = (layer(random, squeezed, c), layer(random, c, squeezed));
            let mut means = vec![0.0; c];
            naive::global_average_pool(x.get(), shape, &mut means);
            let floats = |values: &[f64]| values.iter().map(|v| *v as f32).collect::<Vec<_>>();
            let mut hidden = vec![0.0; squeezed];
            naive::pointwise(
                se.reduce,
                &floats(&means),
                &reduce.weight,
                &reduce.bias,
                None,
                &mut hidden,
            );
            let mut gates = vec![0.0; c];
            naive::pointwise(
                se.gate,
                &floats(&hidden),
                &expand.weight,
                &expand.bias,
                None,
                &mut gates,
            );
            let product =
                |(x, gate): (&f32, &f64)| naive::activation(se.after, f64::from(*x) * gate);
            let y: Vec<f64> = x
                .get()
                .iter()
                .zip(gates.iter().cycle())
                .map(product)
                .collect();

            let length = squeeze_excite_scratch(c, squeezed);
            let bits = if f24 { ", 24 bits" } else { "" };
            let case = format!("{h}x{w}x{c}, {squeezed}{bits}, {se:?}");
            let filters = || (reduce.filter(), expand.filter());
            sweep.check(&case, &Expected::new(shape, &y), |y| {
                let mut scratch = vec![f32::from_bits(SENTINEL); length];
                let scratch = &mut MapMut::new(&mut scratch, 1, 1, length);
                let (x, (reduce, expand)) = (Map::new(x.get(), h, w, c), filters());
                if f24 {
                    on!(level, |cx| squeeze_excite_f24(
                        cx, se, x, reduce, expand, scratch, y
                    ));
                } else {
                    on!(level, |cx| squeeze_excite(
                        cx, se, x, reduce, expand, scratch, y
                    ));
                }
            });
            let expected = Expected {
                before: Some(x.get()),
                channel_windows: false,
                row_windows: false,
                ..Expected::new(shape, &y)
            };
            sweep.check(&format!("{case}, in place"), &expected, |y| {
                let mut scratch = vec![f32::from_bits(SENTINEL); length];
                let scratch = &mut MapMut::new(&mut scratch, 1, 1, length);
                let (reduce, expand) = filters();
                if f24 {
                    on!(level, |cx| squeeze_excite_in_place_f24(
                        cx, se, reduce, expand, scratch, y
                    ));
                } else {
                    on!(level, |cx| squeeze_excite_in_place(
                        cx, se, reduce, expand, scratch, y
                    ));
                }
            });
            let alone = Expected {
                channel_windows: false,
                row_windows: false,
                ..Expected::new([1, 1, c], &gates)
            };
            sweep.check(&format!("{case}, gates"), &alone, |y| {
                let mut scratch = vec![f32::from_bits(SENTINEL); length];
                let scratch = &mut MapMut::new(&mut scratch, 1, 1, length);
                let (x, (reduce, expand)) = (Map::new(x.get(), h, w, c), filters());
                if f24 {
                    on!(level, |cx| excite_f24(
                        cx, se, x, reduce, expand, scratch, y
                    ));
                } else {
                    on!(level, |cx| excite(cx, se, x, reduce, expand, scratch, y));
                }
            });
        }
    }
}

fn gate_filter_cases(sweep: &mut Sweep, random: &mut Random) {
    let level = sweep.level;
    for n in [1, 15, 16, 17, 40, 96] {
        for k in [1, 3, 16, 33] {
            let layer = Layer::pointwise(random, n, k);
            let gates = random.values(k);
            let filter = layer.filter();
            let weight = layer.weight.iter().zip(gates.iter().cycle());
            let scaled: Vec<f32> = weight.map(|(w, gate)| w * gate).collect();
            let mut panels = vec![[0.0; 16]; pack::pointwise_panels(n, k)];
            pack::pointwise(&scaled, n, k, &mut panels);
            let y: Vec<f64> = panels
                .as_flattened()
                .iter()
                .map(|w| f64::from(*w))
                .collect();
            let shape = [panels.len(), 1, 16];
            sweep.check(&format!("{n} of {k}"), &Expected::new(shape, &y), |y| {
                let gates = Map::new(&gates, 1, 1, k);
                on!(level, |cx| gate_filter(cx, gates, filter, y));
            });
        }
    }
}

/// The weights a split layer multiplies by, each of its two halves: those of scaled weights, but for rounding twice.
fn gate_filter_split_cases(sweep: &mut Sweep, random: &mut Random) {
    let level = sweep.level;
    for n in [1, 16, 17, 40] {
        for k in [1, 16, 17, 32, 33, 72] {
            let mut layer = Layer::pointwise(random, n, k);
            layer.panels = vec![[0.0; 16]; pack::pointwise_split_panels(n, k)];
            pack::pointwise_split(&layer.weight, n, k, &mut layer.panels);
            let mut gates = random.values(k);
            if n == 17 {
                // Rounding carries its bits of fraction away.
                gates[k / 2] = f32::from_bits([0x7FFF_FFFF, 0xFFFF_FFFF][k % 2]);
            }
            let x = random.values(k);
            let gated: Vec<f32> = x.iter().zip(&gates).map(|(x, gate)| x * gate).collect();
            let mut y = vec![0.0; n];
            naive::pointwise(
                Activation::Identity,
                &gated,
                &layer.weight,
                &layer.bias,
                None,
                &mut y,
            );
            let length = 16 * layer.panels.len();
            let floats = pointwise_split_scratch(k);
            sweep.check(&format!("{n} of {k}"), &Expected::new([1, 1, n], &y), |y| {
                let (mut scaled, mut scratch) = (vec![f32::NAN; length], vec![f32::NAN; floats]);
                on!(level, |cx| {
                    let mut scaled = MapMut::new(&mut scaled, length / 512, 1, 512);
                    // In windows of a chunk, or all at once.
                    let rows = if k % 2 == 0 { 1 } else { length / 512 };
                    for row in (0..length / 512).step_by(rows) {
                        let window = &mut scaled.reborrow().rows(row..row + rows);
                        gate_filter_split(cx, Map::new(&gates, 1, 1, k), layer.filter(), window);
                    }
                    let filter = layer.filter().gated(scaled.as_map());
                    let scratch = &mut MapMut::new(&mut scratch, 1, 1, floats);
                    pointwise_split(
                        cx,
                        Activation::Identity,
                        Map::new(&x, 1, 1, k),
                        filter,
                        scratch,
                        y,
                    );
                });
            });
        }
    }
}

fn add_cases(sweep: &mut Sweep, random: &mut Random) {
    let level = sweep.level;
    for (shape @ [h, w, c], a) in maps(random) {
        for act in ACTIVATIONS {
            let b = random.values(h * w * c);
            let sum = |(a, b): (&f32, &f32)| naive::activation(act, f64::from(*a) + f64::from(*b));
            let y: Vec<f64> = a.get().iter().zip(&b).map(sum).collect();
            let map = Map::new(a.get(), h, w, c);
            sweep.check(
                &format!("{h}x{w}x{c}, {act:?}"),
                &Expected::new(shape, &y),
                |y| {
                    on!(level, |cx| add(cx, act, map, Map::new(&b, h, w, c), y));
                },
            );
            let expected = Expected {
                before: Some(&b),
                ..Expected::new(shape, &y)
            };
            sweep.check(&format!("{h}x{w}x{c}, {act:?}, in place"), &expected, |y| {
                on!(level, |cx| add_in_place(cx, act, map, y));
            });
        }
    }
}

fn activation_cases(sweep: &mut Sweep, random: &mut Random) {
    let level = sweep.level;
    let edges = [
        0.0,
        -0.0,
        3.0,
        -3.0,
        6.0,
        -6.0,
        20.0,
        -20.0,
        87.0,
        -87.0,
        100.0,
        -100.0,
        1e30,
        -1e30,
        f32::MAX,
        f32::MIN,
    ];
    for (shape @ [h, w, c], x) in maps(random) {
        for act in ACTIVATIONS {
            let mut x = Shifted::new(x.get());
            // Values of ordinary size first: the error is relative to the largest.
            for ordinary in [true, false] {
                if !ordinary {
                    for (x, edge) in x.0[1..].iter_mut().zip(edges) {
                        *x = edge;
                    }
                }
                let y: Vec<f64> = x
                    .get()
                    .iter()
                    .map(|x| naive::activation(act, f64::from(*x)))
                    .collect();
                sweep.check(
                    &format!("{h}x{w}x{c}, {act:?}"),
                    &Expected::new(shape, &y),
                    |y| {
                        on!(level, |cx| activation(
                            cx,
                            act,
                            Map::new(x.get(), h, w, c),
                            y
                        ));
                    },
                );
                let expected = Expected {
                    before: Some(x.get()),
                    ..Expected::new(shape, &y)
                };
                sweep.check(&format!("{h}x{w}x{c}, {act:?}, in place"), &expected, |y| {
                    on!(level, |cx| activation_in_place(cx, act, y));
                });
            }
        }
    }
}

fn softmax_cases(sweep: &mut Sweep, random: &mut Random) {
    let level = sweep.level;
    for (shape @ [h, w, c], x) in maps(random) {
        for (scale, shift) in [(1.0, 0.0), (30.0, 0.0), (1.0, 1e4), (1e30, 0.0)] {
            let x = Shifted::new(
                &x.get()
                    .iter()
                    .map(|x| x * scale + shift)
                    .collect::<Vec<_>>(),
            );
            let mut y = vec![0.0; h * w * c];
            naive::softmax(x.get(), c, &mut y);
            let expected = Expected {
                channel_windows: false,
                ..Expected::new(shape, &y)
            };
            sweep.check(&format!("{h}x{w}x{c}, times {scale}"), &expected, |y| {
                on!(level, |cx| softmax(cx, Map::new(x.get(), h, w, c), y));
            });
        }
    }
}

fn multiply_adds_cases(sweep: &mut Sweep, random: &mut Random) {
    let level = sweep.level;
    for (shape @ [h, w, c], x) in maps(random) {
        for (rounds, scale, shift) in [(0, 0.5, 1.0), (1, -2.0, 0.25), (9, 0.5, 1.0)] {
            let y: Vec<f64> = x
                .get()
                .iter()
                .map(|x| {
                    (0..rounds).fold(f64::from(*x), |y, _| {
                        y * f64::from(scale) + f64::from(shift)
                    })
                })
                .collect();
            let expected = Expected {
                before: Some(x.get()),
                ..Expected::new(shape, &y)
            };
            sweep.check(&format!("{h}x{w}x{c}, {rounds} rounds"), &expected, |y| {
                on!(level, |cx| multiply_adds(cx, rounds, scale, shift, y));
            });
        }
    }
}

fn sweep_op(op: Op) {
    for info in KERNELS.iter().filter(|info| info.op == op) {
        let Some(level) = AnyLevel::available().find(|level| level.id() == info.level) else {
            println!("SKIPPED {}: {}", info.level.name(), info.name);
            continue;
        };
        let mut sweep = Sweep {
            info: *info,
            level,
            cases: 0,
        };
        let random = &mut Random(
            info.name
                .bytes()
                .fold(0, |hash, byte| hash.rotate_left(5) ^ u64::from(byte)),
        );
        match op {
            Op::Pointwise => pointwise_cases(&mut sweep, random),
            Op::PointwiseSplit => pointwise_split_cases(&mut sweep, random),
            Op::Conv => conv_cases(&mut sweep, random),
            Op::Depthwise => depthwise_cases(&mut sweep, random),
            Op::Linear | Op::LinearF24 => linear_cases(&mut sweep, random),
            Op::GlobalAveragePool => global_pool_cases(&mut sweep, random),
            Op::AveragePool => pool_cases(&mut sweep, random, false),
            Op::MaxPool => pool_cases(&mut sweep, random, true),
            Op::SqueezeExcite => squeeze_excite_cases(&mut sweep, random),
            Op::GateFilter => gate_filter_cases(&mut sweep, random),
            Op::GateFilterSplit => gate_filter_split_cases(&mut sweep, random),
            Op::Add => add_cases(&mut sweep, random),
            Op::Activation => activation_cases(&mut sweep, random),
            Op::Softmax => softmax_cases(&mut sweep, random),
            Op::MultiplyAdds => multiply_adds_cases(&mut sweep, random),
        }
        assert!(sweep.cases > 0, "{} was not swept", info.name);
        println!("{}: {} cases", info.name, sweep.cases);
    }
}

/// One test for each op; the list of ops is checked below.
macro_rules! sweeps {
    ($($test:ident $op:ident)*) => {
        $(#[test]
        fn $test() {
            sweep_op(Op::$op);
        })*

        #[test]
        fn every_op_is_swept() {
            assert!(KERNELS.iter().all(|info| [$(Op::$op),*].contains(&info.op)));
        }
    };
}

sweeps! {
    pointwise_kernels Pointwise
    pointwise_split_kernels PointwiseSplit
    conv_kernels Conv
    depthwise_kernels Depthwise
    linear_kernels Linear
    linear_f24_kernels LinearF24
    global_average_pool_kernels GlobalAveragePool
    average_pool_kernels AveragePool
    max_pool_kernels MaxPool
    squeeze_excite_kernels SqueezeExcite
    gate_filter_kernels GateFilter
    gate_filter_split_kernels GateFilterSplit
    add_kernels Add
    activation_kernels Activation
    softmax_kernels Softmax
    multiply_adds_kernels MultiplyAdds
}

/// The kernel of AVX-512 has two bodies; with AMX it takes the other.
#[test]
fn pointwise_split_on_matrix_tiles() {
    let Some(level) = AnyLevel::amx() else {
        println!("SKIPPED amx: pw_split");
        return;
    };
    let is_split =
        |info: &&KernelInfo| info.op == Op::PointwiseSplit && info.level == LevelId::Avx512;
    let info = *KERNELS
        .iter()
        .find(is_split)
        .expect("AVX-512 has the kernel");
    let mut sweep = Sweep {
        info: KernelInfo {
            name: "pw_split_amx",
            ..info
        },
        level,
        cases: 0,
    };
    let random = &mut Random(9);
    pointwise_split_cases(&mut sweep, random);
    println!("pw_split_amx: {} cases", sweep.cases);
    // What is to hold of layers as large as they come.
    sweep.info.accuracy = Accuracy::Rel(1e-5);
    for (turn, size) in [
        [49, 160, 960],
        [196, 96, 576],
        [196, 384, 64],
        [784, 32, 192],
        [784, 192, 32],
        [392, 24, 144],
        [196, 16, 480],
    ]
    .into_iter()
    .enumerate()
    {
        split_case(&mut sweep, random, 7 * turn + 2, size);
    }
}

#[test]
fn tiles_do_not_change_a_bit() {
    let random = &mut Random(7);
    let (m, k) = (30, 33);
    let x = random.values(m * k);
    for n in [83, 40, 24, 5] {
        let layer = Layer::pointwise(random, n, k);
        for level in AnyLevel::available() {
            let tiles = Avx512Tile::ALL.iter().chain(Avx512Tile::WITH_HALF);
            let mut results = tiles.map(|tile| {
                let mut y = vec![0.0; m * n];
                let tile = Tile::new(*tile, Avx2Tile::R6x16);
                on!(level, |cx| pointwise(
                    cx,
                    tile,
                    Activation::HardSwish,
                    Map::new(&x, 5, 6, k),
                    layer.filter(),
                    &mut MapMut::new(&mut y, 5, 6, n)
                ));
                y
            });
            let first = results.next().expect("there are tiles");
            assert!(results.all(|y| y == first), "{} of {n}", level.name());
        }
    }
}

/// W (g x) = (W g) x
#[test]
fn gates_in_the_weights_are_gates_of_the_input() {
    let random = &mut Random(7);
    let (n, k) = (40, 33);
    let layer = Layer::pointwise(random, n, k);
    let (x, gates) = (random.values(15 * k), random.values(k));
    let scaled: Vec<f32> = x
        .iter()
        .zip(gates.iter().cycle())
        .map(|(x, g)| x * g)
        .collect();
    let mut expected = vec![0.0; 15 * n];
    let (weight, bias) = (&layer.weight, &layer.bias);
    naive::pointwise(Activation::Relu, &scaled, weight, bias, None, &mut expected);
    for level in AnyLevel::available() {
        let panels = pack::pointwise_panels(n, k);
        let mut weights = vec![0.0; panels * 16];
        let mut y = vec![0.0; 15 * n];
        let gates = Map::new(&gates, 1, 1, k);
        let to = &mut MapMut::new(&mut weights, panels, 1, 16);
        on!(level, |cx| gate_filter(cx, gates, layer.filter(), to));
        let filter = layer.filter().gated(Map::new(&weights, panels, 1, 16));
        let (tile, act) = (Tile::choose(15, k, n), Activation::Relu);
        let to = &mut MapMut::new(&mut y, 3, 5, n);
        on!(level, |cx| pointwise(
            cx,
            tile,
            act,
            Map::new(&x, 3, 5, k),
            filter,
            to
        ));
        for (y, expected) in y.iter().zip(&expected) {
            assert!(
                (f64::from(*y) - expected).abs() < 1e-5,
                "{y} for {expected}"
            );
        }
    }
}

#[test]
fn copies_and_normalised_maps_are_exact() {
    let random = &mut Random(8);
    for (shape @ [h, w, c], x) in maps(random) {
        let map = Map::new(x.get(), h, w, c);
        let pixels: Vec<_> = (0..c)
            .map(|_| Pixel {
                scale: random.value(),
                shift: random.value(),
            })
            .collect();
        for level in AnyLevel::available() {
            let mut sweep = Sweep {
                info: *exact(level),
                level,
                cases: 0,
            };
            let y: Vec<f64> = x.get().iter().map(|x| f64::from(*x)).collect();
            sweep.check("copy", &Expected::new(shape, &y), |y| {
                on!(level, |cx| copy(cx, map, y));
            });
            let normal = x
                .get()
                .iter()
                .zip(pixels.iter().cycle())
                .map(|(x, p)| f64::from(x * p.scale + p.shift));
            let y: Vec<f64> = normal.collect();
            let expected = Expected {
                channel_windows: false,
                ..Expected::new(shape, &y)
            };
            sweep.check("normalise", &expected, |y| {
                on!(level, |cx| normalise(cx, map, &pixels, y));
            });
        }
    }
}

/// Some kernel that must be exact.
fn exact(level: AnyLevel) -> &'static KernelInfo {
    let exact = |info: &&KernelInfo| info.op == Op::MaxPool && info.level == level.id();
    KERNELS.iter().find(exact).expect("every level has it")
}
