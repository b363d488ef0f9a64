// The pictures a version was tested on: one key says what a picture is. Their forms do the same without it.

import { say } from "./said.js";

const list = document.querySelector("[data-pictures]");
const labels = [...document.querySelectorAll("#f-is option")].map((option) => option.value).filter(Boolean);
// What was corrected since the page came, for a second `u`.
const done = [];

document.querySelector(".keys")?.removeAttribute("hidden");

const first = (picture) => picture?.querySelector("form.correct button");

function move(picture, next) {
  const to = next ? picture.nextElementSibling : picture.previousElementSibling;
  first(to)?.focus();
  to?.scrollIntoView({ block: "nearest" });
}

async function send(picture, action, label = "") {
  const form = picture.querySelector("form.correct");
  const data = new FormData(form);
  data.set("do", action);
  if (label) data.set("label", label);
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = fresh.getElementById(picture.id)?.querySelector("form.correct");
    if (!answer.ok || !now) throw new Error(fresh.getElementById("trouble")?.textContent.trim() || "It was not kept.");
    form.replaceWith(document.adoptNode(now));
    say(now.querySelector(".said")?.textContent ?? (action === "undo" ? "Undone." : "Nothing to correct."));
    if (now.querySelector(".said") && !done.includes(picture)) done.push(picture);
    return true;
  } catch (error) {
    form.removeAttribute("aria-busy");
    say(`${error.message} Try again in a moment.`, true);
    return false;
  }
}

// What a key means on a picture: an action and a label, or nothing.
function meant(key, picture) {
  const button = picture.querySelector(`button[data-key="${CSS.escape(key)}"]`);
  if (button) return [button.value, ""];
  const label = /^[1-9]$/.test(key) && labels.length <= 9 ? labels[Number(key) - 1] : "";
  return label ? ["label", label] : null;
}

list.addEventListener("keydown", async (event) => {
  const picture = event.target.closest("li");
  const typed = event.target.matches("input, select");
  if (!picture || typed || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "j" || event.key === "k") return move(picture, event.key === "j");
  const target = event.key === "u" && !picture.querySelector("[data-key=u]") ? done.pop() : picture;
  const wanted = target && meant(event.key, target);
  if (!wanted) return;
  event.preventDefault();
  if (!(await send(target, ...wanted))) return;
  if (wanted[0] === "undo") first(target).focus();
  else if (picture.nextElementSibling) move(picture, true);
  else first(picture).focus();
});

list.addEventListener("submit", async (event) => {
  event.preventDefault();
  const picture = event.target.closest("li");
  if (await send(picture, event.submitter.value)) first(picture).focus();
});
