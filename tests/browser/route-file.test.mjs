// A trace file in the tab: chosen or dropped, shown as `switchyard inspect` shows it, refused with the reason, put away.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { axe, byRole, stage, waitForText } from "./harness.mjs";
import { digestOf, pauseAt } from "./playing.mjs";

const { journey } = await stage();

const RUN = { fragment: "#v=1&run=moe-rings&t=5" };

/** A routing log as an inference engine writes it: two layers, four experts, every unit goes to two. */
const LOG = Array.from({ length: 240 }, (_, row) => {
  const [unit, layer] = [Math.floor(row / 2), row % 2];
  const first = layer === 0 ? unit % 4 : unit % 3;
  return JSON.stringify({
    req_id: `r${unit % 5}`,
    token_idx: Math.floor(unit / 5),
    layer,
    topk_ids: [first, (first + 1) % 4],
    topk_weights: [0.7, 0.3],
  });
}).join("\n");

const file = (name, text) => ({ name, mimeType: "", buffer: Buffer.from(text) });

/** Opens a file from the menu. */
async function choose(page, chosen) {
  await page.locator(".lab-menu").getByRole("button").click();
  await page.getByLabel(/JSON Lines or CSV/).setInputFiles(chosen);
}

journey("a routing log is opened from the menu, looked at, and put away", RUN, async ({ page }) => {
  await pauseAt(page, 5);
  const digest = await digestOf(page);
  const sent = [];
  page.on("request", (request) => sent.push([request.method(), request.postData()]));
  await choose(page, file("routes.jsonl", `${LOG}\n`));
  const heading = byRole(page, "heading", "What routes.jsonl shows");
  await heading.waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "file-heading");
  await byRole(page, "figure", "Balance").waitFor();
  await waitForText(page, "2 decisions, 480 edges");
  await waitForText(page, /Not known/);
  const cells = await byRole(page, "figure", "Balance").getByRole("row").filter({ hasText: "layer 0" }).innerText();
  assert.match(cells, /120/, "every unit of a layer is counted");
  const waiting = page.waitForEvent("download");
  await byRole(page, "button", /^CSV: Balance/).click();
  const csv = await readFile(await (await waiting).path(), "utf8");
  assert.match(csv.split("\n")[0], /Place.*Load CV/);
  assert.deepEqual(sent.filter(([method, body]) => method !== "GET" || body !== null), [], "it is sent nowhere");
  await byRole(page, "button", "Back to the run").click();
  await heading.waitFor({ state: "detached" });
  assert.equal(await digestOf(page), digest, "the run is where it was");
});

journey("a compressed file is dropped, read otherwise, and left by the browser's Back", RUN, async ({ page }) => {
  await pauseAt(page, 5);
  await page.locator(".lab-menu").getByRole("button").click();
  const bytes = [...gzipSync(LOG)];
  const transfer = await page.evaluateHandle((bytes) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], "routes.jsonl.gz"));
    return transfer;
  }, bytes);
  await page.locator(".dialog .drop-zone").dispatchEvent("drop", { dataTransfer: transfer });
  await waitForText(page, "2 decisions, 480 edges");
  const balance = byRole(page, "figure", "Balance");
  await balance.getByText("0 of 4").first().waitFor();
  const experts = page.getByLabel(/Experts in each layer/);
  await experts.fill("many");
  await experts.press("Enter");
  await waitForText(page, /`?many`? is no whole number/);
  await experts.fill("6");
  await experts.press("Enter");
  await balance.getByText("2 of 6").first().waitFor();
  await page.goBack();
  await byRole(page, "button", /^Run$/).waitFor();
  assert.match(page.url(), /moe-rings/);
});

// A file that is refused at once ends its reader, which may still be loading then.
const ended = [/^failed request: .*\/reader\/.*\(net::ERR_ABORTED\)$/];

journey("files that cannot be shown are refused with the reason", { ...RUN, expected: ended }, async ({ page }) => {
  await pauseAt(page, 5);
  await choose(page, file("cut.jsonl", LOG.slice(0, -20)));
  await waitForText(page, /cut\.jsonl.*line 240, column \d+.*cut off/);
  const other = page.locator("#other-file");
  await other.setInputFiles(file("words.csv", "unit,expert\n0,1\n1,many\n"));
  await waitForText(page, /words\.csv.*line 3, column \d+/);
  await other.setInputFiles(file("half.jsonl.gz", gzipSync(LOG).subarray(0, 200)));
  await waitForText(page, /half\.jsonl\.gz.*was cut off/);
  await other.setInputFiles(file("columns.parquet", "PAR1 and more"));
  await waitForText(page, /columns\.parquet.*Parquet.*--format jsonl/);
  await other.setInputFiles(file("bomb.jsonl.gz", gzipSync(Buffer.alloc(101_000_000, "\n"))));
  await waitForText(page, /bomb\.jsonl\.gz.*at most 100 MB/);
  await other.setInputFiles(file("whole.jsonl", LOG));
  await waitForText(page, "2 decisions, 480 edges");
});

for (const colorScheme of ["light", "dark"]) {
  const profile = { ...RUN, colorScheme, viewport: { width: 320, height: 640 } };
  journey(`a file fits 320 pixels and axe finds nothing, ${colorScheme}`, profile, async ({ page }) => {
    await pauseAt(page, 5);
    await choose(page, file("routes.jsonl", LOG));
    await byRole(page, "figure", "Balance").waitFor();
    const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
    assert.ok(width <= 320, `the page is ${width} pixels wide`);
    assert.deepEqual(await axe(page), []);
  });
}
