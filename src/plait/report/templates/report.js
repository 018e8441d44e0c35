/* What the report does beyond being read: find, compare, show charts or tables, download what is shown.
   Without this script every table and figure is there. Texts of the page are only ever read and written as text. */
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const plain = (node) => node.textContent.replace(/\s+/g, " ").trim();
  const said = document.getElementById("said");
  const found = document.getElementById("found");
  const marks = all(".masthead .tag").map(plain);

  /* --- one of several: radio buttons --------------------------------------------------------------------------- */

  const radios = (name, legend, choices, choose) => {
    const set = make("fieldset", { className: "radios" }, make("legend", {}, ...legend));
    choices.forEach((label, i) => {
      const button = make("input", { type: "radio", name, checked: i === 0, autocomplete: "off" });
      button.addEventListener("change", () => choose(i));
      set.append(make("label", {}, button, make("span", { textContent: label })));
    });
    return set;
  };

  /* --- compare by ---------------------------------------------------------------------------------------------- */

  const compares = all(".compare").map((place, number) => {
    const choices = all(":scope > .choice", place);
    const labels = choices.map((choice) => choice.dataset.choice);
    const show = (chosen) => choices.forEach((choice, i) => choice.classList.toggle("out", i !== chosen));
    if (choices.length > 1) {
      const title = plain(place.closest("section").querySelector("h2, h3, h4"));
      const legend = ["Compare ", make("span", { className: "unseen", textContent: `${title} ` }), "by"];
      const choose = (i) => {
        show(i);
        said.textContent = `${title}: comparison by ${labels[i]} is shown.`;
      };
      place.prepend(radios(`compare-${number}`, legend, labels, choose));
      show(0);
    }
    return { choices, choose: (i) => ((all("input", place)[i].checked = true), show(i)) };
  });

  /* --- charts, tables, or both --------------------------------------------------------------------------------- */

  /* Only a table that follows a chart gives way to it, and only a chart that a table follows: nothing is lost. */
  const charts = all("figure.chart");
  all(".table, .compare").filter((place) => !place.querySelector("figure.chart")).forEach((place) => {
    for (let chart = place.previousElementSibling; chart && chart.matches("figure.chart"); chart = chart.previousElementSibling) {
      chart.classList.add("tabled");
      place.classList.add("charted");
    }
  });
  const shows = [
    ["Both", "both", "Charts and tables are shown."],
    ["Charts", "charts", "Tables are left out where a chart stands for them."],
    ["Tables", "tables", "Charts are left out where a table stands for them."],
  ];
  const showing = radios("show", ["Charts and tables"], shows.map(([label]) => label), (i) => {
    document.documentElement.dataset.show = shows[i][1];
    said.textContent = shows[i][2];
  });
  document.getElementById("tools").append(showing);

  /* --- find ---------------------------------------------------------------------------------------------------- */

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  /* What a reader meets as text: not the words of a picture that say again what it shows, nor the names of controls. */
  const texts = (root) => {
    const passed = (node) => node.nodeType === 1 && node.matches(".described, .radios, .take, .unseen");
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
      passed(node) ? NodeFilter.FILTER_REJECT : node.nodeType === 1 ? NodeFilter.FILTER_SKIP : NodeFilter.FILTER_ACCEPT);
    const nodes = [];
    while (walk.nextNode()) nodes.push(walk.currentNode);
    return nodes;
  };
  const known = new Map();
  const words = (node) => {
    if (!known.has(node)) known.set(node, fold(texts(node).map((text) => text.data).join(" ")));
    return known.get(node);
  };
  const holds = (text, terms) => terms.every((term) => text.includes(term));
  const own = (section) => [...section.children].filter((child) => child.tagName !== "SECTION");
  const parts = all("main section").map((section) => ({
    section,
    title: words(section.querySelector("h2, h3, h4, h5")),
    text: own(section).map(words).join("\n"),
    links: all(".contents a").filter((a) => a.hash.slice(1) === section.id).map((a) => a.closest("li")),
  }));
  const field = document.getElementById("find");
  const opened = new Set();

  const places = (root, terms) => {
    const ranges = [];
    for (const node of texts(root)) {
      const text = fold(node.data);
      if (text.length !== node.data.length) continue; /* letters that fold into more or fewer: found, but not marked */
      for (const term of terms) {
        for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length)) {
          const range = new Range();
          range.setStart(node, at);
          range.setEnd(node, at + term.length);
          ranges.push(range);
        }
      }
    }
    return ranges;
  };

  /* Themes whose quotations hold nothing of what is sought step back where another theme's do. */
  const sift = (section, terms) => {
    const groups = all(".quotations", section);
    const hits = groups.filter((group) => holds(words(group), terms));
    groups.forEach((group) => group.classList.toggle("out", hits.length > 0 && !hits.includes(group)));
  };

  /* What is folded or not chosen comes forward if it holds what is sought. */
  const uncover = (section, terms) => {
    all("details:not([open])", section).filter((d) => !d.matches(".described") && holds(words(d), terms)).forEach((d) => {
      d.open = true;
      opened.add(d);
    });
    compares.filter(({ choices }) => section.contains(choices[0])).forEach(({ choices, choose }) => {
      const hits = choices.map((choice) => holds(words(choice), terms));
      const now = choices.findIndex((choice) => !choice.classList.contains("out"));
      if (!hits[now] && hits.includes(true)) choose(hits.indexOf(true));
    });
  };

  const tell = (query, kept, hits) => {
    const many = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
    if (!query) return "";
    if (!kept) return `Nothing in this report holds \u2018${query}\u2019.`;
    return `${many(hits, "hit")} in ${many(kept, "part")} of ${parts.length}.`;
  };

  const find = () => {
    const query = field.value.trim();
    const terms = [...new Set(fold(query).split(/\s+/).filter((term) => term.length > 1 || term > "\u007f"))];
    opened.forEach((d) => (d.open = false));
    opened.clear();
    const whole = new Set(terms.length ? parts.filter((p) => holds(p.title, terms)).map((p) => p.section) : []);
    const hit = (p) => holds(p.text, terms) || [...whole].some((section) => section.contains(p.section));
    const kept = new Set(parts.filter(hit).map((p) => p.section));
    const marked = [];
    parts.forEach(({ section, links }) => {
      const stays = kept.has(section) || all("section", section).some((inner) => kept.has(inner));
      [section, ...links].forEach((node) => node.classList.toggle("out", !stays));
      if (stays && terms.length) {
        own(section).forEach((child) => places(child, terms).forEach((range) => marked.push(range)));
        if (kept.has(section)) uncover(section, terms);
      }
      sift(section, terms);
    });
    if (globalThis.Highlight) {
      const highlight = new Highlight();
      marked.forEach((range) => highlight.add(range));
      CSS.highlights.set("found", highlight);
    }
    const short = query && !terms.length;
    found.textContent = short ? "Type at least two letters." : tell(terms.length ? query : "", kept.size, marked.length);
  };

  const clear = () => {
    field.value = "";
    find();
  };
  let waiting = 0;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 150);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") clear();
    if (event.key !== "Enter") return;
    find();
    const first = parts.find(({ section }) => !section.classList.contains("out") && !section.querySelector("section:not(.out)"));
    const heading = first && field.value.trim() && first.section.querySelector("h2, h3, h4, h5");
    if (heading) {
      heading.tabIndex = -1;
      heading.focus();
    }
  });
  /* A link that leads to what is filtered away brings all back, before it is followed. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const target = link && document.getElementById(link.hash.slice(1));
    if (target && target.closest(".out")) clear();
  });

  /* --- contents: where the reader is --------------------------------------------------------------------------- */

  const links = all(".contents a");
  const targets = links.map((a) => document.getElementById(a.hash.slice(1)));
  let framed = false;
  const locate = () => {
    framed = false;
    const line = innerHeight / 4;
    let current = -1;
    targets.forEach((target, i) => {
      if (!target.classList.contains("out") && target.getBoundingClientRect().top <= line) current = i;
    });
    links.forEach((a, i) => (i === current ? a.setAttribute("aria-current", "location") : a.removeAttribute("aria-current")));
  };
  addEventListener("scroll", () => {
    if (!framed) requestAnimationFrame(locate);
    framed = true;
  }, { passive: true });
  locate();

  /* --- downloads ----------------------------------------------------------------------------------------------- */

  const slug = (text) => fold(text).replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 80).replace(/-$/, "");
  const download = (name, type, content) => {
    const address = URL.createObjectURL(new Blob([content], { type }));
    make("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
    said.textContent = `${name} is saved.`;
  };
  const button = (label, act) => {
    const made = make("button", { type: "button", textContent: label });
    made.addEventListener("click", act);
    return make("p", { className: "take" }, made);
  };

  /* A text that a spreadsheet would take for a formula gets an apostrophe; a number is none. */
  const risky = /^([\t\r\n\0]|[\s\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])/;
  const field_of = (text) => {
    const safe = risky.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };

  /* Rows of cells as a plain grid: what spans several places stands in each of them. */
  const grid = (rows) => {
    const lines = rows.map(() => []);
    rows.forEach((row, r) => {
      [...row.cells].forEach((cell) => {
        let c = 0;
        while (lines[r][c]) c += 1;
        for (let down = 0; down < cell.rowSpan; down += 1) {
          for (let across = 0; across < cell.colSpan; across += 1) {
            if (lines[r + down]) lines[r + down][c + across] = cell;
          }
        }
      });
    });
    return lines;
  };
  const upper = (cell) => {
    const copy = cell.cloneNode(true);
    all("small", copy).forEach((small) => small.remove());
    return plain(copy);
  };
  const lower = (cell) => all("small", cell).map((small) => small.textContent.trim().replace(/\s*\n\s*/g, "; ")).join("; ");

  /* Small print below the numbers of a column becomes a column of its own, so that numbers stay numbers. */
  const csv = (holder) => {
    const table = holder.querySelector("table");
    const head = grid([...table.tHead.rows]);
    const body = [...table.tBodies].flatMap((part) => grid([...part.rows]));
    const columns = head[0].map((_, c) => ({
      label: [...new Set(head.map((line) => line[c]))].map(plain).join(": "),
      small: body.some((line) => lower(line[c])),
    }));
    const spread = (texts) => texts.flatMap(([text, small], c) => (columns[c].small ? [text, small] : [text]));
    const heading = spread(columns.map(({ label }) => [label, `${label}, small print`]));
    const lines = body.map((line) => spread(line.map((cell) => [upper(cell), lower(cell)])));
    const alone = (text) => heading.map((_, c) => (c ? "" : text));
    const title = [plain(table.caption), ...marks].join(" \u2013 ");
    const notes = all(".remark", holder).map((remark) => alone(plain(remark)));
    const text = [alone(title), heading, ...lines, ...notes].map((line) => line.map(field_of).join(",")).join("\r\n");
    return `\ufeff${text}\r\n`;
  };

  const name_of = (holder) => holder.querySelector(".scroll").getAttribute("aria-label");
  const number_of = (holder) => name_of(holder).split(":")[0];
  all(".table").forEach((holder) => {
    const save = () => download(`${slug(name_of(holder))}.csv`, "text/csv;charset=utf-8", csv(holder));
    holder.append(button(`Save ${number_of(holder)} as CSV`, save));
  });
  charts.forEach((holder) => {
    const bytes = () => Uint8Array.from(atob(holder.querySelector("img").src.split(",")[1]), (c) => c.charCodeAt(0));
    const save = () => download(`${slug(name_of(holder))}.svg`, "image/svg+xml", bytes());
    holder.append(button(`Save ${number_of(holder)} as SVG`, save));
  });

  document.getElementById("tools").hidden = false;
})();
