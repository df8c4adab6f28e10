import { MemoryEventStore } from './memory-event-store.js';
import { describeEventStore } from '../testing/conformance.js';

describeEventStore('memory', async () => new MemoryEventStore());
