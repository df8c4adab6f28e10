import type { AnyComponent } from 'preact';

/** One screen of a role. Its code is loaded when it is first opened. */
export interface Screen {
  /** Below /console, with parameters as in `/clips/:id`. */
  path: string;
  /** Its place in the menu, if it has one. */
  menu?: { label: string; icon: string };
  load: () => Promise<{ default: AnyComponent<ScreenProps> }>;
}

export interface ScreenProps {
  params: Record<string, string>;
  query: Record<string, string>;
}
