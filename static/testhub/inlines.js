/*
 * Four things that unfold 0.91 gets wrong in inlines, put right from outside. Each has a
 * test in tests/e2e/test_inlines.py; look at them again with every new unfold.
 */

/* Removing an unsaved row re-indexes the rows behind it through innerHTML, and what was
   typed into them is lost: before unfold's own handler, write it into the HTML. */
addEventListener("click", (event) => {
  const button = event.target.closest?.(".delete-template");
  if (!button) return;
  for (const field of button.closest(".formset").querySelectorAll("input,textarea,option")) {
    if (field.tagName === "OPTION") field.toggleAttribute("selected", field.selected);
    else if (field.tagName === "TEXTAREA") field.textContent = field.value;
    else if (["checkbox", "radio"].includes(field.type)) {
      field.toggleAttribute("checked", field.checked);
    } else if (field.type !== "file") field.setAttribute("value", field.value);
  }
}, true);

/* A new row of a collapsible inline is added closed: nobody adds a row to look at its title. */
addEventListener("formset:added", (event) => {
  const group = event.target.closest(".form-group");
  if (!group?.hasAttribute("x-data")) return;
  setTimeout(() => {
    try {
      Alpine.$data(group).openRow = true;
    } catch (error) {
      console.warn("The new row stays closed:", error);
    }
  });
});

/* The steps of a short case are open when its page is opened. */
document.addEventListener("alpine:initialized", () => {
  for (const formset of document.querySelectorAll("#steps-data")) {
    const groups = formset.querySelectorAll(":scope > .form-group[x-data]:not(.empty-form)");
    if (groups.length > 3) continue;
    for (const group of groups) Alpine.$data(group).openRow = true;
  }
});

/* New rows get no position and jump to the top after saving: number all rows as they stand. */
addEventListener("submit", (event) => {
  for (const formset of event.target.querySelectorAll?.(".formset[data-ordering-field]") ?? []) {
    const name = formset.dataset.orderingField;
    let position = 0;
    for (const group of formset.querySelectorAll(":scope > .form-group:not(.empty-form)")) {
      const field = group.querySelector(`[name$="-${name}"]`);
      if (field) field.value = position++;
    }
  }
}, true);
