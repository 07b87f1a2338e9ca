//! Writes ONNX models for tests.
//!
//! In: nodes and numbers. Out: the bytes of a file, as an implementation of the format writes them that shares nothing
//! with the compiler's: another copy of the schema, through another generator. Never:
//! checks that what is written makes sense; tests write nonsense, too.

pub use onnx_protobuf as proto;
use onnx_protobuf::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto,
    TensorProto, TensorShapeProto, TypeProto, ValueInfoProto, attribute_proto, tensor_proto,
    tensor_shape_proto, type_proto,
};
use protobuf::{EnumOrUnknown, Message, MessageField};

/// The number of float32 in `TensorProto.DataType`.
pub const FLOAT: i32 = 1;
/// The number of uint8.
pub const UINT8: i32 = 2;
/// The number of int64.
pub const INT64: i32 = 7;

/// The number of bool.
pub const BOOL: i32 = 9;

/// A dimension of an input.
#[derive(Clone, Copy, Debug)]
pub enum Dim<'a> {
    /// So many.
    Fixed(i64),
    /// As many as whoever feeds it chooses.
    Named(&'a str),
}

/// The value of an attribute.
#[derive(Clone, Debug)]
pub enum Attr<'a> {
    /// INT.
    Int(i64),
    /// FLOAT.
    Float(f32),
    /// STRING.
    Text(&'a str),
    /// INTS.
    Ints(&'a [i64]),
    /// FLOATS.
    Floats(&'a [f32]),
    /// TENSOR.
    Tensor(Box<TensorProto>),
}

/// A model under construction.
#[derive(Clone, Debug)]
pub struct Net {
    /// The message.
    pub model: ModelProto,
    counter: usize,
}

impl Net {
    /// A model with this version of the standard operators, and nothing else.
    pub fn new(opset: i64) -> Self {
        let mut model = ModelProto::new();
        model.ir_version = 8;
        let mut graph = GraphProto::new();
        graph.name = "test".to_owned();
        model.graph = MessageField::some(graph);
        let mut net = Self { model, counter: 0 };
        net.opset("", opset);
        net
    }

    /// Imports a set of operators.
    pub fn opset(&mut self, domain: &str, version: i64) {
        let mut set = OperatorSetIdProto::new();
        set.domain = domain.to_owned();
        set.version = version;
        self.model.opset_import.push(set);
    }

    /// The graph.
    pub fn graph(&mut self) -> &mut GraphProto {
        self.model.graph.mut_or_insert_default()
    }

    /// An input of float32, called `x`.
    pub fn input(&mut self, dims: &[Dim<'_>]) -> String {
        self.typed_input("x", FLOAT, dims)
    }

    /// An input of this name and element type.
    pub fn typed_input(&mut self, name: &str, element: i32, dims: &[Dim<'_>]) -> String {
        let info = info(name, element, Some(dims));
        self.graph().input.push(info);
        name.to_owned()
    }

    /// Gives a value out.
    pub fn output(&mut self, name: &str) {
        let info = info(name, FLOAT, None);
        self.graph().output.push(info);
    }

    /// A constant of float32 in the file's raw bytes.
    pub fn floats(&mut self, dims: &[i64], data: &[f32]) -> String {
        self.constant(raw(
            dims,
            FLOAT,
            data.iter().flat_map(|x| x.to_le_bytes()).collect(),
        ))
    }

    /// A constant of one float32.
    pub fn scalar(&mut self, x: f32) -> String {
        self.floats(&[], &[x])
    }

    /// A constant list of int64.
    pub fn ints(&mut self, data: &[i64]) -> String {
        let bytes = data.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.constant(raw(&[data.len() as i64], INT64, bytes))
    }

    /// Constant numbers in -1 to 1 that depend on `seed` alone, divided by the square root of what one output sums up.
    pub fn weight(&mut self, seed: u64, dims: &[i64]) -> String {
        let len: i64 = dims.iter().product();
        let fan_in = (len / dims[0].max(1)).max(1) as f32;
        let data: Vec<f32> = numbers(seed, len as usize)
            .map(|x| x / fan_in.sqrt())
            .collect();
        self.floats(dims, &data)
    }

    /// A constant, under a new name.
    pub fn constant(&mut self, mut tensor: TensorProto) -> String {
        let name = self.name("c");
        tensor.name = name.clone();
        self.graph().initializer.push(tensor);
        name
    }

    /// A node with one output; gives that output's name.
    pub fn op(&mut self, op: &str, inputs: &[&str], attributes: &[(&str, Attr<'_>)]) -> String {
        let output = self.name("t");
        self.named(op, inputs, &[&output], attributes);
        output
    }

    /// A node with these outputs.
    pub fn named(
        &mut self,
        op: &str,
        inputs: &[&str],
        outputs: &[&str],
        attributes: &[(&str, Attr<'_>)],
    ) {
        let node = node(op, inputs, outputs, attributes);
        self.graph().node.push(node);
    }

    /// The bytes of the file.
    ///
    /// # Panics
    /// When the message cannot be written.
    pub fn bytes(&self) -> Vec<u8> {
        self.model
            .write_to_bytes()
            .expect("a message in memory can be written")
    }

    fn name(&mut self, kind: &str) -> String {
        self.counter += 1;
        format!("{kind}{}", self.counter)
    }
}

/// A node; its name is its first output's with `node_` before it.
pub fn node(
    op: &str,
    inputs: &[&str],
    outputs: &[&str],
    attributes: &[(&str, Attr<'_>)],
) -> NodeProto {
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
    let mut node = NodeProto::new();
    node.op_type = op.to_owned();
    node.name = format!("node_{}", outputs.first().copied().unwrap_or_default());
    node.input = names(inputs);
    node.output = names(outputs);
    node.attribute = attributes
        .iter()
        .map(|(name, value)| attribute(name, value))
        .collect();
    node
}

/// An attribute.
pub fn attribute(name: &str, value: &Attr<'_>) -> AttributeProto {
    use attribute_proto::AttributeType;
    let mut attribute = AttributeProto::new();
    attribute.name = name.to_owned();
    let kind = match value {
        Attr::Int(i) => {
            attribute.i = *i;
            AttributeType::INT
        }
        Attr::Float(f) => {
            attribute.f = *f;
            AttributeType::FLOAT
        }
        Attr::Text(text) => {
            attribute.s = text.as_bytes().to_vec();
            AttributeType::STRING
        }
        Attr::Ints(ints) => {
            attribute.ints = ints.to_vec();
            AttributeType::INTS
        }
        Attr::Floats(floats) => {
            attribute.floats = floats.to_vec();
            AttributeType::FLOATS
        }
        Attr::Tensor(tensor) => {
            attribute.t = MessageField::some((**tensor).clone());
            AttributeType::TENSOR
        }
    };
    attribute.type_ = EnumOrUnknown::new(kind);
    attribute
}

/// A tensor of raw bytes.
pub fn raw(dims: &[i64], element: i32, bytes: Vec<u8>) -> TensorProto {
    let mut tensor = TensorProto::new();
    tensor.dims = dims.to_vec();
    tensor.data_type = element;
    tensor.raw_data = bytes;
    tensor
}

/// A tensor of float32 whose data lies in a file.
pub fn external(dims: &[i64], entries: &[(&str, &str)]) -> TensorProto {
    let mut tensor = TensorProto::new();
    tensor.dims = dims.to_vec();
    tensor.data_type = FLOAT;
    tensor.data_location = EnumOrUnknown::new(tensor_proto::DataLocation::EXTERNAL);
    let entry = |(key, value): &(&str, &str)| {
        let mut entry = StringStringEntryProto::new();
        entry.key = (*key).to_owned();
        entry.value = (*value).to_owned();
        entry
    };
    tensor.external_data = entries.iter().map(entry).collect();
    tensor
}

/// The description of an input or output.
pub fn info(name: &str, element: i32, dims: Option<&[Dim<'_>]>) -> ValueInfoProto {
    let mut tensor = type_proto::Tensor::new();
    tensor.elem_type = element;
    if let Some(dims) = dims {
        let mut shape = TensorShapeProto::new();
        shape.dim = dims.iter().map(dimension).collect();
        tensor.shape = MessageField::some(shape);
    }
    let mut kind = TypeProto::new();
    kind.set_tensor_type(tensor);
    let mut info = ValueInfoProto::new();
    info.name = name.to_owned();
    info.type_ = MessageField::some(kind);
    info
}

fn dimension(dim: &Dim<'_>) -> tensor_shape_proto::Dimension {
    let mut dimension = tensor_shape_proto::Dimension::new();
    match dim {
        Dim::Fixed(n) => dimension.set_dim_value(*n),
        Dim::Named(name) => dimension.set_dim_param((*name).to_owned()),
    }
    dimension
}

/// Numbers in -1 to 1, the same for the same seed: a linear congruential generator (Knuth, MMIX).
pub fn numbers(seed: u64, len: usize) -> impl Iterator<Item = f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66;
    (0..len).map(move |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    })
}
