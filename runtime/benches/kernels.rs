//! Rates of the kernels on MobileNet's shapes, beside the peak of the multiply-add units measured in the same run:
//! `cargo bench -p mnetc-runtime [-- LEVEL]`. Machines are noisy: compare percentages, and only within a run.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::hint::black_box;
use std::time::Instant;

use mnetc_runtime::*;

/// Pixels of a square map, k, n: V2's and V3-Large's pointwise layers at 224.
const POINTWISE: &[[usize; 3]] = &[
    [12544, 32, 16],
    [12544, 16, 96],
    [3136, 96, 24],
    [3136, 24, 144],
    [3136, 144, 24],
    [784, 144, 32],
    [784, 32, 192],
    [784, 192, 32],
    [196, 192, 64],
    [196, 64, 384],
    [196, 384, 64],
    [196, 384, 96],
    [196, 96, 576],
    [196, 576, 96],
    [49, 576, 160],
    [49, 160, 960],
    [49, 960, 160],
    [49, 960, 320],
    [49, 320, 1280],
    [784, 240, 80],
    [784, 80, 200],
    [196, 480, 112],
];

/// k, stride, size of the input, channels.
const DEPTHWISE: &[[usize; 4]] = &[
    [3, 1, 112, 32],
    [3, 2, 112, 96],
    [3, 1, 56, 144],
    [3, 2, 56, 144],
    [3, 1, 28, 192],
    [3, 2, 28, 192],
    [3, 1, 14, 384],
    [3, 1, 14, 576],
    [3, 2, 14, 576],
    [3, 1, 7, 960],
    [5, 2, 56, 72],
    [5, 1, 28, 120],
    [5, 1, 14, 672],
    [5, 1, 7, 960],
    [7, 1, 14, 192],
];

/// The median time of a call in nanoseconds, of 9 samples of at least 2 ms.
fn time(mut f: impl FnMut()) -> f64 {
    f();
    let mut calls = 1;
    let mut sample = || {
        loop {
            let start = Instant::now();
            for _ in 0..calls {
                f();
            }
            let elapsed = start.elapsed().as_nanos() as f64;
            if elapsed >= 2e6 {
                return elapsed / f64::from(calls);
            }
            calls *= 2;
        }
    };
    let mut samples: Vec<f64> = (0..9).map(|_| sample()).collect();
    samples.sort_by(f64::total_cmp);
    samples[4]
}

/// 2 * lanes * accumulators * steps floating-point operations.
#[cfg(target_arch = "x86_64")]
mod peak {
    use core::arch::x86_64::*;

    pub(crate) const STEPS: usize = 4096;
    pub(crate) const ACCUMULATORS: usize = 12;

    #[target_feature(enable = "avx512f")]
    pub(crate) fn avx512(x: f32) -> f32 {
        let mut sums = [_mm512_set1_ps(x); ACCUMULATORS];
        let (a, b) = (_mm512_set1_ps(x), _mm512_set1_ps(0.5));
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = _mm512_fmadd_ps(*sum, b, a);
            }
        }
        sums.iter().map(|sum| _mm512_reduce_add_ps(*sum)).sum()
    }

    #[target_feature(enable = "avx2,fma")]
    pub(crate) fn avx2(x: f32) -> f32 {
        let mut sums = [_mm256_set1_ps(x); ACCUMULATORS];
        let (a, b) = (_mm256_set1_ps(x), _mm256_set1_ps(0.5));
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = _mm256_fmadd_ps(*sum, b, a);
            }
        }
        sums.iter().map(|sum| _mm256_cvtss_f32(*sum)).sum()
    }
}

