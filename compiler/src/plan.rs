//! The network as an ordered list of kernel calls on planned memory.
//!
//! In: a graph after all passes. Out: a [`Plan`]: steps that name their kernel, the maps they read and make, where each
//! map lies, and the filters in the order they are used. Never: reads tensors, writes code.
//!
//! `select` picks kernels and tiles, [`precision`] what they multiply, `squeeze` spares squeeze-and-excites a pass over their
//! map, [`strips`] what runs a few rows at a time, [`memory`] lays the arena out, [`target`] knows what machines can use, [`cost`] counts, [`text`] prints.

pub mod cost;
pub mod memory;
pub mod precision;
mod select;
mod squeeze;
pub mod strips;
pub mod target;
pub mod text;

use crate::graph::{Activation, BatchNorm, Graph, Input, Origin};
use crate::shape::{Element, Shape, Window};
use memory::{Live, MemoryPlan};
pub use mnetc_runtime::Tile;
pub use precision::Precision;
use std::ops::Range;
use strips::{Group, Ring};
pub use target::Target;

/// Names a map of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MapId(u32);

impl MapId {
    /// The map's place in [`Plan::maps`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Names a filter of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilterId(u32);

impl FilterId {
    /// The filter's place in [`Plan::filters`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a map lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// It is the network's input.
    Input,
    /// It is the output of this number.
    Output(usize),
    /// It lies in the arena, in the buffer of this number; several maps share a buffer when a step works in place.
    Buffer(usize),
}

/// A map that a step reads or makes, or scratch memory of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// The canonical name of the layer that makes it; `input` for the network's input.
    pub name: String,
    /// Its shape; scratch is a vector of f32.
    pub shape: Shape,
    /// Where it lies.
    pub storage: Storage,
    /// The memory it has, when that is not all of it.
    pub ring: Option<Ring>,
    /// Its place in the memory that each band of a group has to itself, in bytes, when it lies there.
    pub in_band: Option<usize>,
}

impl Map {
    /// Bytes of its memory, if it is of f32.
    pub fn memory_bytes(&self) -> usize {
        let rows = self.ring.map_or(self.shape.h, |ring| ring.rows);
        rows * self.shape.w * self.shape.c * Element::F32.bytes()
    }
}

/// How a pointwise convolution adds its residual connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// It has none.
    None,
    /// The skip is another map.
    Map(MapId),
    /// The skip lies where the output is to lie.
    InPlace,
}

impl Skip {
    /// The other map, where it is one.
    pub const fn map(self) -> Option<MapId> {
        match self {
            Self::Map(map) => Some(map),
            Self::None | Self::InPlace => None,
        }
    }
}

/// What the gates of a squeeze-and-excite scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excitation {
    /// The map.
    Map,
    /// In its place the weights of the layer that reads it.
    Filter {
        /// That layer's filter.
        filter: FilterId,
        /// The numbers that layer multiplies.
        precision: Precision,
        /// Where the scaled weights lie: as (panels, 1, 16), or, where they are halves, as (chunks, 1, 512).
        scaled: MapId,
    },
}

/// A kernel of the runtime and what fixes its behaviour.
#[derive(Clone, Debug, PartialEq)]
pub enum Kernel {
    /// General convolution over gathered rows.
    Conv {
        /// The window.
        window: Window,
        /// Groups the channels fall into.
        groups: usize,
        /// Whether it reads the network's input, normalising while it loads.
        normalise: bool,
        /// Its filter.
        filter: FilterId,
    },
    /// One filter per channel.
    Depthwise {
        /// The window.
        window: Window,
        /// Its filter.
        filter: FilterId,
    },
    /// A matrix product at each pixel.
    Pointwise {
        /// The register tile on each level.
        tile: Tile,
        /// Its filter.
        filter: FilterId,
        /// Its residual connection.
        skip: Skip,
        /// The numbers it multiplies.
        precision: Precision,
        /// Its weights times the gates of what it reads, if a squeeze-and-excite left them.
        gated: Option<MapId>,
    },
    /// A matrix times the flattened map.
    Linear {
        /// Its filter.
        filter: FilterId,
        /// The numbers of its weights.
        precision: Precision,
    },
    /// The input as normalised f32, where the first layer is not a convolution.
    Normalise,
    /// Mean over all pixels.
    GlobalAveragePool,
    /// Mean over a window.
    AveragePool {
        /// The window.
        window: Window,
    },
    /// Greatest value in a window.
    MaxPool {
        /// The window.
        window: Window,
    },
    /// A whole squeeze-and-excite.
    SqueezeExcite {
        /// From means to the squeezed vector.
        reduce: FilterId,
        /// The activation of the squeezed vector.
        reduce_activation: Activation,
        /// From the squeezed vector to gates.
        expand: FilterId,
        /// What makes gates of numbers.
        gate: Activation,
        /// What its gates scale.
        excitation: Excitation,
        /// The numbers of its weights.
        precision: Precision,
    },
    /// Sum of two maps.
    Add,
    /// An activation by itself.
    Activation,
    /// Softmax over channels.
    Softmax,
    /// All elements as one pixel, channels first.
    Flatten,
    /// A copy.
    Copy,
}

