// Runs in the tab: every preset trains, the controls do what they say, and a lost worker is no loss.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { byRole, open, stage, waitForText } from "./harness.mjs";
import { digestOf, pauseAt, runTo, stepOf, valueOf, waitForStep } from "./playing.mjs";

const { site, journey } = await stage();

// Preset, a step at its beginning, and one by which its loss has fallen; both lie in its first training.
const PRESETS = [
  ["moe-rings", 10, 150],
  ["moe-digits", 10, 100],
  ["moe-collapse", 10, 100],
  ["router-live", 10, 100],
  ["text-live", 10, 60],
  ["mos-live", 20, 150],
  ["mos-tiny", 10, 50],
  ["mos-digits", 20, 300],
];

for (const [preset, early, late] of PRESETS) {
  journey(`${preset} trains and its loss falls`, { fragment: `#v=1&run=${preset}&t=${early}` }, async ({ page }) => {
    await pauseAt(page, early);
    const first = await valueOf(page, "train loss");
    await runTo(page, late);
    const last = await valueOf(page, "train loss");
    assert.ok(last < first, `the loss went from ${first} to ${last}`);
  });
}

journey("a first visit shows a router learning within ten seconds", {}, async ({ page }) => {
  const start = Date.now();
  await byRole(page, "heading", "What is a router?").waitFor();
  await page.getByRole("figure").first().waitFor();
  await waitForStep(page, 20);
  assert.ok(Date.now() - start < 10_000, `${Date.now() - start} ms`);
});

journey("pause stands still, step does one, reset leads to the same start", { fragment: "#v=1&run=moe-rings&seed=3&t=30" }, async ({ page }) => {
  await pauseAt(page, 30);
  const there = await digestOf(page);
  await byRole(page, "button", "Step", { exact: true }).click();
  await waitForStep(page, 31);
  assert.equal(await stepOf(page), 31);
  await byRole(page, "button", "Reset to start").click();
  await waitForText(page, /step\s*0/);
  await runTo(page, 30);
  assert.equal(await digestOf(page), there, "the same start and the same steps end at the same digest");
});

journey("earlier moments can be looked back at, and the run goes on from where it is", { fragment: "#v=1&run=moe-rings&t=20" }, async ({ page }) => {
  await pauseAt(page, 20);
  await runTo(page, 60);
  const digest = await digestOf(page);
  const heading = () => page.locator("#yard figure h3").first().textContent();
  const now = await heading();
  const slider = byRole(page, "slider", "Look back");
  await slider.focus();
  await page.keyboard.press("Home");
  await waitForText(page, /as at step 0/);
  assert.match(await heading(), /^Before training/);
  assert.equal(await slider.getAttribute("aria-valuetext"), "as at step 0");
  assert.equal(await digestOf(page), digest, "looking changes nothing");
  await byRole(page, "button", "To now").click();
  await waitForText(page, /now, step 60/);
  assert.equal(await heading(), now);
});

journey("any router of the registry can send the points", { fragment: "#v=1&run=moe-rings&router.kind=expert-choice&t=30" }, async ({ page }) => {
  await pauseAt(page, 30);
  await byRole(page, "combobox", "Router").selectOption("adamoe");
  await page.waitForFunction(() => location.hash.includes("router.kind=adamoe"));
  await runTo(page, 30);
  const drawn = () => [...document.querySelectorAll("#yard svg text")].some((text) => text.textContent.includes("Null 0"));
  await page.waitForFunction(drawn);
});

journey("a new seed is another run", { fragment: "#v=1&run=moe-rings&t=10" }, async ({ page }) => {
  await pauseAt(page, 10);
  const before = await digestOf(page);
  await byRole(page, "button", "New seed").click();
  await page.waitForFunction(() => location.hash.includes("seed="));
  await runTo(page, 10);
  assert.notEqual(await digestOf(page), before);
});

journey("200 steps of moe-rings end at the digest that Node.js finds", { fragment: "#v=1&run=moe-rings&t=200" }, async ({ page }) => {
  const recorded = await readFile(new URL("../../web/examples/parity/moe-rings-200.digest", import.meta.url), "utf8");
  await pauseAt(page, 200);
  assert.equal(await digestOf(page), recorded.trim().slice(0, 16));
});

journey("two runs go in step and differ in the field that was chosen", { fragment: "#v=1&run=moe-rings&versus.model.experts=2&t=24" }, async ({ page }) => {
  const run = (name) => page.getByRole("region", { name: `Run ${name}`, exact: true });
  for (const name of ["A", "B"]) {
    await run(name).getByText("step 24", { exact: true }).waitFor();
  }
  assert.match(await run("A").innerText(), /model\.experts = 4/);
  assert.match(await run("B").innerText(), /model\.experts = 2/);
  await run("B").getByText(/of the plane, hatched, goes to another expert/).waitFor();
  await byRole(page, "button", "Step", { exact: true }).click();
  for (const name of ["A", "B"]) {
    await run(name).getByText("step 25", { exact: true }).waitFor();
  }
});

journey("asking where a point goes answers with scores and a margin", { fragment: "#v=1&run=moe-rings&t=40" }, async ({ page }) => {
  await pauseAt(page, 40);
  await byRole(page, "button", "Ask").click();
  await waitForText(page, /comes first|goes to/i);
  assert.ok((await page.getByRole("row").count()) > 2, "every expert has a row");
});

journey("the run is saved as JSON Lines", { fragment: "#v=1&run=moe-rings&t=20" }, async ({ page }) => {
  await pauseAt(page, 20);
  const waiting = page.waitForEvent("download");
  await byRole(page, "button", "Save the run").click();
  const download = await waiting;
  const text = await readFile(await download.path(), "utf8");
  const lines = text.trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(lines.length > 2 && lines.every((line) => line.schema_version === 1));
  assert.match(download.suggestedFilename(), /^moe-rings-seed-0\.jsonl$/);
});

journey("nothing that the page shows comes from another tab's storage", { open: false }, async ({ page }) => {
  await open(page, site, "#v=1&run=moe-rings&t=5");
  await pauseAt(page, 5);
  const kept = await page.evaluate(() => Object.keys(localStorage));
  assert.deepEqual(kept.filter((key) => key !== "switchyard.theme"), []);
});
