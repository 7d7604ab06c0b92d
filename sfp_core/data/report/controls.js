// The keyboard, the tools above the curves and the transport.

const KEYS = {
  " ": toggle,
  ArrowLeft: (event) => step(event.shiftKey ? -10 : -1),
  ArrowRight: (event) => step(event.shiftKey ? 10 : 1),
  ",": () => stepToKey(-1),
  ".": () => stepToKey(1),
  Home: () => toFrame(0),
  End: () => toFrame(LAST_FRAME),
  i: () => select([frameNow(), selection && selection[1] > frameNow() ? selection[1] : LAST_FRAME]),
  o: () => select([selection && selection[0] < frameNow() ? selection[0] : 0, frameNow()]),
  l: () => setLoop(!looping),
  Escape: () => select(null),
  "+": () => { view.zoom(1.5, clock.seconds * RATE); redraw(); },
  "=": () => KEYS["+"](),
  "-": () => { view.zoom(1 / 1.5, clock.seconds * RATE); redraw(); },
  0: () => { view.all(); redraw(); },
  z: () => { if (selection) { view.show(...selection); redraw(); } },
  "/": () => byId("filter").focus(),
};

function key(event) {
  const {tagName, type} = event.target;
  if (tagName === "INPUT" && type === "search") {
    if (event.key === "Escape") { event.target.value = ""; sift(""); event.target.blur(); }
    return;
  }
  const own = tagName === "INPUT" || tagName === "SELECT" || (event.key === " " && (tagName === "BUTTON" || tagName === "SUMMARY"));
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (own || !action || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action(event);
}

function sift(text) {
  rows.words = text.toLowerCase().split(/\s+/).filter(Boolean);
  rows.sift();
}

function pressed(button, wanted) {
  button.setAttribute("aria-pressed", String(wanted));
  redraw();
}

function setTools() {
  const resting = TAKE.channels.filter((channel) => channel.keys.frames.length < 2).length;
  byId("resting").textContent = `${resting} at rest`;
  byId("resting").hidden = !resting || resting === TAKE.channels.length;
  byId("resting").addEventListener("click", () => { rows.resting = !rows.resting; rows.sift(); pressed(byId("resting"), rows.resting); });
  byId("limits").addEventListener("click", () => { fitted = !fitted; pressed(byId("limits"), !fitted); });
  byId("zoom-all").addEventListener("click", () => KEYS[0]());
  byId("filter").addEventListener("input", (event) => sift(event.target.value));
  byId("height").addEventListener("input", (event) => {
    rowHeight = Number(event.target.value);
    document.documentElement.style.setProperty("--row", `${rowHeight}px`);
    rows.places = null;
    redraw();
  });
  if (BY_LAYER) byId("layers").append(...TAKE.layers.map(([name, weight]) => layerChip(name, weight)));
}

function layerChip(name, weight) {
  const chip = made("button", "", "chip"), dot = made("i");
  dot.style.background = layerColour(name);
  chip.append(dot, weight === 1 ? name : `${name} \u00d7 ${weight}`);
  chip.setAttribute("aria-pressed", "true");
  chip.addEventListener("click", () => {
    if (!rows.hiddenLayers.delete(name)) rows.hiddenLayers.add(name);
    rows.sift();
    pressed(chip, !rows.hiddenLayers.has(name));
  });
  return chip;
}

function setTransport() {
  const actions = {"to-start": KEYS.Home, back: () => step(-1), play: toggle, forward: () => step(1), loop: () => setLoop(!looping)};
  for (const [id, action] of Object.entries(actions)) byId(id).addEventListener("click", action);
  byId("speed").addEventListener("change", (event) => { clock.speed = Number(event.target.value); event.target.blur(); });
  for (const track of clock.tracks) {
    track.element.addEventListener("loadedmetadata", () => clock.place(track));
    track.element.addEventListener("error", () => {
      track.broken = true;
      if (track.element === film) { film.hidden = true; byId("no-film").hidden = false; }
      byId("no-film").textContent = `This browser cannot play the ${track.element === film ? "film" : "sound"}.`;
    });
  }
}
