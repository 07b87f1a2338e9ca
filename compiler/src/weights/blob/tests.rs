//! What is packed is what the runtime reads, number by number.

use super::*;
use crate::graph::Graph;
use crate::shape::{Padding, Window};
use crate::weights::example::{Net, Squeeze, shown, tensors, v2, v3};
use crate::weights::{Tensor, Tensors};
use crate::{passes, plan};
use mnetc_runtime::{AlignedBytes, BlobLayout, FilterSlot, Weights, WeightsError};

fn planned(mut graph: Graph) -> Plan {
    passes::run(&mut graph);
    plan::lower(&graph, plan::Strategy::default(), 1)
}

fn layout(plan: &Plan) -> BlobLayout {
    BlobLayout {
        panels: plan.panels(),
        fingerprint: plan.fingerprint(),
    }
}

/// The bias and panels of the filter called `params`.
fn filter(plan: &Plan, blob: &[u8], params: &str) -> (Vec<[f32; 16]>, Vec<[f32; 16]>) {
    let bytes = AlignedBytes::copy_of(blob);
    let weights = Weights::from_bytes(&bytes, &layout(plan)).unwrap();
    let f = plan.filters.iter().find(|f| f.params == params).unwrap();
    let found = weights.filter(FilterSlot::new(f.offset, f.bias_panels, f.panels));
    (found.bias.to_vec(), found.panels.to_vec())
}

/// Every weight its own number, no batch norm: packing moves numbers and does nothing else to them.
fn counted(graph: &Graph) -> WeightSource {
    let mut tensors = Tensors::new();
    let all = crate::weights::example::tensors(graph, 0);
    for (name, tensor) in all.iter() {
        let data = (0..tensor.data().len()).map(|i| i as f32).collect();
        tensors.insert(name, Tensor::new(tensor.shape(), data));
    }
    WeightSource::Tensors(tensors)
}

#[test]
fn each_kind_of_filter_lies_as_its_kernel_reads_it() {
    let mut net = Net::new(2, 3, 20);
    let same = Window::square(3, 1, 1, Padding::all(1));
    net.plain_conv("general", same, 2, 20, true);
    net.plain_conv("depthwise", same, 20, 20, true);
    net.plain_conv("pointwise", Window::POINTWISE, 1, 18, true);
    net.linear("linear", 5);
    let graph = net.finish();
    let (source, plan) = (counted(&graph), planned(graph));
    let blob = pack(&plan, &source).unwrap();
    assert_eq!(blob.len(), plan.weight_bytes());

    // Two groups of ten outputs and ten inputs: output 13 is the fourth of the second.
    let (bias, panels) = filter(&plan, &blob, "general");
    assert_eq!((bias.len(), panels.len()), (2, 2 * 9 * 10));
    assert_eq!(bias[1][3], 13.0);
    assert_eq!(panels[90 + 7 * 10 + 4][3], ((13 * 10 + 4) * 9 + 7) as f32);

    let (bias, panels) = filter(&plan, &blob, "depthwise");
    assert_eq!((bias[1][3], panels.len()), (19.0, 2 * 9));
    assert_eq!(panels[9 + 5][2], (18 * 9 + 5) as f32);
    assert_eq!(panels[9 + 5][4..], [0.0; 12]);

    let (bias, panels) = filter(&plan, &blob, "pointwise");
    // Two outputs are left for a half panel: inputs 6 and 7 of the second share a line.
    assert_eq!((bias[1][1], panels.len()), (17.0, 20 + 10));
    assert_eq!(panels[6][5], (5 * 20 + 6) as f32);
    assert_eq!(
        panels[20 + 3][2..5],
        [(17 * 20 + 6) as f32, (17 * 20 + 7) as f32, 0.0]
    );

    // The map before it is 2x3x18: element (y, x, c) is weight c * 6 + y * 3 + x, and panel (y * 3 + x) * 18 + c.
    let (bias, panels) = filter(&plan, &blob, "linear");
    assert_eq!(bias[0][..6], [0.0, 1.0, 2.0, 3.0, 4.0, 0.0]);
    let (y, x, c, o) = (1, 2, 7, 4);
    assert_eq!(
        panels[(y * 3 + x) * 18 + c][o],
        (o * 108 + c * 6 + y * 3 + x) as f32
    );
}

