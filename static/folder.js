// What is in a folder that was chosen or dropped, and in which batches it travels.

// With three batches on their way, at most 1 % of a folder is lost with a connection.
const MOST_BATCHES = 400;
const MOST_FILES = 100;
const MOST_BYTES = 8 * 1024 * 1024;
const CLUTTER = ["__MACOSX", "Thumbs.db", "desktop.ini"];

// Browsers give a dropped folder a hundred entries at a time.
export async function walk(entry, found) {
  if (entry.isFile) {
    found.push({ path: entry.fullPath.slice(1), file: await new Promise((done, fail) => entry.file(done, fail)) });
    return found;
  }
  const reader = entry.createReader();
  for (;;) {
    const entries = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!entries.length) return found;
    for (const one of entries) await walk(one, found);
  }
}

// Files without what computers leave beside them, in an order that is the same each time.
export function tidied(files) {
  const tidy = files.filter(({ path }) => !path.split("/").some((part) => part.startsWith(".") || CLUTTER.includes(part)));
  return tidy.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

// The same files make the same batches, so that a folder that is chosen again goes on where it was.
export function planned(files) {
  const most = Math.min(MOST_FILES, Math.max(1, Math.ceil(files.length / MOST_BATCHES)));
  const batches = [];
  let bytes = 0;
  for (const one of files) {
    const last = batches.at(-1);
    if (last && last.length < most && bytes + one.file.size <= MOST_BYTES) {
      last.push(one);
      bytes += one.file.size;
    } else {
      batches.push([one]);
      bytes = one.file.size;
    }
  }
  return batches;
}

// Tells whether a folder that is chosen again is the same.
export function signature(files) {
  let hash = 0x811c9dc5;
  for (const { path, file } of files) {
    for (const character of `${path}\n${file.size}\n${file.lastModified}\n`) {
      hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193) >>> 0;
    }
  }
  return `${files.length}-${hash}`;
}
