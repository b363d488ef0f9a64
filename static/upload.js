// Sends a folder of pictures in small batches, several at a time. What has arrived is asked for, so after a lost
// connection, a killed server or a closed page only what is missing is sent. Without script a .zip does it.

import { dropTarget, size } from "./drop.js";
import { planned, signature, tidied, walk } from "./folder.js";
import { isAway, say } from "./said.js";

const form = document.querySelector("[data-upload]");
const drop = form.querySelector("[data-drop]");
const input = drop.querySelector("input[type=file]");
const words = drop.querySelector("[data-chosen]");
const sending = form.querySelector("[data-sending]");
const start = form.querySelector("[data-start]");
const stop = form.querySelector("[data-stop]");
const trouble = form.querySelector("[data-trouble]");
const kinds = words.textContent;

// At most 1 % of a folder is on its way at a time: that is what a broken connection costs.
const AT_ONCE = 3;
const SLOWEST_MS = 15000;
// The rate is that of the last seconds.
const WINDOW_MS = 10000;

let chosen = [];
let stopped = null;

const number = (value) => Math.round(value).toLocaleString("en");

// Rests, unless it is stopped meanwhile.
const pause = (ms, signal) => new Promise((done, fail) => {
  signal.addEventListener("abort", () => fail(signal.reason), { once: true });
  setTimeout(done, ms);
});

