// The page's address: #t=1.5 (seconds), from and to (frames in view), filter, selftest.

function readAddress() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const number = (name) => wanted.has(name) && Number.isFinite(Number(wanted.get(name))) ? Number(wanted.get(name)) : null;
  if (number("from") !== null && number("to") !== null) view.show(number("from"), number("to"));
  if (wanted.has("filter")) { byId("filter").value = wanted.get("filter"); sift(byId("filter").value); }
  if (number("t") !== null) clock.seek(number("t"));
  if (wanted.has("selftest")) selfTest();
  redraw();
}

/** Write into the page what it draws, at quarters of frames, for comparison with the program that wrote it. */
function selfTest() {
  const frames = Array.from({length: 4 * TAKE.frames + 8}, (_, place) => place / 4 - 1);
  const traced = (channel) => {
    const path = [];
    const note = (...numbers) => path.push(numbers);
    trace(channel, frames[0], frames[frames.length - 1], {moveTo: note, lineTo: note, bezierCurveTo: note});
    return path;
  };
  const result = {
    frames,
    channels: TAKE.channels.map((channel) => ({values: frames.map((frame) => evaluate(channel, frame)), path: traced(channel)})),
    played: [...byController()].map(([name, channels]) => [name, frames.map((frame) => played(channels, frame))]),
  };
  byId("selftest")?.remove();
  const element = made("pre", JSON.stringify(result));
  element.id = "selftest";
  document.body.append(element);
}
