// The start: everything is wired up, and drawn for the first time.

function start() {
  document.body.classList.toggle("no-wave", !wave);
  document.body.classList.toggle("no-words", !TAKE.words.length);
  document.body.classList.toggle("no-phones", !TAKE.phones.length);
  byId("ruler").setAttribute("aria-valuemax", String(LAST_FRAME));
  clock.listener = follow;
  rows.changed = redraw;
  setTools();
  setTransport();
  const timeline = byId("timeline");
  timeline.addEventListener("pointerdown", press);
  timeline.addEventListener("pointermove", hover);
  timeline.addEventListener("pointerleave", () => { byId("tip").hidden = byId("hover").hidden = true; });
  timeline.addEventListener("wheel", wheel, {passive: false});
  timeline.addEventListener("dblclick", selectSpan);
  byId("rows").addEventListener("scroll", redraw, {passive: true});
  document.addEventListener("keydown", key);
  document.addEventListener("click", (event) => {  // a clicked button shall not keep the space bar
    if (event.detail > 0) event.target.closest?.("button")?.blur();
  });
  new ResizeObserver(() => { rows.places = null; redraw(); }).observe(timeline);
  window.addEventListener("hashchange", readAddress);
  readAddress();
  draw();
}

start();