impl Kernel {
    /// The kernel's name, as the runtime has it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Conv { .. } => "conv",
            Self::Depthwise { .. } => "depthwise",
            Self::Pointwise {
                precision: Precision::Bf16x3,
                ..
            } => "pointwise_split",
            Self::Pointwise { .. } => "pointwise",
            Self::Linear {
                precision: Precision::Bf16x3,
                ..
            } => "linear_f24",
            Self::Linear { .. } => "linear",
            Self::Normalise => "normalise",
            Self::GlobalAveragePool => "global_average_pool",
            Self::AveragePool { .. } => "average_pool",
            Self::MaxPool { .. } => "max_pool",
            Self::SqueezeExcite {
                precision: Precision::Bf16x3,
                ..
            } => "squeeze_excite_f24",
            Self::SqueezeExcite { .. } => "squeeze_excite",
            Self::Add => "add",
            Self::Activation => "activation",
            Self::Softmax => "softmax",
            Self::Flatten => "flatten",
            Self::Copy => "copy",
        }
    }

    /// The window it slides over its input; nothing for a pointwise convolution, which has none to speak of.
    pub const fn window(&self) -> Option<Window> {
        match self {
            Self::Conv { window, .. }
            | Self::Depthwise { window, .. }
            | Self::AveragePool { window }
            | Self::MaxPool { window } => Some(*window),
            Self::Pointwise { .. }
            | Self::Linear { .. }
            | Self::Normalise
            | Self::GlobalAveragePool
            | Self::SqueezeExcite { .. }
            | Self::Add
            | Self::Activation
            | Self::Softmax
            | Self::Flatten
            | Self::Copy => None,
        }
    }

    /// How it adds a residual connection, which only a pointwise convolution does.
    pub const fn skip(&self) -> Skip {
        if let Self::Pointwise { skip, .. } = self {
            *skip
        } else {
            Skip::None
        }
    }

    /// Its weights times gates, where they lie in a map.
    pub const fn gated(&self) -> Option<MapId> {
        if let Self::Pointwise { gated, .. } = self {
            *gated
        } else {
            None
        }
    }

    /// Whether its output is the gates of a squeeze-and-excite, not a map that they have scaled.
    pub const fn makes_gates(&self) -> bool {
        self.beside().is_some()
    }

    /// The map it makes besides its output: scaled weights.
    pub const fn beside(&self) -> Option<MapId> {
        match self {
            Self::SqueezeExcite {
                excitation: Excitation::Filter { scaled, .. },
                ..
            } => Some(*scaled),
            _ => None,
        }
    }

    /// The numbers it multiplies.
    pub const fn precision(&self) -> Precision {
        match self {
            Self::Pointwise { precision, .. }
            | Self::Linear { precision, .. }
            | Self::SqueezeExcite { precision, .. } => *precision,
            _ => Precision::F32,
        }
    }

    /// The filters whose layers it is, in the order it reads them.
    pub fn filters(&self) -> Vec<FilterId> {
        match self {
            Self::Conv { filter, .. }
            | Self::Depthwise { filter, .. }
            | Self::Pointwise { filter, .. }
            | Self::Linear { filter, .. } => vec![*filter],
            Self::SqueezeExcite { reduce, expand, .. } => vec![*reduce, *expand],
            Self::Normalise
            | Self::GlobalAveragePool
            | Self::AveragePool { .. }
            | Self::MaxPool { .. }
            | Self::Add
            | Self::Activation
            | Self::Softmax
            | Self::Flatten
            | Self::Copy => vec![],
        }
    }
}

/// One kernel call.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The kernel.
    pub kernel: Kernel,
    /// The activation in its epilogue.
    pub activation: Activation,
    /// The maps it reads, but for the skip and the scaled weights of a pointwise convolution. Empty when it works in place on
    /// its output alone.
    pub inputs: Vec<MapId>,
    /// The map it makes.
    pub output: MapId,
    /// The map whose place the output takes, when it works in place.
    pub overwrites: Option<MapId>,
    /// Scratch memory.
    pub scratch: Option<MapId>,
    /// The shape of what it transforms, also when it works in place.
    pub input_shape: Shape,
    /// Where it comes from.
    pub origin: Origin,
}

