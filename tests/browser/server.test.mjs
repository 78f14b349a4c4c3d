// The files as they are served, from a folder and from inside the program.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { get } from "node:http";
import { join, relative, sep } from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { PAGE, serve } from "./harness.mjs";

const TYPES = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  jsonl: "application/jsonl; charset=utf-8",
  toml: "application/toml",
  svg: "image/svg+xml",
  wasm: "application/wasm",
  webmanifest: "application/manifest+json",
};

const sites = { "a folder": await serve({ folder: PAGE }), "the program": await serve() };
after(() => Promise.all(Object.values(sites).map((site) => site.stop())));

const entries = await readdir(PAGE, { recursive: true, withFileTypes: true });
const names = entries
  .filter((entry) => entry.isFile() && !entry.name.endsWith(".gz"))
  .map((entry) => relative(PAGE, join(entry.parentPath ?? entry.path, entry.name)).replaceAll(sep, "/"));

/** Without fetch, which would unpack the answer. */
function ask(url, headers = {}) {
  return new Promise((resolve, reject) => {
    get(url, { headers }, async (answer) => {
      const body = Buffer.concat(await answer.toArray());
      resolve({ status: answer.statusCode, headers: answer.headers, body });
    }).on("error", reject);
  });
}

for (const [place, site] of Object.entries(sites)) {
  test(`from ${place}, every file arrives whole, plain and compressed, with its type`, async () => {
    assert.ok(names.length >= 10, `only ${names.length} files`);
    for (const name of names) {
      const expected = await readFile(join(PAGE, name));
      const plain = await ask(site.url + name);
      const packed = await ask(site.url + name, { "Accept-Encoding": "gzip, br" });
      assert.equal(plain.status, 200, name);
      assert.equal(plain.headers["content-encoding"], undefined, name);
      assert.deepEqual(plain.body, expected, name);
      assert.equal(plain.headers["content-type"], TYPES[name.split(".").pop()], name);
      const unpacked = packed.headers["content-encoding"] === "gzip" ? gunzipSync(packed.body) : packed.body;
      assert.deepEqual(unpacked, expected, name);
      if (name.endsWith(".wasm")) {
        assert.equal(packed.headers["content-encoding"], "gzip", name);
      }
    }
  });

  test(`from ${place}, a browser that has a file gets no second copy`, async () => {
    for (const name of ["", "sw.js"]) {
      const headers = { "Accept-Encoding": "gzip" };
      const first = await ask(site.url + name, headers);
      assert.equal(first.headers["cache-control"], "no-cache");
      const second = await ask(site.url + name, { ...headers, "If-None-Match": first.headers.etag });
      assert.equal(second.status, 304);
      assert.equal(second.body.length, 0);
    }
    const engine = names.find((name) => /^engine\/.*\.wasm$/.test(name));
    const kept = await ask(site.url + engine);
    assert.match(kept.headers["cache-control"], /immutable/);
  });
}
