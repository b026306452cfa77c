// The field in which visitors look for articles.

let timer: number | undefined;

/** Waits until nobody has typed for a moment, so that not every letter asks the server. */
export function onSearchInput(text: string, ask: (text: string) => void): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => ask(text.trim()), 250);
}

/** Marks the letters of a hit that were looked for. */
export function highlightMatch(title: string, wanted: string): string[] {
  const place = title.toLowerCase().indexOf(wanted.toLowerCase());
  return place < 0 ? [title] : [title.slice(0, place), title.slice(place, place + wanted.length), title.slice(place + wanted.length)];
}
