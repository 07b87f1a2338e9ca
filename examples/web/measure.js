//! Times a network of ours and of onnxruntime-web in turns, in a browser or in Node: the same code in both.
//!
//! In: both, made ready. Out: medians in milliseconds, and how far the answers lie apart. Never: fetches or builds.

/** Runs `ours` and `theirs` in turns of `turn` milliseconds until `seconds` have passed for each. */
export async function measure({ network, ort, onnx, shape, seconds, turn = 250 }) {
  const [channels, height, width] = shape;
  const pixels = height * width;
  // Any numbers do, as long as both get the same: from -2 to 2, by a linear congruence.
  const planes = new Float32Array(channels * pixels);
  let state = 1;
  for (let i = 0; i < planes.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    planes[i] = (state / 2 ** 32) * 4 - 2;
  }
  // ONNX models read channel by channel, ours pixel by pixel.
  const together = new Float32Array(planes.length);
  for (let p = 0; p < pixels; p++) for (let c = 0; c < channels; c++) together[p * channels + c] = planes[c * pixels + p];
  network.setNumbers(together);

  const session = await ort.InferenceSession.create(onnx, { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
  const feeds = { [session.inputNames[0]]: new ort.Tensor("float32", planes, [1, ...shape]) };
  const engines = { ours: () => network.infer(), theirs: () => session.run(feeds) };

  const expected = (await engines.theirs())[session.outputNames[0]].data;
  const got = engines.ours();
  let [largest, apart] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    apart = Math.max(apart, Math.abs(expected[i] - got[i]));
  }

  const times = { ours: [], theirs: [] };
  const passed = { ours: 0, theirs: 0 };
  for (let round = 0; passed.theirs < seconds * 1000; round++) {
    for (const name of ["ours", "theirs"]) {
      const start = performance.now();
      for (let now = start; now < start + turn; ) {
        await engines[name]();
        const end = performance.now();
        // The first turns warm caches up, and let the engine of the browser compile for speed.
        if (round > 2) times[name].push(end - now);
        now = end;
      }
      passed[name] += performance.now() - start;
    }
  }
  await session.release();
  const median = (of) => of.sort((a, b) => a - b)[of.length >> 1];
  return { ours: median(times.ours), theirs: median(times.theirs), error: apart / largest };
}
