//! Times tract on one ONNX model, as `compare.py` asks it to.
//!
//! In, as arguments: MODEL.onnx, THREADS. In, on standard input: the input, raw little-endian f32, then one byte for each
//! turn. Out: the output as raw f32, then for each turn the milliseconds of its inferences, as f64. Never: compares.

use std::error::Error;
use std::io::{Read, Write, stdin, stdout};
use std::time::{Duration, Instant};
use tract_linalg::multithread::{Executor, set_default_executor};
use tract_onnx::prelude::*;

const WARM_UP_RUNS: usize = 10;
const WARM_UP_TIME: Duration = Duration::from_millis(100);
const RUNS: usize = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, model, threads] = &arguments[..] else {
        return Err("usage: tract-latency MODEL.onnx THREADS".into());
    };
    let threads: usize = threads.parse()?;
    if threads > 1 {
        set_default_executor(Executor::multithread(threads));
    }
    let model = tract_onnx::onnx().model_for_path(model)?;
    let model = model.into_optimized()?;
    let shape: Vec<usize> = model
        .input_fact(0)?
        .shape
        .as_concrete()
        .ok_or("the input has no fixed shape")?
        .to_vec();
    let model = model.into_runnable()?;

    let mut bytes = vec![0; 4 * shape.iter().product::<usize>()];
    stdin().read_exact(&mut bytes)?;
    let values: Vec<f32> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect();
    let input: TValue = Tensor::from_shape(&shape, &values)?.into();
    let infer = || model.run(tvec!(input.clone()));

    let output = infer()?;
    let output = output[0].to_plain_array_view::<f32>()?;
    let bytes: Vec<u8> = output.iter().flat_map(|v| v.to_le_bytes()).collect();
    stdout().write_all(&bytes)?;
    stdout().flush()?;
    while stdin().read(&mut [0])? == 1 {
        let (start, mut runs) = (Instant::now(), 0);
        while runs < WARM_UP_RUNS || start.elapsed() < WARM_UP_TIME {
            infer()?;
            runs += 1;
        }
        for _ in 0..RUNS {
            let start = Instant::now();
            infer()?;
            let ms = start.elapsed().as_secs_f64() * 1e3;
            stdout().write_all(&ms.to_le_bytes())?;
        }
        stdout().flush()?;
    }
    Ok(())
}
