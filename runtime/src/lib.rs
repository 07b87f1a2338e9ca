//! Kernels that generated code calls.
#![no_std]
