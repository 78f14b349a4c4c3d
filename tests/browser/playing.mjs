// Reading the page as a person does: the step, the digest, the newest numbers, all by what is written beside them.

import assert from "node:assert/strict";
import { PATIENCE } from "./harness.mjs";

/** The value written under a name in a list of facts or counters. */
async function written(page, name) {
  const term = page.getByRole("term").filter({ hasText: new RegExp(`^${name}$`) }).first();
  return term.evaluate((element) => element.nextElementSibling.innerText);
}

/** A number without its thin spaces and what stands after it. */
function number(text) {
  return Number.parseFloat(text.replaceAll(/[\u202f\s,]/g, "").replace("−", "-"));
}

/** The step the run is at. */
export async function stepOf(page) {
  return number((await written(page, "step")).split("of")[0]);
}

/** The newest value of a measured number, by its name. */
export async function valueOf(page, name) {
  return number(await written(page, name));
}

/** Waits until the run has come to a step or beyond. */
export async function waitForStep(page, step) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const now = await stepOf(page);
    if (now >= step) {
      return now;
    }
    assert.ok(Date.now() < deadline, `the run is at step ${now} and not at ${step}`);
    await page.waitForTimeout(50);
  }
}

/** Waits until the run stands still at exactly this step. */
export async function pauseAt(page, step) {
  await page.getByText(new RegExp(`digest [0-9a-f]{16} at step ${step}$`)).waitFor({ timeout: 2 * PATIENCE });
}

/** Types a step into the field for it, and waits until the run has come there. */
export async function runTo(page, step) {
  await page.getByLabel("Run to step").fill(String(step));
  await page.getByRole("button", { name: "Run to this step" }).click();
  await pauseAt(page, step);
}

/** The digest that the page shows for where the run stands. */
export async function digestOf(page) {
  const text = await page.getByText(/digest [0-9a-f]{16} at step/).innerText();
  return /digest ([0-9a-f]{16})/.exec(text)[1];
}
