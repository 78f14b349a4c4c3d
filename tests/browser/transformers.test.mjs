// Labs of transformers: another engine trains them, loaded only for them, and what no tab can do is said in a sentence.

import assert from "node:assert/strict";
import { axe, byRole, open, stage, waitForText } from "./harness.mjs";
import { digestOf, pauseAt, runTo, valueOf } from "./playing.mjs";

const { site, journey } = await stage();

/** The WebAssembly that the page asks for from now on, by the folder it lies in. */
function programs(page) {
  const seen = new Set();
  page.on("request", (request) => {
    const folder = /\/(engine|transformers|reader)\/[0-9a-f]{12}\/[^/]*\.wasm$/.exec(request.url())?.[1];
    if (folder) {
      seen.add(folder);
    }
  });
  return seen;
}

for (const [preset, early, late, picture] of [
  ["mos-mt-live", 10, 60, /the smallest sub-network has \d of these 8 test sentences word for word/],
  ["mos-bert-live", 10, 80, /the smallest sub-network guesses \d+ of these \d+ masked words/],
]) {
  journey(`${preset} trains, its loss falls, and its pictures follow`, { open: false }, async ({ page }) => {
    const asked = programs(page);
    await open(page, site, `#v=1&run=${preset}&t=${early}`);
    await pauseAt(page, early);
    assert.deepEqual([...asked], ["transformers"], "its own engine was loaded, and no other");
    const first = await valueOf(page, "train loss");
    await runTo(page, late);
    const last = await valueOf(page, "train loss");
    assert.ok(last < first, `the loss went from ${first} to ${last}`);
    await page.getByRole("figure", { name: new RegExp(`After ${late} steps ${picture.source}`) }).waitFor();
    await page.getByRole("figure", { name: /a step on one architecture moves another's weights/ }).waitFor();
    await page.getByRole("figure", { name: /has learned for \d+ of/ }).waitFor();
    assert.deepEqual(await axe(page), []);
  });
}

journey("a run of routers does not load the engine of transformers", { open: false }, async ({ page }) => {
  const asked = programs(page);
  await open(page, site, "#v=1&run=moe-rings&t=10");
  await pauseAt(page, 10);
  assert.deepEqual([...asked], ["engine"]);
});

journey("one engine takes the other's place, there and back", { fragment: "#v=1&run=moe-rings&t=10" }, async ({ page }) => {
  await pauseAt(page, 10);
  const digest = await digestOf(page);
  const go = (fragment) => page.evaluate((fragment) => (location.hash = fragment), fragment);
  await go("#v=1&run=mos-mt-live&t=3");
  await pauseAt(page, 3);
  await go("#v=1&run=moe-rings&t=10");
  await pauseAt(page, 10);
  assert.equal(await digestOf(page), digest);
});

journey("sliders light another sub-network and another sentence", { fragment: "#v=1&run=mos-mt-live&t=5" }, async ({ page }) => {
  await pauseAt(page, 5);
  const before = await digestOf(page);
  const layers = byRole(page, "slider", "Decoder layers");
  await layers.focus();
  await page.keyboard.press("ArrowLeft");
  await page.getByText(/e48-64x4-d48-64x4x4x1 makes “/).first().waitFor();
  await page.getByRole("figure", { name: /hangs most on/ }).waitFor();
  await runTo(page, 8);
  await byRole(page, "button", "Reset to start").click();
  await runTo(page, 5);
  assert.equal(await digestOf(page), before, "asking changed nothing");
});

journey("a preset that takes long says so and leads to the one to watch", { fragment: "#v=1&run=mos-mt-small" }, async ({ page }) => {
  await waitForText(page, /takes a few minutes by the command line on two cores, and several times as long in a tab/);
  await byRole(page, "button", "Open mos-mt-live").click();
  await page.waitForFunction(() => location.hash.includes("mos-mt-live"));
  await page.getByText(/several times as long/).waitFor({ state: "detached" });
});

for (const [fragment, words] of [
  ["#v=1&run=mos-mt-hat", /the run would take about [\d.]+ GB, and a tab has at most 2 GB/],
  ["#v=1&run=mos-mt&data.source=own", /needs a packed corpus; make one with switchyard data pack/],
]) {
  journey(`${fragment} is refused in a sentence`, { fragment }, async ({ page }) => {
    await page.getByRole("alert").filter({ hasText: words }).waitFor();
    await page.getByText("Your own data", { exact: true }).click();
    await waitForText(page, /switchyard data pack --train a\.en a\.de/);
  });
}

for (const colorScheme of ["light", "dark"]) {
  const options = { fragment: "#v=1&run=mos-mt-live&t=5", colorScheme, viewport: { width: 360, height: 740 } };
  journey(`nothing is wider than a phone, ${colorScheme}`, options, async ({ page }) => {
    await pauseAt(page, 5);
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(inner <= outer, `${inner} px on ${outer}`);
  });
}
