//! Runs a compiled network for `mnetc run`, `mnetc verify` and `mnetc bench`.
//!
//! In: a request in the arguments, inputs on standard input. Out: raw little-endian numbers on standard output, words
//! only on standard error. Never: knows which network it runs; `network` and `glue` are written next to it.
//!
//! | arguments | standard input | standard output |
//! | --- | --- | --- |
//! | `infer LEVEL` | inputs, one after another | for each input all outputs, one after another, as f32 |
//! | `time LEVEL ITERATIONS` | one input | nanoseconds of each iteration, as u64 |
//! | `steps LEVEL ITERATIONS` | one input | picoseconds that reading the clock takes, then for each iteration the nanoseconds of each step, as u64 |
//! | `rate LEVEL` | nothing | multiply-adds in registers: floating-point operations in a second, as u64 |
//! | `trace LEVEL` | one input | for each step its number and length, as u64, and its output, as f32; u64::MAX; all outputs, as f32 |
//!
//! An input is the elements of `network::Input`, row by row, the channels of a pixel together. LEVEL is the name of an
//! instruction set. `infer` answers each input before it reads the next, and ends with its input.
#![forbid(unsafe_code)]

mod glue;
#[allow(dead_code, reason = "a driver needs only some of what a network offers")]
#[rustfmt::skip]
mod network;

use glue::{Network, Threads};
use mnetc_runtime::{
    AlignedBytes, AnyLevel, Cx, LargePages, Map, MapMut, Observer, Weights, dispatch, multiply_adds,
};
use network::{Arena, Input, Output, WEIGHTS};
use std::hint::black_box;
use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Runs before the first that counts: caches are filled, the clock has risen.
const WARM_UP_RUNS: usize = 10;
const WARM_UP_TIME: Duration = Duration::from_millis(100);

type Error = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    // Outputs are made by value before they are boxed, so there must be room for them.
    let stack = (16 << 20) + 4 * size_of::<Output>();
    let worker = std::thread::Builder::new().stack_size(stack).spawn(serve);
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        Ok(Ok(Err(error))) => fail(&error),
        Ok(Err(_panic)) => ExitCode::FAILURE,
        Err(error) => fail(&error.into()),
    }
}

fn fail(error: &Error) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}

fn serve() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["infer", level] => Session::new(level)?.infer(),
        ["time", level, iterations] => Session::new(level)?.time(iterations.parse()?),
        ["trace", level] => Session::new(level)?.trace(),
        ["steps", level, iterations] => Session::new(level)?.steps(iterations.parse()?),
        ["rate", level] => answer(&[rate_of_all(named(level)?)]),
        _ => Err("this program is called by mnetc".into()),
    }
}

/// A network and all the memory it needs, on the heap.
struct Session {
    network: Network,
    threads: Threads,
    arena: LargePages<Arena>,
    input: LargePages<Input>,
    output: Box<Output>,
}

impl Session {
    fn new(level: &str) -> Result<Self, Error> {
        // As fast as it gets: in large pages. The program needs them to its end.
        let weights = Box::leak(Box::new(AlignedBytes::copy_of(&WEIGHTS.0)));
        Ok(Self {
            network: Network::from_bytes(weights)?.with_level(named(level)?),
            threads: glue::threads()?,
            arena: Arena::in_large_pages(),
            input: LargePages::zeros(),
            output: Box::new(Output::new()),
        })
    }

    fn infer(mut self) -> Result<(), Error> {
        let (mut requests, mut answers) = (io::stdin().lock(), io::stdout().lock());
        while read(&mut requests, &mut self.input[..])? {
            self.run(&mut ());
            for values in glue::outputs(&self.output) {
                write_numbers(&mut answers, values)?;
            }
            answers.flush()?;
        }
        Ok(())
    }

    fn time(mut self, iterations: usize) -> Result<(), Error> {
        self.prepare()?;
        let mut times = Vec::with_capacity(iterations);
        for _ in 0..iterations {
            let start = Instant::now();
            self.run(&mut ());
            times.push(nanoseconds(start.elapsed()));
        }
        answer(&times)
    }

    fn trace(mut self) -> Result<(), Error> {
        if !read(&mut io::stdin().lock(), &mut self.input[..])? {
            return Err("there is no input".into());
        }
        let mut tracer = Tracer {
            answers: BufWriter::new(io::stdout().lock()),
            written: Ok(()),
        };
        self.network
            .infer_observed(&mut self.arena, &self.input, &mut self.output, &mut tracer);
        tracer.written?;
        let mut answers = tracer.answers;
        answers.write_all(&u64::MAX.to_le_bytes())?;
        for values in glue::outputs(&self.output) {
            write_numbers(&mut answers, values)?;
        }
        Ok(answers.flush()?)
    }

    fn steps(mut self, iterations: usize) -> Result<(), Error> {
        self.prepare()?;
        let mut times = Vec::with_capacity(1 + iterations * network::STEPS.len());
        times.push(clock());
        for _ in 0..iterations {
            let mut laps = Laps {
                start: Instant::now(),
                times: &mut times,
            };
            self.run(&mut laps);
        }
        answer(&times)
    }

