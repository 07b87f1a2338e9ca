//! Runs the network that the build script compiled, on a grey picture, and prints the class.

#[rustfmt::skip]
mod mobilenet {
    include!(concat!(env!("OUT_DIR"), "/mobilenet.rs"));
}

use mobilenet::{ARENA_BYTES, Arena, INPUT_SHAPE, Input, MACS, Mobilenet, Output};

fn main() {
    let network = Mobilenet::new();
    let mut arena = Arena::boxed();
    let mut output = Output::new();
    let input: Box<Input> = vec![0.5; INPUT_SHAPE.iter().product()]
        .try_into()
        .expect("as long as the input is");

    network.infer(&mut arena, &input, &mut output);

    let class = (0..output.logits.len())
        .max_by(|a, b| output.logits[*a].total_cmp(&output.logits[*b]))
        .expect("there are classes");
    println!("class {class} ({} logits)", output.logits.len());
    println!("{MACS} multiply-adds in {ARENA_BYTES} bytes of memory, on {}", network.level().name());
}
