//! Talks to a built program; `driver.rs` has the other end and the protocol.
//!
//! In: inputs as raw bytes. Out: outputs as f32, times in nanoseconds. Never: interprets either.

use super::Trouble;
use mnetc::plan::Plan;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

/// A network, built.
pub(crate) struct Program {
    path: PathBuf,
    pub(super) outputs: Vec<usize>,
    steps: usize,
}

impl Program {
    pub(super) fn new(path: PathBuf, plan: &Plan) -> Self {
        let outputs = plan.outputs.iter().map(|o| o.shape.len()).collect();
        Self {
            path,
            outputs,
            steps: plan.steps.len(),
        }
    }

    /// Starts to infer on the instruction set named `level`.
    ///
    /// # Errors
    /// When the program does not start.
    pub(crate) fn infer(&self, level: &str) -> Result<Inference, Trouble> {
        let (child, requests) = self.start(&["infer", level])?;
        Ok(Inference {
            outputs: self.outputs.clone(),
            requests: Some(requests),
            child,
        })
    }

    /// The nanoseconds of each of `iterations` inferences of `input`, after warming up.
    ///
    /// # Errors
    /// When the program does not answer.
    pub(crate) fn time(
        &self,
        level: &str,
        iterations: usize,
        input: &[u8],
    ) -> Result<Vec<u64>, Trouble> {
        self.measure("time", level, iterations, input, iterations)
    }

    /// For each of `iterations` inferences of `input`, the nanoseconds of each step.
    ///
    /// # Errors
    /// When the program does not answer.
    pub(crate) fn steps(
        &self,
        level: &str,
        iterations: usize,
        input: &[u8],
    ) -> Result<StepTimes, Trouble> {
        let expected = 1 + iterations * self.steps;
        let times = self.measure("steps", level, iterations, input, expected)?;
        Ok(StepTimes {
            clock: times[0] as f64 / 1e3,
            steps: times[1..]
                .chunks(self.steps.max(1))
                .map(<[u64]>::to_vec)
                .collect(),
        })
    }

    /// What the level's multiply-adds can do at most: floating-point operations in a second, measured now.
    ///
    /// # Errors
    /// When the program does not answer.
    pub(crate) fn rate(&self, level: &str) -> Result<u64, Trouble> {
        Ok(self.ask(&["rate", level], &[], 1)?[0])
    }

    fn measure(
        &self,
        what: &str,
        level: &str,
        iterations: usize,
        input: &[u8],
        expected: usize,
    ) -> Result<Vec<u64>, Trouble> {
        self.ask(&[what, level, &iterations.to_string()], input, expected)
    }

    /// Runs the program once; it answers with `expected` numbers.
    fn ask(&self, arguments: &[&str], input: &[u8], expected: usize) -> Result<Vec<u64>, Trouble> {
        let (mut child, mut requests) = self.start(arguments)?;
        // A program that ended early leaves its reason on standard error.
        let sent = requests.write_all(input);
        drop(requests);
        let mut bytes = Vec::new();
        let received = stdout(&mut child).read_to_end(&mut bytes);
        let (numbers, rest) = bytes.as_chunks::<8>();
        if sent.is_err() || received.is_err() || numbers.len() != expected || !rest.is_empty() {
            return Err(Trouble::Run {
                output: last_words(child),
            });
        }
        let _ = child.wait();
        Ok(numbers.iter().map(|n| u64::from_le_bytes(*n)).collect())
    }

    /// Starts the program with a request.
    pub(super) fn start(&self, arguments: &[&str]) -> Result<(Child, ChildStdin), Trouble> {
        let mut command = Command::new(&self.path);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| Trouble::Start {
            program: self.path.display().to_string(),
            error,
        })?;
        let requests = child.stdin.take().expect("standard input is piped");
        Ok((child, requests))
    }
}

/// What each step of each inference took.
pub(crate) struct StepTimes {
    /// Nanoseconds that reading the clock takes: each step's time has them on top.
    pub(crate) clock: f64,
    /// For each inference the nanoseconds of each step.
    pub(crate) steps: Vec<Vec<u64>>,
}

/// A program that waits for inputs.
pub(crate) struct Inference {
    outputs: Vec<usize>,
    requests: Option<ChildStdin>,
    child: Child,
}

impl Inference {
    /// The outputs for one input, in the network's order.
    ///
    /// # Errors
    /// When the program ended instead.
    pub(crate) fn answer(&mut self, input: &[u8]) -> Result<Vec<Vec<f32>>, Trouble> {
        self.exchange(input).map_err(|_| {
            self.requests = None;
            Trouble::Run {
                output: said(&mut self.child),
            }
        })
    }

    fn exchange(&mut self, input: &[u8]) -> io::Result<Vec<Vec<f32>>> {
        let closed = || io::Error::from(io::ErrorKind::BrokenPipe);
        let requests = self.requests.as_mut().ok_or_else(closed)?;
        requests.write_all(input)?;
        requests.flush()?;
        let mut values = |length: &usize| {
            let mut bytes = vec![0; length * 4];
            stdout(&mut self.child).read_exact(&mut bytes)?;
            let values = bytes.as_chunks::<4>().0;
            Ok(values.iter().map(|v| f32::from_le_bytes(*v)).collect())
        };
        self.outputs.iter().map(&mut values).collect()
    }
}

impl Drop for Inference {
    /// Ends the program: it stops at the end of its input.
    fn drop(&mut self) {
        self.requests = None;
        let _ = self.child.wait();
    }
}

/// Where the program answers.
pub(super) fn stdout(child: &mut Child) -> &mut impl Read {
    child.stdout.as_mut().expect("standard output is piped")
}

/// Waits for a program that failed; what it said.
pub(super) fn last_words(mut child: Child) -> String {
    let words = said(&mut child);
    let _ = child.wait();
    words
}

fn said(child: &mut Child) -> String {
    let mut bytes = Vec::new();
    if let Some(stderr) = &mut child.stderr {
        let _ = stderr.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
