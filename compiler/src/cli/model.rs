//! MODEL with `--set`, `--dim` and `--input-size`: the arguments of every verb that reads a network.
//!
//! In: a path, or `-`, and settings. Out: the network, or all that is wrong with it. Never: lowers it.

use super::{Failure, files};
use mnetc::budget::{Limit, Limits, Variants};
use mnetc::diag::{Code, Diagnostic, SourceId, Sources};
use mnetc::files::Beside;
use mnetc::graph::{Graph, ValueId};
use mnetc::import::{Imported, Shown, Sizes};
use mnetc::layout::Layout;
use mnetc::pipeline;
use mnetc::plan::Plan;
use mnetc::weights::WeightSource;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One model.
#[derive(clap::Args)]
pub(super) struct Model {
    /// The network: a spec in YAML (.yaml, .yml), a model (.onnx), or `-` for a spec on standard input
    #[arg(value_name = "MODEL")]
    pub(super) path: PathBuf,
    #[command(flatten)]
    pub(super) settings: Settings,
}

/// Settings put over what a spec or a model says.
#[derive(clap::Args)]
pub(super) struct Settings {
    /// Change a value of the spec, several by repeating: `--set width_multiplier=0.5 input=160`
    ///
    /// KEY is a key of the spec, with dots for keys within keys: `rounding.divisor=4`. `input=160` and `input=160x128`
    /// stand for height and width.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) sets: Vec<String>,
    /// Choose an open dimension of an ONNX model: `--dim height=224`; open batches are of one by themselves
    #[arg(long = "dim", value_name = "NAME=N", value_parser = dimension)]
    dims: Vec<(String, usize)>,
    /// Choose height and width of an ONNX model's input: `--input-size 224x224`
    #[arg(long, value_name = "HxW", value_parser = size)]
    input_size: Option<[usize; 2]>,
}

/// The most memory a network may need.
#[derive(clap::Args)]
pub(super) struct Budget {
    /// Refuse a network that needs more RAM: arena, input and outputs together, as in `256KiB` [default: the spec's
    /// `budget`]
    #[arg(long, value_name = "SIZE")]
    ram_budget: Option<Limit>,
    /// Refuse a network whose weights need more flash, as in `1MiB` [default: the spec's `budget`]
    #[arg(long, value_name = "SIZE")]
    flash_budget: Option<Limit>,
}

/// A network that was read.
pub(super) struct Network {
    /// Its operators.
    pub(super) graph: Graph,
    /// The weights that came with it; specs have none.
    pub(super) weights: Option<WeightSource>,
    /// What its spec allows it to need.
    limits: Limits,
    /// The same network with other sizes.
    variants: Variants<'static>,
    /// How arrays hold its input.
    pub(super) input: Layout,
    /// How arrays hold its outputs.
    pub(super) outputs: Vec<Layout>,
    /// Of an ONNX model, what its values are in the graph.
    pub(super) values: BTreeMap<ValueId, Shown>,
}

impl Model {
    /// What the model is called in headers of generated files.
    pub(super) fn name(&self) -> String {
        let name = self
            .path
            .file_name()
            .filter(|_| !files::is_dash(&self.path));
        name.map_or(files::STDIN.to_owned(), |name| {
            name.to_string_lossy().into_owned()
        })
    }

    /// Whether it is an ONNX model, which has its own weights.
    pub(super) fn is_onnx(&self) -> bool {
        is_onnx(&self.path)
    }

    /// The network with its weights and layouts.
    pub(super) fn network(&self, sources: &mut Sources) -> Result<Network, Failure> {
        network(&self.path, &self.settings, sources)
    }

    /// The network alone.
    pub(super) fn graph(&self, sources: &mut Sources) -> Result<Graph, Failure> {
        Ok(self.network(sources)?.graph)
    }

    /// The spec's text, as a source.
    pub(super) fn source(&self, sources: &mut Sources) -> Result<SourceId, Failure> {
        if self.is_onnx() {
            let message = format!("{} is an ONNX model, not a spec", self.path.display());
            let help = "dump it after a later stage: graph, plan, memory";
            return Err(Diagnostic::error(Code::WrongKind, message)
                .help(help)
                .into());
        }
        self.settings.check_spec()?;
        source(&self.path, sources)
    }
}

