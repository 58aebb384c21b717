// What pages need besides htmx: dialogs, boxes, rows that are links, the theme, and the pulse. No page depends on it to be read.
"use strict";
(() => {
  const all = (what, where = document) => [...where.querySelectorAll(what)];

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialog);
      const chosen = dialog.querySelector("[data-chosen]");
      const boxes = all("[data-chooser] input[name=id]:checked");
      if (chosen && boxes.length) {
        chosen.replaceChildren(...boxes.map((box) => {
          const field = document.createElement("input");
          field.type = "hidden";
          field.name = "id";
          field.value = box.value;
          return field;
        }));
        const count = dialog.querySelector("[data-count]");
        if (count) count.textContent = ` ${boxes.length} message${boxes.length === 1 ? "" : "s"}`;
      }
      dialog.showModal();
      return;
    }
    if (event.target.closest("[data-close]")) {
      event.target.closest("dialog").close();
      return;
    }
    const line = event.target.closest("[data-line]");
    if (line) {
      goToLine(Number(line.dataset.line));
      return;
    }
    const shown = event.target.closest("[data-alert]");
    if (shown && event.target.closest("[data-dismiss]")) {
      sessionStorage.setItem(`hidden ${shown.dataset.alert}`, "1");
      shown.remove();
      return;
    }
    all("details.drop[open]").forEach((one) => { if (!one.contains(event.target)) one.open = false; });
    if (event.target.closest("[data-menu]")) {
      const open = document.querySelector(".margin").classList.toggle("open");
      event.target.closest("[data-menu]").setAttribute("aria-expanded", String(open));
      return;
    }
    if (event.target.closest("[data-theme-switch]")) {
      const now = document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
      const next = now === "dark" ? "light" : "dark";
      document.documentElement.dataset.theme = next;
      document.cookie = `mailock_theme=${next}; path=/; max-age=31536000; samesite=lax`;
      return;
    }
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, label") && !String(getSelection())) location.href = row.dataset.href;
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-chooser]");
    if (!form) return;
    if (event.target.matches("[data-all]")) all("input[name=id]", form).forEach((box) => (box.checked = event.target.checked));
    const count = all("input[name=id]:checked", form).length;
    all("[data-acts] button", form).forEach((button) => (button.disabled = count === 0));
    const said = form.querySelector("[data-number]");
    if (said) said.textContent = count ? `${count} chosen` : "Choose messages";
  });

  // An alert that was hidden stays so in this window; it still stands on the page Health.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.target.matches("[data-alerts]")) return;
    const told = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
    all("[data-alert]", told).forEach((one) => { if (sessionStorage.getItem(`hidden ${one.dataset.alert}`)) one.remove(); });
    event.detail.serverResponse = told.body.innerHTML;
  });

  // Of a schedule only the fields that count are shown.
  all("form[data-schedule]").forEach((form) => {
    const every = form.elements.namedItem("every");
    const fit = () => all("[data-of]", form).forEach((one) => (one.hidden = one.dataset.of !== every.value));
    every.addEventListener("change", fit);
    fit();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") all("details[open].drop, .frames details[open]").forEach((one) => { one.open = false; one.querySelector("summary").focus(); });
    const typing = event.target.matches("input, textarea, select");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      const box = document.getElementById("q");
      if (box) box.focus();
      else location.href = "/messages";
    }
  });

  const search = document.querySelector("[data-keep]");
  if (search) {
    search.addEventListener("input", () => {
      const query = new URLSearchParams({ q: search.value }).toString();
      all("[data-export]").forEach((link) => (link.href = link.href.replace(/\?.*|$/, `?${query}`)));
      const rows = document.getElementById("rows");
      rows.setAttribute("hx-get", `/messages?${query}`);
      htmx.process(rows);
    });
    search.setSelectionRange(search.value.length, search.value.length);
  }

  function goToLine(number) {
    const text = document.querySelector("[data-editor]");
    const lines = text.value.split("\n");
    const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[number - 1] || "").length);
    text.scrollTop = Math.max(0, (number - 6) * (text.scrollHeight / Math.max(1, lines.length)));
  }

  // One stream of events for the page; what is live fetches itself again, at most once a second, and not while hidden.
  const live = all("[data-live]");
  if (live.length && "EventSource" in window) {
    const lamp = document.querySelector("[data-pulse]");
    let last = 0;
    let waiting = null;
    let first = true;
    const refresh = () => {
      waiting = null;
      last = Date.now();
      if (document.hidden || getSelection().type === "Range") return;
      document.body.dispatchEvent(new CustomEvent("changed"));
    };
    const source = new EventSource("/live");
    source.addEventListener("changed", () => {
      if (first) { first = false; return; }
      if (!waiting) waiting = setTimeout(refresh, Math.max(0, 1000 - (Date.now() - last)));
    });
    source.addEventListener("open", () => lamp && lamp.classList.add("on"));
    source.addEventListener("error", () => lamp && lamp.classList.remove("on"));
    setInterval(refresh, 20000);
    addEventListener("pagehide", () => source.close());
  }

  // What is being counted is fetched again every second until it is whole.
  const counting = () => document.querySelector("[data-counting]") && setTimeout(() => document.body.dispatchEvent(new CustomEvent("changed")), 1000);
  document.body.addEventListener("htmx:afterSettle", counting);
  counting();

  // Widgets of one's own: dragged by the mouse; arrows move, with Shift they resize, Delete removes. All by the forms that are there.
  const act = (widget, name) => { const button = widget.querySelector(`button[value="${name}"]`); if (button) button.click(); };
  const keys = { ArrowLeft: "back", ArrowUp: "back", ArrowRight: "on", ArrowDown: "on" };
  all("[data-widget]").forEach((widget) => {
    widget.draggable = true;
    widget.append(edge(widget));
    widget.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", widget.dataset.widget));
    widget.addEventListener("dragover", (event) => event.preventDefault());
    widget.addEventListener("drop", (event) => {
      event.preventDefault();
      const dragged = all("[data-widget]").find((one) => one.dataset.widget === event.dataTransfer.getData("text/plain"));
      if (!dragged || dragged === widget) return;
      dragged.querySelector("input[name=to]").value = widget.dataset.place;
      act(dragged, "move");
    });
    widget.addEventListener("keydown", (event) => {
      if (event.target !== widget) return;
      const way = keys[event.key];
      if (way) act(widget, event.shiftKey ? (way === "on" ? "wider" : "narrower") : way);
      else if (event.key === "Delete") act(widget, "remove");
      else return;
      event.preventDefault();
    });
  });
  // The right edge, by which the mouse makes a widget wider or narrower: it takes whole columns.
  function edge(widget) {
    const made = document.createElement("span");
    made.className = "edge";
    made.addEventListener("dragstart", (event) => event.preventDefault());
    made.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      made.setPointerCapture(event.pointerId);
      widget.draggable = false;
      widget.classList.add("sizing");
      const from = widget.getBoundingClientRect(), columns = Number(widget.dataset.wide), column = from.width / columns;
      let wide = columns;
      made.onpointermove = (moved) => {
        wide = Math.max(1, Math.min(4, Math.round((moved.clientX - from.left) / column)));
        widget.className = widget.className.replace(/wide-\d/, `wide-${wide}`);
      };
      made.onpointerup = () => {
        made.onpointermove = null;
        widget.draggable = true;
        widget.classList.remove("sizing");
        if (wide === columns) return;
        widget.querySelector("input[name=wide]").value = wide;
        act(widget, "size");
      };
    });
    return made;
  }
  const chosen = location.hash && document.querySelector(`[data-widget="${CSS.escape(location.hash.slice(3))}"]`);
  if (chosen) chosen.focus();

  all("form[data-slow]").forEach((form) => form.addEventListener("submit", () => {
    form.querySelector("button").textContent = "Looking…";
    form.querySelector("button").disabled = true;
  }));
})();
