//! Threads that share one inference.
//! In: a number of threads; then, step by step, how the step is shared out. Out: all shares done. Never: decides a cut,
//! lets a result depend on who does what.
//!
//! An inference is some fifty steps of 10 to 200 microseconds, so handing one over must take no longer than a cache miss:
//! workers spin while an inference runs, and are woken and put to sleep around it. A step is one generation:
//! ```text
//!   caller    writes the job, counts the shares, publishes (generation, shares)  --+
//!   worker i  sees the generation, claims share i by its ticket, does it, counts  <-+
//!   caller    does share 0, then every share whose worker has not come yet, then waits for those that are claimed
//! ```
//! So nobody ever waits for a thread that has not begun: a worker that still wakes up, or that the system gave no core,
//! only leaves more to the others. Which share is which window is fixed; who does it changes nothing.
#![expect(
    unsafe_code,
    reason = "a job borrows from the caller's stack and is run by threads that live longer"
)]

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use core::time::Duration;
use std::any::Any;
use std::boxed::Box;
use std::io;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;
use std::vec::Vec;

use crate::kernels::{Tile, for_each_kernel};
use crate::map::MapMut;
use crate::ops;
use crate::shares::{self, Shares};
use crate::simd::sealed::Sealed;
use crate::simd::{Level, LevelId};
use crate::team::Cut;

/// Looks at an atomic before a waiting thread first offers its core to others.
const SPINS: u32 = 4096;
/// How long a worker keeps looking for work while an inference runs, and after it has ended, before it sleeps.
const PATIENCE: Duration = Duration::from_millis(20);
const PATIENCE_AFTER: Duration = Duration::from_micros(200);

/// Threads that share an inference: the one that calls, and workers that sleep between inferences.
///
/// Results are the same bits for any number of threads. One inference at a time is shared; another that is started on
/// the same pool meanwhile runs on its caller's thread alone.
///
/// ```
/// use mnetc_runtime::{Activation, AnyLevel, Cx, Filter, Map, MapMut, Pool, Tile, Weights, dispatch, pointwise};
///
/// # fn main() -> std::io::Result<()> {
/// let pool = Pool::new(2)?;
/// // What `infer_with(&pool, ..)` of a generated network does, for one layer: 28x28x32 -> 28x28x64.
/// let (weights, bias) = (vec![[0.5; 16]; 4 * 32], vec![[1.0; 16]; 4]);
/// let x = vec![0.25; 28 * 28 * 32];
/// let mut y = vec![0.0; 28 * 28 * 64];
/// let crew = pool.crew();
/// dispatch!(AnyLevel::detect(), |level| pointwise(
///     Cx::new(crew.on(level), Weights::none()),
///     Tile::choose(28 * 28, 32, 64),
///     Activation::Relu,
///     Map::new(&x, 28, 28, 32),
///     Filter::new(&bias, &weights),
///     &mut MapMut::new(&mut y, 28, 28, 64),
/// ));
/// assert!(y.iter().all(|y| *y == 5.0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Pool {
    board: Arc<Board>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// The most threads of a pool.
    pub const MOST: usize = 64;

    /// A pool of `threads`, the caller's included: one less is started.
    ///
    /// # Errors
    /// When a thread cannot be started, or `threads` is 0 or above [`Pool::MOST`].
    pub fn new(threads: usize) -> io::Result<Self> {
        if threads == 0 || threads > Self::MOST {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a pool has 1 to 64 threads",
            ));
        }
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let mut pool = Self {
            board: Arc::new(Board::new(threads, if threads > cores { 0 } else { SPINS })),
            workers: Vec::new(),
        };
        for index in 1..threads {
            let board = Arc::clone(&pool.board);
            let worker = thread::Builder::new().name(std::format!("mnetc {index}"));
            // On an error the pool is dropped, which ends the workers there are.
            pool.workers.push(worker.spawn(move || board.work(index))?);
        }
        Ok(pool)
    }

    /// The number of threads, the caller's included.
    pub fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// The pool's threads, for one inference; the caller alone while another inference has them.
    pub fn crew(&self) -> Crew<'_> {
        let board = &*self.board;
        let is_free = self.workers.is_empty() || !board.active.swap(true, Ordering::SeqCst);
        if is_free {
            board.inferences.fetch_add(1, Ordering::SeqCst);
            if board.sleeping.load(Ordering::SeqCst) > 0 {
                for worker in &self.workers {
                    worker.thread().unpark();
                }
            }
        }
        Crew {
            board: (is_free && !self.workers.is_empty()).then_some(board),
            here: PhantomData,
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.board.stop.store(true, Ordering::SeqCst);
        for worker in self.workers.drain(..) {
            worker.thread().unpark();
            // Workers catch what a share panics with.
            let _ = worker.join();
        }
    }
}