/// The network in a file.
pub(super) fn network(
    path: &Path,
    settings: &Settings,
    sources: &mut Sources,
) -> Result<Network, Failure> {
    if is_onnx(path) {
        if let Some(set) = settings.sets.first() {
            let message = format!(
                "--set {set} changes a spec, and {} is none: --input-size and --dim choose sizes of models",
                path.display()
            );
            return Err(Failure::Usage(message));
        }
        let sizes = Sizes {
            dims: settings.dims.iter().cloned().collect(),
            input: settings.input_size,
        };
        return Ok(Network::of_model(import(path, &sizes)?, path, sizes));
    }
    settings.check_spec()?;
    let spec = source(path, sources)?;
    let expanded = pipeline::spec(sources, spec, &settings.sets)?;
    let text = sources.get(spec).text.clone();
    let variants = pipeline::spec_variants(text, settings.sets.clone(), &expanded);
    let graph = expanded.graph;
    Ok(Network {
        limits: expanded.limits,
        variants,
        input: Layout::of_map(graph.input.shape),
        outputs: graph
            .outputs
            .iter()
            .map(|o| Layout::of_map(graph.shape(o.value)))
            .collect(),
        weights: None,
        values: BTreeMap::new(),
        graph,
    })
}

/// The ONNX model in a file.
pub(super) fn import(path: &Path, sizes: &Sizes) -> Result<Imported, Failure> {
    let bytes = files::read(path)?;
    Ok(pipeline::import(
        &files::display(path),
        bytes,
        sizes,
        &Beside::new(path),
    )?)
}

impl Network {
    fn of_model(imported: Imported, path: &Path, sizes: Sizes) -> Self {
        let path = path.to_owned();
        let variants = pipeline::model_variants(sizes, move |sizes| import(&path, sizes).ok());
        Self {
            limits: Limits::default(),
            variants,
            graph: imported.graph,
            weights: Some(WeightSource::Tensors(imported.tensors)),
            input: imported.input,
            outputs: imported.outputs,
            values: imported.values,
        }
    }
}

impl Budget {
    /// Holds a plan of `network` against these limits, and its spec's.
    pub(super) fn check(&self, plan: &Plan, network: &Network) -> Result<(), Failure> {
        let limits = Limits {
            ram: self.ram_budget,
            flash: self.flash_budget,
        };
        let limits = limits.or(network.limits);
        Ok(pipeline::within(plan, limits, &network.variants)?)
    }
}

impl Settings {
    /// Refuses what only models have.
    fn check_spec(&self) -> Result<(), Failure> {
        let flag = match (&self.dims[..], self.input_size) {
            ([], None) => return Ok(()),
            ([], Some(_)) => "--input-size",
            _ => "--dim",
        };
        let message =
            format!("{flag} chooses sizes of an ONNX model; a spec takes --set input=224x224");
        Err(Failure::Usage(message))
    }
}

pub(super) fn is_onnx(path: &Path) -> bool {
    files::extension(path).as_deref() == Some("onnx") && !path.is_dir()
}

fn source(path: &Path, sources: &mut Sources) -> Result<SourceId, Failure> {
    check_kind(path)?;
    let text = files::read_text(path)?;
    Ok(sources.add(files::display(path), text))
}

/// Refuses what is certainly no spec before it is read as one.
fn check_kind(path: &Path) -> Result<(), Failure> {
    let facts = match files::extension(path).as_deref() {
        // Nothing, as in the names of pipes.
        None | Some("yaml" | "yml") => return Ok(()),
        // A folder is reported as one, whatever its name.
        Some(_) if path.is_dir() => return Ok(()),
        Some(other) => format!("a model is a .yaml or an .onnx file, this is a .{other}"),
    };
    let facts = format!("{} is no model: {facts}", path.display());
    let help = "write the network as a table in YAML, or export it as ONNX";
    Err(Diagnostic::error(Code::WrongKind, facts).help(help).into())
}

/// `height=224`.
fn dimension(text: &str) -> Result<(String, usize), String> {
    let (name, extent) = text
        .rsplit_once('=')
        .ok_or("write NAME=N, as in height=224")?;
    Ok((name.to_owned(), positive(extent)?))
}

/// `224x160`, or `224` for both.
fn size(text: &str) -> Result<[usize; 2], String> {
    let (h, w) = text.split_once('x').unwrap_or((text, text));
    Ok([positive(h)?, positive(w)?])
}

fn positive(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|n| *n > 0);
    number.ok_or_else(|| format!("`{text}` is no number from 1 on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_dimensions_are_read() {
        assert_eq!(size("224x160"), Ok([224, 160]));
        assert_eq!(size("96"), Ok([96, 96]));
        assert!(size("0x1").is_err() && size("x").is_err() && size("-1").is_err());
        assert_eq!(dimension("h=224"), Ok(("h".to_owned(), 224)));
        assert_eq!(
            dimension("a=b=1"),
            Ok(("a=b".to_owned(), 1)),
            "names of dimensions may be expressions"
        );
        assert!(dimension("h").is_err() && dimension("h=0").is_err());
    }
}
