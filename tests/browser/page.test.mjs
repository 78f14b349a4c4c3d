// The built page, opened under a path that is not `/`.

import assert from "node:assert/strict";
import { axe, byRole, stage } from "./harness.mjs";

const { site, journey } = await stage();

journey("the page shows its heading under any path", {}, async ({ page }) => {
  assert.ok(new URL(page.url()).pathname.length > 1);
  await byRole(page, "heading", "Switchyard").first().waitFor();
});

journey("the address without its last slash leads to the page", { open: false }, async ({ page }) => {
  await page.goto(site.url.replace(/\/$/, ""));
  assert.equal(page.url(), site.url);
  await byRole(page, "heading", "Switchyard").first().waitFor();
});

journey("a strict policy is sent and written, and nothing breaks it", { open: false }, async ({ page }) => {
  const answer = await page.goto(site.url);
  const sent = answer.headers()["content-security-policy"];
  await byRole(page, "heading", "Switchyard").first().waitFor();
  const written = await page.evaluate(
    () => document.querySelector("meta[http-equiv='Content-Security-Policy']").content,
  );
  assert.equal(sent, written);
  assert.match(sent, /default-src 'none'/);
  assert.match(sent, /script-src 'self' 'wasm-unsafe-eval';/);
  assert.equal(await page.evaluate(() => document.querySelectorAll("script:not([src])").length), 0);
});

journey(
  "the policy stops a script that was not built into the page",
  { expected: [/Content Security Policy/] },
  async ({ page }) => {
    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.intruder = true";
      document.body.append(script);
      return window.intruder === true;
    });
    assert.equal(ran, false);
  },
);

journey("the policy lets a picture colour itself", {}, async ({ page }) => {
  const colour = await page.evaluate(() => {
    document.body.insertAdjacentHTML("beforeend", "<p style='--l: #010203; color: var(--l)'>x</p>");
    return getComputedStyle(document.body.lastElementChild).color;
  });
  assert.equal(colour, "rgb(1, 2, 3)");
});

journey("the engine's worker starts and answers", {}, async ({ page }) => {
  const answers = await page.evaluate(async () => {
    const loader = document.querySelector("meta[name='switchyard-engine']").content;
    const worker = new Worker(loader);
    const first = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message || "the worker did not load"));
      worker.postMessage("are you there?");
    });
    worker.terminate();
    return { loader, answered: first !== undefined };
  });
  assert.match(answers.loader, /^engine\/[0-9a-f]{12}\//);
  assert.ok(answers.answered);
});

journey(
  "a page whose program does not arrive says so",
  { open: false, expected: [/./] },
  async ({ page }) => {
    await page.route("**/*_bg.wasm", (route) => route.fulfill({ status: 404, body: "gone" }));
    await page.goto(site.url);
    await byRole(page, "alert").filter({ hasText: "could not start" }).waitFor();
  },
);

for (const colorScheme of ["light", "dark"]) {
  journey(`axe-core finds nothing wrong with the first screen, ${colorScheme}`, { colorScheme }, async ({ page }) => {
    assert.deepEqual(await axe(page), []);
  });
}
