//! Puts chosen groups into a plan: rings for the maps between their steps, and buffers for all maps anew.
//!
//! In: a plan, groups. Out: that plan, its maps placed. Never: chooses a group, an offset in the arena.

use super::reach::Cut;
use super::{Bands, Chooser, Group, padded};
use crate::plan::memory::Live;
use crate::plan::{Kernel, MapId, Plan, Skip, Step, Storage};

/// Gives the maps inside groups their rings, and every map its buffer.
pub(super) fn apply(plan: &mut Plan, groups: Vec<Group>) {
    let bands = groups[0].bands.map_or(1, |bands| bands.count);
    let chooser = Chooser::new(plan, bands);
    let (mut rings, mut moved) = (Vec::new(), Vec::new());
    for group in &groups {
        let reaches = chooser.reaches(group.steps()).expect("it was chosen");
        let cut = Cut {
            height: group.rows[group.rows.len() - 1].step,
            before: group.ahead(),
            bands,
        };
        for (step, reach) in group.steps().zip(&reaches) {
            let output = plan.steps[step].output;
            if step < group.last() {
                rings.push((output, reach.ring(cut, plan.map(output).shape.h)));
            }
            let stays = step == group.last() && chooser.stays_in_place(&group.steps(), &reaches);
            if !stays && plan.steps[step].overwrites.is_some() {
                moved.push(step);
            }
        }
    }
    for (map, ring) in rings {
        plan.maps[map.index()].ring = ring;
    }
    for step in moved {
        leave_place(&mut plan.steps[step]);
    }
    plan.groups = groups;
    lay_out(plan);
}

/// Makes a step read what it wrote over.
fn leave_place(step: &mut Step) {
    if let (Kernel::Pointwise { skip, .. }, Some(old)) = (&mut step.kernel, step.overwrites) {
        *skip = Skip::Map(old);
        step.overwrites = None;
    }
}

/// Numbers the buffers anew: one for each map that takes no other's place, alive while it is used, in a group as long as
/// the group runs; one for all that the bands of a group have to themselves.
fn lay_out(plan: &mut Plan) {
    let mut buffers: Vec<Live> = Vec::new();
    for index in 0..plan.steps.len() {
        let span = plan.span(index);
        if plan.group(index).is_some_and(|group| group.first == index) {
            buffers.extend(lay_out_bands(plan, index, buffers.len()));
        }
        let step = &plan.steps[index];
        let (overwrites, made) = (step.overwrites, [step.scratch, Some(step.output)]);
        let read: Vec<MapId> = step.reads().collect();
        for map in made.into_iter().flatten() {
            let old = overwrites.filter(|_| map == plan.steps[index].output);
            if plan.map(map).in_band.is_some() {
                continue;
            }
            let bytes = plan.maps[map.index()].memory_bytes();
            let storage = &mut plan.maps[map.index()].storage;
            if let Storage::Buffer(_) = storage {
                *storage = Storage::Buffer(buffers.len());
                match old.map(|old| plan.maps[old.index()].storage) {
                    Some(place) => plan.maps[map.index()].storage = place,
                    None => buffers.push(Live {
                        bytes,
                        first: span.start,
                        last: span.start,
                    }),
                }
            }
        }
        for map in read.into_iter().chain(made.into_iter().flatten()) {
            if let Storage::Buffer(buffer) = plan.map(map).storage {
                let last = &mut buffers[buffer].last;
                *last = (*last).max(span.end - 1);
            }
        }
    }
    plan.buffers = buffers;
}

/// Places the maps between the steps of the group that begins with step `first` in the memory of a band, and all bands' in
/// buffer `buffer`, if the group is shared so.
fn lay_out_bands(plan: &mut Plan, first: usize, buffer: usize) -> Option<Live> {
    let number = plan.groups.iter().position(|group| group.first == first)?;
    let group = &plan.groups[number];
    let (steps, last, count) = (group.steps(), group.last(), group.bands?.count);
    let mut bytes = 0;
    for step in steps.clone() {
        let step_made = (step != last).then_some(plan.steps[step].output);
        for map in step_made.into_iter().chain(plan.steps[step].scratch) {
            let map = &mut plan.maps[map.index()];
            map.storage = Storage::Buffer(buffer);
            map.in_band = Some(bytes);
            bytes += padded(map.memory_bytes());
        }
    }
    plan.groups[number].bands = Some(Bands {
        count,
        buffer,
        bytes,
    });
    Some(Live {
        bytes: count * bytes,
        first,
        last,
    })
}