impl Step {
    /// The maps it reads where they are: its inputs, a residual connection that is not in place, scaled weights.
    pub fn reads(&self) -> impl Iterator<Item = MapId> + '_ {
        let inputs = self.inputs.iter().copied();
        let skip = self.kernel.skip().map();
        inputs.chain(skip).chain(self.kernel.gated())
    }

    /// The maps it makes for others: its output, and what it leaves beside it.
    pub fn makes(&self) -> impl Iterator<Item = MapId> + use<> {
        [self.output].into_iter().chain(self.kernel.beside())
    }

    /// The maps it writes: those it makes, and scratch.
    pub fn writes(&self) -> impl Iterator<Item = MapId> + use<> {
        self.makes().chain(self.scratch)
    }
}

/// Bytes of a panel of weights.
const PANEL_BYTES: usize = size_of::<[f32; mnetc_runtime::pack::LANES]>();

/// How the weights of a filter are laid out in the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterKind {
    /// `outputs` x `inputs`, for pointwise convolutions.
    Pointwise {
        /// Channels in.
        inputs: usize,
        /// Channels out.
        outputs: usize,
    },
    /// The same of a single pixel, packed as a linear layer; the layers of squeeze-and-excite.
    OnePixel {
        /// Channels in.
        inputs: usize,
        /// Channels out.
        outputs: usize,
    },
    /// The same with weights of 24 bits.
    OnePixelF24 {
        /// Channels in.
        inputs: usize,
        /// Channels out.
        outputs: usize,
    },
    /// A pointwise convolution's, each weight in two halves.
    PointwiseSplit {
        /// Channels in.
        inputs: usize,
        /// Channels out.
        outputs: usize,
    },
    /// `outputs` x all elements of a map.
    Linear {
        /// The map that is flattened: its elements are stored NHWC, but a linear layer's weights count them as CHW.
        input: Shape,
        /// Channels out.
        outputs: usize,
    },
    /// The same with weights of 24 bits.
    LinearF24 {
        /// As above.
        input: Shape,
        /// Channels out.
        outputs: usize,
    },
    /// One `kernel` window per channel.
    Depthwise {
        /// Channels.
        channels: usize,
        /// Height and width of the window.
        kernel: [usize; 2],
    },
    /// A general convolution.
    Conv {
        /// Channels in, over all groups.
        inputs: usize,
        /// Channels out, over all groups.
        outputs: usize,
        /// Groups.
        groups: usize,
        /// Height and width of the window.
        kernel: [usize; 2],
    },
}

/// A layer's weights and bias, packed, in the blob.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// Base name of its tensors.
    pub params: String,
    /// How it is laid out.
    pub kind: FilterKind,
    /// Whether the layer has a bias of its own.
    pub bias: bool,
    /// The batch norm that is folded into it.
    pub norm: Option<BatchNorm>,
    /// Panels (16 f32 each) before it in the blob.
    pub offset: usize,
    /// Panels of bias, which come first.
    pub bias_panels: usize,
    /// Panels of weights.
    pub panels: usize,
}

/// A map the network gives out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its name, a Rust identifier.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
}

/// Ordered kernel calls on planned memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The network's name.
    pub name: String,
    /// What is fed to it.
    pub input: Input,
    /// What it gives out.
    pub outputs: Vec<Output>,
    /// The kernel calls, in order.
    pub steps: Vec<Step>,
    /// What it was made to be good at.
    pub strategy: Strategy,
    /// The steps that run a few rows at a time.
    pub groups: Vec<Group>,
    /// All maps and scratch; the input first.
    pub maps: Vec<Map>,
    /// All filters, in the order of use.
    pub filters: Vec<Filter>,
    /// When each buffer of the arena is alive.
    pub buffers: Vec<Live>,
    /// Where each buffer of the arena lies.
    pub memory: MemoryPlan,
    /// The threads an inference may be shared among: for so many there is memory.
    pub threads: usize,
}

/// What a plan is to be good at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strategy {
    /// The machines it is for.
    pub target: Target,
    /// Which steps run a few rows at a time.
    pub strips: Strips,
    /// What counts.
    pub optimize: Optimize,
    /// The numbers that layers multiply, where that makes them faster.
    pub precision: Precision,
    /// How squeeze-and-excites are done.
    pub squeeze: Squeeze,
}

