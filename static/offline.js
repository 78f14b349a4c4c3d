// Keeps the page for use without a network, and tells the page when a newer build is ready.
//
// When one is, `window.switchyardUpdateReady` is true and the event `switchyard-update-ready` is sent to the window.
// Nothing changes until the page calls `window.switchyardActivateUpdate()`, which loads the new build.

(() => {
  const checkEvery = 60 * 60 * 1000;

  /** Asks a worker and waits for its answer. */
  function ask(worker, type) {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => resolve(data);
      worker.postMessage({ type }, [port2]);
    });
  }

  function offer(worker) {
    window.switchyardActivateUpdate = async () => {
      // It is active already when another tab was first.
      if (worker.state === "installed") {
        await ask(worker, "activate");
      }
      window.location.reload();
    };
    window.switchyardUpdateReady = true;
    window.dispatchEvent(new CustomEvent("switchyard-update-ready"));
  }

  /**
   * Waits until a worker is installed. With no worker before it, it is this page's own build and no update; nor is it
   * one when the reader agreed to it already.
   */
  function watch(worker) {
    const tell = async () => {
      const waits = worker.state === "installed" && navigator.serviceWorker.controller;
      if (waits && (await ask(worker, "is newer?"))) {
        offer(worker);
      }
    };
    worker.addEventListener("statechange", tell);
    tell();
  }

  async function start() {
    const registration = await navigator.serviceWorker.register("sw.js", { updateViaCache: "none" });
    const newer = registration.waiting ?? registration.installing;
    if (newer) {
      watch(newer);
    }
    registration.addEventListener("updatefound", () => watch(registration.installing));
    navigator.serviceWorker.controller?.postMessage({ type: "tidy" });
    let checked = Date.now();
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && Date.now() - checked > checkEvery) {
        checked = Date.now();
        registration.update().catch(() => {});
      }
    });
  }

  // Without a service worker (an old browser, a private window, a file on disk) the page works, only not offline.
  if ("serviceWorker" in navigator && window.location.protocol.startsWith("http")) {
    window.addEventListener("load", () => start().catch(() => {}));
  }
})();
