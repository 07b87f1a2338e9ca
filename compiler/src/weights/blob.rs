//! Packs weights into the blob that generated code reads.
//!
//! In: a plan and a source of weights. Out: the blob: header, then each filter's bias and weights in panels of 16 output
//! channels, little-endian, in the order of use. Never: chooses a layout; the plan says where, the runtime says how.

use super::check::check;
use super::fold::{Folded, fold};
use super::layer::Layer;
use super::source::WeightSource;
use super::words::quoted;
use crate::diag::{Code, Diagnostic};
use crate::plan::{Filter, FilterKind, Plan};
use crate::shape::Shape;
use mnetc_runtime::blob::{HEADER_BYTES, header};
use mnetc_runtime::pack as layout;
use std::borrow::Cow;

type Panel = [f32; layout::LANES];

/// Folds and packs the weights of `plan`.
///
/// # Errors
/// One error that lists every tensor that is missing, unknown, of another shape or not finite; or every batch norm that
/// cannot be folded.
pub fn pack(plan: &Plan, source: &WeightSource) -> Result<Vec<u8>, Diagnostic> {
    let layers: Vec<Layer<'_>> = plan.filters.iter().map(Layer::of_filter).collect();
    check(&layers, source)?;
    let mut panels: Vec<Panel> = vec![[0.0; layout::LANES]; plan.panels()];
    let mut faults = Vec::new();
    for (filter, layer) in plan.filters.iter().zip(&layers) {
        let end = filter.offset + filter.bias_panels + filter.panels;
        match fold(layer, source) {
            Ok(folded) => pack_filter(filter, folded, &mut panels[filter.offset..end]),
            Err(fault) => faults.push(format!("{}: {fault}", quoted(layer.params))),
        }
    }
    if faults.is_empty() {
        return Ok(bytes(&panels, plan.fingerprint()));
    }
    Err(fold_fault(faults))
}

fn fold_fault(faults: Vec<String>) -> Diagnostic {
    let mut faults = faults.into_iter();
    let first = faults.next().unwrap_or_default();
    let mut fault = Diagnostic::error(
        Code::BatchNorm,
        format!("a batch norm cannot be folded: {first}"),
    );
    let (listed, more) = (faults.by_ref().take(19).collect(), faults.count());
    fault.notes = listed;
    if more > 0 {
        fault.notes.push(format!("and {more} more"));
    }
    fault.help("the file is damaged or was saved before training: save the weights again")
}

/// The blob: the panels' bytes behind a header.
fn bytes(panels: &[Panel], fingerprint: u64) -> Vec<u8> {
    let numbers = panels.as_flattened();
    let mut blob = vec![0; HEADER_BYTES + size_of_val(numbers)];
    let (head, payload) = blob.split_at_mut(HEADER_BYTES);
    let (words, _) = payload.as_chunks_mut::<4>();
    for (word, number) in words.iter_mut().zip(numbers) {
        *word = number.to_le_bytes();
    }
    head.copy_from_slice(&header(payload, fingerprint));
    blob
}

fn pack_filter(filter: &Filter, folded: Folded<'_>, panels: &mut [Panel]) {
    let (bias, panels) = panels.split_at_mut(filter.bias_panels);
    let weight = &folded.weight;
    match filter.kind {
        FilterKind::Pointwise { inputs, outputs } => {
            layout::bias(&folded.bias, bias);
            layout::pointwise(weight, outputs, inputs, panels);
        }
        FilterKind::OnePixel { inputs, outputs } => {
            layout::bias(&folded.bias, bias);
            layout::linear(weight, outputs, inputs, panels);
        }
        FilterKind::OnePixelF24 { inputs, outputs } => {
            layout::bias(&folded.bias, bias);
            layout::linear_f24(weight, outputs, inputs, panels);
        }
        FilterKind::PointwiseSplit { inputs, outputs } => {
            layout::bias(&folded.bias, bias);
            layout::pointwise_split(weight, outputs, inputs, panels);
        }
        FilterKind::Linear { input, outputs } => {
            layout::bias(&folded.bias, bias);
            let weight = as_stored(weight, input);
            layout::linear(&weight, outputs, input.len(), panels);
        }
        FilterKind::LinearF24 { input, outputs } => {
            layout::bias(&folded.bias, bias);
            let weight = as_stored(weight, input);
            layout::linear_f24(&weight, outputs, input.len(), panels);
        }
        FilterKind::Depthwise {
            channels,
            kernel: [kh, kw],
        } => {
            layout::bias(&folded.bias, bias);
            layout::depthwise(weight, channels, kh, kw, panels);
        }
        FilterKind::Conv {
            inputs,
            outputs,
            groups,
            kernel: [kh, kw],
        } => {
            layout::conv_bias(&folded.bias, groups, bias);
            layout::conv(weight, outputs, inputs, kh, kw, groups, panels);
        }
    }
}

/// A linear layer's weights count the elements of the map before it as (c, h, w); the map is stored as (h, w, c).
fn as_stored(weight: &[f32], map: Shape) -> Cow<'_, [f32]> {
    if map.pixels() == 1 || map.c == 1 {
        return weight.into();
    }
    let mut stored = Vec::with_capacity(weight.len());
    for row in weight.chunks_exact(map.len()) {
        for pixel in 0..map.pixels() {
            stored.extend((0..map.c).map(|c| row[c * map.pixels() + pixel]));
        }
    }
    stored.into()
}

#[cfg(test)]
mod tests;