function about(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function take(files) {
  chosen = tidied(files);
  const bytes = chosen.reduce((sum, { file }) => sum + file.size, 0);
  words.textContent = chosen.length ? `${chosen[0].path.split("/")[0]}: ${number(chosen.length)} files, ${size(bytes)}` : kinds;
  words.classList.toggle("chosen", chosen.length > 0);
}

class Refusal extends Error {}

// Sends until the server has answered: what can pass by itself is tried again, what cannot is said.
async function ask(path, data) {
  for (let wait = 1000; ; wait = Math.min(wait * 2, SLOWEST_MS)) {
    let again = wait;
    try {
      const answer = await fetch(path, { method: data ? "POST" : "GET", body: data, headers: { Accept: "application/json" }, signal: stopped.signal });
      if (answer.ok) {
        if (isAway()) say("");
        return await answer.json();
      }
      if (answer.status === 404 && !data) return null;
      if (answer.status < 500 && answer.status !== 429) {
        const problem = await answer.json().catch(() => ({}));
        const fields = (problem.errors ?? []).map((one) => `${one.field}: ${one.message}`).join(" ");
        throw new Refusal(`${problem.code ?? answer.status}: ${problem.detail ?? "It was not taken."} ${fields}`);
      }
      again = Math.max(wait, (Number(answer.headers.get("Retry-After")) || 0) * 1000);
    } catch (error) {
      if (error instanceof Refusal || error.name === "AbortError") throw error;
    }
    say("The connection is lost. What has arrived is kept; this goes on by itself.", true);
    await pause(again, stopped.signal);
  }
}

function fields() {
  const data = new FormData();
  for (const one of form.querySelectorAll("input[type=hidden]")) data.append(one.name, one.value);
  return data;
}

function show(progress) {
  const { files, total, skipped } = progress;
  const now = performance.now();
  progress.seen.push([now, files, progress.bytes]);
  while (progress.seen.length > 2 && progress.seen[0][0] < now - WINDOW_MS) progress.seen.shift();
  const [[began, before, had]] = progress.seen;
  const seconds = (now - began) / 1000;
  const rate = seconds ? (files - before) / seconds : 0;
  const share = total ? files / total : 1;
  sending.querySelector("rect.good").setAttribute("width", (share * 100).toFixed(2));
  sending.querySelector("[role=progressbar]").setAttribute("aria-valuenow", Math.floor(share * 100));
  sending.querySelector("[data-count]").textContent = `${number(files)} of ${number(total)} files`;
  const left = rate ? ` · about ${about((total - files) / rate)} left` : "";
  sending.querySelector("[data-pace]").textContent = rate ? `${rate >= 10 ? number(rate) : rate.toFixed(1)} a second · ${size((progress.bytes - had) / seconds)}/s${left}` : "";
  sending.querySelector("[data-skipped]").textContent = skipped ? `${number(skipped)} too large, left out and listed in the report` : "";
  const tenth = Math.floor(share * 10);
  if (tenth !== progress.told) {
    progress.told = tenth;
    if (!isAway()) say(`${tenth * 10} percent sent.`);
  }
}

async function sendBatch(upload, batch, index, progress) {
  const data = fields();
  const large = batch.filter(({ file }) => file.size > upload.max_file_bytes);
  if (large.length) data.append("skipped", JSON.stringify(large.map(({ path, file }) => ({ file: path, bytes: file.size }))));
  for (const { path, file } of batch) if (file.size <= upload.max_file_bytes) data.append("file", file, path);
  await ask(`/datasets/uploads/${upload.id}/batches/${index}`, data);
  progress.files += batch.length;
  progress.bytes += batch.reduce((sum, { file }) => sum + file.size, 0);
  progress.skipped += large.length;
  show(progress);
}

async function begun(batches) {
  const key = `loupe-upload ${form.elements.name.value.trim()}`;
  const options = ["test_fraction", "seed"];
  // Asked for in another way, the same folder is another upload.
  const mark = [signature(chosen), ...options.map((name) => form.elements[name].value)].join(" ");
  const known = JSON.parse(localStorage.getItem(key) ?? "null");
  if (known?.mark === mark) {
    const upload = await ask(`/api/v1/uploads/${known.id}`);
    if (upload && !upload.job && upload.batches === batches.length) return [upload, key];
  }
  const data = fields();
  for (const name of ["name", ...options]) data.append(name, form.elements[name].value);
  data.append("batches", batches.length);
  const upload = await ask("/datasets/uploads", data);
  localStorage.setItem(key, JSON.stringify({ id: upload.id, mark }));
  return [upload, key];
}

async function send() {
  const batches = planned(chosen);
  let [upload, key] = await begun(batches);
  const progress = { files: 0, bytes: 0, total: chosen.length, skipped: 0, seen: [], told: -1 };
  const missing = new Set(upload.missing);
  if (upload.missing_count === upload.missing.length) {
    batches.forEach((batch, index) => { if (!missing.has(index)) progress.files += batch.length; });
  } else {
    // Of very many only the first are named.
    progress.files = upload.files;
  }
  show(progress);
  while (upload.missing.length) {
    const waiting = [...upload.missing];
    const sender = async () => {
      while (waiting.length) {
        const index = waiting.shift();
        await sendBatch(upload, batches[index], index, progress);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
    upload = await ask(`/api/v1/uploads/${upload.id}`);
    if (!upload) throw new Refusal("upload_not_found: The upload is gone. Send the folder again.");
  }
  const job = await ask(`/datasets/uploads/${upload.id}/finish`, fields());
  localStorage.removeItem(key);
  return job.links.page;
}

function tell(words) {
  trouble.textContent = words;
  trouble.hidden = words === "";
}

function busy(on) {
  sending.hidden = stop.hidden = !on;
  start.hidden = on;
  if (on) addEventListener("beforeunload", warn);
  else removeEventListener("beforeunload", warn);
}

const warn = (event) => event.preventDefault();

form.querySelector("[data-plain]").hidden = true;
form.querySelectorAll("[data-scripted]").forEach((one) => { one.hidden = false; });
input.addEventListener("change", () => take([...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file }))));
dropTarget(drop, async (data) => {
  // Asked for at once: what was dropped is gone after this turn.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  words.textContent = "Looking through the folder …";
  const found = [];
  try {
    for (const entry of entries) await walk(entry, found);
  } catch (error) {
    found.length = 0;
    tell(`The folder cannot be read: ${error.message}`);
  }
  take(found);
  start.focus();
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (event.submitter === stop) return stopped?.abort();
  tell("");
  stopped = new AbortController();
  try {
    if (!chosen.length) throw new Refusal("Choose a folder first, or drop one here.");
    busy(true);
    const page = await send();
    busy(false);
    location.assign(page);
  } catch (error) {
    // What else is on its way ends as well.
    stopped.abort();
    busy(false);
    tell(error.name === "AbortError" ? "Stopped. What has arrived is kept for a day: start again, and it goes on." : error.message);
  }
});
