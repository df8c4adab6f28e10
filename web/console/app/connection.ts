import { Store } from '../../ui/store.js';

export type ConnectionState = 'ok' | 'slow' | 'busy' | 'failing' | 'down' | 'offline';

/** How the last requests went, for the one line that says so. */
class Connection extends Store<ConnectionState> {
  constructor() {
    super(navigator.onLine ? 'ok' : 'offline');
    addEventListener('offline', () => this.set('offline'));
    addEventListener('online', () => this.set('ok'));
  }
  /** Status 500 is a fault of the server; from 502 on, of what stands before it. */
  answered(status: number): void {
    if (status >= 502) this.down();
    else this.set(status === 429 ? 'busy' : status >= 500 ? 'failing' : 'ok');
  }
  slow(): void {
    if (this.get() === 'ok') this.set('slow');
  }
  down(): void {
    this.set(navigator.onLine ? 'down' : 'offline');
  }
}

export const connection = new Connection();
