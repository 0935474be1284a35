"use strict";
const $$ = (query, root = document) => [...root.querySelectorAll(query)];
const byId = (id) => document.getElementById(id);
const written = new WeakMap();
const notice = byId("notice");
let live = null;

function say(words, bad = false) {
  notice.textContent = words;
  notice.classList.toggle("bad", bad);
  notice.hidden = !words;
  if (words && !bad) setTimeout(() => say(""), 2500);
}

/* The policy forbids style attributes; setting styles from here is allowed, and the server has checked them. */
function dress(root) {
  for (const node of [root, ...$$("[data-style]", root)]) if (node.dataset?.style) node.style.cssText = node.dataset.style;
}

/* Only what changed is touched: focus, open details and what a screen reader has read stay as they are. */
function fill(target, html) {
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  const newest = target.lastElementChild?.id;
  const old = new Map([...target.children].map((child, place) => [child.id || place, child]));
  const wanted = [...parsed.content.children];
  /* Another person's chat is shown at once; only what is said now arrives. */
  const growing = newest && wanted.some((one) => one.id === newest);
  wanted.forEach((fresh, place) => {
    const source = fresh.outerHTML;
    const kept = old.get(fresh.id || place);
    const node = kept && written.get(kept) === source ? kept : fresh;
    if (node === fresh) {
      written.set(fresh, source);
      dress(fresh);
      if (growing && !kept) fresh.classList.add("arriving");
      for (const open of kept ? $$("details[id]", kept) : []) {
        const again = fresh.querySelector("#" + CSS.escape(open.id));
        if (again) again.open = open.open;
      }
      if (kept?.tagName === "DETAILS") fresh.open = kept.open;
      if (kept) kept.replaceWith(fresh);
    }
    if (target.children[place] !== node) target.insertBefore(node, target.children[place] || null);
  });
  while (target.children.length > wanted.length) target.lastElementChild.remove();
  if (target.classList.contains("chat") && wanted.at(-1)?.id !== newest) target.scrollTop = target.scrollHeight;
  if (target.classList.contains("overlay") && wanted[0]?.isConnected) $$("input, select, textarea, button", target)[0].focus();
  const scene = target.querySelector(".scenes [aria-current]");
  if (scene) scene.parentElement.scrollLeft = scene.offsetLeft - scene.parentElement.offsetLeft - 140;
}

function watched() {
  const people = new URLSearchParams({ language: document.body.dataset.language });
  for (const pane of $$("[data-platform]")) people.set(pane.dataset.platform, pane.querySelector("[data-person]").value);
  return people;
}

function connect() {
  live?.close();
  history.replaceState(null, "", "?" + watched());
  live = new EventSource("/playground/live?" + watched());
  live.addEventListener("fragment", (event) => {
    const { id, html } = JSON.parse(event.data);
    if (byId(id)) fill(byId(id), html);
  });
  live.addEventListener("people", (event) => {
    const shown = Object.entries(JSON.parse(event.data));
    for (const [platform, id] of shown) document.querySelector(`[data-platform="${platform}"] [data-person]`).value = id;
    if (!shown.length) return;
    document.querySelector(`[data-view="${shown[0][0]}"]`).click();
    connect();
  });
  live.onerror = () => say(document.body.dataset.lost, true);
  live.onopen = () => say("");
}

async function post(path, body, pane) {
  pane?.setAttribute("aria-busy", "true");
  try {
    const json = !(body instanceof Blob);
    const headers = { "content-type": json ? "application/json" : "application/octet-stream" };
    const reply = await fetch(path + (path.includes("?") ? "&" : "?") + watched(), { method: "POST", headers, body: json ? JSON.stringify(body) : body });
    const answer = await reply.json().catch(() => ({}));
    if (!reply.ok) say(answer.error || `HTTP ${reply.status}`, true);
    return answer;
  } finally {
    pane?.removeAttribute("aria-busy");
  }
}

const phoneOf = (node) => {
  const pane = node.closest("[data-platform]");
  return [pane, `${pane.dataset.platform}:${pane.querySelector("[data-person]").value}`];
};

/* Many cards of a list have a button of the same label: which of them it is, is counted inside the message. */
function placeOf(node) {
  const same = $$("[data-label]", node.closest("[data-bubble]") || node).filter((one) => one.dataset.label === node.dataset.label);
  return Math.max(0, same.indexOf(node));
}

function act(node, verb, given) {
  const [pane, phone] = phoneOf(node);
  return post("/playground/act", { phone, verb, arguments: { bubble: node.closest("[data-bubble]")?.dataset.bubble, place: placeOf(node), ...given } }, pane);
}

document.addEventListener("click", (event) => {
  const node = event.target.closest("[data-verb], [data-clock], [data-tour], [data-fault], [data-view], [data-tab], [data-language], [data-copy], a[href]");
  if (!node || node.tagName === "FORM" || node === document.body) return;
  const { verb, clock, tour, fault, view, tab, copy, label, text } = node.dataset;
  if (tab && node.tagName === "BUTTON") { node.closest(".device").dataset.tab = tab; mark(node); toNewest(); }
  if (verb) act(node, verb === "opens" ? "taps" : verb, { label, text });
  if (clock) post("/playground/clock", { to: Number(clock) || clock });
  if (tour) post("/playground/tour", { scenes: tour, language: document.body.dataset.language });
  if (fault) post("/playground/fault", { platform: phoneOf(node)[0].dataset.platform, fault, on: node.ariaChecked !== "true" });
  if (view) { document.body.dataset.show = view; mark(node); toNewest(); }
  if (copy) navigator.clipboard.writeText(copy).then(() => say(document.body.dataset.copied));
  if (node.matches("button[data-language]")) location.search = "?language=" + node.dataset.language;
  if (node.matches('a[href*="/pretend/"]') && new URL(node.href).origin === location.origin) {
    event.preventDefault();
    byId("pay").querySelector("iframe").src = node.href;
    byId("pay").showModal();
  }
});

/* A chat that was hidden has lost its place. */
function toNewest() {
  for (const chat of $$(".chat")) if (!chat.scrollTop) chat.scrollTop = chat.scrollHeight;
}

function mark(node) {
  for (const other of node.parentElement.children) other.toggleAttribute("aria-current", false);
  node.setAttribute("aria-current", "true");
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.verb) return;
  event.preventDefault();
  const values = {};
  for (const [key, value] of new FormData(form)) if (value || form.elements[key].tagName !== "SELECT") values[key] = key in values ? `${values[key]},${value}` : value;
  if (form.dataset.verb === "says" && !values.text.trim()) return;
  if (form.dataset.verb === "says") form.elements.text.value = "";
  const { errors = {} } = await act(form, form.dataset.verb, { values, label: form.dataset.label, text: values.text, day: values.day });
  for (const slot of $$("[data-error]", form)) slot.textContent = errors[slot.dataset.error] ? "⚠ " + errors[slot.dataset.error] : "";
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-person]")) connect();
  if (event.target.type === "file" && event.target.files[0]) {
    const [pane, phone] = phoneOf(event.target);
    const file = event.target.files[0];
    post("/playground/file?" + new URLSearchParams({ phone, name: file.name }), file, pane);
    event.target.value = "";
  }
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches('[role="button"]') && ["Enter", " "].includes(event.key)) { event.preventDefault(); event.target.click(); }
});

for (const node of $$('[data-part] > *')) written.set(node, node.outerHTML);
dress(document.body);
toNewest();
connect();
