// What is told about the place under the pointer.

function hover(event) {
  const canvas = event.target.tagName === "CANVAS" && event.target.id !== "lane-overview" ? event.target : null;
  const tip = byId("tip"), frame = onTimeline(event);
  byId("hover").hidden = !canvas;
  byId("hover").style.transform = `translateX(${gutter + Math.round(view.x(frame))}px)`;
  const text = canvas && !event.buttons ? hint(canvas, frame) : "";
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - box.width - 6)}px`;
  tip.style.top = `${event.clientY + 18 + box.height > window.innerHeight ? event.clientY - box.height - 10 : event.clientY + 18}px`;
}

function hint(canvas, frame) {
  const row = rows.rowOf(canvas);
  if (row) return hintOfKey(row.channel, frame);
  const seconds = frame / RATE;
  if (canvas.id === "lane-words" || canvas.id === "lane-phones") {
    const spans = canvas.id === "lane-words" ? TAKE.words : TAKE.phones, place = during(spans, seconds);
    if (place < 0) return "";
    const [start, end, text] = spans[place];
    return `${text || "silence"}\n${start.toFixed(3)} to ${end.toFixed(3)} s, ${Math.round(1000 * (end - start))} ms`;
  }
  if (canvas.id === "lane-closures") {
    const found = TAKE.closures.find(([start, end]) => start <= seconds && seconds <= end);
    return found ? `${found[2] === "lip_seal" ? "lips touch (p b m)" : "lip on teeth (f v)"}\n${found[0].toFixed(3)} to ${found[1].toFixed(3)} s` : "";
  }
  return `frame ${frame.toFixed(1)}, ${seconds.toFixed(3)} s`;
}

/** The key that is nearest, where one is within reach; else the curve's value there. */
function hintOfKey(channel, frame) {
  const {frames, values, in_types, out_types, in_slopes, out_slopes} = channel.keys;
  const before = lastAtOrBefore(frames, frame), near = 6 / view.width * view.span;
  const place = [before, before + 1].filter((one) => one >= 0 && one < frames.length && Math.abs(frames[one] - frame) < near)
    .sort((one, other) => Math.abs(frames[one] - frame) - Math.abs(frames[other] - frame))[0];
  if (place === undefined) return `${channel.controller}  ${shown(evaluate(channel, frame), channel)}\nframe ${frame.toFixed(1)}`;
  const slope = (number) => Number(number.toPrecision(4));
  return [
    `${channel.controller}  ${shown(values[place], channel)}`,
    `key ${place + 1} of ${frames.length}, frame ${frames[place]}`,
    `in ${TANGENTS[in_types[place]]}, ${slope(in_slopes[place])} a second`,
    `out ${TANGENTS[out_types[place]]}, ${slope(out_slopes[place])} a second`,
  ].join("\n");
}
