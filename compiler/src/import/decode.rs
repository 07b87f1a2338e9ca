//! Messages of a file -> [`Model`]: tensors of any storage, attributes of any age, functions inlined.
//!
//! In: bytes and the files beside them. Out: a model, or everything that keeps it from being one. Never: knows what an
//! operator computes.

use super::external::{Fault, Files, Resolver};
use super::model::{Attribute, Extent, Info, Model, Node};
use super::tensor::{ElementType, Tensor, count, dims_text};
use super::{contrib, inline, quantised, wire};
use crate::diag::{Code, Diagnostic, Diagnostics};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

/// The versions of the standard operators that are read; what later ones add is no business of a MobileNet's.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=26;

/// The oldest version of the format; before it, nodes had no domains.
const OLDEST_FORMAT: i64 = 3;

/// Decodes a model; `file` is what messages call it.
pub(super) fn decode(
    file: &str,
    bytes: Bytes,
    resolver: &dyn Resolver,
) -> Result<Model, Diagnostics> {
    if bytes.len() > wire::MOST_BYTES {
        let (size, most) = (bytes.len(), wire::MOST_BYTES);
        let facts = format!("{file} has {size} bytes; a model has at most {most}");
        let help = "MobileNets have a few megabytes: is it the right file?";
        return Err(Diagnostic::error(Code::OnnxTooLarge, facts)
            .help(help)
            .into());
    }
    let mut wire = wire::decode(bytes.clone()).map_err(|reason| not_onnx(file, &bytes, &reason))?;
    let (graph, opset) = checked(file, &bytes, &mut wire)?;
    let nodes = inline::inline(graph.node, &wire.functions).map_err(|reason| {
        let facts = format!("{file} is too deep: {reason}");
        let help = "export it with its functions inlined";
        Diagnostic::error(Code::OnnxTooLarge, facts).help(help)
    })?;
    if let Some(refusal) = quantised::refusal(file, &nodes) {
        return Err(refusal.into());
    }
    let nodes = contrib::expand(nodes);
    let mut decoder = Decoder {
        file,
        files: Files::new(resolver),
        missing_files: BTreeSet::new(),
        diags: Diagnostics::new(),
    };
    if !graph.sparse_initializer.is_empty() {
        let facts = format!("{file} has sparse weights, which are not read");
        let help = "export it with dense weights";
        decoder
            .diags
            .push(Diagnostic::error(Code::OnnxTensor, facts).help(help));
    }
    let constants: BTreeMap<_, _> = graph
        .initializer
        .into_iter()
        .filter_map(|tensor| Some((tensor.name.clone(), decoder.tensor(tensor, None)?)))
        .collect();
    let nodes = nodes.into_iter().map(|node| decoder.node(node)).collect();
    decoder.diags.check()?;
    let shape = |info: &wire::ValueInfo| Some((info.name.clone(), extents(info)?));
    let infos = graph
        .value_info
        .iter()
        .chain(&graph.input)
        .chain(&graph.output);
    Ok(Model {
        opset,
        nodes,
        shapes: infos.filter_map(shape).collect(),
        inputs: graph
            .input
            .iter()
            .filter(|i| !constants.contains_key(&i.name))
            .map(info)
            .collect(),
        outputs: graph.output.into_iter().map(|o| o.name).collect(),
        constants,
    })
}

/// The graph and its version, if both are there and known.
fn checked(
    file: &str,
    bytes: &Bytes,
    wire: &mut wire::Model,
) -> Result<(wire::Graph, i64), Diagnostic> {
    let Some(graph) = wire.graph.take() else {
        return Err(not_onnx(file, bytes, "it has no graph"));
    };
    if wire.ir_version < OLDEST_FORMAT {
        let version = wire.ir_version;
        let facts = format!(
            "{file} has version {version} of the format; {OLDEST_FORMAT} is the oldest that is read"
        );
        let help = "export it again with a newer exporter";
        return Err(Diagnostic::error(Code::OnnxVersion, facts).help(help));
    }
    let standard = |set: &&wire::OperatorSet| matches!(set.domain.as_str(), "" | "ai.onnx");
    let opset = wire
        .opset_import
        .iter()
        .find(standard)
        .map(|set| set.version);
    match opset {
        Some(version) if OPSETS.contains(&version) => Ok((graph, version)),
        version => {
            let (oldest, newest) = (OPSETS.start(), OPSETS.end());
            let has = version.map_or("names no opset".to_owned(), |v| format!("has opset {v}"));
            let facts = format!("{file} {has}; opsets {oldest} to {newest} are read");
            let help =
                "export it with `opset_version=17`, or convert it with onnx.version_converter";
            Err(Diagnostic::error(Code::OnnxVersion, facts).help(help))
        }
    }
}

