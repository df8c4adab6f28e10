/** Drawn for this page, on a grid of 24. */
const PATHS: Record<string, string> = {
  clips: 'M4 5h16v14H4zM10 9l5 3-5 3z',
  add: 'M12 5v14M5 12h14',
  money: 'M3 7h18v11H3zM3 11h18M7 15h4',
  bell: 'M6 17V11a6 6 0 0 1 12 0v6l1.5 2h-15zM10 21h4',
  catalogue: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5',
  campaigns: 'M4 20V10M10 20V4M16 20v-7M22 20H2',
  review: 'M4 12l5 5L20 6',
  warning: 'M12 4 2.5 20h19zM12 10v4.5M12 17.5v.1',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5',
  shield: 'M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6z',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.1M4 12h.1M4 18h.1',
  out: 'M10 5H5v14h5M14 8l4 4-4 4M18 12H9',
  offline: 'M3 3l18 18M5 12a10 10 0 0 1 3-2M19 12a10 10 0 0 0-6-3M9 16a4 4 0 0 1 6 0M12 20v.1',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2',
  out_page: 'M13 5h6v6M19 5l-9 9M17 14v5H5V7h5',
  chaos: 'M13 2 5 13h6l-1 9 8-12h-6z',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
};

/** Always beside words, or in a control that has a label: it says nothing to a reader. */
export function Icon({ name }: { name: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
      <path d={PATHS[name] ?? PATHS['list']!} />
    </svg>
  );
}
