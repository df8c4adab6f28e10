export const PLATFORMS = ['tiktok', 'youtube', 'instagram', 'x', 'facebook'] as const;

export const clipIdOf = (platform: (typeof PLATFORMS)[number], videoId: string): string =>
  `${platform}-${videoId}`;
