// The page's service worker: keeps one whole build of the page in this browser, so that it opens without a network.
//
// The build fills in BUILD and FILES and writes this text as sw.js. A new build has other bytes here, so the browser
// installs it beside the old one and lets it wait until the page's reader agrees ({type: "activate"}). Builds are
// never mixed: each has a cache of its own, filled only with bytes of the right hash, and a page that an older build
// drew keeps getting that build's files.
//
// Agreeing is written down, and the older worker then opens pages in the newer build, until its last page is closed and
// the browser puts the newer worker in its place. It is never put there while pages are open (`skipWaiting`): in
// Chromium, a request that meets a worker as it is being stopped may wait for minutes or for ever.

const BUILD = "{{build}}";
// From each file's address to the hash of its content. A page built for a quick look has an empty list: it keeps
// nothing and takes over at once.
const FILES = {{files}};

const SCOPE = self.registration.scope;
const PREFIX = `switchyard ${SCOPE} `;
// Remembers which build drew each open page and started each worker.
const PAGES = `${PREFIX}pages`;
// Remembers the build that the reader agreed to, until its worker is the active one.
const AGREED = `${SCOPE}?agreed`;
const isQuick = Object.keys(FILES).length === 0;
// Pages that are being opened: they are not among the browser's clients yet.
const opening = new Set();

self.addEventListener("install", (event) => {
  event.waitUntil(isQuick ? self.skipWaiting() : fill());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(start());
});

self.addEventListener("message", (event) => {
  if (event.data?.type === "activate") {
    event.waitUntil(agree(event.ports[0]));
  } else if (event.data?.type === "is newer?") {
    event.waitUntil(buildOf(event.source.id).then((build) => event.ports[0].postMessage(build !== BUILD)));
  } else if (event.data?.type === "tidy") {
    event.waitUntil(tidy());
  }
});

self.addEventListener("fetch", (event) => {
  if (!isQuick && event.request.method === "GET" && event.request.url.startsWith(SCOPE)) {
    event.respondWith(answer(event));
  }
});

/** Fetches every file of this build; one wrong or missing file, and this build is not installed. */
async function fill() {
  const cache = await caches.open(PREFIX + BUILD);
  const requests = Object.entries(FILES).map(
    ([address, integrity]) => new Request(address, { integrity, cache: "no-cache" }),
  );
  await cache.addAll(requests);
}

/** The first thing that the active worker does: pages are opened in its own build again. */
async function start() {
  const pages = await caches.open(PAGES);
  await pages.delete(AGREED);
  await tidy();
}

/** From now on pages are opened in this build, whichever worker answers. */
async function agree(reply) {
  const pages = await caches.open(PAGES);
  await pages.put(AGREED, new Response(BUILD));
  reply.postMessage("agreed");
}

/** The build that pages are opened in. */
async function buildToOpen() {
  const agreed = await caches.match(AGREED, { cacheName: PAGES });
  const build = agreed ? await agreed.text() : BUILD;
  return (await caches.has(PREFIX + build)) ? build : BUILD;
}

/** The file from the build that drew the asking page; from the network when no build has it. */
async function answer(event) {
  const { request, clientId, resultingClientId } = event;
  const opensPage = request.mode === "navigate";
  const build = opensPage ? await buildToOpen() : await buildOf(clientId);
  if (resultingClientId) {
    await remember(resultingClientId, build);
  }
  const key = opensPage ? pageKey(request.url) : request;
  const options = { ignoreVary: true };
  const found = await caches.match(key, { ...options, cacheName: PREFIX + build });
  return found ?? (await caches.match(key, options)) ?? fetch(request);
}

/** A page's address without what follows it; the start file is kept under the folder's own address. */
function pageKey(address) {
  const url = new URL(address);
  url.search = "";
  url.hash = "";
  return url.href === `${SCOPE}index.html` ? SCOPE : url.href;
}

function recordOf(client) {
  return `${SCOPE}?page=${client}`;
}

async function remember(client, build) {
  opening.add(client);
  const pages = await caches.open(PAGES);
  await pages.put(recordOf(client), new Response(build));
}

async function buildOf(client) {
  const record = client && (await caches.match(recordOf(client), { cacheName: PAGES }));
  return record ? record.text() : BUILD;
}

/** Forgets pages that were closed, and the builds that no open page needs. */
async function tidy() {
  const needed = new Set([PREFIX + BUILD, PAGES]);
  const pages = await caches.open(PAGES);
  for (const record of await pages.keys()) {
    const client = new URL(record.url).searchParams.get("page");
    if (record.url === AGREED || opening.delete(client) || (await self.clients.get(client))) {
      needed.add(PREFIX + (await (await pages.match(record)).text()));
    } else {
      await pages.delete(record);
    }
  }
  // A newer build may be filling its cache or waiting with a full one.
  if (self.registration.installing || self.registration.waiting) {
    return;
  }
  const names = await caches.keys();
  const unneeded = names.filter((name) => name.startsWith(PREFIX) && !needed.has(name));
  await Promise.all(unneeded.map((name) => caches.delete(name)));
}
