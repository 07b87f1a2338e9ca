//! A compiled network in a page, or in Node: fetches the module and its weights, prepares pictures, runs, ranks.
//!
//! In: addresses, pictures as `{height, width, channels, bytes}`. Out: probabilities, sizes, errors in words. Never: touches
//! the page.

/** What went wrong, in words for whoever looks at the page. */
export class NetworkError extends Error {}

/** How a byte p becomes a number where the network does not say: (p * scale - mean) / std, as `mnetc run --preset` does. */
export const PRESETS = {
  unit: { scale: 1 / 255, mean: [0], std: [1] },
  tf: { scale: 1 / 127.5, mean: [1], std: [1] },
  imagenet: { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};

/** What `load` of the module answers. */
const WRONG_WEIGHTS = [
  "",
  "are too few bytes to be weights",
  "are no weights that mnetc packed",
  "were packed by another version of mnetc",
  "are not f32",
  "belong to another network",
  "are cut off, or have something behind them",
  "are damaged: their digest does not match",
  "do not start at a multiple of 64 bytes",
  "do not fit the network",
];

/** A network that is ready to run. */
export class Network {
  #module;
  #input;

  constructor(module, moduleBytes) {
    const text = (at, length) => new TextDecoder().decode(new Uint8Array(module.memory.buffer, at, length));
    this.#module = module;
    this.name = text(module.name(), module.name_bytes());
    this.level = text(module.level(), module.level_bytes());
    this.height = module.height();
    this.width = module.width();
    this.channels = module.channels();
    this.classes = module.classes();
    /** Whether the network says itself how pixels become numbers; if not, a preset must. */
    this.preparesPixels = module.pixels() !== 0;
    this.multiplyAdds = module.multiply_adds();
    const weights = module.weight_bytes();
    /** What is fetched, and what `infer` works in. */
    this.bytes = { module: moduleBytes, weights, arena: module.arena_bytes() };
    if (module.weights_to_fetch() === 0) this.bytes.module -= weights;
    const bytes = module.input_bytes();
    const { buffer } = module.memory;
    const floats = module.pixels() !== 1;
    this.#input = floats ? new Float32Array(buffer, module.input(), bytes / 4) : new Uint8Array(buffer, module.input(), bytes);
  }

  /** Puts a picture of the input's size where the network reads it. */
  set(picture, preset = "unit") {
    if (this.preparesPixels) {
      this.#input.set(picture.bytes);
      return;
    }
    const map = PRESETS[preset];
    if (!map) throw new NetworkError(`There is no preset “${preset}”.`);
    const { channels, bytes } = picture;
    if (map.mean.length > 1 && map.mean.length !== channels) {
      throw new NetworkError(`The preset “${preset}” has numbers for ${map.mean.length} channels, the network has ${channels}.`);
    }
    for (let c = 0; c < channels; c++) {
      const mean = map.mean[c % map.mean.length];
      const std = map.std[c % map.std.length];
      for (let i = c; i < bytes.length; i += channels) this.#input[i] = (bytes[i] * map.scale - mean) / std;
    }
  }

  /** Puts numbers there that somebody else prepared. */
  setNumbers(numbers) {
    this.#input.set(numbers);
  }

  /** Runs the network on what was put there last. The scores are only good until the next run. */
  infer() {
    const at = this.#module.infer();
    return new Float32Array(this.#module.memory.buffer, at, this.classes);
  }

  /** Runs it, and says how many milliseconds that took: the mean of as many runs as fit in `budget`, one at least. */
  time(budget = 0) {
    const start = performance.now();
    let scores;
    let runs = 0;
    let passed;
    do {
      scores = this.infer();
      runs += 1;
      passed = performance.now() - start;
    } while (passed < budget);
    return { scores, milliseconds: passed / runs };
  }

  /** The probability of each class. */
  probabilities(scores) {
    if (this.#module.probabilities()) return Array.from(scores);
    const greatest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = Array.from(scores, (s) => Math.exp(s - greatest));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((p) => p / sum);
  }

  /** Holds every layer against the reference: null when right, else the first wrong step's number; needs `--self-test`. */
  selfTest() {
    const step = this.#module.self_test();
    if (step === -2) throw new NetworkError("The module was built without a self-test.");
    return step < 0 ? null : step;
  }
}

/** A network from the bytes of its module, and of its weights unless they are part of it. */
export async function make(moduleBytes, weights) {
  let instance;
  try {
    ({ instance } = await WebAssembly.instantiate(moduleBytes, {}));
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    const cause = isModule(moduleBytes)
      ? "This browser cannot compile it: it may be too old to know WebAssembly with SIMD, or the file is cut off."
      : "It is no WebAssembly module: the server may have sent something else in its place.";
    throw new NetworkError(`The network’s module cannot be used. ${cause}`);
  }
  const module = instance.exports;
  const needed = module.weights_to_fetch();
  if (needed > 0) {
    const bytes = weights ?? new Uint8Array();
    if (bytes.length !== needed) {
      throw new NetworkError(`The weights are ${bytes.length} bytes long, the network needs ${needed}.`);
    }
    new Uint8Array(module.memory.buffer, module.weights(), needed).set(bytes);
  }
  const wrong = module.load();
  if (wrong !== 0) throw new NetworkError(`The weights cannot be used: they ${WRONG_WEIGHTS[wrong]}.`);
  return new Network(module, moduleBytes.length);
}

function isModule(bytes) {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

/** Fetches and makes the network at `base`: `network.wasm`, and `network.weights`, of which `embedded` networks have none. */
export async function load(base, { embedded = false, progress = () => {} } = {}) {
  const got = [0, 0];
  const all = [0, 0];
  const part = (i) => (now, total) => {
    got[i] = now;
    all[i] = total;
    progress(got[0] + got[1], all[0] + all[1]);
  };
  const [module, weights] = await Promise.all([
    fetchBytes(new URL("network.wasm", base), part(0)),
    embedded ? undefined : fetchBytes(new URL("network.weights", base), part(1)),
  ]);
  return make(module, weights);
}

/** All bytes of a file; tells how many have come. */
export async function fetchBytes(url, progress = () => {}) {
  const name = url.pathname.split("/").pop();
  let response;
  try {
    response = await fetch(url);
  } catch {
    throw new NetworkError(`${name} cannot be fetched: the server does not answer, or the connection is gone.`);
  }
  if (!response.ok) throw new NetworkError(`${name} cannot be fetched: the server answers ${response.status}.`);
  const total = Number(response.headers.get("content-length")) || 0;
  const parts = [];
  let length = 0;
  try {
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      length += value.length;
      progress(length, Math.max(total, length));
    }
  } catch {
    throw new NetworkError(`${name} cannot be fetched: the connection broke after ${length} bytes.`);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A picture for the network: of an `ImageData`'s pixels, grey or coloured, cropped if asked, and resized. */
export function prepare(network, { width, height, data }, crop = "center") {
  const picture = withChannels(width, height, data, network.channels);
  const kept = crop === "center" ? middle(picture, network.height, network.width) : picture;
  return resize(kept, network.height, network.width);
}

/** Without transparency; grey is ITU-R 601-2 in fixed point, as in `mnetc run` and Pillow. */
function withChannels(width, height, rgba, channels) {
  const bytes = new Uint8ClampedArray(width * height * channels);
  for (let from = 0, to = 0; to < bytes.length; from += 4, to += channels) {
    const [r, g, b] = [rgba[from], rgba[from + 1], rgba[from + 2]];
    if (channels === 1) {
      bytes[to] = (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
    } else {
      bytes[to] = r;
      bytes[to + 1] = g;
      bytes[to + 2] = b;
    }
  }
  return { height, width, channels, bytes };
}

/** The part that `middle` keeps of a picture. */
export function middleOf(picture, height, width) {
  const clamp = (x, most) => Math.min(Math.max(Math.floor(x), 1), most);
  const keptHeight = clamp((picture.width * height) / width, picture.height);
  const keptWidth = clamp((picture.height * width) / height, picture.width);
  const top = Math.floor((picture.height - keptHeight) / 2);
  const left = Math.floor((picture.width - keptWidth) / 2);
  return { top, left, height: keptHeight, width: keptWidth };
}

/** The largest part of a picture's middle that has the aspect ratio `height` : `width`. */
export function middle(picture, height, width) {
  const kept = middleOf(picture, height, width);
  const { channels } = picture;
  const bytes = new Uint8ClampedArray(kept.height * kept.width * channels);
  for (let y = 0; y < kept.height; y++) {
    const start = ((kept.top + y) * picture.width + kept.left) * channels;
    bytes.set(picture.bytes.subarray(start, start + kept.width * channels), y * kept.width * channels);
  }
  return { height: kept.height, width: kept.width, channels, bytes };
}

/** A picture in another size: the mean under a triangle that grows as the picture shrinks, as in `mnetc run` and Pillow. */
export function resize(picture, height, width) {
  const { channels } = picture;
  // Along rows, then along columns: `apart` lie the pixels of a run in memory.
  const columns = { count: picture.height, jump: picture.width * channels, apart: channels, lanes: channels };
  const narrow = along(picture.bytes, picture.width, width, columns);
  const rows = { count: 1, jump: 0, apart: width * channels, lanes: width * channels };
  return { height, width, channels, bytes: along(narrow, picture.height, height, rows) };
}

function along(bytes, from, to, { count, jump, apart, lanes }) {
  if (from === to) return bytes;
  const out = new Uint8ClampedArray(count * to * lanes);
  let at = 0;
  const runs = shares(from, to);
  for (let i = 0; i < count; i++) {
    for (const { first, share } of runs) {
      const start = i * jump + first * apart;
      for (let lane = 0; lane < lanes; lane++) {
        let sum = 0;
        for (let k = 0; k < share.length; k++) sum += share[k] * bytes[start + lane + k * apart];
        out[at++] = Math.floor(sum + 0.5);
      }
    }
  }
  return out;
}

/** For each of `to` pixels the run of the `from` pixels that it is the mean of, and how much each counts. */
function shares(from, to) {
  const scale = from / to;
  const reach = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.floor(centre - reach + 0.5), 0);
    const end = Math.min(Math.floor(centre + reach + 0.5), from);
    const heights = [];
    for (let j = first; j < end; j++) heights.push(Math.max(1 - Math.abs((j + 0.5 - centre) / reach), 0));
    const total = heights.reduce((a, b) => a + b, 0);
    return { first, share: heights.map((h) => h / total) };
  });
}
