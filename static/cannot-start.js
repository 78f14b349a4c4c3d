// Says so when the page's program cannot start: a browser without WebAssembly SIMD, or a file that did not arrive.

(() => {
  const started = () => window.removeEventListener("error", show, true);
  function show() {
    const message = document.getElementById("cannot-start");
    if (message) {
      message.hidden = false;
    }
  }
  // A file that does not load tells its own element, so the event is caught on its way down.
  window.addEventListener("error", show, true);
  window.addEventListener("unhandledrejection", show, { once: true });
  window.addEventListener("TrunkApplicationStarted", started, { once: true });
})();
