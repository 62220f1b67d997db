// What a hosted page does beyond forms and links: cameras, pictures, and noticing that it has ended elsewhere.
"use strict";

const POLL = 3000;
const find = (selector, within = document) => [...within.querySelectorAll(selector)];
const { message, state } = document.body.dataset;

// -- the parent page receives the outcome
if (message && window.parent !== window) window.parent.postMessage(JSON.parse(message), "*");

// -- one step at a time: the browser shows the step of the address, this moves the reader along
const shown = () => find(".step").find((step) => step.offsetParent !== null || getComputedStyle(step).display !== "none");
addEventListener("hashchange", () => {
  scrollTo(0, 0);
  shown()?.querySelector("[tabindex='-1']")?.focus({ preventScroll: true });
});

const complete = (step) => {
  const wrong = step && step.querySelector(":invalid:not(fieldset)");
  if (wrong) wrong.reportValidity();
  return !wrong;
};
const first = document.querySelector(".step");
document.addEventListener("click", (event) => {
  const onward = event.target.closest("[data-testid=next], [data-testid=submit]");
  if (!onward) return;
  if (!complete(onward.closest(".step"))) return event.preventDefault();
  if (onward.dataset.testid === "submit" && first.querySelector(":invalid:not(fieldset)")) {
    event.preventDefault();
    location.hash = first.id;
    setTimeout(() => complete(first));
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches(".step input:not([type=file])")) return;
  event.preventDefault();
  event.target.closest(".step").querySelector("[data-testid=next], [data-testid=submit]").click();
});

// -- pictures
const view = (name, element) => document.getElementById(`view-${name}`).replaceChildren(element);
const say = (name, text) => { document.getElementById(`said-${name}`).textContent = text; };
const picture = (url, alt) => Object.assign(new Image(), { alt, src: url });
for (const input of find("[data-file]")) {
  input.addEventListener("change", () => {
    const [file] = input.files;
    if (!file) return;
    const { file: name, alt, pdf } = input.dataset;
    view(name, file.type === "application/pdf" ? document.createTextNode(pdf) : picture(URL.createObjectURL(file), alt));
    say(name, file.name);
  });
}
for (const button of find("[data-camera]")) {
  const { camera: name, facing, take, again, none, alt } = button.dataset;
  let video = null;
  button.hidden = !navigator.mediaDevices?.getUserMedia;
  button.addEventListener("click", async () => {
    if (video) {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
      canvas.getContext("2d").drawImage(video, 0, 0);
      for (const track of video.srcObject.getTracks()) track.stop();
      view(name, picture(canvas.toDataURL("image/jpeg"), alt));
      [video, button.textContent] = [null, again];
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: facing } });
      video = Object.assign(document.createElement("video"), { srcObject: stream, autoplay: true, muted: true, playsInline: true });
      view(name, video);
      button.textContent = take;
      say(name, "");
    } catch {
      say(name, none);
    }
  });
}

// -- reasons to decline
for (const filter of find("[data-filter]")) {
  filter.hidden = false;
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    for (const reason of find(".reasons label")) {
      const text = reason.textContent.toLowerCase();
      reason.hidden = !words.every((word) => text.includes(word));
    }
    for (const group of find(".reasons")) group.hidden = !group.querySelector("label:not([hidden])");
  });
  filter.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}

// -- ended elsewhere: by a reviewer, an SDK or a scenario
if (state) {
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(state, { cache: "no-store" }).catch(() => null);
    if (answer?.ok && (await answer.text()) === "ended") location.replace(location.pathname);
  }, POLL);
}
