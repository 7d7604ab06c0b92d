// What the pointer does on the timeline: seek, select, zoom, pan.

const onTimeline = (event) => view.frame(event.clientX - byId("timeline").getBoundingClientRect().left - gutter);
const within = (frame) => Math.min(Math.max(Math.round(frame), 0), Math.ceil(endSeconds * RATE - 1e-6));

/** Follow a pointer until it is let go: `move(event, distance)`, then `end(distance)`. */
function drag(event, move, end = () => {}) {
  const canvas = event.target, start = event.clientX;
  let furthest = 0;
  const moved = (next) => { furthest = Math.max(furthest, Math.abs(next.clientX - start)); move(next, next.clientX - start, furthest); };
  const done = () => {
    canvas.removeEventListener("pointermove", moved);
    canvas.removeEventListener("pointerup", done);
    canvas.removeEventListener("pointercancel", done);
    end(furthest);
  };
  canvas.setPointerCapture(event.pointerId);
  canvas.addEventListener("pointermove", moved);
  canvas.addEventListener("pointerup", done);
  canvas.addEventListener("pointercancel", done);
  event.preventDefault();
}

function press(event) {
  if (event.target.tagName !== "CANVAS") return;
  document.activeElement?.blur();
  const start = onTimeline(event), {from, to} = view, span = to - from;
  if (event.target.id === "lane-overview") pressOverview(event);
  else if (event.altKey || event.ctrlKey || event.metaKey) drag(event, (next, distance) => {
    view.show(from, to);
    view.zoom(Math.exp(distance / 150), start);
    redraw();
  });
  else if (event.shiftKey || event.button === 1) drag(event, (next, distance) => {
    view.show(from, to);
    view.pan(-distance / view.width * span);
    redraw();
  });
  else if (event.button === 0 && event.target.id === "lane-ruler") {
    clock.seek(within(start) / RATE);
    drag(event, (next) => clock.seek(within(onTimeline(next)) / RATE));
  } else if (event.button === 0) {
    let last = start;
    drag(event, (next, distance, furthest) => {
      last = onTimeline(next);
      if (furthest > 3) select([within(Math.min(start, last)), within(Math.max(start, last))]);
    }, (furthest) => { if (furthest <= 3) clock.seek(within(start) / RATE); });
  }
}

function pressOverview(event) {
  const at = (next) => whole.frame(next.clientX - event.target.getBoundingClientRect().left);
  const {from, to} = view, start = at(event), near = 7 / whole.width * whole.span;
  const show = (low, high) => { view.show(low, high); redraw(); };
  if (Math.abs(start - from) < near) drag(event, (next) => show(Math.min(at(next), to - LEAST_FRAMES), to));
  else if (Math.abs(start - to) < near) drag(event, (next) => show(from, Math.max(at(next), from + LEAST_FRAMES)));
  else {
    const shift = start > from && start < to ? 0 : start - (from + to) / 2;
    show(from + shift, to + shift);
    drag(event, (next) => show(from + shift + at(next) - start, to + shift + at(next) - start));
  }
}

function wheel(event) {
  const overLanes = byId("lanes").contains(event.target);
  const amount = event.deltaMode === 1 ? 16 : 1;
  const sideways = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
  const across = Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY);
  if (across) view.pan(sideways * amount / view.width * view.span);
  else if (overLanes || event.ctrlKey || event.metaKey || event.altKey) view.zoom(Math.exp(-event.deltaY * amount / 400), onTimeline(event));
  else return;  // the list scrolls
  event.preventDefault();
  redraw();
}

/** The span of a word or phone, in whole frames around it, becomes the selection. */
function selectSpan(event) {
  const spans = event.target.id === "lane-words" ? TAKE.words : event.target.id === "lane-phones" ? TAKE.phones : null;
  const place = spans ? during(spans, onTimeline(event) / RATE) : -1;
  if (place >= 0) select([within(Math.floor(spans[place][0] * RATE + 1e-6)), within(Math.ceil(spans[place][1] * RATE - 1e-6))]);
}
