//! Guesses why tensors do not fit a network.
//!
//! In: what is missing, unknown and of another shape. Out: one line of advice. Never: sees an element.

use super::super::layer::Layer;
use super::super::source::Tensors;
use super::super::words::quoted;
use super::Misfits;

impl<'a> Misfits<'a> {
    /// What most likely went wrong.
    pub(super) fn advice(&self, layers: &[Layer<'_>], tensors: &'a Tensors) -> String {
        let any = |part: &str| self.unknown.iter().any(|(name, _)| name.contains(part));
        let starts = |part: &str| self.unknown.iter().any(|(n, _)| n.starts_with(part));
        if let Some(prefix) = self.prefix(tensors) {
            return format!(
                "every name carries the prefix {}: save the weights without it",
                quoted(prefix)
            );
        }
        if any("conv_stem") || any("conv_dw") || any("conv_pwl") {
            return "the names look like timm's: rename them to mnetc's own, or export the model to ONNX and give \
                    that as weights"
                .into();
        }
        if any("kernel") || any("gamma") || any("moving_mean") {
            return "the names look like Keras's: export the model to ONNX and give that as weights".into();
        }
        if starts("features.") || starts("classifier.") {
            return "the names look like torchvision's, but the network is not built the way torchvision builds it: \
                    compare the tables, or rename the tensors to mnetc's own names"
                .into();
        }
        if let Some(channels) = self.other_channels(layers) {
            return channels;
        }
        let biased = |layer: &&Layer<'_>| {
            let bias = layer.bias_name();
            layer.norm.is_some() && self.unknown.iter().any(|(name, _)| *name == bias)
        };
        if let Some(layer) = layers.iter().find(biased) {
            let layer = quoted(layer.params);
            return format!("{layer} takes a bias in place of its batch norm, not beside it");
        }
        if self.missing.len() == self.needed {
            return "none of the network's tensors is there: give the weights of this network, named as mnetc or \
                    torchvision names them"
                .into();
        }
        "give the weights of this very table: equal width multiplier, expansions, squeeze widths and classes".into()
    }

    /// What stands before a name, of mnetc or torchvision, in the names of all unknown tensors.
    fn prefix(&self, tensors: &'a Tensors) -> Option<&'a str> {
        let (missing, _) = self.missing.first()?;
        let known = [Some(missing.as_str()), tensors.torchvision_name(missing)];
        let before = |known: &str| {
            let mut unknown = self.unknown.iter();
            unknown.find_map(|(name, _)| name.strip_suffix(known))
        };
        let prefix = known.into_iter().flatten().find_map(before)?;
        let everywhere = self.unknown.iter().all(|(n, _)| n.starts_with(prefix));
        (prefix.ends_with('.') && everywhere).then_some(prefix)
    }

    /// When all that is wrong is the number of channels of the last layer: how many the file has.
    fn other_channels(&self, layers: &[Layer<'_>]) -> Option<String> {
        let last = layers.last()?;
        let ((_, expected), found) = self.misshapen.first()?;
        let names = [last.weight_name(), last.bias_name()];
        let only_there = self.misshapen.iter().all(|((n, _), _)| names.contains(n));
        let only_channels = found.get(1..) == expected.get(1..);
        let alone = self.missing.is_empty() && self.unknown.is_empty();
        let (channels, layer) = (found.first()?, quoted(last.params));
        let advice = format!(
            "the weights were made for another number of classes: give {layer} c: {channels}"
        );
        (only_there && only_channels && alone).then_some(advice)
    }
}
