//! Compiles the table in `models/` into Rust, with made-up weights until there are trained ones.

fn main() {
    mnetc::build::Config::new()
        .seed(7) // or .weights("models/mobilenet.safetensors")
        .compile("models/mobilenet.yaml")
        .unwrap();
}
