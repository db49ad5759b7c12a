/*
 * <auth-editor>: a scheme and the fields that it has, kept as JSON text in the textarea
 * inside it: {"kind": "basic", "values": [["username", "me"], ...]}. The schemes come from
 * the engine's table; texts of another scheme are kept while the page is open, so that a
 * wrong choice costs nothing.
 */
class AuthEditor extends JsonTable {
  load() {
    try {
      const read = JSON.parse(this.area.value || "{}");
      this.kind = read.kind ?? this.columns[0].name;
      this.values = new Map(read.values ?? []);
    } catch {
      return false;
    }
    return true;
  }

  get scheme() {
    return this.columns.find((scheme) => scheme.name === this.kind);
  }

  state() {
    const values = (this.scheme?.fields ?? [])
      .filter((field) => this.values.has(field.name))
      .map((field) => [field.name, this.values.get(field.name)]);
    return { kind: this.kind, values };
  }

  draw() {
    this.drop();
    const box = this.make("div", { className: "ae" }, this.choice());
    if (this.scheme) {
      box.append(this.make("p", { className: "ae-note" }, this.scheme.description));
      box.append(...this.scheme.fields.map((field) => this.field(field)));
    }
    this.append(box);
    this.area.hidden = true;
  }

  choice() {
    const known = this.scheme ? this.columns : [{ name: this.kind, label: this.kind }, ...this.columns];
    const select = this.options(known.map((scheme) => [scheme.name, scheme.label]), this.kind);
    select.setAttribute("aria-label", this.words.auth);
    select.addEventListener("input", (event) => {
      event.stopPropagation();
      this.kind = select.value;
      this.store();
      this.draw();
      this.querySelector("select").focus();
    });
    return select;
  }

  field(field) {
    const value = this.values.get(field.name) ?? field.default;
    let editor;
    if (field.choices.length) {
      editor = this.options(field.choices.map((choice) => [choice, choice]), value);
    } else if (field.is_long) {
      editor = this.make("textarea", { rows: value.split("\n").length, value });
    } else {
      editor = this.make("input", { type: "text", value });
    }
    editor.classList.add("jt-input");
    editor.disabled = this.locked;
    editor.spellcheck = false;
    editor.autocomplete = "off";
    if (field.is_secret) editor.placeholder = "{{secret}}";
    editor.addEventListener("input", (event) => {
      event.stopPropagation();
      this.values.set(field.name, editor.value);
      this.store();
    });
    return this.make("label", { className: "ae-field" },
      this.make("span", {}, field.label), editor);
  }

  options(pairs, chosen) {
    const select = this.make("select", { className: "jt-input" }, ...pairs.map(([value, label]) =>
      this.make("option", { value, selected: value === chosen }, label)));
    select.disabled = this.locked;
    return select;
  }
}

addEventListener("DOMContentLoaded", () => customElements.define("auth-editor", AuthEditor));
