// Pictures on their way in: found in what was dropped, and made smaller where the server wants that.

const LEAST_SIDE = 512; // pixels that are left of a photo's shorter side ...
const ROOM = 2; // ... or this many times what the model looks at
const THUMBNAIL = 320;
const QUALITY = 0.92;

// How files begin that the server reads, whatever their names say; as FORMATS in serving/pictures.py.
const READ = /^(\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF....WEBP|GIF8[79]a|BM|II[*+]\0|MM\0[*+]|\0\0\0.ftypavi[fs]|P[1-6]\s)/s;
const LONGEST_BEGIN = 12; // bytes

// What is sent and what is shown of a file. It is sent as it is, so that the answer is the one that
// other programs get of it; also a file that the browser cannot draw, with which nothing else can
// be done. `remade` says how and why another picture is sent instead, else it is null.
// `tooMuch`: why the file as it is was sent in vain, if it was.
export async function prepare(file, { image_size: side, limits }, tooMuch = "") {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file); // upright, as EXIF says
  } catch {
    return { sent: await wholeOf(file), thumbnail: null, remade: null };
  }
  try {
    const { width, height } = bitmap;
    const thumbnail = await jpeg(drawn(bitmap, THUMBNAIL / Math.max(width, height)));
    const why = tooMuch || await notTaken(file, width * height, limits);
    if (!why) return { sent: await wholeOf(file), thumbnail, remade: null };
    const enough = Math.max(LEAST_SIDE, ROOM * side) / Math.min(width, height);
    const canvas = drawn(bitmap, Math.min(enough, Math.sqrt(limits.pixels / (width * height))));
    return { sent: await jpeg(canvas), thumbnail, remade: { why, width: canvas.width, height: canvas.height } };
  } finally {
    bitmap.close();
  }
}

async function notTaken(file, pixels, limits) {
  const begin = String.fromCharCode(...new Uint8Array(await file.slice(0, LONGEST_BEGIN).arrayBuffer()));
  if (!READ.test(begin)) return "is in a format that this server does not read";
  return file.size > limits.bytes || pixels > limits.pixels ? "is larger than this server takes" : "";
}

// In memory, so that a file that vanishes meanwhile is told from a server that does.
async function wholeOf(file) {
  return new Blob([await file.arrayBuffer()], { type: file.type });
}

// Never made larger.
function drawn(source, scale) {
  const shrunk = (length) => Math.max(1, Math.floor(length * Math.min(1, scale)));
  const canvas = document.createElement("canvas");
  canvas.width = shrunk(source.width);
  canvas.height = shrunk(source.height);
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff"; // the server lays transparent pictures on white too
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
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