/// The threads of a [`Pool`], for one inference. It stays on the thread that asked for it.
#[derive(Debug)]
pub struct Crew<'p> {
    /// Nothing when the caller works alone.
    board: Option<&'p Board>,
    /// Only the thread that has the crew hands out work: neither `Send` nor `Sync`.
    here: PhantomData<*const ()>,
}

impl Crew<'_> {
    /// `level`, its kernels shared out among the crew.
    pub fn on<L: Level>(&self, level: L) -> Threaded<'_, L> {
        Threaded { level, crew: self }
    }

    fn threads(&self) -> usize {
        self.board.map_or(1, |board| board.tickets.len())
    }

    /// Calls `task` with 0 to `count - 1`, each once, and returns when all calls have. `count` is at most `threads()`.
    fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
        match self.board {
            Some(board) if count > 1 => board.run(count, task),
            _ => (0..count).for_each(task),
        }
    }
}

impl Drop for Crew<'_> {
    fn drop(&mut self) {
        if let Some(board) = self.board {
            board.active.store(false, Ordering::SeqCst);
        }
    }
}

/// An instruction set whose kernels are shared out among the threads of a [`Crew`].
#[derive(Clone, Copy, Debug)]
pub struct Threaded<'c, L> {
    level: L,
    crew: &'c Crew<'c>,
}

impl<L: Level> Sealed for Threaded<'_, L> {}

