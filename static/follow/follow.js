// Asks the server for what is known of the run and puts only what changed in place, so that nothing jumps: the
// reader's place, open details, scrolled tables and the focus stay.

const EVERY = 1000;
// The longest wait after the server did not answer.
const LONGEST = 8000;
// The least time between two announcements of how far the run is.
const ANNOUNCE = 30000;

const main = document.querySelector("main");
const said = document.querySelector("#said");
const lost = document.querySelector("#lost");

// What was shown last, as the server sent it: what the reader opened since is no change.
let shown = null;
let tag = null;
let wait = EVERY;
let announced = { at: -ANNOUNCE, state: "" };

/** Whether two parts are the same part of the page, whose inside may have changed. */
function isSamePart(one, other) {
  const name = (part) => `${part.localName} ${part.getAttribute("aria-labelledby") ?? part.className}`;
  return one?.nodeType === Node.ELEMENT_NODE && other?.nodeType === Node.ELEMENT_NODE && name(one) === name(other);
}

/** Makes the parts of `there` those of `next`; `before` is what `there` was made from. */
function update(there, before, next) {
  const [live, old, fresh] = [there, before, next].map((parent) => [...parent.children]);
  fresh.forEach((part, place) => {
    const [was, is] = [old[place], live[place]];
    if (!is) {
      there.append(document.importNode(part, true));
    } else if (!was?.isEqualNode(part)) {
      replace(is, was, part);
    }
  });
  live.slice(fresh.length).forEach((part) => part.remove());
}

function replace(is, was, part) {
  const goesInside = ["article", "section", "header", "div", "dl", "table", "tbody", "tr", "figure"].includes(part.localName);
  if (goesInside && isSamePart(was, part) && isSamePart(is, part) && part.children.length > 0) {
    for (const { name, value } of part.attributes) {
      is.setAttribute(name, value);
    }
    update(is, was, part);
    return;
  }
  const put = document.importNode(part, true);
  if (is.localName === "details" && is.open) {
    put.open = true;
  }
  is.replaceWith(put);
}

function announce(article) {
  const { state, say } = article.dataset;
  const now = performance.now();
  if (state !== announced.state || now - announced.at >= ANNOUNCE) {
    announced = { at: now, state };
    if (said.textContent !== say) {
      said.textContent = say;
    }
  }
}

function show(text) {
  const next = new DOMParser().parseFromString(text, "text/html").body;
  const article = next.querySelector("article");
  if (shown) {
    update(main, shown, next);
  } else {
    main.replaceChildren(...[...next.cloneNode(true).children].map((part) => document.importNode(part, true)));
  }
  shown = next;
  document.title = `${article.dataset.say.split(/[.:]/)[0]} · ${article.querySelector("h1").textContent} · Switchyard`;
  announce(article);
  return article.dataset.state;
}

function loseSight() {
  const text = "The server on this machine does not answer. What is shown is from before; this page tries again.";
  if (lost.hidden) {
    lost.hidden = false;
    lost.textContent = text;
    said.textContent = text;
    announced.state = "";
  }
  wait = Math.min(wait * 2, LONGEST);
}

async function look() {
  let state = "running";
  try {
    const answer = await fetch("content.html", { cache: "no-cache" });
    if (!answer.ok) {
      throw new Error(answer.status);
    }
    const text = await answer.text();
    [wait, lost.hidden] = [EVERY, true];
    if (tag === null || answer.headers.get("ETag") !== tag) {
      tag = answer.headers.get("ETag");
      state = show(text);
    }
  } catch {
    loseSight();
  }
  // A complete run changes no more.
  if (state !== "complete") {
    setTimeout(look, wait);
  }
}

look();
