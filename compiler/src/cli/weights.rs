//! `--weights`: a file or a seed.
//!
//! In: the argument. Out: a source of weights in the network's names. Never: folds or packs.

use super::model::{self, Network};
use super::{Failure, files};
use mnetc::diag::{Code, Diagnostic, Diagnostics};
use mnetc::graph::Graph;
use mnetc::import::Sizes;
use mnetc::weights::{self, WeightSource};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The argument.
#[derive(Clone, Debug)]
pub(super) enum Weights {
    /// Numbers made from a seed.
    Seed(u64),
    /// A file.
    File(PathBuf),
}

impl FromStr for Weights {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match weights::parse_seed(text) {
            None => Ok(Self::File(text.into())),
            Some(seed) => seed.map(Self::Seed).map_err(|fault| fault.message),
        }
    }
}

impl Weights {
    /// The path, for weights from a file.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Seed(_) => None,
            Self::File(path) => Some(path),
        }
    }

    /// What the weights are called in headers of generated files.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Seed(seed) => format!("seed:{seed}"),
            Self::File(path) => path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
        }
    }

    /// The numbers that `given` names, else those that came with the network.
    pub(super) fn choose(
        given: Option<&Self>,
        network: &mut Network,
    ) -> Result<Option<WeightSource>, Failure> {
        match given {
            Some(given) => given.load(&network.graph).map(Some),
            None => Ok(network.weights.take()),
        }
    }

    /// The numbers, under the names that `graph` has for them.
    pub(super) fn load(&self, graph: &Graph) -> Result<WeightSource, Failure> {
        let path = match self {
            Self::Seed(seed) => return Ok(WeightSource::Seed(*seed)),
            Self::File(path) => path,
        };
        if model::is_onnx(path) {
            let imported = model::import(path, &Sizes::default())?;
            let tensors = imported.tensors_for(graph).map_err(Diagnostics::from)?;
            return Ok(WeightSource::Tensors(tensors));
        }
        check_kind(path)?;
        let tensors = weights::read_safetensors(&files::read(path)?).map_err(Diagnostics::from)?;
        Ok(WeightSource::Tensors(tensors.rename_for(graph)))
    }
}

fn check_kind(path: &Path) -> Result<(), Failure> {
    let facts = match files::extension(path).as_deref() {
        None | Some("safetensors") => return Ok(()),
        Some(_) if path.is_dir() => return Ok(()),
        Some(other) => format!("weights are a .safetensors or an .onnx file, this is a .{other}"),
    };
    let facts = format!("{} holds no weights: {facts}", path.display());
    let help = "save the tensors as .safetensors, or write seed:N for made-up numbers";
    Err(Diagnostic::error(Code::WrongKind, facts).help(help).into())
}
