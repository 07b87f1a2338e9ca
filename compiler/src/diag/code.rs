//! The catalogue of diagnostics: one row per rule a user can break.
//!
//! Numbers are never reused: a retired code keeps its row out of the list and its number out of use.

use std::fmt;

/// What a rule is about; tells where its test case is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The text of a spec or of `--set`.
    Spec,
    /// Files that are read or written.
    Files,
    /// Tensors and the files they come from.
    Weights,
    /// ONNX models.
    Onnx,
    /// Running generated code: what is fed to it, and the build of it.
    Run,
}

macro_rules! codes {
    ($($name:ident $id:literal $topic:ident $meaning:literal)*) => {
        /// Names one rule a user can break.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = concat!($id, ": ", $meaning, ".")] $name,)*
        }

        impl Code {
            /// Every code, in order of its number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The number users see and search for: `M021`.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// The rule in one line.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }

            /// What the rule is about.
            #[must_use]
            pub fn topic(self) -> Topic {
                match self { $(Self::$name => Topic::$topic,)* }
            }
        }
    };
}

codes! {
    CannotRead      "F001" Files "a file that cannot be read"
    CannotWrite     "F002" Files "a file that cannot be written"
    NotText         "F003" Files "a file that holds no text"
    WrongKind       "F004" Files "a file of a kind that does not serve here"
    Syntax          "M001" Spec "the text is not YAML"
    TooBig          "M002" Spec "the text is larger, or nested deeper, than any spec"
    Indirection     "M003" Spec "anchors, aliases, merge keys and tags have no place in a spec"
    SecondDocument  "M004" Spec "a spec is one document"
    UnknownKey      "M005" Spec "a key nobody reads"
    DuplicateKey    "M006" Spec "a key or a column given twice"
    MissingKey      "M007" Spec "a key that must be there is not"
    WrongType       "M008" Spec "a value of another type than its key takes"
    UnknownWord     "M009" Spec "a word that is none of the choices"
    OutOfRange      "M010" Spec "a number outside the range its key takes"
    UnknownLayer    "M011" Spec "a layer of a kind that does not exist"
    UnknownColumn   "M012" Spec "a column no table of this kind has"
    MissingColumn   "M013" Spec "a table without a column it cannot do without"
    Length          "M014" Spec "a list with more or fewer values than it must have"
    Empty           "M015" Spec "a list that needs an entry has none"
    Conflict        "M016" Spec "keys that exclude each other"
    Stride          "M017" Spec "a stride other than 1 and 2"
    ZeroChannels    "M018" Spec "a layer without channels"
    Name            "M019" Spec "a name that cannot become a Rust identifier"
    DuplicateName   "M020" Spec "two layers, or two outputs, of one name"
    Residual        "M021" Spec "a residual between maps of different shapes"
    UnknownName     "M022" Spec "`from` names no earlier layer"
    AddShapes       "M023" Spec "an addition of maps of different shapes"
    Window          "M024" Spec "a window that does not fit its input"
    Groups          "M025" Spec "groups that do not divide the channels"
    NoExpansion     "M026" Spec "a tap of an expansion that is not there"
    TooLarge        "M027" Spec "a size that does not fit"
    TooManyLayers   "M028" Spec "more layers than any network"
    Size            "M029" Spec "an amount of memory that cannot be read"
    Set             "M030" Spec "an argument of `--set` that cannot be read"
    Budget          "M031" Spec "a network that needs more memory than its budget"
    NotOnnx         "N001" Onnx "the bytes are no ONNX model"
    OnnxVersion     "N002" Onnx "a version of the format, or of the operators, that is not read"
    OnnxTooLarge    "N003" Onnx "a model larger, or deeper, than any network"
    OnnxTensor      "N004" Onnx "a tensor that contradicts itself"
    ExternalData    "N005" Onnx "weights in a file beside the model that cannot be read"
    OnnxInput       "N006" Onnx "inputs or outputs that no network here has"
    OnnxDimension   "N007" Onnx "a dimension that is open, or that an argument does not fit"
    Quantised       "N008" Onnx "a quantised model"
    OnnxNode        "N009" Onnx "a node that cannot be compiled"
    NoWeights       "R001" Run "a network that is to run has no weights"
    Setting         "R002" Run "an argument that does not fit the network"
    Picture         "R003" Run "a picture that cannot be used"
    Labels          "R004" Run "labels that do not fit the classes"
    Array           "R005" Run "an array that is malformed, or has another shape or type than the input"
    Build           "R006" Run "generated code that could not be built or run"
    Differs         "R007" Run "generated code that computes something else than its model"
    NotSafetensors  "W001" Weights "the bytes are no safetensors file"
    WrongLength     "W002" Weights "the file ends too early or too late"
    BadTensor       "W003" Weights "a tensor whose shape, type and place in the file contradict each other"
    ElementType     "W004" Weights "a tensor whose elements are of a type that holds no weights"
    DoesNotFit      "W005" Weights "tensors that are missing, unknown or of another shape"
    NotFinite       "W006" Weights "a weight that is NaN or infinite"
    BatchNorm       "W007" Weights "a batch norm that cannot be folded"
    Seed            "W008" Weights "a seed that is no number"
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_ascending() {
        assert!(Code::ALL.windows(2).all(|pair| pair[0].id() < pair[1].id()));
        assert!(Code::ALL.iter().all(|code| code.id().len() == 4));
    }
}
