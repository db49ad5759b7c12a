/*
 * <json-table>: an editor for a list of rows, kept as JSON text in the textarea inside it.
 *
 * A row is a list of cells, one for each column; a cell is a text, or true/false in a
 * column of kind "check". What a cell means is decided on the server, in Python: a number
 * that goes through JavaScript does not always come back as it was.
 *
 * A plain custom element and no framework: unfold clones inline rows together with what
 * was drawn in them, and re-parses their HTML when a row is removed. The element survives
 * both by drawing itself anew from its textarea whenever it is connected.
 */
class JsonTable extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    this.drop();
    if (this.area.name.includes("__prefix__")) return; // the formset's template row
    this.columns = JSON.parse(this.dataset.columns);
    this.words = JSON.parse(this.dataset.words);
    this.locked = this.area.disabled || this.area.readOnly;
    if (!this.load()) {
      this.area.hidden = false; // not readable: show the text as it is
      return;
    }
    this.draw();
  }

  drop() {
    for (const node of [...this.children]) if (node.tagName !== "TEXTAREA") node.remove();
  }

  load() {
    try {
      this.rows = JSON.parse(this.area.value || "[]");
    } catch {
      return false;
    }
    return Array.isArray(this.rows) && this.rows.every(Array.isArray);
  }

  state() {
    return this.rows;
  }

  store() {
    const text = JSON.stringify(this.state());
    this.area.value = text;
    this.area.textContent = text; // survives innerHTML
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  make(tag, properties = {}, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }

  button(label, sign, act, className = "jt-button") {
    const node = this.make("button", { type: "button", className, title: label }, sign);
    node.setAttribute("aria-label", label);
    node.addEventListener("click", act);
    return node;
  }

  /* The id of the <datalist> for this cell, where a choice of the row has one. */
  listOf(column, row) {
    return this.columns
      .map((other, at) => other.choices?.find((choice) => choice.value === row[at]))
      .find((choice) => choice?.lists?.[column.key])?.lists[column.key];
  }

  editor(column, value, list) {
    if (list) {
      const editor = this.make("input", { type: "text", value });
      editor.setAttribute("list", list);
      return editor;
    }
    if (column.kind === "choice") {
      const choices = column.choices.some((choice) => choice.value === value)
        ? column.choices
        : [{ value, label: value, title: "" }, ...column.choices]; // kept, whatever it is
      const options = choices.map((choice) =>
        this.make("option", {
          value: choice.value,
          title: choice.title,
          selected: choice.value === value,
        }, choice.label));
      return this.make("select", {}, ...options);
    }
    if (column.kind === "check") return this.make("input", { type: "checkbox", checked: value });
    if (column.kind === "text") return this.make("input", { type: "text", value });
    return this.make("textarea", { rows: 1, value });
  }

  cell(row, index, position) {
    const column = this.columns[position];
    const value = row[position] ?? column.blank;
    const list = this.listOf(column, row);
    const editor = this.editor(column, value, list);
    editor.className = column.kind === "check" ? "jt-check" : "jt-input";
    if (column.kind === "value") editor.classList.add("jt-value");
    if (column.placeholder) editor.placeholder = column.placeholder;
    editor.setAttribute("aria-label", `${column.label} ${index + 1}`);
    editor.disabled = this.locked;
    editor.spellcheck = false;
    editor.addEventListener("input", (event) => {
      event.stopPropagation();
      row[position] = column.kind === "check" ? editor.checked : editor.value;
      this.store();
      if (column.kind === "choice") this.chosen(editor.closest("tr"), row, index);
    });
    editor.addEventListener("change", (event) => event.stopPropagation());
    const cell = this.make("td", { className: `jt-cell jt-${column.kind}` }, editor);
    cell.dataset.label = column.label;
    return cell;
  }

  /* Cells whose kind of editor depends on the choice are drawn anew, the others stay. */
  chosen(line, row, index) {
    this.columns.forEach((column, position) => {
      const before = line.children[position].firstChild.getAttribute("list") ?? undefined;
      if (before !== this.listOf(column, row)) {
        line.children[position].replaceWith(this.cell(row, index, position));
      }
    });
    this.dim(line, row);
  }

  /* What a choice has no use for (the path of a status) is switched off, not hidden:
     columns stay in line, and a value typed before is still there when it is wanted. */
  dim(line, row) {
    const off = new Set();
    this.columns.forEach((column, position) => {
      const chosen = column.choices?.find((choice) => choice.value === row[position]);
      for (const key of chosen?.off ?? []) off.add(key);
    });
    this.columns.forEach((column, position) => {
      line.children[position].classList.toggle("jt-off", off.has(column.key));
      line.children[position].firstChild.disabled = this.locked || off.has(column.key);
    });
  }

  line(row, index) {
    const line = this.make("tr", {}, ...this.columns.map((_, at) => this.cell(row, index, at)));
    if (!this.locked) {
      line.append(this.make("td", { className: "jt-actions" },
        this.button(this.words.up, "↑", () => this.move(index, -1)),
        this.button(this.words.down, "↓", () => this.move(index, 1)),
        this.button(this.words.remove, "✕", () => {
          this.rows.splice(index, 1);
          this.change(Math.min(index, this.rows.length - 1));
        })));
    }
    this.dim(line, row);
    return line;
  }

  heads() {
    return this.columns.map((column) => this.make("th", { scope: "col" }, column.label));
  }

  draw(focus = -1) {
    this.drop();
    const body = this.make("tbody", {}, ...this.rows.map((row, index) => this.line(row, index)));
    const box = this.make("div", { className: this.columns.length > 5 ? "jt jt-wide" : "jt" });
    if (this.rows.length) {
      const head = this.make("thead", {}, this.make("tr", {}, ...this.heads()));
      if (!this.locked) head.firstChild.append(this.make("td"));
      box.append(this.make("table", {}, head, body));
    } else if (this.locked) {
      box.append(this.make("p", { className: "jt-none" }, "–"));
    }
    if (!this.locked) box.append(...this.tools());
    this.append(box);
    if (focus >= 0) body.children[focus]?.querySelector("input,select,textarea")?.focus();
  }

  tools() {
    return [this.button(this.words.add, `+ ${this.words.add}`, () => {
      this.rows.push(this.columns.map((column) => column.blank));
      this.change(this.rows.length - 1);
    }, "jt-button jt-add")];
  }

  change(focus) {
    this.store();
    this.draw(focus);
  }

  move(index, by) {
    const to = index + by;
    if (to < 0 || to >= this.rows.length) return;
    this.rows.splice(to, 0, this.rows.splice(index, 1)[0]);
    this.change(to);
  }
}

