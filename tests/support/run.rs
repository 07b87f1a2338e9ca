//! Runs the networks that the build script compiled, on any level, and keeps what every step made.

use mnetc::plan::{Precision, Strategy};
use mnetc_runtime::{AnyLevel, Map, Observer, Pool};

/// A map with its name.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// The layer's canonical name, or the output's.
    pub name: String,
    /// Height, width, channels.
    pub shape: [usize; 3],
    /// Row by row, the channels of a pixel together.
    pub data: Vec<f32>,
}

/// What one inference made.
pub struct Run {
    /// The outputs.
    pub outputs: Vec<Tensor>,
    /// What each step made.
    pub steps: Vec<Tensor>,
}

/// A network that the build script compiled.
pub struct Case {
    /// Its name, which is its golden's.
    pub name: &'static str,
    /// Its spec.
    pub spec: &'static str,
    /// The precision it was compiled in.
    pub precision: Precision,
    /// Elements of its input.
    pub input_len: usize,
    /// Whether its input is u8.
    pub takes_bytes: bool,
    /// Runs it: level, weight blob, input as bytes (f32 little endian, or u8).
    pub run: fn(AnyLevel, &[u8], &[u8]) -> Run,
    /// Runs it on the threads of a pool.
    pub run_with: fn(&Pool, AnyLevel, &[u8], &[u8]) -> Run,
}

impl Case {
    /// Its weight blob for a seed.
    ///
    /// # Panics
    /// When the spec does not compile, which the build script would have told.
    pub fn blob(&self, seed: u64) -> mnetc_runtime::AlignedBytes {
        let options = mnetc::Options {
            weights: mnetc::Weights::Seed(seed),
            strategy: Strategy {
                precision: self.precision,
                ..Strategy::default()
            },
            ..Default::default()
        };
        let compiled =
            mnetc::compile(self.name, self.spec, &options).expect("it was compiled before");
        mnetc_runtime::AlignedBytes::copy_of(&compiled.blob.expect("a seed gives weights"))
    }

    /// The seeded input that `oracle/README.md` describes, as bytes.
    pub fn seeded_input(&self, seed: u64) -> Vec<u8> {
        let uniform = mnetc::weights::seed::uniform(seed, "input", self.input_len);
        if self.takes_bytes {
            uniform.map(|u| (u * 256.0) as u8).collect()
        } else {
            uniform
                .flat_map(|u| (2.0 * u - 1.0).to_le_bytes())
                .collect()
        }
    }
}

/// An observer that keeps a copy of everything.
pub struct Recorder<'n> {
    names: &'n [(&'n str, [usize; 3])],
    /// What was seen so far.
    pub steps: Vec<Tensor>,
}

impl<'n> Recorder<'n> {
    /// Keeps the steps of these names and shapes.
    pub fn new(names: &'n [(&'n str, [usize; 3])]) -> Self {
        Self {
            names,
            steps: vec![],
        }
    }
}

impl Observer for Recorder<'_> {
    fn step(&mut self, index: usize, output: Map<'_>) {
        let (name, shape) = self.names[index];
        assert_eq!(index, self.steps.len(), "steps are seen in order");
        assert_eq!(
            output.data().len(),
            shape.iter().product::<usize>(),
            "{name} has the shape STEPS says"
        );
        self.steps.push(Tensor {
            name: name.into(),
            shape,
            data: output.data().to_vec(),
        });
    }
}

/// f32 from little-endian bytes, or bytes as they are.
pub trait FromBytes: Sized {
    /// Reads as many as there are.
    fn all(bytes: &[u8]) -> Vec<Self>;
}

impl FromBytes for f32 {
    fn all(bytes: &[u8]) -> Vec<Self> {
        bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| Self::from_le_bytes(*b))
            .collect()
    }
}

impl FromBytes for u8 {
    fn all(bytes: &[u8]) -> Vec<Self> {
        bytes.to_vec()
    }
}

/// Declares the module of one network: its generated code, and `case()`.
#[macro_export]
#[doc(hidden)]
macro_rules! network {
    ($name:ident, $type:ident, $element:ty, [$($output:ident),*], $spec:literal, $precision:ident) => {
        #[rustfmt::skip]
        pub mod $name {
            include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".rs"));

            pub fn case() -> $crate::Case {
                $crate::Case {
                    name: stringify!($name),
                    spec: $spec,
                    precision: ::mnetc::plan::Precision::$precision,
                    input_len: INPUT_SHAPE.iter().product(),
                    takes_bytes: ::core::mem::size_of::<$element>() == 1,
                    run,
                    run_with,
                }
            }

            fn run(level: AnyLevel, blob: &[u8], input: &[u8]) -> $crate::Run {
                run_on(None, level, blob, input)
            }

            fn run_with(pool: &Pool, level: AnyLevel, blob: &[u8], input: &[u8]) -> $crate::Run {
                run_on(Some(pool), level, blob, input)
            }

            fn run_on(pool: Option<&Pool>, level: AnyLevel, blob: &[u8], input: &[u8]) -> $crate::Run {
                use $crate::private::{FromBytes, Recorder, tensors};
                let network = $type::from_bytes(blob).expect("the blob was packed for it").with_level(level);
                let input = <$element as FromBytes>::all(input).into_boxed_slice();
                let input: Box<Input> = input.try_into().expect("an input of its size");
                let (mut arena, mut output) = (Arena::boxed(), Box::new(Output::new()));
                let mut recorder = Recorder::new(&STEPS);
                match pool {
                    None => network.infer_observed(&mut arena, &input, &mut output, &mut recorder),
                    Some(pool) => {
                        network.infer_observed_with(pool, &mut arena, &input, &mut output, &mut recorder);
                    }
                }
                let outputs = tensors(&OUTPUTS, &[$(&output.$output),*]);
                $crate::Run { outputs, steps: recorder.steps }
            }
        }
    };
}

/// Outputs with their names and shapes.
pub fn tensors(names: &[(&str, [usize; 3])], data: &[&[f32]]) -> Vec<Tensor> {
    assert_eq!(names.len(), data.len(), "a field for each output");
    let tensor = |((name, shape), data): (&(&str, [usize; 3]), &&[f32])| Tensor {
        name: (*name).into(),
        shape: *shape,
        data: data.to_vec(),
    };
    names.iter().zip(data).map(tensor).collect()
}
