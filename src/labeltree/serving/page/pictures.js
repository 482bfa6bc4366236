// Pictures on their way in: found in what was dropped, made upright and no larger than is of use.

const LEAST_SIDE = 512; // pixels that are left of a photo's shorter side ...
const ROOM = 2; // ... or this many times what the model looks at
const COMMON = ["image/jpeg", "image/png", "image/webp", "image/gif"]; // others may be known to the browser only
const THUMBNAIL = 320;
const QUALITY = 0.92;

// What is sent and what is shown of a file. A file that the browser cannot draw is sent as it is:
// the server may know its format, or says what is wrong with it.
export async function prepare(file, imageSize) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file); // upright, as EXIF says
  } catch {
    return { sent: await wholeOf(file), thumbnail: null };
  }
  const { width, height } = bitmap;
  try {
    const scale = Math.max(LEAST_SIDE, ROOM * imageSize) / Math.min(width, height);
    const thumbnail = await drawn(bitmap, Math.min(1, THUMBNAIL / Math.max(width, height)));
    const asItIs = scale >= 1 && COMMON.includes(file.type);
    return { sent: asItIs ? await wholeOf(file) : await drawn(bitmap, Math.min(1, scale)), thumbnail };
  } finally {
    bitmap.close();
  }
}

// In memory, so that a file that vanishes meanwhile is told from a server that does.
async function wholeOf(file) {
  return new Blob([await file.arrayBuffer()], { type: file.type });
}

function drawn(source, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(source.width * scale));
  canvas.height = Math.max(1, Math.round(source.height * scale));
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff"; // the server lays transparent pictures on white too
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(source, 0, 0, canvas.width, canvas.height);
  return jpeg(canvas);
}

export function jpeg(canvas) {
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("too large to draw"))), "image/jpeg", QUALITY);
  });
}

// Dropped or pasted files as `{name, file}`; of folders all pictures, whatever else lies there.
export async function filesOf(transfer) {
  const files = [...transfer.files]; // both are empty once this function has waited
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.());
  if (!entries.some((entry) => entry?.isDirectory)) return files.map((file) => ({ name: file.name, file }));
  const found = await Promise.all(entries.filter(Boolean).map(below));
  return found.flat();
}

async function below(entry) {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    const alone = entry.fullPath.lastIndexOf("/") === 0;
    return alone || file.type.startsWith("image/") ? [{ name: entry.fullPath.slice(1), file }] : [];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) { // a reader hands out some entries at a time
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return found;
    found.push(...(await Promise.all(some.map(below))).flat());
  }
}
