//! Reads handwritten digits with a MobileNetV3-Small at 0.35 width and 32x32 pixels, trained on scikit-learn's digits.
//!
//! ```
//! let mut reader = digits::Reader::new();
//! let blank = [0; digits::PIXELS];
//! let (digit, probability) = reader.read(&blank);
//! assert!(digit < 10 && probability <= 1.0);
//! ```

/// The network, as the build script compiled it.
#[allow(clippy::allow_attributes_without_reason, reason = "the compiler keeps its output short")]
#[rustfmt::skip]
pub mod network {
    include!(concat!(env!("OUT_DIR"), "/digits.rs"));
}

/// Pixels of an image: 32 rows of 32, ink bright, paper dark.
pub const PIXELS: usize = 32 * 32;

/// The network with the memory it works in.
pub struct Reader {
    network: network::Digits<'static>,
    arena: Box<network::Arena>,
}

impl Reader {
    /// A reader on the best instruction set that this CPU has.
    pub fn new() -> Self {
        Self {
            network: network::Digits::new(),
            arena: network::Arena::boxed(),
        }
    }

    /// The digit in the image, and its probability.
    pub fn read(&mut self, image: &[u8; PIXELS]) -> (usize, f32) {
        let mut output = network::Output::new();
        self.network.infer(&mut self.arena, image, &mut output);
        let probabilities = softmax(output.logits);
        let best = (0..10).max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]));
        best.map_or((0, 0.0), |digit| (digit, probabilities[digit]))
    }
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

fn softmax(logits: [f32; 10]) -> [f32; 10] {
    let largest = logits.iter().fold(f32::MIN, |a, b| a.max(*b));
    let powers = logits.map(|x| (x - largest).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|p| p / sum)
}