/// How squeeze-and-excites are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Squeeze {
    /// Their gates scale the weights of the layer that reads the map, where that is possible and saves time.
    #[default]
    Folded,
    /// Each by itself, its output a scaled map.
    Whole,
}

/// Which steps run a few rows at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strips {
    /// Those that gain from it; see [`strips`] for how that is told.
    #[default]
    Auto,
    /// None.
    Off,
}

/// What counts most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Optimize {
    /// The time of an inference.
    #[default]
    Speed,
    /// The size of the arena.
    Ram,
}

/// Plans a graph, with memory for so many threads.
///
/// # Panics
/// When an operator is left that no kernel computes; a front must not let it through.
pub fn lower(graph: &Graph, strategy: Strategy, threads: usize) -> Plan {
    let threads = threads.max(1);
    let (mut plan, buffers) = select::steps(graph);
    (plan.buffers, plan.strategy, plan.threads) = (buffers, strategy, threads);
    precision::choose(&mut plan, strategy.precision);
    if strategy.squeeze == Squeeze::Folded && strategy.optimize == Optimize::Speed {
        squeeze::fuse(&mut plan);
    }
    if strategy.strips == Strips::Auto {
        strips::choose(&mut plan, strategy.optimize, threads);
    }
    plan.give_scratch();
    plan.memory = memory::assign(&plan.buffers);
    plan
}

impl Plan {
    /// Makes scratch as long as all threads together need it.
    fn give_scratch(&mut self) {
        for step in &self.steps {
            // Every thread gathers the rows it reads, or splits them. (Squeeze-and-excite shares what it has.)
            let (Kernel::Conv { .. } | Kernel::Pointwise { .. }, Some(scratch)) =
                (&step.kernel, step.scratch)
            else {
                continue;
            };
            let map = &mut self.maps[scratch.index()];
            if map.in_band.is_some() {
                continue;
            }
            map.shape.c *= self.threads;
            if let Storage::Buffer(buffer) = map.storage {
                self.buffers[buffer].bytes *= self.threads;
            }
        }
    }

    /// The group that a step belongs to.
    pub fn group(&self, step: usize) -> Option<&Group> {
        self.groups
            .iter()
            .find(|group| group.steps().contains(&step))
    }

    /// The steps that run while this one does: those of its group, or itself alone.
    pub fn span(&self, step: usize) -> Range<usize> {
        self.group(step).map_or(step..step + 1, Group::steps)
    }

    /// The steps whose outputs an observer is shown, in order: of those that run in strips, the last of each group.
    pub fn observed(&self) -> Vec<usize> {
        let is_whole = |step: &usize| self.span(*step).end == step + 1;
        (0..self.steps.len()).filter(is_whole).collect()
    }

    /// A map.
    pub fn map(&self, id: MapId) -> &Map {
        &self.maps[id.index()]
    }

    /// A filter.
    pub fn filter(&self, id: FilterId) -> &Filter {
        &self.filters[id.index()]
    }

    /// The offset of a map in the arena, in bytes, if it lies there; of those that each band has, the first band's.
    pub fn arena_offset(&self, id: MapId) -> Option<usize> {
        match self.map(id).storage {
            Storage::Buffer(buffer) => {
                Some(self.memory.offsets[buffer] + self.map(id).in_band.unwrap_or(0))
            }
            Storage::Input | Storage::Output(_) => None,
        }
    }

    /// Panels (16 f32 each) in the blob.
    pub fn panels(&self) -> usize {
        self.filters
            .last()
            .map_or(0, |f| f.offset + f.bias_panels + f.panels)
    }

    /// Length of the whole blob, header included, in bytes.
    pub fn weight_bytes(&self) -> usize {
        mnetc_runtime::blob::HEADER_BYTES + self.panels() * 64
    }

    /// The step at which the arena is fullest, if anything lies in it.
    pub fn peak_step(&self) -> Option<&Step> {
        (!self.buffers.is_empty()).then(|| &self.steps[memory::peak(&self.buffers).1])
    }

    /// Identifies the blob: FNV-1a over every filter's name, kind, place, bias, and the batch norm folded into it. A blob
    /// made for another layout, or folded otherwise, is refused when it is loaded.
    pub fn fingerprint(&self) -> u64 {
        let line = |f: &Filter| {
            let epsilon = f.norm.as_ref().map(|norm| norm.epsilon.to_bits());
            let (name, kind, offset, bias) = (&f.params, f.kind, f.offset, f.bias);
            format!("{name} {kind:?} {offset} {bias} {epsilon:?}\n")
        };
        let manifest: String = self.filters.iter().map(line).collect();
        crate::hash::fnv1a(manifest.as_bytes())
    }
}