/*
 * <data-table>: the same for a dataset, whose columns are typed by the tester.
 * The textarea holds {"columns": [...], "rows": [[row name, cell, ...], ...]}.
 */
class DataTable extends JsonTable {
  load() {
    let read;
    try {
      read = JSON.parse(this.area.value || "null") ?? { columns: [], rows: [] };
    } catch {
      return false;
    }
    if (!Array.isArray(read.columns) || !Array.isArray(read.rows)) return false;
    this.fixed = this.columns[0];
    this.typed = this.columns[1];
    this.rows = read.rows;
    this.names(read.columns);
    return true;
  }

  names(names) {
    this.columns = [this.fixed, ...names.map((name) => ({ ...this.typed, key: name, label: name }))];
  }

  state() {
    return { columns: this.columns.slice(1).map((column) => column.label), rows: this.rows };
  }

  heads() {
    return this.columns.map((column, position) => {
      if (!position || this.locked) return this.make("th", { scope: "col" }, column.label);
      const editor = this.make("input", { type: "text", value: column.label, className: "jt-input" });
      editor.setAttribute("aria-label", `${this.words.column} ${position}`);
      editor.placeholder = this.words.column;
      editor.addEventListener("input", (event) => {
        event.stopPropagation();
        column.label = column.key = editor.value;
        this.store();
      });
      editor.addEventListener("change", () => this.draw());
      const remove = this.button(this.words.removeColumn, "✕", () => {
        this.columns.splice(position, 1);
        for (const row of this.rows) row.splice(position, 1);
        this.change(-1);
      });
      return this.make("th", { scope: "col" },
        this.make("div", { className: "jt-head" }, editor, remove));
    });
  }

  tools() {
    return [...super.tools(), this.button(this.words.addColumn, `+ ${this.words.addColumn}`, () => {
      this.columns.push({ ...this.typed, key: "", label: "" });
      for (const row of this.rows) row.push("");
      if (!this.rows.length) this.rows.push(this.columns.map((column) => column.blank));
      this.change(-1);
      this.querySelector("thead th:last-of-type input")?.focus();
    }, "jt-button jt-add")];
  }
}

/* Must wait: in a script of the head an element is upgraded before its children exist. */
addEventListener("DOMContentLoaded", () => {
  customElements.define("json-table", JsonTable);
  customElements.define("data-table", DataTable);
});
