//! Rates of the kernels on MobileNet's shapes, beside the peak of the multiply-add units measured in the same run:
//! `cargo bench -p mnetc-runtime --bench kernels [-- LEVEL [NAME]]`. Machines are noisy: compare percentages, and only within a run.
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
    [196, 672, 112],
    [196, 112, 672],
    [196, 512, 512],
    [49, 512, 1024],
    [49, 1024, 1024],
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
];

/// The median time of a call in nanoseconds, of 25 samples of at least 0.5 ms.
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
            if elapsed >= 5e5 {
                return elapsed / f64::from(calls);
            }
            calls *= 2;
        }
    };
    let mut samples: Vec<f64> = (0..25).map(|_| sample()).collect();
    samples.sort_by(f64::total_cmp);
    samples[12]
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

/// Values between 0.5 and 1, at a multiple of 64 bytes, as in an arena or a blob.
struct Floats {
    memory: Vec<f32>,
    start: usize,
    length: usize,
}

impl Floats {
    fn new(length: usize) -> Self {
        let memory: Vec<f32> = (0..length + 32)
            .map(|i| 0.5 + (i * 37 % 64) as f32 / 128.0)
            .collect();
        let start = memory.as_ptr().align_offset(64);
        Self {
            memory,
            start,
            length,
        }
    }

    fn get(&self) -> &[f32] {
        &self.memory[self.start..][..self.length]
    }

    fn get_mut(&mut self) -> &mut [f32] {
        &mut self.memory[self.start..][..self.length]
    }

    fn panels(&self) -> &[[f32; 16]] {
        self.get().as_chunks().0
    }
}

/// What is to be measured, and beside what.
struct Bench<L> {
    cx: Cx<'static, L>,
    peak: f64,
    filter: String,
    total: [f64; 2],
}

impl<L: Level> Bench<L> {
    /// Times a kernel and prints its rate, if its name is asked for.
    fn run(&mut self, name: &str, flops: usize, f: impl FnMut()) -> f64 {
        if !name.contains(&self.filter) {
            return 0.0;
        }
        let ns = time(f);
        self.report(name, flops as f64, ns);
        ns
    }

    fn report(&self, name: &str, flops: f64, ns: f64) {
        let rate = flops / ns;
        println!(
            "{name:44} {:9.1} us {rate:7.1} GFLOP/s {:4.0} %",
            ns / 1e3,
            100.0 * rate / self.peak
        );
    }

    fn pointwise(&mut self, [m, k, n]: [usize; 3]) {
        let (cx, side) = (self.cx, m.isqrt());
        let (x, w, b) = (
            Floats::new(m * k),
            Floats::new(16 * pack::pointwise_panels(n, k)),
            Floats::new(n.next_multiple_of(16)),
        );
        let mut y = Floats::new(m * n);
        let chosen = Tile::choose(m, k, n);
        for tile in Avx512Tile::ALL.iter().chain(Avx512Tile::WITH_HALF) {
            let is_chosen = *tile == chosen.avx512;
            if L::ID != LevelId::Avx512 && !is_chosen {
                continue;
            }
            let mark = if is_chosen { "<" } else { "" };
            let flops = 2 * m * k * n;
            let ns = self.run(
                &format!("pointwise {m}x{k}x{n} {tile:?} {mark}"),
                flops,
                || {
                    let (tile, filter) = (
                        Tile::new(*tile, chosen.avx2),
                        Filter::new(b.panels(), w.panels()),
                    );
                    let y = &mut MapMut::new(y.get_mut(), side, side, n);
                    pointwise(
                        cx,
                        tile,
                        Activation::Relu6,
                        Map::new(x.get(), side, side, k),
                        filter,
                        y,
                    );
                },
            );
            if is_chosen && ns > 0.0 {
                self.total = [self.total[0] + flops as f64, self.total[1] + ns];
            }
        }
    }

    /// On numbers of which no bit is always zero: tiles are faster where much is.
    fn pointwise_split(&mut self, [m, k, n]: [usize; 3]) {
        let (cx, side) = (self.cx, m.isqrt());
        let odd = |i: usize| ((i * 2_654_435_761) % 4_294_967_291) as f32 / 2e9 - 1.0;
        let (mut x, mut w, b) = (
            Floats::new(m * k),
            Floats::new(16 * pack::pointwise_split_panels(n, k)),
            Floats::new(n.next_multiple_of(16)),
        );
        for (i, x) in x.get_mut().iter_mut().enumerate() {
            *x = odd(i);
        }
        let weight: Vec<f32> = (0..n * k).map(odd).collect();
        pack::pointwise_split(&weight, n, k, w.get_mut().as_chunks_mut().0);
        let length = pointwise_split_scratch(k);
        let (mut y, mut scratch) = (Floats::new(m * n), Floats::new(length));
        self.run(
            &format!("pointwise_split {m}x{k}x{n}"),
            2 * m * k * n,
            || {
                pointwise_split(
                    cx,
                    Activation::Relu6,
                    Map::new(x.get(), side, side, k),
                    Filter::new(b.panels(), w.panels()),
                    &mut MapMut::new(scratch.get_mut(), 1, 1, length),
                    &mut MapMut::new(y.get_mut(), side, side, n),
                );
            },
        );
    }

