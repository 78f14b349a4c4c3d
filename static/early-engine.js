// Starts the engine's worker at once, so that it loads while the page's own program does. The page takes it over with
// whatever it has said until then.

(() => {
  const script = document.querySelector("meta[name='switchyard-engine']")?.content;
  if (!script) {
    return;
  }
  try {
    const early = { worker: new Worker(script), heard: [], lost: null };
    early.worker.onmessage = (event) => early.heard.push(event.data);
    early.worker.onerror = (event) => {
      event.preventDefault();
      early.lost = event.message ?? "";
    };
    window.switchyardEngine = early;
  } catch {
    // The page tries again, and says what is wrong.
  }
})();