fn not_onnx(file: &str, bytes: &Bytes, reason: &str) -> Diagnostic {
    let (reason, help) = if bytes.is_empty() {
        ("it is empty", "copy or export it again")
    } else if bytes.starts_with(b"version https://git-lfs") {
        (
            "it is a pointer of Git LFS",
            "fetch the file itself with `git lfs pull`",
        )
    } else {
        (reason, "is it the right file, and whole?")
    };
    let facts = format!("{file} is no ONNX model: {reason}");
    Diagnostic::error(Code::NotOnnx, facts).help(help)
}

struct Decoder<'a> {
    file: &'a str,
    files: Files<'a>,
    /// Files of external data that were reported.
    missing_files: BTreeSet<String>,
    diags: Diagnostics,
}

impl Decoder<'_> {
    fn node(&mut self, node: wire::Node) -> Node {
        let mut attributes = BTreeMap::new();
        for attribute in node.attribute {
            let name = attribute.name.clone();
            if let Some(value) = self.attribute(attribute, &node.name) {
                attributes.insert(name, value);
            }
        }
        let domain = if node.domain == "ai.onnx" {
            String::new()
        } else {
            node.domain
        };
        Node {
            name: node.name,
            op: node.op_type,
            domain,
            inputs: node.input,
            outputs: node.output,
            attributes,
        }
    }

    /// An attribute by its type, or, in files that do not state it, by which field is filled.
    fn attribute(&mut self, a: wire::Attribute, node: &str) -> Option<Attribute> {
        let kind = match a.kind {
            0 if a.t.is_some() => 4,
            0 if a.g.is_some() => 5,
            0 if !a.floats.is_empty() => 6,
            0 if !a.ints.is_empty() => 7,
            0 if !a.s.is_empty() => 3,
            0 if a.f != 0.0 => 1,
            0 => 2,
            kind => kind,
        };
        Some(match kind {
            1 => Attribute::Float(a.f),
            2 => Attribute::Int(a.i),
            3 => Attribute::Text(String::from_utf8_lossy(&a.s).into_owned()),
            4 => Attribute::Tensor(self.tensor(*a.t?, Some(node))?),
            6 => Attribute::Floats(a.floats),
            7 => Attribute::Ints(a.ints),
            _ => Attribute::Other,
        })
    }

    /// A tensor; `owner` is the node it belongs to when it is no initialiser.
    fn tensor(&mut self, tensor: wire::Tensor, owner: Option<&str>) -> Option<Tensor> {
        let name = match owner {
            Some(node) if tensor.name.is_empty() => format!("of node `{node}`"),
            _ => format!("`{}`", tensor.name),
        };
        let fault = match self.read(tensor) {
            Ok(tensor) => return Some(tensor),
            Err(fault) => fault,
        };
        let file = self.file;
        match fault {
            Fault::Entry(reason) => {
                let facts = format!("tensor {name} in {file} cannot be read: {reason}");
                let help = "the file is damaged: export the model again";
                self.diags
                    .push(Diagnostic::error(Code::OnnxTensor, facts).help(help));
            }
            Fault::File(data, reason) => {
                if self.missing_files.insert(data.clone()) {
                    let facts =
                        format!("{file} keeps weights in {data}, which cannot be read: {reason}");
                    let help = format!("copy {data} next to the model: the two belong together");
                    self.diags
                        .push(Diagnostic::error(Code::ExternalData, facts).help(help));
                }
            }
        }
        None
    }

    fn read(&mut self, t: wire::Tensor) -> Result<Tensor, Fault> {
        let dims: Option<Vec<usize>> = t.dims.iter().map(|d| usize::try_from(*d).ok()).collect();
        let size = dims.as_ref().and_then(|d| count(d));
        let (Some(dims), Some(size)) = (dims, size) else {
            return Err(Fault::Entry(format!("its shape {:?} has no size", t.dims)));
        };
        let Some(element) = ElementType::from_number(t.data_type) else {
            let facts = format!(
                "its elements are of type {}, which holds no weights",
                t.data_type
            );
            return Err(Fault::Entry(facts));
        };
        let too_large = || Fault::Entry(format!("its shape {} is too large", dims_text(&dims)));
        let expected = size.checked_mul(element.bytes()).ok_or_else(too_large)?;
        if t.data_location == 1 {
            let bytes = self.files.data(&t.external_data, expected)?;
            return filled(
                Tensor::raw(dims, element, bytes),
                expected,
                expected,
                "bytes",
            );
        }
        if let Some(raw) = t.raw_data {
            let found = raw.len();
            return filled(
                Tensor::raw(dims.clone(), element, raw),
                expected,
                found,
                "bytes",
            );
        }
        typed(
            dims,
            size,
            element,
            t.float_data,
            t.double_data,
            t.int32_data,
            t.int64_data,
        )
    }
}

