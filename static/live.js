// Keeps a page that waits for something up to date: fetches it again and exchanges the parts that changed.
// Without script the page reloads itself by a meta refresh; this only saves the reload.

import { say } from "./said.js";

const EVERY_MS = 1000;
const SLOWEST_MS = 15000;
// A page that takes the server long, as a rare filter over a long list does, is asked for less often.
const REST_PER_WORK = 10;

let pause = EVERY_MS;

function exchange(fresh) {
  const focused = document.activeElement?.id;
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (!now) return false;
    if (now.outerHTML !== old.outerHTML) old.replaceWith(document.adoptNode(now));
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
  return true;
}

async function look() {
  if (document.hidden) return true;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (answer.status >= 500 || answer.status === 429) throw new Error(`the server answered ${answer.status}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  // Another kind of page than this one, such as the form once the first model is there: begin anew.
  if (!answer.ok || fresh.querySelector("h1").textContent !== document.querySelector("h1").textContent || !exchange(fresh)) {
    location.reload();
    return false;
  }
  document.title = fresh.title;
  say(fresh.getElementById("said").textContent.trim());
  return fresh.querySelector("[data-refresh]") !== null;
}

async function turn() {
  let more = true;
  const began = performance.now();
  try {
    more = await look();
    pause = Math.min(Math.max(EVERY_MS, REST_PER_WORK * (performance.now() - began)), SLOWEST_MS);
  } catch {
    pause = Math.min(pause * 2, SLOWEST_MS);
    say("Loupe does not answer just now. This page tries again by itself.", true);
  }
  if (more) setTimeout(turn, pause);
}

setTimeout(turn, EVERY_MS);