macro_rules! delegate {
    ($($method:ident ($($about:tt)*) $module:ident::$body:ident($job:ident) $([$($column:tt)*])*;)*) => {
        impl<L: Level> Level for Threaded<'_, L> {
            const ID: LevelId = L::ID;

            const HAS_THREADS: bool = true;

            type Token = L::Token;

            #[inline]
            fn tile_panels(self, tile: Tile) -> usize {
                self.level.tile_panels(tile)
            }

            #[inline]
            fn share<F>(self, cut: Cut, y: &mut MapMut<'_>, task: F)
            where
                F: Fn(Self::Token, &mut MapMut<'_>) + Sync,
            {
                let shares = Shares::of(cut, y, self.crew.threads());
                let level = self.level.token();
                if shares.count() == 1 {
                    return task(level, y);
                }
                let run = |each: &(dyn Fn(usize) + Sync)| self.crew.run(shares.count(), each);
                // SAFETY: `Crew::run` calls it with every number once.
                unsafe { shares::share(shares, y, run, |_, y| task(level, y)) };
            }

            #[inline]
            fn share_with<F>(self, cut: Cut, scratch: &mut MapMut<'_>, y: &mut MapMut<'_>, task: F)
            where
                F: Fn(Self::Token, &mut MapMut<'_>, &mut MapMut<'_>) + Sync,
            {
                let threads = self.crew.threads().min(scratch.window_rows().len());
                let shares = Shares::of(cut, y, threads);
                let level = self.level.token();
                // A row of scratch for each.
                let first = scratch.window_rows().start;
                let mut scratch = scratch.reborrow().rows(first..first + shares.count());
                if shares.count() == 1 {
                    return task(level, &mut scratch, y);
                }
                let scratch = &mut scratch;
                let run = |each: &(dyn Fn(usize) + Sync)| self.crew.run(shares.count(), each);
                let rows = Shares::Rows(shares.count());
                // SAFETY: `Crew::run` calls it with every number once, and so `run` below.
                unsafe {
                    shares::share_two((shares, y), (rows, scratch), run, |y, scratch| {
                        task(level, scratch, y);
                    });
                }
            }

            #[inline]
            fn token(self) -> Self::Token {
                self.level.token()
            }

            $(
                #[inline]
                fn $method(self, job: ops::$module::$job<'_>, y: &mut MapMut<'_>) {
                    self.level.$method(job, y);
                }
            )*
        }
    };
}
for_each_kernel!(delegate);

/// A step's task, its lifetime forgotten: valid from the generation's start until all its shares are counted.
#[derive(Clone, Copy)]
struct Job {
    task: *const (dyn Fn(usize) + Sync + 'static),
}

/// Where the caller and the workers meet.
struct Board {
    /// The number of the step in its upper bits, its number of shares in the lower [`SHARE_BITS`].
    generation: Line<AtomicU64>,
    /// Shares of the step that are not done.
    pending: Line<AtomicUsize>,
    /// For each share the last step in which somebody took it.
    tickets: Box<[Line<AtomicU64>]>,
    /// The step's task. Written by the caller while no share is claimed, read by who has claimed one.
    job: UnsafeCell<Option<Job>>,
    /// Inferences that have begun.
    inferences: AtomicU64,
    /// Whether an inference runs.
    active: AtomicBool,
    /// Whether the workers are to end.
    stop: AtomicBool,
    /// Workers that sleep, or are about to.
    sleeping: AtomicUsize,
    /// Looks before a waiting thread offers its core to others.
    spins: u32,
    /// What a worker's share panicked with.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

/// A cache line, or the pair that is fetched together, of its own.
#[repr(align(128))]
struct Line<T>(T);

const SHARE_BITS: u32 = 8;

// SAFETY: all fields but `job` are `Sync`. `job` is written by the one thread that has the crew (`Crew` is neither `Send`
// nor `Sync`, and `active` lets one exist), when all shares of the step before are counted and those of the next are not
// yet published; it is read only by a thread that has claimed a share, between the publication and that share's count.
// A step's task is `Sync`, so threads may share it.
unsafe impl Sync for Board {}
// SAFETY: the pointer in `job` is only followed while a step runs, see above; on whichever thread the board is dropped.
unsafe impl Send for Board {}

impl core::fmt::Debug for Board {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Board").finish_non_exhaustive()
    }
}

impl Board {
    fn new(threads: usize, spins: u32) -> Self {
        Self {
            generation: Line(AtomicU64::new(0)),
            pending: Line(AtomicUsize::new(0)),
            tickets: (0..threads).map(|_| Line(AtomicU64::new(0))).collect(),
            job: UnsafeCell::new(None),
            inferences: AtomicU64::new(0),
            active: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            sleeping: AtomicUsize::new(0),
            spins,
            panic: Mutex::new(None),
        }
    }

    /// Takes share `index` of step `number`, unless somebody has.
    fn claim(&self, index: usize, number: u64) -> bool {
        let ticket = &self.tickets[index].0;
        let last = ticket.load(Ordering::Relaxed);
        // A worker that comes late finds its share taken: no step ends before all its shares are.
        last < number
            && ticket
                .compare_exchange(last, number, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// One step, by the thread that has the crew.
    fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
        let number = (self.generation.0.load(Ordering::Relaxed) >> SHARE_BITS) + 1;
        let task: *const (dyn Fn(usize) + Sync + '_) = task;
        // SAFETY: only the lifetime changes; the task outlives the step, and the step's end is waited for below, even
        // when a share panics.
        let task: *const (dyn Fn(usize) + Sync + 'static) = unsafe { core::mem::transmute(task) };
        // SAFETY: nobody else touches the job now: see `Sync`.
        unsafe { *self.job.get() = Some(Job { task }) };
        self.pending.0.store(count, Ordering::Relaxed);
        let word = number << SHARE_BITS | count as u64;
        self.generation.0.store(word, Ordering::Release);
        let step = Step {
            board: self,
            number,
            count,
        };
        for index in 0..count {
            if self.claim(index, number) {
                let share = Share(self);
                // SAFETY: the task is the caller's, which is here.
                unsafe { (*task)(index) };
                drop(share);
            }
        }
        drop(step);
        self.rethrow();
    }

    /// Passes on what a worker's share panicked with.
    fn rethrow(&self) {
        // Looked at only when something is there: the lock is no part of a step otherwise.
        if self.pending.0.load(Ordering::Relaxed) == PANICKED {
            self.pending.0.store(0, Ordering::Relaxed);
            let mut panic = self.panic.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(panic) = panic.take() {
                resume_unwind(panic);
            }
        }
    }

    /// A worker's life.
    fn work(&self, index: usize) {
        let (mut seen, mut inference) = (0, 0);
        while let Some(word) = self.next(seen, &mut inference) {
            seen = word;
            let (number, count) = (word >> SHARE_BITS, word & ((1 << SHARE_BITS) - 1));
            if (index as u64) < count && self.claim(index, number) {
                // SAFETY: this share is claimed and not counted: the job is that of `number` and stays.
                let job = unsafe { *self.job.get() }.expect("a published step has a job");
                // SAFETY: as above; the task lives until the share is counted.
                let done = catch_unwind(AssertUnwindSafe(|| unsafe { (*job.task)(index) }));
                if let Err(panic) = done {
                    *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic);
                    self.pending.0.fetch_or(PANICKED, Ordering::Relaxed);
                }
                self.pending.0.fetch_sub(1, Ordering::Release);
            }
        }
    }

    /// Waits for a generation other than `seen`; nothing when the pool ends. `inference` is the last that the worker was
    /// awake for when it went to sleep.
    fn next(&self, seen: u64, inference: &mut u64) -> Option<u64> {
        let mut wait = Wait::new(self.spins);
        loop {
            let word = self.generation.0.load(Ordering::Acquire);
            if word != seen {
                return Some(word);
            }
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            if wait.again() {
                let patience = if self.active.load(Ordering::Relaxed) {
                    PATIENCE
                } else {
                    PATIENCE_AFTER
                };
                if wait.time() > patience {
                    self.sleep(inference);
                    wait = Wait::new(self.spins);
                }
            }
        }
    }

    /// Sleeps until an inference after `inference` begins or the pool ends. `inference` becomes the last that has begun.
    fn sleep(&self, inference: &mut u64) {
        // Either the caller sees that a worker sleeps, or the worker that an inference has begun: both write before they
        // read, in one order for all.
        self.sleeping.fetch_add(1, Ordering::SeqCst);
        while !self.stop.load(Ordering::SeqCst)
            && self.inferences.load(Ordering::SeqCst) == *inference
        {
            thread::park();
        }
        self.sleeping.fetch_sub(1, Ordering::SeqCst);
        *inference = self.inferences.load(Ordering::SeqCst);
    }
}

/// Set in `pending` when a share panicked.
const PANICKED: usize = 1 << (usize::BITS - 1);

/// A share of the caller's: counted as done when it ends, however it does.
struct Share<'b>(&'b Board);

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.0.pending.0.fetch_sub(1, Ordering::Release);
    }
}

/// A step: when it is dropped, every share is done. Shares that nobody took, because the caller's panicked, are skipped.
struct Step<'b> {
    board: &'b Board,
    number: u64,
    count: usize,
}

