// A worker that is lost, or late, or never arrives: that is said, and the link brings the same run back.

import assert from "node:assert/strict";
import { byRole, open, stage, waitForText } from "./harness.mjs";
import { digestOf, pauseAt, waitForStep } from "./playing.mjs";

const { site, journey } = await stage();

/** Ways in which a worker can go, and what the page then says. */
const ENDS = [
  ["is closed", "self.close()", /The engine of this run does not answer any more/],
  ["never returns", "for (;;) {}", /The engine of this run does not answer any more/],
  ["breaks", "setTimeout(() => { throw new Error('broken on purpose'); })", /broke off: .*broken on purpose/],
];

for (const [how, program, said] of ENDS) {
  journey(`a worker that ${how} is said, and the link gives the same run again`, { fragment: "#v=1&run=moe-rings&seed=3&t=40" }, async ({ page }) => {
    await pauseAt(page, 40);
    const digest = await digestOf(page);
    // A worker that is ended never answers; nobody waits for it.
    page.workers()[0].evaluate(program).catch(() => {});
    await waitForText(page, said);
    await byRole(page, "button", "Start again from the link").click();
    await pauseAt(page, 40);
    assert.equal(await digestOf(page), digest);
    // The test's own connection keeps a worker that hangs; the page has ended it all the same.
    if (!program.startsWith("for")) {
      assert.equal(page.workers().length, 1, "the lost worker is gone");
    }
  });
}

journey("an engine that does not arrive is said, and starts once it does", { open: false, serviceWorkers: "block", expected: [/./] }, async ({ page }) => {
  let missing = true;
  await page.route("**/engine/**/*.wasm", (route) =>
    missing ? route.fulfill({ status: 404, body: "gone" }) : route.continue(),
  );
  await open(page, site, "#v=1&run=moe-rings&t=20");
  await waitForText(page, /The engine of this run broke off/);
  missing = false;
  await byRole(page, "button", "Start again from the link").click();
  await waitForStep(page, 20);
});

journey("until the engine has arrived, a first visit sees a recording", { open: false, serviceWorkers: "block" }, async ({ page }) => {
  let arrive;
  const arrival = new Promise((resolve) => {
    arrive = resolve;
  });
  await page.route("**/engine/**/*.wasm", async (route) => {
    await arrival;
    await route.continue();
  });
  await open(page, site);
  const said = page.getByText(/A recording of the first seconds/);
  await said.waitFor();
  await page.getByRole("heading", { name: /of the points; \d.* are classified right/ }).waitFor();
  await waitForStep(page, 20);
  arrive();
  await said.waitFor({ state: "hidden" });
  await waitForStep(page, 20);
});