#[test]
fn squeeze_and_excite_of_linear_layers_takes_their_weights() {
    let graph = v3(Squeeze::After);
    let mut two_dimensional = Tensors::new();
    for (name, tensor) in tensors(&graph, 1).iter() {
        let shape: Vec<usize> = tensor.shape().to_vec();
        let shape = if name.contains(".se.") {
            &shape[..shape.len().min(2)]
        } else {
            &shape
        };
        two_dimensional.insert(name, Tensor::new(shape, tensor.data().to_vec()));
    }
    let plan = planned(graph);
    let packed = pack(&plan, &WeightSource::Tensors(two_dimensional)).unwrap();
    assert_eq!(packed, pack(&plan, &WeightSource::Seed(1)).unwrap());
}

#[test]
fn a_seed_packs_like_the_tensors_it_stands_for() {
    for graph in [v2(), v3(Squeeze::Before)] {
        let source = WeightSource::Tensors(tensors(&graph, 7));
        let plan = planned(graph);
        let blob = pack(&plan, &source).unwrap();
        assert_eq!(blob, pack(&plan, &WeightSource::Seed(7)).unwrap());
        assert_ne!(blob, pack(&plan, &WeightSource::Seed(8)).unwrap());
    }
}

#[test]
fn every_damage_to_a_blob_is_noticed() {
    let plan = planned(v2());
    let blob = pack(&plan, &WeightSource::Seed(0)).unwrap();
    let read = |blob: &[u8], plan: &Plan| {
        let bytes = AlignedBytes::copy_of(blob);
        Weights::from_bytes(&bytes, &layout(plan)).map(|_| ())
    };
    assert_eq!(read(&blob, &plan), Ok(()));
    for at in (0..40).chain((64..blob.len()).step_by(97)) {
        let mut damaged = blob.clone();
        damaged[at] ^= 0x10;
        assert!(read(&damaged, &plan).is_err(), "byte {at}");
    }
    let mut last = blob.clone();
    *last.last_mut().unwrap() ^= 1;
    assert_eq!(read(&last, &plan), Err(WeightsError::Damaged));
    let other = planned(v3(Squeeze::After));
    assert_eq!(read(&blob, &other), Err(WeightsError::OtherNetwork));
    for length in [0, 63, 64, blob.len() - 1] {
        assert!(read(&blob[..length], &plan).is_err(), "{length} bytes");
    }
}

#[test]
fn batch_norms_that_cannot_be_folded_are_all_named() {
    let graph = v2();
    let mut wrong = tensors(&graph, 0);
    wrong.insert("stem.bn.var", Tensor::new([8], vec![-1.0; 8]));
    wrong.insert("conv1.bn.weight", Tensor::new([20], vec![f32::MAX; 20]));
    let source = WeightSource::Tensors(wrong);
    assert_eq!(
        shown(&pack(&planned(graph), &source).unwrap_err()),
        "\
error[W007]: a batch norm cannot be folded: `stem`: channel 0 has the variance -1, which is not positive with epsilon 0.001 added
 |
 = note: `conv1`: the folded weights are too large for f32
 = help: the file is damaged or was saved before training: save the weights again
"
    );
}

#[test]
fn weights_of_another_network_are_refused() {
    let source = WeightSource::Tensors(tensors(&v3(Squeeze::After), 0));
    let mistake = pack(&planned(v2()), &source).unwrap_err();
    assert_eq!(mistake.code, Code::DoesNotFit);
}
