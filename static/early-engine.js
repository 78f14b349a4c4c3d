// Starts the worker that trains at once, so that it loads while the page's own program does. The page takes it over with
// whatever it has said until then, or ends it where the run needs another one.

(() => {
  // How presets of transformers begin; a test compares this with the labs.
  const OF_TRANSFORMERS = ["mos-mt", "mos-bert"];
  const preset = new URLSearchParams(location.hash.slice(1)).get("run") ?? "";
  const isOfTransformers = OF_TRANSFORMERS.some((start) => preset.startsWith(start));
  const program = isOfTransformers ? "switchyard-transformers" : "switchyard-engine";
  const script = document.querySelector(`meta[name='${program}']`)?.content;
  if (!script) {
    return;
  }
  try {
    const early = { program, worker: new Worker(script), heard: [], lost: null };
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
