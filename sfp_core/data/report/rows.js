// The list of curves: one row for each channel, in groups by part of the face.

const PART_COLOURS = {  // in the order of the groups: what speaks comes first
  jaw: "#c4a2ff", lips: "#ff8396", corners: "#ffa36e", tongue: "#f490d4", cheeks: "#a2d86f", lids: "#7fc6ff",
  gaze: "#5fd6c2", brows: "#e9b85c", head: "#c3cad4", other: "#98a4b8",
};
const LAYER_COLOURS = ["#ff8f7a", "#6cc3ff", "#9fdc74", "#d2a6ff", "#ffcf5c", "#5fd6c2", "#f490d4", "#c3cad4"];
const BY_LAYER = TAKE.layers.length > 1;  // one colour must not mean two things
const AHEAD_PIXELS = 400;  // rows so near the screen are drawn when there is time, so that scrolling shows no empty ones

/** A new element with text, which is never read as HTML. */
function made(tag, text = "", className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

const byId = (id) => document.getElementById(id);
const layerColour = (name) => LAYER_COLOURS[TAKE.layers.findIndex(([layer]) => layer === name) % LAYER_COLOURS.length];
const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

/** A value with the digits that its controller's range makes worth reading. */
function shown(value, channel) {
  const range = channel.limits[1] - channel.limits[0];
  const digits = Math.min(Math.max(3 - Math.ceil(Math.log10(range)), 0), 6);
  return value.toFixed(digits).replace(/^-(?=0(\.0*)?$)/, "") + (channel.unit === "angle_deg" ? "\u00b0" : "");
}

class Rows {
  constructor(container) {
    this.container = container;
    this.hiddenLayers = new Set();
    this.words = [];
    this.resting = TAKE.channels.every((channel) => channel.keys.frames.length < 2);
    this.groups = [];
    const controllers = byController(), parts = new Map(Object.keys(PART_COLOURS).map((part) => [part, []]));
    for (const channels of controllers.values()) for (const channel of channels) parts.get(channel.part).push(newRow(channel, channels));
    for (const [part, rows] of parts) if (rows.length) this.groups.push(this.newGroup(part, rows));
    this.nothing = made("p", "No curve fits the filter.", "none");
    container.append(this.nothing);
    this.rows = this.groups.flatMap((group) => group.rows);
    this.changed = () => {};
    this.sift();
  }

  newGroup(part, rows) {
    const element = made("section", "", "group"), title = made("h2"), button = made("button"), about = made("span");
    button.setAttribute("aria-expanded", "true");
    if (!BY_LAYER) { const dot = made("i"); dot.style.background = PART_COLOURS[part]; button.append(dot); }
    button.append(part, about);
    button.addEventListener("click", () => {
      const folded = element.classList.toggle("folded");
      button.setAttribute("aria-expanded", String(!folded));
      this.sift();
    });
    title.append(button);
    element.append(title, ...rows.map((row) => row.element));
    this.container.append(element);
    return {part, rows, element, about};
  }

  /** Show what the filter, the layers and the parts ask for. */
  sift() {
    for (const {rows, element, about} of this.groups) {
      const folded = element.classList.contains("folded");
      const chosen = rows.filter((row) => this.wanted(row));
      for (const row of rows) row.element.hidden = !chosen.includes(row);
      for (const row of rows) row.there = chosen.includes(row) && !folded;
      element.hidden = !chosen.length;
      const keys = chosen.reduce((sum, {channel}) => sum + channel.keys.frames.length, 0);
      about.textContent = `${counted(chosen.length, "curve")}, ${counted(keys, "key")}`;
    }
    this.nothing.hidden = this.groups.some(({element}) => !element.hidden);
    this.places = null;
    this.changed();
  }

  wanted({channel, text}) {
    return !this.hiddenLayers.has(channel.layer) && (this.resting || channel.keys.frames.length > 1)
      && this.words.every((word) => text.includes(word));
  }

  get there() { return this.rows.filter((row) => row.there); }

  /** Rows on the screen, or so many pixels from it. */
  near(ahead = 0) {
    if (!this.places) this.places = this.there.map((row) => [row, row.element.offsetTop, row.element.offsetHeight]);
    const top = this.container.scrollTop - ahead, bottom = this.container.scrollTop + this.container.clientHeight + ahead;
    return this.places.filter(([, place, height]) => place + height > top && place < bottom).map(([row]) => row);
  }

  /** Draw the rows near the screen, but those that are drawn as `wanted` says already; returns how many keys are drawn. */
  paint(view, height, fitted, wanted, ahead = 0) {
    const near = this.near(ahead);
    for (const row of near) {
      if (row.drawn === wanted && row.canvas.width) continue;
      row.keysDrawn = paintRow(cleared(row.canvas, view.width, height), row, view, height, fitted);
      row.drawn = wanted;
    }
    return near.reduce((sum, row) => sum + row.keysDrawn, 0);
  }

  /** Rows far from the screen give the memory of their pictures back. */
  forget() {
    const near = new Set(this.near(2 * AHEAD_PIXELS));
    for (const row of this.rows) if (row.canvas.width && !near.has(row)) row.canvas.width = row.canvas.height = 0;
  }

  /** Write what the curves are at a frame. */
  tell(frame) {
    for (const {channel, value} of this.near()) value.textContent = shown(evaluate(channel, frame), channel);
  }

  rowOf(target) { return this.rows.find(({element}) => element.contains(target)); }
}

function newRow(channel, others) {
  const element = made("div", "", "row"), gutter = made("div", "", "gutter"), canvas = document.createElement("canvas");
  const name = made("b"), dot = channel.controller.lastIndexOf(".");
  name.append(dot > 0 ? channel.controller.slice(0, dot) : channel.controller);
  if (dot > 0) name.append(made("span", channel.controller.slice(dot)));
  name.title = channel.controller;
  const value = document.createElement("output"), count = channel.keys.frames.length;
  const about = made("small", BY_LAYER ? `${channel.layer}, ${counted(count, "key")}` : counted(count, "key"));
  if (BY_LAYER) about.style.color = layerColour(channel.layer);
  const error = made("small", count ? `\u00b1${(100 * channel.worst_error).toFixed(2)} %` : "rests", "error");
  error.title = "worst error of the keys, a share of the controller's range";
  gutter.append(name, value, about, error);
  element.append(gutter, canvas);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${channel.controller} on layer ${channel.layer}: ${counted(count, "key")}`);
  return {
    channel, others, element, canvas, value, reached: reach(channel), there: true,
    colour: BY_LAYER ? layerColour(channel.layer) : PART_COLOURS[channel.part],
    text: `${channel.controller} ${channel.layer} ${channel.part}`.toLowerCase(),
  };
}
