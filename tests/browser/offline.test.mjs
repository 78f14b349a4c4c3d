// The page without a network, and what happens when a newer build is there.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { gzipSync } from "node:zlib";
import { byRole, open, PAGE, serve, stage } from "./harness.mjs";

// Chromium lets a test take the network away from a page, but not from its service worker: the server is stopped.
const { journey } = await stage();
const copies = [];
after(async () => {
  await Promise.all(copies.map(({ site }) => site.stop()));
  await Promise.all(copies.map(({ folder }) => rm(folder, { recursive: true })));
});

/** A copy of the built page with a server of its own. */
async function ownCopy() {
  const folder = await mkdtemp(join(tmpdir(), "switchyard-page-"));
  await cp(PAGE, folder, { recursive: true });
  const copy = { folder, site: await serve({ folder }) };
  copies.push(copy);
  return copy;
}

function integrity(bytes) {
  return `sha256-${createHash("sha256").update(bytes).digest("base64")}`;
}

/** Writes a file and its compressed twin. */
async function write(folder, name, text) {
  await writeFile(join(folder, name), text);
  await writeFile(join(folder, `${name}.gz`), gzipSync(text));
}

/** Makes another build of a copied page: the title and the icon say `word`. */
async function rebuild(folder, word, { damaged = false } = {}) {
  const index = (await readFile(join(folder, "index.html"), "utf8")).replace(/<title>.*?</, `<title>${word}<`);
  const icon = `<svg xmlns="http://www.w3.org/2000/svg"><title>${word}</title></svg>`;
  const worker = (await readFile(join(folder, "sw.js"), "utf8"))
    .replace(/const BUILD = ".*?"/, `const BUILD = "${createHash("sha256").update(word).digest("hex").slice(0, 12)}"`)
    .replace(/"\.\/": ".*?"/, `"./": "${integrity(damaged ? "other bytes" : index)}"`)
    .replace(/"icon\.svg": ".*?"/, `"icon.svg": "${integrity(icon)}"`);
  await write(folder, "index.html", index);
  await write(folder, "icon.svg", icon);
  await write(folder, "sw.js", worker);
}

/** Opens the page and loads it again, so that its service worker answers for it. */
async function openKept(page, site) {
  await open(page, site);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await page.reload();
  await byRole(page, "heading", "Switchyard").first().waitFor();
  assert.ok(await page.evaluate(() => navigator.serviceWorker.controller !== null));
}

/** Lets the page look for a newer build; gives whether one was offered or its installation failed. */
function lookForUpdate(page) {
  return page.evaluate(async () => {
    const offered = new Promise((resolve) => {
      window.addEventListener("switchyard-update-ready", () => resolve("offered"), { once: true });
    });
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update();
    const worker = registration.installing ?? registration.waiting;
    const refused = new Promise((resolve) => {
      worker?.addEventListener("statechange", () => worker.state === "redundant" && resolve("refused"));
    });
    return window.switchyardUpdateReady ? "offered" : Promise.race([offered, refused]);
  });
}

/** With the last page of the older worker it goes, and the newer one tidies up. */
async function onlyTheNewerBuildIsKept(page, site) {
  await page.goto("about:blank");
  // A request that meets the older worker as it is being stopped may wait for ever.
  await page.waitForTimeout(2_000);
  await open(page, site);
  assert.equal(await page.title(), "second");
  await page.waitForFunction(async () => (await caches.keys()).length === 2, undefined, { polling: 200 });
}

const ownSite = {
  open: false,
  // The site of the test is another origin than that of the stage, and loading a page again breaks off its requests.
  expected: [/foreign request: http:\/\/127\.0\.0\.1/, /^failed request: .*\(net::ERR_ABORTED\)$/],
};

journey("after the first visit the page opens without a network", ownSite, async ({ page, context }) => {
  const { site } = await ownCopy();
  await open(page, site);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  // The first page fetches from the server to its end; the worker answers the next one.
  await page.waitForLoadState("networkidle");
  await site.stop();
  await context.setOffline(true);
  await page.reload();
  await byRole(page, "heading", "Switchyard").first().waitFor();
  const answered = await page.evaluate(async () => {
    const worker = new Worker(document.querySelector("meta[name='switchyard-engine']").content);
    return new Promise((resolve, reject) => {
      worker.onmessage = () => resolve(true);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage("are you there?");
    });
  });
  assert.ok(answered, "the engine starts offline too");
});

journey("a newer build waits until it is asked for", ownSite, async ({ page }) => {
  const { folder, site } = await ownCopy();
  await openKept(page, site);
  await rebuild(folder, "second");
  assert.equal(await lookForUpdate(page), "offered");
  assert.equal(await page.title(), "Switchyard");
  await page.reload();
  await byRole(page, "heading", "Switchyard").first().waitFor();
  assert.equal(await page.title(), "Switchyard", "loading the page again is not agreeing");
  await page.waitForFunction(() => window.switchyardUpdateReady === true);
  const loaded = page.waitForEvent("load");
  await page.evaluate(() => window.switchyardActivateUpdate());
  await loaded;
  assert.equal(await page.title(), "second");
  await byRole(page, "heading", "Switchyard").first().waitFor();
  await site.stop();
  await page.reload();
  assert.equal(await page.title(), "second", "the newer build is kept too");
  await byRole(page, "heading", "Switchyard").first().waitFor();
  assert.ok(!(await page.evaluate(() => window.switchyardUpdateReady)), "what is open is not offered");
  await onlyTheNewerBuildIsKept(page, site);
});

journey("a page of the older build keeps its files while another loads the newer", ownSite, async (visit) => {
  const { page: older, another } = visit;
  const { folder, site } = await ownCopy();
  await openKept(older, site);
  const newer = await another();
  await open(newer, site);
  await rebuild(folder, "second");
  assert.equal(await lookForUpdate(newer), "offered");
  const loaded = newer.waitForEvent("load");
  await newer.evaluate(() => window.switchyardActivateUpdate());
  await loaded;
  const icon = (page) => page.evaluate(async () => (await fetch("icon.svg")).text());
  assert.match(await icon(newer), /<title>second</);
  assert.match(await icon(older), /<title>Switchyard</);
  assert.equal(await older.title(), "Switchyard", "nothing is swapped under a reader");
  await older.close();
  await onlyTheNewerBuildIsKept(newer, site);
});

journey("a build that arrives damaged is not kept", { ...ownSite, expected: [/./] }, async ({ page }) => {
  const { folder, site } = await ownCopy();
  await openKept(page, site);
  await rebuild(folder, "second", { damaged: true });
  assert.equal(await lookForUpdate(page), "refused");
  await page.reload();
  assert.equal(await page.title(), "Switchyard");
});
