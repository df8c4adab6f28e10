import { EVENTS, type Category, type EventType, type Upcaster } from '../events/catalog.js';
import type { z } from 'zod';

/** Adds an event to the catalogue for the length of a test. Gives the way back. */
export function addEvent(
  type: string,
  category: Category,
  schema: z.ZodType,
  upcasters: readonly Upcaster[] = [],
): () => void {
  if (Object.hasOwn(EVENTS, type)) throw new Error(`There is an event ${type} already.`);
  const catalogue = EVENTS as Record<string, unknown>;
  catalogue[type as EventType] = { category, schema, upcasters, version: upcasters.length + 1 };
  return () => void delete catalogue[type];
}
