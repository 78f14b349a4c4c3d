// Measures the built page in a browser and prints a table. It judges nothing: a missed target is a word in the table.

import { execFileSync } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { launch, open, PAGE, serve } from "./harness.mjs";
import { pauseAt, stepOf, waitForStep } from "./playing.mjs";

/** How often the page is opened in a fresh profile; the middle value counts. */
const REPETITIONS = 5;
/** How long the page is watched for tasks that block it, in milliseconds. */
const WATCHED = 5000;

/** What a row says: a number that should be at most (or at least) its target. */
function row(name, value, unit, target, met = value <= target) {
  return { name, value, unit, target: `${target} ${unit}`, met: met ? "yes" : "no" };
}

function middle(values) {
  return [...values].sort((first, second) => first - second)[Math.floor(values.length / 2)];
}

/** A step in WebAssembly against the same step natively on one thread, from the lines of the example `pace`. */
function pace() {
  const read = (name) =>
    (process.env[name] ?? "")
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" "));
  const native = new Map(read("SWITCHYARD_PACE_NATIVE"));
  return read("SWITCHYARD_PACE_WASM").flatMap(([preset, step]) => [
    row(`${preset}: a step in WebAssembly, times native`, Number(step) / Number(native.get(preset)), "x", 2.5),
    { name: `${preset}: steps of the engine alone`, value: 1000 / Number(step), unit: "/s", target: "", met: "" },
  ]);
}

/** The compressed size of the only file that fits a pattern, in kB. */
async function compressed(pattern) {
  const names = await readdir(PAGE, { recursive: true });
  const name = names.find((name) => pattern.test(name));
  return (await stat(join(PAGE, name))).size / 1000;
}

/** Opens the page in a fresh profile and gives what `read` finds there. */
async function visit(browser, site, read, fragment = "") {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.addInitScript(keepLongTasks);
    await open(page, site, fragment);
    return await read(page);
  } finally {
    await context.close();
  }
}

function firstPaint(page) {
  return page.evaluate(async () => {
    const painted = () => performance.getEntriesByName("first-contentful-paint")[0];
    while (!painted()) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return painted().startTime;
  });
}

/** Runs in the page before anything else: remembers every task of 50 ms or more. */
function keepLongTasks() {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    window.longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })));
  }).observe({ type: "longtask", buffered: true });
}

/** The longest task since `from`, in milliseconds; shorter ones than 50 are not told and count as 0. */
function longestTask(page, from = 0) {
  return page.evaluate(
    (from) => Math.max(0, ...window.longTasks.filter((task) => task.startTime >= from).map((task) => task.duration)),
    from,
  );
}

/** From the start of loading until the run of a link has made its first steps, in milliseconds. */
async function liveAfter(page) {
  await waitForStep(page, 1);
  return page.evaluate(() => performance.now());
}

/** Steps a second over some seconds of a run at full speed, and the longest task of the page meanwhile. */
async function running(page) {
  await pauseAt(page, 1);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await waitForStep(page, 20);
  const [first, from] = [await stepOf(page), await page.evaluate(() => performance.now())];
  await page.waitForTimeout(WATCHED);
  const [last, to] = [await stepOf(page), await page.evaluate(() => performance.now())];
  return { rate: (last - first) / ((to - from) / 1000), longest: await longestTask(page, from) };
}

/** From the press of "Step" to the frame that shows the step, in milliseconds, for each of some presses. */
async function stepToPaint(page) {
  await pauseAt(page, 5);
  return page.evaluate(async () => {
    const button = [...document.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === "Step");
    const term = [...document.querySelectorAll("dt")].find((one) => one.textContent === "step");
    const shown = () => term.nextElementSibling.textContent;
    const times = [];
    for (let press = 0; press < 10; press += 1) {
      const [before, start] = [shown(), performance.now()];
      button.click();
      while (shown() === before) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      times.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return times;
  });
}

/** Which cores this process, and so a server and a browser that it starts, may use; whether that could be said. */
function useCores(cores) {
  try {
    execFileSync("taskset", ["-acp", cores, String(process.pid)], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What a reader waits for: the page has the machine to itself. */
async function waits(browser, site) {
  const [paints, lives] = [[], []];
  for (let at = 0; at < REPETITIONS; at += 1) {
    paints.push(await visit(browser, site, firstPaint));
    lives.push(await visit(browser, site, liveAfter, "#v=1&run=moe-rings&t=2000"));
  }
  const steps = await visit(browser, site, stepToPaint, "#v=1&run=moe-rings&t=5");
  return [
    row("first paint", middle(paints), "ms", 500),
    row("a linked run trains", middle(lives), "ms", 2000),
    row("from Step to the frame that shows it", middle(steps), "ms", 100),
    row("the same, the slowest of ten", Math.max(...steps), "ms", 100),
  ];
}

/** The presets that are watched, with the steps a second that they should make at least. */
const WATCHED_RUNS = {
  "moe-rings": 60,
  "moe-digits": null,
  "mos-live": null,
  "router-live": null,
  "text-live": 20,
  "mos-mt-live": null,
  "mos-bert-live": null,
};

/** How fast runs go, and how long the page keeps the reader waiting meanwhile; 0 for less than 50 ms. */
async function runs(browser, site, where) {
  const rows = [];
  for (const [preset, least] of Object.entries(WATCHED_RUNS)) {
    const { rate, longest } = await visit(browser, site, running, `#v=1&run=${preset}&t=1`);
    const name = `${preset}, ${where}`;
    rows.push(
      least
        ? row(`${name}: steps in the tab`, rate, "/s", least, rate >= least)
        : { name: `${name}: steps in the tab`, value: rate, unit: "/s", target: "", met: "" },
      row(`${name}: longest task of the page`, longest, "ms", 50),
    );
  }
  return rows;
}

/** Measures with a server and a browser of its own, which keep to the cores that were set before. */
async function withBrowser(measure) {
  const site = await serve({ folder: PAGE });
  const browser = await launch();
  try {
    return await measure(browser, site);
  } finally {
    await browser.close();
    await site.stop();
  }
}

async function measure() {
  const rows = [
    row("the page's WebAssembly, compressed", await compressed(/^switchyard-web.*_bg\.wasm\.gz$/), "kB", 400),
    row("the engine's WebAssembly, compressed", await compressed(/engine_bg\.wasm\.gz$/), "kB", 1000),
    row("the same of the engine of transformers", await compressed(/transformers_bg\.wasm\.gz$/), "kB", 1000),
    ...pace(),
  ];
  rows.push(...(await withBrowser(waits)));
  rows.push(...(await withBrowser((browser, site) => runs(browser, site, "all cores"))));
  // Training, drawing, server and browser share the core.
  if (useCores("0")) {
    rows.push(...(await withBrowser((browser, site) => runs(browser, site, "one core"))));
  }
  return rows;
}

function print(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const line = (name, value, unit, target, met) =>
    console.log(`${name.padEnd(width)}  ${value.padStart(8)} ${unit.padEnd(4)}  ${target.padStart(8)}  ${met}`);
  line("measured", "value", "", "target", "met");
  for (const { name, value, unit, target, met } of rows) {
    line(name, value.toFixed(value < 10 ? 1 : 0), unit, target, met);
  }
}

print(await measure());