    /// Reads the input and warms up.
    fn prepare(&mut self) -> Result<(), Error> {
        if !read(&mut io::stdin().lock(), &mut self.input[..])? {
            return Err("there is no input".into());
        }
        let start = Instant::now();
        let mut runs = 0;
        while runs < WARM_UP_RUNS || start.elapsed() < WARM_UP_TIME {
            self.run(&mut ());
            runs += 1;
        }
        Ok(())
    }

    fn run(&mut self, observer: &mut impl Observer) {
        let input = black_box(&self.input);
        let (threads, arena, output) = (&self.threads, &mut self.arena, &mut self.output);
        glue::infer(threads, &self.network, arena, input, output, observer);
        black_box(&self.output);
    }
}

/// Gives out what every step made.
struct Tracer<W> {
    answers: W,
    written: io::Result<()>,
}

impl<W: Write> Tracer<W> {
    fn write(&mut self, index: usize, output: &[f32]) -> io::Result<()> {
        for number in [index as u64, output.len() as u64] {
            self.answers.write_all(&number.to_le_bytes())?;
        }
        write_numbers(&mut self.answers, output)
    }
}

impl<W: Write> Observer for Tracer<W> {
    fn step(&mut self, index: usize, output: Map<'_>) {
        if self.written.is_ok() {
            self.written = self.write(index, output.data());
        }
    }
}

fn write_numbers(to: &mut impl Write, numbers: &[f32]) -> io::Result<()> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|v| v.to_le_bytes()).collect();
    to.write_all(&bytes)
}

/// Notes the time between one step's end and the next's.
struct Laps<'a> {
    start: Instant,
    times: &'a mut Vec<u64>,
}

impl Observer for Laps<'_> {
    fn step(&mut self, _index: usize, _output: Map<'_>) {
        let now = Instant::now();
        self.times.push(nanoseconds(now - self.start));
        self.start = now;
    }
}

/// The picoseconds that one step of [`Laps`] takes by itself.
fn clock() -> u64 {
    const STEPS: usize = 4096;
    let empty = Map::new(&[], 0, 0, 0);
    let mut samples = [0; 25];
    for sample in &mut samples {
        let mut times = Vec::with_capacity(STEPS);
        let start = Instant::now();
        let mut laps = Laps {
            start,
            times: &mut times,
        };
        for index in 0..STEPS {
            laps.step(index, empty);
        }
        *sample = nanoseconds(start.elapsed()) * 1000 / STEPS as u64;
        black_box(&times);
    }
    samples.sort_unstable();
    samples[12]
}

/// What all threads reach together.
fn rate_of_all(level: AnyLevel) -> u64 {
    std::thread::scope(|scope| {
        let threads = (0..glue::THREADS).map(|_| scope.spawn(move || rate(level)));
        let threads: Vec<_> = threads.collect();
        threads.into_iter().map(|t| t.join().unwrap_or(0)).sum()
    })
}

/// The floating-point operations in a second of the level's multiply-adds in registers, on one thread: the best of many short runs,
/// since whatever disturbs one makes it slower.
fn rate(level: AnyLevel) -> u64 {
    const ROUNDS: usize = 4096;
    const RUNS: usize = 1000;
    let mut y = [0.5; 192];
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        dispatch!(level, level => multiply_adds(
            Cx::new(level, Weights::none()),
            black_box(ROUNDS),
            0.5,
            1.0,
            &mut MapMut::new(&mut y, 1, 1, 192),
        ));
        best = best.min(start.elapsed());
        black_box(&y);
    }
    let operations = (2 * ROUNDS * y.len()) as f64;
    (operations / best.as_secs_f64()) as u64
}

/// The level of this name.
fn named(level: &str) -> Result<AnyLevel, Error> {
    let amx = std::iter::once_with(AnyLevel::amx).flatten();
    AnyLevel::available()
        .chain(amx)
        .find(|l| l.name() == level)
        .ok_or_else(|| "this machine does not have that instruction set".into())
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn answer(times: &[u64]) -> Result<(), Error> {
    let bytes: Vec<u8> = times.iter().flat_map(|t| t.to_le_bytes()).collect();
    Ok(io::stdout().lock().write_all(&bytes)?)
}

/// What an input is made of.
trait Element: Copy {
    const BYTES: usize;
    fn from_le(bytes: &[u8]) -> Self;
}

impl Element for f32 {
    const BYTES: usize = 4;
    fn from_le(bytes: &[u8]) -> Self {
        Self::from_le_bytes(bytes.try_into().expect("a chunk has this many bytes"))
    }
}

impl Element for u8 {
    const BYTES: usize = 1;
    fn from_le(bytes: &[u8]) -> Self {
        bytes[0]
    }
}

/// Reads one input; false at the end of `from`.
fn read<T: Element>(from: &mut impl Read, input: &mut [T]) -> Result<bool, Error> {
    let mut bytes = Vec::new();
    let length = input.len() * T::BYTES;
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Ok(false);
    }
    if bytes.len() != length {
        return Err(format!("an input has {length} bytes, these are {}", bytes.len()).into());
    }
    for (element, bytes) in input.iter_mut().zip(bytes.chunks_exact(T::BYTES)) {
        *element = T::from_le(bytes);
    }
    Ok(true)
}
