//! Compiles two networks with their weights, which stay in flash, and puts the memory map where the linker looks.

use mnetc::build::{Config, Target};
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    // 96x96 camera pixels; made-up weights until there are trained ones.
    Config::new()
        .target(Target::CortexM)
        .set("input.type", "u8")
        .set("input.mean", 127.5)
        .set("input.std", 127.5)
        .seed(1)
        .self_test(true)
        .ram_budget(256 << 10)
        .flash_budget(2 << 20)
        .compile("../../arch-specs/v1_025_96.yaml")
        .unwrap();
    Config::new()
        .target(Target::CortexM)
        .weights("../digits/data/digits.safetensors")
        .self_test(true)
        .compile("../digits/data/digits.yaml")
        .unwrap();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::copy("memory.x", out.join("memory.x")).expect("OUT_DIR can be written");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed=memory.x");
}
