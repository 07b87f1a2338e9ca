//! Compiles the network and its trained weights into Rust.

fn main() {
    mnetc::build::Config::new()
        .weights("data/digits.safetensors")
        .compile("data/digits.yaml")
        .expect("the spec and its weights fit");
}
