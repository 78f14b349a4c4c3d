// Runs in the tab: every preset trains, the controls do what they say, and a lost worker is no loss.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { byRole, open, PATIENCE, stage, waitForText } from "./harness.mjs";
import { digestOf, pauseAt, stepOf, valueOf, waitForStep } from "./playing.mjs";

const { site, journey } = await stage();

// Preset, the number that must fall, and the step by which it has.
const PRESETS = [
  ["moe-rings", "train loss", 150],
  ["moe-digits", "train loss", 100],
  ["moe-collapse", "train loss", 100],
  ["mos-live", "train loss", 150],
  ["mos-tiny", "train loss", 250],
  ["mos-digits", "train loss", 500],
];

for (const [preset, number, step] of PRESETS) {
  journey(`${preset} trains and its loss falls`, { fragment: `#v=1&run=${preset}&t=${step}`, todo: preset.startsWith("moe") }, async ({ page }) => {
    await page.waitForFunction(() => /train loss/.test(document.body.innerText), null, { timeout: PATIENCE });
    const first = await valueOf(page, number);
    await pauseAt(page, step);
    const last = await valueOf(page, number);
    assert.ok(Number.isFinite(first) && Number.isFinite(last), `${first} ${last}`);
    assert.ok(last < first, `${number} went from ${first} to ${last}`);
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
  await page.getByLabel("Run to step").fill("30");
  await byRole(page, "button", "Run to this step").click();
  await pauseAt(page, 30);
  assert.equal(await digestOf(page), there, "the same start and the same steps end at the same digest");
});

journey("a new seed is another run", { todo: "written, not yet seen to pass", fragment: "#v=1&run=moe-rings&t=10" }, async ({ page }) => {
  await pauseAt(page, 10);
  const before = await digestOf(page);
  await byRole(page, "button", "New seed").click();
  await page.waitForFunction(() => location.hash.includes("seed="));
  await byRole(page, "button", "Pause").click();
  await page.getByLabel("Run to step").fill("400");
  await byRole(page, "button", "Run to this step").click();
  await pauseAt(page, 400);
  assert.notEqual(await digestOf(page), before);
});

journey("two runs go in step and differ in the field that was chosen", { todo: "written, not yet seen to pass", fragment: "#v=1&run=moe-rings&versus.model.experts=2&t=24" }, async ({ page }) => {
  await byRole(page, "heading", "Run A").waitFor();
  await byRole(page, "heading", "Run B").waitFor();
  await page.waitForFunction(() => (document.body.innerText.match(/step 24\b/g) ?? []).length >= 2, null, { timeout: PATIENCE });
  assert.match(await page.locator("main").innerText(), /model\.experts = 2/);
});

journey("asking where a point goes answers with scores and a margin", { todo: "written, not yet seen to pass", fragment: "#v=1&run=moe-rings&t=40" }, async ({ page }) => {
  await pauseAt(page, 40);
  await byRole(page, "button", "Ask").click();
  await waitForText(page, /comes first|goes to/i);
  assert.ok((await page.getByRole("row").count()) > 2, "every expert has a row");
});

journey("the run is saved as JSON Lines", { todo: "written, not yet seen to pass", fragment: "#v=1&run=moe-rings&t=20" }, async ({ page }) => {
  await pauseAt(page, 20);
  const waiting = page.waitForEvent("download");
  await byRole(page, "button", "Save the run").click();
  const download = await waiting;
  const text = await readFile(await download.path(), "utf8");
  const lines = text.trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(lines.length > 2 && lines.every((line) => line.schema_version === 1));
  assert.match(download.suggestedFilename(), /^moe-rings-seed-0\.jsonl$/);
});

journey("nothing that the page shows comes from another tab's storage", { todo: "written, not yet seen to pass", open: false }, async ({ page }) => {
  await open(page, site, "#v=1&run=moe-rings&t=5");
  await pauseAt(page, 5);
  const kept = await page.evaluate(() => Object.keys(localStorage));
  assert.deepEqual(kept.filter((key) => key !== "switchyard.theme"), []);
});
