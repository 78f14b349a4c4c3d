// What else people do: save a picture, bring their own rows, draw a digit, follow a lesson.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { byRole, stage, waitForText } from "./harness.mjs";
import { digestOf, pauseAt, runTo } from "./playing.mjs";

const { journey } = await stage();

/** Presses a button that saves a file; gives the file's name and bytes. */
async function saved(page, button) {
  const waiting = page.waitForEvent("download");
  await button.click();
  const download = await waiting;
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Goes back to the start and to a step from there. */
async function fromStartTo(page, step) {
  await byRole(page, "button", "Reset to start").click();
  await runTo(page, step);
}

journey("a typed text is followed character by character", { fragment: "#v=1&run=text-live&t=10" }, async ({ page }) => {
  await pauseAt(page, 10);
  const text = page.getByRole("textbox", { name: /^Text the last/ });
  await text.fill("the cats ");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText(/Next it expects/).first().waitFor();
  await page.getByRole("figure", { name: /Where its 48 characters go/ }).waitFor();
  await text.fill("");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("Type a text first.").waitFor();
});

journey("a picture is saved as SVG, PNG and CSV", { fragment: "#v=1&run=moe-rings&t=20" }, async ({ page }) => {
  await pauseAt(page, 20);
  const field = page.getByRole("figure").first();
  const save = (word) => saved(page, field.getByRole("button", { name: new RegExp(`^${word}:`) }));
  const svg = await save("SVG");
  assert.match(svg.name, /\.svg$/);
  assert.match(svg.bytes.toString(), /^<\?xml[^]*<svg[^]*<\/svg>\s*$|^<svg[^]*<\/svg>\s*$/);
  const png = await save("PNG");
  assert.match(png.name, /\.png$/);
  assert.equal(png.bytes.subarray(1, 4).toString(), "PNG");
  const csv = await save("CSV");
  assert.match(csv.name, /\.csv$/);
  assert.ok(csv.bytes.toString().trim().split("\n").length > 100, "every point and region has a line");
});

journey("rows of a CSV file are trained on and are sent nowhere", { fragment: "#v=1&run=moe-rings&t=5" }, async ({ page }) => {
  await pauseAt(page, 5);
  const before = await digestOf(page);
  await page.getByText("Your own data", { exact: true }).click();
  const rows = Array.from({ length: 60 }, (_, row) => {
    const angle = row * 0.7;
    const radius = row % 2 === 0 ? 0.4 : 1;
    return `${radius * Math.cos(angle)},${radius * Math.sin(angle)},${row % 2 === 0 ? "inner" : "outer"}`;
  });
  const text = ["x,y,ring", ...rows].join("\n");
  const sent = [];
  page.on("request", (request) => sent.push([request.method(), request.postData()]));
  await page.getByLabel(/CSV file/).setInputFiles({ name: "rings.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await waitForText(page, /rings\.csv: 60 rows/);
  await byRole(page, "button", "Train on these rows").click();
  await waitForText(page, /The run trains on your file rings\.csv/);
  await fromStartTo(page, 5);
  assert.notEqual(await digestOf(page), before);
  assert.deepEqual(sent.filter(([method, body]) => method !== "GET" || body !== null), []);
  await byRole(page, "button", /Back to the preset/).click();
  await fromStartTo(page, 5);
  assert.equal(await digestOf(page), before);
});

journey("a CSV file that cannot be used is refused with the reason", { fragment: "#v=1&run=moe-rings&t=5" }, async ({ page }) => {
  await pauseAt(page, 5);
  await page.getByText("Your own data", { exact: true }).click();
  const file = { name: "words.csv", mimeType: "text/csv", buffer: Buffer.from("x,y,ring\n1,2,a\n1,two,b\n3,1,b\n2,2,a\n") };
  await page.getByLabel(/CSV file/).setInputFiles(file);
  await byRole(page, "button", "Train on these rows").click();
  await waitForText(page, /words\.csv.*two|two.*words\.csv/);
});

journey("a digit that is drawn with the keyboard goes somewhere", { fragment: "#v=1&run=moe-digits&t=30" }, async ({ page }) => {
  await pauseAt(page, 30);
  const cell = byRole(page, "gridcell", /^Line 2, column 4/);
  await byRole(page, "gridcell", /^Line 1, column 1:/).focus();
  for (const key of ["ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "Space", "Space", "Space"]) {
    await page.keyboard.press(key);
  }
  assert.match(await cell.getAttribute("aria-label"), /100% ink/);
  await waitForText(page, /goes to expert \d/i);
});

journey("sliders of an architecture light another sub-network", { fragment: "#v=1&run=mos-live&t=60" }, async ({ page }) => {
  await pauseAt(page, 60);
  const slider = page.getByRole("slider").and(page.getByLabel(/depth/i)).first();
  await slider.focus();
  const before = await slider.getAttribute("aria-valuetext");
  await page.keyboard.press("ArrowLeft");
  assert.notEqual(await slider.getAttribute("aria-valuetext"), before);
  await waitForText(page, /accuracy|right/i);
});

for (const [title, fragment] of [
  ["What is a router?", ""],
  ["Why do experts collapse, and what stops them?", "#v=1&run=moe-collapse&ui=lesson:why-experts-collapse,step:1"],
  ["Nine cures for collapse: which ones work?", "#v=1&run=collapse&ui=lesson:collapse,step:1"],
  ["How many experts does a token need?", "#v=1&run=text-live&ui=lesson:how-many-experts,step:1"],
  ["One network, many sub-networks: does a mixture help?", "#v=1&run=mos-tiny&ui=lesson:one-network-many,step:1"],
]) {
  journey(`the lesson "${title}" is followed to its end`, { fragment }, async ({ page }) => {
    const lesson = page.getByRole("complementary", { name: title });
    const steps = Number(/of (\d+)/.exec(await lesson.getByText(/Step 1 of \d+/).innerText())[1]);
    for (let step = 1; step <= steps; step += 1) {
      await lesson.getByText(`Step ${step} of ${steps}`).waitFor();
      const answer = lesson.getByRole("radio").first();
      if ((await answer.count()) > 0) {
        await answer.check();
        // Either the button that checks the answer, or the action that waited for it.
        await lesson.getByRole("button").filter({ hasText: /\S/, hasNotText: /^(Back|Next|Finish)$/ }).first().click();
        await lesson.getByRole("status").filter({ hasText: /Yes\.|Not quite\./ }).waitFor();
      }
      await lesson.getByRole("button", { name: step < steps ? "Next" : "Finish" }).click();
      if (step < steps) {
        await page.waitForFunction((next) => location.hash.includes(`step:${next}`), step + 1);
      }
    }
    await lesson.waitFor({ state: "detached" });
  });
}