/// GFLOP/s of independent multiply-adds in registers.
#[cfg(target_arch = "x86_64")]
fn peak(level: AnyLevel) -> f64 {
    let flops = |lanes: usize| (2 * lanes * peak::STEPS * peak::ACCUMULATORS) as f64;
    match level {
        AnyLevel::Scalar(_) => f64::NAN,
        AnyLevel::Avx2(_) => {
            flops(8)
                / time(|| {
                    black_box({
                        // SAFETY: an `Avx2` exists only where the CPU has AVX2 and FMA.
                        unsafe { peak::avx2(black_box(1.0)) }
                    });
                })
        }
        AnyLevel::Avx512(_) => {
            flops(16)
                / time(|| {
                    black_box({
                        // SAFETY: an `Avx512` exists only where the CPU has AVX-512 F.
                        unsafe { peak::avx512(black_box(1.0)) }
                    });
                })
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn peak(_: AnyLevel) -> f64 {
    f64::NAN
}

/// Values between 0.5 and 1, on a cache line.
fn floats(length: usize) -> Vec<[f32; 16]> {
    (0..length.div_ceil(16))
        .map(|i| [0.5 + (i * 37 % 64) as f32 / 128.0; 16])
        .collect()
}

fn report(name: &str, flops: usize, ns: f64, peak: f64) {
    let rate = flops as f64 / ns;
    println!(
        "{name:44} {:9.1} us {rate:7.1} GFLOP/s {:4.0} %",
        ns / 1e3,
        100.0 * rate / peak
    );
}

fn main() {
    let wanted = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    for level in AnyLevel::available() {
        if wanted
            .as_deref()
            .is_some_and(|wanted| wanted != level.name())
        {
            continue;
        }
        let peak = peak(level);
        println!("{}: multiply-add peak {peak:.1} GFLOP/s", level.name());
        dispatch!(level, |level| bench(level, peak));
    }
}

fn bench<L: Level>(level: L, peak: f64) {
    let cx = Cx::new(level, Weights::none());
    let act = Activation::Relu6;
    let mut total = [0.0; 2];
    for [m, k, n] in POINTWISE.iter().copied() {
        let (x, w, b) = (
            floats(m * k),
            floats(pack::pointwise_panels(n, k) * 16),
            floats(n),
        );
        let mut y = floats(m * n);
        let (x, y) = (
            &x.as_flattened()[..m * k],
            &mut y.as_flattened_mut()[..m * n],
        );
        let tiles: &[Avx512Tile] = if L::ID == LevelId::Avx512 {
            Avx512Tile::ALL
        } else {
            &[Avx512Tile::R14x32]
        };
        let chosen = Tile::choose(m, k, n).avx512;
        let side = m.isqrt();
        for tile in tiles {
            let ns = time(|| {
                let tile = Tile::new(*tile, Avx2Tile::R6x16);
                pointwise(
                    cx,
                    tile,
                    act,
                    Map::new(x, side, side, k),
                    Filter::new(&b, &w),
                    &mut MapMut::new(y, side, side, n),
                );
            });
            let mark = if tiles.len() == 1 || *tile == chosen {
                "<"
            } else {
                ""
            };
            if !mark.is_empty() {
                total = [total[0] + (2 * m * k * n) as f64, total[1] + ns];
            }
            report(
                &format!("pointwise {m}x{k}x{n} {tile:?} {mark}"),
                2 * m * k * n,
                ns,
                peak,
            );
        }
    }
    report("pointwise, chosen tiles", total[0] as usize, total[1], peak);
    for [k, stride, size, c] in DEPTHWISE.iter().copied() {
        let window = Window::square(k).stride(stride).padding([k / 2; 4]);
        let [h, w] = window.output(size, size);
        let (x, panels, b) = (
            floats(size * size * c),
            floats(pack::depthwise_panels(c, k, k) * 16),
            floats(c),
        );
        let mut y = floats(h * w * c);
        let (x, y) = (
            &x.as_flattened()[..size * size * c],
            &mut y.as_flattened_mut()[..h * w * c],
        );
        let ns = time(|| {
            let filter = Filter::new(&b, &panels);
            depthwise(
                cx,
                window,
                act,
                Map::new(x, size, size, c),
                filter,
                &mut MapMut::new(y, h, w, c),
            );
        });
        report(
            &format!("depthwise {k}x{k}/{stride} {size}x{size}x{c}"),
            2 * h * w * c * k * k,
            ns,
            peak,
        );
    }
    for (o, window) in [
        (32, Window::square(3).stride(2).padding([1; 4])),
        (16, Window::square(3).stride(2).padding([0, 0, 1, 1])),
    ] {
        let (x, panels, b) = (
            vec![100_u8; 224 * 224 * 3],
            floats(pack::conv_panels(o, 3, 3, 3, 1) * 16),
            floats(o),
        );
        let mut y = floats(112 * 112 * o);
        let y = &mut y.as_flattened_mut()[..112 * 112 * o];
        let mut scratch = vec![0.0; conv_scratch(window, 224, 224, 3)];
        let length = scratch.len();
        let pixels = [Pixel {
            scale: 1.0 / 255.0,
            shift: 0.0,
        }; 3];
        let ns = time(|| {
            let (filter, scratch) = (
                Filter::new(&b, &panels),
                &mut MapMut::new(&mut scratch, 1, 1, length),
            );
            let x = Map::new(&x, 224, 224, 3);
            conv_input(
                cx,
                window,
                1,
                act,
                x,
                &pixels,
                filter,
                scratch,
                &mut MapMut::new(y, 112, 112, o),
            );
        });
        report(
            &format!("stem 224x224x3 -> {o}"),
            2 * 112 * 112 * o * 27,
            ns,
            peak,
        );
    }
    for [k, n] in [[1280, 1000], [960, 1280], [960, 240]] {
        let (x, w, b) = (
            floats(k),
            floats(pack::pointwise_panels(n, k) * 16),
            floats(n),
        );
        let mut y = vec![0.0; n];
        let ns = time(|| {
            let x = Map::new(&x.as_flattened()[..k], 1, 1, k);
            linear(
                cx,
                Activation::Linear,
                x,
                Filter::new(&b, &w),
                &mut MapMut::new(&mut y, 1, 1, n),
            );
        });
        report(
            &format!("linear {k} -> {n} ({:.1} GB/s)", (4 * k * n) as f64 / ns),
            2 * k * n,
            ns,
            peak,
        );
    }
    let (size, c) = (14, 480);
    let x = floats(size * size * c);
    let mut y = floats(size * size * c);
    let y = y.as_flattened_mut();
    let map = Map::new(x.as_flattened(), size, size, c);
    for act in [Activation::Relu, Activation::HardSwish, Activation::Swish] {
        let ns = time(|| activation_in_place(cx, act, &mut MapMut::new(y, size, size, c)));
        println!(
            "activation {act:?}: {:.2} ns for 16 elements",
            ns * 16.0 / y.len() as f64
        );
    }
    let ns = time(|| {
        add_in_place(
            cx,
            Activation::Linear,
            map,
            &mut MapMut::new(y, size, size, c),
        );
    });
    println!("add: {:.2} ns for 16 elements", ns * 16.0 / y.len() as f64);
    let mut means = vec![0.0; c];
    let ns = time(|| global_average_pool(cx, map, &mut MapMut::new(&mut means, 1, 1, c)));
    println!(
        "global pool {size}x{size}x{c}: {:.2} ns for 16 elements",
        ns * 16.0 / y.len() as f64
    );
}
