// Links: the same digest in a fresh profile, refusals that name the key, Back as undo.

import assert from "node:assert/strict";
import { byRole, open, stage, waitForText } from "./harness.mjs";
import { digestOf, pauseAt } from "./playing.mjs";

const { site, browser, journey } = await stage();

journey("a copied link gives the same digest in fresh profiles, twice", { fragment: "#v=1&run=moe-rings&model.experts=3&seed=11&t=60" }, async ({ page }) => {
  await pauseAt(page, 60);
  const digest = await digestOf(page);
  await byRole(page, "button", "Share this run").click();
  await page.getByLabel(/the digest of this result/).check();
  const link = await page.getByLabel("Link", { exact: true }).inputValue();
  assert.match(link, /&t=60&digest=[0-9a-f]{16}&build=/);
  for (let visit = 0; visit < 2; visit += 1) {
    const context = await browser.newContext();
    const other = await context.newPage();
    await other.goto(link);
    await pauseAt(other, 60);
    assert.equal(await digestOf(other), digest);
    await waitForText(other, "exact replay");
    await context.close();
  }
});

journey("a digest of another build is approximate, and a wrong one differs", { open: false }, async ({ page }) => {
  const link = "#v=1&run=moe-rings&t=5&digest=0000000000000000";
  await open(page, site, `${link}&build=00000000`);
  await waitForText(page, /approximate \(other build\)/);
});

for (const [link, named] of [
  ["#v=1&run=moe-rings&model.expert=4", "model.experts"],
  ["#v=1&run=moe-rings&model.experts=4000", "model.experts"],
  ["#v=1&run=moe-rings&training.learning_rate=1e999", "training.learning_rate"],
  ["#v=1&run=moe-rings&training.batch=-1", "training.batch"],
  ["#v=1&run=moe-rimgs", "moe-rings"],
  ["#v=1&run=moe-rings&ui=lessen:x", "lesson"],
  ["#v=99&run=moe-rings", "99"],
  ["#v=1&run=moe-rings&seed=%ZZ", "seed"],
  [`#v=1&run=moe-rings&x=${"y".repeat(9000)}`, "characters"],
  ["#v=1&run=moe-rings&model.experts=3&model.experts=4", "model.experts"],
  ["#<script>alert(1)</script>", "v"],
]) {
  journey(`${link.slice(0, 60)} is refused and says why`, { fragment: link }, async ({ page }) => {
    await byRole(page, "heading", "This link cannot be opened").waitFor();
    const text = await page.getByRole("main").innerText();
    assert.ok(text.includes(named), text);
    await byRole(page, "button", "Open the first lesson").click();
    await byRole(page, "heading", "What is a router?").waitFor();
  });
}

journey("Back is undo, and Forward does it again", { fragment: "#v=1&run=moe-rings&t=5" }, async ({ page }) => {
  await pauseAt(page, 5);
  const experts = page.getByLabel("Experts", { exact: true });
  const before = await experts.inputValue();
  await experts.fill("7");
  await experts.press("Enter");
  await page.waitForFunction(() => location.hash.includes("model.experts=7"));
  await page.goBack();
  await page.waitForFunction(() => !location.hash.includes("model.experts"));
  assert.equal(await experts.inputValue(), before);
  const undo = byRole(page, "button", "Undo", { exact: true });
  assert.ok(await undo.isDisabled(), "there is nothing before the first entry");
  await page.goForward();
  await page.waitForFunction(() => location.hash.includes("model.experts=7"));
  assert.equal(await experts.inputValue(), "7");
  await undo.click();
  await page.waitForFunction(() => !location.hash.includes("model.experts"));
});

journey("a refused value stays in its field with the reason under it", { fragment: "#v=1&run=moe-rings&t=5" }, async ({ page }) => {
  await pauseAt(page, 5);
  const experts = page.getByLabel("Experts", { exact: true });
  await experts.fill("400");
  await experts.press("Enter");
  await waitForText(page, /`model\.experts` is 400/);
  assert.equal(await experts.inputValue(), "400");
  assert.ok(!page.url().includes("400"), "what is refused does not reach the address");
});

journey("embedded, the page shows pictures and run controls only", { fragment: "#v=1&run=moe-rings&ui=embed&t=5" }, async ({ page }) => {
  await byRole(page, "button", "Run", { exact: true }).waitFor();
  assert.equal(await page.getByRole("banner").count(), 0);
  assert.equal(await page.getByLabel("Experts", { exact: true }).count(), 0);
});
