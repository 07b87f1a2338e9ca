//! Puts chosen groups into a plan: rings for the maps between their steps, and buffers for all maps anew.
//!
//! In: a plan, groups. Out: that plan, its maps placed. Never: chooses a group, an offset in the arena.

use super::reach::Cut;
use super::{Chooser, Group, padded};
use crate::plan::memory::{self, Live};
use crate::plan::{Kernel, MapId, Plan, Skip, Step, Storage};

/// Gives the maps inside groups their rings, and every map its buffer.
pub(super) fn apply(plan: &mut Plan, groups: Vec<Group>) {
    let bands = groups[0].bands.map_or(1, |bands| bands.count);
    let chooser = Chooser::new(plan, bands);
    let most = chooser.live_alone();
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
    for number in 0..plan.groups.len() {
        place_in_band(plan, number);
    }
    // What a core has in its cache stays there from group to group, if its memory does.
    let longest = plan.groups.iter().filter_map(|group| group.bands);
    if let Some(longest) = longest.map(|bands| bands.bytes).max() {
        let apart = plan.groups.clone();
        let bands = plan
            .groups
            .iter_mut()
            .filter_map(|group| group.bands.as_mut());
        bands.for_each(|bands| bands.bytes = longest);
        lay_out(plan, true);
        if memory::peak(&plan.buffers).0 <= most {
            return;
        }
        plan.groups = apart;
    }
    lay_out(plan, false);
}

/// Makes a step read what it wrote over.
fn leave_place(step: &mut Step) {
    if let (Kernel::Pointwise { skip, .. }, Some(old)) = (&mut step.kernel, step.overwrites) {
        *skip = Skip::Map(old);
        step.overwrites = None;
    }
}

/// Numbers the buffers anew: one for each map that takes no other's place, alive while it is used, in a group as long as
/// the group runs; one for all that the bands of a group have to themselves, or of all groups together.
fn lay_out(plan: &mut Plan, together: bool) {
    let mut buffers: Vec<Live> = Vec::new();
    let mut of_bands: Option<usize> = None;
    let end = plan.groups.last().map_or(0, Group::last);
    for index in 0..plan.steps.len() {
        let span = plan.span(index);
        let group = plan.groups.iter_mut().find(|group| group.first == index);
        if let Some((steps, bands)) = group.and_then(|g| Some((g.steps(), g.bands.as_mut()?))) {
            bands.buffer = of_bands.filter(|_| together).unwrap_or(buffers.len());
            if bands.buffer == buffers.len() {
                buffers.push(Live {
                    bytes: bands.count * bands.bytes,
                    first: index,
                    last: if together { end } else { span.end - 1 },
                });
            }
            of_bands = Some(bands.buffer);
            let storage = Storage::Buffer(bands.buffer);
            for map in own_maps(&plan.steps[steps]) {
                plan.maps[map.index()].storage = storage;
            }
        }
        let step = &plan.steps[index];
        let overwrites = step.overwrites;
        let made = [step.scratch, step.kernel.beside(), Some(step.output)];
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

/// What each band of a group of these steps has to itself: all they make but the last map, and scratch.
fn own_maps(steps: &[Step]) -> impl Iterator<Item = MapId> {
    let last = steps.last().map(|step| step.output);
    let made = steps
        .iter()
        .flat_map(|step| [Some(step.output), step.scratch]);
    made.flatten().filter(move |map| Some(*map) != last)
}

/// Places the maps that each band of a group has to itself in its memory, one after the other, if the group is shared so.
fn place_in_band(plan: &mut Plan, number: usize) {
    let group = &mut plan.groups[number];
    let steps = group.steps();
    let Some(bands) = &mut group.bands else {
        return;
    };
    for map in own_maps(&plan.steps[steps]) {
        let map = &mut plan.maps[map.index()];
        map.in_band = Some(bands.bytes);
        bands.bytes += padded(map.memory_bytes());
    }
}
