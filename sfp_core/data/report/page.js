// The page itself: one clock, one view, and what the hands do with them.

const film = byId("film"), sound = byId("sound");
const soundStarts = TAKE.sound_starts;
const wave = TAKE.waveform && TAKE.waveform.peaks ? new Wave(TAKE.waveform, soundStarts) : null;
const wordsEnd = Math.max(0, ...[TAKE.words, TAKE.phones].map((spans) => spans.length ? spans[spans.length - 1][1] : 0));
const endSeconds = Math.max(LAST_FRAME / RATE, wave ? wave.seconds + soundStarts : 0, wordsEnd);
const tracks = [];
if (sound) tracks.push({element: sound, starts: soundStarts});
if (film) tracks.push({element: film, starts: 0});

const clock = new Clock(tracks, endSeconds);
const view = new View(endSeconds * RATE), whole = new View(endSeconds * RATE);
const rows = new Rows(byId("rows"));
fillHeader();
fillSide(clock, film);
const saying = new Saying();
const lanes = [
  ["ruler", 34, (context) => paintRuler(context, view, 34)],
  ["wave", 84, (context) => { paintGrid(context, view, 84); if (wave) wave.paint(context, view, 84, "#7fa5bb"); }],
  ["words", 26, (context) => paintSpans(context, view, 26, TAKE.words, wordLook)],
  ["phones", 22, (context) => paintSpans(context, view, 22, TAKE.phones, phoneLook)],
  ["closures", 13, (context) => paintClosures(context, view, 13)],
  ["overview", 30, (context) => paintOverview(context, whole, view, 30, wave)],
].map(([name, height, paint]) => ({canvas: byId(`lane-${name}`), height, paint}));
let selection = null, looping = false, fitted = true, rowHeight = 54, awaited = 0, spare = 0, gutter = 218;

const SPARE_MS = 60;  // without a change, before rows are drawn that are not on the screen

const frameNow = () => Math.min(Math.floor(clock.seconds * RATE + 1e-6), LAST_FRAME);

/** Draw everything before the next picture of the screen, once. */
function redraw() {
  awaited = awaited || requestAnimationFrame(draw);
}

function draw() {
  awaited = 0;
  gutter = byId("ruler").firstElementChild.offsetWidth;
  view.width = whole.width = Math.max(50, byId("rows").clientWidth - gutter);
  for (const {canvas, height, paint} of lanes) if (canvas.offsetParent) paint(cleared(canvas, view.width, height));
  const wanted = [view.from, view.to, view.width, rowHeight, fitted, window.devicePixelRatio].join();
  byId("status").dataset.keysDrawn = rows.paint(view, rowHeight - 1, fitted, wanted);
  clearTimeout(spare);
  spare = setTimeout(() => { rows.paint(view, rowHeight - 1, fitted, wanted, AHEAD_PIXELS); rows.forget(); }, SPARE_MS);
  follow();
}

/** Bring all that moves with the playhead to where the clock is. */
function follow() {
  const frame = frameNow(), at = clock.seconds * RATE;
  const head = byId("playhead"), x = view.x(at), tools = byId("lanes").offsetTop;
  if (clock.playing && (at < view.from || at > view.to)) {
    view.pan(at - view.from - 0.05 * view.span);
    redraw();
  }
  head.hidden = x < 0 || x > view.width;
  head.style.top = byId("selection").style.top = byId("hover").style.top = `${tools + byId("lane-overview").parentElement.offsetHeight}px`;
  head.style.transform = `translateX(${gutter + Math.round(x)}px)`;
  byId("selection").hidden = !selection;
  if (selection) {
    const left = Math.max(view.x(selection[0]), 0), right = Math.min(view.x(selection[1]), view.width);
    byId("selection").hidden = right < 0 || left > view.width;
    byId("selection").style.transform = `translateX(${gutter + left}px)`;
    byId("selection").style.width = `${Math.max(right - left, 1)}px`;
  }
  document.body.classList.toggle("playing", clock.playing);
  byId("play").setAttribute("aria-label", clock.playing ? "Pause" : "Play");
  byId("clock-frame").textContent = String(frame);
  byId("clock-time").textContent = `${clock.seconds.toFixed(3)} s`;
  byId("ruler").setAttribute("aria-valuenow", String(frame));
  byId("ruler").setAttribute("aria-valuetext", `frame ${frame}, ${clock.seconds.toFixed(2)} seconds`);
  saying.tell(clock.seconds);
  rows.tell(clock.playing ? at : Math.min(at, LAST_FRAME));
  tellStatus(frame);
}

function tellStatus(frame) {
  const status = byId("status"), there = rows.there;
  const keys = there.reduce((sum, {channel}) => sum + channel.keys.frames.length, 0);
  const resting = TAKE.channels.filter((channel) => channel.keys.frames.length < 2).length;
  Object.assign(status.dataset, {channels: there.length, keys, frame, seconds: clock.seconds.toFixed(6)});
  const chosen = selection ? `  \u00b7  selected ${selection[0]} to ${selection[1]}, ${counted(selection[1] - selection[0], "frame")}` : "";
  const quiet = !rows.resting && resting ? ` (${resting} at rest are hidden)` : "";
  status.textContent = `${counted(there.length, "curve")} of ${TAKE.channels.length} shown${quiet}, ${counted(keys, "key")}${chosen}`;
}

// ---- time

function toFrame(frame) {
  clock.seek(Math.min(Math.max(frame, 0), Math.max(LAST_FRAME, 0)) / RATE);
  const at = clock.seconds * RATE;
  if (at < view.from || at > view.to) { view.pan(at - (view.from + view.to) / 2); redraw(); }
}

function step(frames) {
  clock.pause();
  toFrame(frameNow() + frames);
}

/** To the nearest key before (-1) or after (1) of the curves that are shown. */
function stepToKey(side) {
  const now = clock.seconds * RATE;
  let best = null;
  for (const {channel: {keys: {frames}}} of rows.there) {
    const place = side > 0 ? lastAtOrBefore(frames, now + 1e-6) + 1 : lastAtOrBefore(frames, now - 1e-6);
    if (place >= 0 && place < frames.length && (best === null || side * (frames[place] - best) < 0)) best = frames[place];
  }
  clock.pause();
  if (best !== null) toFrame(best);
}

function select(range) {
  selection = range && range[1] > range[0] ? range : null;
  setLoop(selection !== null);
}

function setLoop(wanted) {
  looping = wanted;
  clock.loop = looping ? (selection || [0, LAST_FRAME]).map((frame) => frame / RATE) : null;
  if (clock.loop && clock.loop[1] <= clock.loop[0]) clock.loop = null;
  byId("loop").setAttribute("aria-pressed", String(looping));
  follow();
}

const toggle = () => clock.playing ? clock.pause() : clock.play();