impl Drop for Step<'_> {
    fn drop(&mut self) {
        let board = self.board;
        for index in 0..self.count {
            if board.claim(index, self.number) {
                drop(Share(board));
            }
        }
        let mut wait = Wait::new(board.spins);
        while board.pending.0.load(Ordering::Acquire) & !PANICKED != 0 {
            wait.again();
        }
    }
}

/// Waiting: looks again and again at first, then offers the core to others in between.
struct Wait {
    left: u32,
    since: Option<Instant>,
}

impl Wait {
    const fn new(spins: u32) -> Self {
        Self {
            left: spins,
            since: None,
        }
    }

    /// Waits a little. Whether it has begun to offer the core.
    #[inline]
    fn again(&mut self) -> bool {
        if self.left > 0 {
            self.left -= 1;
            core::hint::spin_loop();
            return false;
        }
        thread::yield_now();
        self.since.get_or_insert_with(Instant::now);
        true
    }

    /// Since it began to offer the core.
    fn time(&self) -> Duration {
        self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec;

    /// What each call of a step left behind: how often it was made.
    fn counts(crew: &Crew<'_>, count: usize) -> Vec<usize> {
        let counts: Vec<_> = (0..count).map(|_| AtomicUsize::new(0)).collect();
        crew.run(count, &|index| {
            counts[index].fetch_add(1, Ordering::Relaxed);
        });
        counts.into_iter().map(AtomicUsize::into_inner).collect()
    }

    #[test]
    fn every_share_is_done_once() {
        for threads in [1, 2, 3, 4, 7, 8] {
            let pool = Pool::new(threads).expect("threads can be started");
            for _ in 0..20 {
                let crew = pool.crew();
                assert_eq!(crew.threads(), threads);
                for step in 0..100 {
                    let count = 1 + step % threads;
                    assert_eq!(counts(&crew, count), vec![1; count]);
                }
            }
        }
    }

    #[test]
    fn workers_that_sleep_are_woken_and_those_that_sleep_are_not_waited_for() {
        let pool = Pool::new(3).expect("threads can be started");
        for pause in [0, 1, 30] {
            let crew = pool.crew();
            assert_eq!(counts(&crew, 3), [1; 3]);
            // Longer than a worker looks for work.
            thread::sleep(Duration::from_millis(pause));
            assert_eq!(counts(&crew, 3), [1; 3]);
            drop(crew);
            thread::sleep(Duration::from_millis(pause));
        }
        while pool.board.sleeping.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        assert_eq!(counts(&pool.crew(), 3), [1; 3]);
    }

    #[test]
    fn workers_take_part() {
        let pool = Pool::new(2).expect("threads can be started");
        let crew = pool.crew();
        let caller = thread::current().id();
        let helped = AtomicBool::new(false);
        // A share lasts until the other has begun: by the caller alone this step would not end.
        let begun = AtomicUsize::new(0);
        let deadline = Instant::now() + Duration::from_secs(30);
        while !helped.load(Ordering::Relaxed) && Instant::now() < deadline {
            begun.store(0, Ordering::Relaxed);
            crew.run(2, &|_| {
                begun.fetch_add(1, Ordering::Relaxed);
                let enough = Instant::now() + Duration::from_millis(5);
                while begun.load(Ordering::Relaxed) < 2 && Instant::now() < enough {
                    thread::yield_now();
                }
                if thread::current().id() != caller {
                    helped.store(true, Ordering::Relaxed);
                }
            });
        }
        assert!(helped.into_inner());
    }

    #[test]
    fn one_inference_at_a_time_has_the_workers() {
        let pool = Pool::new(2).expect("threads can be started");
        let first = pool.crew();
        let second = pool.crew();
        assert_eq!((first.threads(), second.threads()), (2, 1));
        assert_eq!(counts(&second, 1), [1]);
        assert_eq!(counts(&first, 2), [1, 1]);
        drop((first, second));
        assert_eq!(pool.crew().threads(), 2);
        // From several threads at once.
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let crew = pool.crew();
                        let count = crew.threads();
                        assert_eq!(counts(&crew, count), vec![1; count]);
                    }
                });
            }
        });
    }

    #[test]
    fn a_panic_comes_to_the_caller_and_the_pool_stays() {
        let pool = Pool::new(4).expect("threads can be started");
        for bad in 0..4 {
            let message = catch_unwind(AssertUnwindSafe(|| {
                let crew = pool.crew();
                crew.run(4, &|index| assert_ne!(index, bad, "a share panics"));
            }));
            let message = message.expect_err("it panicked");
            let message = message.downcast_ref::<String>().expect("words");
            assert!(message.contains("a share panics"));
            assert_eq!(counts(&pool.crew(), 4), [1; 4]);
        }
    }

    #[test]
    fn a_pool_has_at_least_one_thread() {
        assert!(Pool::new(0).is_err() && Pool::new(Pool::MOST + 1).is_err());
        assert_eq!(Pool::new(1).expect("nothing is started").threads(), 1);
    }
}
