// Makes the pages smooth; everything works without it, by forms and whole pages.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const live = byId("live");
  const composer = byId("composer");
  const text = byId("text");

  const tell = (words) => {
    if (live) live.textContent = words;
  };
  const complain = (words) => {
    const line = byId("problem-line");
    line.textContent = words;
    line.hidden = !words;
  };

  // Forms marked data-live are sent in the background; the answer is one turn of the page.
  const send = async (form, button) => {
    const fields = new URLSearchParams(new FormData(form));
    if (button && button.name) fields.set(button.name, button.value);
    form.setAttribute("aria-busy", "true");
    complain("");
    try {
      const reply = await fetch(form.action, {
        method: "POST",
        body: fields,
        headers: { "X-Part": "turn" },
      });
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      const turn = page.querySelector("article.turn");
      if (reply.ok && turn) {
        show(form, button, document.importNode(turn, true), reply.headers.get("X-Thread"));
      } else if (reply.status === 401) {
        location.assign("/sign-in");
      } else {
        const problem = page.querySelector("#problem h1, #problem");
        complain(problem ? problem.textContent.trim() : "That did not work. Please try again.");
      }
    } catch {
      complain("The bot cannot be reached. Is it running?");
    } finally {
      form.removeAttribute("aria-busy");
    }
  };

  const show = (form, button, turn, where) => {
    const thread = where.split("/").pop();
    history.replaceState(null, "", where);
    document.querySelectorAll(".examples").forEach((each) => each.remove());
    document.querySelectorAll("input[name=back]").forEach((each) => (each.value = where));
    const old = byId(turn.id);
    if (old) {
      const before = old.querySelectorAll("form.message").length;
      old.replaceWith(turn);
      refocus(turn, form, button, before);
    } else {
      byId("turns").append(turn);
      document.querySelectorAll("input[name=thread]").forEach((each) => (each.value = thread));
      turn.scrollIntoView({ block: "start" });
      if (form === composer) text.value = "";
      else turn.querySelector("h2").focus({ preventScroll: true });
      tell(turn.dataset.summary);
    }
  };

  // What a button showed takes the focus; where nothing new came, the button keeps it.
  const refocus = (turn, form, button, before) => {
    const platform = form.elements.platform.value;
    const messages = turn.querySelectorAll(`.platform.${platform} form.message`);
    const last = messages[messages.length - 1];
    const grown = turn.querySelectorAll("form.message").length > before;
    const again = byId(form.id);
    const same = again && [...again.querySelectorAll("button")].find((b) => b.value === button.value);
    const target = grown ? last : same || again;
    if (target.tabIndex < 0) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest" });
    tell(grown ? last.querySelector(".said").textContent.replace(/\s+/g, " ").trim() : "Done.");
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (form.classList.contains("themes")) {
      event.preventDefault();
      theme(button.dataset.themeChoice);
    } else if (form.matches("[data-live]")) {
      event.preventDefault();
      if (form.getAttribute("aria-busy") !== "true") send(form, button);
    }
  });

  const theme = (chosen) => {
    document.documentElement.dataset.theme = chosen;
    document.cookie = `theme=${chosen}; path=/; max-age=31536000; samesite=strict`;
    document.querySelectorAll("[data-theme-choice]").forEach((each) => {
      each.setAttribute("aria-pressed", String(each.dataset.themeChoice === chosen));
    });
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const field = text || document.querySelector("input[type=search]");
      if (field) {
        event.preventDefault();
        field.focus();
      }
    }
  });

  // A phone's keyboard would cover the page.
  if (text && !byId("turn-1") && matchMedia("(pointer: fine)").matches) {
    text.focus({ preventScroll: true });
  }

  // What may be meant, while typing; after a command its word stays in front.
  let waiting = 0;
  text?.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const typed = text.value;
      const command = typed.match(/^\/\w+\s+/)?.[0] ?? "";
      const reply = await fetch("/complete", {
        method: "POST",
        body: new URLSearchParams({ text: typed }),
      }).catch(() => null);
      if (!reply?.ok || text.value !== typed) return;
      const offers = await reply.json();
      byId("offers").replaceChildren(...offers.map((o) => new Option(o.label, command + o.ask)));
    }, 200);
  });
})();
