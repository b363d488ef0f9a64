// What the forms that take files share.

export function size(bytes) {
  const mib = bytes / 1024 / 1024;
  if (mib < 0.1) return `${Math.max(1, Math.round(bytes / 1024))} KiB`;
  return mib < 1024 ? `${mib.toFixed(1)} MiB` : `${(mib / 1024).toFixed(1)} GiB`;
}

// The whole page takes what is dragged over it, and the marked box shows it. `dropped` gets what was let go.
export function dropTarget(drop, dropped) {
  drop.classList.add("scripted");
  for (const [name, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      drop.classList.toggle("over", over);
      if (name === "drop") dropped(event.dataTransfer);
    });
  }
}

// A place to drop files on, which its file input then holds; pasted ones as well.
// `chosen` is told whether the files came by themselves, dropped or pasted, and not by the input.
export function dropZone(drop, input, chosen) {
  function take(files) {
    if (files.length === 0) return false;
    input.files = files;
    chosen(true);
    return true;
  }

  dropTarget(drop, (data) => take(data.files));
  input.addEventListener("change", () => chosen(false));
  document.addEventListener("paste", (event) => {
    // Spreadsheets put a picture of the cells beside their text.
    if (event.clipboardData.getData("text/plain")) return;
    if (take(event.clipboardData.files)) event.preventDefault();
  });
}

// One click is one job: the buttons rest until the next page comes. Returns what makes them ready again.
export function sendOnce(form, sending) {
  const buttons = () => form.querySelectorAll("button[type=submit]");
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    for (const button of buttons()) button.setAttribute("aria-disabled", "true");
    sending(event.submitter);
  });
  return () => {
    delete form.dataset.sent;
    for (const button of buttons()) button.removeAttribute("aria-disabled");
  };
}