    fn depthwise(&mut self, [k, stride, size, c]: [usize; 4]) {
        let cx = self.cx;
        let window = Window::square(k).stride(stride).padding([k / 2; 4]);
        let [h, w] = window.output(size, size);
        let (x, b) = (
            Floats::new(size * size * c),
            Floats::new(c.next_multiple_of(16)),
        );
        let panels = Floats::new(16 * pack::depthwise_panels(c, k, k));
        let mut y = Floats::new(h * w * c);
        self.run(
            &format!("depthwise {k}x{k}/{stride} {size}x{size}x{c}"),
            2 * h * w * c * k * k,
            || {
                let (x, filter) = (
                    Map::new(x.get(), size, size, c),
                    Filter::new(b.panels(), panels.panels()),
                );
                depthwise(
                    cx,
                    window,
                    Activation::Relu6,
                    x,
                    filter,
                    &mut MapMut::new(y.get_mut(), h, w, c),
                );
            },
        );
    }

    fn stem(&mut self, o: usize, window: Window) {
        let cx = self.cx;
        let x = vec![100_u8; 224 * 224 * 3];
        let (panels, b) = (
            Floats::new(16 * pack::conv_panels(o, 3, 3, 3, 1)),
            Floats::new(o),
        );
        let mut y = Floats::new(112 * 112 * o);
        let length = conv_scratch(window, 224, 224, 3);
        let mut scratch = Floats::new(length);
        let pixels = [Pixel {
            scale: 1.0 / 255.0,
            shift: 0.0,
        }; 3];
        self.run(
            &format!("stem 224x224x3 -> {o}"),
            2 * 112 * 112 * o * 27,
            || {
                let (filter, scratch) = (
                    Filter::new(b.panels(), panels.panels()),
                    &mut MapMut::new(scratch.get_mut(), 1, 1, length),
                );
                let (x, y) = (
                    Map::new(&x, 224, 224, 3),
                    &mut MapMut::new(y.get_mut(), 112, 112, o),
                );
                conv_input(
                    cx,
                    window,
                    1,
                    Activation::Relu6,
                    x,
                    &pixels,
                    filter,
                    scratch,
                    y,
                );
            },
        );
    }

    fn linear(&mut self, k: usize, n: usize) {
        let (cx, act) = (self.cx, Activation::Identity);
        let panels = pack::linear_panels(n, k);
        self.linear_as("linear", panels, k, n, |x, filter, y| {
            linear(cx, act, x, filter, y);
        });
    }

    fn linear_f24(&mut self, k: usize, n: usize) {
        let (cx, act) = (self.cx, Activation::Identity);
        let panels = pack::linear_f24_panels(n, k);
        self.linear_as("linear_f24", panels, k, n, |x, filter, y| {
            linear_f24(cx, act, x, filter, y);
        });
    }

    fn linear_as(
        &mut self,
        name: &str,
        panels: usize,
        k: usize,
        n: usize,
        mut run: impl FnMut(Map<'_>, Filter<'_>, &mut MapMut<'_>),
    ) {
        let (x, w, b) = (
            Floats::new(k),
            Floats::new(16 * panels),
            Floats::new(n.next_multiple_of(16)),
        );
        let mut y = Floats::new(n);
        let ns = self.run(&format!("{name} {k} -> {n}"), 2 * k * n, || {
            let filter = Filter::new(b.panels(), w.panels());
            let x = Map::new(x.get(), 1, 1, k);
            run(x, filter, &mut MapMut::new(y.get_mut(), 1, 1, n));
        });
        if ns > 0.0 {
            println!("{:44} {:.1} GB/s of weights", "", (64 * panels) as f64 / ns);
        }
    }

    /// Kernels that read and write each element once: flops counts elements.
    fn elementwise(&mut self) {
        let (cx, size, c) = (self.cx, 14, 480);
        let x = Floats::new(size * size * c);
        let mut y = Floats::new(size * size * c);
        let map = Map::new(x.get(), size, size, c);
        for act in [Activation::Relu, Activation::HardSwish, Activation::Swish] {
            self.run(&format!("activation {act:?}"), map.data().len(), || {
                activation_in_place(cx, act, &mut MapMut::new(y.get_mut(), size, size, c));
            });
        }
        self.run("add", map.data().len(), || {
            add_in_place(
                cx,
                Activation::Identity,
                map,
                &mut MapMut::new(y.get_mut(), size, size, c),
            );
        });
        let mut means = Floats::new(c);
        self.run("global pool", map.data().len(), || {
            global_average_pool(cx, map, &mut MapMut::new(means.get_mut(), 1, 1, c));
        });
    }

    fn all(&mut self) {
        for shape in POINTWISE {
            self.pointwise(*shape);
        }
        self.report("pointwise, chosen tiles", self.total[0], self.total[1]);
        for shape in DEPTHWISE {
            self.depthwise(*shape);
        }
        self.stem(32, Window::square(3).stride(2).padding([1; 4]));
        self.stem(16, Window::square(3).stride(2).padding([0, 0, 1, 1]));
        self.linear(1280, 1000);
        self.linear(960, 1280);
        self.linear(960, 240);
        self.linear_f24(1280, 1000);
        self.elementwise();
        self.split();
    }

    /// All that AMX is for.
    fn split(&mut self) {
        for shape in POINTWISE {
            self.pointwise_split(*shape);
        }
    }
}

fn main() {
    let mut wanted = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    let (level_name, filter) = (wanted.next(), wanted.next().unwrap_or_default());
    for level in AnyLevel::available().chain(AnyLevel::amx()) {
        if level_name
            .as_deref()
            .is_some_and(|wanted| wanted != level.name())
        {
            continue;
        }
        let peak = peak(level);
        println!("{}: multiply-add peak {peak:.1} GFLOP/s", level.name());
        let amx = level.id() == LevelId::Amx;
        dispatch!(level, |level| {
            let cx = Cx::new(level, Weights::none());
            let mut bench = Bench {
                cx,
                peak,
                filter: filter.clone(),
                total: [0.0; 2],
            };
            if amx {
                bench.split();
            } else {
                bench.all();
            }
        });
    }
}
