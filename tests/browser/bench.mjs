// Measures the built page in a browser and prints a table. It judges nothing: a missed target is a word in the table.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { launch, open, PAGE, serve } from "./harness.mjs";

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
async function visit(browser, site, read) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await open(page, site);
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

/** The longest task that kept the page from answering, in milliseconds; shorter ones than 50 are not told. */
function longestTask(page) {
  return page.evaluate(async (watched) => {
    let longest = 0;
    const observer = new PerformanceObserver((list) => {
      longest = Math.max(longest, ...list.getEntries().map((entry) => entry.duration));
    });
    observer.observe({ type: "longtask", buffered: true });
    await new Promise((resolve) => setTimeout(resolve, watched));
    return longest;
  }, WATCHED);
}

async function measure() {
  const rows = [
    row("the page's WebAssembly, compressed", await compressed(/^switchyard-web.*_bg\.wasm\.gz$/), "kB", 400),
    row("the engine's WebAssembly, compressed", await compressed(/engine_bg\.wasm\.gz$/), "kB", 1000),
  ];
  rows.push(...pace());
  const site = await serve({ folder: PAGE });
  const browser = await launch();
  try {
    const paints = [];
    for (let at = 0; at < REPETITIONS; at += 1) {
      paints.push(await visit(browser, site, firstPaint));
    }
    rows.push(row("first paint", middle(paints), "ms", 500));
    rows.push(row("longest task of the page in its first seconds", await visit(browser, site, longestTask), "ms", 50));
  } finally {
    await browser.close();
    await site.stop();
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