/// A tensor whose numbers stand in the field for its type.
fn typed(
    dims: Vec<usize>,
    size: usize,
    element: ElementType,
    floats: Vec<f32>,
    doubles: Vec<f64>,
    words: Vec<i32>,
    longs: Vec<i64>,
) -> Result<Tensor, Fault> {
    let (tensor, found) = match element {
        ElementType::F32 => {
            let found = floats.len();
            (Tensor::floats(dims, floats), found)
        }
        ElementType::F64 => {
            let found = doubles.len();
            (Tensor::doubles(dims, doubles), found)
        }
        // Sixteen bits stand in the lower half of a word.
        ElementType::F16 | ElementType::Bf16 => {
            let (found, halves) = (
                words.len(),
                words.iter().flat_map(|w| (*w as u16).to_le_bytes()),
            );
            (
                Tensor::raw(dims, element, halves.collect::<Vec<_>>().into()),
                found,
            )
        }
        ElementType::I64 => {
            let found = longs.len();
            (Tensor::integers(dims, element, longs), found)
        }
        ElementType::U8
        | ElementType::I8
        | ElementType::U16
        | ElementType::I16
        | ElementType::I32
        | ElementType::Bool => {
            let (found, longs) = (words.len(), words.into_iter().map(i64::from));
            (Tensor::integers(dims, element, longs.collect()), found)
        }
        ElementType::U32 | ElementType::U64 => {
            let facts = format!("its elements are {}, which no weights are", element.name());
            return Err(Fault::Entry(facts));
        }
    };
    filled(tensor, size, found, "numbers")
}

fn filled(
    tensor: Option<Tensor>,
    expected: usize,
    found: usize,
    what: &str,
) -> Result<Tensor, Fault> {
    tensor.ok_or_else(|| {
        Fault::Entry(format!(
            "it has {found} {what}, its shape and type {expected}"
        ))
    })
}

fn info(info: &wire::ValueInfo) -> Info {
    let tensor = info.r#type.as_ref().and_then(|t| t.tensor_type.as_ref());
    Info {
        name: info.name.clone(),
        element: tensor.and_then(|t| ElementType::from_number(t.elem_type)),
        dims: extents(info),
    }
}

fn extents(info: &wire::ValueInfo) -> Option<Vec<Extent>> {
    let shape = info.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?;
    let extent = |dim: &wire::Dimension| match dim.dim_value.map(usize::try_from) {
        Some(Ok(extent)) if extent > 0 => Extent::Fixed(extent),
        _ => Extent::Named(dim.dim_param.clone().unwrap_or_default()),
    };
    Some(shape.dim.iter().map(extent).collect())
}
