import { PLATFORMS } from '../ui/format.js';

export function PlatformMark({ platform }: { platform: string }) {
  const { name, mark } = PLATFORMS[platform] ?? { name: platform, mark: '?' };
  return (
    <abbr class={`platform ${platform}`} title={name}>
      {mark}
    </abbr>
  );
}

export function ClipName({ clipId, url }: { clipId: string; url: string | null }) {
  const name = clipId.slice(clipId.indexOf('-') + 1);
  return url?.startsWith('https://') ? (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {name}
    </a>
  ) : (
    <span>{name}</span>
  );
}
