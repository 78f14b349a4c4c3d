// Keeps the page for use without a network, and tells the page when a newer build is ready.
//
// When one is, `window.switchyardUpdateReady` is true and the event `switchyard-update-ready` is sent to the window.
// Nothing changes until the page calls `window.switchyardActivateUpdate()`, which loads the new build.

(() => {
  const checkEvery = 60 * 60 * 1000;

  function offer(worker) {
    let asked = false;
    window.switchyardActivateUpdate = () => {
      asked = true;
      if (worker.state === "installed") {
        worker.postMessage({ type: "activate" });
      } else {
        // Another tab was first.
        window.location.reload();
      }
    };
    navigator.serviceWorker.addEventListener("controllerchange", () => {
      if (asked) {
        window.location.reload();
      }
    });
    window.switchyardUpdateReady = true;
    window.dispatchEvent(new CustomEvent("switchyard-update-ready"));
  }

  /** Waits until a worker is installed. With no worker before it, it is this page's own build and no update. */
  function watch(worker) {
    const tell = () => {
      if (worker.state === "installed" && navigator.serviceWorker.controller) {
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
