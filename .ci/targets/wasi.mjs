// Runs a WebAssembly program of the target wasm32-wasip1: node wasi.mjs PROGRAM ARGUMENTS...
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const [, , program, ...others] = process.argv;
const wasi = new WASI({ version: "preview1", args: [program, ...others] });
const module = await WebAssembly.compile(await readFile(program));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
process.exitCode = wasi.start(instance);
