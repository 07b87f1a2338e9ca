//! Reads goldens: what PyTorch computed for a seeded network in float64. `oracle/README.md` describes the files.

use crate::run::Tensor;
use safetensors::SafeTensors;
use std::collections::BTreeMap;

/// One golden file.
pub struct Golden {
    /// The seed of the weights and of the input.
    pub seed: u64,
    /// Expected tensors by name, thinned out: `output`, `tap.NAME`, or the canonical name of a layer.
    pub tensors: BTreeMap<String, Thinned>,
}

/// A tensor of which only every so-many-th element along each axis was kept.
pub struct Thinned {
    /// The whole tensor's shape.
    pub shape: Vec<usize>,
    /// The step along each axis.
    pub strides: Vec<usize>,
    /// What was kept, row-major.
    pub data: Vec<f32>,
}

impl Golden {
    /// Reads the golden of a network.
    ///
    /// # Panics
    /// When it is not there or not as `oracle/README.md` says.
    pub fn read(name: &str) -> Self {
        let path = crate::root().join(format!("tests/goldens/{name}.safetensors"));
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("a safetensors file");
        let metadata = metadata.metadata().clone().expect("metadata");
        let (shapes, strides) = (lists(&metadata["shapes"]), lists(&metadata["strides"]));
        let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
        let tensor = |(name, view): (&str, safetensors::tensor::TensorView<'_>)| {
            let (data, whole) = (floats(view.data()), || view.shape().to_vec());
            let shape = shapes.get(name).cloned().unwrap_or_else(whole);
            let strides = strides
                .get(name)
                .cloned()
                .unwrap_or_else(|| vec![1; shape.len()]);
            (
                name.to_owned(),
                Thinned {
                    shape,
                    strides,
                    data,
                },
            )
        };
        let seed = metadata["seed"].parse().expect("a number");
        let tensors = file.iter().map(tensor).collect();
        Self { seed, tensors }
    }
}

impl Thinned {
    /// The elements of `whole` that this keeps.
    ///
    /// # Panics
    /// When `whole` has another shape; a vector may be a map of one pixel.
    pub fn pick(&self, whole: &Tensor) -> Vec<f32> {
        let [h, w, c] = whole.shape;
        let (shape, strides) = match (&self.shape[..], &self.strides[..]) {
            ([n], [s]) => ([1, 1, *n], [1, 1, *s]),
            ([h, w, c], [a, b, d]) => ([*h, *w, *c], [*a, *b, *d]),
            other => panic!("a golden is a vector or a map, not {other:?}"),
        };
        assert_eq!(whole.shape, shape, "shape of {}", whole.name);
        let mut kept = Vec::new();
        for i in (0..h).step_by(strides[0]) {
            for j in (0..w).step_by(strides[1]) {
                kept.extend(
                    (0..c)
                        .step_by(strides[2])
                        .map(|k| whole.data[(i * w + j) * c + k]),
                );
            }
        }
        kept
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect()
}

/// Reads `{"name": [1, 2], ...}`, the only JSON there is in a golden.
fn lists(json: &str) -> BTreeMap<String, Vec<usize>> {
    let mut lists = BTreeMap::new();
    for entry in json
        .trim_matches(['{', '}'])
        .split(']')
        .filter(|e| !e.trim().is_empty())
    {
        let (name, numbers) = entry.split_once(':').expect("a name and a list");
        let name = name.trim_matches([',', ' ', '"']).to_owned();
        let numbers = numbers.trim().trim_start_matches('[').split(',');
        let numbers = numbers.map(|n| n.trim().parse().expect("a number"));
        lists.insert(name, numbers.collect());
    }
    lists
}
