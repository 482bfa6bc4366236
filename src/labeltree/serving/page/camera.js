// The camera: a live preview where the browser allows one, else the phone's own camera, else why not.
import { byId, many } from "./elements.js";
import { jpeg } from "./pictures.js";

const PROBLEMS = {
  NotAllowedError: "The camera was not allowed. Allow it beside the address of this page, then try again.",
  NotFoundError: "No camera was found on this device.",
  NotReadableError: "The camera is used by another program. Close that, then try again.",
};
const INSECURE = "Browsers allow the camera only on pages that were opened by https, or on the computer that runs the server (as localhost). Choose files instead.";

export function prepareCamera(onPictures) {
  const [dialog, video, text] = ["camera", "preview", "camera-text"].map(byId);
  const [take, other, phone] = ["take", "other-camera", "phone-camera"].map(byId);
  const onPhone = matchMedia("(pointer: coarse)").matches;
  let stream = null;
  let cameras = [];
  let chosen = 0;
  let taken = 0;

  function say(problem) {
    text.textContent = problem;
    take.hidden = video.hidden = true;
    phone.hidden = !onPhone;
  }

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
  }

  async function start() {
    stop();
    const camera = cameras.length ? { deviceId: { exact: cameras[chosen].deviceId } } : { facingMode: "environment" };
    try {
      const live = await navigator.mediaDevices.getUserMedia({ video: { ...camera, width: { ideal: 1280 } } });
      if (!dialog.open) return live.getTracks().forEach((track) => track.stop()); // closed meanwhile
      video.srcObject = stream = live;
    } catch (error) {
      return say(PROBLEMS[error.name] ?? `The camera cannot be used (${error.name}).`);
    }
    text.textContent = "";
    take.disabled = video.readyState < video.HAVE_CURRENT_DATA; // no image has come yet
    take.hidden = video.hidden = false;
    phone.hidden = true;
    const devices = await navigator.mediaDevices.enumerateDevices();
    cameras = devices.filter((device) => device.kind === "videoinput");
    other.hidden = cameras.length < 2;
  }

  async function capture() {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    const name = `camera ${new Date().toTimeString().slice(0, 8).replaceAll(":", ".")}.jpg`;
    onPictures([{ name, file: await jpeg(canvas) }]);
    taken += 1;
    text.textContent = `${many(taken, "picture")} taken. Take another, or close.`;
  }

  byId("use-camera").addEventListener("click", () => {
    const live = Boolean(navigator.mediaDevices?.getUserMedia);
    if (!live && onPhone) return byId("phone").click();
    taken = 0;
    take.hidden = video.hidden = true;
    other.hidden = phone.hidden = true;
    text.textContent = "Waiting for the camera …";
    dialog.showModal();
    return live ? start() : say(INSECURE);
  });
  video.addEventListener("loadeddata", () => {
    take.disabled = false;
    take.focus();
  });
  take.addEventListener("click", capture);
  other.addEventListener("click", () => {
    chosen = (chosen + 1) % cameras.length;
    start();
  });
  phone.addEventListener("click", () => byId("phone").click());
  byId("close-camera").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stop);
}
