// For everybody: no violations found by axe-core in both themes, by keyboard alone, at 320 pixels, without motion.

import assert from "node:assert/strict";
import { axe, byRole, stage, waitForText } from "./harness.mjs";
import { pauseAt, waitForStep } from "./playing.mjs";

const { journey } = await stage();

const PLACES = [
  ["the first lesson", ""],
  ["moe-rings with all its controls", "#v=1&run=moe-rings&t=20"],
  ["moe-digits", "#v=1&run=moe-digits&t=20"],
  ["mos-live", "#v=1&run=mos-live&t=20"],
  ["two runs", "#v=1&run=moe-rings&versus.model.experts=2&t=10"],
  ["a refused link", "#v=1&run=moe-rings&model.experts=0"],
];

for (const colorScheme of ["light", "dark"]) {
  for (const [name, fragment] of PLACES) {
    journey(`axe finds nothing in ${name}, ${colorScheme}`, { fragment, colorScheme }, async ({ page }) => {
      if (fragment.includes("&t=")) {
        await page.getByRole("figure").first().waitFor();
      }
      await page.waitForTimeout(1_500);
      assert.deepEqual(await axe(page), []);
    });
  }
}

for (const [name, fragment] of PLACES) {
  journey(`${name} fits 320 pixels`, { fragment, viewport: { width: 320, height: 640 } }, async ({ page }) => {
    await page.waitForTimeout(2_500);
    const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
    assert.ok(width <= 320, `the page is ${width} pixels wide`);
  });
}

journey("by keyboard alone: run, pause, change a field, ask a mark", { fragment: "#v=1&run=moe-rings&t=10" }, async ({ page }) => {
  await pauseAt(page, 10);
  const reach = async (role, name) => {
    for (let presses = 0; presses < 200; presses += 1) {
      await page.keyboard.press("Tab");
      const target = byRole(page, role, name).first();
      if ((await target.count()) > 0 && (await target.evaluate((element) => element === document.activeElement))) {
        return target;
      }
    }
    throw new Error(`${role} "${name}" is not reached by Tab`);
  };
  await reach("button", /^Run$/);
  await page.keyboard.press("Enter");
  await waitForStep(page, 15);
  await page.keyboard.press("Enter");
  await byRole(page, "button", /^Run$/).waitFor();
  const mark = await reach("img", /of the plane/);
  const first = await mark.getAttribute("aria-label");
  await page.keyboard.press("ArrowRight");
  const next = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.notEqual(next, first, "the arrow keys go from mark to mark");
  await page.keyboard.press("Enter");
  await waitForText(page, /comes first|goes to/i);
  const experts = await reach("textbox", "Experts");
  await experts.fill("5");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash.includes("model.experts=5"));
});

journey("focus is always to be seen", { fragment: "#v=1&run=moe-rings&t=5" }, async ({ page }) => {
  await pauseAt(page, 5);
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return true;
      const box = element.getBoundingClientRect();
      const inView = box.bottom > 0 && box.top < innerHeight;
      return inView ? true : `${element.tagName} ${element.textContent.slice(0, 40)}`;
    });
    assert.equal(seen, true);
  }
});

journey("without motion nothing moves by itself", { fragment: "#v=1&run=moe-rings&t=5", reducedMotion: "reduce" }, async ({ page }) => {
  await pauseAt(page, 5);
  // A change of state may still have a transition of a hundredth of a millisecond.
  await page.waitForTimeout(1_000);
  const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.playState === "running").length);
  assert.equal(moving, 0);
});

journey("the theme's switch changes the paper, and the choice is kept", { fragment: "#v=1&run=moe-rings&t=5", colorScheme: "light" }, async ({ page }) => {
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();
  await byRole(page, "button", /^Theme/).click();
  await byRole(page, "button", /^Theme: light/).click();
  await byRole(page, "button", /^Theme: dark/).waitFor();
  // The paper may change over a moment.
  await page.waitForTimeout(500);
  const dark = await paper();
  assert.notEqual(dark, light);
  await page.reload();
  await byRole(page, "button", /^Theme: dark/).waitFor();
  await page.waitForTimeout(500);
  assert.equal(await paper(), dark);
});

journey("every target is at least 24 pixels", { fragment: "#v=1&run=moe-rings&t=5", viewport: { width: 390, height: 800 } }, async ({ page }) => {
  await pauseAt(page, 5);
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, select, input:not([type=radio]):not([type=checkbox]), summary")]
      .filter((element) => element.offsetParent !== null)
      .map((element) => [element.getBoundingClientRect(), element])
      .filter(([box]) => box.width < 24 || box.height < 24)
      .map(([box, element]) => `${element.tagName} ${element.textContent || element.getAttribute("aria-label")} ${box.width}x${box.height}`),
  );
  assert.deepEqual(small, []);
});
