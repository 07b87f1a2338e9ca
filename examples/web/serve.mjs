//! Serves a folder over HTTP, for tests and comparisons; any static server does the same.
//!
//! In: a folder. Out: an address. Never: caches.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
};

/** Serves `folder` at a free port. `broken` names files and what is answered in their place: a status, or bytes. */
export async function serve(folder, broken = new Map()) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    const name = path.endsWith("/") ? `${path}index.html` : path;
    const instead = broken.get(name.slice(1));
    try {
      if (typeof instead === "number") throw instead;
      const bytes = instead ?? (await readFile(join(folder, name)));
      response.writeHead(200, {
        "content-type": TYPES[extname(name)] ?? "application/octet-stream",
        "content-length": bytes.length,
        "cache-control": "no-store",
      });
      response.end(bytes);
    } catch {
      response.writeHead(typeof instead === "number" ? instead : 404);
      response.end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
