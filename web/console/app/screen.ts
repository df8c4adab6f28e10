import type { AnyComponent } from 'preact';
import type { Addresses } from './config.js';

/** One screen of a role. Its code is loaded when it is first opened. */
export interface Screen {
  /** Below /console, with parameters as in `/clips/:id`. */
  path: string;
  /** Its place in the menu, if it has one; a narrow menu has room for five. */
  menu?: { label: string; icon: string; on?: 'wide' | 'narrow' };
  /** It is there only if this is. */
  only?: keyof Addresses;
  load: () => Promise<{ default: AnyComponent<ScreenProps> }>;
}

export interface ScreenProps {
  params: Record<string, string>;
  query: Record<string, string>;
}
