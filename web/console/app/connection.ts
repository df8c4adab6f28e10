import { Store } from '../../ui/store.js';

export type ConnectionState = 'ok' | 'slow' | 'down' | 'offline';

/** How the last requests went, for the one line that says so. */
class Connection extends Store<ConnectionState> {
  constructor() {
    super(navigator.onLine ? 'ok' : 'offline');
    addEventListener('offline', () => this.set('offline'));
    addEventListener('online', () => this.set('ok'));
  }
  answered(): void {
    this.set('ok');
  }
  slow(): void {
    if (this.get() === 'ok') this.set('slow');
  }
  down(): void {
    this.set(navigator.onLine ? 'down' : 'offline');
  }
}

export const connection = new Connection();
