// The classify form: dropping and pasting files, and a preview of the chosen picture. The form works without it.

const form = document.querySelector("[data-classify]");
const drop = form.querySelector("[data-drop]");
const input = drop.querySelector("input[type=file]");
const send = drop.querySelector("[data-send]");

function preview(file) {
  const card = document.querySelector("[data-answer]");
  let frame = card.querySelector(".frame");
  if (!frame) {
    frame = document.createElement("div");
    frame.className = "frame";
    card.prepend(frame);
  }
  const words = document.createElement("p");
  words.textContent = file.name;
  frame.replaceChildren(words);
  // What the browser cannot show, Loupe may still be able to read: its name stays in the frame.
  createImageBitmap(file).then((bitmap) => {
    const scale = Math.min(1, 960 / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, bitmap.width * scale);
    canvas.height = Math.max(1, bitmap.height * scale);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `The chosen picture, ${file.name}`);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    frame.replaceChildren(canvas);
  }, () => {});
}

function chosen() {
  const count = input.files.length;
  drop.classList.toggle("nothing", count === 0);
  send.classList.toggle("primary", count > 0);
  if (count === 0) return;
  send.textContent = count === 1 ? `Classify ${input.files[0].name}` : `Classify ${count} files`;
  if (count === 1) preview(input.files[0]);
}

function take(files) {
  if (files.length === 0) return false;
  input.files = files;
  chosen();
  send.focus();
  return true;
}

drop.classList.add("scripted");
input.addEventListener("change", chosen);
chosen();

for (const [name, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.toggle("over", over);
    if (name === "drop") take(event.dataTransfer.files);
  });
}

document.addEventListener("paste", (event) => {
  if (take(event.clipboardData.files)) event.preventDefault();
});

// One click is one job: the buttons rest until the next page comes.
form.addEventListener("submit", (event) => {
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  if (event.submitter === send) send.textContent = "Sending …";
});

// A page that comes back from the browser's history is ready again.
addEventListener("pageshow", () => {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  chosen();
});
