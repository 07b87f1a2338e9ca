//! Nodes that compute nothing: they only show a map differently.
//!
//! In: a node and the value it shows. Out: a value with the same elements and another view. Never: adds to the graph.

use super::super::fold;
use super::super::model::Node;
use super::super::tensor::ElementType;
use super::super::value::{Handle, Kind};
use super::super::view::View;
use super::{Inputs, Lower, Lowering, refused};

impl Lowering<'_> {
    pub(super) fn identity(
        &mut self,
        index: usize,
        _node: &Node,
        inputs: &Inputs,
    ) -> Lower<Handle> {
        self.same(index, inputs.value(0)?)
    }

    /// `x` under its own view.
    pub(super) fn same(&mut self, index: usize, x: Handle) -> Lower<Handle> {
        let view = self.value(x).view.clone();
        Ok(self.shown_as(index, x, view))
    }

    /// `x` under another view.
    fn shown_as(&mut self, index: usize, x: Handle, view: View) -> Handle {
        let (shape, bytes) = (self.value(x).shape, self.value(x).bytes);
        let (base, alone) = (self.shown(x), self.shown_alone(x).is_some());
        let handle = self.made_by(index, shape, view, Kind::Same { base, alone });
        self.values[handle.0].bytes = bytes;
        handle
    }

    pub(super) fn dropout(&mut self, index: usize, _node: &Node, inputs: &Inputs) -> Lower<Handle> {
        let training = inputs
            .optional(2, "training mode")?
            .and_then(|t| t.scalar());
        if training.is_some_and(|t| t != 0.0) {
            return refused(
                "drops at random, as in training",
                "export the model in evaluation mode",
            );
        }
        self.same(index, inputs.value(0)?)
    }

    /// Between floating-point types nothing changes, since all are computed in f32; bytes become what they count.
    pub(super) fn cast(&mut self, index: usize, node: &Node, inputs: &Inputs) -> Lower<Handle> {
        let x = inputs.value(0)?;
        let to = match (node.int("to"), inputs.get(1)) {
            (Some(to), _) => i32::try_from(to).ok().and_then(ElementType::from_number),
            (None, Some(super::Known::Constant(like))) => Some(like.element()),
            // Like a map, so like a float.
            (None, Some(_)) => Some(ElementType::F32),
            (None, None) => None,
        };
        if !to.is_some_and(ElementType::is_float) {
            let to = to.map_or("another type", ElementType::name);
            let reason = format!("makes {to} of a map, which is computed in float32");
            return refused(reason, "export the float model");
        }
        let handle = self.same(index, x)?;
        self.values[handle.0].bytes = false;
        Ok(handle)
    }

    pub(super) fn transpose(
        &mut self,
        index: usize,
        node: &Node,
        inputs: &Inputs,
    ) -> Lower<Handle> {
        let x = inputs.value(0)?;
        let view = &self.value(x).view;
        let reversed: Vec<i64> = (0..view.rank() as i64).rev().collect();
        let perm = node.ints("perm").unwrap_or(&reversed);
        let order = fold::axes(perm, view.rank()).ok();
        match order.and_then(|order| view.transposed(&order)) {
            Some(view) => Ok(self.shown_as(index, x, view)),
            None => refused(
                format!("has perm {perm:?}, which is no permutation"),
                "export the model again",
            ),
        }
    }

    pub(super) fn reshape(&mut self, index: usize, node: &Node, inputs: &Inputs) -> Lower<Handle> {
        let x = inputs.value(0)?;
        let Some(asked) = inputs.constant(1, "shape")?.to_i64() else {
            return refused(
                "has a shape that is no list of whole numbers",
                "export the model again",
            );
        };
        let zero_is_zero = node.int("allowzero") == Some(1);
        let from = self.extents(x);
        match fold::extents(&asked, &from, zero_is_zero) {
            Ok(extents) => self.with_extents(index, x, &extents),
            Err(reason) => refused(
                format!("does not fit a batch of one: {reason}"),
                "export the model with an open batch, or a batch of 1",
            ),
        }
    }

    pub(super) fn flatten(&mut self, index: usize, node: &Node, inputs: &Inputs) -> Lower<Handle> {
        let x = inputs.value(0)?;
        let from = self.extents(x);
        let Some(axis) = fold::flatten_axis(node.int("axis"), from.len()) else {
            return refused(
                "flattens from an axis that is not there",
                "export the model again",
            );
        };
        let (outer, inner) = from.split_at(axis);
        self.with_extents(index, x, &[outer.iter().product(), inner.iter().product()])
    }

    pub(super) fn squeeze(&mut self, index: usize, node: &Node, inputs: &Inputs) -> Lower<Handle> {
        let x = inputs.value(0)?;
        let from = self.extents(x);
        let places = match inputs.list(node, "axes", 1)? {
            Some(list) => fold::axes(&list, from.len())
                .or_else(|reason| refused(format!("names {reason}"), "export the model again"))?,
            None => (0..from.len()).filter(|place| from[*place] == 1).collect(),
        };
        if let Some(place) = places.iter().find(|place| from[**place] != 1) {
            let reason = format!(
                "drops dimension {place}, which has {} elements",
                from[*place]
            );
            return refused(
                reason,
                "choose another input size, or export the model again",
            );
        }
        let view = self.value(x).view.without(&places);
        Ok(self.shown_as(index, x, view))
    }

    pub(super) fn unsqueeze(
        &mut self,
        index: usize,
        node: &Node,
        inputs: &Inputs,
    ) -> Lower<Handle> {
        let x = inputs.value(0)?;
        let listed = inputs.list(node, "axes", 1)?.unwrap_or_default();
        match fold::with_ones(&self.extents(x), &listed) {
            Ok(extents) => self.with_extents(index, x, &extents),
            Err(reason) => refused(
                format!("cannot be followed: {reason}"),
                "export the model again",
            ),
        }
    }

    /// Picking everything in order changes nothing but the shape; some exporters write a reshape so.
    pub(super) fn gather(&mut self, index: usize, node: &Node, inputs: &Inputs) -> Lower<Handle> {
        let (x, indices) = (inputs.value(0)?, inputs.constant(1, "indices")?);
        let from = self.extents(x);
        let axis = fold::from_end(node.int("axis").unwrap_or(0), from.len());
        let picked = |extent| {
            let each = indices.to_i64()?;
            each.iter()
                .map(|i| fold::from_end(*i, extent))
                .collect::<Option<Vec<_>>>()
        };
        match axis.map(|axis| (axis, picked(from[axis]))) {
            Some((axis, Some(places))) if places.iter().copied().eq(0..from[axis]) => {
                let extents = [&from[..axis], indices.dims(), &from[axis + 1..]].concat();
                self.with_extents(index, x, &extents)
            }
            _ => Err(super::words::apart().into()),
        }
    }

    /// Likewise for a piece that is the whole.
    pub(super) fn slice(&mut self, index: usize, node: &Node, inputs: &Inputs) -> Lower<Handle> {
        let x = inputs.value(0)?;
        let from = self.extents(x);
        let (starts, ends) = (
            inputs.list(node, "starts", 1)?,
            inputs.list(node, "ends", 2)?,
        );
        let (starts, ends) = (starts.unwrap_or_default(), ends.unwrap_or_default());
        let along = inputs
            .list(node, "axes", 3)?
            .unwrap_or_else(|| (0..starts.len() as i64).collect());
        let steps = inputs
            .list(node, "steps", 4)?
            .unwrap_or_else(|| vec![1; starts.len()]);
        let places = fold::axes(&along, from.len()).ok();
        let is_whole = |places: &Vec<usize>| {
            let sides = starts.iter().zip(&ends).zip(&steps);
            sides.len() == places.len()
                && sides.zip(places).all(|(((start, end), step), place)| {
                    let extent = i64::try_from(from[*place]).unwrap_or(i64::MAX);
                    *step == 1 && (*start == 0 || *start <= -extent) && *end >= extent
                })
        };
        match places.filter(is_whole) {
            Some(_) => self.same(index, x),
            None => Err(super::words::apart().into()),
        }
    }

    fn with_extents(&mut self, index: usize, x: Handle, extents: &[usize]) -> Lower<Handle> {
        let value = self.value(x);
        match value.view.reshaped(value.shape, extents) {
            Some(view) => Ok(self.shown_as(index, x, view)),
            None => refused(
                "cuts channels, rows or columns into groups, which no layer here does",
                "MobileNets shuffle no channels: cut the model in front of this node",
            ),
        }
    }
}
