import { z } from 'zod';

export const PLATFORMS = ['tiktok', 'youtube', 'instagram', 'x', 'facebook'] as const;
export const Platform = z.enum(PLATFORMS);
export type Platform = z.infer<typeof Platform>;
