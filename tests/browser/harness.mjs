// What every browser test stands on: the page's server, a browser without a screen, and a journey through the page
// that fails by itself when the page complains or asks anything of another origin.
//
// `cargo xtask test --only page,browser` sets the environment. Elements are found by their accessible name only.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";

// Through require, because only that finds packages in NODE_PATH, outside the clone.
const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axeSource = require("axe-core").source;

/** A path other than `/`, to see that the page works wherever it is put. */
export const SUB_PATH = "/some/where/";

/** The longest wait for anything on the page, in milliseconds; two cores may be busy with something else. */
export const PATIENCE = 30_000;

/** The folder of the built page. */
export const PAGE = fromEnvironment("SWITCHYARD_PAGE");

function fromEnvironment(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set; start the tests with: cargo xtask test --only page,browser`);
  return value;
}

/**
 * Serves a page with `switchyard play` on a free port, which makes an origin of its own.
 * Without a folder it is the page inside the program.
 */
export async function serve({ folder, path = SUB_PATH, port = 0 } = {}) {
  const words = ["play", "--path", path, "--port", String(port), "--json"];
  const place = folder === undefined ? [] : ["--folder", folder];
  const program = spawn(fromEnvironment("SWITCHYARD_BIN"), [...words, ...place], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise((resolve) => program.once("close", resolve));
  let complaint = "";
  program.stderr.on("data", (text) => {
    complaint += text;
  });
  const lines = createInterface({ input: program.stdout });
  const line = await new Promise((resolve, reject) => {
    lines.once("line", resolve);
    program.once("close", (code) => reject(new Error(`switchyard play ended with ${code}: ${complaint}`)));
  });
  const { url } = JSON.parse(line);
  return {
    url,
    origin: new URL(url).origin,
    port: Number(new URL(url).port),
    async stop() {
      program.kill("SIGTERM");
      return ended;
    },
  };
}

/** Starts the browser. It can reach this machine only. */
export function launch(more = []) {
  const args = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-dev-shm-usage",
    "--mute-audio",
    ...more,
  ];
  return chromium.launch({
    executablePath: fromEnvironment("CHROME"),
    chromiumSandbox: !process.env.SWITCHYARD_NO_SANDBOX,
    args,
  });
}

/**
 * A server and a browser for one test file; both end with it. Gives the server as `site`, the `browser`, and
 * `journey`, which is node's `test` with a page of a fresh profile.
 */
export async function stage({ folder = PAGE, path = SUB_PATH, args = [] } = {}) {
  const [site, browser] = await Promise.all([serve({ folder, path }), launch(args)]);
  after(async () => {
    await browser.close();
    await site.stop();
  });
  return {
    site,
    browser,
    journey: (name, { todo = false, ...options }, body) =>
      test(name, { todo }, () => travel({ name, site, browser, options, body })),
  };
}

/**
 * Opens the page and lets `body` use it. Options: `fragment` (from `#` on), `expected` (patterns of complaints that
 * belong to the test), `open: false` (the body opens the page itself), `todo` (what does not hold yet: the journey is
 * made and shown, and its failure is no failure of the whole), and whatever a browser context takes.
 */
async function travel({ name, site, browser, options, body }) {
  const { fragment = "", expected = [], open: opens = true, ...profile } = options;
  const context = await browser.newContext({ reducedMotion: "reduce", ...profile });
  const problems = [];
  const page = await newPage(context, site, problems);
  try {
    if (opens) {
      await open(page, site, fragment);
    }
    await body({ page, context, problems, another: () => newPage(context, site, problems) });
    const unexpected = problems.filter((problem) => !expected.some((pattern) => pattern.test(problem)));
    assert.deepEqual(unexpected, [], "the page complained");
  } catch (error) {
    await picture(page, name);
    if (problems.length > 0) {
      error.message += `\nThe page said:\n  ${problems.join("\n  ")}`;
    }
    throw error;
  } finally {
    await context.close();
  }
}

async function newPage(context, site, problems) {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  watch(page, site, problems);
  return page;
}

/** Collects whatever a page should not do. */
function watch(page, site, problems) {
  page.on("console", (message) => {
    if (message.type() === "error") {
      problems.push(`console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("crash", () => problems.push("the page crashed"));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== site.origin && !["data:", "blob:"].includes(url.protocol)) {
      problems.push(`foreign request: ${url.href}`);
    }
  });
  page.on("requestfailed", (request) => {
    problems.push(`failed request: ${request.url()} (${request.failure()?.errorText})`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) {
      problems.push(`answer ${response.status()}: ${response.url()}`);
    }
  });
}

/** Opens the page with a fragment and waits until its program has drawn its heading. */
export async function open(page, site, fragment = "") {
  await page.goto(site.url + fragment);
  await byRole(page, "heading", "Switchyard").first().waitFor();
}

/** An element by its role and accessible name (a text or a pattern). */
export function byRole(page, role, name, options = {}) {
  return page.getByRole(role, { name, ...options });
}

/** Waits until the page shows a text (or what fits a pattern), and gives it. */
export async function waitForText(page, text, { timeout = PATIENCE } = {}) {
  const found = page.getByText(text).first();
  await found.waitFor({ timeout });
  return found.innerText();
}

async function picture(page, name) {
  const folder = process.env.SWITCHYARD_PICTURES;
  if (!folder || page.isClosed()) {
    return;
  }
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${name.replaceAll(/[^a-zA-Z0-9]+/g, "-")}.png`);
  // A page that crashed has no picture; the test's own error matters more.
  await page.screenshot({ path: file, fullPage: true }).catch(() => {});
}

/**
 * What axe-core finds wrong, one sentence each. It runs in a world of its own beside the page's scripts, so the
 * page's policy neither stops it nor has to be loosened for it.
 */
export async function axe(page, options = {}) {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const world = { frameId: frameTree.frame.id, worldName: "axe" };
  const { executionContextId } = await session.send("Page.createIsolatedWorld", world);
  const evaluate = async (expression) => {
    const words = { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", words);
    assert.equal(exceptionDetails, undefined, exceptionDetails?.exception?.description);
    return result.value;
  };
  await evaluate(`${axeSource}; true`);
  const found = await evaluate(`axe.run(document, ${JSON.stringify(options)}).then((found) => found.violations)`);
  await session.detach();
  return found.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")}`));
}
