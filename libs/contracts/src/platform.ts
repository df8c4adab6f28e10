import { z } from 'zod';
import { PLATFORMS } from './platforms.js';

export { PLATFORMS } from './platforms.js';
export const Platform = z.enum(PLATFORMS);
export type Platform = z.infer<typeof Platform>;
