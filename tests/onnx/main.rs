//! Does the importer read ONNX as exporters write it? Models in all the forms that are known.
//!
//! `variants` has one family for each row of the table of forms: all forms of a family must compile to the same steps, and
//! compute what ONNX Runtime computed (`goldens/onnx.txt`, written by `oracle/onnx_expected.py`).

mod support;
mod variants;
