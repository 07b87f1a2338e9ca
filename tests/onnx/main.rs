//! Does the importer read ONNX as exporters write it? Models in all the forms that are known, what is refused and with
//! which words, files that are damaged or changed, and, where they are at hand, real networks.
//!
//! `tables` asks whether specs are recovered, `variants` has one family for each row of the table of forms: all forms of a family must compile to the same steps, and
//! compute what ONNX Runtime computed (`goldens/onnx/forms.txt`, written by `oracle/forms.py`).

mod agreement;
mod container;
mod export;
mod mutations;
mod real;
mod refusals;
mod support;
mod tables;
mod variants;
