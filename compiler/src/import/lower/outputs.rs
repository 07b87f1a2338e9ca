//! What the network gives out: under which names, and how the model shows it.
//!
//! In: the model's outputs. Out: outputs of the graph, and the layout of each. Never: computes.

use super::{Known, Lowering};
use crate::diag::{Code, Diagnostic};
use crate::front::names;
use crate::layout::Layout;
use std::collections::BTreeSet;

impl Lowering<'_> {
    /// Gives out everything the model does; the layouts of what could be.
    pub(super) fn outputs(&mut self) -> Vec<Layout> {
        if self.model.outputs.is_empty() {
            let facts = format!("{} gives nothing out", self.file);
            let help = "export the model again";
            self.diags
                .push(Diagnostic::error(Code::OnnxInput, facts).help(help));
        }
        let mut taken = BTreeSet::new();
        let mut layouts = Vec::new();
        for name in &self.model.outputs {
            layouts.extend(self.output(name, &mut taken));
        }
        layouts
    }

    fn output(&mut self, name: &str, taken: &mut BTreeSet<String>) -> Option<Layout> {
        let handle = match self.names.get(name) {
            Some(Known::Value(handle)) => *handle,
            Some(Known::Unknown(_)) => return None,
            Some(Known::Constant(_)) | None => {
                let does = match self.names.contains_key(name) {
                    true => "does not depend on the input",
                    false => "is made by no node",
                };
                let facts = format!("output `{name}` of {} {does}", self.file);
                let help = "export the model again, with what is computed as its output";
                self.diags
                    .push(Diagnostic::error(Code::OnnxInput, facts).help(help));
                return None;
            }
        };
        // A map that the model flattens is given out flattened, if it is flattened as here.
        let value = self.value(handle);
        let is_flat = (0..value.view.rank()).any(|place| value.view.dim(place).len() > 1);
        let handle = match is_flat {
            true => self.flattened(handle).unwrap_or(handle),
            false => handle,
        };
        let map = self.map(handle).ok()?;
        let name = unique(&names::usable(name, "output"), taken);
        self.builder.output(name, map);
        let value = self.value(handle);
        Some(value.view.layout(value.shape))
    }
}

/// `name`, or the first of `name_2`, `name_3`, ... that is not taken.
fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|n| format!("{name}_{n}"));
    let free = std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|name| taken.insert(name.clone()));
    free.expect("there are more numbers than outputs")
}
