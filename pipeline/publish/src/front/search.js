// Narrows the list of tables while somebody types. The list is in the page: without this file it is whole.
"use strict";
(() => {
  const box = document.getElementById("search");
  const rows = document.querySelectorAll("#table-list li");
  const input = box && box.querySelector("input");
  const found = box && box.querySelector("output");
  if (!input || !found) return;
  const plain = (text) => text.toLocaleLowerCase("sv").normalize("NFC");
  const narrow = () => {
    const words = plain(input.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = plain(row.textContent);
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) count += 1;
    }
    found.textContent = words.length ? `${count} / ${rows.length}` : "";
  };
  input.addEventListener("input", narrow);
  box.hidden = false;
  narrow();
})();
